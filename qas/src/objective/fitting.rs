//! The fit of a circuit's angles.

use std::ops::Range;

use qloom_circuits::{Action, Circuit, Operation, Stream};
use qloom_estimate::Estimator;
use qloom_optim::sine_minimum;

use super::canonical::Canonical;
use super::{DIRECTIONS, Directions, Fit, NewAngle, Objective, Simulation, part};
use crate::QasError;

/// Whether the energy is a sine curve of the operation's own angle, of period 2 pi.
fn is_plain_rotation(operation: &Operation) -> bool {
    matches!(operation, Operation::Gate { gate, .. } if matches!(gate.spec().action, Action::Rotation(_)))
}

/// What a fit does beside its circuit and start.
struct Task {
    /// The angle that is swept first, and the energy where it starts.
    swept: Option<(usize, f64)>,
    /// The angles that are fitted; all unless given.
    varied: Option<Vec<usize>>,
}

impl Objective {
    /// Fits all angles, from `start`; `fresh` is the index of the angle of a gate appended last, and
    /// `before` the energy without that gate.
    ///
    /// # Errors
    ///
    /// [`QasError::Simulation`] when the circuit cannot be simulated, [`QasError::Optimisation`] when the fit
    /// fails, a non-finite energy included.
    pub fn fit(&mut self, circuit: &Circuit, start: Vec<f64>, fresh: Option<usize>, before: f64) -> Result<Fit, QasError> {
        self.fit_part(circuit, start, fresh, before, None)
    }

    /// [`fit`](Self::fit) of some angles alone, all others held but for the start of the fresh one; of none, it reads the energy.
    ///
    /// # Errors
    ///
    /// As [`fit`](Self::fit).
    pub(crate) fn fit_part(
        &mut self,
        circuit: &Circuit,
        start: Vec<f64>,
        fresh: Option<usize>,
        before: f64,
        varied: Option<Range<usize>>,
    ) -> Result<Fit, QasError> {
        let sweeps = self.config.new_angle == NewAngle::Sweep && circuit.operations().last().is_some_and(is_plain_rotation);
        let swept = fresh.filter(|_| sweeps).map(|fresh| (fresh, before));
        let reads = varied.as_ref().is_some_and(Range::is_empty);
        let task = Task { swept, varied: varied.map(Iterator::collect) };
        let canonical = if self.cache.is_some() && !reads { Canonical::of(circuit, &start)? } else { None };
        match canonical {
            Some(canonical) => self.kept(&canonical, task),
            None => self.fresh(circuit, start, &task),
        }
    }

    /// A fit of the one form of a circuit, or the one that was kept.
    fn kept(&mut self, canonical: &Canonical, task: Task) -> Result<Fit, QasError> {
        let mut varied: Option<Vec<usize>> =
            task.varied.map(|varied| varied.into_iter().map(|index| canonical.part(index)).collect());
        if let Some(varied) = &mut varied {
            varied.sort_unstable();
            varied.dedup();
        }
        let swept = task.swept.map(|(index, before)| (canonical.part(index), before));
        let mut key = canonical.key();
        if let Some((index, before)) = swept {
            key.push(b'^');
            key.extend((index as u32).to_le_bytes());
            key.extend(before.to_bits().to_le_bytes());
        }
        for index in varied.iter().flatten() {
            key.push(b'~');
            key.extend((*index as u32).to_le_bytes());
        }
        let fit = match self.cache.as_mut().and_then(|cache| cache.get(&key, canonical.start.len())) {
            Some(fit) => fit,
            None => {
                let drawn = self.directions.save();
                let fit = self.fresh(&canonical.circuit, canonical.start.clone(), &Task { swept, varied })?;
                // what was drawn at random would be drawn anew
                if let Some(cache) = self.cache.as_mut().filter(|_| drawn == self.directions.save()) {
                    cache.insert(key, fit.clone());
                }
                fit
            }
        };
        Ok(Fit { angles: canonical.given(&fit.angles), energy: fit.energy })
    }

    fn fresh(&mut self, circuit: &Circuit, mut start: Vec<f64>, task: &Task) -> Result<Fit, QasError> {
        self.rebuild(circuit)?;
        if let Some((index, before)) = task.swept {
            let base = start[index];
            start[index] = base + std::f64::consts::FRAC_PI_2;
            let plus = self.counted_value(&start)?;
            start[index] = base - std::f64::consts::FRAC_PI_2;
            let minus = self.counted_value(&start)?;
            start[index] = base + sine_minimum(before, plus, minus).0;
        }
        let varied = task.varied.as_deref();
        if varied.is_some_and(<[usize]>::is_empty) {
            let energy = self.counted_value(&start)?;
            return Ok(Fit { angles: start, energy });
        }
        match self.config.directions {
            Directions::Fresh => {}
            Directions::Repeated => self.directions = Stream::named(self.seed, DIRECTIONS),
        }
        let (minimizer, rng) = (self.minimizer.as_mut(), &mut self.directions);
        match &mut self.simulation {
            Simulation::Pure(pure) => {
                let minimum = part::minimize(minimizer, pure.as_mut(), start, varied, rng)?;
                self.evaluations += minimum.evaluations;
                Ok(Fit { angles: minimum.point, energy: minimum.value })
            }
            Simulation::Noisy(noisy) => {
                let measured = noisy.estimator.evaluations();
                let minimum = part::minimize(minimizer, noisy.as_mut(), start, varied, rng)?;
                self.evaluations.values += noisy.estimator.evaluations() - measured;
                self.evaluations.gradients += minimum.evaluations.gradients;
                let energy = self.counted_value(&minimum.point)?;
                Ok(Fit { angles: minimum.point, energy })
            }
            Simulation::Own(cost) => {
                let minimum = part::minimize(minimizer, cost, start, varied, rng)?;
                self.evaluations += minimum.evaluations;
                Ok(Fit { angles: minimum.point, energy: minimum.value })
            }
        }
    }
}
