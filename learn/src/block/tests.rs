use num_complex::Complex64;
use proptest::prelude::*;
use qloom_nn::{Gradients, Init, NnError, Parameters, Tape, Workspace};

use super::*;

type Matrix = [[Complex64; 2]; 2];

fn ry(angle: f64) -> Matrix {
    let (sin, cos) = (0.5 * angle).sin_cos();
    [[cos.into(), (-sin).into()], [sin.into(), cos.into()]]
}

fn rz(angle: f64) -> Matrix {
    let turn = Complex64::from_polar(1.0, 0.5 * angle);
    [[turn.conj(), 0.0.into()], [0.0.into(), turn]]
}

fn turned(state: &[Complex64], qubit: usize, matrix: Matrix) -> Vec<Complex64> {
    let row = |index: usize| {
        let bit = index >> qubit & 1;
        let (low, high) = (index & !(1 << qubit), index | 1 << qubit);
        matrix[bit][0] * state[low] + matrix[bit][1] * state[high]
    };
    (0..state.len()).map(row).collect()
}

/// Expectation values of Z by matrices on a state vector, written from the definition of the cell.
fn by_hand(settings: &BlockSettings, weights: &[f64], numbers: &[f64]) -> Vec<f64> {
    let BlockSettings { qubits, depth, outputs, .. } = *settings;
    let root = Complex64::from(0.5f64.sqrt());
    let mut state = vec![Complex64::from(0.0); 1 << qubits];
    state[0] = 1.0.into();
    for (qubit, v) in numbers.iter().enumerate() {
        for matrix in [[[root, root], [root, -root]], ry(v.atan()), rz((v * v).atan())] {
            state = turned(&state, qubit, matrix);
        }
    }
    for layer in 0..depth {
        for step in [1, 2] {
            for control in 0..qubits {
                let target = (control + step) % qubits;
                if target != control {
                    let from = |index: usize| if index >> control & 1 == 1 { index ^ 1 << target } else { index };
                    state = (0..state.len()).map(|index| state[from(index)]).collect();
                }
            }
        }
        for qubit in 0..qubits {
            let w = &weights[3 * (layer * qubits + qubit)..];
            for matrix in [rz(w[0]), ry(w[1]), rz(w[2])] {
                state = turned(&state, qubit, matrix);
            }
        }
    }
    let sign = |index: usize, qubit: usize| if index >> qubit & 1 == 1 { -1.0 } else { 1.0 };
    (0..outputs).map(|qubit| (0..state.len()).map(|index| sign(index, qubit) * state[index].norm_sqr()).sum()).collect()
}

fn block(settings: BlockSettings) -> Block {
    Block::new(settings, Stream::named(1, "shots")).expect("it fits")
}

