use proptest::prelude::*;

use super::*;
use crate::{Gradients, Init, OperationError};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

type Matrix = ((usize, usize), Vec<f64>);

fn numbers(seed: u64, count: usize) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..count).map(|_| Init::Normal { deviation: 1.0 }.draw((1, 1), &mut rng)).collect()
}

fn matrix(seed: u64, rows: usize, columns: usize) -> Matrix {
    ((rows, columns), numbers(seed, rows * columns))
}

/// Compares gradients with central differences: those with respect to parameters and to variables, of a sum of the
/// results with weights, for each matrix once as a parameter and once as a variable.
fn check(inputs: &[Matrix], build: impl Fn(&mut Tape<'_, f64>, &[Var]) -> Var) {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let mut parameters = Parameters::new();
    let ids: Vec<_> = (inputs.iter().enumerate())
        .map(|(number, (shape, numbers))| {
            let id = parameters.add(format!("{number}"), *shape, Init::Constant(0.0), &mut rng);
            parameters.get_mut(id).copy_from_slice(numbers);
            id
        })
        .collect();
    let mut workspace = Workspace::new();
    let total = |tape: &mut Tape<'_, f64>, vars: &[Var]| {
        let out = build(tape, vars);
        let shape = tape.shape(out);
        let weights = tape.constant(shape, &numbers(99, shape.0 * shape.1));
        let weighted = tape.mul(out, weights);
        tape.sum(weighted)
    };
    let mut value = |parameters: &Parameters<f64>| {
        let mut tape = Tape::new(parameters, &mut workspace);
        let vars: Vec<Var> = ids.iter().map(|&id| tape.parameter(id)).collect();
        let sum = total(&mut tape, &vars);
        tape.value(sum)[0]
    };
    let differences: Vec<f64> = (0..parameters.values().len())
        .map(|index| {
            let mut shifted = |by: f64| {
                let mut parameters = parameters.clone();
                parameters.values_mut()[index] += by;
                value(&parameters)
            };
            (shifted(1e-5) - shifted(-1e-5)) / 2e-5
        })
        .collect();
    let close = |found: &[f64]| {
        assert_eq!(found.len(), differences.len());
        for (found, expected) in found.iter().zip(&differences) {
            assert!((found - expected).abs() < 1e-6 * expected.abs().max(1.0), "{found} {expected}");
        }
    };

    let mut workspace = Workspace::new();
    let mut gradients = Gradients::zeros(&parameters);
    let mut tape = Tape::new(&parameters, &mut workspace);
    let vars: Vec<Var> = ids.iter().map(|&id| tape.parameter(id)).collect();
    let sum = total(&mut tape, &vars);
    tape.backward(sum, &mut gradients).expect("no operation fails");
    close(gradients.values());

    gradients.clear();
    let mut tape = Tape::new(&parameters, &mut workspace);
    let vars: Vec<Var> = inputs.iter().map(|(shape, numbers)| tape.variable(*shape, numbers)).collect();
    let sum = total(&mut tape, &vars);
    tape.backward(sum, &mut gradients).expect("no operation fails");
    close(&vars.iter().flat_map(|&var| tape.gradient(var).to_vec()).collect::<Vec<_>>());
    assert!(gradients.values().iter().all(|&gradient| gradient == 0.0));
}

/// The sum of the squares of a row's differences to each of some points: an operation of two inputs.
struct Distances;

