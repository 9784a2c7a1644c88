//! Pure states in parts: qubits that have never met are held apart.

use std::collections::BTreeMap;

use qloom_circuits::{Circuit, Operation, PauliString, Stream};

use super::{StateVector, Workspace, check_gate, check_qubits};
use crate::config::SimulatorConfig;
use crate::counts::Counts;
use crate::error::SimError;
use crate::memory;
use crate::observable::Observable;
use crate::program::Program;
use crate::record::Record;

/// A pure state of `n` qubits as a product of state vectors: `2^k` amplitudes for each set of `k` qubits that gates have joined.
///
/// Exact. What joins two parts makes one of them, which costs its amplitudes once.
///
/// ```
/// use qloom_circuits::Circuit;
/// use qloom_sim::{Factored, SimulatorConfig, State};
/// let mut circuit = Circuit::new(200);
/// (0..100).for_each(|pair| _ = circuit.ry(0.1, pair).cx(pair, 199 - pair));
/// let state = Factored::prepared(&Factored::compile(&circuit)?, &[], SimulatorConfig::default(), &mut ())?;
/// assert_eq!((state.num_parts(), state.largest_part()), (100, 2));
/// assert!((state.expectation_z()[150] - 0.1f64.cos()).abs() < 1e-15);
/// # Ok::<(), qloom_sim::SimError>(())
/// ```
#[derive(Debug)]
pub struct Factored {
    /// The part of each qubit, and its place there.
    place: Vec<(usize, usize)>,
    parts: Vec<Part>,
    config: SimulatorConfig,
}

/// Qubits that have met, ascending, and their state.
#[derive(Debug)]
struct Part {
    qubits: Vec<usize>,
    state: StateVector<f64>,
}

/// A circuit of gates with the sets of qubits that it joins.
#[derive(Clone, Debug)]
pub struct FactoredProgram {
    circuit: Circuit,
    /// Which set each qubit is in: the least qubit of it.
    set: Vec<usize>,
}

impl FactoredProgram {
    /// Finds which qubits a circuit joins.
    ///
    /// # Errors
    /// [`SimError::Unsupported`] for what is no gate.
    pub fn new(circuit: &Circuit) -> Result<Self, SimError> {
        let mut set: Vec<usize> = (0..circuit.num_qubits()).collect();
        for operation in circuit.operations() {
            check_gate(operation, "a state in parts")?;
            if !matches!(operation, Operation::Barrier { .. } | Operation::Delay { .. }) {
                join(&mut set, &operation.qubits());
            }
        }
        (0..set.len()).for_each(|qubit| set[qubit] = root(&set, qubit));
        Ok(Self { circuit: circuit.clone(), set })
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.circuit.num_qubits()
    }

    /// The most qubits that are joined.
    pub fn largest_part(&self) -> usize {
        let mut sizes = vec![0; self.set.len()];
        self.set.iter().for_each(|&set| sizes[set] += 1);
        sizes.into_iter().max().unwrap_or(0)
    }

    /// Bytes that the amplitudes of all parts take.
    pub fn bytes(&self) -> u128 {
        let mut sizes = vec![0; self.set.len()];
        self.set.iter().for_each(|&set| sizes[set] += 1);
        sizes.into_iter().filter(|&size| size > 0).map(memory::state_bytes::<f64>).fold(0, u128::saturating_add)
    }
}

fn root(set: &[usize], mut qubit: usize) -> usize {
    while set[qubit] != qubit {
        qubit = set[qubit];
    }
    qubit
}

/// Puts qubits into one set, named by its least.
fn join(set: &mut [usize], qubits: &[usize]) {
    let Some(least) = qubits.iter().map(|&qubit| root(set, qubit)).min() else { return };
    for &qubit in qubits {
        let old = root(set, qubit);
        set[old] = least;
        set[qubit] = least;
    }
}

