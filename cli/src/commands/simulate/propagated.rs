//! Expectation values by taking observables back through the circuit.

use std::time::Instant;

use qloom::circuits::PauliSum;
use qloom::estimate::Readout;
use qloom::sim::{Propagation, before_last_measurements, propagate};

use super::Task;
use super::results::{Bounds, Results};
use crate::engine::refused;
use crate::failure::{Failure, OrFailure};
use crate::progress::Progress;

const PLACE: &str = "cannot propagate";

/// The value of Z on each qubit and of the observable, with the bounds of what was dropped.
///
/// # Errors
/// Bad input for what cannot be propagated, and for what only states have; failed work when the user stops it.
pub fn simulate(task: &Task<'_>) -> Result<Results, Failure> {
    let &Task { circuit, arguments, .. } = task;
    if arguments.shots.is_some() {
        return Err(Failure::input("--shots: propagation has expectation values and no state to draw from; use another --state"));
    }
    if let Some(name) = arguments.wanted.needs_more_than_values() {
        return Err(Failure::input(format!("{name}: propagation has expectation values and no state; use another --state")));
    }
    let plan = Instant::now();
    let model = arguments.noise.given().then(|| arguments.noise.model_on(circuit, &task.qubits)).transpose()?;
    let (noisy, readout) = match &model {
        Some(model) => (model.apply(circuit).or_input(PLACE)?, Readout::new(&model.readout).or_input(PLACE)?),
        None => (circuit.clone(), Readout::new(&[]).or_input(PLACE)?),
    };
    let before = before_last_measurements(&noisy);
    let settings = Propagation { least: arguments.least, max_weight: None, max_terms: arguments.strings as usize };
    let mut results = Results { state: "propagation", plan_seconds: plan.elapsed().as_secs_f64(), ..Results::default() };
    let n = circuit.num_qubits();
    let mut progress = Progress::new("observables")?;
    for _ in 0..arguments.repeat {
        let start = Instant::now();
        let mut found = Bounds { strings: Some(0), dropped: Some(0), ..Bounds::default() };
        let value = |sum: &PauliSum, found: &mut Bounds| {
            let read = readout.observable(sum).or_work(PLACE)?;
            let value = propagate(&before, &read, settings).map_err(|error| refused(PLACE, error))?;
            found.strings = found.strings.max(Some(value.strings));
            found.dropped = found.dropped.map(|dropped| dropped + value.dropped);
            Ok::<_, Failure>((value.value, value.bound))
        };
        results.expectation_z.clear();
        for qubit in 0..n {
            let (z, bound) = value(&PauliSum::z(qubit, n), &mut found)?;
            results.expectation_z.push(z);
            found.expectation_z.push(bound);
            if progress.tick(qubit + 1, n + 1).is_break() {
                return Err(Progress::stopped());
            }
        }
        if let Some(sum) = task.observable {
            let (expectation, bound) = value(sum, &mut found)?;
            results.expectation = Some(expectation);
            found.expectation = Some(bound);
        }
        results.seconds.push(start.elapsed().as_secs_f64());
        results.bounds = Some(found);
    }
    progress.finish();
    Ok(results)
}
