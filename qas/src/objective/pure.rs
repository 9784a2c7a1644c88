//! Energies without noise, as the search sees them.

use std::borrow::Cow;

use num_complex::Complex64;
use qloom_circuits::{Circuit, PauliString, PauliSum};
use qloom_optim::ObjectiveError;
use qloom_sim::{Energy, SimulatorConfig, StateVector, metric_tensor};

use crate::{Problem, QasError};

/// The energy of a problem, whose circuits may act on the first half of the qubits alone.
pub(super) struct PureSimulation {
    pub(super) energy: Energy,
    /// Qubits in all, where circuits have half of them.
    paired: Option<usize>,
    /// What acts before the circuit, and the two together, where their metric is asked for.
    whole: Option<[Circuit; 2]>,
}

impl PureSimulation {
    pub(super) fn new(problem: &Problem) -> Result<Self, QasError> {
        let paired = problem.is_paired().then_some(2 * problem.num_qubits());
        let num_qubits = paired.unwrap_or(problem.num_qubits());
        let observable = PauliSum::new(num_qubits, problem.hamiltonian().terms().iter().copied())?;
        let mut energy = Energy::new(&Circuit::new(num_qubits), &observable)?;
        let config = SimulatorConfig { threads: 1, ..SimulatorConfig::default() };
        let projectors = problem.projectors().iter();
        let projectors = projectors.map(|(factor, state)| Ok((*factor, StateVector::from_amplitudes(state, config)?)));
        energy.set_projectors(projectors.collect::<Result<_, QasError>>()?)?;
        if problem.is_paired() {
            let dimension = 1usize << problem.num_qubits();
            let mut pairs = vec![Complex64::ZERO; dimension * dimension];
            for index in 0..dimension {
                pairs[index | index << problem.num_qubits()] = (dimension as f64).sqrt().recip().into();
            }
            energy.set_initial_state(StateVector::from_amplitudes(&pairs, config)?)?;
        }
        Ok(Self { energy, paired, whole: None })
    }

    /// Keeps what the metric is worked out from.
    pub(super) fn with_metric(mut self, num_qubits: usize) -> Self {
        let mut before = Circuit::new(self.paired.unwrap_or(num_qubits));
        for qubit in (0..num_qubits).filter(|_| self.is_paired()) {
            before.h(qubit).cx(qubit, num_qubits + qubit);
        }
        self.whole = Some([before.clone(), before]);
        self
    }

    /// Whether circuits act on the first half of the qubits alone.
    pub(super) fn is_paired(&self) -> bool {
        self.paired.is_some()
    }

    /// The circuit on all qubits.
    fn widened<'a>(&self, circuit: &'a Circuit) -> Result<Cow<'a, Circuit>, QasError> {
        let Some(num_qubits) = self.paired else { return Ok(Cow::Borrowed(circuit)) };
        let mut wide = Circuit::new(num_qubits);
        wide.reserve_parameters(circuit.num_parameters());
        for operation in circuit.operations() {
            wide.push(operation.clone())?;
        }
        Ok(Cow::Owned(wide))
    }

    /// Runs these gates before all circuits.
    pub(super) fn begin_with(&mut self, fixed: &Circuit) -> Result<(), QasError> {
        self.rebuild(fixed)?;
        let state = self.energy.state(&[])?.try_clone()?;
        if let Some([before, both]) = &mut self.whole {
            before.clone_from(both);
        }
        Ok(self.energy.set_initial_state(state)?)
    }

    pub(super) fn rebuild(&mut self, circuit: &Circuit) -> Result<(), QasError> {
        let wide = self.widened(circuit)?;
        self.energy.rebuild(&wide)?;
        if let Some([before, both]) = &mut self.whole {
            both.clone_from(before);
            both.append(&wide)?;
        }
        Ok(())
    }

    pub(super) fn slopes(&mut self, circuit: &Circuit, at: usize, strings: &[PauliString]) -> Result<Vec<f64>, QasError> {
        let wide = self.widened(circuit)?;
        Ok(self.energy.slopes(&wide, at, strings)?)
    }
}

impl qloom_optim::Objective for PureSimulation {
    fn value(&mut self, point: &[f64], _: Option<f64>) -> Result<f64, ObjectiveError> {
        Ok(self.energy.value(point)?)
    }

    fn value_and_gradient(&mut self, point: &[f64], gradient: &mut [f64]) -> Option<Result<f64, ObjectiveError>> {
        Some(self.energy.value_and_gradient(point, gradient).map_err(ObjectiveError::from))
    }

    fn metric(&mut self, point: &[f64], metric: &mut [f64]) -> Option<Result<(), ObjectiveError>> {
        let [_, both] = self.whole.as_ref()?;
        let config = SimulatorConfig { threads: 1, ..SimulatorConfig::default() };
        let found = metric_tensor(both, point, config).map_err(ObjectiveError::from);
        Some(found.map(|found| metric.copy_from_slice(&found)))
    }
}
