use super::*;
use crate::score::accuracy;

/// Rows in the plane in this many classes, by the angle they lie at.
fn sectors(count: usize, classes: usize) -> Examples {
    let mut stream = Stream::named(8, "rows");
    let (mut features, mut labels) = (Vec::new(), Vec::new());
    for row in 0..count {
        let angle = std::f64::consts::TAU * ((row % classes) as f64 + 0.8 * stream.unit()) / classes as f64;
        features.extend([1.5 + 1.2 * angle.cos(), 1.5 + 1.2 * angle.sin()]);
        labels.push(format!("class {}", row % classes));
    }
    Examples::new(features, 2, &labels).expect("all classes")
}

fn methods() -> [KernelMethod; 3] {
    let map = MapSettings::Angle {};
    [
        KernelMethod::Process(ProcessSettings { map: map.clone(), variance: 50.0, ..Default::default() }),
        KernelMethod::Pegasos(PegasosMachine { map: map.clone(), c: 20.0, steps: 3000, ..Default::default() }),
        KernelMethod::Nystroem(NystroemMachine { map, landmarks: 20, c: 20.0, ..Default::default() }),
    ]
}

fn told(scores: &[f64], classes: usize) -> Vec<usize> {
    let best = |row: &[f64]| (0..classes).rev().max_by(|a, b| row[*a].total_cmp(&row[*b])).expect("some class");
    scores.chunks(classes).map(best).collect()
}

#[test]
fn every_method_tells_classes_apart_and_is_saved() {
    for classes in [2, 3] {
        let (train, test) = (sectors(120, classes), sectors(400, classes));
        for method in methods() {
            let fitted = KernelClassifier::fit(&method, &train, SimulatorConfig::default(), 3).expect("a fit");
            let scores = fitted.scores(test.features(), classes, SimulatorConfig::default()).expect("rows");
            let share = accuracy(&told(&scores, classes), test.labels());
            assert!(share > 0.9, "{method:?} {classes}: {share}");
            if fitted.has_probabilities() {
                let sums = scores.chunks(classes).map(|row| row.iter().sum::<f64>());
                assert!(sums.zip(&scores).all(|(sum, chance)| (sum - 1.0).abs() < 1e-12 && (0.0..=1.0).contains(chance)));
            }
            let text = serde_json::to_string(&fitted).expect("JSON");
            let read: KernelClassifier = serde_json::from_str(&text).expect("JSON");
            assert_eq!(read.scores(test.features(), classes, SimulatorConfig::default()).expect("rows"), scores);
            assert!(read.scores(test.features(), classes + 1, SimulatorConfig::default()).is_err(), "another number of classes");
            let again = KernelClassifier::fit(&method, &train, SimulatorConfig::default(), 3).expect("a fit");
            assert_eq!(again, fitted, "one seed, one classifier");
        }
    }
}

/// With all rows as landmarks the approximation is the kernel itself.
#[test]
fn all_landmarks_give_the_kernel() {
    let examples = sectors(30, 2);
    let mut kernel =
        QuantumKernel::new(&MapSettings::Angle {}, KernelKind::Fidelity, None, 2, SimulatorConfig::default()).expect("fits");
    let rows = kernel.encode(examples.features()).expect("rows");
    let near = approximated(&kernel, &rows, &rows).expect("eigenvalues");
    let gram = kernel.gram(&rows, &mut Stream::named(0, "none")).expect("exact");
    for a in 0..30 {
        for b in 0..30 {
            let product: f64 = (0..30).map(|k| near[30 * a + k] * near[30 * b + k]).sum();
            assert!((product - gram[(a, b)]).abs() < 1e-9);
        }
        let some = kernel.with_some(&rows, a, &[3, 17]);
        assert!((some[0] - gram[(a, 3)]).abs() < 1e-13 && (some[1] - gram[(a, 17)]).abs() < 1e-13);
    }
}

#[test]
fn settings_outside_their_ranges_are_refused() {
    let examples = sectors(20, 2);
    for (method, word) in [
        (KernelMethod::Process(ProcessSettings { variance: 0.0, ..Default::default() }), "variance"),
        (KernelMethod::Pegasos(PegasosMachine { c: -1.0, ..Default::default() }), "c is -1"),
        (KernelMethod::Pegasos(PegasosMachine { steps: 0, ..Default::default() }), "steps"),
        (KernelMethod::Nystroem(NystroemMachine { landmarks: 0, ..Default::default() }), "landmarks"),
        (KernelMethod::Nystroem(NystroemMachine { c: f64::NAN, ..Default::default() }), "c is NaN"),
    ] {
        let error = KernelClassifier::fit(&method, &examples, SimulatorConfig::default(), 1).expect_err(word);
        assert!(error.to_string().contains(word), "{error}");
    }
}
