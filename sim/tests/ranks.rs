//! A distributed state against one process, bit for bit.

use num_complex::Complex64;
use qloom_circuits::library::{self, ProductFormula};
use qloom_circuits::{Angle, Circuit, Matrix, Operation, Pauli, PauliString, PauliSum, Stream};

use qloom_sim::{
    Alone, Counts, DistributedPlan, DistributedState, Energy, Fabric, InstructionSet, Observable, Program, Real, SimError,
    SimulatorConfig, StateVector, on_threads,
};

/// Qubits of the circuits here, so that eight ranks have room for small tiles.
const QUBITS: usize = 17;

fn config() -> SimulatorConfig {
    SimulatorConfig { tile_qubits: Some(9), threads: 1, ..SimulatorConfig::default() }
}

fn ising(num_qubits: usize) -> PauliSum {
    let chain = (0..num_qubits)
        .map(|k| (PauliString::from_letters([(k, Pauli::Z), ((k + 1) % num_qubits, Pauli::Z)]), 1.0 + 0.1 * k as f64));
    let field = (0..num_qubits).map(|k| (PauliString::from_letters([(k, Pauli::X)]), 0.7 - 0.05 * k as f64));
    PauliSum::new(num_qubits, chain.chain(field)).expect("a sum")
}

fn qaoa(num_qubits: usize) -> Circuit {
    let mut circuit = Circuit::new(num_qubits);
    (0..num_qubits).for_each(|qubit| _ = circuit.h(qubit));
    for layer in 0..2 {
        let mut stream = Stream::numbered(3, "edges", layer);
        for _ in 0..num_qubits {
            let (a, b) = (stream.below(num_qubits), stream.below(num_qubits));
            if a != b {
                circuit.rzz(0.3 + 0.1 * layer as f64, a, b);
            }
        }
        (0..num_qubits).for_each(|qubit| _ = circuit.rx(0.8, qubit));
    }
    circuit
}

/// Layers of gates on random pairs.
fn pairs(num_qubits: usize) -> Circuit {
    let mut circuit = Circuit::new(num_qubits);
    let mut stream = Stream::named(4, "pairs");
    for _ in 0..5 {
        let mut order: Vec<usize> = (0..num_qubits).collect();
        (1..num_qubits).for_each(|k| order.swap(k, stream.below(k + 1)));
        for pair in order.chunks_exact(2) {
            for _ in 0..3 {
                let mut angle = || stream.unit() * 6.0;
                circuit.u3(angle(), angle(), angle(), pair[0]).u3(angle(), angle(), angle(), pair[1]).cx(pair[0], pair[1]);
            }
        }
    }
    circuit
}

/// Operations that no tile takes: many controls, dense unitaries, rotations under controls.
fn single(num_qubits: usize) -> Circuit {
    let top = num_qubits - 1;
    let mut circuit = library::random(num_qubits, 60, &mut Stream::named(2, "single"));
    let mut block = Circuit::new(3);
    block.h(0).cx(0, 1).ry(0.3, 2).cx(2, 0).rx(0.2, 1);
    let matrix = block.unitary(&[]).expect("small");
    let mut turn = Circuit::new(1);
    turn.rx(0.4, 0).rz(0.9, 0);
    let small = turn.unitary(&[]).expect("small");
    let mut add = |matrix: &Matrix, controls: &[usize], qubits: &[usize]| {
        let (matrix, controls, qubits) = (matrix.clone(), controls.into(), qubits.into());
        circuit.push(Operation::Unitary { matrix, controls, qubits }).expect("fits");
    };
    add(&matrix, &[], &[top, 3, top - 1]);
    add(&small, &[0, 2, 4, 6, 8, top - 2, top - 3], &[top]);
    add(&small, &[top, 2, 4, 6, 8, top - 2, 11], &[5]);
    add(&matrix, &[top, 1], &[0, top - 4, 10]);
    circuit
}

fn families(num_qubits: usize) -> Vec<(&'static str, Circuit, usize)> {
    let evolution = library::evolution(&ising(num_qubits), 0.7, 2, ProductFormula::Second).expect("a circuit");
    let mut list = vec![
        ("qft", library::qft(num_qubits)),
        ("ghz", library::ghz(num_qubits)),
        ("brick", library::brickwork(num_qubits, 4)),
        ("hea", library::hardware_efficient(num_qubits, 3)),
        ("qaoa", qaoa(num_qubits)),
        ("tfim", evolution),
        ("random", library::random(num_qubits, 400, &mut Stream::named(1, "random"))),
        ("single", single(num_qubits)),
        ("pairs", pairs(num_qubits)),
    ];
    let mut two = Circuit::new(num_qubits);
    two.h(num_qubits - 1).cx(num_qubits - 1, 0);
    list.push(("two", two));
    list.into_iter().map(|(name, circuit)| (name, circuit.num_parameters(), circuit)).map(|(a, b, c)| (a, c, b)).collect()
}

