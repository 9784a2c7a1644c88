//! Counts to estimates, mitigation stage by stage.
//!
//! Derivations. A shot of the circuit for `Re z` has value `v` in `{+1, -1}` by the first qubit, with mean `Re z`. *Discard*: shots whose
//! outcome stands for an illegal string are dropped. *Echo*: `v` becomes 0 unless all other qubits return to 0; the mean stays `Re z`,
//! its variance falls to `(1 + |z|^2)/2 - (Re z)^2`, and most errors leave the register elsewhere. *Conjugate*: let noise damp by `f` and
//! turn the reference against the path branch by one phase for braid and mirror image, `u = f e^{i chi} z` and `u' = f e^{i chi} conj(z)`.
//! Then `u conj(u') = f^2 z^2`: the phase drops out, and the root is taken on the side of the echo's value. The trick belongs to the means:
//! string by string it would give the mean of `z_s^2`, which is not the square of the mean.

use num_complex::Complex64;

use super::{KINDS, Record, Word};
use crate::circuit::{Layout, Part, decode};

/// Which stages are made; each takes the shots as the one before left them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mitigation {
    /// Discard shots with illegal strings. Default true.
    pub discard: bool,
    /// Count a shot only if the register comes back. Default true.
    pub echo: bool,
    /// Conjugate trick on the means. Default true.
    pub conjugate: bool,
}

impl Default for Mitigation {
    fn default() -> Self {
        Self { discard: true, echo: true, conjugate: true }
    }
}

/// A stage of mitigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StageName {
    /// The plain Hadamard test.
    Raw,
    /// Illegal strings discarded.
    Discard,
    /// Only shots whose register comes back count.
    Echo,
    /// Braid and mirror image combined on the means.
    Conjugate,
}

impl StageName {
    /// The name, as reports have it.
    pub fn name(self) -> &'static str {
        match self {
            StageName::Raw => "raw",
            StageName::Discard => "discard",
            StageName::Echo => "echo",
            StageName::Conjugate => "conjugate",
        }
    }
}

/// The estimate after one stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage {
    /// Which stage.
    pub name: StageName,
    /// Estimate of `E`.
    pub value: Complex64,
    /// Standard errors of its real and imaginary part.
    pub standard_error: [f64; 2],
}

/// All stages, and what was seen on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The stages in order; the first is raw.
    pub stages: Vec<Stage>,
    /// Fraction of shots with an illegal string.
    pub discarded: f64,
    /// Phase between the branches common to braid and mirror image, in radians, with its standard error; without the mirror image none.
    pub common_phase: Option<(f64, f64)>,
    /// Shots in all.
    pub shots: u64,
}

/// Number of shots, sum of values and of their squares.
#[derive(Clone, Copy, Default)]
struct Sums {
    shots: f64,
    value: f64,
    square: f64,
}

fn sums(record: &Record, kind: usize, layout: Layout, discard: bool, echo: bool) -> Sums {
    let mut sums = Sums::default();
    for &(outcome, times) in &record.outcomes[kind] {
        let (sign, back, legal) = decode(outcome, &record.string, layout);
        if discard && !legal {
            continue;
        }
        let times = times as f64;
        let counts = !echo || back;
        sums.shots += times;
        sums.value += if counts { sign * times } else { 0.0 };
        sums.square += if counts { times } else { 0.0 };
    }
    sums
}

/// Mean of one circuit's values and the variance of that mean.
///
/// With `K` draws of a string and `m_r` of them on string `r`, whose mean is `M_r`, the spread of the strings adds
/// `sum m_r (M_r - M)^2 / (K (K - 1))`; this holds a share `R/K` of the shots' own variance for `R` different strings, the rest is added.
fn mean(records: &[Record], kind: usize, layout: Layout, discard: bool, echo: bool, shots_per_draw: Option<u64>) -> (f64, f64) {
    let each: Vec<Sums> = records.iter().map(|record| sums(record, kind, layout, discard, echo)).collect();
    let shots: f64 = each.iter().map(|s| s.shots).sum();
    if shots == 0.0 {
        return (0.0, 1.0);
    }
    let mean = each.iter().map(|s| s.value).sum::<f64>() / shots;
    let variance = match shots_per_draw {
        Some(shots_per_draw) => {
            let drawn = |record: &Record| {
                record.outcomes[kind].iter().map(|(_, times)| times).sum::<u64>() as f64 / shots_per_draw.max(1) as f64
            };
            let draws: f64 = records.iter().map(drawn).sum();
            let seen: Vec<(f64, &Sums)> = records.iter().map(drawn).zip(&each).filter(|(_, s)| s.shots > 0.0).collect();
            let between: f64 = seen.iter().map(|(times, s)| times * (s.value / s.shots - mean).powi(2)).sum();
            let within: f64 = seen.iter().map(|(_, s)| s.square - s.value * s.value / s.shots).sum();
            between / (draws * (draws - 1.0).max(1.0)) + within / (shots * shots) * (1.0 - seen.len() as f64 / draws).max(0.0)
        }
        None => (each.iter().map(|s| s.square).sum::<f64>() / shots - mean * mean) / (shots - 1.0).max(1.0),
    };
    // no finite number of equal shots proves a certain outcome
    (mean, variance.max(1.0 / (shots * shots)))
}

