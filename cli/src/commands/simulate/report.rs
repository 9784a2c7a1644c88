//! Results as JSON and as text.

use std::collections::BTreeMap;

use num_complex::Complex64;
use qloom::circuits::{Circuit, Matrix};
use qloom::sim::{Counts, Record};
use serde::Serialize;

use super::Task;
use super::results::{Bounds, Results};
use super::wanted::{Many, Part, entropy};
use crate::distribution::Distribution;
use crate::failure::Failure;
use crate::output;

/// A number to nine places, of which zero has no sign of its own.
fn shown(value: f64) -> f64 {
    if value.abs() < 0.5e-9 { 0.0 } else { value }
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
        return output::json_line(&SimulationReport::new(task, results)?);
    }
    table(task, results)
}

/// The results as JSON has them; bitstrings have qubit 0 rightmost.
#[derive(Serialize)]
struct SimulationReport<'a> {
    num_qubits: usize,
    /// The qubits that are simulated, where idle ones are left out; the first stands rightmost.
    #[serde(skip_serializing_if = "Option::is_none")]
    qubits: Option<&'a [usize]>,
    state: &'static str,
    probabilities: BTreeMap<String, f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amplitudes: Option<BTreeMap<String, [f64; 2]>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    marginals: Vec<MarginalReport<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    density_matrices: Vec<DensityReport<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    entropies: Vec<EntropyReport<'a>>,
    expectation_z: &'a [f64],
    seconds: &'a [f64],
    plan_seconds: f64,
    simd: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    purity: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tile_qubits: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    passes: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<Vec<PassReport>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expectation: Option<f64>,
    /// By how much values may be wrong at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    bounds: Option<&'a Bounds>,
    /// Where several ranks hold the state.
    #[serde(skip_serializing_if = "Option::is_none")]
    distribution: Option<&'a Distribution>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    trajectories: Option<TrajectoryReport<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<BTreeMap<String, u64>>,
    /// Which register's bit each character of a count is, the rightmost first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    bits: Vec<BitReport<'a>>,
}

/// Probabilities of some qubits, the first rightmost.
#[derive(Serialize)]
struct MarginalReport<'a> {
    qubits: &'a [usize],
    probabilities: BTreeMap<String, f64>,
}

/// The density matrix of some qubits, row by row, the first the least significant bit of an index.
#[derive(Serialize)]
struct DensityReport<'a> {
    qubits: &'a [usize],
    real: Vec<Vec<f64>>,
    imaginary: Vec<Vec<f64>>,
}

/// The entropy of some qubits.
#[derive(Serialize)]
struct EntropyReport<'a> {
    qubits: &'a [usize],
    bits: f64,
}

/// A classical bit.
#[derive(Serialize)]
struct BitReport<'a> {
    register: &'a str,
    index: usize,
}

/// The classical bits in order, empty where qubits are counted.
fn bits<'a>(circuit: &'a Circuit, counts: &Counts) -> Vec<BitReport<'a>> {
    if counts.num_bits() != circuit.num_bits() {
        return Vec::new();
    }
    let registers = circuit.bit_registers().iter();
    registers.flat_map(|register| (0..register.size).map(|index| BitReport { register: &register.name, index })).collect()
}

/// An outcome with blanks between the registers, the first rightmost.
fn grouped(outcome: &Record, counts: &Counts, circuit: &Circuit) -> String {
    let text = counts.bitstring(outcome);
    if counts.num_bits() != circuit.num_bits() {
        return text;
    }
    let mut rest = &text[..];
    let mut words = Vec::new();
    for register in circuit.bit_registers().iter().filter(|register| register.size > 0) {
        let (left, word) = rest.split_at(rest.len() - register.size);
        words.push(word);
        rest = left;
    }
    words.reverse();
    words.join(" ")
}

