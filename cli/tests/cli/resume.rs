use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::{json, path, qloom, refusal, root};

/// A search of a second or so, its checkpoints after every episode.
const SETTINGS: [&str; 10] = [
    "--set",
    "seed=11",
    "--set",
    "search.episodes=60",
    "--set",
    "search.agent.dqn.hidden=[16, 16]",
    "--set",
    "search.agent.dqn.batch=8",
    "--set",
    "search.agent.dqn.replay=200",
];

#[test]
fn killed_at_random_moments_and_resumed_it_ends_bit_for_bit_the_same() {
    let files = tempfile::tempdir().expect("a folder");
    let (whole, cut) = (path(&files, "whole"), path(&files, "cut"));
    json(&[&["search", "experiments/lih4.toml", "--out", &whole][..], &SETTINGS].concat());
    let spawn = |arguments: &[&str]| {
        Command::new(assert_cmd::cargo::cargo_bin("qloom"))
            .current_dir(root())
            .args(arguments)
            .args(["--checkpoint-every", "0"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it runs")
    };
    let first = [&["search", "experiments/lih4.toml", "--out", &cut][..], &SETTINGS].concat();
    // moments of a small linear congruence: they differ from run to run of the machine anyway
    let (mut kills, mut moment) = (0, 17u64);
    for round in 0..200 {
        let begun = Path::new(&cut).join("meta.json").is_file();
        if !begun && Path::new(&cut).exists() {
            std::fs::remove_dir_all(&cut).expect("a folder killed before it was complete");
        }
        let mut child = if begun { spawn(&["search", "--resume", &cut]) } else { spawn(&first) };
        moment = (moment * 137 + 29) % 211;
        std::thread::sleep(Duration::from_millis(20 + moment + 10 * round));
        match child.try_wait().expect("a child") {
            Some(status) => {
                assert!(status.success(), "resumption {round} failed");
                break;
            }
            None => {
                child.kill().expect("it runs");
                child.wait().expect("it ends");
                kills += 1;
            }
        }
    }
    assert!(kills >= 2, "the search was too short to be killed");
    for name in ["result.json", "events.jsonl", "best.qasm", "experiment.toml"] {
        let read = |folder: &str| std::fs::read(Path::new(folder).join(name)).expect(name);
        assert!(read(&whole) == read(&cut), "{name} differs after {kills} kills");
    }
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let files = tempfile::tempdir().expect("a folder");
    let run = |threads: &str| {
        let out = path(&files, threads);
        let status = Command::new(assert_cmd::cargo::cargo_bin("qloom"))
            .current_dir(root())
            .args(["search", "experiments/lih4.toml", "--out", &out])
            .args(SETTINGS)
            .env("RAYON_NUM_THREADS", threads)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("it runs");
        assert!(status.success());
        std::fs::read(Path::new(&out).join("result.json")).expect("a result")
    };
    assert!(run("1") == run("2"));
}

/// The second of two processes on one run folder is refused, and a killed one leaves it free.
#[cfg(unix)]
#[test]
fn a_run_folder_has_one_process() {
    let files = tempfile::tempdir().expect("a folder");
    let run = path(&files, "run");
    let long = ["search", "experiments/lih4.toml", "--out", &run, "--set", "search.episodes=100000", "--checkpoint-every", "0"];
    let mut child = Command::new(assert_cmd::cargo::cargo_bin("qloom"))
        .current_dir(root())
        .args(long)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    while !Path::new(&run).join("checkpoint/state").is_file() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let message = refusal(&["search", "--resume", &run], 2);
    assert!(message.contains("in use by process") && message.contains(&child.id().to_string()), "{message}");
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    let resumed = qloom(&["search", "--resume", &run, "--set", "search.episodes=1"]).output().expect("it runs");
    let error = String::from_utf8_lossy(&resumed.stderr);
    assert!(resumed.status.success() && error.contains("has ended"), "{error}");
    assert_eq!(std::fs::read_to_string(Path::new(&run).join("lock")).expect("a lock"), "");
    let message = refusal(&["jones", "benchmark", "--resume", &run], 2);
    assert!(message.contains("qloom search"), "{message}");
}

/// A benchmark is a job as a search is: cut short by a kill and resumed it ends alike.
#[cfg(unix)]
#[test]
fn benchmarks_are_resumed() {
    let files = tempfile::tempdir().expect("a folder");
    let (whole, cut) = (path(&files, "whole"), path(&files, "cut"));
    let command = ["jones", "benchmark", "--strands", "6,7", "--layers", "3", "--instances", "8", "--trajectories", "200"];
    let with = |out: &str| [&command[..], &["--out", out, "--checkpoint-every", "0"]].concat().join(" ");
    let expected = json(&with(&whole).split(' ').collect::<Vec<_>>());
    let mut child = Command::new(assert_cmd::cargo::cargo_bin("qloom"))
        .current_dir(root())
        .args(with(&cut).split(' '))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    while !Path::new(&cut).join("checkpoint/state").is_file() && child.try_wait().expect("a child").is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let _ = child.kill();
    child.wait().expect("it ends");
    let resumed = json(&["jones", "benchmark", "--resume", &cut]);
    assert_eq!(resumed, expected);
    for name in ["benchmark.csv", "benchmark.svg", "events.jsonl", "experiment.toml"] {
        let read = |folder: &str| std::fs::read(Path::new(folder).join(name)).expect(name);
        assert!(read(&whole) == read(&cut), "{name}");
    }
    refusal(&["jones", "benchmark", "--resume", &cut, "--strands", "5"], 2);
}
