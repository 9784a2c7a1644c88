//! Drawings as SVG.

use std::fmt::Write as _;

use super::layout::{Item, Layout, Mark};

const ROW: f64 = 46.0;
const BOX: f64 = 32.0;
const GAP: f64 = 14.0;
const MARGIN: f64 = 16.0;
const LETTER: f64 = 8.2;
const INK: &str = "#1f2933";
const ACCENT: &str = "#1d5fa8";

fn letters(text: &str) -> f64 {
    text.chars().count() as f64 * LETTER
}

fn mark_width(mark: &Mark) -> f64 {
    match mark {
        Mark::Control | Mark::Cross | Mark::Barrier => 14.0,
        Mark::Target => 26.0,
        Mark::Box { label, tag } => (letters(label) + 16.0 + if tag.is_some() { 12.0 } else { 0.0 }).max(BOX),
        Mark::Measure(_) => BOX + 4.0,
    }
}

fn item_width(item: &Item) -> f64 {
    match &item.shared {
        Some(label) if item.is_block() => letters(label) + 34.0,
        Some(_) | None => item.marks.iter().map(|(_, mark)| mark_width(mark)).fold(0.0, f64::max),
    }
}

pub(super) fn draw(layout: &Layout, limit: usize) -> String {
    let mut widths = vec![14.0; layout.columns];
    for item in &layout.items {
        widths[item.column] = f64::max(widths[item.column], item_width(item));
    }
    let names = layout.wires.iter().map(|name| letters(name)).fold(0.0, f64::max);
    let left = MARGIN + names + 10.0;
    let room = (limit as f64 - left - MARGIN).max(1.0);
    let mut blocks = Vec::new();
    let mut first = 0;
    while first < layout.columns || blocks.is_empty() {
        let (mut last, mut used) = (first, GAP);
        while last < layout.columns && (last == first || used + widths[last] + GAP <= room) {
            used += widths[last] + GAP;
            last += 1;
        }
        blocks.push((first..last, used));
        first = last.max(first + 1);
    }
    let block_height = ROW * layout.wires.len() as f64 + 18.0;
    let width = left + blocks.iter().map(|(_, used)| *used).fold(0.0, f64::max) + MARGIN;
    let height = MARGIN + block_height * blocks.len() as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         font-family=\"DejaVu Sans, Verdana, sans-serif\" font-size=\"13\" text-anchor=\"middle\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
    );
    for (number, (columns, used)) in blocks.iter().enumerate() {
        let top = MARGIN + block_height * number as f64;
        let y = |wire: usize| top + ROW * (wire as f64 + 0.5);
        for (wire, name) in layout.wires.iter().enumerate() {
            let (x, y) = (left - 8.0, y(wire));
            let _ = writeln!(
                svg,
                "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"{INK}\">{}</text>",
                y + 4.5,
                escape(name)
            );
            let _ = writeln!(svg, "<path d=\"M{left:.1} {y:.1}H{:.1}\" stroke=\"#8a97a6\" stroke-width=\"1.2\"/>", left + used);
        }
        let mut x = left + GAP;
        for column in columns.clone() {
            for item in layout.items_in(column..column + 1) {
                draw_item(&mut svg, item, x + widths[column] / 2.0, &y);
            }
            x += widths[column] + GAP;
        }
    }
    svg + "</svg>\n"
}

