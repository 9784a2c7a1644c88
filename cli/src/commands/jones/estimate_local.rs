//! `qloom jones estimate-local`: circuits made, simulated and evaluated in one go.

use std::time::Instant;

use qloom::circuits::Stream;
use qloom::knots::Complex64;
use qloom::knots::estimate::{evaluate, exact_value, factor, sample};

use crate::failure::{Failure, OrFailure};
use crate::knots::estimate::{EstimateReport, Simulated, Stages, TargetArguments, TimedBaseline, complex};
use crate::knots::link::{self, LinkArguments};
use crate::knots::{failure, within_limits};
use crate::output::{self, Report};
use crate::progress::Progress;

/// Estimate V(e^{2 pi i/5}) by sampling circuits on the simulator.
///
/// The control-free Hadamard test in the Fibonacci path model, for the braid and its mirror image. Every stage of mitigation is
/// reported; an error of the sampled E grows by phi^{n-1} (phi^{n/2-1} for a plat closure) in V. Beside it stands the classical
/// random-vector estimate.
///
/// For example: qloom jones estimate-local "1 -2 1 -2" --shots 10000 --noise depolarizing2=1e-3,readout=1e-3
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    link: LinkArguments,
    /// Shots in all, spread over two or four kinds of circuit.
    #[arg(long, default_value_t = 10_000, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    shots: u64,
    /// Fixes strings, errors and shots.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Noise: depolarizing1=P,depolarizing2=P,readout=P; P is the probability of replacement by the maximally mixed state.
    #[arg(long, value_name = "SPEC")]
    noise: Option<String>,
    /// How to estimate.
    #[arg(long, default_value = "circuits")]
    method: MethodArgument,
    /// Vectors of the random-vector method.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    vectors: Option<u32>,
    /// Simplify the braid first.
    #[arg(long)]
    simplify: bool,
    #[command(flatten)]
    target: TargetArguments,
    #[command(flatten)]
    stages: Stages,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum MethodArgument {
    Circuits,
    RandomVector,
}

/// The random-vector estimate by itself.
#[derive(serde::Serialize)]
struct RandomVectorReport {
    #[serde(flatten)]
    baseline: TimedBaseline,
    exact: Option<Complex64>,
    scale: f64,
}

impl Report for RandomVectorReport {
    fn text(&self) -> String {
        let baseline = &self.baseline.baseline;
        format!("V = {} +- {:.6}", complex(baseline.value), baseline.standard_error)
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let start = Instant::now();
    let closure = arguments.link.closure();
    let braid = link::simplified(arguments.link.read_braid()?, arguments.simplify, closure, arguments.seed);
    if braid.strands() == 0 {
        return Err(Failure::input("0 strands: the empty link has no polynomial"));
    }
    let noise = arguments.noise.as_deref().unwrap_or_default().parse().or_input("--noise")?;
    let target = arguments.target.target();
    let factor = factor(&braid, closure).map_err(failure)?;
    if arguments.method == MethodArgument::RandomVector {
        let vectors = arguments.vectors.map(|vectors| vectors as usize);
        let baseline = TimedBaseline::new(&braid, closure, vectors, arguments.seed)?;
        let exact = exact_value(&braid, closure).map_err(failure)?;
        return output::report(arguments.json, &RandomVectorReport { baseline, exact, scale: factor.norm() });
    }
    let prior = arguments.stages.prior(factor)?;
    let mut progress = Progress::new("strings")?;
    let conjugate = !arguments.stages.no_conjugate;
    let records = within_limits(&mut |done, total| progress.tick(done, total), |limits| {
        sample(&braid, closure, target, noise, conjugate, arguments.shots, &mut Stream::named(arguments.seed, "shots"), limits)
    });
    progress.finish();
    let evaluation = evaluate(&records?, target.layout, None, arguments.stages.mitigation(), prior);
    let mut report = EstimateReport::new(&braid, closure, target, &evaluation, &arguments.stages, arguments.seed)?;
    report.simulated = Some(Simulated { noise, seed: arguments.seed, seconds: start.elapsed().as_secs_f64() });
    output::report(arguments.json, &report)
}
