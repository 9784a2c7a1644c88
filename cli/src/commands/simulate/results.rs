//! What a simulation gives, and how it is printed.

use std::collections::{BTreeMap, BinaryHeap};

use qloom::sim::{Counts, Explanation};
use serde::Serialize;

use super::Task;
use crate::failure::Failure;
use crate::output;

/// Probabilities shown.
const LARGEST: usize = 32;

/// What a simulation gives.
#[derive(Default)]
pub struct Results {
    pub probabilities: Vec<(usize, f64)>,
    pub expectation_z: Vec<f64>,
    pub expectation: Option<f64>,
    pub counts: Option<Counts>,
    pub seconds: Vec<f64>,
    pub plan_seconds: f64,
    /// Where there is a plan.
    pub explanation: Option<Explanation>,
    /// Of a density operator.
    pub purity: Option<f64>,
    /// Of trajectories.
    pub errors: Option<StandardErrors>,
}

/// Standard errors of the figures of the same names.
pub struct StandardErrors {
    pub probabilities: Vec<f64>,
    pub expectation_z: Vec<f64>,
    pub expectation: Option<f64>,
    pub purity: Option<f64>,
    /// Shots, and how many different states they needed.
    pub shots: u64,
    pub distinct: u64,
}

impl Results {
    /// The largest probabilities, largest first; equal ones by index.
    pub fn largest(outcomes: impl Iterator<Item = (usize, f64)>) -> Vec<(usize, f64)> {
        // the smallest kept stands on top of the heap; positive numbers are in the order of their bits
        let mut heap: BinaryHeap<(std::cmp::Reverse<u64>, usize)> = BinaryHeap::with_capacity(LARGEST + 1);
        for (index, probability) in outcomes.filter(|(_, probability)| *probability > 0.0) {
            let smallest = heap.peek().map_or(0, |(key, _)| key.0);
            if heap.len() < LARGEST || probability.to_bits() > smallest {
                heap.push((std::cmp::Reverse(probability.to_bits()), index));
                if heap.len() > LARGEST {
                    heap.pop();
                }
            }
        }
        let mut list: Vec<(usize, f64)> = heap.into_iter().map(|(key, index)| (index, f64::from_bits(key.0))).collect();
        list.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        list
    }
}

fn bitstring(index: usize, num_qubits: usize) -> String {
    (0..num_qubits).rev().map(|qubit| if index >> qubit & 1 == 1 { '1' } else { '0' }).collect()
}

/// Prints everything, as one JSON object or for people.
///
/// # Errors
/// Failed work when it cannot be written as JSON.
pub fn print(task: &Task<'_>, results: &Results) -> Result<(), Failure> {
    if task.arguments.json {
        return output::json_line(&SimulationReport::new(task, results));
    }
    table(task, results);
    Ok(())
}

/// The results as JSON has them; bitstrings have qubit 0 rightmost.
#[derive(Serialize)]
struct SimulationReport<'a> {
    num_qubits: usize,
    /// The qubits that are simulated, where idle ones are left out; the first stands rightmost.
    #[serde(skip_serializing_if = "Option::is_none")]
    qubits: Option<&'a [usize]>,
    probabilities: BTreeMap<String, f64>,
    expectation_z: &'a [f64],
    seconds: &'a [f64],
    plan_seconds: f64,
    simd: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    purity: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    passes: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<Vec<PassReport>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expectation: Option<f64>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    trajectories: Option<TrajectoryReport<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<BTreeMap<String, u64>>,
}

/// A pass over the state.
#[derive(Serialize)]
struct PassReport {
    operations: usize,
    rotations: usize,
    phase_layers: usize,
}

/// What trajectories add.
#[derive(Serialize)]
struct TrajectoryReport<'a> {
    shots: u64,
    distinct_trajectories: u64,
    standard_errors: ErrorsReport<'a>,
}

/// Standard errors of the values of the same names.
#[derive(Serialize)]
struct ErrorsReport<'a> {
    probabilities: BTreeMap<String, f64>,
    expectation_z: &'a [f64],
    expectation: Option<f64>,
    purity: Option<f64>,
}

