//! Derivatives of states, and how far apart nearby states are.

#[cfg(test)]
mod tests;
mod turn;

use std::collections::BTreeMap;

use num_complex::Complex64;
use qloom_circuits::{Angle, Circuit, Operation, PauliString, Primitive, PrimitiveKind};

use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::kernel::{Kernels, block::BLOCK};
use crate::memory;
use crate::program::Program;
use crate::state::{StateVector, Workspace, check_gate};
use turn::{Turn, blocks};

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
/// When sizes differ, a value is not finite, memory does not suffice, and for what is no gate.
pub fn metric_tensor(circuit: &Circuit, parameters: &[f64], config: SimulatorConfig) -> Result<Vec<f64>, SimError> {
    let varied = circuit.num_parameters();
    let mut metric = vec![0.0; varied * varied];
    MetricTensor::new(circuit, varied, MetricKind::Exact, config)?.add(parameters, 1.0, &mut metric)?;
    Ok(metric)
}

/// Which entries of a metric there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MetricKind {
    /// All of them.
    #[default]
    Exact,
    /// Those of two parameters of one layer, gates that as many layers lead to, as a device measures them before the layer (Stokes et al.,
    /// section 3.2); layers that share a parameter count as one. In which order gates on other qubits are written does not matter.
    BlockDiagonal,
    /// Those of a parameter with itself.
    Diagonal,
}

/// A circuit prepared for its metric at many parameter values, such as those of the rows of a table.
///
/// What is made once are the programs between one varied gate and the next, and the states; a metric then allocates nothing. With `p` varied
/// parameters and `G` gates behind them it takes about `p G / 2` gates on a state and `p^2 / 2` inner products; with blocks a derivative is
/// carried no further than to the end of its block.
///
/// ```
/// use qloom_circuits::{Angle, Circuit};
/// use qloom_sim::{MetricKind, MetricTensor, SimulatorConfig};
/// let mut circuit = Circuit::new(1);
/// circuit.ry(Angle::free(1), 0).rz(Angle::free(0), 0); // parameter 0 is varied, parameter 1 is data
/// let mut tensor = MetricTensor::new(&circuit, 1, MetricKind::Exact, SimulatorConfig::default())?;
/// let mut mean = [0.0];
/// for row in [0.3f64, 0.8] {
///     tensor.add(&[0.1, row], 0.5, &mut mean)?;
/// }
/// assert!((mean[0] - 0.125 * (0.3f64.sin().powi(2) + 0.8f64.sin().powi(2))).abs() < 1e-15);
/// # Ok::<(), qloom_sim::SimError>(())
/// ```
#[derive(Debug)]
pub struct MetricTensor {
    varied: usize,
    num_parameters: usize,
    steps: Vec<Step>,
    state: StateVector<f64>,
    tangents: Vec<StateVector<f64>>,
    /// `<d_j psi|psi>` of the parameters that are read together.
    along: Vec<Complex64>,
    workspace: Workspace<f64>,
}

/// What is done one after the other.
#[derive(Debug)]
enum Step {
    /// Gates, on the state and on these tangents.
    Run { program: Program, alive: Vec<usize> },
    /// The derivative by the angle of the gate done last is added to a tangent.
    Derive { generator: Generator, tangent: usize, first: bool },
    /// The entries of these parameters, whose tangents are these.
    Read(Vec<(usize, usize)>),
}

/// The derivative of a gate by its parameter is `factor` times the string times the gate, where the controls are one.
#[derive(Debug)]
struct Generator {
    factor: Complex64,
    string: PauliString,
    controls: usize,
}

impl MetricTensor {
    /// Prepares the metric by the first so many parameters of a circuit; the others are held.
    ///
    /// # Errors
    /// When more are varied than there are, memory does not suffice, and for what is no gate.
    pub fn new(circuit: &Circuit, varied: usize, kind: MetricKind, config: SimulatorConfig) -> Result<Self, SimError> {
        let (num_qubits, num_parameters) = (circuit.num_qubits(), circuit.num_parameters());
        if varied > num_parameters {
            return Err(SimError::SizeMismatch { what: "varied parameters", expected: num_parameters, given: varied });
        }
        let state = StateVector::zero(num_qubits, config)?;
        let mut primitives = Vec::new();
        for operation in circuit.operations() {
            check_gate(operation, "a metric tensor")?;
            if !matches!(operation, Operation::Barrier { .. } | Operation::Delay { .. }) {
                primitives.extend(operation.primitives()?);
            }
        }
        let turns = blocks(&primitives, varied, kind);
        let (steps, tangents) = steps(&primitives, &turns, (num_qubits, num_parameters));
        memory::check::<f64>(num_qubits, tangents as u128 + 1, config.memory_limit)?;
        let tangents: Vec<_> = (0..tangents).map(|_| StateVector::zero(num_qubits, config)).collect::<Result<_, _>>()?;
        let along = vec![Complex64::ZERO; tangents.len()];
        Ok(Self { varied, num_parameters, steps, state, tangents, along, workspace: Workspace::default() })
    }

    /// Number of varied parameters.
    pub fn varied(&self) -> usize {
        self.varied
    }

