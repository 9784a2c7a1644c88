//! Experiments: one TOML file is one struct, any key can be overridden.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::failure::{Failure, OrFailure};
use crate::files;

/// Reads an experiment: the text first, so that a mistake is reported at its line, then the overrides.
///
/// # Errors
/// Bad input when the file or an override is malformed, has an unknown key or a value of the wrong type.
pub fn read<T: DeserializeOwned>(path: &Path, overrides: &[String]) -> Result<T, Failure> {
    let text = files::read_text(path)?;
    parse(&text, &path.display().to_string(), overrides)
}

/// [`read`] of a text that is there already; `name` is what messages call it.
///
/// # Errors
/// As [`read`].
pub fn parse<T: DeserializeOwned>(text: &str, name: &str, overrides: &[String]) -> Result<T, Failure> {
    let experiment: T = toml::from_str(text).or_input(format!("{name} is no experiment"))?;
    if overrides.is_empty() {
        return Ok(experiment);
    }
    let mut table: toml::Table = toml::from_str(text).or_input(format!("{name} is no experiment"))?;
    for assignment in overrides {
        set(&mut table, assignment)?;
    }
    // through text again, so that the message points at the value that was set
    let resolved = toml::to_string(&table).or_input("the overrides make no experiment")?;
    toml::from_str(&resolved).or_input(format!("{name} with --set {}", overrides.join(" --set ")))
}

/// Puts one `path.to.key=value` into the table; a value that is no TOML is taken as a string.
fn set(table: &mut toml::Table, assignment: &str) -> Result<(), Failure> {
    let Some((path, text)) = assignment.split_once('=') else {
        return Err(Failure::input(format!("--set {assignment}: write path.to.key=value")));
    };
    let value = match toml::from_str::<toml::Table>(&format!("value = {text}")) {
        Ok(mut parsed) => parsed.remove("value").unwrap_or_else(|| toml::Value::String(text.to_owned())),
        Err(_) => toml::Value::String(text.to_owned()),
    };
    let mut keys: Vec<&str> = path.split('.').map(str::trim).collect();
    let last = keys.pop().unwrap_or_default();
    if last.is_empty() || keys.iter().any(|key| key.is_empty()) {
        return Err(Failure::input(format!("--set {assignment}: a part of the path is empty")));
    }
    let mut place = table;
    for key in keys {
        let next = place.entry(key).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        place = match next {
            toml::Value::Table(inner) => inner,
            toml::Value::String(_)
            | toml::Value::Integer(_)
            | toml::Value::Float(_)
            | toml::Value::Boolean(_)
            | toml::Value::Datetime(_)
            | toml::Value::Array(_) => {
                return Err(Failure::input(format!("--set {assignment}: {key} is a value and has no keys inside")));
            }
        };
    }
    place.insert(last.to_owned(), value);
    Ok(())
}

/// Finds a data file named in an experiment: beside the experiment, from the current folder, or in the nearest `data/`
/// folder at or above the experiment or the current folder.
///
/// # Errors
/// Bad input that lists the places looked at.
pub fn find_data(name: &Path, experiment: &Path) -> Result<PathBuf, Failure> {
    let beside = experiment.parent().unwrap_or(Path::new("")).join(name);
    let mut tried = vec![beside, name.to_owned()];
    for start in [experiment.parent().unwrap_or(Path::new("")).canonicalize(), std::env::current_dir()].into_iter().flatten() {
        tried.extend(start.ancestors().map(|folder| folder.join("data").join(name)));
    }
    if let Some(found) = tried.iter().find(|path| path.is_file()) {
        return Ok(found.clone());
    }
    tried.truncate(3);
    tried.dedup();
    let places: Vec<String> = tried.iter().map(|path| path.display().to_string()).collect();
    Err(Failure::input(format!(
        "{} is not found; looked at {} and in every data/ folder above; give a path from one of these places",
        name.display(),
        places.join(", ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize, Debug, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Example {
        seed: u64,
        name: String,
        inner: Inner,
    }

    #[derive(serde::Deserialize, Debug, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        sizes: Vec<usize>,
    }

    const TEXT: &str = "seed = 1\nname = \"a\"\n[inner]\nsizes = [1]\n";

    fn overridden(assignments: &[&str]) -> Result<Example, Failure> {
        parse(TEXT, "test", &assignments.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn overrides_replace_numbers_lists_and_strings() {
        let example = overridden(&["seed=5", "inner.sizes=[2, 3]", "name=plain words"]).expect("it is right");
        assert_eq!(example, Example { seed: 5, name: "plain words".into(), inner: Inner { sizes: vec![2, 3] } });
    }

    #[test]
    fn mistakes_name_their_place() {
        let unknown = parse::<Example>("seed = 1\nname = \"a\"\nsede = 2\n[inner]\nsizes = []\n", "test", &[]);
        let message = unknown.expect_err("the key is unknown").message();
        assert!(message.contains("line 3") && message.contains("sede"), "{message}");
        for wrong in ["seed", "=3", "inner..sizes=1", "seed.deeper=1", "inner.size=1", "seed=-1"] {
            let failure = overridden(&[wrong]).expect_err(wrong);
            assert!(matches!(failure, Failure::Input(_)), "{wrong}");
        }
    }
}
