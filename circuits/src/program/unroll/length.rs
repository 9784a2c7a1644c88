//! Lengths of time where a program becomes a circuit.

use super::super::duration::{Duration, Symbol};
use super::super::expression::{Expr, Place};
use super::super::fault::Trouble;
use super::super::statement::Block;
use super::super::timing::{Durations, Mark, Marks, Timed};
use super::super::value::Value;
use super::{Flow, Unrolled, Unroller, beyond};
use crate::operation::Operation;

impl Unroller<'_> {
    pub(super) fn timed<'t>(&'t self, operations: &'t [Operation], marks: &'t Marks, durations: &'t dyn Durations) -> Timed<'t> {
        let (stretches, num_qubits) = (&self.program.stretches, self.program.num_qubits());
        Timed { operations, marks, durations, stretches, num_qubits, whole: false }
    }

    /// A length, of which stretches alone may be left open where operations are timed.
    fn length(&mut self, expr: &Expr) -> Unrolled<Option<Duration>> {
        let Value::Duration(length) = self.known(expr)? else { return Ok(None) };
        let Some(durations) = self.durations else { return Ok(Some(length)) };
        let mut sum = Duration::ns(length.ns);
        for (symbol, factor) in length.unknown {
            let part = match symbol {
                Symbol::Stretch(_) => Duration::of(symbol, factor),
                Symbol::Block(block) => Duration::ns(factor * self.block_ns(block)?),
                Symbol::Dt => {
                    let step = durations.step_ns().ok_or_else(|| {
                        let message = "the device does not say how long dt is; give lengths in ns, or its dt_ns";
                        Trouble::Refused(message.into()).at(expr.place)
                    })?;
                    Duration::ns(factor * step)
                }
            };
            sum = sum.plus(&part);
        }
        Ok(Some(sum))
    }

    /// How long a block takes whose length is asked for.
    fn block_ns(&mut self, block: usize) -> Unrolled<f64> {
        let Some(durations) = self.durations else { return beyond(Place::default(), "durationof") };
        let (program, state) = (self.program, self.state.clone());
        let open = std::mem::replace(&mut self.open, vec![Vec::new()]);
        let marks = std::mem::take(&mut self.marks);
        self.block(&program.timed[block])?;
        let list = self.open.pop().expect("the list of the block");
        let length = Timed { whole: true, ..self.timed(&list, &self.marks, durations) }.length()?;
        (self.open, self.marks, self.state) = (open, marks, state);
        Ok(length)
    }

    pub(super) fn delay(&mut self, duration: &Expr, qubits: Vec<usize>) -> Unrolled<()> {
        let place = duration.place;
        let length = self.length(duration)?;
        let known = length.as_ref().and_then(Duration::known).filter(|ns| *ns >= 0.0);
        if let Some(duration_ns) = known {
            return self.emit(Operation::Delay { duration_ns, qubits }, place);
        }
        match length.filter(|length| length.known().is_none() && self.durations.is_some()) {
            None => beyond(place, "a delay whose length the device sets, or a negative one,"),
            Some(_) if self.open.len() > 1 => beyond(place, "a stretch under a condition"),
            Some(length) => {
                self.mark(Mark::Delay(length), place);
                self.emit(Operation::Delay { duration_ns: 0.0, qubits }, place)
            }
        }
    }

    pub(super) fn boxed(&mut self, duration: Option<&Expr>, body: &Block, place: Place) -> Unrolled<Flow> {
        match (duration, self.durations) {
            (None, None) => return self.block(body),
            (Some(_), None) => return beyond(place, "a box with a duration"),
            (_, Some(_)) if self.open.len() > 1 => {
                return if duration.is_some() {
                    beyond(place, "a box with a duration under a condition")
                } else {
                    self.block(body)
                };
            }
            (_, Some(_)) => {}
        }
        let length = duration.map(|duration| self.length(duration)).transpose()?.flatten();
        self.mark(Mark::Open(length), place);
        let flow = self.block(body)?;
        self.mark(Mark::Close, place);
        Ok(flow)
    }

    fn mark(&mut self, mark: Mark, place: Place) {
        let position = self.open.last().map_or(0, Vec::len);
        self.marks.push((position, mark, place));
    }
}
