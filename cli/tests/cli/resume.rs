use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::{interrupted, json, path, refusal, root};

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
        assert_eq!(begun, Path::new(&cut).exists(), "a folder is complete from its first moment");
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
    let error = interrupted(&["search", "--resume", &run], &run);
    assert!(error.contains("has ended"), "{error}");
    assert!(!Path::new(&run).join("owner.json").exists());
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
    for changed in [["--strands", "5"], ["--native", "cx"], ["--seed", "3"], ["--noise", "readout=0.5"]] {
        refusal(&[&["jones", "benchmark", "--resume", &cut][..], &changed].concat(), 2);
    }
}

/// Two processes that resume one run at the same moment: one has it, the other says who.
#[cfg(unix)]
#[test]
fn of_two_resumptions_one_goes_on() {
    let files = tempfile::tempdir().expect("a folder");
    let run = path(&files, "run");
    json(&["search", "experiments/h2.toml", "--set", "search.episodes=2", "--out", &run]);
    for _ in 0..5 {
        let both: Vec<_> = (0..2)
            .map(|_| {
                Command::new(assert_cmd::cargo::cargo_bin("qloom"))
                    .args(["search", "--resume", &run, "--json"])
                    .stdout(Stdio::piped())
                    .stderr(Stdio::piped())
                    .spawn()
                    .expect("it runs")
            })
            .collect();
        let ends: Vec<_> = both.into_iter().map(|child| child.wait_with_output().expect("it ends")).collect();
        assert!(ends.iter().any(|end| end.status.success()));
        for end in ends.iter().filter(|end| !end.status.success()) {
            let error = String::from_utf8_lossy(&end.stderr);
            assert!(end.status.code() == Some(2) && error.contains("in use by"), "{error}");
        }
    }
    json(&["search", "--resume", &run]);
}

/// What a run cannot change is refused by name, and nothing of the folder changes; limits may be raised.
#[test]
fn resumption_changes_no_history() {
    let files = tempfile::tempdir().expect("a folder");
    let run = path(&files, "run");
    json(&["search", "experiments/h2.toml", "--set", "search.episodes=6", "--set", "search.target_error=1e-30", "--out", &run]);
    let read = |name: &str| std::fs::read(Path::new(&run).join(name)).expect(name);
    let names = ["experiment.toml", "meta.json", "events.jsonl", "result.json", "checkpoint/state", "checksums.json"];
    let before = names.map(read);
    for (change, key) in [
        ("seed=9", "seed"),
        ("name=other", "name"),
        ("search.problem.hamiltonian.file=molecules/other.json", "search.problem.hamiltonian.file"),
        ("search.agent.dqn.batch=7", "search.agent.dqn.batch"),
        ("search.agent.random={}", "search.agent"),
        ("search.best.prune=false", "search.best.prune"),
        ("search.environment.max_gates=3", "search.environment.max_gates"),
        ("search.episodes=5", "search.episodes"),
        ("search.target_error=1e-3", "search.target_error"),
        ("search.evaluations=10", "search.evaluations"),
        ("search.simulator.pauli-vector={}", "search.simulator"),
    ] {
        let message = refusal(&["search", "--resume", &run, "--set", change], 2);
        assert!(message.contains(key), "{change}: {message}");
        assert!(names.map(read) == before, "{change}");
    }
    let value = json(&["search", "--resume", &run, "--set", "search.episodes=8", "--set", "search.target_error=1e-31"]);
    assert_eq!(value["episodes"], 8);
    let whole = path(&files, "whole");
    json(&["search", "experiments/h2.toml", "--set", "search.episodes=8", "--set", "search.target_error=1e-31", "--out", &whole]);
    for name in ["experiment.toml", "events.jsonl", "result.json"] {
        assert!(read(name) == std::fs::read(Path::new(&whole).join(name)).expect(name), "{name}");
    }
}

/// A finished run whose checkpoint is gone is no reason to begin anew, and its events stay.
#[test]
fn a_missing_checkpoint_is_no_restart() {
    let files = tempfile::tempdir().expect("a folder");
    let run = path(&files, "run");
    json(&["search", "experiments/h2.toml", "--set", "search.episodes=5", "--out", &run]);
    let place = |name: &str| Path::new(&run).join(name);
    let events = std::fs::read(place("events.jsonl")).expect("there");
    std::fs::remove_file(place("checkpoint/state")).expect("there");
    let message = refusal(&["search", "--resume", &run], 2);
    assert!(message.contains("checkpoint/state"), "{message}");
    assert_eq!(std::fs::read(place("events.jsonl")).expect("there"), events);
}

