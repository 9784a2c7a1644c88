//! The classical part of a running program: values, jumps and calls, up to the next thing that is done to a state.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::HybridProgram;
use super::cast::{Conversion, convert};
use super::code::{Call, Instruction};
use super::expression::{Expr, Fault, Place, Routine, Slot, Variables, picks};
use super::fault::Trouble;
use super::gate::Library;
use super::index::{Pick, part, put};
use super::statement::{ParameterType, Role, Target, Values};
use super::types::Type;
use super::value::Value;
use crate::operation::Operation;
use crate::qasm::QasmErrors;

/// A function that a program declares as `extern`, bound by its caller: arguments to a value, or why there is none.
///
/// It is called once for all shots that share their classical values, so it must depend on its arguments alone.
pub type ExternFunction = dyn Fn(&[Value]) -> Result<Value, String> + Send + Sync;

/// What a program is run with.
#[derive(Clone)]
pub struct RunOptions {
    /// The most instructions of one course of the program; each turn of a loop takes at least one.
    pub steps: u64,
    /// The most operations that one gate may expand to.
    pub operations: usize,
    /// Values of inputs by name.
    pub inputs: BTreeMap<String, Value>,
    /// Functions for what the program declares as `extern`, by name.
    pub externs: BTreeMap<String, Arc<ExternFunction>>,
}

impl Default for RunOptions {
    /// A hundred million steps, a million operations a gate, no inputs and no functions.
    fn default() -> Self {
        Self { steps: 100_000_000, operations: 1_000_000, inputs: BTreeMap::new(), externs: BTreeMap::new() }
    }
}

impl std::fmt::Debug for RunOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let externs: Vec<&String> = self.externs.keys().collect();
        f.debug_struct("RunOptions")
            .field("steps", &self.steps)
            .field("operations", &self.operations)
            .field("inputs", &self.inputs)
            .field("externs", &externs)
            .finish()
    }
}

/// What a program does next to the state.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Effect {
    /// Operations known when the program was read: [`HybridProgram::stretch`] of this number.
    Stretch(usize),
    /// Gates whose qubits or angles were worked out just now.
    Gates(Vec<Operation>),
    /// Measures a qubit; [`Thread::record`] takes the outcome before the thread goes on.
    Measure(usize),
    /// Puts a qubit into `|0>`.
    Reset(usize),
    /// The program has ended.
    End,
}

/// A program with what it is run with.
#[derive(Clone, Copy, Debug)]
pub struct Machine<'p> {
    program: &'p HybridProgram,
    options: &'p RunOptions,
}

/// One course of a program: its place and its classical values.
///
/// Two are equal when they go on in the same way, whatever number of steps they took.
#[derive(Clone, Debug)]
pub struct Thread {
    at: usize,
    globals: Vec<Value>,
    frames: Vec<Frame>,
    pending: Pending,
    steps: u64,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Frame {
    values: Vec<Value>,
    loops: Vec<Turns>,
    /// The call that made it.
    call: usize,
}

#[derive(Clone, Debug, PartialEq)]
enum Turns {
    None,
    Range { next: i128, step: i128, last: i128 },
    List { items: Arc<[Value]>, next: usize },
}

#[derive(Clone, Debug, PartialEq)]
enum Pending {
    None,
    Measure { qubits: Box<[usize]>, outcomes: Vec<bool>, single: bool, into: Slot },
    Reset { qubits: Box<[usize]>, next: usize },
}

impl PartialEq for Thread {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at && self.pending == other.pending && self.globals == other.globals && self.frames == other.frames
    }
}

impl Thread {
    /// Takes the outcome of the measurement that [`Machine::advance`] asked for.
    pub fn record(&mut self, outcome: bool) {
        if let Pending::Measure { outcomes, .. } = &mut self.pending {
            outcomes.push(outcome);
        }
    }

    /// Counts work that was done for the thread as so many steps.
    pub fn charge(&mut self, steps: u64) {
        self.steps = self.steps.saturating_add(steps);
    }

