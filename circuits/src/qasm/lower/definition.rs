//! User-defined gates.

use smallvec::SmallVec;

use super::{Lowered, Lowering, Symbol};
use crate::angle::Angle;
use crate::circuit::Circuit;
use crate::gate::Gate;
use crate::operation::{Angles, Operation};
use crate::qasm::Version;
use crate::qasm::error::{Finding, Span};
use crate::qasm::expression::angle;
use crate::qasm::syntax::{Expr, GateDefinition, StatementKind};

/// Gates may be built from gates so many levels deep.
const MAX_LEVELS: usize = 256;

/// A gate of the program, its names resolved.
pub(super) struct Definition<'a> {
    name: &'a str,
    names: Vec<&'a str>,
    /// Number of angles.
    pub parameters: usize,
    /// Number of qubits.
    pub qubits: usize,
    body: Vec<Step<'a>>,
    /// Operations after full expansion.
    size: usize,
    /// How many definitions deep it is.
    level: usize,
}

struct Step<'a> {
    /// `None` is a barrier.
    symbol: Option<Symbol>,
    angles: SmallVec<[Expr<'a>; 1]>,
    qubits: SmallVec<[usize; 3]>,
}

impl<'a> Definition<'a> {
    /// Checks and resolves a definition.
    pub fn new(gate: GateDefinition<'a>, lowering: &Lowering<'a>) -> Lowered<Self> {
        for list in [&gate.parameters, &gate.qubits] {
            for (position, name) in list.iter().enumerate() {
                if list[..position].iter().any(|other| other.text == name.text) {
                    return Err(Finding::new(name.span, format!("{} is named twice", name.text)));
                }
            }
        }
        let names: Vec<&'a str> = gate.parameters.iter().map(|name| name.text).collect();
        let (mut size, mut level) = (0usize, 0);
        let mut body = Vec::new();
        for statement in gate.body {
            let (symbol, angles, operands) = match statement.kind {
                StatementKind::Call(call) => {
                    let Some(&symbol) = lowering.symbols.get(call.name.text) else {
                        return Err(lowering.unknown(call.name, "gate"));
                    };
                    lowering.check_call(symbol, &call)?;
                    (Some(symbol), call.arguments, call.operands)
                }
                StatementKind::Barrier(operands) => (None, SmallVec::new(), operands.into()),
                StatementKind::Include(_)
                | StatementKind::Qubits { .. }
                | StatementKind::Bits { .. }
                | StatementKind::Gate(_)
                | StatementKind::Opaque(_)
                | StatementKind::Measure { .. }
                | StatementKind::Reset(_)
                | StatementKind::If { .. } => {
                    return Err(Finding::new(statement.span, "only gates and barriers can be in the body of a gate"));
                }
            };
            let mut qubits: SmallVec<[usize; 3]> = SmallVec::new();
            for operand in &operands {
                if let Some(index) = &operand.index {
                    return Err(Finding::new(index.span, "the qubits of a gate have no elements"));
                }
                let Some(position) = gate.qubits.iter().position(|name| name.text == operand.name.text) else {
                    let finding = Finding::new(operand.span, format!("{} is no qubit of {}", operand.name.text, gate.name.text));
                    let known: Vec<&str> = gate.qubits.iter().map(|name| name.text).collect();
                    return Err(finding.help(format!("its qubits are {}", known.join(", "))));
                };
                if qubits.contains(&position) {
                    return Err(Finding::new(operand.span, "this qubit is named twice in one call"));
                }
                qubits.push(position);
            }
            for expr in &angles {
                angle(expr, &|name| names.iter().position(|other| *other == name).map(|_| Angle::Fixed(0.5))).or_else(
                    |finding| {
                        // Values can be bad at one point only; names are bad everywhere.
                        if finding.message.contains("has no value") || finding.message.contains("no function") {
                            Err(finding)
                        } else {
                            Ok(Angle::Fixed(0.0))
                        }
                    },
                )?;
            }
            match symbol {
                Some(Symbol::Defined(index)) => {
                    let inner = &lowering.definitions[index];
                    size = size.saturating_add(inner.size).saturating_add(1);
                    level = level.max(inner.level + 1);
                }
                _ => size = size.saturating_add(1),
            }
            body.push(Step { symbol, angles, qubits });
        }
        if level > MAX_LEVELS {
            return Err(Finding::new(gate.name.span, format!("gates are nested more than {MAX_LEVELS} levels deep")));
        }
        Ok(Self { name: gate.name.text, parameters: names.len(), names, qubits: gate.qubits.len(), body, size, level })
    }

    /// The row of the table with this name that does the same, up to a global phase in version 2.
    pub fn row(&self, lowering: &Lowering<'a>) -> Option<Gate> {
        let gate = Gate::from_name(self.name)?;
        if (gate.num_parameters(), gate.num_qubits()) != (self.parameters, self.qubits) || self.size > 1000 {
            return None;
        }
        let same = |point: &[f64]| {
            let mut circuit = Circuit::new(self.qubits);
            let angles: Vec<Angle> = point.iter().map(|&value| Angle::Fixed(value)).collect();
            let qubits: Vec<usize> = (0..self.qubits).collect();
            let mut operations = Vec::new();
            self.expand(lowering, &angles, &qubits, &mut operations, Span::default()).ok()?;
            for operation in operations {
                circuit.push(operation).ok()?;
            }
            let matrix = circuit.unitary(&[]).ok()?;
            let row = gate.matrix(point);
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

    fn expand(
        &self,
        lowering: &Lowering<'a>,
        angles: &[Angle],
        qubits: &[usize],
        list: &mut Vec<Operation>,
        span: Span,
    ) -> Lowered<()> {
        let lookup = |name: &'a str| self.names.iter().position(|other| *other == name).map(|position| angles[position]);
        for step in &self.body {
            let on: SmallVec<[usize; 3]> = step.qubits.iter().map(|&position| qubits[position]).collect();
            let mut with = Angles::new();
            for expr in &step.angles {
                with.push(
                    angle(expr, &lookup)
                        .map_err(|finding| Finding { span, ..finding }.help(format!("in the definition of {}", self.name)))?,
                );
            }
            match step.symbol {
                None => list.push(Operation::Barrier { qubits: on.into_vec() }),
                Some(Symbol::Row(gate)) => list.push(Operation::Gate { gate, angles: with, qubits: on }),
                Some(Symbol::Defined(index)) => lowering.definitions[index].expand(lowering, &with, &on, list, span)?,
                Some(Symbol::Opaque | Symbol::Qubits { .. } | Symbol::Bits { .. }) => {
                    unreachable!("refused when the definition was read")
                }
            }
        }
        Ok(())
    }
}

impl<'a> Lowering<'a> {
    /// Applies a defined gate.
    pub(super) fn expand(&mut self, index: usize, angles: &[Angle], qubits: &[usize], span: Span) -> Lowered<()> {
        let definition = &self.definitions[index];
        if definition.size > self.limits.operations - self.operations {
            self.reads_on = false;
            let message =
                format!("{} expands to {} operations; the limit is {}", definition.name, definition.size, self.limits.operations);
            return Err(Finding::new(span, message).help("raise the limit if this is meant"));
        }
        let mut list = Vec::new();
        definition.expand(self, angles, qubits, &mut list, span)?;
        list.into_iter().try_for_each(|operation| self.emit(operation, span))
    }
}
