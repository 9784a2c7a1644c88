//! Programs as circuits, where all that decides is known or is measured bits in conditions.

mod evaluate;
mod length;
mod register;

use super::HybridProgram;
use super::cast::{Conversion, convert};
use super::condition::{MAX_TESTS, Test};
use super::expression::{Expr, Fault, Place, Slot, Variables};
use super::fault::Trouble;
use super::gate::{GateCall, Library};
use super::index::{Pick, part};
use super::statement::{Block, Role, Statement, StatementKind, Target, Values};
use super::timing::{Durations, Marks};
use super::types::Type;
use super::value::Value;
use crate::circuit::Circuit;
use crate::operation::Operation;

type Unrolled<T> = Result<T, Fault>;

/// Bits from here on have no register yet.
const NEW: usize = usize::MAX / 2;

/// What is known of a variable.
#[derive(Clone, Debug, PartialEq)]
enum Cell {
    Known(Value),
    /// Bits of which some are measured.
    Bits(Vec<BitCell>, bool),
    /// It depends on measured bits.
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum BitCell {
    Known(bool),
    /// What this bit of the circuit holds.
    Measured(usize),
}

/// How a block ends.
enum Flow {
    Next,
    Break,
    Continue,
    Return(Option<Cell>),
    End,
}

#[derive(Clone)]
struct State {
    globals: Vec<Cell>,
    frames: Vec<Vec<Cell>>,
}

struct Unroller<'p> {
    program: &'p HybridProgram,
    circuit: Circuit,
    state: State,
    /// First bit of the register of a global variable.
    homes: Vec<Option<usize>>,
    /// Operations of blocks that are open.
    open: Vec<Vec<Operation>>,
    /// What stands between the operations of the outermost list.
    marks: Marks,
    /// What times operations, if anything does.
    durations: Option<&'p dyn Durations>,
    /// Bits that have no register yet.
    new: usize,
    operations: usize,
    steps: usize,
    limit: usize,
}

impl Variables for State {
    fn value(&self, slot: Slot) -> &Value {
        match self.cell(slot) {
            Cell::Known(value) => value,
            Cell::Bits(..) | Cell::Unknown => unreachable!("only what is known is evaluated"),
        }
    }
}

impl State {
    fn cell(&self, slot: Slot) -> &Cell {
        match slot {
            Slot::Global(index) => &self.globals[index],
            Slot::Local(index) => &self.frames.last().expect("a frame is open")[index],
        }
    }

    fn cell_mut(&mut self, slot: Slot) -> &mut Cell {
        match slot {
            Slot::Global(index) => &mut self.globals[index],
            Slot::Local(index) => &mut self.frames.last_mut().expect("a frame is open")[index],
        }
    }
}

impl Cell {
    /// As bits, each known or measured.
    fn bits(&self) -> Option<Vec<BitCell>> {
        match self {
            Cell::Known(value @ (Value::Bit(_) | Value::Bits(_) | Value::Bool(_))) => {
                Some(value.bits()?.into_iter().map(BitCell::Known).collect())
            }
            Cell::Bits(bits, _) => Some(bits.clone()),
            Cell::Known(_) | Cell::Unknown => None,
        }
    }

    /// Bits as a value where all are known.
    fn of(bits: Vec<BitCell>, single: bool) -> Self {
        let known: Option<Box<[bool]>> =
            bits.iter().map(|bit| if let BitCell::Known(bit) = bit { Some(*bit) } else { None }).collect();
        match known {
            Some(known) if single => Cell::Known(Value::Bit(known[0])),
            Some(known) => Cell::Known(Value::Bits(known)),
            None => Cell::Bits(bits, single),
        }
    }
}

fn beyond<T>(place: Place, what: &str) -> Unrolled<T> {
    Err(Trouble::Refused(format!("{what} is no part of a circuit; the program can be simulated")).at(place))
}

