//! What tells problems of a family apart.

use std::collections::BTreeMap;

use qloom_circuits::{PauliString, PauliSum};

use crate::Problem;

/// The coefficients that differ within a family, each with its mean and its deviation.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    strings: Vec<(PauliString, f64, f64)>,
}

/// Deviations below this are rounding, as a part of the largest coefficient.
const CONSTANT: f64 = 1e-9;

impl Context {
    pub(crate) fn new<'a>(sums: impl Iterator<Item = &'a PauliSum>) -> Self {
        let mut found: BTreeMap<PauliString, Vec<f64>> = BTreeMap::new();
        let mut count = 0;
        for sum in sums {
            for (string, coefficient) in sum.terms() {
                let list = found.entry(*string).or_default();
                list.resize(count, 0.0);
                list.push(*coefficient);
            }
            count += 1;
        }
        let largest = found.values().flatten().fold(0.0f64, |largest, value| largest.max(value.abs()));
        let strings = found.into_iter().filter_map(|(string, mut list)| {
            list.resize(count, 0.0);
            let mean = list.iter().sum::<f64>() / count as f64;
            let deviation = (list.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count as f64).sqrt();
            (deviation > CONSTANT * largest).then_some((string, mean, deviation))
        });
        Self { strings: strings.collect() }
    }

    /// The problem with what it is told apart by: for each string, how many deviations its coefficient is above the mean.
    pub(crate) fn given_to(&self, problem: Problem) -> Problem {
        let terms: BTreeMap<PauliString, f64> = problem.hamiltonian().terms().iter().copied().collect();
        let number = |(string, mean, deviation): &(PauliString, f64, f64)| {
            ((terms.get(string).copied().unwrap_or(0.0) - mean) / deviation) as f32
        };
        let context = self.strings.iter().map(number).collect();
        problem.with_context(context)
    }
}
