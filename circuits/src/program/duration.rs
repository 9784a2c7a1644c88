//! Lengths of time, of which the device may set a part.

/// What a program leaves to the device or to the scheduler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Symbol {
    /// The time step of the device.
    Dt,
    /// The length of a block of gates, by its number in the program.
    Block(usize),
    /// A stretch, by its number in the program.
    Stretch(usize),
}

/// A number of nanoseconds and multiples of what is not known yet.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Duration {
    /// Nanoseconds.
    pub ns: f64,
    /// Multiples of what is not known, by symbol, none of them zero.
    pub unknown: Vec<(Symbol, f64)>,
}

impl Duration {
    /// A length that is known.
    pub fn ns(ns: f64) -> Self {
        Self { ns, unknown: Vec::new() }
    }

    /// A multiple of what is not known.
    pub fn of(symbol: Symbol, factor: f64) -> Self {
        Self { ns: 0.0, unknown: if factor == 0.0 { Vec::new() } else { vec![(symbol, factor)] } }
    }

    /// The length in nanoseconds, where all of it is known.
    pub fn known(&self) -> Option<f64> {
        self.unknown.is_empty().then_some(self.ns)
    }

    /// The sum.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let mut sum = self.clone();
        sum.ns += other.ns;
        for &(symbol, factor) in &other.unknown {
            match sum.unknown.iter_mut().find(|(known, _)| *known == symbol) {
                Some((_, total)) => *total += factor,
                None => sum.unknown.push((symbol, factor)),
            }
        }
        sum.unknown.retain(|(_, factor)| *factor != 0.0);
        sum.unknown.sort_by_key(|(symbol, _)| *symbol);
        sum
    }

    /// The multiple.
    #[must_use]
    pub fn times(&self, factor: f64) -> Self {
        let unknown = self.unknown.iter().map(|&(symbol, own)| (symbol, own * factor));
        Self { ns: self.ns * factor, unknown: unknown.filter(|(_, factor)| *factor != 0.0).collect() }
    }

    /// The quotient of two lengths, where it is a number whatever is not known.
    pub fn over(&self, other: &Self) -> Option<f64> {
        let ratio = match other.unknown.first() {
            None => self.ns / other.ns,
            Some(&(symbol, factor)) => self.unknown.iter().find(|(own, _)| *own == symbol)?.1 / factor,
        };
        let rest = self.plus(&other.times(-ratio));
        (ratio.is_finite() && rest.unknown.is_empty() && rest.ns.abs() <= 1e-12 * self.ns.abs()).then_some(ratio)
    }

    /// Whether every number in it is finite.
    pub(crate) fn is_finite(&self) -> bool {
        self.ns.is_finite() && self.unknown.iter().all(|(_, factor)| factor.is_finite())
    }

    /// The length with values for what is not known; none where one of them is not given.
    pub fn with(&self, value: &dyn Fn(Symbol) -> Option<f64>) -> Option<f64> {
        self.unknown.iter().try_fold(self.ns, |sum, &(symbol, factor)| Some(sum + factor * value(symbol)?))
    }
}

#[cfg(test)]
mod tests;