fn angles(count: usize) -> Vec<f64> {
    (0..count).map(|k| (k as f64 * 0.73).sin() * 3.0).collect()
}

/// Bits of every amplitude, in order.
fn bits<T: Real>(amplitudes: impl Iterator<Item = num_complex::Complex<T>>) -> Vec<[u64; 2]> {
    amplitudes.map(|amplitude| [amplitude.re, amplitude.im].map(|part| part.to_f64().to_bits())).collect()
}

/// What every rank gives for the program after a first one, put together: bits of the amplitudes, and sent of plan and run.
fn distributed<T: Real>(ranks: usize, programs: &[&Program], config: SimulatorConfig) -> Vec<[u64; 2]> {
    let parts = on_threads(ranks, |fabric| {
        let mut state = DistributedState::<T>::zero(QUBITS, config, fabric).expect("fits");
        for (number, program) in programs.iter().enumerate() {
            let at = angles(program.num_parameters());
            state.apply(program, &at).expect("runs");
            if number == 0 {
                let plan = DistributedPlan::new::<T>(program, ranks, &config).expect("plans");
                assert_eq!(state.sent(), plan.traffic(), "what is sent is what was planned");
                assert_eq!(plan.exchanges().is_empty(), state.sent().messages == 0);
                // programs in a row begin with one that has to exchange
                assert!(ranks == 1 || programs.len() == 1 || state.sent().amplitudes > 0);
            }
        }
        state.own_amplitudes().map(|(index, amplitude)| (index, bits([amplitude].into_iter())[0])).collect::<Vec<_>>()
    });
    let mut all: Vec<_> = parts.into_iter().flatten().collect();
    all.sort_unstable();
    assert!(all.iter().enumerate().all(|(k, (index, _))| k == *index), "every amplitude is with one rank");
    all.into_iter().map(|(_, bits)| bits).collect()
}

fn alone<T: Real>(programs: &[&Program], config: SimulatorConfig) -> StateVector<T> {
    let mut state = StateVector::<T>::zero(QUBITS, config).expect("fits");
    programs.iter().for_each(|program| state.run(program, &angles(program.num_parameters())).expect("runs"));
    state
}

#[test]
fn every_family_has_the_bits_of_one_process_at_every_number_of_ranks() {
    for (name, circuit, _) in families(QUBITS) {
        let program = Program::new(&circuit).expect("gates");
        let expected = bits(alone::<f64>(&[&program], config()).amplitudes());
        for ranks in [1, 2, 4, 8] {
            assert!(distributed::<f64>(ranks, &[&program], config()) == expected, "{name} over {ranks} ranks");
        }
    }
}

#[test]
fn precisions_threads_instruction_sets_and_programs_in_a_row() {
    let list = families(QUBITS);
    let programs: Vec<Program> = ["tfim", "single", "qft"]
        .iter()
        .map(|name| Program::new(&list.iter().find(|f| f.0 == *name).expect("there").1).expect("gates"))
        .collect();
    let programs: Vec<&Program> = programs.iter().collect();
    let scalar = SimulatorConfig { instruction_set: InstructionSet::scalar(), tile_qubits: Some(8), threads: 2, ..config() };
    for config in [config(), scalar] {
        assert!(distributed::<f64>(4, &programs, config) == bits(alone::<f64>(&programs, config).amplitudes()));
    }
    assert!(distributed::<f32>(4, &programs, config()) == bits(alone::<f32>(&programs, config()).amplitudes()));
}

