use proptest::prelude::*;
use qloom_circuits::library::Entanglement;

use super::*;
use crate::golden;
use crate::kernel::smallest_eigenvalue;

fn config() -> SimulatorConfig {
    SimulatorConfig::default()
}

/// Rows in the plane in this many classes, by the angle they lie at, with some noise.
fn sectors(count: usize, classes: usize, noise: f64) -> Examples {
    let mut stream = Stream::named(8, "rows");
    let (mut features, mut labels) = (Vec::new(), Vec::new());
    for row in 0..count {
        let turn = (row % classes) as f64 + 0.8 * stream.unit() + noise * stream.normal();
        let angle = std::f64::consts::TAU * turn / classes as f64;
        features.extend([1.0 + 0.8 * angle.cos(), 1.0 + 0.8 * angle.sin()]);
        labels.push(format!("class {}", row % classes));
    }
    Examples::new(features, 2, &labels).expect("all classes")
}

fn settings() -> KernelSvmSettings {
    KernelSvmSettings { c: 20.0, map: MapSettings::Angle {}, ..KernelSvmSettings::default() }
}

#[test]
fn probabilities_are_of_the_classes_and_mostly_of_the_one_that_is_told() {
    let examples = sectors(90, 3, 0.05);
    let settings = KernelSvmSettings { probability: true, ..settings() };
    let (machine, _) = KernelSvm::fit(&settings, &examples, config(), 1).expect("a fit");
    let told = machine.predict(examples.features(), 3, config()).expect("rows");
    let chances = machine.probabilities(examples.features(), 3, config()).expect("rows").expect("fitted");
    let mut likely = 0;
    for (chances, class) in chances.chunks(3).zip(&told) {
        assert!((chances.iter().sum::<f64>() - 1.0).abs() < 1e-9 && chances.iter().all(|chance| *chance >= 0.0));
        likely += usize::from((0..3).all(|other| chances[*class] >= chances[other]));
    }
    assert!(likely >= 85, "{likely} of 90");
    // mean probabilities are near the shares of the classes
    for class in 0..3 {
        let mean = chances.chunks(3).map(|row| row[class]).sum::<f64>() / 90.0;
        assert!((mean - 1.0 / 3.0).abs() < 0.05, "{mean}");
    }
    let (plain, _) =
        KernelSvm::fit(&KernelSvmSettings { probability: false, ..settings.clone() }, &examples, config(), 1).expect("a fit");
    assert!(plain.probabilities(examples.features(), 3, config()).expect("rows").is_none());
    assert_eq!(plain.predict(examples.features(), 3, config()).expect("rows"), told);
    let few = sectors(12, 3, 0.0);
    assert!(KernelSvm::fit(&settings, &few, config(), 1).is_err(), "four rows of a class make no five parts");
}

#[test]
fn scores_are_highest_for_the_class_that_is_told() {
    let examples = sectors(60, 4, 0.1);
    let (machine, _) = KernelSvm::fit(&settings(), &examples, config(), 1).expect("a fit");
    let told = machine.predict(examples.features(), 4, config()).expect("rows");
    let values = machine.decisions(examples.features(), 4, config()).expect("rows");
    assert_eq!(values.len(), 60 * 6);
    let scores = machine.scores(examples.features(), 4, config()).expect("rows");
    let mut same = 0;
    for (scores, class) in scores.chunks(4).zip(&told) {
        same += usize::from((0..4).all(|other| scores[*class] >= scores[other]));
        // votes of six pairs, and fractions that cancel or nearly so
        assert!((scores.iter().sum::<f64>() - 6.0).abs() < 4.0 / 3.0);
    }
    assert!(same >= 58, "votes that are even are decided in another way: {same}");
}

#[test]
fn projected_kernels_equal_those_of_density_matrices() {
    let golden = &golden::classify()["projected"];
    let data = golden::rows(&golden["X"]).concat();
    let kind = KernelKind::Projected { gamma: golden["gamma"].as_f64().expect("a number") };
    let map = MapSettings::Zz { reps: 2, entanglement: Entanglement::Full };
    let mut kernel = QuantumKernel::new(&map, kind, None, 3, config()).expect("fits");
    let rows = kernel.encode(&data).expect("finite");
    let gram = kernel.gram(&rows, &mut Stream::named(1, "none")).expect("exact");
    for (row, expected) in golden::rows(&golden["gram"]).iter().enumerate() {
        for (column, expected) in expected.iter().enumerate() {
            assert!((gram[(row, column)] - expected).abs() < 1e-12, "{} {expected}", gram[(row, column)]);
        }
    }
    for wrong in [0.0, -1.0, f64::NAN] {
        assert!(QuantumKernel::new(&map, KernelKind::Projected { gamma: wrong }, None, 3, config()).is_err());
    }
    assert!(QuantumKernel::new(&map, KernelKind::Fidelity, Some(0), 3, config()).is_err());
}

