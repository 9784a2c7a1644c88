//! Energies at several scales of the noise continued to none.

use qloom_circuits::{Circuit, Gate, Operation};
use qloom_estimate::extrapolation_weights;
use qloom_hardware::NoiseModel;

use super::config::{ExtrapolationCurve, NoiseScaling, ZeroNoiseExtrapolation};
use crate::QasError;

/// Continues energies to no noise.
#[derive(Debug, Clone)]
pub(super) struct Extrapolator {
    curve: ExtrapolationCurve,
    closest: f64,
    /// Weights whose sum with the values is the polynomial at 0.
    weights: Vec<f64>,
    /// Energy of the maximally mixed state.
    mixed: f64,
}

impl Extrapolator {
    pub(super) fn new(config: &ZeroNoiseExtrapolation, mixed: f64) -> Result<Self, QasError> {
        let scales: Vec<f64> = config.scales.iter().map(|&scale| f64::from(scale)).collect();
        let weights = extrapolation_weights(&scales, config.degree)?;
        Ok(Self { curve: config.curve, closest: config.closest, weights, mixed })
    }

    /// The energy without noise, and its derivatives with respect to the energies given.
    pub(super) fn extrapolate(&self, energies: &[f64]) -> (f64, Vec<f64>) {
        let distances: Vec<f64> = energies.iter().map(|energy| energy - self.mixed).collect();
        let farthest = distances.iter().fold(0.0f64, |most, distance| most.max(distance.abs()));
        let side = distances.first().map_or(1.0, |distance| distance.signum());
        let apart = distances.iter().all(|distance| distance * side > 0.0 && distance * side >= self.closest * farthest);
        match self.curve {
            ExtrapolationCurve::Exponential if apart => {
                let logarithm: f64 = self.weights.iter().zip(&distances).map(|(weight, d)| weight * d.abs().ln()).sum();
                let distance = side * logarithm.exp();
                let slopes = self.weights.iter().zip(&distances).map(|(weight, d)| weight * distance / d).collect();
                (self.mixed + distance, slopes)
            }
            ExtrapolationCurve::Exponential | ExtrapolationCurve::Polynomial => {
                (self.weights.iter().zip(energies).map(|(weight, energy)| weight * energy).sum(), self.weights.clone())
            }
        }
    }
}

/// The circuit with so many times the noise of the model in it.
pub(super) fn noisy(circuit: &Circuit, model: &NoiseModel, scaling: NoiseScaling, scale: u32) -> Result<Circuit, QasError> {
    match scaling {
        NoiseScaling::Insertion => Ok(model.apply(&inserted(circuit, scale)?)?),
        NoiseScaling::Stretching => {
            let rules = (0..scale).flat_map(|_| model.rules.iter().cloned()).collect();
            Ok(NoiseModel { rules, ..NoiseModel::default() }.apply(circuit)?)
        }
    }
}

/// The circuit with identities in it that make it so many times as long.
pub(super) fn inserted(circuit: &Circuit, scale: u32) -> Result<Circuit, QasError> {
    let mut result = circuit.without_operations();
    for operation in circuit.operations() {
        result.push(operation.clone())?;
        for _ in 0..scale / 2 {
            match operation.qubits()[..] {
                [qubit] => {
                    result.push(Operation::gate(Gate::X, &[], &[qubit]))?;
                    result.push(Operation::gate(Gate::X, &[], &[qubit]))?;
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