#[test]
fn values_have_the_bits_of_one_process() {
    let (_, circuit, _) = families(QUBITS).into_iter().find(|family| family.0 == "random").expect("there");
    let program = Program::new(&circuit).expect("gates");
    let state = alone::<f64>(&[&program], config());
    let strings = [
        (PauliString::from_word(&"X".repeat(QUBITS)).expect("a word"), 0.4),
        (PauliString::from_word("YZXIIIYXXIIYXZIYY").expect("a word"), -0.3),
    ];
    let observables = [ising(QUBITS), PauliSum::new(QUBITS, strings).expect("a sum")].map(|sum| Observable::new(&sum));
    let marginals = [vec![16, 0, 9, 12], vec![3], vec![15, 14, 13]];
    type Values = (Vec<u64>, Vec<Vec<u64>>, Counts, Counts, Complex64);
    let to_bits = |values: Vec<f64>| values.into_iter().map(f64::to_bits).collect::<Vec<_>>();
    let mut stream = Stream::named(5, "shots");
    let expected: Values = (
        to_bits(
            [
                vec![state.norm()],
                state.expectation_z(),
                observables.iter().map(|o| state.expectation(o).expect("fits")).collect(),
            ]
            .concat(),
        ),
        marginals.iter().map(|qubits| to_bits(state.probabilities(qubits).expect("fit"))).collect(),
        state.sample(5000, &mut stream),
        state.sample_qubits(&[16, 2, 11], 777, &mut stream).expect("fit"),
        state.amplitude(77_777),
    );
    let after = stream.word();
    for ranks in [1, 2, 4, 8] {
        for values in on_threads(ranks, |fabric| -> Result<(Values, u64), SimError> {
            let mut state = DistributedState::<f64>::zero(QUBITS, config(), fabric)?;
            state.apply(&program, &[])?;
            let mut numbers = vec![state.norm()?];
            numbers.extend(state.expectation_z()?);
            for observable in &observables {
                numbers.push(state.expectation(observable)?);
            }
            let tables = marginals.iter().map(|qubits| Ok(to_bits(state.probabilities(qubits)?)));
            let tables = tables.collect::<Result<_, SimError>>()?;
            let mut stream = Stream::named(5, "shots");
            let shots = state.sample(5000, &mut stream)?;
            let some = state.sample_qubits(&[16, 2, 11], 777, &mut stream)?;
            Ok(((to_bits(numbers), tables, shots, some, state.amplitude(77_777)?), stream.word()))
        }) {
            assert!(values.expect("runs") == (expected.clone(), after), "{ranks} ranks");
        }
    }
}

#[test]
fn derivatives_have_the_bits_of_one_process() {
    let n = 20;
    let mut circuit = library::hardware_efficient(n, 1);
    let mut block = Circuit::new(2);
    block.h(0).cx(0, 1).ry(0.3, 1).cx(1, 0);
    let matrix = block.unitary(&[]).expect("small");
    circuit.push(Operation::Unitary { matrix, controls: [3][..].into(), qubits: [n - 1, 5][..].into() }).expect("fits");
    let first = circuit.num_parameters();
    circuit.rzz(Angle::free(first), n - 1, 2).crx(Angle::free(first + 1), n - 2, n - 5).cp(Angle::free(first + 2), 1, n - 1).ccx(
        0,
        n - 1,
        7,
    );
    let (at, observable) = (angles(circuit.num_parameters()), ising(n));
    let config = SimulatorConfig { threads: 1, tile_qubits: Some(9), ..SimulatorConfig::default() };
    let mut energy = Energy::with_config(&circuit, &observable, config).expect("fits");
    let mut expected = vec![0.0; at.len()];
    let value = energy.value_and_gradient(&at, &mut expected).expect("runs");
    let (program, observable) = (Program::new(&circuit).expect("gates"), Observable::new(&observable));
    for ranks in [1, 2, 4] {
        for end in on_threads(ranks, |fabric| {
            let mut state = DistributedState::<f64>::zero(n, config, fabric)?;
            let mut gradient = vec![0.0; at.len()];
            // twice: what one call leaves does not matter to the next
            state.value_and_gradient(&program, &observable, &at, &mut gradient)?;
            Ok((state.value_and_gradient(&program, &observable, &at, &mut gradient)?, gradient))
        }) {
            let end: Result<_, SimError> = end;
            assert!(end.expect("runs") == (value, expected.clone()), "{ranks} ranks");
        }
    }
}

#[test]
fn planned_volumes_are_far_below_one_slice_a_gate() {
    let part = |circuit: &Circuit, ranks: usize| {
        let program = Program::new(circuit).expect("gates");
        let plan = DistributedPlan::new::<f64>(&program, ranks, &SimulatorConfig::default()).expect("plans");
        plan.traffic().amplitudes as f64 / DistributedPlan::gate_by_gate(circuit, ranks).expect("gates").amplitudes as f64
    };
    for (name, circuit, most) in
        [("qft", library::qft(30), 0.5), ("brick", library::brickwork(30, 8), 0.6), ("qaoa", qaoa(30), 0.6)]
    {
        let part = part(&circuit, 8);
        assert!(part <= most, "{name}: {part}");
    }
}

