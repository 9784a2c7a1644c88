//! All policies against dense density matrices, one for each record of classical bits.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use num_complex::Complex64;
use qloom_circuits::{Channel, Condition, Conditional, Gate, Matrix, Stream};

use super::*;
use crate::counts::Counts;
use crate::record::Record;
use crate::state::{PauliVector, State};

type Pure = StateVector<f64>;

fn config() -> SimulatorConfig {
    SimulatorConfig::default()
}

fn noise(circuit: &mut Circuit, channel: Channel, qubits: &[usize]) {
    circuit.push(Operation::Channel { channel, qubits: qubits.into() }).expect("it fits");
}

fn when(circuit: &mut Circuit, bits: &[usize], value: u64, then: Vec<Operation>, otherwise: Vec<Operation>) {
    let condition = Condition { bits: bits.to_vec(), value };
    circuit.push(Operation::Conditional(Box::new(Conditional { condition, then, otherwise }))).expect("it fits");
}

/// Three qubits, noise of every kind, conditions on one and on two bits, bits written twice, blocks with measurements and resets.
fn dynamic() -> Circuit {
    let mut circuit = Circuit::new(3);
    circuit.add_bits("c", 3);
    circuit.ry(0.7, 0).cx(0, 1).rx(0.4, 2);
    noise(&mut circuit, Channel::depolarizing(0.1, 2).expect("physical"), &[1, 0]);
    circuit.measure(0, 0);
    let block = vec![
        Operation::gate(Gate::Ry, &[0.9.into()], &[1]),
        Operation::Reset { qubit: 2 },
        Operation::gate(Gate::H, &[], &[0]),
        Operation::Measure { qubit: 0, bit: 1 },
    ];
    when(&mut circuit, &[0], 1, block, vec![Operation::gate(Gate::Cx, &[], &[2, 1])]);
    noise(&mut circuit, Channel::amplitude_damping(0.3).expect("physical"), &[1]);
    circuit.h(1).measure(1, 0);
    when(
        &mut circuit,
        &[1, 0],
        0b10,
        vec![Operation::gate(Gate::Y, &[], &[2])],
        vec![Operation::gate(Gate::Rx, &[0.3.into()], &[2])],
    );
    circuit.cx(2, 0).ry(0.2, 0).measure(2, 2).measure(0, 1);
    circuit
}

/// Unnormalised density matrices by record, the last measurements left out as in `Executable`.
fn dense(circuit: &Circuit, flips: &[[f64; 2]]) -> BTreeMap<u64, Matrix> {
    let n = circuit.num_qubits();
    let mut start = Matrix::zero(n);
    start[(0, 0)] = Complex64::ONE;
    follow(before_last_measurements(circuit).operations(), BTreeMap::from([(0, start)]), n, flips)
}

fn follow(operations: &[Operation], states: BTreeMap<u64, Matrix>, n: usize, flips: &[[f64; 2]]) -> BTreeMap<u64, Matrix> {
    let sandwich = |rho: &Matrix, operator: &Matrix| operator.times(rho).times(&operator.adjoint());
    let single = |entries: [f64; 4], qubit: usize| Matrix::from_slice(&entries.map(Complex64::from)).embedded(&[qubit], n);
    let mut states = states;
    for operation in operations {
        let mut next: BTreeMap<u64, Matrix> = BTreeMap::new();
        let mut add = |record: u64, rho: Matrix| {
            let sum = next.get(&record).map_or(rho.clone(), |other| other.plus(&rho));
            next.insert(record, sum);
        };
        for (record, rho) in states {
            match operation {
                Operation::Channel { channel, qubits } => {
                    channel.kraus().iter().for_each(|k| add(record, sandwich(&rho, &k.embedded(qubits, n))));
                }
                Operation::Reset { qubit } => {
                    add(record, sandwich(&rho, &single([1.0, 0.0, 0.0, 0.0], *qubit)));
                    add(record, sandwich(&rho, &single([0.0, 1.0, 0.0, 0.0], *qubit)));
                }
                Operation::Measure { qubit, bit } => {
                    let wrong = flips.get(*qubit).copied().unwrap_or_default();
                    for (one, entries) in [(0, [1.0, 0.0, 0.0, 0.0]), (1, [0.0, 0.0, 0.0, 1.0])] {
                        let part = sandwich(&rho, &single(entries, *qubit));
                        let wrong = wrong[one as usize];
                        let recorded = |value: u64| record & !(1 << bit) | value << bit;
                        add(recorded(one), part.scaled((1.0 - wrong).into()));
                        add(recorded(1 - one), part.scaled(wrong.into()));
                    }
                }
                Operation::Conditional(block) => {
                    let bits = block.condition.bits.iter().enumerate();
                    let value = bits.map(|(k, bit)| (record >> bit & 1) << k).sum::<u64>();
                    let taken = if value == block.condition.value { &block.then } else { &block.otherwise };
                    follow(taken, BTreeMap::from([(record, rho)]), n, flips)
                        .into_iter()
                        .for_each(|(record, rho)| add(record, rho));
                }
                gate => {
                    let primitives = gate.primitives().expect("a gate");
                    let apply = |rho: Matrix, matrix: Matrix| sandwich(&rho, &matrix);
                    let matrices = primitives.iter().map(|part| part.matrix(&[]).embedded(&part.qubits(), n));
                    add(record, matrices.fold(rho, apply));
                }
            }
        }
        states = next;
    }
    states
}