fn rows(matrix: &Matrix, entry: impl Fn(Complex64) -> f64) -> Vec<Vec<f64>> {
    matrix.entries().chunks(matrix.dimension()).map(|row| row.iter().map(|&value| entry(value)).collect()).collect()
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
    fn new(task: &'a Task<'_>, results: &'a Results) -> Result<Self, Failure> {
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
        let (mut marginals, mut density_matrices, mut entropies) = (Vec::new(), Vec::new(), Vec::new());
        for part in &results.parts {
            match part {
                Part::Marginal(qubits, list) => {
                    let list = list.iter().enumerate().map(|(index, &p)| (bitstring(index, qubits.len()), p));
                    marginals.push(MarginalReport { qubits, probabilities: list.collect() });
                }
                Part::Density(qubits, matrix) => {
                    let (real, imaginary) = (rows(matrix, |value| value.re), rows(matrix, |value| value.im));
                    density_matrices.push(DensityReport { qubits, real, imaginary });
                }
                Part::Entropy(qubits, matrix) => entropies.push(EntropyReport { qubits, bits: entropy(matrix)? }),
            }
        }
        let amplitudes = results.amplitudes.as_ref();
        Ok(Self {
            num_qubits: n,
            qubits: left_out(task).then_some(&task.qubits),
            state: results.state,
            amplitudes: amplitudes.map(|all| all.iter().map(|&(index, a)| (bitstring(index, n), [a.re, a.im])).collect()),
            marginals,
            density_matrices,
            entropies,
            probabilities: results.probabilities.iter().map(|&(index, p)| (bitstring(index, n), p)).collect(),
            expectation_z: &results.expectation_z,
            seconds: &results.seconds,
            plan_seconds: results.plan_seconds,
            simd: task.config.instruction_set.name(),
            purity: results.purity,
            tile_qubits: results.explanation.as_ref().and_then(|explanation| explanation.tile),
            passes: passes.map(Vec::len),
            plan,
            expectation: results.expectation,
            bounds: results.bounds.as_ref(),
            distribution: results.distribution.as_ref(),
            trajectories,
            counts: counts.map(|all| all.iter().map(|(outcome, count)| (all.bitstring(outcome), count)).collect()),
            bits: counts.map(|counts| bits(task.circuit, counts)).unwrap_or_default(),
        })
    }
}

/// Whether idle qubits are left out.
fn left_out(task: &Task<'_>) -> bool {
    task.qubits.last().is_some_and(|last| last + 1 != task.qubits.len())
}

