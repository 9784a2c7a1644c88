use super::*;
use crate::kernel::FrontSettings;
use crate::preparation::FeatureScale;
use crate::variational::{ClassLoss, ClassReadout};
use qloom_circuits::Stream;

/// Rows of a table before they are prepared, with labels that a line decides.
fn table() -> (Vec<f64>, Vec<String>) {
    let mut stream = Stream::named(2, "rows");
    let rows: Vec<f64> = (0..80).map(|_| 50.0 * stream.unit()).collect();
    let labels = rows.chunks(2).map(|row| if row[0] > row[1] { "right" } else { "left" }.to_owned()).collect();
    (rows, labels)
}

fn trained(settings: &ClassifierSettings) -> (ClassifierTraining, LabelledModelFile, Vec<f64>) {
    let (rows, labels) = table();
    let preparation = Preparation::fit(&rows, 2, FeatureScale::MinMax, None).expect("finite");
    let examples = Examples::new(preparation.apply(&rows).expect("rows"), 2, &labels).expect("both");
    let mut training = ClassifierTraining::new(settings, examples, SimulatorConfig::default(), 3).expect("it fits");
    while training.step().expect("finite").is_some() {}
    let source = FeatureSource::Table { columns: vec!["x".into(), "y".into()], label: "side".into() };
    let file = training.model_file(source, preparation).expect("fitted");
    (training, file, rows)
}

fn kinds() -> Vec<ClassifierSettings> {
    let map = MapSettings::Angle {};
    let circuit = |readout, loss| {
        ClassifierSettings::Variational(VariationalSettings {
            map: map.clone(),
            readout,
            loss,
            epochs: 15,
            ..VariationalSettings::default()
        })
    };
    vec![
        ClassifierSettings::KernelSvm(KernelSvmSettings { c: 10.0, map: map.clone(), probability: true, ..Default::default() }),
        circuit(ClassReadout::Mod, ClassLoss::CrossEntropy),
        circuit(ClassReadout::PerQubit, ClassLoss::Hinge),
        ClassifierSettings::KernelSvm(KernelSvmSettings {
            map: map.clone(),
            c: 10.0,
            trained: Some(FrontSettings { epochs: 5, batch: 20, ..FrontSettings::default() }),
            probability: true,
            ..Default::default()
        }),
        ClassifierSettings::GaussianProcess(ProcessSettings { map: map.clone(), ..Default::default() }),
        ClassifierSettings::Nystroem(NystroemMachine { map: map.clone(), landmarks: 15, c: 20.0, ..Default::default() }),
    ]
}

/// A file that is read says of rows what the training says of features, with probabilities and scores that belong together.
#[test]
fn files_say_what_trainings_say() {
    for settings in kinds() {
        let (training, file, rows) = trained(&settings);
        let read = LabelledModelFile::from_json(&file.to_json().expect("finite")).expect("its own text");
        assert_eq!(read, file);
        let config = SimulatorConfig::default();
        let told = read.predict(&rows, config).expect("rows");
        let features = training.examples().features();
        assert_eq!(told, training.predict(features).expect("rows"));
        assert_eq!(read.scores(&rows, config).expect("rows"), training.scores(features).expect("rows"));
        let accuracy = crate::score::accuracy(&told, training.examples().labels());
        assert!(accuracy > 0.8, "{settings:?}: {accuracy}");
        let chances = read.probabilities(&rows, config).expect("rows").expect("there are some");
        let scores = read.scores(&rows, config).expect("rows");
        let mut same = 0;
        for (chances, scores) in chances.chunks(2).zip(scores.chunks(2)) {
            assert!((chances[0] + chances[1] - 1.0).abs() < 1e-9);
            same += usize::from((chances[0] > chances[1]) == (scores[0] > scores[1]));
        }
        // a sigmoid may put the boundary beside that of the machine
        assert!(same >= 36, "{same} of 40");
        assert_eq!(read.predict(&[], config).expect("nothing"), Vec::<usize>::new());
        assert!(read.scores(&rows[..3], config).is_err());
    }
}

#[test]
fn trainings_go_on_from_their_states() {
    for settings in kinds() {
        let (whole, _, _) = trained(&settings);
        let (mut other, _, _) = trained(&settings);
        other.resume(&whole.state()).expect("its own state");
        assert_eq!(other.state(), whole.state());
        assert_eq!(other.events(), whole.events());
        let wrong = match whole.state() {
            ClassifierState(State::KernelSvm(_)) => trained(&kinds()[1]).0.state(),
            ClassifierState(State::Variational(_)) => trained(&kinds()[4]).0.state(),
            ClassifierState(State::Method(_)) => trained(&kinds()[0]).0.state(),
        };
        assert!(other.resume(&wrong).is_err());
    }
}

#[test]
fn circuits_are_those_of_the_models() {
    let (machine, _, _) = trained(&kinds()[0]);
    assert_eq!(machine.map_circuit().expect("a map").expect("a machine has one").num_parameters(), 2);
    assert!(machine.circuit().is_none() && machine.gram().is_some_and(|gram| gram.nrows() == 40));
    let (trained, _, _) = trained(&kinds()[1]);
    assert!(trained.map_circuit().expect("no map").is_none() && trained.gram().is_none());
    let (circuit, weights) = trained.circuit().expect("a circuit");
    assert_eq!((weights.len(), circuit.num_parameters()), (18, 20));
}

#[test]
fn files_of_other_versions_are_named() {
    let (_, file, _) = trained(&kinds()[1]);
    let text = file.to_json().expect("finite");
    let wrong = |from: &str, to: &str| LabelledModelFile::from_json(&text.replacen(from, to, 1)).expect_err(to).to_string();
    assert!(wrong("\"version\": 1", "\"version\": 9").contains('9'));
    assert!(wrong("qloom labelled model", "another").contains("another"));
    assert!(wrong("\"weights\"", "\"wights\"").contains("damaged"));
    let (rows, labels) = table();
    let unfitted = Examples::new(rows.iter().map(|x| x / 50.0).collect(), 2, &labels).expect("both");
    let unfitted = ClassifierTraining::new(&kinds()[0], unfitted, SimulatorConfig::default(), 3).expect("it fits");
    assert!(unfitted.predict(&[0.1, 0.2]).is_err());
}

/// Epochs of the kernel's angles come before the machine; a fit that was cut goes on with them.
#[test]
fn kernels_with_angles_are_trained_step_by_step() {
    let settings = &kinds()[3];
    let (whole, file, _) = trained(settings);
    let events = whole.events();
    assert_eq!((whole.epochs(), events.len()), (6, 6));
    assert!(events[..5].iter().all(|event| event.accuracy.is_none()) && events[5].accuracy.is_some());
    let Alignments { map, before, after } = whole.alignments().expect("angles were trained");
    assert!(after > before && map > 0.0, "{map} {before} {after}");
    // two layers of two angles each, before two maps
    assert_eq!(whole.map_circuit().expect("gates").expect("a circuit").num_parameters(), 2);
    let mut cut = ClassifierTraining::new(settings, whole.examples().clone(), SimulatorConfig::default(), 3).expect("it fits");
    cut.step().expect("finite");
    let state = serde_json::to_string(&cut.state()).expect("JSON");
    let mut other = ClassifierTraining::new(settings, whole.examples().clone(), SimulatorConfig::default(), 3).expect("it fits");
    other.resume(&serde_json::from_str(&state).expect("JSON")).expect("its own state");
    while other.step().expect("finite").is_some() {}
    assert_eq!(other.state(), whole.state());
    assert_eq!(other.model_file(file.source.clone(), file.preparation.clone()).expect("fitted"), file);
}