fn density(state: &Pure) -> Matrix {
    PauliVector::from_state_vector(state).expect("small").density_matrix().expect("small")
}

/// Probability of every record with the last measurements done, all read without error.
fn outcomes<S: Branching>(executable: &Executable<S>) -> BTreeMap<u64, f64> {
    let mut found = BTreeMap::new();
    let all: Vec<usize> = (0..executable.num_qubits()).collect();
    for branch in executable.branches(1000, &[], config()).expect("few branches") {
        for (outcome, p) in branch.state.probabilities(&all).expect("all qubits").into_iter().enumerate() {
            let mut record = branch.record.clone();
            executable.last().iter().for_each(|&(qubit, bit)| record.set(bit, outcome >> qubit & 1 == 1));
            *found.entry(record.word()).or_insert(0.0) += branch.probability * p;
        }
    }
    found
}

#[test]
fn exact_branches_are_the_dense_density_matrices_of_each_record() {
    for flips in [vec![], vec![[0.02, 0.1], [0.05, 0.3]]] {
        let circuit = dynamic();
        let mut expected = dense(&circuit, &flips);
        expected.retain(|_, rho| (0..8).map(|k| rho[(k, k)].re).sum::<f64>() > 1e-14);
        assert!(expected.len() > 3);
        let mixed = Executable::<PauliVector>::new(&circuit).expect("supported").branches(100, &flips, config());
        let mixed = mixed.expect("few branches");
        assert_eq!(mixed.len(), expected.len(), "one state for each record");
        for branch in &mixed {
            let rho = branch.state.density_matrix().expect("small").scaled(branch.probability.into());
            assert!(rho.distance(&expected[&branch.record.word()]) < 1e-13);
        }
        let pure = Executable::<Pure>::new(&circuit).expect("supported").branches(100_000, &flips, config());
        let mut sums: BTreeMap<u64, Matrix> = BTreeMap::new();
        for branch in pure.expect("some branches") {
            let rho = density(&branch.state).scaled(branch.probability.into());
            sums.entry(branch.record.word()).and_modify(|sum| *sum = sum.plus(&rho)).or_insert(rho);
        }
        assert_eq!(sums.len(), expected.len());
        assert!(sums.iter().all(|(record, rho)| rho.distance(&expected[record]) < 1e-12));
    }
}

/// Chi-squared over the outcomes expected at least five times.
fn agree(counts: &Counts, expected: &BTreeMap<u64, f64>) {
    let shots = counts.shots() as f64;
    let cells: Vec<f64> = expected
        .iter()
        .filter(|(_, p)| **p * shots >= 5.0)
        .map(|(&record, p)| (counts.get(record) as f64 - p * shots).powi(2) / (p * shots))
        .collect();
    let (value, freedom) = (cells.iter().sum::<f64>(), cells.len() as f64 - 1.0);
    assert!(value < freedom + 5.0 * (2.0 * freedom).sqrt() + 5.0, "{value} for {freedom} degrees of freedom");
    assert!(counts.iter().all(|(record, _)| expected.get(&record.word()).is_some_and(|p| *p > 0.0)));
}

