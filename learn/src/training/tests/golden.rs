use super::*;

/// A row of the golden file: losses after epochs 1, 15 and 100.
#[derive(serde::Deserialize)]
struct Row {
    task: String,
    model: String,
    mode: String,
    train: [f64; 3],
    test: [f64; 3],
    ridge_test: f64,
}

#[derive(serde::Deserialize)]
struct File {
    rows: Vec<Row>,
}

fn task(name: &str) -> Windows {
    let drive = narma_drive(100.0, 300);
    let narma = |order| {
        let target = narma(order, &drive, 0.196).expect("it stays");
        Windows::new(&[&drive], &target, &WindowSettings::default()).expect("long enough")
    };
    match name {
        "pendulum" => pendulum(),
        "narma5" => narma(5),
        _ => narma(10),
    }
}

/// The start that both programs know: weights `0.01 sin(1 + 7 m + 5 d + 3 q + r)` of circuit m, layer d, qubit q and angle r, readout
/// `0.3 cos k` with bias 0.1.
fn start(circuits: usize, readout: usize) -> Vec<f64> {
    let angle = |place: usize| {
        let (m, d, q, r) = (place / 24, place / 12 % 2, place / 3 % 4, place % 3);
        0.01 * ((1 + 7 * m + 5 * d + 3 * q + r) as f64).sin()
    };
    (0..24 * circuits).map(angle).chain((0..readout).map(|k| 0.3 * (k as f64).cos())).chain([0.1]).collect()
}

/// A training from that start.
fn begun(cell: &CellSettings, readout: &ReadoutSettings, windows: Windows, circuits: usize) -> SeriesTraining {
    let mut model = RecurrentModel::new(cell, 1, &mut Stream::named(0, "model")).expect("fits");
    let start = start(circuits, model.cell().outputs());
    model.parameters.values_mut().copy_from_slice(&start);
    if cell.reservoir() {
        let features = model.features(&rows(&windows, 0..windows.len())).expect("exact");
        return SeriesTraining::of_features(Network::Recurrent(model), features, readout, windows, 0).expect("fits");
    }
    let mut training = SeriesTraining::new(cell, readout, windows, 0).expect("fits");
    let state = TrainingState { parameters: start, ..training.state() };
    training.resume(&state).expect("the same sizes");
    training
}

/// Losses of an independent program (JAX, exact state vectors) from the same start.
#[test]
fn from_the_same_start_losses_are_those_of_the_reference() {
    let file: File = serde_json::from_str(include_str!("../../../tests/golden_training.json")).expect("rows");
    assert_eq!(file.rows.len(), 18);
    for Row { task: name, model, mode, train, test, ridge_test } in file.rows {
        let whole = mode == "full";
        let cell = QuantumCell { reservoir: !whole, ..QuantumCell::default() };
        // what is trained whole is followed as far as a test may take
        let (circuits, cell, epochs) = match model.as_str() {
            "QRNN" => (1, CellSettings::Qrnn(cell), 100),
            "QGRU" => (3, CellSettings::Qgru(cell), if whole { 15 } else { 100 }),
            _ => (6, CellSettings::Qlstm(cell), if whole { 15 } else { 100 }),
        };
        let windows = task(&name);
        let mut training = begun(&cell, &ReadoutSettings::Gradient(GradientSettings::default()), windows.clone(), circuits);
        while training.events().len() < epochs {
            training.step().expect("finite");
        }
        for (place, epoch) in [1, 15, 100].into_iter().enumerate().filter(|(_, epoch)| *epoch <= epochs) {
            let event = training.events()[epoch - 1];
            for (found, expected) in [(event.train_loss, train[place]), (event.test_loss, test[place])] {
                assert!((found / expected - 1.0).abs() < 1e-7, "{name} {model} {mode} @{epoch}: {found} {expected}");
            }
        }
        if !whole {
            let mut closed = begun(&cell, &ReadoutSettings::Ridge(RidgeSettings::default()), windows, circuits);
            let found = closed.step().expect("finite").expect("one step").test_loss;
            assert!((found / ridge_test - 1.0).abs() < 1e-5, "{name} {model}: {found} {ridge_test}");
        }
    }
}
