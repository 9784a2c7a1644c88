use qloom_nn::{Gradients, Workspace};
use serde_json::Value;

use super::*;
use crate::block::BlockSettings;

fn list(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|number| number.as_f64().expect("a number")).collect()
}

fn close(found: &[f64], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    found.iter().zip(expected).for_each(|(a, b)| assert!((a - b).abs() < 1e-12, "{what}: {a}, not {b}"));
}

/// The weights of the reference: `0.3 sin(1 + 7m + 5d + 3q + r)` for circuit m, layer d, qubit q, angle r.
fn set_weights(parameters: &mut Parameters<f64>, qubits: usize) {
    let ids: Vec<_> = parameters.ids().collect();
    for (m, id) in ids.into_iter().enumerate() {
        for (place, weight) in parameters.get_mut(id).iter_mut().enumerate() {
            let (d, q, r) = (place / (3 * qubits), place / 3 % qubits, place % 3);
            *weight = 0.3 * (1.0 + (7 * m + 5 * d + 3 * q + r) as f64).sin();
        }
    }
}

#[test]
fn cells_equal_the_reference_step_by_step() {
    let golden: Value = serde_json::from_str(include_str!("../../tests/golden_cells.json")).expect("JSON");
    let inputs = list(&golden["inputs"]);
    type Make = fn(QuantumCell) -> CellSettings;
    for (name, make) in [("QRNN", CellSettings::Qrnn as Make), ("QGRU", CellSettings::Qgru), ("QLSTM", CellSettings::Qlstm)] {
        let mut parameters = Parameters::new();
        let cell = Cell::new(&make(QuantumCell::default()), 1, &mut parameters, &mut Stream::named(1, "cell")).expect("fits");
        set_weights(&mut parameters, 4);
        let mut workspace = Workspace::new();
        let mut tape = Tape::new(&parameters, &mut workspace);
        let mut state = cell.start(&mut tape, 1);
        for (input, expected) in inputs.iter().zip(golden[name].as_array().expect("steps")) {
            let input = tape.constant((1, 1), &[*input]);
            let step = cell.step(&mut tape, input, state).expect("exact");
            close(tape.value(step.state.hidden), &list(&expected["h"]), name);
            close(tape.value(step.output), &list(&expected["y"]), name);
            if let Some(memory) = step.state.memory {
                close(tape.value(memory), &list(&expected["c"]), name);
            }
            state = step.state;
        }
    }
}

#[test]
fn the_circuit_equals_its_reference_and_its_gates() {
    let golden: Value = serde_json::from_str(include_str!("../../tests/golden.json")).expect("JSON");
    let numbers = list(&golden["chen_vqc"]["v"]);
    let sizes = BlockSettings { qubits: 4, depth: 2, inputs: 4, outputs: 4, noise: None, shots: None };
    let block = Block::new(sizes.clone(), Stream::named(1, "shots")).expect("fits");
    let mut parameters = Parameters::new();
    let weights = parameters.add("w", (1, block.num_weights()), Init::Constant(0.0), &mut Stream::named(1, "w"));
    set_weights(&mut parameters, 4);
    let value = |block: &Block| {
        let mut workspace = Workspace::new();
        let mut tape = Tape::new(&parameters, &mut workspace);
        let (weights, input) = (tape.parameter(weights), tape.constant((1, 4), &numbers));
        let out = tape.custom(block, &[weights, input], (1, 4)).expect("it runs");
        tape.value(out).to_vec()
    };
    let exact = value(&block);
    close(&exact, &list(&golden["chen_vqc"]["expval_Z"]), "circuit");
    let bound = block.bound(parameters.get(weights), &numbers).expect("numbers");
    let unitary = bound.unitary(&[]).expect("gates");
    for (qubit, z) in exact.iter().enumerate() {
        let sign = |row: usize| if row >> qubit & 1 == 1 { -1.0 } else { 1.0 };
        let dense: f64 = (0..16).map(|row| sign(row) * unitary[(row, 0)].norm_sqr()).sum();
        assert!((dense - z).abs() < 1e-12);
    }
    // shots scatter around the exact values, and noise pulls them towards 0
    let shots = Block::new(BlockSettings { shots: Some(1_000_000), ..sizes.clone() }, Stream::named(3, "shots")).expect("fits");
    value(&shots).iter().zip(&exact).for_each(|(drawn, z)| assert!((drawn - z).abs() < 6e-3 && drawn != z));
    let noise = qloom_hardware::UniformNoise { depolarizing1: 0.0, depolarizing2: 0.1, readout: 0.1 };
    let noisy =
        value(&Block::new(BlockSettings { noise: Some(noise), ..sizes.clone() }, Stream::named(3, "shots")).expect("fits"));
    assert!(noisy[0].abs() < 0.8 * exact[0].abs() && noisy[0] != 0.0);
    let both = BlockSettings { noise: Some(noise), shots: Some(1_000_000), ..sizes };
    value(&Block::new(both, Stream::named(3, "shots")).expect("fits")).iter().zip(&noisy).for_each(|(drawn, z)| {
        assert!((drawn - z).abs() < 6e-3);
    });
}

