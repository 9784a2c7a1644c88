//! Two interpreters of one language: a circuit that measures and decides, written down and read as a program, runs as the circuit does.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use proptest::prelude::*;
use qloom_circuits::program::{HybridProgram, RunOptions};
use qloom_circuits::qasm::{self, Dialect, Version};
use qloom_circuits::{Circuit, Stream};
use qloom_sim::{Branching, HybridExecutable, PauliVector, SimulatorConfig, StateVector};

use super::dense::{program, run, trace};

fn config() -> SimulatorConfig {
    SimulatorConfig { threads: 1, ..SimulatorConfig::default() }
}

/// Probabilities of the register `c`, its bit 0 rightmost, by dense products.
fn expected(circuit: &Circuit) -> BTreeMap<String, f64> {
    let word = |record: &[bool]| record.iter().rev().map(|bit| if *bit { '1' } else { '0' }).collect();
    run(circuit, &[]).iter().map(|(record, rho)| (word(record), trace(rho))).collect()
}

fn outputs<S: Branching>(program: &HybridProgram, options: &RunOptions) -> BTreeMap<String, f64> {
    let place = program.outputs().iter().position(|(name, _)| *name == "c").expect("the register");
    let executable = HybridExecutable::<S>::new(program, options).expect("gates");
    let mut sums = BTreeMap::new();
    let neglected = executable.courses(100_000, config(), &mut |course| {
        *sums.entry(course.outputs[place].to_string()).or_insert(0.0) += course.share;
        ControlFlow::Continue(())
    });
    assert!(neglected.expect("few courses") < 1e-9);
    sums
}

fn close(found: &BTreeMap<String, f64>, expected: &BTreeMap<String, f64>, near: f64) -> bool {
    let value = |table: &BTreeMap<String, f64>, word: &String| table.get(word).copied().unwrap_or(0.0);
    found.keys().chain(expected.keys()).all(|word| (value(found, word) - value(expected, word)).abs() < near)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn circuits_read_as_programs_do_the_same(circuit in program(3, 2, 12, false), seed in any::<u64>()) {
        let text = qasm::write(&circuit, Version::V3, Dialect::Plain).expect("no noise");
        let read = qasm::read_program(&text).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
        let (options, expected) = (RunOptions::default(), expected(&circuit));
        let found = outputs::<StateVector<f64>>(&read, &options);
        prop_assert!(close(&found, &expected, 1e-10), "{:?} {:?}\n{}", found, expected, text);
        let mixed = outputs::<PauliVector>(&read, &options);
        prop_assert!(close(&mixed, &expected, 1e-10), "{:?} {:?}\n{}", mixed, expected, text);
        // written as a program it is still the same, and so is the circuit that is made of it
        let again = qasm::read_program(&qasm::write_program(&read).expect("it was read")).expect("it was written");
        prop_assert!(close(&outputs::<StateVector<f64>>(&again, &options), &expected, 1e-10), "{}", text);
        let unrolled = again.circuit(10_000).expect("no loop depends on what is measured");
        prop_assert!(close(&self::expected(&unrolled), &expected, 1e-10), "{}", text);
        // shots fall as often as they are likely: five standard deviations
        let place = read.outputs().iter().position(|(name, _)| *name == "c").expect("the register");
        let executable = HybridExecutable::<StateVector<f64>>::new(&read, &options).expect("gates");
        let mut counts: BTreeMap<String, f64> = BTreeMap::new();
        let shots = 2000u64;
        executable
            .shots(shots, config(), &mut Stream::named(seed, "shots"), &mut |course| {
                *counts.entry(course.outputs[place].to_string()).or_insert(0.0) += course.share / shots as f64;
                ControlFlow::Continue(())
            })
            .expect("small");
        for (word, p) in &expected {
            let deviation = (p * (1.0 - p)).max(0.0).sqrt() / (shots as f64).sqrt();
            let found = counts.get(word).copied().unwrap_or(0.0);
            prop_assert!((found - p).abs() <= 5.5 * deviation + 5.0 / shots as f64, "{}: {} {}\n{}", word, found, p, text);
        }
    }
}
