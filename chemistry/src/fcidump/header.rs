//! The namelist of an FCIDUMP file.

use super::Token;
use crate::error::ChemistryError;
use crate::integrals::Integrals;

/// What the namelist says.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) num_orbitals: usize,
    pub(super) num_electrons: usize,
    pub(super) spin: i64,
    /// `ORBSYM` with its line, if given.
    pub(super) symmetries: Option<(Vec<u32>, usize)>,
    pub(super) state_symmetry: u32,
    /// Bytes and lines before the records; the line counts from 1.
    pub(super) end: usize,
    pub(super) end_line: usize,
}

/// Cuts a namelist into words, quoted strings and `=`; stops at its terminator.
struct Words<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    line_start: usize,
}

impl<'a> Words<'a> {
    fn token(&self, start: usize, end: usize) -> Token<'a> {
        let column = self.text[self.line_start..start].chars().count() + 1;
        Token { text: &self.text[start..end], line: self.line, column }
    }

    fn next(&mut self) -> Option<Token<'a>> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at)? {
                b'\n' => {
                    self.at += 1;
                    (self.line, self.line_start) = (self.line + 1, self.at);
                }
                b'!' => self.at = self.text[self.at..].find('\n').map_or(self.text.len(), |length| self.at + length),
                b',' => self.at += 1,
                byte if byte.is_ascii_whitespace() => self.at += 1,
                _ => break,
            }
        }
        let start = self.at;
        let rest = &self.text[start..];
        let length = match bytes[start] {
            b'=' | b'/' => 1,
            quote @ (b'\'' | b'"') => rest[1..].find(char::from(quote)).map_or(rest.len(), |length| length + 2),
            _ => rest.find(|c: char| c.is_whitespace() || ",=/!'\"".contains(c)).unwrap_or(rest.len()),
        };
        self.at += length;
        Some(self.token(start, self.at))
    }
}

pub(super) fn read(text: &str) -> Result<Header, ChemistryError> {
    let start = text.strip_prefix('\u{feff}').map_or(0, |rest| text.len() - rest.len());
    let mut words = Words { text, at: start, line: 1, line_start: start };
    let Some(first) = words.next() else {
        return Token { text: "", line: 1, column: 1 }
            .error("the file is empty; an FCIDUMP file starts with &FCI NORB=..., NELEC=...");
    };
    if !["&fci", "$fci"].contains(&first.text.to_ascii_lowercase().as_str()) {
        return first.error(format!("found {:?}; an FCIDUMP file starts with &FCI NORB=..., NELEC=...", first.shown()));
    }
    let tokens = until_terminator(&mut words, first)?;
    let mut fields = Fields { first, given: Vec::new() };
    let starts: Vec<usize> = (0..tokens.len()).filter(|&i| tokens.get(i + 1).is_some_and(|next| next.text == "=")).collect();
    if let Some(pair) = tokens.windows(2).find(|pair| pair[0].text == "=" && pair[1].text == "=") {
        return pair[1].error("a second = follows; write KEY=value");
    }
    if let Some(stray) = tokens.first().filter(|_| starts.first() != Some(&0)) {
        return stray.error(format!("{:?} belongs to no key; write KEY=value", stray.shown()));
    }
    for (position, &start) in starts.iter().enumerate() {
        let end = starts.get(position + 1).copied().unwrap_or(tokens.len());
        let key = tokens[start].text.to_ascii_uppercase();
        if fields.given.iter().any(|(other, ..)| *other == key) {
            return tokens[start].error(format!("the key {key} is given twice"));
        }
        fields.given.push((key, tokens[start], tokens[start + 2..end].to_vec()));
    }
    let after = words.text[words.at..].find('\n').map_or(text.len(), |length| words.at + length);
    if let Some(found) = words.text[words.at..after].split_whitespace().next() {
        let column = words.text[words.line_start..words.at].chars().count() + 2;
        return Token { text: found, line: words.line, column }
            .error(format!("found {:?} after the end of the namelist; records start on a new line", found));
    }
    fields.header(after, words.line)
}

fn until_terminator<'a>(words: &mut Words<'a>, first: Token<'a>) -> Result<Vec<Token<'a>>, ChemistryError> {
    let mut tokens = Vec::new();
    while let Some(token) = words.next() {
        if ["/", "&end", "$end", "&", "$"].contains(&token.text.to_ascii_lowercase().as_str()) {
            return Ok(tokens);
        }
        tokens.push(token);
    }
    first.error("the namelist does not end; close it with &END or / on a line of its own")
}

