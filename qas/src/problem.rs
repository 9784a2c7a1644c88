//! What is to be solved.

mod config;
pub(crate) mod context;
pub(crate) mod diagonal;
pub(crate) mod matrix_product;
mod overlap;
mod pool;

use std::ops::ControlFlow;

use num_complex::Complex64;
use qloom_circuits::{Circuit, Operation, PauliSum};

use crate::QasError;
use crate::environment::gadget::Gadget;
use crate::environment::start::MatrixProductStart;
use diagonal::Diagonal;

pub use config::{DiagonalConfig, HamiltonianConfig, ProblemConfig, StateConfig, UnitaryConfig};
pub use pool::PoolOperator;

/// Told how much of how much long work is done; a break ends it.
pub type Watch<'a> = dyn FnMut(usize, usize) -> ControlFlow<()> + 'a;

/// Watches nothing.
pub(crate) fn unwatched(_: usize, _: usize) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// A Hamiltonian whose ground state a circuit is sought for, and what is known about it; or a state or a unitary that a circuit is to make
/// ([`Problem::state`], [`Problem::unitary`]), whose energy is the infidelity, or a mixed state to be diagonalised ([`Problem::diagonal`]).
///
/// ```
/// use qloom_circuits::{PauliString, PauliSum};
/// use qloom_qas::Problem;
///
/// let z = PauliSum::new(1, [(PauliString::from_word("Z")?, 1.0), (PauliString::IDENTITY, 0.5)])?;
/// let problem = Problem::new("one spin", z)?.with_exact_energy(-0.5)?;
/// assert_eq!(problem.lower_bound(), -0.5);
/// assert_eq!(problem.error(-0.4), Some(-0.4 - -0.5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    name: String,
    hamiltonian: PauliSum,
    /// Factors and amplitudes of projectors beside the Hamiltonian.
    projectors: Vec<(f64, Vec<Complex64>)>,
    /// Whether each qubit of the circuit begins in a Bell pair with a qubit behind them, and projectors are of both.
    paired: bool,
    exact_energy: Option<f64>,
    hartree_fock_energy: Option<f64>,
    /// Which qubits are one in the basis state that ansaetze start from, if it is known.
    reference: Option<Vec<bool>>,
    pool: Vec<PoolOperator>,
    /// A circuit that searches may begin with.
    start: Option<Circuit>,
    /// Gadgets that can be actions, the best first.
    gadgets: Vec<Gadget>,
    /// The circuit of a matrix-product start that was worked out before.
    staircase: Option<(MatrixProductStart, Circuit)>,
    /// What tells it apart within a family.
    context: Vec<f32>,
    /// The mixed state that is to be diagonalised, in place of an energy.
    pub(crate) diagonal: Option<Diagonal>,
    unit: String,
}

impl Problem {
    /// A problem of which only the Hamiltonian is known; energies are in hartree unless said otherwise.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when the Hamiltonian acts on no qubit.
    pub fn new(name: impl Into<String>, hamiltonian: PauliSum) -> Result<Self, QasError> {
        if hamiltonian.num_qubits() == 0 {
            return Err(QasError::invalid("problem.hamiltonian", "on 0 qubits", "it has to act on at least one qubit"));
        }
        Ok(Self {
            name: name.into(),
            hamiltonian,
            projectors: Vec::new(),
            paired: false,
            exact_energy: None,
            hartree_fock_energy: None,
            reference: None,
            pool: Vec::new(),
            start: None,
            gadgets: Vec::new(),
            staircase: None,
            context: Vec::new(),
            diagonal: None,
            unit: "hartree".to_owned(),
        })
    }

    /// A problem whose circuits have a cost of one's own ([`Search::with_cost`](crate::Search::with_cost)) on this many qubits, which is
    /// never below a bound.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] for no qubit, [`QasError::NonFiniteEnergy`] when the bound is not finite.
    pub fn of_cost(name: impl Into<String>, num_qubits: usize, lower_bound: f64) -> Result<Self, QasError> {
        let bound = finite("lower_bound", lower_bound)?;
        let constant = PauliSum::new(num_qubits, [(qloom_circuits::PauliString::IDENTITY, bound)])?;
        Ok(Self::new(name, constant)?.with_unit("cost"))
    }

    /// States the exact ground energy, against which errors are reported.
    ///
    /// # Errors
    ///
    /// [`QasError::NonFiniteEnergy`] when it is not finite.
    pub fn with_exact_energy(mut self, energy: f64) -> Result<Self, QasError> {
        self.exact_energy = Some(finite("exact_energy", energy)?);
        Ok(self)
    }

    /// States the Hartree-Fock energy, for comparison.
    ///
    /// # Errors
    ///
    /// [`QasError::NonFiniteEnergy`] when it is not finite.
    pub fn with_hartree_fock_energy(mut self, energy: f64) -> Result<Self, QasError> {
        self.hartree_fock_energy = Some(finite("hartree_fock_energy", energy)?);
        Ok(self)
    }

    /// States the basis state that ansaetze of operators start from, such as that of Hartree-Fock: whether qubit `i` is one. Without it
    /// they start from the basis state of lowest energy.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when there are not as many bits as qubits.
    pub fn with_reference(mut self, bits: Vec<bool>) -> Result<Self, QasError> {
        if bits.len() != self.num_qubits() {
            let requirement = format!("the basis state has one bit for each of the {} qubits", self.num_qubits());
            return Err(QasError::invalid("problem.reference", format!("{} bits", bits.len()), requirement));
        }
        self.reference = Some(bits);
        Ok(self)
    }

