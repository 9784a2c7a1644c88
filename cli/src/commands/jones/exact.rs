//! `qloom jones exact`: the polynomial with exact integer coefficients.

use std::path::PathBuf;
use std::time::Instant;

use qloom::circuits::Stream;
use qloom::knots::fibonacci::{polynomial_factor, random_vector};
use qloom::knots::{Closure, Complex64, Exact, Laurent, Method, jones_of_braid, jones_of_diagram};
use serde::Serialize;

use crate::failure::{Failure, OrFailure};
use crate::knots::link::{self, Link, LinkArguments, read_word};
use crate::knots::{failure, within_limits};
use crate::output::{self, Report};
use crate::progress::Progress;
use crate::table::Table;
use crate::{files, machine};

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
    let polynomial = one(arguments, arguments.link.read()?, &mut Progress::new("crossings")?)?;
    output::report(arguments.json, &polynomial)
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
        let mut polynomial = one(arguments, link, &mut progress).map_err(at)?;
        polynomial.name = cell(name).map(str::to_owned);
        if !arguments.json {
            output::line(&format!("{}  {}", cell(name).unwrap_or("-"), polynomial.text));
        }
        rows.push(polynomial);
    }
    // as text each line was printed as soon as it was known
    if arguments.json { output::report(true, &Polynomials { rows }) } else { Ok(()) }
}

/// Computes one link.
fn one(arguments: &Arguments, link: Link, progress: &mut Progress) -> Result<Polynomial, Failure> {
    let method = match arguments.method {
        MethodArgument::Auto => None,
        MethodArgument::TemperleyLieb => Some(Method::TemperleyLieb),
        MethodArgument::Frontier => Some(Method::Frontier),
        MethodArgument::RandomVector => return by_random_vector(arguments, link),
    };
    progress.begin();
    let start = Instant::now();
    let link = simplified(arguments, link)?;
    let exact = within_limits(&mut |done, total| progress.tick(done, total), |limits| match &link {
        Link::Braid(braid) => jones_of_braid(braid, arguments.link.closure(), method, limits),
        Link::Diagram(diagram) => jones_of_diagram(diagram, method, limits),
    });
    let seconds = start.elapsed().as_secs_f64();
    progress.finish();
    Ok(Polynomial::new(arguments, &exact?, seconds))
}

fn simplified(arguments: &Arguments, link: Link) -> Result<Link, Failure> {
    if !arguments.simplify {
        return Ok(link);
    }
    let braid = match link {
        Link::Braid(braid) => braid,
        Link::Diagram(diagram) => diagram.to_braid().or_input("cannot make a braid of the diagram")?,
    };
    Ok(Link::Braid(link::simplified(braid, true, arguments.link.closure(), arguments.seed)))
}

/// What was computed for one link.
#[derive(Serialize)]
struct Polynomial {
    /// Terms of the polynomial; none for an estimated value.
    jones: Option<Vec<(Exponent, Coefficient)>>,
    text: String,
    writhe: i64,
    components: usize,
    value_at_fifth_root: Complex64,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    estimated: Option<Estimated>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    at_root: Option<AtRoot>,
    method: &'static str,
    reason: String,
    seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

/// The polynomials of a table.
#[derive(Serialize)]
struct Polynomials {
    rows: Vec<Polynomial>,
}

/// What an estimated value has besides.
#[derive(Serialize)]
struct Estimated {
    standard_error: f64,
    scale: f64,
    vectors: usize,
}

/// The value at another root of unity.
#[derive(Serialize)]
struct AtRoot {
    root: u32,
    value_at_root: Complex64,
}

/// A power of t.
#[derive(Serialize)]
#[serde(untagged)]
enum Exponent {
    Whole(i64),
    /// `p/2`.
    Half(String),
}

/// The coefficient of a term.
#[derive(Serialize)]
#[serde(untagged)]
enum Coefficient {
    Number(i64),
    /// Beyond 64 bits.
    Text(String),
}

fn terms(jones: &Laurent) -> Vec<(Exponent, Coefficient)> {
    let term = |(twice, coefficient): (i64, &_)| {
        let exponent = if twice % 2 == 0 { Exponent::Whole(twice / 2) } else { Exponent::Half(format!("{twice}/2")) };
        let text = ToString::to_string(coefficient);
        (exponent, text.parse().map_or_else(|_| Coefficient::Text(text), Coefficient::Number))
    };
    jones.terms().map(term).collect()
}

impl Polynomial {
    fn new(arguments: &Arguments, exact: &Exact, seconds: f64) -> Self {
        let at_root = arguments
            .root
            .map(|root| AtRoot { root, value_at_root: exact.jones.at_half_power_root(i64::from(root) + 1, 2 * u64::from(root)) });
        Self {
            jones: Some(terms(&exact.jones)),
            text: exact.jones.to_string(),
            writhe: exact.writhe,
            components: exact.components,
            value_at_fifth_root: exact.jones.at_fifth_root(),
            estimated: None,
            at_root,
            method: match exact.method {
                Method::TemperleyLieb => "temperley-lieb",
                Method::Frontier => "frontier",
            },
            reason: exact.reason.clone(),
            seconds,
            name: None,
        }
    }
}

fn by_random_vector(arguments: &Arguments, link: Link) -> Result<Polynomial, Failure> {
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
    let standard_error = factor.norm() * estimate.standard_error;
    Ok(Polynomial {
        jones: None,
        text: format!("{:.6} {:+.6}i, each +- {standard_error:.2e}", value.re, value.im),
        writhe: braid.writhe(),
        components: braid.components(),
        value_at_fifth_root: value,
        estimated: Some(Estimated { standard_error, scale: factor.norm(), vectors }),
        at_root: None,
        method: "random-vector",
        reason: "asked for".to_owned(),
        seconds: start.elapsed().as_secs_f64(),
        name: None,
    })
}

impl Report for Polynomial {
    fn text(&self) -> String {
        let complex = |value: Complex64| format!("{:.12} {:+.12}i", value.re, value.im);
        let mut rows = vec![
            ("V(t)", self.text.clone()),
            ("writhe", self.writhe.to_string()),
            ("components", self.components.to_string()),
            ("V(e^{2 pi i/5})", complex(self.value_at_fifth_root)),
        ];
        rows.extend(self.at_root.as_ref().map(|at| ("V at the root", complex(at.value_at_root))));
        rows.push(("method", format!("{} ({})", self.method, self.reason)));
        rows.push(("seconds", format!("{:.6}", self.seconds)));
        output::pairs(&rows)
    }
}

impl Report for Polynomials {
    fn text(&self) -> String {
        let lines = self.rows.iter().map(|row| format!("{}  {}", row.name.as_deref().unwrap_or("-"), row.text));
        lines.collect::<Vec<_>>().join("\n")
    }
}
