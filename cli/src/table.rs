//! Comma-separated tables with a row of names, read and written.

use csv::StringRecord;
use serde::Serialize;

use crate::failure::{Failure, OrFailure};

/// A table: names of the columns and the rows.
pub struct Table {
    names: Vec<String>,
    /// The rows, each with the line it begins at; a row that does not fit the columns is a message instead.
    pub rows: Vec<(u64, Result<StringRecord, String>)>,
}

impl Table {
    /// Reads a table; `file` is what messages call it.
    ///
    /// # Errors
    /// Bad input when there is no row of names, or a name is there twice.
    pub fn read(text: &str, file: &str) -> Result<Self, Failure> {
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let names: Vec<String> = reader.headers().or_input(file)?.iter().map(|name| name.trim().to_owned()).collect();
        if names.iter().all(String::is_empty) {
            return Err(Failure::input(format!("{file} is empty; the first line names the columns")));
        }
        if let Some(twice) = names.iter().enumerate().find(|(index, name)| !name.is_empty() && names[..*index].contains(name)) {
            return Err(Failure::input(format!("{file}, line 1: the column \"{}\" is there twice", twice.1)));
        }
        let mut lines = Lines { text: text.as_bytes(), byte: 0, line: 1 };
        let mut rows = Vec::new();
        for record in reader.records() {
            match record {
                Ok(record) => rows.push((lines.of(record.position()), Ok(record))),
                Err(error) => {
                    let line = lines.of(error.position());
                    let message = match error.kind() {
                        csv::ErrorKind::UnequalLengths { len: found, .. } => {
                            format!("{found} fields, but the first line names {} columns", names.len())
                        }
                        _ => error.to_string(),
                    };
                    rows.push((line, Err(message)));
                }
            }
        }
        Ok(Self { names, rows })
    }

    /// The names of the columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The place of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|other| other == name)
    }
}

impl Table {
    /// The numbers of some columns, row by row.
    ///
    /// # Errors
    /// As [`Table::numbers`], and when there is no row.
    pub fn features(&self, names: &[String], file: &str) -> Result<Vec<f64>, Failure> {
        let columns: Vec<Vec<f64>> = names.iter().map(|name| self.numbers(name, file)).collect::<Result<_, _>>()?;
        if self.rows.is_empty() {
            return Err(Failure::input(format!("{file} has no rows; it needs one at least")));
        }
        Ok((0..self.rows.len()).flat_map(|row| columns.iter().map(move |column| column[row])).collect())
    }

    /// The numbers of a column; `file` is what messages call the table.
    ///
    /// # Errors
    /// Bad input when there is no such column, or a cell is no finite number, at its line.
    pub fn numbers(&self, name: &str, file: &str) -> Result<Vec<f64>, Failure> {
        let Some(column) = self.column(name) else {
            let names = self.names.join(", ");
            return Err(Failure::input(format!("{file} has no column \"{name}\"; its columns are {names}")));
        };
        let number = |(line, row): &(u64, Result<StringRecord, String>)| {
            let row = row.as_ref().map_err(|message| Failure::input(format!("{file}, line {line}: {message}")))?;
            let text = row[column].trim();
            match text.parse::<f64>() {
                Ok(value) if value.is_finite() => Ok(value),
                Ok(_) | Err(_) => Err(Failure::input(format!(
                    "{file}, line {line}, column {name}: \"{text}\" is no finite number; fill or remove the row"
                ))),
            }
        };
        self.rows.iter().map(number).collect()
    }
}

impl Table {
    /// The words of a column; `file` is what messages call the table.
    ///
    /// # Errors
    /// Bad input when there is no such column, or a cell is empty, at its line.
    pub fn words(&self, name: &str, file: &str) -> Result<Vec<String>, Failure> {
        let Some(column) = self.column(name) else {
            let names = self.names.join(", ");
            return Err(Failure::input(format!("{file} has no column \"{name}\"; its columns are {names}")));
        };
        let word = |(line, row): &(u64, Result<StringRecord, String>)| {
            let row = row.as_ref().map_err(|message| Failure::input(format!("{file}, line {line}: {message}")))?;
            match row[column].trim() {
                "" => {
                    Err(Failure::input(format!("{file}, line {line}, column {name}: the cell is empty; fill or remove the row")))
                }
                word => Ok(word.to_owned()),
            }
        };
        self.rows.iter().map(word).collect()
    }
}

