//! A minimisation that is asked for its next point.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rand::Rng;

use crate::{MinimizerConfig, Minimum, Objective, ObjectiveError, OptimError};

/// A point whose value a method wants to know.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The point.
    pub point: Vec<f64>,
    /// Whether the gradient is wanted too.
    pub gradient: bool,
    /// Samples the value is to be averaged from, where the method says.
    pub samples: Option<f64>,
}

/// A value, and the gradient where it was wanted.
type Answer = (f64, Vec<f64>);

/// A minimisation the other way round: it asks, the caller answers, and in between the caller can save, show or stop.
///
/// A minimisation goes on from where it was by giving it the same answers again: the same method, start and random numbers ask the same
/// questions. The method runs on a thread of its own, which ends with this value; each question costs a change of threads, some
/// microseconds.
///
/// ```
/// use qloom_optim::{CobylaConfig, MinimizerConfig, Stepwise};
/// use rand::{SeedableRng, rngs::ChaCha8Rng};
/// let method = MinimizerConfig::Cobyla(CobylaConfig::default());
/// let mut run = Stepwise::new(&method, vec![0.5, 1.0], ChaCha8Rng::seed_from_u64(1))?;
/// while let Some(question) = run.ask()? {
///     let value = question.point.iter().map(|x| (x - 3.0) * (x - 3.0)).sum();
///     run.answer(value, &[]);
/// }
/// let minimum = run.minimum().expect("it asks no more");
/// assert!((minimum.point[1] - 3.0).abs() < 1e-3);
/// # Ok::<(), qloom_optim::OptimError>(())
/// ```
#[derive(Debug)]
pub struct Stepwise {
    channels: Option<(Receiver<Request>, SyncSender<Answer>)>,
    thread: Option<JoinHandle<Result<Minimum, OptimError>>>,
    /// The question that waits for its answer.
    open: Option<Request>,
    minimum: Option<Minimum>,
}

impl Stepwise {
    /// Starts a method at a point; one that draws takes its random numbers from `rng`.
    ///
    /// # Errors
    /// [`OptimError::InvalidSetting`], and [`OptimError::Breakdown`] where the system has no thread left.
    pub fn new(config: &MinimizerConfig, start: Vec<f64>, mut rng: impl Rng + Send + 'static) -> Result<Self, OptimError> {
        let mut method = config.build()?;
        let (ask, questions) = sync_channel(0);
        let (answers, answered) = sync_channel(1);
        let mut asked = Asked { ask, answered };
        let thread = std::thread::Builder::new().name("minimisation".to_owned());
        let thread = thread.spawn(move || method.minimize(&mut asked, &start, &mut rng)).map_err(|error| {
            OptimError::Breakdown { method: "a stepwise minimisation", reason: format!("no thread could be started: {error}") }
        })?;
        Ok(Self { channels: Some((questions, answers)), thread: Some(thread), open: None, minimum: None })
    }

    /// The point whose value is wanted next, the same until it is answered; none when the minimisation is over.
    ///
    /// # Errors
    /// What the method ends with, once.
    pub fn ask(&mut self) -> Result<Option<Request>, OptimError> {
        if self.open.is_none()
            && let Some((questions, _)) = &self.channels
        {
            match questions.recv() {
                Ok(question) => self.open = Some(question),
                Err(_) => {
                    self.channels = None;
                    self.minimum = self.joined()?;
                }
            }
        }
        Ok(self.open.clone())
    }

    /// Gives the value at the point asked for, and the gradient where it was wanted.
    ///
    /// # Panics
    /// When nothing was asked, or the gradient that was wanted has not the length of the point.
    #[track_caller]
    pub fn answer(&mut self, value: f64, gradient: &[f64]) {
        let question = self.open.take().expect("an answer needs a question: call ask first");
        assert!(!question.gradient || gradient.len() == question.point.len(), "a derivative for each parameter");
        if let Some((_, answers)) = &self.channels {
            // a thread that is gone says why when it is asked
            let _ = answers.send((value, gradient.to_vec()));
        }
    }

    /// What was found, once nothing is asked any more.
    pub fn minimum(&self) -> Option<&Minimum> {
        self.minimum.as_ref()
    }

