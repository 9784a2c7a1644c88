//! Tables of several series: each row says which series it belongs to.

use crate::failure::Failure;
use crate::table::Table;

/// One series of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesRows {
    /// What the table calls it.
    pub id: String,
    /// The places of its rows in the table, in order of time.
    pub rows: Vec<usize>,
}

impl SeriesRows {
    /// Its values of a column.
    pub fn of(&self, column: &[f64]) -> Vec<f64> {
        self.rows.iter().map(|&row| column[row]).collect()
    }
}

/// The series of a table in the order in which they begin; rows of different series may alternate. `file` is what messages call the table.
///
/// # Errors
/// Bad input, at its line and column, for a column that is not there, a row without a series, and times that do not grow.
pub fn series(table: &Table, id: &str, time: Option<&str>, file: &str) -> Result<Vec<SeriesRows>, Failure> {
    let ids = table.words(id, file)?;
    let times = time.map(|time| table.numbers(time, file)).transpose()?;
    let mut places = std::collections::HashMap::new();
    let mut series: Vec<SeriesRows> = Vec::new();
    for (row, id) in ids.into_iter().enumerate() {
        let place = *places.entry(id.clone()).or_insert(series.len());
        if place == series.len() {
            series.push(SeriesRows { id, rows: Vec::new() });
        }
        let one = &mut series[place];
        if let (Some(times), Some(&before)) = (&times, one.rows.last())
            && times[row] <= times[before]
        {
            return Err(Failure::input(format!(
                "{file}, line {}, column {}: time {} of series \"{}\" does not follow {}; sort its rows by time",
                table.rows[row].0,
                time.unwrap_or_default(),
                times[row],
                one.id,
                times[before]
            )));
        }
        one.rows.push(row);
    }
    if series.is_empty() {
        return Err(Failure::input(format!("{file} has no row")));
    }
    Ok(series)
}

/// The label of each series.
///
/// # Errors
/// Bad input, at its line and column, for a row without a label, or with another one than the rows of its series before.
pub fn labels(table: &Table, series: &[SeriesRows], label: &str, file: &str) -> Result<Vec<String>, Failure> {
    let words = table.words(label, file)?;
    let one = |one: &SeriesRows| {
        let first = &words[one.rows[0]];
        match one.rows.iter().find(|&&row| words[row] != *first) {
            Some(&row) => Err(Failure::input(format!(
                "{file}, line {}, column {label}: series \"{}\" is labelled \"{}\" here and \"{first}\" before",
                table.rows[row].0, one.id, words[row]
            ))),
            None => Ok(first.clone()),
        }
    };
    series.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "run,t,x,label\na,0,1,up\nb,5,2,down\na,1,3,up\nb,7,4,down\n";

    #[test]
    fn rows_of_series_may_alternate() {
        let table = Table::read(TEXT, "test").expect("a table");
        let series = series(&table, "run", Some("t"), "test").expect("two");
        let x = table.numbers("x", "test").expect("numbers");
        let found: Vec<(&str, Vec<f64>)> = series.iter().map(|one| (one.id.as_str(), one.of(&x))).collect();
        assert_eq!(found, [("a", vec![1.0, 3.0]), ("b", vec![2.0, 4.0])]);
        assert_eq!(labels(&table, &series, "label", "test").expect("labels"), ["up", "down"]);
    }

    #[test]
    fn mistakes_have_line_and_column() {
        let message = |text: &str| {
            let table = Table::read(text, "test").expect("a table");
            let found = series(&table, "run", Some("t"), "test").and_then(|all| labels(&table, &all, "label", "test"));
            found.expect_err(text).message()
        };
        for (from, to, place) in [
            ("a,1,3,up", "a,0,3,up", "line 4, column t"),
            ("b,5,2", ",5,2", "line 3, column run"),
            ("b,7,4,down", "b,7,4,up", "line 5, column label"),
            ("b,7,4,down", "b,7,4,", "line 5, column label"),
            ("b,7,4", "b,x,4", "line 5, column t"),
            ("run,t", "rum,t", "no column \"run\""),
            ("\na,0,1,up\nb,5,2,down\na,1,3,up\nb,7,4,down", "", "no row"),
        ] {
            let found = message(&TEXT.replace(from, to));
            assert!(found.contains(place), "{found}");
        }
    }
}
