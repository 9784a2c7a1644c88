//! Searches for the circuits of classifiers.

use std::path::Path;

use crate::{json, path, refusal};

const EXPERIMENT: &str = "experiments/searched_classifier.toml";

#[test]
fn the_circuit_of_a_classifier_is_searched_for() {
    let out = tempfile::tempdir().expect("a folder");
    let run = path(&out, "run");
    let value = json(&["search", EXPERIMENT, "--set", "search.evaluations=3000", "--out", &run]);
    let number = |value: &serde_json::Value, key: &str| value[key].as_f64().unwrap_or_else(|| panic!("{key} in {value}"));
    // the classes are told apart by circuits of this map, and by nothing without one
    assert!(number(&value, "energy") < 0.5 && number(&value, "train_accuracy") > 0.9, "{value}");
    assert!(number(&value["rivals"], "linear_svm") < 0.8, "{value}");
    assert!(number(&value, "random_agent_energy") >= 0.0 && value["random_agent_test_accuracy"].is_number(), "{value}");
    assert!(value["exact_energy"].is_null() && value["unit"] == "loss", "{value}");
    let interval = value["confidence_interval"].as_array().expect("an interval");
    let share = number(&value, "test_accuracy");
    assert!(interval[0].as_f64().expect("low") <= share && share <= interval[1].as_f64().expect("high"));
    // the model tells the rows as the report says, from its file alone
    let model = value["model"].as_str().expect("a model");
    let told = json(&["predict", model, "data/classification/adhoc_test.csv"]);
    assert!((number(&told, "accuracy") - share).abs() < 1e-12, "{told}");
    // the circuit is an ansatz: trained anew it ends near the loss that was found
    let training = Path::new(&run).join("train.toml").display().to_string();
    let lbfgs = "train.model.variational.optimizer={ lbfgs = {} }";
    let trained = json(&["train", &training, "--set", lbfgs, "--out", &path(&out, "trained")]);
    assert!(number(&trained, "loss") < number(&value, "energy") + 0.4, "{trained}");
    let page = std::fs::read_to_string(Path::new(&run).join("report.html")).expect("a page");
    assert!(page.contains("random agent&#39;s") || page.contains("random agent's"));
}

#[test]
fn a_search_for_a_classifier_goes_on_as_if_never_stopped() {
    let out = tempfile::tempdir().expect("a folder");
    let (whole, cut) = (path(&out, "whole"), path(&out, "cut"));
    let begin = |run: &str, count: &str| {
        json(&["search", EXPERIMENT, "--set", &format!("search.episodes={count}"), "--out", run]);
    };
    begin(&whole, "9");
    begin(&cut, "3");
    json(&["search", "--resume", &cut, "--set", "search.episodes=9"]);
    for name in ["result.json", "model.json", "best.qasm", "events.jsonl"] {
        let read = |run: &str| std::fs::read(Path::new(run).join(name)).expect(name);
        assert!(read(&whole) == read(&cut), "{name} differs");
    }
}

/// The angles of its circuits fitted along natural gradients.
#[test]
fn the_circuit_of_a_classifier_is_fitted_by_its_metric() {
    let out = tempfile::tempdir().expect("a folder");
    let natural = "search.minimizer={ natural-gradient = { max_evaluations = 300 } }";
    let value = json(&[
        "search",
        EXPERIMENT,
        "--set",
        natural,
        "--set",
        "search.evaluations=6000",
        "--set",
        "train.model.variational.map={ zz = { reps = 1 } }",
        "--out",
        &path(&out, "run"),
    ]);
    assert!(value["energy"].as_f64().expect("a loss") < 0.69, "{value}");
}

#[test]
fn the_circuit_before_a_kernel_is_searched_for() {
    let out = tempfile::tempdir().expect("a folder");
    let model = "train.model={ kernel-svm = { c = 10.0, map = { angle = {} } } }";
    let evaluations = "search.evaluations=400";
    let value = json(&["search", EXPERIMENT, "--set", model, "--set", evaluations, "--out", &path(&out, "run")]);
    let loss = value["energy"].as_f64().expect("a loss");
    assert!(loss > 0.0 && loss < 1.0 && value["unit"] == "1 - alignment", "{value}");
    let told = json(&["predict", value["model"].as_str().expect("a model"), "data/classification/adhoc_test.csv"]);
    assert_eq!(told["accuracy"], value["test_accuracy"]);
}

#[test]
fn what_cannot_be_searched_for_is_refused() {
    let out = tempfile::tempdir().expect("a folder");
    for (set, word) in [
        ("train.model.variational.layers=2", "layers is 2"),
        ("train.model.variational.shots=100", "leave out shots"),
        ("train.model={ pegasos = {} }", "variational"),
        ("search.problem={ hamiltonian = { file = \"molecules/H2_0.7414_4q_jw.json\" } }", "one purpose"),
        ("search.simulator={ pauli-vector = {} }", "Pauli vector"),
        ("train.model={ kernel-svm = { map = { angle = {} } } }", "this cost has no metric"),
        ("train.model.variational.noise={ depolarizing2 = 0.01 }", "this cost has no metric"),
        ("train.data.table.label=\"nothing\"", "no finite number"),
    ] {
        let natural = if word.contains("metric") { "search.minimizer={ natural-gradient = {} }" } else { "search.episodes=5" };
        let message = refusal(&["search", EXPERIMENT, "--set", set, "--set", natural, "--out", &path(&out, "run")], 2);
        assert!(message.contains(word), "{set}: {message}");
        assert!(!out.path().join("run").exists(), "{set} left a folder");
    }
}
