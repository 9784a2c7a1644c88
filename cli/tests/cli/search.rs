use crate::{folder, interrupted, json, path, qloom, refusal};

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
    for name in ["experiment.toml", "meta.json", "events.jsonl", "result.json", "report.html", "best.svg", "front.csv"] {
        assert!(out.path().join("run").join(name).is_file(), "{name}");
    }
    // the circuits of the front are those that it says
    let front = value["front"].as_array().expect("a front");
    assert!(front.len() > 1);
    for point in front {
        let file = path(&out, &format!("run/{}", point["file"].as_str().expect("a name")));
        let simulated = json(&["simulate", &file, "--observable", "data/molecules/H2_0.7414_4q_jw.json"]);
        assert!(
            (simulated["expectation"].as_f64().expect("a number") - point["energy"].as_f64().expect("a number")).abs() < 1e-10
        );
    }
    let message = refusal(&["search", "experiments/h2.toml", "--out", &run], 2);
    assert!(message.contains("--resume"), "{message}");
    // a run that ended ends again, alike
    let again = json(&["search", "--resume", &run]);
    assert_eq!(again["energy"], value["energy"]);
}

#[test]
fn an_agent_that_learns_leaves_its_policy() {
    let out = tempfile::tempdir().expect("a folder");
    let run = path(&out, "run");
    json(&["search", "experiments/h2.toml", "--set", "search.agent={ dqn = {} }", "--set", "search.episodes=3", "--out", &run]);
    assert!(out.path().join("run/policy.safetensors").is_file());
}

#[test]
fn searches_are_compared_on_one_page() {
    let out = tempfile::tempdir().expect("a folder");
    let mut runs = Vec::new();
    for (agent, seed) in [("local", 1), ("local", 2), ("annealing", 1)] {
        let run = path(&out, &format!("{agent}-{seed}"));
        let (agent, seed) = (format!("search.agent={{ {agent} = {{}} }}"), format!("seed={seed}"));
        json(&["search", "experiments/h2.toml", "--set", &agent, "--set", &seed, "--set", "search.episodes=12", "--out", &run]);
        runs.push(run);
    }
    let (page, table, events) = (path(&out, "page.html"), path(&out, "table.csv"), path(&out, "events"));
    let runs: Vec<&str> = runs.iter().map(String::as_str).collect();
    let value = json(&[&["report"][..], &runs, &["--out", &page, "--csv", &table, "--tensorboard", &events]].concat());
    // a file a run, of as many records as their lengths say, the first the version
    let files = value["tensorboard"].as_array().expect("files");
    assert_eq!(files.len(), runs.len());
    for file in files {
        let bytes = std::fs::read(file.as_str().expect("a path")).expect("written");
        let (mut rest, mut records) = (&bytes[..], Vec::new());
        while let Some((length, after)) = rest.split_first_chunk::<8>() {
            let length = u64::from_le_bytes(*length) as usize;
            records.push(&after[4..4 + length]);
            rest = &after[length + 8..];
        }
        let tagged = |tag: &[u8]| records.iter().filter(|record| record.windows(tag.len()).any(|part| part == tag)).count();
        assert!(rest.is_empty() && tagged(b"brain.Event:2") == 1 && tagged(b"best/error") > 5, "{file}");
        assert_eq!(tagged(b"best/error"), tagged(b"curriculum/threshold"));
    }
    let groups = value["groups"].as_array().expect("groups");
    assert_eq!(groups.len(), 2);
    assert_eq!((groups[0]["agent"].as_str(), groups[0]["seeds"].as_array().map(Vec::len)), (Some("local"), Some(2)));
    let spread = &groups[0]["error"];
    assert!(spread["lowest"].as_f64() <= spread["median"].as_f64() && spread["median"].as_f64() <= spread["highest"].as_f64());
    let html = std::fs::read_to_string(&page).expect("written");
    assert!(html.contains("<svg") && html.contains("annealing"), "{html}");
    // nothing is fetched: the only addresses are names of formats
    assert_eq!(html.matches("http").count(), html.matches("http://www.w3.org").count());
    assert_eq!(std::fs::read_to_string(&table).expect("written").lines().count(), 4);
    // a folder of no search is refused by its name
    let empty = path(&out, "");
    assert!(refusal(&["report", &empty, "--out", &page], 2).contains("meta.json"));
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
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../experiments/crlqas")).expect("there") {
        let file = entry.expect("readable").path().display().to_string();
        let run = path(&out, &count.to_string());
        let short = ["--set", "search.episodes=1", "--set", "search.environment.max_gates=2"];
        let network = ["--set", "search.agent.dqn.hidden=[8]"];
        let value = json(&[&["search", file.as_str(), "--out", run.as_str()][..], &short, &network].concat());
        assert_eq!(value["episodes"].as_u64(), Some(1), "{file}");
        count += 1;
    }
    assert_eq!(count, 13, "nine of them under noise or shots");
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

