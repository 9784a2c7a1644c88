mod golden;
mod online;

use super::*;
use crate::cell::{ClassicalCell, QuantumCell, Start};
use crate::model::ModelFile;
use crate::reservoir::{Reading, SpinNetwork};
use crate::series::{damped_pendulum, narma, narma_drive, scaled};
use crate::windows::{Scaling, WindowSettings, nrmse};

fn pendulum() -> Windows {
    let series = scaled(&damped_pendulum(&Default::default())).expect("it swings");
    Windows::of_series(&series, &WindowSettings::default()).expect("long enough")
}

fn narma10() -> Windows {
    let drive = narma_drive(100.0, 300);
    let target = narma(10, &drive, 0.196).expect("it stays");
    Windows::new(&[&drive], &target, &WindowSettings::default()).expect("long enough")
}

fn run(cell: &CellSettings, readout: &ReadoutSettings, windows: Windows, seed: u64) -> Vec<EpochEvent> {
    let mut training = SeriesTraining::new(cell, readout, windows, seed).expect("fits");
    while training.step().expect("finite").is_some() {}
    training.events().to_vec()
}

fn reservoir(start: Start) -> QuantumCell {
    QuantumCell { reservoir: true, start, ..QuantumCell::default() }
}

/// Losses of an independent program (JAX, exact state vectors), three seeds: test after epochs 15 and 100, and of the closed form.
#[test]
fn reservoir_losses_are_those_of_the_reference() {
    let gradient = ReadoutSettings::Gradient(GradientSettings::default());
    let ridge = ReadoutSettings::Ridge(RidgeSettings::default());
    let small = reservoir(Start::Small);
    let rows: [(CellSettings, Windows, [f64; 3]); 4] = [
        (CellSettings::Qrnn(small.clone()), pendulum(), [5.15e-3, 4.91e-3, 9.25e-4]),
        (CellSettings::Qgru(small.clone()), pendulum(), [1.31e-2, 1.30e-2, 6.88e-3]),
        (CellSettings::Qlstm(small.clone()), pendulum(), [1.17e-2, 1.43e-2, 1.69e-2]),
        (CellSettings::Qlstm(small), narma10(), [1.37e-4, 1.02e-4, 1.02e-4]),
    ];
    for (cell, windows, expected) in rows {
        let mut means = [0.0; 3];
        for seed in 0..3 {
            let events = run(&cell, &gradient, windows.clone(), seed);
            means[0] += events[14].test_loss / 3.0;
            means[1] += events[99].test_loss / 3.0;
            means[2] += run(&cell, &ridge, windows.clone(), seed)[0].test_loss / 3.0;
        }
        // the closed form sees what small weights differ in, and so depends on the seed
        for (found, (expected, within)) in means.iter().zip(expected.into_iter().zip([0.05, 0.05, 0.5])) {
            assert!((found / expected - 1.0).abs() < within, "{cell:?}: {means:?}, not {expected}");
        }
    }
}

#[test]
fn whole_networks_learn_more_than_their_readouts() {
    let settings = GradientSettings { epochs: 15, ..GradientSettings::default() };
    let gradient = ReadoutSettings::Gradient(settings);
    for (whole, still) in [
        (CellSettings::Qrnn(QuantumCell::default()), CellSettings::Qrnn(reservoir(Start::Small))),
        (
            CellSettings::Rnn(ClassicalCell::default()),
            CellSettings::Rnn(ClassicalCell { reservoir: true, ..ClassicalCell::default() }),
        ),
    ] {
        let (whole, still) = (run(&whole, &gradient, pendulum(), 1), run(&still, &gradient, pendulum(), 1));
        assert!(whole[14].test_loss < 0.6 * still[14].test_loss, "{} {}", whole[14].test_loss, still[14].test_loss);
    }
}