#[test]
fn the_three_policies_agree_on_both_kinds_of_state() {
    let circuit = dynamic();
    let (pure, mixed) =
        (Executable::<Pure>::new(&circuit).expect("fits"), Executable::<PauliVector>::new(&circuit).expect("fits"));
    let expected = outcomes(&mixed);
    assert!((expected.values().sum::<f64>() - 1.0).abs() < 1e-13);
    assert!(outcomes(&pure).iter().all(|(record, p)| (expected[record] - p).abs() < 1e-13));
    let mut stream = Stream::named(5, "shots");
    agree(&pure.counts(50_000, config(), &mut stream).expect("it runs"), &expected);
    agree(&mixed.counts(50_000, config(), &mut stream).expect("it runs"), &expected);
    let mut single = Counts::new(3);
    for _ in 0..4000 {
        let mut shot = pure.draw(&[], config(), &mut stream).expect("it runs");
        let sample = shot.state.sample(1, &mut stream);
        let outcome = sample.iter().next().expect("one shot").0;
        pure.last().iter().for_each(|&(qubit, bit)| shot.record.set(bit, outcome.get(qubit)));
        single.add(shot.record.word(), 1);
    }
    agree(&single, &expected);
}

#[test]
fn threads_change_no_count() {
    let executable = Executable::<Pure>::new(&dynamic()).expect("fits");
    let run = |threads| {
        let mut stream = Stream::named(11, "shots");
        let counts = executable.counts(5000, SimulatorConfig { threads, ..config() }, &mut stream).expect("it runs");
        (counts, stream.word())
    };
    assert!(run(1) == run(2) && run(1) == run(5));
}

/// Number of ends.
struct Ends(u64, u64);

impl<S: State> Accumulate<S> for Ends {
    fn end(&mut self, _: S, shots: u64, _: &Record, _: &mut Stream) -> Result<(), SimError> {
        *self = Ends(self.0 + 1, self.1 + shots);
        Ok(())
    }

    fn merge(&mut self, other: Self) {
        *self = Ends(self.0 + other.0, self.1 + other.1);
    }
}

#[test]
fn shots_that_draw_the_same_share_a_state() {
    let mut weak = Circuit::new(2);
    for _ in 0..20 {
        weak.h(0).cx(0, 1);
        noise(&mut weak, Channel::depolarizing(1e-4, 1).expect("physical"), &[0]);
    }
    let executable = Executable::<Pure>::new(&weak).expect("fits");
    let run = Shots { shots: 100_000, flips: &[], config: config() };
    let mut reports = Vec::new();
    let ends = executable.shots(run, &mut Stream::named(1, "shots"), || Ends(0, 0), &mut |done| {
        reports.push(done);
        ControlFlow::Continue(())
    });
    let Ends(ends, shots) = ends.expect("it runs");
    assert!(ends < 1000 && shots == 100_000, "{ends}");
    assert!(reports.is_sorted() && reports.last() == Some(&100_000));
    let stopped = executable.shots(run, &mut Stream::named(1, "shots"), || Ends(0, 0), &mut |_| ControlFlow::Break(()));
    assert!(matches!(stopped.map(|ends| ends.1), Err(SimError::Stopped)));
}

