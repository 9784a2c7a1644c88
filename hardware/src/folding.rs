//! More noise on purpose: gates followed by their inverses and themselves again.

use qloom_circuits::{Circuit, Operation};

use crate::error::HardwareError;

/// What is folded (Giurgica-Tiron et al., arXiv:2005.10921).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folding {
    /// The whole circuit `U` becomes `U (U^dagger U)^k`, and its last gates once more where the scale is between two odd numbers.
    Circuit,
    /// Every gate `G` becomes `G (G^dagger G)^k`, and evenly spread ones once more.
    Gates,
    /// As [`Folding::Gates`], gates on two and more qubits alone: where these make nearly all of the noise.
    LargeGates,
}

/// A circuit that does the same with about `scale` times as many gates, to be run under the same noise; also the scale reached.
///
/// The scale counts the gates that are folded: of `d` gates, `d (scale - 1)/2` pairs are added, rounded to a whole number.
/// Inverses that are several gates are counted as one.
///
/// ```
/// use qloom_circuits::Circuit;
/// use qloom_hardware::{Folding, fold};
/// let mut circuit = Circuit::new(2);
/// circuit.h(0).cx(0, 1);
/// let (folded, scale) = fold(&circuit, 3.0, Folding::Gates)?;
/// assert_eq!((folded.operations().len(), scale), (6, 3.0)); // h h h cx cx cx
/// let (folded, scale) = fold(&circuit, 2.0, Folding::Circuit)?;
/// assert_eq!((folded.operations().len(), scale), (4, 2.0)); // h cx cx cx
/// # Ok::<(), qloom_hardware::HardwareError>(())
/// ```
///
/// # Errors
/// When the scale is below 1, above 99 or no number, or an operation before the final measurements has no inverse.
pub fn fold(circuit: &Circuit, scale: f64, folding: Folding) -> Result<(Circuit, f64), HardwareError> {
    if !(1.0..=99.0).contains(&scale) {
        return Err(HardwareError::OutOfRange { what: "the scale of noise", value: scale, range: "1 to 99" });
    }
    let operations = circuit.operations();
    let last =
        operations.iter().rposition(|operation| !matches!(operation, Operation::Measure { .. } | Operation::Barrier { .. }));
    let (unitary, measurements) = operations.split_at(last.map_or(0, |last| last + 1));
    let folded: Vec<usize> = (0..unitary.len()).filter(|&at| folding.folds(&unitary[at])).collect();
    let pairs = (folded.len() as f64 * (scale - 1.0) / 2.0).round() as usize;
    let mut result = circuit.without_operations();
    if folded.is_empty() {
        operations.iter().try_for_each(|operation| result.push(operation.clone()).map(|_| ()))?;
        return Ok((result, 1.0));
    }
    let (whole, rest) = (pairs / folded.len(), pairs % folded.len());
    match folding {
        Folding::Circuit => {
            push_all(&mut result, unitary)?;
            for _ in 0..whole {
                undo(&mut result, unitary)?;
                push_all(&mut result, unitary)?;
            }
            if rest > 0 {
                let tail = &unitary[folded[folded.len() - rest]..];
                undo(&mut result, tail)?;
                push_all(&mut result, tail)?;
            }
        }
        Folding::Gates | Folding::LargeGates => {
            let mut seen = 0;
            for operation in unitary {
                result.push(operation.clone())?;
                if !folding.folds(operation) {
                    continue;
                }
                // evenly spread: the running share of the rest passes a whole number at some of the gates
                let extra = (seen + 1) * rest / folded.len() - seen * rest / folded.len();
                seen += 1;
                for _ in 0..whole + extra {
                    undo(&mut result, std::slice::from_ref(operation))?;
                    result.push(operation.clone())?;
                }
            }
        }
    }
    push_all(&mut result, measurements)?;
    Ok((result, 1.0 + 2.0 * pairs as f64 / folded.len() as f64))
}

