//! The bundled table of 290 knots and links with exact polynomials (see `data/knots/ORIGIN.md`).

use std::sync::OnceLock;

use num_bigint::BigInt;

use crate::braid::Braid;
use crate::error::KnotError;
use crate::laurent::Laurent;

/// One knot or link of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// KnotInfo or LinkInfo name, such as `3_1` or `L2a1{0}`.
    pub name: String,
    /// Number of components.
    pub components: usize,
    /// A braid whose trace closure it is.
    pub braid: Braid,
    /// A PD code of it, in general of another diagram.
    pub pd: String,
    /// Its Jones polynomial.
    pub jones: Laurent,
    /// Value at `t = e^{2 pi i/5}` with `t^{1/2} = -e^{i pi/5}`: real and imaginary part, 12 decimals.
    pub fifth_root: [f64; 2],
}

const CSV: &str = include_str!("../../data/knots/knots.csv");

/// Every row, in the order of the table.
///
/// # Panics
/// Never: the table is part of the program and a test reads all of it.
pub fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| CSV.lines().skip(1).map(|line| read_row(line).expect("the bundled table is well formed")).collect())
}

/// The row of this name, as KnotInfo and LinkInfo write it (`3_1`, `11a_1`, `L6a4{0,0}`) or SnapPy does (`K11a1`, `L6a4`); a link without
/// its orientation is that of its first row.
///
/// # Errors
/// When there is none; the error names the nearest.
///
/// ```
/// let named = |name| &qloom_knots::table::find(name).unwrap().name;
/// assert_eq!(named("K3_1"), "3_1");
/// assert_eq!(named("l2A1"), "L2a1{0}");
/// ```
pub fn find(name: &str) -> Result<&'static Row, KnotError> {
    let wanted = name.trim();
    let key = key(wanted);
    let bare = |row: &&Row| self::key(&row.name).split('{').next() == Some(key.as_str());
    let exact = rows().iter().find(|row| self::key(&row.name) == key);
    exact.or_else(|| rows().iter().find(bare)).ok_or_else(|| {
        let nearest = rows().iter().min_by_key(|row| distance(&row.name, wanted)).map(|row| row.name.clone());
        KnotError::Name { name: wanted.to_owned(), nearest }
    })
}

/// A name without what one table writes and another does not: case, spaces, a `K` in front, and the underscore behind the letter of an
/// alternating or non-alternating knot.
fn key(name: &str) -> String {
    let lower: String = name.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    let knot = lower.strip_prefix('k').unwrap_or(&lower);
    knot.replace("a_", "a").replace("n_", "n").replace(';', ",")
}

fn read_row(line: &str) -> Option<Row> {
    let fields = split(line);
    let terms: Vec<(serde_json::Value, i64)> = serde_json::from_str(fields.get(11)?).ok()?;
    let mut doubled = Vec::new();
    for (exponent, coefficient) in terms {
        let twice = match exponent.as_i64() {
            Some(whole) => 2 * whole,
            None => exponent.as_str()?.strip_suffix("/2")?.parse().ok()?,
        };
        doubled.push((twice, coefficient));
    }
    let (lowest, highest) = (doubled.first()?.0, doubled.last()?.0);
    let mut coefficients = vec![BigInt::ZERO; ((highest - lowest) / 2) as usize + 1];
    for (twice, coefficient) in doubled {
        coefficients[((twice - lowest) / 2) as usize] = coefficient.into();
    }
    let letters: Vec<i32> = serde_json::from_str(fields.get(8)?).ok()?;
    Some(Row {
        name: fields[0].clone(),
        components: fields[2].parse().ok()?,
        braid: Braid::new(fields[7].parse().ok()?, letters).ok()?,
        pd: fields[10].clone(),
        jones: Laurent::new(lowest, coefficients),
        fifth_root: [fields.get(12)?.parse().ok()?, fields.get(13)?.parse().ok()?],
    })
}

/// The fields of one line of CSV; quotes enclose fields with commas, a doubled quote inside is one.
fn split(line: &str) -> Vec<String> {
    let mut fields = Vec::new();
    let mut field = String::new();
    let mut quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => field.extend(characters.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            _ => field.push(c),
        }
    }
    fields.push(field);
    fields
}

/// Edits between two names, to find the nearest.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let next = (diagonal + usize::from(x != *y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_both_tables_are_found() {
        for row in rows() {
            assert_eq!(find(&row.name).expect("its own name").name, row.name);
            let bare = row.name.split('{').next().unwrap_or_default();
            assert!(find(bare).expect("without orientation").name.starts_with(bare));
            if !row.name.starts_with('L') {
                let snappy = format!("K{}", row.name.replace("a_", "a").replace("n_", "n"));
                assert_eq!(find(&snappy).expect("as SnapPy writes it").name, row.name);
            }
        }
        let error = find("L99a1").expect_err("there is none");
        assert!(matches!(error, KnotError::Name { nearest: Some(_), .. }));
    }
}