/// The experiment that a run wrote runs elsewhere, with the copy of the Hamiltonian beside it.
#[test]
fn the_experiment_of_a_run_runs_elsewhere() {
    let files = folder(&[]);
    let (first, second) = (path(&files, "first"), path(&files, "second"));
    let value = json(&["search", "experiments/h2.toml", "--set", "search.episodes=3", "--out", &first]);
    let elsewhere = folder(&[]);
    for name in ["experiment.toml", "hamiltonian.json"] {
        std::fs::copy(files.path().join("first").join(name), elsewhere.path().join(name)).expect("a copy");
    }
    let again = json(&["search", &path(&elsewhere, "experiment.toml"), "--out", &second]);
    assert_eq!(value["energy"], again["energy"]);
    let read = |name: &str| std::fs::read(files.path().join(name)).expect("written");
    assert!(read("first/experiment.toml") == read("second/experiment.toml"));
    assert!(read("first/events.jsonl") == read("second/events.jsonl"));
}

#[test]
fn a_search_without_episodes_names_no_circuit() {
    let files = folder(&[]);
    let run = path(&files, "run");
    let value = json(&["search", "experiments/h2.toml", "--set", "search.episodes=0", "--out", &run]);
    assert!(value["qasm"].is_null() && value["energy"].is_null(), "{value}");
    let page = std::fs::read_to_string(files.path().join("run/report.html")).expect("a page");
    assert!(page.contains("<th>seed</th>") && page.contains("<th>problem</th>"), "{page}");
}

/// A spin chain with its own unit and couplings.
#[test]
fn another_problem_has_its_own_words() {
    let chain = r#"{"name": "Ising chain", "n_qubits": 3, "terms": [["ZZI", -1], ["IZZ", -1], ["XII", -0.8], ["IXI", -0.8], ["IIX", -0.8]]}"#;
    let experiment = "name = \"ising\"\n[search]\nepisodes = 4\n[search.problem.hamiltonian]\nfile = \"chain.json\"\nunit = \"J\"\n\
                      [search.environment]\nmax_gates = 8\n[search.environment.actions]\ncoupling = \"line\"\n";
    let files = folder(&[("chain.json", chain), ("ising.toml", experiment)]);
    let run = path(&files, "run");
    let output = qloom(&["search", &path(&files, "ising.toml"), "--out", &run]).output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains(" J\n") && !text.contains("hartree"), "{text}");
    let read = |name: &str| std::fs::read_to_string(files.path().join("run").join(name)).expect("written");
    let page = read("report.html");
    assert!(page.contains("error / J") && !page.contains("chemical accuracy") && page.contains("viewBox"));
    assert!(read("experiment.toml").contains("coupling = \"line\""));
    for line in read("best.qasm").lines().filter(|line| line.starts_with("cx")) {
        assert!(!(line.contains("q[0]") && line.contains("q[2]")), "{line}");
    }
    for (change, words) in [
        ("search.environment.actions.coupling=star", "\"ring\""),
        ("search.environment.actions.gates=[\"hh\"]", "rzz"),
        ("search.agent.dqm={}", "random"),
        ("search.environment.target=best", "lower-bound"),
        ("search.minimizer.adam={}", "rotosolve"),
    ] {
        let message = refusal(&["search", &path(&files, "ising.toml"), "--set", change, "--out", &path(&files, "no")], 2);
        assert!(message.contains(words), "{change}: {message}");
    }
}

