//! Jobs for machines elsewhere: the circuits to run, and their counts read back.

use std::collections::BTreeMap;

use qloom_circuits::{Circuit, Stream};

use super::{KINDS, Record, Word, draw_strings};
use crate::braid::{Braid, Closure};
use crate::circuit::{Part, Target, hadamard_test, hadamard_test_with_control};
use crate::error::KnotError;
use crate::fibonacci::PathString;

/// What a job should be.
#[derive(Clone, Debug, PartialEq)]
pub struct JobConfig {
    /// The braid.
    pub braid: Braid,
    /// How it is closed.
    pub closure: Closure,
    /// For what machine.
    pub target: Target,
    /// Whether the mirror image runs too; needed for the conjugate trick.
    pub conjugate: bool,
    /// Shots in all.
    pub shots: u64,
    /// Strings drawn; `None` draws one for each shot of a circuit, but not more than [`Job::MOST_STRINGS`].
    pub strings: Option<u64>,
    /// Draw the strings in the circuits, with classical control: two or four circuits in all.
    pub control: bool,
}

/// One circuit of a job.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its name, and that of its file without the ending.
    pub name: String,
    /// The braid it runs.
    pub word: Word,
    /// The part it measures.
    pub part: Part,
    /// The path string `b_1 ... b_n`, `b_1` leftmost; with classical control none, the string is in the outcome.
    pub string: Option<String>,
    /// Shots to run.
    pub shots: u64,
}

/// A job: everything that evaluation needs to know.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// Always `qloom-jones-job-1`.
    pub format: String,
    /// How counts are to be given.
    pub counts: String,
    /// Letters of the braid.
    pub braid: Vec<i32>,
    /// Its strands.
    pub strands: usize,
    /// Its closure.
    pub closure: Closure,
    /// The machine.
    pub target: Target,
    /// Shots of each circuit for one draw of a string, if there are fewer draws than shots; a string drawn twice has twice as many.
    pub shots_per_draw: Option<u64>,
    /// The circuits.
    pub circuits: Vec<Entry>,
}

const FORMAT: &str = "qloom-jones-job-1";

impl Job {
    /// The most strings drawn unless more are asked for.
    pub const MOST_STRINGS: u64 = 250;

    /// Makes a job; [`Job::circuit`] makes its circuits.
    ///
    /// # Errors
    /// For strands that no circuit can have.
    pub fn new(config: &JobConfig, stream: &mut Stream) -> Result<Self, KnotError> {
        let kinds = if config.conjugate { 4 } else { 2 };
        let draws = (config.shots / kinds).max(1);
        let n = config.braid.strands();
        let mut circuits = Vec::new();
        let name = |prefix: &str, kind: usize| {
            let word = if KINDS[kind].0 == Word::Braid { "braid" } else { "mirror" };
            format!("{prefix}{word}_{}", if KINDS[kind].1 == Part::Real { "real" } else { "imaginary" })
        };
        let mut shots_per_draw = None;
        if config.control && config.closure == Closure::Trace {
            for (kind, &(word, part)) in KINDS.iter().enumerate().take(kinds as usize) {
                circuits.push(Entry { name: name("", kind), word, part, string: None, shots: draws });
            }
        } else {
            let number = config.strings.unwrap_or(Self::MOST_STRINGS.max(2)).clamp(1, draws);
            let mut strings = draw_strings(n, config.closure, draws, stream)?;
            if config.closure == Closure::Trace && (config.strings.is_some() || strings.len() as u64 > number) && number < draws {
                shots_per_draw = Some(draws / number);
                strings = draw_strings(n, config.closure, number, stream)?;
                strings.iter_mut().for_each(|(_, times)| *times *= draws / number);
            }
            for (index, (string, shots)) in strings.iter().enumerate() {
                for (kind, &(word, part)) in KINDS.iter().enumerate().take(kinds as usize) {
                    let name = name(&format!("s{index:05}_"), kind);
                    circuits.push(Entry { name, word, part, string: Some(string.clone().into()), shots: *shots });
                }
            }
        }
        let counts =
            "one JSON object: circuit name -> { bitstring -> count }, bit 0 of register c (qubit 0) rightmost, registers \
                      declared later to the left, spaces allowed"
                .to_owned();
        Ok(Self {
            format: FORMAT.to_owned(),
            counts,
            braid: config.braid.letters().to_vec(),
            strands: n,
            closure: config.closure,
            target: config.target,
            shots_per_draw,
            circuits,
        })
    }

