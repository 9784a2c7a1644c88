//! Clifford circuits on the qubits of large machines, beyond any matrix: compiled, they do what they did, which tableaus show.

use std::f64::consts::FRAC_PI_2;

use qloom_circuits::{Circuit, Operation, Stream};
use qloom_hardware::{CompileOptions, Compiled, Device, compile};
use qloom_sim::{CliffordProgram, SimulatorConfig, Tableau};

fn clifford(num_qubits: usize, gates: usize, stream: &mut Stream) -> Circuit {
    let mut circuit = Circuit::new(num_qubits);
    for _ in 0..gates {
        let (a, step) = (stream.below(num_qubits), 1 + stream.below(num_qubits - 1));
        let b = (a + step) % num_qubits;
        match stream.below(6) {
            0 => circuit.h(a),
            1 => circuit.s(a),
            2 => circuit.sx(a),
            3 => circuit.cx(a, b),
            4 => circuit.cz(a, b),
            _ => circuit.rz(FRAC_PI_2 * stream.below(4) as f64, a),
        };
    }
    circuit
}

fn state(circuit: &Circuit) -> Tableau {
    let mut state = Tableau::zero(circuit.num_qubits(), SimulatorConfig::default()).expect("small");
    state.apply(&CliffordProgram::new(circuit).expect("Clifford gates"), &[], &mut ()).expect("it fits");
    state
}

/// The circuit on the qubits where it begins, and then moved to where the compiled one ends.
fn moved(circuit: &Circuit, compiled: &Compiled) -> Circuit {
    let mut moved = Circuit::new(compiled.circuit.num_qubits());
    for operation in circuit.operations() {
        let Operation::Gate { gate, angles, qubits } = operation else { unreachable!("gates alone") };
        let places: Vec<usize> = qubits.iter().map(|&qubit| compiled.initial_layout[qubit]).collect();
        moved.push(Operation::gate(*gate, angles, &places)).expect("it fits");
    }
    let mut places = compiled.initial_layout.clone();
    for (qubit, &goal) in compiled.final_layout.iter().enumerate() {
        let from = places[qubit];
        if from != goal {
            moved.swap(from, goal);
            places.iter_mut().for_each(|place| *place = if *place == goal { from } else { *place });
            places[qubit] = goal;
        }
    }
    moved
}

#[test]
fn large_circuits_do_what_they_did() {
    for (target, num_qubits, gates) in [("heron", 40, 300), ("eagle", 30, 200), ("grid-8x8", 64, 250), ("line-70", 66, 120)] {
        let device = Device::from_name(target).expect("a machine");
        for level in 0..4 {
            let circuit = clifford(num_qubits, gates, &mut Stream::numbered(7, target, u64::from(level)));
            let compiled = compile(&circuit, &device, &CompileOptions { level, seed: 1 }).expect("it fits");
            // blocks that are made anew are made of Clifford gates
            let (found, expected) = (state(&compiled.circuit), state(&moved(&circuit, &compiled)));
            if level < 2 {
                assert!(found.equals(&expected), "{target}, level {level}");
            }
            // phases that no measurement shows may be left out: the outcomes are the same
            let ends = |from: &Tableau, seed| from.sample(20, &mut Stream::named(seed, "shots"));
            for (left, right) in [(&found, &expected), (&expected, &found)] {
                for (outcome, _) in ends(left, 3).iter() {
                    let mut other = right.clone();
                    for &place in &compiled.final_layout {
                        assert!(other.project(place, outcome.get(place)).is_ok(), "{target}, level {level}");
                    }
                }
            }
        }
    }
}
