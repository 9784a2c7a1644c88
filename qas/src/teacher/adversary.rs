//! An adversary of bounded rationality: it chooses the noise of each episode against the learner, the better the longer it has learnt.

use qloom_circuits::{Stream, StreamState};
use serde::{Deserialize, Serialize};

use super::space::{Lesson, TaskSpace, TaskSpaceConfig, fraction, within};
use super::{Outcome, Task, Teacher};
use crate::QasError;
use crate::error::{decode, encode};

/// Settings of the teacher that chooses noise against the learner.
///
/// An episode has the noise of gates of the simulator some whole number of times. The adversary answers with the quantal response: it takes scale
/// s with a probability in proportion to `exp(-C(s) / temperature)`, where C is the learner's competence under it, a mean that forgets. A
/// high temperature chooses alike, a temperature near 0 takes what the learner does worst. The temperature is the curriculum: it falls by
/// a factor whenever the mean competence of the last episodes has come up to `competence`, and waits otherwise. Circuits are kept by their energies
/// under the noise as it is, for which they are measured once more.
///
/// Source: A. Reddi, M. Tölle, J. Peters, G. Chalvatzaki, C. D'Eramo, Robust adversarial reinforcement learning via bounded rationality curricula,
/// arXiv:2311.01642 (2023): quantal responses with a falling temperature. There the adversary is a policy of forces and temperatures are drawn
/// from a distribution that moves; here it chooses among a few scales, and one temperature falls by steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdversaryConfig {
    /// The threshold of every episode, in the problem's unit, positive and below the distance of the start. Without it (the default) 1.6e-3, or a
    /// thousandth of that distance where this is smaller.
    pub threshold: Option<f64>,
    /// How many times the noise holds: two to 20 different numbers in 1 to 100. Default `[1, 2, 3, 5]`.
    pub scales: Vec<u32>,
    /// The first temperature, positive. Default 1: competences differ by at most 1.
    pub first_temperature: f64,
    /// The last one, positive and not above the first. Default 0.02.
    pub last_temperature: f64,
    /// What it is multiplied by where it falls, in (0, 1). Default 0.8.
    pub cooling: f64,
    /// The mean competence at which it falls, in 0 to 1. Default 0.5.
    pub competence: f64,
    /// Episodes over which that is taken, in 1 to 10,000. Default 20.
    pub every: usize,
    /// The weight of the last episode in a competence, in (0, 1]. Default 0.2.
    pub rate: f64,
}

impl Default for AdversaryConfig {
    fn default() -> Self {
        Self {
            threshold: None,
            scales: vec![1, 2, 3, 5],
            first_temperature: 1.0,
            last_temperature: 0.02,
            cooling: 0.8,
            competence: 0.5,
            every: 20,
            rate: 0.2,
        }
    }
}

impl AdversaryConfig {
    fn check(&self) -> Result<(), QasError> {
        let distinct: std::collections::BTreeSet<u32> = self.scales.iter().copied().collect();
        if distinct.len() != self.scales.len()
            || !(2..=20).contains(&distinct.len())
            || !distinct.iter().all(|s| (1..=100).contains(s))
        {
            let need = "it has to be 2 to 20 different numbers in 1 to 100";
            return Err(QasError::invalid("teacher.adversary.scales", format!("{:?}", self.scales), need));
        }
        let positive = |setting, value: f64, most: f64| {
            let fits = value.is_finite() && value > 0.0 && value <= most;
            let need = || QasError::invalid(setting, value, format!("it has to be positive, finite and at most {most}"));
            fits.then_some(()).ok_or_else(need)
        };
        positive("teacher.adversary.first_temperature", self.first_temperature, f64::MAX)?;
        positive("teacher.adversary.last_temperature", self.last_temperature, self.first_temperature)?;
        positive("teacher.adversary.rate", self.rate, 1.0)?;
        if !(self.cooling > 0.0 && self.cooling < 1.0) {
            return Err(QasError::invalid("teacher.adversary.cooling", self.cooling, "it has to be above 0 and below 1"));
        }
        fraction("teacher.adversary.competence", self.competence)?;
        within("teacher.adversary.every", self.every, (1, 10_000))
    }
}

/// The adversary, and what it knows of the learner.
pub(super) struct Adversary {
    config: AdversaryConfig,
    space: TaskSpace,
    threshold: f64,
    stream: Stream,
    state: State,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct State {
    temperature: f64,
    /// Of each scale; 0 before it was played, so that all are.
    competences: Vec<f64>,
    /// Since the temperature was looked at.
    last: Vec<f64>,
    /// The scale of the episode at hand, by number.
    chosen: Option<usize>,
}

impl Adversary {
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] for a number outside its range.
    pub(super) fn new(config: AdversaryConfig, lesson: Lesson) -> Result<Self, QasError> {
        config.check()?;
        let threshold = config.threshold.unwrap_or(1.6e-3f64.min(1e-3 * lesson.first_gap));
        if !(threshold.is_finite() && threshold > 0.0 && threshold < lesson.first_gap) {
            let need = format!("it has to be positive and below {}, the distance of the start from the target", lesson.first_gap);
            return Err(QasError::invalid("teacher.adversary.threshold", threshold, need));
        }
        let bounds = TaskSpaceConfig { threshold: Some([threshold, lesson.first_gap]), gates: None };
        let competences = vec![0.0; config.scales.len()];
        let state = State { temperature: config.first_temperature, competences, last: Vec::new(), chosen: None };
        Ok(Self {
            space: TaskSpace::new(&bounds, lesson)?,
            config,
            threshold,
            stream: Stream::named(lesson.seed, "teacher"),
            state,
        })
    }

