//! Drawings for LaTeX.

use super::layout::{Layout, Mark};

pub(super) fn draw(layout: &Layout) -> String {
    let mut cells = vec![vec![String::from(r"\qw"); layout.columns]; layout.wires.len()];
    for item in &layout.items {
        let (first, last) = item.span();
        for (position, (wire, mark)) in item.marks.iter().enumerate() {
            // The line to the next mark belongs to every mark but the last.
            let line = item.marks.get(position + 1).map(|(next, _)| next - wire);
            let joined = |text: String| match line {
                Some(distance) => format!("{text}\\wire[d][{distance}]{{q}}"),
                None => text,
            };
            cells[*wire][item.column] = match mark {
                Mark::Control => joined(r"\control{}".into()),
                Mark::Target => joined(r"\targ{}".into()),
                Mark::Cross => joined(r"\targX{}".into()),
                Mark::Measure(bit) => format!("\\meter{{{}}}", escape(bit)),
                Mark::Barrier => format!("\\slice{{}}{}", r"\qw"),
                Mark::Box { label, tag } => match &item.shared {
                    Some(shared) if item.is_block() && *wire == first => {
                        format!("\\gate[{}]{{{}}}", last - first + 1, escape(shared))
                    }
                    Some(_) if item.is_block() => String::new(),
                    Some(_) | None => {
                        let tag = tag.as_ref().map_or(String::new(), |tag| format!(":{tag}"));
                        joined(format!("\\gate{{{}{tag}}}", escape(label)))
                    }
                },
            };
        }
    }
    let mut text = String::from("\\begin{quantikz}\n");
    for (name, row) in layout.wires.iter().zip(&cells) {
        let row: Vec<&str> = row.iter().map(String::as_str).collect();
        text += &format!("\\lstick{{{}}} & {} & \\qw \\\\\n", escape(name), row.join(" & "));
    }
    text + "\\end{quantikz}\n"
}

/// Letters that LaTeX reads otherwise.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '_' | '&' | '%' | '#' | '{' | '}' | '$' => out.extend(['\\', c]),
            'θ' => out += r"$\theta$",
            'π' => out += r"$\pi$",
            '√' => out += r"$\surd$",
            '†' => out += r"$^\dagger$",
            '→' => out += r"$\to$",
            '|' => out += r"$|$",
            '⟩' => out += r"$\rangle$",
            other => out.push(other),
        }
    }
    out
}
