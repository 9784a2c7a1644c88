use super::super::Dimensions;
use super::super::layers::LEAK;
use super::*;
use qloom_circuits::Stream;

const SIZES: [usize; 4] = [9, 6, 5, 3];

/// Layers of these sizes, and nothing else.
fn perceptron(sizes: &[usize], seed: u64) -> Perceptron {
    let dimensions = Dimensions { inputs: sizes[0], features: 0, actions: *sizes.last().expect("sizes") };
    let shape = Shape { dimensions, hidden: &sizes[1..sizes.len() - 1], dueling: false };
    Perceptron::new(&shape, 1e-2, &mut Stream::named(seed, "network")).expect("small")
}

fn observation(entries: &[u32], energy: f32) -> Observation {
    Observation { entries: entries.to_vec(), energy, features: Vec::new(), illegal: Vec::new() }
}

fn small() -> Perceptron {
    perceptron(&SIZES, 3)
}

/// The same network by loops over a dense input, in double precision.
fn by_hand(parameters: &[Vec<f32>], sizes: &[usize], seen: &Observation) -> Vec<f64> {
    let mut layer = vec![0.0f64; sizes[0]];
    for &entry in &seen.entries {
        layer[entry as usize] = 1.0;
    }
    layer[sizes[0] - 1] = f64::from(seen.energy);
    for (index, pair) in sizes.windows(2).enumerate() {
        let (weights, biases) = (&parameters[2 * index], &parameters[2 * index + 1]);
        let below: Vec<f64> =
            if index == 0 { layer } else { layer.iter().map(|&x| if x < 0.0 { LEAK * x } else { x }).collect() };
        layer = (0..pair[1])
            .map(|j| f64::from(biases[j]) + (0..pair[0]).map(|i| below[i] * f64::from(weights[i * pair[1] + j])).sum::<f64>())
            .collect();
    }
    layer
}

fn parameters(network: &Perceptron) -> Vec<Vec<f32>> {
    network.online.ids().map(|id| network.online.get(id).to_vec()).collect()
}

fn huber(x: f64) -> f64 {
    if x.abs() < 1.0 { 0.5 * x * x } else { x.abs() - 0.5 }
}

#[test]
fn values_equal_those_of_dense_loops() {
    let mut network = small();
    let weights = parameters(&network);
    let seen = [observation(&[0, 3, 7], -0.7), observation(&[], 2.0), observation(&[5], 0.0)];
    let values = network.q_values(&seen.iter().collect::<Vec<_>>());
    assert_eq!(values.len(), 9);
    for (seen, values) in seen.iter().zip(values.chunks(3)) {
        for (value, expected) in values.iter().zip(by_hand(&weights, &SIZES, seen)) {
            assert!((f64::from(*value) - expected).abs() < 1e-6, "{value} {expected}");
        }
    }
}

#[test]
fn the_first_step_of_adam_moves_each_weight_against_its_gradient() {
    let mut network = small();
    let seen = [observation(&[0, 3, 7], -0.7), observation(&[1, 3], 0.4)];
    let (actions, targets) = ([2u16, 0], [0.3f32, -4.0]);
    let before = parameters(&network);
    let loss = |parameters: &[Vec<f32>]| {
        seen.iter()
            .zip(actions)
            .zip(targets)
            .map(|((seen, action), target)| {
                huber(by_hand(parameters, &[9, 6, 5, 3], seen)[usize::from(action)] - f64::from(target))
            })
            .sum::<f64>()
            / 2.0
    };
    let reported = network.train_step(&seen.iter().collect::<Vec<_>>(), &actions, &targets, None).expect("trains");
    assert!((f64::from(reported.loss) - loss(&before)).abs() < 1e-6);
    let after = parameters(&network);
    let mut moved = 0;
    for (k, numbers) in before.iter().enumerate() {
        for i in 0..numbers.len() {
            let shifted = |by: f32| {
                let mut shifted = before.clone();
                shifted[k][i] += by;
                loss(&shifted)
            };
            let gradient = (shifted(1e-3) - shifted(-1e-3)) / 2e-3;
            let change = f64::from(after[k][i] - numbers[i]);
            if gradient.abs() > 1e-5 {
                // Adam's first step has the size of the learning rate, whatever the gradient's size.
                assert!((change + 1e-2 * gradient.signum()).abs() < 1e-4, "{k} {i}: {gradient} {change}");
                moved += 1;
            } else if gradient == 0.0 {
                assert_eq!(change, 0.0, "an input that is 0 leaves its weights alone");
            }
        }
    }
    assert!(moved > 30, "{moved}");
}

