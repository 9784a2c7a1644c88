//! Tasks as points of a cube, and teachers that draw them there.

use qloom_circuits::{Stream, StreamState};
use serde::{Deserialize, Serialize};

use super::{Outcome, Task, Teacher};
use crate::QasError;
use crate::error::{decode, encode};

/// The tasks that a teacher can ask for: thresholds, and how many gates an episode may append.
///
/// A task is a point of a cube, 0 at its easiest and 1 at its hardest; thresholds are spread evenly by their logarithm. What an episode has achieved is its
/// competence, in [0, 1]: 1 for a success, otherwise the share of the way from the first distance from the target down to the threshold, on
/// the scale of logarithms, that its smallest distance has come.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TaskSpaceConfig {
    /// The smallest and the largest threshold, in the problem's unit: positive, the first smaller. Without it (the default) from 1.6e-3, or a
    /// thousandth of the distance of the start from the target where that is smaller, up to that distance. With `target = "lower-bound"` small
    /// thresholds may be out of reach.
    pub threshold: Option<[f64; 2]>,
    /// The fewest and the most gates, or decisions, that an episode may have: in 1 to `environment.max_gates`, the first smaller. Without it (the default)
    /// every episode has as many as the environment allows.
    pub gates: Option<[usize; 2]>,
}

/// Tasks within checked bounds.
#[derive(Debug, Clone)]
pub(super) struct TaskSpace {
    threshold: [f64; 2],
    gates: Option<[usize; 2]>,
    first_gap: f64,
}

/// What a teacher is made for.
#[derive(Debug, Clone, Copy)]
pub struct Lesson {
    /// Distance of the energy of the start from the target, in the problem's unit.
    pub first_gap: f64,
    /// How many gates an episode can append.
    pub max_gates: usize,
    /// Fixes what is drawn.
    pub seed: u64,
}

/// Refuses what is not a fraction; `setting` is where it is.
pub(super) fn fraction(setting: &'static str, value: f64) -> Result<(), QasError> {
    let fits = (0.0..=1.0).contains(&value);
    fits.then_some(()).ok_or_else(|| QasError::invalid(setting, value, "it has to be in 0 to 1"))
}

/// Refuses a number outside a range; `setting` is where it is.
pub(super) fn within(setting: &'static str, value: usize, (low, high): (usize, usize)) -> Result<(), QasError> {
    let fits = (low..=high).contains(&value);
    fits.then_some(()).ok_or_else(|| QasError::invalid(setting, value, format!("it has to be in {low} to {high}")))
}

