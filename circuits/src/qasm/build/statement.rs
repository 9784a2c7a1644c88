//! Statements, one arm for each.

use super::expression::span_of;
use super::{Builder, Built, Symbol};
use crate::gate::Gate;
use crate::program::{Binary, Block, Callee, Conversion, Expr, Node, Role, Statement, StatementKind, Type, Variable, target_of};
use crate::qasm::error::{Finding, Span};
use crate::qasm::syntax::{self, Operand};

impl<'a> Builder<'a> {
    pub(super) fn statement(&mut self, statement: &syntax::Statement<'a>, out: &mut Block) -> Built<()> {
        use syntax::StatementKind as S;
        let span = statement.span;
        self.count(span)?;
        match &statement.kind {
            S::Include(file) => self.include(*file, out),
            S::Qubits { name, size } => self.qubits(*name, size.as_ref(), span),
            S::Bits { name, size, measured } => self.bits(*name, size.as_ref(), measured.as_ref(), out),
            S::Gate(gate) => self.define(gate),
            S::Opaque(gate) => {
                let row = Gate::from_name(gate.name.text)
                    .filter(|row| (row.num_parameters(), row.num_qubits()) == (gate.parameters.len(), gate.qubits.len()));
                self.declare(gate.name, row.map_or(Symbol::Opaque, |row| Symbol::Gate(Callee::Row(row))))
            }
            S::Call(call) => self.call(call, span, out),
            S::Measure { source, target } => self.measure(source, target.as_ref(), span, out),
            S::Reset(operand) => {
                let qubits = self.quantum(operand)?;
                self.push(StatementKind::Reset(qubits), span, out)
            }
            S::Barrier(operands) => {
                let qubits = operands.iter().map(|operand| self.quantum(operand)).collect::<Built<_>>()?;
                self.push(StatementKind::Barrier(qubits), span, out)
            }
            S::Delay { duration, operands } => {
                let built = self.expression(duration)?;
                if built.kind != Type::Duration {
                    return Err(Finding::new(duration.span, "expected a duration such as 100ns"));
                }
                let qubits = operands.iter().map(|operand| self.quantum(operand)).collect::<Built<_>>()?;
                self.push(StatementKind::Delay { duration: built, qubits }, span, out)
            }
            S::If { condition, then, otherwise } => self.branch(condition, then, otherwise, span, out),
            S::Declare { name, kind, value, form } => self.declaration(*name, kind, value.as_ref(), *form, out),
            S::Assign { target, operator, value } => self.assign(target, *operator, value, span, out),
            S::Alias { name, parts } => self.alias(*name, parts, span, out),
            S::For { name, kind, range, body } => self.repeat(*name, kind, range, body, out),
            S::While { condition, body } => {
                let condition = self.condition(condition)?;
                self.loops += 1;
                let body = self.scoped(|builder| builder.block(body))?;
                self.loops -= 1;
                self.push(StatementKind::While { condition, body }, span, out)
            }
            S::Switch { value, cases, default } => self.switch(value, cases, default.as_deref(), span, out),
            S::Break | S::Continue if self.loops == 0 => Err(Finding::new(span, "this stands in no loop")),
            S::Break => self.push(StatementKind::Break, span, out),
            S::Continue => self.push(StatementKind::Continue, span, out),
            S::End => self.push(StatementKind::End, span, out),
            S::Return(value) => self.give_back(value.as_ref(), span, out),
            S::Box { duration, body } => {
                let duration = duration.as_ref().map(|expr| self.expression(expr)).transpose()?;
                if let Some(expr) = duration.as_ref().filter(|expr| expr.kind != Type::Duration) {
                    return Err(Finding::new(span_of(expr.place), "expected a duration such as 100ns"));
                }
                let body = self.scoped(|builder| builder.block(body))?;
                self.push(StatementKind::Box { duration, body }, span, out)
            }
            S::Subroutine(subroutine) => self.subroutine(subroutine),
            S::Extern { name, parameters, returns } => self.external(*name, parameters, returns.as_ref()),
            S::Expression(expr) => {
                let built = self.expression(expr)?;
                if !matches!(built.node, Node::Call(..) | Node::Measure(_)) {
                    return Err(Finding::new(span, "this value is not used").help("assign it to a variable"));
                }
                self.push(StatementKind::Expression(built), span, out)
            }
            S::Calibration(text) => {
                self.warn(
                    Span { end: span.start + text.len().min(6), ..span },
                    "calibrations are kept as they stand; they have no effect in a simulation",
                );
                self.push(StatementKind::Text((*text).to_owned()), span, out)
            }
            S::Note(text) => self.push(StatementKind::Text((*text).to_owned()), span, out),
        }
    }

