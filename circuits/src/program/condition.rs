//! Conditions on measured bits, as circuits have them.

use super::operator::Binary;
use crate::operation::{Condition, Conditional, Operation};

/// The most comparisons in one condition.
pub(crate) const MAX_TESTS: usize = 12;

/// What a condition asks of the bits.
#[derive(Clone, Debug)]
pub(crate) enum Test {
    Known(bool),
    Bits(Condition),
    Not(Box<Test>),
    And(Box<(Test, Test)>),
    Or(Box<(Test, Test)>),
}

impl Test {
    pub fn size(&self) -> usize {
        match self {
            Test::Known(_) | Test::Bits(_) => 1,
            Test::Not(inner) => inner.size(),
            Test::And(sides) | Test::Or(sides) => sides.0.size() + sides.1.size(),
        }
    }

    /// Operations that run `then` where the test holds and `otherwise` where not.
    pub fn choose(self, then: Vec<Operation>, otherwise: Vec<Operation>) -> Vec<Operation> {
        match self {
            Test::Known(true) => then,
            Test::Known(false) => otherwise,
            Test::Bits(condition) => vec![Operation::Conditional(Box::new(Conditional { condition, then, otherwise }))],
            Test::Not(inner) => match *inner {
                Test::Bits(Condition { bits, value: value @ 0..=1 }) if bits.len() == 1 => {
                    Test::Bits(Condition { bits, value: 1 - value }).choose(then, otherwise)
                }
                other => other.choose(otherwise, then),
            },
            Test::And(sides) => {
                let inner = sides.1.choose(then, otherwise.clone());
                sides.0.choose(inner, otherwise)
            }
            Test::Or(sides) => {
                let inner = sides.1.choose(then.clone(), otherwise);
                sides.0.choose(then, inner)
            }
        }
    }
}

/// Whether a comparison of order is strict, and whether the left side is the smaller.
pub(crate) fn order(operator: Binary) -> Option<(bool, bool)> {
    Some(match operator {
        Binary::Less => (true, true),
        Binary::LessEqual => (false, true),
        Binary::Greater => (true, false),
        Binary::GreaterEqual => (false, false),
        _ => return None,
    })
}

/// Whether bits, as a number without sign, are below a bound: one test for each 1 of the bound, for a number that agrees with it above
/// and has a 0 there; or the opposite by the zeros of the bound less one, where these are fewer.
pub(crate) fn below(bits: &[usize], bound: u64) -> Test {
    let fits = |bound: u64| bits.len() >= 64 || bound >> bits.len() == 0;
    if bound == 0 || !fits(bound) {
        return Test::Known(bound != 0);
    }
    let width = bits.len().min(64);
    // numbers that agree with `value` above a place and have the other digit there
    let differing = |value: u64, digit: u64| -> Option<Test> {
        let places = (0..width).filter(|place| value >> place & 1 == digit);
        let term = |place: usize| Test::Bits(Condition { bits: bits[place..].to_vec(), value: value >> place ^ 1 });
        places.map(term).reduce(|a, b| Test::Or(Box::new((a, b))))
    };
    let last = bound - 1;
    let (ones, zeros) = (bound.count_ones() as usize, width - last.count_ones() as usize);
    match (ones <= zeros, bits.len() <= 64) {
        (false, true) => differing(last, 0).map_or(Test::Known(true), |above| Test::Not(Box::new(above))),
        (true, _) | (false, false) => differing(bound, 1).unwrap_or(Test::Known(false)),
    }
}

#[cfg(test)]
mod tests;
