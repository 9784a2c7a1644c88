//! Layers, losses and optimisers against recorded training steps of PyTorch (`make.py`).

use std::collections::BTreeMap;

use qloom_nn::{
    Activation, Adam, AdamConfig, Gradients, GruCell, Linear, LstmCell, LstmState, Mlp, Optimizer, Parameters, RmsProp,
    RmsPropConfig, RnnCell, Scalar, Sgd, SgdConfig, Tape, Var, Workspace, binary_cross_entropy, binary_cross_entropy_with_logits,
    huber, mean_square, softmax_cross_entropy,
};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use serde_json::Value;

const HIDDEN: usize = 4;
const LENGTH: usize = 4;

struct Case(Value);

impl Case {
    fn text(&self, key: &str) -> &str {
        self.0[key].as_str().expect("a word")
    }

    fn numbers(&self, key: &str) -> Vec<f64> {
        serde_json::from_value(self.0[key].clone()).expect("numbers")
    }

    fn parameters(&self, key: &str) -> BTreeMap<String, Vec<f64>> {
        serde_json::from_value(self.0[key].clone()).expect("numbers by name")
    }

    fn batch(&self) -> usize {
        self.0["batch"].as_u64().expect("a count") as usize
    }

    fn label(&self) -> String {
        ["model", "activation", "loss", "optimizer", "dtype"].map(|key| self.text(key)).join(" ")
    }
}

enum Model {
    Mlp(Mlp),
    Rnn(RnnCell, Linear),
    Gru(GruCell, Linear),
    Lstm(LstmCell, Linear),
}

impl Model {
    fn new<T: Scalar>(case: &Case, parameters: &mut Parameters<T>) -> Self {
        // The start is read from the record afterwards.
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let sizes: Vec<usize> = case.numbers("sizes").into_iter().map(|size| size as usize).collect();
        let (inputs, outputs) = (sizes[0], sizes[sizes.len() - 1]);
        if case.text("model") == "mlp" {
            let activation = match case.text("activation") {
                "relu" => Activation::Relu,
                "leaky-relu" => Activation::LeakyRelu(0.1),
                "sigmoid" => Activation::Sigmoid,
                "tanh" => Activation::Tanh,
                other => panic!("no activation {other}"),
            };
            return Self::Mlp(Mlp::new(parameters, "mlp", &sizes, activation, &mut rng));
        }
        let cell_sizes = (inputs, HIDDEN);
        match case.text("model") {
            "rnn" => {
                let cell = RnnCell::new(parameters, "cell", cell_sizes, &mut rng);
                Self::Rnn(cell, Linear::new(parameters, "head", (HIDDEN, outputs), &mut rng))
            }
            "gru" => {
                let cell = GruCell::new(parameters, "cell", cell_sizes, &mut rng);
                Self::Gru(cell, Linear::new(parameters, "head", (HIDDEN, outputs), &mut rng))
            }
            "lstm" => {
                let cell = LstmCell::new(parameters, "cell", cell_sizes, &mut rng);
                Self::Lstm(cell, Linear::new(parameters, "head", (HIDDEN, outputs), &mut rng))
            }
            other => panic!("no model {other}"),
        }
    }

    fn forward<T: Scalar>(&self, tape: &mut Tape<'_, T>, batch: usize, inputs: &[T]) -> Var {
        let columns = inputs.len() / batch / if matches!(self, Self::Mlp(_)) { 1 } else { LENGTH };
        let steps: Vec<Var> = inputs.chunks(batch * columns).map(|step| tape.constant((batch, columns), step)).collect();
        let mut state = tape.zeros((batch, HIDDEN));
        match self {
            Self::Mlp(mlp) => mlp.forward(tape, steps[0]),
            Self::Rnn(cell, head) => {
                steps.into_iter().for_each(|step| state = cell.forward(tape, step, state));
                head.forward(tape, state)
            }
            Self::Gru(cell, head) => {
                steps.into_iter().for_each(|step| state = cell.forward(tape, step, state));
                head.forward(tape, state)
            }
            Self::Lstm(cell, head) => {
                let mut state = LstmState { hidden: state, cell: tape.zeros((batch, HIDDEN)) };
                steps.into_iter().for_each(|step| state = cell.forward(tape, step, state));
                head.forward(tape, state.hidden)
            }
        }
    }
}

