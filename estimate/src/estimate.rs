//! A value and its error.

/// A value and how far it may be off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// One standard deviation of it; 0 where it is exact.
    pub standard_error: f64,
}
