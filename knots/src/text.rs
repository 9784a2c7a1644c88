//! Lists of integers in text.

use crate::error::KnotError;

/// Every integer of a text in which only spaces, commas, semicolons and brackets stand between them.
///
/// # Errors
/// At the first thing that is no integer.
pub(crate) fn integers(text: &str, what: &'static str) -> Result<Vec<i64>, KnotError> {
    let separator = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '[' | ']' | '(' | ')' | '{' | '}');
    let mut numbers = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c| !separator(c)) {
        let word = &rest[start..];
        let end = word.find(separator).unwrap_or(word.len());
        let number = word[..end].parse().map_err(|_| {
            let position = text[..text.len() - word.len()].chars().count() + 1;
            KnotError::Text { what, found: word[..end].chars().take(40).collect(), position }
        })?;
        numbers.push(number);
        rest = &word[end..];
    }
    Ok(numbers)
}