#[test]
#[ignore = "prints the tables of benches/DISTRIBUTED.md: cargo test --release -p qloom-sim --test ranks -- --ignored --nocapture"]
fn tables_of_what_is_sent() {
    let config = SimulatorConfig { cache: 512 << 10, threads: 1, ..SimulatorConfig::default() };
    let row = |name: &str, circuit: &Circuit, ranks: usize| {
        let program = Program::new(circuit).expect("gates");
        let plan = DistributedPlan::new::<f64>(&program, ranks, &config).expect("plans");
        let (sent, plain) = (plan.traffic(), DistributedPlan::gate_by_gate(circuit, ranks).expect("gates"));
        let slice = (1u64 << circuit.num_qubits()) as f64 / ranks as f64;
        let [ours, theirs] = [sent, plain].map(|traffic| traffic.amplitudes as f64 / slice);
        println!(
            "| {name} | {} | {ranks} | {} | {} | {ours:.3} | {theirs:.0} | {:.3} | {} | {:.1} | {:.1} |",
            circuit.num_qubits(),
            plan.passes(),
            plan.exchanges().len(),
            ours / theirs,
            sent.messages,
            plan.slice_bytes() as f64 / f64::from(1 << 30),
            plan.buffer_bytes(1) as f64 / f64::from(1 << 20),
        );
    };
    println!("| circuit | qubits | ranks | passes | exchanges | slices sent | gate by gate | ratio | messages | GiB | MiB |");
    for ranks in [2, 8, 64] {
        for (name, circuit) in [
            ("qft", library::qft(30)),
            ("brick, 8 layers", library::brickwork(30, 8)),
            ("hea, 4 layers", library::hardware_efficient(30, 4)),
            ("qaoa, 2 layers", qaoa(30)),
            ("tfim, 4 steps of order 2", library::evolution(&ising(30), 0.7, 4, ProductFormula::Second).expect("a circuit")),
            ("random, 1000 gates", library::random(30, 1000, &mut Stream::named(1, "random"))),
        ] {
            row(name, &circuit, ranks);
        }
    }
    for (qubits, ranks) in [(36, 8), (36, 64), (40, 128), (40, 1024), (44, 4096), (44, 16384)] {
        row("qft", &library::qft(qubits), ranks);
        row("brick, 8 layers", &library::brickwork(qubits, 8), ranks);
    }
}

#[test]
fn what_ranks_cannot_hold_is_refused_on_all_of_them() {
    let refused = |ranks: usize, qubits: usize, config: SimulatorConfig| {
        let ends = on_threads(ranks, |fabric| DistributedState::<f64>::zero(qubits, config, fabric).map(|_| ()));
        assert!(ends.iter().all(|end| *end == ends[0]), "all say the same");
        ends[0].clone().expect_err("refused").to_string()
    };
    assert!(refused(3, QUBITS, config()).contains("power of two"));
    assert!(refused(8, 11, config()).contains("too few"));
    let small = SimulatorConfig { memory_limit: 1 << 20, ..config() };
    assert!(refused(2, QUBITS, small).contains("GiB a rank"));
    let program = Program::new(&library::qft(QUBITS)).expect("gates");
    let large = SimulatorConfig { tile_qubits: Some(16), ..config() };
    assert!(DistributedPlan::new::<f64>(&program, 4, &large).expect_err("tile").to_string().contains("tile"));
    let mut state = DistributedState::<f64>::zero(QUBITS, config(), &Alone).expect("fits");
    assert!(state.probabilities(&(0..13).collect::<Vec<_>>()).is_err() && state.probabilities(&[99]).is_err());
    assert!(state.sample(1 << 40, &mut Stream::named(0, "shots")).is_err());
    let free = Angle::free(0);
    let mut other = Circuit::new(3);
    other.ry(free, 0);
    assert!(state.apply(&Program::new(&other).expect("gates"), &[0.0]).is_err());
}

#[test]
fn a_rank_that_ends_gives_the_others_an_error() {
    let program = Program::new(&library::qft(QUBITS)).expect("gates");
    let ends = on_threads(4, |fabric| {
        let mut state = DistributedState::<f64>::zero(QUBITS, config(), fabric)?;
        if fabric.rank() == 1 { Ok(0.0) } else { state.apply(&program, &[]).and_then(|()| state.norm()) }
    });
    assert!(ends.iter().enumerate().all(|(rank, end)| end.is_err() == (rank != 1)), "{ends:?}");
}
