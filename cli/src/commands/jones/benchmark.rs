//! `qloom jones benchmark`: a processor measured by the invariance of links.

use std::ops::ControlFlow;
use std::time::Duration;

use qloom::circuits::Stream;
use qloom::knots::benchmark::{Band, MeasureConfig, Measured, PowerLaw, bands, measure};
use qloom::knots::estimate::SampleNoise;
use serde::{Deserialize, Serialize};

use crate::experiment::Limit;
use crate::failure::{Failure, OrFailure};
use crate::figure::{Figure, Mark, Scale, Series};
use crate::interrupt::Interrupt;
use crate::job::{Job, Limited, Run, RunArguments, Step};
use crate::knots::estimate::{NoiseArguments, TargetArguments};
use crate::knots::link::nothing_new;
use crate::knots::within_limits;
use crate::output::Report;
use crate::run_folder::{Meta, NamedFile, RunFolder};
use crate::table;

/// Measure a noise model or a device by braids whose value is known.
///
/// Random braids of known V are run under noise; the relative error of the echo's value, with and without discarding illegal strings,
/// is given against crossings, depth and strands, with a power law fitted. Values are those of infinitely many shots, from stochastic
/// trajectories. Without --noise and --device the noise is depolarizing1=5e-5,depolarizing2=5e-4,readout=5e-4. The run folder of --out holds benchmark.csv and benchmark.svg, and the benchmark can be resumed from it.
///
/// For example: qloom jones benchmark --strands 10,12 --layers 4,8 --noise depolarizing2=5e-4 --out report, or
/// qloom jones benchmark --strands 4 --device devices/mumbai_median.toml --native cx
#[derive(clap::Args)]
pub struct Arguments {
    /// Strands of the braids, from 2 to 30, separated by commas.
    #[arg(long, conflicts_with = "resume", value_delimiter = ',', default_value = "8,10", value_parser = clap::value_parser!(u32).range(2..=30))]
    strands: Vec<u32>,
    /// Layers in front of the centre, from 0 to 1000, separated by commas.
    #[arg(long, conflicts_with = "resume", value_delimiter = ',', default_value = "4,8,12", value_parser = clap::value_parser!(u32).range(0..=1000))]
    layers: Vec<u32>,
    /// Number of braids of each size.
    #[arg(long, conflicts_with = "resume", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    instances: u32,
    /// Braids whose |E| is below this, from 0 to below 1, are drawn again: a relative error needs a value.
    #[arg(long, conflicts_with = "resume", default_value_t = 0.1)]
    least: f64,
    #[command(flatten)]
    noise: NoiseArguments,
    /// Trajectories for each braid, 2 or more.
    #[arg(long, conflicts_with = "resume", default_value_t = 100, value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    trajectories: u32,
    /// Simplify the braids first.
    #[arg(long, conflicts_with = "resume")]
    simplify: bool,
    /// Seed of the random braids and errors.
    #[arg(long, conflicts_with = "resume", default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    target: TargetArguments,
    #[command(flatten)]
    pub run: RunArguments,
}

const COMMAND: &str = "jones benchmark";

/// The noise where none is chosen: about that of trapped ions.
const DEFAULT_NOISE: &str = "depolarizing1=5e-5,depolarizing2=5e-4,readout=5e-4";

/// A benchmark as its run folder holds it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Experiment {
    seed: u64,
    benchmark: Settings,
}

impl Limited for Experiment {
    const LIMITS: &'static [Limit] = &[];
}

/// Which braids are measured, and how.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    strands: Vec<usize>,
    layers: Vec<usize>,
    instances: usize,
    measure: MeasureConfig,
}

/// The benchmark as a job: a step is a braid.
struct Benchmark {
    experiment: Experiment,
    measured: Vec<Measured>,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let interrupt = Interrupt::listen()?;
    let new = |experiment| Benchmark { experiment, measured: Vec::new() };
    let run = match &arguments.run.resume {
        Some(path) => {
            nothing_new(&[
                ("--noise and --device", arguments.noise.given()),
                ("--native and --layout", arguments.target.given()),
            ])?;
            Run::resume(path, COMMAND, &[], |experiment: Experiment, _| Ok(new(experiment)))?
        }
        None => {
            let experiment = arguments.experiment()?;
            let meta = Meta::new(COMMAND, experiment.seed);
            Run::begin(new(experiment.clone()), arguments.run.out.as_deref(), &experiment, &[], meta)?
        }
    };
    run.finish(&arguments.run, &interrupt)
}

impl Arguments {
    fn experiment(&self) -> Result<Experiment, Failure> {
        if !(0.0..1.0).contains(&self.least) {
            return Err(Failure::input("--least is from 0 to below 1"));
        }
        let sizes = |list: &[u32]| list.iter().map(|&size| size as usize).collect();
        let measure = MeasureConfig {
            target: self.target.target(),
            noise: self.noise.read(DEFAULT_NOISE)?,
            trajectories: self.trajectories as usize,
            least: self.least,
            simplify: self.simplify,
        };
        let instances = self.instances as usize;
        let settings = Settings { strands: sizes(&self.strands), layers: sizes(&self.layers), instances, measure };
        Ok(Experiment { seed: self.seed, benchmark: settings })
    }
}

impl Benchmark {
    fn total(&self) -> usize {
        let Settings { strands, layers, instances, .. } = &self.experiment.benchmark;
        strands.len() * layers.len() * instances
    }
}

