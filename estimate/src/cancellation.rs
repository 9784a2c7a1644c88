//! Probabilistic error cancellation: noise undone on average, by operations drawn at random and outcomes of either sign.

mod basis;
#[cfg(test)]
mod tests;

use qloom_circuits::{Channel, Circuit, Operation, Qubits, Stream};

use crate::error::EstimateError;
use crate::pauli_errors::holds_channel;

/// A noisy circuit whose noise is undone on average.
///
/// After each channel an operation is drawn: one of ten gates and three preparations on each of its qubits, whose sum with weights of
/// both signs is the inverse of the channel. The mean of the outcomes, each times the [`overhead`](Self::overhead) and the sign of its draw,
/// is the value without noise; its variance is that of outcomes which are the overhead times as large. The operations are taken
/// as perfect, and the noise as known.
///
/// Sources: K. Temme, S. Bravyi and J. M. Gambetta, Error mitigation for short-depth quantum circuits (2017), arXiv:1612.02058; the
/// operations from R. Takagi, Optimal resource cost for error mitigation (2021), arXiv:2006.12509.
///
/// ```
/// use qloom_circuits::{Channel, Circuit, Operation, Stream};
/// use qloom_estimate::Cancellation;
/// let mut noisy = Circuit::new(1);
/// noisy.x(0);
/// noisy.push(Operation::Channel { channel: Channel::bit_flip(0.1)?, qubits: [0].into_iter().collect() })?;
/// let cancellation = Cancellation::new(&noisy)?;
/// // (1 - p)/(1 - 2p) of I less p/(1 - 2p) of X
/// assert!((cancellation.overhead() - 1.0 / 0.8).abs() < 1e-12);
/// let draw = cancellation.draw(&mut Stream::named(1, "errors"))?;
/// assert!(draw.sign == 1.0 || draw.circuit.operations().len() == 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cancellation {
    circuit: Circuit,
    places: Vec<Place>,
    overhead: f64,
}

/// What undoes a channel.
#[derive(Clone, Debug)]
struct Place {
    /// Operations of the circuit up to and with the channel.
    position: usize,
    qubits: Qubits,
    /// Weights of the words of the basis; their absolute values add up to `overhead`.
    weights: Vec<f64>,
    overhead: f64,
}

/// One draw of a [`Cancellation`].
#[derive(Clone, Debug, PartialEq)]
pub struct SignedCircuit {
    /// The noisy circuit with the drawn operations in it.
    pub circuit: Circuit,
    /// 1 or -1; outcomes count with it.
    pub sign: f64,
}

impl Cancellation {
    /// Finds the inverse of every channel of a circuit; equal channels are inverted once.
    ///
    /// # Errors
    /// For a channel without an inverse, one of several qubits whose inverse is no sum of operations of single ones, and one in a
    /// conditioned block.
    pub fn new(noisy: &Circuit) -> Result<Self, EstimateError> {
        let mut inverses = Inverses::default();
        let (mut places, mut overhead) = (Vec::new(), 1.0);
        for (position, operation) in noisy.operations().iter().enumerate() {
            if let Operation::Channel { channel, qubits } = operation {
                let inverse = inverses.of(channel)?;
                overhead *= inverse.overhead;
                let (weights, overhead) = (inverse.weights.clone(), inverse.overhead);
                places.push(Place { position: position + 1, qubits: qubits.clone(), weights, overhead });
            }
            refuse_conditioned(operation)?;
        }
        Ok(Self { circuit: noisy.clone(), places, overhead })
    }

    /// What the outcomes are multiplied by: at least 1, the product of those of all channels. As many shots as its square are needed for
    /// the error of one.
    pub fn overhead(&self) -> f64 {
        self.overhead
    }

