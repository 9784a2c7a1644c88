//! `qloom diagnose circuit`: expressibility, entanglement and slopes of a trained circuit.

use clap::ValueEnum;
use qloom::circuits::library::Entanglement;
use qloom::circuits::{Gate, Stream};
use qloom::learn::{
    AnsatzSettings, CircuitDiagnosis, EffectiveDimension, FisherDiagnosis, VariationalSettings, diagnose_circuit,
    effective_dimension,
};
use serde::Serialize;

use crate::failure::{Failure, OrFailure};
use crate::labelled_fit;
use crate::map_arguments::MapArguments;
use crate::output::{self, Report};
use crate::progress::Progress;

/// Draw the angles of a circuit by its name at random: how much of the space it reaches, how entangled its states are, and how steep it is.
///
/// One row for each number of qubits. Expressibility is a divergence, 0 of states drawn from the whole space, over 75 bins of fidelities, so
/// that it says nothing from about 8 qubits on, where all are in the first; the entangling capability is Meyer
/// and Wallach's; the variance of the derivatives of Z on qubit 0, and of Z on all qubits, shows a barren plateau where it falls
/// exponentially.
///
/// With --data also the effective dimension of a classifier of two classes with this circuit behind the feature map (Abbas et al.), for as many
/// data: how many directions of its angles they tell apart. Its Fisher information is that of 100 rows drawn from [0, 1] and 100 draws of the
/// angles.
///
/// For example: qloom diagnose circuit --ansatz real-amplitudes --layers 3 --qubits 2,4,6,8
#[derive(clap::Args)]
pub struct Arguments {
    /// The circuit.
    #[arg(long, default_value = "strongly-entangling")]
    ansatz: Ansatz,
    /// Gates on every qubit of --ansatz two-local.
    #[arg(long, value_name = "GATES", value_delimiter = ',', default_value = "ry,rz", value_parser = gate)]
    rotations: Vec<Gate>,
    /// Gates on all pairs of --ansatz two-local.
    #[arg(long, value_name = "GATES", value_delimiter = ',', default_value = "cz", value_parser = gate)]
    entanglers: Vec<Gate>,
    /// Layers, or repetitions of a circuit that has a closing layer of rotations.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=1000))]
    layers: u16,
    /// Numbers of qubits.
    #[arg(long, value_delimiter = ',', default_value = "2,3,4,5,6", value_parser = clap::value_parser!(u16).range(1..=16))]
    qubits: Vec<u16>,
    /// Pairs of states, and gradients, that are drawn.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    samples: u32,
    /// Numbers of data that the effective dimension is asked for, such as 1000,100000.
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = clap::value_parser!(u64).range(100..=1_000_000_000_000))]
    data: Vec<u64>,
    #[command(flatten)]
    map: MapArguments,
    /// Fixes every random number.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

fn gate(name: &str) -> Result<Gate, String> {
    Gate::from_name(name).ok_or_else(|| format!("{name} is no gate; give names such as ry, rz, cx or rzz"))
}

#[derive(Clone, Copy, ValueEnum)]
enum Ansatz {
    StronglyEntangling,
    BasicEntangler,
    RealAmplitudes,
    EfficientSu2,
    TwoLocal,
}

impl Ansatz {
    fn settings(self, arguments: &Arguments) -> AnsatzSettings {
        let entanglement = Entanglement::ReverseLinear;
        match self {
            Ansatz::StronglyEntangling => AnsatzSettings::StronglyEntangling {},
            Ansatz::BasicEntangler => AnsatzSettings::BasicEntangler {},
            Ansatz::RealAmplitudes => AnsatzSettings::RealAmplitudes { entanglement },
            Ansatz::EfficientSu2 => AnsatzSettings::EfficientSu2 { entanglement },
            Ansatz::TwoLocal => AnsatzSettings::TwoLocal {
                rotations: arguments.rotations.clone(),
                entanglers: arguments.entanglers.clone(),
                entanglement: Entanglement::Full,
            },
        }
    }
}

/// What the command prints.
#[derive(Serialize)]
struct CircuitReport {
    samples: u32,
    layers: u16,
    circuits: Vec<CircuitDiagnosis>,
    /// Of classifiers with these circuits, where it was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fisher: Vec<FisherDiagnosis>,
}

impl Report for CircuitReport {
    fn text(&self) -> String {
        let mut lines = vec!["qubits  parameters  expressibility  entangling  gradient variance  of all qubits".to_owned()];
        lines.extend(self.circuits.iter().map(|found| {
            let CircuitDiagnosis { num_qubits, parameters, expressibility, entangling_capability, .. } = found;
            let (local, global) = (found.gradient_variance, found.global_gradient_variance);
            format!("{num_qubits:6}  {parameters:10}  {expressibility:14.4}  {entangling_capability:10.4}  {local:17.3e}  {global:.3e}")
        }));
        if !self.fisher.is_empty() {
            lines.push("parameters  rank share      data  effective dimension  share".to_owned());
        }
        for found in &self.fisher {
            lines.extend(found.dimensions.iter().map(|EffectiveDimension { data, dimension, share }| {
                format!("{:10}  {:10.4}  {data:8}  {dimension:19.4}  {share:.4}", found.parameters, found.rank_share)
            }));
        }
        lines.join("\n")
    }
}

/// Rows of features, and draws of angles, that a Fisher information is the mean of.
const FISHER: (usize, usize) = (100, 100);

/// The effective dimensions of a classifier with this circuit.
fn dimensions(arguments: &Arguments, ansatz: AnsatzSettings, qubits: usize) -> Result<FisherDiagnosis, Failure> {
    let mut stream = Stream::numbered(arguments.seed, "dimension", qubits as u64);
    let rows: Vec<f64> = (0..FISHER.0 * qubits).map(|_| stream.unit()).collect();
    let (map, layers) = (arguments.map.settings(), usize::from(arguments.layers));
    let settings = VariationalSettings { map, ansatz, layers, ..VariationalSettings::default() };
    let how = (labelled_fit::config(), &mut stream);
    effective_dimension(&settings, (&rows, 2), qubits, (&arguments.data, FISHER.1), how).or_input("--data")
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let (config, samples) = (labelled_fit::config(), arguments.samples as usize);
    let mut progress = Progress::new("circuits")?;
    let (mut circuits, mut fisher) = (Vec::new(), Vec::new());
    for (place, qubits) in arguments.qubits.iter().enumerate() {
        if progress.tick(place, arguments.qubits.len()).is_break() {
            return Err(Progress::stopped());
        }
        let ansatz = arguments.ansatz.settings(arguments);
        let circuit = ansatz.circuit(usize::from(*qubits), usize::from(arguments.layers)).or_input("--ansatz")?;
        let mut stream = Stream::numbered(arguments.seed, "diagnosis", u64::from(*qubits));
        circuits.push(diagnose_circuit(&circuit, samples, config, &mut stream).or_input("the circuit")?);
        if !arguments.data.is_empty() {
            fisher.push(dimensions(arguments, ansatz, usize::from(*qubits))?);
        }
    }
    progress.finish();
    output::report(arguments.json, &CircuitReport { samples: arguments.samples, layers: arguments.layers, circuits, fisher })
}
