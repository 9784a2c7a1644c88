//! Small unitaries over a finite set of gates.

use std::f64::consts::TAU;
use std::hash::{Hash, Hasher};

use num_complex::Complex64;
use qloom_circuits::{Angle, Circuit, Gate, Matrix, Operation, Stream};

use super::space::{self, Space, UnitaryConfig};
use crate::QasError;

/// Side of the cells that entries are told apart by.
const CELL: f64 = 1e-6;
/// Where cells begin, in cells: away from 0, 1/2 and 1, so that rounding does not split what is equal.
const OFFSET: f64 = 0.37;

/// Unitary matrices on 1 to 4 qubits up to a global phase, taken apart from the right by gates.
///
/// An action is one gate on given qubits by one of finitely many angles. Features of `n` qubits: real and imaginary parts of the `4^n` entries.
#[derive(Debug, Clone)]
pub struct UnitarySpace {
    qubits: usize,
    gates: Vec<Native>,
}

/// A gate on given qubits.
#[derive(Debug, Clone)]
struct Native {
    operations: Vec<Operation>,
    /// The inverse on the whole register.
    back: Matrix,
    cost: f32,
    qubits: u64,
}

/// What is left of a matrix, its phase such that its largest entry is positive; equal where the entries lie in the same cells.
#[derive(Debug, Clone)]
pub struct Rest {
    matrix: Matrix,
    cells: Vec<[i32; 2]>,
}

impl Rest {
    fn new(matrix: Matrix) -> Self {
        let entries = matrix.entries();
        let largest = entries.iter().map(|entry| entry.norm()).fold(0.0, f64::max);
        // the first of those that are as large, whatever their rounding
        let first = entries.iter().find(|entry| entry.norm() > largest - CELL).copied().unwrap_or(Complex64::ONE);
        let matrix = matrix.scaled(first.conj() / first.norm());
        let cell = |part: f64| (part / CELL + OFFSET).floor() as i32;
        let cells = matrix.entries().iter().map(|entry| [cell(entry.re), cell(entry.im)]).collect();
        Self { matrix, cells }
    }
}

impl PartialEq for Rest {
    fn eq(&self, other: &Self) -> bool {
        self.cells == other.cells
    }
}

impl Eq for Rest {}

impl Hash for Rest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.cells.hash(state);
    }
}

impl UnitarySpace {
    /// The space of these settings.
    ///
    /// # Errors
    /// [`QasError::InvalidSetting`] for numbers out of range, [`QasError::UnknownGate`], [`QasError::UnsuitableGate`] and
    /// [`QasError::InvalidCoupling`].
    pub fn new(config: &UnitaryConfig) -> Result<Self, QasError> {
        space::qubits("synthesis.space.unitary.qubits", config.qubits, (1, 4))?;
        space::qubits("synthesis.space.unitary.turn", config.turn, (2, 64))?;
        for (setting, cost) in [
            ("synthesis.space.unitary.two_qubit_cost", config.two_qubit_cost),
            ("synthesis.space.unitary.one_qubit_cost", config.one_qubit_cost),
        ] {
            if !(cost > 0.0 && cost <= 1000.0) {
                return Err(QasError::invalid(setting, cost, "it has to be positive and at most 1000"));
            }
        }
        let pairs = space::pairs(&config.coupling, config.qubits)?;
        let mut space = Self { qubits: config.qubits, gates: Vec::new() };
        for name in &config.gates {
            let gate = Gate::from_name(name).ok_or_else(|| QasError::UnknownGate { name: name.clone() })?;
            let (on, angles) = (gate.num_qubits(), gate.num_parameters());
            if !(1..=2).contains(&on) || angles > 1 {
                return Err(QasError::UnsuitableGate { name: gate.name(), qubits: on, parameters: angles });
            }
            let places: Vec<Vec<usize>> = match on {
                1 => (0..config.qubits).map(|qubit| vec![qubit]).collect(),
                _ => pairs.iter().flat_map(|&[a, b]| [vec![a, b], vec![b, a]]).collect(),
            };
            let cost = if on == 1 { config.one_qubit_cost } else { config.two_qubit_cost };
            for qubits in places {
                let turns = if angles == 0 { vec![None] } else { (1..config.turn).map(Some).collect() };
                for turn in turns {
                    let angle: Vec<Angle> = turn.iter().map(|&k| Angle::Fixed(signed(k, config.turn))).collect();
                    space.add(vec![Operation::gate(gate, &angle, &qubits)], cost)?;
                    space.add(gate.inverse(&angle, &qubits), cost)?;
                }
            }
        }
        if space.gates.is_empty() {
            return Err(QasError::invalid(
                "synthesis.space.unitary.gates",
                format!("{:?}", config.gates),
                "no action is left; name gates that fit the qubits",
            ));
        }
        Ok(space)
    }

