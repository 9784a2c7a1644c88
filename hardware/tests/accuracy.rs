//! Gates near the identity keep their digits at every level: what is written differs from the gate by rounding alone.

use qloom_circuits::{Angle, Circuit, Gate, Matrix, Operation};
use qloom_hardware::{CompileOptions, Device, compile};

fn distance(a: &Matrix, b: &Matrix) -> f64 {
    let overlap: num_complex::Complex64 = a.entries().iter().zip(b.entries()).map(|(x, y)| x.conj() * y).sum();
    a.scaled(overlap / overlap.norm()).distance(b)
}

/// Every gate with angles, near zero and near a turn, between random others; for cx, Ising and ion machines.
#[test]
fn small_angles_keep_their_digits() {
    let mut worst: Vec<(f64, String)> = Vec::new();
    for gate in Gate::all().filter(|gate| gate.num_parameters() > 0 && (1..=2).contains(&gate.num_qubits())) {
        for exponent in [-1, -3, -5, -7, -8, -9, -10, -11, -13, -15] {
            for (offset, factor) in
                [(0.0, 1.0), (0.0, -0.37), (0.0, 5.3), (std::f64::consts::FRAC_PI_2, 1.7), (std::f64::consts::PI, 1.0)]
            {
                let angles: Vec<Angle> = (0..gate.num_parameters())
                    .map(|k| Angle::Fixed(offset + factor * (0.7 + 0.45 * k as f64) * 10f64.powi(exponent)))
                    .collect();
                let mut circuit = Circuit::new(2);
                let qubits: Vec<usize> = (0..gate.num_qubits()).collect();
                circuit.push(Operation::gate(gate, &angles, &qubits)).expect("it fits");
                for name in ["line-2", "trapped-ion", "ionq"] {
                    let device = Device::from_name(name).expect("a machine");
                    for level in [0, 1] {
                        let compiled = compile(&circuit, &device, &CompileOptions { level, seed: 0 }).expect("it fits");
                        if compiled.initial_layout != [0, 1] || compiled.final_layout != [0, 1] {
                            continue;
                        }
                        let error =
                            distance(&compiled.circuit.unitary(&[]).expect("gates"), &circuit.unitary(&[]).expect("gates"));
                        worst.push((error, format!("{gate} at {offset} + 1e{exponent} on {name}, level {level}")));
                    }
                }
            }
        }
    }
    worst.sort_by(|a, b| b.0.total_cmp(&a.0));
    let shown: Vec<String> = worst.iter().take(25).map(|(error, what)| format!("{error:e}: {what}")).collect();
    assert!(worst.len() > 1000, "{} gates", worst.len());
    assert!(worst[0].0 < 5e-12, "{}", shown.join("\n"));
}