#[test]
fn training_fits_a_table() {
    let mut network = small();
    let seen: Vec<Observation> = (0..8).map(|i| observation(&[i], 0.1 * i as f32)).collect();
    let batch: Vec<&Observation> = seen.iter().collect();
    let actions: Vec<u16> = (0..8).map(|i| i % 3).collect();
    let targets: Vec<f32> = (0..8).map(|i| ((i * 5) % 7) as f32 - 3.0).collect();
    let mut loss = 0.0;
    for _ in 0..1500 {
        loss = network.train_step(&batch, &actions, &targets, None).expect("trains").loss;
    }
    assert!(loss < 1e-4, "{loss}");
}

#[test]
fn the_target_network_changes_only_when_told() {
    let mut network = small();
    let seen = observation(&[2], 0.5);
    let first = network.q_values(&[&seen]).to_vec();
    network.train_step(&[&seen], &[1], &[9.0], None).expect("trains");
    assert_eq!(network.target_values(&[&seen]), first);
    let second = network.q_values(&[&seen]).to_vec();
    assert_ne!(second, first);
    network.copy_to_target();
    assert_eq!(network.target_values(&[&seen]), second);
    network.train_step(&[&seen], &[1], &[9.0], None).expect("trains");
    assert_eq!(network.target_values(&[&seen]), second);
    assert_ne!(network.q_values(&[&seen]), second);
}

#[test]
fn saved_and_loaded_it_trains_alike_bit_for_bit() {
    let mut network = small();
    let seen = [observation(&[0, 3, 7], -0.7), observation(&[1, 3], 0.4)];
    let batch: Vec<&Observation> = seen.iter().collect();
    for _ in 0..7 {
        network.train_step(&batch, &[2, 0], &[0.3, -4.0], None).expect("trains");
    }
    let mut other = perceptron(&SIZES, 99);
    other.load(&network.save().expect("saves")).expect("loads");
    for _ in 0..7 {
        network.train_step(&batch, &[2, 0], &[0.3, -4.0], None).expect("trains");
        other.train_step(&batch, &[2, 0], &[0.3, -4.0], None).expect("trains");
    }
    assert_eq!(network.save().expect("saves"), other.save().expect("saves"));
    let mut wider = perceptron(&[9, 7, 5, 3], 1);
    assert!(matches!(wider.load(&network.save().expect("saves")), Err(QasError::OtherSearch { .. })));
}

