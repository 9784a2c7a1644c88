//! Programs as circuits, where all that decides is known or is measured bits in conditions.

use super::HybridProgram;
use super::cast::{Conversion, convert};
use super::condition::{MAX_TESTS, Test, below, order};
use super::expression::{Expr, Fault, Node, Place, Routine, Slot, Variables, picks};
use super::fault::Trouble;
use super::gate::{GateCall, Library};
use super::index::{Pick, part, put};
use super::operator::{Binary, Unary};
use super::statement::{Block, Role, Statement, StatementKind, Target, Values};
use super::types::Type;
use super::value::Value;
use crate::circuit::Circuit;
use crate::operation::{Condition, Operation};

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

pub(super) fn unroll(program: &HybridProgram, limit: usize) -> Unrolled<Circuit> {
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
    let globals =
        program.variables.iter().map(|v| Cell::Known(if v.kind.size() > 64 { Value::Bit(false) } else { Value::zero(&v.kind) }));
    let state = State { globals: globals.collect(), frames: Vec::new() };
    let mut unroller =
        Unroller { program, circuit, state, homes, open: vec![Vec::new()], new: 0, operations: 0, steps: 0, limit };
    unroller.block(&program.body)?;
    let mut list = unroller.open.pop().expect("the outermost list");
    let mut circuit = unroller.circuit;
    let mut used = Vec::new();
    list.iter_mut().for_each(|operation| {
        bits_mut(operation, &mut |bit| {
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
            bits_mut(operation, &mut |bit| {
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

/// Every classical bit of an operation.
fn bits_mut(operation: &mut Operation, change: &mut dyn FnMut(&mut usize)) {
    match operation {
        Operation::Measure { bit, .. } => change(bit),
        Operation::Conditional(block) => {
            block.condition.bits.iter_mut().for_each(&mut *change);
            block.then.iter_mut().chain(&mut block.otherwise).for_each(|inner| bits_mut(inner, change));
        }
        Operation::Gate { .. }
        | Operation::PauliRotation { .. }
        | Operation::Unitary { .. }
        | Operation::GlobalPhase(_)
        | Operation::Channel { .. }
        | Operation::Reset { .. }
        | Operation::Barrier { .. }
        | Operation::Delay { .. } => {}
    }
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
                let duration_ns = match self.known(duration)? {
                    Value::Duration(duration) => duration.known(),
                    _ => None,
                };
                let Some(duration_ns) = duration_ns.filter(|ns| *ns >= 0.0) else {
                    return beyond(duration.place, "a delay whose length the device sets, or a negative one,");
                };
                self.emit(Operation::Delay { duration_ns, qubits }, place)?;
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
            StatementKind::Box { duration: Some(_), .. } => return beyond(place, "a box with a duration"),
            StatementKind::Box { duration: None, body } => return self.block(body),
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
        self.state = merged(yes, no);
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

    fn assign(&mut self, target: &Target, cell: Cell, place: Place) -> Unrolled<()> {
        let fault = |trouble: Trouble| trouble.at(target.place);
        let mut brackets = Vec::new();
        for selectors in &target.brackets {
            for expr in selectors.iter().flat_map(|selector| selector.expressions()) {
                if !self.is_known(expr) {
                    return beyond(expr.place, "an index that depends on measured bits");
                }
            }
            brackets.push(picks(selectors, &self.state)?);
        }
        let home = if let Slot::Global(index) = target.slot { self.homes[index] } else { None };
        let before = self.state.cell(target.slot).clone();
        if let (Some(mut all), true) = (before.bits(), cell.bits().is_some() && brackets.len() <= 1) {
            let bits = cell.bits().unwrap_or_default();
            let places: Vec<usize> = match brackets.first() {
                None => (0..all.len()).collect(),
                Some(picks) => super::index::numbers(picks, all.len()).map_err(fault)?,
            };
            if bits.len() != places.len() {
                return Err(fault(Trouble::Kind(format!("{} bits are put into {}", bits.len(), places.len()))));
            }
            for (&position, bit) in places.iter().zip(bits) {
                all[position] = match home {
                    None => bit,
                    Some(start) => self.keep(start + position, bit, all[position], place)?,
                };
            }
            let single = matches!(before, Cell::Known(Value::Bit(_) | Value::Bool(_)) | Cell::Bits(_, true));
            let as_truth = matches!(before, Cell::Known(Value::Bool(_)));
            *self.state.cell_mut(target.slot) = match Cell::of(all, single) {
                Cell::Known(Value::Bit(bit)) if as_truth => Cell::Known(Value::Bool(bit)),
                other => other,
            };
            return Ok(());
        }
        if home.is_some() {
            return beyond(place, "a bit whose value is worked out of measured bits");
        }
        *self.state.cell_mut(target.slot) = match (before, cell) {
            (Cell::Known(mut old), Cell::Known(value)) => match brackets.as_slice() {
                [] => Cell::Known(convert(&value, &old.kind(), Conversion::Implicit).map_err(fault)?),
                [picks] => {
                    let kind = part(&old, picks).map_err(fault)?.kind();
                    put(&mut old, picks, convert(&value, &kind, Conversion::Implicit).map_err(fault)?).map_err(fault)?;
                    Cell::Known(old)
                }
                _ => return beyond(target.place, "an index of an index"),
            },
            _ => Cell::Unknown,
        };
        Ok(())
    }

    /// Puts a bit into a register of the circuit, which only measurements can do.
    fn keep(&mut self, home: usize, bit: BitCell, before: BitCell, place: Place) -> Unrolled<BitCell> {
        match bit {
            BitCell::Known(false) if before == BitCell::Known(false) => Ok(before),
            BitCell::Measured(from) if from == home => Ok(bit),
            BitCell::Measured(from) if from >= NEW && self.renamed(from, home) => Ok(BitCell::Measured(home)),
            BitCell::Known(_) | BitCell::Measured(_) => {
                beyond(place, "a bit of a register that is set by anything but a measurement")
            }
        }
    }

    /// Lets a measurement write into a register at once, if nothing used the bit of the register since.
    fn renamed(&mut self, from: usize, home: usize) -> bool {
        let list = self.open.last_mut().expect("a list is open");
        for position in (0..list.len()).rev() {
            if matches!(&list[position], Operation::Measure { bit, .. } if *bit == from) {
                for operation in &mut list[position..] {
                    bits_mut(operation, &mut |bit| {
                        if *bit == from {
                            *bit = home
                        }
                    });
                }
                self.rename_cells(from, home);
                return true;
            }
            let mut used = false;
            bits_mut(&mut list[position], &mut |bit| used |= *bit == home);
            if used {
                return false;
            }
        }
        false
    }

    fn rename_cells(&mut self, from: usize, home: usize) {
        for cell in self.state.globals.iter_mut().chain(self.state.frames.iter_mut().flatten()) {
            if let Cell::Bits(bits, _) = cell {
                bits.iter_mut().filter(|bit| **bit == BitCell::Measured(from)).for_each(|bit| *bit = BitCell::Measured(home));
            }
        }
    }

    fn is_known(&self, expr: &Expr) -> bool {
        match &expr.node {
            Node::Variable(slot) => matches!(self.state.cell(*slot), Cell::Known(_)),
            Node::Call(..) | Node::Measure(_) => false,
            _ => expr.children().iter().all(|child| self.is_known(child)),
        }
    }

    fn known(&mut self, expr: &Expr) -> Unrolled<Value> {
        match self.cell(expr)? {
            Cell::Known(value) => Ok(value),
            Cell::Bits(..) | Cell::Unknown => beyond(expr.place, "a value that depends on measured bits"),
        }
    }

    fn qubits(&mut self, expr: &Expr) -> Unrolled<Box<[usize]>> {
        match self.known(expr)? {
            Value::Qubits(list, _) => Ok(list),
            other => Err(Trouble::Kind(format!("expected qubits, found {}", other.kind())).at(expr.place)),
        }
    }

    fn all_qubits(&mut self, list: &[Expr]) -> Unrolled<Vec<usize>> {
        let mut qubits = Vec::new();
        for expr in list {
            qubits.extend(self.qubits(expr)?);
        }
        qubits.sort_unstable();
        qubits.dedup();
        Ok(qubits)
    }

    /// What an expression is, as far as it is known; its measurements and calls are done.
    fn cell(&mut self, expr: &Expr) -> Unrolled<Cell> {
        if self.is_known(expr) {
            return expr.value(&self.state).map(Cell::Known);
        }
        match &expr.node {
            Node::Variable(slot) => Ok(self.state.cell(*slot).clone()),
            Node::Measure(_) | Node::Call(..) => {
                let cell = self.effects(expr)?;
                Ok(cell.unwrap_or(Cell::Unknown))
            }
            Node::Part(base, selectors) => {
                let cell = self.cell(base)?;
                let known = selectors.iter().flat_map(|selector| selector.expressions()).all(|expr| self.is_known(expr));
                let (Some(bits), true) = (cell.bits(), known) else { return Ok(Cell::Unknown) };
                let picks = picks(selectors, &self.state)?;
                let places = super::index::numbers(&picks, bits.len()).map_err(|trouble| trouble.at(expr.place))?;
                Ok(Cell::of(places.iter().map(|&place| bits[place]).collect(), expr.kind == Type::Bit))
            }
            Node::Cast(inner, _) => {
                let cell = self.cell(inner)?;
                match (&expr.kind, cell) {
                    (kind, Cell::Known(value)) => {
                        convert(&value, kind, Conversion::Explicit).map(Cell::Known).map_err(|trouble| trouble.at(expr.place))
                    }
                    (Type::Bit | Type::Bool, Cell::Bits(bits, _)) if bits.len() == 1 => Ok(Cell::of(bits, true)),
                    (Type::Bits(size), Cell::Bits(bits, _)) if bits.len() == *size => Ok(Cell::of(bits, false)),
                    _ => Ok(Cell::Unknown),
                }
            }
            Node::Concat(list) => {
                let mut all = Vec::new();
                for item in list {
                    match self.cell(item)?.bits() {
                        Some(bits) => all.extend(bits),
                        None => return Ok(Cell::Unknown),
                    }
                }
                Ok(Cell::of(all, false))
            }
            Node::Constant(_) | Node::Unary(..) | Node::Binary(..) | Node::Function(..) | Node::List(_) => {
                // what is in it is done, though its value is not known
                let children: Vec<Expr> = expr.children().into_iter().filter(|child| child.has_effects()).cloned().collect();
                children.iter().try_for_each(|child| self.cell(child).map(|_| ()))?;
                Ok(Cell::Unknown)
            }
        }
    }

    /// Does a measurement or a call; a call of a subroutine without a value gives none.
    fn effects(&mut self, expr: &Expr) -> Unrolled<Option<Cell>> {
        match &expr.node {
            Node::Measure(qubits) => {
                let list = self.qubits(qubits)?;
                let mut bits = Vec::new();
                for &qubit in &list {
                    let bit = NEW + self.new;
                    self.new += 1;
                    self.emit(Operation::Measure { qubit, bit }, expr.place)?;
                    bits.push(BitCell::Measured(bit));
                }
                Ok(Some(Cell::Bits(bits, expr.kind == Type::Bit)))
            }
            Node::Call(Routine::Extern(index), _) => {
                beyond(expr.place, &format!("the extern function {}", self.program.externs[*index].name))
            }
            Node::Call(Routine::Subroutine(index), arguments) => {
                let subroutine = &self.program.subroutines[*index];
                if subroutine.parameters.iter().any(|parameter| parameter.mutable) {
                    return beyond(expr.place, "a subroutine that changes an array");
                }
                let mut frame = arguments.iter().map(|argument| self.cell(argument)).collect::<Unrolled<Vec<_>>>()?;
                let rest = subroutine.variables[frame.len()..].iter();
                frame
                    .extend(rest.map(|v| Cell::Known(if v.kind.size() > 64 { Value::Bit(false) } else { Value::zero(&v.kind) })));
                self.state.frames.push(frame);
                let flow = self.block(&subroutine.body)?;
                self.state.frames.pop();
                match flow {
                    Flow::Return(value) => Ok(value),
                    Flow::Next => Ok(None),
                    Flow::End => beyond(expr.place, "an end within a subroutine"),
                    Flow::Break | Flow::Continue => unreachable!("loops hold their jumps"),
                }
            }
            _ => self.cell(expr).map(Some),
        }
    }

    /// A condition as circuits have them.
    fn test(&mut self, expr: &Expr) -> Unrolled<Test> {
        if self.is_known(expr) {
            return expr.truth(&self.state).map(Test::Known);
        }
        match &expr.node {
            Node::Unary(Unary::Not, inner) => return Ok(Test::Not(Box::new(self.test(inner)?))),
            Node::Unary(Unary::Complement, inner) if matches!(inner.kind, Type::Bit | Type::Bool) => {
                return Ok(Test::Not(Box::new(self.test(inner)?)));
            }
            Node::Binary(Binary::And, sides) => return Ok(Test::And(Box::new((self.test(&sides.0)?, self.test(&sides.1)?)))),
            Node::Binary(Binary::Or, sides) => return Ok(Test::Or(Box::new((self.test(&sides.0)?, self.test(&sides.1)?)))),
            Node::Binary(operator, sides) => {
                let (bits, other, turned) = match (self.is_known(&sides.0), self.is_known(&sides.1)) {
                    (false, true) => (&sides.0, &sides.1, false),
                    (true, false) => (&sides.1, &sides.0, true),
                    _ => return beyond(expr.place, "a comparison of measured bits with one another"),
                };
                return match self.compared(*operator, bits, other, turned)? {
                    Some(test) => Ok(test),
                    None => beyond(expr.place, "this condition on measured bits"),
                };
            }
            _ => {}
        }
        let Some(bits) = self.cell(expr)?.bits() else {
            return beyond(expr.place, "a condition on a value that depends on measured bits");
        };
        // a register is true when it is not zero
        Ok(match equal(&bits, 0) {
            Test::Bits(Condition { bits, value: 0 }) if bits.len() == 1 => Test::Bits(Condition { bits, value: 1 }),
            Test::Known(truth) => Test::Known(!truth),
            zero => Test::Not(Box::new(zero)),
        })
    }

    /// Measured bits, perhaps cast to a whole number, compared with a number.
    fn compared(&mut self, operator: Binary, bits: &Expr, other: &Expr, turned: bool) -> Unrolled<Option<Test>> {
        let (inner, width) = match (&bits.node, &bits.kind) {
            (Node::Cast(inner, _), Type::Int(Some(width))) => (&**inner, Some((*width as usize, true))),
            (Node::Cast(inner, _), Type::Uint(Some(width))) => (&**inner, Some((*width as usize, false))),
            (Node::Cast(inner, _), Type::Int(None) | Type::Uint(None)) => (&**inner, None),
            _ => (bits, None),
        };
        let Some(mut cells) = self.cell(inner)?.bits() else { return Ok(None) };
        let value = other.value(&self.state)?;
        let (Some(number), false) = (value.whole(), matches!(value, Value::Int(whole) if whole.width().is_some())) else {
            return Ok(None);
        };
        let signed = width.is_some_and(|(width, signed)| signed && width <= cells.len());
        let mut wanted = number;
        if let Some((width, _)) = width {
            cells.truncate(width);
            // as in the arithmetic of the type
            wanted = number.rem_euclid(1i128 << width);
        }
        let Ok(value) = u64::try_from(wanted) else {
            return Ok(Some(Test::Known(operator == Binary::NotEqual)));
        };
        if let (Some((strict, less)), false, Some(list)) = (order(operator), signed || width.is_some(), measured(&cells)) {
            let less = less != turned;
            let next = |value: u64| value.checked_add(1).map_or(Test::Known(true), |value| below(&list, value));
            return Ok(Some(match (less, strict) {
                (true, true) => below(&list, value),
                (true, false) => next(value),
                (false, true) => Test::Not(Box::new(next(value))),
                (false, false) => Test::Not(Box::new(below(&list, value))),
            }));
        }
        Ok(match operator {
            Binary::Equal => Some(equal(&cells, value)),
            Binary::NotEqual => Some(match equal(&cells, value) {
                Test::Known(truth) => Test::Known(!truth),
                test => Test::Not(Box::new(test)),
            }),
            _ => None,
        })
    }
}

/// Bits of the circuit, where all are measured.
fn measured(bits: &[BitCell]) -> Option<Vec<usize>> {
    bits.iter().map(|bit| if let BitCell::Measured(bit) = bit { Some(*bit) } else { None }).collect()
}

/// Whether bits have a value, those that are known left out.
fn equal(cells: &[BitCell], value: u64) -> Test {
    let wanted = |position: usize| position < 64 && value >> position & 1 == 1;
    if cells.len() < 64 && value >> cells.len() != 0 {
        return Test::Known(false);
    }
    let mut condition = Condition { bits: Vec::new(), value: 0 };
    for (position, cell) in cells.iter().enumerate() {
        match cell {
            BitCell::Known(bit) if *bit != wanted(position) => return Test::Known(false),
            BitCell::Known(_) => {}
            BitCell::Measured(bit) => {
                if wanted(position) {
                    condition.value |= 1 << condition.bits.len();
                }
                condition.bits.push(*bit);
            }
        }
    }
    if condition.bits.is_empty() { Test::Known(true) } else { Test::Bits(condition) }
}

/// What is known behind a branch of which either side may have run.
fn merged(yes: State, no: State) -> State {
    let bit = |pair: (BitCell, BitCell)| match pair {
        (a, b) if a == b => Some(a),
        // a register of the circuit holds what it is measured to, or its first zero
        (BitCell::Measured(bit), BitCell::Known(false)) | (BitCell::Known(false), BitCell::Measured(bit)) if bit < NEW => {
            Some(BitCell::Measured(bit))
        }
        _ => None,
    };
    let cell = |(a, b): (Cell, Cell)| {
        if a == b {
            return a;
        }
        let single = matches!(a, Cell::Known(Value::Bit(_)) | Cell::Bits(_, true));
        match (a.bits(), b.bits()) {
            (Some(a), Some(b)) if a.len() == b.len() => {
                a.into_iter().zip(b).map(bit).collect::<Option<Vec<_>>>().map_or(Cell::Unknown, |bits| Cell::of(bits, single))
            }
            _ => Cell::Unknown,
        }
    };
    let list = |a: Vec<Cell>, b: Vec<Cell>| a.into_iter().zip(b).map(cell).collect();
    let frames = yes.frames.into_iter().zip(no.frames).map(|(a, b)| list(a, b)).collect();
    State { globals: list(yes.globals, no.globals), frames }
}