    /// Hands over operators that ansaetze are made of, such as the excitations of a molecule in the Hamiltonian's encoding.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when they act on another number of qubits, or there are more than 20,000.
    pub fn with_pool(mut self, pool: Vec<PoolOperator>) -> Result<Self, QasError> {
        pool::check(&pool, self.num_qubits())?;
        self.pool = pool;
        Ok(self)
    }

    /// Works out the circuit of `environment.start.matrix-product`, so that the searches of this problem that begin with it share it; without, each
    /// makes its own. `watch` is told how far the work is.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when the settings do not fit the problem, [`QasError::Stopped`] when `watch` breaks.
    pub fn with_matrix_product(mut self, start: &MatrixProductStart, watch: &mut Watch<'_>) -> Result<Self, QasError> {
        let circuit = start.made(&self, watch)?;
        self.staircase = Some((start.clone(), circuit));
        Ok(self)
    }

    /// The circuit of this start, if it was worked out.
    pub(crate) fn staircase(&self, start: &MatrixProductStart) -> Option<&Circuit> {
        let (made, circuit) = self.staircase.as_ref()?;
        ((made.bond, made.layers) == (start.bond, start.layers)).then_some(circuit)
    }

    /// Hands over the circuit that `environment.start.qasm` speaks of.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when it is on another number of qubits, has free parameters, or an operation that is no gate.
    pub fn with_start(mut self, circuit: Circuit) -> Result<Self, QasError> {
        let refuse = |value: String, need: &str| Err(QasError::invalid("environment.start.qasm", value, need));
        if circuit.num_qubits() != self.num_qubits() {
            let need = format!("the problem has {}", self.num_qubits());
            return refuse(format!("on {} qubits", circuit.num_qubits()), &need);
        }
        if circuit.num_parameters() > 0 {
            return refuse(format!("{} free parameters", circuit.num_parameters()), "they have to be given values first");
        }
        let is_gate = |operation: &&Operation| match operation {
            Operation::Gate { .. } | Operation::PauliRotation { .. } | Operation::Unitary { .. } => true,
            Operation::GlobalPhase(_) | Operation::Barrier { .. } => true,
            Operation::Channel { .. } | Operation::Measure { .. } | Operation::Reset { .. } => false,
            Operation::Delay { .. } | Operation::Conditional(_) => false,
        };
        if let Some(other) = circuit.operations().iter().find(|operation| !is_gate(operation)) {
            return refuse(format!("{other:?}"), "a circuit to begin with is made of gates");
        }
        self.start = Some(circuit);
        Ok(self)
    }

    /// Hands over the gadgets that `environment.actions.gadgets` speaks of, the best first.
    pub fn with_gadgets(mut self, gadgets: Vec<Gadget>) -> Self {
        self.gadgets = gadgets;
        self
    }

    /// States what tells it apart within a family.
    pub(crate) fn with_context(mut self, context: Vec<f32>) -> Self {
        self.context = context;
        self
    }

    /// What tells it apart within a family; nothing outside of one.
    pub(crate) fn context(&self) -> &[f32] {
        &self.context
    }

    /// Names the unit of the energies.
    pub fn with_unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = unit.into();
        self
    }

    /// Name, for reports.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The Hamiltonian.
    pub fn hamiltonian(&self) -> &PauliSum {
        &self.hamiltonian
    }

    /// Factors and amplitudes of the projectors beside the Hamiltonian.
    pub(crate) fn projectors(&self) -> &[(f64, Vec<Complex64>)] {
        &self.projectors
    }

    /// Whether each qubit of the circuit begins in a Bell pair with a qubit behind them.
    pub(crate) fn is_paired(&self) -> bool {
        self.paired
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.hamiltonian.num_qubits()
    }

    /// The exact ground energy, if known.
    pub fn exact_energy(&self) -> Option<f64> {
        self.exact_energy
    }

    /// The Hartree-Fock energy, if known.
    pub fn hartree_fock_energy(&self) -> Option<f64> {
        self.hartree_fock_energy
    }

    /// Which qubits are one in the basis state that ansaetze of operators start from, if it was stated.
    pub fn reference(&self) -> Option<&[bool]> {
        self.reference.as_deref()
    }

    /// The operators that ansaetze are made of; none unless handed over.
    pub fn pool(&self) -> &[PoolOperator] {
        &self.pool
    }

    /// The circuit that a search may begin with, if one was handed over.
    pub fn start(&self) -> Option<&Circuit> {
        self.start.as_ref()
    }

    /// The gadgets that can be actions; none unless handed over.
    pub fn gadgets(&self) -> &[Gadget] {
        &self.gadgets
    }

    /// Unit of the energies.
    pub fn unit(&self) -> &str {
        &self.unit
    }

    /// The constant less the absolute coefficients of all other terms, less the factors of targets: no state has a lower energy.
    pub fn lower_bound(&self) -> f64 {
        self.hamiltonian.lower_bound() + self.projectors.iter().map(|(factor, _)| factor.min(0.0)).sum::<f64>()
    }

    /// How far an energy is above the exact ground energy, if that is known.
    pub fn error(&self, energy: f64) -> Option<f64> {
        self.exact_energy.map(|exact| energy - exact)
    }
}

fn finite(what: &'static str, energy: f64) -> Result<f64, QasError> {
    if energy.is_finite() { Ok(energy) } else { Err(QasError::NonFiniteEnergy { what, energy }) }
}
