//! Expressions and constants.

use super::HybridWriter;
use crate::program::{Array, Conversion, Duration, Expr, Node, Routine, Selector, Symbol, Type, Value};
use crate::qasm::error::QasmError;

/// A number that is read as one with a fraction.
fn real(value: f64) -> String {
    if value < 0.0 || (value == 0.0 && value.is_sign_negative()) { format!("(-{:?})", value.abs()) } else { format!("{value:?}") }
}

/// So many of a unit of time, whose number stands right before it.
fn lasting(value: f64, unit: &str) -> String {
    format!("({}{:?}{unit})", if value.is_sign_negative() { "-" } else { "" }, value.abs())
}

/// A whole number.
fn whole(value: i128) -> String {
    match value {
        // the number without its sign is too large to be written
        value if value == i128::from(i64::MIN) => "(-9223372036854775807 - 1)".to_owned(),
        value if value < 0 => format!("(-{})", -value),
        value => value.to_string(),
    }
}

/// A constant that is no duration of a device and no qubit.
pub(super) fn written_out(value: &Value) -> String {
    match value {
        Value::Bit(bit) => format!("bit({})", u8::from(*bit)),
        Value::Bits(_) => format!("\"{value}\""),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => match value.kind() {
            Type::Int(None) => whole(number.value()),
            kind => format!("{kind}({})", whole(number.value())),
        },
        Value::Float(number, 64) => real(*number),
        Value::Float(number, bits) => format!("float[{bits}]({})", real(*number)),
        Value::Angle { bits, .. } => {
            let digits: String = value.bits().unwrap_or_default().iter().rev().map(|bit| if *bit { '1' } else { '0' }).collect();
            format!("angle[{bits}](\"{digits}\")")
        }
        Value::Complex(number, bits) => format!("complex[float[{bits}]]({} + {})", real(number.re), imaginary(number.im)),
        Value::Duration(duration) => lasting(duration.ns, "ns"),
        Value::Array(array) => {
            let outer = array.dimensions.first().copied().unwrap_or(1).max(1);
            let parts: Vec<String> = array
                .items
                .chunks((array.items.len() / outer).max(1))
                .map(|part| match array.dimensions.get(1..) {
                    Some(inner @ [_, ..]) => {
                        let array = Array { base: array.base.clone(), dimensions: inner.to_vec(), items: part.to_vec() };
                        written_out(&Value::Array(Box::new(array)))
                    }
                    Some([]) | None => written_out(&part[0]),
                })
                .collect();
            format!("{{{}}}", parts.join(", "))
        }
        Value::Qubits(..) => unreachable!("qubits have names"),
    }
}

fn imaginary(value: f64) -> String {
    if value < 0.0 { format!("(-{:?}im)", value.abs()) } else { format!("{value:?}im") }
}

