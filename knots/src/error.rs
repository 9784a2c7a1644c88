//! What can be wrong with a link, a braid or a set of counts.

/// Why an input was refused or a computation not done.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KnotError {
    /// A letter of a braid word that is no generator of the group.
    #[error("letter {position} of the braid word is {letter}; on {strands} strands letters are 1 to {} and their negatives", strands.saturating_sub(1))]
    Letter {
        /// The letter.
        letter: i64,
        /// Its place, from 1.
        position: usize,
        /// Number of strands.
        strands: usize,
    },
    /// Text that is no list of integers.
    #[error(
        "\"{found}\" at character {position} is no part of {what}; write integers separated by spaces or commas, in one pair of brackets or none"
    )]
    Text {
        /// What was being read.
        what: &'static str,
        /// The offending text.
        found: String,
        /// Its place, from 1.
        position: usize,
    },
    /// A number of strands that cannot be.
    #[error("{strands} strands: {reason}")]
    Strands {
        /// The number given.
        strands: usize,
        /// Why it cannot be.
        reason: &'static str,
    },
    /// An arc of a PD code that is not seen exactly twice.
    #[error("arc {arc} of the PD code is seen {times} times; every arc has two ends")]
    ArcCount {
        /// The arc's label.
        arc: i64,
        /// How often it is seen.
        times: usize,
    },
    /// A crossing of a PD code that cannot be oriented.
    #[error("crossing {crossing} of the PD code, [{}, {}, {}, {}]: {reason}", arcs[0], arcs[1], arcs[2], arcs[3])]
    Crossing {
        /// Its place, from 1.
        crossing: usize,
        /// Its arcs.
        arcs: [i64; 4],
        /// What is wrong.
        reason: &'static str,
    },
    /// A DT code that is no knot diagram.
    #[error("DT code, entry {position}: {reason}")]
    DtCode {
        /// The entry's place, from 1.
        position: usize,
        /// What is wrong.
        reason: String,
    },
    /// A name that is not in the table.
    #[error("no link is named \"{name}\" in the table{}", nearest.as_ref().map(|n| format!("; did you mean \"{n}\"?")).unwrap_or_default())]
    Name {
        /// The name.
        name: String,
        /// The nearest name there is.
        nearest: Option<String>,
    },
    /// Work that would not fit into memory.
    #[error("{method} would need about {} MiB, the limit is {} MiB; {remedy}", needed >> 20, limit >> 20)]
    Memory {
        /// Which computation.
        method: &'static str,
        /// Estimated bytes.
        needed: u64,
        /// Allowed bytes.
        limit: u64,
        /// What to do.
        remedy: &'static str,
    },
    /// Work that would take beyond reason.
    #[error("{method} would take about {needed:.0e} additions of machine words, the limit is {limit:.0e}; {remedy}")]
    Work {
        /// Which computation.
        method: &'static str,
        /// Estimated additions.
        needed: f64,
        /// Allowed additions.
        limit: f64,
        /// What to do.
        remedy: &'static str,
    },
    /// Counts that do not belong to a job.
    #[error("{place}: {reason}")]
    Counts {
        /// The circuit or file.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// A simulation that was not possible.
    #[error(transparent)]
    Simulation(#[from] qloom_sim::SimError),
    /// A measurement was refused.
    #[error(transparent)]
    Estimate(#[from] qloom_estimate::EstimateError),
    /// The noise was refused.
    #[error(transparent)]
    Hardware(#[from] qloom_hardware::HardwareError),
    /// The caller asked to stop.
    #[error("stopped before the end")]
    Stopped,
}
