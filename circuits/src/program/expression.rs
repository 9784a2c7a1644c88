//! Expressions with types, and their values.

use super::cast::{Conversion, convert};
use super::fault::Trouble;
use super::function::Function;
use super::index::{Pick, part};
use super::operate::{binary, unary};
use super::operator::{Binary, Unary};
use super::types::Type;
use super::value::Value;

/// Bytes `start..end` of one of the texts of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Place {
    pub source: u32,
    pub start: u32,
    pub end: u32,
}

/// Where a variable is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Slot {
    Global(usize),
    /// In the frame of the subroutine that runs.
    Local(usize),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expr {
    pub node: Node,
    pub kind: Type,
    pub place: Place,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Constant(Value),
    Variable(Slot),
    Part(Box<Expr>, Vec<Selector>),
    Unary(Unary, Box<Expr>),
    Binary(Binary, Box<(Expr, Expr)>),
    Function(Function, Vec<Expr>),
    /// To the type of the expression.
    Cast(Box<Expr>, Conversion),
    /// Qubits one behind the other.
    Concat(Vec<Expr>),
    /// Elements of the type of the array, each of which may be an array.
    List(Vec<Expr>),
    Call(Routine, Vec<Expr>),
    Measure(Box<Expr>),
}

/// What a call calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Routine {
    /// A `def`, by its number.
    Subroutine(usize),
    /// An `extern`, by its number.
    Extern(usize),
}

/// One index of a dimension.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Selector {
    At(Expr),
    Range(Option<Expr>, Option<Expr>, Option<Expr>),
    Set(Vec<Expr>),
}

/// Why an expression has no value, and where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    pub trouble: Trouble,
    pub place: Place,
}

impl Trouble {
    pub fn at(self, place: Place) -> Fault {
        Fault { trouble: self, place }
    }
}

/// Variables by slot.
pub(crate) trait Variables {
    fn value(&self, slot: Slot) -> &Value;
}

/// No variables at all.
pub(crate) struct NoVariables;

impl Variables for NoVariables {
    fn value(&self, _: Slot) -> &Value {
        unreachable!("constants have no variables")
    }
}

impl Selector {
    pub fn expressions(&self) -> Vec<&Expr> {
        match self {
            Selector::At(expr) => vec![expr],
            Selector::Range(first, step, last) => [first, step, last].into_iter().flatten().collect(),
            Selector::Set(list) => list.iter().collect(),
        }
    }

    pub fn expressions_mut(&mut self) -> Vec<&mut Expr> {
        match self {
            Selector::At(expr) => vec![expr],
            Selector::Range(first, step, last) => [first, step, last].into_iter().flatten().collect(),
            Selector::Set(list) => list.iter_mut().collect(),
        }
    }

    pub fn pick(&self, variables: &dyn Variables) -> Result<Pick, Fault> {
        let number = |expr: &Expr| expr.whole(variables);
        let end = |expr: &Option<Expr>| expr.as_ref().map(number).transpose();
        Ok(match self {
            Selector::At(expr) => Pick::At(number(expr)?),
            Selector::Range(first, step, last) => Pick::Range(end(first)?, end(step)?, end(last)?),
            Selector::Set(list) => Pick::Set(list.iter().map(number).collect::<Result<_, _>>()?),
        })
    }
}

pub(crate) fn picks(selectors: &[Selector], variables: &dyn Variables) -> Result<Vec<Pick>, Fault> {
    selectors.iter().map(|selector| selector.pick(variables)).collect()
}

impl Expr {
    pub fn constant(value: Value, place: Place) -> Self {
        Self { kind: value.kind(), node: Node::Constant(value), place }
    }

