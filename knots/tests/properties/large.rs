//! Large links: near linear, or refused with the limit, within seconds.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use qloom_circuits::Stream;
use qloom_knots::{
    Braid, Closure, Diagram, Exact, KnotError, Limits, SimplifyConfig, cost, jones_of_braid, jones_of_diagram, simplify,
};

fn within<T>(work: impl FnOnce(&mut Limits<'_>) -> T) -> T {
    let mut go_on = |_: usize, _: usize| ControlFlow::Continue(());
    work(&mut Limits { memory_bytes: 4 << 30, progress: &mut go_on })
}

fn random(strands: usize, length: usize) -> Braid {
    let mut stream = Stream::named(1, "large");
    let letter = |stream: &mut Stream| (1 + stream.below(strands - 1) as i32) * if stream.below(2) == 1 { 1 } else { -1 };
    Braid::new(strands, (0..length).map(|_| letter(&mut stream)).collect()).expect("inside")
}

/// Generous: machines differ; what is quadratic takes minutes.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn wide_and_deep_braids_are_simplified() {
    let start = Instant::now();
    let staircase = Braid::new(10_000, (1..10_000).collect()).expect("inside");
    let config = SimplifyConfig { budget: 20, ..SimplifyConfig::default() };
    assert_eq!(simplify(&staircase, config, &mut Stream::named(0, "slides")).strands(), 1);
    for braid in [random(10_000, 10_000), random(3, 10_000), random(4, 10_000)] {
        let simple = simplify(&braid, config, &mut Stream::named(0, "slides"));
        assert!(cost(&simple) < cost(&braid));
    }
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
}

#[test]
fn a_hundred_thousand_kinks_are_the_unknot() {
    let start = Instant::now();
    let mut stream = Stream::named(2, "large");
    let count = 100_000i64;
    let kinks: Vec<[i64; 4]> = (0..count)
        .map(|k| {
            let (a, c, b) = (2 * k, 2 * k + 1, (2 * k + 2) % (2 * count));
            [[a, b, c, c], [a, c, c, b], [c, c, b, a], [c, a, b, c]][stream.below(4)]
        })
        .collect();
    let diagram = Diagram::from_labels(&kinks).expect("a diagram");
    let Exact { jones, writhe, .. } = within(|limits| jones_of_diagram(&diagram, None, limits)).expect("nothing to sum");
    assert_eq!((jones.to_string().as_str(), writhe), ("1", diagram.writhe()));
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
}

#[test]
fn what_takes_beyond_reason_is_refused_with_the_limit() {
    let start = Instant::now();
    let word: Vec<i32> = (0..30_000).map(|k| if k % 2 == 0 { 1 } else { -2 }).collect();
    let braid = Braid::new(3, word).expect("inside");
    for method in [None, Some(qloom_knots::Method::Frontier)] {
        let refused = within(|limits| jones_of_braid(&braid, Closure::Trace, method, limits));
        assert!(matches!(refused, Err(KnotError::Work { needed, limit, .. }) if needed > limit), "{refused:?}");
    }
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
}
