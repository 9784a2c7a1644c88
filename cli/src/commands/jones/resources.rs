//! `qloom jones resources`: what an estimate would take.

use qloom::knots::estimate::{Durations, Resources, resources};

use crate::device_file;
use crate::failure::Failure;
use crate::knots::estimate::TargetArguments;
use crate::knots::failure;
use crate::knots::link::{self, LinkArguments};
use crate::output::{self, Report};
use crate::spread::Spread;

/// Show what estimating V(e^{2 pi i/5}) by circuits would take: qubits, gates, depth, shots and time.
///
/// Shots: each part of E has a standard error of at most sqrt(2/N), V one of phi^{n-1} times as much (phi^{n/2-1} for a plat
/// closure). Time: shots times (layers of two-qubit gates times --layer-ms, plus --shot-ms). Beside it the random-vector estimate.
///
/// For example: qloom jones resources "1 -2 3 -2 1" --error 0.1
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    link: LinkArguments,
    /// Wanted standard error of each part of V.
    #[arg(long, default_value_t = 0.1)]
    error: f64,
    /// Times and errors of a device, a machine's name or a file (.toml, .json, .csv), where the following do not say otherwise: medians over
    /// its two-qubit gates, and its read-out.
    #[arg(long, value_name = "NAME|FILE")]
    device: Option<String>,
    /// Milliseconds a layer of two-qubit gates takes; by default 30, an ion trap with transport.
    #[arg(long)]
    layer_ms: Option<f64>,
    /// Milliseconds a shot takes besides: preparation and measurement; by default 0.
    #[arg(long)]
    shot_ms: Option<f64>,
    /// Error probability of a two-qubit gate, for the chance that a circuit runs without error; by default 0.
    #[arg(long)]
    two_qubit_error: Option<f64>,
    /// Simplify the braid first.
    #[arg(long)]
    simplify: bool,
    #[command(flatten)]
    target: TargetArguments,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

/// The least error that can be asked for.
const LEAST_ERROR: f64 = 1e-100;

/// The largest error or duration.
const MOST: f64 = 1e100;

/// A large number without made-up digits.
fn large(value: f64) -> String {
    if value.abs() < 1e15 { format!("{value:.0}") } else { format!("{value:.3e}") }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    if !(LEAST_ERROR..=MOST).contains(&arguments.error) {
        return Err(Failure::input(format!("--error {:?}: give a number from {LEAST_ERROR:e} to {MOST:e}", arguments.error)));
    }
    let machine = arguments.machine()?;
    for (name, value) in [("--layer-ms", machine.layer_ms), ("--shot-ms", machine.shot_ms)] {
        if !(0.0..=MOST).contains(&value) {
            return Err(Failure::input(format!("{name} {value:?}: give a number from 0 to {MOST:e}")));
        }
    }
    if !(0.0..=1.0).contains(&machine.two_qubit_error) {
        return Err(Failure::input("--two-qubit-error: a probability is from 0 to 1"));
    }
    let closure = arguments.link.closure();
    let braid = link::simplified(arguments.link.read_braid()?, arguments.simplify, closure, 0);
    let resources = resources(&braid, closure, arguments.target.target(), arguments.error, machine).map_err(failure)?;
    output::report(arguments.json, &resources)
}

impl Arguments {
    /// Times and errors as they were given, as the device has them, or by default.
    fn machine(&self) -> Result<Durations, Failure> {
        let mut machine = Durations { layer_ms: 30.0, shot_ms: 0.0, two_qubit_error: 0.0 };
        if let Some(name) = &self.device {
            let device = device_file::read_argument(name)?;
            if !device.is_calibrated() {
                return Err(Failure::input(format!("--device {name}: it has no times and errors; give a calibration")));
            }
            let general = device.two_qubit;
            let placed = || device.gate.iter().filter(|gate| gate.qubits.len() == 2);
            let median = |values: Vec<f64>| Some(Spread::of(values.into_iter())?.median);
            let times = placed().filter_map(|gate| gate.time_ns).collect();
            let errors = placed().filter_map(|gate| gate.error).collect();
            let time = median(times).or(general.map(|general| general.time_ns)).unwrap_or_default();
            let error = median(errors).or(general.and_then(|general| general.error)).unwrap_or_default();
            let readout = device.qubit.as_ref().map_or(0.0, |qubit| qubit.readout_ns);
            machine = Durations { layer_ms: time * NS_IN_MS, shot_ms: readout * NS_IN_MS, two_qubit_error: error };
        }
        machine.layer_ms = self.layer_ms.unwrap_or(machine.layer_ms);
        machine.shot_ms = self.shot_ms.unwrap_or(machine.shot_ms);
        machine.two_qubit_error = self.two_qubit_error.unwrap_or(machine.two_qubit_error);
        Ok(machine)
    }
}

const NS_IN_MS: f64 = 1e-6;

impl Report for Resources {
    fn text(&self) -> String {
        let Durations { layer_ms, shot_ms, two_qubit_error } = self.machine;
        let gates = format!("{:.1} on average, {} at most", self.two_qubit_gates, self.most_two_qubit_gates);
        let mut rows = vec![
            ("qubits", self.qubits.to_string()),
            ("crossings", format!("{} in {} runs", self.crossings, self.runs)),
            ("two-qubit gates", gates),
            ("two-qubit depth", self.two_qubit_depth.to_string()),
            (
                "shots",
                format!(
                    "{} for an error of {:?} on V (scale {})",
                    large(self.shots),
                    self.error,
                    output::decimals(self.scale, 3)
                ),
            ),
            ("time", format!("{} s at {layer_ms:?} ms a layer and {shot_ms:?} ms a shot", large(self.seconds.ceil()))),
        ];
        if two_qubit_error > 0.0 {
            rows.push(("no two-qubit error", format!("{:.2} % of shots", 100.0 * self.chance_of_no_two_qubit_error)));
        }
        if let Some(cost) = &self.random_vector {
            let text = format!(
                "{} vectors of {} amplitudes, about {:.1e} operations",
                large(cost.vectors),
                large(cost.amplitudes),
                cost.operations
            );
            rows.push(("random vector", text));
        }
        output::pairs(&rows)
    }
}
