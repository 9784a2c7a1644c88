//! What estimating commands share: choice of stages and the report.

use std::time::Instant;

use qloom::circuits::Stream;
use qloom::hardware::UniformNoise;
use qloom::knots::circuit::{Layout, Native, Target};
use qloom::knots::estimate::{Baseline, Estimated, Evaluation, Mitigation, StageName, baseline};
use qloom::knots::{Braid, Closure};
use serde::Serialize;

use super::failure;
use crate::failure::{Failure, OrFailure};
use crate::machine;
use crate::output::{self, Report};

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

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
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

impl Stages {
    /// The stages as the library takes them.
    pub fn mitigation(&self) -> Mitigation {
        Mitigation { discard: !self.no_discard, echo: !self.no_echo, conjugate: !self.no_conjugate }
    }

    /// The prior value of `E`, from that of `V`.
    pub fn prior(&self, factor: Complex) -> Result<Option<Complex>, Failure> {
        let Some(text) = &self.prior else { return Ok(None) };
        let parts: Vec<f64> = text
            .split(',')
            .map(|part| part.trim().parse())
            .collect::<Result<_, _>>()
            .or_input(format!("--prior {text}: write RE,IM"))?;
        match parts[..] {
            [re, im] => Ok(Some(Complex::new(re, im) / factor)),
            _ => Err(Failure::input(format!("--prior {text}: write RE,IM"))),
        }
    }
}

/// A complex number as the library gives it.
pub type Complex = qloom::knots::Complex64;

/// For what machine circuits are made.
#[derive(clap::Args)]
pub struct TargetArguments {
    /// The two-qubit gate: ZZ of any angle, CZ, CX or ECR.
    #[arg(long, default_value = "zz")]
    native: NativeArgument,
    /// Pairs that interact: neighbours on a line, or all.
    #[arg(long, default_value = "line")]
    layout: LayoutArgument,
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
            NativeArgument::Zz => Native::Zz,
            NativeArgument::Cz => Native::Cz,
            NativeArgument::Cx => Native::Cx,
            NativeArgument::Ecr => Native::Ecr,
        };
        let layout = match self.layout {
            LayoutArgument::Line => Layout::Line,
            LayoutArgument::AllToAll => Layout::AllToAll,
        };
        Target { native, layout }
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
    pub noise: UniformNoise,
    pub seed: u64,
    pub seconds: f64,
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
    pub fn new(braid: &Braid, closure: Closure, vectors: Option<usize>, seed: u64) -> Result<Self, Failure> {
        let start = Instant::now();
        let baseline =
            baseline(braid, closure, vectors, &mut Stream::named(seed, "vectors"), machine::memory_limit()).map_err(failure)?;
        Ok(Self { baseline, seconds: start.elapsed().as_secs_f64() })
    }
}

impl EstimateReport {
    /// The whole report of an evaluation.
    ///
    /// # Errors
    /// Bad input when the chosen stage was not made, and as the library says.
    pub fn new(
        braid: &Braid,
        closure: Closure,
        target: Target,
        evaluation: &Evaluation,
        stages: &Stages,
        seed: u64,
    ) -> Result<Self, Failure> {
        let chosen = stages.stage.map(StageArgument::name);
        let estimated = Estimated::new(braid, closure, target, evaluation, chosen).map_err(failure)?.ok_or_else(|| {
            Failure::input("--stage names a stage that was not made: it is switched off, or the mirror image did not run")
        })?;
        Ok(Self { estimated, baseline: TimedBaseline::new(braid, closure, None, seed)?, simulated: None })
    }
}

/// A complex number as text.
pub fn complex(value: Option<Complex>) -> String {
    value.map_or_else(|| "not computed".to_owned(), |value| format!("{:+.6} {:+.6}i", value.re, value.im))
}

impl Report for EstimateReport {
    fn text(&self) -> String {
        let Estimated { circuit, .. } = &self.estimated;
        let of = &self.estimated;
        let mut rows = vec![
            ("V(e^{2 pi i/5})", format!("{} +- {:.6} ({})", complex(Some(of.value)), of.standard_error, of.stage.name())),
            ("exact", complex(of.exact)),
            ("scale", format!("{} = {:.3}: an error of E grows by as much", of.scale_is, of.scale)),
        ];
        for stage in &of.stages {
            let (value, e) = (complex(Some(stage.value)), complex(Some(stage.e)));
            let name = stage.stage.name();
            rows.push(("stage", format!("{name:16} {value} +- {:.6}   E = {e}", stage.standard_error)));
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
        let text = format!("{} +- {:.6} in {seconds:.4} s", complex(baseline.value), baseline.standard_error);
        rows.push(("classical baseline", text));
        output::pairs(&rows)
    }
}