#[test]
fn a_resumed_training_ends_as_an_uncut_one() {
    let settings = GradientSettings { epochs: 4, shuffle: true, ..GradientSettings::default() };
    let gradient = ReadoutSettings::Gradient(settings);
    let drawn = QuantumCell { qubits: 3, depth: 1, shots: Some(50), ..reservoir(Start::Uniform) };
    for cell in [
        CellSettings::Qgru(QuantumCell { qubits: 3, depth: 1, ..QuantumCell::default() }),
        CellSettings::Qrnn(drawn),
        CellSettings::Lstm(ClassicalCell { hidden: 2, reservoir: false }),
    ] {
        let uncut = run(&cell, &gradient, pendulum(), 5);
        let mut first = SeriesTraining::new(&cell, &gradient, pendulum(), 5).expect("fits");
        first.step().expect("finite");
        first.step().expect("finite");
        let state = first.state();
        let mut second = SeriesTraining::new(&cell, &gradient, pendulum(), 5).expect("fits");
        second.resume(&state).expect("the same training");
        while second.step().expect("finite").is_some() {}
        assert_eq!(second.events(), uncut, "{cell:?}");
        assert_ne!(run(&cell, &gradient, pendulum(), 6), uncut);
        let other = CellSettings::Rnn(ClassicalCell { hidden: 7, reservoir: false });
        assert!(SeriesTraining::new(&other, &gradient, pendulum(), 5).expect("fits").resume(&state).is_err());
    }
}

