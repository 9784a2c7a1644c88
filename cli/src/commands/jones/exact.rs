//! `qloom jones exact`: the polynomial with exact integer coefficients.

use std::path::PathBuf;
use std::time::Instant;

use qloom::circuits::Stream;
use qloom::knots::fibonacci::{polynomial_factor, random_vector};
use qloom::knots::{Closure, Exact, KnotError, Laurent, Limits, Method, jones_of_braid, jones_of_diagram, simplify};
use serde_json::{Value, json};

use super::csv::Table;
use super::link::{Link, LinkArguments, read_word};
use crate::failure::{Failure, OrFailure};
use crate::progress::Progress;
use crate::{files, machine, output};

/// Compute the Jones polynomial exactly.
///
/// Two methods: the Temperley-Lieb sum along the braid, and a sweep over the crossings of the diagram with a frontier of open arcs;
/// the cheaper one is taken unless --method says otherwise. --method random-vector estimates the value at the fifth root with one
/// or more random vectors in the Fibonacci space.
///
/// For example: qloom jones exact "1 1 1"
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    link: LinkArguments,
    /// All links of a CSV file with columns "name" and "braid_word" or "pd"; - is standard input.
    #[arg(long, value_name = "CSV", conflicts_with_all = ["word", "pd", "dt", "name"])]
    file: Option<PathBuf>,
    /// How to compute.
    #[arg(long, default_value = "auto")]
    method: MethodArgument,
    /// Simplify the braid first; its link stays the same (with --closure plat the braid itself).
    #[arg(long)]
    simplify: bool,
    /// Also give the value at t = e^{2 pi i/K}, with t^{1/2} = -e^{i pi/K}.
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    root: Option<u32>,
    /// Vectors of the random-vector estimator.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    vectors: u32,
    /// Fixes the random vectors.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum MethodArgument {
    Auto,
    TemperleyLieb,
    Frontier,
    RandomVector,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    if let Some(file) = &arguments.file {
        return run_file(arguments, file);
    }
    let value = one(arguments, arguments.link.read()?, &mut Progress::new("crossings")?)?;
    if arguments.json {
        output::json_line(&value);
    } else {
        output::line(&text(&value));
    }
    Ok(())
}

fn run_file(arguments: &Arguments, path: &std::path::Path) -> Result<(), Failure> {
    let file = path.display().to_string();
    let table = Table::read(&files::read_text(path)?, &file)?;
    let (name, word, pd) = (table.column("name"), table.column("braid_word"), table.column("pd"));
    if word.is_none() && pd.is_none() {
        return Err(Failure::input(format!("{file} has neither a column \"braid_word\" nor a column \"pd\"")));
    }
    let strands = table.column("strands");
    let mut rows = Vec::with_capacity(table.rows.len());
    let mut progress = Progress::new("crossings")?;
    for (line, fields) in &table.rows {
        let cell = |column: Option<usize>| column.map(|column| fields[column].trim()).filter(|cell| !cell.is_empty());
        let at = |failure: Failure| match failure {
            Failure::Input(error) => Failure::Input(error.context(format!("{file}, line {line}"))),
            Failure::Work(error) => Failure::Work(error.context(format!("{file}, line {line}"))),
            Failure::Reported => Failure::Reported,
        };
        let link = match (cell(word), cell(pd)) {
            (Some(word), _) => {
                let strands = cell(strands).map(|text| text.parse().or_input("column strands")).transpose().map_err(at)?;
                Link::Braid(read_word(word, strands).map_err(at)?)
            }
            (None, Some(pd)) => Link::Diagram(qloom::knots::Diagram::parse(pd).or_input("column pd").map_err(at)?),
            (None, None) => return Err(at(Failure::input("no link: braid_word and pd are empty"))),
        };
        let mut value = one(arguments, link, &mut progress).map_err(at)?;
        if let Some(name) = cell(name) {
            value["name"] = name.into();
        }
        if !arguments.json {
            let name = cell(name).unwrap_or("-");
            output::line(&format!("{name}  {}", value["text"].as_str().unwrap_or_default()));
        }
        rows.push(value);
    }
    if arguments.json {
        output::json_line(&json!({ "rows": rows }));
    }
    Ok(())
}

/// Computes one link.
fn one(arguments: &Arguments, link: Link, progress: &mut Progress) -> Result<Value, Failure> {
    let method = match arguments.method {
        MethodArgument::Auto => None,
        MethodArgument::TemperleyLieb => Some(Method::TemperleyLieb),
        MethodArgument::Frontier => Some(Method::Frontier),
        MethodArgument::RandomVector => return by_random_vector(arguments, link),
    };
    let memory_bytes = machine::memory_limit();
    progress.begin();
    let start = Instant::now();
    let exact = {
        let mut report = |done, total| progress.tick(done, total);
        let mut limits = Limits { memory_bytes, progress: &mut report };
        match simplified(arguments, link)? {
            Link::Braid(braid) => jones_of_braid(&braid, arguments.link.closure(), method, &mut limits),
            Link::Diagram(diagram) => jones_of_diagram(&diagram, method, &mut limits),
        }
    };
    let seconds = start.elapsed().as_secs_f64();
    progress.finish();
    let exact = exact.map_err(failure)?;
    Ok(report(arguments, &exact, seconds))
}

