//! Lengths of time worked out: what a device sets, and stretches from what stands beside them.

mod solve;
#[cfg(test)]
mod tests;

use super::duration::{Duration, Symbol};
use super::expression::{Fault, Place};
use super::fault::Trouble;
use crate::operation::Operation;
use solve::{Linear, System};

/// How long the operations of a device take.
pub trait Durations {
    /// The length of `1dt`, in nanoseconds; none where it is not known.
    fn step_ns(&self) -> Option<f64>;

    /// How long an operation takes, in nanoseconds; none where it is not known.
    fn operation_ns(&self, operation: &Operation) -> Option<f64>;
}

/// What stands between the operations of a list.
#[derive(Clone, Debug)]
pub(super) enum Mark {
    /// The delay that follows in the list has this length.
    Delay(Duration),
    /// A box begins, of this length or as long as what is in it.
    Open(Option<Duration>),
    Close,
}

/// A mark in front of the operation of this number.
pub(super) type Marks = Vec<(usize, Mark, Place)>;

/// Operations with their marks, and what times them.
pub(super) struct Timed<'a> {
    pub operations: &'a [Operation],
    pub marks: &'a Marks,
    pub durations: &'a dyn Durations,
    /// Names of stretches.
    pub stretches: &'a [String],
    pub num_qubits: usize,
    /// Whether the length of every operation matters.
    pub whole: bool,
}

/// Where a qubit is.
#[derive(Clone)]
struct Line {
    at: Linear,
    /// Whether a stretch fills its time since it last met another.
    filled: bool,
}

struct Schedule<'a> {
    timed: &'a Timed<'a>,
    system: System,
    lines: Vec<Line>,
    /// For each open box its qubits, its start and its length.
    boxes: Vec<(Vec<usize>, Linear, Option<Linear>, Place)>,
    /// The operations, with the lengths of delays that are not known yet.
    made: Vec<(Operation, Option<Linear>)>,
}

impl Timed<'_> {
    /// The operations with delays of known length, and barriers and delays in place of boxes.
    ///
    /// # Errors
    /// Where a stretch is not fixed by what stands beside it, would be negative, or a length is not known.
    pub fn solved(&self) -> Result<Vec<Operation>, Fault> {
        let schedule = self.schedule()?;
        let values = schedule.system.solve(self.stretches)?;
        let made = schedule.made.into_iter().map(|(operation, length)| match (operation, length) {
            (Operation::Delay { qubits, .. }, Some(length)) => {
                Operation::Delay { duration_ns: length.value(&values).max(0.0), qubits }
            }
            (operation, _) => operation,
        });
        // rounding leaves no delay
        Ok(made.filter(|operation| !matches!(operation, Operation::Delay { duration_ns, .. } if *duration_ns < 1e-9)).collect())
    }

    /// How long the operations take in all; there is no stretch in them.
    ///
    /// # Errors
    /// As [`Timed::solved`].
    pub fn length(&self) -> Result<f64, Fault> {
        let schedule = self.schedule()?;
        let values = schedule.system.solve(self.stretches)?;
        Ok(schedule.lines.iter().map(|line| line.at.value(&values)).fold(0.0, f64::max))
    }

    fn schedule(&self) -> Result<Schedule<'_>, Fault> {
        let line = Line { at: Linear::default(), filled: false };
        let mut schedule = Schedule {
            timed: self,
            system: System::new(self.stretches.len()),
            lines: vec![line; self.num_qubits],
            boxes: Vec::new(),
            made: Vec::with_capacity(self.operations.len()),
        };
        let mut marks = self.marks.iter().enumerate().peekable();
        for number in 0..=self.operations.len() {
            let (mut delay, mut place) = (None, Place::default());
            while let Some((index, (_, mark, at))) = marks.next_if(|(_, (position, ..))| *position == number) {
                place = *at;
                match mark {
                    Mark::Delay(duration) => delay = Some(self.linear(duration, place)?),
                    Mark::Open(duration) => schedule.open(index, duration.as_ref(), place)?,
                    Mark::Close => schedule.close()?,
                }
            }
            if let Some(operation) = self.operations.get(number) {
                schedule.put(operation, delay, place)?;
            }
        }
        Ok(schedule)
    }

    /// A length in the variables of the system.
    fn linear(&self, duration: &Duration, place: Place) -> Result<Linear, Fault> {
        let mut linear = Linear::constant(duration.ns);
        for &(symbol, factor) in &duration.unknown {
            match symbol {
                Symbol::Stretch(number) => linear.add(number, factor),
                Symbol::Dt | Symbol::Block(_) => {
                    return Err(refused("a length that the device sets is not known here", place));
                }
            }
        }
        Ok(linear)
    }

    /// The qubits of the box that begins at this mark.
    fn inside(&self, mark: usize) -> Vec<usize> {
        let (mut depth, start, mut end) = (0usize, self.marks[mark].0, self.operations.len());
        for (position, mark, _) in &self.marks[mark..] {
            match mark {
                Mark::Open(_) => depth += 1,
                Mark::Close if depth <= 1 => {
                    end = *position;
                    break;
                }
                Mark::Close => depth -= 1,
                Mark::Delay(_) => {}
            }
        }
        let mut qubits: Vec<usize> =
            self.operations[start..end].iter().flat_map(|operation| occupied(operation, self.num_qubits)).collect();
        qubits.sort_unstable();
        qubits.dedup();
        qubits
    }
}