/// Work that listens to no signal ends within two seconds or so, whatever it does.
#[cfg(unix)]
#[test]
fn every_long_work_is_ended_by_a_signal() {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};
    let mut terms: Vec<String> = Vec::new();
    for (index, number) in (0..1200u64).map(|k| (k, k.wrapping_mul(0x9e37_79b9_7f4a_7c15))) {
        let word: String = (0..14).map(|qubit| ['I', 'X', 'Y', 'Z'][(number >> (2 * qubit + 20) & 3) as usize]).collect();
        terms.push(format!("[\"{word}\", 0.{index}1]"));
    }
    let large = format!("{{\"n_qubits\": 14, \"terms\": [{}]}}", terms.join(", "));
    let experiment = "name = \"large\"\n[search.problem.hamiltonian]\nfile = \"large.json\"\n";
    let files = folder(&[("large.json", &large), ("large.toml", experiment)]);
    let word = "1 -2 3 -4 5 -6 7 -8 9 -10 11 -12 13 -14 15 -16 17 -18 19 -20 21 -22 23 -24 25 -26 27 -28 29 -30 31 -32 33 -34 "
        .repeat(30);
    let (file, out) = (path(&files, "large.toml"), path(&files, "run"));
    for (signal, arguments) in [
        ("-INT", vec!["search", &file, "--out", &out]),
        ("-TERM", vec!["jones", "exact", &word, "--method", "random-vector", "--vectors", "1000"]),
        ("-INT", vec!["jones", "estimate-local", "1 -2 1 -2 3 -2", "--shots", "1e9", "--noise", "depolarizing2=0.1"]),
        ("-TERM", vec!["jones", "benchmark", "--strands", "14", "--layers", "20", "--trajectories", "100000"]),
        ("-TERM", vec!["jones", "exact", &word]),
    ] {
        let mut child = Command::new(assert_cmd::cargo::cargo_bin("qloom"))
            .current_dir(crate::root())
            .args(&arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it runs");
        std::thread::sleep(Duration::from_millis(400));
        if child.try_wait().expect("a child").is_some() {
            continue; // a machine so fast, or one with too little memory, has nothing to end
        }
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill runs").success());
        let start = Instant::now();
        let status = child.wait().expect("it ends");
        assert!(start.elapsed() < Duration::from_secs(5), "{arguments:?} took {:?}", start.elapsed());
        assert_ne!(status.code(), Some(0), "{:?}", &arguments[..2]);
    }
}

/// Every kind of input is found in the data folder, as devices are, and a file at its path comes first.
#[test]
fn inputs_are_found_in_the_data_folder() {
    let molecule = "molecules/H2_0.7414_2q_checksum2.json";
    let circuit = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[2]; x q[0];";
    let files = folder(&[("a.qasm", circuit)]);
    let file = path(&files, "a.qasm");
    let value = json(&["simulate", &file, "--observable", molecule]);
    assert!(value["expectation"].is_f64());
    json(&["mitigate", &file, "--observable", molecule, "--device", "devices/mumbai_median.toml"]);
    json(&["hamiltonian", molecule]);
    json(&["jones", "exact", "--file", "knots/knots.csv"]);
    let message = refusal(&["hamiltonian", "molecules/nowhere.json"], 2);
    assert!(message.contains("data/"), "{message}");
}

/// A search by this agent with the excitations of a molecule; the energies of its rounds beside.
fn with_pool(molecule: &[&str], kind: &str, file: &str, agent: &str) -> (serde_json::Value, Vec<f64>) {
    let out = tempfile::tempdir().expect("a folder");
    let (pool, run) = (path(&out, "pool.json"), path(&out, "run"));
    json(&[&["hamiltonian", "ansatz"], molecule, &["--kind", kind, "--pool", &pool]].concat());
    let (pool, agent) = (format!("search.problem.hamiltonian.pool=\"{pool}\""), format!("search.agent={{ {agent} }}"));
    let file = format!("search.problem.hamiltonian.file=\"molecules/{file}.json\"");
    let settings = ["--set", &pool, "--set", &agent, "--set", &file, "--out", &run];
    let value = json(&[&["search", "experiments/h2.toml"], &settings[..]].concat());
    assert_eq!(value["stop_reason"], "converged", "{value}");
    let energy = |line: &str| {
        let event: serde_json::Value = serde_json::from_str(line).expect("JSON");
        event["energy"].as_f64()
    };
    let events = std::fs::read_to_string(out.path().join("run/events.jsonl")).expect("written");
    // what the folder holds is enough to read it again
    assert_eq!(json(&["search", "--resume", &run])["energy"], value["energy"]);
    (value, events.lines().filter_map(energy).collect())
}

