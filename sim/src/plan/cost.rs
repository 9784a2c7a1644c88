//! What passes cost, to choose between plans of one program.

use crate::kernel::{Pass, Plan, Shape, TileOp};

/// A rotation, in a block of registers with others; what follows is in units of it.
const TURN: usize = 1;
/// A layer of phases.
const LAYER: usize = 5;
/// A dense block that leaves what its qubits have alone to others.
const INTERACTION: usize = 5;
/// A dense block that is a matrix.
const MATRIX: usize = 10;
/// Pairs of vectors that change places.
const FLIP: usize = 2;
/// The way from memory to a tile and back; operations on the whole state are in every plan.
const PASS: usize = 40;

/// The cost of the passes, in rotations of all amplitudes.
///
/// The numbers are between those fitted to the times of 13 families of circuits on 16 and 20 qubits on Zen 5, with and without 512 bits, in
/// both precisions (layers 3 to 8, interactions 4 to 5, matrices 7 to 13), and those of profiles on Zen 3 (3.2, 4.8 and 7.2).
pub(super) fn of(passes: &[Pass]) -> usize {
    let of_op = |op: &TileOp| match op {
        TileOp::Turns { turns, .. } => TURN * turns.len(),
        TileOp::Pair { pair, .. } if pair.leaves => INTERACTION,
        TileOp::Pair { .. } => MATRIX,
        TileOp::Flip { .. } => FLIP,
        TileOp::Diagonal(_) => LAYER,
    };
    let of_pass = |pass: &Pass| match pass {
        Pass::Whole(_) => PASS,
        Pass::Tiled(pass) => PASS + pass.ops.iter().map(of_op).sum::<usize>(),
    };
    passes.iter().map(of_pass).sum()
}

impl Plan {
    /// What a plan costs at least.
    pub(crate) const LEAST_COST: usize = PASS;
}

impl Shape {
    /// What a plan of one tile may cost at most, where operations one by one go over the state so often.
    ///
    /// From 128 vectors on, 5 quarters of a rotation a time, for each doubling of them 2 quarters more, as addresses and numbers count for less:
    /// so it was for the same circuits on 9 to 12 qubits, in both precisions and with both sets.
    pub(crate) fn most_cost(self, sweeps: u64) -> usize {
        let quarters = (2 * (self.tile - self.lanes)).saturating_sub(9);
        sweeps as usize * quarters / 4
    }
}

/// Whether the costs differ by more than they are known, 3 %.
pub(super) fn clearly_less(cost: usize, other: usize) -> bool {
    100 * cost < 97 * other
}

#[cfg(test)]
mod tests {
    use qloom_circuits::{Circuit, library};

    use crate::config::SimulatorConfig;
    use crate::kernel::{Pass, TileOp};
    use crate::program::Program;

    /// Dense blocks of the plan, and the others of its operations.
    fn operations(circuit: &Circuit) -> (usize, usize) {
        let program = Program::new(circuit).expect("gates");
        let plan = program.plan(&SimulatorConfig::default(), 8).expect("it is large enough");
        let ops = |pass: &Pass| match pass {
            Pass::Tiled(pass) => pass.ops.iter().map(|op| matches!(op, TileOp::Pair { .. })).collect(),
            Pass::Whole(_) => Vec::new(),
        };
        let dense: Vec<bool> = plan.passes.iter().flat_map(ops).collect();
        let blocks = dense.iter().filter(|dense| **dense).count();
        (blocks, dense.len() - blocks)
    }

    #[test]
    fn gates_become_dense_blocks_where_that_costs_less() {
        let mut twice = Circuit::new(16);
        for layer in 0..6 {
            let angle = 0.1 + f64::from(layer);
            for low in (0..15).step_by(2).chain((1..15).step_by(2)) {
                for _ in 0..2 {
                    twice.u3(angle, 0.2, 0.3, low).u3(angle, 0.4, 0.5, low + 1).cx(low, low + 1);
                }
            }
        }
        let (blocks, others) = operations(&twice);
        assert!(blocks == 90 && others < 3, "{blocks} blocks, {others} others");
        // one layer of phases serves all pairs of an Ising chain, a block would be needed for each
        let mut ising = Circuit::new(16);
        for _ in 0..6 {
            for low in 0..15 {
                ising.rzz(0.1, low, low + 1);
            }
            for qubit in 0..16 {
                ising.rx(0.2, qubit);
            }
        }
        for circuit in [ising, library::qft(16)] {
            assert!(operations(&circuit).0 < 5, "{:?}", operations(&circuit));
        }
    }
}
