//! Circuits of Hadamard gates and phases of parities, which need no gates to be run.

use crate::config::SimulatorConfig;
use crate::kernel::{PhaseStep, multiply_phases, phase_table, walsh_plane};

/// The states of circuits that begin with a Hadamard gate on every qubit, go on with `exp(-i a_k s_k / 2)` for each angle `a_k` and the sign
/// `s_k = (-1)^{|z & m_k|}` of its mask, and repeat both.
///
/// A repetition is one table of phases, made by doubling, and one Walsh-Hadamard transform: of the order of `n 2^n` operations however many
/// phases there are on single qubits and pairs.
///
/// ```
/// use qloom_sim::{PhaseLayers, PhaseWorkspace, SimulatorConfig};
/// let layers = PhaseLayers::new(2, &[0b01, 0b11], 1);
/// let (mut re, mut im) = ([0.0; 4], [0.0; 4]);
/// layers.state_into(&[0.4, 0.2], (&mut re, &mut im), &SimulatorConfig::default(), &mut PhaseWorkspace::default());
/// // the signs of outcome 2 are 1 and -1
/// assert!((re[2] - 0.5 * 0.1f64.cos()).abs() < 1e-15 && (im[2] + 0.5 * 0.1f64.sin()).abs() < 1e-15);
/// ```
#[derive(Clone, Debug)]
pub struct PhaseLayers {
    num_qubits: usize,
    angles: usize,
    repetitions: usize,
    steps: Vec<PhaseStep>,
}

/// Buffers that are kept from state to state.
#[derive(Clone, Debug, Default)]
pub struct PhaseWorkspace {
    phases: Vec<[f64; 2]>,
    re: Vec<f64>,
    im: Vec<f64>,
}

impl PhaseLayers {
    /// Plans the circuit; a mask of no qubit is a phase of the whole and left out.
    ///
    /// # Panics
    /// For more than 40 qubits, no repetition, or a mask of other qubits.
    #[track_caller]
    pub fn new(num_qubits: usize, masks: &[u64], repetitions: usize) -> Self {
        assert!(num_qubits <= 40 && repetitions > 0, "{num_qubits} qubits, {repetitions} repetitions");
        assert!(masks.iter().all(|mask| mask >> num_qubits == 0), "masks are of the {num_qubits} qubits");
        let terms: Vec<(u64, usize)> = masks.iter().copied().zip(0..).filter(|(mask, _)| *mask != 0).collect();
        let mut steps = Vec::new();
        plan(terms, num_qubits, 0, &mut steps);
        Self { num_qubits, angles: masks.len(), repetitions, steps }
    }

    /// Number of angles.
    pub fn num_angles(&self) -> usize {
        self.angles
    }

    /// Writes the real and imaginary parts of the state for these angles.
    ///
    /// # Panics
    /// When there are more or fewer angles or amplitudes.
    #[track_caller]
    pub fn state_into(
        &self,
        angles: &[f64],
        (re, im): (&mut [f64], &mut [f64]),
        config: &SimulatorConfig,
        workspace: &mut PhaseWorkspace,
    ) {
        let dimension = 1 << self.num_qubits;
        assert!(angles.len() == self.angles && re.len() == dimension && im.len() == dimension, "an angle for each mask");
        let level = config.instruction_set.level();
        let PhaseWorkspace { phases, re: table_re, im: table_im } = workspace;
        phases.clear();
        phases.extend(angles.iter().map(|angle| {
            let (sine, cosine) = (-0.5 * angle).sin_cos();
            [cosine, sine]
        }));
        let scale = 0.5f64.powi((self.num_qubits / 2) as i32)
            * if self.num_qubits % 2 == 1 { std::f64::consts::FRAC_1_SQRT_2 } else { 1.0 };
        phase_table(level, &self.steps, phases, re, im);
        if self.repetitions > 1 {
            for (table, plane) in [(&mut *table_re, &*re), (&mut *table_im, &*im)] {
                table.clear();
                table.extend_from_slice(plane);
            }
        }
        re.iter_mut().chain(im.iter_mut()).for_each(|x| *x *= scale);
        for _ in 1..self.repetitions {
            walsh_plane(level, re);
            walsh_plane(level, im);
            multiply_phases(level, (re, im), (table_re, table_im), scale);
        }
    }
}