fn table(task: &Task<'_>, results: &Results) -> Result<(), Failure> {
    let n = task.circuit.num_qubits();
    if left_out(task) {
        let names: Vec<String> = task.qubits.iter().map(usize::to_string).collect();
        output::line(&format!("the qubits in use, the first rightmost: {}; all others are idle and stay 0", names.join(" ")));
    }
    output::line(&format!("{n} qubits, {} operations, {}", task.circuit.operations().len(), task.config.instruction_set.name()));
    if let Some(explanation) = results.explanation.as_ref().filter(|_| task.arguments.explain) {
        let passes = &explanation.passes;
        let tile = explanation.tile.map_or_else(String::new, |tile| format!(" in tiles of {tile} qubits"));
        output::line(&format!("{} passes over the state{tile}, planned in {:.6} s:", passes.len(), results.plan_seconds));
        for (index, pass) in passes.iter().enumerate() {
            let (items, rotations, layers) = (pass.items, pass.rotations, pass.phase_layers);
            output::line(&format!(
                "  pass {index}  {items} operations, {rotations} of them rotations, {layers} layers of phases"
            ));
        }
    }
    if let Some(distribution) = results.distribution.as_ref().filter(|_| task.arguments.explain) {
        distribution.lines().iter().for_each(|(name, text)| output::line(&format!("  {name}: {text}")));
    }
    let errors = results.errors.as_ref();
    if let Some(errors) = errors {
        output::line(&format!("{} trajectories, {} of them different", errors.shots, errors.distinct));
    }
    let within = |error: Option<f64>| error.map_or_else(String::new, |error| format!(" +- {error:.9}"));
    let bounds = results.bounds.as_ref();
    if let Some(found) = bounds {
        if let (Some(strings), Some(dropped)) = (found.strings, found.dropped) {
            output::line(&format!("at most {strings} Pauli strings at a time, {dropped} dropped"));
        }
        if let (Some(bond), Some(state)) = (found.widest_bond, found.state) {
            output::line(&format!("bonds up to {bond}; the state is wrong by at most {state:.2e} in norm"));
        }
    }
    let at_most = |bound: Option<f64>| match bound {
        Some(bound) if bound > 0.0 => format!(" (wrong by at most {bound:.2e})"),
        Some(_) | None => String::new(),
    };
    let many = match task.arguments.wanted.probabilities {
        Many(usize::MAX) => "all that are not 0".to_owned(),
        Many(count) => format!("the {count} largest"),
    };
    if !results.probabilities.is_empty() {
        output::line(&format!("probabilities, {many}, qubit 0 rightmost:"));
    }
    for (position, &(index, probability)) in results.probabilities.iter().enumerate() {
        let error = errors.and_then(|errors| errors.probabilities.get(position)).copied();
        output::line(&format!("  {}  {probability:.9}{}", bitstring(index, n), within(error)));
    }
    if let Some(amplitudes) = &results.amplitudes {
        output::line("amplitudes, the largest, qubit 0 rightmost:");
        for &(index, amplitude) in amplitudes {
            output::line(&format!("  {}  {:+.9} {:+.9}i", bitstring(index, n), shown(amplitude.re), shown(amplitude.im)));
        }
    }
    for part in &results.parts {
        text_part(part)?;
    }
    output::line("expectation value of Z:");
    for (qubit, value) in results.expectation_z.iter().enumerate() {
        let error = errors.and_then(|errors| errors.expectation_z.get(qubit)).copied();
        let bound = at_most(bounds.map(|found| found.expectation_z[qubit]));
        output::line(&format!("  qubit {}  {:+.9}{}{bound}", task.qubits[qubit], shown(*value), within(error)));
    }
    if let Some(expectation) = results.expectation {
        let error = within(errors.and_then(|errors| errors.expectation));
        let bound = at_most(bounds.and_then(|found| found.expectation));
        output::line(&format!("expectation value of the observable: {expectation:+.12}{error}{bound}"));
    }
    if let Some(purity) = results.purity {
        output::line(&format!("purity: {purity:.12}{}", within(errors.and_then(|errors| errors.purity))));
    }
    if let Some(counts) = &results.counts {
        output::line(&format!("counts of {} shots, bit 0 rightmost:", counts.shots()));
        for (outcome, count) in counts.iter() {
            output::line(&format!("  {}  {count}", grouped(outcome, counts, task.circuit)));
        }
    }
    Ok(())
}

fn text_part(part: &Part) -> Result<(), Failure> {
    let list = |qubits: &[usize]| qubits.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    match part {
        Part::Marginal(qubits, probabilities) => {
            output::line(&format!("probabilities of the qubits {}, the first rightmost:", list(qubits)));
            for (index, p) in probabilities.iter().enumerate() {
                output::line(&format!("  {}  {p:.9}", bitstring(index, qubits.len())));
            }
        }
        Part::Density(qubits, matrix) => {
            output::line(&format!("density matrix of the qubits {}, the first the least significant:", list(qubits)));
            for row in matrix.entries().chunks(matrix.dimension()) {
                let row: Vec<String> =
                    row.iter().map(|value| format!("{:+.9}{:+.9}i", shown(value.re), shown(value.im))).collect();
                output::line(&format!("  {}", row.join("  ")));
            }
        }
        Part::Entropy(qubits, matrix) => {
            output::line(&format!("entropy of the qubits {}: {:.12} bits", list(qubits), entropy(matrix)?));
        }
    }
    Ok(())
}
