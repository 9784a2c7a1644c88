//! Calls of gates, made operations where all is known.

use super::{Builder, Built, Symbol, finding};
use crate::program::Block;
use crate::program::{Callee, Conversion, Expr, GateCall, Library, Modifier, NoVariables, StatementKind, Type, controls_of_call};
use crate::qasm::Dialect;
use crate::qasm::error::{Finding, Span};
use crate::qasm::syntax::{self, Call};

impl<'a> Builder<'a> {
    pub(super) fn call(&mut self, call: &Call<'a>, span: Span, out: &mut Block) -> Built<()> {
        if let Some(Symbol::Subroutine(index)) = self.symbol(call.name.text).cloned() {
            return self.old_call(index, call, span, out);
        }
        let qubits = call.operands.iter().map(|operand| self.quantum(operand)).collect::<Built<Vec<_>>>()?;
        let built = self.gate_call(call, qubits)?;
        let is_constant = |expr: &Expr| expr.as_constant().is_some();
        let fixed = built.modifiers.iter().all(|modifier| match modifier {
            Modifier::Control(expr, _) | Modifier::Power(expr) => is_constant(expr),
            Modifier::Inverse => true,
        });
        if !(fixed && built.angles.iter().chain(&built.qubits).all(is_constant)) {
            return self.push(StatementKind::Gate(built), span, out);
        }
        let place = self.place(span);
        let (gates, num_qubits) = (&self.program.gates, self.program.num_qubits());
        let library = Library { gates, num_qubits, limit: self.limits.operations - self.operations, place };
        let operations = library.operations(&built, &NoVariables).map_err(|fault| finding(&fault))?;
        self.operations = self.operations.saturating_add(operations.len());
        if self.operations > self.limits.operations {
            return Err(self.stop(span, "operations"));
        }
        if let Some(StatementKind::Operations(list)) = out.last_mut().map(|last| &mut last.kind) {
            list.extend(operations);
            return Ok(());
        }
        self.push(StatementKind::Operations(operations), span, out)
    }

    /// A subroutine called as a gate is, as early forms of the language had it.
    fn old_call(&mut self, index: usize, call: &Call<'a>, span: Span, out: &mut Block) -> Built<()> {
        let name = call.name.text;
        if !call.modifiers.is_empty() {
            return Err(Finding::new(call.name.span, format!("{name} is a subroutine; modifiers apply to gates")));
        }
        let mut list = call.arguments.iter().map(|argument| self.expression(argument)).collect::<Built<Vec<_>>>()?;
        for operand in &call.operands {
            list.push(self.operand(operand)?);
        }
        self.warn(call.name.span, format!("{name} is a subroutine; its arguments belong in parentheses, {name}(..)"));
        let built = self.subroutine_call(index, list, span)?;
        self.push(StatementKind::Expression(built), span, out)
    }

    /// A call of a gate with its parts built, the numbers of angles and qubits checked.
    pub(super) fn gate_call(&mut self, call: &Call<'a>, qubits: Vec<Expr>) -> Built<GateCall> {
        let callee = self.callee(call)?;
        let mut modifiers = Vec::with_capacity(call.modifiers.len());
        for modifier in &call.modifiers {
            modifiers.push(match modifier {
                syntax::Modifier::Inverse => Modifier::Inverse,
                syntax::Modifier::Control(None, positive) => {
                    let one = Expr::constant(crate::program::Value::int(1), self.place(call.name.span));
                    Modifier::Control(one, *positive)
                }
                syntax::Modifier::Control(Some(count), positive) => {
                    let number = self.constant_whole(count)?;
                    if !(1..=64).contains(&number) {
                        return Err(Finding::new(count.span, "between 1 and 64 controls can be added"));
                    }
                    Modifier::Control(self.expression(count)?, *positive)
                }
                syntax::Modifier::Power(exponent) => {
                    let built = self.expression(exponent)?;
                    if !matches!(built.kind, Type::Int(_) | Type::Uint(_) | Type::Float(_)) {
                        return Err(Finding::new(exponent.span, "an exponent is a number"));
                    }
                    Modifier::Power(built)
                }
            });
        }
        let mut angles = Vec::with_capacity(call.arguments.len());
        for argument in &call.arguments {
            let built = self.expression(argument)?;
            angles.push(match built.kind {
                Type::Int(_) | Type::Uint(_) | Type::Float(_) | Type::Angle(_) => built,
                Type::Bit
                | Type::Bits(_)
                | Type::Bool
                | Type::Complex(_)
                | Type::Duration
                | Type::Array(..)
                | Type::Qubit
                | Type::Qubits(_) => {
                    super::convert::check(&built.kind, &Type::Float(64), Conversion::Implicit)
                        .map_err(|_| Finding::new(argument.span, format!("expected an angle, found {}", built.kind)))?;
                    built
                }
            });
        }
        let built = GateCall { callee, modifiers, angles, qubits };
        self.check_call(&built, call)?;
        Ok(built)
    }

    fn callee(&self, call: &Call<'a>) -> Built<Callee> {
        let name = call.name;
        match self.symbol(name.text) {
            Some(Symbol::Gate(callee)) => Ok(*callee),
            Some(Symbol::Opaque) => Err(Finding::new(name.span, format!("{} is opaque: what it does is not known", name.text))
                .help("give a definition with gate")),
            Some(other) => Err(Finding::new(name.span, format!("{} is {}, not a gate", name.text, other.describe()))),
            None if name.text == "gphase" => Ok(Callee::Phase),
            // a program of Braket has its gates without a header
            None => match Dialect::Braket.gate(name.text).filter(|_| !self.included) {
                Some(gate) => Ok(Callee::Row(gate)),
                None => Err(self.unknown(name.text, name.span, "gate")),
            },
        }
    }

    /// Refuses wrong numbers of angles and qubits, and registers of different sizes.
    fn check_call(&self, built: &GateCall, call: &Call<'a>) -> Built<()> {
        let name = call.name.text;
        let (parameters, qubits) = match built.callee {
            Callee::Phase => (1, 0),
            Callee::Row(gate) => (gate.num_parameters(), gate.num_qubits()),
            Callee::Defined(index) => {
                let gate = &self.program.gates[index];
                (gate.parameters.len(), gate.qubits.len())
            }
        };
        let given = built.angles.len();
        if given != parameters {
            return Err(Finding::new(call.name.span, format!("{name} takes {parameters} angles, not {given}")));
        }
        let qubits = qubits + controls_of_call(built);
        let given = built.qubits.len();
        if given != qubits {
            let place = call.operands.first().map_or(call.name.span, |first| first.span.to(call.operands[given - 1].span));
            return Err(Finding::new(place, format!("{name} acts on {qubits} qubits, not on {given}")));
        }
        Ok(())
    }
}