/// The qubits that an operation takes: a barrier without a list those of all, a condition those of its blocks.
fn occupied(operation: &Operation, num_qubits: usize) -> Vec<usize> {
    match operation {
        Operation::Barrier { qubits } if qubits.is_empty() => (0..num_qubits).collect(),
        Operation::Conditional(block) => {
            block.then.iter().chain(&block.otherwise).flat_map(|inner| occupied(inner, num_qubits)).collect()
        }
        other => other.qubits().to_vec(),
    }
}

fn refused(message: impl Into<String>, place: Place) -> Fault {
    Trouble::Refused(message.into()).at(place)
}

impl Schedule<'_> {
    /// Lets qubits meet, at the earliest time that all of them can; one alone goes on.
    fn meet(&mut self, qubits: &[usize], place: Place) -> Linear {
        let lines = qubits.iter().map(|&qubit| self.lines[qubit].clone());
        let at = match qubits {
            [] => return Linear::default(),
            [one] => return self.lines[*one].at.clone(),
            _ if lines.clone().all(|line| line.at.is_constant()) => {
                Linear::constant(lines.map(|line| line.at.constant).fold(f64::NEG_INFINITY, f64::max))
            }
            _ => {
                let meeting = self.system.meeting();
                for line in lines {
                    let gap = meeting.minus(&line.at);
                    if line.filled { self.system.equal(gap, place) } else { self.system.at_least_zero(gap, place) }
                }
                meeting
            }
        };
        for &qubit in qubits {
            self.lines[qubit] = Line { at: at.clone(), filled: false };
        }
        at
    }

    fn put(&mut self, operation: &Operation, delay: Option<Linear>, place: Place) -> Result<(), Fault> {
        let qubits = occupied(operation, self.timed.num_qubits);
        let length = match (&delay, operation) {
            (Some(length), _) => length.clone(),
            (None, Operation::Delay { duration_ns, .. }) => Linear::constant(*duration_ns),
            (None, Operation::Barrier { .. } | Operation::GlobalPhase(_) | Operation::Channel { .. }) => Linear::default(),
            (None, Operation::Conditional(_)) if self.lines_matter() => {
                let message =
                    "how long a conditional block takes is known only when it runs, and a stretch or a box depends on it";
                return Err(refused(message, place));
            }
            (None, Operation::Conditional(_)) => Linear::default(),
            (None, timed) => match self.timed.durations.operation_ns(timed) {
                Some(ns) => Linear::constant(ns),
                None if self.lines_matter() => {
                    return Err(refused(
                        format!("how long a gate on qubits {qubits:?} takes is not known, and a stretch or a box depends on it"),
                        place,
                    ));
                }
                None => Linear::default(),
            },
        };
        let start = self.meet(&qubits, place);
        let fills = delay.as_ref().is_some_and(|length| !length.is_constant());
        if let Some(length) = &delay {
            self.system.at_least_zero(length.clone(), place);
        }
        for &qubit in &qubits {
            let filled = fills || qubits.len() == 1 && self.lines[qubit].filled;
            self.lines[qubit] = Line { at: start.plus(&length), filled };
        }
        self.made.push((operation.clone(), delay));
        Ok(())
    }

    /// Whether anything is to be worked out.
    fn lines_matter(&self) -> bool {
        self.timed.whole || !self.timed.marks.is_empty()
    }

    fn open(&mut self, mark: usize, duration: Option<&Duration>, place: Place) -> Result<(), Fault> {
        let qubits = self.timed.inside(mark);
        let length = duration.map(|duration| self.timed.linear(duration, place)).transpose()?;
        let start = self.meet(&qubits, place);
        self.barrier(&qubits);
        self.boxes.push((qubits, start, length, place));
        Ok(())
    }

    fn close(&mut self) -> Result<(), Fault> {
        let (qubits, start, length, place) = self.boxes.pop().expect("boxes close after they open");
        let end = match length {
            Some(length) => start.plus(&length),
            None => self.ends(&qubits, place),
        };
        for &qubit in &qubits {
            let line = self.lines[qubit].clone();
            let gap = end.minus(&line.at);
            match line.filled {
                true => self.system.equal(gap.clone(), place),
                false => self.system.at_least_zero(gap.clone(), place),
            }
            self.made.push((Operation::Delay { duration_ns: 0.0, qubits: vec![qubit] }, Some(gap)));
            self.lines[qubit] = Line { at: end.clone(), filled: false };
        }
        self.barrier(&qubits);
        Ok(())
    }

    /// When all of them can end, without moving them.
    fn ends(&mut self, qubits: &[usize], place: Place) -> Linear {
        let before: Vec<Line> = qubits.iter().map(|&qubit| self.lines[qubit].clone()).collect();
        let end = self.meet(qubits, place);
        qubits.iter().zip(before).for_each(|(&qubit, line)| self.lines[qubit] = line);
        end
    }

    fn barrier(&mut self, qubits: &[usize]) {
        if qubits.len() > 1 {
            self.made.push((Operation::Barrier { qubits: qubits.to_vec() }, None));
        }
    }
}