/// Counts the lines of a text on the way.
struct Lines<'a> {
    text: &'a [u8],
    byte: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of a record: its position may lie in front of line ends and empty lines.
    fn of(&mut self, position: Option<&csv::Position>) -> u64 {
        let from = position.map_or(self.byte, |position| position.byte() as usize).clamp(self.byte, self.text.len());
        let ends = self.text[from..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let ended = self.text[self.byte..from + ends].iter().filter(|&&byte| byte == b'\n').count();
        (self.byte, self.line) = (from + ends, self.line + ended as u64);
        self.line
    }
}

/// Rows as a table, with the names of their fields in the first line.
///
/// # Errors
/// Failed work when a row holds what a table cannot.
pub fn write(rows: &[impl Serialize]) -> Result<Vec<u8>, Failure> {
    let place = "cannot write a table";
    let mut writer = csv::Writer::from_writer(Vec::new());
    rows.iter().try_for_each(|row| writer.serialize(row)).or_work(place)?;
    writer.into_inner().map_err(|error| error.into_error()).or_work(place)
}

/// Rows of words as a table below these names.
///
/// # Errors
/// Failed work when a row has another number of words.
pub fn write_words(names: &[String], rows: &[Vec<String>]) -> Result<Vec<u8>, Failure> {
    let place = "cannot write a table";
    let mut writer = csv::Writer::from_writer(Vec::new());
    std::iter::once(names).chain(rows.iter().map(Vec::as_slice)).try_for_each(|row| writer.write_record(row)).or_work(place)?;
    writer.into_inner().map_err(|error| error.into_error()).or_work(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_line_ends() {
        let table = Table::read("name,braid_word\r\n\"a \"\"b\"\"\",\"[1, -2]\"\n\n3_1,\"1\n1 1\"\n", "test").expect("a table");
        assert_eq!(table.column("braid_word"), Some(1));
        let rows: Vec<_> = table.rows.iter().map(|(line, fields)| (*line, &fields.as_ref().expect("a row")[1])).collect();
        assert_eq!(rows, [(2, "[1, -2]"), (4, "1\n1 1")]);
        assert_eq!(&table.rows[0].1.as_ref().expect("a row")[0], "a \"b\"");
    }

    #[test]
    fn mistakes_name_their_line() {
        for (text, place) in [("", "empty"), ("a,b,a\n1,2,3\n", "twice")] {
            let message = Table::read(text, "test").err().expect(text).message();
            assert!(message.contains(place), "{message}");
        }
        let table = Table::read("a,b\n1\n1,2\n1,2,3\n\"1,2\n", "test").expect("two columns");
        let wrong: Vec<u64> = table.rows.iter().filter(|(_, row)| row.is_err()).map(|(line, _)| *line).collect();
        assert_eq!(wrong, [2, 4, 5]);
    }

    #[test]
    fn what_is_written_is_read() {
        #[derive(serde::Serialize)]
        struct Row {
            name: &'static str,
            value: f64,
        }
        let bytes = write(&[Row { name: "a,b", value: 0.1 }, Row { name: "c", value: 1e-30 }]).expect("a table");
        let table = Table::read(std::str::from_utf8(&bytes).expect("UTF-8"), "test").expect("a table");
        let rows: Vec<&StringRecord> = table.rows.iter().map(|(_, row)| row.as_ref().expect("a row")).collect();
        let value = |row: usize| rows[row][1].parse::<f64>().expect("a number");
        assert_eq!((&rows[0][0], value(0), value(1)), ("a,b", 0.1, 1e-30));
    }
}
