//! How `qloom explain` and `qloom device` count, against numbers worked out by hand, and what they print.

use serde_json::Value;

use crate::{folder, json, path, qloom, refusal};

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

const HEAD: &str = "OPENQASM 2.0; include \"qelib1.inc\";";

#[test]
fn memory_and_courses_are_counted() {
    let way = "h q[0]; measure q[0] -> c[0]; if (c == 1) x q[1]; reset q[0]; h q[0]; measure q[0] -> c[1];";
    let files = folder(&[
        ("gates.qasm", &format!("{HEAD} qreg q[10]; h q; cx q[0], q[1];")),
        ("way.qasm", &format!("{HEAD} qreg q[3]; creg c[2]; {way}")),
        ("wide.qasm", &format!("{HEAD} qreg q[30]; h q[3]; cx q[3], q[20]; x q[29];")),
        ("idle.qasm", &format!("{HEAD} qreg q[20];")),
    ]);
    let file = |name: &str| path(&files, name);
    let noise = ["--noise", "depolarizing2=0.01"];
    for (arguments, engine, simulated, operations, branchings, bytes) in [
        (vec!["explain", &file("gates.qasm")], "state-vector", 10, 11, 0, 16.0 * 1024.0),
        (vec!["explain", &file("gates.qasm"), "--precision", "f32"], "state-vector", 10, 11, 0, 8.0 * 1024.0),
        (vec!["explain", &file("gates.qasm"), noise[0], noise[1]], "pauli-vector", 10, 11, 0, 8.0 * 1024.0 * 1024.0),
        // the last measurement splits nothing; a state has 16 amplitudes at least, one register of the processor
        (vec!["explain", &file("way.qasm")], "state-vector", 3, 6, 2, 16.0 * 16.0),
        (vec!["explain", &file("wide.qasm")], "state-vector", 3, 3, 0, 16.0 * 16.0),
        (vec!["explain", &file("idle.qasm")], "state-vector", 1, 0, 0, 16.0 * 16.0),
    ] {
        let report = json(&arguments);
        assert_eq!(report["kind"], "circuit");
        assert_eq!(report["engine"], engine, "{arguments:?}");
        assert_eq!(report["simulated_qubits"], simulated, "{arguments:?}");
        assert_eq!((&report["operations"], &report["branchings"]), (&operations.into(), &branchings.into()), "{arguments:?}");
        assert_eq!(number(&report["state_bytes"]), bytes, "{arguments:?}");
        let courses = if engine == "pauli-vector" { 1.0 } else { f64::from(branchings).exp2() };
        assert_eq!(number(&report["courses"]), courses, "{arguments:?}");
        let states = if engine == "pauli-vector" { 1.0 } else { 1.0 + f64::from(branchings) };
        assert_eq!(number(&report["peak_bytes"]), bytes * states, "{arguments:?}");
        assert_eq!(report["fits"], true);
        // what the system says, or the library's defaults; vectors are made for what the machine has
        assert!(number(&report["first_level_cache"]) >= 4096.0 && number(&report["second_level_cache"]) >= 65536.0, "{report}");
        assert!(["scalar", "avx2", "avx512", "neon"].contains(&report["instruction_set"].as_str().expect("a name")), "{report}");
        assert!(report["tile"].is_null(), "no tile was asked for");
        let refused: Vec<&str> =
            report["refused"].as_array().expect("a list").iter().filter_map(|o| o["engine"].as_str()).collect();
        assert!(refused.len() == 3 && !refused.contains(&engine), "{refused:?}");
        assert!(engine == "pauli-vector" || number(&report["seconds"]) > 0.0 || operations == 0);
    }
}

#[test]
fn explanations_are_said_in_words() {
    let files = folder(&[
        ("gates.qasm", &format!("{HEAD} qreg q[10]; h q; cx q[0], q[1];")),
        ("loop.qasm", "OPENQASM 3.0; include \"stdgates.inc\"; qubit q; bit c; while (!c) { h q; c = measure q; }"),
        ("free.qasm", "OPENQASM 3.0; include \"stdgates.inc\"; input float a; qubit q; rx(a) q;"),
    ]);
    let said = |arguments: &[&str]| {
        let output = qloom(arguments).output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let text = said(&["explain", &path(&files, "gates.qasm")]);
    for part in ["16.0000 KiB a state, 16.0000 KiB at the peak", "10, of which 10 are simulated", "at most 1\n", "it fits"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let text = said(&["explain", &path(&files, "loop.qasm")]);
    for part in ["as the program decides", "not known before it runs", "1, of which 1 are simulated"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let program = json(&["explain", &path(&files, "loop.qasm")]);
    assert!(program["courses"].is_null() && program["seconds"].is_null());
    assert!(refusal(&["explain", &path(&files, "free.qasm")], 2).contains("free parameters: a"));
    assert!(refusal(&["explain", &path(&files, "loop.qasm"), "--noise", "readout=0.1"], 2).contains("control flow"));
    json(&["explain", &path(&files, "free.qasm"), "--bind", "a=0.5"]);
}

/// A device that is shown as TOML is the same device when it is read again.
#[test]
fn devices_round_trip_through_their_own_file() {
    let files = folder(&[]);
    let out = path(&files, "again.toml");
    for device in ["heron", "line-4", "grid-2x3", "trapped-ion", "devices/mumbai_median.toml", "data/faults/heron2026.csv"] {
        let shown = json(&["device", "show", device, "--toml", &out]);
        assert_eq!(json(&["device", "show", &out]), shown, "{device}");
        // TOML that another reader takes
        let text = std::fs::read_to_string(&out).expect("written");
        let name = shown["name"].as_str().expect("a name");
        assert!(text.lines().any(|line| line == format!("name = {name:?}")), "{text}");
        let output = qloom(&["device", "show", device]).output().expect("it runs");
        let words = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(words.contains(name), "{words}");
        for gate in shown["gates"].as_array().into_iter().flatten() {
            assert!(words.contains(gate.as_str().expect("a gate")), "{words}");
        }
    }
}

/// Machines by name have the pairs that their names say.
#[test]
fn machines_have_their_pairs() {
    for (device, qubits, pairs) in [
        ("line-1", 1, 0),
        ("line-5", 5, 4),
        ("ring-5", 5, 5),
        ("grid-3x4", 12, 3 * 3 + 2 * 4),
        ("heron", 156, 176),
        ("falcon", 27, 28),
    ] {
        let shown = json(&["device", "show", device]);
        assert_eq!(shown["num_qubits"], qubits, "{device}");
        let mut found: Vec<(u64, u64)> = Vec::new();
        for pair in shown["couplings"].as_array().into_iter().flatten() {
            let end = |place: usize| pair[place].as_u64().expect("a qubit");
            found.push((end(0).min(end(1)), end(0).max(end(1))));
        }
        found.sort_unstable();
        found.dedup();
        assert_eq!(found.len(), pairs, "{device}");
        assert!(found.iter().all(|(a, b)| a < b && *b < qubits), "{device}");
    }
    assert!(json(&["device", "show", "all-to-all"])["couplings"].is_null());
}