#[test]
fn features_and_dueling_heads_equal_loops() {
    let dimensions = Dimensions { inputs: 5, features: 2, actions: 3 };
    let shape = Shape { dimensions, hidden: &[4], dueling: true };
    let mut network = Perceptron::new(&shape, 1e-2, &mut Stream::named(7, "network")).expect("small");
    let seen = Observation { features: vec![0.4, -1.3], ..observation(&[1, 2], 0.6) };
    let weights = |name: &str| {
        let id = network.online.ids().find(|&id| network.online.name(id) == name).expect("it is there");
        network.online.get(id).iter().map(|&x| f64::from(x)).collect::<Vec<_>>()
    };
    let input = [0.0, 1.0, 1.0, 0.0, f64::from(0.6f32)];
    let (first, beside) = (weights("layers.0.weight"), weights("features.weight"));
    let hidden: Vec<f64> = (0..4)
        .map(|j| {
            let tensor: f64 = (0..5).map(|i| input[i] * first[4 * i + j]).sum();
            let features: f64 = (0..2).map(|i| f64::from(seen.features[i]) * beside[4 * i + j]).sum();
            let sum = tensor + features + weights("layers.0.bias")[j] + weights("features.bias")[j];
            if sum < 0.0 { LEAK * sum } else { sum }
        })
        .collect();
    let head = |name: &str, width: usize| -> Vec<f64> {
        let (matrix, bias) = (weights(&format!("{name}.weight")), weights(&format!("{name}.bias")));
        (0..width).map(|k| bias[k] + (0..4).map(|j| hidden[j] * matrix[width * j + k]).sum::<f64>()).collect()
    };
    let (value, advantages) = (head("value", 1)[0], head("layers.1", 3));
    let mean = advantages.iter().sum::<f64>() / 3.0;
    let expected: Vec<f64> = advantages.iter().map(|advantage| value + advantage - mean).collect();
    for (found, expected) in network.q_values(&[&seen]).iter().zip(expected) {
        assert!((f64::from(*found) - expected).abs() < 1e-6, "{found} {expected}");
    }
}

#[test]
fn an_experience_without_weight_teaches_nothing() {
    let (mut one, mut other) = (small(), small());
    let seen = [observation(&[0, 3, 7], -0.7), observation(&[1, 3], 0.4)];
    let batch: Vec<&Observation> = seen.iter().collect();
    let step = one.train_step(&batch, &[2, 0], &[0.3, -4.0], Some(&[2.0, 0.0])).expect("trains");
    other.train_step(&batch[..1], &[2], &[0.3], None).expect("trains");
    assert_eq!(step.errors.len(), 2);
    for (left, right) in parameters(&one).concat().iter().zip(parameters(&other).concat()) {
        assert!((left - right).abs() < 1e-6);
    }
}

#[test]
fn a_loss_that_is_not_finite_is_an_error() {
    let mut network = small();
    let seen = observation(&[1], 0.0);
    let result = network.train_step(&[&seen], &[0], &[f32::NAN], None);
    assert!(matches!(result, Err(QasError::Diverged { .. })));
}

#[test]
fn the_policy_holds_the_weights_that_choose() {
    let mut network = small();
    network.train_step(&[&observation(&[2], 0.5)], &[1], &[9.0], None).expect("trains");
    let tensors = Tensors::from_bytes(&network.policy().expect("short names")).expect("just written");
    let names = ["bias", "weight"].map(|name| (0..3).map(move |layer| format!("layers.{layer}.{name}")));
    let mut names: Vec<String> = names.into_iter().flatten().collect();
    names.sort();
    assert_eq!(tensors.names().collect::<Vec<_>>(), names);
    let mut read = small().online;
    assert_ne!(read, network.online);
    tensors.read("", &mut read).expect("the same sizes");
    assert_eq!(read, network.online);
}

#[test]
fn the_state_does_not_depend_on_threads() {
    // 150 x 700 x 700 multiplications are enough for threads.
    let train = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| {
            let mut network = perceptron(&[300, 700, 700, 24], 3);
            let seen: Vec<Observation> = (0..150).map(|i| observation(&[i, 2 * i % 299, 7 * i % 299], 0.01 * i as f32)).collect();
            let batch: Vec<&Observation> = seen.iter().collect();
            let actions: Vec<u16> = (0..150).map(|i| i % 24).collect();
            let targets: Vec<f32> = (0..150).map(|i| (i as f32).sin()).collect();
            for _ in 0..3 {
                network.train_step(&batch, &actions, &targets, None).expect("trains");
            }
            network.save().expect("short names")
        })
    };
    let one = train(1);
    assert_eq!(one, train(2));
    assert_eq!(one, train(5));
}
