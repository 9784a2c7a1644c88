//! `qloom gradient`: an expectation value and its derivative with respect to every angle of a file.

use std::path::PathBuf;
use std::time::Instant;

use qloom::circuits::{Angle, Circuit, Operation};
use qloom::estimate::{Readout, hessian};
use qloom::sim::{DistributedState, Energy, NoisyEnergy, Observable, Program, SimError, before_last_measurements, metric_tensor};

use crate::circuit_file::Binding;
use crate::engine::Engine;
use crate::failure::{Failure, OrFailure};
use crate::noise::Noise;
use crate::output::{self, Report};
use crate::{circuit_file, hamiltonian_file, ranks};

/// Differentiate an expectation value with respect to the parameters of a circuit.
///
/// Where the file has parameters (input float alpha), --bind gives each the value at which the derivative is taken, and a parameter in
/// several gates has one derivative. Otherwise every angle of every gate is a parameter, in the order of the file. The adjoint method gives all derivatives at
/// about four times the cost of the value. Under noise (--device or --noise) the state is a Pauli vector, differentiated through all
/// channels backwards; the value then includes read-out errors.
///
/// For example: qloom gradient ansatz.qasm --observable data/molecules/H2_0.7414_4q_jw.json
///
/// For example: qloom gradient ansatz.qasm --observable h2.json --hessian --metric --json
///
/// For example: qloom gradient qaoa.qasm --bind gamma=0.4,beta=pi/8 --observable cost.json
#[derive(clap::Args)]
pub struct Arguments {
    /// The OpenQASM file; - is standard input.
    file: PathBuf,
    #[command(flatten)]
    binding: Binding,
    /// The observable, a Hamiltonian's JSON file.
    #[arg(long, value_name = "FILE")]
    observable: PathBuf,
    /// Also give the second derivatives, row by row, without noise.
    #[arg(long)]
    hessian: bool,
    /// Also give the metric of the states, row by row, without noise: a fourth of the quantum Fisher information. The natural gradient
    /// solves metric * x = gradient.
    #[arg(long)]
    metric: bool,
    /// Evaluate N times; "seconds" of the JSON object has the time of each.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    repeat: u64,
    #[command(flatten)]
    noise: Noise,
    #[command(flatten)]
    pub engine: Engine,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Up to so many qubits every rank holds the whole state.
const SMALL: usize = 18;

/// Fills in the derivatives and gives the value.
type Evaluate<'a> = Box<dyn FnMut(&mut [f64]) -> Result<f64, SimError> + 'a>;

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let config = arguments.engine.config()?;
    ranks::same_input(&[&arguments.file, &arguments.observable], &config)?;
    let circuit = before_last_measurements(&circuit_file::read(&arguments.file)?);
    let name = arguments.file.display();
    let observable = hamiltonian_file::read(&arguments.observable)?.hamiltonian;
    if observable.num_qubits() != circuit.num_qubits() {
        let (of, on) = (observable.num_qubits(), circuit.num_qubits());
        return Err(Failure::input(format!("the observable is on {of} qubits, the circuit on {on}; they must agree")));
    }
    let values = arguments.binding.values()?;
    let names = circuit_file::parameter_names(&circuit);
    let (free, parameters) = if names.is_empty() && values.is_empty() {
        with_free_angles(&circuit).or_input(name)?
    } else {
        let known = circuit.bind_named(&values).or_input("--bind")?;
        if known.num_parameters() > 0 {
            let missing = circuit_file::parameter_names(&known).join(", ");
            return Err(Failure::input(format!("{name} has parameters without a value: {missing}; add --bind name=value")));
        }
        let at = names.iter().map(|name| values[name]).collect();
        (only_gates(&circuit).or_input(name)?, at)
    };
    let place = "cannot differentiate";
    let mut gradient = vec![0.0; parameters.len()];
    let at = &parameters[..];
    let mut evaluate: Evaluate<'_> = if arguments.noise.given() {
        let model = arguments.noise.model(&free)?;
        let noisy = model.apply(&free).or_input(place)?;
        let read = Readout::new(&model.readout).and_then(|readout| readout.observable(&observable)).or_work(place)?;
        let mut energy = NoisyEnergy::with_config(&noisy, &read, config).or_work(place)?;
        Box::new(move |gradient| energy.value_and_gradient(at, gradient))
    } else if let Some(fabric) = ranks::fabric().filter(|_| free.num_qubits() > SMALL) {
        if arguments.hessian || arguments.metric {
            return Err(Failure::input("--hessian and --metric are worked out by one rank alone"));
        }
        let program = Program::new(&free).or_work(place)?;
        let mut state = DistributedState::<f64>::zero(free.num_qubits(), config, fabric).or_input(place)?;
        let compiled = Observable::new(&observable);
        Box::new(move |gradient| state.value_and_gradient(&program, &compiled, at, gradient))
    } else {
        let mut energy = Energy::with_config(&free, &observable, config).or_work(place)?;
        Box::new(move |gradient| energy.value_and_gradient(at, gradient))
    };
    let mut expectation = 0.0;
    let mut seconds = Vec::new();
    for _ in 0..arguments.repeat {
        let start = Instant::now();
        expectation = evaluate(&mut gradient).or_work(place)?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    drop(evaluate);
    if arguments.noise.given() && (arguments.hessian || arguments.metric) {
        return Err(Failure::input("--hessian and --metric are of pure states; leave the noise out"));
    }
    let rows = |list: Vec<f64>| list.chunks(parameters.len().max(1)).map(<[f64]>::to_vec).collect::<Vec<_>>();
    let hessian = arguments.hessian.then(|| hessian(&free, &observable, &parameters, config)).transpose().or_work(place)?;
    let metric = arguments.metric.then(|| metric_tensor(&free, &parameters, config)).transpose().or_work(place)?;
    let report = GradientReport {
        num_qubits: circuit.num_qubits(),
        num_parameters: parameters.len(),
        parameters: names,
        expectation,
        gradient,
        hessian: hessian.map(rows),
        metric: metric.map(rows),
        seconds,
        simd: config.instruction_set.name(),
        angles: parameters,
    };
    output::report(arguments.json, &report)
}

