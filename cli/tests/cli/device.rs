use std::fs;

use serde_json::Value;

use super::{folder, json, path, qloom, refusal};

const CIRCUIT: &str = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[2];\nry(0.3) q[0]; cx q[0],q[1]; rz(0.4) q[1]; rx(0.7) q[1];";
const OBSERVABLE: &str = r#"{"n_qubits": 2, "terms": [["XX", 0.5], ["ZZ", -0.25], ["IZ", 0.75]]}"#;

/// Devices in every form, all of two or three qubits.
const OWN: &str = r#"name = "own"
machine = "line-3"
[qubit]
t1_ns = [1e5]
t2_ns = [1.2e5]
readout = [[0.01, 0.02]]
[one_qubit]
time_ns = 35.0
error = 3e-4
[[gate]]
gates = ["cz"]
qubits = [0, 1]
time_ns = 80.0
error = 5e-3
[[gate]]
gates = ["cz"]
qubits = [1, 2]
time_ns = 80.0
error = 1e-3
"#;
const OLD_TARGET: &str = "name = \"mine\"\ngates = [\"rz\", \"sx\", \"x\", \"cx\"]\nnum_qubits = 3\ncouplings = [[0, 1], [1, 2]]\nerrors = [0.01, 0.001]\n";
const OLD_DEVICE: &str = "name = \"old\"\nprovenance = \"made up\"\nfree_diagonal = true\n[qubit]\nt1_ns = [1e5]\nt2_ns = [1.2e5]\n\
    [one_qubit]\ntime_ns = 35.0\n[two_qubit]\ntime_ns = 400.0\ndepolarizing = 1e-2\n";
const PROPERTIES: &str = r#"{"backend_name": "made_up", "last_update_date": "2024-01-01", "qubits": [
    [{"name": "T1", "unit": "us", "value": 100}, {"name": "T2", "unit": "us", "value": 80}, {"name": "readout_error", "value": 0.01}],
    [{"name": "T1", "unit": "us", "value": 50}, {"name": "T2", "unit": "us", "value": 60}, {"name": "readout_error", "value": 0.02}],
    [{"name": "T1", "unit": "us", "value": 50}, {"name": "T2", "unit": "us", "value": 60}, {"name": "readout_error", "value": 0.02}]],
    "gates": [
    {"qubits": [0], "gate": "rz", "parameters": [{"name": "gate_error", "value": 0}, {"name": "gate_length", "unit": "ns", "value": 0}]},
    {"qubits": [0], "gate": "sx", "parameters": [{"name": "gate_error", "value": 3e-4}, {"name": "gate_length", "unit": "ns", "value": 40}]},
    {"qubits": [1, 0], "gate": "ecr", "parameters": [{"name": "gate_error", "value": 0.03}, {"name": "gate_length", "unit": "ns", "value": 400}]},
    {"qubits": [1, 2], "gate": "ecr", "parameters": [{"name": "gate_error", "value": 0.004}, {"name": "gate_length", "unit": "ns", "value": 400}]}]}"#;
const TABLE: &str = "Qubit,T1 (us),T2 (us),Readout assignment error ,√x (sx) error ,CNOT error ,Gate time (ns)\n\
    0,100,80,0.02,3e-4,0_1:0.03,0_1:400\n1,50,60,0.02,4e-4,1_2:0.002,1_2:500\n2,50,60,0.02,4e-4,,\n";

/// The folder, and the names of all devices in it, with their own native gates.
fn forms() -> (tempfile::TempDir, Vec<(String, &'static [&'static str])>) {
    let files = folder(&[
        ("a.qasm", CIRCUIT),
        ("h.json", OBSERVABLE),
        ("own.toml", OWN),
        ("target.toml", OLD_TARGET),
        ("device.toml", OLD_DEVICE),
        ("properties.json", PROPERTIES),
        ("table.csv", TABLE),
    ]);
    let file = |name: &str| path(&files, name);
    let names = vec![
        (file("own.toml"), &["rz", "sx", "x", "cz"][..]),
        (file("target.toml"), &["rz", "sx", "x", "cx"]),
        (file("device.toml"), &["rz", "sx", "x", "cx"]),
        (file("properties.json"), &["rz", "sx", "ecr"]),
        (file("table.csv"), &["rz", "sx", "x", "cx"]),
        ("ring-3".to_owned(), &["rz", "sx", "x", "cz"]),
    ];
    (files, names)
}

