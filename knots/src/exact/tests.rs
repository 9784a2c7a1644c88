//! The 290 knots and links of the table, by both methods, from the braid and from the diagram.

use super::*;

fn with_limits<T>(work: impl FnOnce(&mut Limits<'_>) -> T) -> T {
    let mut progress = |_, _| ControlFlow::Continue(());
    work(&mut Limits { memory_bytes: 1 << 32, progress: &mut progress })
}

fn braid_jones(word: &str, closure: Closure, method: Method) -> Exact {
    let braid = Braid::parse(word).expect("a braid");
    with_limits(|limits| jones_of_braid(&braid, closure, Some(method), limits)).expect("it fits")
}

/// Rows of the bundled table: name, braid word, PD code, Jones terms, value at the fifth root, components.
fn table() -> Vec<(String, Braid, String, Laurent, [f64; 2], usize)> {
    crate::table::rows()
        .iter()
        .map(|row| (row.name.clone(), row.braid.clone(), row.pd.clone(), row.jones.clone(), row.fifth_root, row.components))
        .collect()
}

#[test]
fn every_row_by_both_methods_from_braid_and_diagram() {
    for (name, braid, pd, jones, fifth, components) in table() {
        for method in [Method::TemperleyLieb, Method::Frontier] {
            let exact = with_limits(|limits| jones_of_braid(&braid, Closure::Trace, Some(method), limits)).expect("it fits");
            assert_eq!(exact.jones, jones, "{name} by {method:?}");
            assert_eq!(exact.components, components, "{name}");
            let value = exact.jones.at_fifth_root();
            assert!((value.re - fifth[0]).abs() < 1e-9 && (value.im - fifth[1]).abs() < 1e-9, "{name}: {value}");
        }
        let diagram = Diagram::parse(&pd).expect("a diagram");
        for method in [None, Some(Method::TemperleyLieb), Some(Method::Frontier)] {
            let exact = with_limits(|limits| jones_of_diagram(&diagram, method, limits)).expect("it fits");
            assert_eq!((exact.jones, exact.components), (jones.clone(), components), "{name} from its PD code by {method:?}");
        }
    }
}

#[test]
fn worked_examples() {
    for (word, text) in [
        ("", "1"),
        ("1", "1"),
        ("-1", "1"),
        ("1 1", "-t^{1/2} - t^{5/2}"),
        ("-1 -1", "-t^{-5/2} - t^{-1/2}"),
        ("1 -2 1 -2", "t^{-2} - t^{-1} + 1 - t + t^2"),
        ("1 2 1 2 1 2 1 2", "t^3 + t^5 - t^8"),
        ("1 -2 1 -2 1 -2", "-t^{-3} + 3t^{-2} - 2t^{-1} + 4 - 2t + 3t^2 - t^3"),
    ] {
        for method in [Method::TemperleyLieb, Method::Frontier] {
            assert_eq!(braid_jones(word, Closure::Trace, method).jones.to_string(), text, "{word} by {method:?}");
        }
    }
    let unlink = Braid::new(3, Vec::new()).expect("a braid");
    for method in [Method::TemperleyLieb, Method::Frontier] {
        let exact = with_limits(|limits| jones_of_braid(&unlink, Closure::Trace, Some(method), limits)).expect("it fits");
        assert_eq!(exact.jones.to_string(), "t^{-1} + 2 + t");
    }
}

#[test]
fn plat_closures() {
    for method in [Method::TemperleyLieb, Method::Frontier] {
        let jones = |letters: Vec<i32>| {
            let braid = Braid::new(4, letters).expect("a braid");
            with_limits(|limits| jones_of_braid(&braid, Closure::Plat, Some(method), limits)).expect("it fits")
        };
        let trefoil = jones(vec![2, 2, 2]);
        assert_eq!((trefoil.jones.to_string().as_str(), trefoil.writhe), ("t + t^3 - t^4", 3));
        let figure_eight = jones(vec![2, -1, 2, 2]);
        assert_eq!((figure_eight.jones.to_string().as_str(), figure_eight.writhe), ("t^{-2} - t^{-1} + 1 - t + t^2", 0));
        assert_eq!(jones(vec![2, 2]).writhe.abs(), 2);
        assert_eq!(jones(vec![]).jones.to_string(), "-t^{-1/2} - t^{1/2}");
    }
}

#[test]
fn long_words_need_more_than_64_bits_and_agree() {
    // T(3, 2) to the power 60 in both methods, with coefficients bounded only by several words
    let word: Vec<String> =
        (0..90).flat_map(|k| [if k % 3 == 0 { "-1" } else { "1" }, "2", "-3", "2"]).map(str::to_owned).collect();
    let word = word.join(" ");
    let along = braid_jones(&word, Closure::Trace, Method::TemperleyLieb);
    let over = braid_jones(&word, Closure::Trace, Method::Frontier);
    assert_eq!(along.jones, over.jones);
    let largest = along.jones.terms().map(|(_, c)| c.bits()).max().unwrap_or(0);
    assert!(largest > 64, "the example should be large, it has {largest} bits");
}

#[test]
fn refusals() {
    let braid = Braid::new(0, Vec::new()).expect("no strands is a braid");
    assert!(with_limits(|limits| jones_of_braid(&braid, Closure::Trace, None, limits)).is_err());
    let odd = Braid::new(3, vec![1]).expect("a braid");
    assert!(with_limits(|limits| jones_of_braid(&odd, Closure::Plat, None, limits)).is_err());
    let deep: Braid = "1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9".parse().expect("a braid");
    let mut progress = |_, _| ControlFlow::Continue(());
    let mut limits = Limits { memory_bytes: 1000, progress: &mut progress };
    let refused = jones_of_braid(&deep, Closure::Trace, Some(Method::TemperleyLieb), &mut limits);
    assert!(matches!(refused, Err(KnotError::Memory { .. })), "{refused:?}");
    for text in ["[[1,5,2,4],[3,1,4,6],[5,3,6]]", "[[1,2,3,4]]", "[[1,1,1,1]]", "x", "[[1,5,2,4],[3,1,4,6],[5,3,2,6]]"] {
        assert!(Diagram::parse(text).is_err(), "{text}");
    }
    for text in ["0", "1 a", "99999999999999999999", "1.5"] {
        assert!(Braid::parse(text).is_err(), "{text}");
    }
}
