//! The passes of programs.

use qloom_circuits::{Circuit, Qubits, Stream, library};

use super::*;
use crate::kernel::PauliStep;
use crate::plan::pauli::{digits, groups, passes, start};
use crate::{InstructionSet, PauliVector, PauliWorkspace};

/// Gates at random angles, with one on three qubits where there are as many.
fn circuit(n: usize, seed: u64) -> Circuit {
    let gates = library::random(n, 60, &mut Stream::named(seed, "circuit"));
    let values = vec![0.3; gates.num_parameters()];
    let mut circuit = gates.bind(&values).expect("as many");
    if n >= 3 {
        circuit.cswap(n - 1, 0, 1);
    }
    circuit
}

/// What a pass does, whose digits have these names: on the digits it means, off the lanes.
fn walk(program: &PauliProgram, pass: &PauliPass, names: &[u8], done: &mut Vec<Item>) {
    assert_eq!(pass.digits[..2], [0, 1]);
    let mut at = pass.digits.clone();
    for step in &pass.steps {
        match step {
            PauliStep::Exchange { with } => (0..2).for_each(|lane| at.swap(lane, usize::from(with[lane]))),
            PauliStep::Two { positions, index } => {
                assert!(positions.iter().all(|&p| p > 1));
                let qubits = positions.map(|p| names[usize::from(at[usize::from(p)])]);
                assert_eq!(qubits, program.twos[*index as usize].qubits);
                done.push(Item::Two(*index));
            }
            PauliStep::Many { positions, index } => {
                let qubits: Qubits = positions.iter().map(|&p| usize::from(names[usize::from(at[p])])).collect();
                assert_eq!(qubits, program.many[*index as usize].qubits);
                done.push(Item::Many(*index));
            }
        }
    }
    assert_eq!(groups(&at), pass.target);
    assert_eq!(at[..2], [0, 1]);
}

/// Every item is done once, after all before it on its qubits.
fn in_order(program: &PauliProgram, done: &[Item]) {
    let place = |item: &Item| done.iter().position(|other| other == item).expect("done");
    assert_eq!(done.len(), program.items.len());
    for (later, item) in program.items.iter().enumerate() {
        for earlier in 0..later {
            if program.masks[earlier] & program.masks[later] != 0 {
                assert!(place(&program.items[earlier]) < place(item), "{} qubits", program.num_qubits);
            }
        }
    }
}

#[test]
fn passes_do_every_item_in_order_and_bring_lanes_home() {
    let names: Vec<u8> = (0..32).collect();
    for n in 1..=11 {
        for seed in 0..4 {
            let program = PauliProgram::new(&circuit(n, seed)).expect("supported");
            for tile in [7, 8, 11] {
                let mut done = Vec::new();
                for pass in &passes(program.sequence(), digits(n), tile) {
                    assert!(pass.digits.len() <= tile.max(4));
                    walk(&program, pass, &names, &mut done);
                }
                in_order(&program, &done);
            }
        }
    }
}

/// The parts are all digits, each once, and with the passes after them do every item in order.
#[test]
fn parts_do_the_items_that_come_before_all_others() {
    let names: Vec<u8> = (0..32).collect();
    for n in 1..=11 {
        for seed in 0..4 {
            let program = PauliProgram::new(&circuit(n, seed)).expect("supported");
            for tile in [7, 8, 11] {
                let start = start(program.sequence(), digits(n), tile);
                let mut done = Vec::new();
                for part in &start.parts {
                    let padding = (32..36).take(part.pass.digits.len() - part.digits.len());
                    let names: Vec<u8> = part.digits.iter().copied().chain(padding).collect();
                    walk(&program, &part.pass, &names, &mut done);
                }
                let mut all: Vec<u8> = start.parts.iter().flat_map(|part| part.digits.iter().copied()).collect();
                all.sort_unstable();
                assert_eq!(start.parts.is_empty(), done.is_empty());
                assert!(start.parts.is_empty() || all == names[..digits(n)]);
                start.passes.iter().for_each(|pass| walk(&program, pass, &names, &mut done));
                in_order(&program, &done);
            }
        }
    }
}

/// Prepared states are those of programs run on `|0...0>`, with the first two digits in one part or in two.
#[test]
fn products_of_parts_are_the_state() {
    let (mut together, mut apart) = (0, 0);
    for n in 6..=9 {
        for seed in 0..6 {
            let program = PauliProgram::new(&circuit(n, seed)).expect("supported");
            for instruction_set in InstructionSet::available() {
                let config = SimulatorConfig { instruction_set, ..SimulatorConfig::default() };
                let state = || PauliVector::zero(n, config).expect("small");
                let (mut prepared, mut expected) = (state(), state());
                prepared.prepare(&program, &[], &mut PauliWorkspace::default()).expect("sizes agree");
                expected.run(&program, &[]).expect("sizes agree");
                assert!(prepared.values().iter().zip(expected.values()).all(|(a, b)| (a - b).abs() < 1e-13), "{n} {seed}");
            }
            let parts = &program.start(plan::tile(n, &SimulatorConfig::default())).parts;
            together += usize::from(parts.iter().any(|part| part.lanes == [true, true]));
            apart += usize::from(parts.iter().any(|part| part.lanes == [true, false]));
        }
    }
    assert!(together > 0 && apart > 0, "{together} together, {apart} apart");
}
