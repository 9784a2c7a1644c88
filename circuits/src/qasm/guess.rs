//! The version of a program.

use super::Version;
use super::lexer::{Lexer, Token};

/// Words that only programs of version 3 begin a statement with.
const NEW: [&str; 23] = [
    "qubit",
    "bit",
    "stdgates.inc",
    "input",
    "output",
    "gphase",
    "def",
    "defcal",
    "defcalgrammar",
    "cal",
    "extern",
    "const",
    "let",
    "for",
    "while",
    "switch",
    "array",
    "duration",
    "stretch",
    "box",
    "delay",
    "durationof",
    "uint",
];

/// Words that only programs of version 2 begin a statement with; version 3 understands the registers.
const OLD: [&str; 4] = ["qreg", "creg", "qelib1.inc", "opaque"];

/// The version that the words of a program without a version line tell, and the word that decided, if there was one.
pub(super) fn guess(source: &str) -> (Version, Option<&str>) {
    let mut lexer = Lexer::new(source);
    let mut declared = false;
    loop {
        match lexer.next() {
            Ok((Token::End, _)) => return (Version::V2, None),
            Ok((Token::HardwareQubit | Token::Timing, span)) => return (Version::V3, Some(&source[span.start..span.end])),
            Ok((Token::Identifier | Token::String, span)) => {
                let word = source[span.start..span.end].trim_matches(['"', '\'']);
                match word {
                    _ if NEW.contains(&word) && !declared => return (Version::V3, Some(word)),
                    _ if OLD.contains(&word) => return (Version::V2, Some(word)),
                    // version 2 has names of plain letters
                    _ if !word.is_ascii() => return (Version::V3, Some(word)),
                    _ => {}
                }
                // a name that is given may be any
                declared = matches!(word, "gate");
            }
            Ok(_) => declared = false,
            // reading stops at the first errors in any case
            Err(_) => return (Version::V2, None),
        }
    }
}

#[cfg(test)]
mod tests;
