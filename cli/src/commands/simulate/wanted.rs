//! What is asked of a state beside the usual: how many entries, which parts of it, and where the arrays go.

use std::path::PathBuf;
use std::str::FromStr;

use faer::Side;
use num_complex::Complex64;
use qloom::circuits::{Circuit, Matrix};
use qloom::sim::{PauliVector, Real, SimError, StateVector};

use crate::failure::{Failure, OrFailure};

/// What is asked of a state.
#[derive(clap::Args)]
pub struct Wanted {
    /// Show this many of the largest probabilities, or all that are not 0.
    #[arg(long, value_name = "N|all", default_value = "32")]
    pub probabilities: Many,
    /// Also show this many of the largest amplitudes, or all; for circuits that stay pure.
    #[arg(long, value_name = "N|all")]
    pub amplitudes: Option<Many>,
    /// Also give the probabilities of these qubits alone, the first rightmost; can be repeated.
    #[arg(long, value_name = "QUBITS", help_heading = "Parts of the state")]
    marginal: Vec<Qubits>,
    /// Also give the density matrix of these qubits, all others traced out, the first the least significant; can be repeated.
    #[arg(long, value_name = "QUBITS", help_heading = "Parts of the state")]
    density: Vec<Qubits>,
    /// Also give the entropy of these qubits in bits: of entanglement with the others, where the whole is pure; can be repeated.
    #[arg(long, value_name = "QUBITS", help_heading = "Parts of the state")]
    entropy: Vec<Qubits>,
    /// Write the state and what was asked of it as arrays, an .npz file.
    #[arg(long, value_name = "FILE.npz")]
    pub out: Option<PathBuf>,
}

/// A number, or all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Many(pub usize);

impl FromStr for Many {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self(usize::MAX)),
            _ => text.parse().map(Self).map_err(|_| "it is a number, or all".to_owned()),
        }
    }
}

/// Qubits separated by commas.
#[derive(Clone, Debug, PartialEq)]
struct Qubits(Vec<usize>);

impl FromStr for Qubits {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let qubits: Result<Vec<usize>, _> = text.split(',').map(|word| word.trim().parse()).collect();
        let qubits = qubits.map_err(|_| "qubits are numbers separated by commas, such as 0,2".to_owned())?;
        match qubits.iter().enumerate().find(|(place, qubit)| qubits[..*place].contains(qubit)) {
            Some((_, qubit)) => Err(format!("qubit {qubit} stands twice")),
            None => Ok(Self(qubits)),
        }
    }
}

/// What is known of some qubits.
#[derive(Clone, Debug)]
pub enum Part {
    /// Probabilities of their outcomes.
    Marginal(Vec<usize>, Vec<f64>),
    /// Their density matrix.
    Density(Vec<usize>, Matrix),
    /// The density matrix of them or, of a pure state, of the others, from which the entropy comes.
    Entropy(Vec<usize>, Matrix),
}

/// A state whose parts can be read.
pub trait Readable {
    fn marginal(&self, qubits: &[usize]) -> Result<Vec<f64>, SimError>;
    fn reduced(&self, qubits: &[usize]) -> Result<Matrix, SimError>;
    /// The qubits whose density matrix has the same entropy as that of these, and fewer rows where there is a choice.
    fn smaller(&self, qubits: &[usize]) -> Vec<usize>;
}

impl<T: Real> Readable for StateVector<T> {
    fn marginal(&self, qubits: &[usize]) -> Result<Vec<f64>, SimError> {
        self.probabilities(qubits)
    }

    fn reduced(&self, qubits: &[usize]) -> Result<Matrix, SimError> {
        StateVector::reduced(self, qubits)
    }

    fn smaller(&self, qubits: &[usize]) -> Vec<usize> {
        if 2 * qubits.len() <= self.num_qubits() {
            return qubits.to_vec();
        }
        (0..self.num_qubits()).filter(|qubit| !qubits.contains(qubit)).collect()
    }
}

impl Readable for PauliVector {
    fn marginal(&self, qubits: &[usize]) -> Result<Vec<f64>, SimError> {
        self.probabilities(qubits)
    }

    fn reduced(&self, qubits: &[usize]) -> Result<Matrix, SimError> {
        self.partial_trace(qubits)?.density_matrix()
    }

    fn smaller(&self, qubits: &[usize]) -> Vec<usize> {
        qubits.to_vec()
    }
}

impl Wanted {
    /// Refuses qubits that the circuit does not have.
    ///
    /// # Errors
    /// Bad input that names the qubit.
    pub fn check(&self, circuit: &Circuit) -> Result<(), Failure> {
        let n = circuit.num_qubits();
        for (name, lists) in [("--marginal", &self.marginal), ("--density", &self.density), ("--entropy", &self.entropy)] {
            if let Some(qubit) = lists.iter().flat_map(|list| &list.0).find(|&&qubit| qubit >= n) {
                return Err(Failure::input(format!("{name}: there is no qubit {qubit}; the circuit has {n}, numbered from 0")));
            }
        }
        Ok(())
    }

