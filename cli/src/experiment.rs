//! Experiments: one TOML file is one struct, any key can be overridden.

use std::path::{Path, PathBuf};

use qloom::hardware::Device;
use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::de::DeTable;

use crate::failure::{Failure, OrFailure};
use crate::{device_file, files};

/// Keys of experiments whose value is the name of a device, or the device itself.
const DEVICES: [&[&str]; 3] = [
    &["search", "simulator", "pauli-vector", "device"],
    &["train", "model", "variational", "device"],
    &["train", "model", "kernel-svm", "device"],
];

/// Reads an experiment: the text first, so that a mistake is reported at its line, then the overrides.
///
/// A device that is named is read and put in the place of its name: settings hold values, not paths.
///
/// # Errors
/// Bad input when the file or an override is malformed, has an unknown key or a value of the wrong type.
pub fn read<T: DeserializeOwned>(path: &Path, overrides: &[String]) -> Result<T, Failure> {
    parse(&files::read_text(path)?, path, overrides)
}

/// [`read`] of a text that is there already; `path` is what messages call it, and what relative paths start from.
///
/// # Errors
/// As [`read`].
pub fn parse<T: DeserializeOwned>(text: &str, path: &Path, overrides: &[String]) -> Result<T, Failure> {
    let name = path.display();
    let place = format!("{name} is not an experiment file");
    if overrides.is_empty() {
        return toml::from_str(&with_device(text, &|name| device_file::read(name, path))?).or_input(place);
    }
    // the device may be overridden: here only the rest of the text is of interest
    let unread = with_device(text, &|name| Ok(Device::new(name)))?;
    toml::from_str::<T>(&unread).or_input(&place)?;
    let mut table: toml::Table = toml::from_str(text).or_input(&place)?;
    for assignment in overrides {
        set(&mut table, assignment)?;
    }
    // through text again, so that the message points at the value that was set
    let resolved = toml::to_string(&table).or_input("the overrides make no experiment")?;
    let resolved = with_device(&resolved, &|name| device_file::read(name, path))?;
    toml::from_str(&resolved).or_input(format!("{name} with --set {}", overrides.join(" --set ")))
}

/// The text with a device in the place of its name. The device becomes an inline table: no other line moves.
fn with_device(text: &str, read: &dyn Fn(&str) -> Result<Device, Failure>) -> Result<String, Failure> {
    // what is not TOML at all is reported by who reads the result
    let Ok(document) = DeTable::parse(text) else { return Ok(text.to_owned()) };
    let named = DEVICES.iter().find_map(|path| {
        let mut value = document.get_ref().get(path[0]);
        for key in &path[1..] {
            value = value.and_then(|value| value.get_ref().get(*key));
        }
        value.and_then(|value| Some((value, value.get_ref().as_str()?)))
    });
    let Some((value, name)) = named else { return Ok(text.to_owned()) };
    let device = toml::Value::try_from(read(name)?).or_work("cannot write the device")?;
    let span = value.span();
    Ok(format!("{}{device}{}", &text[..span.start], &text[span.end..]))
}

/// Puts one `path.to.key=value` into the table; a value that is no TOML is taken as a string.
///
/// # Errors
/// Bad input when the path is malformed or goes through a value.
pub fn set(table: &mut toml::Table, assignment: &str) -> Result<(), Failure> {
    let Some((path, text)) = assignment.split_once('=') else {
        return Err(Failure::input(format!("--set {assignment}: write path.to.key=value")));
    };
    let value = match toml::from_str::<toml::Table>(&format!("value = {text}")) {
        Ok(mut parsed) => parsed.remove("value").unwrap_or_else(|| toml::Value::String(text.to_owned())),
        Err(_) => toml::Value::String(text.to_owned()),
    };
    put(table, path, value).map_err(|message| Failure::input(format!("--set {assignment}: {message}")))
}

/// Puts a value at `path.to.key`; the error says what is wrong with the path.
pub fn put(table: &mut toml::Table, path: &str, value: toml::Value) -> Result<(), String> {
    let mut keys: Vec<&str> = path.split('.').map(str::trim).collect();
    let last = keys.pop().unwrap_or_default();
    if last.is_empty() || keys.iter().any(|key| key.is_empty()) {
        return Err("a part of the path is empty".to_owned());
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
                return Err(format!("{key} is a value and has no keys inside"));
            }
        };
    }
    place.insert(last.to_owned(), value);
    Ok(())
}

