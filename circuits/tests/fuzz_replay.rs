//! The fuzzing corpus, and mutations of it, are read or refused in bounded time and never panic.

use std::collections::HashMap;

use qloom_circuits::qasm::{Dialect, Limits, Version, read_program_with, read_with, write, write_program};

#[path = "support/course.rs"]
#[allow(dead_code)]
mod course;
#[path = "support/mutation.rs"]
mod mutation;
use course::{course_of_circuit, course_within};

fn corpus() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus/qasm");
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the corpus is part of the repository") {
        texts.push(std::fs::read_to_string(entry.expect("a file").path()).expect("text"));
    }
    texts.sort();
    texts
}

/// A text as a program: written again and run, whatever it is.
fn program(text: &str) -> bool {
    let Ok(program) = read_program_with(text, &HashMap::new(), Limits { bits: 64, operations: 2000 }) else { return false };
    let written = write_program(&program).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    let wide = Limits { bits: 10_000, operations: 1_000_000 };
    if let Err(errors) = read_program_with(&written, &HashMap::new(), wide) {
        panic!("{text:?} was written as\n{written}\n{errors}");
    }
    if !program.inputs().is_empty() {
        return true;
    }
    // as a circuit it does the same
    let outcomes = text.bytes().fold(0u64, |sum, byte| sum.rotate_left(5) ^ u64::from(byte));
    let (done, _) = course_within(&program, outcomes, 20_000);
    if let Ok(circuit) = program.circuit(2000) {
        let gates = |list: Vec<String>| list.into_iter().filter(|step| !step.starts_with("GlobalPhase")).collect::<Vec<_>>();
        assert_eq!(gates(course_of_circuit(&circuit, outcomes)), gates(done), "{text:?}");
    }
    true
}

fn body(text: &str) -> bool {
    let limits = Limits { bits: 64, operations: 2000 };
    let is_program = program(text);
    let Ok(circuit) = read_with(text, &HashMap::new(), limits) else { return is_program };
    for version in [Version::V2, Version::V3] {
        if let Ok(written) = write(&circuit, version, Dialect::Plain) {
            let wide = Limits { bits: 1000, operations: 1_000_000 };
            if let Err(errors) = read_with(&written, &HashMap::new(), wide) {
                panic!("{text:?} was written as\n{written}\n{errors}");
            }
        }
    }
    true
}

#[test]
fn corpus_is_read_or_refused() {
    let read: Vec<bool> = corpus().iter().map(|text| body(text)).collect();
    assert_eq!(read.iter().filter(|ok| **ok).count(), 6, "{read:?}");
}

/// `FUZZ_RUNS=1000000 FUZZ_SEED=7 cargo test --release -p qloom-circuits --test fuzz_replay -- --nocapture` runs more.
#[test]
fn mutations_never_panic() {
    let number = |name: &str, default: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (runs, seed) = (number("FUZZ_RUNS", 20_000), number("FUZZ_SEED", 1));
    let mut generator = mutation::Mutation::new(corpus(), seed);
    let (mut read, mut slowest) = (0u64, std::time::Duration::ZERO);
    for run in 0..runs {
        let text = generator.next_text();
        let start = std::time::Instant::now();
        match std::panic::catch_unwind(|| body(&text)) {
            Ok(ok) => read += u64::from(ok),
            Err(_) => panic!("run {run} of seed {seed} panicked on {text:?}"),
        }
        let taken = start.elapsed();
        slowest = slowest.max(taken);
        assert!(taken.as_secs() < 5, "run {run} of seed {seed} took {taken:?} on {text:?}");
    }
    eprintln!("{runs} texts, {read} read, the slowest took {slowest:?}");
    assert!(read * 20 > runs, "{read} of {runs} are read");
}
