//! `qloom check`: whether OpenQASM files are valid and supported.

use std::path::PathBuf;

use crate::circuit_file::Source;
use crate::failure::Failure;
use crate::output;

/// Check OpenQASM files: every mistake with its line and column, and what would mend it.
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

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut rows = Vec::new();
    let mut wrong = 0;
    for path in &arguments.files {
        let name = path.display().to_string();
        let (version, errors) = match Source::read(path) {
            Err(failure) => (None, vec![serde_json::json!({ "line": null, "column": null, "message": failure.message() })]),
            Ok(source) => {
                let version = Some(version(&source.text));
                match source.circuit() {
                    Ok(_) => (version, Vec::new()),
                    Err(errors) => {
                        if !arguments.json {
                            eprintln!("{name}\n{errors}");
                        }
                        let list = errors.errors.iter().map(|error| {
                            serde_json::json!({
                                "line": error.line, "column": error.column, "message": error.message,
                                "help": error.help, "file": error.file,
                            })
                        });
                        (version, list.collect())
                    }
                }
            }
        };
        wrong += usize::from(!errors.is_empty());
        if !arguments.json {
            output::line(&format!("{name}: {}", if errors.is_empty() { "ok" } else { "not valid or not supported" }));
        }
        rows.push(serde_json::json!({ "name": name, "ok": errors.is_empty(), "version": version, "errors": errors }));
    }
    if arguments.json {
        output::json_line(&serde_json::json!({ "files": rows }));
    }
    if wrong == 0 { Ok(()) } else { Err(Failure::Reported) }
}

/// The version a program says it has, `2.0` or `3.0` when it says nothing.
fn version(text: &str) -> String {
    let said = text.lines().map(|line| line.split("//").next().unwrap_or_default().trim()).find(|line| !line.is_empty());
    let number = said.and_then(|line| line.strip_prefix("OPENQASM")).and_then(|rest| rest.split(';').next());
    number.map_or_else(|| if text.contains("qreg") { "2.0" } else { "3.0" }.to_owned(), |number| number.trim().to_owned())
}
