//! The control-free Hadamard test with echo verification.
//!
//! `(|00..0> + |1 s_2..s_n>)/sqrt 2`, the braid, the preparation undone, the reference phase put right, Hadamard on the first qubit: then
//! `P(0 0..0) - P(1 0..0)` is the real part of `<s|rho(W)|s>`, and with an inverse S gate after the first Hadamard its imaginary part.

use std::f64::consts::FRAC_PI_2;

use num_complex::Complex64;
use qloom_circuits::{Circuit, Condition, Conditional, Operation};

use super::builder::{Builder, hadamard, ry, rz};
use super::sigma::Compiled;
use super::{Layout, Target};
use crate::braid::Braid;
use crate::error::KnotError;
use crate::fibonacci::{PHI, PathString, SigmaPower};

/// Which part of the matrix element a circuit measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The real part.
    Real,
    /// The imaginary part.
    Imaginary,
}

/// The braid as runs (generator, power from 1 to 9): letters gathered over commuting ones, powers modulo 10.
pub fn sequence(braid: &Braid) -> Vec<(usize, i32)> {
    let gathered = crate::simplify::gathered(braid.letters());
    let mut runs: Vec<(usize, i32)> = Vec::new();
    for (generator, power) in crate::fibonacci::runs(&gathered) {
        match runs.last_mut() {
            // a run that vanished between two of one generator
            Some((last, sum)) if *last == generator => *sum += power,
            _ => runs.push((generator, power)),
        }
        if runs.last().is_some_and(|(_, power)| power.rem_euclid(10) == 0) {
            runs.pop();
        }
    }
    runs.iter_mut().for_each(|(_, power)| *power = power.rem_euclid(10));
    runs
}

/// The CX gates that make `|1 s_2..s_n>` of `|1 0..0>`, as (control, target) qubits.
fn preparation(string: &PathString, layout: Layout) -> Vec<(usize, usize)> {
    let bits = string.bits();
    match layout {
        Layout::AllToAll => (1..bits.len()).filter(|&i| bits[i]).map(|i| (0, i)).collect(),
        Layout::Line => {
            // ones along the line as far as the last one, then zeros from the right
            let last = bits.iter().rposition(|&bit| bit).unwrap_or(0);
            let forward = (1..=last).map(|i| (i - 1, i));
            forward.chain((1..=last).rev().filter(|&i| !bits[i]).map(|i| (i - 1, i))).collect()
        }
    }
}

fn check(braid: &Braid) -> Result<(), KnotError> {
    if braid.strands() == 0 {
        return Err(KnotError::Strands { strands: 0, reason: "a circuit needs at least one strand" });
    }
    Ok(())
}

/// Appends the braid; returns the phase of the reference.
fn append_braid(builder: &mut Builder, braid: &Braid, target: Target) -> f64 {
    let mut reference = 0.0;
    for (generator, power) in sequence(braid) {
        if generator == 1 {
            // bits 0, b_1, b_2: on both branches a diagonal gate on b_2 alone
            let gate = SigmaPower::new(power);
            builder.one(1, [[gate.vacuum, Complex64::ZERO], [Complex64::ZERO, gate.unequal]]);
            reference += gate.vacuum.arg();
        } else {
            let compiled = Compiled::new(power, target.native);
            compiled.append(builder, generator - 1, power > 5);
            reference += compiled.reference;
        }
    }
    reference
}

/// Hadamard on the first qubit, with an inverse S behind it for the imaginary part.
fn open(builder: &mut Builder, part: Part) {
    builder.one(0, hadamard());
    if part == Part::Imaginary {
        builder.one(0, rz(-FRAC_PI_2));
    }
}

/// The reference phase put right, the last Hadamard, and all qubits measured.
fn close(mut builder: Builder, reference: f64) -> Circuit {
    builder.one(0, rz(reference));
    builder.one(0, hadamard());
    let mut circuit = builder.finish();
    for qubit in 0..circuit.num_qubits() {
        circuit.measure(qubit, qubit);
    }
    circuit
}