/// Names of the gates of a program.
fn gates(program: &str) -> Vec<&str> {
    let statements = program.lines().filter(|line| line.contains("q[") && !line.contains("qubit") && !line.contains("qreg"));
    statements.filter_map(|line| line.split(['(', ' ']).next()).collect()
}

#[test]
fn every_command_takes_every_form_of_a_device() {
    let (files, devices) = forms();
    let (circuit, observable) = (path(&files, "a.qasm"), path(&files, "h.json"));
    for (number, (device, native)) in devices.iter().enumerate() {
        let shown = json(&["device", "show", device]);
        assert!(shown["name"].is_string(), "{device}");
        let out = path(&files, "out.qasm");
        let compiled = json(&["compile", &circuit, "--target", device, "--out", &out]);
        assert!(compiled["two_qubit_gates"].as_u64().is_some_and(|count| count >= 1), "{device}: {compiled}");
        let program = fs::read_to_string(&out).expect("written");
        assert!(!gates(&program).is_empty() && gates(&program).iter().all(|gate| native.contains(gate)), "{device}: {program}");
        let converted = json(&["convert", &circuit, "--target", device]);
        assert_eq!(converted["qasm"].as_str().expect("a program").trim_end(), program.trim_end(), "{device}");
        let noise = ["--observable", observable.as_str(), "--device", device.as_str()];
        let simulated = json(&[&["simulate", circuit.as_str(), "--state", "pauli-vector"][..], &noise].concat());
        let gradient = json(&[&["gradient", circuit.as_str()][..], &noise].concat());
        let mitigated = json(&[&["mitigate", circuit.as_str()][..], &noise].concat());
        let energy = |value: &Value| value.as_f64().expect("a number");
        let nothing = energy(&mitigated["methods"][0]["value"]);
        assert!((energy(&simulated["expectation"]) - nothing).abs() < 1e-12, "{device}");
        assert!((energy(&gradient["expectation"]) - nothing).abs() < 1e-12, "{device}");
        let perfect = device == "ring-3";
        assert_eq!((nothing - energy(&mitigated["noiseless"])).abs() < 1e-12, perfect, "{device}: noise but for the machine");
        let set = format!("search.simulator.pauli-vector.device={device}");
        let run = path(&files, &number.to_string());
        let short = ["--set", "search.episodes=1", "--set", "search.environment.max_gates=2"];
        let search = [&["search", "experiments/h2-noisy.toml", "--set", &set, "--out", &run][..], &short].concat();
        assert_eq!(json(&search)["episodes"].as_u64(), Some(1), "{device}");
        let resolved = fs::read_to_string(files.path().join(format!("{number}/experiment.toml"))).expect("written");
        assert!(!resolved.contains(device.as_str()) || perfect, "{device}: the folder holds the device, not its name");
        json(&["search", "--resume", &run, "--set", "search.episodes=2"]);
    }
}

/// A device that is named in an experiment is looked for beside it.
#[test]
fn experiments_name_devices_in_every_form() {
    let (files, _) = forms();
    for device in ["own.toml", "properties.json", "table.csv", "line-4"] {
        let text = format!(
            "name = \"a\"\n[search]\nepisodes = 1\n[search.problem.hamiltonian]\nfile = \"h.json\"\n[search.agent.random]\n\
             [search.environment]\nmax_gates = 2\n[search.simulator.pauli-vector]\ndevice = \"{device}\"\n"
        );
        fs::write(files.path().join("e.toml"), &text).expect("written");
        let run = path(&files, &format!("run-{device}"));
        json(&["search", &path(&files, "e.toml"), "--out", &run]);
        fs::write(files.path().join("e.toml"), text + "shotz = 3\n").expect("written");
        let message = refusal(&["search", &path(&files, "e.toml"), "--out", &run], 2);
        assert!(message.contains("line 11") && message.contains("shotz"), "{device}: {message}");
    }
}

