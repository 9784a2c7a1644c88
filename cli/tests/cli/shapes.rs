//! The JSON that commands print: which keys stand at the top, for scripts that read them, and what stands there after a failure.

use serde_json::Value;

use crate::{folder, json, path, qloom};

const CIRCUIT: &str =
    "OPENQASM 3.0; include \"stdgates.inc\"; qubit[2] q; bit[2] c; h q[0]; cx q[0], q[1]; rz(0.3) q[1]; c = measure q;";
const OBSERVABLE: &str = r#"{"n_qubits": 2, "terms": [["XX", 0.5], ["ZZ", -0.25]]}"#;
const TABLE: &str = "a,b,label\n0.1,0.2,up\n0.3,0.9,down\n0.5,0.1,up\n1.2,0.4,down\n";

/// Commands, where A is the circuit, H the observable, T the table and I integrals, and the keys of what they print.
const SHAPES: &[(&str, &str)] = &[
    ("simulate A", "expectation_z num_qubits passes plan_seconds probabilities seconds simd state"),
    (
        "simulate A --shots 10 --observable H --explain",
        "bits counts expectation expectation_z num_qubits passes plan plan_seconds probabilities seconds simd state",
    ),
    ("simulate A --noise depolarizing2=0.01", "expectation_z num_qubits plan_seconds probabilities purity seconds simd state"),
    (
        "simulate A --state trajectories --shots 10 --noise readout=0.1",
        "bits counts distinct_trajectories expectation_z num_qubits plan_seconds probabilities purity seconds shots simd standard_errors state",
    ),
    ("draw A", "num_qubits text"),
    (
        "explain A",
        "branchings courses engine first_level_cache fits instruction_set kind memory_limit num_qubits operations passes peak_bytes refused second_level_cache seconds simulated_qubits state_bytes tile why",
    ),
    ("check A", "files"),
    ("compile A --target line-2", "assumptions depth final_layout initial_layout out qasm seconds target two_qubit_gates"),
    (
        "compile A --target devices/mumbai_median.toml",
        "assumptions depth expected_error expected_error_without_calibration final_layout initial_layout out qasm seconds target two_qubit_gates",
    ),
    ("convert A", "depth num_qubits out qasm two_qubit_gates"),
    ("device show line-3", "couplings gates name num_qubits readout virtual_z"),
    (
        "hamiltonian H",
        "constant ground_energy ground_energy_computed hartree_fock_energy lower_bound name num_qubits num_terms one_norm",
    ),
    ("hamiltonian exact H", "dimension electrons num_qubits states"),
    ("hamiltonian taper H", "constant file num_qubits num_qubits_before num_terms one_norm removed_qubits symmetries"),
    ("hamiltonian model ising --size 3", "constant file ground_energy name num_qubits num_terms one_norm"),
    (
        "hamiltonian build I",
        "constant electrons file global_minimum_is_in_sector ground_electrons ground_energy hartree_fock_bits hartree_fock_energy mapping name num_orbitals num_qubits num_terms one_norm order sector_ground_energy symmetries",
    ),
    ("hamiltonian ansatz I", "file kind num_excitations num_operations num_parameters num_qubits two_qubit_gates"),
    ("gradient A --observable H", "expectation gradient num_parameters num_qubits seconds simd"),
    ("mitigate A --observable H --noise depolarizing2=0.01", "methods noiseless num_qubits shots warnings"),
    ("jones exact 1,1,1", "components jones method reason seconds text value_at_fifth_root writhe"),
    ("jones draw 1,1,1", "braid_word crossings strands text"),
    ("kernel T", "num_qubits rows seconds smallest_eigenvalue"),
    (
        "diagnose kernel T",
        "alignment by_qubits classical complexity concentration effective_dimension num_qubits root_of_rows rows smallest_eigenvalue",
    ),
    ("completions bash", "script shell"),
];

fn arguments(files: &tempfile::TempDir, line: &str) -> Vec<String> {
    let word = |word: &str| match word {
        "A" => path(files, "a.qasm"),
        "H" => path(files, "h.json"),
        "T" => path(files, "t.csv"),
        "I" => "data/molecules/fcidump/H2_0.7414.FCIDUMP".to_owned(),
        "1,1,1" => "1 1 1".to_owned(),
        other => other.to_owned(),
    };
    line.split(' ').map(word).collect()
}

fn files() -> tempfile::TempDir {
    folder(&[("a.qasm", CIRCUIT), ("h.json", OBSERVABLE), ("t.csv", TABLE)])
}

/// One object, with these keys and no others; nothing in it is NaN, which JSON cannot hold and a reader would find as null.
#[test]
fn reports_have_their_keys() {
    let files = files();
    let mut wrong = Vec::new();
    for (line, keys) in SHAPES {
        let words = arguments(&files, line);
        let value = json(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let found: Vec<&str> = value.as_object().expect("an object").keys().map(String::as_str).collect();
        let mut found = found;
        found.sort_unstable();
        if found.join(" ") != *keys {
            wrong.push(format!("{line}\n  {}", found.join(" ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A failure is one object too, with the words of standard error in it.
#[test]
fn failures_are_told_in_json() {
    let files = files();
    let circuit = path(&files, "a.qasm");
    for (words, code) in [
        (vec!["simulate", "nowhere.qasm"], 2),
        (vec!["unitary", &circuit], 2),
        (vec!["compile", &circuit, "--target", "line-1"], 2),
        (vec!["hamiltonian", &circuit], 2),
        (vec!["kernel", &circuit], 2),
        (vec!["jones", "exact", "1 x"], 2),
        (vec!["search", "nowhere.toml"], 2),
        (vec!["train", &circuit], 2),
    ] {
        let output = qloom(&words).arg("--json").output().expect("it runs");
        assert_eq!(output.status.code(), Some(code), "{words:?}");
        let value: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{words:?}: {error}"));
        let told = value["error"].as_str().unwrap_or_else(|| panic!("{words:?}: {value}"));
        let plain = qloom(&words).output().expect("it runs");
        assert!(plain.stdout.is_empty() && plain.status.code() == Some(code), "{words:?}");
        let error = String::from_utf8_lossy(&plain.stderr).into_owned();
        let first = told.lines().next().unwrap_or_default();
        assert!(!first.is_empty() && error.contains(first), "{words:?}: {told} and {error}");
    }
}

/// So is a mistake of the command line itself, before any command begins.
#[test]
fn mistakes_of_the_command_line_are_told_in_json() {
    for (words, told) in [
        (
            &["simulate", "a.qasm", "--shots", "0"][..],
            "invalid value '0' for '--shots <N>': give a whole number of shots from 1 to 9007199254740992, such as 1000 or 1e3",
        ),
        (&["compile", "a.qasm"], "the following required arguments were not provided: --target <NAME|FILE>"),
        (&["draw", "a.qasm", "--wide"], "unexpected argument '--wide' found"),
        (&["simulat", "a.qasm"], "unrecognized subcommand 'simulat'"),
    ] {
        let output = qloom(words).arg("--json").output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        let value: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{words:?}: {error}"));
        assert_eq!(value, serde_json::json!({ "error": told }), "{words:?}");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(error.contains("For more information, try '--help'."), "{error}");
        assert!(qloom(words).output().expect("it runs").stdout.is_empty(), "{words:?}");
    }
    // help and version are results, and text
    let help = qloom(&["simulate", "--help", "--json"]).output().expect("it runs");
    assert!(help.status.success() && help.stdout.starts_with(b"Simulate a circuit"));
}
