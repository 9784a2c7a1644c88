//! The lowest states of Pauli sums without dense matrices, of all basis states or within a subspace of them.

mod lanczos;
mod operator;
mod subspace;
mod tridiagonal;

use num_complex::Complex64;
use qloom_circuits::PauliSum;

pub use subspace::Subspace;

use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::observable::Observable;
use crate::state::StateVector;
use operator::Operator;

/// An eigenvalue and its normalised vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Eigenstate {
    /// The eigenvalue.
    pub energy: f64,
    /// `|H v - E v|`; the error of the energy is of the order of its square over the gap.
    pub residual: f64,
    /// The amplitudes of all basis states, qubit 0 the least significant bit; or of the subspace's states in their order.
    pub amplitudes: Vec<Complex64>,
}

impl Eigenstate {
    /// The state over all basis states; `subspace` is the one in which it was found.
    ///
    /// # Errors
    /// When memory does not suffice, or the subspace has another dimension than the state.
    pub fn state_vector(&self, subspace: Option<&Subspace>) -> Result<StateVector<f64>, SimError> {
        let config = SimulatorConfig::default();
        let Some(subspace) = subspace else { return StateVector::from_amplitudes(&self.amplitudes, config) };
        let (expected, given) = (subspace.states().len(), self.amplitudes.len());
        if expected != given {
            return Err(SimError::SizeMismatch { what: "the dimension of the subspace", expected, given });
        }
        let mut whole = vec![Complex64::ZERO; 1 << subspace.num_qubits()];
        for (&index, &amplitude) in subspace.states().iter().zip(&self.amplitudes) {
            whole[index as usize] = amplitude;
        }
        StateVector::from_amplitudes(&whole, config)
    }
}

/// The lowest eigenvalue of a Pauli sum, to about 1e-12 of its size.
///
/// Costs and errors as [`low_states`] has them for one state.
///
/// # Errors
/// When memory does not suffice or the iteration does not converge.
///
/// ```
/// use qloom_circuits::PauliSum;
/// assert!((qloom_sim::ground_energy(&PauliSum::z(0, 1))? + 1.0).abs() < 1e-12);
/// # Ok::<(), qloom_sim::SimError>(())
/// ```
pub fn ground_energy(sum: &PauliSum) -> Result<f64, SimError> {
    let mut operator = operator(sum, None, &SimulatorConfig::default())?;
    Ok(lanczos::lowest(&mut operator, &[])?.energy)
}

/// The `count` lowest states of a Pauli sum, ascending, each as often as it is degenerate; fewer where the space is smaller.
///
/// With a subspace, the sum is restricted to it; a sum that leads out of it is cut off there, so that it is the user's affair to
/// choose one that the sum conserves, such as the states of one particle number.
///
/// Lanczos iteration with full reorthogonalisation against 64 vectors and all states found before, restarted from the best vector, until
/// the residual is below 1e-8 of the sum's 1-norm (or 1e-14 of its constant, if that is more). Holds 64 vectors, of real numbers where the sum is real. All basis states: costs
/// `terms * 2^n` a step, without a matrix. A subspace, and a sum of many terms for each entry: the matrix is made once and held sparse, 12
/// or 20 bytes an entry.
///
/// # Errors
/// When memory does not suffice, the iteration does not converge, the subspace is empty or of another number of qubits.
///
/// ```
/// use qloom_circuits::PauliSum;
/// use qloom_sim::{Subspace, low_states};
/// let sum: PauliSum = "X0 X1 + Y0 Y1 + Z0 Z1".parse()?;
/// let energies: Vec<f64> = low_states(&sum, 2, None)?.iter().map(|state| state.energy.round()).collect();
/// assert_eq!(energies, [-3.0, 1.0]);
/// let polarised = Subspace::new(2, |index| index == 0)?;
/// assert_eq!(low_states(&sum, 1, Some(&polarised))?[0].energy, 1.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn low_states(sum: &PauliSum, count: usize, subspace: Option<&Subspace>) -> Result<Vec<Eigenstate>, SimError> {
    let config = SimulatorConfig::default();
    let mut operator = operator(sum, subspace, &config)?;
    let mut found = Vec::new();
    let mut states = Vec::new();
    for _ in 0..count.min(operator.dimension()) {
        let ritz = lanczos::lowest(&mut operator, &found)?;
        states.push(Eigenstate { energy: ritz.energy, residual: ritz.residual, amplitudes: operator.amplitudes(&ritz.vector) });
        // over the real numbers a complex state and i times it are two
        found.extend(operator.times_i(&ritz.vector)?);
        found.push(ritz.vector);
    }
    states.sort_by(|a, b| a.energy.total_cmp(&b.energy));
    Ok(states)
}