    pub(super) fn push(&mut self, kind: StatementKind, span: Span, out: &mut Block) -> Built<()> {
        out.push(Statement { kind, place: self.place(span) });
        Ok(())
    }

    /// Statements in the block that is open.
    pub(super) fn block(&mut self, statements: &[syntax::Statement<'a>]) -> Built<Block> {
        let mut block = Vec::new();
        statements.iter().try_for_each(|statement| self.statement(statement, &mut block))?;
        Ok(block)
    }

    fn measure(&mut self, source: &Operand<'a>, target: Option<&Operand<'a>>, span: Span, out: &mut Block) -> Built<()> {
        let value = self.measurement(source)?;
        let Some(target) = target else { return self.push(StatementKind::Expression(value), span, out) };
        let to = self.operand(target)?;
        let between = source.span.to(target.span);
        let between = if source.span.start < target.span.start { between } else { target.span.to(source.span) };
        self.check_measured(&value.kind, &to.kind, between)?;
        self.store(to, value, target.span, span, out)
    }

    fn assign(
        &mut self,
        target: &Operand<'a>,
        operator: Option<Binary>,
        value: &syntax::Expr<'a>,
        span: Span,
        out: &mut Block,
    ) -> Built<()> {
        let to = match self.symbol(target.name.text) {
            None => return Err(self.unknown(target.name.text, target.name.span, "variable")),
            Some(_) => self.operand(target)?,
        };
        let value = match operator {
            None => self.value_of(value, &to.kind.clone())?,
            Some(_) if to.has_effects() => {
                let message = "an index with a call or a measurement in it would be worked out twice";
                return Err(Finding::new(target.span, message).help("give it to a variable first"));
            }
            Some(operator) => {
                let right = self.expression(value)?;
                let combined = self.combined(operator, to.clone(), right, span)?;
                self.converted(combined, &to.kind, Conversion::Implicit)?
            }
        };
        self.store(to, value, target.span, span, out)
    }

    fn store(&mut self, to: Expr, value: Expr, target_span: Span, span: Span, out: &mut Block) -> Built<()> {
        if to.kind.is_quantum() {
            return Err(Finding::new(target_span, "qubits are not assigned to; let gives them another name"));
        }
        if !self.is_writable(&to) {
            return Err(Finding::new(target_span, "this cannot be assigned to"));
        }
        let Some(target) = target_of(&to) else { return Err(Finding::new(target_span, "this cannot be assigned to")) };
        self.push(StatementKind::Assign { target, value }, span, out)
    }

    /// Whether an expression names a variable that may be changed.
    pub(super) fn is_writable(&self, expr: &Expr) -> bool {
        match &expr.node {
            Node::Variable(slot) => {
                let readonly =
                    |symbol: &Symbol| matches!(symbol, Symbol::Variable { slot: own, readonly: true, .. } if own == slot);
                let base = self.within.as_ref().map_or(0, |within| within.scope);
                !self.scopes[base..].iter().flat_map(|scope| scope.values()).any(readonly)
            }
            Node::Part(base, _) => self.is_writable(base),
            _ => false,
        }
    }

    fn give_back(&mut self, value: Option<&syntax::Expr<'a>>, span: Span, out: &mut Block) -> Built<()> {
        let Some(within) = &self.within else { return Err(Finding::new(span, "return stands in no subroutine")) };
        let (name, kind) = (within.name, within.returns.clone());
        let value = match (kind, value) {
            (Some(kind), Some(value)) => Some(self.value_of(value, &kind)?),
            (None, None) => None,
            (Some(kind), None) => return Err(Finding::new(span, format!("{name} returns a value of type {kind}"))),
            (None, Some(_)) => return Err(Finding::new(span, format!("{name} returns no value")).help("declare one with ->")),
        };
        self.push(StatementKind::Return(value), span, out)
    }

    /// Variables of the subroutine that is read, taken out at its end.
    pub(super) fn take_variables(&mut self) -> Vec<Variable> {
        self.within.take().map(|within| within.variables).unwrap_or_default()
    }

    pub(super) fn inner(&mut self, name: &str, kind: &Type) -> crate::program::Slot {
        self.variable(name, kind, Role::Inner)
    }
}
