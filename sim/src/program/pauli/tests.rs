//! The passes of programs.

use qloom_circuits::{Circuit, Qubits, library};

use super::*;
use crate::kernel::PauliStep;
use crate::plan::pauli::{digits, groups, passes};

/// Every item is done once, after all before it on its qubits, on the digits it means, off the lanes.
#[test]
fn passes_do_every_item_in_order_and_bring_lanes_home() {
    for n in 1..=11 {
        for seed in 0..4 {
            let gates = library::random(n, 60, &mut qloom_circuits::Stream::named(seed, "circuit"));
            let values = vec![0.3; gates.num_parameters()];
            let mut circuit: Circuit = gates.bind(&values).expect("as many");
            if n >= 3 {
                circuit.cswap(n - 1, 0, 1);
            }
            let program = PauliProgram::new(&circuit).expect("supported");
            for tile in [7, 8, 11] {
                let list = passes(program.sequence(), digits(n), tile);
                let mut done = Vec::new();
                for pass in &list {
                    assert!(pass.digits.len() <= tile.max(4) && pass.digits[..2] == [0, 1]);
                    let mut at = pass.digits.clone();
                    for step in &pass.steps {
                        match step {
                            PauliStep::Exchange { with } => (0..2).for_each(|lane| at.swap(lane, usize::from(with[lane]))),
                            PauliStep::Two { positions, index } => {
                                assert!(positions.iter().all(|&p| p > 1));
                                assert_eq!(positions.map(|p| at[usize::from(p)]), program.twos[*index as usize].qubits);
                                done.push(Item::Two(*index));
                            }
                            PauliStep::Many { positions, index } => {
                                let qubits: Qubits = positions.iter().map(|&p| usize::from(at[p])).collect();
                                assert_eq!(qubits, program.many[*index as usize].qubits);
                                done.push(Item::Many(*index));
                            }
                        }
                    }
                    assert_eq!(groups(&at), pass.target);
                    assert_eq!(at[..2], [0, 1]);
                }
                let place = |item: &Item| done.iter().position(|other| other == item).expect("done");
                assert_eq!(done.len(), program.items.len());
                for (later, item) in program.items.iter().enumerate() {
                    for earlier in 0..later {
                        if program.masks[earlier] & program.masks[later] != 0 {
                            assert!(place(&program.items[earlier]) < place(item), "{n} qubits, seed {seed}");
                        }
                    }
                }
            }
        }
    }
}
