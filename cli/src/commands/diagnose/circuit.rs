//! `qloom diagnose circuit`: expressibility, entanglement and slopes of a trained circuit.

use clap::ValueEnum;
use qloom::circuits::Stream;
use qloom::circuits::library::Entanglement;
use qloom::learn::{AnsatzSettings, CircuitDiagnosis, diagnose_circuit};
use serde::Serialize;

use crate::failure::{Failure, OrFailure};
use crate::labelled_fit;
use crate::output::{self, Report};
use crate::progress::Progress;

/// Draw the angles of a circuit by its name at random: how much of the space it reaches, how entangled its states are, and how steep it is.
///
/// One row for each number of qubits. Expressibility is a divergence, 0 of states drawn from the whole space, over 75 bins of fidelities, so
/// that it says nothing from about 8 qubits on, where all are in the first; the entangling capability is Meyer
/// and Wallach's; the variance of the derivatives of Z on qubit 0, and of Z on all qubits, shows a barren plateau where it falls
/// exponentially.
///
/// For example: qloom diagnose circuit --ansatz real-amplitudes --layers 3 --qubits 2,4,6,8
#[derive(clap::Args)]
pub struct Arguments {
    /// The circuit.
    #[arg(long, default_value = "strongly-entangling")]
    ansatz: Ansatz,
    /// Layers, or repetitions of a circuit that has a closing layer of rotations.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=1000))]
    layers: u16,
    /// Numbers of qubits.
    #[arg(long, value_delimiter = ',', default_value = "2,3,4,5,6", value_parser = clap::value_parser!(u16).range(1..=16))]
    qubits: Vec<u16>,
    /// Pairs of states, and gradients, that are drawn.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    samples: u32,
    /// Fixes every random number.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Ansatz {
    StronglyEntangling,
    BasicEntangler,
    RealAmplitudes,
    EfficientSu2,
}

impl Ansatz {
    fn settings(self) -> AnsatzSettings {
        let entanglement = Entanglement::ReverseLinear;
        match self {
            Ansatz::StronglyEntangling => AnsatzSettings::StronglyEntangling {},
            Ansatz::BasicEntangler => AnsatzSettings::BasicEntangler {},
            Ansatz::RealAmplitudes => AnsatzSettings::RealAmplitudes { entanglement },
            Ansatz::EfficientSu2 => AnsatzSettings::EfficientSu2 { entanglement },
        }
    }
}

/// What the command prints.
#[derive(Serialize)]
struct CircuitReport {
    samples: u32,
    layers: u16,
    circuits: Vec<CircuitDiagnosis>,
}

impl Report for CircuitReport {
    fn text(&self) -> String {
        let mut lines = vec!["qubits  parameters  expressibility  entangling  gradient variance  of all qubits".to_owned()];
        lines.extend(self.circuits.iter().map(|found| {
            let CircuitDiagnosis { num_qubits, parameters, expressibility, entangling_capability, .. } = found;
            let (local, global) = (found.gradient_variance, found.global_gradient_variance);
            format!("{num_qubits:6}  {parameters:10}  {expressibility:14.4}  {entangling_capability:10.4}  {local:17.3e}  {global:.3e}")
        }));
        lines.join("\n")
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let (config, samples) = (labelled_fit::config(), arguments.samples as usize);
    let mut progress = Progress::new("circuits")?;
    let mut circuits = Vec::new();
    for (place, qubits) in arguments.qubits.iter().enumerate() {
        if progress.tick(place, arguments.qubits.len()).is_break() {
            return Err(Progress::stopped());
        }
        let circuit = arguments.ansatz.settings().circuit(usize::from(*qubits), usize::from(arguments.layers));
        let mut stream = Stream::numbered(arguments.seed, "diagnosis", u64::from(*qubits));
        circuits.push(diagnose_circuit(&circuit, samples, config, &mut stream).or_input("the circuit")?);
    }
    progress.finish();
    output::report(arguments.json, &CircuitReport { samples: arguments.samples, layers: arguments.layers, circuits })
}
