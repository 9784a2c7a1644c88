//! Braids drawn at random, and their polynomials.

use std::ops::ControlFlow;

use num_bigint::BigInt;
use proptest::prelude::*;
use qloom_knots::{Braid, Closure, Diagram, Laurent, Limits, Method, jones_of_braid, jones_of_diagram};

/// Braids on two to `strands` strands, up to `length` letters.
pub fn braid(strands: usize, length: usize) -> impl Strategy<Value = Braid> {
    (2..=strands).prop_flat_map(move |n| {
        let letter = (1..n as i32, any::<bool>()).prop_map(|(letter, positive)| if positive { letter } else { -letter });
        prop::collection::vec(letter, 0..length).prop_map(move |letters| Braid::new(n, letters).expect("letters within"))
    })
}

pub fn with_limits<T>(work: impl FnOnce(&mut Limits<'_>) -> T) -> T {
    let mut progress = |_, _| ControlFlow::Continue(());
    work(&mut Limits { memory_bytes: 1 << 30, progress: &mut progress })
}

pub fn jones_by(braid: &Braid, closure: Closure, method: Option<Method>) -> Laurent {
    with_limits(|limits| jones_of_braid(braid, closure, method, limits)).expect("a small braid").jones
}

pub fn jones(braid: &Braid) -> Laurent {
    jones_by(braid, Closure::Trace, None)
}

pub fn jones_of(diagram: &Diagram) -> Laurent {
    with_limits(|limits| jones_of_diagram(diagram, None, limits)).expect("a small diagram").jones
}

pub fn word(strands: usize, letters: impl IntoIterator<Item = i32>) -> Braid {
    Braid::new(strands, letters.into_iter().collect()).expect("letters within")
}

/// The polynomial with these coefficients from `t^{twice_lowest/2}` on.
pub fn laurent(twice_lowest: i64, coefficients: &[i64]) -> Laurent {
    Laurent::new(twice_lowest, coefficients.iter().map(|&c| BigInt::from(c)).collect())
}

/// The sum of two polynomials whose exponents are both whole or both half-integers.
pub fn sum(a: &Laurent, b: &Laurent) -> Laurent {
    let mut terms = std::collections::BTreeMap::<i64, BigInt>::new();
    for (twice, coefficient) in a.terms().chain(b.terms()) {
        *terms.entry(twice).or_default() += coefficient;
    }
    let Some((&lowest, _)) = terms.first_key_value() else { return laurent(0, &[]) };
    let highest = terms.last_key_value().map_or(lowest, |(&highest, _)| highest);
    let list = (lowest..=highest).step_by(2).map(|twice| terms.remove(&twice).unwrap_or_default()).collect();
    assert!(terms.is_empty(), "whole and half exponents in one sum");
    Laurent::new(lowest, list)
}
