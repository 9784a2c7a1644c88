//! `qloom jones draw`: a braid as text or as a picture.

use std::path::PathBuf;

use qloom::knots::draw;

use crate::failure::Failure;
use crate::files;
use crate::knots::link::{self, LinkArguments};
use crate::output::{self, Report};

/// Draw a braid.
///
/// Strand 1 is on top, time runs from left to right; in text the stroke at a crossing is the strand that passes over.
///
/// For example: qloom jones draw "1 -2 1 -2" --svg braid.svg
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    link: LinkArguments,
    /// Write an SVG picture to this file instead.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Fold rows of text longer than this.
    #[arg(long, default_value_t = 100)]
    width: usize,
    /// Simplify the braid first.
    #[arg(long)]
    simplify: bool,
    /// Print one JSON object and nothing else on standard output: "braid_word" and "text", or "svg" with the file written.
    #[arg(long)]
    pub json: bool,
}

/// What was drawn, and where it is.
#[derive(serde::Serialize)]
struct Drawing {
    braid_word: Vec<i32>,
    strands: usize,
    crossings: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    svg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

impl Report for Drawing {
    fn text(&self) -> String {
        self.text.as_deref().unwrap_or_default().trim_end_matches('\n').to_owned()
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let braid = link::simplified(arguments.link.read_braid()?, arguments.simplify, arguments.link.closure(), 0);
    let (svg, text) = match &arguments.svg {
        Some(path) => {
            files::write_whole(path, draw::svg(&braid).as_bytes())?;
            (Some(path.display().to_string()), None)
        }
        None => (None, Some(draw::text(&braid, arguments.width))),
    };
    let drawing = Drawing { braid_word: braid.letters().to_vec(), strands: braid.strands(), crossings: braid.len(), svg, text };
    // a picture in a file leaves nothing to read
    if drawing.text.is_none() && !arguments.json { Ok(()) } else { output::report(arguments.json, &drawing) }
}