pub(super) fn unroll<'p>(program: &'p HybridProgram, limit: usize, durations: Option<&'p dyn Durations>) -> Unrolled<Circuit> {
    let mut circuit = Circuit::default();
    for register in &program.qubits {
        circuit.add_qubits(register.name.clone(), register.size);
    }
    let mut homes = Vec::with_capacity(program.variables.len());
    for variable in &program.variables {
        let wanted = matches!(variable.role, Role::Plain | Role::Output);
        homes.push(match &variable.kind {
            Type::Bit | Type::Bits(_) if wanted => Some(circuit.add_bits(variable.name.clone(), variable.kind.size())),
            _ if matches!(variable.role, Role::Input | Role::Output) => {
                return beyond(Place::default(), &format!("{} of type {}, an input or output,", variable.name, variable.kind));
            }
            _ => None,
        });
    }
    let state = State { globals: vec![Cell::Known(Value::UNDECLARED); program.variables.len()], frames: Vec::new() };
    let mut unroller = Unroller {
        program,
        circuit,
        state,
        homes,
        open: vec![Vec::new()],
        marks: Vec::new(),
        durations,
        new: 0,
        operations: 0,
        steps: 0,
        limit,
    };
    unroller.block(&program.body)?;
    let mut list = unroller.open.pop().expect("the outermost list");
    if let Some(durations) = durations.filter(|_| !unroller.marks.is_empty()) {
        list = unroller.timed(&list, &unroller.marks, durations).solved()?;
    }
    let mut circuit = unroller.circuit;
    let mut used = Vec::new();
    list.iter_mut().for_each(|operation| {
        operation.bits_mut(&mut |bit| {
            if *bit >= NEW {
                used.push(*bit)
            }
        })
    });
    used.sort_unstable();
    used.dedup();
    if !used.is_empty() {
        let start = circuit.add_bits("measured", used.len());
        let place = |bit: usize| start + used.binary_search(&bit).expect("listed above");
        list.iter_mut().for_each(|operation| {
            operation.bits_mut(&mut |bit| {
                if *bit >= NEW {
                    *bit = place(*bit)
                }
            })
        });
    }
    for operation in list {
        circuit.push(operation).map_err(|error| Trouble::Refused(error.to_string()).at(Place::default()))?;
    }
    circuit.drop_default_names();
    Ok(circuit)
}

