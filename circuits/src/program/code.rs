//! Statements as a list of instructions with jumps, so that a place in a program is a number.

use super::expression::{Expr, Node, Place, Routine, Selector, Slot};
use super::gate::GateCall;
use super::statement::{Block, Role, Statement, StatementKind, Subroutine, Target, Values, Variable};
use super::types::Type;
use crate::operation::Operation;

/// Expressions of instructions have no calls and no measurements in them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Instruction {
    /// A stretch of operations, by its number.
    Stretch(usize),
    Gate(GateCall),
    Reset(Expr),
    Declare(Slot, Type, Option<Expr>),
    Assign(Target, Expr),
    Measure(Expr, Slot),
    Call(Call),
    Return(Option<Expr>),
    /// Intermediate values that are not read again, so that they tell no courses apart.
    Forget(Vec<Slot>),
    Jump(usize),
    Unless(Expr, usize),
    /// Jumps where the value is none of the labels.
    Other(Slot, Vec<i128>, usize),
    /// Begins a loop of the frame.
    Loop(usize, Values),
    /// The next turn of a loop, or a jump behind it.
    Next {
        index: usize,
        slot: Slot,
        kind: Type,
        exit: usize,
    },
    End,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub routine: Routine,
    pub arguments: Vec<Expr>,
    pub into: Option<Slot>,
    /// Parameters that are handed back, and where to.
    pub back: Vec<(usize, Target)>,
}

/// A program as instructions.
#[derive(Clone, Debug, PartialEq, Default)]
pub(crate) struct Code {
    pub instructions: Vec<Instruction>,
    pub places: Vec<Place>,
    pub stretches: Vec<Vec<Operation>>,
    /// Where each subroutine begins.
    pub entries: Vec<usize>,
    /// Loops that a frame may have open: of the program, then of each subroutine.
    pub loops: Vec<usize>,
}

struct Compiler<'v> {
    code: Code,
    variables: &'v mut Vec<Variable>,
    subroutines: &'v [Subroutine],
    global: bool,
    loops: usize,
    most: usize,
    /// Variables for intermediate values of the statement that is compiled.
    taken: Vec<Slot>,
    /// Open loops: where to continue, and the jumps out that are to be filled in.
    open: Vec<(usize, Vec<usize>)>,
    place: Place,
}

/// Instructions of a program; variables for intermediate values are added.
pub(crate) fn compile(body: &Block, globals: &mut Vec<Variable>, subroutines: &mut [Subroutine]) -> Code {
    let mut code = Code::default();
    let known = subroutines.to_vec();
    let part = |code: Code, body: &Block, variables: &mut Vec<Variable>, global: bool| -> Code {
        let mut compiler = Compiler {
            code,
            variables,
            subroutines: &known,
            global,
            loops: 0,
            most: 0,
            taken: Vec::new(),
            open: Vec::new(),
            place: Place::default(),
        };
        compiler.block(body);
        compiler.push(if global { Instruction::End } else { Instruction::Return(None) });
        let most = compiler.most;
        let mut code = compiler.code;
        code.loops.push(most);
        code
    };
    code = part(code, body, globals, true);
    for subroutine in subroutines {
        code.entries.push(code.instructions.len());
        let body = std::mem::take(&mut subroutine.body);
        code = part(code, &body, &mut subroutine.variables, false);
        subroutine.body = body;
    }
    code
}

