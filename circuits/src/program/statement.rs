//! Statements of programs.

use super::expression::{Expr, Place, Selector, Slot};
use super::fault::Trouble;
use super::gate::GateCall;
use super::types::Type;
use crate::operation::Operation;

pub(crate) type Block = Vec<Statement>;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Statement {
    pub kind: StatementKind,
    pub place: Place,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum StatementKind {
    /// Gates whose qubits and angles were known when the program was read.
    Operations(Vec<Operation>),
    Gate(GateCall),
    Reset(Expr),
    /// On all qubits where the list is empty.
    Barrier(Vec<Expr>),
    Delay {
        duration: Expr,
        qubits: Vec<Expr>,
    },
    /// The variable is new: it holds its value, or zero.
    Declare {
        slot: Slot,
        kind: Type,
        value: Option<Expr>,
    },
    Assign {
        target: Target,
        value: Expr,
    },
    /// For its effects.
    Expression(Expr),
    If {
        condition: Expr,
        then: Block,
        otherwise: Block,
    },
    While {
        condition: Expr,
        body: Block,
    },
    For {
        slot: Slot,
        kind: Type,
        values: Values,
        body: Block,
    },
    Switch {
        value: Expr,
        cases: Vec<(Vec<i128>, Block)>,
        default: Block,
    },
    Break,
    Continue,
    End,
    Return(Option<Expr>),
    Box {
        duration: Option<Expr>,
        body: Block,
    },
    /// What is kept as it stands and has no effect here.
    Text(String),
}

/// What is assigned to: a variable, or what indices pick of it, one bracket behind the other.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Target {
    pub slot: Slot,
    pub brackets: Vec<Vec<Selector>>,
    pub place: Place,
}

/// What a loop counts through.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Values {
    /// First, step and last, both ends included.
    Range(Box<(Expr, Option<Expr>, Expr)>),
    Set(Vec<Expr>),
    /// The elements of an array or a register.
    Each(Expr),
}

/// A `def`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Subroutine {
    pub name: String,
    pub parameters: Vec<Parameter>,
    pub returns: Option<Type>,
    /// Names and types of its variables, the parameters first.
    pub variables: Vec<Variable>,
    pub body: Block,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parameter {
    pub kind: ParameterType,
    /// Whether an array is handed back.
    pub mutable: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ParameterType {
    Known(Type),
    /// An array of so many dimensions of any size.
    AnyArray(Type, usize),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Variable {
    pub name: String,
    pub kind: Type,
    pub role: Role,
}

/// What a variable is to the outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Plain,
    Input,
    Output,
    /// Of a block: not seen outside.
    Inner,
}

impl Subroutine {
    /// What is wrong where it ends without the value that it declares.
    pub fn without_return(&self) -> Trouble {
        Trouble::Refused(format!("{} ends without a return", self.name))
    }
}

/// An `extern`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct External {
    pub name: String,
    pub parameters: Vec<Type>,
    pub returns: Option<Type>,
}
