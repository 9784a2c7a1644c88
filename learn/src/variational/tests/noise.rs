//! Scores and slopes with noise and from shots.

use qloom_hardware::GateCalibration;

use super::*;

const NOISE: UniformNoise = UniformNoise { depolarizing1: 0.01, depolarizing2: 0.05, readout: 0.03 };

fn settings() -> VariationalSettings {
    let ansatz = AnsatzSettings::RealAmplitudes { entanglement: Entanglement::Full };
    VariationalSettings { layers: 1, ansatz, ..VariationalSettings::default() }
}

fn classifier(settings: &VariationalSettings, width: usize) -> VariationalClassifier {
    VariationalClassifier::new(settings, width, 2, SimulatorConfig::default(), 8).expect("it fits")
}

/// All rows' losses and slopes at the first weights.
fn slopes(settings: &VariationalSettings, examples: &Examples, moved: Option<(usize, f64)>) -> (f64, Vec<f64>) {
    let mut training = VariationalTraining::new(settings, examples, SimulatorConfig::default(), 5).expect("it fits");
    let mut weights = training.classifier.weights().to_vec();
    if let Some((place, step)) = moved {
        weights[place] += step;
    }
    let (all, mut gradient) = ((0..examples.len()).collect::<Vec<usize>>(), vec![0.0; weights.len()]);
    let wanted = Some((&mut gradient[..], 1.0));
    let losses = training.rows.losses(&mut training.classifier, &all, &weights, wanted).expect("finite");
    (losses.sum, gradient)
}

/// Scores under noise are those of the density matrix, put together from Kraus operators and read-out errors.
#[test]
fn noisy_scores_are_those_of_a_density_matrix() {
    let noisy = VariationalSettings { noise: Some(NOISE), readout: ClassReadout::Mod, ..settings() };
    let row = [0.4, 1.3];
    let mut noisy = classifier(&noisy, 2);
    let parameters = [noisy.weights().to_vec(), noisy.angles(&row).expect("a row")].concat();
    let bound = noisy.circuit().bind(&parameters).expect("as many");
    let circuit = NOISE.model(2, false).expect("probabilities").apply(&bound).expect("channels");
    let density = crate::golden::density_matrix(&circuit);
    // qubit 0 is read wrongly three times in a hundred
    let one: f64 = (0..4).filter(|state| state & 1 == 1).map(|state| density[(state, state)].re).sum();
    let read = one * 0.97 + (1.0 - one) * 0.03;
    let scores = noisy.scores(&row).expect("a row");
    assert!((scores[1] - read).abs() < 1e-13 && (scores[0] + read - 1.0).abs() < 1e-13, "{scores:?} {read}");
    let exact = classifier(&settings(), 2).scores(&row).expect("a row");
    assert!((exact[1] - scores[1]).abs() > 1e-3, "noise shows");
}

#[test]
fn slopes_under_noise_are_differences() {
    let examples = sides(6);
    for readout in [ClassReadout::Parity, ClassReadout::PerQubit] {
        let settings = VariationalSettings { noise: Some(NOISE), readout, ..settings() };
        let (_, gradient) = slopes(&settings, &examples, None);
        for (place, slope) in gradient.iter().enumerate() {
            let at = |step| slopes(&settings, &examples, Some((place, step))).0;
            let difference = (at(1e-5) - at(-1e-5)) / 2e-5;
            assert!((difference - slope).abs() < 1e-6 * (1.0 + slope.abs()), "{readout:?} {place}: {difference} {slope}");
        }
    }
}

