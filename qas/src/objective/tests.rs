use qloom_circuits::{Angle, Circuit, PauliString, PauliSum};
use qloom_optim::{CobylaConfig, LbfgsConfig, NaturalGradientConfig, sine_minimum};

use super::*;

fn sum(num_qubits: usize, terms: &[(&str, f64)]) -> PauliSum {
    let terms = terms.iter().map(|(word, c)| (PauliString::from_word(word).expect("a word"), *c));
    PauliSum::new(num_qubits, terms).expect("valid")
}

fn objective(new_angle: NewAngle, minimizer: MinimizerConfig, hamiltonian: PauliSum) -> Objective {
    let problem = Problem::new("test", hamiltonian).expect("valid");
    Objective::new(
        ObjectiveConfig { new_angle, ..ObjectiveConfig::default() },
        &SimulatorChoice::default(),
        &minimizer,
        &problem,
        1,
    )
    .expect("valid")
}

fn lbfgs() -> MinimizerConfig {
    MinimizerConfig::Lbfgs(LbfgsConfig::default())
}

fn ry() -> Circuit {
    let mut circuit = Circuit::new(1);
    circuit.ry(Angle::free(0), 0);
    circuit
}

#[test]
fn energies_equal_those_of_dense_matrices() {
    let hamiltonian = sum(3, &[("XYZ", 0.3), ("ZZI", -0.7), ("IXX", 0.2), ("YIY", 0.5), ("III", 1.5)]);
    let mut circuit = Circuit::new(3);
    circuit.ry(Angle::free(0), 0).cx(0, 1).rx(Angle::free(1), 2).cx(1, 2).rz(Angle::free(2), 1).cx(2, 0);
    circuit.ry(Angle::free(3), 1);
    let angles = [0.3, -1.1, 0.8, 2.2];
    let unitary = circuit.unitary(&angles).expect("small");
    let matrix = hamiltonian.matrix();
    let mut expected = 0.0;
    for row in 0..8 {
        for column in 0..8 {
            let (bra, ket) = (unitary.entries()[8 * row].conj(), unitary.entries()[8 * column]);
            expected += (bra * matrix.entries()[8 * row + column] * ket).re;
        }
    }
    let mut objective = objective(NewAngle::Sweep, lbfgs(), hamiltonian);
    let energy = objective.energy(&circuit, &angles).expect("small");
    assert!((energy - expected).abs() < 1e-12, "{energy} {expected}");
    assert_eq!(objective.evaluations(), Evaluations { values: 1, gradients: 0 });
}

#[test]
fn a_gradient_method_from_zero_stays_on_a_saddle_and_the_sweep_leaves_it() {
    // RY on |0> under Z: the energy is cos t, flat at 0, lowest at pi.
    let mut from_zero = objective(NewAngle::Zero, lbfgs(), sum(1, &[("Z", 1.0)]));
    assert_eq!(from_zero.fit(&ry(), vec![0.0], Some(0), 1.0).expect("fits").energy, 1.0);
    let mut swept = objective(NewAngle::Sweep, lbfgs(), sum(1, &[("Z", 1.0)]));
    let fit = swept.fit(&ry(), vec![0.0], Some(0), 1.0).expect("fits");
    assert!((fit.energy + 1.0).abs() < 1e-14 && (fit.angles[0].abs() - std::f64::consts::PI).abs() < 1e-7);
    // Two energies for the sweep and one with its gradient, which is 0.
    assert_eq!(swept.evaluations(), Evaluations { values: 3, gradients: 1 });
}

#[test]
fn all_angles_are_fitted_together() {
    // The ground state of XX + YY + ZZ is the singlet, energy -3.
    let hamiltonian = sum(2, &[("XX", 1.0), ("YY", 1.0), ("ZZ", 1.0)]);
    let mut circuit = Circuit::new(2);
    circuit.ry(Angle::free(0), 0).rx(Angle::free(1), 1).cx(0, 1).rz(Angle::free(2), 0);
    for minimizer in [lbfgs(), MinimizerConfig::Cobyla(CobylaConfig { final_radius: 1e-8, ..Default::default() })] {
        let mut objective = objective(NewAngle::Sweep, minimizer, hamiltonian.clone());
        let fit = objective.fit(&circuit, vec![0.4, 0.7, 0.2], None, 0.0).expect("fits");
        assert!((fit.energy + 3.0).abs() < 1e-9, "{fit:?}");
        let again = objective.energy(&circuit, &fit.angles).expect("small");
        assert!((again - fit.energy).abs() < 1e-12);
    }
}

