//! The plan of a program over ranks: passes, exchanges between them, and what is sent.

use std::sync::Arc;

use qloom_circuits::Circuit;

use super::exchange::{self, Buffers};
use super::layout::Layout;
use super::schedule::{Schedule, schedule};
use super::whole;
use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::fabric::Traffic;
use crate::kernel::block::BLOCK_BITS;
use crate::kernel::{Pass, Plan, Real, Shape};
use crate::op::Op;
use crate::program::Program;

/// How a program runs over ranks from `|0...0>` on: what every rank holds and sends.
///
/// ```
/// use qloom_circuits::library;
/// use qloom_sim::{DistributedPlan, Program, SimulatorConfig};
/// let qft = library::qft(30);
/// let plan = DistributedPlan::new::<f64>(&Program::new(&qft)?, 8, &SimulatorConfig::default())?;
/// assert_eq!(plan.slice_bytes(), 2 << 30);
/// assert!(2 * plan.traffic().amplitudes <= DistributedPlan::gate_by_gate(&qft, 8)?.amplitudes);
/// # Ok::<(), qloom_sim::SimError>(())
/// ```
#[derive(Clone, Debug)]
pub struct DistributedPlan {
    pub(super) passes: Arc<Plan>,
    pub(super) schedule: Schedule,
    local: usize,
    bytes: usize,
}

/// Bits of the ranks' numbers.
///
/// # Errors
/// When the number of ranks is no power of two, or slices would be smaller than a block.
pub(super) fn rank_bits(ranks: usize, num_qubits: usize) -> Result<usize, SimError> {
    if !ranks.is_power_of_two() {
        let reason = format!("{ranks} ranks cannot share a state; their number must be a power of two");
        return Err(SimError::Ranks { reason });
    }
    let bits = ranks.ilog2() as usize;
    if num_qubits < BLOCK_BITS + bits {
        let least = BLOCK_BITS + bits;
        let reason = format!("{num_qubits} qubits are too few for {ranks} ranks, which need {least}; use fewer ranks");
        return Err(SimError::Ranks { reason });
    }
    Ok(bits)
}

impl DistributedPlan {
    /// Plans a program over so many ranks in precision `T`.
    ///
    /// # Errors
    /// When the number of ranks is no power of two, the qubits are too few for so many, or one operation needs more qubits than a slice has.
    pub fn new<T: Real>(program: &Program, ranks: usize, config: &SimulatorConfig) -> Result<Self, SimError> {
        Self::from::<T>(program, ranks, config, None)
    }

    /// As [`DistributedPlan::new`] for a state in some layout.
    pub(super) fn from<T: Real>(
        program: &Program,
        ranks: usize,
        config: &SimulatorConfig,
        start: Option<&Layout>,
    ) -> Result<Self, SimError> {
        let n = program.num_qubits();
        let local = n - rank_bits(ranks, n)?;
        let Some(shape) = Shape::choose(config, T::BYTES, n) else {
            let reason = format!("a state of {n} qubits is too small to be cut into tiles, and so for ranks; use one");
            return Err(SimError::Ranks { reason });
        };
        if shape.tile > local {
            let reason = format!(
                "{n} qubits over {ranks} ranks leave {local} to a slice, and a tile has {}; use fewer ranks or smaller tiles",
                shape.tile
            );
            return Err(SimError::Ranks { reason });
        }
        // as few operations as one process does one by one
        let passes = program.plan(config, T::BYTES).unwrap_or_else(|| {
            let passes = program.ops.iter().copied().map(Pass::Whole).collect();
            Arc::new(Plan::of_passes(passes, n, shape))
        });
        let needs: Vec<u64> = passes
            .passes
            .iter()
            .map(|pass| match pass {
                Pass::Tiled(pass) => pass.memory_qubits.iter().fold(0, |mask, qubit| mask | 1 << qubit),
                Pass::Whole(op) => whole::needs(op, &program.dense),
            })
            .collect();
        let schedule = schedule(&needs, n, local, start)?;
        Ok(Self { passes, schedule, local, bytes: T::BYTES })
    }

    /// What each rank sends.
    pub fn traffic(&self) -> Traffic {
        let mut sum = Traffic::default();
        self.schedule.exchanges.iter().for_each(|(_, exchange)| sum += exchange::traffic(exchange.pairs.len(), self.local));
        sum
    }

    /// Qubits that change from global to local in each exchange, in order.
    pub fn exchanges(&self) -> Vec<usize> {
        self.schedule.exchanges.iter().map(|(_, exchange)| exchange.pairs.len()).collect()
    }

    /// Passes over every slice.
    pub fn passes(&self) -> usize {
        self.passes.passes.len()
    }

    /// Bytes of a rank's slice.
    pub fn slice_bytes(&self) -> u128 {
        (2 * self.bytes as u128) << self.local
    }

    /// Bytes of the buffers that a rank has beside its slice, for messages and for a tile of each thread.
    pub fn buffer_bytes(&self, threads: usize) -> u128 {
        let messages = if self.bytes == 8 { Buffers::<f64>::BYTES } else { Buffers::<f32>::BYTES };
        messages as u128 + (threads * 2 * self.bytes) as u128 * (1 << self.passes.shape.tile)
    }

    /// What each rank would send if every gate that is not diagonal on a global qubit took one slice, the last qubits being global all
    /// the time: the plain rule of distributed simulators (Jones et al., Sci. Rep. 9, 10736 (2019), section 3).
    ///
    /// # Errors
    /// When the circuit has anything but gates, or the number of ranks is no power of two.
    pub fn gate_by_gate(circuit: &Circuit, ranks: usize) -> Result<Traffic, SimError> {
        let n = circuit.num_qubits();
        let local = n - rank_bits(ranks, n)?;
        let (mut sum, mut single) = (Traffic::default(), Program::default());
        for operation in circuit.operations() {
            let mut alone = circuit.without_operations();
            alone.push(operation.clone())?;
            single.rebuild(&alone)?;
            let moved = single.ops.iter().fold(0, |mask, op: &Op| mask | whole::needs(op, &single.dense));
            if moved >> local != 0 {
                sum += Traffic { messages: 1, amplitudes: 1 << local };
            }
        }
        Ok(sum)
    }
}
