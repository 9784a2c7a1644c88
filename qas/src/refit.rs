//! The angles of a circuit that was found, fitted anew.

use qloom_circuits::{Angle, Circuit, Operation};
use qloom_estimate::Reference;

use crate::objective::Objective;
use crate::{Problem, QasError, SearchConfig};

/// A circuit with its angles as they were and as they are fitted anew.
#[derive(Debug, Clone, PartialEq)]
pub struct Refit {
    /// The circuit; each of its angles is a free parameter, in order of appearance.
    pub circuit: Circuit,
    /// The angles of least energy, in radians; the given ones where no fit has a lower energy.
    pub angles: Vec<f64>,
    /// The angles as they were given.
    pub given_angles: Vec<f64>,
    /// The energy at the given angles, under noise the mean of fresh measurements, in the problem's unit.
    pub given_energy: f64,
    /// The energy at the angles of least energy, measured alike.
    pub energy: f64,
    /// The exact energies at the given angles with the noise of the settings, and without noise.
    pub given_reference: Reference,
    /// The exact energies at the angles of least energy.
    pub reference: Reference,
    /// Evaluations made.
    pub evaluations: u64,
}

/// Fits all angles of a circuit from where they are, such as those of a search's circuit when the calibration of its device has drifted.
///
/// Of the settings those of the simulator, the minimiser and the objective count; the circuit is one of gates with numbers for angles, on
/// the problem's qubits. The new angles are taken where their energy is lower, each measured anew as often as the settings say. The seed
/// fixes random errors and what the minimiser draws. It costs a fit.
///
/// ```
/// use qloom_circuits::{Circuit, PauliString, PauliSum};
/// use qloom_qas::{Problem, SearchConfig, refit};
///
/// let terms = [("ZI", 1.0), ("XX", 0.5)].map(|(word, weight)| (PauliString::from_word(word).expect("a word"), weight));
/// let problem = Problem::new("pair", PauliSum::new(2, terms)?)?;
/// let mut circuit = Circuit::new(2);
/// circuit.ry(2.0, 1).cx(1, 0).ry(0.1, 0);
/// let refit = refit(&problem, &SearchConfig::default(), &circuit, 1)?;
/// assert!(refit.energy < refit.given_energy && refit.angles.len() == 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`QasError::InvalidSetting`] for a circuit of another number of qubits, with free parameters or with more than gates in it, and those of the
/// simulation and the fit.
pub fn refit(problem: &Problem, config: &SearchConfig, circuit: &Circuit, seed: u64) -> Result<Refit, QasError> {
    if circuit.num_qubits() != problem.num_qubits() {
        let need = format!("it has to have the {} qubits of the problem", problem.num_qubits());
        return Err(QasError::invalid("circuit", format!("{} qubits", circuit.num_qubits()), need));
    }
    if circuit.num_parameters() > 0 {
        let need = "its angles have to be numbers: they are where the fit begins";
        return Err(QasError::invalid("circuit", format!("{} free parameters", circuit.num_parameters()), need));
    }
    let (free, given) = freed(circuit)?;
    let mut objective = Objective::new(config.objective.clone(), &config.simulator, &config.minimizer, problem, seed)?;
    let first = objective.energy(&free, &given)?;
    let given_energy = objective.confirm(&free, &given, first)?;
    let given_reference = objective.reference(&free, &given)?;
    let fit = objective.fit(&free, given.clone(), None, first)?;
    let energy = objective.confirm(&free, &fit.angles, fit.energy)?;
    let (angles, energy) = if energy < given_energy { (fit.angles, energy) } else { (given.clone(), given_energy) };
    let reference = objective.reference(&free, &angles)?;
    let evaluations = objective.evaluations().values;
    Ok(Refit { circuit: free, angles, given_angles: given, given_energy, energy, given_reference, reference, evaluations })
}

/// The circuit with every angle a parameter of its own, and what they were.
fn freed(circuit: &Circuit) -> Result<(Circuit, Vec<f64>), QasError> {
    let (mut free, mut given) = (circuit.without_operations(), Vec::new());
    for operation in circuit.operations() {
        match operation {
            Operation::Gate { .. } | Operation::PauliRotation { .. } | Operation::Unitary { .. } => {
                let own = operation.map_angles(&mut |angle| {
                    given.push(angle.value(&[]));
                    Angle::free(given.len() - 1)
                });
                free.push(own)?;
            }
            Operation::Barrier { .. } | Operation::GlobalPhase(_) => {}
            other => return Err(QasError::invalid("circuit", format!("{other:?}"), "only gates are fitted: leave it out")),
        }
    }
    Ok((free, given))
}

#[cfg(test)]
mod tests {
    use qloom_circuits::{PauliString, PauliSum};