/// A value with its derivatives.
#[derive(serde::Serialize)]
struct GradientReport {
    num_qubits: usize,
    num_parameters: usize,
    /// Names in the order of the derivatives; none where every angle is a parameter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<String>,
    expectation: f64,
    gradient: Vec<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hessian: Option<Vec<Vec<f64>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metric: Option<Vec<Vec<f64>>>,
    seconds: Vec<f64>,
    simd: &'static str,
    #[serde(skip)]
    angles: Vec<f64>,
}

impl Report for GradientReport {
    fn text(&self) -> String {
        let mut lines = vec![format!("expectation value {:+.12}", self.expectation)];
        lines.extend(self.angles.iter().zip(&self.gradient).enumerate().map(|(index, (angle, slope))| {
            let name = self.parameters.get(index).cloned().unwrap_or_else(|| format!("angle {index}"));
            format!("{name}  {angle:+.9}  derivative {slope:+.12}")
        }));
        for (name, rows) in [("second derivatives", &self.hessian), ("metric", &self.metric)] {
            let Some(rows) = rows else { continue };
            lines.push(format!("{name}:"));
            lines.extend(rows.iter().map(|row| row.iter().map(|value| format!("{value:+.9}")).collect::<Vec<_>>().join("  ")));
        }
        lines.join("\n")
    }
}

/// The circuit, if all of it has a derivative.
fn only_gates(circuit: &Circuit) -> anyhow::Result<Circuit> {
    for operation in circuit.operations() {
        match operation {
            Operation::Gate { .. }
            | Operation::PauliRotation { .. }
            | Operation::Unitary { .. }
            | Operation::GlobalPhase(_)
            | Operation::Barrier { .. }
            | Operation::Delay { .. } => {}
            Operation::Measure { .. } | Operation::Reset { .. } | Operation::Conditional(_) | Operation::Channel { .. } => {
                anyhow::bail!("it measures, resets or decides on the way; only a circuit of gates has a derivative here");
            }
        }
    }
    Ok(circuit.clone())
}

/// The circuit with a free parameter in place of every number that is an angle of a gate, and those numbers.
fn with_free_angles(circuit: &Circuit) -> anyhow::Result<(Circuit, Vec<f64>)> {
    let mut parameters = Vec::new();
    let mut free = only_gates(circuit)?.without_operations();
    for operation in circuit.operations() {
        // a global phase has no derivative in any value
        let freed = match operation {
            Operation::GlobalPhase(_) => operation.clone(),
            _ => operation.map_angles(&mut |angle| {
                parameters.push(angle.value(&[]));
                Angle::free(parameters.len() - 1)
            }),
        };
        free.push(freed)?;
    }
    Ok((free, parameters))
}
