//! Circuits as steps on the planes of frames.

use std::sync::Arc;

use qloom_circuits::{Channel, Circuit, Condition, Operation};
use smallvec::SmallVec;

use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::record::Record;
use crate::state::{CliffordGate, CliffordStep, CliffordTable, Tableau};

/// One step for all shots; numbers are those of planes.
#[derive(Debug)]
pub(super) enum Step {
    /// A qubit is `|0>`, which Z leaves as it is.
    Start { z: usize },
    /// The sum of two planes in place of one.
    Add { from: usize, to: usize },
    /// Errors of one kind at several places, whose planes are X and Z of each qubit.
    Errors { errors: Arc<Errors>, places: Vec<SmallVec<[usize; 4]>> },
    /// A measurement into a bit; what the reference shot has, and the probabilities to record 1 for 0 and 0 for 1.
    Measure { x: usize, z: usize, bit: usize, reference: bool, flips: [f64; 2] },
    /// A qubit put into `|0>`.
    Reset { x: usize, z: usize },
    /// An odd number of quarter turns about a string: for each plane of its letters the plane that does not commute with it.
    Rotation { letters: Vec<[usize; 2]> },
    /// Pauli gates where a condition holds or not, other than in the reference shot: the planes they add to.
    Feedback { condition: Condition, reference: bool, planes: Vec<usize> },
}

/// Pauli errors of a channel.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Errors {
    /// Probability of any.
    pub(super) rate: f64,
    /// Errors as bits, X and Z of each qubit, and the probability of it or one before it if there is one.
    words: Vec<(u8, f64)>,
}

impl Errors {
    fn new(channel: &Channel) -> Result<Option<Self>, SimError> {
        let probabilities = channel.pauli_probabilities().ok_or(SimError::Unsupported {
            simulation: "Pauli frames",
            operation: "a channel that is no mixture of Pauli errors",
            remedy: "use a state vector, or a Pauli vector",
        })?;
        let rate: f64 = probabilities.iter().skip(1).sum();
        if rate <= 0.0 {
            return Ok(None);
        }
        let mut sum = 0.0;
        let mut words = Vec::new();
        for (index, probability) in probabilities.into_iter().enumerate().skip(1).filter(|(_, p)| *p > 0.0) {
            // base-4 digits I, X, Y, Z as X and Z
            let digit = |place: usize| [0b00, 0b01, 0b11, 0b10][index >> (2 * place) & 3] << (2 * place);
            sum += probability / rate;
            words.push(((0..channel.num_qubits()).map(digit).sum(), sum));
        }
        Ok(Some(Self { rate: rate.min(1.0), words }))
    }

    /// One of the errors.
    pub(super) fn draw(&self, stream: &mut qloom_circuits::Stream) -> u8 {
        let [(only, _)] = self.words[..] else {
            let place = stream.unit();
            let chosen = self.words.iter().find(|(_, until)| place < *until).or(self.words.last());
            return chosen.map_or(0, |(word, _)| *word);
        };
        only
    }
}

/// The steps of a circuit, and the bits of its outcomes.
pub(super) fn compile(circuit: &Circuit, flips: &[[f64; 2]], config: SimulatorConfig) -> Result<(Vec<Step>, usize), SimError> {
    if circuit.num_parameters() > 0 {
        let given = circuit.num_parameters();
        return Err(SimError::SizeMismatch { what: "free parameters of a circuit that is executed", expected: 0, given });
    }
    let n = circuit.num_qubits();
    let mut compiler = Compiler {
        state: Tableau::zero(n, config)?,
        record: Record::default(),
        table: CliffordTable::default(),
        channels: Vec::new(),
        planes: (0..n).map(|qubit| [2 * qubit, 2 * qubit + 1]).collect(),
        flips,
        steps: (0..n).map(|qubit| Step::Start { z: 2 * qubit + 1 }).collect(),
    };
    for operation in circuit.operations() {
        compiler.push(operation)?;
    }
    let measures = compiler.steps.iter().any(|step| matches!(step, Step::Measure { .. }));
    if !measures {
        (0..n).try_for_each(|qubit| compiler.measure(qubit, qubit))?;
    }
    Ok((compiler.steps, if measures { circuit.num_bits() } else { n }))
}