#[test]
fn ansaetze_of_chemistry_are_rivals() {
    let number = |value: &serde_json::Value, key: &str| value[key].as_f64().unwrap_or_else(|| panic!("{key} in {value}"));
    // two electrons in two orbitals: singles and doubles are all there is
    let hydrogen = ["data/molecules/fcidump/H2_0.70.FCIDUMP"];
    let (value, energies) = with_pool(&hydrogen, "uccsd", "H2_0.70_4q_jw", "product = {}");
    assert!(number(&value, "error").abs() < 1e-9 && energies.len() == 2, "{value}");
    assert!((energies[0] - -1.117_349_034_990).abs() < 1e-10, "the first round is Hartree-Fock");
    // the double excitation is all that is needed: published 13 CNOTs of a qubit excitation, 9 of a coupled exchange
    for (kind, cnots) in [("qubit-excitation", 13), ("coupled-exchange", 9), ("uccsd", 13)] {
        let (value, energies) = with_pool(&hydrogen, kind, "H2_0.70_4q_jw", "adapt = {}");
        assert!(number(&value, "error").abs() < 1e-9 && energies.len() == 3, "{kind} {value}");
        assert_eq!(value["two_qubit_gates"], cnots, "{kind}");
    }
    // two electrons in three orbitals, in two encodings: energies never rise, and where the slopes end little is left
    for (options, kind, file) in [
        (vec!["--mapping", "parity", "--order", "blocked", "--two-qubit-reduction"], "uccsd", "LiH_3.4_4q_parity_2qr"),
        (vec![], "qubit-excitation", "LiH_3.4_6q_jw"),
    ] {
        let molecule = [&["data/molecules/fcidump/LiH_3.4.FCIDUMP"], &options[..]].concat();
        let (value, energies) = with_pool(&molecule, kind, file, "adapt = {}");
        assert!(energies.windows(2).all(|pair| pair[1] <= pair[0] + 1e-12), "{energies:?}");
        assert!((energies[0] - -7.670_060_349_511).abs() < 1e-10);
        assert!(number(&value, "error").abs() < 1e-4, "{value}");
    }
    let out = tempfile::tempdir().expect("a folder");
    let (pool, run) = (path(&out, "pool.json"), path(&out, "run"));
    let search = |text: &str| {
        std::fs::write(&pool, text).expect("written");
        let set = format!("search.problem.hamiltonian.pool=\"{pool}\"");
        refusal(&["search", "experiments/h2.toml", "--set", &set, "--set", "search.agent={ adapt = {} }", "--out", &run], 2)
    };
    assert!(search(r#"{"n_qubits": 2, "excitations": [{"label": "a", "terms": [["XY", 1], ["XX", 1]]}]}"#).contains("commute"));
    assert!(search(r#"{"n_qubits": 2, "excitations": [{"label": "a", "terms": [["XYZ", 1]]}]}"#).contains("3 letters"));
    assert!(search(r#"{"n_qubits": 2, "excitations": []}"#).contains("no operators"));
}

/// A search begins with the circuit of another, fitted or fixed; its folder holds the circuit, and a resumed run is one that was not cut.
#[test]
fn a_search_begins_with_the_circuit_of_a_file() {
    let out = tempfile::tempdir().expect("a folder");
    let first = path(&out, "first");
    json(&["search", "experiments/h2.toml", "--set", "search.episodes=2", "--out", &first]);
    let circuit = format!("{first}/best.qasm");
    let before = json(&["simulate", &circuit, "--observable", "data/molecules/H2_0.7414_4q_jw.json"]);
    let gates =
        std::fs::read_to_string(&circuit).expect("written").lines().filter(|line| line.ends_with("];")).count() as u64 - 1;
    for (agent, fixed) in [("local", "false"), ("random", "true")] {
        let start = format!("search.environment.start={{ qasm = {{ file = \"{circuit}\", fixed = {fixed} }} }}");
        let agent = format!("search.agent={{ {agent} = {{}} }}");
        let settings = ["search", "experiments/h2.toml", "--set", &start, "--set", &agent, "--set", "search.target_error=-1"];
        let run = |name: &str, episodes: &str| {
            let folder = path(&out, &format!("{name}-{fixed}"));
            (json(&[&settings[..], &["--set", episodes, "--out", &folder]].concat()), folder)
        };
        let (value, whole) = run("whole", "search.episodes=6");
        assert!(value["energy"].as_f64() <= before["expectation"].as_f64().map(|energy| energy + 1e-9), "{value}");
        assert!(fixed == "false" || value["gates"].as_u64() >= Some(gates), "{value} {gates}");
        let (_, cut) = run("cut", "search.episodes=3");
        assert!(std::path::Path::new(&cut).join("start.qasm").is_file());
        json(&["search", "--resume", &cut, "--set", "search.episodes=6"]);
        for name in ["events.jsonl", "result.json", "best.qasm"] {
            let read = |run: &str| std::fs::read(std::path::Path::new(run).join(name)).expect("written");
            assert!(read(&cut) == read(&whole), "{name}");
        }
    }
    let other = "search.environment.start={ qasm = { file = \"molecules/H2_0.7414_2q_checksum2.json\" } }";
    refusal(&["search", "experiments/h2.toml", "--set", other, "--out", &path(&out, "other")], 2);
}

/// Gadgets of finished runs are actions of a search on another molecule of another size; a resumed run has its copy of them.
#[test]
fn gadgets_are_mined_and_used() {
    let out = tempfile::tempdir().expect("a folder");
    let runs: Vec<String> = (1..=2)
        .map(|seed| {
            let run = path(&out, &format!("run-{seed}"));
            let (seed, episodes) = (format!("seed={seed}"), "search.episodes=40");
            json(&["search", "experiments/h2.toml", "--set", &seed, "--set", episodes, "--out", &run]);
            run
        })
        .collect();
    let file = path(&out, "gadgets.json");
    let options = ["--least-gates", "2", "--out", &file];
    let mined = json(&[&["search", "gadgets", &runs[0], &runs[1]][..], &options].concat());
    let gadgets = mined["gadgets"].as_array().expect("a list");
    assert!(!gadgets.is_empty() && mined["runs"] == 2, "{mined}");
    assert!(gadgets.iter().all(|gadget| gadget["circuits"].as_u64() >= Some(2) && gadget["gain"].as_f64() <= Some(1.0)));
    let text = qloom(&[&["search", "gadgets", &runs[0], &runs[1]][..], &options].concat()).output().expect("it runs");
    assert!(String::from_utf8_lossy(&text.stdout).contains("cx"), "{text:?}");
    let set = format!("search.environment.actions.gadgets={{ file = \"{file}\" }}");
    let settings = ["search", "experiments/lih4.toml", "--set", &set, "--set", "search.agent={ random = {} }"];
    let run = |name: &str, episodes: &str| {
        let folder = path(&out, name);
        json(&[&settings[..], &["--set", episodes, "--out", &folder]].concat());
        folder
    };
    let (whole, cut) = (run("whole", "search.episodes=4"), run("cut", "search.episodes=2"));
    std::fs::remove_file(&file).expect("there");
    json(&["search", "--resume", &cut, "--set", "search.episodes=4"]);
    for name in ["events.jsonl", "result.json", "best.qasm", "gadgets.json"] {
        let read = |run: &str| std::fs::read(std::path::Path::new(run).join(name)).expect("written");
        assert!(read(&cut) == read(&whole), "{name}");
    }
    assert!(refusal(&["search", "gadgets", &path(&out, ""), "--out", &file], 2).contains("result.json"));
    assert!(refusal(&["search", "gadgets", &runs[0], "--out", &file, "--most-gates", "13"], 2).contains("12"));
    std::fs::write(&file, "{\"gadgets\": [\n{\"gates\": [{\"gate\": \"foo\", \"qubits\": [0]}]}]}").expect("room");
    let message = refusal(&[&settings[..], &["--out", &path(&out, "bad")]].concat(), 2);
    assert!(message.contains("foo") && message.contains("line 2"), "{message}");
}

/// The report says how many fits were used again.
#[test]
fn kept_fits_are_counted() {
    let out = tempfile::tempdir().expect("a folder");
    let settings = ["--set", "search.agent={ random = {} }", "--set", "search.objective.cache={}", "--set", "search.episodes=20"];
    let value = json(&[&["search", "experiments/h2.toml"][..], &settings, &["--out", &path(&out, "run")]].concat());
    assert!(value["cache_hits"].as_u64() > Some(0), "{value}");
}
