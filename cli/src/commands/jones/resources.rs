//! `qloom jones resources`: what an estimate would take.

use qloom::knots::estimate::{Durations, Resources, resources};

use crate::failure::Failure;
use crate::knots::estimate::TargetArguments;
use crate::knots::failure;
use crate::knots::link::{self, LinkArguments};
use crate::output::{self, Report};

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
    /// Milliseconds a layer of two-qubit gates takes; 30 is an ion trap with transport.
    #[arg(long, default_value_t = 30.0)]
    layer_ms: f64,
    /// Milliseconds a shot takes besides: preparation and measurement.
    #[arg(long, default_value_t = 0.0)]
    shot_ms: f64,
    /// Error probability of a two-qubit gate, for the chance that a circuit runs without error.
    #[arg(long, default_value_t = 0.0)]
    two_qubit_error: f64,
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
    for (name, value) in [("--layer-ms", arguments.layer_ms), ("--shot-ms", arguments.shot_ms)] {
        if !(0.0..=MOST).contains(&value) {
            return Err(Failure::input(format!("{name} {value:?}: give a number from 0 to {MOST:e}")));
        }
    }
    if !(0.0..=1.0).contains(&arguments.two_qubit_error) {
        return Err(Failure::input("--two-qubit-error: a probability is from 0 to 1"));
    }
    let closure = arguments.link.closure();
    let braid = link::simplified(arguments.link.read_braid()?, arguments.simplify, closure, 0);
    let Arguments { layer_ms, shot_ms, two_qubit_error, .. } = *arguments;
    let machine = Durations { layer_ms, shot_ms, two_qubit_error };
    let resources = resources(&braid, closure, arguments.target.target(), arguments.error, machine).map_err(failure)?;
    output::report(arguments.json, &resources)
}

impl Report for Resources {
    fn text(&self) -> String {
        let Durations { layer_ms, shot_ms, two_qubit_error } = self.machine;
        let gates = format!("{:.1} on average, {} at most", self.two_qubit_gates, self.most_two_qubit_gates);
        let mut rows = vec![
            ("qubits", self.qubits.to_string()),
            ("crossings", format!("{} in {} runs", self.crossings, self.runs)),
            ("two-qubit gates", gates),
            ("two-qubit depth", self.two_qubit_depth.to_string()),
            ("shots", format!("{} for an error of {:?} on V (scale {:.3})", large(self.shots), self.error, self.scale)),
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
