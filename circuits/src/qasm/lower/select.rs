//! Operands to indices of qubits and bits.

use super::{Lowered, Lowering, Symbol};
use crate::qasm::error::{Finding, Span};
use crate::qasm::lexer::hardware_qubits;
use crate::qasm::syntax::{Expr, Index, Operand};

/// Indices that an operand names.
#[derive(Clone, Debug)]
pub(super) enum Selection {
    /// One, which is broadcast.
    One(usize),
    /// So many from a first one on.
    Run(usize, usize),
    List(Vec<usize>),
}

impl Selection {
    pub fn len(&self) -> usize {
        match self {
            Selection::One(_) => 1,
            Selection::Run(_, size) => *size,
            Selection::List(list) => list.len(),
        }
    }

    pub fn get(&self, position: usize) -> usize {
        match self {
            Selection::One(index) => *index,
            Selection::Run(start, _) => start + position,
            Selection::List(list) => list[position],
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = usize> {
        (0..self.len()).map(|position| self.get(position))
    }
}

impl<'a> Lowering<'a> {
    pub(super) fn qubits(&mut self, operand: &Operand<'a>) -> Lowered<Selection> {
        if operand.name.text.starts_with('$') {
            return self.physical(operand);
        }
        match self.symbol(operand.name.text) {
            Some(Symbol::Qubits { start, scalar: true, .. }) if operand.is_whole() => Ok(Selection::One(start)),
            Some(Symbol::Qubits { start, size, .. }) => self.select(operand, Selection::Run(start, size)),
            Some(Symbol::Alias(index)) => self.select(operand, Selection::List(self.aliases[index].clone())),
            Some(other) => {
                let message = format!("{} is {}, not a quantum register", operand.name.text, other.describe());
                Err(Finding::new(operand.name.span, message))
            }
            None => Err(self.unknown(operand.name, "register")),
        }
    }

    pub(super) fn bits(&self, operand: &Operand<'a>) -> Lowered<Selection> {
        match self.symbol(operand.name.text) {
            Some(Symbol::Bits { start, scalar: true, .. }) if operand.is_whole() => Ok(Selection::One(start)),
            Some(Symbol::Bits { start, size, .. }) => self.select(operand, Selection::Run(start, size)),
            Some(other) => {
                let message = format!("{} is {}, not a classical register", operand.name.text, other.describe());
                Err(Finding::new(operand.name.span, message))
            }
            None => Err(self.unknown(operand.name, "register")),
        }
    }

    /// Indices of all operands, none twice.
    pub(super) fn distinct(&mut self, operands: &[Operand<'a>], span: Span) -> Lowered<Vec<usize>> {
        let mut qubits = Vec::new();
        for operand in operands {
            qubits.extend(self.qubits(operand)?.iter());
        }
        let mut sorted = qubits.clone();
        sorted.sort_unstable();
        if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Finding::new(span, "a qubit is named twice here"));
        }
        Ok(qubits)
    }

    /// The part of a register that the index picks.
    fn select(&self, operand: &Operand<'a>, all: Selection) -> Lowered<Selection> {
        let size = all.len() as i64;
        if let Some((value, span)) = operand.literal {
            return match usize::try_from(value) {
                Ok(value) if value < all.len() => Ok(Selection::One(all.get(value))),
                _ => Err(Finding::new(span, format!("{value} is outside {}, which has {size} elements", operand.name.text))
                    .help(format!("use 0 to {}", size - 1))),
            };
        }
        let Some(index) = operand.index.as_deref() else { return Ok(all) };
        let whole = |expr: &Expr<'a>| match expr.kind {
            crate::qasm::syntax::ExprKind::Integer(value) => Ok(i64::try_from(value).unwrap_or(i64::MAX)),
            _ => self.evaluator(&|name| self.value_of(name)).whole(expr),
        };
        let outside = |value: i64, span: Span| {
            Finding::new(span, format!("{value} is outside {}, which has {size} elements", operand.name.text))
                .help(format!("use 0 to {}", size - 1))
        };
        let new = self.version == crate::qasm::Version::V3;
        let place = |expr: &Expr<'a>| -> Lowered<i64> {
            let value = whole(expr)?;
            // Negative indices count from the end.
            let counted = if new && value < 0 { value + size } else { value };
            if (0..size).contains(&counted) { Ok(counted) } else { Err(outside(value, expr.span)) }
        };
        match index {
            Index::One(expr) => Ok(Selection::One(all.get(place(expr)? as usize))),
            Index::Range(..) | Index::Set(_) if !new => {
                Err(Finding::new(operand.span, "slices belong to OpenQASM 3").help("name each element"))
            }
            Index::Many(_) | Index::Chain(_) => Err(Finding::beyond(operand.span, "an index of an index")),
            Index::Set(items) => {
                let list = items.iter().map(|item| Ok(all.get(place(item)? as usize)));
                list.collect::<Lowered<Vec<usize>>>().map(Selection::List)
            }
            Index::Range(first, step, last) => {
                let by = step.as_ref().map_or(Ok(1), whole)?;
                if by == 0 {
                    return Err(Finding::new(operand.span, "the step of a slice is not zero"));
                }
                let (low, high) = (0, size - 1);
                let first = first.as_ref().map_or(Ok(if by > 0 { low } else { high }), place)?;
                let last = last.as_ref().map_or(Ok(if by > 0 { high } else { low }), place)?;
                let mut list = Vec::new();
                let mut at = first;
                while if by > 0 { at <= last } else { at >= last } {
                    list.push(all.get(at as usize));
                    let Some(next) = at.checked_add(by) else { break };
                    at = next;
                }
                if list.is_empty() {
                    return Err(Finding::new(operand.span, "this slice has no elements"));
                }
                Ok(Selection::List(list))
            }
        }
    }

    /// `$n`: qubits of the machine, as many as the program names.
    fn physical(&mut self, operand: &Operand<'a>) -> Lowered<Selection> {
        let number = |text: &str| text[1..].replace('_', "").parse::<usize>().ok().filter(|n| *n < self.limits.bits);
        let Some(index) = number(operand.name.text) else {
            return Err(Finding::new(operand.span, format!("physical qubits are numbered below {}", self.limits.bits)));
        };
        let (start, size) = match self.physical {
            Some(range) => range,
            None => {
                let size = hardware_qubits(self.source).filter_map(number).fold(index, usize::max) + 1;
                self.check_bits(self.circuit.num_qubits(), size, operand.span)?;
                let start = self.circuit.add_qubits("$", size);
                self.physical = Some((start, size));
                (start, size)
            }
        };
        if index >= size {
            return Err(Finding::new(operand.span, "a physical qubit that only an included file names"));
        }
        match operand.is_whole() {
            true => Ok(Selection::One(start + index)),
            false => Err(Finding::new(operand.span, "a physical qubit has no elements")),
        }
    }
}