#[test]
fn saved_models_tell_the_same() {
    let cell = CellSettings::Qlstm(QuantumCell { qubits: 3, depth: 1, ..reservoir(Start::Uniform) });
    let mut training =
        SeriesTraining::new(&cell, &ReadoutSettings::Ridge(RidgeSettings::default()), pendulum(), 2).expect("fits");
    training.step().expect("finite");
    let windows = training.windows();
    let rows: Vec<&[f64]> = (0..windows.len()).map(|index| windows.window(index)).collect();
    let names = (vec!["v".to_owned()], "v".to_owned());
    let file = ModelFile::new(training.model(), *windows.settings(), names, vec![Scaling::NONE; 2], 2);
    let text = file.to_json().expect("finite");
    let again = ModelFile::from_json(&text).expect("its own text");
    assert_eq!(again, file);
    let model = again.model().expect("fits");
    let told = recurrent(&model).predict(&rows).expect("exact");
    assert_eq!(told, recurrent(training.model()).predict(&rows).expect("exact"));
    let cached = training.told(0..windows.len()).expect("cached");
    assert!(told.iter().zip(&cached).all(|(a, b)| (a - b).abs() < 1e-13));
    assert!(nrmse(&told[157..], &windows.targets()[157..]) < 0.6);
    assert_eq!(training.model().trained(), 4);
    for (text, message) in [
        (text.replace("\"version\": 1", "\"version\": 2"), "version"),
        (text.replace("qloom series model", "something"), "format"),
        (text.replace("\"seed\": 2", "\"seed\": \"x\""), "damaged"),
        (text.replace("\"depth\": 1", "\"depth\": 2"), "parameters"),
        (text[..40].to_owned(), "damaged"),
    ] {
        let error = ModelFile::from_json(&text).and_then(|file| file.model().map(|_| ())).expect_err("it is wrong").to_string();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn reservoirs_run_along_the_series_and_are_saved() {
    let drive = crate::series::uniform_drive(700, &mut Stream::named(1, "drive"));
    let target = narma(5, &drive, 0.0).expect("it stays");
    let windows = Windows::new(&[&drive], &target, &WindowSettings::default()).expect("long enough");
    let network =
        SpinNetwork { qubits: 4, reading: Reading { virtual_nodes: 4, ..Reading::default() }, ..SpinNetwork::default() };
    let settings = ReservoirSettings::SpinNetwork(network.clone());
    for readout in [
        ReadoutSettings::Ridge(RidgeSettings::default()),
        ReadoutSettings::Rls(RecursiveSettings::default()),
        ReadoutSettings::Gradient(GradientSettings { epochs: 3, ..Default::default() }),
    ] {
        let mut training = SeriesTraining::of_reservoir(&settings, &readout, windows.clone(), 3).expect("fits");
        while training.step().expect("finite").is_some() {}
        let test = windows.training()..windows.len();
        let error = nrmse(&training.told(test.clone()).expect("cached"), &windows.targets()[test]);
        assert!(error < if training.epochs() == 1 { 0.6 } else { 2.0 }, "{error} with {readout:?}");
        // saved, read and run along the same series
        let names = (vec!["u".to_owned()], "y".to_owned());
        let file = ModelFile::new(training.model(), *windows.settings(), names, vec![Scaling::NONE; 2], 3);
        let again = ModelFile::from_json(&file.to_json().expect("finite")).expect("its own text");
        let mut model = again.model().expect("fits");
        let (first, told) = model.along(std::slice::from_ref(&drive), 4).expect("long enough");
        assert_eq!((first, told.len()), (20, 680));
        // window i ends at row i + 3
        let cached = training.told(first - 3..windows.len()).expect("cached");
        assert!(told.iter().zip(&cached).all(|(a, b)| (a - b).abs() < 1e-12));
        let mut longer = drive.clone();
        longer.push(0.3);
        let next = model.follow(&[longer.clone()], 4).expect("a step");
        assert!((next - model.along(&[longer], 4).expect("long").1[680]).abs() < 1e-14);
    }
    // nothing is left to be fitted to, or to be told
    let long =
        ReservoirSettings::SpinNetwork(SpinNetwork { reading: Reading { wash_out: 690, ..Reading::default() }, ..network });
    let ridge = ReadoutSettings::Ridge(RidgeSettings::default());
    let error = SeriesTraining::of_reservoir(&long, &ridge, windows, 3).expect_err("too long").to_string();
    assert!(error.contains("wash_out is 690"), "{error}");
}

#[test]
fn what_cannot_be_trained_is_refused() {
    let whole = CellSettings::Qrnn(QuantumCell::default());
    assert!(SeriesTraining::new(&whole, &ReadoutSettings::Ridge(RidgeSettings::default()), pendulum(), 1).is_err());
    for settings in [GradientSettings { epochs: 0, ..Default::default() }, GradientSettings { batch: 0, ..Default::default() }] {
        assert!(SeriesTraining::new(&whole, &ReadoutSettings::Gradient(settings), pendulum(), 1).is_err());
    }
    let wild = qloom_nn::RmsPropConfig { learning_rate: 1e308, ..Default::default() };
    let settings = GradientSettings { optimizer: crate::OptimizerSettings::Rmsprop(wild), ..Default::default() };
    let cell = CellSettings::Rnn(ClassicalCell { hidden: 2, reservoir: true });
    let mut training = SeriesTraining::new(&cell, &ReadoutSettings::Gradient(settings), pendulum(), 1).expect("fits");
    assert!(matches!(training.step(), Err(LearnError::Diverged { epoch: 1, .. } | LearnError::Network(_))));
}

/// Two waves of different frequency: fitted together, each is told as well as its own windows allow, and reservoirs begin anew.
#[test]
fn several_series_are_fitted_together() {
    let wave = |rate: f64, length: usize| (0..length).map(|t| (rate * t as f64).sin()).collect::<Vec<f64>>();
    let (a, b) = (wave(0.3, 120), wave(0.5, 80));
    let cut = |series: &[f64]| Windows::of_series(series, &WindowSettings::default()).expect("long enough");
    let windows = Windows::joined(&[cut(&a), cut(&b)]).expect("alike");
    let settings = ReservoirSettings::EchoState(crate::EchoState { nodes: 20, wash_out: 10, ..Default::default() });
    let ridge = ReadoutSettings::Ridge(RidgeSettings::default());
    let mut training = SeriesTraining::of_reservoir(&settings, &ridge, windows.clone(), 3).expect("fits");
    assert!(training.step().expect("finite").expect("one step").test_loss < 1e-3);
    // the second series alone, through the saved model, from the reservoir's first state
    let names = (vec!["x".to_owned()], "x".to_owned());
    let file = ModelFile::new(training.model(), *windows.settings(), names, vec![Scaling::NONE; 2], 3);
    let (first, told) = file.model().expect("fits").along(std::slice::from_ref(&b), 4).expect("long enough");
    let second = &windows.series()[1];
    let all = training.told(0..windows.len()).expect("cached");
    for (place, index) in second.windows().enumerate().skip(first - 3) {
        assert!((told[place + 3 - first] - all[index]).abs() < 1e-12);
    }
    let long = ReservoirSettings::EchoState(crate::EchoState { wash_out: 60, ..Default::default() });
    assert!(SeriesTraining::of_reservoir(&long, &ridge, windows, 3).is_err(), "the second series is within the wash-out");
}
