//! Codes made from the diagrams of the table, and wrong ones.

use std::ops::ControlFlow;

use super::*;
use crate::{Limits, jones_of_diagram};

/// The DT code of a knot's PD code whose labels run along it from 1.
fn code(pd: &str) -> String {
    let numbers = crate::text::integers(pd, "a PD code").expect("numbers");
    let total = numbers.len() as i64 / 2;
    let mut entries = vec![0; numbers.len() / 4];
    for arcs in numbers.chunks(4) {
        let under = arcs[0];
        // the over passage is named by its incoming arc, the smaller one but for the last
        let (j, l) = (arcs[1], arcs[3]);
        let over = if (j - l).abs() == 1 { j.min(l) } else { total };
        let (odd, even, sign) = if under % 2 == 0 { (over, under, 1) } else { (under, over, -1) };
        entries[(odd as usize - 1) / 2] = sign * even;
    }
    entries.iter().map(i64::to_string).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_knot_of_the_table() {
    for row in crate::table::rows().iter().filter(|row| row.components == 1 && !row.braid.is_empty()) {
        let text = code(&row.pd);
        let diagram = Diagram::parse_dt(&text).unwrap_or_else(|error| panic!("{}: {text}: {error}", row.name));
        let mut progress = |_, _| ControlFlow::Continue(());
        let mut limits = Limits { memory_bytes: 1 << 32, progress: &mut progress };
        let jones = jones_of_diagram(&diagram, None, &mut limits).expect("it fits").jones;
        assert!(jones == row.jones || jones == row.jones.mirror(), "{}: {text} gave {jones}", row.name);
        let braid = diagram.to_braid().expect("a braid");
        let again = jones_of_diagram(&Diagram::of_trace_closure(&braid), None, &mut limits).expect("it fits").jones;
        assert_eq!(again, jones, "{}", row.name);
    }
}

#[test]
fn links_and_the_unknot() {
    let hopf = Diagram::parse_dt("[[4], [2]]").expect("the Hopf link");
    assert_eq!((hopf.components(), hopf.writhe()), (2, 2));
    let whitehead = Diagram::parse_dt("[[6, 8], [10, 2, 4]]");
    assert!(whitehead.is_ok_and(|diagram| diagram.components() == 2 && diagram.crossings().len() == 5));
    assert_eq!(Diagram::parse_dt("").expect("the unknot").components(), 1);
    assert_eq!(Diagram::parse_dt("DT: [(4,6,2)]").expect("the trefoil").writhe(), 3);
}

#[test]
fn wrong_codes_name_the_place() {
    for (text, place) in [
        ("4 6 3", "entry 3"),
        ("4 6 4", "entry 3"),
        ("4 0 2", "entry 2"),
        ("4 8 2", "entry 2"),
        ("4 x 2", "character 3"),
        ("99999999999999999 2", "entry 1"),
        ("4 6] 2", "character 4"),
    ] {
        let message = Diagram::parse_dt(text).expect_err(text).to_string();
        assert!(message.contains(place), "{text}: {message}");
    }
}

#[test]
fn some_pairings_are_no_plane_curve() {
    // of the pairings of 1, 3, ..., 9 with 2, 4, ..., 10 most close up in the plane, some do not
    let mut refused = Vec::new();
    let mut entries = [2, 4, 6, 8, 10];
    permute(&mut entries, 0, &mut |entries| {
        let text = entries.map(|entry: i64| entry.to_string()).join(" ");
        if let Err(error) = Diagram::parse_dt(&text) {
            assert!(matches!(error, KnotError::DtCode { .. }), "{error}");
            refused.push(text);
        }
    });
    assert!(!refused.is_empty() && refused.len() < 60, "{refused:?}");
}

fn permute(entries: &mut [i64; 5], from: usize, visit: &mut impl FnMut(&[i64; 5])) {
    if from == entries.len() {
        visit(entries);
    }
    for other in from..entries.len() {
        entries.swap(from, other);
        permute(entries, from + 1, visit);
        entries.swap(from, other);
    }
}
