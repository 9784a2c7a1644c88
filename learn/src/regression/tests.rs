use super::*;
use crate::preparation::FeatureScale;

/// Rows in the plane and a smooth function of them.
fn rows(count: usize) -> (Vec<f64>, Vec<f64>) {
    let mut stream = Stream::named(6, "rows");
    let rows: Vec<f64> = (0..2 * count).map(|_| 4.0 * stream.unit()).collect();
    let targets = rows.chunks(2).map(|row| 10.0 + (row[0]).sin() * 3.0 + 0.5 * row[1]).collect();
    (rows, targets)
}

fn kinds() -> [RegressionSettings; 4] {
    let map = MapSettings::Angle {};
    [
        RegressionSettings::KernelRidge(RidgeMachine { regularization: 1e-3, map: map.clone(), ..Default::default() }),
        RegressionSettings::KernelSvr(VectorMachine { c: 100.0, epsilon: 0.01, map: map.clone(), ..Default::default() }),
        RegressionSettings::GaussianProcess(ProcessMachine { noise: 1e-3, map: map.clone(), ..Default::default() }),
        RegressionSettings::KernelRidge(RidgeMachine { regularization: 1e-4, map, kernel: KernelKind::Projected { gamma: 0.5 } }),
    ]
}

fn fitted(settings: &RegressionSettings, rows: &[f64], targets: &[f64]) -> RegressionFile {
    let preparation = Preparation::fit(rows, 2, FeatureScale::Angle, None).expect("finite");
    let names = (vec!["a".to_owned(), "b".to_owned()], "y".to_owned());
    RegressionFile::fit(settings, names, preparation, (rows, targets), SimulatorConfig::default()).expect("a fit")
}

#[test]
fn a_smooth_function_is_told_by_each_kind() {
    let (all, targets) = rows(90);
    let config = SimulatorConfig::default();
    for settings in kinds() {
        let file = fitted(&settings, &all[..120], &targets[..60]);
        let told = file.predict(&all[120..], config).expect("rows");
        let share = r_squared(&told.mean, &targets[60..]).expect("they differ");
        assert!(share > 0.95, "{settings:?}: {share}");
        let read = RegressionFile::from_json(&file.to_json().expect("finite")).expect("its own text");
        assert_eq!(read.predict(&all[120..], config).expect("rows"), told);
        let process = matches!(settings, RegressionSettings::GaussianProcess(_));
        assert_eq!(told.deviation.is_some(), process);
        assert!(told.deviation.iter().flatten().all(|deviation| (0.0..3.0).contains(deviation)));
    }
}

/// Ridge regression and the mean of a Gaussian process with as much noise are the same numbers.
#[test]
fn a_process_has_the_mean_of_the_ridge() {
    let (all, targets) = rows(40);
    let [ridge, _, process, _] = kinds();
    let told = |settings| fitted(settings, &all, &targets).predict(&all, SimulatorConfig::default()).expect("rows").mean;
    for (a, b) in told(&ridge).iter().zip(told(&process)) {
        assert!((a - b).abs() < 1e-9, "{a} {b}");
    }
}

#[test]
fn what_cannot_be_fitted_or_read_is_refused() {
    let (all, targets) = rows(10);
    let config = SimulatorConfig::default();
    let names = || (vec!["a".to_owned(), "b".to_owned()], "y".to_owned());
    let preparation = || Preparation::fit(&all, 2, FeatureScale::None, None).expect("finite");
    let fit = |settings: &RegressionSettings, rows: &[f64], targets: &[f64]| {
        RegressionFile::fit(settings, names(), preparation(), (rows, targets), config).map(|_| ())
    };
    let ridge = &kinds()[0];
    assert!(matches!(fit(ridge, &all, &[1.0; 10]), Err(LearnError::Constant { .. })));
    assert!(fit(ridge, &all[..4], &targets).is_err());
    assert!(fit(ridge, &[1e9; 20], &targets).is_err());
    let wrong = RegressionSettings::KernelRidge(RidgeMachine { regularization: -1.0, ..Default::default() });
    assert!(fit(&wrong, &all, &targets).is_err());
    let text = fitted(ridge, &all, &targets).to_json().expect("finite");
    assert!(RegressionFile::from_json(&text.replacen("\"version\": 1", "\"version\": 3", 1)).is_err());
    assert!(RegressionFile::from_json(&text.replacen("regression", "other", 1)).is_err());
    let cut = text.replacen("\"ridge\"", "\"process\"", 1);
    let cut = RegressionFile::from_json(&cut).and_then(|file| file.predict(&all, config));
    assert!(cut.is_err(), "a fit of another kind");
    assert_eq!(r_squared(&[1.0, 2.0], &[3.0, 3.0]), None);
    assert_eq!(r_squared(&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0]), Some(1.0));
    assert_eq!(r_squared(&[2.0, 2.0, 2.0], &[1.0, 2.0, 3.0]), Some(0.0));
}
