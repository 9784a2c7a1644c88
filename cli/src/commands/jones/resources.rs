//! `qloom jones resources`: what an estimate would take.

use qloom::knots::Closure;
use qloom::knots::circuit::circuit_cost;
use qloom::knots::fibonacci::Space;
use serde_json::json;

use super::estimate::{self, TargetArguments};
use super::link::LinkArguments;
use crate::failure::{Failure, OrFailure};
use crate::output;

/// Tell what estimating V(e^{2 pi i/5}) by circuits would take: qubits, gates, depth, shots and time.
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
    /// Milliseconds a shot takes besides: preparation and read-out.
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

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let positive = |name: &str, value: f64, least: f64| {
        if value.is_finite() && value >= least {
            Ok(())
        } else {
            Err(Failure::input(format!("{name} {value}: give a number from {least}")))
        }
    };
    positive("--error", arguments.error, f64::MIN_POSITIVE)?;
    positive("--layer-ms", arguments.layer_ms, 0.0)?;
    positive("--shot-ms", arguments.shot_ms, 0.0)?;
    if !(0.0..=1.0).contains(&arguments.two_qubit_error) {
        return Err(Failure::input("--two-qubit-error: a probability is from 0 to 1"));
    }
    let closure = arguments.link.closure();
    let braid = estimate::simplified(arguments.link.read_braid()?, arguments.simplify, closure, 0);
    let cost = circuit_cost(&braid, arguments.target.target()).or_input("circuit")?;
    let scale = estimate::factor(&braid, closure)?.norm();
    let shots = 2.0 * (scale / arguments.error).powi(2);
    let seconds = shots * (cost.two_qubit_depth as f64 * arguments.layer_ms + arguments.shot_ms) / 1000.0;
    let clean = (1.0 - arguments.two_qubit_error).powf(cost.two_qubit_gates);
    let dimension = Space::new(braid.strands()).ok().map(|space| space.dimension() as f64);
    // one random vector has a standard error of about 1/sqrt(F_{n+1}) on E
    let vectors = dimension.map(|dimension| (scale * scale / dimension / arguments.error.powi(2)).ceil().max(1.0));
    let passes = qloom::knots::circuit::sequence(&braid).len() as f64;
    let value = json!({
        "qubits": cost.qubits,
        "crossings": braid.len(),
        "runs": cost.runs,
        "two_qubit_gates": cost.two_qubit_gates,
        "most_two_qubit_gates": cost.most_two_qubit_gates,
        "braid_two_qubit_gates": cost.braid_two_qubit_gates,
        "two_qubit_depth": cost.two_qubit_depth,
        "scale": scale,
        "error": arguments.error,
        "shots": shots.ceil(),
        "seconds": seconds,
        "machine": { "layer_ms": arguments.layer_ms, "shot_ms": arguments.shot_ms, "two_qubit_error": arguments.two_qubit_error },
        "chance_of_no_two_qubit_error": clean,
        "random_vector": match (closure, dimension, vectors) {
            (Closure::Trace, Some(dimension), Some(vectors)) => json!({
                "amplitudes": dimension, "bytes": 32.0 * dimension, "vectors": vectors, "operations": 10.0 * dimension * passes * vectors,
            }),
            (Closure::Trace | Closure::Plat, _, _) => serde_json::Value::Null,
        },
    });
    if arguments.json {
        output::json_line(&value);
        return Ok(());
    }
    let mut rows = vec![
        ("qubits", cost.qubits.to_string()),
        ("crossings", format!("{} in {} runs", braid.len(), cost.runs)),
        ("two-qubit gates", format!("{:.1} on average, {} at most", cost.two_qubit_gates, cost.most_two_qubit_gates)),
        ("two-qubit depth", cost.two_qubit_depth.to_string()),
        ("shots", format!("{:.0} for an error of {} on V (scale {scale:.3})", shots.ceil(), arguments.error)),
        ("time", format!("{seconds:.1} s at {} ms a layer and {} ms a shot", arguments.layer_ms, arguments.shot_ms)),
    ];
    if arguments.two_qubit_error > 0.0 {
        rows.push(("no two-qubit error", format!("{:.2} % of shots", 100.0 * clean)));
    }
    if let (Closure::Trace, Some(dimension), Some(vectors)) = (closure, dimension, vectors) {
        let work = 10.0 * dimension * passes * vectors;
        rows.push(("random vector", format!("{vectors:.0} vectors of {dimension:.0} amplitudes, about {work:.1e} operations")));
    }
    output::line(&output::pairs(&rows));
    Ok(())
}
