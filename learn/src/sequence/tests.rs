use proptest::prelude::*;
use qloom_circuits::Stream;

use super::*;
use crate::cell::{ClassicalCell, QuantumCell, Start};
use crate::network::ModelSettings;
use crate::readout::{GradientSettings, ReadoutSettings, RidgeSettings};
use crate::reservoir::{EchoState, Reading, SpinNetwork};
use crate::windows::Scaling;

/// Sines of two frequencies with any phase, of several lengths.
fn waves(count: usize, inputs: usize) -> Sequences {
    let mut stream = Stream::named(3, "waves");
    let mut wave = |class: usize| -> Vec<f64> {
        let (phase, steps) = (std::f64::consts::TAU * stream.unit(), 12 + stream.below(10));
        let rate = [0.4, 0.9][class];
        (0..steps).flat_map(|t| (0..inputs).map(move |input| (rate * t as f64 + phase + input as f64).sin())).collect()
    };
    let rows = (0..count).map(|k| wave(k % 2)).collect();
    let labels: Vec<String> = (0..count).map(|k| ["slow", "fast"][k % 2].to_owned()).collect();
    Sequences::new(inputs, rows, &labels).expect("finite")
}

fn halves(all: &Sequences) -> (Sequences, Sequences) {
    let middle = all.len() / 2;
    (all.part(&(0..middle).collect::<Vec<_>>()), all.part(&(middle..all.len()).collect::<Vec<_>>()))
}

fn qgru(reservoir: bool) -> ModelSettings {
    ModelSettings::Qgru(QuantumCell { qubits: 3, depth: 1, reservoir, start: Start::Uniform, ..QuantumCell::default() })
}

fn ridge() -> ReadoutSettings {
    ReadoutSettings::Ridge(RidgeSettings { regularization: 1e-4, ..RidgeSettings::default() })
}

/// Padding changes nothing: in company and alone, a series has the same features.
#[test]
fn features_of_a_series_do_not_depend_on_the_others() {
    let all = waves(9, 2);
    let echo = ModelSettings::EchoState(EchoState { nodes: 6, wash_out: 3, ..EchoState::default() });
    let lstm = ModelSettings::Lstm(ClassicalCell { hidden: 3, reservoir: true });
    for settings in [qgru(true), lstm, echo] {
        for pooling in [Pooling::Last, Pooling::Mean] {
            let ranges = SequenceModel::ranges_of(&settings, &all);
            let mut model = SequenceModel::new(&settings, pooling, (2, 2), ranges, &mut Stream::named(1, "model")).expect("fits");
            let together = model.features_of(&all.rows()).expect("long enough");
            let alone: Vec<f64> = all.rows().iter().flat_map(|rows| model.features_of(&[rows]).expect("long enough")).collect();
            assert_eq!(together.len(), 9 * model.features());
            assert!(together.iter().zip(&alone).all(|(a, b)| (a - b).abs() < 1e-14), "{settings:?} {pooling:?}");
        }
    }
}

/// The mean over a series is the mean of what is last after each of its beginnings.
#[test]
fn the_mean_is_over_all_rows() {
    let all = waves(2, 1);
    let rows = all.rows()[1].to_vec();
    let features = |pooling, sequences: &[&[f64]]| {
        let mut model =
            SequenceModel::new(&qgru(true), pooling, (1, 2), Vec::new(), &mut Stream::named(1, "model")).expect("fits");
        model.features_of(sequences).expect("it runs")
    };
    let beginnings: Vec<&[f64]> = (1..=rows.len()).map(|steps| &rows[..steps]).collect();
    let each = features(Pooling::Last, &beginnings);
    let mean = features(Pooling::Mean, &[&rows]);
    let width = mean.len();
    for (k, mean) in mean.iter().enumerate() {
        let expected = each.iter().skip(k).step_by(width).sum::<f64>() / rows.len() as f64;
        assert!((mean - expected).abs() < 1e-13, "{mean} {expected}");
    }
}

