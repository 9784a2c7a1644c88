//! Comma-separated tables with a row of names.

use crate::failure::Failure;

/// A table: names of the columns and the rows, each with the line it begins at.
pub struct Table {
    names: Vec<String>,
    pub rows: Vec<(usize, Vec<String>)>,
}

impl Table {
    /// Reads a table; quotes enclose fields with commas or line ends, a doubled quote inside is one.
    ///
    /// # Errors
    /// Bad input when there is no row of names, a quote stays open or a row has another number of fields.
    pub fn read(text: &str, file: &str) -> Result<Self, Failure> {
        let mut rows: Vec<(usize, Vec<String>)> = Vec::new();
        let (mut fields, mut field) = (Vec::new(), String::new());
        let (mut quoted, mut line, mut first) = (false, 1, 1);
        let mut characters = text.trim_start_matches('\u{feff}').chars().peekable();
        while let Some(c) = characters.next() {
            line += usize::from(c == '\n');
            match c {
                '"' if quoted && characters.peek() == Some(&'"') => field.extend(characters.next()),
                '"' => quoted = !quoted,
                ',' if !quoted => fields.push(std::mem::take(&mut field)),
                '\r' if !quoted && characters.peek() == Some(&'\n') => {}
                '\n' if !quoted => {
                    fields.push(std::mem::take(&mut field));
                    rows.push((first, std::mem::take(&mut fields)));
                    first = line;
                }
                _ => field.push(c),
            }
        }
        if quoted {
            return Err(Failure::input(format!("{file}, line {first}: a quote is opened and not closed")));
        }
        if !field.is_empty() || !fields.is_empty() {
            fields.push(field);
            rows.push((first, fields));
        }
        rows.retain(|(_, fields)| fields.len() > 1 || fields.iter().any(|field| !field.trim().is_empty()));
        if rows.is_empty() {
            return Err(Failure::input(format!("{file} is empty; the first line names the columns")));
        }
        let names: Vec<String> = rows.remove(0).1.iter().map(|name| name.trim().to_owned()).collect();
        if let Some((line, fields)) = rows.iter().find(|(_, fields)| fields.len() != names.len()) {
            let (found, wanted) = (fields.len(), names.len());
            return Err(Failure::input(format!(
                "{file}, line {line}: {found} fields, but the first line names {wanted} columns"
            )));
        }
        Ok(Self { names, rows })
    }

    /// The place of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|other| other == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_line_ends() {
        let table = Table::read("name,braid_word\r\n\"a \"\"b\"\"\",\"[1, -2]\"\n\n3_1,\"1\n1 1\"\n", "test").expect("a table");
        assert_eq!(table.column("braid_word"), Some(1));
        let rows: Vec<_> = table.rows.iter().map(|(line, fields)| (*line, fields[1].as_str())).collect();
        assert_eq!(rows, [(2, "[1, -2]"), (4, "1\n1 1")]);
        assert_eq!(table.rows[0].1[0], "a \"b\"");
    }

    #[test]
    fn mistakes_name_their_line() {
        for (text, place) in [("", "empty"), ("a,b\n1\n", "line 2"), ("a,b\n1,2\n\"1,2\n", "line 3")] {
            let message = Table::read(text, "test").err().expect(text).message();
            assert!(message.contains(place), "{message}");
        }
    }
}