/// The reference shot so far, and what frames do to follow it.
struct Compiler<'a> {
    state: Tableau,
    record: Record,
    table: CliffordTable,
    /// Channels met, with their errors.
    channels: Vec<(&'a Channel, Option<Arc<Errors>>)>,
    /// The planes of X and Z of each qubit: gates that only exchange letters exchange their numbers.
    planes: Vec<[usize; 2]>,
    flips: &'a [[f64; 2]],
    steps: Vec<Step>,
}

impl<'a> Compiler<'a> {
    fn push(&mut self, operation: &'a Operation) -> Result<(), SimError> {
        match operation {
            Operation::Measure { qubit, bit } => self.measure(*qubit, *bit),
            Operation::Reset { qubit } => {
                let [x, z] = self.planes[*qubit];
                self.steps.push(Step::Reset { x, z });
                if self.reference(*qubit)? {
                    self.state.multiply_by(qloom_circuits::Pauli::X, *qubit);
                }
                Ok(())
            }
            Operation::Channel { channel, qubits } => self.channel(channel, qubits),
            Operation::Conditional(block) => {
                let [then, otherwise] = [&block.then, &block.otherwise].map(|block| self.paulis(block));
                let (then, otherwise) = (then?, otherwise?);
                let holds = self.record.holds(&block.condition);
                let mut planes = Vec::new();
                for &[qubit, letter] in then.iter().chain(&otherwise) {
                    let plane = self.planes[qubit][letter];
                    match planes.iter().position(|other| *other == plane) {
                        Some(twice) => _ = planes.swap_remove(twice),
                        None => planes.push(plane),
                    }
                }
                for &[qubit, letter] in if holds { &then } else { &otherwise } {
                    self.state.multiply_by([qloom_circuits::Pauli::X, qloom_circuits::Pauli::Z][letter], qubit);
                }
                self.steps.push(Step::Feedback { condition: block.condition.clone(), reference: holds, planes });
                Ok(())
            }
            Operation::Gate { .. }
            | Operation::PauliRotation { .. }
            | Operation::Unitary { .. }
            | Operation::GlobalPhase(_)
            | Operation::Barrier { .. }
            | Operation::Delay { .. } => {
                let Some(step) = self.table.step(operation)? else { return Ok(()) };
                self.state.step(self.table.gates(), &step);
                self.gate(&step);
                Ok(())
            }
        }
    }

    /// The outcome of a qubit in the reference shot, 0 where it is a coin.
    fn reference(&mut self, qubit: usize) -> Result<bool, SimError> {
        let outcome = self.state.probabilities(&[qubit])?[1] == 1.0;
        self.state.project(qubit, outcome)?;
        Ok(outcome)
    }

    fn measure(&mut self, qubit: usize, bit: usize) -> Result<(), SimError> {
        let reference = self.reference(qubit)?;
        self.record.set(bit, reference);
        let [x, z] = self.planes[qubit];
        let flips = self.flips.get(qubit).copied().unwrap_or_default();
        self.steps.push(Step::Measure { x, z, bit, reference, flips });
        Ok(())
    }

    fn channel(&mut self, channel: &'a Channel, qubits: &[usize]) -> Result<(), SimError> {
        let errors = match self.channels.iter().find(|(known, _)| *known == channel) {
            Some((_, errors)) => errors.clone(),
            None => {
                let errors = Errors::new(channel)?.map(Arc::new);
                self.channels.push((channel, errors.clone()));
                errors
            }
        };
        let Some(errors) = errors else { return Ok(()) };
        let place = qubits.iter().flat_map(|&qubit| self.planes[qubit]).collect();
        match self.steps.last_mut() {
            // errors beside each other are drawn together
            Some(Step::Errors { errors: before, places }) if Arc::ptr_eq(before, &errors) => places.push(place),
            _ => self.steps.push(Step::Errors { errors, places: vec![place] }),
        }
        Ok(())
    }

