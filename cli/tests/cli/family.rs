use std::path::Path;

use serde_json::Value;

use crate::{folder, interrupted, json, path, refusal};

const CURVE: &str = "name = \"curve\"\nseed = 3\n[family]\nmembers = [\"molecules/curve/LiH_1.00.json\", \"molecules/curve/LiH_3.00.json\"]\n\
    tests = [\"molecules/curve/LiH_2.00.json\"]\n[search]\nepisodes = 24\n[search.agent.dqn]\nhidden = [16]\nbatch = 8\n\
    [search.environment]\nmax_gates = 6\n[search.environment.observe]\nhamiltonian = true\n";
const REPTILE: &str = "trials = 2\ntrial_episodes = 30\ntrial_error = 0.01\n[family.reptile]\nrounds = 3\nepisodes = 4\n[search]";

fn rows<'a>(report: &'a Value, by: &str) -> Vec<&'a Value> {
    report["points"].as_array().expect("a list").iter().filter(|row| row["by"] == by).collect()
}

#[test]
fn one_agent_serves_several_problems() {
    let files = folder(&[("curve.toml", CURVE)]);
    let out = path(&files, "run");
    let report = json(&["search", "family", &path(&files, "curve.toml"), "--out", &out]);
    assert_eq!((rows(&report, "family").len(), rows(&report, "policy").len()), (2, 3));
    let share = report["evaluations"].as_u64().expect("a count") / 2;
    for by in ["walk", "random"] {
        for row in rows(&report, by) {
            let spent = row["evaluations"].as_f64().expect("a count");
            // a fit that has begun is ended; a walk that has nothing more to try ends earlier
            assert!(spent < share as f64 + 400.0 && (by == "walk" || spent >= share as f64), "{row} {share}");
            assert!(row["error"].as_f64().is_some_and(|error| error > -1e-12 && error < 0.2), "{row}");
        }
    }
    for name in ["policy.safetensors", "points.csv", "trials.csv", "points.svg", "LiH_2.00.json", "report.json"] {
        assert!(Path::new(&out).join(name).is_file(), "{name}");
    }
}

#[test]
fn starts_are_learnt_and_tried() {
    let files = folder(&[("start.toml", &CURVE.replace("[search]\n", &format!("{REPTILE}\n")))]);
    let out = path(&files, "run");
    let report = json(&["search", "family", &path(&files, "start.toml"), "--out", &out]);
    for by in ["drawn", "start"] {
        let found = rows(&report, by);
        assert_eq!(found.len(), 1, "{report}");
        assert_eq!((&found[0]["point"], found[0]["trials"].as_u64()), (&Value::from("LiH_2.00"), Some(2)));
        assert!(found[0]["episodes"].as_f64().is_some_and(|episodes| (1.0..=31.0).contains(&episodes)), "{report}");
    }
    assert!(Path::new(&out).join("start.safetensors").is_file());
}

#[cfg(unix)]
#[test]
fn families_that_are_cut_end_like_those_that_were_not() {
    for (text, weights) in
        [(CURVE.to_owned(), "policy.safetensors"), (CURVE.replace("[search]\n", &format!("{REPTILE}\n")), "start.safetensors")]
    {
        let files = folder(&[("family.toml", &text)]);
        let (whole, cut) = (path(&files, "whole"), path(&files, "cut"));
        json(&["search", "family", &path(&files, "family.toml"), "--out", &whole]);
        interrupted(&["search", "family", &path(&files, "family.toml"), "--out", &cut, "--checkpoint-every", "0"], &cut);
        json(&["search", "family", "--resume", &cut]);
        for name in [weights, "events.jsonl", "experiment.toml", "points.csv", "trials.csv"] {
            let read = |folder: &str| std::fs::read(Path::new(folder).join(name)).expect(name);
            assert!(read(&whole) == read(&cut), "{name} differs");
        }
    }
}

#[test]
fn families_that_do_not_fit_are_refused() {
    for (from, to, word) in [
        ("molecules/curve/LiH_3.00.json", "molecules/LiH_3.4_6q_jw.json", "all have to be as the first"),
        ("molecules/curve/LiH_3.00.json", "molecules/curve/LiH_1.00.json", "two problems of a family are called LiH_1.00"),
        ("LiH_2.00.json", "LiH_2.01.json", "LiH_2.01.json"),
        ("[search.agent.dqn]\nhidden = [16]\nbatch = 8", "[search.agent.local]", "take an agent"),
        ("[search]\n", "[search.problem.hamiltonian]\nfile = \"a.json\"\n[search]\n", "leave it out"),
        ("[search]\n", "trials = 0\n[search]\n", "1 to 1000 trials"),
        ("[search]\n", "trial_error = -1.0\n[search]\n", "trial_error is -1"),
        ("[search]\n", "reptile = { step = 2.0 }\n[search]\n", "reptile.step is 2"),
        ("[search]\n", "reptile = { stp = 0.5 }\n[search]\n", "stp"),
    ] {
        let files = folder(&[("curve.toml", &CURVE.replace(from, to))]);
        let message = refusal(&["search", "family", &path(&files, "curve.toml")], 2);
        assert!(message.contains(word), "{from} -> {to}: {message}");
    }
}

