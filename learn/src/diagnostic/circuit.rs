//! Circuits with free angles: how much of the space they reach, how entangled their states are, and how steep they are.

use qloom_circuits::{Circuit, PauliString, PauliSum, Stream};
use qloom_sim::{Batch, BatchGradients, BatchParameters, SimulatorConfig};
use serde::Serialize;

use crate::error::{LearnError, check};
use crate::kernel::bloch_vectors;

/// What angles drawn from [0, 2 pi) say of a circuit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CircuitDiagnosis {
    /// Qubits.
    pub num_qubits: usize,
    /// Free angles.
    pub parameters: usize,
    /// The divergence, in nats, of the fidelities of pairs of states from those of states drawn from the whole space: 0 is most expressive (Sim,
    /// Johnson and Aspuru-Guzik, Adv. Quantum Technol. 2, 1900070 (2019)).
    pub expressibility: f64,
    /// The mean of Meyer and Wallach's measure (J. Math. Phys. 43, 4273 (2002)): 0 of product states, 1 at most.
    pub entangling_capability: f64,
    /// The variance of the derivatives of Z on qubit 0, averaged over all angles: a plateau where it falls exponentially with the qubits
    /// (McClean et al., Nat. Commun. 9, 4812 (2018)).
    pub gradient_variance: f64,
    /// The same of the product of Z on all qubits.
    pub global_gradient_variance: f64,
}

/// Bins of fidelities.
const BINS: usize = 75;

/// States at a time.
const AT_A_TIME: usize = 256;

/// Draws `samples` pairs of states and as many gradients.
///
/// ```
/// use qloom_circuits::{Stream, library::strongly_entangling};
/// use qloom_learn::diagnose_circuit;
/// let found = diagnose_circuit(&strongly_entangling(2, 2), 500, Default::default(), &mut Stream::named(1, "angles"))?;
/// assert!(found.entangling_capability > 0.3 && found.expressibility < 0.2);
/// # Ok::<(), qloom_learn::LearnError>(())
/// ```
///
/// # Errors
/// For a circuit without free angles or with more than 16 qubits, no samples or more than a million, and what the simulation refuses.
pub fn diagnose_circuit(
    circuit: &Circuit,
    samples: usize,
    config: SimulatorConfig,
    stream: &mut Stream,
) -> Result<CircuitDiagnosis, LearnError> {
    let (num_qubits, parameters) = (circuit.num_qubits(), circuit.num_parameters());
    check("samples", samples as f64, (1..=1_000_000).contains(&samples), "from 1 to 1000000")?;
    check("the number of qubits", num_qubits as f64, (1..=16).contains(&num_qubits), "from 1 to 16")?;
    check("the number of free angles", parameters as f64, parameters > 0, "at least 1")?;
    let all = PauliString::from_masks(0, (1u64 << num_qubits) - 1);
    let observables = [PauliSum::z(0, num_qubits), PauliSum::new(num_qubits, [(all, 1.0)])?];
    let mut states = Batch::<f64>::new(circuit, &[], config)?;
    let mut slopes = Batch::<f64>::new(circuit, &observables, config)?;
    let (mut bins, mut entangled) = ([0usize; BINS], 0.0);
    let mut squares = [0.0; 2];
    let (mut angles, mut values, mut gradients) = (Vec::new(), Vec::new(), Vec::new());
    for first in (0..samples).step_by(AT_A_TIME) {
        let count = AT_A_TIME.min(samples - first);
        angles.clear();
        angles.extend((0..2 * count * parameters).map(|_| std::f64::consts::TAU * stream.unit()));
        for pair in states.states(BatchParameters::rows(&angles))?.chunks(2) {
            let ((a, b), (c, d)) = (pair[0].planes(), pair[1].planes());
            let size = 1 << num_qubits;
            let dot = |x: &[f64], y: &[f64]| x[..size].iter().zip(&y[..size]).map(|(x, y)| x * y).sum::<f64>();
            let fidelity = (dot(a, c) + dot(b, d)).powi(2) + (dot(a, d) - dot(b, c)).powi(2);
            bins[((fidelity * BINS as f64) as usize).min(BINS - 1)] += 1;
            for (re, im) in [(a, b), (c, d)] {
                entangled += meyer_wallach(&re[..size], &im[..size]) / (2 * samples) as f64;
            }
        }
        let rows = &angles[..count * parameters];
        values.resize(2 * count, 0.0);
        gradients.resize(rows.len(), 0.0);
        for (observable, sum) in squares.iter_mut().enumerate() {
            let cotangents: Vec<f64> = (0..2 * count).map(|k| f64::from(u8::from(k % 2 == observable))).collect();
            let out = BatchGradients { shared: &mut [], rows: &mut gradients };
            slopes.vjp(BatchParameters::rows(rows), &cotangents, &mut values, out)?;
            // the mean of a derivative over a full turn is 0
            *sum += gradients.iter().map(|slope| slope * slope).sum::<f64>() / (samples * parameters) as f64;
        }
    }
    Ok(CircuitDiagnosis {
        num_qubits,
        parameters,
        expressibility: divergence(&bins, num_qubits),
        entangling_capability: entangled,
        gradient_variance: squares[0],
        global_gradient_variance: squares[1],
    })
}

