//! What estimating commands share: choice of stages and the report.

use std::time::Instant;

use qloom::circuits::Stream;
use qloom::knots::circuit::{Layout, Native, Target, circuit_cost};
use qloom::knots::estimate::{Evaluation, Mitigation, Stage, StageName};
use qloom::knots::fibonacci::{PathString, Space, polynomial_factor, random_vector};
use qloom::knots::{Braid, Closure, SimplifyConfig, plat_writhe, simplify};
use serde_json::{Value, json};

use crate::failure::{Failure, OrFailure};
use crate::{machine, output};

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
    /// Leave out the conjugate trick string by string with its damping correction.
    #[arg(long)]
    no_conjugate_shots: bool,
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
    ConjugateShots,
}

impl StageArgument {
    fn name(self) -> StageName {
        match self {
            StageArgument::Raw => StageName::Raw,
            StageArgument::Discard => StageName::Discard,
            StageArgument::Echo => StageName::Echo,
            StageArgument::Conjugate => StageName::Conjugate,
            StageArgument::ConjugateShots => StageName::ConjugateShots,
        }
    }
}

impl Stages {
    pub fn mitigation(&self) -> Mitigation {
        Mitigation {
            discard: !self.no_discard,
            echo: !self.no_echo,
            conjugate: !self.no_conjugate,
            conjugate_shots: !self.no_conjugate && !self.no_conjugate_shots,
        }
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

/// Writhe of the closed braid.
pub fn writhe(braid: &Braid, closure: Closure) -> Result<i64, Failure> {
    match closure {
        Closure::Trace => Ok(braid.writhe()),
        Closure::Plat => plat_writhe(braid).or_input("--closure plat"),
    }
}

/// The factor between `E` and `V`.
pub fn factor(braid: &Braid, closure: Closure) -> Result<Complex, Failure> {
    Ok(polynomial_factor(braid, closure, writhe(braid, closure)?))
}

/// Most strands for which the exact value is computed string by string.
const TRACE_STRANDS: usize = 18;

/// The exact value of `V` at the fifth root, where it is affordable.
pub fn exact(braid: &Braid, closure: Closure) -> Result<Option<Complex>, Failure> {
    match closure {
        Closure::Trace => {
            let simple = simplify(braid, SimplifyConfig::default(), &mut Stream::named(0, "slides"));
            if simple.strands() > TRACE_STRANDS {
                return Ok(None);
            }
            let space = Space::new(simple.strands()).or_input("cannot compute the exact value")?;
            Ok(Some(factor(&simple, closure)? * space.trace(&simple)))
        }
        Closure::Plat if braid.strands() > 32 => Ok(None),
        Closure::Plat => {
            let space = Space::new(braid.strands()).or_input("cannot compute the exact value")?;
            Ok(Some(factor(braid, closure)? * space.matrix_element(braid, &PathString::cups(braid.strands()))))
        }
    }
}

/// The classical estimate that a quantum one must beat, with its time.
pub fn baseline(braid: &Braid, closure: Closure, vectors: Option<usize>, seed: u64) -> Result<Value, Failure> {
    let start = Instant::now();
    let factor = factor(braid, closure)?;
    if closure == Closure::Plat {
        let value = exact(braid, closure)?;
        return Ok(json!({
            "method": "fibonacci-vector",
            "value": value.map(|value| [value.re, value.im]),
            "standard_error": 0.0,
            "seconds": start.elapsed().as_secs_f64(),
        }));
    }
    // about a million amplitudes in all unless asked for otherwise
    let dimension = Space::new(braid.strands()).or_input("random vector")?.dimension();
    let vectors = vectors.unwrap_or_else(|| ((1 << 20) / dimension).clamp(2, 256));
    let estimate = random_vector(braid, vectors, &mut Stream::named(seed, "vectors"), machine::memory_limit())
        .map_err(super::exact::failure)?;
    let value = factor * estimate.value;
    Ok(json!({
        "method": "random-vector",
        "value": [value.re, value.im],
        "standard_error": factor.norm() * estimate.standard_error * std::f64::consts::SQRT_2,
        "vectors": vectors,
        "dimension": dimension,
        "seconds": start.elapsed().as_secs_f64(),
    }))
}

/// A stage in `V`: the phase of the factor turns the errors, its modulus scales them.
fn staged(stage: &Stage, factor: Complex) -> Value {
    let value = factor * stage.value;
    let [re, im] = stage.standard_error;
    let turned = |a: f64, b: f64| (a * a * re * re + b * b * im * im).sqrt();
    let parts = [turned(factor.re, factor.im), turned(factor.im, factor.re)];
    json!({
        "stage": stage.name,
        "value": [value.re, value.im],
        "standard_error": parts[0].hypot(parts[1]),
        "standard_error_parts": parts,
        "e": [stage.value.re, stage.value.im],
        "e_standard_error_parts": stage.standard_error,
    })
}

/// The whole report of an estimate.
pub fn report(
    braid: &Braid,
    closure: Closure,
    target: Target,
    evaluation: &Evaluation,
    stages: &Stages,
    seed: u64,
) -> Result<Value, Failure> {
    let factor = factor(braid, closure)?;
    let all: Vec<Value> = evaluation.stages.iter().map(|stage| staged(stage, factor)).collect();
    let chosen = match stages.stage {
        Some(argument) => evaluation.stages.iter().position(|stage| stage.name == argument.name()).ok_or_else(|| {
            Failure::input("--stage names a stage that is not made; it is switched off, or the mirror image did not run")
        })?,
        None => evaluation
            .stages
            .iter()
            .rposition(|stage| match stage.name {
                StageName::Raw | StageName::Discard | StageName::Echo => true,
                StageName::Conjugate | StageName::ConjugateShots => false,
            })
            .unwrap_or(0),
    };
    let exact = exact(braid, closure)?;
    let power = match closure {
        Closure::Trace => braid.strands() as i64 - 1,
        Closure::Plat => braid.strands() as i64 / 2 - 1,
    };
    let mut value = json!({
        "value": all[chosen]["value"],
        "standard_error": all[chosen]["standard_error"],
        "standard_error_parts": all[chosen]["standard_error_parts"],
        "stage": all[chosen]["stage"],
        "exact": exact.map(|value| [value.re, value.im]),
        "scale": factor.norm(),
        "scale_is": format!("phi^{power}"),
        "stages": all,
        "discarded": evaluation.discarded,
        "common_phase": evaluation.common_phase.map(|(phase, error)| json!({ "radians": phase, "standard_error": error })),
        "shots": evaluation.shots,
        "strands": braid.strands(),
        "crossings": braid.len(),
        "writhe": writhe(braid, closure)?,
        "circuit": circuit_cost(braid, target).or_input("circuit")?,
        "baseline": baseline(braid, closure, None, seed)?,
    });
    if let Some(exact) = exact {
        for stage in value["stages"].as_array_mut().into_iter().flatten() {
            let part = |index: usize| stage["value"][index].as_f64().unwrap_or(f64::NAN);
            let error = (Complex::new(part(0), part(1)) - exact).norm();
            stage["relative_error"] = if exact.norm() > 0.0 { json!(error / exact.norm()) } else { Value::Null };
        }
    }
    Ok(value)
}

/// The report as text.
pub fn print(value: &Value) {
    let complex = |value: &Value| {
        let part = |index: usize| value[index].as_f64().unwrap_or(f64::NAN);
        if value.is_null() { "not computed".to_owned() } else { format!("{:+.6} {:+.6}i", part(0), part(1)) }
    };
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    let circuit = &value["circuit"];
    let mut rows = vec![
        (
            "V(e^{2 pi i/5})",
            format!("{} +- {:.6} ({})", complex(&value["value"]), number(&value["standard_error"]), value["stage"]),
        ),
        ("exact", complex(&value["exact"])),
        (
            "scale",
            format!(
                "{} = {:.3}: an error of E grows by as much",
                value["scale_is"].as_str().unwrap_or(""),
                number(&value["scale"])
            ),
        ),
    ];
    let empty = Vec::new();
    for stage in value["stages"].as_array().unwrap_or(&empty) {
        let text =
            format!("{} +- {:.6}   E = {}", complex(&stage["value"]), number(&stage["standard_error"]), complex(&stage["e"]));
        rows.push(("stage", format!("{:16} {text}", stage["stage"].as_str().unwrap_or(""))));
    }
    rows.push(("shots", format!("{}, {:.2} % discarded", value["shots"], 100.0 * number(&value["discarded"]))));
    if value["common_phase"].is_object() {
        let phase = &value["common_phase"];
        rows.push(("common phase", format!("{:.4} +- {:.4} rad", number(&phase["radians"]), number(&phase["standard_error"]))));
    }
    let gates = format!(
        "{} qubits, {:.1} two-qubit gates on average ({} in the braid), two-qubit depth {}",
        circuit["qubits"],
        number(&circuit["two_qubit_gates"]),
        circuit["braid_two_qubit_gates"],
        circuit["two_qubit_depth"]
    );
    rows.push(("circuit", gates));
    let base = &value["baseline"];
    let text =
        format!("{} +- {:.6} in {:.4} s", complex(&base["value"]), number(&base["standard_error"]), number(&base["seconds"]));
    rows.push(("classical baseline", text));
    output::line(&output::pairs(&rows));
}

/// A braid, simplified if asked for.
pub fn simplified(braid: Braid, wanted: bool, closure: Closure, seed: u64) -> Braid {
    if !wanted {
        return braid;
    }
    let config = SimplifyConfig { closed: closure == Closure::Trace, ..SimplifyConfig::default() };
    simplify(&braid, config, &mut Stream::named(seed, "slides"))
}
