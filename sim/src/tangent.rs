//! Derivatives of states, and how far apart nearby states are.

use num_complex::Complex64;
use qloom_circuits::{Angle, Circuit, Operation, PauliString, Primitive, PrimitiveKind};

use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::memory;
use crate::program::Program;
use crate::state::{StateVector, Workspace, check_gate};

/// Gates on more qubits are not taken as one matrix.
const DENSE: usize = 5;

/// The quantum geometric tensor's real part, the Fubini-Study metric `g`, of the states that a circuit makes at these parameter values.
///
/// Row by row, `p x p` for `p` parameters: `g_jk = Re <d_j psi|d_k psi> - <d_j psi|psi><psi|d_k psi>`. The quantum Fisher information
/// is `4 g`; a natural gradient solves `g x = gradient`. All derivatives are carried through the circuit side by side: `p + 1` states, and about half as many gates on
/// each as the circuit has.
///
/// Source: J. Stokes, J. Izaac, N. Killoran and G. Carleo, Quantum 4, 269 (2020), arXiv:1909.02108, equation (8).
///
/// ```
/// use qloom_circuits::{Angle, Circuit};
/// use qloom_sim::{SimulatorConfig, metric_tensor};
/// let mut circuit = Circuit::new(1);
/// circuit.ry(Angle::free(0), 0).rz(Angle::free(1), 0);
/// let metric = metric_tensor(&circuit, &[0.8, 0.3], SimulatorConfig::default())?;
/// let expected = [0.25, 0.0, 0.0, 0.25 * 0.8f64.sin().powi(2)]; // that of a sphere
/// assert!(metric.iter().zip(expected).all(|(g, e)| (g - e).abs() < 1e-15));
/// # Ok::<(), qloom_sim::SimError>(())
/// ```
///
/// # Errors
/// When sizes differ, a value is not finite, memory does not suffice, and for what is no gate, or a gate on more than five qubits that is
/// no rotation.
pub fn metric_tensor(circuit: &Circuit, parameters: &[f64], config: SimulatorConfig) -> Result<Vec<f64>, SimError> {
    let (state, tangents) = tangents(circuit, parameters, config)?;
    let size = tangents.len();
    let mut metric = vec![0.0; size * size];
    let along: Vec<Complex64> = tangents.iter().map(|tangent| tangent.inner(&state)).collect::<Result<_, _>>()?;
    for row in 0..size {
        for column in row..size {
            let whole = tangents[row].inner(&tangents[column])?.re;
            let value = whole - (along[row] * along[column].conj()).re;
            metric[row * size + column] = value;
            metric[column * size + row] = value;
        }
    }
    Ok(metric)
}

/// The state, and its derivative by each parameter.
fn tangents(
    circuit: &Circuit,
    parameters: &[f64],
    config: SimulatorConfig,
) -> Result<(StateVector<f64>, Vec<StateVector<f64>>), SimError> {
    if parameters.len() != circuit.num_parameters() {
        let (expected, given) = (circuit.num_parameters(), parameters.len());
        return Err(SimError::SizeMismatch { what: "parameters", expected, given });
    }
    if let Some(&value) = parameters.iter().find(|value| !value.is_finite()) {
        return Err(SimError::NotFinite { what: "a parameter", value });
    }
    let n = circuit.num_qubits();
    memory::check::<f64>(n, parameters.len() as u128 + 2, config.memory_limit)?;
    let mut state = StateVector::zero(n, config)?;
    let mut tangents: Vec<Option<StateVector<f64>>> = parameters.iter().map(|_| None).collect();
    let mut stretch = circuit.without_operations().bind(parameters)?;
    let mut workspace = Workspace::default();
    let mut run = |stretch: &mut Circuit, state: &mut StateVector<f64>, tangents: &mut [Option<StateVector<f64>>]| {
        let empty = stretch.without_operations();
        let program = Program::new(&std::mem::replace(stretch, empty))?;
        std::iter::once(state)
            .chain(tangents.iter_mut().flatten())
            .try_for_each(|state| state.apply(&program, &[], &mut workspace))
    };
    for operation in circuit.operations() {
        check_gate(operation, "a metric tensor")?;
        if matches!(operation, Operation::Barrier { .. } | Operation::Delay { .. }) {
            continue;
        }
        for primitive in operation.primitives()? {
            stretch.push(bound(&primitive, parameters)?)?;
            if let Some(Angle::Free { index: parameter, scale, .. }) = primitive.angle() {
                run(&mut stretch, &mut state, &mut tangents)?;
                let tangent = match &mut tangents[parameter] {
                    Some(tangent) => tangent,
                    none => none.insert(StateVector::empty(n, config)?),
                };
                add_generated(&primitive, scale, &state, tangent);
            }
        }
    }
    run(&mut stretch, &mut state, &mut tangents)?;
    // what a parameter does not change has no derivative
    let tangents = tangents.into_iter().map(|tangent| tangent.map_or_else(|| StateVector::empty(n, config), Ok));
    Ok((state, tangents.collect::<Result<_, _>>()?))
}

/// A primitive at these parameter values.
fn bound(primitive: &Primitive, parameters: &[f64]) -> Result<Operation, SimError> {
    let qubits = primitive.qubits();
    match &primitive.kind {
        PrimitiveKind::Phase(angle) if qubits.is_empty() => Ok(Operation::GlobalPhase(angle.value(parameters).into())),
        PrimitiveKind::Rotation(angle, targets) if primitive.controls.is_empty() => {
            let pauli = PauliString::from_letters(targets.iter().copied());
            Ok(Operation::PauliRotation { pauli, angle: angle.value(parameters).into() })
        }
        PrimitiveKind::Phase(_) | PrimitiveKind::Rotation(..) | PrimitiveKind::Unitary(..) if qubits.len() <= DENSE => {
            Ok(Operation::Unitary { matrix: primitive.matrix(parameters), controls: Default::default(), qubits })
        }
        PrimitiveKind::Phase(_) | PrimitiveKind::Rotation(..) | PrimitiveKind::Unitary(..) => Err(SimError::Unsupported {
            simulation: "a metric tensor",
            operation: "a gate on more than five qubits",
            remedy: "write it as gates on fewer",
        }),
    }
}

