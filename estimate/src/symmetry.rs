//! Post-selection on symmetries: the part of a state that has the right quantum numbers.

use qloom_circuits::{PauliString, PauliSum};

use crate::error::EstimateError;
use qloom_sim::Counts;

/// Pauli symmetries `S_k` and the values `s_k` a state should have, as a projector `prod (1 + s_k S_k)/2`.
///
/// ```
/// use qloom_circuits::{PauliString, PauliSum};
/// use qloom_estimate::Symmetries;
/// let even = Symmetries::new(&[(PauliString::from_word("ZZ")?, 1)])?;
/// // half of |01><01|, half of |00><00|: the wrong half is left out
/// let state = |string: PauliString| if string.weight() == 0 || string.z_mask() == 2 { 1.0 } else { 0.0 };
/// let kept = even.expectation(&PauliSum::z(0, 2), state)?;
/// assert_eq!(kept.value, 1.0);
/// assert_eq!(kept.probability, 0.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Symmetries {
    generators: Vec<(PauliString, f64)>,
    /// All products with their signs, the identity first.
    group: Vec<(PauliString, f64)>,
}

/// An expectation value within the right sector, and how much of the state is in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PostSelected {
    /// `Tr(H P rho P) / Tr(P rho)`.
    pub value: f64,
    /// `Tr(P rho)`: the share of shots that are kept.
    pub probability: f64,
}

impl Symmetries {
    /// The most symmetries: their products are listed.
    pub const MAX: usize = 16;

    /// Symmetries with their values, +1 or -1.
    ///
    /// # Errors
    /// When two do not commute, one is a product of others, a value is another number, or there are more than
    /// [`Symmetries::MAX`].
    pub fn new(generators: &[(PauliString, i8)]) -> Result<Self, EstimateError> {
        if generators.len() > Self::MAX {
            let given = generators.len();
            return Err(EstimateError::TooMany { what: "symmetries", given, limit: Self::MAX });
        }
        let mut group = vec![(PauliString::IDENTITY, 1.0)];
        let mut signed = Vec::new();
        for &(string, value) in generators {
            if value != 1 && value != -1 {
                return Err(EstimateError::OutOfRange { what: "the value of a symmetry", value: value.into(), range: "1 or -1" });
            }
            if signed.iter().any(|(other, _): &(PauliString, f64)| !other.commutes_with(string)) {
                return Err(EstimateError::Unsupported {
                    method: "post-selection",
                    operation: "symmetries that do not commute",
                    remedy: "give only such that commute with each other",
                });
            }
            if group.iter().any(|(product, _)| *product == string) {
                return Err(EstimateError::Unsupported {
                    method: "post-selection",
                    operation: "a symmetry that is a product of the others",
                    remedy: "leave it out",
                });
            }
            let sign = f64::from(value);
            signed.push((string, sign));
            for at in 0..group.len() {
                let (product, phase) = group[at];
                let (next, turn) = product.times_commuting(string);
                group.push((next, phase * sign * turn));
            }
        }
        Ok(Self { generators: signed, group })
    }

    /// The value of an observable in the right sector, where `expectation` gives `Tr(P rho)` of Pauli strings, exact or measured.
    ///
    /// Terms that do not commute with a symmetry are 0 there. Asks for at most `2^k` strings a term.
    ///
    /// # Errors
    /// When nothing of the state is in the sector.
    pub fn expectation(
        &self,
        observable: &PauliSum,
        mut expectation: impl FnMut(PauliString) -> f64,
    ) -> Result<PostSelected, EstimateError> {
        let scale = 1.0 / self.group.len() as f64;
        let probability = scale * self.group.iter().map(|&(string, sign)| sign * expectation(string)).sum::<f64>();
        if probability.is_nan() || probability <= 1e-12 {
            return Err(EstimateError::EmptySector { probability });
        }
        let mut sum = 0.0;
        for &(term, coefficient) in observable.terms() {
            if self.generators.iter().any(|(symmetry, _)| !symmetry.commutes_with(term)) {
                continue;
            }
            for &(symmetry, sign) in &self.group {
                let (product, turn) = term.times_commuting(symmetry);
                sum += coefficient * sign * turn * expectation(product);
            }
        }
        Ok(PostSelected { value: scale * sum / probability, probability })
    }