    /// Moves the letters of frames as a gate does; signs do not matter.
    fn gate(&mut self, step: &CliffordStep) {
        match step {
            CliffordStep::Local { gate, qubits } => {
                let before: SmallVec<[usize; 6]> = qubits.iter().flat_map(|&qubit| self.planes[qubit]).collect();
                let (places, sums) = eliminate(&self.table.gates()[*gate]);
                let after: SmallVec<[usize; 6]> = places.iter().map(|&place| before[place]).collect();
                for (place, &qubit) in qubits.iter().enumerate() {
                    self.planes[qubit] = [after[2 * place], after[2 * place + 1]];
                }
                self.steps.extend(sums.into_iter().map(|[from, to]| Step::Add { from: after[from], to: after[to] }));
            }
            CliffordStep::Rotation { quarters: 2, .. } => {}
            CliffordStep::Rotation { letters, .. } => {
                let mut pairs = Vec::new();
                for &(qubit, letter) in letters {
                    let [x, z] = self.planes[qubit];
                    pairs.extend(
                        [(letter[0], [x, z]), (letter[1], [z, x])].into_iter().filter(|(set, _)| *set).map(|(_, pair)| pair),
                    );
                }
                self.steps.push(Step::Rotation { letters: pairs });
            }
        }
    }

    /// The letters X (0) and Z (1) by qubit of a block of Pauli gates.
    fn paulis(&mut self, block: &[Operation]) -> Result<Vec<[usize; 2]>, SimError> {
        let more = SimError::Unsupported {
            simulation: "Pauli frames",
            operation: "a conditioned block of more than Pauli gates",
            remedy: "execute the circuit, whose states split at measurements",
        };
        let mut found = Vec::new();
        for operation in block {
            match self.table.step(operation).map_err(|_| more.clone())? {
                None => {}
                Some(CliffordStep::Local { gate, qubits }) => {
                    let gate = &self.table.gates()[gate];
                    if gate.outputs.iter().enumerate().any(|(bit, sum)| *sum != 1 << bit) {
                        return Err(more);
                    }
                    // an X before has another sign if there is a Z, and the other way round
                    let letters = gate.sign.iter().map(|bit| bit.trailing_zeros() as usize);
                    found.extend(letters.map(|bit| [qubits[bit / 2], 1 - bit % 2]));
                }
                Some(CliffordStep::Rotation { letters, quarters: 2 }) => {
                    for (qubit, letter) in letters {
                        found.extend((0..2).filter(|&kind| letter[kind]).map(|kind| [qubit, kind]));
                    }
                }
                Some(CliffordStep::Rotation { .. }) => return Err(more),
            }
        }
        Ok(found)
    }
}

/// A gate as an exchange of planes and then sums of two: for each plane the one that takes its place, and sources and targets of the sums.
fn eliminate(gate: &CliffordGate) -> (SmallVec<[usize; 6]>, Vec<[usize; 2]>) {
    let mut rows = gate.outputs.clone();
    let mut sums = Vec::new();
    let mut places: SmallVec<[usize; 6]> = (0..rows.len()).collect();
    let mut free: SmallVec<[usize; 6]> = (0..rows.len()).collect();
    for column in 0..rows.len() {
        let has = |row: &usize| rows[*row] >> column & 1 == 1;
        // its own row where that has it, so that as little as possible changes places
        let pivot = free.iter().copied().filter(has).min_by_key(|&row| row != column).expect("a gate can be undone");
        free.retain(|row| *row != pivot);
        places[pivot] = column;
        for row in (0..rows.len()).filter(|&row| row != pivot) {
            if rows[row] >> column & 1 == 1 {
                rows[row] ^= rows[pivot];
                sums.push([pivot, row]);
            }
        }
    }
    sums.reverse();
    (places, sums)
}
