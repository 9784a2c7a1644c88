use std::fs;

use serde_json::Value;

use super::{folder, json, path, refusal};

const CIRCUIT: &str = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[3]; creg c[3];
h q[0]; cx q[0],q[1]; ry(0.3) q[2]; cx q[1],q[2]; rz(0.4) q[2]; rx(0.7) q[1]; measure q -> c;";
const OBSERVABLE: &str = r#"{"n_qubits": 3, "constant": 0.1, "terms": [["XXI", 0.5], ["ZZI", -0.25], ["IZZ", 0.75]]}"#;

fn files() -> tempfile::TempDir {
    folder(&[("a.qasm", CIRCUIT), ("h.json", OBSERVABLE)])
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// All figures of trajectories are those of the Pauli vector, within five of their standard errors.
#[test]
fn trajectories_agree_with_the_pauli_vector() {
    let files = files();
    let (file, observable) = (path(&files, "a.qasm"), path(&files, "h.json"));
    for noise in [["--device", "devices/mumbai_max.toml"], ["--noise", "depolarizing1=0.01,depolarizing2=0.05"]] {
        let common = ["simulate", &file, "--observable", &observable, noise[0], noise[1]];
        let exact = json(&[&common[..], &["--state", "pauli-vector", "--repeat", "3"]].concat());
        assert_eq!(exact["seconds"].as_array().map(Vec::len), Some(3));
        let drawn = json(&[&common[..], &["--state", "trajectories", "--shots", "20000", "--seed", "4"]].concat());
        let errors = &drawn["standard_errors"];
        let close = |a: &Value, b: &Value, error: &Value| {
            assert!((number(a) - number(b)).abs() < 5.0 * number(error) + 1e-12, "{a} {b} {error}");
        };
        close(&drawn["expectation"], &exact["expectation"], &errors["expectation"]);
        close(&drawn["purity"], &exact["purity"], &errors["purity"]);
        for qubit in 0..3 {
            close(&drawn["expectation_z"][qubit], &exact["expectation_z"][qubit], &errors["expectation_z"][qubit]);
        }
        for (outcome, p) in exact["probabilities"].as_object().expect("an object") {
            close(&drawn["probabilities"][outcome], p, &errors["probabilities"][outcome]);
        }
        // the expectation values of Z are those of the probabilities
        let sum: f64 = exact["probabilities"]
            .as_object()
            .expect("an object")
            .iter()
            .map(|(o, p)| if o.ends_with('0') { number(p) } else { -number(p) })
            .sum();
        assert!((sum - number(&exact["expectation_z"][0])).abs() < 1e-12);
        let again =
            json(&[&common[..], &["--state", "trajectories", "--shots", "20000", "--seed", "4", "--threads", "1"]].concat());
        assert_eq!(again["counts"], drawn["counts"]);
        assert_eq!(again["expectation"], drawn["expectation"]);
    }
}

#[test]
fn gradients_go_through_noise() {
    let files = files();
    let (file, observable) = (path(&files, "a.qasm"), path(&files, "h.json"));
    let noise = ["--noise", "depolarizing1=0.01,depolarizing2=0.05"];
    let value = json(&[&["gradient", &file, "--observable", &observable][..], &noise].concat());
    let shifted = |angle: f64| {
        fs::write(files.path().join("b.qasm"), CIRCUIT.replace("ry(0.3)", &format!("ry({angle})"))).expect("written");
        let other = path(&files, "b.qasm");
        number(
            &json(&[&["simulate", &other, "--observable", &observable, "--state", "pauli-vector"][..], &noise].concat())["expectation"],
        )
    };
    let half = std::f64::consts::FRAC_PI_2;
    let expected = (shifted(0.3 + half) - shifted(0.3 - half)) / 2.0;
    assert!((number(&value["gradient"][0]) - expected).abs() < 1e-12, "{value} {expected}");
    assert!((number(&value["expectation"]) - shifted(0.3)).abs() < 1e-12);
}

/// Every method undoes most of the noise, and the inversion of read-out errors alone what they did.
#[test]
fn mitigation_comes_nearer() {
    let files = files();
    let (file, observable) = (path(&files, "a.qasm"), path(&files, "h.json"));
    let common = ["mitigate", &file, "--observable", &observable, "--device", "devices/mumbai_median.toml"];
    let value = json(&common);
    let method = |value: &Value, name: &str| {
        let row = value["methods"].as_array().expect("a list").iter().find(|row| row["name"] == name).cloned();
        number(&row.unwrap_or_else(|| panic!("{name} is missing"))["error"]).abs()
    };
    let nothing = method(&value, "nothing");
    assert!(nothing > 0.02);
    assert!(method(&value, "read-out inversion") < nothing);
    for name in ["line to zero noise", "Richardson", "exponential", "error cancellation", "virtual distillation"] {
        assert!(method(&value, name) < 0.25 * nothing, "{name}: {value}");
    }
    let sampled = json(&[&common[..], &["--shots", "100000", "--seed", "1"]].concat());
    assert!((method(&sampled, "nothing") - nothing).abs() < 0.02);
    let cancelled = sampled["methods"].as_array().expect("a list").iter().find(|row| row["name"] == "error cancellation");
    let error = number(&cancelled.expect("there")["standard_error"]);
    assert!(error > 0.0 && method(&sampled, "error cancellation") < 5.0 * error, "{sampled}");
    refusal(&["mitigate", &file, "--observable", &observable], 2);
    refusal(&[&common[..], &["--symmetry", "ZZ"]].concat(), 2);
}

#[test]
fn devices_are_shown_and_their_mistakes_named() {
    let files = files();
    let file = path(&files, "a.qasm");
    let shown = json(&["device", "show", "devices/ourense.toml"]);
    assert_eq!(shown["couplings"].as_array().map(Vec::len), Some(3));
    let broken = |from: &str, to: &str| {
        let text = fs::read_to_string(super::root().join("data/devices/ourense.toml")).expect("it is there");
        assert!(text.contains(from), "{from}");
        fs::write(files.path().join("d.toml"), text.replace(from, to)).expect("written");
        path(&files, "d.toml")
    };
    for (from, to, part) in [
        ("51626.0", "160000.0", "2 T1"),
        ("1.25e-2", "1.25", "1.25"),
        ("76970.0", "-1.0", "T1"),
        ("num_qubits = 4", "num_qubits = 2", "2"),
        ("time_ns = 35.56", "tme_ns = 35.56", "line"),
        ("[51626.0, 28000.0, ", "[", "t2_ns"),
    ] {
        let device = broken(from, to);
        let message = refusal(&["simulate", &file, "--state", "pauli-vector", "--device", &device], 2);
        assert!(message.contains(part), "{to}: {message}");
    }
    // 0-2 are not coupled
    fs::write(files.path().join("b.qasm"), CIRCUIT.replace("cx q[1],q[2]", "cx q[0],q[2]")).expect("written");
    let message =
        refusal(&["simulate", &path(&files, "b.qasm"), "--state", "pauli-vector", "--device", "devices/ourense.toml"], 2);
    assert!(message.contains("not coupled"), "{message}");
    for noise in ["depolarizing1=1.5", "depolarizing1=-0.1", "depolarising1=0.1", "depolarizing1=nan"] {
        refusal(&["simulate", &file, "--state", "pauli-vector", "--noise", noise], 2);
    }
    refusal(&["simulate", &file, "--state", "state-vector", "--noise", "depolarizing1=0.1"], 2);
    refusal(&["simulate", &file, "--state", "trajectories"], 2);
    refusal(&["simulate", &file, "--state", "trajectories", "--shots", "0"], 2);
    refusal(&["device", "show", &file], 2);
}

/// A file of the calibration table that IBM's site exports, with a gap.
#[test]
fn calibration_tables_say_their_gaps() {
    let files = files();
    let table = "Qubit,T1 (us),T2 (us),Readout assignment error ,√x (sx) error ,CNOT error ,Gate time (ns)\n\
        0,100,80,0.02,3e-4,0_1:0.01,0_1:400\n1,50,,0.02,4e-4,1_0:0.01;1_2:0.02,1_0:400;1_2:500\n2,60,70,0.05,5e-4,2_1:0.02,2_1:500\n";
    fs::write(files.path().join("table.csv"), table).expect("written");
    let shown = json(&["device", "show", &path(&files, "table.csv"), "--toml", &path(&files, "own.toml")]);
    let said = shown["assumptions"].to_string();
    assert!(said.contains("T2 of qubit 1") && said.contains("75000"), "{said}");
    let file = path(&files, "a.qasm");
    let simulate = |device: &str| {
        json(&["simulate", &file, "--state", "pauli-vector", "--device", &path(&files, device)])["expectation_z"].clone()
    };
    assert_eq!(simulate("table.csv"), simulate("own.toml"));
}

/// A symmetry that is none is told, by the term it clashes with or the value that the state has.
#[test]
fn symmetries_that_are_none_are_told() {
    let bell = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[2]; h q[0]; cx q[0],q[1];";
    let sum = r#"{"n_qubits": 2, "terms": [["XX", 0.5], ["ZZ", -0.25]]}"#;
    let files = folder(&[("bell.qasm", bell), ("sum.json", sum)]);
    let (file, observable) = (path(&files, "bell.qasm"), path(&files, "sum.json"));
    let warnings = |symmetry: &str| {
        let common = ["mitigate", &file, "--observable", &observable, "--noise", "depolarizing2=0.02", "--symmetry", symmetry];
        let value = json(&common);
        value["warnings"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|text| text.as_str().map(str::to_owned))
            .collect::<Vec<_>>()
    };
    // every word on two qubits, with either value: of the 15 only XX, YY and ZZ are symmetries, with one value each
    let mut right = Vec::new();
    for word in ["IX", "IY", "IZ", "XI", "XX", "XY", "XZ", "YI", "YX", "YY", "YZ", "ZI", "ZX", "ZY", "ZZ"] {
        for value in ["1", "-1"] {
            let symmetry = format!("{word}={value}");
            let told = warnings(&symmetry);
            if told.is_empty() {
                right.push(symmetry);
            } else {
                assert!(told.iter().all(|text| text.contains("--symmetry")), "{told:?}");
            }
        }
    }
    assert_eq!(right, ["XX=1", "YY=-1", "ZZ=1"]);
    let few = ["mitigate", &file, "--observable", &observable, "--noise", "readout=0.1", "--shots", "1e3"];
    assert_eq!(json(&few)["shots"], 1000);
    for wrong in ["0", "18446744073709551615", "1e17"] {
        refusal(&[&few[..7], &[wrong]].concat(), 2);
    }
}