/// The sum of squares of the last output after three steps of two windows.
fn loss<'a>(cell: &'a Cell, tape: &mut Tape<'a, f64>) -> Var {
    let mut state = cell.start(tape, 2);
    let mut output = state.hidden;
    for step in 0..3 {
        let input = tape.constant((2, 1), &[0.3 - 0.2 * f64::from(step), 0.7 * f64::from(step) - 0.5]);
        let next = cell.step(tape, input, state).expect("exact");
        (state, output) = (next.state, next.output);
    }
    let squares = tape.square(output);
    tape.sum(squares)
}

#[test]
fn gradients_through_time_are_differences() {
    let noise = qloom_hardware::UniformNoise { depolarizing1: 0.01, depolarizing2: 0.05, readout: 0.02 };
    let uniform = QuantumCell { qubits: 3, depth: 2, start: Start::Uniform, ..QuantumCell::default() };
    let noisy = QuantumCell { noise: Some(noise), ..uniform.clone() };
    let replace = QuantumCell { update: GruUpdate::Replace, hidden: Some(1), ..uniform.clone() };
    let classical = ClassicalCell { hidden: 3, reservoir: false };
    for settings in [
        CellSettings::Qrnn(uniform.clone()),
        CellSettings::Qrnn(noisy),
        CellSettings::Qgru(uniform.clone()),
        CellSettings::Qgru(replace),
        CellSettings::Qlstm(uniform),
        CellSettings::Rnn(classical.clone()),
        CellSettings::Gru(classical.clone()),
        CellSettings::Lstm(classical),
    ] {
        let mut parameters = Parameters::new();
        let cell = Cell::new(&settings, 1, &mut parameters, &mut Stream::named(4, "cell")).expect("fits");
        let mut workspace = Workspace::new();
        let mut gradients = Gradients::zeros(&parameters);
        let mut tape = Tape::new(&parameters, &mut workspace);
        let of = loss(&cell, &mut tape);
        tape.backward(of, &mut gradients).expect("gradients");
        let mut seen = 0;
        for place in 0..parameters.values().len() {
            let mut at = |step: f64| {
                let mut moved = parameters.clone();
                moved.values_mut()[place] += step;
                let mut tape = Tape::new(&moved, &mut workspace);
                let of = loss(&cell, &mut tape);
                tape.value(of)[0]
            };
            let difference = (at(1e-5) - at(-1e-5)) / 2e-5;
            let found = gradients.values()[place];
            assert!((difference - found).abs() < 1e-8, "{settings:?}, parameter {place}: {found}, by differences {difference}");
            seen += usize::from(found.abs() > 1e-6);
        }
        assert!(5 * seen > parameters.values().len(), "{settings:?}: only {seen} derivatives are not 0");
    }
}

#[test]
fn sizes_that_do_not_fit_are_refused() {
    let cell = |settings: QuantumCell, inputs: usize| {
        Cell::new(&CellSettings::Qlstm(settings), inputs, &mut Parameters::new(), &mut Stream::named(1, "cell"))
    };
    let base = QuantumCell::default;
    assert!(matches!(cell(base(), 4), Err(LearnError::TooFewQubits { inputs: 4, hidden: 1, qubits: 4 })));
    assert!(cell(QuantumCell { hidden: Some(4), ..base() }, 1).is_err());
    assert!(cell(QuantumCell { qubits: 0, ..base() }, 1).is_err());
    assert!(cell(QuantumCell { qubits: 17, ..base() }, 1).is_err());
    assert!(cell(QuantumCell { depth: 0, ..base() }, 1).is_err());
    assert!(cell(QuantumCell { shots: Some(100), ..base() }, 1).is_err());
    assert!(cell(QuantumCell { shots: Some(0), reservoir: true, ..base() }, 1).is_err());
    let one = cell(QuantumCell { qubits: 2, depth: 1, ..base() }, 1).expect("two qubits have one ring");
    assert_eq!((one.outputs(), one.circuits().len()), (2, 6));
    assert!(
        Cell::new(
            &CellSettings::Gru(ClassicalCell { hidden: 0, reservoir: true }),
            1,
            &mut Parameters::new(),
            &mut Stream::named(1, "c")
        )
        .is_err()
    );
}