#[test]
fn memory_and_the_number_of_branches_are_limited_before_copies() {
    let mut many = Circuit::new(4);
    many.add_bits("c", 10);
    for bit in 0..10 {
        many.h(0).measure(0, bit);
    }
    many.h(0);
    let executable = Executable::<Pure>::new(&many).expect("fits");
    assert_eq!(executable.branches(100, &[], config()).err(), Some(SimError::TooManyBranches { limit: 100 }));
    let states = |count: u64| SimulatorConfig { memory_limit: count * Pure::bytes(4) as u64, threads: 1, ..config() };
    let error = executable.branches(5000, &[], states(1023)).expect_err("1024 branches");
    assert_eq!(error, SimError::MemoryLimit { num_qubits: 4, needed: 1024 * Pure::bytes(4), limit: 1023 * Pure::bytes(4) });
    assert_eq!(executable.branches(5000, &[], states(1024)).expect("as many as fit").len(), 1024);
    let shots = |count| executable.counts(1000, states(count), &mut Stream::named(1, "shots"));
    assert!(matches!(shots(3), Err(SimError::MemoryLimit { .. })));
    assert_eq!(shots(4).expect("groups of one shot").shots(), 1000);
}

#[test]
fn measurements_at_the_end_do_not_branch() {
    let mut circuit = Circuit::new(2);
    circuit.h(0).cx(0, 1).measure_all();
    let executable = Executable::<Pure>::new(&circuit).expect("fits");
    assert!(executable.is_deterministic() && executable.measures());
    let branches = executable.branches(1, &[], config()).expect("one branch");
    assert!(branches.len() == 1 && (branches[0].state.amplitude(3).re - 0.5f64.sqrt()).abs() < 1e-15);
    let program = Program::new(&before_last_measurements(&circuit)).expect("gates");
    assert_eq!(executable.explain(&config()), program.explain::<f64>(&config()));
}

#[test]
fn bits_written_again_mix_pauli_vectors() {
    let mut circuit = Circuit::new(1);
    for _ in 0..40 {
        circuit.ry(0.3, 0).measure(0, 0);
    }
    circuit.ry(0.3, 0);
    let executable = Executable::<PauliVector>::new(&circuit).expect("fits");
    let branches = executable.branches(4, &[], config()).expect("two records");
    assert_eq!(branches.len(), 2);
    // every measurement leaves the rotated part: z = cos(0.3)^40 before the last rotation
    let mixed = mixture(branches).expect("a branch");
    assert!((mixed.expectation_z()[0] - 0.3f64.cos().powi(41)).abs() < 1e-13);
    let branches = executable.branches(4, &[], config()).expect("two records");
    let z: f64 = branches.iter().map(|branch| branch.probability * branch.state.expectation_z()[0]).sum();
    assert!((z - 0.3f64.cos().powi(41)).abs() < 1e-13, "{z}");
}

#[test]
fn bits_that_nothing_reads_do_not_branch_without_a_record() {
    let mut circuit = Circuit::new(1);
    circuit.add_bits("c", 40);
    for bit in 0..40 {
        circuit.ry(0.3, 0).measure(0, bit);
    }
    circuit.ry(0.3, 0);
    let executable = Executable::<PauliVector>::without_record(&circuit).expect("fits");
    let branches = executable.branches(1, &[], config()).expect("one branch");
    assert!((branches[0].state.expectation_z()[0] - 0.3f64.cos().powi(41)).abs() < 1e-13);
    let all = |executable: Executable<PauliVector>| {
        let state = mixture(executable.branches(100, &[], config()).expect("few")).expect("a branch");
        state.density_matrix().expect("small")
    };
    let circuit = dynamic();
    let with = all(Executable::new(&circuit).expect("fits"));
    assert!(all(Executable::without_record(&circuit).expect("fits")).distance(&with) < 1e-13);
}

#[test]
fn records_hold_any_number_of_bits() {
    let mut circuit = Circuit::new(2);
    circuit.add_bits("c", 130);
    circuit.x(0).measure(0, 129).h(0);
    when(&mut circuit, &[3, 129], 0b10, vec![Operation::gate(Gate::X, &[], &[1])], vec![]);
    let executable = Executable::<Pure>::new(&circuit).expect("fits");
    let [branch] = &executable.branches(10, &[], config()).expect("one branch")[..] else { panic!("one outcome") };
    assert!(branch.record.get(129) && !branch.record.get(65));
    assert!((branch.state.expectation_z()[1] + 1.0).abs() < 1e-15);
    let counts = executable.counts(10, config(), &mut Stream::named(1, "shots")).expect("any number of bits");
    let mut outcome = Record::default();
    outcome.set(129, true);
    assert_eq!((counts.num_bits(), counts.get(outcome.clone())), (130, 10));
    assert_eq!(counts.bitstring(&outcome), format!("1{}", "0".repeat(129)));
    let mut free = Circuit::new(1);
    free.ry(qloom_circuits::Angle::free(0), 0);
    assert!(Executable::<Pure>::new(&free).is_err());
}

