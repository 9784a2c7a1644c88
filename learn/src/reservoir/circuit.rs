//! Reservoirs made of circuits: on state vectors while nothing is dissipated, on Pauli vectors otherwise.

use qloom_circuits::{Angle, Channel, Circuit, Operation, PauliString, PauliSum, Stream};
use qloom_estimate::Readout;
use qloom_hardware::UniformNoise;
use qloom_sim::{Observable, PauliVector, SimulatorConfig, State, StateVector};
use serde::{Deserialize, Serialize};

use super::Memory;
use super::reading::{Reading, read_flat};
use crate::error::{LearnError, check};

/// The most qubits of a reservoir that dissipates: 4^n numbers are changed by every gate.
const MOST_MIXED: usize = 10;

/// A gate-based reservoir whose state goes on from step to step.
///
/// A step encodes input `k` on qubit `k`, by RY of an angle from 0 to `encoding`, after a reset or on top of what is there; then a fixed
/// random circuit runs: in each layer RX and RZ of random angles on every qubit and RZZ of random angles around the ring. Damping and noise
/// act exactly, so that dissipation can be studied as a resource (arXiv:2409.07886).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "FlatReservoir")]
pub struct QuantumReservoir {
    /// Qubits, the first for the inputs. Default 4.
    pub qubits: usize,
    /// Layers of the random circuit. Default 2.
    pub depth: usize,
    /// Random angles are uniform between plus and minus this, in radians. Default pi.
    pub angle: f64,
    /// The angle of the largest input, in radians. Default pi.
    pub encoding: f64,
    /// Input qubits are reset before they are encoded. Default true.
    pub reset: bool,
    /// Amplitude damping of every qubit after each run of the random circuit, as a probability. Default 0.
    pub damping: f64,
    /// Depolarizing and read-out errors. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise: Option<UniformNoise>,
    /// How it is driven and read.
    #[serde(flatten)]
    pub reading: Reading,
}

read_flat!(QuantumReservoir as FlatReservoir {
    qubits: usize,
    depth: usize,
    angle: f64,
    encoding: f64,
    reset: bool,
    damping: f64,
    noise: Option<UniformNoise>,
});

impl Default for QuantumReservoir {
    fn default() -> Self {
        let pi = std::f64::consts::PI;
        Self { qubits: 4, depth: 2, angle: pi, encoding: pi, reset: true, damping: 0.0, noise: None, reading: Reading::default() }
    }
}

impl QuantumReservoir {
    fn dissipates(&self) -> bool {
        self.reset || self.damping > 0.0 || self.noise.is_some()
    }

    pub(super) fn memory(&self, inputs: usize, stream: &mut Stream) -> Result<Box<dyn Memory>, LearnError> {
        let qubits = self.qubits;
        let most = if self.dissipates() { MOST_MIXED } else { 20 };
        check("qubits", qubits as f64, (1..=most).contains(&qubits), "from 1 to 10, or to 20 where nothing is dissipated")?;
        check("depth", self.depth as f64, (1..=1000).contains(&self.depth), "from 1 to 1000")?;
        check("angle", self.angle, self.angle.is_finite(), "finite")?;
        check("encoding", self.encoding, self.encoding.is_finite(), "finite")?;
        check("damping", self.damping, (0.0..=1.0).contains(&self.damping), "from 0 to 1")?;
        check("inputs of a reservoir", inputs as f64, (1..=qubits).contains(&inputs), "from 1 to the number of qubits")?;
        let mut encode = Circuit::new(qubits);
        for input in 0..inputs {
            if self.reset {
                encode.reset(input);
            }
            encode.ry(Angle::free(input), input);
        }
        let mut evolve = Circuit::new(qubits);
        let mut draw = || self.angle * (2.0 * stream.unit() - 1.0);
        for _ in 0..self.depth {
            for qubit in 0..qubits {
                evolve.rx(draw(), qubit).rz(draw(), qubit);
            }
            for qubit in (0..qubits).filter(|qubit| qubits > 2 || qubit + 1 < qubits) {
                evolve.rzz(draw(), qubit, (qubit + 1) % qubits);
            }
        }
        let strings = self.reading.readouts.strings(qubits)?;
        let angle = Encoding::Proportional(self.encoding);
        let mut parts = Parts { encode, evolve, angle, strings, nodes: self.reading.virtual_nodes, noise: self.noise };
        if self.dissipates() {
            parts.noisy(self.damping)?;
            Ok(Box::new(Driven::<PauliVector>::new(&parts)?))
        } else {
            Ok(Box::new(Driven::<StateVector<f64>>::new(&parts)?))
        }
    }
}

/// How a number from 0 to 1 becomes an angle of RY.
#[derive(Clone, Copy, Debug)]
pub(super) enum Encoding {
    /// This times the number.
    Proportional(f64),
    /// The number is the probability of 1.
    Probability,
}

impl Encoding {
    pub(super) fn angle(self, s: f64) -> f64 {
        let s = s.clamp(0.0, 1.0);
        match self {
            Encoding::Proportional(factor) => factor * s,
            Encoding::Probability => 2.0 * s.sqrt().asin(),
        }
    }
}