impl Operation<f64> for Distances {
    fn name(&self) -> &'static str {
        "distances"
    }

    fn forward(&self, inputs: &CustomInputs<'_, f64>, out: &mut [f64]) -> Result<(), OperationError> {
        let [(rows, (_, width)), (points, (count, _))] = inputs else { return Err("two inputs".into()) };
        for (out, row) in out.chunks_mut(*count).zip(rows.chunks(*width)) {
            for (out, point) in out.iter_mut().zip(points.chunks(*width)) {
                *out = row.iter().zip(point).map(|(x, p)| (x - p) * (x - p)).sum();
            }
        }
        Ok(())
    }

    fn backward(
        &self,
        inputs: &CustomInputs<'_, f64>,
        _: &[f64],
        cotangent: &[f64],
        gradients: &mut [Option<&mut [f64]>],
    ) -> Result<(), OperationError> {
        let [(rows, (_, width)), (points, (count, _))] = inputs else { return Err("two inputs".into()) };
        for (i, row) in rows.chunks(*width).enumerate() {
            for (j, point) in points.chunks(*width).enumerate() {
                let up = cotangent[i * count + j];
                for (k, (x, p)) in row.iter().zip(point).enumerate() {
                    if let Some(gradient) = &mut gradients[0] {
                        gradient[i * width + k] += 2.0 * up * (x - p);
                    }
                    if let Some(gradient) = &mut gradients[1] {
                        gradient[j * width + k] -= 2.0 * up * (x - p);
                    }
                }
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn gradients_of_products(rows in 1usize..5, inner in 1usize..5, columns in 1usize..5, seed in 0u64..1000) {
        let inputs = [matrix(seed, rows, inner), matrix(seed + 1, inner, columns), matrix(seed + 2, 1, columns)];
        check(&inputs, |tape, vars| {
            let product = tape.matmul(vars[0], vars[1]);
            tape.add_bias(product, vars[2])
        });
        let square = [matrix(seed, rows, rows)];
        check(&square, |tape, vars| tape.matmul(vars[0], vars[0]));
    }

    #[test]
    fn gradients_of_functions_of_pairs(rows in 1usize..5, columns in 1usize..5, seed in 0u64..1000) {
        let inputs = [matrix(seed, rows, columns), matrix(seed + 1, rows, columns)];
        check(&inputs, |tape, vars| tape.add(vars[0], vars[1]));
        check(&inputs, |tape, vars| tape.sub(vars[0], vars[1]));
        check(&inputs, |tape, vars| tape.mul(vars[0], vars[1]));
        check(&inputs[..1], |tape, vars| tape.mul(vars[0], vars[0]));
        if inputs[0].1.iter().zip(&inputs[1].1).all(|(a, b)| (a - b).abs() > 1e-3) {
            check(&inputs, |tape, vars| tape.minimum(vars[0], vars[1]));
        }
        check(&inputs[..1], |tape, vars| tape.minimum(vars[0], vars[0]));
    }

    #[test]
    fn gradients_of_functions_of_entries(rows in 1usize..5, columns in 1usize..5, seed in 0u64..1000) {
        let mut inputs = [matrix(seed, rows, columns)];
        // Away from the kinks at 0 and at the size beta.
        inputs[0].1.iter_mut().for_each(|x| if x.abs() < 1e-3 || (x.abs() - 0.7).abs() < 1e-3 { *x += 0.01 });
        check(&inputs, |tape, vars| tape.scale(vars[0], -1.5));
        check(&inputs, |tape, vars| tape.sigmoid(vars[0]));
        check(&inputs, |tape, vars| tape.tanh(vars[0]));
        check(&inputs, |tape, vars| tape.relu(vars[0]));
        check(&inputs, |tape, vars| tape.leaky_relu(vars[0], 0.01));
        check(&inputs, |tape, vars| tape.square(vars[0]));
        check(&inputs, |tape, vars| tape.softplus(vars[0]));
        check(&inputs, |tape, vars| tape.huber(vars[0], 0.7));
        check(&inputs, |tape, vars| tape.exp(vars[0]));
        check(&inputs, |tape, vars| tape.clamp(vars[0], -0.7, 0.7));
    }

    #[test]
    fn gradients_of_rows_and_columns(rows in 1usize..5, columns in 2usize..6, seed in 0u64..1000) {
        let inputs = [matrix(seed, rows, columns), matrix(seed + 1, rows, 3)];
        let first = &inputs[..1];
        check(first, |tape, vars| tape.softmax(vars[0]));
        check(first, |tape, vars| tape.log_softmax(vars[0]));
        check(first, |tape, vars| tape.slice_columns(vars[0], 1, columns - 1));
        check(first, |tape, vars| tape.gather_columns(vars[0], (0..rows).map(|row| (row * 3 + 1) % columns)));
        check(first, |tape, vars| tape.sum(vars[0]));
        check(first, |tape, vars| tape.mean(vars[0]));
        check(&inputs, |tape, vars| tape.concat_columns(&[vars[1], vars[0], vars[1]]));
    }

    #[test]
    fn gradients_of_sparse_products(inputs in 1usize..7, width in 1usize..4, seed in 0u64..1000) {
        let ones: Vec<u32> = (0..inputs as u32).filter(|one| (seed >> one) % 2 == 1).collect();
        let rows = [BinaryRow { ones: &ones, last: 0.7 }, BinaryRow { ones: &[0, 0], last: 0.0 }, BinaryRow { ones: &[], last: -2.0 }];
        check(&[matrix(seed, inputs, width)], |tape, vars| tape.sparse_matmul(rows, vars[0]));
    }

    #[test]
    fn gradients_of_operations_from_outside(rows in 1usize..4, points in 1usize..4, width in 1usize..4, seed in 0u64..1000) {
        check(&[matrix(seed, rows, width), matrix(seed + 1, points, width)], |tape, vars| {
            let hidden = tape.tanh(vars[0]);
            tape.custom(&Distances, &[hidden, vars[1]], (rows, points)).expect("two inputs")
        });
    }

    #[test]
    fn sparse_products_equal_dense_ones(inputs in 1usize..9, width in 1usize..5, seed in 0u64..1000) {
        let (shape, weights) = matrix(seed, inputs, width);
        let ones: Vec<u32> = (0..inputs as u32).filter(|one| (seed >> one) % 2 == 1).collect();
        let mut dense: Vec<f64> = (0..inputs as u32).map(|one| f64::from(u8::from(ones.contains(&one)))).collect();
        dense[inputs - 1] += 0.3;
        let (parameters, mut workspace) = (Parameters::new(), Workspace::new());
        let mut tape = Tape::new(&parameters, &mut workspace);
        let (weights, dense) = (tape.constant(shape, &weights), tape.constant((1, inputs), &dense));
        let (expected, found) = (tape.matmul(dense, weights), tape.sparse_matmul([BinaryRow { ones: &ones, last: 0.3 }], weights));
        for (found, expected) in tape.value(found).iter().zip(tape.value(expected)) {
            prop_assert!((found - expected).abs() < 1e-12);
        }
    }
}

#[test]
fn functions_have_their_values() {
    let (parameters, mut workspace) = (Parameters::<f64>::new(), Workspace::new());
    let mut tape = Tape::new(&parameters, &mut workspace);
    let x = tape.constant((1, 4), &[-800.0, -0.5, 0.0, 800.0]);
    let close = |found: &[f64], expected: [f64; 4]| {
        found.iter().zip(expected).for_each(|(found, expected)| assert!((found - expected).abs() < 1e-12, "{found} {expected}"));
    };
    let sigmoid = tape.sigmoid(x);
    close(tape.value(sigmoid), [0.0, 0.3775406687981454, 0.5, 1.0]);
    let softplus = tape.softplus(x);
    close(tape.value(softplus), [0.0, 0.4740769841801067, 2f64.ln(), 800.0]);
    let huber = tape.huber(x, 2.0);
    close(tape.value(huber), [799.0, 0.0625, 0.0, 799.0]);
    let leaky = tape.leaky_relu(x, 0.01);
    close(tape.value(leaky), [-8.0, -0.005, 0.0, 800.0]);
    let softmax = tape.softmax(x);
    close(tape.value(softmax), [0.0, 0.0, 0.0, 1.0]);
    let logarithms = tape.log_softmax(x);
    close(tape.value(logarithms), [-1600.0, -800.5, -800.0, 0.0]);
    let clamped = tape.clamp(x, -0.25, 3.0);
    assert_eq!(tape.value(clamped), [-0.25, -0.25, 0.0, 3.0]);
    let exponential = tape.exp(clamped);
    close(tape.value(exponential), [0.7788007830714049, 0.7788007830714049, 1.0, 20.085536923187668]);
    let smaller = tape.minimum(x, clamped);
    assert_eq!(tape.value(smaller), [-800.0, -0.5, 0.0, 3.0]);
    let mean = tape.mean(x);
    assert_eq!(tape.value(mean), [-0.125]);
}

#[test]
fn what_is_used_twice_gets_both_gradients_and_constants_none() {
    let (parameters, mut workspace) = (Parameters::new(), Workspace::new());
    let mut tape = Tape::new(&parameters, &mut workspace);
    let (x, c) = (tape.variable((1, 1), &[3.0]), tape.constant((1, 1), &[5.0]));
    let (square, product) = (tape.square(x), tape.mul(x, c));
    let sum = tape.add(square, product);
    let mut gradients = Gradients::zeros(&parameters);
    tape.backward(sum, &mut gradients).expect("no operation fails");
    assert_eq!((tape.gradient(x), tape.gradient(c)), (&[11.0][..], &[0.0][..]));
    tape.backward(square, &mut gradients).expect("no operation fails");
    assert_eq!(tape.gradient(x), [6.0], "a second pass begins with zeros");
}

#[test]
fn a_parameter_itself_has_gradient_1_and_passes_add_up() {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let mut parameters = Parameters::<f32>::new();
    let id = parameters.add("w", (1, 1), Init::Constant(2.0), &mut rng);
    let (mut gradients, mut workspace) = (Gradients::zeros(&parameters), Workspace::new());
    let mut tape = Tape::new(&parameters, &mut workspace);
    let w = tape.parameter(id);
    tape.backward(w, &mut gradients).expect("no operation fails");
    let square = tape.square(w);
    tape.backward(square, &mut gradients).expect("no operation fails");
    assert_eq!(gradients.values(), [5.0]);
    gradients.clear();
    assert_eq!(gradients.values(), [0.0]);
}

#[test]
fn a_step_of_the_same_shape_allocates_nothing_anew() {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let mut parameters = Parameters::<f32>::new();
    let mlp = crate::Mlp::new(&mut parameters, "mlp", &[4, 8, 2], crate::Activation::Tanh, &mut rng);
    let (mut gradients, mut workspace) = (Gradients::zeros(&parameters), Workspace::new());
    let mut addresses = Vec::new();
    for _ in 0..3 {
        let mut tape = Tape::new(&parameters, &mut workspace);
        let rows = (0..5).map(|_| BinaryRow { ones: &[0, 2], last: 0.5 });
        let values = mlp.forward_sparse(&mut tape, rows);
        let loss = tape.mean(values);
        tape.backward(loss, &mut gradients).expect("no operation fails");
        addresses.push((workspace.values.as_ptr(), workspace.cotangents.as_ptr(), workspace.lists.as_ptr()));
    }
    assert_eq!(addresses[1], addresses[2]);
}

/// An operation that cannot be carried out.
struct Broken;

impl Operation<f64> for Broken {
    fn name(&self) -> &'static str {
        "broken"
    }

    fn forward(&self, inputs: &CustomInputs<'_, f64>, _: &mut [f64]) -> Result<(), OperationError> {
        if inputs[0].0[0] > 0.0 { Ok(()) } else { Err("not positive".into()) }
    }

    fn backward(
        &self,
        _: &CustomInputs<'_, f64>,
        _: &[f64],
        _: &[f64],
        _: &mut [Option<&mut [f64]>],
    ) -> Result<(), OperationError> {
        Err("no derivative".into())
    }
}

#[test]
fn failures_from_outside_are_reported_with_the_name() {
    let (parameters, mut workspace) = (Parameters::new(), Workspace::new());
    let mut tape = Tape::new(&parameters, &mut workspace);
    let (good, bad) = (tape.variable((1, 1), &[1.0]), tape.variable((1, 1), &[-1.0]));
    let error = tape.custom(&Broken, &[bad], (1, 1)).expect_err("not positive").to_string();
    assert_eq!(error, "operation `broken` failed: not positive");
    let out = tape.custom(&Broken, &[good], (1, 1)).expect("positive");
    let error = tape.backward(out, &mut Gradients::zeros(&parameters)).expect_err("no derivative").to_string();
    assert_eq!(error, "operation `broken` failed: no derivative");
}

#[test]
fn mistakes_panic() {
    type Build = fn(&mut Tape<'_, f64>);
    let panics = |build: Build| {
        let result = std::panic::catch_unwind(|| {
            let (parameters, mut workspace) = (Parameters::new(), Workspace::new());
            build(&mut Tape::new(&parameters, &mut workspace));
        });
        let message = result.expect_err("a mistake");
        message.downcast_ref::<String>().cloned().or_else(|| message.downcast_ref::<&str>().map(|s| (*s).to_owned()))
    };
    let cases: [(Build, &str); 6] = [
        (
            |tape| {
                let a = tape.zeros((2, 3));
                tape.matmul(a, a);
            },
            "a product of matrices of shapes (2, 3) and (2, 3)",
        ),
        (
            |tape| {
                tape.constant((2, 3), &[1.0]);
            },
            "1 numbers for a matrix of shape (2, 3)",
        ),
        (
            |tape| {
                let a = tape.zeros((2, 3));
                let b = tape.zeros((3, 2));
                tape.add(a, b);
            },
            "matrices of shapes (2, 3) and (3, 2) where one shape is needed",
        ),
        (
            |tape| {
                let a = tape.zeros((2, 3));
                tape.slice_columns(a, 2, 2);
            },
            "columns 2 to 4 of 3",
        ),
        (
            |tape| {
                let a = tape.zeros((2, 3));
                tape.gather_columns(a, [0, 3]);
            },
            "column 3 of 3",
        ),
        (
            |tape| {
                let a = tape.zeros((2, 3));
                tape.sparse_matmul([BinaryRow { ones: &[2], last: 0.0 }], a);
            },
            "a one beyond the 2 rows of the weights",
        ),
    ];
    for (build, message) in cases {
        assert_eq!(panics(build).as_deref(), Some(message));
    }
}
