use qloom::circuits::{Channel, qasm};
use qloom::hardware::NoiseModel;
use qloom::sim::{PauliProgram, PauliVector, SimulatorConfig};
use serde_json::Value;

/// Made by `tests/reference/noisy.py`.
const REFERENCE: &str = include_str!("reference/noisy.json");

#[test]
fn pauli_vectors_equal_aers_density_matrices() {
    let reference: Value = serde_json::from_str(REFERENCE).expect("JSON");
    for row in reference["aer"].as_array().expect("rows") {
        let circuit = qasm::read(row["qasm"].as_str().expect("text")).expect("a circuit");
        let p = |k: usize| row["depolarizing"][k].as_f64().expect("a probability");
        let mut model = NoiseModel::default();
        model.after_gates(1, Channel::depolarizing(p(0), 1).expect("physical"));
        model.after_gates(2, Channel::depolarizing(p(1), 2).expect("physical"));
        let program = PauliProgram::new(&model.apply(&circuit).expect("it fits")).expect("supported");
        let mut state = PauliVector::zero(circuit.num_qubits(), SimulatorConfig::default()).expect("small");
        state.run(&program, &[]).expect("sizes agree");
        let all: Vec<usize> = (0..circuit.num_qubits()).collect();
        let expected = row["probabilities"].as_array().expect("a list");
        for (index, (found, expected)) in state.probabilities(&all).expect("all qubits").iter().zip(expected).enumerate() {
            let difference = (found - expected.as_f64().expect("a number")).abs();
            assert!(difference < 1e-12, "{} qubits, outcome {index}: {difference:e}", circuit.num_qubits());
        }
        assert!((state.purity() - row["purity"].as_f64().expect("a number")).abs() < 1e-12);
    }
}
