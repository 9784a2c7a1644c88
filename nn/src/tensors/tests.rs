use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::*;
use crate::{Activation, Adam, AdamConfig, Gradients, Mlp, RmsProp, RmsPropConfig, Sgd, SgdConfig, Tape, Workspace, mean_square};

fn network<T: Scalar>(sizes: &[usize], seed: u64) -> (Parameters<T>, Mlp) {
    let mut parameters = Parameters::new();
    let mlp = Mlp::new(&mut parameters, "mlp", sizes, Activation::Tanh, &mut ChaCha8Rng::seed_from_u64(seed));
    (parameters, mlp)
}

fn train<T: Scalar>(parameters: &mut Parameters<T>, mlp: &Mlp, optimizer: &mut impl Optimizer<T>, steps: usize) {
    let (mut gradients, mut workspace) = (Gradients::zeros(parameters), Workspace::new());
    let numbers = |count: usize| -> Vec<T> { (0..count).map(|i| T::from_f64((i as f64).sin())).collect() };
    for _ in 0..steps {
        let mut tape = Tape::new(parameters, &mut workspace);
        let (x, y) = (tape.constant((4, 3), &numbers(12)), tape.constant((4, 2), &numbers(8)));
        let values = mlp.forward(&mut tape, x);
        let loss = mean_square(&mut tape, values, y);
        gradients.clear();
        tape.backward(loss, &mut gradients).expect("no operation fails");
        optimizer.step(parameters, &gradients);
    }
}

/// Ten steps, saved, loaded into another network, and ten more of both.
fn resumes<T: Scalar, O: Optimizer<T>>(build: impl Fn(&Parameters<T>) -> O) {
    let (mut first, mlp) = network::<T>(&[3, 5, 2], 1);
    let mut optimizer = build(&first);
    train(&mut first, &mlp, &mut optimizer, 10);
    let mut tensors = Tensors::new();
    tensors.insert("network", &first);
    tensors.insert_optimizer("optimizer", &first, &optimizer);
    let bytes = tensors.to_bytes().expect("short names");
    assert_eq!(bytes, tensors.clone().to_bytes().expect("short names"));

    let (mut second, mlp) = network::<T>(&[3, 5, 2], 2);
    let mut other = build(&second);
    let read = Tensors::from_bytes(&bytes).expect("just written");
    assert_eq!(read, tensors);
    read.read("network", &mut second).expect("the same sizes");
    read.read_optimizer("optimizer", &second, &mut other).expect("the same sizes");
    assert_eq!(other.steps(), 10);
    train(&mut first, &mlp, &mut optimizer, 10);
    train(&mut second, &mlp, &mut other, 10);
    assert_eq!(first, second);
    assert_eq!(optimizer.moments(), other.moments());
}

#[test]
fn training_goes_on_from_a_file_bit_for_bit() {
    resumes::<f32, _>(|parameters| Adam::new(AdamConfig::default(), parameters).expect("valid"));
    resumes::<f64, _>(|parameters| Adam::new(AdamConfig::default(), parameters).expect("valid"));
    let config = RmsPropConfig { momentum: 0.5, centered: true, ..RmsPropConfig::default() };
    resumes::<f32, _>(|parameters| RmsProp::new(config, parameters).expect("valid"));
    let config = SgdConfig { momentum: 0.9, ..SgdConfig::default() };
    resumes::<f64, _>(|parameters| Sgd::new(config, parameters).expect("valid"));
}

#[test]
fn other_files_are_refused_and_change_nothing() {
    let (saved, _) = network::<f32>(&[3, 5, 2], 1);
    let mut tensors = Tensors::new();
    tensors.insert("", &saved);
    assert_eq!(tensors.names().collect::<Vec<_>>(), ["mlp.0.bias", "mlp.0.weight", "mlp.1.bias", "mlp.1.weight"]);

    let (mut wider, _) = network::<f32>(&[3, 6, 2], 1);
    let before = wider.clone();
    let error = tensors.read("", &mut wider).expect_err("other sizes");
    assert!(matches!(error, NnError::Shape { found, expected, .. } if found == [3, 5] && expected == [3, 6]));
    assert_eq!(wider, before);
    let (mut deeper, _) = network::<f32>(&[3, 5, 2, 2], 1);
    let error = tensors.read("", &mut deeper).expect_err("another layer");
    assert!(matches!(error, NnError::MissingTensor { name } if name == "mlp.2.weight"));
    let (mut double, _) = network::<f64>(&[3, 5, 2], 1);
    assert!(matches!(tensors.read("", &mut double), Err(NnError::NumberType { .. })));
    let mut adam = Adam::new(AdamConfig::default(), &saved).expect("valid");
    assert!(matches!(tensors.read_optimizer("", &saved, &mut adam), Err(NnError::MissingTensor { name }) if name == "steps"));

    let bytes = tensors.to_bytes().expect("short names");
    assert!(matches!(Tensors::from_bytes(&bytes[..bytes.len() - 1]), Err(NnError::NotSafetensors { .. })));
    assert!(matches!(Tensors::from_bytes(b"text"), Err(NnError::NotSafetensors { .. })));
}

#[test]
fn settings_outside_their_range_are_refused() {
    let (parameters, _) = network::<f32>(&[3, 2], 1);
    let adam = |config| Adam::new(config, &parameters).err().map(|error| error.to_string());
    let message = adam(AdamConfig { beta_2: 1.0, ..AdamConfig::default() });
    assert_eq!(message.as_deref(), Some("beta_2 is 1, but it has to be in [0, 1)"));
    assert!(adam(AdamConfig { learning_rate: 0.0, ..AdamConfig::default() }).is_some());
    assert!(adam(AdamConfig { epsilon: f64::NAN, ..AdamConfig::default() }).is_some());
    assert!(RmsProp::new(RmsPropConfig { alpha: -0.1, ..RmsPropConfig::default() }, &parameters).is_err());
    assert!(Sgd::new(SgdConfig { momentum: 1.0, ..SgdConfig::default() }, &parameters).is_err());
}

#[test]
fn numbers_move_a_part_of_the_way() {
    let (first, _) = network::<f32>(&[3, 5, 2], 1);
    let (second, _) = network::<f32>(&[3, 5, 2], 2);
    let file = |parameters: &Parameters<f32>| {
        let mut tensors = Tensors::new();
        tensors.insert("", parameters);
        tensors
    };
    for (part, expected) in [(0.0, &first), (1.0, &second)] {
        let mut moved = file(&first);
        moved.move_towards::<f32>(&file(&second), part).expect("valid");
        assert_eq!(moved, file(expected));
    }
    let mut moved = file(&first);
    moved.move_towards::<f32>(&file(&second), 0.25).expect("valid");
    let mut quarter = first.clone();
    moved.read("", &mut quarter).expect("valid");
    for ((from, to), found) in first.values().iter().zip(second.values()).zip(quarter.values()) {
        assert!((found - (0.75 * from + 0.25 * to)).abs() < 1e-6);
    }
    let (other, _) = network::<f32>(&[3, 4, 2], 2);
    let before = moved.clone();
    assert!(matches!(moved.move_towards::<f32>(&file(&other), 0.5), Err(NnError::Shape { .. })));
    assert!(matches!(moved.move_towards::<f64>(&file(&second), 0.5), Err(NnError::NumberType { .. })));
    assert_eq!(moved, before);
}
