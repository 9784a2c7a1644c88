//! What a search measures for its report, episodes side by side.

use crate::{json, path, qloom, refusal};

const FLOW: [&str; 12] = [
    "search",
    "experiments/h2.toml",
    "--set",
    "search.problem.hamiltonian.file=\"molecules/H2_0.7414_2q_checksum2.json\"",
    "--set",
    "search.environment={ max_gates = 6, target = \"exact\" }",
    "--set",
    "search.teacher={ fixed = { thresholds = [1e-3] } }",
    "--set",
    "search.agent={ gflownet = { batch = 4 } }",
    "--set",
    "search.measure={ variety = {}, experience = true }",
];

#[test]
fn good_circuits_and_data_are_measured_beside_the_random_agents() {
    let out = tempfile::tempdir().expect("a folder");
    let run = path(&out, "run");
    let side_by_side = ["--set", "search.environments=4", "--set", "search.episodes=60", "--out", &run];
    let found = json(&[&FLOW[..], &side_by_side].concat());
    let good = &found["variety"]["search"];
    let count = |key: &str| good[key].as_u64().unwrap_or_else(|| panic!("{key} in {found}"));
    assert!(count("episodes") >= count("forms") && count("forms") == count("kept") && count("kept") > 2, "{found}");
    assert!((0.0..1e-3).contains(&good["mean_infidelity"].as_f64().expect("a number")), "all are near one ground state");
    assert!((0.1..=1.0).contains(&good["mean_distance"].as_f64().expect("a number")));
    assert!(found["variety"]["random_agent"]["forms"].as_u64().is_some());
    assert_eq!(found["experience"]["search"]["episodes"].as_u64(), Some(60));
    assert!(found["experience"]["state_action_coverage"].as_f64() > Some(0.0));
    let files = std::fs::read_dir(&run).expect("a run folder").flatten();
    let good = files.filter(|file| file.file_name().to_string_lossy().starts_with("good-")).count() as u64;
    assert_eq!(good, count("kept"));
    let energy =
        json(&["simulate", &path(&out, "run/good-001.qasm"), "--observable", "data/molecules/H2_0.7414_2q_checksum2.json"]);
    assert!(energy.to_string().contains("-1.13"), "{energy}");
    let page = std::fs::read_to_string(std::path::Path::new(&run).join("report.html")).expect("written");
    assert!(page.contains("good circuits") && page.contains("trajectory quality"));
}

#[test]
fn without_being_asked_nothing_is_measured() {
    let out = tempfile::tempdir().expect("a folder");
    let found = json(&["search", "experiments/h2.toml", "--set", "search.episodes=3", "--out", &path(&out, "run")]);
    assert!(found.get("variety").is_none() && found.get("experience").is_none(), "{found}");
    let text = qloom(&["search", "--explain-keys"]).output().expect("it runs");
    assert!(String::from_utf8_lossy(&text.stdout).contains("search.measure.variety.most"));
}

#[test]
fn settings_that_do_not_fit_are_told_with_their_place() {
    let refused = |set: &str| refusal(&[&FLOW[..], &["--set", set]].concat(), 2);
    assert!(refused("search.environments=0").contains("1 to 1000"));
    assert!(refused("search.measure={ variety = { most = 1 } }").contains("measure.variety.most is 1"));
    assert!(refused("search.agent={ sqirl = { episodes = 1 } }").contains("agent.sqirl.episodes is 1"));
    assert!(refused("search.agent={ gflownet = { beta = 0.0 } }").contains("agent.gflownet.beta is 0"));
    assert!(refused("search.environment.reward.novelty={ qubits = 3 }").contains("1 to 2"));
    assert!(refused("search.teacher={ adversary = {} }").contains("simulator.pauli-vector"));
    let alone = ["search", "experiments/h2.toml", "--set", "search.environments=2"];
    assert!(refusal(&alone, 2).contains("leave it out"));
}
