//! `qloom check`: whether OpenQASM files are valid and supported.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::circuit_file::Source;
use crate::failure::Failure;
use crate::output;

/// Check OpenQASM files: every mistake with its line and column, and how to correct it.
///
/// Exit code 0 when every file is valid and supported, 2 otherwise.
///
/// For example: qloom check circuits/*.qasm
#[derive(clap::Args)]
pub struct Arguments {
    /// The OpenQASM files; - is standard input.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Print one JSON object and nothing else on standard output: "files" with "name", "ok", "version" and "errors".
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
    errors: Vec<Mistake>,
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

impl FileReport {
    fn new(path: &Path, json: bool) -> Self {
        let name = path.display().to_string();
        let (version, errors) = match Source::read(path) {
            Err(failure) => {
                let message = failure.message();
                if !json {
                    eprintln!("{name}: {message}");
                }
                (None, vec![Mistake { line: None, column: None, message, help: None, file: None }])
            }
            Ok(source) => {
                let errors = source.circuit().err();
                if let Some(errors) = errors.as_ref().filter(|_| !json) {
                    eprintln!("{name}\n{errors}");
                }
                let mistakes = errors.into_iter().flat_map(|errors| errors.errors).map(|error| Mistake {
                    line: Some(error.line),
                    column: Some(error.column),
                    message: error.message,
                    help: error.help,
                    file: error.file,
                });
                let mistakes: Vec<Mistake> = mistakes.collect();
                (Some(version(&source.text)), mistakes)
            }
        };
        Self { name, ok: errors.is_empty(), version, errors }
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut files = Vec::new();
    for path in &arguments.files {
        let report = FileReport::new(path, arguments.json);
        if !arguments.json {
            output::line(&format!("{}: {}", report.name, if report.ok { "ok" } else { "not valid or not supported" }));
        }
        files.push(report);
    }
    let ok = files.iter().all(|file| file.ok);
    if arguments.json {
        output::json_line(&CheckReport { files })?;
    }
    if ok { Ok(()) } else { Err(Failure::Reported) }
}

/// The version a program says it has, `2.0` or `3.0` when it says nothing.
fn version(text: &str) -> String {
    let said = text.lines().map(|line| line.split("//").next().unwrap_or_default().trim()).find(|line| !line.is_empty());
    let number = said.and_then(|line| line.strip_prefix("OPENQASM")).and_then(|rest| rest.split(';').next());
    number.map_or_else(|| if text.contains("qreg") { "2.0" } else { "3.0" }.to_owned(), |number| number.trim().to_owned())
}
