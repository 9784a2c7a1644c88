//! What a circuit costs over several ranks: what each holds and sends, and how long that takes on a machine of stated figures.

use qloom::circuits::Circuit;
use qloom::sim::{DistributedPlan, SimError, Traffic};
use serde::Serialize;

use crate::failure::Failure;

/// A machine of several nodes, a rank on each, by its figures.
#[derive(clap::Args)]
pub struct Machine {
    /// Plan the circuit over so many ranks, a power of two: what each holds and sends, and how long it takes.
    #[arg(long, help_heading = "Over several ranks", value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1 << 24))]
    ranks: Option<u64>,
    /// The memory of a node in GiB; without --ranks as many nodes are taken as the state needs.
    #[arg(long, help_heading = "Over several ranks", value_name = "GIB")]
    memory_per_node: Option<f64>,
    /// What a node sends in a second while it receives as much, in GB (10^9 bytes).
    #[arg(long, help_heading = "Over several ranks", value_name = "GB/S", default_value_t = 25.0)]
    bandwidth: f64,
    /// What a message takes before its first byte is there, in microseconds.
    #[arg(long, help_heading = "Over several ranks", value_name = "US", default_value_t = 2.0)]
    latency: f64,
    /// Amplitudes that a node reads, changes and writes in a second in a pass, in GB; by default as fast as this machine does just now.
    #[arg(long, help_heading = "Over several ranks", value_name = "GB/S")]
    pass_bandwidth: Option<f64>,
}

impl Machine {
    /// The ranks for a state of so many bytes; none where neither ranks nor nodes are named.
    ///
    /// # Errors
    /// Bad input for figures that are not positive, and for too small nodes.
    pub fn ranks(&self, state_bytes: f64) -> Result<Option<usize>, Failure> {
        let figures = [
            ("--memory-per-node", self.memory_per_node),
            ("--bandwidth", Some(self.bandwidth)),
            ("--latency", Some(self.latency)),
            ("--pass-bandwidth", self.pass_bandwidth),
        ];
        for (name, figure) in figures {
            if let Some(value) = figure.filter(|value| !(value.is_finite() && *value > 0.0)) {
                return Err(Failure::input(format!("{name} is {value}; it must be above 0")));
            }
        }
        let node = self.memory_per_node.map(|gib| gib * f64::from(1 << 30) * USABLE);
        match (self.ranks, node) {
            (Some(ranks), Some(node)) if state_bytes / ranks as f64 > node => Err(Failure::input(format!(
                "a slice over {ranks} ranks has {:.1} GiB, a node leaves {:.1} for it; take more ranks",
                state_bytes / ranks as f64 / f64::from(1 << 30),
                node / f64::from(1 << 30)
            ))),
            (Some(ranks), _) => Ok(Some(ranks as usize)),
            (None, Some(node)) => Ok(Some(((state_bytes / node).max(1.0).log2().ceil().exp2()) as usize)),
            (None, None) => Ok(None),
        }
    }

    /// Seconds that passes and messages take; `measured` is what a pass takes here for an amplitude.
    pub fn seconds(&self, distribution: &Distribution, measured: f64) -> [f64; 2] {
        let bytes = distribution.slice_bytes / distribution.slice;
        let an_amplitude = self.pass_bandwidth.map_or(measured, |rate| bytes / (1e9 * rate));
        let messages = 1e-6 * self.latency * distribution.messages as f64;
        let sent = bytes * distribution.amplitudes as f64 / (1e9 * self.bandwidth);
        [an_amplitude * distribution.slice * distribution.passes as f64, sent + messages]
    }
}

/// The part of a node's memory that is left for amplitudes.
const USABLE: f64 = 0.9;

/// How several ranks hold a state, and what each of them sends.
#[derive(Clone, Debug, Serialize)]
pub struct Distribution {
    pub ranks: usize,
    /// Bytes of amplitudes of a rank.
    pub slice_bytes: f64,
    /// Bytes of its buffers.
    pub buffer_bytes: f64,
    /// Qubits that become local in each exchange; nothing where they differ from course to course.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchanges: Option<Vec<usize>>,
    /// Messages that a rank sends.
    pub messages: u64,
    /// Amplitudes in them.
    pub amplitudes: u64,
    /// Amplitudes that a rank would send if every gate that is not diagonal on a global qubit took a slice; of circuits of gates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate_by_gate_amplitudes: Option<u64>,
    #[serde(skip)]
    passes: usize,
    /// Amplitudes of a slice.
    #[serde(skip)]
    slice: f64,
}

impl Distribution {
    /// Of a plan of a circuit; what was sent, where it has run.
    ///
    /// # Errors
    /// When the circuit has anything but gates.
    pub fn of(
        plan: &DistributedPlan,
        circuit: &Circuit,
        ranks: usize,
        threads: usize,
        sent: Option<Traffic>,
    ) -> Result<Self, SimError> {
        let Traffic { messages, amplitudes } = sent.unwrap_or(plan.traffic());
        Ok(Self {
            ranks,
            slice_bytes: plan.slice_bytes() as f64,
            buffer_bytes: plan.buffer_bytes(threads) as f64,
            exchanges: Some(plan.exchanges()),
            messages,
            amplitudes,
            gate_by_gate_amplitudes: Some(DistributedPlan::gate_by_gate(circuit, ranks)?.amplitudes),
            passes: plan.passes(),
            slice: (circuit.num_qubits() as f64).exp2() / ranks as f64,
        })
    }