/// A search that begins with the weights and experiences of another one.
#[test]
fn searches_begin_where_others_ended() {
    let files = folder(&[]);
    let (first, second) = (path(&files, "first"), path(&files, "second"));
    let small = [
        "--set",
        "search.episodes=12",
        "--set",
        "search.agent={ dqn = { hidden = [8], batch = 16 } }",
        "--set",
        "search.environment.max_gates=5",
    ];
    json(&[&["search", "experiments/h2.toml", "--out", &first][..], &small].concat());
    let weights = format!("begin.weights=\"{first}/policy.safetensors\"");
    let replay = format!("begin.replay=\"{first}\"");
    let begun = ["--set", &weights, "--set", &replay];
    json(&[&["search", "experiments/h2.toml", "--set", "seed=9", "--out", &second][..], &small, &begun].concat());
    let events = |run: &str| std::fs::read_to_string(Path::new(run).join("events.jsonl")).expect("events");
    let loss =
        |run: &str| serde_json::from_str::<Value>(events(run).lines().next().expect("a line")).expect("JSON")["loss"].is_number();
    assert!(loss(&second), "what was seen before is learnt from in the first episode");
    // going on needs the other run no more
    std::fs::remove_dir_all(&first).expect("it is there");
    json(&["search", "--resume", &second, "--set", "search.episodes=14"]);
    for (key, word) in [(format!("begin.weights=\"{first}/none\""), "begin.weights"), (replay, "not a run folder")] {
        let message = refusal(&[&["search", "experiments/h2.toml", "--out", &first, "--set", &key][..], &small].concat(), 2);
        assert!(message.contains(word), "{message}");
    }
}

/// A policy of one member is a search's: the family of one problem spends what the search does and finds the same.
#[test]
fn a_family_of_one_is_a_search() {
    let one = CURVE.replace(", \"molecules/curve/LiH_3.00.json\"", "").replace("hamiltonian = true", "threshold = true");
    let one = one.replace("tests = [\"molecules/curve/LiH_2.00.json\"]\n", "");
    let alone = one.replace("[family]\nmembers = [\"molecules/curve/LiH_1.00.json\"]\n", "");
    let alone =
        alone.replace("[search.agent", "[search.problem.hamiltonian]\nfile = \"molecules/curve/LiH_1.00.json\"\n[search.agent");
    let files = folder(&[("one.toml", &one), ("alone.toml", &alone)]);
    let (family, search) = (path(&files, "family"), path(&files, "search"));
    let report = json(&["search", "family", &path(&files, "one.toml"), "--out", &family]);
    let found = json(&["search", &path(&files, "alone.toml"), "--out", &search]);
    let best = rows(&report, "family")[0];
    assert_eq!(best["error"].as_f64(), found["best_error"].as_f64().or_else(|| found["error"].as_f64()), "{report} {found}");
    let read = |folder: &str| std::fs::read(Path::new(folder).join("policy.safetensors")).expect("weights");
    assert!(read(&family) == read(&search), "the agent has learnt the same");
    let table = std::fs::read_to_string(Path::new(&family).join("points.csv")).expect("a table");
    assert!(table.starts_with("point,member,by,trials,reached,error,"), "{table}");
    let picture = std::fs::read_to_string(Path::new(&family).join("points.svg")).expect("a picture");
    for by in ["family", "policy", "walk", "random"] {
        assert!(picture.contains(by), "{by} is in the picture");
    }
}

/// What is printed without --json is a table with the same figures.
#[test]
fn families_are_told_in_words() {
    let files = folder(&[("curve.toml", CURVE)]);
    let (first, second) = (path(&files, "first"), path(&files, "second"));
    let output = crate::qloom(&["search", "family", &path(&files, "curve.toml"), "--out", &first]).output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}");
    let report = json(&["search", "family", &path(&files, "curve.toml"), "--out", &second]);
    for row in report["points"].as_array().expect("a list") {
        let (point, by) = (row["point"].as_str().expect("a name"), row["by"].as_str().expect("a name"));
        let error = format!("{:.1e}", row["error"].as_f64().expect("an error"));
        let told = text.lines().any(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            words.first() == Some(&point) && words.contains(&by) && words.contains(&error.as_str())
        });
        assert!(told, "{point} {by} {error} in\n{text}");
    }
    assert!(text.contains(&format!("{} evaluations", report["evaluations"])), "{text}");
}

/// Members and trials are copied: a run goes on without the files it began with, and with more episodes than it was given.
#[test]
fn families_go_on_with_higher_limits() {
    let molecule = |bond: &str| {
        let file = crate::root().join(format!("data/molecules/curve/LiH_{bond}.json"));
        std::fs::read_to_string(file).expect("it is there")
    };
    let text = CURVE.replace("molecules/curve/", "");
    let (near, far, between) = (molecule("1.00"), molecule("3.00"), molecule("2.00"));
    let list = [("curve.toml", text.as_str()), ("LiH_1.00.json", &near), ("LiH_3.00.json", &far), ("LiH_2.00.json", &between)];
    let files = folder(&list);
    let out = path(&files, "run");
    json(&["search", "family", &path(&files, "curve.toml"), "--out", &out]);
    for (name, _) in list {
        std::fs::remove_file(files.path().join(name)).expect("it is there");
    }
    let lines = || std::fs::read_to_string(Path::new(&out).join("events.jsonl")).expect("events").lines().count();
    let before = lines();
    assert_eq!(before, 24 + 2 * 4 + 3, "episodes, and trials of two members and a test");
    // nothing is left to do
    json(&["search", "family", "--resume", &out]);
    assert_eq!(lines(), before);
    // with more episodes all trials are made anew
    let report = json(&["search", "family", "--resume", &out, "--set", "search.episodes=30"]);
    assert_eq!((lines(), rows(&report, "policy").len()), (before + 6 + 2 * 4 + 3, 3));
    let message = refusal(&["search", "family", "--resume", &out, "--set", "search.episodes=5"], 2);
    assert!(message.contains("search.episodes"), "{message}");
    let message = refusal(&["search", "--resume", &out], 2);
    assert!(message.contains("search family"), "{message}");
}