/// Calibration data choose the qubits: the best pair, not the first.
#[test]
fn calibrated_devices_choose_their_best_qubits() {
    let (files, devices) = forms();
    for (device, _) in devices.iter().filter(|(device, _)| device != "ring-3" && !device.ends_with("device.toml")) {
        let compiled = json(&["compile", &path(&files, "a.qasm"), "--target", device]);
        let mut qubits: Vec<u64> =
            compiled["initial_layout"].as_array().expect("a list").iter().filter_map(Value::as_u64).collect();
        qubits.sort_unstable();
        assert_eq!(qubits, [1, 2], "{device}");
    }
}

#[test]
fn what_is_not_a_device_is_said() {
    let (files, _) = forms();
    let circuit = path(&files, "a.qasm");
    for (name, said) in [
        ("herron", "neither a device file"),
        ("device.txt", "neither a device file"),
        ("nowhere.toml", "not found"),
        ("nowhere.csv", "not found"),
    ] {
        for command in [["compile", &circuit, "--target", name], ["convert", &circuit, "--target", name]] {
            let message = refusal(&command, 2);
            assert!(message.contains(said), "{name}: {message}");
        }
        let message = refusal(&["simulate", &circuit, "--state", "pauli-vector", "--device", name], 2);
        assert!(message.contains(said), "{name}: {message}");
        refusal(&["device", "show", name], 2);
    }
    for (name, text, said) in [
        ("bad.toml", "name = \"x\"\ngatez = 3\n", "line 2"),
        ("bad.json", "{\"backend_name\": 3}", "IBM backend properties"),
        ("bad.csv", "a,b\n1,2\n", "no column"),
    ] {
        fs::write(files.path().join(name), text).expect("written");
        let message = refusal(&["compile", &circuit, "--target", &path(&files, name)], 2);
        assert!(message.contains("is not a device file") && message.contains(said), "{message}");
    }
}

/// What a file does not say is assumed, and said.
#[test]
fn assumptions_are_said() {
    let (files, _) = forms();
    for device in ["device.toml", "table.csv"] {
        let output = qloom(&["compile", &path(&files, "a.qasm"), "--target", &path(&files, device)]).output().expect("it runs");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.contains("native gates") && error.contains("rz, sx, x, cx"), "{error}");
    }
    let output = qloom(&["simulate", &path(&files, "a.qasm"), "--state", "pauli-vector", "--device", "line-2"]).output();
    let error = String::from_utf8_lossy(&output.expect("it runs").stderr).into_owned();
    assert!(error.contains("no calibration data"), "{error}");
}

/// Qubits out of order and lists of calibration data without a size are shown as what they are.
#[test]
fn devices_are_shown_as_their_files_say() {
    let files = folder(&[("two.toml", "name = \"two\"\n[qubit]\nt1_ns = [1e5, 2e5]\nt2_ns = [1e5, 1e5]\n")]);
    let shown = |name: &str| {
        let output = qloom(&["device", "show", name]).output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let two = shown(&path(&files, "two.toml"));
    assert!(two.contains("2, as many as have data") && !two.contains("any number"), "{two}");
    let disabled = shown("data/faults/eagle_disabled.csv");
    assert!(disabled.contains("out of order") && disabled.contains("qubit 2 is not operational; left out"), "{disabled}");
    assert_eq!(json(&["device", "show", "data/faults/heron2026.csv"])["qubit"]["readout_ns"], 2200.0);
}