#[test]
fn a_circuit_without_angles_is_evaluated_once() {
    let mut objective = objective(NewAngle::Sweep, lbfgs(), sum(2, &[("ZI", 0.5), ("IZ", 0.25)]));
    let mut circuit = Circuit::new(2);
    circuit.cx(0, 1);
    assert_eq!(objective.fit(&circuit, Vec::new(), None, 0.75).expect("fits").energy, 0.75);
    assert_eq!(objective.evaluations().values, 1);
}

#[test]
fn three_energies_tell_the_lowest_angle() {
    for (mean, cosine, sine) in [(0.3f64, 0.5f64, -0.2f64), (-1.0, -0.4, 0.9), (0.0, 0.0, 1.0), (2.0, 1.0, 0.0)] {
        let curve = |t: f64| mean + cosine * t.cos() + sine * t.sin();
        let half = std::f64::consts::FRAC_PI_2;
        let angle = sine_minimum(curve(0.0), curve(half), curve(-half)).0;
        assert!((curve(angle) - (mean - cosine.hypot(sine))).abs() < 1e-12);
    }
    assert_eq!(sine_minimum(1.0, 1.0, 1.0).0, 0.0);
}

#[test]
fn minimisers_draw_from_a_stream_that_is_saved_or_repeated_when_asked() {
    // With two angles the relative sign of a direction matters.
    let mut circuit = ry();
    circuit.rx(Angle::free(1), 0);
    let fitted = |objective: &mut Objective| objective.fit(&circuit, vec![0.3, 0.4], None, 0.0).expect("fits").angles[0];
    let minimizer = MinimizerConfig::Spsa(qloom_optim::SpsaConfig { max_evaluations: 3, ..Default::default() });
    let build = |directions, seed| {
        let hamiltonian = sum(1, &[("Z", 1.0), ("X", 0.3)]);
        let problem = Problem::new("test", hamiltonian).expect("valid");
        let config = ObjectiveConfig { directions, ..ObjectiveConfig::default() };
        Objective::new(config, &SimulatorChoice::default(), &minimizer, &problem, seed).expect("valid")
    };
    let mut fresh = build(Directions::Fresh, 1);
    let first: Vec<f64> = (0..20).map(|_| fitted(&mut fresh)).collect();
    let mut resumed = build(Directions::Fresh, 2);
    resumed.load(&fresh.save());
    let next: Vec<f64> = (0..20).map(|_| fitted(&mut fresh)).collect();
    assert_ne!(first, next, "one direction in two, twenty times");
    assert_eq!((0..20).map(|_| fitted(&mut resumed)).collect::<Vec<_>>(), next);
    let mut repeated = build(Directions::Repeated, 1);
    assert!((0..20).all(|_| fitted(&mut repeated) == first[0]));
}