/// The circuit that measures one part of `<s|rho(W)|s>`; qubit `i - 1` goes to bit `i - 1` of the register `c`.
///
/// Every two-qubit gate is the target's; with [`Layout::Line`] all are on neighbours. Runs of the first generator cost none.
///
/// # Errors
/// For no strand, or a string of another length.
///
/// ```
/// use qloom_knots::circuit::{Part, Target, hadamard_test};
/// use qloom_knots::fibonacci::PathString;
/// let trefoil = "1 1 1".parse().unwrap();
/// let string = PathString::new(vec![true, false]).unwrap();
/// let circuit = hadamard_test(&trefoil, &string, Part::Real, Target::default()).unwrap();
/// assert_eq!((circuit.num_qubits(), circuit.metrics().two_qubit_gates), (2, 0));
/// ```
pub fn hadamard_test(braid: &Braid, string: &PathString, part: Part, target: Target) -> Result<Circuit, KnotError> {
    check(braid)?;
    let n = braid.strands();
    if string.bits().len() != n {
        return Err(KnotError::Strands { strands: n, reason: "the string belongs to another number of strands" });
    }
    let mut circuit = Circuit::new(n);
    circuit.add_bits("c", n);
    let mut builder = Builder::new(circuit, target.native);
    open(&mut builder, part);
    let gates = preparation(string, target.layout);
    gates.iter().for_each(|&(control, target)| builder.cx(control, target));
    let reference = append_braid(&mut builder, braid, target);
    gates.iter().rev().for_each(|&(control, target)| builder.cx(control, target));
    Ok(close(builder, reference))
}

/// The same measurement with the string drawn in the circuit: one circuit for all shots, with classical control.
///
/// Bit `s_i` of the string is in a register of its own, named `s2`, `s3`, ..., behind the register `c` of outcomes. It is drawn by
/// measuring a rotated qubit, from the last bit to the second: a bit before a zero is one, a bit `i` before a one is one with
/// probability `F_i/F_{i+1}`, the last one with `phi F_n / (phi F_n + F_{n-1})`.
///
/// # Errors
/// For no strand, or more than 32 (a record of shots has 64 bits).
pub fn hadamard_test_with_control(braid: &Braid, part: Part, target: Target) -> Result<Circuit, KnotError> {
    check(braid)?;
    let n = braid.strands();
    if n > 32 {
        return Err(KnotError::Strands {
            strands: n,
            reason: "with classical control at most 32 are possible; write one circuit a string",
        });
    }
    let mut circuit = Circuit::new(n);
    circuit.add_bits("c", n);
    let bits: Vec<usize> = (2..=n).map(|i| circuit.add_bits(format!("s{i}"), 1)).collect();
    let bit = |i: usize| bits[i - 2];
    let mut builder = Builder::new(circuit, target.native);
    let mut fibonacci = vec![0.0, 1.0];
    for i in 2..=n + 1 {
        fibonacci.push(fibonacci[i - 1] + fibonacci[i - 2]);
    }
    let if_bit = |builder: &mut Builder, i: usize, value: u64, then: Vec<Operation>, otherwise: Vec<Operation>| {
        let condition = Condition { bits: vec![bit(i)], value };
        let block = Operation::Conditional(Box::new(Conditional { condition, then, otherwise }));
        builder.circuit.push(block).expect("the bit and the qubits are the circuit's");
    };
    for i in (2..=n).rev() {
        let (one, zero) = (fibonacci[i] * if i == n { PHI } else { 1.0 }, fibonacci[i - 1]);
        let turn = 2.0 * (one / (one + zero)).sqrt().asin();
        if i == n {
            builder.one(i - 1, ry(turn));
            builder.flush(i - 1);
        } else {
            let then = builder.block(|inner| inner.one(i - 1, ry(turn)));
            let otherwise = builder.block(|inner| inner.one(i - 1, ry(std::f64::consts::PI)));
            if_bit(&mut builder, i + 1, 1, then, otherwise);
        }
        builder.circuit.measure(i - 1, bit(i));
        builder.circuit.reset(i - 1);
    }
    open(&mut builder, part);
    let conditioned = |builder: &mut Builder, i: usize, value: u64, control: usize| {
        let then = builder.block(|inner| inner.cx(control, i - 1));
        if_bit(builder, i, value, then, Vec::new());
    };
    match target.layout {
        Layout::AllToAll => (2..=n).for_each(|i| conditioned(&mut builder, i, 1, 0)),
        Layout::Line => {
            (1..n).for_each(|i| builder.cx(i - 1, i));
            (2..=n).rev().for_each(|i| conditioned(&mut builder, i, 0, i - 2));
        }
    }
    let reference = append_braid(&mut builder, braid, target);
    match target.layout {
        Layout::AllToAll => (2..=n).rev().for_each(|i| conditioned(&mut builder, i, 1, 0)),
        Layout::Line => {
            (2..=n).for_each(|i| conditioned(&mut builder, i, 0, i - 2));
            (1..n).rev().for_each(|i| builder.cx(i - 1, i));
        }
    }
    Ok(close(builder, reference))
}

