//! Syntax trees of both versions; names borrow from the source.

use smallvec::SmallVec;

use super::error::Span;
pub(super) use crate::program::{Binary, Unary};

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
    /// `creg c[2];` or `bit[2] c;`, perhaps with a measurement behind.
    Bits {
        name: Name<'a>,
        size: Option<Expr<'a>>,
        measured: Option<Operand<'a>>,
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
    /// `const float x = 1;` and the like.
    Declare {
        name: Name<'a>,
        kind: Box<TypeExpr<'a>>,
        value: Option<Expr<'a>>,
        form: Form,
    },
    /// `x = 1;`, `x[0] += 1;`.
    Assign {
        target: Operand<'a>,
        operator: Option<Binary>,
        value: Expr<'a>,
    },
    /// `let a = q[0:1] ++ r;`
    Alias {
        name: Name<'a>,
        parts: Vec<Operand<'a>>,
    },
    For {
        name: Name<'a>,
        kind: Box<TypeExpr<'a>>,
        range: Index<'a>,
        body: Vec<Statement<'a>>,
    },
    Delay {
        duration: Expr<'a>,
        operands: Vec<Operand<'a>>,
    },
    While {
        condition: Expr<'a>,
        body: Vec<Statement<'a>>,
    },
    Switch {
        value: Expr<'a>,
        cases: Vec<(Vec<Expr<'a>>, Vec<Statement<'a>>)>,
        default: Option<Vec<Statement<'a>>>,
    },
    Break,
    Continue,
    End,
    Return(Option<Expr<'a>>),
    Box {
        duration: Option<Expr<'a>>,
        body: Vec<Statement<'a>>,
    },
    Subroutine(Box<Subroutine<'a>>),
    Extern {
        name: Name<'a>,
        parameters: Vec<TypeExpr<'a>>,
        returns: Option<TypeExpr<'a>>,
    },
    /// A call for its effects, or a measurement whose result is dropped.
    Expression(Expr<'a>),
    /// `cal`, `defcal` and `defcalgrammar`, as they stand.
    Calibration(&'a str),
    /// A pragma or an annotation, as it stands.
    Note(&'a str),
}

/// How a variable is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    Constant,
    Input,
    Output,
}

/// A type as it is written.
#[derive(Clone, Debug)]
pub(super) enum TypeExpr<'a> {
    Scalar(Type, Option<Expr<'a>>),
    Bit(Option<Expr<'a>>),
    /// The size of its parts.
    Complex(Option<Expr<'a>>),
    Stretch,
    Qubit(Option<Expr<'a>>),
    Array {
        base: Box<TypeExpr<'a>>,
        dimensions: Vec<Expr<'a>>,
        /// `#dim = 2` in place of the dimensions.
        rank: Option<Expr<'a>>,
        /// Of a parameter.
        access: Option<Access>,
        span: Span,
    },
}

/// What a subroutine may do with an array that is handed to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    ReadOnly,
    Mutable,
}

/// `def name(parameters) -> returns { body }`.
#[derive(Clone, Debug)]
pub(super) struct Subroutine<'a> {
    pub name: Name<'a>,
    pub parameters: Vec<(TypeExpr<'a>, Name<'a>)>,
    pub returns: Option<TypeExpr<'a>>,
    pub body: Vec<Statement<'a>>,
}

/// Types of values known when the program is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Int,
    Uint,
    Float,
    Angle,
    Bool,
    Duration,
}

impl Type {
    /// The type of this name.
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "int" => Type::Int,
            "uint" => Type::Uint,
            "float" => Type::Float,
            "angle" => Type::Angle,
            "bool" => Type::Bool,
            "duration" => Type::Duration,
            _ => return None,
        })
    }
}

#[derive(Clone, Debug)]
pub(super) struct GateDefinition<'a> {
    pub name: Name<'a>,
    pub parameters: Vec<Name<'a>>,
    pub qubits: Vec<Name<'a>>,
    pub body: Vec<Statement<'a>>,
}

/// `modifiers @ name(arguments) operands;`
#[derive(Clone, Debug)]
pub(super) struct Call<'a> {
    /// The outermost first.
    pub modifiers: Vec<Modifier<'a>>,
    pub name: Name<'a>,
    pub arguments: SmallVec<[Expr<'a>; 1]>,
    pub operands: SmallVec<[Operand<'a>; 2]>,
}

#[derive(Clone, Debug)]
pub(super) enum Modifier<'a> {
    /// So many controls, one without a number; `true` where they must be one.
    Control(Option<Expr<'a>>, bool),
    Inverse,
    Power(Expr<'a>),
}

/// `q`, `q[0]`, `q[0:2]`, `$0`.
#[derive(Clone, Debug)]
pub(super) struct Operand<'a> {
    pub name: Name<'a>,
    /// The index when it is a plain number, and its place.
    pub literal: Option<(u64, Span)>,
    /// Any other index.
    pub index: Option<Box<Index<'a>>>,
    pub span: Span,
}

impl Operand<'_> {
    /// Whether it names all of a register.
    pub fn is_whole(&self) -> bool {
        self.literal.is_none() && self.index.is_none()
    }
}

#[derive(Clone, Debug)]
pub(super) enum Index<'a> {
    One(Expr<'a>),
    /// First, step and last, both ends included.
    Range(Option<Expr<'a>>, Option<Expr<'a>>, Option<Expr<'a>>),
    Set(Vec<Expr<'a>>),
    /// One for each dimension of an array.
    Many(Vec<Index<'a>>),
    /// One behind the other, `[0:2][1]`.
    Chain(Vec<Index<'a>>),
}

#[derive(Clone, Debug)]
pub(super) struct Expr<'a> {
    pub kind: ExprKind<'a>,
    pub span: Span,
    /// Levels of nesting, bounded by the parser.
    pub depth: u16,
}

impl Expr<'_> {
    /// The quotient of two numbers written out, where it is no whole number.
    pub fn literal_quotient(&self) -> Option<f64> {
        let ExprKind::Binary(Binary::Divide, sides) = &self.kind else { return None };
        match (&sides.0.kind, &sides.1.kind) {
            (ExprKind::Integer(a), ExprKind::Integer(b)) if *b != 0 && a % b != 0 => Some(*a as f64 / *b as f64),
            _ => None,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) enum ExprKind<'a> {
    Integer(u64),
    Real(f64),
    /// Nanoseconds.
    Duration(f64),
    Bool(bool),
    Name(&'a str),
    /// `c[0]`, a bit or several.
    Element(Box<Operand<'a>>),
    Unary(Unary, Box<Expr<'a>>),
    Binary(Binary, Box<(Expr<'a>, Expr<'a>)>),
    Call(&'a str, Vec<Expr<'a>>),
    /// `uint[4](x)`.
    Cast(Type, Option<Box<Expr<'a>>>, Box<Expr<'a>>),
    /// `bit[4](x)` and other types that only programs have.
    CastTo(Box<(TypeExpr<'a>, Expr<'a>)>),
    Measure(Box<Operand<'a>>),
    /// `"0101"`, without the quotes.
    BitString(&'a str),
    /// `2.5im`.
    Imaginary(f64),
    /// A multiple of the device's time step.
    Dt(f64),
    /// `{1, 2}`.
    List(Vec<Expr<'a>>),
    DurationOf(Vec<Statement<'a>>),
    /// An element of what is no name.
    Index(Box<(Expr<'a>, Index<'a>)>),
}