impl<'a> SimulationReport<'a> {
    fn new(task: &'a Task<'_>, results: &'a Results) -> Self {
        let n = task.circuit.num_qubits();
        let passes = results.explanation.as_ref().map(|explanation| &explanation.passes);
        let plan = passes.filter(|_| task.arguments.explain).map(|passes| {
            let report = passes.iter().map(|pass| PassReport {
                operations: pass.items,
                rotations: pass.rotations,
                phase_layers: pass.phase_layers,
            });
            report.collect()
        });
        let trajectories = results.errors.as_ref().map(|errors| {
            let indices = results.probabilities.iter().map(|(index, _)| bitstring(*index, n));
            TrajectoryReport {
                shots: errors.shots,
                distinct_trajectories: errors.distinct,
                standard_errors: ErrorsReport {
                    probabilities: indices.zip(errors.probabilities.iter().copied()).collect(),
                    expectation_z: &errors.expectation_z,
                    expectation: errors.expectation,
                    purity: errors.purity,
                },
            }
        });
        let counts = results.counts.as_ref();
        Self {
            num_qubits: n,
            qubits: left_out(task).then_some(&task.qubits),
            probabilities: results.probabilities.iter().map(|&(index, p)| (bitstring(index, n), p)).collect(),
            expectation_z: &results.expectation_z,
            seconds: &results.seconds,
            plan_seconds: results.plan_seconds,
            simd: task.config.instruction_set.name(),
            purity: results.purity,
            passes: passes.map(Vec::len),
            plan,
            expectation: results.expectation,
            trajectories,
            counts: counts.map(|all| all.iter().map(|(outcome, count)| (all.bitstring(outcome), count)).collect()),
        }
    }
}

/// Whether idle qubits are left out.
fn left_out(task: &Task<'_>) -> bool {
    task.qubits.last().is_some_and(|last| last + 1 != task.qubits.len())
}

fn table(task: &Task<'_>, results: &Results) {
    let n = task.circuit.num_qubits();
    if left_out(task) {
        let names: Vec<String> = task.qubits.iter().map(usize::to_string).collect();
        output::line(&format!("the qubits in use, the first rightmost: {}; all others are idle and stay 0", names.join(" ")));
    }
    output::line(&format!("{n} qubits, {} operations, {}", task.circuit.operations().len(), task.config.instruction_set.name()));
    if let Some(explanation) = results.explanation.as_ref().filter(|_| task.arguments.explain) {
        let passes = &explanation.passes;
        output::line(&format!("{} passes over the state, planned in {:.6} s:", passes.len(), results.plan_seconds));
        for (index, pass) in passes.iter().enumerate() {
            let (items, rotations, layers) = (pass.items, pass.rotations, pass.phase_layers);
            output::line(&format!(
                "  pass {index}  {items} operations, {rotations} of them rotations, {layers} layers of phases"
            ));
        }
    }
    let errors = results.errors.as_ref();
    if let Some(errors) = errors {
        output::line(&format!("{} trajectories, {} of them different", errors.shots, errors.distinct));
    }
    let within = |error: Option<f64>| error.map_or_else(String::new, |error| format!(" +- {error:.9}"));
    output::line(&format!("probabilities, the {LARGEST} largest, qubit 0 rightmost:"));
    for (position, &(index, probability)) in results.probabilities.iter().enumerate() {
        let error = errors.and_then(|errors| errors.probabilities.get(position)).copied();
        output::line(&format!("  {}  {probability:.9}{}", bitstring(index, n), within(error)));
    }
    output::line("expectation value of Z:");
    for (qubit, value) in results.expectation_z.iter().enumerate() {
        let error = errors.and_then(|errors| errors.expectation_z.get(qubit)).copied();
        output::line(&format!("  qubit {}  {value:+.9}{}", task.qubits[qubit], within(error)));
    }
    if let Some(expectation) = results.expectation {
        let error = within(errors.and_then(|errors| errors.expectation));
        output::line(&format!("expectation value of the observable: {expectation:+.12}{error}"));
    }
    if let Some(purity) = results.purity {
        output::line(&format!("purity: {purity:.12}{}", within(errors.and_then(|errors| errors.purity))));
    }
    if let Some(counts) = &results.counts {
        output::line(&format!("counts of {} shots, bit 0 rightmost:", counts.shots()));
        for (outcome, count) in counts.iter() {
            output::line(&format!("  {}  {count}", counts.bitstring(outcome)));
        }
    }
}