impl Folding {
    fn folds(self, operation: &Operation) -> bool {
        match operation {
            Operation::GlobalPhase(_) | Operation::Barrier { .. } | Operation::Delay { .. } => false,
            Operation::Gate { .. }
            | Operation::PauliRotation { .. }
            | Operation::Unitary { .. }
            | Operation::Channel { .. }
            | Operation::Measure { .. }
            | Operation::Reset { .. }
            | Operation::Conditional(_) => match self {
                Folding::Circuit | Folding::Gates => true,
                Folding::LargeGates => operation.qubits().len() > 1,
            },
        }
    }
}

fn push_all(circuit: &mut Circuit, operations: &[Operation]) -> Result<(), HardwareError> {
    Ok(operations.iter().try_for_each(|operation| circuit.push(operation.clone()).map(|_| ()))?)
}

/// The inverses of the operations, last first.
fn undo(circuit: &mut Circuit, operations: &[Operation]) -> Result<(), HardwareError> {
    for operation in operations.iter().rev() {
        push_all(circuit, &operation.inverse()?)?;
    }
    Ok(())
}

/// The circuit with identities in it that make it `scale` times as long; a free angle of a gate on several qubits then stands in it as
/// many times.
///
/// For a scale of `2 k + 1` each gate on several qubits is followed `k` times by its inverse and itself again, each gate on one qubit `k`
/// times by two X gates. Source: A. He et al., Zero-noise extrapolation for quantum-gate error mitigation with identity insertions
/// (2020), arXiv:2003.04941.
///
/// ```
/// use qloom_circuits::Circuit;
/// let mut circuit = Circuit::new(2);
/// circuit.h(0).cx(0, 1);
/// assert_eq!(qloom_hardware::insert_identities(&circuit, 3)?.operations().len(), 6); // h x x cx cx cx
/// # Ok::<(), qloom_hardware::HardwareError>(())
/// ```
///
/// # Errors
/// For an operation without an inverse.
pub fn insert_identities(circuit: &Circuit, scale: u32) -> Result<Circuit, HardwareError> {
    let mut result = circuit.without_operations();
    for operation in circuit.operations() {
        result.push(operation.clone())?;
        for _ in 0..scale / 2 {
            match operation.qubits()[..] {
                [qubit] => {
                    result.x(qubit).x(qubit);
                }
                _ => {
                    for inverse in operation.inverse()? {
                        result.push(inverse)?;
                    }
                    result.push(operation.clone())?;
                }
            }
        }
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use qloom_circuits::Angle;

    use super::*;

    #[test]
    fn folded_circuits_do_the_same() {
        let mut circuit = Circuit::new(3);
        circuit.h(0).ry(Angle::free(0), 1).cx(0, 1).rz(0.4, 1).cx(1, 2).t(2).measure_all();
        let unitary = |circuit: &Circuit| {
            let mut gates = circuit.without_operations();
            let kept = circuit.operations().iter().filter(|operation| !matches!(operation, Operation::Measure { .. }));
            kept.for_each(|operation| gates.push(operation.clone()).map(|_| ()).expect("it fits"));
            gates.unitary(&[0.7]).expect("gates")
        };
        let plain = unitary(&circuit);
        for folding in [Folding::Circuit, Folding::Gates, Folding::LargeGates] {
            let gates = if folding == Folding::LargeGates { 2.0 } else { 6.0 };
            for scale in [1.0, 1.3, 2.0, 3.0, 4.2, 5.0] {
                let (folded, reached) = fold(&circuit, scale, folding).expect("it has inverses");
                assert!((reached - scale).abs() <= 1.0 / gates + 1e-12, "{folding:?} {scale} {reached}");
                let added = folded.operations().len() - circuit.operations().len();
                assert_eq!(added as f64, (gates * (reached - 1.0)).round());
                assert!(unitary(&folded).distance(&plain) < 1e-12);
            }
        }
    }

    #[test]
    fn impossible_scales_and_operations_are_refused() {
        let mut circuit = Circuit::new(1);
        circuit.h(0);
        for scale in [0.9, f64::NAN, 1e9] {
            assert!(matches!(fold(&circuit, scale, Folding::Gates), Err(HardwareError::OutOfRange { .. })));
        }
        circuit.reset(0);
        assert!(fold(&circuit, 3.0, Folding::Circuit).is_err());
    }
}
