use clap::Parser;
use qloom::circuits::{Circuit, PauliSum, Stream, library};
use qloom::sim::{Alone, on_threads};

use super::super::pure;
use super::super::{Arguments, Task};
use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    arguments: Arguments,
}

const QUBITS: usize = 17;

/// Resets, measurements of which one is used, and measurements at the end.
fn dynamic() -> Circuit {
    let mut circuit = library::random(QUBITS, 40, &mut Stream::named(4, "random"));
    circuit.add_bits("c", 3);
    circuit.measure(QUBITS - 1, 0).reset(3).ry(0.4, 3).cx(QUBITS - 1, 3).reset(QUBITS - 2).h(QUBITS - 2);
    circuit.measure(3, 1).cx(QUBITS - 2, 0).rx(0.2, 3).measure(0, 2);
    circuit
}

fn arguments(words: &[&str]) -> Arguments {
    let words = [&["simulate", "none.qasm", "--tile", "9", "--threads", "1"], words].concat();
    Line::try_parse_from(words).map(|line| line.arguments).unwrap_or_else(|error| panic!("{error}"))
}

/// What the work gives with a task.
fn with<R>(circuit: &Circuit, words: &[&str], work: impl FnOnce(&Task<'_>, &Executable<StateVector<f64>>) -> R) -> R {
    let arguments = arguments(words);
    let config = arguments.engine.config().expect("they fit");
    let observable = PauliSum::new(
        circuit.num_qubits(),
        [("Z", 0, 0.3), ("X", circuit.num_qubits() - 1, 0.5)].map(|(letter, qubit, weight)| {
            let word: String = (0..circuit.num_qubits()).map(|k| if k == qubit { letter } else { "I" }).collect();
            (qloom::circuits::PauliString::from_word(&word).expect("a word"), weight)
        }),
    )
    .expect("a sum");
    let qubits = (0..circuit.num_qubits()).collect();
    let task = Task { circuit, qubits, observable: Some(&observable), arguments: &arguments, config };
    work(&task, &Executable::new(circuit).expect("supported"))
}

/// All that is printed of results but times.
fn lasting(results: &Results) -> String {
    let Results { state, probabilities, expectation_z, expectation, parts, counts, errors, .. } = results;
    let estimated = errors.as_ref().map(|errors| (errors.shots, errors.expectation_z.clone()));
    format!("{state} {probabilities:?} {expectation_z:?} {expectation:?} {parts:?} {counts:?} {estimated:?}")
}

/// What the ranks give, all the same.
fn over(ranks: usize, circuit: &Circuit, words: &[&str]) -> Result<Option<String>, String> {
    let run = |fabric: &dyn Fabric| {
        with(circuit, words, |task, executable| simulate(task, executable, fabric)).map_err(|failure| failure.message())
    };
    let mut ends: Vec<_> = on_threads(ranks, |fabric| run(fabric).map(|results| results.map(|results| lasting(&results))));
    assert!(ends.iter().all(|end| *end == ends[0]), "all ranks say the same");
    ends.swap_remove(0)
}

fn alone(circuit: &Circuit, words: &[&str]) -> String {
    with(circuit, words, |task, _| pure::simulate::<f64>(task))
        .map(|results| lasting(&results))
        .unwrap_or_else(|failure| panic!("{}", failure.message()))
}

#[test]
fn courses_and_shots_are_those_of_one_process() {
    let circuit = dynamic();
    let words = ["--shots", "300", "--seed", "5", "--marginal", "16,0", "--marginal", "3", "--probabilities", "50"];
    let expected = alone(&circuit, &words);
    for ranks in [1, 2, 4, 8] {
        assert_eq!(over(ranks, &circuit, &words), Ok(Some(expected.clone())), "{ranks} ranks");
    }
    let mut resets = library::random(QUBITS, 40, &mut Stream::named(5, "random"));
    resets.reset(QUBITS - 1).reset(2).h(QUBITS - 1).reset(QUBITS - 3);
    let words = ["--repeat", "2", "--shots", "5"];
    assert!(over(2, &resets, &words).expect_err("no outcomes").contains("measures nothing"));
    assert_eq!(over(4, &resets, &words[..2]), Ok(Some(alone(&resets, &words[..2]))));
}

#[test]
fn more_courses_than_are_followed_are_estimated_from_shots() {
    let mut circuit = Circuit::new(QUBITS);
    circuit.add_bits("c", 13);
    for bit in 0..13 {
        circuit.h(QUBITS - 1).measure(QUBITS - 1, bit);
    }
    circuit.h(QUBITS - 1);
    let words = ["--shots", "20"];
    let found = over(2, &circuit, &words).expect("it fits").expect("over ranks");
    assert!(found.starts_with("trajectories") && found == alone(&circuit, &words));
}

#[test]
fn what_ranks_cannot_do_is_refused_on_all_of_them() {
    let circuit = dynamic();
    assert!(over(2, &circuit, &["--amplitudes", "3"]).expect_err("a mixture").contains("--density"));
    assert!(over(2, &circuit, &["--density", "0"]).expect_err("a matrix").contains("density matrices"));
    assert!(over(2, &circuit, &["--out", "state.npz"]).expect_err("whole").contains("--out"));
    assert!(over(3, &circuit, &[]).expect_err("three").contains("power of two"));
    // a small circuit is held whole by every rank
    let mut small = Circuit::new(2);
    small.add_bits("c", 1);
    small.h(0).measure(0, 0).h(0);
    assert_eq!(over(2, &small, &[]), Ok(None));
}

#[test]
fn what_was_sent_is_told() {
    let circuit = dynamic();
    let told = |ranks: usize| {
        on_threads(ranks, |fabric| {
            let results = with(&circuit, &[], |task, executable| simulate(task, executable, fabric));
            let found =
                results.map_err(|failure| failure.message()).expect("it runs").expect("over ranks").distribution.expect("told");
            (found.messages, found.amplitudes, found.slice_bytes, found.lines().len())
        })
        .swap_remove(0)
    };
    let (messages, amplitudes, slice, lines) = told(4);
    assert!(messages > 0 && amplitudes > 0 && slice == (16 << 15) as f64 && lines == 3);
    let results = with(&circuit, &[], |task, executable| simulate(task, executable, &Alone));
    assert!(results.is_ok_and(|results| results.is_some_and(|results| results.distribution.is_some_and(|d| d.messages == 0))));
}