impl Unroller<'_> {
    fn emit(&mut self, operation: Operation, place: Place) -> Unrolled<()> {
        self.operations += 1;
        if self.operations > self.limit {
            let message =
                format!("the program has more than {} operations, the limit; raise the limit if this is meant", self.limit);
            return Err(Trouble::Refused(message).at(place));
        }
        self.open.last_mut().expect("a list is open").push(operation);
        Ok(())
    }

    fn block(&mut self, block: &Block) -> Unrolled<Flow> {
        for statement in block {
            self.steps += 1;
            if self.steps > self.limit {
                let message = format!("more than {} steps, the limit; raise the limit if this is meant", self.limit);
                return Err(Trouble::Refused(message).at(statement.place));
            }
            match self.statement(statement)? {
                Flow::Next => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }

    fn statement(&mut self, statement: &Statement) -> Unrolled<Flow> {
        let place = statement.place;
        match &statement.kind {
            StatementKind::Operations(list) => {
                list.iter().try_for_each(|operation| self.emit(operation.clone(), place))?;
            }
            StatementKind::Gate(call) => self.gate(call, place)?,
            StatementKind::Reset(qubits) => {
                for &qubit in &self.qubits(qubits)? {
                    self.emit(Operation::Reset { qubit }, place)?;
                }
            }
            StatementKind::Barrier(list) => {
                let qubits = self.all_qubits(list)?;
                self.emit(Operation::Barrier { qubits }, place)?;
            }
            StatementKind::Delay { duration, qubits } => {
                let qubits = self.all_qubits(qubits)?;
                self.delay(duration, qubits)?;
            }
            StatementKind::Declare { slot, kind, value } => self.declare(*slot, kind, value.as_ref(), place)?,
            StatementKind::Assign { target, value } => {
                let cell = self.cell(value)?;
                self.assign(target, cell, place)?;
            }
            StatementKind::Expression(expr) => {
                self.effects(expr)?;
            }
            StatementKind::If { condition, then, otherwise } => return self.branch(condition, then, otherwise, place),
            StatementKind::While { condition, body } => return self.turns(condition, body, place),
            StatementKind::For { slot, kind, values, body } => return self.repeat(*slot, kind, values, body),
            StatementKind::Switch { value, cases, default } => {
                let Cell::Known(chosen) = self.cell(value)? else { return beyond(value.place, "a switch on measured bits") };
                let number = chosen.whole();
                let case = cases.iter().find(|(labels, _)| number.is_some_and(|number| labels.contains(&number)));
                return self.block(case.map_or(default, |(_, body)| body));
            }
            StatementKind::Break => return Ok(Flow::Break),
            StatementKind::Continue => return Ok(Flow::Continue),
            StatementKind::End => return Ok(Flow::End),
            StatementKind::Return(value) => return Ok(Flow::Return(value.as_ref().map(|value| self.cell(value)).transpose()?)),
            StatementKind::Box { duration, body } => return self.boxed(duration.as_ref(), body, place),
            StatementKind::Text(text) => {
                if self.open.len() == 1 {
                    self.circuit.add_note(text.clone());
                }
            }
        }
        Ok(Flow::Next)
    }

    fn gate(&mut self, call: &GateCall, place: Place) -> Unrolled<()> {
        let mut call = call.clone();
        for expr in call.angles.iter_mut().chain(&mut call.qubits) {
            let value = self.known(expr)?;
            *expr = Expr::constant(value, expr.place);
        }
        for modifier in &mut call.modifiers {
            if let super::gate::Modifier::Control(expr, _) | super::gate::Modifier::Power(expr) = modifier {
                let value = self.known(expr)?;
                *expr = Expr::constant(value, expr.place);
            }
        }
        let (gates, num_qubits) = (&self.program.gates, self.program.num_qubits());
        let library = Library { gates, num_qubits, limit: self.limit, place };
        let list = library.operations(&call, &super::expression::NoVariables)?;
        list.into_iter().try_for_each(|operation| self.emit(operation, place))
    }

    fn declare(&mut self, slot: Slot, kind: &Type, value: Option<&Expr>, place: Place) -> Unrolled<()> {
        let cell = match value {
            None => Cell::Known(Value::zero(kind)),
            Some(value) => self.cell(value)?,
        };
        *self.state.cell_mut(slot) = Cell::Known(Value::zero(kind));
        self.assign(&Target { slot, brackets: Vec::new(), place }, cell, place)
    }

    fn branch(&mut self, condition: &Expr, then: &Block, otherwise: &Block, place: Place) -> Unrolled<Flow> {
        let test = self.test(condition)?;
        if let Test::Known(truth) = test {
            return self.block(if truth { then } else { otherwise });
        }
        if test.size() > MAX_TESTS {
            return beyond(condition.place, &format!("a condition of more than {MAX_TESTS} comparisons"));
        }
        let before = self.state.clone();
        let mut sides = Vec::new();
        for block in [then, otherwise] {
            self.open.push(Vec::new());
            let flow = self.block(block)?;
            let list = self.open.pop().expect("pushed above");
            if !matches!(flow, Flow::Next) {
                return beyond(place, "a jump that depends on measured bits");
            }
            sides.push((list, std::mem::replace(&mut self.state, before.clone())));
        }
        let ((then, yes), (otherwise, no)) = (sides.remove(0), sides.remove(0));
        self.state = merged(yes, no, &self.homes);
        self.operations += (then.len() + otherwise.len()) * ((1 << test.size()) - 1);
        test.choose(then, otherwise).into_iter().try_for_each(|operation| self.emit(operation, place))?;
        Ok(Flow::Next)
    }

    fn turns(&mut self, condition: &Expr, body: &Block, place: Place) -> Unrolled<Flow> {
        loop {
            match self.test(condition)? {
                Test::Known(true) => {}
                Test::Known(false) => return Ok(Flow::Next),
                _ => return beyond(place, "a while that depends on measured bits"),
            }
            self.steps += 1;
            match self.block(body)? {
                Flow::Next | Flow::Continue if self.steps <= self.limit => {}
                Flow::Next | Flow::Continue => {
                    return Err(Trouble::Refused(format!("more than {} steps, the limit", self.limit)).at(place));
                }
                Flow::Break => return Ok(Flow::Next),
                flow @ (Flow::Return(_) | Flow::End) => return Ok(flow),
            }
        }
    }

    fn repeat(&mut self, slot: Slot, kind: &Type, values: &Values, body: &Block) -> Unrolled<Flow> {
        let whole = |unroller: &mut Self, expr: &Expr| -> Unrolled<i128> {
            let value = unroller.known(expr)?;
            value.whole().ok_or_else(|| Trouble::Kind("expected a whole number".into()).at(expr.place))
        };
        let items: Box<dyn Iterator<Item = Value>> = match values {
            Values::Range(range) => {
                let (first, step, last) = &**range;
                let by = step.as_ref().map_or(Ok(1), |step| whole(self, step))?;
                let (first, end) = (whole(self, first)?, whole(self, last)?);
                if by == 0 {
                    return Err(Trouble::Refused("the step of the loop is zero".into()).at(last.place));
                }
                let count = if (end - first) * by.signum() < 0 { 0 } else { (end - first) / by + 1 };
                Box::new((0..count).map(move |turn| Value::int((first + turn * by) as i64)))
            }
            Values::Set(list) => Box::new(list.iter().map(|item| self.known(item)).collect::<Unrolled<Vec<_>>>()?.into_iter()),
            Values::Each(expr) => {
                let value = self.known(expr)?;
                let size = value.kind().dimensions().first().copied().unwrap_or(0);
                let items =
                    (0..size).map(|index| part(&value, &[Pick::At(index as i128)]).map_err(|trouble| trouble.at(expr.place)));
                Box::new(items.collect::<Unrolled<Vec<_>>>()?.into_iter())
            }
        };
        for value in items {
            self.steps += 1;
            let place = body.first().map_or(Place::default(), |statement| statement.place);
            if self.steps > self.limit {
                return Err(Trouble::Refused(format!("more than {} steps, the limit", self.limit)).at(place));
            }
            let value = convert(&value, kind, Conversion::Implicit).map_err(|trouble| trouble.at(place))?;
            *self.state.cell_mut(slot) = Cell::Known(value);
            match self.block(body)? {
                Flow::Next | Flow::Continue => {}
                Flow::Break => return Ok(Flow::Next),
                flow @ (Flow::Return(_) | Flow::End) => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }
}

/// What is known behind a branch of which either side may have run; `homes` are the registers of the global variables.
fn merged(yes: State, no: State, homes: &[Option<usize>]) -> State {
    let bit = |(a, b): (BitCell, BitCell), home: Option<usize>| match (a, b) {
        (a, b) if a == b => Some(a),
        // a register of the circuit holds what was measured into it on one side, or its first zero
        (BitCell::Measured(bit), BitCell::Known(false)) | (BitCell::Known(false), BitCell::Measured(bit))
            if home == Some(bit) =>
        {
            Some(BitCell::Measured(bit))
        }
        _ => None,
    };
    let cell = |a: Cell, b: Cell, home: Option<usize>| {
        if a == b {
            return a;
        }
        let single = matches!(a, Cell::Known(Value::Bit(_)) | Cell::Bits(_, true));
        match (a.bits(), b.bits()) {
            (Some(a), Some(b)) if a.len() == b.len() => {
                let pairs = a.into_iter().zip(b).enumerate();
                let bits = pairs.map(|(position, pair)| bit(pair, home.map(|start| start + position)));
                bits.collect::<Option<Vec<_>>>().map_or(Cell::Unknown, |bits| Cell::of(bits, single))
            }
            _ => Cell::Unknown,
        }
    };
    let globals = yes.globals.into_iter().zip(no.globals).zip(homes).map(|((a, b), &home)| cell(a, b, home)).collect();
    let list = |a: Vec<Cell>, b: Vec<Cell>| a.into_iter().zip(b).map(|(a, b)| cell(a, b, None)).collect();
    let frames = yes.frames.into_iter().zip(no.frames).map(|(a, b)| list(a, b)).collect();
    State { globals, frames }
}
