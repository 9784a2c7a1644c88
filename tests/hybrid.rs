//! A batch of circuits between layers of a network: one tape gives the gradients of both.

use std::cell::RefCell;

use qloom::circuits::{Angle, Channel, Circuit, Operation as CircuitOperation, PauliSum};
use qloom::nn::{
    Activation, Adam, AdamConfig, CustomInputs, Gradients, Linear, LstmCell, LstmState, Mlp, NnError, Operation, OperationError,
    Optimizer, Parameters, Tape, Var, Workspace, mean_square,
};
use qloom::sim::{Batch, BatchGradients, BatchParameters, PauliBatch, SimulatorConfig};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

const QUBITS: usize = 3;
const WEIGHTS: usize = 2 * QUBITS;

/// Weights that all rows share come first, then one encoded number a qubit.
fn circuit(noisy: bool) -> Circuit {
    let mut circuit = Circuit::new(QUBITS);
    for qubit in 0..QUBITS {
        circuit.ry(Angle::free(WEIGHTS + qubit), qubit);
    }
    for layer in 0..2 {
        for qubit in 1..QUBITS {
            circuit.cx(qubit - 1, qubit);
        }
        for qubit in 0..QUBITS {
            if layer == 0 {
                circuit.rx(Angle::free(qubit), qubit);
            } else {
                circuit.ry(Angle::free(QUBITS + qubit), qubit);
            }
            if noisy {
                let channel = Channel::depolarizing(0.03, 1).expect("a probability");
                circuit.push(CircuitOperation::Channel { channel, qubits: [qubit].into_iter().collect() }).expect("a qubit");
            }
        }
    }
    circuit
}

fn observables() -> Vec<PauliSum> {
    (0..QUBITS).map(|qubit| PauliSum::z(qubit, QUBITS)).collect()
}

/// A batch of either kind of state.
enum Circuits {
    Pure(Batch<f64>),
    Noisy(PauliBatch),
}

/// Inputs: the shared weights (one row), the encoded numbers (one row a circuit).
struct Layer(RefCell<Circuits>);

impl Operation<f64> for Layer {
    fn name(&self) -> &'static str {
        "circuits"
    }

    fn forward(&self, inputs: &CustomInputs<'_, f64>, out: &mut [f64]) -> Result<(), OperationError> {
        let parameters = BatchParameters { shared: inputs[0].0, rows: inputs[1].0 };
        match &mut *self.0.borrow_mut() {
            Circuits::Pure(batch) => batch.values(parameters, out)?,
            Circuits::Noisy(batch) => batch.values(parameters, out)?,
        }
        Ok(())
    }

    fn backward(
        &self,
        inputs: &CustomInputs<'_, f64>,
        out: &[f64],
        cotangent: &[f64],
        gradients: &mut [Option<&mut [f64]>],
    ) -> Result<(), OperationError> {
        let parameters = BatchParameters { shared: inputs[0].0, rows: inputs[1].0 };
        let (mut values, mut shared, mut rows) = (out.to_vec(), vec![0.0; inputs[0].0.len()], vec![0.0; inputs[1].0.len()]);
        let wanted = BatchGradients { shared: &mut shared, rows: &mut rows };
        match &mut *self.0.borrow_mut() {
            Circuits::Pure(batch) => batch.vjp(parameters, cotangent, &mut values, wanted)?,
            Circuits::Noisy(batch) => batch.vjp(parameters, cotangent, &mut values, wanted)?,
        }
        for (gradient, found) in gradients.iter_mut().zip([shared, rows]) {
            if let Some(gradient) = gradient {
                gradient.copy_from_slice(&found);
            }
        }
        Ok(())
    }
}

fn pure() -> Layer {
    let batch = Batch::new(&circuit(false), &observables(), SimulatorConfig::default()).expect("a small circuit");
    Layer(RefCell::new(Circuits::Pure(batch)))
}

fn noisy() -> Layer {
    let batch = PauliBatch::new(&circuit(true), &observables(), SimulatorConfig::default()).expect("a small circuit");
    Layer(RefCell::new(Circuits::Noisy(batch)))
}

/// A linear layer, a step of an LSTM cell, the circuits, a perceptron, and the mean square beside targets.
struct Model {
    first: Linear,
    cell: LstmCell,
    weights: qloom::nn::ParameterId,
    last: Mlp,
}

impl Model {
    fn new(parameters: &mut Parameters<f64>, rng: &mut ChaCha8Rng) -> Self {
        let first = Linear::new(parameters, "first", (2, 4), rng);
        let cell = LstmCell::new(parameters, "cell", (4, QUBITS), rng);
        let weights = parameters.add("circuits.weights", (1, WEIGHTS), qloom::nn::Init::Uniform { bound: 1.0 }, rng);
        let last = Mlp::new(parameters, "last", &[QUBITS, 4, 1], Activation::Tanh, rng);
        Self { first, cell, weights, last }
    }