impl HybridWriter<'_> {
    pub(super) fn expression(&mut self, expr: &Expr) -> Result<String, QasmError> {
        Ok(match &expr.node {
            Node::Constant(value) => self.constant(value)?,
            Node::Variable(slot) => self.variable(*slot),
            Node::Part(base, selectors) => {
                let base = self.base(base)?;
                let selectors = selectors.iter().map(|selector| self.selector(selector)).collect::<Result<Vec<_>, _>>()?;
                format!("{base}[{}]", selectors.join(", "))
            }
            Node::Unary(operator, inner) => format!("{}({})", operator.symbol(), self.expression(inner)?),
            Node::Binary(operator, sides) => {
                format!("({} {} {})", self.expression(&sides.0)?, operator.symbol(), self.expression(&sides.1)?)
            }
            Node::Function(function, list) => format!("{}({})", function.name(), self.list(list)?),
            // what takes the value converts it again
            Node::Cast(inner, Conversion::Implicit) => self.expression(inner)?,
            Node::Cast(inner, Conversion::Explicit) => format!("{}({})", expr.kind, self.expression(inner)?),
            Node::Concat(list) => {
                let parts = list.iter().map(|part| self.expression(part)).collect::<Result<Vec<_>, _>>()?;
                let name = self.fresh("joined");
                self.before.push(format!("let {name} = {};", parts.join(" ++ ")));
                name
            }
            Node::List(list) => {
                format!("{{{}}}", self.list(list)?)
            }
            Node::Call(Routine::Subroutine(index), list) => format!("{}({})", self.subroutine_name(*index), self.list(list)?),
            Node::Call(Routine::Extern(index), list) => format!("{}({})", self.functions[*index].clone(), self.list(list)?),
            Node::Measure(qubits) => format!("measure {}", self.expression(qubits)?),
        })
    }

    pub(super) fn list(&mut self, list: &[Expr]) -> Result<String, QasmError> {
        Ok(list.iter().map(|item| self.expression(item)).collect::<Result<Vec<_>, _>>()?.join(", "))
    }

    /// What an index stands behind.
    fn base(&mut self, expr: &Expr) -> Result<String, QasmError> {
        match &expr.node {
            Node::Variable(_) | Node::Part(..) | Node::Concat(_) => self.expression(expr),
            Node::Constant(value @ Value::Qubits(..)) => self.constant(value),
            Node::Constant(value) => Ok(self.named_constant(value)),
            _ => Ok(format!("({})", self.expression(expr)?)),
        }
    }

    pub(super) fn selector(&mut self, selector: &Selector) -> Result<String, QasmError> {
        let part =
            |writer: &mut Self, expr: &Option<Expr>| expr.as_ref().map_or(Ok(String::new()), |expr| writer.expression(expr));
        Ok(match selector {
            Selector::At(expr) => self.expression(expr)?,
            Selector::Set(list) => format!("{{{}}}", self.list(list)?),
            Selector::Range(first, None, last) => format!("{}:{}", part(self, first)?, part(self, last)?),
            Selector::Range(first, step, last) => {
                format!("{}:{}:{}", part(self, first)?, part(self, step)?, part(self, last)?)
            }
        })
    }

    pub(super) fn named_constant(&mut self, value: &Value) -> String {
        if let Some((_, name)) = self.constants.iter().find(|(own, _)| own == value) {
            return name.clone();
        }
        let name = self.fresh("fixed");
        self.constants.push((value.clone(), name.clone()));
        name
    }

    fn constant(&mut self, value: &Value) -> Result<String, QasmError> {
        match value {
            Value::Qubits(list, single) => Ok(self.qubits(list, *single)),
            Value::Array(_) => Ok(self.named_constant(value)),
            Value::Duration(duration) => self.duration(duration),
            Value::Bit(_)
            | Value::Bits(_)
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(..)
            | Value::Angle { .. }
            | Value::Complex(..) => Ok(written_out(value)),
        }
    }

    fn duration(&mut self, duration: &Duration) -> Result<String, QasmError> {
        let mut parts = Vec::new();
        if duration.ns != 0.0 || duration.unknown.is_empty() {
            parts.push(written_out(&Value::Duration(Duration::ns(duration.ns))));
        }
        for &(symbol, factor) in &duration.unknown {
            parts.push(match symbol {
                Symbol::Dt => lasting(factor, "dt"),
                Symbol::Stretch(index) => format!("({} * {})", real(factor), self.stretches[index]),
                Symbol::Block(index) => {
                    let block = self.program.timed[index].clone();
                    format!("({} * durationof({{{}}}))", real(factor), self.one_line(&block)?)
                }
            });
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { format!("({})", parts.join(" + ")) })
    }

    /// Qubits by the name of their register, or by one that they get.
    fn qubits(&mut self, list: &[usize], single: bool) -> String {
        if let ([qubit], true) = (list, single) {
            return self.inner.qubits[*qubit].clone();
        }
        let inside = |start: usize, size: usize| list.iter().all(|qubit| (start..start + size).contains(qubit));
        let register = self.inner.qubit_registers.iter().find(|(_, register)| inside(register.start, register.size));
        if let Some((name, register)) = register.filter(|(name, _)| name != "$") {
            let is_run = list.windows(2).all(|pair| pair[1] == pair[0] + 1);
            let (first, last) = (list[0] - register.start, list[list.len() - 1] - register.start);
            return match is_run {
                true if list.len() == register.size => name.clone(),
                true if first < last => format!("{name}[{first}:{last}]"),
                _ => {
                    let places: Vec<String> = list.iter().map(|qubit| (qubit - register.start).to_string()).collect();
                    format!("{name}[{{{}}}]", places.join(", "))
                }
            };
        }
        if let Some((_, name)) = self.aliases.iter().find(|(own, _)| own == list) {
            return name.clone();
        }
        let name = self.fresh("joined");
        self.aliases.push((list.to_vec(), name.clone()));
        name
    }
}
