//! Diagrams of the whole table become braids of the same oriented link.

use std::ops::ControlFlow;

use super::*;
use crate::{Closure, Laurent, Limits, jones_of_braid};

fn jones(braid: &Braid) -> Laurent {
    let mut progress = |_, _| ControlFlow::Continue(());
    let mut limits = Limits { memory_bytes: 1 << 32, progress: &mut progress };
    jones_of_braid(braid, Closure::Trace, None, &mut limits).expect("it fits").jones
}

#[test]
fn every_row_of_the_table() {
    for row in crate::table::rows() {
        let diagram = Diagram::parse(&row.pd).expect("a diagram");
        let braid = diagram.to_braid().expect("a braid");
        assert_eq!(jones(&braid), row.jones, "{}: {braid}", row.name);
        assert_eq!(braid.components(), row.components, "{}", row.name);
        assert_eq!(braid.writhe(), diagram.writhe(), "{}: pushing over adds a crossing of each sign", row.name);
    }
}

#[test]
fn plats_and_split_links() {
    let plat = Braid::new(6, vec![2, -4, 1, 2, 3, -5, 2, 4, -2, 3]).expect("a braid");
    let diagram = crate::plat::diagram(&plat).expect("an even number of strands");
    let mut progress = |_, _| ControlFlow::Continue(());
    let mut limits = Limits { memory_bytes: 1 << 32, progress: &mut progress };
    let exact = jones_of_braid(&plat, Closure::Plat, None, &mut limits).expect("it fits");
    assert_eq!(jones(&diagram.to_braid().expect("a braid")), exact.jones);
    let split = Braid::new(7, vec![1, 1, 1, -4, 5, -4, 5]).expect("a braid");
    let braid = Diagram::of_trace_closure(&split).to_braid().expect("a braid");
    assert_eq!((jones(&braid), braid.components()), (jones(&split), split.components()));
    assert_eq!(Diagram::parse("[]").expect("the unknot").to_braid().expect("a braid"), Braid::new(1, vec![]).expect("a braid"));
}
