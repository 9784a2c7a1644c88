//! Pictures of braids: strand 1 on top, time from left to right.
//!
//! A letter `+i` takes the upper strand of the pair over the lower one.

use std::fmt::Write as _;

use crate::braid::Braid;

/// The letters in columns: each as early as its strands are free.
fn columns(braid: &Braid) -> Vec<Vec<i32>> {
    let mut free = vec![0; braid.strands() + 1];
    let mut columns: Vec<Vec<i32>> = Vec::new();
    for &letter in braid.letters() {
        let i = letter.unsigned_abs() as usize;
        let column = free[i - 1].max(free[i]);
        if columns.len() <= column {
            columns.push(Vec::new());
        }
        columns[column].push(letter);
        (free[i - 1], free[i]) = (column + 1, column + 1);
    }
    columns
}

/// The braid as text; the stroke between two strands is the one that passes over. Rows longer than `width` characters are folded.
///
/// ```
/// let braid = "1 -2".parse().unwrap();
/// assert_eq!(qloom_knots::draw::text(&braid, 80), "─╮ ╭───────\n  ╲        \n─╯ ╰──╮ ╭──\n       ╱   \n──────╯ ╰──\n");
/// ```
pub fn text(braid: &Braid, width: usize) -> String {
    let n = braid.strands();
    let columns = columns(braid);
    let per_fold = (width.saturating_sub(2) / 5).max(1);
    let mut out = String::new();
    let folds = if columns.is_empty() { vec![&columns[..]] } else { columns.chunks(per_fold).collect() };
    for (number, fold) in folds.iter().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        let mut rows: Vec<String> = vec![String::new(); (2 * n).saturating_sub(1)];
        for column in *fold {
            for (row, line) in rows.iter_mut().enumerate() {
                let i = row / 2;
                let touches = |strand: usize| column.iter().find(|letter| letter.unsigned_abs() as usize == strand);
                let cell = if row % 2 == 1 {
                    match touches(i + 1) {
                        Some(&letter) if letter > 0 => "  ╲  ",
                        Some(_) => "  ╱  ",
                        None => "     ",
                    }
                } else if touches(i + 1).is_some() {
                    "─╮ ╭─"
                } else if i > 0 && touches(i).is_some() {
                    "─╯ ╰─"
                } else {
                    "─────"
                };
                line.push_str(cell);
            }
        }
        for (row, line) in rows.iter().enumerate() {
            let end = if row % 2 == 0 { "─" } else { " " };
            let _ = writeln!(out, "{line}{end}");
        }
    }
    out
}

/// The braid as an SVG picture, under-strands broken at crossings.
pub fn svg(braid: &Braid) -> String {
    const STEP: f64 = 36.0;
    const GAP: f64 = 28.0;
    let columns = columns(braid);
    let n = braid.strands();
    let (width, height) = (STEP * (columns.len() as f64 + 1.0), GAP * n.max(1) as f64);
    let y = |strand: usize| GAP * (strand as f64 + 0.5);
    let mut under = String::new();
    let mut over = String::new();
    let mut straight = String::new();
    for (index, column) in columns.iter().enumerate() {
        let (x0, x1) = (STEP * (index as f64 + 0.5), STEP * (index as f64 + 1.5));
        let middle = (x0 + x1) / 2.0;
        let curve = |from: usize, to: usize| {
            format!("M{x0:.1} {:.1}C{middle:.1} {:.1} {middle:.1} {:.1} {x1:.1} {:.1}", y(from), y(from), y(to), y(to))
        };
        let mut busy = vec![false; n];
        for &letter in column {
            let i = letter.unsigned_abs() as usize - 1;
            (busy[i], busy[i + 1]) = (true, true);
            let (down, up) = (curve(i, i + 1), curve(i + 1, i));
            let (upper, lower) = if letter > 0 { (down, up) } else { (up, down) };
            let _ = write!(under, "<path d=\"{lower}\"/>");
            let _ = write!(over, "<path class=\"gap\" d=\"{upper}\"/><path d=\"{upper}\"/>");
        }
        for strand in (0..n).filter(|&strand| !busy[strand]) {
            let _ = write!(straight, "<path d=\"M{x0:.1} {0:.1}H{x1:.1}\"/>", y(strand));
        }
    }
    for strand in 0..n {
        let _ = write!(
            straight,
            "<path d=\"M0 {0:.1}H{1:.1}M{2:.1} {0:.1}H{width:.1}\"/>",
            y(strand),
            STEP / 2.0,
            width - STEP / 2.0
        );
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\">\
         <style>path{{fill:none;stroke:#222;stroke-width:3}}.gap{{stroke:#fff;stroke-width:11}}</style>\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>{straight}{under}{over}</svg>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commuting_letters_share_a_column() {
        let braid = Braid::new(4, vec![1, 3, -2]).expect("a braid");
        assert_eq!(columns(&braid), [vec![1, 3], vec![-2]]);
        let folded = text(&braid, 7);
        assert_eq!(folded.lines().count(), 15, "two folds of seven rows and a blank line:\n{folded}");
        assert!(text(&Braid::new(2, vec![]).expect("a braid"), 80).lines().count() == 3);
    }

    #[test]
    fn pictures_have_a_gap_for_each_crossing() {
        let braid: Braid = "1 -2 1 -2".parse().expect("a braid");
        let picture = svg(&braid);
        assert_eq!(picture.matches("class=\"gap\"").count(), 4);
        assert!(picture.starts_with("<svg") && picture.ends_with("</svg>\n"));
        assert!(svg(&Braid::new(0, vec![]).expect("empty")).starts_with("<svg"));
    }
}
