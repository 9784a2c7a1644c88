//! Calls of gates: angles, modifiers, broadcasting.

use smallvec::SmallVec;

use super::modifier::{Applied, controlled, power};
use super::select::Selection;
use super::{Lowered, Lowering, Symbol};
use crate::angle::Angle;
use crate::gate::Gate;
use crate::operation::{Angles, Operation};
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
            let result = self.realise(callee, &modifiers, &angles, &qubits, false, &mut list, span);
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

    fn too_large(&self, span: Span) -> Finding {
        Finding::new(span, format!("this expands to more than {} operations, the limit", self.limits.operations))
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

    /// The operations of a call. When `exact`, the global phase counts, because a control will be added.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn realise(
        &self,
        callee: Callee,
        modifiers: &[Applied],
        angles: &[Angle],
        qubits: &[usize],
        exact: bool,
        list: &mut Vec<Operation>,
        span: Span,
    ) -> Lowered<()> {
        if list.len() > self.limits.operations {
            return Err(self.too_large(span));
        }
        let Some((outer, rest)) = modifiers.split_first() else {
            match callee {
                Callee::Phase => list.push(Operation::GlobalPhase(angles[0])),
                Callee::Symbol(Symbol::Row(gate)) => {
                    if exact && self.version == Version::V3 {
                        list.extend(phase_of(gate, angles));
                    }
                    list.push(Operation::gate(gate, angles, qubits));
                }
                Callee::Symbol(Symbol::Defined(index)) => {
                    self.definitions[index].expand(self, angles, qubits, exact, list, span)?;
                }
                Callee::Symbol(symbol) => {
                    return Err(Finding::new(span, format!("{} cannot be applied", symbol.describe())));
                }
            }
            return Ok(());
        };
        let mut inner = Vec::new();
        match *outer {
            Applied::Control(count, positive) => {
                let (controls, targets) = qubits.split_at(count);
                self.realise(callee, rest, angles, targets, true, &mut inner, span)?;
                let flips: Vec<Operation> = controls.iter().map(|&qubit| Operation::gate(Gate::X, &[], &[qubit])).collect();
                if !positive {
                    list.extend(flips.iter().cloned());
                }
                for operation in &inner {
                    list.extend(controlled(operation, controls, self.circuit.num_qubits()));
                    if list.len() > self.limits.operations {
                        return Err(self.too_large(span));
                    }
                }
                if !positive {
                    list.extend(flips);
                }
            }
            Applied::Inverse => {
                self.realise(callee, rest, angles, qubits, exact, &mut inner, span)?;
                for operation in inner.iter().rev() {
                    list.extend(operation.inverse().map_err(|error| Finding::new(span, error.to_string()))?);
                }
            }
            Applied::Repeat(times) => {
                self.realise(callee, rest, angles, qubits, exact, &mut inner, span)?;
                if times < 0 {
                    let inverses = inner.iter().rev().map(Operation::inverse);
                    let inverses: Result<Vec<_>, _> = inverses.collect();
                    inner = inverses.map_err(|error| Finding::new(span, error.to_string()))?.concat();
                }
                for _ in 0..times.unsigned_abs() {
                    if inner.is_empty() {
                        break;
                    }
                    list.extend(inner.iter().cloned());
                    if list.len() > self.limits.operations {
                        let message = format!("this power has more than {} operations, the limit", self.limits.operations);
                        return Err(Finding::new(span, message));
                    }
                }
            }
            Applied::Power(exponent) => {
                self.realise(callee, rest, angles, qubits, true, &mut inner, span)?;
                let Some(operations) = power(&inner, exponent) else {
                    return Err(Finding::new(
                        span,
                        "a fractional power is only taken of one-qubit gates without free parameters, controlled or not",
                    ));
                };
                list.extend(operations);
            }
        }
        Ok(())
    }
}

/// How many controls modifiers add.
pub(super) fn controls_of(modifiers: &[Applied]) -> usize {
    modifiers.iter().map(|modifier| if let Applied::Control(count, _) = modifier { *count } else { 0 }).sum()
}

/// What the definition of OpenQASM 3 multiplies a row by: `U(theta, ..)` has `e^{i theta/2}`, `u2` and `u3` of
/// `stdgates.inc` have `e^{-i (phi + lambda)/2}`. It shows under controls only.
fn phase_of(gate: Gate, angles: &[Angle]) -> Vec<Operation> {
    let scaled = |angle: Angle, scale: f64| Operation::GlobalPhase(angle.scaled(scale));
    gate.phase_in_version_3().iter().map(|&(position, scale)| scaled(angles[position], scale)).collect()
}