    fn loss<'a>(
        &self,
        tape: &mut Tape<'a, f64>,
        circuits: &'a dyn Operation<f64>,
        (inputs, targets): (&[f64], &[f64]),
    ) -> Result<Var, NnError> {
        let rows = targets.len();
        let (input, target) = (tape.constant((rows, 2), inputs), tape.constant((rows, 1), targets));
        let hidden = self.first.forward(tape, input);
        let zero = LstmState { hidden: tape.zeros((rows, QUBITS)), cell: tape.zeros((rows, QUBITS)) };
        let state = self.cell.forward(tape, hidden, zero);
        let angles = tape.scale(state.hidden, 3.0);
        let weights = tape.parameter(self.weights);
        // twice, so that gradients of two uses are added
        let once = tape.custom(circuits, &[weights, angles], (rows, QUBITS))?;
        let again = tape.custom(circuits, &[weights, once], (rows, QUBITS))?;
        let values = self.last.forward(tape, again);
        Ok(mean_square(tape, values, target))
    }
}

fn data(rng: &mut ChaCha8Rng, rows: usize) -> (Vec<f64>, Vec<f64>) {
    let inputs: Vec<f64> = (0..2 * rows).map(|_| rng.random_range(-1.0..1.0)).collect();
    let targets = inputs.chunks(2).map(|x| (3.0 * x[0]).sin() * x[1]).collect();
    (inputs, targets)
}

fn agrees_with_differences(circuits: &dyn Operation<f64>) {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let mut parameters = Parameters::new();
    let model = Model::new(&mut parameters, &mut rng);
    let (inputs, targets) = data(&mut rng, 5);
    let mut workspace = Workspace::new();
    let mut gradients = Gradients::zeros(&parameters);
    let mut tape = Tape::new(&parameters, &mut workspace);
    let loss = model.loss(&mut tape, circuits, (&inputs, &targets)).expect("a loss");
    tape.backward(loss, &mut gradients).expect("gradients");
    let mut at = |parameters: &Parameters<f64>| {
        let mut tape = Tape::new(parameters, &mut workspace);
        let loss = model.loss(&mut tape, circuits, (&inputs, &targets)).expect("a loss");
        tape.value(loss)[0]
    };
    let step = 1e-5;
    let mut seen = 0;
    for k in 0..parameters.values().len() {
        let mut moved = |by: f64| {
            let mut moved = parameters.clone();
            moved.values_mut()[k] += by;
            at(&moved)
        };
        let difference = (moved(step) - moved(-step)) / (2.0 * step);
        let found = gradients.values()[k];
        assert!((difference - found).abs() < 1e-8, "parameter {k}: {found}, by differences {difference}");
        seen += usize::from(found.abs() > 1e-4);
    }
    assert!(seen * 2 > parameters.values().len(), "only {seen} derivatives are not 0");
}

#[test]
fn gradients_through_circuits_and_layers_are_differences() {
    agrees_with_differences(&pure());
}

#[test]
fn gradients_through_noisy_circuits_are_differences() {
    agrees_with_differences(&noisy());
}

/// The circuits' own weights are trained with the rest, and the same numbers come out twice.
#[test]
fn circuits_and_layers_learn_together() {
    let fit = |frozen: bool| {
        let mut rng = ChaCha8Rng::seed_from_u64(9);
        let mut parameters = Parameters::new();
        let model = Model::new(&mut parameters, &mut rng);
        let circuits = pure();
        let (inputs, targets) = data(&mut rng, 32);
        let start = parameters.get(model.weights).to_vec();
        let mut adam =
            Adam::new(AdamConfig { learning_rate: 0.02, ..AdamConfig::default() }, &parameters).expect("valid settings");
        let (mut gradients, mut workspace) = (Gradients::zeros(&parameters), Workspace::new());
        let mut losses = Vec::new();
        for _ in 0..400 {
            let mut tape = Tape::new(&parameters, &mut workspace);
            let loss = model.loss(&mut tape, &circuits, (&inputs, &targets)).expect("a loss");
            losses.push(tape.value(loss)[0]);
            gradients.clear();
            tape.backward(loss, &mut gradients).expect("gradients");
            adam.step(&mut parameters, &gradients);
            if frozen {
                parameters.get_mut(model.weights).copy_from_slice(&start);
            }
        }
        losses
    };
    let (free, frozen) = (fit(false), fit(true));
    let last = |losses: &[f64]| losses[losses.len() - 1];
    assert!(last(&free) < 0.1 * free[0], "from {} to {}", free[0], last(&free));
    assert_ne!(last(&free), last(&frozen));
    assert_eq!(free, fit(false), "the same twice");
}