/// Value of one word and the variances of its parts.
type Value = (Complex64, [f64; 2]);

/// Evaluates a job's counts.
///
/// With `shots_per_draw`, every draw of a string was given this many shots of each circuit and errors come from the spread between
/// strings too; otherwise every shot belongs to a draw of its own. `prior` is a rough value of `E` on whose side square roots are taken; without it, that of the
/// last stage before.
pub fn evaluate(
    records: &[Record],
    layout: Layout,
    shots_per_draw: Option<u64>,
    mitigation: Mitigation,
    prior: Option<Complex64>,
) -> Evaluation {
    let mirrored = records.iter().any(|record| !record.outcomes[2].is_empty());
    let word = |word: Word, discard: bool, echo: bool| -> Value {
        let mut value = ([0.0; 2], [0.0; 2]);
        for (kind, &(of, part)) in KINDS.iter().enumerate() {
            if of == word {
                let place = usize::from(part == Part::Imaginary);
                (value.0[place], value.1[place]) = mean(records, kind, layout, discard, echo, shots_per_draw);
            }
        }
        (Complex64::new(value.0[0], value.0[1]), value.1)
    };
    // braid and the conjugate of its mirror image, averaged
    let both = |discard: bool, echo: bool| -> Value {
        let (value, variance) = word(Word::Braid, discard, echo);
        if !mirrored {
            return (value, variance);
        }
        let (mirror, other) = word(Word::Mirror, discard, echo);
        ((value + mirror.conj()) / 2.0, [(variance[0] + other[0]) / 4.0, (variance[1] + other[1]) / 4.0])
    };
    let stage = |name, (value, variance): Value| Stage { name, value, standard_error: variance.map(f64::sqrt) };
    let mut stages = vec![stage(StageName::Raw, both(false, false))];
    if mitigation.discard {
        stages.push(stage(StageName::Discard, both(true, false)));
    }
    if mitigation.echo {
        stages.push(stage(StageName::Echo, both(mitigation.discard, true)));
    }
    let side = prior.or(stages.last().map(|stage| stage.value)).unwrap_or(Complex64::ONE);
    let mut common_phase = None;
    if mirrored {
        let (value, variance) = word(Word::Braid, mitigation.discard, mitigation.echo);
        let (mirror, other) = word(Word::Mirror, mitigation.discard, mitigation.echo);
        let relative = (variance[0] + variance[1]) / value.norm_sqr() + (other[0] + other[1]) / mirror.norm_sqr();
        if relative.is_finite() {
            common_phase = Some(((value * mirror).arg() / 2.0, (relative / 8.0).sqrt()));
        }
        if mitigation.conjugate {
            let root = toward((value * mirror.conj()).sqrt(), side);
            let error = if root.norm() > 0.0 && relative.is_finite() {
                (root.norm_sqr() * relative / 8.0).sqrt()
            } else {
                ((variance[0] + variance[1] + other[0] + other[1]) / 8.0).sqrt()
            };
            stages.push(Stage { name: StageName::Conjugate, value: root, standard_error: [error; 2] });
        }
    }
    let total = |count: &dyn Fn(&Record, u64) -> bool| -> u64 {
        let all = records.iter().flat_map(|record| record.outcomes.iter().flatten().map(move |entry| (record, entry)));
        all.filter(|(record, (outcome, _))| count(record, *outcome)).map(|(_, (_, times))| *times).sum()
    };
    let shots = total(&|_, _| true);
    let illegal = total(&|record, outcome| !decode(outcome, &record.string, layout).2);
    Evaluation { stages, discarded: illegal as f64 / shots.max(1) as f64, common_phase, shots }
}

/// Of a root and its negative, the one on the side of a value.
fn toward(root: Complex64, side: Complex64) -> Complex64 {
    if (root * side.conj()).re < 0.0 { -root } else { root }
}
