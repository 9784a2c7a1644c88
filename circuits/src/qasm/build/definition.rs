//! Gates that a program defines.

use std::collections::HashMap;

use super::{Builder, Built, Symbol, Within};
use crate::angle::Angle;
use crate::circuit::Circuit;
use crate::gate::{Gate, Headers};
use crate::program::{
    Arguments, Callee, Expr, GateCall, GateDefinition, GateLibrary as _, GateStep, Library, Node, Place, Selector, Slot, Type,
    Value,
};
use crate::qasm::error::{Finding, Span};
use crate::qasm::syntax::{self, Operand, StatementKind};

/// Gates may be built from gates so many levels deep.
const MAX_LEVELS: usize = 128;

impl<'a> Builder<'a> {
    pub(super) fn define(&mut self, gate: &syntax::GateDefinition<'a>) -> Built<()> {
        let name = gate.name;
        if self.scopes.len() > 1 || self.within.is_some() {
            return Err(Finding::new(name.span, "gates can only be defined outside of blocks"));
        }
        for list in [&gate.parameters, &gate.qubits] {
            for (position, own) in list.iter().enumerate() {
                if list[..position].iter().any(|other| other.text == own.text) {
                    return Err(Finding::new(own.span, format!("{} is named twice", own.text)));
                }
            }
        }
        let whole = gate.body.iter().any(names_elements);
        if whole {
            if gate.qubits.len() > 1 {
                return Err(Finding::new(name.span, "a gate whose body names elements of its qubits has one register alone"));
            }
            self.warn(
                name.span,
                format!("{} names elements of its qubit, which the language forbids; it takes a register", name.text),
            );
        }
        self.within = Some(Within { name: name.text, variables: Vec::new(), returns: None, scope: self.scopes.len() });
        self.scopes.push(HashMap::new());
        for own in &gate.parameters {
            let kind = Type::Float(64);
            let slot = self.inner(own.text, &kind);
            self.declare(*own, Symbol::Variable { slot, kind, readonly: true })?;
        }
        for own in &gate.qubits {
            let kind = if whole { Type::Qubits(0) } else { Type::Qubit };
            let slot = self.inner(own.text, &kind);
            self.declare(*own, Symbol::Variable { slot, kind, readonly: true })?;
        }
        let mut definition = GateDefinition {
            name: name.text.to_owned(),
            parameters: gate.parameters.iter().map(|own| own.text.to_owned()).collect(),
            qubits: gate.qubits.iter().map(|own| own.text.to_owned()).collect(),
            whole,
            body: Vec::new(),
            size: 0,
            level: 0,
        };
        self.steps_of(&gate.body, &mut definition)?;
        self.scopes.pop();
        self.within = None;
        if definition.level > MAX_LEVELS {
            return Err(Finding::new(name.span, format!("gates are nested more than {MAX_LEVELS} levels deep")));
        }
        self.program.gates.push(definition);
        let symbol = match self.row() {
            Some(row) => {
                self.program.gates.pop();
                Symbol::Gate(Callee::Row(row))
            }
            None => Symbol::Gate(Callee::Defined(self.program.gates.len() - 1)),
        };
        let is_header = matches!(self.scopes[0].get(name.text), Some(Symbol::Gate(Callee::Row(_))));
        if is_header {
            // a definition of one's own hides that of the header
            let standard = Headers::STDGATES.gates().any(|(known, _)| known == name.text);
            if standard && matches!(symbol, Symbol::Gate(Callee::Defined(_))) {
                let finding = Finding::new(name.span, format!("the header defines {} otherwise", name.text));
                return Err(finding.help("choose another name"));
            }
            self.scopes[0].insert(name.text, symbol);
            return Ok(());
        }
        self.declare(name, symbol)
    }

    /// The row of the table with the name of the last definition that does the same.
    fn row(&self) -> Option<Gate> {
        let definition = self.program.gates.last()?;
        let gate = Gate::from_name(&definition.name)?;
        let counts = (definition.parameters.len(), definition.qubits.len());
        if (gate.num_parameters(), gate.num_qubits()) != counts || definition.size > 1000 || definition.whole {
            return None;
        }
        let library = Library { gates: &self.program.gates, num_qubits: counts.1, limit: 2000, place: Place::default() };
        let same = |point: &[f64]| {
            let angles: Vec<Angle> = point.iter().map(|&value| Angle::Fixed(value)).collect();
            let qubits: Vec<usize> = (0..counts.1).collect();
            let mut operations = Vec::new();
            let on = Arguments { angles: &angles, qubits: &qubits };
            library.expand(self.program.gates.len() - 1, &on, true, &mut operations).ok()?;
            let mut circuit = Circuit::new(counts.1);
            for operation in operations {
                circuit.push(operation).ok()?;
            }
            let distance = circuit.unitary(&[]).ok()?.distance(&gate.matrix(point));
            (distance < 1e-12).then_some(())
        };
        let points = [[0.37, -1.21, 0.83, 2.05], [-2.2, 0.51, 1.47, -0.94]];
        points.iter().all(|point| same(&point[..counts.0]).is_some()).then_some(gate)
    }

