//! `qloom check`: whether OpenQASM files are valid and supported.

use std::path::{Path, PathBuf};

use qloom::circuits::qasm::{self, AnyProgram, Diagnostic};
use serde::Serialize;

use crate::circuit_file::Source;
use crate::failure::Failure;
use crate::output;

/// Check OpenQASM files: every mistake with its line and column, and how to correct it.
///
/// Says which version was read and what told it, whether the file is a circuit or a program with control flow, and warns of what the
/// definition of the language forbids though it is read. Exit code 0 when every file is valid and supported, 2 otherwise; with --strict
/// warnings are mistakes.
///
/// For example: qloom check circuits/*.qasm
///
/// For example: qloom check --strict exported.qasm
#[derive(clap::Args)]
pub struct Arguments {
    /// The OpenQASM files; - is standard input.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Refuse what the definition of the language forbids, which otherwise is warned of.
    #[arg(long)]
    strict: bool,
    /// Print one JSON object and nothing else on standard output: "files" with "name", "ok", "version", "version_from", "kind",
    /// "errors" and "warnings".
    #[arg(long)]
    pub json: bool,
}

/// What was found in all files.
#[derive(Serialize)]
struct CheckReport {
    files: Vec<FileReport>,
}

/// What was found in a file.
#[derive(Serialize)]
struct FileReport {
    name: String,
    ok: bool,
    version: Option<String>,
    /// The version line, or the first word that only one of the versions has.
    version_from: Option<String>,
    /// "circuit" or "program".
    kind: Option<&'static str>,
    errors: Vec<Mistake>,
    warnings: Vec<Mistake>,
}

/// A mistake and its place; a file that cannot be read has none.
#[derive(Serialize)]
struct Mistake {
    line: Option<usize>,
    column: Option<usize>,
    message: String,
    help: Option<String>,
    file: Option<String>,
}

impl From<Diagnostic> for Mistake {
    fn from(found: Diagnostic) -> Self {
        Self { line: Some(found.line), column: Some(found.column), message: found.message, help: found.help, file: found.file }
    }
}

impl FileReport {
    fn new(path: &Path, arguments: &Arguments) -> Self {
        let name = path.display().to_string();
        let source = match Source::read(path) {
            Ok(source) => source,
            Err(failure) => {
                let message = failure.message();
                if !arguments.json {
                    eprintln!("{name}: {message}");
                }
                let errors = vec![Mistake { line: None, column: None, message, help: None, file: None }];
                let (version, version_from, kind) = (None, None, None);
                return Self { name, ok: false, version, version_from, kind, errors, warnings: Vec::new() };
            }
        };
        let (version, version_from) = version(&source.text);
        let mut warnings = qasm::forbidden(&source.text);
        let (kind, errors) = match source.program() {
            Ok(AnyProgram::Circuit(_)) => (Some("circuit"), Vec::new()),
            Ok(AnyProgram::Hybrid(program)) => {
                warnings.extend(program.warnings().iter().cloned());
                (Some("program"), Vec::new())
            }
            Err(errors) => {
                if !arguments.json {
                    eprintln!("{name}\n{errors}");
                }
                (None, errors.errors)
            }
        };
        let ok = errors.is_empty() && (!arguments.strict || warnings.is_empty());
        if !arguments.json {
            for warning in &warnings {
                let word = if arguments.strict { "forbidden" } else { "warning" };
                let help = warning.help.as_ref().map_or(String::new(), |help| format!("; {help}"));
                eprintln!("{name}, line {}, column {}: {word}: {}{help}", warning.line, warning.column, warning.message);
            }
        }
        let list = |found: Vec<Diagnostic>| found.into_iter().map(Mistake::from).collect();
        Self { name, ok, version: Some(version), version_from, kind, errors: list(errors), warnings: list(warnings) }
    }

    fn text(&self) -> String {
        let from = match (&self.version, &self.version_from) {
            (Some(version), Some(from)) => format!(" (OpenQASM {version}, by {from:?})"),
            (Some(version), None) => format!(" (OpenQASM {version}, as nothing in it tells)"),
            (None, _) => String::new(),
        };
        let kind = self.kind.map_or(String::new(), |kind| format!(", a {kind}"));
        let state = if self.ok { "ok" } else { "not valid or not supported" };
        format!("{}: {state}{kind}{from}", self.name)
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut files = Vec::new();
    for path in &arguments.files {
        let report = FileReport::new(path, arguments);
        if !arguments.json {
            output::line(&report.text());
        }
        files.push(report);
    }
    let ok = files.iter().all(|file| file.ok);
    if arguments.json {
        output::json_line(&CheckReport { files })?;
    }
    if ok { Ok(()) } else { Err(Failure::Reported) }
}

/// The version a program says it has, `2.0` or `3.0` when it says nothing, and what tells it.
fn version(text: &str) -> (String, Option<String>) {
    let (version, from) = qasm::version(text);
    let number = from.as_deref().and_then(|from| from.strip_prefix("OPENQASM ")).map(str::to_owned);
    let known = match version {
        qasm::Version::V2 => "2.0",
        qasm::Version::V3 => "3.0",
    };
    (number.unwrap_or_else(|| known.to_owned()), from)
}
