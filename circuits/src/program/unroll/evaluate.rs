//! Expressions and conditions of which a part is measured.

use super::{BitCell, Cell, Flow, NEW, Unrolled, Unroller, beyond};
use crate::operation::{Condition, Operation};
use crate::program::cast::{Conversion, convert};
use crate::program::condition::{Test, below, order};
use crate::program::expression::{Expr, Node, Routine, picks};
use crate::program::fault::Trouble;
use crate::program::index::numbers;
use crate::program::operator::{Binary, Unary};
use crate::program::types::Type;
use crate::program::value::Value;

impl Unroller<'_> {
    pub(super) fn is_known(&self, expr: &Expr) -> bool {
        match &expr.node {
            Node::Variable(slot) => matches!(self.state.cell(*slot), Cell::Known(_)),
            Node::Call(..) | Node::Measure(_) => false,
            _ => expr.children().iter().all(|child| self.is_known(child)),
        }
    }

    pub(super) fn known(&mut self, expr: &Expr) -> Unrolled<Value> {
        match self.cell(expr)? {
            Cell::Known(value) => Ok(value),
            Cell::Bits(..) | Cell::Unknown => beyond(expr.place, "a value that depends on measured bits"),
        }
    }

    pub(super) fn qubits(&mut self, expr: &Expr) -> Unrolled<Box<[usize]>> {
        match self.known(expr)? {
            Value::Qubits(list, _) => Ok(list),
            other => Err(Trouble::Kind(format!("expected qubits, found {}", other.kind())).at(expr.place)),
        }
    }

    pub(super) fn all_qubits(&mut self, list: &[Expr]) -> Unrolled<Vec<usize>> {
        let mut qubits = Vec::new();
        for expr in list {
            qubits.extend(self.qubits(expr)?);
        }
        qubits.sort_unstable();
        qubits.dedup();
        Ok(qubits)
    }

    /// What an expression is, as far as it is known; its measurements and calls are done.
    pub(super) fn cell(&mut self, expr: &Expr) -> Unrolled<Cell> {
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
                let places = numbers(&picks, bits.len()).map_err(|trouble| trouble.at(expr.place))?;
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
                // what is in it is done, from left to right, and its value worked out where all of it is known
                let mut plain = expr.clone();
                let mut all = true;
                for child in plain.children_mut() {
                    match self.cell(child)? {
                        Cell::Known(value) => child.node = Node::Constant(value),
                        Cell::Bits(..) | Cell::Unknown => all = false,
                    }
                }
                if all { plain.value(&self.state).map(Cell::Known) } else { Ok(Cell::Unknown) }
            }
        }
    }

    /// Does a measurement or a call; a call of a subroutine without a value gives none.
    pub(super) fn effects(&mut self, expr: &Expr) -> Unrolled<Option<Cell>> {
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
                frame.resize(subroutine.variables.len(), Cell::Known(Value::UNDECLARED));
                self.state.frames.push(frame);
                let flow = self.block(&subroutine.body)?;
                self.state.frames.pop();
                match flow {
                    Flow::Return(value) => Ok(value),
                    Flow::Next if subroutine.returns.is_some() => Err(subroutine.without_return().at(expr.place)),
                    Flow::Next => Ok(None),
                    Flow::End => beyond(expr.place, "an end within a subroutine"),
                    Flow::Break | Flow::Continue => unreachable!("loops hold their jumps"),
                }
            }
            _ => self.cell(expr).map(Some),
        }
    }

    /// A condition as circuits have them.
    pub(super) fn test(&mut self, expr: &Expr) -> Unrolled<Test> {
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
    pub(super) fn compared(&mut self, operator: Binary, bits: &Expr, other: &Expr, turned: bool) -> Unrolled<Option<Test>> {
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
