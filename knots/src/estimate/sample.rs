//! Shots of a job on the simulator, under the noise of a machine.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use qloom_circuits::{Circuit, Stream};
use qloom_estimate::{EstimateError, PauliErrors, Readout, Trajectories};
use qloom_hardware::{Device, UniformNoise};
use qloom_sim::{SimulatorConfig, before_last_measurements};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{KINDS, Record};
use crate::braid::{Braid, Closure};
use crate::circuit::{Target, hadamard_test};
use crate::error::KnotError;
use crate::exact::Limits;
use crate::fibonacci::PathString;

/// Strings for `draws` shots of each circuit, with how often each was drawn, in a fixed order.
///
/// For a trace closure independent draws from the Markov trace's distribution, for a plat closure the cup string.
///
/// # Errors
/// For no strand, more than 64, or an odd number in a plat closure.
pub fn draw_strings(
    strands: usize,
    closure: Closure,
    draws: u64,
    stream: &mut Stream,
) -> Result<Vec<(PathString, u64)>, KnotError> {
    if strands == 0 || strands > 64 {
        return Err(KnotError::Strands { strands, reason: "circuits are made for 1 to 64 strands" });
    }
    match closure {
        Closure::Plat if strands % 2 == 1 => {
            Err(KnotError::Strands { strands, reason: "a plat closure joins strands in pairs; add one or remove one" })
        }
        Closure::Plat => Ok(vec![(PathString::cups(strands), draws)]),
        Closure::Trace => {
            let mut counts: BTreeMap<PathString, u64> = BTreeMap::new();
            for _ in 0..draws {
                *counts.entry(PathString::sample(strands, &mut || stream.unit())).or_default() += 1;
            }
            Ok(counts.into_iter().collect())
        }
    }
}

/// The noise that circuits are sampled under.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SampleNoise {
    /// The same everywhere, on a machine with virtual Z gates.
    Uniform(UniformNoise),
    /// That of a device's first qubits, one a strand; circuits have to fit its couplings.
    Device(Box<Device>),
    /// That of a device, whose qubits also relax while they wait.
    IdleDevice(Box<Device>),
}

impl Default for SampleNoise {
    fn default() -> Self {
        Self::Uniform(UniformNoise::default())
    }
}

impl From<UniformNoise> for SampleNoise {
    fn from(noise: UniformNoise) -> Self {
        Self::Uniform(noise)
    }
}

impl SampleNoise {
    /// A circuit with its channels, final measurements left out, and its read-out errors.
    pub(super) fn of(&self, circuit: &Circuit) -> Result<(Circuit, Readout), KnotError> {
        let n = circuit.num_qubits();
        let model = match self {
            Self::Uniform(noise) => noise.model(n, true)?,
            Self::Device(device) => {
                device.check(circuit)?;
                device.noise(n)?
            }
            Self::IdleDevice(device) => {
                device.check(circuit)?;
                let mut model = device.noise(n)?;
                model.idle = Some(device.idle_noise(n)?);
                model
            }
        };
        Ok((model.apply(&before_last_measurements(circuit))?, Readout::new(&model.readout)?))
    }
}

/// What is sampled.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleConfig {
    /// The braid.
    pub braid: Braid,
    /// How it is closed.
    pub closure: Closure,
    /// For what machine circuits are made.
    pub target: Target,
    /// Its noise.
    pub noise: SampleNoise,
    /// Whether the mirror image runs too.
    pub conjugate: bool,
    /// Shots in all, spread evenly over the circuits.
    pub shots: u64,
}

/// Strings of one step of a [`Sampling`].
const STRINGS: usize = 64;

/// Shots of one circuit that share a stream: more are cut into blocks, between which sampling can be stopped.
const BLOCK: u64 = 1 << 12;

/// Samples the circuits of all strings, a few strings at a time.
///
/// The shots of a string without any error share one simulation; every shot with one has its own. The result depends on the stream
/// only, not on threads, nor on where it was interrupted. Costs about `2^n` per gate and distinct simulation.
///
/// ```
/// use qloom_circuits::Stream;
/// use qloom_knots::estimate::{Mitigation, SampleConfig, SampleNoise, Sampling, evaluate, exact_value, factor};
/// use qloom_knots::{Braid, Closure, circuit::Target};
/// let braid: Braid = "1 1 1".parse()?;
/// let (exact, factor) = (exact_value(&braid, Closure::Trace)?, factor(&braid, Closure::Trace)?);
/// let config = SampleConfig {
///     braid,
///     closure: Closure::Trace,
///     target: Target::default(),
///     noise: SampleNoise::default(),
///     conjugate: false,
///     shots: 2000,
/// };
/// let layout = config.target.layout;
/// let mut sampling = Sampling::new(config, &mut Stream::named(1, "shots"))?;
/// while sampling.step(1 << 30, &|| false)?.is_some() {}
/// let echo = evaluate(sampling.records(), layout, None, Mitigation::default(), None).stages[2];
/// assert!((factor * echo.value - exact.expect("few strands")).norm() < 0.3);
/// # Ok::<(), qloom_knots::KnotError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sampling {
    config: SampleConfig,
    words: [Braid; 4],
    strings: Vec<(PathString, u64)>,
    seed: u64,
    records: Vec<Record>,
}