/// The circuits of a step.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    pub(super) encode: Circuit,
    pub(super) evolve: Circuit,
    pub(super) angle: Encoding,
    pub(super) strings: Vec<PauliString>,
    pub(super) nodes: usize,
    pub(super) noise: Option<UniformNoise>,
}

impl Parts {
    /// A whole series as one circuit with measurements and resets on the way; one list of inputs from 0 to 1 a step.
    fn program(&self, rows: &[Vec<f64>]) -> Result<Circuit, LearnError> {
        let (qubits, inputs) = (self.evolve.num_qubits(), rows.first().map_or(0, Vec::len));
        let channels = |circuit: &Circuit| circuit.operations().iter().any(|part| matches!(part, Operation::Channel { .. }));
        if channels(&self.encode) || channels(&self.evolve) {
            return Err(LearnError::Unsupported {
                what: "damping and noise are no operations of a program",
                remedy: "leave them out: a machine has its own",
            });
        }
        let mut program = Circuit::new(qubits);
        let early = rows.len().saturating_sub(1) * inputs;
        if early > 0 {
            program.add_bits("inputs", early);
        }
        program.add_bits("last", qubits);
        for (time, row) in rows.iter().enumerate() {
            let angles: Vec<f64> = row.iter().map(|&s| self.angle.angle(s)).collect();
            program.append(&self.encode.bind(&angles)?)?;
            for _ in 0..self.nodes {
                program.append(&self.evolve)?;
            }
            if time + 1 == rows.len() {
                (0..qubits).for_each(|qubit| _ = program.measure(qubit, early + qubit));
            } else if self.resets() {
                (0..inputs).for_each(|input| _ = program.measure(input, time * inputs + input));
            }
        }
        Ok(program)
    }

    fn resets(&self) -> bool {
        self.encode.operations().iter().any(|part| matches!(part, Operation::Reset { .. }))
    }

    /// Puts the noise behind the gates, and the damping behind each run of the circuit.
    pub(super) fn noisy(&mut self, damping: f64) -> Result<(), LearnError> {
        if let Some(noise) = self.noise {
            let model = noise.model(self.evolve.num_qubits(), false)?;
            (self.encode, self.evolve) = (model.apply(&self.encode)?, model.apply(&self.evolve)?);
        }
        if damping > 0.0 {
            let channel = Channel::amplitude_damping(damping)?;
            for qubit in 0..self.evolve.num_qubits() {
                self.evolve.push(Operation::Channel { channel: channel.clone(), qubits: vec![qubit].into() })?;
            }
        }
        Ok(())
    }
}

/// A state driven by circuits.
#[derive(Debug)]
pub(super) struct Driven<S: State> {
    parts: Parts,
    state: S,
    flip: S::Program,
    encode: S::Program,
    evolve: S::Program,
    angle: Encoding,
    observables: Vec<Observable>,
    nodes: usize,
    workspace: S::Workspace,
}

impl<S: State> Driven<S> {
    pub(super) fn new(parts: &Parts) -> Result<Self, LearnError> {
        let qubits = parts.evolve.num_qubits();
        let mut flip = Circuit::new(qubits);
        for qubit in 0..qubits {
            flip.x(qubit);
        }
        let readout = match parts.noise {
            Some(noise) => Some(Readout::new(&noise.model(qubits, false)?.readout)?),
            None => None,
        };
        let observables = parts.strings.iter().map(|&string| {
            let sum = PauliSum::new(qubits, [(string, 1.0)])?;
            let sum = match &readout {
                Some(readout) => readout.observable(&sum)?,
                None => sum,
            };
            Ok(Observable::new(&sum))
        });
        Ok(Self {
            parts: parts.clone(),
            state: S::zero(qubits, SimulatorConfig { threads: 1, ..SimulatorConfig::default() })?,
            flip: S::compile(&flip)?,
            encode: S::compile(&parts.encode)?,
            evolve: S::compile(&parts.evolve)?,
            angle: parts.angle,
            observables: observables.collect::<Result<_, LearnError>>()?,
            nodes: parts.nodes,
            workspace: S::Workspace::default(),
        })
    }
}

impl<S: State> Memory for Driven<S> {
    fn features(&self) -> usize {
        self.nodes * self.observables.len()
    }

    fn program(&self, rows: &[Vec<f64>]) -> Option<Result<Circuit, LearnError>> {
        Some(self.parts.program(rows))
    }

    fn start(&mut self, other: bool) -> Result<(), LearnError> {
        self.state = S::zero(self.state.num_qubits(), self.state.config())?;
        if other {
            self.state.apply(&self.flip, &[], &mut self.workspace)?;
        }
        Ok(())
    }

    fn step(&mut self, inputs: &[f64], features: &mut Vec<f64>) -> Result<(), LearnError> {
        let angles: Vec<f64> = inputs.iter().map(|&s| self.angle.angle(s)).collect();
        self.state.apply(&self.encode, &angles, &mut self.workspace)?;
        for _ in 0..self.nodes {
            self.state.apply(&self.evolve, &[], &mut self.workspace)?;
            for observable in &self.observables {
                features.push(self.state.expectation(observable)?);
            }
        }
        Ok(())
    }
}