    /// The circuit of one of [`Job::circuits`].
    ///
    /// # Errors
    /// As [`Job::read_braid`], and for a string that is none.
    pub fn circuit(&self, entry: &Entry) -> Result<Circuit, KnotError> {
        let braid = entry.word.of(&self.read_braid()?);
        match &entry.string {
            Some(text) => hadamard_test(&braid, &read_string(text, self.strands, &entry.name)?, entry.part, self.target),
            None => hadamard_test_with_control(&braid, entry.part, self.target),
        }
    }

    /// The braid of the job.
    ///
    /// # Errors
    /// When the manifest is no job or its letters are no braid.
    pub fn read_braid(&self) -> Result<Braid, KnotError> {
        if self.format != FORMAT {
            let reason = format!("the format is \"{}\", not {FORMAT}", self.format);
            return Err(KnotError::Counts { place: "manifest".to_owned(), reason });
        }
        if self.strands > 64 {
            return Err(KnotError::Strands { strands: self.strands, reason: "circuits are made for 1 to 64 strands" });
        }
        Braid::new(self.strands, self.braid.clone())
    }

    /// Sorts counts by path string; `counts` maps circuit names, with or without the ending of the file, to outcomes.
    ///
    /// # Errors
    /// When a circuit is missing or unknown, has another number of shots than planned, or an outcome has a wrong length or an illegal
    /// string.
    pub fn records(&self, counts: &BTreeMap<String, BTreeMap<String, u64>>) -> Result<Vec<Record>, KnotError> {
        let n = self.read_braid()?.strands();
        let wrong = |place: &str, reason: String| Err(KnotError::Counts { place: place.to_owned(), reason });
        let bare = |name: &str| name.strip_suffix(".qasm").unwrap_or(name).to_owned();
        let known: BTreeMap<&str, &Entry> = self.circuits.iter().map(|entry| (entry.name.as_str(), entry)).collect();
        let mut given: BTreeMap<String, &BTreeMap<String, u64>> = BTreeMap::new();
        for (name, outcomes) in counts {
            if !known.contains_key(bare(name).as_str()) {
                return wrong(name, "no circuit of the manifest has this name; these counts belong to another job".to_owned());
            }
            if given.insert(bare(name), outcomes).is_some() {
                return wrong(name, "the circuit is there twice, with and without the ending".to_owned());
            }
        }
        let mut records: BTreeMap<PathString, [BTreeMap<u64, u64>; 4]> = BTreeMap::new();
        for entry in &self.circuits {
            let Some(outcomes) = given.get(&entry.name) else {
                return wrong(&entry.name, "no counts are given for this circuit of the manifest".to_owned());
            };
            let total = outcomes.values().fold(0u64, |sum, &times| sum.saturating_add(times));
            if total != entry.shots {
                return wrong(&entry.name, format!("{total} shots, the manifest plans {}", entry.shots));
            }
            let kind = KINDS.iter().position(|kind| *kind == (entry.word, entry.part)).unwrap_or(0);
            let fixed = entry.string.as_deref().map(|text| read_string(text, n, &entry.name)).transpose()?;
            let length = if fixed.is_some() { n } else { 2 * n - 1 };
            for (bits, &times) in *outcomes {
                let clean: String = bits.chars().filter(|c| !c.is_whitespace() && *c != '_').collect();
                if clean.len() != length || clean.chars().any(|c| c != '0' && c != '1') {
                    return wrong(&entry.name, format!("\"{bits}\" is no outcome of {length} bits"));
                }
                let outcome = u64::from_str_radix(&clean, 2).unwrap_or(0);
                let string = match &fixed {
                    Some(string) => string.clone(),
                    None => {
                        let drawn: String =
                            (0..n).map(|i| if i == 0 || outcome >> (n + i - 1) & 1 == 1 { '1' } else { '0' }).collect();
                        read_string(&drawn, n, &entry.name)?
                    }
                };
                let outcome = if n >= 64 { outcome } else { outcome & ((1 << n) - 1) };
                *records.entry(string).or_default()[kind].entry(outcome).or_default() += times;
            }
        }
        let list = |counts: BTreeMap<u64, u64>| counts.into_iter().collect::<Vec<(u64, u64)>>();
        Ok(records.into_iter().map(|(string, outcomes)| Record { string, outcomes: outcomes.map(list) }).collect())
    }
}

fn read_string(text: &str, n: usize, place: &str) -> Result<PathString, KnotError> {
    let wrong = |reason: String| KnotError::Counts { place: place.to_owned(), reason };
    let string = PathString::try_from(text.to_owned()).map_err(wrong)?;
    if string.bits().len() == n { Ok(string) } else { Err(wrong(format!("\"{text}\" has another length than {n} bits"))) }
}
