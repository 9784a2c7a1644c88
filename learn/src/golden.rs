//! Numbers of other packages that tests compare with.

use num_complex::Complex64;
use qloom_circuits::{Circuit, Matrix, Operation};
use serde_json::Value;

/// What the scripts beside them made.
pub fn classify() -> Value {
    serde_json::from_str(include_str!("../tests/classify.json")).expect("JSON")
}

/// A list of numbers.
pub fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
}

/// A list of lists of numbers.
pub fn rows(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().expect("rows").iter().map(numbers).collect()
}

/// A list of texts.
pub fn texts(value: &Value) -> Vec<String> {
    value.as_array().expect("a list").iter().map(|text| text.as_str().expect("a text").to_owned()).collect()
}

/// The density matrix of a circuit of gates and channels by plain products of Kraus operators.
pub fn density_matrix(circuit: &Circuit) -> Matrix {
    let n = circuit.num_qubits();
    let mut rho = Matrix::zero(n);
    rho[(0, 0)] = Complex64::ONE;
    let sandwich = |rho: &Matrix, operator: &Matrix| operator.times(rho).times(&operator.adjoint());
    for operation in circuit.operations() {
        rho = match operation {
            Operation::Channel { channel, qubits } => {
                let parts = channel.kraus().iter().map(|k| sandwich(&rho, &k.embedded(qubits, n)));
                parts.reduce(|a, b| a.plus(&b)).expect("some operator")
            }
            gate => gate
                .primitives()
                .expect("a gate")
                .iter()
                .fold(rho, |rho, primitive| sandwich(&rho, &primitive.matrix(&[]).embedded(&primitive.qubits(), n))),
        };
    }
    rho
}
