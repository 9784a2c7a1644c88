//! User-defined gates.

use std::f64::consts::TAU;

use smallvec::SmallVec;

use super::call::Callee;
use super::{Lowered, Lowering, Symbol};
use crate::angle::Angle;
use crate::circuit::Circuit;
use crate::gate::Gate;
use crate::operation::{Angles, Operation};
use crate::program::{Arguments, controls_of};
use crate::qasm::error::{Finding, Span};
use crate::qasm::expression::{Evaluator, Value};
use crate::qasm::syntax::{Call, GateDefinition, StatementKind};
use crate::qasm::{Dialect, Version};

/// Gates may be built from gates so many levels deep.
const MAX_LEVELS: usize = 128;

/// A gate of the program, its names resolved.
pub(super) struct Definition<'a> {
    name: &'a str,
    names: Vec<&'a str>,
    /// Number of angles.
    pub parameters: usize,
    /// Number of qubits.
    pub qubits: usize,
    body: Vec<Step<'a>>,
    /// A bound on the operations after full expansion.
    size: usize,
    /// How many definitions deep it is.
    level: usize,
    /// The row of the table that does the same with its angles in turns.
    turned: Option<Gate>,
}

struct Step<'a> {
    /// `None` is a barrier.
    call: Option<(Callee, Call<'a>)>,
    qubits: SmallVec<[usize; 3]>,
}

impl<'a> Definition<'a> {
    /// Checks and resolves a definition.
    pub fn new(gate: &GateDefinition<'a>, lowering: &Lowering<'a>) -> Lowered<Self> {
        for list in [&gate.parameters, &gate.qubits] {
            for (position, name) in list.iter().enumerate() {
                if list[..position].iter().any(|other| other.text == name.text) {
                    return Err(Finding::new(name.span, format!("{} is named twice", name.text)));
                }
            }
        }
        let names: Vec<&'a str> = gate.parameters.iter().map(|name| name.text).collect();
        let mut definition = Self {
            name: gate.name.text,
            parameters: names.len(),
            names,
            qubits: gate.qubits.len(),
            body: Vec::with_capacity(gate.body.len()),
            size: 0,
            level: 0,
            turned: None,
        };
        let sample = vec![Angle::Fixed(0.5); definition.parameters];
        for statement in &gate.body {
            let (call, operands) = match &statement.kind {
                StatementKind::Call(call) => {
                    let callee = lowering.callee(call)?;
                    let lookup = |name: &'a str| definition.value_of(name, &sample, lowering);
                    let evaluator = lowering.evaluator(&lookup);
                    let modifiers = lowering.modifiers(call, &evaluator)?;
                    lowering.check_call(callee, call, controls_of(&modifiers))?;
                    for expr in &call.arguments {
                        // A value can be bad at one point only, a name is bad everywhere.
                        evaluator.angle(expr).map(|_| ()).or_else(|finding| {
                            if finding.message.contains("finite") || finding.message.contains("zero") {
                                Ok(())
                            } else {
                                Err(finding)
                            }
                        })?;
                    }
                    definition.grow(callee, lowering);
                    (Some((callee, call.clone())), call.operands.as_slice())
                }
                StatementKind::Barrier(operands) => (None, operands.as_slice()),
                StatementKind::For { .. } => {
                    return Err(Finding::beyond(statement.span, "a loop in the body of a gate").help("write out its rounds"));
                }
                StatementKind::Include(_)
                | StatementKind::Qubits { .. }
                | StatementKind::Bits { .. }
                | StatementKind::Gate(_)
                | StatementKind::Opaque(_)
                | StatementKind::Measure { .. }
                | StatementKind::Reset(_)
                | StatementKind::If { .. }
                | StatementKind::Declare { .. }
                | StatementKind::Assign { .. }
                | StatementKind::Alias { .. }
                | StatementKind::Delay { .. }
                | StatementKind::While { .. }
                | StatementKind::Switch { .. }
                | StatementKind::Break
                | StatementKind::Continue
                | StatementKind::End
                | StatementKind::Return(_)
                | StatementKind::Box { .. }
                | StatementKind::Subroutine(_)
                | StatementKind::Extern { .. }
                | StatementKind::Expression(_)
                | StatementKind::Calibration(_)
                | StatementKind::Note(_) => {
                    return Err(Finding::new(statement.span, "only gates and barriers can be in the body of a gate"));
                }
            };
            let mut qubits: SmallVec<[usize; 3]> = SmallVec::new();
            for operand in operands {
                if !operand.is_whole() {
                    return Err(Finding::new(operand.span, "the qubits of a gate have no elements"));
                }
                let Some(position) = gate.qubits.iter().position(|name| name.text == operand.name.text) else {
                    let message = format!("{} is no qubit of {}", operand.name.text, gate.name.text);
                    let known: Vec<&str> = gate.qubits.iter().map(|name| name.text).collect();
                    return Err(Finding::new(operand.span, message).help(format!("its qubits are {}", known.join(", "))));
                };
                if qubits.contains(&position) {
                    return Err(Finding::new(operand.span, "this qubit is named twice in one call"));
                }
                qubits.push(position);
            }
            definition.body.push(Step { call, qubits });
        }
        if definition.level > MAX_LEVELS {
            return Err(Finding::new(gate.name.span, format!("gates are nested more than {MAX_LEVELS} levels deep")));
        }
        Ok(definition)
    }

