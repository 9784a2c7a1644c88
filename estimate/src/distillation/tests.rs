use qloom_circuits::{Circuit, Matrix, PauliString};
use qloom_hardware::NoiseModel;
use qloom_sim::{PauliProgram, PauliVector, SimulatorConfig};

use super::*;

fn hamiltonian() -> PauliSum {
    let terms = [("XYZ", 0.3), ("ZZI", -0.7), ("IXX", 0.2), ("YIY", 0.5), ("III", 1.5)];
    PauliSum::new(3, terms.map(|(word, c)| (PauliString::from_word(word).expect("a word"), c))).expect("valid")
}

fn state(angle: f64) -> PauliVector {
    let mut circuit = Circuit::new(3);
    circuit.ry(0.3, 0).cx(0, 1).rx(angle, 2).cx(1, 2).rz(0.8, 1).cx(2, 0).ry(2.2, 1);
    let mut model = NoiseModel::default();
    model.after_gates(2, qloom_circuits::Channel::depolarizing(0.1, 2).expect("physical"));
    model.after_gates(1, qloom_circuits::Channel::amplitude_damping(0.05).expect("physical"));
    let noisy = model.apply(&circuit).expect("it fits");
    let mut state = PauliVector::zero(3, SimulatorConfig::default()).expect("small");
    state.run(&PauliProgram::new(&noisy).expect("compiles"), &[]).expect("runs");
    state
}

fn distiller(copies: u32) -> Distiller {
    Distiller::new(&hamiltonian(), copies, &Readout::default(), ShotNoise::PublishedGpu)
}

fn dense_trace(a: &Matrix) -> f64 {
    (0..8).map(|k| a[(k, k)].re).sum()
}

#[test]
fn traces_equal_those_of_dense_matrices() {
    let state = state(-1.1);
    let rho = state.density_matrix().expect("small");
    let mut power = rho.clone();
    for copies in 2..=4 {
        power = power.times(&rho);
        let traces = distiller(copies).traces(state.values());
        assert!((traces.denominator - dense_trace(&power)).abs() < 1e-14);
        assert!((traces.numerator - dense_trace(&power.times(&hamiltonian().matrix()))).abs() < 1e-13);
    }
    assert!((distiller(2).traces(state.values()).denominator - state.purity()).abs() < 1e-14);
}

#[test]
fn covectors_are_derivatives() {
    for copies in 2..=4 {
        let mut distiller = distiller(copies);
        distiller.traces(state(-1.1).values());
        let covector = distiller.covector(0.7, -0.4);
        let h = 1e-5;
        let (up, down) = (state(-1.1 + h), state(-1.1 - h));
        let slope: f64 = (up.values().iter().zip(down.values())).zip(&covector).map(|((u, d), c)| (u - d) / (2.0 * h) * c).sum();
        let mut value = |state: &PauliVector| {
            let traces = distiller.traces(state.values());
            0.7 * traces.numerator - 0.4 * traces.denominator
        };
        let expected = (value(&up) - value(&down)) / (2.0 * h);
        assert!((slope - expected).abs() < 1e-8, "{copies} copies: {slope} {expected}");
    }
}

#[test]
fn read_out_errors_of_all_copies_enlarge_the_random_errors() {
    let plain = distiller(2).traces(state(0.3).values()).deviations;
    let mut inverted =
        Distiller::new(&hamiltonian(), 2, &Readout::new(&[[0.1, 0.1]; 3]).expect("possible"), ShotNoise::PublishedGpu);
    let errors = inverted.traces(state(0.3).values()).deviations;
    for (error, plain) in errors.iter().zip(plain) {
        assert!((error / plain - 0.8f64.powi(-6)).abs() < 1e-12);
    }
    // The squares of the coefficients but the identity's add up to 0.87.
    assert!((plain[0] - 0.87f64.sqrt()).abs() < 1e-14 && plain[1] == 1.0);
}

/// A pure state stays what it is, and what cannot be distilled is refused by what is wrong with it.
#[test]
fn pure_states_stay_and_sizes_are_checked() {
    let state = PauliVector::zero(2, qloom_sim::SimulatorConfig::default()).expect("small");
    for copies in 2..=4 {
        let value = virtual_distillation(&state, &PauliSum::z(1, 2), copies).expect("it fits");
        assert!((value - 1.0).abs() < 1e-14, "{copies} copies: {value}");
    }
    let refused =
        |observable: &PauliSum, copies| virtual_distillation(&state, observable, copies).expect_err("a mistake").to_string();
    assert!(refused(&PauliSum::z(1, 3), 2).contains("3 where 2"));
    assert!(refused(&PauliSum::z(1, 2), 5).contains("2 to 4"));
}