impl Job for Benchmark {
    const UNIT: &'static str = "braids";
    type Event = Measured;
    type Report = BenchmarkReport;

    fn step(&mut self, interrupt: &Interrupt) -> Result<Step<Measured>, Failure> {
        let number = self.measured.len();
        if number == self.total() {
            return Ok(Step::Finished("braids"));
        }
        let Settings { strands, layers, instances, measure: config } = &self.experiment.benchmark;
        let (size, instance) = (number / instances, number % instances);
        let (strands, layers) = (strands[size / layers.len()], layers[size % layers.len()]);
        // a seed of its own for every braid
        let seed = self.experiment.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)
            ^ ((strands as u64) << 48)
            ^ ((layers as u64) << 32)
            ^ instance as u64;
        let mut go_on = |_, _| if interrupt.requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        let result =
            within_limits(&mut go_on, |limits| measure(strands, layers, config, &mut Stream::named(seed, "braid"), limits));
        if interrupt.requested() && result.is_err() {
            return Ok(Step::Interrupted);
        }
        let measured = result?;
        self.measured.push(measured.clone());
        Ok(Step::Event(measured))
    }

    fn state(&self) -> Result<Vec<u8>, Failure> {
        // numbers are written so that they are read back bit for bit
        serde_json::to_vec(&self.measured).or_work("cannot write the state")
    }

    fn resume(&mut self, state: &[u8]) -> Result<(), Failure> {
        self.measured = serde_json::from_slice(state).or_input("the checkpoint is not that of a benchmark")?;
        Ok(())
    }

    fn progress(&self, elapsed: Duration) -> (u64, u64, String) {
        (self.measured.len() as u64, self.total() as u64, format!("{:.0} s", elapsed.as_secs_f64()))
    }

    fn files(&mut self) -> Result<Vec<NamedFile>, Failure> {
        Ok(vec![("benchmark.csv".to_owned(), table::write(&self.measured)?)])
    }

    fn report(&self, _meta: &Meta, folder: Option<&mut RunFolder>) -> Result<BenchmarkReport, Failure> {
        let mut rows = self.measured.clone();
        rows.sort_by_key(|row| row.crossings);
        let fit_discard = PowerLaw::fit(&rows, |row| row.relative_error_discard);
        let report = BenchmarkReport {
            noise: self.experiment.benchmark.measure.noise.clone(),
            fit_echo: PowerLaw::fit(&rows, |row| row.relative_error_echo),
            fit_discard,
            bands: bands(&rows),
            rows,
        };
        if let Some(folder) = folder {
            let figure = figure(&report.rows, fit_discard).svg();
            let table = table::write(&report.rows)?;
            folder.write(vec![("benchmark.csv".to_owned(), table), ("benchmark.svg".to_owned(), figure.into_bytes())])?;
        }
        Ok(report)
    }
}

/// What the command prints.
#[derive(Serialize)]
struct BenchmarkReport {
    noise: SampleNoise,
    rows: Vec<Measured>,
    fit_echo: Option<PowerLaw>,
    fit_discard: Option<PowerLaw>,
    bands: Vec<Band>,
}

impl Report for BenchmarkReport {
    fn text(&self) -> String {
        let title = "crossings  braids  median two-qubit gates  depth  median relative error: echo  with discard  discarded";
        let mut lines = vec![title.to_owned()];
        lines.extend(self.bands.iter().map(|band| {
            let Band { crossings, braids, two_qubit_gates, two_qubit_depth, .. } = band;
            let discarded = 100.0 * band.discarded;
            format!(
                "{crossings:>9}  {braids:>6}  {two_qubit_gates:>22.0}  {two_qubit_depth:>5.0}  {:>27.4}  {:>12.4}  {discarded:>7.2} %",
                band.relative_error_echo, band.relative_error_discard
            )
        }));
        if let Some(PowerLaw { factor, exponent }) = self.fit_discard {
            lines.push(format!("relative error with discard = {factor:.3e} * crossings^{exponent:.3}"));
        }
        lines.join("\n")
    }
}

/// Relative error against crossings on logarithmic scales.
fn figure(rows: &[Measured], law: Option<PowerLaw>) -> Figure<'static> {
    let points = |of: fn(&Measured) -> f64| -> Vec<(f64, f64)> {
        rows.iter().map(|row| (row.crossings.max(1) as f64, of(row).max(1e-9))).collect()
    };
    let dots = |name: &str, color, points| Series { name: name.to_owned(), color, mark: Mark::Dots(2.5), points };
    let mut series = vec![
        dots("echo", "#9db7d5", points(|row| row.relative_error_echo)),
        dots("with discard", "#b03a2e", points(|row| row.relative_error_discard)),
    ];
    if let (Some(PowerLaw { factor, exponent }), Some(first), Some(last)) = (law, rows.first(), rows.last()) {
        let ends = [first.crossings.max(1) as f64, last.crossings.max(1) as f64];
        series.push(Series {
            name: format!("{factor:.2e} c^{exponent:.2}"),
            color: "#444",
            mark: Mark::Line,
            points: ends.iter().map(|&x| (x, factor * x.powf(exponent))).collect(),
        });
    }
    Figure {
        title: "Relative error of the value against crossings",
        x_label: "crossings",
        y_label: "relative error",
        scale: Scale::LogLog,
        series,
    }
}
