//! Drawings show everything, in all three forms.

use proptest::prelude::*;
use qloom_circuits::{Operation, draw};

use super::strategies::program;

/// The number behind `name="` in a tag.
fn attribute(tag: &str, name: &str) -> Option<f64> {
    tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?.parse().ok()
}

/// `x`, `y`, width and height of every box.
fn boxes(svg: &str) -> Vec<[f64; 4]> {
    let tags = svg.split("<rect").skip(1).map(|rest| &rest[..rest.find('>').expect("a whole tag")]);
    let of = |tag: &str| Some([attribute(tag, "x")?, attribute(tag, "y")?, attribute(tag, "width")?, attribute(tag, "height")?]);
    tags.filter_map(of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn text_has_one_line_a_wire_and_keeps_its_width(circuit in program(4, 2, 14), width in 90usize..160) {
        let drawn = draw::text(&circuit, width);
        prop_assert!(drawn.lines().all(|line| line.chars().count() <= width), "{}", drawn);
        for qubit in circuit.operations().iter().flat_map(|operation| operation.qubits().to_vec()) {
            let label = format!("q[{qubit}]");
            prop_assert!(drawn.contains(&label), "{} is missing\n{}", label, drawn);
        }
        let measurements = circuit.operations().iter().filter(|operation| matches!(operation, Operation::Measure { .. })).count();
        prop_assert_eq!(drawn.matches("M→").count(), measurements, "{}", drawn);
    }

    /// Every tag that is opened is closed, in the right order; no text breaks out of its element.
    #[test]
    fn svg_is_well_formed(circuit in program(4, 2, 14)) {
        let svg = draw::svg(&circuit, 600);
        let mut open: Vec<String> = Vec::new();
        let mut rest = svg.as_str();
        while let Some(start) = rest.find('<') {
            let end = rest[start..].find('>').map(|end| start + end).ok_or_else(|| TestCaseError::fail("an open tag"))?;
            let tag = &rest[start + 1..end];
            rest = &rest[end + 1..];
            if let Some(name) = tag.strip_prefix('/') {
                let last = open.pop();
                prop_assert_eq!(last.as_deref(), Some(name));
            } else if !tag.ends_with('/') && !tag.starts_with('?') {
                open.push(tag.split_whitespace().next().unwrap_or_default().to_string());
            }
        }
        prop_assert!(open.is_empty(), "{:?} stay open", open);
        prop_assert!(!svg.contains("NaN"));
    }

    #[test]
    fn latex_braces_match(circuit in program(4, 2, 14)) {
        let latex = draw::quantikz(&circuit);
        let mut depth = 0i32;
        for letter in latex.chars() {
            depth += i32::from(letter == '{') - i32::from(letter == '}');
            prop_assert!(depth >= 0, "{}", latex);
        }
        prop_assert_eq!(depth, 0, "{}", latex);
        let begins = latex.starts_with("\\begin{quantikz}");
        prop_assert!(begins, "{}", latex);
    }

    /// Boxes are inside the picture, wide enough for their words, and none covers another.
    #[test]
    fn boxes_have_their_places(circuit in program(4, 2, 14), width in 300usize..900) {
        let svg = draw::svg(&circuit, width);
        let head = &svg[..svg.find('>').expect("a tag")];
        let (right, bottom) = (attribute(head, "width").expect("a width"), attribute(head, "height").expect("a height"));
        let boxes = boxes(&svg);
        for (number, &[x, y, w, h]) in boxes.iter().enumerate() {
            prop_assert!(x >= 0.0 && y >= 0.0 && x + w <= right + 0.5 && y + h <= bottom + 0.5, "{:?}", boxes[number]);
            prop_assert!(w >= 32.0 && h >= 32.0);
            for &[other_x, other_y, other_w, other_h] in &boxes[..number] {
                let apart = x >= other_x + other_w || other_x >= x + w || y >= other_y + other_h || other_y >= y + h;
                prop_assert!(apart, "{:?} covers {:?}", boxes[number], [other_x, other_y, other_w, other_h]);
            }
        }
        // no wider than it may be, unless a single column is
        let widest = boxes.iter().map(|&[_, _, w, _]| w).fold(0.0, f64::max);
        prop_assert!(right <= (width as f64).max(widest + 130.0), "{} of {}", right, width);
        // letters of the middle anchor stay inside their box: eight units each
        let texts = svg.split("<text").skip(1).map(|rest| &rest[..rest.find("</text>").expect("a whole element")]);
        for text in texts.clone() {
            let (x, y) = (attribute(text, "x").expect("a place"), attribute(text, "y").expect("a place"));
            prop_assert!((0.0..right).contains(&x) && (0.0..bottom).contains(&y), "{}", text);
        }
        for text in texts.filter(|text| !text.contains("anchor=\"end\"") && !text.contains("font-size")) {
            let (x, y) = (attribute(text, "x").expect("a place"), attribute(text, "y").expect("a place"));
            let words = text[text.find('>').expect("an end") + 1..].replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&");
            let half = 4.0 * words.chars().count() as f64;
            let inside = |&[left, top, w, h]: &[f64; 4]| left <= x - half && x + half <= left + w && top <= y && y <= top + h;
            prop_assert!(boxes.iter().any(inside), "{} at {} {}", words, x, y);
        }
    }

    /// Every wire has as many cells, and lines and boxes over several wires end on a wire that is there.
    #[test]
    fn latex_is_a_grid(circuit in program(4, 2, 14)) {
        let latex = draw::quantikz(&circuit);
        let rows: Vec<&str> = latex.lines().filter(|line| line.starts_with("\\lstick")).collect();
        prop_assert_eq!(rows.len(), 4);
        let cells = |row: &str| row.replace("\\&", "").matches('&').count();
        prop_assert!(rows.iter().all(|row| cells(row) == cells(rows[0])), "{}", latex);
        for (wire, row) in rows.iter().enumerate() {
            for (start, end) in [("\\wire[d][", 0), ("\\gate[", 1)] {
                for rest in row.split(start).skip(1) {
                    let reach: usize = rest.split(']').next().and_then(|number| number.parse().ok()).expect("a number");
                    prop_assert!(reach > 0 && wire + reach < 4 + end, "{} from wire {}", rest, wire);
                }
            }
        }
        let measurements = circuit.operations().iter().filter(|operation| matches!(operation, Operation::Measure { .. })).count();
        prop_assert_eq!(latex.matches("\\meter").count(), measurements);
    }
}