    fn grow(&mut self, callee: Callee, lowering: &Lowering<'a>) {
        let (size, level) = match callee {
            Callee::Symbol(Symbol::Defined(index)) => {
                let inner = &lowering.definitions[index];
                (inner.size.saturating_add(1), inner.level + 1)
            }
            Callee::Symbol(_) | Callee::Phase => (1, 0),
        };
        self.size = self.size.saturating_add(size);
        self.level = self.level.max(level);
    }

    fn value_of(&self, name: &'a str, angles: &[Angle], lowering: &Lowering<'a>) -> Option<Value> {
        match self.names.iter().position(|other| *other == name) {
            Some(position) => Some(Value::Real(angles[position])),
            None => lowering.value_of(name),
        }
    }

    /// The row of the table with this name that does the same, up to a global phase in version 2.
    pub fn row(&self, lowering: &Lowering<'a>) -> Option<Gate> {
        self.row_with(lowering, 1.0)
    }

    /// Takes note of the row that does the same where its angles are in turns, as services write some gates.
    pub fn look_for_turns(&mut self, lowering: &Lowering<'a>) {
        let row = Gate::from_name(self.name).filter(|gate| gate.is_in_turns(Dialect::IonQ));
        self.turned = row.and_then(|_| self.row_with(lowering, TAU));
    }

    /// The row of this name that does the same with its angles times a number.
    fn row_with(&self, lowering: &Lowering<'a>, unit: f64) -> Option<Gate> {
        let gate = Gate::from_name(self.name)?;
        if (gate.num_parameters(), gate.num_qubits()) != (self.parameters, self.qubits) || self.size > 1000 {
            return None;
        }
        let same = |point: &[f64]| {
            let mut circuit = Circuit::new(self.qubits);
            let angles: Vec<Angle> = point.iter().map(|&value| Angle::Fixed(value)).collect();
            let qubits: Vec<usize> = (0..self.qubits).collect();
            let mut operations = Vec::new();
            let on = Arguments { angles: &angles, qubits: &qubits };
            self.expand(lowering, &on, true, &mut operations, Span::default()).ok()?;
            for operation in operations {
                circuit.push(operation).ok()?;
            }
            let matrix = circuit.unitary(&[]).ok()?;
            let row = gate.matrix(&point.iter().map(|value| value * unit).collect::<Vec<f64>>());
            let overlap: num_complex::Complex64 = row.entries().iter().zip(matrix.entries()).map(|(a, b)| a * b.conj()).sum();
            let phase = match lowering.version {
                Version::V2 => overlap / overlap.norm(),
                Version::V3 => num_complex::Complex64::ONE,
            };
            Some(matrix.scaled(phase).distance(&row)).filter(|distance| *distance < 1e-12)
        };
        let points = [[0.37, -1.21, 0.83, 2.05], [-2.2, 0.51, 1.47, -0.94]];
        points.iter().all(|point| same(&point[..self.parameters]).is_some()).then_some(gate)
    }

    pub(super) fn expand(
        &self,
        lowering: &Lowering<'a>,
        on: &Arguments<'_>,
        exact: bool,
        list: &mut Vec<Operation>,
        span: Span,
    ) -> Lowered<()> {
        if self.size > lowering.limits.operations.saturating_sub(list.len()) {
            let message =
                format!("{} expands to {} operations; the limit is {}", self.name, self.size, lowering.limits.operations);
            return Err(Finding::new(span, message).help("raise the limit if this is meant"));
        }
        if let Some(gate) = self.turned {
            let angles: Vec<Angle> = on.angles.iter().map(|angle| angle.scaled(TAU)).collect();
            list.push(Operation::gate(gate, &angles, on.qubits));
            return Ok(());
        }
        let lookup = |name: &'a str| self.value_of(name, on.angles, lowering);
        let evaluator: Evaluator<'_, 'a> = lowering.evaluator(&lookup);
        for step in &self.body {
            let qubits: SmallVec<[usize; 3]> = step.qubits.iter().map(|&position| on.qubits[position]).collect();
            let Some((callee, call)) = &step.call else {
                list.push(Operation::Barrier { qubits: if qubits.is_empty() { on.qubits.to_vec() } else { qubits.into_vec() } });
                continue;
            };
            let located = |finding: Finding| Finding { span, ..finding }.help(format!("in the definition of {}", self.name));
            let mut with = Angles::new();
            for expr in &call.arguments {
                with.push(evaluator.angle(expr).map_err(located)?);
            }
            let modifiers = lowering.modifiers(call, &evaluator).map_err(located)?;
            let inner = Arguments { angles: &with, qubits: &qubits };
            lowering.realise(*callee, &modifiers, &inner, exact, list, span)?;
        }
        Ok(())
    }
}