/// With and without kept fits energies and what is kept are the same to the tolerance of a fit, and a circuit that comes again costs nothing.
#[test]
fn kept_fits_are_those_that_would_be_made() {
    let hamiltonian = sum(3, &[("XYZ", 0.3), ("ZZI", -0.7), ("IXX", 0.2), ("YIY", 0.5), ("III", 1.5)]);
    let mut plain = objective(NewAngle::Sweep, lbfgs(), hamiltonian.clone());
    let problem = Problem::new("test", hamiltonian).expect("valid");
    let config = ObjectiveConfig { cache: Some(CacheConfig::default()), ..ObjectiveConfig::default() };
    let keeping = |config: &ObjectiveConfig| {
        Objective::new(config.clone(), &SimulatorChoice::default(), &lbfgs(), &problem, 1).expect("valid")
    };
    let mut keeping_fits = keeping(&config);
    let mut first = Circuit::new(3);
    first.ry(Angle::free(0), 0).rx(Angle::free(1), 2).cx(0, 1).rz(Angle::free(2), 2).ry(Angle::free(3), 1);
    // the same gates in another order, and two CNOTs between that undo each other
    let mut second = Circuit::new(3);
    second.rx(Angle::free(0), 2).cx(2, 1).cx(2, 1).rz(Angle::free(1), 2).ry(Angle::free(2), 0).cx(0, 1).ry(Angle::free(3), 1);
    let before = plain.energy(&first, &[0.4, 0.2, 0.6, 0.0]).expect("simulates");
    let expected = plain.fit(&first, vec![0.4, 0.2, 0.6, 0.0], Some(3), before).expect("fits");
    let fit = keeping_fits.fit(&first, vec![0.4, 0.2, 0.6, 0.0], Some(3), before).expect("fits");
    assert!((fit.energy - expected.energy).abs() < 1e-8);
    assert!((keeping_fits.energy(&first, &fit.angles).expect("simulates") - fit.energy).abs() < 1e-12);
    let (spent, hits) = (keeping_fits.evaluations(), keeping_fits.cache_hits());
    let again = keeping_fits.fit(&second, vec![0.2, 0.6, 0.4, 0.0], Some(3), before).expect("fits");
    assert_eq!((keeping_fits.evaluations(), keeping_fits.cache_hits()), (spent, hits + 1));
    assert_eq!((again.energy, &again.angles), (fit.energy, &vec![fit.angles[1], fit.angles[2], fit.angles[0], fit.angles[3]]));
    // other angles to begin with, or another energy before, are another fit
    keeping_fits.fit(&second, vec![0.2, 0.6, 0.5, 0.0], Some(3), before).expect("fits");
    keeping_fits.fit(&second, vec![0.2, 0.6, 0.4, 0.0], None, before).expect("fits");
    keeping_fits.fit_part(&second, vec![0.2, 0.6, 0.4, 0.0], Some(3), before, Some(3..4)).expect("fits");
    assert_eq!(keeping_fits.cache_hits(), hits + 1);
    // a saved cache is the same cache
    let mut resumed = keeping(&config);
    resumed.load(&keeping_fits.save());
    assert_eq!(resumed.fit(&first, vec![0.4, 0.2, 0.6, 0.0], Some(3), before).expect("fits"), fit);
    assert_eq!((resumed.cache_hits(), resumed.evaluations()), (hits + 2, keeping_fits.evaluations()));
    let nothing = Objective::of_cost(config, &lbfgs(), Box::new(NoCost), 1).err();
    assert!(matches!(nothing, Some(QasError::InvalidSetting { .. })), "costs may count gates");
}

struct NoCost;

impl Cost for NoCost {
    fn rebuild(&mut self, _: &Circuit) -> Result<(), CostError> {
        Ok(())
    }

    fn value_and_gradient(&mut self, _: &[f64], _: &mut [f64]) -> Result<f64, CostError> {
        Ok(0.0)
    }
}

/// A fit by the natural gradient ends where L-BFGS does, whether or not gates stand before the circuit, and of some angles as of all.
#[test]
fn fits_by_the_natural_gradient_end_where_others_do() {
    let mut circuit = Circuit::new(2);
    circuit.ry(Angle::free(0), 0).cx(0, 1).ry(Angle::free(1), 1).rz(Angle::free(2), 0).cx(0, 1).rx(Angle::free(3), 0);
    let mut fixed = Circuit::new(2);
    fixed.h(0).cx(0, 1).ry(0.3, 1);
    let natural = MinimizerConfig::NaturalGradient(NaturalGradientConfig::default());
    for (before, varied) in [(None, None), (Some(&fixed), None), (Some(&fixed), Some(1..3))] {
        let fit = |minimizer: MinimizerConfig| {
            let mut objective = objective(NewAngle::Zero, minimizer, sum(2, &[("XX", 1.0), ("ZI", 0.4), ("IZ", -0.7)]));
            if let Some(before) = before {
                objective.begin_with(before).expect("gates");
            }
            let start = vec![0.2, -0.4, 0.3, 0.1];
            let fit = objective.fit_part(&circuit, start, None, 1.0, varied.clone()).expect("fits");
            (fit.energy, objective.evaluations())
        };
        let ((found, spent), (expected, _)) = (fit(natural.clone()), fit(lbfgs()));
        assert!((found - expected).abs() < 1e-8, "{found} {expected}");
        // a metric counts as one evaluation for each of the angles
        assert!(spent.values > spent.gradients + 1, "{spent:?}");
    }
    let noisy = SimulatorChoice::PauliVector(Box::default());
    let problem = Problem::new("test", sum(1, &[("Z", 1.0)])).expect("valid");
    assert!(Objective::new(ObjectiveConfig::default(), &noisy, &natural, &problem, 1).is_err());
}
