//! `qloom jones benchmark`: a processor measured by the invariance of links.

use std::fmt::Write as _;
use std::path::PathBuf;

use qloom::circuits::Stream;
use qloom::hardware::UniformNoise;
use qloom::knots::benchmark::{generate, power_law};
use qloom::knots::circuit::circuit_cost;
use qloom::knots::estimate::expected;
use qloom::knots::{Limits, SimplifyConfig, simplify};
use serde_json::{Value, json};

use super::estimate::{Complex, TargetArguments};
use crate::failure::{Failure, OrFailure};
use crate::progress::Progress;
use crate::{files, machine, output};

/// Measure a noise model by braids whose value is known.
///
/// Random braids of known V are run under noise; the relative error of the echo's value, with and without discarding illegal strings,
/// is given against crossings, depth and strands, with a power law fitted. Values are those of infinitely many shots, from stochastic
/// Pauli trajectories.
///
/// For example: qloom jones benchmark --strands 10,12 --layers 4,8 --noise depolarizing2=5e-4 --out report
#[derive(clap::Args)]
pub struct Arguments {
    /// Strands of the braids, separated by commas.
    #[arg(long, value_delimiter = ',', default_value = "8,10", value_parser = clap::value_parser!(u32).range(2..=30))]
    strands: Vec<u32>,
    /// Layers in front of the centre, separated by commas.
    #[arg(long, value_delimiter = ',', default_value = "4,8,12", value_parser = clap::value_parser!(u32).range(0..=1000))]
    layers: Vec<u32>,
    /// Braids of each size.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    instances: u32,
    /// Braids whose |E| is below this are made anew: a relative error needs a value.
    #[arg(long, default_value_t = 0.1)]
    least: f64,
    /// Noise: depolarizing1=P,depolarizing2=P,readout=P.
    #[arg(long, value_name = "SPEC", default_value = "depolarizing1=5e-5,depolarizing2=5e-4,readout=5e-4")]
    noise: String,
    /// Trajectories a braid.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    trajectories: u32,
    /// Simplify the braids first.
    #[arg(long)]
    simplify: bool,
    /// Fixes braids and errors.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Write benchmark.csv and benchmark.svg into this folder.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    target: TargetArguments,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

/// One braid's result.
#[derive(serde::Serialize)]
struct Row {
    strands: usize,
    layers: usize,
    crossings: usize,
    runs: usize,
    two_qubit_gates: f64,
    two_qubit_depth: usize,
    exact_modulus: f64,
    relative_error_echo: f64,
    relative_error_discard: f64,
    /// Of the echo's relative error, from the number of trajectories.
    standard_error: f64,
    discarded: f64,
    clean: f64,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let noise = arguments.noise.parse::<UniformNoise>().or_input("--noise")?;
    if !(0.0..1.0).contains(&arguments.least) {
        return Err(Failure::input("--least is from 0 to below 1"));
    }
    let mut progress = Progress::new("braids")?;
    let total = arguments.strands.len() * arguments.layers.len() * arguments.instances as usize;
    let mut rows = Vec::with_capacity(total);
    for &strands in &arguments.strands {
        for &layers in &arguments.layers {
            for instance in 0..arguments.instances {
                let row = one(arguments, noise, strands as usize, layers as usize, instance, &mut |_, _| {
                    progress.tick(rows.len(), total)
                })?;
                rows.push(row);
            }
        }
    }
    progress.finish();
    rows.sort_by_key(|row| row.crossings);
    let law = |value: fn(&Row) -> f64| power_law(&rows.iter().map(|row| (row.crossings as f64, value(row))).collect::<Vec<_>>());
    let (echo, discard) = (law(|row| row.relative_error_echo), law(|row| row.relative_error_discard));
    let fit = |law: Option<(f64, f64)>| law.map(|(factor, exponent)| json!({ "factor": factor, "exponent": exponent }));
    if let Some(out) = &arguments.out {
        std::fs::create_dir_all(out).or_work(format!("cannot write to {}", out.display()))?;
        files::write_whole(&out.join("benchmark.csv"), csv(&rows).as_bytes())?;
        files::write_whole(&out.join("benchmark.svg"), plot(&rows, discard).as_bytes())?;
    }
    let value = json!({
        "noise": noise,
        "rows": rows,
        "fit_echo": fit(echo),
        "fit_discard": fit(discard),
        "bands": bands(&rows),
    });
    if arguments.json {
        output::json_line(&value);
        return Ok(());
    }
    output::line("crossings  braids  median two-qubit gates  depth  median relative error: echo  with discard  discarded");
    for band in value["bands"].as_array().into_iter().flatten() {
        let number = |key: &str| band[key].as_f64().unwrap_or(f64::NAN);
        output::line(&format!(
            "{:>9}  {:>6}  {:>22.0}  {:>5.0}  {:>27.4}  {:>12.4}  {:>7.2} %",
            band["crossings"].as_str().unwrap_or(""),
            band["braids"],
            number("two_qubit_gates"),
            number("two_qubit_depth"),
            number("relative_error_echo"),
            number("relative_error_discard"),
            100.0 * number("discarded")
        ));
    }
    if let Some((factor, exponent)) = discard {
        output::line(&format!("relative error with discard = {factor:.3e} * crossings^{exponent:.3}"));
    }
    Ok(())
}

fn one(
    arguments: &Arguments,
    noise: UniformNoise,
    strands: usize,
    layers: usize,
    instance: u32,
    report: &mut dyn FnMut(usize, usize) -> std::ops::ControlFlow<()>,
) -> Result<Row, Failure> {
    // a seed of its own for every braid, and another for every one made anew
    let base = arguments.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ ((strands as u64) << 48)
        ^ ((layers as u64) << 32)
        ^ u64::from(instance);
    let mut made = generate(strands, layers, &mut Stream::named(base, "braid")).or_input("benchmark")?;
    for again in 1..10_000u64 {
        if made.exact.norm() >= arguments.least {
            break;
        }
        made = generate(strands, layers, &mut Stream::numbered(base, "braid", again)).or_input("benchmark")?;
    }
    let (mut braid, mut exact) = (made.braid, made.exact);
    if arguments.simplify {
        let simple = simplify(&braid, SimplifyConfig::default(), &mut Stream::named(base, "slides"));
        // V is the same, E is not when strands go away
        let value = super::estimate::factor(&braid, qloom::knots::Closure::Trace)? * exact;
        exact = value / super::estimate::factor(&simple, qloom::knots::Closure::Trace)?;
        braid = simple;
    }
    let target = arguments.target.target();
    let cost = circuit_cost(&braid, target).or_input("circuit")?;
    let result = {
        let mut limits = Limits { memory_bytes: machine::memory_limit(), progress: report };
        expected(
            &braid,
            target,
            noise,
            exact,
            arguments.trajectories as usize,
            &mut Stream::named(base, "trajectories"),
            &mut limits,
        )
    };
    let result = result.map_err(super::exact::failure)?;
    let relative = |value: Complex| (value - exact).norm() / exact.norm();
    Ok(Row {
        strands: braid.strands(),
        layers,
        crossings: braid.len(),
        runs: cost.runs,
        two_qubit_gates: cost.two_qubit_gates,
        two_qubit_depth: cost.two_qubit_depth,
        exact_modulus: exact.norm(),
        relative_error_echo: relative(result.echo),
        relative_error_discard: relative(result.echo_discard),
        standard_error: result.standard_error * std::f64::consts::SQRT_2 / exact.norm(),
        discarded: result.discarded,
        clean: result.clean,
    })
}

/// Medians over bands of crossings.
fn bands(rows: &[Row]) -> Vec<Value> {
    let median = |rows: &[&Row], of: fn(&Row) -> f64| {
        let mut values: Vec<f64> = rows.iter().map(|row| of(row)).collect();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
    };
    let edges = [0, 20, 60, 100, 150, 200, 300, 400, 551, usize::MAX];
    edges
        .windows(2)
        .filter_map(|edge| {
            let inside: Vec<&Row> = rows.iter().filter(|row| (edge[0]..edge[1]).contains(&row.crossings)).collect();
            let name = if edge[1] == usize::MAX { format!("{}-", edge[0]) } else { format!("{}-{}", edge[0], edge[1]) };
            (!inside.is_empty()).then(|| {
                json!({
                    "crossings": name,
                    "braids": inside.len(),
                    "two_qubit_gates": median(&inside, |row| row.two_qubit_gates),
                    "two_qubit_depth": median(&inside, |row| row.two_qubit_depth as f64),
                    "relative_error_echo": median(&inside, |row| row.relative_error_echo),
                    "relative_error_discard": median(&inside, |row| row.relative_error_discard),
                    "discarded": median(&inside, |row| row.discarded),
                })
            })
        })
        .collect()
}

fn csv(rows: &[Row]) -> String {
    let mut text = "strands,layers,crossings,runs,two_qubit_gates,two_qubit_depth,exact_modulus,relative_error_echo,\
                    relative_error_discard,standard_error,discarded,clean\n"
        .to_owned();
    for row in rows {
        let _ = writeln!(
            text,
            "{},{},{},{},{:.2},{},{:.6},{:.6e},{:.6e},{:.2e},{:.6},{:.6}",
            row.strands,
            row.layers,
            row.crossings,
            row.runs,
            row.two_qubit_gates,
            row.two_qubit_depth,
            row.exact_modulus,
            row.relative_error_echo,
            row.relative_error_discard,
            row.standard_error,
            row.discarded,
            row.clean
        );
    }
    text
}

/// Relative error against crossings on logarithmic scales, as SVG.
fn plot(rows: &[Row], law: Option<(f64, f64)>) -> String {
    use kuva::prelude::*;
    let points = |of: fn(&Row) -> f64| -> Vec<(f64, f64)> {
        rows.iter().map(|row| (row.crossings.max(1) as f64, of(row).max(1e-9))).collect()
    };
    let mut plots = vec![
        Plot::Scatter(
            ScatterPlot::new()
                .with_data(points(|row| row.relative_error_echo))
                .with_color("#9db7d5")
                .with_size(2.5)
                .with_legend("echo"),
        ),
        Plot::Scatter(
            ScatterPlot::new()
                .with_data(points(|row| row.relative_error_discard))
                .with_color("#b03a2e")
                .with_size(2.5)
                .with_legend("with discard"),
        ),
    ];
    if let (Some((factor, exponent)), Some(first), Some(last)) = (law, rows.first(), rows.last()) {
        let ends = [first.crossings.max(1) as f64, last.crossings.max(1) as f64];
        let line: Vec<(f64, f64)> = ends.iter().map(|&x| (x, factor * x.powf(exponent))).collect();
        plots.push(Plot::Line(
            LinePlot::new().with_data(line).with_color("#444").with_legend(format!("{factor:.2e} c^{exponent:.2}")),
        ));
    }
    let layout = Layout::auto_from_plots(&plots)
        .with_log_x()
        .with_log_y()
        .with_title("Relative error of the value against crossings")
        .with_x_label("crossings")
        .with_y_label("relative error");
    render_to_svg(plots, layout)
}
