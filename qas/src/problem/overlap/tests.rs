use qloom_circuits::{Angle, Circuit, Stream};
use qloom_sim::low_states;

use super::*;
use crate::objective::Objective;
use crate::{Event, Search, SearchConfig, StopReason};

fn random_state(qubits: usize, number: u64) -> Vec<Complex64> {
    let mut stream = Stream::named(number, "state");
    let amplitudes: Vec<Complex64> = (0..1 << qubits).map(|_| Complex64::new(stream.normal(), stream.normal())).collect();
    let norm = amplitudes.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt();
    amplitudes.iter().map(|amplitude| amplitude / norm).collect()
}

fn circuit() -> Circuit {
    let mut circuit = Circuit::new(2);
    circuit.ry(Angle::free(0), 0).cx(0, 1).rx(Angle::free(1), 1).rz(Angle::free(2), 0);
    circuit
}

fn objective(problem: &Problem) -> Objective {
    let config = SearchConfig::default();
    Objective::new(config.objective, &config.simulator, &config.minimizer, problem, 1).expect("valid")
}

const ANGLES: [f64; 3] = [0.7, -1.2, 0.4];

#[test]
fn energies_are_infidelities_of_dense_linear_algebra() {
    let unitary = circuit().unitary(&ANGLES).expect("gates");
    let target = random_state(2, 1);
    let problem = Problem::state("random", &target).expect("normalised");
    let overlap: Complex64 = (0..4).map(|row| target[row].conj() * unitary[(row, 0)]).sum();
    let energy = objective(&problem).energy(&circuit(), &ANGLES).expect("gates");
    assert!((energy - (1.0 - overlap.norm_sqr())).abs() < 1e-13);
    assert_eq!((problem.exact_energy(), problem.lower_bound()), (Some(0.0), 0.0));

    let mut other = Circuit::new(2);
    other.h(0).cx(1, 0).t(1).ry(0.3, 1);
    let wanted = other.unitary(&[]).expect("gates");
    let problem = Problem::unitary("other", &wanted).expect("unitary");
    let trace: Complex64 =
        (0..4).flat_map(|row| (0..4).map(move |column| (row, column))).map(|at| wanted[at].conj() * unitary[at]).sum();
    let energy = objective(&problem).energy(&circuit(), &ANGLES).expect("gates");
    assert!((energy - (1.0 - trace.norm_sqr() / 16.0)).abs() < 1e-13);
    // the circuit itself is its own unitary, whatever the phase
    let phased = unitary.scaled(Complex64::from_polar(1.0, 0.9));
    let own = objective(&Problem::unitary("own", &phased).expect("unitary")).energy(&circuit(), &ANGLES).expect("gates");
    assert!(own.abs() < 1e-13);
}

#[test]
fn energies_of_flips_are_those_of_circuits() {
    let mut other = Circuit::new(2);
    other.h(0).cx(1, 0).t(1).ry(0.3, 1);
    let hamiltonian: PauliSum = "0.4 Z0 + 0.7 Z0 Z1 + 0.2 X1".parse().expect("a sum");
    let problems = [
        Problem::state("random", &random_state(2, 1)).expect("normalised"),
        Problem::unitary("other", &other.unitary(&[]).expect("gates")).expect("unitary"),
        Problem::new("chain", hamiltonian).expect("valid").avoiding(&[random_state(2, 3)], 2.0).expect("it fits"),
    ];
    for problem in problems {
        for (flips, expected) in problem.energies_of_flips().into_iter().enumerate() {
            let mut circuit = Circuit::new(2);
            (0..2).filter(|qubit| flips >> qubit & 1 == 1).for_each(|qubit| {
                circuit.x(qubit);
            });
            let energy = objective(&problem).energy(&circuit, &[]).expect("gates");
            assert!((energy - expected).abs() < 1e-13, "{} {flips}: {energy} {expected}", problem.name());
        }
    }
}

fn run(problem: Problem, target_error: f64) -> Search {
    let config = SearchConfig { target_error: Some(target_error), ..SearchConfig::default() };
    let mut search = Search::new(config, problem, 1).expect("valid");
    loop {
        if let Event::Finished(reason) = search.step().expect("steps") {
            assert_eq!(reason, StopReason::TargetError, "{}", search.problem().name());
            return search;
        }
    }
}

#[test]
fn gates_are_found_whose_slopes_are_flat_at_every_start() {
    let mut toffoli = Circuit::new(3);
    toffoli.ccx(0, 1, 2);
    let unitary = toffoli.unitary(&[]).expect("gates");
    let search = run(Problem::unitary("toffoli", &unitary).expect("unitary"), 1e-6);
    let found = search.best().expect("builds").expect("found");
    let made = found.bound().unitary(&[]).expect("gates");
    let trace: Complex64 =
        (0..8).flat_map(|row| (0..8).map(move |column| (row, column))).map(|at| unitary[at].conj() * made[at]).sum();
    assert!(trace.norm_sqr() / 64.0 > 1.0 - 1e-6);
}

#[test]
fn excited_states_are_found_one_above_the_other() {
    let chain: PauliSum = "-1 * Z0 Z1 - Z1 Z2 - 0.7 * X0 - 0.7 * X1 - 0.7 * X2".parse().expect("a sum");
    let exact = low_states(&chain, 3, None).expect("small");
    let mut below: Vec<Vec<Complex64>> = Vec::new();
    for state in &exact {
        let problem = Problem::new("chain", chain.clone()).expect("valid").avoiding(&below, 10.0).expect("they fit");
        let search = run(problem.with_exact_energy(state.energy).expect("finite"), 1e-6);
        let unitary = search.best().expect("builds").expect("found").bound().unitary(&[]).expect("gates");
        let made: Vec<Complex64> = (0..8).map(|row| unitary[(row, 0)]).collect();
        let overlap: Complex64 = made.iter().zip(&state.amplitudes).map(|(a, b)| a.conj() * b).sum();
        assert!(overlap.norm_sqr() > 1.0 - 1e-4, "{}", overlap.norm_sqr());
        below.push(made);
    }
}

#[test]
fn targets_that_are_none_are_refused() {
    let refused = |problem: Result<Problem, QasError>| matches!(problem, Err(QasError::InvalidSetting { .. }));
    assert!(refused(Problem::state("three", &[Complex64::ONE; 3])));
    assert!(refused(Problem::state("one", &[Complex64::ONE])));
    assert!(refused(Problem::state("long", &[Complex64::ONE; 2])));
    assert!(refused(Problem::unitary("twice", &Matrix::identity(1).scaled(2.0.into()))));
    assert!(refused(Problem::unitary("large", &Matrix::identity(8))));
    let spin = || Problem::new("spin", PauliSum::z(0, 1)).expect("valid");
    assert!(refused(spin().avoiding(&[random_state(2, 1)], 1.0)));
    assert!(refused(spin().avoiding(&[random_state(1, 1)], 0.0)));
    assert!(refused(spin().avoiding(&[random_state(1, 1)], f64::NAN)));
    let noisy: SearchConfig = toml::from_str("[simulator.pauli-vector]\nshots = 1e4\n").expect("complete");
    let state = Problem::state("random", &random_state(1, 1)).expect("normalised");
    assert!(matches!(Search::new(noisy, state, 1), Err(QasError::InvalidSetting { .. })));
}