fn draw_item(svg: &mut String, item: &Item, x: f64, y: &dyn Fn(usize) -> f64) {
    let (first, last) = item.span();
    let barrier = item.marks.iter().all(|(_, mark)| *mark == Mark::Barrier);
    if first < last && !barrier {
        let _ = writeln!(svg, "<path d=\"M{x:.1} {:.1}V{:.1}\" stroke=\"{ACCENT}\" stroke-width=\"1.6\"/>", y(first), y(last));
    }
    if let Some(label) = item.shared.as_ref().filter(|_| item.is_block()) {
        let width = item_width(item);
        rectangle(svg, x - width / 2.0, y(first) - BOX / 2.0, width, y(last) - y(first) + BOX, label.contains('('));
        let tags = item.marks.iter().any(|(_, mark)| matches!(mark, Mark::Box { tag: Some(_), .. }));
        text(svg, x + if tags { 5.0 } else { 0.0 }, (y(first) + y(last)) / 2.0 + 4.5, label);
        for (wire, mark) in &item.marks {
            if let Mark::Box { tag: Some(tag), .. } = mark {
                small(svg, x - width / 2.0 + 8.0, y(*wire) + 3.5, tag);
            }
        }
        return;
    }
    let angles = item.marks.iter().any(|(_, mark)| matches!(mark, Mark::Box { label, .. } if label.contains('(')));
    for (wire, mark) in &item.marks {
        let y = y(*wire);
        let _ = match mark {
            Mark::Control => writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\" fill=\"{ACCENT}\"/>"),
            Mark::Target => writeln!(
                svg,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"11\" fill=\"#ffffff\" stroke=\"{ACCENT}\" stroke-width=\"1.6\"/>\
                 <path d=\"M{:.1} {y:.1}h22M{x:.1} {:.1}v22\" stroke=\"{ACCENT}\" stroke-width=\"1.6\"/>",
                x - 11.0,
                y - 11.0
            ),
            Mark::Cross => writeln!(
                svg,
                "<path d=\"M{:.1} {:.1}l12 12m0 -12l-12 12\" stroke=\"{ACCENT}\" stroke-width=\"2\"/>",
                x - 6.0,
                y - 6.0
            ),
            Mark::Box { label, tag } => {
                let width = mark_width(mark);
                rectangle(svg, x - width / 2.0, y - BOX / 2.0, width, BOX, angles);
                let shift = if tag.is_some() { 5.0 } else { 0.0 };
                text(svg, x + shift, y + 4.5, label);
                if let Some(tag) = tag {
                    small(svg, x - width / 2.0 + 8.0, y + 3.5, tag);
                }
                Ok(())
            }
            Mark::Measure(bit) => {
                let (left, top) = (x - BOX / 2.0 - 2.0, y - BOX / 2.0);
                let _ = writeln!(
                    svg,
                    "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{BOX}\" rx=\"4\" fill=\"#f1f3f5\" stroke=\"{INK}\" \
                     stroke-width=\"1.2\"/><path d=\"M{:.1} {:.1}a11 11 0 0 1 22 0M{x:.1} {:.1}l8 -13\" fill=\"none\" stroke=\"{INK}\" \
                     stroke-width=\"1.4\"/>",
                    BOX + 4.0,
                    x - 11.0,
                    y + 7.0,
                    y + 7.0
                );
                small(svg, x, y + BOX / 2.0 + 9.5, bit);
                Ok(())
            }
            Mark::Barrier => writeln!(
                svg,
                "<path d=\"M{x:.1} {:.1}v{ROW}\" stroke=\"#8a97a6\" stroke-width=\"1.6\" stroke-dasharray=\"4 3\"/>",
                y - ROW / 2.0
            ),
        };
    }
}

/// Boxes with angles are warm, those without cool.
fn rectangle(svg: &mut String, x: f64, y: f64, width: f64, height: f64, angles: bool) {
    let (fill, stroke) = if angles { ("#fff1dc", "#c46a00") } else { ("#e3eefb", ACCENT) };
    let _ = writeln!(
        svg,
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"4\" fill=\"{fill}\" stroke=\"{stroke}\" \
         stroke-width=\"1.2\"/>"
    );
}

fn text(svg: &mut String, x: f64, y: f64, content: &str) {
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{INK}\">{}</text>", escape(content));
}

fn small(svg: &mut String, x: f64, y: f64, content: &str) {
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"9.5\" fill=\"#52606d\">{}</text>", escape(content));
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
