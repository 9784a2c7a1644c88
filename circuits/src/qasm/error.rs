//! What is wrong with a program, and where.

use std::fmt;

use super::Construct;

/// Bytes `start..end` of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    /// From the start of this to the end of the other.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start, end: other.end.max(self.end) }
    }
}

/// One finding, before its place is worked out.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub span: Span,
    pub message: String,
    pub help: Option<String>,
    /// Whether the language has what a circuit does not.
    pub beyond: bool,
}

impl Finding {
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None, beyond: false }
    }

    /// What the language has and a circuit does not.
    pub fn beyond(span: Span, what: &str) -> Self {
        Self { beyond: true, ..Self::new(span, format!("{what} is no part of a circuit")) }
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds its place in the source.
    pub fn locate(self, file: Option<&str>, source: &str) -> Diagnostic {
        let start = floor_boundary(source, self.span.start);
        let end = floor_boundary(source, self.span.end).max(start);
        let line_start = source[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = source[start..].find('\n').map_or(source.len(), |length| start + length);
        // a line may be as long as the file: only what is shown is kept
        let shown_from =
            source[line_start..start].char_indices().rev().nth(SHOWN / 2 - 1).map_or(line_start, |(at, _)| line_start + at);
        let shown: String = source[shown_from..line_end].chars().take(SHOWN).collect();
        Diagnostic {
            file: file.map(str::to_string),
            line: source[..start].bytes().filter(|byte| *byte == b'\n').count() + 1,
            column: source[line_start..start].chars().count() + 1,
            length: source[start..end.min(line_end).max(start)].chars().count().max(1),
            message: self.message,
            help: self.help,
            source_line: shown.trim_end().to_string(),
            skipped: source[line_start..shown_from].chars().count(),
        }
    }
}

fn floor_boundary(source: &str, at: usize) -> usize {
    let mut at = at.min(source.len());
    while !source.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// One error of a program, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// The included file it is in; `None` for the text given.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// How many characters are meant.
    pub length: usize,
    /// What is wrong.
    pub message: String,
    /// What would mend it.
    pub help: Option<String>,
    /// The line of the source; of a long line the part around the place.
    pub source_line: String,
    /// How many characters of the line are before that part.
    pub(super) skipped: usize,
}

impl Diagnostic {
    pub(crate) fn new(file: Option<&str>, source: &str, place: crate::program::Place, message: String) -> Self {
        Finding::new(Span { start: place.start as usize, end: place.end as usize }, message).locate(file, source)
    }
}

/// The longest piece of a source line that is shown.
const SHOWN: usize = 120;

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.as_ref().map_or(String::new(), |file| format!("{file}, "));
        writeln!(f, "error: {}", self.message)?;
        writeln!(f, " --> {file}line {}, column {}", self.line, self.column)?;
        let skipped = self.skipped;
        let shown: String = self.source_line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        writeln!(f, "{number} | {shown}")?;
        let room = SHOWN.saturating_sub(self.column - 1 - skipped).max(1);
        write!(f, "{margin} | {}{}", " ".repeat(self.column - 1 - skipped), "^".repeat(self.length.min(room)))?;
        if let Some(help) = &self.help {
            write!(f, "\n{margin} = help: {help}")?;
        }
        Ok(())
    }
}

/// Everything wrong with a program that could be found in one run; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QasmErrors {
    /// The errors in the order of their places.
    pub errors: Vec<Diagnostic>,
}

impl fmt::Display for QasmErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, error) in self.errors.iter().enumerate() {
            write!(f, "{}{error}", if position == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for QasmErrors {}

/// Why a circuit cannot be written in a version or dialect of OpenQASM.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum QasmError {
    /// The language has no form for an operation.
    #[error("operation {position} ({operation}) has no form in {language}; {remedy}")]
    NoForm {
        /// What the operation is.
        operation: String,
        /// Its place among the circuit's operations, from 0.
        position: usize,
        /// The version or dialect.
        language: &'static str,
        /// What can be done.
        remedy: &'static str,
    },
    /// The service of a dialect refuses a construct.
    #[error("operation {position} ({operation}) is {construct}, which the dialect {dialect} does not take; {remedy}")]
    Refused {
        /// What the operation is.
        operation: String,
        /// Its place among the circuit's operations, from 0.
        position: usize,
        /// The construct.
        construct: Construct,
        /// The dialect's name.
        dialect: &'static str,
        /// What can be done.
        remedy: &'static str,
    },
    /// Operations without a name in the language, of which too many gates would have to be made.
    #[error(
        "operation {position} takes the program over {limit} gates that have to be made of it; use fewer controls or smaller matrices"
    )]
    TooLarge {
        /// Its place among the circuit's operations, from 0.
        position: usize,
        /// The most gates.
        limit: u64,
    },
    /// The dialect is of another version.
    #[error("the dialect {dialect} is written in {language} only")]
    WrongVersion {
        /// The dialect's name.
        dialect: &'static str,
        /// The version it has.
        language: &'static str,
    },
    /// The language has no free parameters.
    #[error("the circuit has {count} free parameters and {language} has none; bind them to numbers first")]
    FreeParameters {
        /// How many.
        count: usize,
        /// The version or dialect.
        language: &'static str,
    },
}

/// The candidate nearest to a misspelt name, if one is near.
pub(super) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = candidates.map(|candidate| (distance(name, candidate), candidate));
    near.filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4).min().map(|(_, candidate)| candidate)
}

/// Levenshtein's distance, for short names only.
fn distance(a: &str, b: &str) -> usize {
    if a.len() > 40 || b.len() > 40 {
        return usize::MAX;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let kept = diagonal + usize::from(!x.eq_ignore_ascii_case(y));
            diagonal = row[j + 1];
            row[j + 1] = kept.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