    /// Of a run over all courses of a circuit that branches, a stretch of which has this plan; what was sent in all.
    pub fn of_courses(plan: &DistributedPlan, num_qubits: usize, ranks: usize, threads: usize, sent: Traffic) -> Self {
        Self {
            ranks,
            slice_bytes: plan.slice_bytes() as f64,
            buffer_bytes: plan.buffer_bytes(threads) as f64,
            exchanges: None,
            messages: sent.messages,
            amplitudes: sent.amplitudes,
            gate_by_gate_amplitudes: None,
            passes: 0,
            slice: (num_qubits as f64).exp2() / ranks as f64,
        }
    }

    /// In words, a line each.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let slices = |amplitudes: u64| amplitudes as f64 / self.slice;
        let mib = |bytes: f64| bytes / f64::from(1 << 20);
        let mut lines = vec![
            ("ranks", self.ranks.to_string()),
            (
                "memory a rank",
                format!("{:.1} MiB of amplitudes, {:.1} MiB of buffers", mib(self.slice_bytes), mib(self.buffer_bytes)),
            ),
            (
                "sent by a rank",
                format!("{} amplitudes ({:.3} slices) in {} messages", self.amplitudes, slices(self.amplitudes), self.messages),
            ),
        ];
        if let Some(exchanges) = &self.exchanges {
            lines.insert(2, ("exchanges", format!("{} in {} passes, of {exchanges:?} qubits", exchanges.len(), self.passes)));
        }
        lines.extend(
            self.gate_by_gate_amplitudes.map(|all| ("gate by gate", format!("{all} amplitudes ({:.3} slices)", slices(all)))),
        );
        lines
    }
}

#[cfg(test)]
mod tests {
    use qloom::circuits::library;
    use qloom::sim::{Program, SimulatorConfig};

    use super::*;

    const FIGURES: Machine =
        Machine { ranks: None, memory_per_node: None, bandwidth: 10.0, latency: 1.0, pass_bandwidth: Some(100.0) };

    fn gib(count: f64) -> f64 {
        count * f64::from(1 << 30)
    }

    #[test]
    fn as_many_nodes_as_the_state_needs() {
        let nodes = |memory| Machine { memory_per_node: Some(memory), ..FIGURES }.ranks(gib(64.0)).expect("positive");
        assert_eq!(nodes(80.0), Some(1));
        // 0.9 of a node is for amplitudes
        assert_eq!(nodes(64.0), Some(2));
        assert_eq!((nodes(18.0), nodes(10.0)), (Some(4), Some(8)));
        assert_eq!(FIGURES.ranks(gib(64.0)).expect("positive"), None);
        let asked = |ranks| Machine { ranks: Some(ranks), memory_per_node: Some(10.0), ..FIGURES }.ranks(gib(64.0));
        assert_eq!(asked(8).expect("fits"), Some(8));
        assert!(asked(4).expect_err("too small").message().contains("take more ranks"));
    }

    #[test]
    fn figures_that_mean_nothing_are_refused() {
        for (machine, name) in [
            (Machine { bandwidth: 0.0, ..FIGURES }, "--bandwidth"),
            (Machine { latency: -1.0, ..FIGURES }, "--latency"),
            (Machine { pass_bandwidth: Some(f64::NAN), ..FIGURES }, "--pass-bandwidth"),
            (Machine { memory_per_node: Some(f64::INFINITY), ..FIGURES }, "--memory-per-node"),
        ] {
            assert!(machine.ranks(1.0).expect_err("refused").message().starts_with(name));
        }
    }

    #[test]
    fn times_and_words_follow_from_the_plan() {
        let circuit = library::ghz(24);
        let program = Program::new(&circuit).expect("gates");
        let plan = DistributedPlan::new::<f64>(&program, 4, &SimulatorConfig::default()).expect("plans");
        let sent = Traffic { messages: 1000, amplitudes: 1 << 22 };
        let found = Distribution::of(&plan, &circuit, 4, 1, Some(sent)).expect("gates");
        assert_eq!((found.slice_bytes, found.messages, found.amplitudes), ((2f64).powi(26), 1000, 1 << 22));
        let [passes, messages] = FIGURES.seconds(&found, 1.0);
        assert!((passes - found.passes as f64 * found.slice_bytes / 1e11).abs() < 1e-12);
        assert!((messages - ((2f64).powi(26) / 1e10 + 1e-3)).abs() < 1e-12);
        let here = Machine { pass_bandwidth: None, ..FIGURES }.seconds(&found, 1e-9);
        assert!((here[0] - found.passes as f64 * (2f64).powi(22) * 1e-9).abs() < 1e-12);
        let lines = found.lines();
        assert!(lines.iter().any(|(name, text)| *name == "sent by a rank" && text.contains("(1.000 slices) in 1000 messages")));
    }
}
