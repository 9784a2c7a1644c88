//! Pauli noise drawn as gates: the errors of a shot are known before it is run.

use qloom_circuits::{Channel, Circuit, Operation, Pauli, Qubits, Stream};
use qloom_sim::{Counts, Program, SimulatorConfig, StateVector, Workspace};

use crate::error::EstimateError;
use crate::readout::Readout;

/// A circuit whose channels replace each other by Pauli errors, which are drawn as gates before anything runs.
///
/// A run without errors is the circuit itself, and all such shots share one; an erroneous one is a circuit of gates, planned as a whole.
/// [`crate::Trajectories`] take any channel; this takes Pauli channels, whose errors do not depend on the state.
///
/// ```
/// use qloom_circuits::{Channel, Circuit, Operation, Stream};
/// use qloom_estimate::{PauliErrors, Readout};
/// use qloom_sim::SimulatorConfig;
/// let mut circuit = Circuit::new(1);
/// circuit.x(0);
/// circuit.push(Operation::Channel { channel: Channel::bit_flip(0.1)?, qubits: [0].into_iter().collect() })?;
/// let errors = PauliErrors::new(&circuit)?;
/// assert!((errors.clean_probability() - 0.9).abs() < 1e-15);
/// let mut stream = Stream::named(1, "shots");
/// assert_eq!(errors.draw_erroneous(&mut stream)?.operations().len(), 2); // x, and the error x
/// let counts = errors.counts(10_000, &Readout::default(), SimulatorConfig::default(), &mut stream)?;
/// assert!(counts.get(1).abs_diff(9000) < 150); // five standard deviations
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct PauliErrors {
    circuit: Circuit,
    places: Vec<Place>,
}

/// Where an error may happen.
#[derive(Clone, Debug)]
struct Place {
    /// Operations of the circuit before it.
    position: usize,
    qubits: Qubits,
    /// Probabilities of the Pauli words on the qubits, in the order of transfer matrices: the identity first.
    probabilities: Vec<f64>,
}

/// An error: a place and the index of a word.
type Fault<'a> = (&'a Place, usize);

impl PauliErrors {
    /// Takes the channels out of a circuit; final measurements are left out of it before.
    ///
    /// # Errors
    /// For a channel that is no mixture of Pauli errors, and one in a conditioned block.
    pub fn new(noisy: &Circuit) -> Result<Self, EstimateError> {
        let mut circuit = noisy.without_operations();
        let mut places = Vec::new();
        for operation in noisy.operations() {
            match operation {
                Operation::Channel { channel, qubits } => {
                    let position = circuit.operations().len();
                    let probabilities = probabilities(channel)?;
                    if probabilities[0] < 1.0 {
                        places.push(Place { position, qubits: qubits.clone(), probabilities });
                    }
                }
                Operation::Conditional(block) if holds_channel(&block.then) || holds_channel(&block.otherwise) => {
                    return Err(EstimateError::Unsupported {
                        method: "drawing Pauli errors as gates",
                        operation: "noise in a conditioned block",
                        remedy: "use trajectories",
                    });
                }
                other => {
                    circuit.push(other.clone())?;
                }
            }
        }
        Ok(Self { circuit, places })
    }

    /// The circuit without any error.
    pub fn circuit(&self) -> &Circuit {
        &self.circuit
    }

    /// Probability that a run has no error.
    pub fn clean_probability(&self) -> f64 {
        self.places.iter().map(|place| place.probabilities[0]).product()
    }

    /// The circuit of one run with its errors as gates; none where it has no error.
    ///
    /// # Errors
    /// Never for errors drawn from this circuit.
    pub fn draw(&self, stream: &mut Stream) -> Result<Option<Circuit>, EstimateError> {
        let mut faults = Vec::new();
        for place in &self.places {
            faults.extend(place.draw(stream.unit()).map(|word| (place, word)));
        }
        if faults.is_empty() { Ok(None) } else { self.with(&faults).map(Some) }
    }

