//! Calls of gates: angles, modifiers, broadcasting.

use smallvec::SmallVec;

use super::select::Selection;
use super::{Lowered, Lowering, Symbol};
use crate::angle::Angle;
use crate::operation::{Angles, Operation};
use crate::program::{Applied, Arguments, GateLibrary, Unrealised, controls_of, realise};
use crate::qasm::error::{Finding, Span};
use crate::qasm::expression::{Evaluator, Value};
use crate::qasm::syntax::{Call, Modifier};
use crate::qasm::{Dialect, Version};

/// What a call applies.
#[derive(Clone, Copy, Debug)]
pub(super) enum Callee {
    Symbol(Symbol),
    /// `gphase`.
    Phase,
}

/// The gates of a program as a call at a place sees them.
struct Library<'l, 'a> {
    lowering: &'l Lowering<'a>,
    span: Span,
}

impl GateLibrary for Library<'_, '_> {
    type Error = Finding;

    fn limit(&self) -> usize {
        self.lowering.limits.operations
    }

    fn num_qubits(&self) -> usize {
        self.lowering.circuit.num_qubits()
    }

    fn has_phases(&self) -> bool {
        self.lowering.version == Version::V3
    }

    fn expand(&self, index: usize, on: &Arguments<'_>, exact: bool, list: &mut Vec<Operation>) -> Lowered<()> {
        self.lowering.definitions[index].expand(self.lowering, on, exact, list, self.span)
    }

    fn refuse(&self, why: Unrealised) -> Finding {
        Finding::new(self.span, why.message(self.limit()))
    }
}

impl<'a> Lowering<'a> {
    pub(super) fn call(&mut self, call: &Call<'a>, span: Span) -> Lowered<()> {
        let callee = self.callee(call)?;
        let (angles, modifiers) = {
            let lookup = |name: &'a str| self.value_of(name);
            let evaluator = self.evaluator(&lookup);
            let mut angles = Angles::new();
            for argument in &call.arguments {
                angles.push(evaluator.angle(argument)?);
            }
            (angles, self.modifiers(call, &evaluator)?)
        };
        self.check_call(callee, call, controls_of(&modifiers))?;
        let mut picks: SmallVec<[Selection; 3]> = SmallVec::new();
        let mut count: Option<usize> = None;
        for operand in &call.operands {
            let pick = self.qubits(operand)?;
            if !matches!(pick, Selection::One(_)) {
                if let Some(other) = count.filter(|other| *other != pick.len()) {
                    let message = format!("registers of {other} and {} qubits in one call", pick.len());
                    return Err(Finding::new(operand.span, message).help("registers in one call must have one size"));
                }
                count = Some(pick.len());
            }
            picks.push(pick);
        }
        for k in 0..count.unwrap_or(1) {
            let qubits: SmallVec<[usize; 3]> = picks.iter().map(|pick| pick.get(k)).collect();
            for (position, qubit) in qubits.iter().enumerate() {
                if qubits[..position].contains(qubit) {
                    let finding = Finding::new(call.operands[position].span, "this qubit is named twice in one call");
                    return Err(finding.help("the qubits of a gate must differ"));
                }
            }
            if let (Callee::Symbol(Symbol::Row(gate)), true) = (callee, modifiers.is_empty()) {
                self.emit(Operation::Gate { gate, angles: angles.clone(), qubits }, span)?;
                continue;
            }
            let mut list = Vec::new();
            let on = Arguments { angles: &angles, qubits: &qubits };
            let result = self.realise(callee, &modifiers, &on, false, &mut list, span);
            if list.len() > self.limits.operations - self.operations {
                return Err(self.stop(span, "operations"));
            }
            result?;
            list.into_iter().try_for_each(|operation| self.emit(operation, span))?;
        }
        Ok(())
    }