impl TaskSpace {
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] for bounds that are no range.
    pub(super) fn new(config: &TaskSpaceConfig, lesson: Lesson) -> Result<Self, QasError> {
        let threshold = config.threshold.unwrap_or([1.6e-3f64.min(1e-3 * lesson.first_gap), lesson.first_gap]);
        if !(threshold[0] > 0.0 && threshold[0] < threshold[1] && threshold[1].is_finite()) {
            let need = "they have to be positive, finite and ascending";
            return Err(QasError::invalid("teacher.space.threshold", format!("{threshold:?}"), need));
        }
        if let Some([low, high]) = config.gates
            && !(1 <= low && low < high && high <= lesson.max_gates)
        {
            let need = format!("they have to be ascending in 1 to {}, the gates that an episode can append", lesson.max_gates);
            return Err(QasError::invalid("teacher.space.gates", format!("[{low}, {high}]"), need));
        }
        Ok(Self { threshold, gates: config.gates, first_gap: lesson.first_gap })
    }

    /// Numbers of a task.
    pub(super) fn dimensions(&self) -> usize {
        1 + usize::from(self.gates.is_some())
    }

    pub(super) fn task(&self, point: &[f64]) -> Task {
        let [low, high] = self.threshold.map(f64::ln);
        let threshold = (high + point[0] * (low - high)).exp();
        let max_gates = self.gates.map(|[few, many]| many - (point[1] * (many - few) as f64).round() as usize);
        Task { threshold, max_gates, noise: None }
    }

    pub(super) fn competence(&self, task: Task, outcome: Outcome) -> f64 {
        if outcome.succeeded {
            return 1.0;
        }
        let (way, come) = ((self.first_gap / task.threshold).ln(), (self.first_gap / outcome.smallest_gap).ln());
        // a threshold above the first distance, and a distance of 0
        if way > 0.0 && !come.is_nan() { (come / way).clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// How points of the cube are drawn from what came of earlier ones.
pub(super) trait Curriculum: Send {
    /// The next point, within the cube.
    fn draw(&mut self, dimensions: usize, stream: &mut Stream) -> Vec<f64>;

    /// Takes notice of the competence at a point.
    fn learn(&mut self, point: &[f64], competence: f64, stream: &mut Stream);

    fn save(&self) -> Vec<u8>;

    fn load(&mut self, bytes: &[u8]) -> Result<(), QasError>;
}

/// A point anywhere in the cube.
pub(super) fn anywhere(dimensions: usize, stream: &mut Stream) -> Vec<f64> {
    (0..dimensions).map(|_| stream.unit()).collect()
}

/// A teacher that draws tasks by a curriculum.
pub(super) struct Drawing<C> {
    space: TaskSpace,
    curriculum: C,
    stream: Stream,
    /// The task at hand; drawn when it is first asked for.
    point: Option<Vec<f64>>,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    curriculum: Vec<u8>,
    stream: StreamState,
    point: Option<Vec<f64>>,
}

impl<C: Curriculum> Drawing<C> {
    pub(super) fn new(space: TaskSpace, curriculum: C, seed: u64) -> Self {
        Self { space, curriculum, stream: Stream::named(seed, "teacher"), point: None }
    }
}

impl<C: Curriculum> Teacher for Drawing<C> {
    fn next_task(&mut self) -> Task {
        let Self { space, curriculum, stream, point } = self;
        space.task(point.get_or_insert_with(|| curriculum.draw(space.dimensions(), stream)))
    }

    fn record(&mut self, outcome: Outcome) {
        let task = self.next_task();
        let Some(point) = self.point.take() else { return };
        self.curriculum.learn(&point, self.space.competence(task, outcome), &mut self.stream);
    }

    fn save(&self) -> Vec<u8> {
        encode(&Saved { curriculum: self.curriculum.save(), stream: self.stream.save(), point: self.point.clone() })
    }

    fn load(&mut self, bytes: &[u8]) -> Result<(), QasError> {
        let saved: Saved = decode("teacher", bytes)?;
        if saved.point.as_ref().is_some_and(|point| point.len() != self.space.dimensions()) {
            return Err(QasError::Corrupt { what: "teacher", reason: "a task has other numbers".to_owned() });
        }
        self.curriculum.load(&saved.curriculum)?;
        self.stream = Stream::load(&saved.stream);
        self.point = saved.point;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lesson() -> Lesson {
        Lesson { first_gap: 1.0, max_gates: 40, seed: 1 }
    }

    #[test]
    fn corners_of_the_cube_are_the_bounds() {
        let config = TaskSpaceConfig { threshold: Some([1e-6, 1e-2]), gates: Some([10, 30]) };
        let space = TaskSpace::new(&config, lesson()).expect("valid");
        assert_eq!(space.dimensions(), 2);
        let near = |task: Task, threshold: f64| (task.threshold / threshold - 1.0).abs() < 1e-12;
        assert!(near(space.task(&[0.0, 0.0]), 1e-2) && space.task(&[0.0, 0.0]).max_gates == Some(30));
        assert!(near(space.task(&[1.0, 1.0]), 1e-6) && space.task(&[1.0, 1.0]).max_gates == Some(10));
        assert!(near(space.task(&[0.5, 0.25]), 1e-4) && space.task(&[0.5, 0.25]).max_gates == Some(25));
        let plain = TaskSpace::new(&TaskSpaceConfig::default(), lesson()).expect("valid");
        assert_eq!((plain.dimensions(), plain.task(&[0.3]).max_gates), (1, None));
        assert!(near(plain.task(&[1.0]), 1e-3) && near(plain.task(&[0.0]), 1.0));
    }

    #[test]
    fn competence_is_the_way_come_on_the_logarithmic_scale() {
        let space = TaskSpace::new(&TaskSpaceConfig::default(), lesson()).expect("valid");
        let task = Task { threshold: 1e-4, max_gates: None, noise: None };
        let at = |smallest_gap| space.competence(task, Outcome { succeeded: false, smallest_gap });
        assert!((at(1e-2) - 0.5).abs() < 1e-12 && (at(1e-3) - 0.75).abs() < 1e-12);
        assert_eq!((at(2.0), at(1e-9), at(f64::INFINITY)), (0.0, 1.0, 0.0));
        assert_eq!(space.competence(task, Outcome { succeeded: true, smallest_gap: 1.0 }), 1.0);
        assert_eq!(space.competence(Task { threshold: 2.0, ..task }, Outcome { succeeded: false, smallest_gap: 0.5 }), 0.0);
    }

    #[test]
    fn bounds_that_are_no_range_are_refused() {
        for threshold in [[0.0, 1.0], [1.0, 0.5], [-1.0, 1.0], [1e-3, f64::INFINITY], [f64::NAN, 1.0]] {
            let config = TaskSpaceConfig { threshold: Some(threshold), gates: None };
            assert!(TaskSpace::new(&config, lesson()).is_err(), "{threshold:?}");
        }
        for gates in [[0, 4], [5, 5], [7, 3], [5, 41]] {
            let config = TaskSpaceConfig { threshold: None, gates: Some(gates) };
            assert!(TaskSpace::new(&config, lesson()).is_err(), "{gates:?}");
        }
    }
}
