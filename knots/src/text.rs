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

/// The integers of one word, with or without one pair of brackets around it.
///
/// # Errors
/// As [`integers`], and where brackets do not enclose the whole, or enclose something twice.
pub(crate) fn word(text: &str, what: &'static str) -> Result<Vec<i64>, KnotError> {
    let bracket = |c: char| matches!(c, '[' | ']' | '(' | ')' | '{' | '}');
    let trimmed = text.trim();
    let inner = match (trimmed.chars().next(), trimmed.chars().next_back()) {
        (Some('['), Some(']')) | (Some('('), Some(')')) | (Some('{'), Some('}')) if trimmed.len() > 1 => {
            &trimmed[1..trimmed.len() - 1]
        }
        _ => trimmed,
    };
    if let Some((at, found)) = inner.char_indices().find(|(_, c)| bracket(*c)) {
        let before = inner.as_ptr() as usize - text.as_ptr() as usize + at;
        return Err(KnotError::Text { what, found: found.to_string(), position: text[..before].chars().count() + 1 });
    }
    integers(text, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_enclose_one_word() {
        for (text, letters) in [("1 -2", &[1, -2][..]), (" [1, -2] ", &[1, -2]), ("{1;-2}", &[1, -2]), ("", &[]), ("[]", &[])] {
            assert_eq!(word(text, "a word").expect(text), letters, "{text}");
        }
        for (text, place) in
            [("[1] [2]", 3), ("[[1,2]]", 2), ("1 [2]", 3), ("[1", 1), ("1]", 2), ("{3, {1, 2}}", 5), ("(1)(2)", 3), ("[", 1)]
        {
            let error = word(text, "a word").expect_err(text);
            assert!(matches!(error, KnotError::Text { position, .. } if position == place), "{text}: {error}");
        }
    }
}
