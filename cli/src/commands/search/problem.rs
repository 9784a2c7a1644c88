//! The problem of a search, from the files that its settings name.

mod pool;

use std::path::{Path, PathBuf};

use num_complex::Complex64;
use qloom::circuits::{Circuit, HamiltonianFile, qasm};
use qloom::qas::{DiagonalConfig, HamiltonianConfig, Problem, ProblemConfig, StateConfig, UnitaryConfig};
use qloom::sim::{Program, SimulatorConfig, StateVector, low_states};

use crate::failure::{Failure, OrFailure};
use crate::hamiltonian_file::{self, KRYLOV_QUBITS};
use crate::{circuit_file, files};

/// A problem, and what a folder needs for it to be read again.
pub struct Given {
    pub problem: Problem,
    /// The settings, with the names that the copies have in a folder.
    pub config: ProblemConfig,
    /// Names and texts of the copies.
    pub copies: Vec<(String, String)>,
}

/// The largest unitary; its matrix is made before the problem is.
const UNITARY_QUBITS: usize = 7;
/// The copy of the Hamiltonian, and that of the circuit to be made again.
const HAMILTONIAN: &str = "hamiltonian.json";
const TARGET: &str = "target.qasm";
/// The copy of the operators.
const POOL: &str = "pool.json";

/// Reads a problem; `find` tells where a file of this name lies.
///
/// # Errors
/// Bad input with the place of the mistake.
pub fn read(config: &ProblemConfig, find: impl Fn(&str) -> Result<PathBuf, Failure>) -> Result<Given, Failure> {
    match config {
        ProblemConfig::Hamiltonian(config) => hamiltonian(config, &find),
        ProblemConfig::State(StateConfig { file, name }) => {
            let (circuit, stem) = gates(&find(file)?)?;
            let (amplitudes, name) = (made(&circuit, file)?, name.clone().unwrap_or(stem));
            Ok(Given {
                problem: Problem::state(name.clone(), &amplitudes).or_input(format!("{file} cannot be made"))?,
                config: ProblemConfig::State(StateConfig { file: TARGET.to_owned(), name: Some(name) }),
                copies: vec![copy(TARGET, &circuit, file)?],
            })
        }
        ProblemConfig::Diagonal(DiagonalConfig { file, qubits, name }) => {
            let (circuit, stem) = gates(&find(file)?)?;
            let (amplitudes, name) = (made(&circuit, file)?, name.clone().unwrap_or(stem));
            Ok(Given {
                problem: Problem::diagonal(name.clone(), &amplitudes, qubits)
                    .or_input(format!("{file} cannot be diagonalised"))?,
                config: ProblemConfig::Diagonal(DiagonalConfig {
                    file: TARGET.to_owned(),
                    qubits: qubits.clone(),
                    name: Some(name),
                }),
                copies: vec![copy(TARGET, &circuit, file)?],
            })
        }
        ProblemConfig::Unitary(UnitaryConfig { file, name }) => {
            let (circuit, stem) = gates(&find(file)?)?;
            let (place, name) = (format!("{file} is no unitary that can be made"), name.clone().unwrap_or(stem));
            if circuit.num_qubits() > UNITARY_QUBITS {
                let count = circuit.num_qubits();
                return Err(Failure::input(format!("{place}: it has {count} qubits, and at most {UNITARY_QUBITS} are possible")));
            }
            let unitary = circuit.unitary(&[]).or_input(place.clone())?;
            Ok(Given {
                problem: Problem::unitary(name.clone(), &unitary).or_input(place)?,
                config: ProblemConfig::Unitary(UnitaryConfig { file: TARGET.to_owned(), name: Some(name) }),
                copies: vec![copy(TARGET, &circuit, file)?],
            })
        }
    }
}

