//! The Jones polynomial at the fifth root from shots of the control-free Hadamard test, on a simulated or a real machine.
//!
//! A job runs circuits for the braid and, for the conjugate trick, for its mirror image, both parts each, on path strings drawn from the
//! Markov trace's distribution. Counts become estimates of `E` in stages of mitigation; `V = (-A^3)^{-w} phi^{n-1} E` (`phi^{n/2-1}` for a
//! plat closure), with `A = e^{-3 pi i/5}`: an error of `E` grows by the power of phi.

mod evaluate;
mod expected;
mod job;
mod report;
mod resources;
mod sample;
#[cfg(test)]
mod tests;

pub use evaluate::{Evaluation, Mitigation, Stage, StageName, evaluate};
pub use expected::{Expected, expected};
pub use job::{Entry, Job, JobConfig};
pub use report::{Baseline, CommonPhase, Estimated, StageValue, baseline, exact_value, factor, writhe};
pub use resources::{Durations, RandomVectorCost, Resources, resources};
pub use sample::{SampleConfig, SampleNoise, Sampling, draw_strings, sample};

use crate::braid::Braid;
use crate::circuit::Part;
use crate::fibonacci::PathString;

/// Which braid a circuit runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Word {
    /// The braid itself.
    Braid,
    /// Its mirror image, every letter negated: its ideal value is the complex conjugate.
    Mirror,
}

/// The circuits of one string, in the order of [`Record::outcomes`]; without the conjugate trick only the first two run.
pub const KINDS: [(Word, Part); 4] =
    [(Word::Braid, Part::Real), (Word::Braid, Part::Imaginary), (Word::Mirror, Part::Real), (Word::Mirror, Part::Imaginary)];

impl Word {
    /// The braid that runs.
    pub fn of(self, braid: &Braid) -> Braid {
        match self {
            Word::Braid => braid.clone(),
            Word::Mirror => braid.mirror(),
        }
    }
}

/// The outcomes of all circuits of one string.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The path string.
    pub string: PathString,
    /// Outcomes and how often each was seen, for each of [`KINDS`]; bit `i - 1` of an outcome is qubit `i - 1`, bit `b_i` of the strings.
    pub outcomes: [Vec<(u64, u64)>; 4],
}
