//! Searches for states and unitaries that a circuit gives, and for excited states.

use crate::{folder, json, path, refusal};

/// A unitary of two qubits, a state of three, and a chain of spins in a transverse field.
const UNITARY: &str =
    "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[2];\nh q[0];\ncx q[0],q[1];\ns q[1];\nh q[1];\ncx q[0],q[1];\n";
const GHZ: &str = "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[3];\nh q[0];\ncx q[0],q[1];\ncx q[1],q[2];\n";
const STABILIZERS: &str = r#"{"n_qubits":3,"terms":[["ZZI",1.0],["IZZ",1.0],["XXX",1.0]]}"#;
const CHAIN: &str = r#"{"n_qubits":3,"terms":[["ZZI",-1.0],["IZZ",-1.0],["XII",-0.7],["IXI",-0.7],["IIX",-0.7]]}"#;

fn experiment(problem: &str) -> String {
    format!("name = \"t\"\nseed = 1\n[search]\nepisodes = 300\ntarget_error = 1e-7\n[search.problem]\n{problem}\n")
}

#[test]
fn a_state_is_made_and_the_run_goes_on_from_its_copies() {
    let files = folder(&[
        ("ghz.qasm", GHZ),
        ("stabilizers.json", STABILIZERS),
        ("e.toml", &experiment("state = { file = \"ghz.qasm\" }")),
    ]);
    let run = path(&files, "run");
    let value = json(&["search", &path(&files, "e.toml"), "--out", &run]);
    let page = std::fs::read_to_string(files.path().join("run/report.html")).expect("a page");
    assert!(page.contains("found error") && !page.contains("Hartree-Fock"), "{page}");
    assert_eq!(value["stop_reason"], "target-error");
    assert_eq!((&value["unit"], &value["name"]), (&"infidelity".into(), &"ghz".into()));
    assert_eq!(value["two_qubit_gates"], 2, "{value}");
    std::fs::remove_file(files.path().join("ghz.qasm")).expect("it is there");
    let again = json(&["search", "--resume", &run]);
    assert_eq!((&again["energy"], &again["name"]), (&value["energy"], &value["name"]));
    // the only state in which all three of these are 1
    let found = json(&["simulate", &path(&files, "run/best.qasm"), "--observable", &path(&files, "stabilizers.json")]);
    assert!((found["expectation"].as_f64().expect("a number") - 3.0).abs() < 1e-6, "{found}");
}

/// Half of a partly entangled pair, turned: the eigenvalues are the squares of the sine and the cosine that it was made with.
#[test]
fn a_mixed_state_is_diagonalised() {
    let pair =
        "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[2];\nry(0.8) q[0];\ncx q[0],q[1];\nrx(0.7) q[1];\nry(-1.1) q[1];\n";
    let files = folder(&[
        ("pair.qasm", pair),
        ("e.toml", &experiment("diagonal = { file = \"pair.qasm\", qubits = [1] }")),
        ("bad.toml", &experiment("diagonal = { file = \"pair.qasm\", qubits = [2] }")),
    ]);
    let run = path(&files, "run");
    let value = json(&["search", &path(&files, "e.toml"), "--out", &run]);
    assert_eq!((&value["stop_reason"], &value["unit"]), (&"target-error".into(), &"purity".into()));
    let best = std::fs::read_to_string(files.path().join("run/best.qasm")).expect("written");
    let gates: String =
        best.lines().filter(|line| line.contains(" q[0]") && !line.starts_with("qreg")).map(|line| format!("{line}\n")).collect();
    std::fs::write(files.path().join("whole.qasm"), pair.to_owned() + &gates.replace("q[0]", "q[1]")).expect("room");
    let whole = json(&["simulate", &path(&files, "whole.qasm"), "--marginal", "1"]);
    let one = whole["marginals"][0]["probabilities"]["1"].as_f64().expect("there");
    let (sine, cosine) = (0.4f64.sin().powi(2), 0.4f64.cos().powi(2));
    assert!((one - sine).abs() < 1e-4 || (one - cosine).abs() < 1e-4, "{one} {sine}");
    assert_eq!(json(&["search", "--resume", &run])["energy"], value["energy"]);
    assert!(refusal(&["search", &path(&files, "bad.toml")], 2).contains("different qubits"));
}

#[test]
fn a_unitary_is_made_whatever_its_phase() {
    let files = folder(&[("u.qasm", UNITARY), ("e.toml", &experiment("unitary = { file = \"u.qasm\" }"))]);
    let value = json(&["search", &path(&files, "e.toml"), "--out", &path(&files, "run")]);
    assert_eq!(value["stop_reason"], "target-error", "{value}");
    assert!(value["two_qubit_gates"].as_u64().expect("a count") <= 2, "{value}");
}

#[test]
fn the_states_above_are_found_by_avoiding_those_below() {
    let ground = experiment("hamiltonian = { file = \"chain.json\" }");
    let first = experiment("hamiltonian = { file = \"chain.json\", avoid = [\"run/best.qasm\"], lift = 5.0 }");
    let low = experiment("hamiltonian = { file = \"chain.json\", avoid = [\"run/best.qasm\"], lift = 0.1 }");
    let files = folder(&[("chain.json", CHAIN), ("g.toml", &ground), ("f.toml", &first), ("l.toml", &low)]);
    let value = json(&["search", &path(&files, "g.toml"), "--out", &path(&files, "run")]);
    let above = json(&["search", &path(&files, "f.toml"), "--out", &path(&files, "above")]);
    let energies = json(&["hamiltonian", "exact", &path(&files, "chain.json"), "--states", "2"])["states"].clone();
    for (value, state) in [(value, &energies[0]), (above, &energies[1])] {
        let (found, exact) = (value["energy"].as_f64().expect("found"), state["energy"].as_f64().expect("a number"));
        assert!((found - exact).abs() < 2e-7, "{found} {exact}");
    }
    let message = refusal(&["search", &path(&files, "l.toml"), "--out", &path(&files, "none")], 2);
    assert!(message.contains("lift = 0.1") && message.contains("take more than"), "{message}");
}

#[test]
fn circuits_that_give_no_problem_are_refused() {
    let free = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\ninput float a;\nqubit[1] q;\nrx(a) q[0];\n";
    let measured = "OPENQASM 2.0;\nqreg q[1];\ncreg c[1];\nmeasure q[0] -> c[0];\n";
    let large = "OPENQASM 2.0;\nqreg q[8];\n";
    for (text, problem, expected) in [
        (free, "state", "1 free parameters"),
        (measured, "state", "u.qasm"),
        (measured, "unitary", "u.qasm"),
        (large, "unitary", "at most 7"),
    ] {
        let files = folder(&[("u.qasm", text), ("e.toml", &experiment(&format!("{problem} = {{ file = \"u.qasm\" }}")))]);
        let message = refusal(&["search", &path(&files, "e.toml"), "--out", &path(&files, "run")], 2);
        assert!(message.contains(expected), "{message}");
    }
    let files = folder(&[("e.toml", &experiment("state = { file = \"none.qasm\" }"))]);
    assert!(refusal(&["search", &path(&files, "e.toml")], 2).contains("none.qasm is not found"));
}