/// The steps that make the table of some terms over the lowest qubits at a place.
fn plan(terms: Vec<(u64, usize)>, num_qubits: usize, place: usize, steps: &mut Vec<PhaseStep>) {
    if terms.iter().all(|(mask, _)| *mask == 0) {
        let phases = terms.into_iter().map(|(_, phase)| phase).collect();
        steps.push(PhaseStep::Constant { place, length: 1 << num_qubits, phases });
        return;
    }
    let half = 1 << (num_qubits - 1);
    let top = half as u64;
    let (with, without): (Vec<_>, Vec<_>) = terms.into_iter().partition(|(mask, _)| mask & top != 0);
    let with: Vec<(u64, usize)> = with.into_iter().map(|(mask, phase)| (mask ^ top, phase)).collect();
    plan(without, num_qubits - 1, place, steps);
    if with.is_empty() {
        steps.push(PhaseStep::Copy { place, half });
    } else if with.iter().all(|(mask, _)| *mask == 0) {
        steps.push(PhaseStep::Turn { place, half, phases: with.into_iter().map(|(_, phase)| phase).collect() });
    } else {
        plan(with, num_qubits - 1, place + half, steps);
        steps.push(PhaseStep::Combine { place, half });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use qloom_circuits::{Angle, Circuit};

    use super::*;
    use crate::config::InstructionSet;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        /// Any masks, on any instruction set, as the unitary of the same gates.
        #[test]
        fn states_are_those_of_the_gates(
            num_qubits in 1usize..7,
            masks in prop::collection::vec(0u64..64, 0..9),
            repetitions in 1usize..4,
            seed in 0u64..1000,
        ) {
            let masks: Vec<u64> = masks.iter().map(|mask| mask & ((1 << num_qubits) - 1)).collect();
            let angles: Vec<f64> = (0..masks.len()).map(|k| 40.0 * ((seed + 7 * k as u64) as f64).sin()).collect();
            let mut circuit = Circuit::new(num_qubits);
            for _ in 0..repetitions {
                (0..num_qubits).for_each(|qubit| { circuit.h(qubit); });
                for (mask, angle) in masks.iter().zip(&angles) {
                    let qubits: Vec<usize> = (0..num_qubits).filter(|qubit| mask >> qubit & 1 == 1).collect();
                    let Some((last, rest)) = qubits.split_last() else { continue };
                    rest.iter().for_each(|qubit| { circuit.cx(*qubit, *last); });
                    circuit.rz(Angle::Fixed(*angle), *last);
                    rest.iter().for_each(|qubit| { circuit.cx(*qubit, *last); });
                }
            }
            let unitary = circuit.unitary(&[]).expect("gates");
            let layers = PhaseLayers::new(num_qubits, &masks, repetitions);
            for instruction_set in InstructionSet::available() {
                let config = SimulatorConfig { instruction_set, ..SimulatorConfig::default() };
                let (mut re, mut im) = (vec![0.0; 1 << num_qubits], vec![0.0; 1 << num_qubits]);
                layers.state_into(&angles, (&mut re, &mut im), &config, &mut PhaseWorkspace::default());
                for k in 0..1 << num_qubits {
                    let difference = (unitary[(k, 0)].re - re[k]).hypot(unitary[(k, 0)].im - im[k]);
                    prop_assert!(difference < 1e-13, "{k}: {difference}");
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "masks are of the 2 qubits")]
    fn masks_of_other_qubits_are_mistakes() {
        PhaseLayers::new(2, &[0b100], 1);
    }
}
