//! The reference: density matrices by record of classical bits, one dense product after the other; and what is drawn at random.

use std::collections::BTreeMap;

use num_complex::Complex64;
use proptest::prelude::*;
use qloom_circuits::{Angle, Channel, Circuit, Condition, Conditional, Gate, Matrix, Operation, PauliString, PauliSum};

/// Unnormalised density matrices, one for each record of the classical bits.
pub type Branches = BTreeMap<Vec<bool>, Matrix>;

/// `|0...0><0...0|`, nothing recorded.
pub fn start(circuit: &Circuit) -> Branches {
    let mut zero = Matrix::zero(circuit.num_qubits());
    zero[(0, 0)] = Complex64::ONE;
    BTreeMap::from([(vec![false; circuit.num_bits()], zero)])
}

pub fn run(circuit: &Circuit, parameters: &[f64]) -> Branches {
    let bound = circuit.bind(parameters).expect("as many values as parameters");
    follow(bound.operations(), circuit.num_qubits(), start(circuit))
}

/// The sum over all records.
pub fn density(circuit: &Circuit, parameters: &[f64]) -> Matrix {
    run(circuit, parameters).into_values().reduce(|a, b| a.plus(&b)).expect("one record at least")
}

pub fn trace(matrix: &Matrix) -> f64 {
    (0..matrix.dimension()).map(|k| matrix[(k, k)].re).sum()
}

fn sandwich(operators: &[Matrix], rho: &Matrix) -> Matrix {
    let parts = operators.iter().map(|k| k.times(rho).times(&k.adjoint()));
    parts.reduce(|a, b| a.plus(&b)).expect("operators")
}

fn projector(qubit: usize, outcome: bool, n: usize) -> Matrix {
    let mut matrix = Matrix::zero(n);
    for index in (0..1 << n).filter(|index| (index >> qubit & 1 == 1) == outcome) {
        matrix[(index, index)] = Complex64::ONE;
    }
    matrix
}

fn follow(operations: &[Operation], n: usize, mut branches: Branches) -> Branches {
    for operation in operations {
        branches = step(operation, n, branches);
    }
    branches
}

fn step(operation: &Operation, n: usize, branches: Branches) -> Branches {
    let mut next = Branches::new();
    let mut put = |record: Vec<bool>, rho: Matrix| {
        let sum = next.remove(&record).map_or(rho.clone(), |old| old.plus(&rho));
        next.insert(record, sum);
    };
    for (record, rho) in branches {
        match operation {
            Operation::Channel { channel, qubits } => {
                let operators: Vec<Matrix> = channel.kraus().iter().map(|k| k.embedded(qubits, n)).collect();
                put(record, sandwich(&operators, &rho));
            }
            Operation::Measure { qubit, bit } => {
                for outcome in [false, true] {
                    let mut seen = record.clone();
                    seen[*bit] = outcome;
                    put(seen, sandwich(&[projector(*qubit, outcome, n)], &rho));
                }
            }
            Operation::Reset { qubit } => {
                let mut flip = Circuit::new(n);
                flip.x(*qubit);
                let flip = flip.unitary(&[]).expect("a gate").times(&projector(*qubit, true, n));
                put(record, sandwich(&[projector(*qubit, false, n), flip], &rho));
            }
            Operation::Conditional(block) => {
                let Condition { bits, value } = &block.condition;
                let holds = bits.iter().enumerate().all(|(k, &bit)| record[bit] == (value >> k & 1 == 1));
                let list = if holds { &block.then } else { &block.otherwise };
                for (record, rho) in follow(list, n, BTreeMap::from([(record, rho)])) {
                    put(record, rho);
                }
            }
            Operation::Barrier { .. } | Operation::Delay { .. } => put(record, rho),
            gate => {
                let mut alone = Circuit::new(n);
                alone.push(gate.clone()).expect("it fits");
                put(record, sandwich(&[alone.unitary(&[]).expect("a gate")], &rho));
            }
        }
    }
    next
}

/// `Tr(H rho)`.
pub fn value(observable: &PauliSum, rho: &Matrix) -> f64 {
    trace(&observable.matrix().times(rho))
}