fn hamiltonian(config: &HamiltonianConfig, find: &impl Fn(&str) -> Result<PathBuf, Failure>) -> Result<Given, Failure> {
    let path = find(&config.file)?;
    let text = files::read_text(&path)?;
    let file = hamiltonian_file::parse(&text, &path)?;
    let mut copies = vec![(HAMILTONIAN.to_owned(), text)];
    let (mut states, mut avoid) = (Vec::new(), Vec::new());
    for (number, name) in config.avoid.iter().enumerate() {
        let (circuit, _) = gates(&find(name)?)?;
        states.push(made(&circuit, name)?);
        let copied = format!("avoid-{}.qasm", number + 1);
        copies.push(copy(&copied, &circuit, name)?);
        avoid.push(copied);
    }
    let place = "the Hamiltonian cannot be searched";
    let name = file.name.clone().unwrap_or_else(|| "hamiltonian".to_owned());
    let mut problem = Problem::new(name, file.hamiltonian.clone()).or_input(place)?;
    if let Some(energy) = energy(&file, config)? {
        problem = problem.with_exact_energy(energy).or_input(place)?;
    }
    if let Some(energy) = file.hartree_fock_energy.filter(|_| states.is_empty()) {
        problem = problem.with_hartree_fock_energy(energy).or_input(place)?;
    }
    if let Some(bits) = file.hartree_fock_bits.clone() {
        problem = problem.with_reference(bits).or_input(place)?;
    }
    if let Some(name) = &config.pool {
        let path = find(name)?;
        let text = files::read_text(&path)?;
        problem = problem.with_pool(pool::parse(&text, &path)?).or_input(format!("{name} does not fit the Hamiltonian"))?;
        copies.push((POOL.to_owned(), text));
    }
    let problem = problem.with_unit(&config.unit).avoiding(&states, config.lift).or_input(place)?;
    let pool = config.pool.as_ref().map(|_| POOL.to_owned());
    let copied = HamiltonianConfig { file: HAMILTONIAN.to_owned(), avoid, pool, ..config.clone() };
    Ok(Given { problem, config: ProblemConfig::Hamiltonian(copied), copies })
}

/// The energy of the state that is sought, where it can be known.
fn energy(file: &HamiltonianFile, config: &HamiltonianConfig) -> Result<Option<f64>, Failure> {
    let below = config.avoid.len();
    if below == 0 {
        return hamiltonian_file::ground_energy(file);
    }
    if file.hamiltonian.num_qubits() > KRYLOV_QUBITS {
        return Ok(None);
    }
    let states = low_states(&file.hamiltonian, below + 1, None).or_work("cannot compute the lowest energies")?;
    let Some(sought) = states.get(below) else {
        let count = states.len();
        return Err(Failure::input(format!(
            "avoid has {below} circuits, and there are no more than {count} states: leave some out"
        )));
    };
    let gap = sought.energy - states[0].energy;
    if config.lift <= gap {
        let (lift, unit) = (config.lift, &config.unit);
        return Err(Failure::input(format!(
            "problem.hamiltonian.lift = {lift}: the state sought is {gap:.6} {unit} above the lowest, and lifted states have to be above it; \
             take more than {gap:.6}"
        )));
    }
    Ok(Some(sought.energy))
}

/// A circuit without free parameters, and the name of its file without the ending.
///
/// # Errors
/// Bad input with the place of the mistake.
pub fn gates(path: &Path) -> Result<(Circuit, String), Failure> {
    let circuit = circuit_file::read(path)?;
    if circuit.num_parameters() > 0 {
        let count = circuit.num_parameters();
        return Err(Failure::input(format!("{} has {count} free parameters; give them values first", path.display())));
    }
    let name = path.file_stem().map_or_else(|| "target".to_owned(), |stem| stem.to_string_lossy().into_owned());
    Ok((circuit, name))
}

/// The amplitudes that a circuit makes of `|0...0>`.
fn made(circuit: &Circuit, file: &str) -> Result<Vec<Complex64>, Failure> {
    let place = format!("{file} makes no state that can be used");
    let program = Program::once(circuit).or_input(place.clone())?;
    let mut state = StateVector::<f64>::zero(circuit.num_qubits(), SimulatorConfig::default()).or_input(place.clone())?;
    state.run(&program, &[]).or_input(place)?;
    Ok(state.amplitudes().collect())
}

/// The copy of a circuit for a folder.
///
/// # Errors
/// Bad input when OpenQASM cannot hold it.
pub fn copy(name: &str, circuit: &Circuit, file: &str) -> Result<(String, String), Failure> {
    let text = qasm::write(circuit, qasm::Version::V3, qasm::Dialect::Plain).or_input(format!("{file} cannot be copied"))?;
    Ok((name.to_owned(), text))
}
