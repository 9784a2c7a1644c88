//! `qloom jones draw`: a braid as text or as a picture.

use std::path::PathBuf;

use qloom::knots::draw;

use super::estimate;
use super::link::LinkArguments;
use crate::failure::Failure;
use crate::{files, output};

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

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let braid = estimate::simplified(arguments.link.read_braid()?, arguments.simplify, arguments.link.closure(), 0);
    let mut value = serde_json::json!({ "braid_word": braid.letters(), "strands": braid.strands(), "crossings": braid.len() });
    if let Some(path) = &arguments.svg {
        files::write_whole(path, draw::svg(&braid).as_bytes())?;
        value["svg"] = path.display().to_string().into();
    } else {
        let text = draw::text(&braid, arguments.width);
        if !arguments.json {
            output::line(text.trim_end_matches('\n'));
        }
        value["text"] = text.into();
    }
    if arguments.json {
        output::json_line(&value);
    }
    Ok(())
}
