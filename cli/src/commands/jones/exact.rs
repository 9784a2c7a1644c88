//! `qloom jones exact`: the polynomial with exact integer coefficients.

use std::path::PathBuf;
use std::time::Instant;

use qloom::circuits::Stream;
use qloom::knots::fibonacci::{polynomial_factor, random_vector};
use qloom::knots::{Closure, Complex64, Diagram, Exact, Laurent, Method, jones_of_braid, jones_of_diagram};
use serde::Serialize;

use crate::failure::{Failure, OrFailure};
use crate::files;
use crate::knots::link::{self, Link, LinkArguments, read_word};
use crate::knots::within_limits;
use crate::output::{self, Report, decimals, signed_decimals};
use crate::progress::Progress;
use crate::table::Table;

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
    /// All links of a CSV file with columns "name" and "braid_word", "pd" or "dt"; - is standard input. Rows that are no link are named,
    /// all others computed.
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
    /// Seed of the random vectors.
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
    let columns = Columns::new(&table, &file)?;
    let mut done = Polynomials { rows: Vec::new(), errors: Vec::new() };
    let mut progress = Progress::new("crossings")?;
    for (line, fields) in &table.rows {
        let row = match fields {
            Ok(fields) => columns.link(fields).and_then(|link| one(arguments, link, &mut progress)),
            Err(message) => Err(Failure::input(message)),
        };
        match row {
            Ok(polynomial) => {
                let name = fields.as_ref().ok().and_then(|fields| columns.name(fields)).map(str::to_owned);
                if !arguments.json {
                    // each line as soon as it is known
                    output::line(&format!("{}  {}", name.as_deref().unwrap_or("-"), polynomial.text));
                    output::nothing_lost()?;
                }
                done.rows.push(Polynomial { name, ..polynomial });
            }
            Err(Failure::Work(error)) => return Err(Failure::Work(error.context(format!("{file}, line {line}")))),
            Err(failure @ Failure::Unfinished) => return Err(failure),
            Err(failure @ (Failure::Input(_) | Failure::Busy(_) | Failure::Reported)) => {
                let error = failure.message();
                eprintln!("{file}, line {line}: {error}");
                done.errors.push(BadRow { line: *line, error });
            }
        }
    }
    if arguments.json {
        output::report(true, &done)?;
    }
    match done.errors.len() {
        0 => Ok(()),
        bad => {
            eprintln!("{bad} of {} rows are no link", table.rows.len());
            Err(Failure::Reported)
        }
    }
}

/// Where a table has its links.
struct Columns {
    name: Option<usize>,
    word: Option<usize>,
    strands: Option<usize>,
    pd: Option<usize>,
    dt: Option<usize>,
}

impl Columns {
    fn new(table: &Table, file: &str) -> Result<Self, Failure> {
        let column = |name: &str| table.column(name);
        let columns = Self {
            name: column("name"),
            word: column("braid_word"),
            strands: column("strands"),
            pd: column("pd"),
            dt: column("dt"),
        };
        if columns.word.or(columns.pd).or(columns.dt).is_none() {
            return Err(Failure::input(format!("{file} has none of the columns \"braid_word\", \"pd\" and \"dt\"")));
        }
        Ok(columns)
    }

    fn name<'f>(&self, fields: &'f csv::StringRecord) -> Option<&'f str> {
        cell(fields, self.name)
    }

    /// The link of a row: its braid word, otherwise its PD or DT code. Where nothing is given but could be a word, the word is empty: the
    /// unknot.
    fn link(&self, fields: &csv::StringRecord) -> Result<Link, Failure> {
        let word = cell(fields, self.word);
        match (word, cell(fields, self.pd), cell(fields, self.dt)) {
            (None, Some(pd), _) => Ok(Link::Diagram(Diagram::parse(pd).or_input("column pd")?)),
            (None, None, Some(dt)) => Ok(Link::Diagram(Diagram::parse_dt(dt).or_input("column dt")?)),
            (None, None, None) if self.word.is_none() => Err(Failure::input("no link: all of its columns are empty")),
            (word, _, _) => {
                let strands = cell(fields, self.strands).map(|text| text.parse().or_input("column strands")).transpose()?;
                Ok(Link::Braid(read_word(word.unwrap_or_default(), strands)?))
            }
        }
    }
}

fn cell(fields: &csv::StringRecord, column: Option<usize>) -> Option<&str> {
    column.map(|column| fields[column].trim()).filter(|cell| !cell.is_empty())
}

/// Computes one link.
fn one(arguments: &Arguments, link: Link, progress: &mut Progress) -> Result<Polynomial, Failure> {
    let method = match arguments.method {
        MethodArgument::Auto => None,
        MethodArgument::TemperleyLieb => Some(Method::TemperleyLieb),
        MethodArgument::Frontier => Some(Method::Frontier),
        MethodArgument::RandomVector => return by_random_vector(arguments, link, progress),
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
    errors: Vec<BadRow>,
}

/// A row that is no link.
#[derive(Serialize)]
struct BadRow {
    line: u64,
    error: String,
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

fn by_random_vector(arguments: &Arguments, link: Link, progress: &mut Progress) -> Result<Polynomial, Failure> {
    if arguments.link.closure() == Closure::Plat {
        return Err(Failure::input("--method random-vector estimates trace closures; a plat closure is one matrix element"));
    }
    let start = Instant::now();
    let Link::Braid(braid) = simplified(arguments, link)? else {
        return Err(Failure::input("--method random-vector needs a braid; add --simplify, which makes one of a diagram"));
    };
    let vectors = arguments.vectors as usize;
    progress.begin();
    let estimate = within_limits(&mut |done, total| progress.tick(done, total), |limits| {
        random_vector(&braid, vectors, &mut Stream::named(arguments.seed, "vectors"), limits)
    });
    progress.finish();
    let estimate = estimate?;
    let factor = polynomial_factor(&braid, Closure::Trace, braid.writhe());
    let value = factor * estimate.value;
    let standard_error = factor.norm() * estimate.standard_error;
    Ok(Polynomial {
        jones: None,
        text: format!("{} {}i, each +- {standard_error:.2e}", decimals(value.re, 6), signed_decimals(value.im, 6)),
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
        let complex = |value: Complex64| match value.is_finite() {
            true => format!("{} {}i", decimals(value.re, 12), signed_decimals(value.im, 12)),
            false => "beyond the range of doubles".to_owned(),
        };
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