/// What an outcome says: the sign of the first qubit, whether the echo came back (all other qubits 0), and whether the path string
/// that it stands for is legal; an illegal one proves an error.
///
/// Bit `i - 1` of the outcome is qubit `i - 1`. The preparation is linear over bits, so the path string is `s` plus the image of the
/// outcome's other qubits under the preparation with the first qubit 0.
pub fn decode(outcome: u64, string: &PathString, layout: Layout) -> (f64, bool, bool) {
    let n = string.bits().len();
    let sign = if outcome & 1 == 0 { 1.0 } else { -1.0 };
    let rest = outcome & !1 & (u64::MAX >> (64 - n.clamp(1, 64)));
    let image = preparation(string, layout).iter().fold(rest, |bits, (control, target)| bits ^ (bits >> control & 1) << target);
    let path = |i: usize| i == 0 || string.bits()[i] ^ (image >> i & 1 == 1);
    let legal = (1..n).all(|i| path(i) || path(i - 1));
    (sign, rest == 0, legal)
}

/// What one circuit costs.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct CircuitCost {
    /// Number of qubits, one a strand.
    pub qubits: usize,
    /// Maximal runs of one generator after gathering, those of the first generator among them.
    pub runs: usize,
    /// Two-qubit gates of the braid alone.
    pub braid_two_qubit_gates: usize,
    /// Two-qubit gates of a whole circuit on average over strings, preparation and its inverse included.
    pub two_qubit_gates: f64,
    /// The most two-qubit gates of a whole circuit: the string with the longest preparation.
    pub most_two_qubit_gates: usize,
    /// Layers of two-qubit gates of the circuit for the string of ones.
    pub two_qubit_depth: usize,
}

/// The cost of the circuits of a braid.
///
/// # Errors
/// For no strand.
pub fn circuit_cost(braid: &Braid, target: Target) -> Result<CircuitCost, KnotError> {
    let n = braid.strands();
    let ones = PathString::new(vec![true; n.max(1)]).expect("ones are legal");
    let whole = hadamard_test(braid, &ones, Part::Real, target)?;
    let runs = sequence(braid);
    let count = whole.metrics().two_qubit_gates;
    let braid_gates = count - 2 * preparation(&ones, target.layout).len();
    // mean lengths over the distribution of strings, bit by bit from the last
    let (mut probability_one, mut ones_mean, mut trailing) = (vec![0.0; n + 1], 0.0, 0.0);
    let mut fibonacci = vec![0.0, 1.0];
    for i in 2..=n + 1 {
        fibonacci.push(fibonacci[i - 1] + fibonacci[i - 2]);
    }
    for i in (2..=n).rev() {
        let (one, zero) = (fibonacci[i] * if i == n { PHI } else { 1.0 }, fibonacci[i - 1]);
        let after_one = one / (one + zero);
        let next = if i == n { 1.0 } else { probability_one[i + 1] };
        probability_one[i] = if i == n { after_one } else { next * after_one + (1.0 - next) };
        ones_mean += probability_one[i];
        if i == n {
            trailing = 1.0 - after_one;
        }
    }
    let mean = match target.layout {
        Layout::AllToAll => ones_mean,
        // one gate a qubit, one more for each zero; a zero at the end spares both
        Layout::Line => (n - 1) as f64 + ((n - 1) as f64 - ones_mean) - 2.0 * trailing,
    };
    let most = match target.layout {
        Layout::AllToAll => n - 1,
        Layout::Line => {
            let longest: Vec<bool> = (0..n).map(|i| (n - 1 - i).is_multiple_of(2) || i == 0).collect();
            PathString::new(longest).map_or(n - 1, |string| preparation(&string, target.layout).len())
        }
    };
    let mut busy = vec![0usize; n];
    for operation in whole.operations() {
        let qubits = operation.qubits();
        if qubits.len() == 2 {
            let layer = qubits.iter().map(|&qubit| busy[qubit]).max().unwrap_or(0) + 1;
            qubits.iter().for_each(|&qubit| busy[qubit] = layer);
        }
    }
    Ok(CircuitCost {
        qubits: n,
        runs: runs.len(),
        braid_two_qubit_gates: braid_gates,
        two_qubit_gates: braid_gates as f64 + 2.0 * mean,
        most_two_qubit_gates: braid_gates + 2 * most,
        two_qubit_depth: busy.into_iter().max().unwrap_or(0),
    })
}