#[test]
fn each_branch_in_turn_is_the_same_with_few_states() {
    let circuit = dynamic();
    let executable = Executable::<Pure>::new(&circuit).expect("fits");
    let sums = |branches: Vec<Branch<Pure>>| {
        let mut sums: BTreeMap<u64, Matrix> = BTreeMap::new();
        for branch in branches {
            let rho = density(&branch.state).scaled(branch.probability.into());
            sums.entry(branch.record.word()).and_modify(|sum| *sum = sum.plus(&rho)).or_insert(rho);
        }
        sums
    };
    let all = executable.branches(100_000, &[], config()).expect("some branches");
    let count = all.len();
    let mut each = Vec::new();
    let visit = |limit: usize, memory_limit: u64, each: &mut Vec<Branch<Pure>>| {
        executable.each_branch(limit, SimulatorConfig { memory_limit, ..config() }, &mut |branch| {
            each.push(branch);
            ControlFlow::Continue(())
        })
    };
    // at most one state for each of the steps that branch, and one on its way
    let few = (1 + Executable::choices(&executable.steps)) * Pure::bytes(3) as u64;
    visit(count, few, &mut each).expect("few states");
    assert_eq!(each.len(), count);
    let (all, each) = (sums(all), sums(each));
    assert!(all.len() == each.len() && all.iter().all(|(record, rho)| rho.distance(&each[record]) < 1e-13));
    let refused = visit(count - 1, few, &mut Vec::new());
    assert_eq!(refused, Err(SimError::TooManyBranches { limit: count - 1 }));
    assert!(matches!(visit(count, Pure::bytes(3) as u64, &mut Vec::new()), Err(SimError::MemoryLimit { .. })));
    let stopped = executable.each_branch(count, config(), &mut |_| ControlFlow::Break(()));
    assert_eq!(stopped, Err(SimError::Stopped));
}

#[test]
fn shots_on_few_branching_steps_need_few_states_whatever_their_number() {
    let mut circuit = Circuit::new(4);
    circuit.h(0).measure(0, 0).h(0).reset(0).h(1).measure(1, 1).h(1);
    let executable = Executable::<Pure>::new(&circuit).expect("fits");
    let few = SimulatorConfig { memory_limit: 7 * Pure::bytes(4) as u64, threads: 1, ..config() };
    let counts = executable.counts(1 << 50, few, &mut Stream::named(1, "shots")).expect("they are drawn together");
    assert_eq!(counts.shots(), 1 << 50);
    let quarter = 1i64 << 48;
    assert!(counts.iter().count() == 4 && counts.iter().all(|(_, times)| (times as i64 - quarter).abs() < 1 << 28));
    let most = executable.counts((1 << 53) + 1, few, &mut Stream::named(1, "shots"));
    assert!(matches!(most, Err(SimError::OutOfRange { .. })));
}

#[test]
fn many_shots_of_a_state_are_drawn_together() {
    let mut circuit = Circuit::new(10);
    circuit.h(0).ry(0.9, 3).cx(3, 7).ry(1e-4, 9).rx(0.4, 5);
    let state =
        Executable::<Pure>::new(&circuit).expect("fits").draw(&[], config(), &mut Stream::named(1, "draw")).expect("one").state;
    let shots = 1u64 << 40;
    let counts = state.sample(shots, &mut Stream::named(3, "shots"));
    assert_eq!(counts.shots(), shots);
    let all: Vec<usize> = (0..10).collect();
    for (outcome, p) in state.probabilities(&all).expect("small").into_iter().enumerate() {
        let (mean, deviation) = (p * shots as f64, (p * (1.0 - p) * shots as f64).sqrt());
        assert!((counts.get(outcome as u64) as f64 - mean).abs() <= 6.0 * deviation + 1e-3, "{outcome}");
    }
}