/// `2 (1 - mean of the purities of single qubits)`.
fn meyer_wallach(re: &[f64], im: &[f64]) -> f64 {
    let mut vectors = Vec::new();
    bloch_vectors(re, im, &mut vectors);
    let count = (vectors.len() / 3).max(1) as f64;
    // a purity is (1 + r^2) / 2
    1.0 - vectors.iter().map(|x| x * x).sum::<f64>() / count
}

/// The divergence of counted fidelities from those of the whole space, whose chance above F is `(1 - F)^(2^n - 1)`.
fn divergence(bins: &[usize; BINS], num_qubits: usize) -> f64 {
    let total: usize = bins.iter().sum();
    let power = (1u64 << num_qubits) as f64 - 1.0;
    let above = |fidelity: f64| (1.0 - fidelity).max(0.0).powf(power);
    let term = |(bin, count): (usize, &usize)| {
        let (low, high) = (bin as f64 / BINS as f64, (bin + 1) as f64 / BINS as f64);
        let expected = (above(low) - above(high)).max(f64::MIN_POSITIVE);
        let share = *count as f64 / total as f64;
        if share > 0.0 { share * (share / expected).ln() } else { 0.0 }
    };
    bins.iter().enumerate().map(term).sum()
}

#[cfg(test)]
mod tests {
    use qloom_circuits::Angle;
    use qloom_circuits::library::{ghz, strongly_entangling};

    use super::*;

    fn found(circuit: &Circuit, samples: usize) -> CircuitDiagnosis {
        diagnose_circuit(circuit, samples, SimulatorConfig::default(), &mut Stream::named(5, "angles")).expect("it fits")
    }

    /// One turn about Z of a state: no entanglement, the fidelities of a circle, and slopes known in closed form.
    #[test]
    fn single_rotations_are_known_exactly() {
        let mut circuit = Circuit::new(2);
        circuit.ry(Angle::free(0), 0);
        let found = found(&circuit, 20_000);
        assert!(found.entangling_capability.abs() < 1e-12);
        // Z is the cosine: its slope has the variance 1/2, and so has that of Z Z
        assert!((found.gradient_variance - 0.5).abs() < 0.01, "{}", found.gradient_variance);
        assert!((found.global_gradient_variance - 0.5).abs() < 0.01);
        assert!(found.expressibility > 0.5);
    }

    #[test]
    fn entangled_states_have_the_most() {
        let mut circuit = ghz(3);
        circuit.rz(Angle::free(0), 0);
        let found = found(&circuit, 10);
        assert!((found.entangling_capability - 1.0).abs() < 1e-12, "{}", found.entangling_capability);
    }

    #[test]
    fn deep_circuits_reach_the_space_and_flatten() {
        let (small, large) = (found(&strongly_entangling(2, 6), 1000), found(&strongly_entangling(6, 6), 300));
        assert!(small.expressibility < 0.1, "{}", small.expressibility);
        assert!(large.gradient_variance < 0.5 * small.gradient_variance);
        let mut none = Circuit::new(1);
        none.h(0);
        let mut stream = Stream::named(1, "angles");
        assert!(diagnose_circuit(&none, 10, SimulatorConfig::default(), &mut stream).is_err());
    }
}
