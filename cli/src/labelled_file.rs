//! Labelled data in files: tables of numbers and lists of questions.

use std::path::Path;

use crate::failure::Failure;
use crate::files;
use crate::table::Table;

/// Rows of a file with their labels, where it has them.
pub struct LabelledRows<T> {
    /// What each row is.
    pub rows: Vec<T>,
    /// The line of each row.
    pub lines: Vec<u64>,
    /// The label of each row; of a file without labels none.
    pub labels: Option<Vec<String>>,
}

/// The columns of a table that are features: all but the label.
///
/// # Errors
/// Bad input when the table has no other column.
pub fn feature_columns(table: &Table, label: &str, file: &str) -> Result<Vec<String>, Failure> {
    let names: Vec<String> = table.names().filter(|name| *name != label).map(str::to_owned).collect();
    if names.is_empty() {
        return Err(Failure::input(format!("{file} has no column of features beside \"{label}\"")));
    }
    Ok(names)
}

/// The numbers of a table's columns, row by row, and its labels where it has them.
///
/// # Errors
/// Bad input, at its line and column, for a cell that is missing or no number, an empty label, or a column that is not there.
pub fn table_rows(table: &Table, columns: &[String], label: &str, file: &str) -> Result<LabelledRows<Vec<f64>>, Failure> {
    let numbers: Vec<Vec<f64>> = columns.iter().map(|name| table.numbers(name, file)).collect::<Result<_, _>>()?;
    let rows = (0..table.rows.len()).map(|row| numbers.iter().map(|column| column[row]).collect()).collect();
    let labels = match table.column(label) {
        None => None,
        Some(column) => {
            let text = |(line, row): &(u64, Result<csv::StringRecord, String>)| {
                let row = row.as_ref().map_err(|message| Failure::input(format!("{file}, line {line}: {message}")))?;
                match row[column].trim() {
                    "" => Err(Failure::input(format!(
                        "{file}, line {line}, column {label}: the label is missing; fill or remove the row"
                    ))),
                    label => Ok(label.to_owned()),
                }
            };
            Some(table.rows.iter().map(text).collect::<Result<_, _>>()?)
        }
    };
    let lines = table.rows.iter().map(|(line, _)| *line).collect();
    Ok(LabelledRows { rows, lines, labels })
}

/// The questions of a file, one a line, each with a label and a tab in front or all without.
///
/// # Errors
/// Bad input, at its line, for a line with a label among others without, an empty label or question, or more than one tab.
pub fn questions(text: &str, file: &str) -> Result<LabelledRows<String>, Failure> {
    let (mut rows, mut lines, mut labels) = (Vec::new(), Vec::new(), Vec::new());
    let filled = text.trim_start_matches('\u{feff}').lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    for (number, line) in filled {
        lines.push(number as u64 + 1);
        let place = format!("{file}, line {}", number + 1);
        let fields: Vec<&str> = line.split('\t').map(str::trim).collect();
        match fields[..] {
            [question] => rows.push(question.to_owned()),
            ["", _] => return Err(Failure::input(format!("{place}, column 1: the label is missing"))),
            [_, ""] => return Err(Failure::input(format!("{place}, column 2: the question is missing"))),
            [label, question] => {
                labels.push(label.to_owned());
                rows.push(question.to_owned());
            }
            _ => {
                return Err(Failure::input(format!("{place}: {} fields, where a label and a question are wanted", fields.len())));
            }
        }
        if !labels.is_empty() && labels.len() != rows.len() {
            return Err(Failure::input(format!(
                "{place}: some lines have a label and a tab in front of the question and some have not"
            )));
        }
    }
    if rows.is_empty() {
        return Err(Failure::input(format!("{file} is empty; it has a question a line, with a label and a tab in front")));
    }
    let labels = (!labels.is_empty()).then_some(labels);
    Ok(LabelledRows { rows, lines, labels })
}

/// A file's text and what messages call it.
///
/// # Errors
/// Bad input when it cannot be read.
pub fn read(path: &Path) -> Result<(String, String), Failure> {
    Ok((files::read_text(path)?, path.display().to_string()))
}

/// The number of each label among the classes.
///
/// # Errors
/// Bad input that names the first row whose label is none of them; `column` is where labels stand.
pub fn numbered(
    labels: &[String],
    classes: &[String],
    lines: &[u64],
    (file, column): (&str, &str),
) -> Result<Vec<usize>, Failure> {
    let number = |(row, label): (usize, &String)| {
        classes.iter().position(|class| class == label).ok_or_else(|| {
            Failure::input(format!(
                "{file}, line {}, column {column}: the label \"{label}\" is unknown; the classes are {}",
                lines[row],
                classes.join(", ")
            ))
        })
    };
    labels.iter().enumerate().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_have_labels_or_none_has() {
        let with = questions("A\twho is it?\nB\twhat?\n\n", "test").expect("questions");
        assert_eq!(with.rows, ["who is it?", "what?"]);
        assert_eq!(with.labels.expect("labels"), ["A", "B"]);
        assert!(questions("who?\nwhat?", "test").expect("questions").labels.is_none());
        for (text, place) in [
            ("A\twho?\nwhat?", "line 2"),
            ("what?\nA\twho?", "line 2"),
            ("A\tb\tc", "3 fields"),
            ("\twho?", "column 1"),
            ("A\twho?\nA\t", "line 2, column 2"),
            ("\n\n", "empty"),
        ] {
            let message = questions(text, "test").err().expect(text).message();
            assert!(message.contains(place), "{message}");
        }
    }

    #[test]
    fn mistakes_of_tables_have_line_and_column() {
        for (text, place) in [
            ("a,b,label\n1,2,x\n1,,y\n", "line 3, column b"),
            ("a,b,label\n1,2,x\n1,two,y\n", "line 3, column b"),
            ("a,b,label\n1,2,\n", "line 2, column label"),
            ("a,b,label\n1,2\n", "line 2"),
        ] {
            let table = Table::read(text, "test").expect("a table");
            let columns = feature_columns(&table, "label", "test").expect("two");
            let message = table_rows(&table, &columns, "label", "test").err().expect(text).message();
            assert!(message.contains(place), "{message}");
        }
        let table = Table::read("label\nx\n", "test").expect("a table");
        assert!(feature_columns(&table, "label", "test").is_err());
        let labels = ["x".to_owned(), "z".to_owned()];
        let message = numbered(&labels, &labels[..1], &[2, 3], ("test", "label")).expect_err("unknown").message();
        assert!(message.contains("line 3, column label") && message.contains("\"z\""), "{message}");
    }
}
