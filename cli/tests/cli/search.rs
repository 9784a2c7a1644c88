use crate::{folder, interrupted, json, path, refusal};

#[test]
fn hydrogen_is_found_and_everything_is_written() {
    let out = tempfile::tempdir().expect("a folder");
    let run = path(&out, "run");
    let value = json(&["search", "experiments/h2.toml", "--out", &run]);
    let number = |key: &str| value[key].as_f64().unwrap_or_else(|| panic!("{key} in {value}"));
    assert!(number("error").abs() < 1e-6, "{value}");
    assert!((number("hartree_fock_error") - 0.020_585_787_575_562).abs() < 1e-9);
    assert!(number("random_agent_error") > -1e-9);
    for key in ["energy", "depth", "two_qubit_gates", "gates", "parameters", "evaluations", "seconds"] {
        number(key);
    }
    let qasm = value["qasm"].as_str().expect("a path").to_owned();
    let simulated = json(&["simulate", &qasm, "--observable", "data/molecules/H2_0.7414_4q_jw.json"]);
    assert!((simulated["expectation"].as_f64().expect("a number") - number("energy")).abs() < 1e-10);
    let version3 = qasm.replace("best.qasm", "best.v3.qasm");
    assert!(std::fs::read_to_string(version3).expect("written").starts_with("OPENQASM 3"));
    for name in ["experiment.toml", "meta.json", "events.jsonl", "result.json", "report.html", "best.svg", "policy.safetensors"] {
        assert!(out.path().join("run").join(name).is_file(), "{name}");
    }
    let message = refusal(&["search", "experiments/h2.toml", "--out", &run], 2);
    assert!(message.contains("--resume"), "{message}");
    // a run that ended ends again, alike
    let again = json(&["search", "--resume", &run]);
    assert_eq!(again["energy"], value["energy"]);
}

#[test]
fn under_noise_both_energies_are_reported_and_the_folder_holds_the_device() {
    let out = tempfile::tempdir().expect("a folder");
    let run = path(&out, "run");
    let value = json(&["search", "experiments/h2-noisy.toml", "--set", "search.episodes=40", "--out", &run]);
    let number = |key: &str| value[key].as_f64().unwrap_or_else(|| panic!("{key} in {value}"));
    let qasm = value["qasm"].as_str().expect("a path").to_owned();
    let observable = ["--observable", "data/molecules/H2_0.7414_2q_checksum2.json"];
    let simulated = |options: &[&str]| {
        let arguments = [&["simulate", qasm.as_str()], &observable[..], options].concat();
        json(&arguments)["expectation"].as_f64().expect("a number")
    };
    assert!((simulated(&[]) - number("noiseless_energy")).abs() < 1e-10);
    assert!((number("noiseless_energy") - number("exact_energy") - number("noiseless_error")).abs() < 1e-12);
    // Reading out errs by 0.0225 either way, which lifts the energy further than the gates alone.
    let gates = simulated(&["--state", "pauli-vector", "--device", "data/devices/mumbai_median.toml"]);
    assert!(number("noisy_energy") > gates - 1e-12 && gates > number("noiseless_energy"));
    let experiment = std::fs::read_to_string(out.path().join("run/experiment.toml")).expect("written");
    assert!(experiment.contains("t1_ns") && !experiment.contains("mumbai_median.toml"), "{experiment}");
    let events = std::fs::read_to_string(out.path().join("run/events.jsonl")).expect("written");
    assert!(events.lines().all(|line| line.contains("\"noisy_energy\"") && line.contains("\"noiseless_energy\"")));
    // Resumed with more episodes it is the run that was never stopped.
    json(&["search", "--resume", &run, "--set", "search.episodes=60"]);
    let whole = path(&out, "whole");
    json(&["search", "experiments/h2-noisy.toml", "--set", "search.episodes=60", "--out", &whole]);
    let read = |run: &str, name: &str| std::fs::read(std::path::Path::new(run).join(name)).expect("written");
    for name in ["events.jsonl", "result.json", "best.qasm"] {
        assert!(read(&run, name) == read(&whole, name), "{name}");
    }
}

#[test]
fn every_experiment_with_the_published_settings_starts() {
    let out = tempfile::tempdir().expect("a folder");
    let mut count = 0;
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../experiments")).expect("there") {
        let file = entry.expect("readable").path().display().to_string();
        if !file.ends_with("-published.toml") {
            continue;
        }
        let run = path(&out, &count.to_string());
        let short = ["--set", "search.episodes=1", "--set", "search.environment.max_gates=2"];
        let network = ["--set", "search.agent.dqn.hidden=[8]"];
        let value = json(&[&["search", file.as_str(), "--out", run.as_str()][..], &short, &network].concat());
        assert_eq!(value["episodes"].as_u64(), Some(1), "{file}");
        count += 1;
    }
    assert_eq!(count, 10, "eight of them under noise or shots");
}

