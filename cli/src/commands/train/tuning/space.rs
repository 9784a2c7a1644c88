//! What is tried for each key of an experiment.

use std::collections::BTreeMap;

use qloom::circuits::Stream;
use serde::Deserialize;

use crate::failure::{Failure, OrFailure};

/// The values of a key.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Values {
    /// Numbers between two, uniform.
    Linear([f64; 2]),
    /// Positive numbers between two, whose logarithm is uniform.
    Log([f64; 2]),
    /// Whole numbers from one to another, uniform.
    Integer([i64; 2]),
    /// One of a list.
    Choice(Vec<toml::Value>),
}

const KINDS: [&str; 4] = ["linear", "log", "integer", "choice"];

/// The values of all keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Space {
    keys: BTreeMap<String, Values>,
}

impl Space {
    /// Reads `[tune.keys]`: paths of keys, quoted or as tables in tables, each with one of `linear`, `log`, `integer` and `choice`.
    ///
    /// # Errors
    /// Bad input that names the key, for ranges that are no ranges and for no key at all.
    pub fn new(table: &toml::Table) -> Result<Self, Failure> {
        let mut keys = BTreeMap::new();
        collect("", table, &mut keys)?;
        if keys.is_empty() {
            let example = "\"train.readout.ridge.regularization\" = { log = [1e-10, 1] }";
            return Err(Failure::input(format!("[tune.keys] has no key; name what is tried, as in {example}")));
        }
        Ok(Self { keys })
    }

    /// One value of each key, in the order of their names.
    pub fn draw(&self, stream: &mut Stream) -> BTreeMap<String, toml::Value> {
        self.keys.iter().map(|(key, values)| (key.clone(), values.draw(stream))).collect()
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.keys.keys()
    }
}

fn collect(path: &str, table: &toml::Table, keys: &mut BTreeMap<String, Values>) -> Result<(), Failure> {
    for (key, value) in table {
        let key = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let toml::Value::Table(inner) = value else {
            return Err(Failure::input(format!(
                "tune.keys, {key}: {value} is no range; write {{ linear = [a, b] }}, log, integer or choice"
            )));
        };
        match inner.iter().next() {
            Some((kind, _)) if inner.len() == 1 && KINDS.contains(&kind.as_str()) => {
                let values: Values = value.clone().try_into().or_input(format!("tune.keys, {key}"))?;
                values.check().map_err(|message| Failure::input(format!("tune.keys, {key}: {message}")))?;
                keys.insert(key, values);
            }
            Some(_) => collect(&key, inner, keys)?,
            None => return Err(Failure::input(format!("tune.keys, {key}: it has no range"))),
        }
    }
    Ok(())
}

impl Values {
    fn check(&self) -> Result<(), String> {
        match self {
            Values::Linear([low, high]) | Values::Log([low, high]) if !(low.is_finite() && high.is_finite() && low < high) => {
                Err(format!("the range [{low}, {high}] has to go from a finite number to a larger one"))
            }
            Values::Log([low, high]) if *low <= 0.0 => {
                Err(format!("the range [{low}, {high}] of a logarithm has to begin above 0"))
            }
            Values::Integer([low, high]) if low >= high => {
                Err(format!("the range [{low}, {high}] has to go from a whole number to a larger one"))
            }
            Values::Integer([low, high]) if high.checked_sub(*low).is_none_or(|width| width > 1 << 32) => {
                Err(format!("the range [{low}, {high}] is too wide; at most 2^32 numbers"))
            }
            Values::Choice(list) if list.is_empty() => Err("the list is empty; name one value at least".to_owned()),
            Values::Linear(_) | Values::Log(_) | Values::Integer(_) | Values::Choice(_) => Ok(()),
        }
    }

    fn draw(&self, stream: &mut Stream) -> toml::Value {
        let between = |low: f64, high: f64, unit: f64| (low + (high - low) * unit).clamp(low, high);
        match self {
            Values::Linear([low, high]) => toml::Value::Float(between(*low, *high, stream.unit())),
            Values::Log([low, high]) => toml::Value::Float(between(low.ln(), high.ln(), stream.unit()).exp().clamp(*low, *high)),
            Values::Integer([low, high]) => toml::Value::Integer(low + stream.below((high - low + 1) as usize) as i64),
            Values::Choice(list) => list[stream.below(list.len())].clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space(text: &str) -> Result<Space, Failure> {
        Space::new(&toml::from_str(text).expect("TOML"))
    }

    #[test]
    fn values_fill_their_ranges() {
        let text =
            "\"a.b\" = { linear = [-1, 3] }\na.c = { log = [1e-6, 1] }\n[a.d]\ninteger = [2, 4]\n[e]\nchoice = [\"x\", 7]\n";
        let space = space(text).expect("ranges");
        assert_eq!(space.keys().collect::<Vec<_>>(), ["a.b", "a.c", "a.d", "e"]);
        let mut stream = Stream::named(1, "trial");
        let drawn: Vec<BTreeMap<String, toml::Value>> = (0..4000).map(|_| space.draw(&mut stream)).collect();
        let numbers = |key: &str| drawn.iter().map(|values| values[key].as_float().expect("a float")).collect::<Vec<f64>>();
        let mean = |list: &[f64]| list.iter().sum::<f64>() / list.len() as f64;
        let linear = numbers("a.b");
        assert!(linear.iter().all(|x| (-1.0..=3.0).contains(x)) && (mean(&linear) - 1.0).abs() < 0.1);
        let logs: Vec<f64> = numbers("a.c").iter().map(|x| x.log10()).collect();
        assert!(logs.iter().all(|x| (-6.0..=0.0).contains(x)) && (mean(&logs) + 3.0).abs() < 0.15);
        for (key, value) in [("a.d", toml::Value::Integer(2)), ("a.d", 3.into()), ("a.d", 4.into())] {
            let share = drawn.iter().filter(|values| values[key] == value).count();
            assert!((1200..1500).contains(&share), "{value} {share}");
        }
        let words = drawn.iter().filter(|values| values["e"].as_str() == Some("x")).count();
        assert!((1850..2150).contains(&words) && drawn.iter().any(|values| values["e"].as_integer() == Some(7)));
        assert_eq!(space.draw(&mut Stream::named(1, "trial")), drawn[0], "the same stream, the same values");
    }

    #[test]
    fn ranges_that_are_none_are_refused_by_name() {
        for (text, word) in [
            ("", "no key"),
            ("a = 3", "no range"),
            ("a.b = { linear = [2, 1] }", "a.b: the range [2, 1]"),
            ("a = { linear = [1, 1] }", "larger"),
            ("a = { linear = [0, inf] }", "finite"),
            ("a = { log = [0, 1] }", "above 0"),
            ("a = { integer = [3, 3] }", "larger"),
            ("a = { integer = [-9000000000000000000, 9000000000000000000] }", "too wide"),
            ("a = { integer = [0.5, 3] }", "tune.keys, a"),
            ("a = { choice = [] }", "empty"),
            ("a = { linear = [1, 2, 3] }", "tune.keys, a"),
            ("a = { linear = [1, 2], log = [1, 2] }", "no range"),
            ("a = {}", "no range"),
        ] {
            let message = space(text).expect_err(text).message();
            assert!(message.contains(word), "{text}: {message}");
        }
    }
}
