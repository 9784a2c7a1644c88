//! The page of keys, made from the documentation of the settings' structs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::{json, qloom, root};

/// A struct or an enum of the settings, as its source has it.
#[derive(Default)]
struct Definition {
    is_enum: bool,
    /// Name of the field or variant as TOML has it, its type (empty for a plain variant), its documentation.
    parts: Vec<(String, String, String)>,
}

/// Settings that are described elsewhere, with what they are.
const LEAVES: [(&str, &str); 3] = [
    ("LabelledSettings", "labelled data and a classifier, as `qloom train` takes them"),
    ("Device", "a device"),
    ("Coupling", "\"all\", \"line\", \"ring\" or a list of pairs"),
];

fn sources(folder: &Path, found: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push_str(&std::fs::read_to_string(&path).expect("text"));
            found.push('\n');
        }
    }
}

fn kebab(name: &str) -> String {
    let mut text = String::new();
    for (index, c) in name.chars().enumerate() {
        if c.is_uppercase() && index > 0 {
            text.push('-');
        }
        text.extend(c.to_lowercase());
    }
    text
}

/// Every struct and enum that is read from TOML.
fn definitions(text: &str) -> BTreeMap<String, Definition> {
    let mut all = BTreeMap::new();
    let (mut attributes, mut lines) = (String::new(), text.lines());
    while let Some(line) = lines.next() {
        let trimmed = line.trim_start_matches("pub ");
        if line.starts_with("#[") {
            attributes.push_str(line);
            continue;
        }
        let name = |rest: &str| rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned();
        let head = trimmed.strip_prefix("struct ").map(|rest| (name(rest), false));
        let head = head.or(trimmed.strip_prefix("enum ").map(|rest| (name(rest), true)));
        if let Some((name, is_enum)) =
            head.filter(|_| attributes.contains("Deserialize") && line.ends_with('{') || line.ends_with("{}"))
        {
            let mut definition = Definition { is_enum, parts: Vec::new() };
            let mut documentation = String::new();
            let empty = line.ends_with('}');
            for line in lines.by_ref().take_while(|line| !empty && *line != "}") {
                let line = line.trim();
                if let Some(text) = line.strip_prefix("///") {
                    let space = if documentation.is_empty() { "" } else { " " };
                    let _ = write!(documentation, "{space}{}", text.trim());
                } else if !line.starts_with("#[") && !line.is_empty() {
                    let part = line.trim_start_matches("pub ").trim_end_matches(',');
                    let (name, kind) = match (is_enum, part.split_once(": "), part.split_once('(')) {
                        (false, Some((name, kind)), _) => (name.to_owned(), kind.to_owned()),
                        (true, _, Some((name, kind))) => (kebab(name), kind.trim_end_matches(')').to_owned()),
                        (true, _, None) => (kebab(part), String::new()),
                        (false, None, _) => panic!("{part} is no field"),
                    };
                    definition.parts.push((name, kind, std::mem::take(&mut documentation)));
                }
            }
            all.insert(name, definition);
        }
        if !line.starts_with("///") {
            attributes.clear();
        }
    }
    all
}

/// What a type is in TOML.
fn kind(name: &str) -> String {
    let inner = |name: &str, wrapper: &str| name.strip_prefix(wrapper).and_then(|rest| rest.strip_suffix('>')).map(kind);
    if let Some(kind) = inner(name, "Option<") {
        return format!("{kind}, or left out");
    }
    if let Some(kind) = inner(name, "Box<") {
        return kind;
    }
    if let Some(kind) = inner(name, "Vec<") {
        return format!("list of {kind}");
    }
    match name {
        "u64" | "u32" | "usize" | "i64" => "whole number".to_owned(),
        "f64" | "f32" => "number".to_owned(),
        "bool" => "true or false".to_owned(),
        "String" => "text".to_owned(),
        other => LEAVES.iter().find(|(leaf, _)| *leaf == other).map_or_else(|| other.to_owned(), |(_, kind)| (*kind).to_owned()),
    }
}

