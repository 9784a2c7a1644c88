use qloom_circuits::{Channel, Condition, Conditional, Gate, Operation, PauliString};
use qloom_sim::{PauliProgram, PauliVector, SimError};

use super::*;

fn stream(seed: u64) -> Stream {
    Stream::named(seed, "shots")
}

fn readout(errors: &[[f64; 2]]) -> Readout {
    Readout::new(errors).expect("probabilities")
}

fn put(circuit: &mut Circuit, channel: Channel, qubits: &[usize]) {
    circuit.push(Operation::Channel { channel, qubits: qubits.iter().copied().collect() }).expect("it fits");
}

/// Three qubits under channels of every kind: unitary mixtures, damping, correlated, on two qubits.
fn noisy() -> Circuit {
    let mut circuit = Circuit::new(3);
    circuit.ry(0.7, 0).cx(0, 1);
    put(&mut circuit, Channel::depolarizing(0.1, 2).expect("physical"), &[1, 0]);
    circuit.rx(1.1, 2).cx(1, 2);
    put(&mut circuit, Channel::amplitude_damping(0.2).expect("physical"), &[2]);
    put(&mut circuit, Channel::thermal_relaxation(100.0, 120.0, 20.0, 0.1).expect("physical"), &[1]);
    circuit.rz(0.4, 2).ry(-0.3, 1).cx(2, 0);
    put(&mut circuit, Channel::bit_flip(0.05).expect("physical"), &[0]);
    let correlated = Channel::from_kraus(
        "damping of both",
        Channel::amplitude_damping(0.3)
            .expect("physical")
            .kraus()
            .iter()
            .map(|k| k.kronecker(&qloom_circuits::Pauli::X.matrix()))
            .collect(),
    );
    put(&mut circuit, correlated.expect("physical"), &[0, 2]);
    circuit
}

fn close(estimate: Estimate, exact: f64) -> bool {
    (estimate.value - exact).abs() < 5.0 * estimate.standard_error + 1e-12
}

#[test]
fn means_approach_the_exact_density_operator() {
    let circuit = noisy();
    let mut exact = PauliVector::zero(3, SimulatorConfig::default()).expect("small");
    exact.run(&PauliProgram::new(&circuit).expect("bound"), &[]).expect("fits");
    let readout = readout(&[[0.02, 0.1], [0.0, 0.0], [0.05, 0.01]]);
    let word = |text| PauliString::from_word(text).expect("letters");
    let observable = PauliSum::new(3, [(word("XYI"), 0.5), (word("ZZZ"), -1.0), (word("IXX"), 0.7)]).expect("fits");
    for set in qloom_sim::InstructionSet::available() {
        let config = SimulatorConfig { instruction_set: set, ..SimulatorConfig::default() };
        let run = Trajectories::<f64>::new(&circuit).expect("compiles").run(
            40_000,
            Some(&observable),
            &readout,
            config,
            &mut stream(3),
        );
        let result = run.expect("it runs");
        for (estimate, value) in result.expectation_z.iter().zip(exact.expectation_z()) {
            assert!(close(*estimate, value) && estimate.standard_error < 0.01, "{estimate:?} {value}");
        }
        let energy = result.expectation.expect("asked for");
        assert!(close(energy, exact.expectation(&Observable::new(&observable)).expect("fits")));
        let purity = result.purity.expect("small");
        assert!(close(purity, exact.purity()), "{purity:?} {}", exact.purity());
        let mut probabilities = exact.probabilities(&[0, 1, 2]).expect("all qubits");
        readout.apply(&[0, 1, 2], &mut probabilities);
        for (outcome, value) in probabilities.iter().enumerate() {
            assert!(close(result.probabilities[outcome], *value), "{outcome} {:?} {value}", result.probabilities[outcome]);
            let frequency = result.counts.get(outcome as u64) as f64 / 40_000.0;
            assert!((frequency - value).abs() < 5.0 * (value / 40_000.0).sqrt(), "{outcome}");
        }
        assert_eq!(result.counts.shots(), 40_000);
    }
}

/// Errors are as large as they say: over many seeds the deviations in units of the error have variance 1.
#[test]
fn standard_errors_are_honest() {
    let circuit = noisy();
    let mut exact = PauliVector::zero(3, SimulatorConfig::default()).expect("small");
    exact.run(&PauliProgram::new(&circuit).expect("bound"), &[]).expect("fits");
    let trajectories = Trajectories::<f64>::new(&circuit).expect("compiles");
    let (mut z, mut purity) = (0.0, 0.0);
    let seeds = 200;
    for seed in 0..seeds {
        let result =
            trajectories.run(300, None, &Readout::default(), SimulatorConfig::default(), &mut stream(seed)).expect("it runs");
        z += ((result.expectation_z[1].value - exact.expectation_z()[1]) / result.expectation_z[1].standard_error).powi(2);
        let estimate = result.purity.expect("small");
        purity += ((estimate.value - exact.purity()) / estimate.standard_error).powi(2);
    }
    let (z, purity) = (z / seeds as f64, purity / seeds as f64);
    assert!((0.7..1.4).contains(&z) && (0.6..1.5).contains(&purity), "{z} {purity}");
}