impl Sampling {
    /// Draws the strings; nothing is run yet.
    ///
    /// # Errors
    /// For strands that no circuit can have.
    pub fn new(config: SampleConfig, stream: &mut Stream) -> Result<Self, KnotError> {
        let kinds = if config.conjugate { 4 } else { 2 };
        let strings = draw_strings(config.braid.strands(), config.closure, (config.shots / kinds).max(1), stream)?;
        let words = KINDS.map(|(word, _)| word.of(&config.braid));
        Ok(Self { words, strings, seed: stream.word(), records: Vec::new(), config })
    }

    /// What is sampled.
    pub fn config(&self) -> &SampleConfig {
        &self.config
    }

    /// Number of strings in all.
    pub fn total(&self) -> usize {
        self.strings.len()
    }

    /// The strings done, in their order.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Runs some more strings and gives their records; none where all are done. `stop` is asked between runs of some thousand shots; the
    /// step then counts as not done.
    ///
    /// # Errors
    /// When the states do not fit into `memory_bytes`, the circuits do not fit the device, or [`KnotError::Stopped`].
    pub fn step(&mut self, memory_bytes: u64, stop: &(dyn Fn() -> bool + Sync)) -> Result<Option<&[Record]>, KnotError> {
        let first = self.records.len();
        let end = self.strings.len().min(first + STRINGS);
        if first == end {
            return Ok(None);
        }
        let n = self.config.braid.strands();
        let threads = rayon::current_num_threads() as u64;
        let needed = u64::try_from(qloom_sim::state_bytes::<f64>(n)).unwrap_or(u64::MAX).saturating_mul(threads);
        if needed > memory_bytes {
            let remedy = "use fewer strands or threads, or estimate with a random vector";
            return Err(KnotError::Memory { method: "sampling circuits", needed, limit: memory_bytes, remedy });
        }
        let config = SimulatorConfig { threads: 1, memory_limit: memory_bytes / threads, ..SimulatorConfig::default() };
        let run = |number: usize| self.run(number, config, stop);
        let records: Result<Vec<Record>, KnotError> = (first..end).into_par_iter().map(run).collect();
        self.records.extend(records?);
        Ok(Some(&self.records[first..]))
    }

    /// Goes on behind these records, which an earlier sampling of the same configuration and stream gave.
    ///
    /// # Errors
    /// When they are those of other strings.
    pub fn resume(&mut self, records: Vec<Record>) -> Result<(), KnotError> {
        let kinds = if self.config.conjugate { 4 } else { 2 };
        let shots = |outcomes: &[(u64, u64)]| outcomes.iter().map(|(_, times)| times).sum::<u64>();
        let belongs = |(record, (string, draws)): (&Record, &(PathString, u64))| {
            record.string == *string && record.outcomes[..kinds].iter().all(|outcomes| shots(outcomes) == *draws)
        };
        if records.len() > self.strings.len() || !records.iter().zip(&self.strings).all(belongs) {
            let reason = "its strings or shots are not those of this sampling".to_owned();
            return Err(KnotError::Counts { place: "a saved sampling".to_owned(), reason });
        }
        self.records = records;
        Ok(())
    }

    /// All circuits of one string.
    fn run(&self, number: usize, config: SimulatorConfig, stop: &(dyn Fn() -> bool + Sync)) -> Result<Record, KnotError> {
        let (string, draws) = &self.strings[number];
        let mut outcomes: [Vec<(u64, u64)>; 4] = Default::default();
        for kind in 0..if self.config.conjugate { 4 } else { 2 } {
            let circuit = hadamard_test(&self.words[kind], string, KINDS[kind].1, self.config.target)?;
            let (noisy, readout) = self.config.noise.of(&circuit)?;
            let errors = match PauliErrors::new(&noisy) {
                Ok(errors) => Some(errors),
                // relaxation is no mixture of Pauli errors
                Err(EstimateError::Unsupported { .. }) => None,
                Err(error) => return Err(error.into()),
            };
            let trajectories = if errors.is_none() { Some(Trajectories::<f64>::new(&noisy)?) } else { None };
            let mut stream = Stream::numbered(self.seed, "circuit", (number * 4 + kind) as u64);
            let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
            let mut left = *draws;
            // shots that all run alike cost one simulation however many they are
            let alike = errors.as_ref().is_some_and(|errors| errors.clean_probability() == 1.0);
            while left > 0 {
                if stop() {
                    return Err(KnotError::Stopped);
                }
                let shots = if alike { left } else { left.min(BLOCK) };
                left -= shots;
                let drawn = match (&errors, &trajectories) {
                    (Some(errors), _) => errors.counts(shots, &readout, config, &mut stream)?,
                    (None, Some(trajectories)) => trajectories.run(shots, None, &readout, config, &mut stream)?.counts,
                    (None, None) => unreachable!("one of the two was made"),
                };
                drawn.iter().for_each(|(outcome, times)| *counts.entry(outcome.word()).or_default() += times);
            }
            outcomes[kind] = counts.into_iter().collect();
        }
        Ok(Record { string: string.clone(), outcomes })
    }
}