impl Compiler<'_> {
    fn push(&mut self, instruction: Instruction) -> usize {
        self.code.instructions.push(instruction);
        self.code.places.push(self.place);
        self.code.instructions.len() - 1
    }

    fn here(&self) -> usize {
        self.code.instructions.len()
    }

    /// Lets a jump lead to the next instruction.
    fn land(&mut self, jump: usize) {
        let here = self.here();
        match &mut self.code.instructions[jump] {
            Instruction::Jump(to)
            | Instruction::Unless(_, to)
            | Instruction::Other(_, _, to)
            | Instruction::Next { exit: to, .. } => *to = here,
            _ => unreachable!("only jumps are filled in"),
        }
    }

    /// A variable for an intermediate value.
    fn temporary(&mut self, kind: Type) -> Slot {
        self.variables.push(Variable { name: String::new(), kind, role: Role::Inner });
        let index = self.variables.len() - 1;
        if self.global { Slot::Global(index) } else { Slot::Local(index) }
    }

    /// The expression with its calls and measurements done before it, from left to right.
    fn plain(&mut self, expr: &Expr) -> Expr {
        let mut expr = expr.clone();
        if expr.has_effects() {
            self.take_out(&mut expr);
        }
        expr
    }

    fn take_out(&mut self, expr: &mut Expr) {
        for child in expr.children_mut() {
            self.take_out(child);
        }
        let place = std::mem::replace(&mut self.place, expr.place);
        let into = match &expr.node {
            Node::Call(routine, arguments) => {
                let into = self.temporary(expr.kind.clone());
                self.taken.push(into);
                self.call(*routine, arguments.clone(), Some(into));
                Some(into)
            }
            Node::Measure(qubits) => {
                let into = self.temporary(expr.kind.clone());
                self.taken.push(into);
                self.push(Instruction::Measure((**qubits).clone(), into));
                Some(into)
            }
            _ => None,
        };
        self.place = place;
        if let Some(into) = into {
            expr.node = Node::Variable(into);
        }
    }

    fn call(&mut self, routine: Routine, arguments: Vec<Expr>, into: Option<Slot>) {
        let mut back = Vec::new();
        if let Routine::Subroutine(index) = routine {
            for (position, parameter) in self.subroutines[index].parameters.iter().enumerate().filter(|(_, p)| p.mutable) {
                let _ = parameter;
                if let Some(target) = target_of(&arguments[position]) {
                    back.push((position, target));
                }
            }
        }
        self.push(Instruction::Call(Call { routine, arguments, into, back }));
    }

    fn block(&mut self, block: &Block) {
        for statement in block {
            let outer = std::mem::take(&mut self.taken);
            self.statement(statement);
            let taken = std::mem::replace(&mut self.taken, outer);
            if !taken.is_empty() {
                self.push(Instruction::Forget(taken));
            }
        }
    }

    fn statement(&mut self, statement: &Statement) {
        self.place = statement.place;
        match &statement.kind {
            StatementKind::Operations(operations) => {
                self.code.stretches.push(operations.clone());
                self.push(Instruction::Stretch(self.code.stretches.len() - 1));
            }
            StatementKind::Gate(call) => {
                let mut call = call.clone();
                for expr in call.angles.iter_mut().chain(&mut call.qubits) {
                    *expr = self.plain(expr);
                }
                self.push(Instruction::Gate(call));
            }
            StatementKind::Reset(qubits) => {
                let qubits = self.plain(qubits);
                self.push(Instruction::Reset(qubits));
            }
            // time passes, and states do not change
            StatementKind::Barrier(_) | StatementKind::Delay { .. } | StatementKind::Text(_) => {}
            StatementKind::Declare { slot, kind, value } => {
                let value = value.as_ref().map(|value| self.plain(value));
                self.push(Instruction::Declare(*slot, kind.clone(), value));
            }
            StatementKind::Assign { target, value } => {
                let mut target = target.clone();
                for expr in target.brackets.iter_mut().flatten().flat_map(Selector::expressions_mut) {
                    *expr = self.plain(expr);
                }
                let value = self.plain(value);
                self.push(Instruction::Assign(target, value));
            }
            StatementKind::Expression(expr) => match &expr.node {
                Node::Call(routine, arguments) => {
                    let arguments = arguments.iter().map(|argument| self.plain(argument)).collect();
                    self.place = expr.place;
                    self.call(*routine, arguments, None);
                }
                _ => {
                    self.plain(expr);
                }
            },
            StatementKind::If { condition, then, otherwise } => {
                let condition = self.plain(condition);
                let skip = self.push(Instruction::Unless(condition, 0));
                self.block(then);
                if otherwise.is_empty() {
                    self.land(skip);
                } else {
                    let end = self.push(Instruction::Jump(0));
                    self.land(skip);
                    self.block(otherwise);
                    self.land(end);
                }
            }
            StatementKind::While { condition, body } => {
                let start = self.here();
                let condition = self.plain(condition);
                let exit = self.push(Instruction::Unless(condition, 0));
                self.turn(start, body, exit);
            }
            StatementKind::For { slot, kind, values, body } => self.repeat(*slot, kind, values, body),
            StatementKind::Switch { value, cases, default } => self.switch(value, cases, default),
            StatementKind::Break => {
                let jump = self.push(Instruction::Jump(0));
                self.open.last_mut().expect("breaks stand in loops").1.push(jump);
            }
            StatementKind::Continue => {
                let start = self.open.last().expect("continues stand in loops").0;
                self.push(Instruction::Jump(start));
            }
            StatementKind::End => {
                self.push(Instruction::End);
            }
            StatementKind::Return(value) => {
                let value = value.as_ref().map(|value| self.plain(value));
                self.push(Instruction::Return(value));
            }
            StatementKind::Box { body, .. } => self.block(body),
        }
    }

    /// The body of a loop, back to its start, and the places that leave it.
    fn turn(&mut self, start: usize, body: &Block, exit: usize) {
        let place = self.place;
        self.open.push((start, Vec::new()));
        self.block(body);
        self.place = place;
        self.push(Instruction::Jump(start));
        let (_, breaks) = self.open.pop().expect("pushed above");
        self.land(exit);
        breaks.into_iter().for_each(|jump| self.land(jump));
    }

    fn repeat(&mut self, slot: Slot, kind: &Type, values: &Values, body: &Block) {
        let index = self.loops;
        self.loops += 1;
        self.most = self.most.max(self.loops);
        let values = match values {
            Values::Range(range) => {
                let (first, step, last) = &**range;
                let (first, step) = (self.plain(first), step.as_ref().map(|step| self.plain(step)));
                Values::Range(Box::new((first, step, self.plain(last))))
            }
            Values::Set(list) => Values::Set(list.iter().map(|item| self.plain(item)).collect()),
            Values::Each(expr) => Values::Each(self.plain(expr)),
        };
        self.push(Instruction::Loop(index, values));
        let start = self.push(Instruction::Next { index, slot, kind: kind.clone(), exit: 0 });
        self.turn(start, body, start);
        self.loops -= 1;
    }

    fn switch(&mut self, value: &Expr, cases: &[(Vec<i128>, Block)], default: &Block) {
        let value = self.plain(value);
        let slot = self.temporary(value.kind.clone());
        self.push(Instruction::Declare(slot, value.kind.clone(), Some(value)));
        let mut ends = Vec::new();
        for (labels, block) in cases {
            let skip = self.push(Instruction::Other(slot, labels.clone(), 0));
            self.block(block);
            ends.push(self.push(Instruction::Jump(0)));
            self.land(skip);
        }
        self.block(default);
        ends.into_iter().for_each(|jump| self.land(jump));
    }
}

/// What an argument names, if it can be assigned to.
pub(crate) fn target_of(expr: &Expr) -> Option<Target> {
    match &expr.node {
        Node::Variable(slot) => Some(Target { slot: *slot, brackets: Vec::new(), place: expr.place }),
        Node::Part(base, selectors) => {
            let mut target = target_of(base)?;
            target.brackets.push(selectors.clone());
            Some(target)
        }
        _ => None,
    }
}
