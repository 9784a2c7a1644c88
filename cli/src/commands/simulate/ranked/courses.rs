//! A circuit that measures, resets or decides on the way over several ranks: the courses, values and shots of one process.

use std::ops::ControlFlow;
use std::time::Instant;

use qloom::circuits::Stream;
use qloom::sim::{Branch, Counts, DistributedPlan, DistributedState, Executable, Fabric, Real, SimError, StateVector, Traffic};

use super::super::Task;
use super::super::pure::{BEFORE_SHOTS, Ended, MOST_COURSES, PLACE, Sums, by_shots, check_mixture, nothing_measured};
use super::super::results::Results;
use super::{WHOLE, largest_of, whole_instead};
use crate::distribution::Distribution;
use crate::engine::refused;
use crate::failure::{Failure, OrFailure};
use crate::progress::Progress;

/// Runs the circuit over the ranks, every course by itself; by shots where there are too many and every rank can hold whole states.
/// Nothing where the circuit is so small that every rank had better hold all of it.
///
/// # Errors
/// Bad input for what ranks cannot do together, failed work when memory does not suffice or there are too many courses; the same on all ranks.
pub(super) fn simulate<T: Real>(
    task: &Task<'_>,
    executable: &Executable<StateVector<T>>,
    fabric: &dyn Fabric,
    begun: Instant,
) -> Result<Option<Results>, Failure> {
    check_mixture(task)?;
    let plan = match executable.plans_over(fabric.size(), &task.config) {
        Ok(mut plans) => plans.swap_remove(0),
        Err(error) => return whole_instead(task, fabric, error).map(|()| None),
    };
    match every_course(task, executable, fabric, &plan, begun) {
        Err(ended) if ended.wants_shots(task) => {
            if task.circuit.num_qubits() > WHOLE {
                return Err(Failure::Work(anyhow::anyhow!(
                    "{PLACE}: the circuit has more than {BEFORE_SHOTS} courses, and its values are estimated from shots on whole states, \
                     which ranks hold up to {WHOLE} qubits; use one rank"
                )));
            }
            by_shots::<T>(task).map(Some)
        }
        Err(ended) => Err(ended.failure()),
        Ok(results) => Ok(Some(results)),
    }
}

fn every_course<T: Real>(
    task: &Task<'_>,
    executable: &Executable<StateVector<T>>,
    fabric: &dyn Fabric,
    plan: &DistributedPlan,
    begun: Instant,
) -> Result<Results, Ended> {
    let &Task { circuit, arguments, config, .. } = task;
    let (n, ranks) = (circuit.num_qubits(), fabric.size());
    let explanation = executable.explain(&config);
    let plan_seconds = begun.elapsed().as_secs_f64();
    let limit = if arguments.shots.is_some() { BEFORE_SHOTS } else { MOST_COURSES };
    let (mut seconds, mut sums, mut sent) = (Vec::new(), Sums::new(task), Traffic::default());
    // of the basis states whose highest bits are this rank's number
    let (first, mut weights) = ((fabric.rank() << n) / ranks, Vec::new());
    let mut progress = Progress::new("courses at most")?;
    for _ in 0..arguments.repeat {
        let start = Instant::now();
        (sums, sent, weights) = (Sums::of_courses(task), Traffic::default(), vec![0.0; (1 << n) / ranks]);
        let (mut done, mut refusal) = (0, None);
        let mut add = |mut branch: Branch<DistributedState<'_, T>>| -> Result<(), SimError> {
            sent += branch.state.sent();
            sums.add(branch.probability, &mut branch.state, true)?;
            branch.state.sort()?;
            branch.state.add_probabilities(branch.probability, first, &mut weights);
            Ok(())
        };
        let mut end = |branch: Branch<DistributedState<'_, T>>| {
            done += 1;
            match add(branch) {
                Ok(()) => progress.tick(done, limit),
                Err(error) => {
                    refusal = Some(error);
                    ControlFlow::Break(())
                }
            }
        };
        let ended = executable.each_branch_over(fabric, limit, config, &mut end);
        if let Some(error) = refusal {
            return Err(refused(PLACE, error).into());
        }
        ended.map_err(Ended::Sim)?;
        fabric.barrier().map_err(Ended::Sim)?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    progress.finish();
    let counts = match arguments.shots {
        None => None,
        Some(_) if !executable.measures() => return Err(nothing_measured().into()),
        Some(shots) => Some(counts(task, executable, fabric, shots)?),
    };
    let own = || weights.iter().enumerate().map(|(place, weight)| (first + place, *weight));
    let probabilities = largest_of(fabric, own, arguments.wanted.probabilities)?;
    let distribution = Some(Distribution::of_courses(plan, n, ranks, config.threads, sent));
    Ok(Results { probabilities, counts, distribution, ..sums.results(explanation, seconds, plan_seconds) })
}

fn counts<T: Real>(
    task: &Task<'_>,
    executable: &Executable<StateVector<T>>,
    fabric: &dyn Fabric,
    shots: u64,
) -> Result<Counts, Failure> {
    let mut progress = Progress::new("shots")?;
    let mut watch = |done: u64| progress.tick(done as usize, shots as usize);
    let mut stream = Stream::named(task.arguments.seed, "shots");
    let counts = executable.counts_over(fabric, shots, task.config, &mut stream, &mut watch).or_work(PLACE)?;
    progress.finish();
    Ok(counts)
}