    /// The counts whose outcomes have the right values; bit `k` of an outcome is qubit `k`, measured along Z.
    ///
    /// # Errors
    /// When a symmetry has another letter than Z.
    pub fn keep(&self, counts: &Counts) -> Result<Counts, EstimateError> {
        if self.generators.iter().any(|(string, _)| string.x_mask() != 0) {
            return Err(EstimateError::Unsupported {
                method: "post-selection of counts",
                operation: "a symmetry with X or Y",
                remedy: "measure it in its own basis, or use the expectation values of strings",
            });
        }
        let mut kept = Counts::new(counts.num_bits());
        for (outcome, count) in counts.iter() {
            let right = self.generators.iter().all(|(string, sign)| {
                let odd = (outcome.word() & string.z_mask()).count_ones() % 2 == 1;
                odd == (*sign < 0.0)
            });
            if right {
                kept.add(outcome.clone(), count);
            }
        }
        Ok(kept)
    }
}

#[cfg(test)]
mod tests {
    use qloom_circuits::{Channel, Circuit, Matrix, Operation};

    use super::*;
    use qloom_sim::{PauliProgram, PauliVector, SimulatorConfig};

    /// A noisy state, its dense matrix, and the projected value by dense products.
    #[test]
    fn the_projected_value_equals_dense_matrices() {
        let mut circuit = Circuit::new(3);
        circuit.ry(0.6, 0).cx(0, 1).ry(0.3, 2).cx(1, 2);
        let channel = Channel::depolarizing(0.2, 1).expect("physical");
        for qubit in 0..3 {
            let qubits = [qubit].into_iter().collect();
            circuit.push(Operation::Channel { channel: channel.clone(), qubits }).expect("fits");
        }
        let mut state = PauliVector::zero(3, SimulatorConfig::default()).expect("small");
        state.run(&PauliProgram::new(&circuit).expect("bound"), &[]).expect("fits");
        let word = |text| PauliString::from_word(text).expect("letters");
        let chosen = [(word("ZZI"), 1), (word("XXX"), -1)];
        let observable = PauliSum::new(
            3,
            [(word("ZIZ"), 0.3), (word("YYI"), -0.7), (word("IXX"), 0.4), (word("XXX"), 0.2), (word("III"), 0.1)],
        )
        .expect("fits");
        let mut projector = Matrix::identity(3);
        for (string, sign) in chosen {
            let half = PauliSum::new(3, [(PauliString::IDENTITY, 0.5), (string, 0.5 * f64::from(sign))]).expect("fits");
            projector = projector.times(&half.matrix());
        }
        let trace = |matrix: &Matrix| (0..8).map(|k| matrix[(k, k)].re).sum::<f64>();
        let density = state.density_matrix().expect("small");
        let inside = projector.times(&density).times(&projector);
        let symmetries = Symmetries::new(&chosen).expect("they commute");
        let kept = symmetries.expectation(&observable, |string| state.pauli(string).expect("inside")).expect("some is inside");
        assert!((kept.probability - trace(&inside)).abs() < 1e-12);
        assert!((kept.value - trace(&observable.matrix().times(&inside)) / trace(&inside)).abs() < 1e-12);
    }

    #[test]
    fn counts_of_the_wrong_sector_are_left_out() {
        let word = |text| PauliString::from_word(text).expect("letters");
        let odd = Symmetries::new(&[(word("ZZI"), -1)]).expect("one");
        let mut counts = Counts::new(3);
        (0..8).for_each(|outcome| counts.add(outcome, outcome + 1));
        let kept = odd.keep(&counts).expect("only Z");
        let seen: Vec<(u64, u64)> = kept.iter().map(|(outcome, times)| (outcome.word(), times)).collect();
        assert_eq!(seen, [(1, 2), (2, 3), (5, 6), (6, 7)]);
        assert!(Symmetries::new(&[(word("XII"), 1)]).expect("one").keep(&counts).is_err());
        assert!(Symmetries::new(&[(word("XII"), 1), (word("ZII"), 1)]).is_err());
        assert!(Symmetries::new(&[(word("ZII"), 1), (word("IZI"), 1), (word("ZZI"), 1)]).is_err());
        assert!(Symmetries::new(&[(word("ZII"), 0)]).is_err());
    }
}