    use super::*;
    use crate::{Event, Search, SimulatorChoice};

    fn chain() -> Problem {
        let words = [("ZZI", -1.0), ("IZZ", -1.0), ("XII", -0.6), ("IXI", -0.6), ("IIX", -0.6)];
        let terms = words.map(|(word, weight)| (PauliString::from_word(word).expect("a word"), weight));
        let sum = PauliSum::new(3, terms).expect("valid");
        let exact = qloom_sim::ground_energy(&sum).expect("small");
        Problem::new("chain", sum).expect("valid").with_exact_energy(exact).expect("finite")
    }

    /// Settings with a device whose CNOTs depolarize with this probability.
    fn drifted(depolarizing: f64) -> SearchConfig {
        let text = format!(
            "[simulator.pauli-vector]\ndevice = {{ name = \"three\", couplings = [[0, 1], [1, 2]], \
             two_qubit = {{ time_ns = 300.0, depolarizing = {depolarizing} }} }}\n"
        );
        toml::from_str(&text).expect("settings")
    }

    #[test]
    fn a_found_circuit_is_at_its_minimum_and_one_moved_from_it_comes_back() {
        let config = SearchConfig { episodes: 20, ..SearchConfig::default() };
        let mut search = Search::new(config.clone(), chain(), 3).expect("valid");
        while let Event::Episode(_) = search.step().expect("steps") {}
        let found = search.best().expect("builds").expect("found");
        let again = refit(&chain(), &config, &found.bound(), 1).expect("fits");
        assert!((again.given_energy - found.energy).abs() < 1e-10 && found.energy - again.energy < 1e-7);
        let moved: Vec<f64> = found.angles.iter().map(|angle| angle + 0.05).collect();
        let back = refit(&chain(), &config, &found.circuit.bind(&moved).expect("as many"), 1).expect("fits");
        assert!(back.given_energy > found.energy + 1e-4 && back.energy < found.energy + 1e-6, "{back:?}");
        assert_eq!(back.circuit.num_parameters(), back.angles.len());
        assert_eq!(back.given_angles, moved);
        assert!(back.evaluations > 1);
    }

    #[test]
    fn under_another_noise_the_noisy_energy_falls_to_its_minimum() {
        let mut circuit = Circuit::new(3);
        circuit.ry(0.9, 0).ry(0.7, 1).ry(0.9, 2).cx(0, 1).cx(1, 2).ry(0.3, 1).ry(0.2, 2);
        let clean = refit(&chain(), &drifted(1e-4), &circuit, 1).expect("fits");
        let old = clean.circuit.bind(&clean.angles).expect("as many");
        let noisy = refit(&chain(), &drifted(0.15), &old, 1).expect("fits");
        assert!(noisy.reference.noisy < noisy.given_reference.noisy - 1e-4, "{noisy:?}");
        assert!(noisy.reference.noiseless > noisy.given_reference.noiseless, "angles are chosen for the noise");
        // by the circuit with the channels in it
        let model = match &drifted(0.15).simulator {
            SimulatorChoice::PauliVector(choice) => choice.noise(3).expect("a model"),
            SimulatorChoice::StateVector(_) => panic!("noise was asked for"),
        };
        let bound = noisy.circuit.bind(&noisy.angles).expect("as many");
        let with = model.apply(&bound).expect("fits");
        let mut energy = qloom_sim::NoisyEnergy::new(&with, chain().hamiltonian()).expect("small");
        assert!((energy.value(&[]).expect("no angles") - noisy.reference.noisy).abs() < 1e-10);
        // every angle is where the noisy energy is least along it
        for angle in 0..noisy.angles.len() {
            for by in [-0.02, 0.02] {
                let mut moved = noisy.angles.clone();
                moved[angle] += by;
                let with = model.apply(&noisy.circuit.bind(&moved).expect("as many")).expect("fits");
                let mut energy = qloom_sim::NoisyEnergy::new(&with, chain().hamiltonian()).expect("small");
                assert!(energy.value(&[]).expect("no angles") > noisy.reference.noisy, "angle {angle}");
            }
        }
    }

    #[test]
    fn what_cannot_be_fitted_is_refused() {
        let refused = |circuit: &Circuit, what: &str| {
            let error = refit(&chain(), &SearchConfig::default(), circuit, 1).expect_err("refused").to_string();
            assert!(error.contains(what), "{error}");
        };
        refused(&Circuit::new(2), "3 qubits");
        let mut free = Circuit::new(3);
        free.ry(Angle::free(0), 0);
        refused(&free, "free parameters");
        let mut measured = Circuit::new(3);
        measured.ry(0.1, 0).measure_all();
        refused(&measured, "only gates");
    }
}