impl Factored {
    /// The state `|0...0>`, each qubit by itself.
    ///
    /// # Errors
    /// When the memory limit does not allow it.
    pub fn zero(num_qubits: usize, config: SimulatorConfig) -> Result<Self, SimError> {
        let (needed, limit) = (<Self as super::State>::bytes(num_qubits), u128::from(config.memory_limit));
        if needed > limit {
            return Err(SimError::MemoryLimit { num_qubits, needed, limit });
        }
        let part = |qubit| Ok::<_, SimError>(Part { qubits: vec![qubit], state: StateVector::zero(1, config)? });
        let parts = (0..num_qubits).map(part).collect::<Result<_, _>>()?;
        Ok(Self { place: (0..num_qubits).map(|qubit| (qubit, 0)).collect(), parts, config })
    }

    /// A copy.
    ///
    /// # Errors
    /// When the allocator refuses.
    pub fn try_clone(&self) -> Result<Self, SimError> {
        let copy = |part: &Part| Ok::<_, SimError>(Part { qubits: part.qubits.clone(), state: part.state.try_clone()? });
        let parts = self.parts.iter().map(copy).collect::<Result<_, _>>()?;
        Ok(Self { place: self.place.clone(), parts, config: self.config })
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.place.len()
    }

    /// How it is simulated.
    pub fn config(&self) -> SimulatorConfig {
        self.config
    }

    /// Number of parts.
    pub fn num_parts(&self) -> usize {
        self.parts.len()
    }

    /// Qubits of the largest part.
    pub fn largest_part(&self) -> usize {
        self.parts.iter().map(|part| part.qubits.len()).max().unwrap_or(0)
    }

    /// Applies a program at these parameter values.
    ///
    /// # Errors
    /// When sizes do not fit, a value is not finite, or the parts that are joined do not fit into memory.
    pub fn apply(&mut self, program: &FactoredProgram, parameters: &[f64], _: &mut ()) -> Result<(), SimError> {
        if program.num_qubits() != self.num_qubits() {
            let (expected, given) = (self.num_qubits(), program.num_qubits());
            return Err(SimError::SizeMismatch { what: "qubits of the program", expected, given });
        }
        let circuit = program.circuit.bind(parameters).map_err(|_| wrong_parameters(program, parameters))?;
        let mut set = program.set.clone();
        self.parts.iter().for_each(|part| join(&mut set, &part.qubits));
        let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        (0..set.len()).for_each(|qubit| members.entry(root(&set, qubit)).or_default().push(qubit));
        let needed = members.values().map(|qubits| memory::state_bytes::<f64>(qubits.len())).fold(0, u128::saturating_add);
        let limit = u128::from(self.config.memory_limit);
        if needed > limit {
            return Err(SimError::MemoryLimit { num_qubits: self.num_qubits(), needed, limit });
        }
        // the operations of each set, in their order
        let mut of_set: BTreeMap<usize, Vec<&Operation>> = BTreeMap::new();
        for operation in circuit.operations() {
            if matches!(operation, Operation::Barrier { .. } | Operation::Delay { .. }) {
                continue;
            }
            let qubit = operation.qubits().first().copied().unwrap_or(0);
            if qubit < set.len() {
                of_set.entry(root(&set, qubit)).or_default().push(operation);
            }
        }
        let mut old: Vec<Option<Part>> = std::mem::take(&mut self.parts).into_iter().map(Some).collect();
        let mut workspace = Workspace::default();
        for (name, qubits) in members {
            let mut parts = Vec::new();
            for &qubit in &qubits {
                parts.extend(old[self.place[qubit].0].take());
            }
            let mut part = merged(parts, qubits, self.config)?;
            let mut own = Circuit::new(self.num_qubits());
            for operation in of_set.remove(&name).unwrap_or_default() {
                own.push(operation.clone())?;
            }
            if !own.operations().is_empty() {
                part.state.apply(&Program::once(&own.restricted(&part.qubits))?, &[], &mut workspace)?;
            }
            self.parts.push(part);
        }
        for (index, part) in self.parts.iter().enumerate() {
            part.qubits.iter().enumerate().for_each(|(place, &qubit)| self.place[qubit] = (index, place));
        }
        Ok(())
    }

    /// The letters of a string by part.
    fn strings(&self, string: PauliString) -> BTreeMap<usize, PauliString> {
        let mut letters: BTreeMap<usize, Vec<_>> = BTreeMap::new();
        for qubit in string.support() {
            let (part, place) = self.place[qubit];
            letters.entry(part).or_default().push((place, string.letter(qubit)));
        }
        letters.into_iter().map(|(part, letters)| (part, PauliString::from_letters(letters))).collect()
    }