/// Runs a whole [`Sampling`].
///
/// # Errors
/// As [`Sampling::new`] and [`Sampling::step`], or when the caller asked to stop.
pub fn sample(config: SampleConfig, stream: &mut Stream, limits: &mut Limits<'_>) -> Result<Vec<Record>, KnotError> {
    let mut sampling = Sampling::new(config, stream)?;
    loop {
        if let ControlFlow::Break(()) = (limits.progress)(sampling.records.len(), sampling.total()) {
            return Err(KnotError::Stopped);
        }
        if sampling.step(limits.memory_bytes, &|| false)?.is_none() {
            return Ok(sampling.records);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(noise: SampleNoise, shots: u64) -> SampleConfig {
        let braid = "1 -2 1 -2 3 -2".parse().expect("a braid");
        SampleConfig {
            braid,
            closure: Closure::Trace,
            target: Target { native: crate::circuit::Native::Cz, ..Target::default() },
            noise,
            conjugate: true,
            shots,
        }
    }

    fn whole(config: &SampleConfig) -> Vec<Record> {
        let mut go_on = |_: usize, _: usize| ControlFlow::Continue(());
        let mut limits = Limits { memory_bytes: 1 << 30, progress: &mut go_on };
        sample(config.clone(), &mut Stream::named(4, "test"), &mut limits).expect("it fits")
    }

    #[test]
    fn interrupted_and_resumed_it_is_the_same() {
        let many =
            SampleConfig { braid: Braid::new(9, vec![1, -3, 5, 8]).expect("a braid"), ..config(SampleNoise::default(), 2000) };
        let noisy = config(UniformNoise { depolarizing2: 0.02, ..UniformNoise::default() }.into(), 400);
        for config in [many, noisy] {
            let expected = whole(&config);
            let mut saved: Vec<Record> = Vec::new();
            for _ in 0..100 {
                let mut sampling = Sampling::new(config.clone(), &mut Stream::named(4, "test")).expect("few strands");
                let total = sampling.total();
                sampling.resume(saved).expect("its own records");
                assert!(matches!(sampling.step(1 << 30, &|| true), Err(KnotError::Stopped)) || sampling.records().len() == total);
                sampling.step(1 << 30, &|| false).expect("it fits");
                saved = sampling.records().to_vec();
                if saved.len() == total {
                    break;
                }
            }
            assert_eq!(saved, expected);
            let mut other =
                Sampling::new(SampleConfig { shots: 900, ..config }, &mut Stream::named(4, "test")).expect("few strands");
            assert!(other.resume(saved).is_err(), "records of another number of shots");
        }
    }

    /// Relaxation alone: a device that loses every excitation in no time reads zeros.
    #[test]
    fn a_device_has_its_own_noise() {
        let mut device = Device::from_name("line-5").expect("a machine");
        device.qubit = Some(toml_free(1e9, [0.0, 0.0]));
        let quiet = whole(&config(SampleNoise::Device(Box::new(device.clone())), 400));
        let total = |records: &[Record], of: &dyn Fn(u64) -> bool| -> u64 {
            records
                .iter()
                .flat_map(|record| record.outcomes.iter().flatten())
                .filter(|(outcome, _)| of(*outcome))
                .map(|(_, times)| times)
                .sum()
        };
        assert_eq!(total(&quiet, &|_| true), 400);
        device.qubit = Some(toml_free(1e9, [1.0, 0.0]));
        let flipped = whole(&config(SampleNoise::Device(Box::new(device.clone())), 400));
        assert_eq!(total(&flipped, &|outcome| outcome == 0b1111), 400, "every bit is read as 1");
        // a device of three qubits has no room for four strands
        device.num_qubits = Some(3);
        let small = config(SampleNoise::IdleDevice(Box::new(device)), 40);
        let mut sampling = Sampling::new(small, &mut Stream::named(4, "test")).expect("few strands");
        assert!(matches!(sampling.step(1 << 30, &|| false), Err(KnotError::Hardware(_))));
    }

    /// Calibration of all qubits alike.
    fn toml_free(t1_ns: f64, readout: [f64; 2]) -> qloom_hardware::QubitCalibration {
        qloom_hardware::QubitCalibration { t1_ns: vec![t1_ns], t2_ns: vec![t1_ns], readout: vec![readout], ..Default::default() }
    }
}