/// Shares of shots have the mean and the variance of a binomial distribution; matrices of them are repaired.
#[test]
fn shots_scatter_about_the_exact_kernel() {
    let examples = sectors(30, 2, 0.0);
    let exact = |shots| {
        let mut kernel = QuantumKernel::new(&MapSettings::Angle {}, KernelKind::Fidelity, shots, 2, config()).expect("fits");
        let rows = kernel.encode(examples.features()).expect("finite");
        let cross = kernel.cross(&rows, &rows, &mut Stream::named(4, "shots"));
        (cross, kernel.gram(&rows, &mut Stream::named(4, "shots")).expect("a matrix"))
    };
    let ((exact, _), (drawn, repaired)) = (exact(None), exact(Some(100)));
    let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0);
    for row in 0..30 {
        for column in 0..30 {
            let chance: f64 = exact[(row, column)];
            let deviation = (chance * (1.0 - chance) / 100.0).sqrt();
            if deviation > 1e-3 {
                let error = (drawn[(row, column)] - chance) / deviation;
                (sum, squares, count) = (sum + error, squares + error * error, count + 1.0);
            }
        }
    }
    assert!(sum.abs() / count < 0.15 && (squares / count - 1.0f64).abs() < 0.2, "{sum} {squares} {count}");
    assert!(smallest_eigenvalue(&repaired).expect("symmetric") > -1e-12);
}

#[test]
fn machines_from_shots_tell_the_same_by_the_same_seed() {
    let examples = sectors(40, 2, 0.0);
    let settings = KernelSvmSettings { shots: Some(500), ..settings() };
    let fit = |seed| KernelSvm::fit(&settings, &examples, config(), seed).expect("a fit").0;
    assert_eq!(fit(3), fit(3));
    assert_ne!(fit(3), fit(4));
    let text = serde_json::to_string(&fit(3)).expect("JSON");
    let read: KernelSvm = serde_json::from_str(&text).expect("JSON");
    let values = |machine: &KernelSvm| machine.decisions(examples.features(), 2, config()).expect("rows");
    assert_eq!(values(&read), values(&fit(3)));
}

#[test]
fn damaged_machines_and_weights_of_other_classes_are_refused() {
    let examples = sectors(40, 2, 0.0);
    let (machine, _) = KernelSvm::fit(&settings(), &examples, config(), 1).expect("a fit");
    assert!(machine.decisions(examples.features(), 3, config()).is_err());
    let broken = KernelSvm { sigmoids: Some(Vec::new()), ..machine.clone() };
    assert!(broken.probabilities(examples.features(), 2, config()).is_err());
    assert!(matches!(machine.predict(&[0.0, 1e9], 2, config()), Err(LearnError::OutsideDomain { row: 1, column: 2, .. })));
    let other = ClassWeights::Each(BTreeMap::from([("other".to_owned(), 2.0)]));
    let wrong = KernelSvmSettings { class_weights: Some(other), ..settings() };
    assert!(matches!(KernelSvm::fit(&wrong, &examples, config(), 1), Err(LearnError::UnknownClass { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Votes decide, and what pairs say never outweighs one.
    #[test]
    fn scores_keep_the_order_of_votes(values in prop::collection::vec(-3.0f64..3.0, 6)) {
        let scores = class_scores(&values, 4);
        let mut votes = [0.0; 4];
        pairs(4).zip(&values).for_each(|((a, b), value)| votes[if *value > 0.0 { a } else { b }] += 1.0);
        for a in 0..4 {
            prop_assert!((scores[a] - votes[a]).abs() < 1.0 / 3.0);
            for b in 0..4 {
                prop_assert!(votes[a] <= votes[b] || scores[a] > scores[b]);
            }
        }
        let told = elected(&values, 4);
        prop_assert!(votes.iter().all(|vote| *vote <= votes[told]));
    }
}