    /// `Tr(P rho)` of one Pauli string.
    ///
    /// # Errors
    /// When the string acts outside the register.
    pub fn pauli(&self, string: PauliString) -> Result<f64, SimError> {
        if let Some(qubit) = string.support().find(|&qubit| qubit >= self.num_qubits()) {
            return Err(SimError::QubitOutOfRange { qubit, num_qubits: self.num_qubits() });
        }
        self.strings(string).into_iter().map(|(part, string)| self.parts[part].state.pauli(string)).product()
    }

    /// `Tr(H rho)`.
    ///
    /// # Errors
    /// When the observable is on another number of qubits.
    pub fn expectation(&self, observable: &Observable) -> Result<f64, SimError> {
        if observable.num_qubits() != self.num_qubits() {
            let (expected, given) = (self.num_qubits(), observable.num_qubits());
            return Err(SimError::SizeMismatch { what: "qubits of the observable", expected, given });
        }
        observable.strings().map(|(string, coefficient)| Ok(coefficient * self.pauli(string)?)).sum()
    }

    /// `<Z_q>` of every qubit.
    pub fn expectation_z(&self) -> Vec<f64> {
        let of_parts: Vec<Vec<f64>> = self.parts.iter().map(|part| part.state.expectation_z()).collect();
        self.place.iter().map(|&(part, place)| of_parts[part][place]).collect()
    }

    /// Probability of each outcome of measuring these qubits, at most 28; the first listed is the least significant bit of the outcome.
    ///
    /// # Errors
    /// When a qubit is outside the register or repeated, or there are too many.
    pub fn probabilities(&self, qubits: &[usize]) -> Result<Vec<f64>, SimError> {
        const LISTED: usize = 28;
        check_qubits(qubits, self.num_qubits())?;
        if qubits.len() > LISTED {
            return Err(SimError::TooManyQubits { what: "a list of joint probabilities", given: qubits.len(), limit: LISTED });
        }
        let mut asked: BTreeMap<usize, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for (bit, &qubit) in qubits.iter().enumerate() {
            let (part, place) = self.place[qubit];
            let (places, bits) = asked.entry(part).or_default();
            places.push(place);
            bits.push(bit);
        }
        let mut probabilities = vec![1.0; 1 << qubits.len()];
        for (part, (places, bits)) in asked {
            let own = self.parts[part].state.probabilities(&places)?;
            for (outcome, p) in probabilities.iter_mut().enumerate() {
                *p *= own[bits.iter().enumerate().map(|(k, bit)| (outcome >> bit & 1) << k).sum::<usize>()];
            }
        }
        Ok(probabilities)
    }

    /// Measures all qubits `shots` times on copies of the state; bit `q` of an outcome is qubit `q`.
    pub fn sample(&self, shots: u64, stream: &mut Stream) -> Counts {
        const AT_ONCE: u64 = 1 << 16;
        let mut counts = Counts::new(self.num_qubits());
        let mut left = shots;
        while left > 0 {
            let now = left.min(AT_ONCE);
            let mut records = vec![Record::default(); now as usize];
            for part in &self.parts {
                // parts know nothing of each other: outcomes of one in an order of their own
                let drawn = part.state.sample(now, stream);
                let mut outcomes: Vec<Record> = Vec::with_capacity(now as usize);
                drawn.iter().for_each(|(outcome, times)| outcomes.extend((0..times).map(|_| outcome.clone())));
                stream.shuffle(&mut outcomes);
                for (record, outcome) in records.iter_mut().zip(outcomes) {
                    let set = part.qubits.iter().enumerate().filter(|(place, _)| outcome.get(*place));
                    set.for_each(|(_, &qubit)| record.set(qubit, true));
                }
            }
            records.into_iter().for_each(|record| counts.add(record, 1));
            left -= now;
        }
        counts
    }
}

/// What is wrong with parameters that a circuit does not take.
fn wrong_parameters(program: &FactoredProgram, parameters: &[f64]) -> SimError {
    match parameters.iter().find(|value| !value.is_finite()) {
        Some(&value) if parameters.len() == program.circuit.num_parameters() => {
            SimError::NotFinite { what: "a parameter", value }
        }
        Some(_) | None => {
            let (expected, given) = (program.circuit.num_parameters(), parameters.len());
            SimError::SizeMismatch { what: "parameters", expected, given }
        }
    }
}

