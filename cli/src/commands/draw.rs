//! `qloom draw`: a circuit as text or as a picture.

use std::path::PathBuf;

use qloom::circuits::draw;

use crate::circuit_file::Binding;
use crate::failure::Failure;
use crate::output::{self, Report};
use crate::{circuit_file, files};

/// Draw a circuit from an OpenQASM file.
///
/// Qubit 0 is on top. Without --svg the drawing is text on standard output.
///
/// For example: qloom draw bell.qasm --svg bell.svg
#[derive(clap::Args)]
pub struct Arguments {
    /// The OpenQASM file; - is standard input.
    file: PathBuf,
    /// Write an SVG picture to this file instead.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    #[command(flatten)]
    binding: Binding,
    /// Fold rows longer than this: characters of text, by default 120, or pixels of a picture, by default 1000.
    #[arg(long)]
    width: Option<usize>,
    /// Print one JSON object and nothing else on standard output: "text", or "svg" with the file written.
    #[arg(long)]
    pub json: bool,
}

/// The most operations that are drawn: a picture of more is tens of megabytes.
const MOST_OPERATIONS: usize = 200_000;

/// The most operations times qubits.
const MOST_CELLS: usize = 100_000_000;

/// What was drawn, and where it is.
#[derive(serde::Serialize)]
struct Drawing {
    num_qubits: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    svg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

impl Report for Drawing {
    fn text(&self) -> String {
        self.text.as_deref().unwrap_or_default().trim_end().to_owned()
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let circuit = arguments.binding.apply(circuit_file::read(&arguments.file)?)?;
    let num_qubits = circuit.num_qubits();
    let operations = circuit.operations().len();
    if operations > MOST_OPERATIONS || operations.saturating_mul(num_qubits) > MOST_CELLS {
        return Err(Failure::input(format!(
            "{operations} operations on {num_qubits} qubits are too many for a drawing: at most {MOST_OPERATIONS} operations, and \
             {MOST_CELLS} operations times qubits; draw a part of the circuit"
        )));
    }
    let Some(path) = &arguments.svg else {
        let text = Some(draw::text(&circuit, arguments.width.unwrap_or(120)));
        return output::report(arguments.json, &Drawing { num_qubits, svg: None, text });
    };
    files::write_whole(path, draw::svg(&circuit, arguments.width.unwrap_or(1000)).as_bytes())?;
    let drawing = Drawing { num_qubits, svg: Some(path.display().to_string()), text: None };
    // a picture in a file leaves nothing to read
    if arguments.json { output::json_line(&drawing) } else { Ok(()) }
}
