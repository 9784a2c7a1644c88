//! Drawings in characters.

use super::layout::{Layout, Mark};

fn width(text: &str) -> usize {
    text.chars().count()
}

fn cell(mark: &Mark) -> String {
    match mark {
        Mark::Control => "●".into(),
        Mark::Target => "⊕".into(),
        Mark::Cross => "×".into(),
        Mark::Box { label, tag: None } => format!("[{label}]"),
        Mark::Box { label, tag: Some(tag) } => format!("[{label}:{tag}]"),
        Mark::Measure(bit) => format!("[M→{bit}]"),
        Mark::Barrier => "░".into(),
    }
}

pub(super) fn draw(layout: &Layout, limit: usize) -> String {
    let name_width = layout.wires.iter().map(|name| width(name)).max().unwrap_or(0);
    let mut widths = vec![1; layout.columns];
    for item in &layout.items {
        for (_, mark) in &item.marks {
            widths[item.column] = widths[item.column].max(width(&cell(mark)));
        }
    }
    let room = limit.saturating_sub(name_width + 4);
    let mut text = String::new();
    let mut first = 0;
    loop {
        // As many columns as fit, at least one.
        let (mut last, mut used) = (first, 0);
        while last < layout.columns && (last == first || used + widths[last] + 2 <= room) {
            used += widths[last] + 2;
            last += 1;
        }
        block(layout, &widths, first..last, name_width, &mut text);
        first = last;
        if first >= layout.columns {
            return text;
        }
        text.push('\n');
    }
}

fn block(layout: &Layout, widths: &[usize], columns: std::ops::Range<usize>, name_width: usize, text: &mut String) {
    let wires = layout.wires.len();
    let total: usize = widths[columns.clone()].iter().map(|width| width + 2).sum();
    // Rows of wires with rows between them.
    let mut rows: Vec<Vec<char>> = (0..2 * wires).map(|row| vec![if row % 2 == 0 { '─' } else { ' ' }; total]).collect();
    let starts: Vec<usize> = columns
        .clone()
        .scan(0, |at, column| {
            let start = *at;
            *at += widths[column] + 2;
            Some(start)
        })
        .collect();
    for item in layout.items_in(columns.clone()) {
        let start = starts[item.column - columns.start];
        let middle = start + 1 + (widths[item.column] - 1) / 2;
        let (top, bottom) = item.span();
        let barrier = item.marks.iter().all(|(_, mark)| *mark == Mark::Barrier);
        for (row, line) in rows.iter_mut().enumerate().take(2 * bottom).skip(2 * top + 1) {
            line[middle] = match (row % 2 == 0, barrier) {
                (true, true) => '─',
                (true, false) => '┼',
                (false, true) => '░',
                (false, false) => '│',
            };
        }
        for (wire, mark) in &item.marks {
            let shown: Vec<char> = cell(mark).chars().collect();
            let at = start + 1 + (widths[item.column] - shown.len()) / 2;
            let at = if shown.len() == 1 { middle } else { at };
            rows[2 * wire][at..at + shown.len()].copy_from_slice(&shown);
        }
    }
    for (row, line) in rows.iter().enumerate().take((2 * wires).saturating_sub(1)) {
        let name = if row % 2 == 0 { format!("{:>name_width$}: ", layout.wires[row / 2]) } else { " ".repeat(name_width + 2) };
        let line: String = line.iter().collect();
        text.push_str(format!("{name}{line}").trim_end());
        text.push('\n');
    }
}
