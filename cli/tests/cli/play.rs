//! The environment of a search, played from outside.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::{json as run, refusal, root};

/// Sends each request and returns the first line and the answers.
fn play(requests: &[Value]) -> (Value, Vec<Value>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_qloom"))
        .args(["search", "play", "experiments/h2.toml", "--set", "search.environment.max_gates=3"])
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut input = child.stdin.take().expect("a pipe");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut next = || serde_json::from_str::<Value>(&lines.next().expect("an answer").expect("text")).expect("JSON");
    let first = next();
    let answers = requests
        .iter()
        .map(|request| {
            writeln!(input, "{request}").expect("it listens");
            next()
        })
        .collect();
    drop(input);
    assert!(child.wait().expect("it ends").success());
    (first, answers)
}

fn step(action: u64) -> Value {
    json!({ "step": { "action": action } })
}

#[test]
fn an_episode_is_played_line_by_line() {
    let reset = json!({ "reset": { "threshold": 1e-9 } });
    let requests = [reset.clone(), step(0), json!("circuit"), step(12), step(23), step(0), reset, json!("circuit")];
    let (first, answers) = play(&requests);
    let actions = first["actions"].as_array().expect("a list");
    // twelve CNOTs and twelve rotations of four qubits
    assert_eq!((actions.len(), first["qubits"].as_u64(), first["max_gates"].as_u64()), (24, Some(4), Some(3)));
    assert_eq!(actions[0], json!({ "name": "cx", "qubits": [0, 1] }));
    let number = |value: &Value| value.as_f64().expect("a number");
    for (answer, entries) in answers.iter().zip([0, 1]) {
        assert_eq!(answer["entries"].as_array().map(Vec::len), Some(entries), "{answer}");
        assert_eq!(answer["numbers"].as_array().map(Vec::len), first["numbers"].as_u64().map(|count| count as usize));
    }
    assert!(answers[0].get("reward").is_none() && answers[1]["reward"].is_number() && answers[1]["ending"].is_null());
    assert!(answers[1]["illegal"].as_array().expect("a list").contains(&json!(0)));
    let qasm = answers[2]["qasm"].as_str().expect("a program");
    assert!(qasm.contains("cx q[0]") && number(&answers[2]["energy"]) == number(&answers[1]["energy"]));
    // the third gate is the last, and what follows needs a new episode
    assert_eq!(answers[4]["ending"], "exhausted");
    assert!(answers[5]["error"].as_str().is_some_and(|error| error.contains("reset first")));
    assert!(number(&answers[4]["evaluations"]) > number(&answers[1]["evaluations"]));
    assert!(answers[6].get("error").is_none() && !answers[7]["qasm"].as_str().expect("a program").contains("cx"));
    assert!((number(&answers[0]["gap"]) - (number(&answers[0]["energy"]) - number(&first["target"]))).abs() < 1e-12);
}

#[test]
fn wrong_requests_are_answered_by_their_error() {
    let requests = [
        step(0),
        json!({ "reset": { "threshold": -1.0 } }),
        json!({ "rest": {} }),
        json!({ "reset": { "threshold": 1e-3 } }),
        step(24),
        json!([1, 2]),
        step(1),
    ];
    let (_, answers) = play(&requests);
    let parts = ["reset first", "above 0", "rest", "", "24 of 24", "requests are"];
    for (answer, part) in answers.iter().zip(parts).filter(|(_, part)| !part.is_empty()) {
        assert!(answer["error"].as_str().is_some_and(|error| error.contains(part)), "{answer} {part}");
    }
    assert!(answers[6]["energy"].is_number());
    let described = run(&["search", "play", "experiments/h2.toml"]);
    assert_eq!(described["actions"].as_array().map(Vec::len), Some(24));
    assert!(refusal(&["search", "play", "experiments/searched_classifier.toml"], 2).contains("[search.problem]"));
}