/// The outputs of rows of numbers under weights, and with a gradient of their weighted sum by all of them.
fn run(block: &Block, weights: &[f64], numbers: &[f64], cotangent: Option<&[f64]>) -> Result<(Vec<f64>, Vec<f64>), NnError> {
    let (inputs, outputs) = (block.settings().inputs, block.settings().outputs);
    let rows = numbers.len() / inputs;
    let mut parameters = Parameters::new();
    let mut stream = Stream::named(2, "parameters");
    let shared = parameters.add("weights".to_owned(), (1, weights.len()), Init::Uniform { bound: 1.0 }, &mut stream);
    let each = parameters.add("numbers".to_owned(), (rows, inputs), Init::Uniform { bound: 1.0 }, &mut stream);
    parameters.get_mut(shared).copy_from_slice(weights);
    parameters.get_mut(each).copy_from_slice(numbers);
    let (mut workspace, mut gradients) = (Workspace::new(), Gradients::zeros(&parameters));
    let mut tape = Tape::new(&parameters, &mut workspace);
    let (shared, each) = (tape.parameter(shared), tape.parameter(each));
    let out = tape.custom(block, &[shared, each], (rows, outputs))?;
    let values = tape.value(out).to_vec();
    if let Some(cotangent) = cotangent {
        let cotangent = tape.constant((rows, outputs), cotangent);
        let product = tape.mul(out, cotangent);
        let sum = tape.sum(product);
        tape.backward(sum, &mut gradients)?;
    }
    Ok((values, gradients.values().to_vec()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Values and gradients of any block, rows in company, against matrices and central differences of them.
    #[test]
    fn blocks_are_their_definition(
        qubits in 1usize..5, depth in 1usize..3, fewer in 0usize..2, rows in 1usize..4,
        draws in prop::collection::vec(-2.0f64..2.0, 64),
    ) {
        let inputs = qubits.saturating_sub(fewer).max(1);
        let settings = BlockSettings { qubits, depth, inputs, outputs: inputs, noise: None, shots: None };
        let block = block(settings.clone());
        let mut draws = draws.into_iter().cycle();
        let weights: Vec<f64> = draws.by_ref().take(block.num_weights()).collect();
        let numbers: Vec<f64> = draws.by_ref().take(rows * inputs).collect();
        let cotangent: Vec<f64> = draws.take(rows * inputs).collect();
        let (values, gradients) = run(&block, &weights, &numbers, Some(&cotangent)).expect("exact");
        let all = |weights: &[f64], numbers: &[f64]| -> Vec<f64> {
            numbers.chunks(inputs).flat_map(|row| by_hand(&settings, weights, row)).collect()
        };
        let expected = all(&weights, &numbers);
        prop_assert!(values.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-12), "{values:?} {expected:?}");
        let sum = |weights: &[f64], numbers: &[f64]| -> f64 {
            all(weights, numbers).iter().zip(&cotangent).map(|(value, weight)| value * weight).sum()
        };
        for (place, found) in gradients.iter().enumerate() {
            let moved = |step: f64| {
                let (mut weights, mut numbers) = (weights.clone(), numbers.clone());
                match place.checked_sub(weights.len()) {
                    None => weights[place] += step,
                    Some(place) => numbers[place] += step,
                }
                sum(&weights, &numbers)
            };
            let slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            prop_assert!((slope - found).abs() < 1e-8, "{place}: {slope} {found}");
        }
    }
}

/// A mean of many draws has the deviation that counting has, and outputs drawn together belong together.
#[test]
fn shots_scatter_as_counts_do() {
    let settings = BlockSettings { qubits: 3, depth: 1, inputs: 2, outputs: 2, noise: None, shots: Some(200) };
    let drawn = block(settings.clone());
    let weights: Vec<f64> = (0..9).map(|k| (k as f64).sin()).collect();
    let numbers = [0.4, -0.8].repeat(300);
    let (values, _) = run(&drawn, &weights, &numbers, None).expect("it runs");
    let exact = by_hand(&settings, &weights, &[0.4, -0.8]);
    for (output, exact) in exact.iter().enumerate() {
        let scores = values.iter().skip(output).step_by(2).map(|z| (z - exact).powi(2) * 200.0 / (1.0 - exact * exact));
        let mean = scores.sum::<f64>() / 300.0;
        assert!((mean - 1.0).abs() < 0.3, "{mean}");
    }
    let cotangent = vec![1.0; values.len()];
    let refused = run(&drawn, &weights, &numbers, Some(&cotangent)).expect_err("counts have no gradient").to_string();
    assert!(refused.contains("shots"), "{refused}");
}

#[test]
fn depolarizing_everything_leaves_nothing() {
    let noise = Some(UniformNoise { depolarizing1: 1.0, depolarizing2: 1.0, ..UniformNoise::default() });
    let settings = BlockSettings { qubits: 2, depth: 1, inputs: 2, outputs: 2, noise, shots: None };
    let (values, gradients) = run(&block(settings), &[0.3; 6], &[0.5, 0.1], Some(&[1.0, 1.0])).expect("exact");
    assert!(values.iter().chain(&gradients).all(|value| value.abs() < 1e-12), "{values:?} {gradients:?}");
}

#[test]
fn sizes_that_cannot_be_are_refused() {
    let good = BlockSettings { qubits: 2, depth: 1, inputs: 1, outputs: 1, noise: None, shots: None };
    for (settings, word) in [
        (BlockSettings { qubits: 0, ..good.clone() }, "qubits"),
        (BlockSettings { qubits: 17, ..good.clone() }, "qubits"),
        (BlockSettings { depth: 0, ..good.clone() }, "depth"),
        (BlockSettings { inputs: 3, ..good.clone() }, "inputs"),
        (BlockSettings { outputs: 0, ..good.clone() }, "outputs"),
        (BlockSettings { outputs: 3, ..good.clone() }, "outputs"),
        (BlockSettings { shots: Some(0), ..good }, "shots"),
    ] {
        let message = Block::new(settings, Stream::named(1, "shots")).expect_err("refused").to_string();
        assert!(message.contains(word), "{message}");
    }
}