    pub fn as_constant(&self) -> Option<&Value> {
        match &self.node {
            Node::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// Everything that its value is made of.
    pub fn children(&self) -> Vec<&Expr> {
        match &self.node {
            Node::Constant(_) | Node::Variable(_) => Vec::new(),
            Node::Part(base, selectors) => {
                std::iter::once(&**base).chain(selectors.iter().flat_map(Selector::expressions)).collect()
            }
            Node::Unary(_, inner) | Node::Cast(inner, _) | Node::Measure(inner) => vec![inner],
            Node::Binary(_, sides) => vec![&sides.0, &sides.1],
            Node::Function(_, list) | Node::Concat(list) | Node::List(list) | Node::Call(_, list) => list.iter().collect(),
        }
    }

    pub fn children_mut(&mut self) -> Vec<&mut Expr> {
        match &mut self.node {
            Node::Constant(_) | Node::Variable(_) => Vec::new(),
            Node::Part(base, selectors) => {
                std::iter::once(&mut **base).chain(selectors.iter_mut().flat_map(Selector::expressions_mut)).collect()
            }
            Node::Unary(_, inner) | Node::Cast(inner, _) | Node::Measure(inner) => vec![inner],
            Node::Binary(_, sides) => {
                let (left, right) = &mut **sides;
                vec![left, right]
            }
            Node::Function(_, list) | Node::Concat(list) | Node::List(list) | Node::Call(_, list) => list.iter_mut().collect(),
        }
    }

    /// Whether a call or a measurement is in it.
    pub fn has_effects(&self) -> bool {
        matches!(self.node, Node::Call(..) | Node::Measure(_)) || self.children().iter().any(|child| child.has_effects())
    }

    /// The same expression, evaluated if nothing in it varies.
    pub fn folded(self) -> Result<Self, Fault> {
        let varies = matches!(self.node, Node::Constant(_) | Node::Variable(_) | Node::Call(..) | Node::Measure(_));
        if varies || self.children().iter().any(|child| child.as_constant().is_none()) {
            return Ok(self);
        }
        let place = self.place;
        self.value(&NoVariables).map(|value| Self::constant(value, place))
    }

    pub fn value(&self, variables: &dyn Variables) -> Result<Value, Fault> {
        let all = |list: &[Expr]| list.iter().map(|item| item.value(variables)).collect::<Result<Vec<_>, _>>();
        let value = match &self.node {
            Node::Constant(value) => return Ok(value.clone()),
            Node::Variable(slot) => return Ok(variables.value(*slot).clone()),
            Node::Part(base, selectors) => {
                let picks = picks(selectors, variables)?;
                match &base.node {
                    // without a copy of the whole
                    Node::Variable(slot) => part(variables.value(*slot), &picks),
                    _ => part(&base.value(variables)?, &picks),
                }
            }
            Node::Unary(operator, inner) => unary(*operator, &inner.value(variables)?),
            Node::Binary(operator, sides) => binary(*operator, &sides.0.value(variables)?, &sides.1.value(variables)?),
            Node::Function(function, list) => function.apply(&all(list)?),
            Node::Cast(inner, how) => convert(&inner.value(variables)?, &self.kind, *how),
            Node::Concat(list) => concat(&all(list)?),
            Node::List(list) => {
                let items = all(list)?.into_iter().flat_map(|item| match item {
                    Value::Array(array) => array.items,
                    other => vec![other],
                });
                let items: Vec<Value> = items.collect();
                let Type::Array(base, dimensions) = &self.kind else { unreachable!("a list is an array") };
                let array = super::value::Array { base: (**base).clone(), dimensions: dimensions.clone(), items };
                Ok(Value::Array(Box::new(array)))
            }
            Node::Call(..) | Node::Measure(_) => unreachable!("calls and measurements are taken out before"),
        };
        value.map_err(|trouble| trouble.at(self.place))
    }

    pub fn whole(&self, variables: &dyn Variables) -> Result<i128, Fault> {
        let value = self.value(variables)?;
        let number = value.whole();
        number.ok_or_else(|| Trouble::Kind(format!("expected a whole number, found {}", value.kind())).at(self.place))
    }

    pub fn truth(&self, variables: &dyn Variables) -> Result<bool, Fault> {
        self.value(variables)?.truth().map_err(|trouble| trouble.at(self.place))
    }

    /// Indices of qubits.
    pub fn qubits(&self, variables: &dyn Variables) -> Result<Box<[usize]>, Fault> {
        match self.value(variables)? {
            Value::Qubits(list, _) => Ok(list),
            other => Err(Trouble::Kind(format!("expected qubits, found {}", other.kind())).at(self.place)),
        }
    }
}

/// Registers of one kind, one behind the other.
fn concat(parts: &[Value]) -> Result<Value, Trouble> {
    let (mut qubits, mut bits) = (Vec::new(), Vec::new());
    for value in parts {
        match value {
            Value::Qubits(list, _) if bits.is_empty() => qubits.extend_from_slice(list),
            Value::Bits(list) if qubits.is_empty() => bits.extend_from_slice(list),
            Value::Bit(bit) if qubits.is_empty() => bits.push(*bit),
            other => return Err(Trouble::Kind(format!("++ does not apply to {} here", other.kind()))),
        }
    }
    if !bits.is_empty() {
        return Ok(Value::Bits(bits.into()));
    }
    let mut sorted = qubits.clone();
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Trouble::Refused("a qubit is named twice here".into()));
    }
    Ok(Value::Qubits(qubits.into(), false))
}