fn describe(path: &str, name: &str, all: &BTreeMap<String, Definition>, page: &mut String) {
    let bare = name.trim_start_matches("Option<").trim_start_matches("Box<").trim_start_matches("Vec<").trim_end_matches('>');
    let Some(definition) = all.get(bare).filter(|_| !LEAVES.iter().any(|(leaf, _)| *leaf == bare)) else { return };
    for (part, kind_of, documentation) in &definition.parts {
        let key = if path.is_empty() { part.clone() } else { format!("{path}.{part}") };
        let inner = kind_of.trim_start_matches("Option<").trim_start_matches("Box<").trim_end_matches('>');
        let (what, deeper) = match all.get(inner) {
            _ if definition.is_enum && kind_of.is_empty() => {
                let _ = writeln!(page, "- `{path} = \"{part}\"`: {documentation}");
                continue;
            }
            Some(of) if !of.is_enum && !LEAVES.iter().any(|(leaf, _)| *leaf == inner) => ("a table".to_owned(), true),
            Some(of) if of.is_enum && !LEAVES.iter().any(|(leaf, _)| *leaf == inner) => ("one of the following".to_owned(), true),
            _ => (kind(kind_of), false),
        };
        let _ = writeln!(page, "- `{key}` ({what}): {documentation}");
        if deeper {
            describe(&key, kind_of, all, page);
        }
    }
}

fn page() -> String {
    let mut text = String::new();
    for folder in ["qas/src", "optim/src", "estimate/src"] {
        sources(&root().join(folder), &mut text);
    }
    text.push_str(&std::fs::read_to_string(root().join("cli/src/commands/search.rs")).expect("text"));
    let mut page = "# Keys of an experiment\n\nA table is written as `[search.best]`, a choice as `[search.agent.dqn]` or `coupling = \"line\"`; \
                    any key can be set on the command line: `--set search.best.prune=false`.\n\n"
        .to_owned();
    describe("", "Experiment", &definitions(&text), &mut page);
    // links of the documentation lead nowhere here
    page.replace("[`", "`").replace("`]", "`")
}

/// To make the page anew: `QLOOM_WRITE_KEYS=1 cargo test --release -p qloom-cli keys`.
#[test]
fn the_page_is_that_of_the_structs() {
    let file = root().join("cli/src/commands/search/keys.md");
    let page = page();
    if std::env::var_os("QLOOM_WRITE_KEYS").is_some() {
        std::fs::write(&file, &page).expect("room");
    }
    assert_eq!(std::fs::read_to_string(&file).expect("text"), page, "the settings changed: make the page anew");
    assert!(page.lines().count() > 80, "{page}");
    assert!(!page.lines().any(|line| line.ends_with(": ")), "a key without documentation: {page}");
}

/// Every key that a run writes into its experiment is on the page that the command prints.
#[test]
fn every_key_is_explained() {
    fn keys(path: &str, table: &toml::Table, found: &mut Vec<String>) {
        for (name, value) in table {
            let key = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            match value {
                toml::Value::Table(inner) if name != "device" => keys(&key, inner, found),
                _ => found.push(key),
            }
        }
    }
    let output = qloom(&["search", "--explain-keys"]).output().expect("it runs");
    let page = String::from_utf8(output.stdout).expect("text");
    let folder = tempfile::tempdir().expect("a folder");
    for (number, file) in ["h2.toml", "h2-noisy.toml"].iter().enumerate() {
        let out = folder.path().join(number.to_string());
        let (file, out) = (format!("experiments/{file}"), out.display().to_string());
        json(&["search", &file, "--set", "search.episodes=0", "--out", &out]);
        let text = std::fs::read_to_string(Path::new(&out).join("experiment.toml")).expect("written");
        let mut found = Vec::new();
        keys("", &toml::from_str(&text).expect("TOML"), &mut found);
        assert!(found.len() > 20);
        for key in found {
            assert!(page.contains(&format!("`{key}`")) || page.contains(&format!("`{key} = ")), "{key} is not explained");
        }
    }
}
