//! What goes wrong when a program is evaluated.

use super::whole::NoWhole;

/// Why an expression has no value; its place is added by who evaluates it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Trouble {
    /// Types that do not go together.
    Kind(String),
    DivisionByZero,
    /// A whole number of more than 64 bits.
    Overflow,
    NotFinite,
    /// An index outside its dimension.
    Outside {
        index: i128,
        size: usize,
    },
    /// What an operation refuses of its values, whatever their types.
    Refused(String),
}

impl Trouble {
    pub fn message(&self) -> String {
        match self {
            Trouble::Kind(message) | Trouble::Refused(message) => message.clone(),
            Trouble::DivisionByZero => "a division by zero".into(),
            Trouble::Overflow => "this whole number does not fit into 64 bits".into(),
            Trouble::NotFinite => "this is not a finite number".into(),
            Trouble::Outside { index, size } => {
                format!("{index} is outside what has {size} elements; use 0 to {}", size.saturating_sub(1))
            }
        }
    }

    /// Whether the types are at fault, so that no value would do.
    pub fn is_of_types(&self) -> bool {
        matches!(self, Trouble::Kind(_))
    }
}

impl From<NoWhole> for Trouble {
    fn from(error: NoWhole) -> Self {
        match error {
            NoWhole::DivisionByZero => Trouble::DivisionByZero,
            NoWhole::Overflow => Trouble::Overflow,
            NoWhole::OtherKind => Trouble::Refused("a whole power has an exponent of 0 or more".into()),
        }
    }
}