    /// Every qubit that is named.
    pub fn qubits(&self) -> impl Iterator<Item = usize> + '_ {
        [&self.marginal, &self.density, &self.entropy].into_iter().flatten().flat_map(|list| list.0.iter().copied())
    }

    /// Whether anything but marginals is asked that needs one state.
    pub fn needs_state(&self) -> Option<&'static str> {
        let asked = [
            (self.amplitudes.is_some(), "--amplitudes"),
            (!self.density.is_empty(), "--density"),
            (!self.entropy.is_empty(), "--entropy"),
        ];
        asked.into_iter().find(|(asked, _)| *asked).map(|(_, name)| name)
    }

    /// Whether anything is asked that is no expectation value.
    pub fn needs_more_than_values(&self) -> Option<&'static str> {
        let others = [(!self.marginal.is_empty(), "--marginal"), (self.out.is_some(), "--out")];
        self.needs_state().or_else(|| others.into_iter().find(|(asked, _)| *asked).map(|(_, name)| name))
    }

    /// The parts of a state whose qubits have these names; where it is not pure as a whole, `mixed`, entropies are of the qubits themselves.
    ///
    /// # Errors
    /// For more than 12 qubits of a density matrix.
    pub fn parts(&self, state: &impl Readable, names: &[usize], mixed: bool) -> Result<Vec<Part>, SimError> {
        let mut parts = Vec::new();
        for Qubits(qubits) in &self.marginal {
            parts.push(Part::Marginal(qubits.clone(), state.marginal(&places(qubits, names))?));
        }
        for Qubits(qubits) in &self.density {
            parts.push(Part::Density(qubits.clone(), state.reduced(&places(qubits, names))?));
        }
        for Qubits(qubits) in &self.entropy {
            let places = places(qubits, names);
            let reduced = if mixed { state.reduced(&places) } else { state.reduced(&state.smaller(&places)) };
            parts.push(Part::Entropy(qubits.clone(), reduced?));
        }
        Ok(parts)
    }

    /// The marginals of probabilities of all qubits.
    pub fn marginals(&self, probabilities: &[f64], names: &[usize]) -> Vec<Part> {
        let marginal = |Qubits(qubits): &Qubits| {
            let mut sums = vec![0.0; 1 << qubits.len()];
            let places = places(qubits, names);
            for (index, p) in probabilities.iter().enumerate() {
                sums[places.iter().enumerate().fold(0, |bits, (bit, qubit)| bits | (index >> qubit & 1) << bit)] += p;
            }
            Part::Marginal(qubits.clone(), sums)
        };
        self.marginal.iter().map(marginal).collect()
    }
}

impl Part {
    /// Adds the same part of another state of a mixture.
    pub fn add(&mut self, other: &Self, weight: f64) {
        match (self, other) {
            (Part::Marginal(_, sum), Part::Marginal(_, part)) => sum.iter_mut().zip(part).for_each(|(a, b)| *a += weight * b),
            (Part::Density(_, sum), Part::Density(_, part)) | (Part::Entropy(_, sum), Part::Entropy(_, part)) => {
                *sum = sum.plus(&part.scaled(weight.into()));
            }
            (Part::Marginal(..) | Part::Density(..) | Part::Entropy(..), _) => unreachable!("parts stand in one order"),
        }
    }

    /// The same part of no state.
    pub fn scaled(self, weight: f64) -> Self {
        match self {
            Part::Marginal(qubits, list) => Part::Marginal(qubits, list.into_iter().map(|p| weight * p).collect()),
            Part::Density(qubits, matrix) => Part::Density(qubits, matrix.scaled(weight.into())),
            Part::Entropy(qubits, matrix) => Part::Entropy(qubits, matrix.scaled(weight.into())),
        }
    }
}

/// Where qubits of these names stand; each has one.
fn places(qubits: &[usize], names: &[usize]) -> Vec<usize> {
    qubits.iter().map(|qubit| names.binary_search(qubit).unwrap_or(0)).collect()
}

/// Von Neumann entropy of a density matrix in bits (Nielsen and Chuang, section 11.3).
///
/// # Errors
/// Failed work when the eigenvalues are not found.
pub fn entropy(matrix: &Matrix) -> Result<f64, Failure> {
    let size = matrix.dimension();
    let dense = faer::Mat::<Complex64>::from_fn(size, size, |row, column| matrix[(row, column)]);
    let values = dense.self_adjoint_eigenvalues(Side::Lower).map_err(|error| anyhow::anyhow!("{error:?}")).or_work("entropy")?;
    let bits: f64 = values.into_iter().filter(|p| *p > 0.0).map(|p| -p * p.log2()).sum();
    Ok(bits.max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_qubits_and_numbers_are_read() {
        assert_eq!("0, 2,1".parse(), Ok(Qubits(vec![0, 2, 1])));
        assert!("0,0".parse::<Qubits>().is_err() && "".parse::<Qubits>().is_err() && "-1".parse::<Qubits>().is_err());
        assert_eq!(("all".parse(), "3".parse()), (Ok(Many(usize::MAX)), Ok(Many(3))));
        assert!("some".parse::<Many>().is_err());
    }

    #[test]
    fn entropies_of_known_matrices() {
        let diagonal = |list: [f64; 4]| {
            let mut matrix = Matrix::zero(2);
            list.into_iter().enumerate().for_each(|(place, p)| matrix[(place, place)] = p.into());
            entropy(&matrix).expect("Hermitian")
        };
        assert!(diagonal([1.0, 0.0, 0.0, 0.0]).abs() < 1e-15);
        assert!((diagonal([0.25; 4]) - 2.0).abs() < 1e-14);
        assert!((diagonal([0.5, 0.25, 0.25, 0.0]) - 1.5).abs() < 1e-14);
        let pure = Matrix::from_slice(&[0.5.into(), Complex64::new(0.0, -0.5), Complex64::new(0.0, 0.5), 0.5.into()]);
        assert!(entropy(&pure).expect("Hermitian").abs() < 1e-14);
    }
}