    /// Adds `share` times the metric at these parameter values to `metric`, row by row; entries that the kind leaves out stay as they are.
    ///
    /// # Errors
    /// When a size does not fit, or a value is not finite.
    pub fn add(&mut self, parameters: &[f64], share: f64, metric: &mut [f64]) -> Result<(), SimError> {
        let sizes = [
            ("parameters", self.num_parameters, parameters.len()),
            ("entries of the metric", self.varied * self.varied, metric.len()),
        ];
        if let Some(&(what, expected, given)) = sizes.iter().find(|(_, expected, given)| expected != given) {
            return Err(SimError::SizeMismatch { what, expected, given });
        }
        if let Some(&value) = parameters.iter().find(|value| !value.is_finite()) {
            return Err(SimError::NotFinite { what: "a parameter", value });
        }
        let Self { varied, steps, state, tangents, along, workspace, .. } = self;
        state.reset();
        for step in steps.iter() {
            match step {
                Step::Run { program, alive } => {
                    state.apply(program, parameters, workspace)?;
                    alive.iter().try_for_each(|&tangent| tangents[tangent].apply(program, parameters, workspace))?;
                }
                Step::Derive { generator, tangent, first } => {
                    if *first {
                        tangents[*tangent].re.fill(0.0);
                        tangents[*tangent].im.fill(0.0);
                    }
                    generator.add(state, &mut tangents[*tangent]);
                }
                Step::Read(places) => {
                    for (place, (_, tangent)) in places.iter().enumerate() {
                        along[place] = inner(&tangents[*tangent], state)?;
                    }
                    for (j, (row, left)) in places.iter().enumerate() {
                        for (k, (column, right)) in places.iter().enumerate().skip(j) {
                            let whole = inner(&tangents[*left], &tangents[*right])?.re;
                            let entry = share * (whole - (along[j] * along[k].conj()).re);
                            metric[row * *varied + column] += entry;
                            if row != column {
                                metric[column * *varied + row] += entry;
                            }
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// `<a|b>`.
fn inner(a: &StateVector<f64>, b: &StateVector<f64>) -> Result<Complex64, SimError> {
    if a.dimension() <= BLOCK { Ok(f64::block_inner(a.planes(), b.planes())) } else { a.inner(b) }
}

/// The steps, and how many tangents are alive at a time.
fn steps(primitives: &[Primitive], turns: &[Option<Turn>], (num_qubits, num_parameters): (usize, usize)) -> (Vec<Step>, usize) {
    let last = turns.iter().enumerate().filter_map(|(place, turn)| turn.map(|turn| (turn.block, place)));
    let ends: BTreeMap<usize, usize> = last.collect();
    let (mut steps, mut begun) = (Vec::new(), 0);
    // the parameter and the block of each tangent that is alive
    let mut alive: Vec<Option<(usize, usize)>> = Vec::new();
    for (place, (primitive, turn)) in primitives.iter().zip(turns).enumerate() {
        let Some(Turn { parameter, scale, block }) = *turn else { continue };
        let program = Program::of_primitives(&primitives[begun..=place], num_qubits, num_parameters);
        steps.push(Step::Run { program, alive: (0..alive.len()).filter(|&tangent| alive[tangent].is_some()).collect() });
        begun = place + 1;
        let own = alive.iter().position(|held| held.is_some_and(|(held, _)| held == parameter));
        let tangent = own.or_else(|| alive.iter().position(Option::is_none)).unwrap_or_else(|| {
            alive.push(None);
            alive.len() - 1
        });
        alive[tangent] = Some((parameter, block));
        steps.push(Step::Derive { generator: Generator::of(primitive, scale), tangent, first: own.is_none() });
        if ends[&block] == place {
            let held = alive.iter().enumerate().filter_map(|(tangent, held)| held.map(|held| (tangent, held)));
            let mut read: Vec<(usize, usize)> =
                held.filter(|(_, (_, of))| *of == block).map(|(tangent, (parameter, _))| (parameter, tangent)).collect();
            read.iter().for_each(|&(_, tangent)| alive[tangent] = None);
            read.sort_unstable();
            steps.push(Step::Read(read));
        }
    }
    (steps, alive.len())
}

impl Generator {
    /// That of a phase or a rotation by a parameter times `scale`.
    fn of(primitive: &Primitive, scale: f64) -> Self {
        let (string, factor) = match &primitive.kind {
            // exp(i a Pi), and exp(-i a/2 Pi P)
            PrimitiveKind::Phase(_) => (PauliString::IDENTITY, Complex64::I * scale),
            PrimitiveKind::Rotation(_, targets) => {
                (PauliString::from_letters(targets.iter().copied()), Complex64::I * (-0.5 * scale))
            }
            PrimitiveKind::Unitary(..) => (PauliString::IDENTITY, Complex64::ZERO),
        };
        let controls = primitive.controls.iter().fold(0, |mask, qubit| mask | 1 << qubit);
        Self { factor: factor * Complex64::I.powu(string.count_y()), string, controls }
    }

    /// Adds the derivative, by a state that the gate has already acted on.
    fn add(&self, state: &StateVector<f64>, tangent: &mut StateVector<f64>) {
        let Self { factor, string, controls } = self;
        let (x, z) = (string.x_mask() as usize, string.z_mask());
        for index in (0..state.dimension()).filter(|index| index & controls == *controls) {
            let odd = (index as u64 & z).count_ones() % 2 == 1;
            let added = state.amplitude(index) * if odd { -factor } else { *factor };
            tangent.re[index ^ x] += added.re;
            tangent.im[index ^ x] += added.im;
        }
    }
}

/// What a primitive turns by.
fn free(primitive: &Primitive) -> Option<(usize, f64)> {
    match primitive.angle() {
        Some(Angle::Free { index, scale, .. }) => Some((index, scale)),
        Some(Angle::Fixed(_)) | None => None,
    }
}