    pub(super) fn callee(&self, call: &Call<'a>) -> Lowered<Callee> {
        match self.symbol(call.name.text) {
            Some(symbol) => Ok(Callee::Symbol(symbol)),
            None if call.name.text == "gphase" && self.version == Version::V3 => Ok(Callee::Phase),
            // a program of Braket has its gates without a header
            None => match Dialect::Braket.gate(call.name.text).filter(|_| self.version == Version::V3 && !self.included) {
                Some(gate) => Ok(Callee::Symbol(Symbol::Row(gate))),
                None => Err(self.unknown(call.name, "gate")),
            },
        }
    }

    pub(super) fn modifiers(&self, call: &Call<'a>, evaluator: &Evaluator<'_, 'a>) -> Lowered<SmallVec<[Applied; 1]>> {
        let apply = |modifier: &Modifier<'a>| {
            Ok(match modifier {
                Modifier::Inverse => Applied::Inverse,
                Modifier::Control(None, positive) => Applied::Control(1, *positive),
                Modifier::Control(Some(count), positive) => match evaluator.whole(count)? {
                    number @ 1..=64 => Applied::Control(number as usize, *positive),
                    _ => return Err(Finding::new(count.span, "between 1 and 64 controls can be added")),
                },
                Modifier::Power(exponent) => match evaluator.value(exponent)? {
                    Value::Int(value) => Applied::Repeat(value.to_i64().unwrap_or(i64::MAX)),
                    Value::Real(Angle::Fixed(value)) if value.fract() == 0.0 && value.abs() < 1e15 => {
                        Applied::Repeat(value as i64)
                    }
                    Value::Real(Angle::Fixed(value)) => Applied::Power(value),
                    Value::Real(Angle::Free { .. }) | Value::Bool(_) | Value::Duration(_) => {
                        return Err(Finding::new(exponent.span, "an exponent is a number"));
                    }
                },
            })
        };
        call.modifiers.iter().map(apply).collect()
    }

    /// Refuses wrong numbers of angles and qubits.
    pub(super) fn check_call(&self, callee: Callee, call: &Call<'a>, controls: usize) -> Lowered<()> {
        let name = call.name.text;
        let (parameters, qubits) = match callee {
            Callee::Phase => (1, 0),
            Callee::Symbol(Symbol::Row(gate)) => (gate.num_parameters(), gate.num_qubits()),
            Callee::Symbol(Symbol::Defined(index)) => (self.definitions[index].parameters, self.definitions[index].qubits),
            Callee::Symbol(Symbol::Opaque) => {
                return Err(Finding::new(call.name.span, format!("{name} is opaque: what it does is not known"))
                    .help("give a definition with gate"));
            }
            Callee::Symbol(symbol @ (Symbol::Qubits { .. } | Symbol::Bits { .. } | Symbol::Alias(_) | Symbol::Value(..))) => {
                return Err(Finding::new(call.name.span, format!("{name} is {}, not a gate", symbol.describe())));
            }
        };
        if call.arguments.len() != parameters {
            let given = call.arguments.len();
            return Err(Finding::new(call.name.span, format!("{name} takes {parameters} angles, not {given}")));
        }
        let qubits = qubits + controls;
        if call.operands.len() != qubits {
            let given = call.operands.len();
            let place = call.operands.first().map_or(call.name.span, |first| first.span.to(call.operands[given - 1].span));
            return Err(Finding::new(place, format!("{name} acts on {qubits} qubits, not on {given}")));
        }
        Ok(())
    }

    /// The operations of a call; see [`realise`].
    pub(super) fn realise(
        &self,
        callee: Callee,
        modifiers: &[Applied],
        on: &Arguments<'_>,
        exact: bool,
        list: &mut Vec<Operation>,
        span: Span,
    ) -> Lowered<()> {
        let callee = match callee {
            Callee::Phase => crate::program::Callee::Phase,
            Callee::Symbol(Symbol::Row(gate)) => crate::program::Callee::Row(gate),
            Callee::Symbol(Symbol::Defined(index)) => crate::program::Callee::Defined(index),
            Callee::Symbol(symbol) => return Err(Finding::new(span, format!("{} cannot be applied", symbol.describe()))),
        };
        realise(&Library { lowering: self, span }, callee, modifiers, on, exact, list)
    }
}
