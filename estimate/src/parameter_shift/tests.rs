use qloom_circuits::{Channel, Gate, PauliString, PauliSum, Stream, library};
use qloom_hardware::NoiseModel;
use qloom_sim::NoisyEnergy;

use super::*;

/// Gates of every kind under noise, angles shared, scaled and shifted among three parameters, a reset and a measurement within.
fn noisy(n: usize, seed: u64) -> Circuit {
    let mut model = NoiseModel::default();
    model.after_gates(1, Channel::thermal_relaxation(100.0, 120.0, 3.0, 0.07).expect("physical"));
    model.after_gates(2, Channel::depolarizing(0.02, 2).expect("physical"));
    let mut circuit = Circuit::new(n);
    circuit.add_bits("record", 1);
    let mut next = 0;
    for (position, operation) in library::random(n, 18, &mut Stream::named(seed, "circuit")).operations().iter().enumerate() {
        let free = operation.map_angles(&mut |_| {
            next += 1;
            Angle::free(next % 3).scaled([1.0, 0.7, -1.3][next % 3]).shifted(0.1 * next as f64)
        });
        circuit.push(free).expect("it fits");
        match position {
            6 => circuit.reset(0),
            12 => circuit.measure(n - 1, 0),
            _ => circuit.h(position % n),
        };
    }
    circuit.ry(Angle::free(0), 0).ry(Angle::free(1), n - 1).ry(Angle::free(2), n / 2);
    model.apply(&circuit).expect("it fits")
}

fn observable(n: usize) -> PauliSum {
    let words = (0..n).flat_map(|q| [PauliString::from_masks(0, 1 << q), PauliString::from_masks(1 << q, 1 << (n - 1 - q))]);
    PauliSum::new(n, words.enumerate().map(|(k, string)| (string, 1.0 + 0.3 * k as f64))).expect("finite")
}

#[test]
fn shifts_give_the_gradient_of_reverse_mode() {
    for n in 1..=5 {
        for seed in 0..4 {
            let circuit = noisy(n, seed);
            let parameters = [0.4, -0.5, -1.4];
            let mut expected = [0.0; 3];
            let mut energy = NoisyEnergy::new(&circuit, &observable(n)).expect("supported");
            energy.value_and_gradient(&parameters, &mut expected).expect("finite");
            let shift = ParameterShift::new(&circuit).expect("no conditions");
            let mut apart = NoisyEnergy::new(shift.circuit(), &observable(n)).expect("supported");
            let found = shift.gradient(&parameters, |angles| apart.value(angles)).expect("finite");
            for (a, b) in found.iter().zip(&expected) {
                assert!((a - b).abs() < 1e-10, "{n} qubits, seed {seed}: {found:?} {expected:?}");
            }
        }
    }
}

/// The variance of a slope is that of independent shifted values of variance 1.
#[test]
fn variances_follow_the_rule() {
    let mut circuit = Circuit::new(2);
    circuit.ry(Angle::free(0), 0).ry(Angle::free(0).scaled(2.0), 1).crx(Angle::free(1), 0, 1);
    let variances = ParameterShift::new(&circuit).expect("rotations").slope_variances();
    // two values with weight 1/2 each; twice the angle, four times the variance
    assert!((variances[0] - (0.5 + 4.0 * 0.5)).abs() < 1e-14);
    let squares: f64 = Gate::Crx.frequencies(0).shift_rule().iter().map(|(c, _)| c * c).sum();
    assert!((variances[1] - squares).abs() < 1e-14);
}

#[test]
fn shifts_call_with_the_circuit_and_refuse_conditions() {
    let mut circuit = Circuit::new(1);
    circuit.add_bits("record", 1);
    circuit.rx(Angle::free(0), 0).measure(0, 0);
    let gradient =
        parameter_shift(&circuit, &[0.3], |circuit, angles| NoisyEnergy::new(circuit, &PauliSum::z(0, 1))?.value(angles));
    assert!((gradient.expect("supported")[0] + 0.3f64.sin()).abs() < 1e-14);
    let then = vec![Operation::gate(Gate::Rx, &[Angle::free(0)], &[0])];
    let condition = qloom_circuits::Condition { bits: vec![0], value: 1 };
    let conditional = qloom_circuits::Conditional { condition, then, otherwise: Vec::new() };
    circuit.push(Operation::Conditional(Box::new(conditional))).expect("it fits");
    assert!(matches!(ParameterShift::new(&circuit), Err(EstimateError::Unsupported { .. })));
}