#[test]
fn mistakes_in_experiments_are_reported_at_their_line() {
    let files = folder(&[
        ("key.toml", "name = \"a\"\nseed = 1\n[search]\nepisode = 5\n"),
        ("syntax.toml", "name = \"a\"\nseed = \n"),
        ("agent.toml", "name = \"a\"\n[search.agent.dqm]\n"),
        ("none.toml", "name = \"a\"\n[search]\n"),
        ("file.toml", "name = \"a\"\n[search.problem.hamiltonian]\nfile = \"nowhere.json\"\n"),
        ("bad.toml", "name = \"a\"\n[search.problem.hamiltonian]\nfile = \"bad.json\"\n"),
        (
            "device.toml",
            "name = \"a\"\n[search.simulator.pauli-vector]\ndevice = \"nodevice.toml\"\n[search.problem.hamiltonian]\nfile = \"good.json\"\n",
        ),
        ("odd.toml", "name = \"a\"\n[search.simulator.pauli-vector]\nshotz = 5\n"),
        ("good.json", r#"{"n_qubits": 2, "terms": [["XX", 1.0]]}"#),
        ("bad.json", r#"{"n_qubits": 2, "terms": [["XX", 1.0], ["X", 1.0]]}"#),
    ]);
    for (name, expected) in [
        ("key.toml", "line 4"),
        ("syntax.toml", "line 2"),
        ("agent.toml", "dqm"),
        ("none.toml", "[search.problem.hamiltonian]"),
        ("file.toml", "nowhere.json"),
        ("bad.toml", "terms[1]"),
        ("device.toml", "nodevice.toml"),
        ("odd.toml", "shotz"),
        ("missing.toml", "missing.toml"),
    ] {
        let message = refusal(&["search", &path(&files, name), "--out", &path(&files, "run")], 2);
        assert!(message.contains(expected), "{name}: {message}");
    }
    let message = refusal(&["search", "experiments/h2.toml", "--set", "search.epsodes=3"], 2);
    assert!(message.contains("epsodes"), "{message}");
    refusal(&["search", "experiments/h2.toml", "--set", "search.agent.dqn.batch=0", "--out", &path(&files, "run")], 2);
    refusal(&["search"], 2);
}

#[test]
fn broken_run_folders_are_refused_and_kept() {
    let files = folder(&[("note.txt", "mine")]);
    let folder = files.path().display().to_string();
    refusal(&["search", "--resume", &folder], 2);
    refusal(&["search", "experiments/h2.toml", "--out", &folder], 2);
    let run = path(&files, "run");
    json(&["search", "experiments/h2.toml", "--set", "search.episodes=20", "--out", &run]);
    let result = std::fs::read(files.path().join("run/result.json")).expect("a result");
    let state = files.path().join("run/checkpoint/state");
    let whole = std::fs::read(&state).expect("a checkpoint");
    std::fs::write(&state, &whole[..whole.len() / 2]).expect("room");
    let message = refusal(&["search", "--resume", &run], 2);
    assert!(message.contains("checkpoint"), "{message}");
    let meta = std::fs::read_to_string(files.path().join("run/meta.json")).expect("meta data");
    std::fs::write(&state, whole).expect("room");
    std::fs::write(files.path().join("run/meta.json"), meta.replace("\"version\": \"", "\"version\": \"9")).expect("room");
    let message = refusal(&["search", "--resume", &run], 2);
    assert!(message.contains("meta.json"), "{message}");
    assert_eq!(std::fs::read(files.path().join("run/result.json")).expect("a result"), result);
}

#[cfg(unix)]
#[test]
fn an_interrupted_search_saves_and_says_how_to_go_on() {
    let files = folder(&[]);
    let run = path(&files, "run");
    let error = interrupted(&["search", "experiments/lih4.toml", "--out", &run, "--checkpoint-every", "0"], &run);
    assert!(error.contains("--resume"), "{error}");
    let meta = std::fs::read_to_string(files.path().join("run/meta.json")).expect("written");
    assert!(meta.contains("\"interrupted\""), "{meta}");
    let error = interrupted(&["search", "--resume", &run, "--checkpoint-every", "0"], &run);
    assert!(error.contains("--resume"), "{error}");
}