    /// Adds a gate unless it, or one that does the same, is there.
    fn add(&mut self, operations: Vec<Operation>, cost: f32) -> Result<(), QasError> {
        let mut circuit = Circuit::new(self.qubits);
        for operation in &operations {
            circuit.push(operation.clone())?;
        }
        let back = circuit.unitary(&[])?.adjoint();
        let rest = Rest::new(back.clone());
        let known = |gate: &Native| Rest::new(gate.back.clone()) == rest;
        if rest != self.goal() && !self.gates.iter().any(known) {
            let qubits =
                operations.iter().flat_map(|operation| operation.qubits().to_vec()).fold(0, |mask, qubit| mask | 1 << qubit);
            self.gates.push(Native { operations, back, cost, qubits });
        }
        Ok(())
    }
}

/// A part of a full turn, in (-pi, pi].
fn signed(part: usize, turn: usize) -> f64 {
    let part = if 2 * part > turn { part as f64 - turn as f64 } else { part as f64 };
    TAU * part / turn as f64
}

impl Space for UnitarySpace {
    type State = Rest;

    fn goal(&self) -> Rest {
        Rest::new(Matrix::identity(self.qubits))
    }

    fn num_qubits(&self) -> usize {
        self.qubits
    }

    fn actions(&self) -> usize {
        self.gates.len()
    }

    fn cost(&self, action: usize) -> f32 {
        self.gates[action].cost
    }

    fn qubits(&self, action: usize) -> u64 {
        self.gates[action].qubits
    }

    fn apply(&self, state: &Rest, action: usize) -> Rest {
        Rest::new(state.matrix.times(&self.gates[action].back))
    }

    fn bytes(&self) -> usize {
        (size_of::<Complex64>() + size_of::<[i32; 2]>()) << (2 * self.qubits)
    }

    fn width(&self) -> usize {
        2 << (2 * self.qubits)
    }

    fn features(&self, state: &Rest, features: &mut Vec<f32>) {
        features.extend(state.matrix.entries().iter().flat_map(|entry| [entry.re as f32, entry.im as f32]));
    }

    fn state(&self, matrix: &Matrix) -> Result<Rest, QasError> {
        space::same_size(matrix, self.qubits)?;
        Ok(Rest::new(matrix.clone()))
    }

    fn circuit(&self, matrix: &Matrix, path: &[usize]) -> Result<Circuit, QasError> {
        let left = path.iter().fold(self.state(matrix)?, |left, &action| self.apply(&left, action));
        if left != self.goal() {
            return Err(QasError::invalid("path", format!("{} actions", path.len()), "it has to end where nothing is left"));
        }
        let mut circuit = Circuit::new(self.qubits);
        // the gate taken off first acts first
        for operation in path.iter().flat_map(|&action| &self.gates[action].operations) {
            circuit.push(operation.clone())?;
        }
        Ok(circuit)
    }

    fn draw(&self, gates: usize, stream: &mut Stream) -> Circuit {
        let mut circuit = Circuit::new(self.qubits);
        for _ in 0..gates {
            for operation in &self.gates[stream.below(self.gates.len())].operations {
                circuit.push(operation.clone()).expect("actions are on the register");
            }
        }
        circuit
    }
}