    /// How many instructions were run, and what was charged besides.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    fn put(&mut self, slot: Slot, value: Value) {
        *self.cell(slot) = value;
    }

    fn cell(&mut self, slot: Slot) -> &mut Value {
        match slot {
            Slot::Global(index) => &mut self.globals[index],
            Slot::Local(index) => &mut self.frames.last_mut().expect("a frame runs").values[index],
        }
    }

    fn frame(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("a frame runs")
    }

    /// Gives a variable, or a part of it, a value; it is converted to the type of what it replaces.
    fn assign(&mut self, target: &Target, value: Value) -> Result<(), Fault> {
        let brackets = target.brackets.iter().map(|selectors| picks(selectors, self));
        let brackets = brackets.collect::<Result<Vec<_>, _>>()?;
        store(self.cell(target.slot), &brackets, value).map_err(|trouble| trouble.at(target.place))
    }
}

fn store(cell: &mut Value, brackets: &[Vec<Pick>], value: Value) -> Result<(), Trouble> {
    match brackets {
        [] => *cell = convert(&value, &cell.kind(), Conversion::Implicit)?,
        [picks] => {
            let before = part(cell, picks)?;
            put(cell, picks, convert(&value, &before.kind(), Conversion::Implicit)?)?;
        }
        [picks, rest @ ..] => {
            let mut inner = part(cell, picks)?;
            store(&mut inner, rest, value)?;
            put(cell, picks, inner)?;
        }
    }
    Ok(())
}

impl Variables for Thread {
    fn value(&self, slot: Slot) -> &Value {
        match slot {
            Slot::Global(index) => &self.globals[index],
            Slot::Local(index) => &self.frames.last().expect("a frame runs").values[index],
        }
    }
}

impl<'p> Machine<'p> {
    pub(super) fn new(program: &'p HybridProgram, options: &'p RunOptions) -> Self {
        Self { program, options }
    }

    /// A thread before the first statement, its inputs set.
    ///
    /// # Errors
    /// When an input has no value or one of another type, or a value is given for what is no input.
    pub fn start(&self) -> Result<Thread, QasmErrors> {
        let refuse = |message: String| self.program.diagnose(&Trouble::Refused(message).at(Place::default()));
        let mut globals = Vec::with_capacity(self.program.variables.len());
        for variable in &self.program.variables {
            if variable.role != Role::Input {
                globals.push(Value::UNDECLARED);
                continue;
            }
            let name = &variable.name;
            let Some(value) = self.options.inputs.get(name) else {
                return Err(refuse(format!("the input {name} ({}) has no value; give it one", variable.kind)));
            };
            let converted = convert(value, &variable.kind, Conversion::Explicit);
            globals.push(converted.map_err(|trouble| refuse(format!("the input {name}: {}", trouble.message())))?);
        }
        let is_input = |name: &&String| self.program.variables.iter().any(|v| v.role == Role::Input && v.name == **name);
        if let Some(name) = self.options.inputs.keys().find(|name| !is_input(name)) {
            return Err(refuse(format!("the program has no input {name}")));
        }
        let loops = vec![Turns::None; self.program.code.loops[0]];
        let frames = vec![Frame { values: Vec::new(), loops, call: 0 }];
        Ok(Thread { at: 0, globals, frames, pending: Pending::None, steps: 0 })
    }

    /// Runs a thread up to the next thing that is done to the state.
    ///
    /// # Errors
    /// What goes wrong in the program, with its place: a division by zero, an index outside, too many steps, an `extern` without a
    /// function.
    pub fn advance(&self, thread: &mut Thread) -> Result<Effect, QasmErrors> {
        self.next(thread).map_err(|fault| self.program.diagnose(&fault))
    }

    fn next(&self, thread: &mut Thread) -> Result<Effect, Fault> {
        loop {
            match std::mem::replace(&mut thread.pending, Pending::None) {
                Pending::None => {}
                Pending::Reset { qubits, next } if next < qubits.len() => {
                    let qubit = qubits[next];
                    thread.pending = Pending::Reset { qubits, next: next + 1 };
                    return Ok(Effect::Reset(qubit));
                }
                Pending::Reset { .. } => {}
                Pending::Measure { qubits, outcomes, single, into } if outcomes.len() < qubits.len() => {
                    let qubit = qubits[outcomes.len()];
                    thread.pending = Pending::Measure { qubits, outcomes, single, into };
                    return Ok(Effect::Measure(qubit));
                }
                Pending::Measure { outcomes, single, into, .. } => {
                    thread.put(into, if single { Value::Bit(outcomes[0]) } else { Value::Bits(outcomes.into()) });
                }
            }
            if let Some(effect) = self.step(thread)? {
                return Ok(effect);
            }
        }
    }

