//! A small linear system: stretches and the times at which qubits meet.

use super::super::expression::{Fault, Place};
use super::refused;

/// A number and multiples of variables.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Linear {
    pub constant: f64,
    /// Factors by the number of the variable, none of them zero, in order.
    factors: Vec<(usize, f64)>,
}

impl Linear {
    pub fn constant(constant: f64) -> Self {
        Self { constant, factors: Vec::new() }
    }

    pub fn is_constant(&self) -> bool {
        self.factors.is_empty()
    }

    /// Adds a multiple of a variable.
    pub fn add(&mut self, variable: usize, factor: f64) {
        match self.factors.binary_search_by_key(&variable, |(own, _)| *own) {
            Ok(place) => {
                self.factors[place].1 += factor;
                if self.factors[place].1.abs() < 1e-12 {
                    self.factors.remove(place);
                }
            }
            Err(place) => self.factors.insert(place, (variable, factor)),
        }
    }

    fn add_times(&mut self, other: &Self, factor: f64) {
        self.constant += factor * other.constant;
        other.factors.iter().for_each(|&(variable, own)| self.add(variable, factor * own));
    }

    pub fn plus(&self, other: &Self) -> Self {
        let mut sum = self.clone();
        sum.add_times(other, 1.0);
        sum
    }

    pub fn minus(&self, other: &Self) -> Self {
        let mut difference = self.clone();
        difference.add_times(other, -1.0);
        difference
    }

    fn factor(&self, variable: usize) -> f64 {
        let place = self.factors.binary_search_by_key(&variable, |(own, _)| *own);
        place.map_or(0.0, |place| self.factors[place].1)
    }

    pub fn value(&self, values: &[f64]) -> f64 {
        self.factors.iter().fold(self.constant, |sum, &(variable, factor)| sum + factor * values[variable])
    }
}

/// Equations and inequalities in stretches, the first variables, and in meetings, which are as early as can be, the first one first.
#[derive(Debug)]
pub(super) struct System {
    stretches: usize,
    variables: usize,
    zero: Vec<(Linear, Place)>,
    not_negative: Vec<(Linear, Place)>,
}

/// Times that differ by less are the same, in nanoseconds.
const SAME_NS: f64 = 1e-6;

impl System {
    pub fn new(stretches: usize) -> Self {
        Self { stretches, variables: stretches, zero: Vec::new(), not_negative: Vec::new() }
    }

    /// A new time at which qubits meet.
    pub fn meeting(&mut self) -> Linear {
        self.variables += 1;
        let mut linear = Linear::default();
        linear.add(self.variables - 1, 1.0);
        linear
    }

    /// What has to be zero.
    pub fn equal(&mut self, linear: Linear, place: Place) {
        self.zero.push((linear, place));
    }

    /// What must not be negative.
    pub fn at_least_zero(&mut self, linear: Linear, place: Place) {
        self.not_negative.push((linear, place));
    }

    /// Values of all variables.
    ///
    /// # Errors
    /// When there are none, or a stretch is free.
    pub fn solve(&self, names: &[String]) -> Result<Vec<f64>, Fault> {
        let solved = self.eliminated()?;
        let mut values = vec![f64::NAN; self.variables];
        // where each variable stands, in what is left of the inequalities
        let rest: Vec<Linear> = self.not_negative.iter().map(|(linear, _)| substituted(linear, &solved)).collect();
        let mut standing: Vec<Vec<usize>> = vec![Vec::new(); self.variables];
        for (number, linear) in rest.iter().enumerate() {
            linear.factors.iter().for_each(|(variable, _)| standing[*variable].push(number));
        }
        let mut places: Vec<Option<Place>> = vec![None; self.stretches];
        for (linear, place) in self.zero.iter().chain(&self.not_negative) {
            for &(variable, _) in linear.factors.iter().filter(|(variable, _)| *variable < self.stretches) {
                places[variable].get_or_insert(*place);
            }
        }
        // what no equation fixes: a stretch is refused, a meeting is as early as can be
        for variable in (0..self.variables).filter(|&variable| solved[variable].is_none()) {
            values[variable] = match places.get(variable).copied().flatten() {
                Some(place) => {
                    let name = &names[variable];
                    let remedy = "let it end where other qubits do, at a barrier or the end of a box";
                    return Err(refused(format!("nothing fixes the length of the stretch {name}: {remedy}"), place));
                }
                None => earliest(variable, standing[variable].iter().map(|&number| &rest[number]), &values),
            };
        }
        for variable in 0..self.variables {
            if let Some(linear) = &solved[variable] {
                values[variable] = linear.value(&values);
            }
        }
        self.check(&values, names)?;
        Ok(values)
    }