/// Terms for each entry of a row from which a matrix costs less than going over the terms again and again.
const MANY_TERMS: usize = 16;
/// The largest matrix that is held where none is needed, in bytes.
const LARGEST_MATRIX: u128 = 1 << 30;

/// The sum as an operator, in the form that costs less.
fn operator(sum: &PauliSum, subspace: Option<&Subspace>, config: &SimulatorConfig) -> Result<Operator, SimError> {
    if let Some(subspace) = subspace {
        return Operator::restricted(sum, subspace, config);
    }
    let (n, groups) = (sum.num_qubits(), Observable::new(sum).num_groups());
    let entries = (groups as u128) << n;
    if sum.terms().len() >= MANY_TERMS * groups && groups > 0 && entries * 20 <= LARGEST_MATRIX {
        return Operator::restricted(sum, &Subspace::new(n, |_| true)?, config);
    }
    Operator::whole(sum, config)
}

#[cfg(test)]
mod tests {
    use qloom_circuits::{PauliString, Stream};

    use super::*;

    #[test]
    fn a_constant_is_no_reason_to_go_on() {
        for (constant, field) in [(0.7467484748056454, 0.0), (-1e9, 0.0), (1e9, 1.0), (3.1, 1e-12), (0.0, 0.0), (1e-30, 1e-30)] {
            let terms = [
                (PauliString::IDENTITY, constant),
                (PauliString::from_masks(1, 0), field),
                (PauliString::from_masks(0, 6), field),
            ];
            let levels = low_states(&PauliSum::new(3, terms).expect("it fits"), 8, None).expect("it converges");
            assert_eq!(levels.len(), 8);
            let wanted = [-2.0, -2.0, 0.0, 0.0, 0.0, 0.0, 2.0, 2.0].map(|level| constant + level * field);
            let near = 1e-13 * f64::abs(constant) + 1e-8 * field;
            assert!(levels.iter().zip(wanted).all(|(state, level)| (state.energy - level).abs() <= near), "{constant} {field}");
        }
    }

    #[test]
    fn sums_of_many_terms_have_the_same_low_states_as_without_a_matrix() {
        let mut stream = Stream::named(3, "terms");
        let terms: Vec<(PauliString, f64)> =
            (0..1024u64).map(|masks| (PauliString::from_masks(masks & 31, masks >> 5), stream.normal())).collect();
        for sum in [PauliSum::new(5, terms.clone()), PauliSum::new(5, terms.into_iter().filter(|(s, _)| s.count_y() % 2 == 0))] {
            let sum = sum.expect("it fits");
            let energy = |operator: &mut Operator| lanczos::lowest(operator, &[]).expect("it converges").energy;
            let config = SimulatorConfig::default();
            let matrix_free = energy(&mut Operator::whole(&sum, &config).expect("small"));
            assert!((ground_energy(&sum).expect("it converges") - matrix_free).abs() < 1e-9);
            let states = low_states(&sum, 3, None).expect("it converges");
            let state = states[0].state_vector(None).expect("small");
            assert!((state.expectation(&Observable::new(&sum)).expect("sizes agree") - matrix_free).abs() < 1e-7);
            assert!(states.windows(2).all(|pair| pair[0].energy <= pair[1].energy));
        }
    }
}
