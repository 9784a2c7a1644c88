//! Circuits against the path model and the exact polynomials.

use qloom_circuits::{Circuit, Operation, Stream, qasm};
use qloom_sim::{Executable, Program, SimulatorConfig, StateVector, before_last_measurements};

use super::sigma::Compiled;
use super::*;
use crate::Closure;
use crate::braid::Braid;
use crate::fibonacci::{PathString, SigmaPower, polynomial_factor};

const NATIVES: [Native; 4] = [Native::Zz, Native::Cz, Native::Cx, Native::Ecr];

/// `P(0 0..0) - P(1 0..0)` after the circuit, without noise.
fn echo(circuit: &Circuit) -> f64 {
    let unitary = before_last_measurements(circuit);
    let config = SimulatorConfig { threads: 1, ..SimulatorConfig::default() };
    let mut state = StateVector::<f64>::zero(circuit.num_qubits(), config).expect("it fits");
    state.run(&Program::new(&unitary).expect("a program"), &[]).expect("it runs");
    state.amplitude(0).norm_sqr() - state.amplitude(1).norm_sqr()
}

#[test]
fn stored_angles_give_the_powers() {
    for native in [Native::Zz, Native::Cz] {
        for power in 1..10 {
            let compiled = Compiled::new(power, native);
            let gate = SigmaPower::new(power);
            let block = |left, right| compiled.block(left, right, power > 5);
            let phase = gate.vacuum / block(false, false)[1][1];
            let close = |a: num_complex::Complex64, b: num_complex::Complex64| {
                assert!((a * phase - b).norm() < 1e-12, "power {power}, {native:?}")
            };
            close(block(false, true)[1][1], gate.unequal);
            close(block(true, false)[1][1], gate.unequal);
            close(block(true, true)[0][0], gate.zero);
            close(block(true, true)[1][1], gate.one);
            close(block(true, true)[0][1], gate.mixed);
            close(block(true, true)[1][0], gate.mixed);
            close(block(false, false)[0][0], num_complex::Complex64::cis(compiled.reference));
            for (left, right) in [(false, false), (true, false), (false, true)] {
                assert!(block(left, right)[0][1].norm() < 1e-12);
            }
        }
    }
}

#[test]
fn matrix_elements_for_every_native_gate_and_layout() {
    let braid = Braid::new(5, vec![1, -2, 3, 3, -4, 2, -1, 4, 4, 4, -3, 2, 2, 1]).expect("a braid");
    let space = crate::fibonacci::Space::new(5).expect("a space");
    for (index, string) in PathString::all(5).iter().enumerate() {
        let mut vector = vec![num_complex::Complex64::ZERO; space.dimension()];
        vector[index] = num_complex::Complex64::ONE;
        space.apply_braid(&mut vector, &braid);
        for native in NATIVES {
            for layout in [Layout::Line, Layout::AllToAll] {
                let target = Target { native, layout };
                let real = echo(&hadamard_test(&braid, string, Part::Real, target).expect("a circuit"));
                let imaginary = echo(&hadamard_test(&braid, string, Part::Imaginary, target).expect("a circuit"));
                let value = num_complex::Complex64::new(real, imaginary);
                assert!((value - vector[index]).norm() < 1e-11, "{string:?} {target:?}: {value} for {}", vector[index]);
            }
        }
    }
}

#[test]
fn simulated_circuits_give_the_polynomials_of_the_table() {
    use rayon::prelude::*;
    let rows: Vec<_> = crate::table::rows().iter().filter(|row| row.braid.strands() <= 10).collect();
    let checked = rows.par_iter().map(|row| {
        let mut sum = num_complex::Complex64::ZERO;
        for string in PathString::all(row.braid.strands()) {
            let value = [Part::Real, Part::Imaginary]
                .map(|part| echo(&hadamard_test(&row.braid, &string, part, Target::default()).expect("a circuit")));
            sum += num_complex::Complex64::new(value[0], value[1]) * string.probability();
        }
        let value = polynomial_factor(&row.braid, Closure::Trace, row.braid.writhe()) * sum;
        let exact = row.jones.at_fifth_root();
        assert!((value - exact).norm() < 1e-9, "{}: {value} for {exact}", row.name);
        1
    });
    assert_eq!(checked.sum::<usize>(), rows.len());
}

#[test]
fn plat_closures_by_the_cup_string() {
    let braid = Braid::new(4, vec![2, -1, 2, 2]).expect("a braid");
    let part = |part| echo(&hadamard_test(&braid, &PathString::cups(4), part, Target::default()).expect("a circuit"));
    assert!((part(Part::Real) + 0.763932).abs() < 1e-6 && part(Part::Imaginary).abs() < 1e-9);
}