/// A file that grows no more stands for a full disk: whatever of a run does not fit, the last checkpoint is whole.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_last_checkpoint() {
    let files = tempfile::tempdir().expect("a folder");
    let binary = assert_cmd::cargo::cargo_bin("qloom").display().to_string();
    // blocks of 512 bytes or of a KiB, as the shell has it
    for blocks in [1, 8, 24, 40, 64] {
        let run = path(&files, &blocks.to_string());
        let script = format!(
            "trap '' XFSZ; ulimit -f {blocks}; exec {binary} search experiments/h2.toml --set search.episodes=300 \
             --set search.agent.dqn.replay=64 --checkpoint-every 0 --out {run}"
        );
        let done = Command::new("sh").current_dir(root()).args(["-c", &script]).output().expect("it runs");
        let error = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.code() == Some(1) && !error.contains("panicked"), "{blocks}: {error}");
        if Path::new(&run).exists() {
            let error = interrupted(&["search", "--resume", &run, "--checkpoint-every", "0"], &run);
            assert!(!error.contains("damaged"), "{blocks}: {error}");
        }
    }
}

/// Estimates and the circuits of jobs, killed again and again, end like those that were not.
#[cfg(unix)]
#[test]
fn jobs_about_links_are_resumed() {
    let files = tempfile::tempdir().expect("a folder");
    let estimate = "jones estimate-local [1,-2,3,-4,5,-6,7,-8,1,2,3] --shots 30000 --noise depolarizing2=2e-3,readout=0.01";
    let circuits = "jones circuits [1,-2,3,-4,5,-6,7] --shots 4000 --strings 120";
    for (number, command) in [estimate, circuits].into_iter().enumerate() {
        let (whole, cut) = (path(&files, &format!("whole{number}")), path(&files, &format!("cut{number}")));
        let words = |out: &str, rest: &str| -> Vec<String> {
            format!("{command} --out {out} {rest}").split_whitespace().map(str::to_owned).collect()
        };
        let run = |words: &[String]| json(&words.iter().map(String::as_str).collect::<Vec<_>>());
        run(&words(&whole, ""));
        let resume: Vec<String> = format!("{} --resume {cut}", command.split(' ').take(2).collect::<Vec<_>>().join(" "))
            .split(' ')
            .map(str::to_owned)
            .collect();
        // Waits grow from kill to kill; where the job ends before the second it begins anew with shorter ones.
        let (mut kills, mut first) = (0, Duration::from_millis(16));
        while kills < 12 {
            let begun = Path::new(&cut).join("meta.json").is_file();
            assert_eq!(begun, Path::new(&cut).exists(), "a folder is complete from its first moment");
            let mut child = Command::new(assert_cmd::cargo::cargo_bin("qloom"))
                .current_dir(root())
                .args(if begun { resume.clone() } else { words(&cut, "") })
                .args(["--checkpoint-every", "0"])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("it runs");
            std::thread::sleep(first + first * kills / 2);
            if child.try_wait().expect("a child").is_none() {
                child.kill().expect("it runs");
                child.wait().expect("it ends");
                kills += 1;
            } else if kills >= 2 {
                break;
            } else {
                first /= 2;
                assert!(first > Duration::from_micros(100), "{command} is too short to be killed");
                kills = 0;
                std::fs::remove_dir_all(&cut).expect("a run that has ended");
            }
        }
        run(&if Path::new(&cut).exists() { resume } else { words(&cut, "") });
        for entry in std::fs::read_dir(&whole).expect("a folder") {
            let name = entry.expect("readable").file_name();
            let name = name.to_str().expect("text");
            let same = !matches!(name, "meta.json" | "checksums.json" | "lock" | "checkpoint");
            let read = |folder: &str| std::fs::read(Path::new(folder).join(name)).expect(name);
            assert!(!same || read(&whole) == read(&cut), "{name} of {command} differs after {kills} kills");
        }
    }
}
