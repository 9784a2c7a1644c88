use qloom_circuits::{Circuit, PauliString, PauliSum};
use qloom_estimate::{Mitigation, NoiseScaling, VirtualDistillation, ZeroNoiseExtrapolation};
use qloom_hardware::{Device, NoiseModel};
use qloom_sim::NoisyEnergy;

use super::config::DepolarizingNoise;
use super::*;

fn hamiltonian() -> PauliSum {
    let terms = [("XYZ", 0.3), ("ZZI", -0.7), ("IXX", 0.2), ("YIY", 0.5), ("III", 1.5), ("IZI", 0.04)];
    PauliSum::new(3, terms.map(|(word, c)| (PauliString::from_word(word).expect("a word"), c))).expect("valid")
}

fn problem() -> Problem {
    Problem::new("test", hamiltonian()).expect("valid")
}

fn device(readout: &str) -> Box<Device> {
    let text = format!(
        "name = \"d\"\nprovenance = \"made up\"\n[qubit]\nt1_ns = [1e5]\nt2_ns = [1.2e5]\nexcited_population = [0.07]\n\
         readout = {readout}\n[one_qubit]\ntime_ns = 350.0\ndepolarizing = 0.004\n[two_qubit]\ntime_ns = 2000.0\ndepolarizing = 0.03\n"
    );
    Box::new(toml::from_str(&text).expect("complete"))
}

fn choice() -> PauliVectorChoice {
    PauliVectorChoice { device: Some(device("[[0.02, 0.06], [0.1, 0.1], [0.0, 0.03]]")), ..PauliVectorChoice::default() }
}

#[test]
fn depolarizing_noise_is_that_of_the_published_matrices() {
    let noise = |form| {
        let depolarizing = Some(DepolarizingNoise { one_qubit: 0.001, two_qubit: 0.005, form });
        PauliVectorChoice { depolarizing, ..PauliVectorChoice::default() }.noise(2).expect("physical")
    };
    let mut circuit = Circuit::new(2);
    circuit.x(0).cx(0, 1);
    let coefficient = |model: &NoiseModel, word: &str| {
        let sum = PauliSum::new(2, [(PauliString::from_word(word).expect("a word"), 1.0)]).expect("valid");
        let mut energy = NoisyEnergy::new(&model.apply(&circuit).expect("it fits"), &sum).expect("small");
        energy.value(&[]).expect("finite")
    };
    let each = noise(config::DepolarizingForm::Each);
    // ZZ and ZI shrink by (1 - p)^2 and 1 - p; before it Z on the first qubit by 0.999.
    assert!((coefficient(&each, "ZI") + 0.999 * 0.995).abs() < 1e-12);
    assert!((coefficient(&each, "ZZ") - 0.995f64.powi(2)).abs() < 1e-12);
    assert!((coefficient(&noise(config::DepolarizingForm::Pair), "ZZ") - 0.995).abs() < 1e-12);
}

#[test]
fn settings_outside_their_ranges_are_refused() {
    let refused = |choice: PauliVectorChoice| NoisySimulation::new(&choice, &problem(), Stream::named(1, "shots")).is_err();
    let zero = |extrapolation| Mitigation::ZeroNoiseExtrapolation(extrapolation);
    let depolarizing = |two_qubit| DepolarizingNoise { one_qubit: 0.0, two_qubit, form: config::DepolarizingForm::Each };
    assert!(!refused(choice()));
    assert!(refused(PauliVectorChoice { shots: Some(0.5), ..choice() }));
    assert!(refused(PauliVectorChoice { shots: Some(f64::NAN), ..choice() }));
    assert!(refused(PauliVectorChoice { confirmations: 0, ..choice() }));
    assert!(
        refused(PauliVectorChoice { caution: -1.0, ..choice() }) && refused(PauliVectorChoice { caution: f64::NAN, ..choice() })
    );
    assert!(refused(PauliVectorChoice { depolarizing: Some(depolarizing(0.1)), ..choice() }), "a device and depolarizing noise");
    assert!(refused(PauliVectorChoice { depolarizing: Some(depolarizing(1.5)), ..PauliVectorChoice::default() }));
    let distillation = Mitigation::VirtualDistillation(VirtualDistillation { copies: 2 });
    assert!(refused(PauliVectorChoice { mitigation: distillation, ..choice() }), "read-outs are not inverted");
    for (scales, degree) in [(vec![1, 2], 1), (vec![3, 5], 1), (vec![1, 1], 1), (vec![1, 3], 2), (vec![1, 3], 0)] {
        let scaling = NoiseScaling::Insertion;
        let extrapolation = ZeroNoiseExtrapolation { scales, degree, scaling, ..ZeroNoiseExtrapolation::default() };
        assert!(refused(PauliVectorChoice { mitigation: zero(extrapolation), ..choice() }));
    }
}

#[test]
fn refused_settings_are_named_with_their_place_in_the_file() {
    let mitigation = Mitigation::VirtualDistillation(VirtualDistillation { copies: 9 });
    let message = |choice: PauliVectorChoice| match NoisySimulation::new(&choice, &problem(), Stream::named(1, "shots")) {
        Ok(_) => panic!("it is refused"),
        Err(error) => error.to_string(),
    };
    let text = message(PauliVectorChoice { mitigation, ..choice() });
    assert!(text.starts_with("simulator.pauli-vector.mitigation.virtual-distillation.copies is 9"), "{text}");
    let text = message(PauliVectorChoice { shots: Some(0.5), ..choice() });
    assert!(text.starts_with("simulator.pauli-vector.shots is 0.5"), "{text}");
}

/// The same errors are drawn with and without caution: three standard errors of the mean of 25 energies lie between.
#[test]
fn caution_adds_standard_errors_to_what_is_believed() {
    let mut circuit = Circuit::new(3);
    circuit.ry(0.4, 0);
    let energy = |caution| {
        let choice = PauliVectorChoice { shots: Some(1e4), confirmations: 25, caution, ..choice() };
        let simulator = crate::SimulatorChoice::PauliVector(Box::new(choice));
        let mut objective =
            crate::Objective::new(Default::default(), &simulator, &Default::default(), &problem(), 1).expect("valid");
        objective.confirm(&circuit, &[], 0.0).expect("measured")
    };
    let norm: f64 = hamiltonian().terms().iter().filter(|(string, _)| *string != PauliString::IDENTITY).map(|(_, c)| c * c).sum();
    let error = norm.sqrt() / 1e4f64.sqrt() / 5.0;
    assert!((energy(3.0) - energy(0.0) - 3.0 * error).abs() < 1e-12);
}
