//! Circuits that measure, reset and decide on the way, over ranks against one process, bit for bit.

use std::ops::ControlFlow;

use qloom_circuits::{Angle, Channel, Circuit, Condition, Conditional, Operation, Pauli, PauliString, PauliSum, Stream, library};
use qloom_sim::{
    Branch, DistributedState, Executable, Fabric, Observable, Real, Shots, SimError, SimulatorConfig, StateVector, on_threads,
};

/// Qubits of the circuits here, so that eight ranks have room for small tiles.
const QUBITS: usize = 17;
const TOP: usize = QUBITS - 1;

fn config() -> SimulatorConfig {
    SimulatorConfig { tile_qubits: Some(9), threads: 1, ..SimulatorConfig::default() }
}

fn go(_: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn random(circuit: &mut Circuit, gates: usize, number: u64) {
    let part = library::random(QUBITS, gates, &mut Stream::numbered(7, "random", number));
    part.operations().iter().for_each(|operation| _ = circuit.push(operation.clone()).expect("fits"));
}

fn condition(circuit: &mut Circuit, bit: usize, then: &Circuit, otherwise: &Circuit) {
    let condition = Condition { bits: [bit].into_iter().collect(), value: 1 };
    let (then, otherwise) = (then.operations().to_vec(), otherwise.operations().to_vec());
    circuit.push(Operation::Conditional(Box::new(Conditional { condition, then, otherwise }))).expect("fits");
}

/// Measurements and resets of qubits at both ends of a register, conditions, and measurements at the end.
fn dynamic() -> Circuit {
    let mut circuit = Circuit::new(QUBITS);
    circuit.add_bits("c", 6);
    random(&mut circuit, 40, 1);
    circuit.measure(TOP, 0).measure(3, 1);
    let (mut then, mut otherwise) = (circuit.without_operations(), circuit.without_operations());
    then.x(TOP).reset(15).ry(0.7, 12);
    otherwise.h(0).cx(0, TOP);
    condition(&mut circuit, 0, &then, &otherwise);
    random(&mut circuit, 30, 2);
    circuit.reset(TOP).reset(14).measure(TOP, 2).measure(0, 3);
    let nothing = circuit.without_operations();
    condition(&mut circuit, 3, &otherwise, &nothing);
    random(&mut circuit, 20, 3);
    circuit.measure(15, 4).measure(1, 5);
    circuit
}

/// Resets alone, on the highest qubits, with gates between.
fn resets() -> Circuit {
    let mut circuit = Circuit::new(QUBITS);
    (0..QUBITS).for_each(|qubit| _ = circuit.ry(0.5 + 0.1 * qubit as f64, qubit));
    for (number, qubit) in [TOP, 15, 14, 0].into_iter().enumerate() {
        random(&mut circuit, 25, 10 + number as u64);
        circuit.reset(qubit);
    }
    circuit
}

/// Nothing but what branches.
fn bare() -> Circuit {
    let mut circuit = Circuit::new(QUBITS);
    circuit.add_bits("c", 2);
    circuit.measure(TOP, 0).reset(TOP).measure(TOP, 1).reset(2).x(2).measure(2, 0);
    circuit
}

fn circuits() -> [(&'static str, Circuit); 3] {
    [("dynamic", dynamic()), ("resets", resets()), ("bare", bare())]
}

/// What is known of a branch: bits of its probability, its record, a hash of its amplitudes by basis index, and its values.
type Known = (u64, u64, u64, Vec<u64>);

/// What a basis state adds to a hash of all, whatever their order.
fn hashed<T: Real>(index: usize, re: T, im: T) -> u64 {
    let mixed = (index as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ re.to_f64().to_bits().rotate_left(17);
    (mixed ^ im.to_f64().to_bits()).wrapping_mul(0xff51_afd7_ed55_8ccd).rotate_left(29).wrapping_mul(0xc4ce_b9fe_1a85_ec53)
}

fn observable() -> Observable {
    let strings = [
        (PauliString::from_letters([(TOP, Pauli::X), (2, Pauli::Y)]), 0.7),
        (PauliString::from_letters([(15, Pauli::Z), (0, Pauli::X)]), -0.3),
    ];
    Observable::new(&PauliSum::new(QUBITS, strings).expect("a sum"))
}

fn branches_alone<T: Real>(executable: &Executable<StateVector<T>>) -> Vec<Known> {
    let mut found = Vec::new();
    let end = &mut |branch: Branch<StateVector<T>>| {
        let Branch { probability, record, state } = branch;
        let amplitudes = state.amplitudes().enumerate();
        let hash = amplitudes.fold(0u64, |hash, (index, value)| hash.wrapping_add(hashed(index, value.re, value.im)));
        let mut values = state.expectation_z();
        values.push(state.expectation(&observable()).expect("fits"));
        found.push((probability.to_bits(), record.word(), hash, values.into_iter().map(f64::to_bits).collect()));
        ControlFlow::Continue(())
    };
    executable.each_branch(1000, config(), end).expect("few branches");
    found
}

fn branches_over<T: Real>(executable: &Executable<StateVector<T>>, fabric: &dyn Fabric) -> Result<Vec<Known>, SimError> {
    let (mut found, mut failed) = (Vec::new(), None);
    let known = |branch: Branch<DistributedState<'_, T>>| -> Result<Known, SimError> {
        let Branch { probability, record, mut state } = branch;
        let own = state.own_amplitudes().fold(0u64, |hash, (index, value)| hash.wrapping_add(hashed(index, value.re, value.im)));
        let all = fabric.gather(&own.to_le_bytes())?;
        let words = all.iter().map(|bytes| u64::from_le_bytes(bytes[..].try_into().expect("a word")));
        let mut values = state.expectation_z()?;
        values.push(state.expectation(&observable())?);
        let values = values.into_iter().map(f64::to_bits).collect();
        Ok((probability.to_bits(), record.word(), words.fold(0, u64::wrapping_add), values))
    };
    let end = &mut |branch: Branch<DistributedState<'_, T>>| match known(branch) {
        Ok(known) => {
            found.push(known);
            ControlFlow::Continue(())
        }
        Err(error) => {
            failed = Some(error);
            ControlFlow::Break(())
        }
    };
    executable.each_branch_over(fabric, 1000, config(), end)?;
    failed.map_or(Ok(found), Err)
}

fn all_branches_agree<T: Real>() {
    for (name, circuit) in circuits() {
        let executable = Executable::<StateVector<T>>::new(&circuit).expect("supported");
        let alone = branches_alone(&executable);
        assert!(alone.len() > 4 || name == "bare", "{name} branches");
        for ranks in [1, 2, 4, 8] {
            for found in on_threads(ranks, |fabric| branches_over(&executable, fabric)) {
                assert!(found.as_ref() == Ok(&alone), "{name} over {ranks} ranks");
            }
        }
    }
}

#[test]
fn branches_have_the_bits_of_one_process() {
    all_branches_agree::<f64>();
}

#[test]
fn branches_have_the_bits_of_one_process_in_single_precision() {
    all_branches_agree::<f32>();
}

/// Numbers of shots below and above that of the groups, and one that leaves the last group less than the others have.
fn all_counts_agree<T: Real>() {
    for (name, circuit) in circuits() {
        let executable = Executable::<StateVector<T>>::new(&circuit).expect("supported");
        for shots in [1, 5, 1001] {
            let stream = || Stream::named(shots, "shots");
            let alone = executable.counts(shots, config(), &mut stream()).expect("fits");
            assert_eq!(alone.shots(), shots);
            for ranks in [1, 2, 4, 8] {
                for found in on_threads(ranks, |fabric| {
                    let mut own = stream();
                    let counts = executable.counts_over(fabric, shots, config(), &mut own, &mut go);
                    (counts, own.word())
                }) {
                    let mut after = stream();
                    after.word();
                    assert!(found.0.as_ref() == Ok(&alone), "{name}, {shots} shots over {ranks} ranks");
                    assert_eq!(found.1, after.word(), "the stream goes on as in one process");
                }
            }
        }
    }
}

#[test]
fn shots_are_those_of_one_process() {
    all_counts_agree::<f64>();
}

#[test]
fn shots_are_those_of_one_process_in_single_precision() {
    all_counts_agree::<f32>();
}

#[test]
fn a_circuit_that_does_not_branch_and_wrong_records_are_as_in_one_process() {
    let mut circuit = Circuit::new(QUBITS);
    circuit.add_bits("c", 2);
    random(&mut circuit, 40, 20);
    circuit.measure(TOP, 1).measure(0, 0);
    let plain = Executable::<StateVector<f64>>::new(&circuit).expect("supported");
    let dynamic = Executable::<StateVector<f64>>::new(&dynamic()).expect("supported");
    // each end's record and its shots
    struct Ends(Vec<(u64, u64)>);
    impl<S> qloom_sim::Accumulate<S> for Ends {
        fn end(&mut self, _: S, shots: u64, record: &qloom_sim::Record, _: &mut Stream) -> Result<(), SimError> {
            self.0.push((record.word(), shots));
            Ok(())
        }
        fn merge(&mut self, other: Self) {
            self.0.extend(other.0);
        }
    }
    let flips = [[0.1, 0.2]; QUBITS];
    let run = Shots { shots: 200, flips: &flips, config: config() };
    let stream = || Stream::named(9, "shots");
    let ends = dynamic.shots(run, &mut stream(), || Ends(Vec::new()), &mut go).expect("fits").0;
    let counts = plain.counts(3000, config(), &mut stream()).expect("fits");
    for found in on_threads(4, |fabric| -> Result<_, SimError> {
        let ends = dynamic.shots_over(fabric, run, &mut stream(), || Ends(Vec::new()), &mut go)?.0;
        Ok((ends, plain.counts_over(fabric, 3000, config(), &mut stream(), &mut go)?))
    }) {
        assert!(found.as_ref().expect("fits") == &(ends.clone(), counts.clone()));
    }
}

#[test]
fn what_ends_on_one_rank_ends_on_all() {
    let executable = Executable::<StateVector<f64>>::new(&dynamic()).expect("supported");
    let all_say = |ranks: usize, work: &(dyn Fn(&dyn Fabric) -> Result<(), SimError> + Sync)| {
        let ends = on_threads(ranks, |fabric| work(fabric).expect_err("it ends"));
        assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}");
        ends[0].clone()
    };
    let count = branches_alone(&executable).len();
    let each = |fabric: &dyn Fabric, limit: usize, memory_limit: u64, last: usize| {
        let mut seen = 0;
        executable.each_branch_over(fabric, limit, SimulatorConfig { memory_limit, ..config() }, &mut |_| {
            seen += 1;
            if fabric.rank() == 1 && seen == last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    };
    assert_eq!(all_say(4, &|fabric| each(fabric, count, u64::MAX, 2)), SimError::Stopped);
    assert_eq!(all_say(4, &|fabric| each(fabric, 3, u64::MAX, 0)), SimError::TooManyBranches { limit: 3 });
    // one rank has room for two slices, the others for more
    let few = |fabric: &dyn Fabric| if fabric.rank() == 2 { 2 * ((4 << 20) + (1 << 19)) } else { u64::MAX };
    let refused = all_say(4, &|fabric| each(fabric, count, few(fabric), 0));
    assert!(matches!(refused, SimError::MemoryLimit { .. }), "{refused}");
    let shots = |fabric: &dyn Fabric, memory_limit: u64, stops: bool| {
        let mut progress = |_| if stops { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        let config = SimulatorConfig { memory_limit, ..config() };
        executable.counts_over(fabric, 100, config, &mut Stream::named(1, "shots"), &mut progress).map(|_| ())
    };
    let refused = all_say(4, &|fabric| shots(fabric, few(fabric), false));
    assert!(matches!(refused, SimError::MemoryLimit { .. }), "{refused}");
    assert_eq!(all_say(4, &|fabric| shots(fabric, u64::MAX, fabric.rank() == 3)), SimError::Stopped);
    assert!(matches!(all_say(3, &|fabric| shots(fabric, u64::MAX, false)), SimError::Ranks { .. }));
}

#[test]
fn channels_and_small_states_are_refused() {
    let mut noisy = dynamic();
    let channel = Channel::amplitude_damping(0.25).expect("a probability");
    noisy.push(Operation::Channel { channel, qubits: [0].into_iter().collect() }).expect("fits");
    let executable = Executable::<StateVector<f64>>::new(&noisy).expect("supported");
    for end in on_threads(2, |fabric| {
        executable.counts_over(fabric, 10, config(), &mut Stream::named(1, "shots"), &mut go).expect_err("noise").to_string()
    }) {
        assert!(end.contains("noise channel") && end.contains("one rank"), "{end}");
    }
    let mut small = Circuit::new(3);
    small.add_bits("c", 1);
    small.measure(0, 0).rx(Angle::from(0.3), 0);
    let small = Executable::<StateVector<f64>>::new(&small).expect("supported");
    assert!(small.plans_over(2, &config()).expect_err("small").to_string().contains("too few"));
    let plans = Executable::<StateVector<f64>>::new(&bare()).expect("supported").plans_over(4, &config()).expect("fits");
    assert_eq!((plans.len(), plans[0].slice_bytes()), (1, 16 << 15));
}

#[test]
fn measurements_send_nothing_and_only_programs_do() {
    // a measured qubit that is global, and X on it
    let mut circuit = Circuit::new(QUBITS);
    circuit.add_bits("c", 1);
    (0..12).for_each(|qubit| _ = circuit.h(qubit));
    circuit.measure(TOP, 0).reset(TOP).reset(15).measure(TOP, 0).reset(14);
    let executable = Executable::<StateVector<f64>>::new(&circuit).expect("supported");
    for sent in on_threads(8, |fabric| {
        let mut sent = 0;
        let end = &mut |branch: Branch<DistributedState<'_, f64>>| {
            sent += branch.state.sent().messages;
            ControlFlow::Continue(())
        };
        executable.each_branch_over(fabric, 10, config(), end).map(|()| sent)
    }) {
        assert_eq!(sent, Ok(0));
    }
}