#[test]
fn two_qubit_gates_are_native_and_on_neighbours() {
    let braid = Braid::new(7, vec![1, -2, 3, 5, 5, -6, 4, 2, 2, -1, 3, -6, -6, 4]).expect("a braid");
    for native in NATIVES {
        let target = Target { native, layout: Layout::Line };
        let mut circuits = vec![hadamard_test_with_control(&braid, Part::Real, target).expect("a circuit")];
        for string in PathString::all(7) {
            circuits.push(hadamard_test(&braid, &string, Part::Imaginary, target).expect("a circuit"));
        }
        for circuit in circuits {
            let mut operations: Vec<&Operation> = circuit.operations().iter().collect();
            let mut pairs = 0;
            while let Some(operation) = operations.pop() {
                if let Operation::Conditional(block) = operation {
                    operations.extend(block.then.iter().chain(&block.otherwise));
                    continue;
                }
                let qubits = operation.qubits();
                assert!(qubits.len() <= 2);
                if qubits.len() == 2 {
                    assert_eq!(qubits[0].abs_diff(qubits[1]), 1, "{operation:?}");
                    let name = match native {
                        Native::Zz => "rzz",
                        Native::Cz => "cz",
                        Native::Cx => "cx",
                        Native::Ecr => "ecr",
                    };
                    assert_eq!(operation.name(), name);
                    pairs += 1;
                }
            }
            assert!(pairs > 0);
        }
    }
}

#[test]
fn costs_are_those_of_the_circuits() {
    let braid = Braid::new(6, vec![1, 2, 2, -3, 4, 5, 5, 5, -2, 1, 4]).expect("a braid");
    for native in NATIVES {
        for layout in [Layout::Line, Layout::AllToAll] {
            let target = Target { native, layout };
            let cost = circuit_cost(&braid, target).expect("a braid");
            let counts: Vec<(f64, usize)> = PathString::all(6)
                .iter()
                .map(|s| {
                    (s.probability(), hadamard_test(&braid, s, Part::Real, target).expect("a circuit").metrics().two_qubit_gates)
                })
                .collect();
            let mean: f64 = counts.iter().map(|(p, count)| p * *count as f64).sum();
            assert!((mean - cost.two_qubit_gates).abs() < 1e-9, "{mean} for {cost:?}");
            assert_eq!(counts.iter().map(|(_, count)| *count).max(), Some(cost.most_two_qubit_gates));
        }
    }
}

#[test]
fn strings_drawn_in_the_circuit_follow_their_distribution() {
    let braid = Braid::new(4, vec![1, -2, 3, 2, 2, -3]).expect("a braid");
    let exact = crate::fibonacci::Space::new(4).expect("a space").trace(&braid);
    let shots = 20_000;
    for (part, expected) in [(Part::Real, exact.re), (Part::Imaginary, exact.im)] {
        for layout in [Layout::Line, Layout::AllToAll] {
            let target = Target { native: Native::Cx, layout };
            let circuit = hadamard_test_with_control(&braid, part, target).expect("a circuit");
            for version in [qasm::Version::V2, qasm::Version::V3] {
                qasm::write(&circuit, version, qasm::Dialect::Plain).expect("it has a form");
            }
            let config = SimulatorConfig { threads: 1, ..SimulatorConfig::default() };
            let executable = Executable::<StateVector<f64>>::new(&circuit).expect("supported");
            let counts = executable.counts(shots, config, &mut Stream::named(5, "shots")).expect("it runs");
            let (mut sum, mut ones) = (0.0, 0.0);
            for (outcome, times) in counts.iter().map(|(outcome, times)| (outcome.word(), times)) {
                let bits: Vec<bool> = (0..4).map(|i| i == 0 || outcome >> (3 + i) & 1 == 1).collect();
                ones += times as f64 * f64::from(u8::from(bits[3]));
                let string = PathString::new(bits).expect("drawn strings are legal");
                let (sign, back, legal) = decode(outcome, &string, layout);
                assert!(legal, "without noise no outcome is illegal");
                sum += if back { sign * times as f64 } else { 0.0 };
            }
            let spread = 4.0 / (shots as f64).sqrt();
            assert!((sum / shots as f64 - expected).abs() < spread, "{part:?} {layout:?}");
            let last = crate::fibonacci::PHI * 3.0 / crate::fibonacci::PHI.powi(4);
            assert!((ones / shots as f64 - last).abs() < spread);
        }
    }
}