#[test]
fn reservoirs_and_cells_tell_waves_apart() {
    let parts = halves(&waves(60, 1));
    let reading = Reading { virtual_nodes: 4, wash_out: 5, ..Reading::default() };
    let spins = ModelSettings::SpinNetwork(SpinNetwork { qubits: 4, reading, ..SpinNetwork::default() });
    let descent = ReadoutSettings::Gradient(GradientSettings { epochs: 150, shuffle: true, ..GradientSettings::default() });
    let lstm = ModelSettings::Lstm(ClassicalCell { hidden: 8, reservoir: false });
    for (settings, readout, least) in [(spins.clone(), ridge(), 0.9), (spins, descent.clone(), 0.8), (lstm, descent, 0.8)] {
        let mut training = SequenceTraining::new(&settings, Pooling::Mean, &readout, parts.clone(), 4).expect("fits");
        while training.step().expect("finite").is_some() {}
        let last = *training.events().last().expect("an epoch");
        assert!(last.test_accuracy >= least, "{settings:?} {last:?}");
        let [train, test] = training.told().expect("it runs");
        assert_eq!(crate::accuracy(&test, parts.1.labels()), last.test_accuracy);
        assert_eq!(crate::accuracy(&train, parts.0.labels()), last.train_accuracy);
        // saved and read, it tells the same
        let columns = SequenceColumns { id: "id".into(), inputs: vec!["x".into()], label: "label".into(), time: None };
        let classes = parts.0.classes().to_vec();
        let file = SequenceModelFile::new(training.model(), columns, vec![Scaling::NONE], classes, 4);
        let text = file.to_json().expect("finite");
        let mut model = SequenceModelFile::from_json(&text).and_then(|file| file.model()).expect("its own text");
        assert_eq!(model.predict(&parts.1.rows()).expect("it runs"), test);
        for (text, word) in [
            (text.replace("\"version\": 1", "\"version\": 7"), "version"),
            (text.replace("qloom sequence model", "qloom series model"), "format"),
            (text.replace("\"fast\",", ""), "classes"),
            (text[..60].to_owned(), "damaged"),
        ] {
            let error = SequenceModelFile::from_json(&text).and_then(|file| file.model()).expect_err("wrong").to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}

/// Whole training: the loss falls at the rate that its own gradients promise, by central differences of the first batch.
#[test]
fn gradients_through_unequal_lengths_are_differences() {
    let (train, _) = halves(&waves(8, 1));
    for (settings, pooling) in [(qgru(false), Pooling::Mean), (qgru(false), Pooling::Last)] {
        let mut model = SequenceModel::new(&settings, pooling, (1, 2), Vec::new(), &mut Stream::named(2, "model")).expect("fits");
        let loss = |model: &SequenceModel, gradients: Option<&mut qloom_nn::Gradients<f64>>| {
            let mut workspace = qloom_nn::Workspace::new();
            let mut tape = qloom_nn::Tape::new(&model.parameters, &mut workspace);
            let features = model.on_tape(&mut tape, &train.rows()).expect("it runs");
            let scores = model.read(&mut tape, features);
            let loss = qloom_nn::softmax_cross_entropy(&mut tape, scores, train.labels().iter().copied());
            if let Some(gradients) = gradients {
                tape.backward(loss, gradients).expect("gradients");
            }
            tape.value(loss)[0]
        };
        let mut gradients = qloom_nn::Gradients::zeros(&model.parameters);
        loss(&model, Some(&mut gradients));
        for place in (0..model.parameters.values().len()).step_by(3) {
            let mut at = |step: f64| {
                model.parameters.values_mut()[place] += step;
                let value = loss(&model, None);
                model.parameters.values_mut()[place] -= step;
                value
            };
            let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
            assert!((slope - gradients.values()[place]).abs() < 1e-8, "{place}: {slope} {}", gradients.values()[place]);
        }
    }
}

#[test]
fn a_resumed_training_ends_as_an_uncut_one() {
    let parts = halves(&waves(20, 1));
    let descent = ReadoutSettings::Gradient(GradientSettings { epochs: 4, shuffle: true, ..GradientSettings::default() });
    for settings in [qgru(true), ModelSettings::Rnn(ClassicalCell { hidden: 3, reservoir: false })] {
        let new = || SequenceTraining::new(&settings, Pooling::Last, &descent, parts.clone(), 6).expect("fits");
        let mut uncut = new();
        while uncut.step().expect("finite").is_some() {}
        let mut first = new();
        first.step().expect("finite");
        let mut second = new();
        second.resume(&first.state()).expect("the same training");
        while second.step().expect("finite").is_some() {}
        assert_eq!((second.events(), second.state()), (uncut.events(), uncut.state()));
        let other = SequenceTraining::new(
            &ModelSettings::Rnn(ClassicalCell { hidden: 9, reservoir: false }),
            Pooling::Last,
            &descent,
            parts.clone(),
            6,
        );
        assert!(other.expect("fits").resume(&first.state()).is_err());
    }
}

#[test]
fn rivals_know_waves_by_their_statistics() {
    let (train, test) = halves(&waves(40, 1));
    let told = rivals(&train, &test, (8, Pooling::Mean), 1).expect("they fit");
    let names: Vec<&str> = told.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["majority", "linear_svm", "rbf_svm", "logistic_regression", "nearest_neighbors", "echo-state"]);
    let shares: Vec<f64> = told.iter().map(|(_, told)| crate::accuracy(told, test.labels())).collect();
    assert!(shares[0] == 0.5 && shares[1..].iter().all(|share| *share > 0.8), "{shares:?}");
}

#[test]
fn what_cannot_be_trained_is_refused() {
    let labels = |list: &[&str]| list.iter().map(|label| (*label).to_owned()).collect::<Vec<_>>();
    let two = labels(&["a", "b"]);
    for rows in [
        vec![vec![1.0, 2.0], vec![f64::NAN, 1.0]],
        vec![vec![1.0, 2.0], vec![]],
        vec![vec![1.0, 2.0]],
        vec![vec![1.0, 2.0], vec![1.0, 2.0, 3.0]],
        vec![vec![1.0, 2.0], vec![1.0, 2.0]],
    ] {
        assert!(Sequences::new(2, rows.clone(), &two).is_err(), "{rows:?}");
    }
    assert!(Sequences::new(1, vec![vec![1.0], vec![2.0]], &labels(&["a", "a"])).is_err());
    let parts = halves(&waves(8, 1));
    let echo = ModelSettings::EchoState(EchoState { wash_out: 40, ..EchoState::default() });
    let refused = |settings: &ModelSettings, readout: &ReadoutSettings| {
        SequenceTraining::new(settings, Pooling::Last, readout, parts.clone(), 1).expect_err("refused").to_string()
    };
    let message = refused(&echo, &ridge());
    assert!(message.contains("series 1 has") && message.contains("41 are needed"), "{message}");
    assert!(refused(&qgru(false), &ridge()).contains("reservoir = true"));
    assert!(refused(&qgru(true), &ReadoutSettings::Rls(Default::default())).contains("row by row"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// A part has the series that were asked for, in their order, and all the classes.
    #[test]
    fn parts_are_what_was_asked_for(indices in prop::collection::vec(0usize..10, 1..20)) {
        let all = waves(10, 2);
        let part = all.part(&indices);
        prop_assert_eq!(part.classes(), all.classes());
        for (place, &index) in indices.iter().enumerate() {
            prop_assert_eq!(part.rows()[place], all.rows()[index]);
            prop_assert_eq!((part.labels()[place], part.steps(place)), (all.labels()[index], all.steps(index)));
        }
    }
}