fn loss<T: Scalar>(kind: &str, tape: &mut Tape<'_, T>, values: Var, targets: &[T]) -> Var {
    if kind == "softmax-cross-entropy" {
        let classes = targets.iter().map(|target| {
            let target: f64 = (*target).into();
            target as usize
        });
        return softmax_cross_entropy(tape, values, classes);
    }
    let targets = tape.constant(tape.shape(values), targets);
    match kind {
        "mean-square" => mean_square(tape, values, targets),
        "softmax-mean-square" => {
            let values = tape.softmax(values);
            mean_square(tape, values, targets)
        }
        "huber" => huber(tape, values, targets, 1.0),
        "huber-half" => huber(tape, values, targets, 0.5),
        "binary-cross-entropy" => {
            let values = tape.sigmoid(values);
            binary_cross_entropy(tape, values, targets)
        }
        "binary-cross-entropy-with-logits" => binary_cross_entropy_with_logits(tape, values, targets),
        other => panic!("no loss {other}"),
    }
}

fn optimizer<T: Scalar>(kind: &str, parameters: &Parameters<T>) -> Box<dyn Optimizer<T>> {
    let adam = |config| Box::new(Adam::new(config, parameters).expect("valid"));
    let rmsprop = |config| Box::new(RmsProp::new(config, parameters).expect("valid"));
    let sgd = |learning_rate, momentum| Box::new(Sgd::new(SgdConfig { learning_rate, momentum }, parameters).expect("valid"));
    let slow = RmsPropConfig { learning_rate: 1e-3, ..RmsPropConfig::default() };
    match kind {
        "adam" => adam(AdamConfig { learning_rate: 1e-2, ..AdamConfig::default() }),
        "adam-other" => adam(AdamConfig { learning_rate: 3e-2, beta_1: 0.8, beta_2: 0.95, epsilon: 1e-4 }),
        "rmsprop" => rmsprop(RmsPropConfig::default()),
        "rmsprop-momentum" => rmsprop(RmsPropConfig { alpha: 0.9, epsilon: 1e-6, momentum: 0.7, ..slow }),
        "rmsprop-centered" => rmsprop(RmsPropConfig { alpha: 0.95, momentum: 0.5, centered: true, ..slow }),
        "sgd" => sgd(0.1, 0.0),
        "sgd-momentum" => sgd(0.05, 0.8),
        other => panic!("no optimiser {other}"),
    }
}

/// Trains as the record says; `tolerance` is relative to the size of a number, and absolute below 1.
fn replay<T: Scalar>(case: &Case, tolerance: f64) {
    let close = |found: T, expected: f64, what: &str| {
        let found: f64 = found.into();
        let error = (found - expected).abs() / expected.abs().max(1.0);
        assert!(error < tolerance, "{}: {what} is {found}, not {expected}", case.label());
    };
    let convert = |numbers: Vec<f64>| -> Vec<T> { numbers.into_iter().map(T::from_f64).collect() };
    let (inputs, targets) = (convert(case.numbers("inputs")), convert(case.numbers("targets")));
    let mut parameters = Parameters::<T>::new();
    let model = Model::new(case, &mut parameters);
    let before = case.parameters("before");
    assert_eq!(before.len(), parameters.len());
    for id in parameters.ids() {
        let numbers = convert(before[parameters.name(id)].clone());
        parameters.get_mut(id).copy_from_slice(&numbers);
    }
    let mut optimizer = optimizer(case.text("optimizer"), &parameters);
    let (mut gradients, mut workspace) = (Gradients::zeros(&parameters), Workspace::new());
    let losses = case.numbers("losses");
    assert!(losses.len() >= 20);
    for expected in losses {
        let mut tape = Tape::new(&parameters, &mut workspace);
        let values = model.forward(&mut tape, case.batch(), &inputs);
        let loss = loss(case.text("loss"), &mut tape, values, &targets);
        close(tape.value(loss)[0], expected, "the loss");
        gradients.clear();
        tape.backward(loss, &mut gradients).expect("no operation fails");
        if let Some(clip) = case.0["clip"].as_f64() {
            gradients.clip_norm(clip);
        }
        optimizer.step(&mut parameters, &gradients);
    }
    let after = case.parameters("after");
    for id in parameters.ids() {
        let name = parameters.name(id);
        parameters.get(id).iter().zip(&after[name]).for_each(|(found, expected)| close(*found, *expected, name));
    }
}

#[test]
fn training_goes_as_in_pytorch() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("traces.json")).expect("recorded");
    let mut done = BTreeMap::new();
    for case in cases.into_iter().map(Case) {
        match case.text("dtype") {
            "f64" => replay::<f64>(&case, 1e-11),
            "f32" => replay::<f32>(&case, 2e-5),
            other => panic!("no number type {other}"),
        }
        for key in ["model", "activation", "loss", "optimizer", "dtype"] {
            *done.entry(case.text(key).to_owned()).or_insert(0) += 1;
        }
    }
    // 4 models, 4 activations, 6 losses, 7 optimisers, 2 number types.
    assert_eq!(done.len(), 4 + 4 + 7 + 7 + 2, "{done:?}");
}