    /// What the thread gave; none where it was collected before.
    fn joined(&mut self) -> Result<Option<Minimum>, OptimError> {
        let Some(thread) = self.thread.take() else { return Ok(None) };
        match thread.join() {
            Ok(result) => result.map(Some),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

impl Drop for Stepwise {
    fn drop(&mut self) {
        // without channels the objective fails, and with it the method
        self.channels = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The objective on the thread of the method.
struct Asked {
    ask: SyncSender<Request>,
    answered: Receiver<Answer>,
}

impl Asked {
    fn answer(&mut self, question: Request) -> Result<Answer, ObjectiveError> {
        let gone = "nobody waits for the minimisation any more";
        self.ask.send(question).map_err(|_| gone)?;
        self.answered.recv().map_err(|_| gone.into())
    }
}

impl Objective for Asked {
    fn value(&mut self, point: &[f64], samples: Option<f64>) -> Result<f64, ObjectiveError> {
        Ok(self.answer(Request { point: point.to_vec(), gradient: false, samples })?.0)
    }

    fn value_and_gradient(&mut self, point: &[f64], gradient: &mut [f64]) -> Option<Result<f64, ObjectiveError>> {
        let answer = self.answer(Request { point: point.to_vec(), gradient: true, samples: None });
        Some(answer.map(|(value, slopes)| {
            gradient.copy_from_slice(&slopes);
            value
        }))
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::*;
    use crate::{AdamSpsaConfig, CobylaConfig, FunctionWithGradient, LbfgsConfig, RankSgdConfig, RotosolveConfig, SpsaConfig};

    fn wave(x: &[f64], gradient: &mut [f64]) -> f64 {
        gradient.iter_mut().zip(x).enumerate().for_each(|(k, (g, x))| *g = (x + k as f64).cos() + 0.2 * x);
        x.iter().enumerate().map(|(k, x)| (x + k as f64).sin() + 0.1 * x * x).sum()
    }

    fn methods() -> [MinimizerConfig; 6] {
        [
            MinimizerConfig::Lbfgs(LbfgsConfig::default()),
            MinimizerConfig::Cobyla(CobylaConfig::default()),
            MinimizerConfig::Rotosolve(RotosolveConfig::default()),
            MinimizerConfig::Spsa(SpsaConfig { max_evaluations: 60, ..SpsaConfig::default() }),
            MinimizerConfig::AdamSpsa(AdamSpsaConfig::default()),
            MinimizerConfig::RankSgd(RankSgdConfig { max_evaluations: 60, ..RankSgdConfig::default() }),
        ]
    }

    const START: [f64; 3] = [0.3, -0.2, 1.0];

    fn run(config: &MinimizerConfig) -> Stepwise {
        Stepwise::new(config, START.to_vec(), ChaCha8Rng::seed_from_u64(3)).expect("settings")
    }

    fn answer(run: &mut Stepwise, question: &Request) -> (f64, Vec<f64>) {
        let mut gradient = vec![0.0; 3];
        let value = wave(&question.point, &mut gradient);
        run.answer(value, &gradient);
        (value, gradient)
    }

    #[test]
    fn every_method_finds_the_same_the_other_way_round() {
        for config in methods() {
            let direct = config.build().expect("settings");
            let mut objective = FunctionWithGradient::new(wave);
            let direct = { direct }.minimize(&mut objective, &START, &mut ChaCha8Rng::seed_from_u64(3)).expect("finite");
            let mut stepwise = run(&config);
            let mut asked = 0;
            while let Some(question) = stepwise.ask().expect("finite") {
                answer(&mut stepwise, &question);
                asked += 1;
            }
            assert_eq!(stepwise.minimum(), Some(&direct), "{config:?}");
            assert_eq!(asked, direct.evaluations.values);
            assert_eq!(stepwise.ask().expect("it is over"), None);
        }
    }

    #[test]
    fn the_same_answers_lead_to_the_same_question() {
        for config in methods() {
            let mut first = run(&config);
            let mut answers = Vec::new();
            for _ in 0..7 {
                let question = first.ask().expect("finite").expect("more than seven");
                answers.push(answer(&mut first, &question));
            }
            let mut second = run(&config);
            for (value, gradient) in &answers {
                second.ask().expect("finite").expect("as before");
                second.answer(*value, gradient);
            }
            // asking twice is asking once
            second.ask().expect("finite");
            assert_eq!(first.ask().expect("finite"), second.ask().expect("finite"), "{config:?}");
        }
    }

    #[test]
    fn values_that_are_no_numbers_end_it() {
        let mut stepwise = run(&methods()[1]);
        stepwise.ask().expect("a start").expect("a point");
        stepwise.answer(f64::NAN, &[]);
        assert!(matches!(stepwise.ask(), Err(OptimError::NonFiniteValue { .. })));
        assert!(stepwise.ask().expect("it is over").is_none() && stepwise.minimum().is_none());
        let wrong = MinimizerConfig::Cobyla(CobylaConfig { max_evaluations: 0, ..CobylaConfig::default() });
        assert!(Stepwise::new(&wrong, vec![0.0], ChaCha8Rng::seed_from_u64(1)).is_err());
    }
}