fn simplified(arguments: &Arguments, link: Link) -> Result<Link, Failure> {
    if !arguments.simplify {
        return Ok(link);
    }
    let braid = match link {
        Link::Braid(braid) => braid,
        Link::Diagram(diagram) => diagram.to_braid().or_input("cannot make a braid of the diagram")?,
    };
    let closed = arguments.link.closure() == Closure::Trace;
    let config = qloom::knots::SimplifyConfig { closed, ..Default::default() };
    Ok(Link::Braid(simplify(&braid, config, &mut Stream::named(arguments.seed, "slides"))))
}

/// What a library error means for the process.
pub fn failure(error: KnotError) -> Failure {
    match error {
        KnotError::Stopped => Progress::stopped(),
        KnotError::Memory { .. } => Failure::Work(error.into()),
        other => Failure::Input(other.into()),
    }
}

/// The terms as [exponent, coefficient]: half-integer exponents as "p/2", coefficients beyond 64 bits as strings.
pub fn terms(jones: &Laurent) -> Value {
    let term = |(twice, coefficient): (i64, &_)| {
        let exponent = if twice % 2 == 0 { json!(twice / 2) } else { json!(format!("{twice}/2")) };
        let text = ToString::to_string(coefficient);
        let coefficient = text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number));
        json!([exponent, coefficient])
    };
    jones.terms().map(term).collect()
}

fn report(arguments: &Arguments, exact: &Exact, seconds: f64) -> Value {
    let fifth = exact.jones.at_fifth_root();
    let mut value = json!({
        "jones": terms(&exact.jones),
        "text": exact.jones.to_string(),
        "writhe": exact.writhe,
        "components": exact.components,
        "value_at_fifth_root": [fifth.re, fifth.im],
        "method": exact.method,
        "reason": exact.reason,
        "seconds": seconds,
    });
    if let Some(root) = arguments.root {
        let at = exact.jones.at_half_power_root(i64::from(root) + 1, 2 * u64::from(root));
        value["root"] = root.into();
        value["value_at_root"] = json!([at.re, at.im]);
    }
    value
}

fn by_random_vector(arguments: &Arguments, link: Link) -> Result<Value, Failure> {
    if arguments.link.closure() == Closure::Plat {
        return Err(Failure::input("--method random-vector estimates trace closures; a plat closure is one matrix element"));
    }
    let start = Instant::now();
    let Link::Braid(braid) = simplified(arguments, link)? else {
        return Err(Failure::input("--method random-vector needs a braid; add --simplify, which makes one of a diagram"));
    };
    let vectors = arguments.vectors as usize;
    let estimate = random_vector(&braid, vectors, &mut Stream::named(arguments.seed, "vectors"), machine::memory_limit())
        .map_err(failure)?;
    let factor = polynomial_factor(&braid, Closure::Trace, braid.writhe());
    let value = factor * estimate.value;
    Ok(json!({
        "jones": Value::Null,
        "text": format!("{:.6} {:+.6}i, each +- {:.2e}", value.re, value.im, factor.norm() * estimate.standard_error),
        "writhe": braid.writhe(),
        "components": braid.components(),
        "value_at_fifth_root": [value.re, value.im],
        "standard_error": factor.norm() * estimate.standard_error,
        "scale": factor.norm(),
        "vectors": vectors,
        "method": "random-vector",
        "reason": "asked for",
        "seconds": start.elapsed().as_secs_f64(),
    }))
}

fn text(value: &Value) -> String {
    let number = |key: &str| value[key].to_string();
    let complex = |key: &str| {
        let part = |index: usize| value[key][index].as_f64().unwrap_or(f64::NAN);
        format!("{:.12} {:+.12}i", part(0), part(1))
    };
    let mut rows = vec![
        ("V(t)", value["text"].as_str().unwrap_or_default().to_owned()),
        ("writhe", number("writhe")),
        ("components", number("components")),
        ("V(e^{2 pi i/5})", complex("value_at_fifth_root")),
        (
            "method",
            format!("{} ({})", value["method"].as_str().unwrap_or_default(), value["reason"].as_str().unwrap_or_default()),
        ),
        ("seconds", format!("{:.6}", value["seconds"].as_f64().unwrap_or(0.0))),
    ];
    if value["root"].is_number() {
        rows.insert(4, ("V at the root", complex("value_at_root")));
    }
    output::pairs(&rows)
}