    /// The circuit of one run that has some error, drawn with the probability it has among all such runs.
    ///
    /// # Errors
    /// When no run has an error.
    pub fn draw_erroneous(&self, stream: &mut Stream) -> Result<Circuit, EstimateError> {
        // probability that all places from here on are clean
        let mut rest = self.clean_probability();
        if rest >= 1.0 {
            return Err(EstimateError::OutOfRange { what: "the probability of an error", value: 0.0, range: "above 0" });
        }
        let mut faults: Vec<Fault<'_>> = Vec::new();
        for place in &self.places {
            let uniform = stream.unit();
            if !faults.is_empty() {
                faults.extend(place.draw(uniform).map(|word| (place, word)));
                continue;
            }
            // given that an error is still to come, this place has one with probability (1 - p)/(1 - rest)
            let clean = place.probabilities[0];
            let happens = (1.0 - clean) / (1.0 - rest);
            if uniform < happens {
                faults.push((place, place.word(uniform / happens * (1.0 - clean))));
            }
            rest = if clean > 0.0 { rest / clean } else { 0.0 };
        }
        self.with(&faults)
    }

    /// Measures all qubits at the end of each shot, read with these errors; bit `q` of an outcome is qubit `q`.
    ///
    /// Shots without error cost one run together, every other shot its own.
    ///
    /// # Errors
    /// When the circuit is not unitary but for its noise, or memory does not suffice.
    pub fn counts(
        &self,
        shots: u64,
        readout: &Readout,
        config: SimulatorConfig,
        stream: &mut Stream,
    ) -> Result<Counts, EstimateError> {
        let n = self.circuit.num_qubits();
        let mut counts = Counts::new(n);
        let mut clean = 0;
        let mut run = |circuit: &Circuit, shots: u64, stream: &mut Stream| -> Result<(), EstimateError> {
            let mut state = StateVector::<f64>::zero(n, config)?;
            state.apply(&Program::once(circuit)?, &[], &mut Workspace::default())?;
            readout
                .counts(&state.sample(shots, stream), stream)
                .iter()
                .for_each(|(outcome, times)| counts.add(outcome.clone(), times));
            Ok(())
        };
        for _ in 0..shots {
            match self.draw(stream)? {
                Some(circuit) => run(&circuit, 1, stream)?,
                None => clean += 1,
            }
        }
        if clean > 0 {
            run(&self.circuit, clean, stream)?;
        }
        Ok(counts)
    }

    fn with(&self, faults: &[Fault<'_>]) -> Result<Circuit, EstimateError> {
        let mut circuit = self.circuit.without_operations();
        let mut faults = faults.iter().peekable();
        for position in 0..=self.circuit.operations().len() {
            while let Some((place, word)) = faults.next_if(|(place, _)| place.position == position) {
                for (digit, &qubit) in place.qubits.iter().enumerate() {
                    match Pauli::ALL[word >> (2 * digit) & 3] {
                        Pauli::I => &mut circuit,
                        Pauli::X => circuit.x(qubit),
                        Pauli::Y => circuit.y(qubit),
                        Pauli::Z => circuit.z(qubit),
                    };
                }
            }
            if let Some(operation) = self.circuit.operations().get(position) {
                circuit.push(operation.clone())?;
            }
        }
        Ok(circuit)
    }
}

impl Place {
    /// The word of an error, none for the identity.
    fn draw(&self, uniform: f64) -> Option<usize> {
        let clean = self.probabilities[0];
        (uniform >= clean).then(|| self.word(uniform - clean))
    }

    /// The word in which `point`, a number below the probability of an error, falls.
    fn word(&self, mut point: f64) -> usize {
        let mut last = 0;
        for (word, &p) in self.probabilities.iter().enumerate().skip(1).filter(|(_, p)| **p > 0.0) {
            if point < p {
                return word;
            }
            point -= p;
            last = word;
        }
        last
    }
}

pub(crate) fn holds_channel(operations: &[Operation]) -> bool {
    operations.iter().any(|operation| match operation {
        Operation::Channel { .. } => true,
        Operation::Conditional(block) => holds_channel(&block.then) || holds_channel(&block.otherwise),
        Operation::Gate { .. }
        | Operation::PauliRotation { .. }
        | Operation::Unitary { .. }
        | Operation::GlobalPhase(_)
        | Operation::Measure { .. }
        | Operation::Reset { .. }
        | Operation::Barrier { .. }
        | Operation::Delay { .. } => false,
    })
}

fn probabilities(channel: &Channel) -> Result<Vec<f64>, EstimateError> {
    channel.pauli_probabilities().ok_or(EstimateError::Unsupported {
        method: "drawing Pauli errors as gates",
        operation: "a channel that is no mixture of Pauli errors",
        remedy: "use trajectories",
    })
}

#[cfg(test)]
mod tests;
