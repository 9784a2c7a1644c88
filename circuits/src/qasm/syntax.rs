//! Syntax trees of both versions; names borrow from the source.

use smallvec::SmallVec;

use super::error::Span;

/// A name and its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name<'a> {
    pub text: &'a str,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(super) struct Statement<'a> {
    pub kind: StatementKind<'a>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(super) enum StatementKind<'a> {
    Include(Name<'a>),
    /// `qreg q[2];` or `qubit[2] q;`.
    Qubits {
        name: Name<'a>,
        size: Option<Expr<'a>>,
    },
    /// `creg c[2];` or `bit[2] c;`.
    Bits {
        name: Name<'a>,
        size: Option<Expr<'a>>,
    },
    Gate(GateDefinition<'a>),
    /// `opaque` declares a gate without a body.
    Opaque(GateDefinition<'a>),
    Call(Call<'a>),
    Measure {
        source: Operand<'a>,
        target: Option<Operand<'a>>,
    },
    Reset(Operand<'a>),
    Barrier(Vec<Operand<'a>>),
    If {
        condition: Expr<'a>,
        then: Vec<Statement<'a>>,
        otherwise: Vec<Statement<'a>>,
    },
}

#[derive(Clone, Debug)]
pub(super) struct GateDefinition<'a> {
    pub name: Name<'a>,
    pub parameters: Vec<Name<'a>>,
    pub qubits: Vec<Name<'a>>,
    pub body: Vec<Statement<'a>>,
}

/// `name(arguments) operands;`
#[derive(Clone, Debug)]
pub(super) struct Call<'a> {
    pub name: Name<'a>,
    pub arguments: SmallVec<[Expr<'a>; 1]>,
    pub operands: SmallVec<[Operand<'a>; 2]>,
}

/// `q` or `q[0]`.
#[derive(Clone, Debug)]
pub(super) struct Operand<'a> {
    pub name: Name<'a>,
    pub index: Option<Box<Expr<'a>>>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(super) struct Expr<'a> {
    pub kind: ExprKind<'a>,
    pub span: Span,
    /// Levels of nesting, bounded by the parser.
    pub depth: u16,
}

#[derive(Clone, Debug)]
pub(super) enum ExprKind<'a> {
    Integer(u64),
    Real(f64),
    Name(&'a str),
    Unary(Unary, Box<Expr<'a>>),
    Binary(Binary, Box<(Expr<'a>, Expr<'a>)>),
    Call(&'a str, Vec<Expr<'a>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unary {
    Minus,
    Plus,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Equal,
}