#[test]
fn threads_change_no_bit_and_weak_noise_shares_states() {
    let circuit = noisy();
    let trajectories = Trajectories::<f64>::new(&circuit).expect("compiles");
    let run = |threads| {
        let config = SimulatorConfig { threads, ..SimulatorConfig::default() };
        trajectories.run(5000, None, &readout(&[[0.1, 0.1]]), config, &mut stream(11)).expect("it runs")
    };
    assert_eq!(run(1), run(4));
    let mut weak = Circuit::new(2);
    for _ in 0..20 {
        weak.h(0).cx(0, 1);
        put(&mut weak, Channel::depolarizing(1e-4, 1).expect("physical"), &[0]);
    }
    let weak = Trajectories::<f64>::new(&weak).expect("compiles");
    let result = weak.run(100_000, None, &Readout::default(), SimulatorConfig::default(), &mut stream(1)).expect("it runs");
    assert!(result.distinct < 1000 && result.counts.shots() == 100_000, "{}", result.distinct);
}

/// Teleportation with measured corrections and a reset: no noise, so every shot delivers the state; and a mid-circuit read-out error
/// spoils it as often as it happens.
#[test]
fn measurements_conditions_and_resets_are_followed() {
    let mut circuit = Circuit::new(3);
    circuit.add_bits("c", 3);
    circuit.ry(0.7, 0).h(1).cx(1, 2).cx(0, 1).h(0).measure(0, 0).measure(1, 1);
    for (bit, gate) in [(1, Gate::X), (0, Gate::Z)] {
        let then = vec![Operation::gate(gate, &[], &[2])];
        let condition = Condition { bits: vec![bit], value: 1 };
        circuit.push(Operation::Conditional(Box::new(Conditional { condition, then, otherwise: vec![] }))).expect("it fits");
    }
    circuit.reset(0).ry(-0.7, 2).measure(2, 2);
    let trajectories = Trajectories::<f64>::new(&circuit).expect("compiles");
    let run = |errors: &[[f64; 2]]| {
        trajectories.run(20_000, None, &readout(errors), SimulatorConfig::default(), &mut stream(1)).expect("it runs")
    };
    let result = run(&[]);
    assert!((result.expectation_z[2].value - 1.0).abs() < 1e-12 && (result.expectation_z[0].value - 1.0).abs() < 1e-12);
    assert!(result.counts.iter().all(|(bits, count)| bits.word() < 4 && count.abs_diff(5000) < 500));
    // a missed or needless X turns cos 0.7 into -cos 0.7 along z before the last rotation
    let flipped = run(&[[0.0, 0.0], [0.2, 0.2]]);
    let wrong = flipped.expectation_z[2];
    let expected = 0.8 + 0.2 * -(1.4f64.cos());
    assert!((wrong.value - expected).abs() < 5.0 * wrong.standard_error, "{wrong:?} {expected}");
}

#[test]
fn what_cannot_run_is_refused() {
    let mut free = Circuit::new(1);
    free.ry(qloom_circuits::Angle::free(0), 0);
    assert!(Trajectories::<f64>::new(&free).is_err());
    let trajectories = Trajectories::<f64>::new(&noisy()).expect("compiles");
    let run = |shots, sum: Option<&PauliSum>, memory_limit| {
        let config = SimulatorConfig { memory_limit, ..SimulatorConfig::default() };
        trajectories.run(shots, sum, &Readout::default(), config, &mut stream(0))
    };
    assert!(run(0, None, 1 << 20).is_err());
    assert!(run(1, Some(&PauliSum::z(0, 2)), 1 << 20).is_err());
    assert!(matches!(run(9, None, 300), Err(EstimateError::Simulation(SimError::MemoryLimit { .. }))));
}

/// Few shots are all kept for the purity; as many as the work of all pairs and the memory allow, two at least.
#[test]
fn few_shots_are_all_kept() {
    let trajectories = Trajectories::<f64>::new(&noisy()).expect("compiles");
    for (shots, pairs) in [(1, false), (2, true), (100, true), (256, true), (257, true)] {
        let run = trajectories.run(shots, None, &Readout::default(), SimulatorConfig::default(), &mut stream(shots));
        let result = run.expect("it runs");
        assert_eq!((result.counts.shots(), result.purity.is_some()), (shots, pairs));
    }
    assert_eq!([2, 200, 256, 1000].map(|shots| kept_for_purity(shots, 3, u128::MAX)), [2, 200, 256, 256]);
    assert_eq!([7, 8, 400].map(|room| kept_for_purity(1000, 3, room)), [0, 2, 100]);
    for num_qubits in 10..40 {
        // twice the pairs of states, times amplitudes
        let work = |kept: u64| u128::from(kept).pow(2) << num_qubits;
        let kept = kept_for_purity(1 << 40, num_qubits, u128::MAX);
        assert!(work(kept) <= 2 * PURITY_WORK, "{num_qubits}: {kept}");
        assert!(kept == 256 || kept == 0 || work(kept + 1) > 2 * PURITY_WORK, "{num_qubits}: {kept}");
        assert_eq!(kept == 0, num_qubits > 31, "{num_qubits}: {kept}");
    }
}