    /// The probabilities of the scales: the quantal response.
    fn response(&self) -> Vec<f64> {
        let State { temperature, competences, .. } = &self.state;
        let least = competences.iter().copied().fold(f64::INFINITY, f64::min);
        let weights: Vec<f64> = competences.iter().map(|competence| ((least - competence) / temperature).exp()).collect();
        let sum: f64 = weights.iter().sum();
        weights.into_iter().map(|weight| weight / sum).collect()
    }
}

impl Teacher for Adversary {
    fn next_task(&mut self) -> Task {
        let chosen = match self.state.chosen {
            Some(chosen) => chosen,
            None => {
                let mut left = self.stream.unit();
                let response = self.response();
                let passed = |weight: &f64| {
                    left -= weight;
                    left < 0.0
                };
                response.iter().position(passed).unwrap_or(response.len() - 1)
            }
        };
        self.state.chosen = Some(chosen);
        Task { threshold: self.threshold, max_gates: None, noise: Some(self.config.scales[chosen]) }
    }

    fn record(&mut self, outcome: Outcome) {
        let task = self.next_task();
        let competence = self.space.competence(task, outcome);
        let (config, state) = (&self.config, &mut self.state);
        if let Some(chosen) = state.chosen.take() {
            state.competences[chosen] += config.rate * (competence - state.competences[chosen]);
        }
        state.last.push(competence);
        if state.last.len() >= config.every {
            let mean = state.last.iter().sum::<f64>() / state.last.len() as f64;
            if mean >= config.competence {
                state.temperature = (state.temperature * config.cooling).max(config.last_temperature);
            }
            state.last.clear();
        }
    }

    fn save(&self) -> Vec<u8> {
        encode(&(&self.state, self.stream.save()))
    }

    fn load(&mut self, bytes: &[u8]) -> Result<(), QasError> {
        let (state, stream): (State, StreamState) = decode("teacher", bytes)?;
        let count = self.config.scales.len();
        let fits = state.competences.len() == count && state.chosen.is_none_or(|chosen| chosen < count);
        if !(fits && state.temperature > 0.0) {
            return Err(QasError::Corrupt { what: "teacher", reason: "it has other scales".to_owned() });
        }
        self.state = state;
        self.stream = Stream::load(&stream);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lesson() -> Lesson {
        Lesson { first_gap: 1.0, max_gates: 40, seed: 1 }
    }

    fn adversary(config: AdversaryConfig) -> Adversary {
        Adversary::new(config, lesson()).expect("valid")
    }

    const GOOD: Outcome = Outcome { succeeded: true, smallest_gap: 1e-4 };
    const BAD: Outcome = Outcome { succeeded: false, smallest_gap: 1.0 };

    /// A learner that fails under the largest noise alone: alike at first, and nearly always that noise in the end.
    #[test]
    fn the_colder_it_is_the_more_it_takes_what_the_learner_does_worst() {
        let mut adversary = adversary(AdversaryConfig { competence: 0.3, ..AdversaryConfig::default() });
        let mut shares = Vec::new();
        for _ in 0..20 {
            let mut worst = 0;
            for _ in 0..100 {
                let task = adversary.next_task();
                assert_eq!((task.threshold, task.max_gates, adversary.next_task()), (1e-3, None, task), "asked twice, the same");
                worst += u32::from(task.noise == Some(5));
                adversary.record(if task.noise == Some(5) { BAD } else { GOOD });
            }
            shares.push(worst);
        }
        assert!((15..65).contains(&shares[0]), "{shares:?}");
        assert!(shares[19] > 55 && adversary.state.temperature < 0.8, "{shares:?} {}", adversary.state.temperature);
        let response = adversary.response();
        assert!((response.iter().sum::<f64>() - 1.0).abs() < 1e-12 && response[3] > 0.5, "{response:?}");
    }

    #[test]
    fn it_waits_for_a_learner_that_does_badly() {
        let mut adversary = adversary(AdversaryConfig::default());
        for _ in 0..200 {
            adversary.next_task();
            adversary.record(BAD);
        }
        assert_eq!(adversary.state.temperature, 1.0);
        assert!(adversary.response().iter().all(|weight| (weight - 0.25).abs() < 1e-12));
        for _ in 0..40 {
            adversary.next_task();
            adversary.record(GOOD);
        }
        assert!((adversary.state.temperature - 0.64).abs() < 1e-12);
    }

    #[test]
    fn settings_outside_their_range_are_refused() {
        let good = AdversaryConfig::default();
        for config in [
            AdversaryConfig { threshold: Some(0.0), ..good.clone() },
            AdversaryConfig { threshold: Some(1.0), ..good.clone() },
            AdversaryConfig { scales: vec![1], ..good.clone() },
            AdversaryConfig { scales: vec![1, 1], ..good.clone() },
            AdversaryConfig { scales: vec![0, 1], ..good.clone() },
            AdversaryConfig { scales: vec![1, 101], ..good.clone() },
            AdversaryConfig { first_temperature: 0.0, ..good.clone() },
            AdversaryConfig { last_temperature: 2.0, ..good.clone() },
            AdversaryConfig { cooling: 1.0, ..good.clone() },
            AdversaryConfig { competence: 1.5, ..good.clone() },
            AdversaryConfig { every: 0, ..good.clone() },
            AdversaryConfig { rate: 0.0, ..good.clone() },
        ] {
            assert!(Adversary::new(config.clone(), lesson()).is_err(), "{config:?}");
        }
        let mut other = adversary(AdversaryConfig { scales: vec![1, 2], ..good.clone() });
        assert!(other.load(&adversary(good).save()).is_err());
    }
}