    /// Runs one instruction.
    fn step(&self, thread: &mut Thread) -> Result<Option<Effect>, Fault> {
        let at = thread.at;
        let place = self.program.code.places[at];
        thread.steps = thread.steps.saturating_add(1);
        if thread.steps > self.options.steps {
            let message = format!(
                "the program runs more than {} steps, the limit (`steps`); raise it if this is meant",
                self.options.steps
            );
            return Err(Trouble::Refused(message).at(place));
        }
        thread.at += 1;
        match &self.program.code.instructions[at] {
            Instruction::Stretch(index) => return Ok(Some(Effect::Stretch(*index))),
            Instruction::Gate(call) => {
                let program = self.program;
                let (gates, num_qubits) = (&program.gates, program.num_qubits());
                let library = Library { gates, num_qubits, limit: self.options.operations, place };
                return library.operations(call, thread).map(|list| Some(Effect::Gates(list)));
            }
            Instruction::Reset(qubits) => {
                thread.pending = Pending::Reset { qubits: qubits.qubits(thread)?, next: 0 };
            }
            Instruction::Measure(operand, into) => {
                let qubits = operand.qubits(thread)?;
                let single = operand.kind == Type::Qubit;
                thread.pending = Pending::Measure { qubits, outcomes: Vec::new(), single, into: *into };
            }
            Instruction::Declare(slot, kind, value) => {
                let value = match value {
                    None => Value::zero(kind),
                    Some(value) if kind.is_quantum() => value.value(thread)?,
                    Some(expr) => convert(&expr.value(thread)?, kind, Conversion::Implicit).map_err(|t| t.at(expr.place))?,
                };
                thread.put(*slot, value);
            }
            Instruction::Assign(target, value) => {
                let value = value.value(thread)?;
                thread.assign(target, value)?;
            }
            Instruction::Forget(slots) => slots.iter().for_each(|slot| thread.put(*slot, Value::Bit(false))),
            Instruction::Jump(to) => thread.at = *to,
            Instruction::Unless(condition, to) => {
                if !condition.truth(thread)? {
                    thread.at = *to;
                }
            }
            Instruction::Other(slot, labels, to) => {
                let value = thread.value(*slot).whole();
                if !value.is_some_and(|value| labels.contains(&value)) {
                    thread.at = *to;
                }
            }
            Instruction::Loop(index, values) => {
                let turns = turns(values, thread)?;
                thread.frame().loops[*index] = turns;
            }
            Instruction::Next { index, slot, kind, exit } => match thread.frame().loops[*index].next() {
                Some(value) => {
                    thread.put(*slot, convert(&value, kind, Conversion::Implicit).map_err(|trouble| trouble.at(place))?);
                }
                None => thread.at = *exit,
            },
            Instruction::Call(call) => self.call(call, at, thread, place)?,
            Instruction::Return(value) => self.finish(value.as_ref(), thread, place)?,
            Instruction::End => {
                thread.at = at;
                return Ok(Some(Effect::End));
            }
        }
        Ok(None)
    }