/// A row of the table on distinct qubits out of `n`, angles fixed or, if there are parameters, free.
pub fn gate(n: usize, parameters: usize) -> impl Strategy<Value = Operation> {
    let fitting: Vec<Gate> = Gate::all().filter(|gate| gate.num_qubits() <= n).collect();
    let angle = (-3.0..3.0f64, 0..=parameters, -1.5..1.5f64).prop_map(|(value, index, scale)| match index.checked_sub(1) {
        None => Angle::Fixed(value),
        Some(index) => Angle::free(index).scaled(scale).shifted(value),
    });
    (prop::sample::select(fitting), Just((0..n).collect::<Vec<usize>>()).prop_shuffle(), prop::collection::vec(angle, 4))
        .prop_map(|(gate, qubits, angles)| Operation::gate(gate, &angles[..gate.num_parameters()], &qubits[..gate.num_qubits()]))
}

/// Channels of several kinds on one or two of `n` qubits.
pub fn channel(n: usize) -> impl Strategy<Value = Operation> {
    (0..n, 1..n.max(2), 0.0..0.5f64, 0..6).prop_map(move |(qubit, step, p, kind)| {
        let one = [qubit].into_iter().collect();
        let (channel, qubits) = match kind {
            0 => (Channel::depolarizing(p, 1), one),
            1 => (Channel::amplitude_damping(p), one),
            2 => (Channel::pauli([p / 3.0, p / 5.0, p / 2.0]), one),
            3 => (Channel::thermal_relaxation(100.0, 130.0, 40.0 * p, 0.1), one),
            4 if n > 1 => (Channel::depolarizing(p, 2), [qubit, (qubit + step) % n].into_iter().collect()),
            _ if n > 1 => (Channel::zz_crosstalk(p), [(qubit + step) % n, qubit].into_iter().collect()),
            _ => (Channel::phase_damping(p), one),
        };
        Operation::Channel { channel: channel.expect("physical"), qubits }
    })
}

/// Operations that measure, reset and decide, beside gates.
fn any_operation(n: usize, bits: usize, noisy: bool) -> impl Strategy<Value = Operation> {
    let block = (prop::collection::vec(gate(n, 0), 1..3), prop::collection::vec(gate(n, 0), 0..2), 0..bits, any::<bool>())
        .prop_map(|(then, otherwise, bit, value)| {
            let condition = Condition { bits: vec![bit], value: u64::from(value) };
            Operation::Conditional(Box::new(Conditional { condition, then, otherwise }))
        });
    prop_oneof![
        8 => gate(n, 0),
        if noisy { 3 } else { 0 } => channel(n),
        2 => (0..n, 0..bits).prop_map(|(qubit, bit)| Operation::Measure { qubit, bit }),
        1 => (0..n).prop_map(|qubit| Operation::Reset { qubit }),
        2 => block,
    ]
}

/// A circuit of such operations.
pub fn program(n: usize, bits: usize, length: usize, noisy: bool) -> impl Strategy<Value = Circuit> {
    prop::collection::vec(any_operation(n, bits, noisy), 1..length).prop_map(move |operations| {
        let mut circuit = Circuit::new(n);
        circuit.add_bits("c", bits);
        push_all(&mut circuit, operations);
        circuit
    })
}

/// Gates with free angles, and channels if it is to be noisy.
pub fn parametrised(n: usize, length: usize, parameters: usize, noisy: bool) -> impl Strategy<Value = Circuit> {
    let operation = prop_oneof![3 => gate(n, parameters), if noisy { 1 } else { 0 } => channel(n)];
    prop::collection::vec(operation, 1..length).prop_map(move |operations| {
        let mut circuit = Circuit::new(n);
        circuit.reserve_parameters(parameters);
        (0..n).for_each(|qubit| {
            circuit.ry(0.4 + qubit as f64, qubit);
        });
        push_all(&mut circuit, operations);
        circuit
    })
}

fn push_all(circuit: &mut Circuit, operations: Vec<Operation>) {
    for operation in operations {
        circuit.push(operation).expect("drawn within the circuit");
    }
}

/// A sum of Pauli strings on `n` qubits.
pub fn observable(n: usize) -> impl Strategy<Value = PauliSum> {
    prop::collection::vec((0u64..1 << n, 0u64..1 << n, -1.0..1.0f64), 1..8).prop_map(move |terms| {
        PauliSum::new(n, terms.into_iter().map(|(x, z, c)| (PauliString::from_masks(x, z), c))).expect("it fits")
    })
}
