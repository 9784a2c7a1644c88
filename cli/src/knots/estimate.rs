//! What estimating commands share: choice of stages and the report.

use std::time::Instant;

use qloom::circuits::Stream;
use qloom::knots::circuit::{Layout, Native, Target};
use qloom::knots::estimate::{Baseline, Estimated, Mitigation, Record, SampleNoise, StageName, baseline, evaluate, factor};
use qloom::knots::{Braid, Closure};
use serde::{Deserialize, Serialize};

use super::{failure, within_limits};
use crate::device_file;
use crate::failure::{Failure, OrFailure};
use crate::output::{self, Report, decimals, signed_decimals};
use crate::progress::Progress;

/// Which stages of mitigation are made.
#[derive(clap::Args)]
pub struct Stages {
    /// Keep shots with illegal strings.
    #[arg(long)]
    no_discard: bool,
    /// Count every shot, whether the register comes back or not.
    #[arg(long)]
    no_echo: bool,
    /// Leave out the conjugate trick; then the mirror image need not run.
    #[arg(long)]
    pub no_conjugate: bool,
    /// The stage whose value is "value"; by default the last of raw, discard and echo that is made.
    #[arg(long)]
    stage: Option<StageArgument>,
    /// A rough value of V, "RE,IM", on whose side the conjugate trick takes its root; by default the echo's.
    #[arg(long, value_name = "RE,IM", allow_hyphen_values = true)]
    prior: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum StageArgument {
    Raw,
    Discard,
    Echo,
    Conjugate,
}

impl StageArgument {
    fn name(self) -> StageName {
        match self {
            StageArgument::Raw => StageName::Raw,
            StageArgument::Discard => StageName::Discard,
            StageArgument::Echo => StageName::Echo,
            StageArgument::Conjugate => StageName::Conjugate,
        }
    }
}

/// How an estimate is made of counts, as a run folder holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Evaluating {
    /// Which stages are made.
    pub mitigation: Mitigation,
    /// The stage whose value is the value.
    pub stage: Option<StageName>,
    /// Real and imaginary part of a rough value of V.
    pub prior: Option<[f64; 2]>,
}

impl Stages {
    /// What was chosen.
    ///
    /// # Errors
    /// Bad input when the rough value is none.
    pub fn read(&self) -> Result<Evaluating, Failure> {
        let mitigation = Mitigation { discard: !self.no_discard, echo: !self.no_echo, conjugate: !self.no_conjugate };
        let prior = match &self.prior {
            None => None,
            Some(text) => {
                let wrong = format!("--prior {text}: write RE,IM");
                let parts: Vec<f64> =
                    text.split(',').map(|part| part.trim().parse()).collect::<Result<_, _>>().or_input(&wrong)?;
                let parts: [f64; 2] = parts.try_into().map_err(|_| Failure::input(&wrong))?;
                if !parts.iter().all(|part| part.is_finite()) {
                    return Err(Failure::input(wrong));
                }
                Some(parts)
            }
        };
        Ok(Evaluating { mitigation, stage: self.stage.map(StageArgument::name), prior })
    }

    /// Whether anything was chosen.
    pub fn given(&self) -> bool {
        self.no_discard || self.no_echo || self.no_conjugate || self.stage.is_some() || self.prior.is_some()
    }
}

impl Evaluating {
    /// The estimate of a link from the outcomes of its circuits.
    ///
    /// # Errors
    /// Bad input when the stage was not made, and as the library says.
    pub fn report(&self, link: &Sampled<'_>, progress: &mut Progress) -> Result<EstimateReport, Failure> {
        let Sampled { braid, closure, target, records, shots_per_draw, seed } = *link;
        let factor = factor(braid, closure).map_err(failure)?;
        let prior = self.prior.map(|[re, im]| Complex::new(re, im) / factor);
        let evaluation = evaluate(records, target.layout, shots_per_draw, self.mitigation, prior);
        let estimated = Estimated::new(braid, closure, target, &evaluation, self.stage).map_err(failure)?.ok_or_else(|| {
            Failure::input("--stage names a stage that was not made: it is switched off, or the mirror image did not run")
        })?;
        Ok(EstimateReport { estimated, baseline: TimedBaseline::new(braid, closure, None, seed, progress)?, simulated: None })
    }
}

/// The outcomes of a link's circuits, and what they are of.
#[derive(Clone, Copy)]
pub struct Sampled<'a> {
    pub braid: &'a Braid,
    pub closure: Closure,
    pub target: Target,
    pub records: &'a [Record],
    pub shots_per_draw: Option<u64>,
    /// Fixes the vectors of the classical estimate.
    pub seed: u64,
}

/// A complex number as the library gives it.
pub type Complex = qloom::knots::Complex64;