/// A key of an experiment that may change when a run goes on, and which way.
#[derive(Clone, Copy, Debug)]
pub enum Limit {
    /// A number that may grow; where it is left out, there is no limit.
    Up(&'static str),
    /// A number that may fall.
    Down(&'static str),
}

impl Limit {
    fn key(self) -> &'static str {
        match self {
            Limit::Up(key) | Limit::Down(key) => key,
        }
    }

    fn allows(self, before: Option<&toml::Value>, after: Option<&toml::Value>) -> bool {
        let number = |value: &toml::Value| value.as_float().or(value.as_integer().map(|whole| whole as f64));
        match (self, before.and_then(number), after.and_then(number)) {
            (Limit::Up(_), Some(before), Some(after)) => after >= before,
            (Limit::Down(_), Some(before), Some(after)) => after <= before,
            (Limit::Up(_) | Limit::Down(_), _, None) => after.is_none(),
            (Limit::Up(_) | Limit::Down(_), None, Some(_)) => false,
        }
    }
}

/// Whether the only difference between the experiment of a run and a wanted one are limits that are raised.
///
/// # Errors
/// Bad input that names what a run cannot change.
pub fn only_raises<T: Serialize>(run: &T, wanted: &T, limits: &[Limit]) -> Result<(), Failure> {
    let table = |of: &T| toml::Value::try_from(of).or_work("cannot write the resolved experiment");
    let mut differences = Vec::new();
    compare("", Some(&table(run)?), Some(&table(wanted)?), &mut differences);
    for (key, before, after) in differences {
        let limit = limits.iter().find(|limit| limit.key() == key);
        if limit.is_some_and(|limit| limit.allows(before.as_ref(), after.as_ref())) {
            continue;
        }
        let before = before.map_or_else(|| "not set".to_owned(), |value| value.to_string());
        let what = match limit {
            Some(Limit::Up(_)) => "may only be raised",
            Some(Limit::Down(_)) => "may only be lowered",
            None => "is fixed when a run begins",
        };
        let keys: Vec<&str> = limits.iter().map(|limit| limit.key()).collect();
        let remedy = if keys.is_empty() { String::new() } else { format!("; only {} may be raised", keys.join(", ")) };
        return Err(Failure::input(format!(
            "--set {key}: {key} {what}, and is {before} in this run{remedy}; begin a new run for it"
        )));
    }
    Ok(())
}

/// A key with its value before and after.
type Difference = (String, Option<toml::Value>, Option<toml::Value>);

fn compare(key: &str, before: Option<&toml::Value>, after: Option<&toml::Value>, found: &mut Vec<Difference>) {
    match (before, after) {
        (Some(toml::Value::Table(before)), Some(toml::Value::Table(after))) => {
            let keys: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for inner in keys {
                let key = if key.is_empty() { inner.clone() } else { format!("{key}.{inner}") };
                compare(&key, before.get(inner), after.get(inner), found);
            }
        }
        _ if before == after => {}
        _ => found.push((key.to_owned(), before.cloned(), after.cloned())),
    }
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
        parse(TEXT, Path::new("test"), &assignments.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn overrides_replace_numbers_lists_and_strings() {
        let example = overridden(&["seed=5", "inner.sizes=[2, 3]", "name=plain words"]).expect("it is right");
        assert_eq!(example, Example { seed: 5, name: "plain words".into(), inner: Inner { sizes: vec![2, 3] } });
    }

    /// Names become devices, whatever the text has beside them; everything stays on its line.
    #[test]
    fn devices_take_the_place_of_their_names() {
        let text = "seed = 1 # \"a\"\n[search.simulator.pauli-vector]\ndevice = 'line-3' # device\nshots = 5\n";
        let changed = with_device(text, &|name| Device::from_name(name).or_input(name)).expect("a machine");
        let table: toml::Table = toml::from_str(&changed).expect("TOML");
        let vector = &table["search"]["simulator"]["pauli-vector"];
        assert_eq!(vector["device"]["num_qubits"].as_integer(), Some(3));
        assert_eq!(vector["shots"].as_integer(), Some(5));
        assert_eq!(changed.lines().count(), text.lines().count());
        for same in ["seed = 1\n", "search = 3\n", "[search.simulator.pauli-vector]\ndevice = { name = \"d\" }\n", "seed = = 2"] {
            assert_eq!(with_device(same, &|_| panic!("nothing to read")).expect("untouched"), same);
        }
    }

    #[test]
    fn only_limits_are_raised() {
        let before: toml::Table = toml::from_str("seed = 1\nerror = 0.1\n[inner]\nepisodes = 5\nname = \"a\"").expect("TOML");
        let limits = [Limit::Up("inner.episodes"), Limit::Down("error"), Limit::Up("evaluations")];
        let changed = |text: &str| {
            let mut after = before.clone();
            set(&mut after, text).expect("a key");
            only_raises(&before, &after, &limits).map_err(|failure| failure.message())
        };
        for fine in ["seed=1", "inner.episodes=5", "inner.episodes=6", "error=0.05", "inner.name=a"] {
            changed(fine).expect(fine);
        }
        for (wrong, key, what) in [
            ("seed=2", "seed", "fixed"),
            ("inner.name=b", "inner.name", "fixed"),
            ("inner.new=1", "inner.new", "fixed"),
            ("inner.episodes=4", "inner.episodes", "raised"),
            ("error=0.2", "error", "lowered"),
            ("evaluations=3", "evaluations", "raised"),
        ] {
            let message = changed(wrong).expect_err(wrong);
            assert!(message.contains(&format!("--set {key}:")) && message.contains(what), "{message}");
        }
    }

    #[test]
    fn mistakes_name_their_place() {
        let unknown = parse::<Example>("seed = 1\nname = \"a\"\nsede = 2\n[inner]\nsizes = []\n", Path::new("test"), &[]);
        let message = unknown.expect_err("the key is unknown").message();
        assert!(message.contains("line 3") && message.contains("sede"), "{message}");
        for wrong in ["seed", "=3", "inner..sizes=1", "seed.deeper=1", "inner.size=1", "seed=-1"] {
            let failure = overridden(&[wrong]).expect_err(wrong);
            assert!(matches!(failure, Failure::Input(_)), "{wrong}");
        }
    }
}
