//! Pages as HTML: what a run leaves for people to look at.

use std::fmt::Write as _;

/// A page: a title, a table of words and values, and pictures under headings.
pub struct Page<'a> {
    /// What stands above it.
    pub title: &'a str,
    /// The table.
    pub rows: &'a [(&'static str, String)],
    /// Headings and SVG pictures or tables; an empty one is left out.
    pub pictures: &'a [(&'static str, String)],
}

impl Page<'_> {
    /// The page as HTML.
    pub fn html(&self) -> String {
        let title = escape(self.title);
        let mut body = String::new();
        for (name, value) in self.rows {
            let _ = writeln!(body, "<tr><th>{}</th><td>{}</td></tr>", escape(name), escape(value));
        }
        let mut pictures = String::new();
        for (heading, svg) in self.pictures.iter().filter(|(_, svg)| !svg.is_empty()) {
            let _ = writeln!(pictures, "<h2>{}</h2>\n{}", escape(heading), shrinking(svg));
        }
        format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\n<style>\
             body{{font-family:sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}}\
             th{{text-align:left;padding:.2rem 1.5rem .2rem 0;font-weight:normal;color:#555}}td{{padding-right:1rem;vertical-align:top}}svg{{max-width:100%;height:auto}}\
             </style></head>\n<body><h1>{title}</h1>\n<table>\n{body}</table>\n{pictures}</body></html>\n"
        )
    }
}

/// A table with a heading above each column, as HTML; nothing without rows.
pub fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let row = |tag: &str, cells: &mut dyn Iterator<Item = &str>| {
        let cells: String = cells.map(|cell| format!("<{tag}>{}</{tag}>", escape(cell))).collect();
        format!("<tr>{cells}</tr>\n")
    };
    let head = row("th", &mut headings.iter().copied());
    let body: String = rows.iter().map(|cells| row("td", &mut cells.iter().map(String::as_str))).collect();
    format!("<table>\n{head}{body}</table>")
}

/// A picture that is drawn smaller where the window is narrow: a browser scales what has a view box, and cuts what has not.
fn shrinking(svg: &str) -> String {
    let Some(start) = svg.find("<svg") else { return svg.to_owned() };
    let Some(end) = svg[start..].find('>').map(|length| start + length) else { return svg.to_owned() };
    let tag = &svg[start..end];
    let size = |name: &str| -> Option<f64> {
        let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
        rest.split('"').next()?.trim_end_matches("px").parse().ok()
    };
    match (tag.contains("viewBox"), size("width"), size("height")) {
        (false, Some(width), Some(height)) => format!("{tag} viewBox=\"0 0 {width} {height}\"{}", &svg[end..]),
        _ => svg[start..].to_owned(),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_escaped_and_pictures_are_not() {
        let page =
            Page { title: "a < b", rows: &[("x & y", "<b>".into())], pictures: &[("P", "<svg/>".into()), ("Q", String::new())] };
        let html = page.html();
        for part in ["<h1>a &lt; b</h1>", "<th>x &amp; y</th><td>&lt;b&gt;</td>", "<h2>P</h2>\n<svg/>"] {
            assert!(html.contains(part), "{html}");
        }
        assert!(!html.contains("<h2>Q"));
    }

    #[test]
    fn tables_are_escaped() {
        assert_eq!(table(&["a"], &[]), "");
        let html = table(&["a & b", "c"], &[vec!["<1>".into(), "2".into()]]);
        assert_eq!(html, "<table>\n<tr><th>a &amp; b</th><th>c</th></tr>\n<tr><td>&lt;1&gt;</td><td>2</td></tr>\n</table>");
    }

    #[test]
    fn pictures_have_a_view_box() {
        let plain = "<?xml?><svg width=\"600\" height=\"450\"><g/></svg>";
        assert_eq!(shrinking(plain), "<svg width=\"600\" height=\"450\" viewBox=\"0 0 600 450\"><g/></svg>");
        let boxed = "<svg viewBox=\"0 0 1 1\" width=\"9\" height=\"9\"/>";
        assert_eq!(shrinking(boxed), boxed);
    }
}