    /// Each variable that the equations fix, in those that they do not.
    fn eliminated(&self) -> Result<Vec<Option<Linear>>, Fault> {
        let mut solved: Vec<Option<Linear>> = vec![None; self.variables];
        // which of them each variable stands in
        let mut standing: Vec<Vec<usize>> = vec![Vec::new(); self.variables];
        for (equation, place) in &self.zero {
            let mut rest = substituted(equation, &solved);
            // stretches are fixed before meetings, late meetings before early ones
            let stretch = rest.factors.first().map(|(variable, _)| *variable).filter(|&variable| variable < self.stretches);
            let pivot = stretch.or_else(|| rest.factors.last().map(|(variable, _)| *variable));
            let Some(pivot) = pivot else {
                if rest.constant.abs() > SAME_NS {
                    let by = rest.constant.abs();
                    let message =
                        format!("the lengths do not fit: they miss each other by {by} ns, and no stretch is left to fill it");
                    return Err(refused(message, *place));
                }
                continue;
            };
            let factor = rest.factor(pivot);
            rest.add(pivot, -factor);
            let mut own = Linear::default();
            own.add_times(&rest, -1.0 / factor);
            for row in std::mem::take(&mut standing[pivot]) {
                let Some(linear) = solved[row].as_mut() else { continue };
                let other = linear.factor(pivot);
                if other != 0.0 {
                    linear.add(pivot, -other);
                    linear.add_times(&own, other);
                    own.factors.iter().for_each(|(variable, _)| standing[*variable].push(row));
                }
            }
            own.factors.iter().for_each(|(variable, _)| standing[*variable].push(pivot));
            solved[pivot] = Some(own);
        }
        Ok(solved)
    }

    fn check(&self, values: &[f64], names: &[String]) -> Result<(), Fault> {
        for (linear, place) in &self.not_negative {
            let value = linear.value(values);
            if value >= -SAME_NS {
                continue;
            }
            let stretch = linear.factors.iter().find(|(variable, _)| *variable < self.stretches);
            let message = match stretch {
                Some((variable, _)) => format!(
                    "with the stretch {} this would take {value} ns: what stands beside it leaves no room, lengthen the box or shorten what is in it",
                    names[*variable]
                ),
                None => format!("what stands here is {} ns longer than the box; lengthen the box", -value),
            };
            return Err(refused(message, *place));
        }
        Ok(())
    }
}

/// The earliest time of a meeting that allows what must not be negative, as far as it depends on no later one.
fn earliest<'a>(meeting: usize, rest: impl Iterator<Item = &'a Linear>, values: &[f64]) -> f64 {
    let mut earliest = 0.0f64;
    for linear in rest {
        let factor = linear.factor(meeting);
        let others = linear.factors.iter().filter(|(variable, _)| *variable != meeting);
        let sum = others.fold(linear.constant, |sum, &(variable, factor)| sum + factor * values[variable]);
        if factor > 0.0 && !sum.is_nan() {
            earliest = earliest.max(-sum / factor);
        }
    }
    earliest
}

/// A linear form without the variables that are fixed.
fn substituted(linear: &Linear, solved: &[Option<Linear>]) -> Linear {
    let mut rest = Linear::constant(linear.constant);
    for &(variable, factor) in &linear.factors {
        match &solved[variable] {
            Some(own) => rest.add_times(own, factor),
            None => rest.add(variable, factor),
        }
    }
    rest
}