    fn call(&self, call: &Call, at: usize, thread: &mut Thread, place: Place) -> Result<(), Fault> {
        let mut arguments = Vec::with_capacity(call.arguments.len());
        for argument in &call.arguments {
            arguments.push(argument.value(thread)?);
        }
        match call.routine {
            Routine::Subroutine(index) => {
                let subroutine = &self.program.subroutines[index];
                for ((value, parameter), argument) in arguments.iter_mut().zip(&subroutine.parameters).zip(&call.arguments) {
                    if let ParameterType::Known(kind) = &parameter.kind {
                        *value = convert(value, kind, Conversion::Implicit).map_err(|trouble| trouble.at(argument.place))?;
                    }
                }
                let given = arguments.len();
                let rest = &subroutine.variables[given..];
                arguments.extend(rest.iter().map(|_| Value::UNDECLARED));
                let loops = vec![Turns::None; self.program.code.loops[index + 1]];
                thread.frames.push(Frame { values: arguments, loops, call: at });
                thread.at = self.program.code.entries[index];
            }
            Routine::Extern(index) => {
                let external = &self.program.externs[index];
                let name = &external.name;
                let refuse = |message: String| Trouble::Refused(message).at(place);
                let Some(function) = self.options.externs.get(name) else {
                    let message = format!("{name} is extern and bound to no function; bind one in the options of the run");
                    return Err(refuse(message));
                };
                for ((value, kind), argument) in arguments.iter_mut().zip(&external.parameters).zip(&call.arguments) {
                    *value = convert(value, kind, Conversion::Implicit).map_err(|trouble| trouble.at(argument.place))?;
                }
                let value = function(&arguments).map_err(|why| refuse(format!("{name}: {why}")))?;
                if let (Some(into), Some(kind)) = (call.into, &external.returns) {
                    let value = convert(&value, kind, Conversion::Implicit);
                    thread.put(into, value.map_err(|trouble| refuse(format!("{name} returns: {}", trouble.message())))?);
                }
            }
        }
        Ok(())
    }

    /// Ends a subroutine.
    fn finish(&self, value: Option<&Expr>, thread: &mut Thread, place: Place) -> Result<(), Fault> {
        let frame = thread.frame().call;
        let Instruction::Call(call) = &self.program.code.instructions[frame] else { unreachable!("a frame is made by a call") };
        let Routine::Subroutine(index) = call.routine else { unreachable!("only subroutines have frames") };
        let subroutine = &self.program.subroutines[index];
        let value = match (&subroutine.returns, value) {
            (Some(kind), Some(expr)) => {
                Some(convert(&expr.value(thread)?, kind, Conversion::Implicit).map_err(|trouble| trouble.at(expr.place))?)
            }
            (Some(_), None) => {
                return Err(subroutine.without_return().at(place));
            }
            (None, _) => None,
        };
        let ended = thread.frames.pop().expect("a frame runs");
        thread.at = ended.call + 1;
        for (parameter, target) in &call.back {
            thread.assign(target, ended.values[*parameter].clone())?;
        }
        if let (Some(into), Some(value)) = (call.into, value) {
            thread.put(into, value);
        }
        Ok(())
    }

    /// The values that the program has for the outside: outputs, or all variables where it declares none.
    pub fn outputs(&self, thread: &Thread) -> Vec<Value> {
        let value = |index: usize| match (&thread.globals[index], &self.program.variables[index].kind) {
            // the program ended before it was declared
            (value, kind) if *value == Value::UNDECLARED => Value::zero(kind),
            (value, _) => value.clone(),
        };
        self.program.output_slots().map(value).collect()
    }
}

fn turns(values: &Values, thread: &Thread) -> Result<Turns, Fault> {
    Ok(match values {
        Values::Range(range) => {
            let (first, step, last) = &**range;
            let by = step.as_ref().map_or(Ok(1), |step| step.whole(thread))?;
            if by == 0 {
                let place = step.as_ref().map_or(first.place, |step| step.place);
                return Err(Trouble::Refused("the step of the loop is zero".into()).at(place));
            }
            Turns::Range { next: first.whole(thread)?, step: by, last: last.whole(thread)? }
        }
        Values::Set(list) => {
            let items = list.iter().map(|item| item.value(thread)).collect::<Result<Vec<_>, _>>()?;
            Turns::List { items: items.into(), next: 0 }
        }
        Values::Each(expr) => {
            let value = expr.value(thread)?;
            let size = value.kind().dimensions().first().copied().unwrap_or(0);
            let items = (0..size).map(|index| part(&value, &[Pick::At(index as i128)]));
            let items = items.collect::<Result<Vec<_>, _>>().map_err(|trouble| trouble.at(expr.place))?;
            Turns::List { items: items.into(), next: 0 }
        }
    })
}

impl Turns {
    fn next(&mut self) -> Option<Value> {
        match self {
            Turns::None => None,
            Turns::Range { next, step, last } => {
                let value = *next;
                let more = if *step > 0 { value <= *last } else { value >= *last };
                *next += *step;
                more.then(|| i64::try_from(value).map(Value::int).ok()).flatten()
            }
            Turns::List { items, next } => {
                *next += 1;
                items.get(*next - 1).cloned()
            }
        }
    }
}