/// For what machine circuits are made.
#[derive(clap::Args)]
pub struct TargetArguments {
    /// The two-qubit gate: ZZ of any angle (the default), CZ, CX or ECR.
    #[arg(long)]
    native: Option<NativeArgument>,
    /// Pairs that interact: neighbours on a line (the default), or all.
    #[arg(long)]
    layout: Option<LayoutArgument>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum NativeArgument {
    Zz,
    Cz,
    Cx,
    Ecr,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum LayoutArgument {
    Line,
    AllToAll,
}

impl TargetArguments {
    /// The target as the library takes it.
    pub fn target(&self) -> Target {
        let native = match self.native {
            None | Some(NativeArgument::Zz) => Native::Zz,
            Some(NativeArgument::Cz) => Native::Cz,
            Some(NativeArgument::Cx) => Native::Cx,
            Some(NativeArgument::Ecr) => Native::Ecr,
        };
        let layout = match self.layout {
            None | Some(LayoutArgument::Line) => Layout::Line,
            Some(LayoutArgument::AllToAll) => Layout::AllToAll,
        };
        Target { native, layout }
    }

    /// Whether anything was chosen.
    pub fn given(&self) -> bool {
        self.native.is_some() || self.layout.is_some()
    }
}

/// The noise that circuits of links are simulated under.
#[derive(clap::Args)]
pub struct NoiseArguments {
    /// The noise of a device, a machine's name or a file (.toml, .json, .csv); its first qubits are the strands, and --native and --layout
    /// have to fit it.
    #[arg(long, value_name = "NAME|FILE", conflicts_with = "noise")]
    device: Option<String>,
    /// Qubits of the device also relax while they wait for others.
    #[arg(long, requires = "device")]
    idle: bool,
    /// Noise: depolarizing1=P,depolarizing2=P,readout=P; P is the probability of replacement by the maximally mixed state.
    #[arg(long, value_name = "SPEC")]
    noise: Option<String>,
}

impl NoiseArguments {
    /// The noise as the library takes it; the default where neither a device nor a noise is given.
    ///
    /// # Errors
    /// Bad input when a word, a probability or the device is wrong.
    pub fn read(&self, default: &str) -> Result<SampleNoise, Failure> {
        let Some(name) = &self.device else {
            return Ok(SampleNoise::Uniform(self.noise.as_deref().unwrap_or(default).parse().or_input("--noise")?));
        };
        let device = Box::new(device_file::read_argument(name)?);
        device_file::warn_if_perfect(&device);
        device.assumptions.iter().for_each(|assumption| eprintln!("{name}: {assumption}"));
        Ok(if self.idle { SampleNoise::IdleDevice(device) } else { SampleNoise::Device(device) })
    }

    /// Whether anything was chosen.
    pub fn given(&self) -> bool {
        self.device.is_some() || self.noise.is_some()
    }
}

/// An estimate next to the classical one.
#[derive(Serialize)]
pub struct EstimateReport {
    #[serde(flatten)]
    pub estimated: Estimated,
    pub baseline: TimedBaseline,
    /// What the command adds, if it simulated.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub simulated: Option<Simulated>,
}

/// What was simulated.
#[derive(Serialize)]
pub struct Simulated {
    pub noise: SampleNoise,
    pub seed: u64,
}

/// The classical estimate with the time it took.
#[derive(Serialize)]
pub struct TimedBaseline {
    #[serde(flatten)]
    pub baseline: Baseline,
    pub seconds: f64,
}

impl TimedBaseline {
    /// Computes it.
    ///
    /// # Errors
    /// Bad input or failed work, as the library says.
    pub fn new(
        braid: &Braid,
        closure: Closure,
        vectors: Option<usize>,
        seed: u64,
        progress: &mut Progress,
    ) -> Result<Self, Failure> {
        let start = Instant::now();
        let baseline = within_limits(&mut |done, total| progress.tick(done, total), |limits| {
            baseline(braid, closure, vectors, &mut Stream::named(seed, "vectors"), limits)
        });
        progress.finish();
        let baseline = baseline?;
        Ok(Self { baseline, seconds: start.elapsed().as_secs_f64() })
    }
}

/// A complex number as text.
pub fn complex(value: Option<Complex>) -> String {
    let text = |value: Complex| format!("{} {}i", signed_decimals(value.re, 6), signed_decimals(value.im, 6));
    value.map_or_else(|| "not computed".to_owned(), text)
}

impl Report for EstimateReport {
    fn text(&self) -> String {
        let Estimated { circuit, .. } = &self.estimated;
        let of = &self.estimated;
        let mut rows = vec![
            (
                "V(e^{2 pi i/5})",
                format!("{} +- {} ({})", complex(Some(of.value)), decimals(of.standard_error, 6), of.stage.name()),
            ),
            ("exact", complex(of.exact)),
            ("scale", format!("{} = {}: an error of E grows by as much", of.scale_is, decimals(of.scale, 3))),
        ];
        for stage in &of.stages {
            let (value, e) = (complex(Some(stage.value)), complex(Some(stage.e)));
            let name = stage.stage.name();
            rows.push(("stage", format!("{name:16} {value} +- {}   E = {e}", decimals(stage.standard_error, 6))));
        }
        rows.push(("shots", format!("{}, {:.2} % discarded", of.shots, 100.0 * of.discarded)));
        if let Some(phase) = &of.common_phase {
            rows.push(("common phase", format!("{:.4} +- {:.4} rad", phase.radians, phase.standard_error)));
        }
        let gates = format!(
            "{} qubits, {:.1} two-qubit gates on average ({} in the braid), two-qubit depth {}",
            circuit.qubits, circuit.two_qubit_gates, circuit.braid_two_qubit_gates, circuit.two_qubit_depth
        );
        rows.push(("circuit", gates));
        let TimedBaseline { baseline, seconds } = &self.baseline;
        let text = format!("{} +- {} in {seconds:.4} s", complex(baseline.value), decimals(baseline.standard_error, 6));
        rows.push(("classical baseline", text));
        output::pairs(&rows)
    }
}
