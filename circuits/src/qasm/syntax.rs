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
    /// `const float x = 1;` and the like; without `const` it can be assigned to.
    Value {
        name: Name<'a>,
        kind: Type,
        size: Option<Expr<'a>>,
        value: Option<Expr<'a>>,
        constant: bool,
    },
    /// `x = 1;`, `x += 1;`.
    Assign {
        name: Name<'a>,
        operator: Option<Binary>,
        value: Expr<'a>,
    },
    Input {
        name: Name<'a>,
        kind: Type,
    },
    /// `let a = q[0:1] ++ r;`
    Alias {
        name: Name<'a>,
        parts: Vec<Operand<'a>>,
    },
    For {
        name: Name<'a>,
        range: Index<'a>,
        body: Vec<Statement<'a>>,
    },
    Delay {
        duration: Expr<'a>,
        operands: Vec<Operand<'a>>,
    },
    /// A pragma or an annotation, as it stands.
    Note(&'a str),
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
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unary {
    Minus,
    Plus,
    Not,
    Complement,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    ShiftLeft,
    ShiftRight,
    BitAnd,
    BitOr,
    BitXor,
    And,
    Or,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}