/// The product of parts, on these qubits, ascending.
fn merged(mut parts: Vec<Part>, qubits: Vec<usize>, config: SimulatorConfig) -> Result<Part, SimError> {
    if parts.len() == 1 {
        return Ok(Part { qubits, state: parts.remove(0).state });
    }
    let mut state = StateVector::empty(qubits.len(), config)?;
    // where each qubit of a part is among all
    let places: Vec<Vec<usize>> =
        parts.iter().map(|part| part.qubits.iter().filter_map(|qubit| qubits.binary_search(qubit).ok()).collect()).collect();
    for index in 0..state.dimension() {
        let mut amplitude = num_complex::Complex64::ONE;
        for (part, places) in parts.iter().zip(&places) {
            let own = places.iter().enumerate().map(|(k, place)| (index >> place & 1) << k).sum();
            amplitude *= part.state.amplitude(own);
        }
        (state.re[index], state.im[index]) = (amplitude.re, amplitude.im);
    }
    Ok(Part { qubits, state })
}

#[cfg(test)]
mod tests {
    use qloom_circuits::{Pauli, library};

    use super::*;
    use crate::state::State;

    #[test]
    fn parts_joined_late_are_as_if_they_had_been_one() {
        let mut stream = Stream::named(3, "circuit");
        let (first, second) = (library::random(6, 25, &mut stream), library::random(6, 25, &mut stream));
        let config = SimulatorConfig::default();
        let mut factored = Factored::zero(6, config).expect("small");
        let mut whole = StateVector::<f64>::zero(6, config).expect("small");
        // at first pairs by themselves
        let mut pairs = Circuit::new(6);
        pairs.h(5).cx(5, 0).ry(0.3, 1).cz(1, 4).sx(2).cx(2, 3).ry(0.4, 5);
        for circuit in [&pairs, &first, &second] {
            let circuit = circuit.bind(&vec![0.7; circuit.num_parameters()]).expect("finite");
            factored.apply(&Factored::compile(&circuit).expect("gates"), &[], &mut ()).expect("fits");
            whole.apply(&Program::new(&circuit).expect("gates"), &[], &mut Workspace::default()).expect("fits");
            for k in 0..200u64 {
                let string = PauliString::from_masks(k * 7 % 64, k * 13 % 64);
                let (a, b) = (factored.pauli(string).expect("inside"), whole.pauli(string).expect("inside"));
                assert!((a - b).abs() < 1e-13);
            }
        }
        assert!(factored.num_parts() < 3);
    }

    #[test]
    fn shots_of_parts_are_independent() {
        let mut circuit = Circuit::new(70);
        circuit.h(0).cx(0, 69).h(1).cx(1, 68);
        let state = Factored::prepared(&Factored::compile(&circuit).expect("gates"), &[], SimulatorConfig::default(), &mut ());
        let state = state.expect("small");
        assert_eq!((state.num_parts(), state.largest_part()), (68, 2));
        let zz = PauliString::from_letters([(0, Pauli::X), (1, Pauli::Z)]);
        assert_eq!(state.pauli(zz).expect("inside"), 0.0);
        let mut both = [0u64; 4];
        for (outcome, times) in state.sample(100_000, &mut Stream::named(1, "shots")).iter() {
            assert_eq!((outcome.get(0), outcome.get(1)), (outcome.get(69), outcome.get(68)));
            both[usize::from(outcome.get(0)) + 2 * usize::from(outcome.get(1))] += times;
        }
        assert!(both.iter().all(|&times| times.abs_diff(25_000) < 900), "{both:?}");
        let little = SimulatorConfig { memory_limit: 1 << 16, ..SimulatorConfig::default() };
        let ghz = Factored::compile(&library::ghz(30)).expect("gates");
        assert_eq!(ghz.largest_part(), 30);
        let refused = Factored::prepared(&ghz, &[], little, &mut ());
        assert!(matches!(refused, Err(SimError::MemoryLimit { needed, .. }) if needed == ghz.bytes()));
    }
}