/// Adds `scale` times the derivative of a primitive by its angle, on a state that it has already acted on.
fn add_generated(primitive: &Primitive, scale: f64, state: &StateVector<f64>, tangent: &mut StateVector<f64>) {
    let controls = primitive.controls.iter().fold(0usize, |mask, qubit| mask | 1 << qubit);
    let (string, factor) = match &primitive.kind {
        // exp(i a Pi), and exp(-i a/2 Pi P)
        PrimitiveKind::Phase(_) => (PauliString::IDENTITY, Complex64::I * scale),
        PrimitiveKind::Rotation(_, targets) => {
            (PauliString::from_letters(targets.iter().copied()), Complex64::I * (-0.5 * scale))
        }
        PrimitiveKind::Unitary(..) => return,
    };
    let factor = factor * Complex64::I.powu(string.count_y());
    let (x, z) = (string.x_mask() as usize, string.z_mask());
    for index in (0..state.dimension()).filter(|index| index & controls == controls) {
        let odd = (index as u64 & z).count_ones() % 2 == 1;
        let added = state.amplitude(index) * if odd { -factor } else { factor };
        tangent.re[index ^ x] += added.re;
        tangent.im[index ^ x] += added.im;
    }
}

#[cfg(test)]
mod tests {
    use qloom_circuits::{Gate, Stream, library};

    use super::*;
    use crate::state::State;

    fn config() -> SimulatorConfig {
        SimulatorConfig::default()
    }

    fn state(circuit: &Circuit, parameters: &[f64]) -> Vec<Complex64> {
        let program = Program::new(circuit).expect("gates");
        let state = StateVector::<f64>::prepared(&program, parameters, config(), &mut Workspace::default());
        state.expect("small").amplitudes().collect()
    }

    /// By differences of states.
    fn by_differences(circuit: &Circuit, parameters: &[f64]) -> Vec<f64> {
        let step = 1e-4;
        let psi = state(circuit, parameters);
        let slopes: Vec<Vec<Complex64>> = (0..parameters.len())
            .map(|k| {
                let at = |by: f64| {
                    let mut moved = parameters.to_vec();
                    moved[k] += by;
                    state(circuit, &moved)
                };
                let (near, far) = ((at(step), at(-step)), (at(2.0 * step), at(-2.0 * step)));
                let slope = |i: usize| (8.0 * (near.0[i] - near.1[i]) - (far.0[i] - far.1[i])) / (12.0 * step);
                (0..psi.len()).map(slope).collect()
            })
            .collect();
        let dot = |a: &[Complex64], b: &[Complex64]| a.iter().zip(b).map(|(a, b)| a.conj() * b).sum::<Complex64>();
        let entry = |j: usize, k: usize| (dot(&slopes[j], &slopes[k]) - dot(&slopes[j], &psi) * dot(&psi, &slopes[k])).re;
        (0..parameters.len()).flat_map(|j| (0..parameters.len()).map(move |k| (j, k))).map(|(j, k)| entry(j, k)).collect()
    }

    #[test]
    fn metrics_are_those_of_differences() {
        let mut circuits = vec![library::strongly_entangling(3, 2), library::hardware_efficient(4, 1)];
        let mut other = Circuit::new(3);
        other.h(0).ry(Angle::free(0).scaled(2.0), 1).rz(Angle::free(0), 0);
        other.push(Operation::gate(Gate::Crx, &[Angle::free(1)], &[0, 2])).expect("fits");
        other.push(Operation::gate(Gate::Cp, &[Angle::free(2)], &[2, 1])).expect("fits");
        other.push(Operation::gate(Gate::U3, &[Angle::free(3), 0.3.into(), Angle::free(1)], &[0])).expect("fits");
        let pauli = PauliString::from_word("XYZ").expect("a word");
        other.push(Operation::PauliRotation { pauli, angle: Angle::free(2).scaled(-1.5) }).expect("fits");
        other.push(Operation::GlobalPhase(Angle::free(3))).expect("fits");
        other.ccx(0, 1, 2);
        circuits.push(other);
        for circuit in circuits {
            let mut stream = Stream::named(2, "angles");
            let parameters: Vec<f64> = (0..circuit.num_parameters()).map(|_| 3.0 * stream.unit()).collect();
            let metric = metric_tensor(&circuit, &parameters, config()).expect("gates");
            for (found, expected) in metric.iter().zip(by_differences(&circuit, &parameters)) {
                assert!((found - expected).abs() < 1e-10, "{found} {expected}");
            }
        }
    }

    #[test]
    fn what_has_no_metric_is_refused() {
        let mut circuit = Circuit::new(1);
        circuit.ry(Angle::free(0), 0);
        assert!(metric_tensor(&circuit, &[], config()).is_err() && metric_tensor(&circuit, &[f64::NAN], config()).is_err());
        let small = SimulatorConfig { memory_limit: 40, ..config() };
        assert!(matches!(metric_tensor(&circuit, &[0.1], small), Err(SimError::MemoryLimit { .. })));
        circuit.reset(0);
        assert!(metric_tensor(&circuit, &[0.1], config()).is_err_and(|error| error.to_string().contains("a reset")));
    }
}