    fn steps_of(&mut self, body: &[syntax::Statement<'a>], definition: &mut GateDefinition) -> Built<()> {
        for statement in body {
            self.count(statement.span)?;
            match &statement.kind {
                StatementKind::Call(call) => {
                    let qubits = call.operands.iter().map(|operand| self.quantum(operand)).collect::<Built<Vec<_>>>()?;
                    let built = self.gate_call(call, qubits)?;
                    self.differ(&built, &call.operands)?;
                    let (size, level) = match built.callee {
                        Callee::Defined(index) => {
                            (self.program.gates[index].size.saturating_add(1), self.program.gates[index].level + 1)
                        }
                        Callee::Row(_) | Callee::Phase => (1, 0),
                    };
                    definition.size = definition.size.saturating_add(size);
                    definition.level = definition.level.max(level);
                    definition.body.push(GateStep::Call(built));
                }
                StatementKind::Barrier(operands) => {
                    let qubits = operands.iter().map(|operand| self.quantum(operand)).collect::<Built<Vec<_>>>()?;
                    definition.body.push(GateStep::Barrier(qubits));
                }
                StatementKind::For { name, kind, range, body } => {
                    let kind = self.kind(kind)?;
                    for value in self.constants(range, statement.span)? {
                        let value = crate::program::convert(&value, &kind, crate::program::Conversion::Implicit);
                        let value = value.map_err(|trouble| Finding::new(name.span, trouble.message()))?;
                        self.scopes.push(HashMap::new());
                        self.declare(*name, Symbol::Constant(value))?;
                        let result = self.steps_of(body, definition);
                        self.scopes.pop();
                        result?;
                    }
                }
                _ => return Err(Finding::new(statement.span, "only gates, barriers and loops can be in the body of a gate")),
            }
        }
        Ok(())
    }

    /// Numbers that a loop counts through, all known.
    fn constants(&mut self, range: &syntax::Index<'a>, span: Span) -> Built<Vec<Value>> {
        match range {
            syntax::Index::Set(items) => {
                items.iter().map(|item| self.constant_whole(item).map(|n| Value::int(n as i64))).collect()
            }
            syntax::Index::Range(Some(first), step, Some(last)) => {
                let (first, last) = (self.constant_whole(first)?, self.constant_whole(last)?);
                let by = step.as_ref().map_or(Ok(1), |step| self.constant_whole(step))?;
                let count = if by == 0 { -1 } else { (last - first) / by };
                if by == 0 || count >= self.limits.operations as i128 {
                    return Err(Finding::new(span, format!("a loop of a gate has 1 to {} turns", self.limits.operations)));
                }
                let turns = if (last - first) * by.signum() < 0 { 0 } else { count + 1 };
                Ok((0..turns).map(|turn| Value::int((first + turn * by) as i64)).collect())
            }
            _ => Err(Finding::new(span, "the loop needs both bounds, as in [0:3], or a set")),
        }
    }

    /// Refuses a qubit named twice.
    fn differ(&self, call: &GateCall, operands: &[Operand<'a>]) -> Built<()> {
        let place = |expr: &Expr| -> Option<(Slot, Option<i128>)> {
            match &expr.node {
                Node::Variable(slot) => Some((*slot, None)),
                Node::Part(base, selectors) => match (&base.node, selectors.as_slice()) {
                    (Node::Variable(slot), [Selector::At(index)]) => Some((*slot, Some(index.as_constant()?.whole()?))),
                    _ => None,
                },
                _ => None,
            }
        };
        for (position, expr) in call.qubits.iter().enumerate() {
            if call.qubits[..position].iter().any(|other| place(other).is_some() && place(other) == place(expr)) {
                return Err(Finding::new(operands[position].span, "this qubit is named twice in one call"));
            }
        }
        Ok(())
    }
}

/// Whether a statement of a gate names elements of a qubit.
fn names_elements(statement: &syntax::Statement<'_>) -> bool {
    let any = |operands: &[Operand<'_>]| operands.iter().any(|operand| !operand.is_whole());
    match &statement.kind {
        StatementKind::Call(call) => any(&call.operands),
        StatementKind::Barrier(operands) => any(operands),
        StatementKind::For { body, .. } => body.iter().any(names_elements),
        _ => false,
    }
}
