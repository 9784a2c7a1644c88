//! What the definition of a version forbids, though it is read.

use super::Version;
use super::error::{Finding, Span};
use super::lexer::{Lexer, Token};
use super::parser::MAX_FINDINGS;

/// Functions that are understood in version 2 and are not of it.
const NEWER: [&str; 3] = ["acos", "asin", "atan"];

/// A token and its place.
type Piece = (Token, Span);

/// Everything of a text that the definition of its version forbids, at most twenty.
pub(super) fn forbidden(text: &str, version: Version) -> Vec<Finding> {
    let pieces = pieces(text);
    let mut findings = Vec::new();
    header(text, &pieces, version, &mut findings);
    if version == Version::V2 {
        comments(text, &pieces, &mut findings);
        words(text, &pieces, &mut findings);
        conditions(text, &pieces, &mut findings);
    }
    findings.sort_by_key(|finding| finding.span.start);
    findings.truncate(MAX_FINDINGS);
    findings
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut lexer = Lexer::new(text);
    let mut pieces = Vec::new();
    while let Ok(piece) = lexer.next() {
        if piece.0 == Token::End {
            break;
        }
        pieces.push(piece);
    }
    pieces
}

fn word<'a>(text: &'a str, piece: &Piece) -> &'a str {
    &text[piece.1.start..piece.1.end]
}

fn header(text: &str, pieces: &[Piece], version: Version, findings: &mut Vec<Finding>) {
    let first = pieces.first();
    if first.is_none_or(|piece| word(text, piece) != "OPENQASM") {
        let span = first.map_or(Span::default(), |piece| piece.1);
        let line = match version {
            Version::V2 => "OPENQASM 2.0;",
            Version::V3 => "OPENQASM 3.0;",
        };
        findings.push(Finding::new(span, "the version line is missing").help(format!("begin with {line}")));
    }
}

/// Comments of version 2 end with their line.
fn comments(text: &str, pieces: &[Piece], findings: &mut Vec<Finding>) {
    let ends = pieces.iter().map(|piece| piece.1.end);
    let starts = pieces.iter().map(|piece| piece.1.start).chain([text.len()]);
    for (end, start) in std::iter::once(0).chain(ends).zip(starts) {
        // between two tokens are blanks and comments alone
        let mut at = end;
        while let Some(found) = text.get(at..start).and_then(|gap| gap.find('/')) {
            at += found;
            if text[at..].starts_with("/*") {
                let message = "a comment between /* and */, which version 2 does not have";
                findings.push(Finding::new(Span { start: at, end: at + 2 }, message).help("begin each line with //"));
                at = text[at + 2..].find("*/").map_or(start, |length| at + length + 4);
            } else {
                at = text[at..].find('\n').map_or(start, |length| at + length);
            }
        }
    }
}

/// Names, numbers, functions, commas.
fn words(text: &str, pieces: &[Piece], findings: &mut Vec<Finding>) {
    let mut told = std::collections::BTreeSet::new();
    for (position, piece) in pieces.iter().enumerate() {
        let own = word(text, piece);
        let next = pieces.get(position + 1).map(|next| word(text, next));
        let (message, help) = match piece.0 {
            Token::Identifier if NEWER.contains(&own) && next == Some("(") => {
                (format!("{own} is no function of version 2"), "its functions are sin, cos, tan, exp, ln, sqrt")
            }
            Token::Identifier
                if !own.starts_with(|c: char| c.is_ascii_lowercase())
                    && !matches!(own, "OPENQASM" | "U" | "CX")
                    && told.insert(own) =>
            {
                (format!("{own} is no name of version 2, which begins with a small letter"), "choose another name")
            }
            Token::Integer if own.len() > 1 && own.as_bytes()[0] == b'0' && !own.as_bytes()[1].is_ascii_digit() => {
                (format!("{own} is no number of version 2"), "write it with decimal digits")
            }
            Token::Symbol(",") if matches!(next, Some(")" | ";" | "{")) => {
                ("a comma behind the last of a list".to_owned(), "leave it out")
            }
            _ => continue,
        };
        findings.push(Finding::new(piece.1, message).help(help));
    }
}

/// A condition stands before a gate, a measurement or a reset.
fn conditions(text: &str, pieces: &[Piece], findings: &mut Vec<Finding>) {
    for (position, piece) in pieces.iter().enumerate() {
        if piece.0 != Token::Identifier || word(text, piece) != "if" {
            continue;
        }
        let behind = &pieces[position + 1..];
        let Some(close) = behind.iter().position(|piece| piece.0 == Token::Symbol(")")) else { continue };
        let (message, span) = match behind.get(close + 1).map(|next| (word(text, next), next.1)) {
            Some(("barrier", span)) => ("a barrier under a condition", span),
            Some(("if", span)) => ("a condition within a condition", span),
            _ => match behind[..close].iter().find(|piece| piece.0 == Token::Symbol("[")) {
                Some(bracket) => ("a condition on one bit of a register", bracket.1),
                None => continue,
            },
        };
        findings.push(Finding::new(span, message).help("version 2 compares a register, before a gate, a measurement or a reset"));
    }
}

#[cfg(test)]
mod tests;