    /// The circuit of one shot.
    ///
    /// # Errors
    /// Never for a circuit that was taken.
    pub fn draw(&self, stream: &mut Stream) -> Result<SignedCircuit, EstimateError> {
        let mut circuit = self.circuit.without_operations();
        let (mut sign, mut places) = (1.0, self.places.iter().peekable());
        for (position, operation) in self.circuit.operations().iter().enumerate() {
            circuit.push(operation.clone())?;
            if let Some(place) = places.next_if(|place| place.position == position + 1) {
                let word = place.draw(stream.unit());
                sign *= place.weights[word].signum();
                basis::push_word(&mut circuit, word, &place.qubits)?;
            }
        }
        Ok(SignedCircuit { circuit, sign })
    }
}

impl Place {
    /// The word for a number in [0, 1).
    fn draw(&self, uniform: f64) -> usize {
        let (mut point, mut last) = (uniform * self.overhead, 0);
        for (word, weight) in self.weights.iter().enumerate().filter(|(_, weight)| **weight != 0.0) {
            last = word;
            if point < weight.abs() {
                break;
            }
            point -= weight.abs();
        }
        last
    }
}

/// The inverse of a channel.
struct Inverse {
    channel: Channel,
    weights: Vec<f64>,
    overhead: f64,
    /// What is left where the noise is stronger than was known.
    rest: Option<Channel>,
}

/// Inverses of channels, each found once: circuits have few different ones.
#[derive(Default)]
pub(crate) struct Inverses {
    /// By how much the noise is stronger than is known.
    drift: f64,
    found: Vec<Inverse>,
}

impl Inverses {
    /// For noise that is stronger than is known by this part of it.
    pub(crate) fn with_drift(drift: f64) -> Self {
        Self { drift, ..Self::default() }
    }

    fn of(&mut self, channel: &Channel) -> Result<&Inverse, EstimateError> {
        let at = match self.found.iter().position(|inverse| inverse.channel == *channel) {
            Some(at) => at,
            None => {
                let weights = basis::inverse_of(channel)?;
                let rest = (self.drift > 0.0).then(|| rest(channel, self.drift)).transpose()?;
                let overhead = weights.iter().map(|weight| weight.abs()).sum();
                self.found.push(Inverse { channel: channel.clone(), weights, overhead, rest });
                self.found.len() - 1
            }
        };
        Ok(&self.found[at])
    }

    /// The circuit that a noisy one is on average, and its overhead: channels are gone, or what the drift leaves of them.
    pub(crate) fn cancelled(&mut self, noisy: &Circuit) -> Result<(Circuit, f64), EstimateError> {
        let (mut circuit, mut overhead) = (noisy.without_operations(), 1.0);
        for operation in noisy.operations() {
            refuse_conditioned(operation)?;
            let Operation::Channel { channel, qubits } = operation else {
                circuit.push(operation.clone())?;
                continue;
            };
            let inverse = self.of(channel)?;
            overhead *= inverse.overhead;
            if let Some(rest) = &inverse.rest {
                circuit.push(Operation::Channel { channel: rest.clone(), qubits: qubits.clone() })?;
            }
        }
        Ok((circuit, overhead))
    }
}

/// The channel with this probability, else nothing.
fn rest(channel: &Channel, probability: f64) -> Result<Channel, EstimateError> {
    let size = 1usize << (2 * channel.num_qubits());
    let identity = |at: usize| f64::from(u8::from(at / size == at % size));
    let transfer = channel.transfer().iter().enumerate();
    let transfer = transfer.map(|(at, entry)| identity(at) + probability * (entry - identity(at))).collect();
    Ok(Channel::from_transfer(format!("rest of {}", channel.name()), transfer)?)
}

fn refuse_conditioned(operation: &Operation) -> Result<(), EstimateError> {
    match operation {
        Operation::Conditional(block) if holds_channel(&block.then) || holds_channel(&block.otherwise) => {
            Err(EstimateError::Unsupported {
                method: "probabilistic error cancellation",
                operation: "noise in a conditioned block",
                remedy: "use another mitigation",
            })
        }
        _ => Ok(()),
    }
}
