//! States of a kind chosen at run time.

use qloom_circuits::{Circuit, PauliString, Stream};

use super::{Factored, MatrixProduct, PauliVector, State, StateVector};
use crate::config::SimulatorConfig;
use crate::counts::Counts;
use crate::error::SimError;
use crate::observable::Observable;

/// The kinds of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Representation {
    /// `2^n` complex amplitudes in single precision.
    StateVectorF32,
    /// `2^n` complex amplitudes in double precision.
    StateVectorF64,
    /// `4^n` real Pauli coefficients in double precision.
    PauliVector,
    /// `2^k` complex amplitudes in double precision for each set of `k` qubits that have met.
    Factored,
    /// A chain of tensors in double precision.
    MatrixProduct,
}

impl Representation {
    /// All kinds.
    pub const ALL: [Self; 5] =
        [Self::StateVectorF32, Self::StateVectorF64, Self::PauliVector, Self::Factored, Self::MatrixProduct];

    /// Bytes a state of this many qubits takes; as [`State::bytes`] of each says.
    pub fn bytes(self, num_qubits: usize) -> u128 {
        match self {
            Self::StateVectorF32 => <StateVector<f32> as State>::bytes(num_qubits),
            Self::StateVectorF64 => <StateVector<f64> as State>::bytes(num_qubits),
            Self::PauliVector => PauliVector::bytes(num_qubits),
            Self::Factored => <Factored as State>::bytes(num_qubits),
            Self::MatrixProduct => <MatrixProduct as State>::bytes(num_qubits),
        }
    }
}

/// A state of any kind.
///
/// ```
/// use qloom_circuits::{Circuit, PauliString};
/// use qloom_sim::{AnyState, Representation, SimulatorConfig};
/// let mut circuit = Circuit::new(1);
/// circuit.h(0);
/// for representation in Representation::ALL {
///     let mut state = AnyState::zero(representation, 1, SimulatorConfig::default())?;
///     state.run(&circuit, &[])?;
///     assert!((state.pauli(PauliString::from_word("X")?)? - 1.0).abs() < 1e-6);
/// }
/// # Ok::<(), qloom_sim::SimError>(())
/// ```
#[derive(Debug)]
pub enum AnyState {
    /// In single precision.
    StateVectorF32(StateVector<f32>),
    /// In double precision.
    StateVectorF64(StateVector<f64>),
    /// A density operator.
    PauliVector(PauliVector),
    /// In parts.
    Factored(Factored),
    /// A chain of tensors.
    MatrixProduct(MatrixProduct),
}

/// The same of whichever state it is.
macro_rules! whichever {
    ($any:expr, $state:ident => $value:expr) => {
        match $any {
            AnyState::StateVectorF32($state) => $value,
            AnyState::StateVectorF64($state) => $value,
            AnyState::PauliVector($state) => $value,
            AnyState::Factored($state) => $value,
            AnyState::MatrixProduct($state) => $value,
        }
    };
}

impl AnyState {
    /// The state `|0...0>`.
    ///
    /// # Errors
    /// As [`State::zero`].
    pub fn zero(representation: Representation, num_qubits: usize, config: SimulatorConfig) -> Result<Self, SimError> {
        Ok(match representation {
            Representation::StateVectorF32 => Self::StateVectorF32(StateVector::zero(num_qubits, config)?),
            Representation::StateVectorF64 => Self::StateVectorF64(StateVector::zero(num_qubits, config)?),
            Representation::PauliVector => Self::PauliVector(PauliVector::zero(num_qubits, config)?),
            Representation::Factored => Self::Factored(Factored::zero(num_qubits, config)?),
            Representation::MatrixProduct => Self::MatrixProduct(MatrixProduct::zero(num_qubits, config)?),
        })
    }

    /// Its kind.
    pub fn representation(&self) -> Representation {
        match self {
            Self::StateVectorF32(_) => Representation::StateVectorF32,
            Self::StateVectorF64(_) => Representation::StateVectorF64,
            Self::PauliVector(_) => Representation::PauliVector,
            Self::Factored(_) => Representation::Factored,
            Self::MatrixProduct(_) => Representation::MatrixProduct,
        }
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        whichever!(self, state => state.num_qubits())
    }

    /// Compiles a circuit and applies it at these parameter values.
    ///
    /// # Errors
    /// As [`State::compile`] and [`State::apply`].
    pub fn run(&mut self, circuit: &Circuit, parameters: &[f64]) -> Result<(), SimError> {
        fn run<S: State>(state: &mut S, circuit: &Circuit, parameters: &[f64]) -> Result<(), SimError> {
            state.apply(&S::compile_once(circuit)?, parameters, &mut S::Workspace::default())
        }
        whichever!(self, state => run(state, circuit, parameters))
    }

    /// As [`State::expectation`].
    ///
    /// # Errors
    /// When the observable is on another number of qubits.
    pub fn expectation(&self, observable: &Observable) -> Result<f64, SimError> {
        whichever!(self, state => state.expectation(observable))
    }

    /// As [`State::pauli`].
    ///
    /// # Errors
    /// When the string acts outside the register.
    pub fn pauli(&self, string: PauliString) -> Result<f64, SimError> {
        whichever!(self, state => state.pauli(string))
    }

    /// As [`State::expectation_z`].
    pub fn expectation_z(&self) -> Vec<f64> {
        whichever!(self, state => state.expectation_z())
    }

    /// As [`State::probabilities`].
    ///
    /// # Errors
    /// When a qubit is outside the register or repeated.
    pub fn probabilities(&self, qubits: &[usize]) -> Result<Vec<f64>, SimError> {
        whichever!(self, state => state.probabilities(qubits))
    }

    /// As [`State::sample`].
    pub fn sample(&self, shots: u64, stream: &mut Stream) -> Counts {
        whichever!(self, state => state.sample(shots, stream))
    }
}
