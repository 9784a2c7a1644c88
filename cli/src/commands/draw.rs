//! `qloom draw`: a circuit as text or as a picture.

use std::path::PathBuf;

use qloom::circuits::draw;

use crate::failure::Failure;
use crate::{circuit_file, files, output};

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
    /// Fold rows longer than this: characters of text (120), pixels of a picture (1000).
    #[arg(long)]
    width: Option<usize>,
    /// Print one JSON object and nothing else on standard output: "text", or "svg" with the file written.
    #[arg(long)]
    pub json: bool,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let circuit = circuit_file::read(&arguments.file)?;
    if let Some(path) = &arguments.svg {
        files::write_whole(path, draw::svg(&circuit, arguments.width.unwrap_or(1000)).as_bytes())?;
        if arguments.json {
            output::json_line(&serde_json::json!({ "svg": path.display().to_string(), "num_qubits": circuit.num_qubits() }));
        }
        return Ok(());
    }
    let text = draw::text(&circuit, arguments.width.unwrap_or(120));
    if arguments.json {
        output::json_line(&serde_json::json!({ "text": text, "num_qubits": circuit.num_qubits() }));
    } else {
        output::line(text.trim_end());
    }
    Ok(())
}