/// Shots scatter around exact scores and slopes, the less the more there are; the same seed draws the same.
#[test]
fn shots_scatter_around_exact_values() {
    let examples = sides(8);
    for (readout, noise) in [(ClassReadout::Mod, None), (ClassReadout::PerQubit, Some(NOISE))] {
        let exact = VariationalSettings { readout, noise, loss: ClassLoss::Squared, ..settings() };
        let (loss, gradient) = slopes(&exact, &examples, None);
        let many = VariationalSettings { shots: Some(4_000_000), ..exact.clone() };
        let (drawn, estimated) = slopes(&many, &examples, None);
        // 8 rows with two scores of errors below 1e-3 each
        assert!((loss - drawn).abs() < 1e-2 && loss != drawn, "{loss} {drawn}");
        assert!(gradient.iter().zip(&estimated).all(|(a, b)| (a - b).abs() < 2e-2), "{gradient:?} {estimated:?}");
        let few = VariationalSettings { shots: Some(7), ..exact };
        let (told, again) = (classifier(&few, 2).scores(&[0.4, 1.3]), classifier(&few, 2).scores(&[0.4, 1.3]));
        let told = told.expect("a row");
        assert_eq!(told, again.expect("a row"));
        let sevenths =
            |score: &f64| ((score * if readout.is_probability() { 7.0 } else { 3.5 } + 3.5) * 2.0).fract().abs() < 1e-9;
        assert!(told.iter().all(sevenths), "{told:?}");
    }
    let line = VariationalSettings { map: MapSettings::Angle {}, layers: 2, epochs: 25, ..VariationalSettings::default() };
    let mut training = fitted(&VariationalSettings { shots: Some(50), ..line }, &sides(30));
    let told = training.classifier.predict(sides(30).features()).expect("rows");
    assert!(crate::score::accuracy(&told, sides(30).labels()) > 0.7);
}

#[test]
fn a_training_with_shots_goes_on_where_it_was() {
    let examples = sides(11);
    let settings = VariationalSettings { shots: Some(20), epochs: 4, batch: 4, ..settings() };
    let new = || VariationalTraining::new(&settings, &examples, SimulatorConfig::default(), 5).expect("it fits");
    let (whole, mut first, mut second) = (fitted(&settings, &examples), new(), new());
    first.step().expect("finite");
    second.resume(&first.state()).expect("its own state");
    while second.step().expect("finite").is_some() {}
    assert_eq!(second.state(), whole.state());
}

/// A device without errors tells what no device tells, wherever its routes lead; one with errors tells something near.
#[test]
fn circuits_are_compiled_for_devices() {
    let row = [0.3, 1.1, 0.7, 0.2];
    let map = MapSettings::Zz { reps: 1, entanglement: Entanglement::Full };
    let mut scores = Vec::new();
    for name in ["line-5", "with errors"] {
        for readout in [ClassReadout::PerQubit, ClassReadout::Parity] {
            let exact = VariationalSettings { map: map.clone(), readout, ..settings() };
            let mut device = Device::from_name("line-5").expect("a name");
            if name != "line-5" {
                device.two_qubit = Some(GateCalibration { error: Some(0.02), ..GateCalibration::default() });
            }
            let on = VariationalSettings { device: Some(Box::new(device)), ..exact.clone() };
            let told = classifier(&exact, 4).scores(&row).expect("a row");
            let device = classifier(&on, 4).scores(&row).expect("a row");
            scores.extend(told.iter().zip(&device).map(|(a, b)| (name, (a - b).abs())));
        }
    }
    assert!(scores.iter().all(|(name, off)| if *name == "line-5" { *off < 1e-12 } else { *off < 0.3 }), "{scores:?}");
    assert!(scores.iter().any(|(name, off)| *name != "line-5" && *off > 1e-3), "{scores:?}");
}

#[test]
fn noise_that_cannot_be_is_refused() {
    let refused = |settings: VariationalSettings, word: &str| {
        let error = VariationalClassifier::new(&settings, 3, 2, SimulatorConfig::default(), 1).expect_err(word);
        assert!(error.to_string().contains(word), "{error}");
    };
    let device = || Some(Box::new(Device::from_name("line-2").expect("a name")));
    refused(VariationalSettings { shots: Some(0), ..settings() }, "shots is 0");
    refused(VariationalSettings { noise: Some(UniformNoise { readout: 1.5, ..NOISE }), ..settings() }, "1.5");
    refused(VariationalSettings { noise: Some(NOISE), device: device(), ..settings() }, "leave one out");
    refused(VariationalSettings { device: device(), ..settings() }, "line-2 has 2");
}
