//! `qloom search horizon`.

use crate::{json, qloom, refusal};

const H2: [&str; 9] = [
    "search",
    "horizon",
    "experiments/h2.toml",
    "--set",
    "search.problem.hamiltonian.file=\"molecules/H2_0.7414_2q_checksum2.json\"",
    "--set",
    "search.environment.target=\"exact\"",
    "--set",
    "search.environment.max_gates=4",
];

#[test]
fn the_horizon_of_hydrogen_is_measured() {
    let more = ["--threshold", "1e-4", "--iterations", "1", "--rollouts", "8", "--runs", "3"];
    let all = [&H2[..], &more].concat();
    let found = json(&all);
    let horizon = &found["horizons"][0];
    assert_eq!((horizon["iterations"].as_u64(), horizon["given_up"].as_bool()), (Some(1), Some(false)), "{found}");
    let rollouts = horizon["rollouts"].as_u64().expect("it is easy");
    let tried = horizon["tried"].as_array().expect("a list");
    assert_eq!(tried.last().expect("one")["rollouts"].as_u64(), Some(rollouts));
    // eight actions: three rotations on each qubit, and a CNOT either way
    let expected = 1.0 + (rollouts as f64).log(8.0);
    assert!((found["horizon"].as_f64().expect("found") - expected).abs() < 1e-9, "{found}");
    let text = qloom(&all).output().expect("it runs");
    assert!(String::from_utf8_lossy(&text.stdout).contains("effective horizon"));
}

#[test]
fn what_cannot_be_measured_is_refused() {
    assert!(refusal(&[&H2[..], &["--threshold", "0"]].concat(), 2).contains("positive"));
    assert!(refusal(&[&H2[..], &["--iterations", "6"]].concat(), 2).contains("1 to 5"));
    assert!(refusal(&["search", "horizon", "experiments/h2-noisy.toml"], 2).contains("state-vector"));
    assert!(refusal(&["search", "horizon", "experiments/searched_classifier.toml"], 2).contains("[train]"));
}
