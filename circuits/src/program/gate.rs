//! Gates whose qubits or angles are known only when they run.

use smallvec::SmallVec;

use super::expression::{Expr, Fault, Place, Slot, Variables};
use super::fault::Trouble;
use super::modifier::{Applied, Arguments, Callee, GateLibrary, Unrealised, controls_of, realise};
use super::value::Value;
use crate::angle::Angle;
use crate::operation::{Angles, Operation};

/// `modifiers @ name(angles) qubits`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GateCall {
    pub callee: Callee,
    pub modifiers: Vec<Modifier>,
    pub angles: Vec<Expr>,
    pub qubits: Vec<Expr>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Modifier {
    Control(Expr, bool),
    Inverse,
    Power(Expr),
}

/// A gate of the program. In its body, its angles and then its qubits are the local variables.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GateDefinition {
    pub name: String,
    pub parameters: Vec<String>,
    pub qubits: Vec<String>,
    /// Whether its one qubit is a register whose elements the body names.
    pub whole: bool,
    pub body: Vec<GateStep>,
    /// A bound on the operations after full expansion.
    pub size: usize,
    /// How many definitions deep it is.
    pub level: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum GateStep {
    Call(GateCall),
    /// On all of its qubits where the list is empty.
    Barrier(Vec<Expr>),
}

/// The gates of a program as a call at a place sees them.
pub(crate) struct Library<'p> {
    pub gates: &'p [GateDefinition],
    pub num_qubits: usize,
    pub limit: usize,
    pub place: Place,
}

/// Angles and qubits of a gate as variables of its body.
struct Frame(Vec<Value>);

impl Variables for Frame {
    fn value(&self, slot: Slot) -> &Value {
        match slot {
            Slot::Local(index) => &self.0[index],
            Slot::Global(_) => unreachable!("gates know no variables of the program"),
        }
    }
}

impl GateLibrary for Library<'_> {
    type Error = Fault;

    fn limit(&self) -> usize {
        self.limit
    }

    fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    fn has_phases(&self) -> bool {
        true
    }

    fn expand(&self, index: usize, on: &Arguments<'_>, exact: bool, list: &mut Vec<Operation>) -> Result<(), Fault> {
        let gate = &self.gates[index];
        if gate.size > self.limit.saturating_sub(list.len()) {
            return Err(self.refuse(Unrealised::TooLarge));
        }
        let angles = on.angles.iter().map(|angle| Value::float(angle.value(&[])));
        let qubits: Vec<Value> = match gate.whole {
            true => vec![Value::Qubits(on.qubits.into(), false)],
            false => on.qubits.iter().map(|&qubit| Value::Qubits([qubit].into(), true)).collect(),
        };
        let frame = Frame(angles.chain(qubits).collect());
        for step in &gate.body {
            match step {
                GateStep::Barrier(operands) => {
                    let mut qubits = Vec::new();
                    for operand in operands {
                        qubits.extend(operand.qubits(&frame)?);
                    }
                    let qubits = if operands.is_empty() { on.qubits.to_vec() } else { qubits };
                    list.push(Operation::Barrier { qubits });
                }
                GateStep::Call(call) => self.apply(call, &frame, exact, list)?,
            }
            if list.len() > self.limit {
                return Err(self.refuse(Unrealised::TooLarge));
            }
        }
        Ok(())
    }

    fn refuse(&self, why: Unrealised) -> Fault {
        Trouble::Refused(why.message(self.limit)).at(self.place)
    }
}

impl Library<'_> {
    /// The operations of a call with the variables as they are, registers broadcast.
    pub fn operations(&self, call: &GateCall, variables: &dyn Variables) -> Result<Vec<Operation>, Fault> {
        let mut list = Vec::new();
        self.apply(call, variables, false, &mut list)?;
        Ok(list)
    }

    fn apply(&self, call: &GateCall, variables: &dyn Variables, exact: bool, list: &mut Vec<Operation>) -> Result<(), Fault> {
        let modifiers = call.modifiers.iter().map(|modifier| modifier.value(variables)).collect::<Result<Vec<_>, _>>()?;
        let mut angles = Angles::new();
        for expr in &call.angles {
            let value = expr.value(variables)?;
            let angle = value.real().filter(|_| !matches!(value, Value::Bool(_)));
            let refused = || Trouble::Kind(format!("expected an angle, found {}", value.kind())).at(expr.place);
            angles.push(Angle::Fixed(angle.ok_or_else(refused)?));
        }
        let mut operands: SmallVec<[(Box<[usize]>, bool); 3]> = SmallVec::new();
        let mut count: Option<usize> = None;
        let whole = matches!(call.callee, Callee::Defined(index) if self.gates[index].whole);
        let controls = controls_of(&modifiers);
        for (position, expr) in call.qubits.iter().enumerate() {
            let (list, single) = match expr.value(variables)? {
                Value::Qubits(list, single) => (list, single || (whole && position >= controls)),
                other => return Err(Trouble::Kind(format!("expected qubits, found {}", other.kind())).at(expr.place)),
            };
            if !single {
                if let Some(other) = count.filter(|other| *other != list.len()) {
                    let message = format!("registers of {other} and {} qubits in one call", list.len());
                    return Err(Trouble::Refused(message).at(expr.place));
                }
                count = Some(list.len());
            }
            operands.push((list, single));
        }
        for k in 0..count.unwrap_or(1) {
            let mut qubits: SmallVec<[usize; 3]> = SmallVec::new();
            for (position, (list, single)) in operands.iter().enumerate() {
                let part = if *single { &list[..] } else { &list[k..=k] };
                if part.iter().any(|qubit| qubits.contains(qubit)) {
                    let message = "this qubit is named twice in one call; the qubits of a gate must differ";
                    return Err(Trouble::Refused(message.into()).at(call.qubits[position].place));
                }
                qubits.extend_from_slice(part);
            }
            realise(self, call.callee, &modifiers, &Arguments { angles: &angles, qubits: &qubits }, exact, list)?;
        }
        Ok(())
    }
}

/// How many controls the modifiers of a call add, their numbers known.
pub(crate) fn controls_of_call(call: &GateCall) -> usize {
    let count = |modifier: &Modifier| match modifier {
        Modifier::Control(expr, _) => expr.as_constant().and_then(Value::whole).unwrap_or(1) as usize,
        Modifier::Inverse | Modifier::Power(_) => 0,
    };
    call.modifiers.iter().map(count).sum()
}

impl Modifier {
    fn value(&self, variables: &dyn Variables) -> Result<Applied, Fault> {
        Ok(match self {
            Modifier::Inverse => Applied::Inverse,
            Modifier::Control(count, positive) => match count.whole(variables)? {
                number @ 1..=64 => Applied::Control(number as usize, *positive),
                number => {
                    return Err(Trouble::Refused(format!("between 1 and 64 controls can be added, not {number}")).at(count.place));
                }
            },
            Modifier::Power(exponent) => {
                let value = exponent.value(variables)?;
                match (&value, value.real()) {
                    (Value::Int(whole), _) => Applied::Repeat(whole.to_i64().unwrap_or(i64::MAX)),
                    (_, Some(number)) if number.fract() == 0.0 && number.abs() < 1e15 => Applied::Repeat(number as i64),
                    (_, Some(number)) => Applied::Power(number),
                    (_, None) => return Err(Trouble::Kind("an exponent is a number".into()).at(exponent.place)),
                }
            }
        })
    }
}