struct Fields<'a> {
    first: Token<'a>,
    given: Vec<(String, Token<'a>, Vec<Token<'a>>)>,
}

impl Fields<'_> {
    fn integer(&self, key: &str) -> Result<Option<(i64, Token<'_>)>, ChemistryError> {
        let Some((_, place, values)) = self.given.iter().find(|(name, ..)| name == key) else { return Ok(None) };
        let [value] = values.as_slice() else {
            return place.error(format!("{key} has {} values; it takes one", values.len()));
        };
        match value.text.parse::<i64>() {
            Ok(number) => Ok(Some((number, *value))),
            Err(_) => value.error(format!("{key} is {:?}; it must be a whole number", value.shown())),
        }
    }

    fn size(&self, key: &str, limit: usize) -> Result<(usize, Token<'_>), ChemistryError> {
        let Some((value, place)) = self.integer(key)? else {
            return self.first.error(format!("the namelist does not give {key}"));
        };
        match usize::try_from(value) {
            Ok(size) if size <= limit => Ok((size, place)),
            _ => place.error(format!("{key} is {value}; it must be between 0 and {limit}")),
        }
    }

    fn refuse_unrestricted(&self) -> Result<(), ChemistryError> {
        for (key, _, values) in &self.given {
            let on = |value: &Token<'_>| {
                let text = value.text.to_ascii_lowercase();
                text.starts_with(".t") || text.starts_with('t') || text.parse::<i64>().is_ok_and(|number| number != 0)
            };
            let Some(value) = values.first().filter(|value| on(value)) else { continue };
            match key.as_str() {
                "IUHF" | "UHF" => {
                    return value.error(format!("{key}={}: integrals over unrestricted (UHF) orbitals cannot be read; write those of restricted or restricted open-shell orbitals", value.shown()));
                }
                "TREL" | "IREL" => return value.error(format!("{key}={}: relativistic integrals cannot be read", value.shown())),
                _ => {}
            }
        }
        Ok(())
    }

    fn symmetries(&self, num_orbitals: usize) -> Result<Option<(Vec<u32>, usize)>, ChemistryError> {
        let Some((_, place, values)) = self.given.iter().find(|(name, ..)| name == "ORBSYM") else { return Ok(None) };
        let mut list: Vec<u32> = Vec::new();
        for value in values {
            let (count, number) = value.text.split_once('*').unwrap_or(("1", value.text));
            let (Ok(count), Ok(number)) = (count.parse::<usize>(), number.parse::<u32>()) else {
                return value.error(format!("ORBSYM has {:?}; it must be a list of whole numbers", value.shown()));
            };
            if count > num_orbitals - list.len().min(num_orbitals) {
                return value.error(format!("ORBSYM has more than the {num_orbitals} entries that NORB asks for"));
            }
            list.extend(std::iter::repeat_n(number, count));
        }
        if list.len() != num_orbitals {
            return place.error(format!("ORBSYM has {} entries, NORB is {num_orbitals}", list.len()));
        }
        Ok(Some((list, place.line)))
    }

    fn header(&self, end: usize, end_line: usize) -> Result<Header, ChemistryError> {
        self.refuse_unrestricted()?;
        let (num_orbitals, orbitals_at) = self.size("NORB", Integrals::MAX_ORBITALS)?;
        if num_orbitals == 0 {
            return orbitals_at.error("NORB is 0; there must be an orbital");
        }
        let (num_electrons, electrons_at) = self.size("NELEC", 2 * num_orbitals)?;
        let (spin, spin_at) = self.integer("MS2")?.unwrap_or((0, electrons_at));
        if let Err(ChemistryError::Electrons { reason, .. }) = Integrals::check_electrons(num_orbitals, num_electrons, spin) {
            return spin_at.error(format!("NELEC={num_electrons} with MS2={spin} in NORB={num_orbitals}: {reason}"));
        }
        let state_symmetry = match self.integer("ISYM")? {
            None => 1,
            Some((value, place)) => match u32::try_from(value) {
                Ok(value) => value,
                Err(_) => return place.error(format!("ISYM is {value}; it must not be negative")),
            },
        };
        let symmetries = self.symmetries(num_orbitals)?;
        Ok(Header { num_orbitals, num_electrons, spin, symmetries, state_symmetry, end, end_line })
    }
}
