use proptest::prelude::*;
use qloom_circuits::Stream;
use serde_json::Value;

use super::*;

/// Rows, other rows and what scikit-learn makes of them.
struct Golden(Value);

impl Golden {
    fn new() -> Self {
        Self(serde_json::from_str(include_str!("../../tests/kernel_method.json")).expect("JSON"))
    }

    fn numbers(value: &Value) -> Vec<f64> {
        value.as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
    }

    fn rows(value: &Value) -> Vec<Vec<f64>> {
        value.as_array().expect("rows").iter().map(Self::numbers).collect()
    }

    fn kernel(&self, left: &str, right: &str) -> Mat<f64> {
        let gamma = self.0["gamma"].as_f64().expect("a number");
        let (left, right) = (Self::rows(&self.0[left]), Self::rows(&self.0[right]));
        let distance = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum::<f64>();
        Mat::from_fn(left.len(), right.len(), |row, column| (-gamma * distance(&left[row], &right[column])).exp())
    }

    fn list(&self, name: &str, key: &str) -> Vec<f64> {
        Self::numbers(&self.0[name][key])
    }

    fn number(&self, name: &str, key: &str) -> f64 {
        self.0[name][key].as_f64().expect("a number")
    }
}

fn close(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() < tolerance, "{a} {b}");
    }
}

#[test]
fn regressions_equal_those_of_scikit_learn() {
    let golden = Golden::new();
    let (gram, cross, targets) = (golden.kernel("X", "X"), golden.kernel("T", "X"), Golden::numbers(&golden.0["y"]));
    let ridge = KernelRidge::fit(gram.as_ref(), &targets, golden.number("ridge", "alpha")).expect("a solution");
    close(&ridge.predict(cross.as_ref()), &golden.list("ridge", "told"), 1e-10);
    let (c, epsilon) = (golden.number("svr", "c"), golden.number("svr", "epsilon"));
    let settings = VectorRegressionSettings { c, epsilon, tolerance: 1e-10 };
    let regression = VectorRegression::fit(gram.as_ref(), &targets, &settings).expect("it ends");
    // LIBSVM keeps kernels in single precision
    close(&regression.predict(cross.as_ref()), &golden.list("svr", "told"), 2e-6);
    assert_eq!(regression.support() as f64, golden.number("svr", "support"));
    let process = GaussianProcess::fit(gram.as_ref(), &targets, golden.number("process", "noise")).expect("positive");
    let (mean, variance) = process.predict(cross.as_ref(), &[1.0; 8]);
    close(&mean, &golden.list("process", "mean"), 1e-9);
    close(&variance, &golden.list("process", "variance"), 1e-9);
    assert!((process.log_likelihood() - golden.number("process", "log_likelihood")).abs() < 1e-8);
}

#[test]
fn classes_and_outliers_equal_those_of_scikit_learn() {
    let golden = Golden::new();
    let (gram, cross) = (golden.kernel("X", "X"), golden.kernel("T", "X"));
    let one = OneClassMachine::fit(gram.as_ref(), golden.number("one_class", "nu"), 1e-10).expect("it ends");
    close(&one.decisions(cross.as_ref()), &golden.list("one_class", "decisions"), 2e-6);
    let second: Vec<bool> = Golden::numbers(&golden.0["label"]).iter().map(|label| *label == 1.0).collect();
    let process = ProcessClassifier::fit(gram.as_ref(), &second).expect("positive");
    // another approximation of the same mean: a sum of error functions there, MacKay's here
    close(&process.chances(cross.as_ref(), &[1.0; 8]), &golden.list("classifier", "chances"), 5e-3);
}

#[test]
fn components_and_features_equal_those_of_scikit_learn() {
    let golden = Golden::new();
    let (gram, cross) = (golden.kernel("X", "X"), golden.kernel("T", "X"));
    let components = KernelComponents::fit(gram.as_ref(), 3).expect("a rank of three");
    close(components.eigenvalues(), &golden.list("components", "eigenvalues"), 1e-10);
    let along = components.transform(cross.as_ref());
    for (row, sizes) in Golden::rows(&golden.0["components"]["sizes"]).iter().enumerate() {
        close(&(0..3).map(|k| along[(row, k)].abs()).collect::<Vec<_>>(), sizes, 1e-9);
    }
    let landmarks = golden.number("nystroem", "landmarks") as usize;
    let features = Nystroem::fit(gram.get(..landmarks, ..landmarks)).expect("positive");
    let features = features.transform(cross.get(.., ..landmarks));
    let products = &features * features.transpose();
    for (row, expected) in Golden::rows(&golden.0["nystroem"]["products"]).iter().enumerate() {
        close(&(0..8).map(|k| products[(row, k)]).collect::<Vec<_>>(), expected, 1e-9);
    }
}

/// A machine that looks at one row at a time tells rows as one that solves the whole problem.
#[test]
fn steps_over_rows_end_near_the_machine_without_intercept() {
    let golden = Golden::new();
    let gram = golden.kernel("X", "X");
    let second: Vec<bool> = Golden::rows(&golden.0["X"]).iter().map(|row| row[0] > 0.0).collect();
    let kernels = |row: usize, others: &[usize]| Ok(others.iter().map(|&k| gram[(row, k)]).collect());
    let settings = PegasosSettings { c: 10.0, steps: 4000 };
    let fitted = Pegasos::fit(&second, &settings, kernels, &mut Stream::named(2, "rows")).expect("positive c");
    let value = |row: usize| fitted.decision(&fitted.support().iter().map(|&k| gram[(row, k)]).collect::<Vec<_>>());
    let right = (0..24).filter(|&row| (value(row) > 0.0) == second[row]).count();
    assert!(right >= 23, "{right} of 24");
    let again = Pegasos::fit(&second, &settings, kernels, &mut Stream::named(2, "rows")).expect("positive c");
    assert_eq!(again, fitted);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Blocks are found, whatever the order of their rows.
    #[test]
    fn blocks_are_clusters(order in Just((0..12).collect::<Vec<usize>>()).prop_shuffle(), seed in 0u64..100) {
        let of = |row: usize| order[row] % 3;
        let gram = Mat::from_fn(12, 12, |a, b| if of(a) == of(b) { 1.0 } else { 0.05 });
        let found = spectral_clustering(gram.as_ref(), 3, &mut Stream::named(seed, "clusters")).expect("positive sums");
        for a in 0..12 {
            for b in 0..12 {
                prop_assert_eq!(found[a] == found[b], of(a) == of(b));
            }
        }
        prop_assert_eq!(found[0], 0);
    }
}

#[test]
fn wrong_matrices_and_settings_are_refused() {
    let one = Mat::<f64>::identity(2, 2);
    let bad = Mat::from_fn(2, 2, |row, _| if row == 1 { f64::NAN } else { 1.0 });
    assert!(KernelRidge::fit(one.as_ref(), &[1.0, 2.0], 0.0).is_err() && KernelRidge::fit(one.as_ref(), &[1.0], 1.0).is_err());
    assert!(KernelRidge::fit(bad.as_ref(), &[1.0, 2.0], 1.0).is_err());
    assert!(GaussianProcess::fit(one.as_ref(), &[1.0, 2.0], -1.0).is_err());
    assert!(VectorRegression::fit(one.as_ref(), &[1.0], &VectorRegressionSettings::default()).is_err());
    let negative = VectorRegressionSettings { epsilon: -0.1, ..VectorRegressionSettings::default() };
    assert!(VectorRegression::fit(one.as_ref(), &[1.0, 2.0], &negative).is_err());
    assert!(OneClassMachine::fit(one.as_ref(), 0.0, 1e-3).is_err() && OneClassMachine::fit(bad.as_ref(), 0.5, 1e-3).is_err());
    assert!(KernelComponents::fit(one.as_ref(), 3).is_err());
    // a constant kernel has no components, and two rows have one at most
    assert!(KernelComponents::fit(Mat::from_fn(2, 2, |_, _| 1.0).as_ref(), 1).is_err());
    assert!(KernelComponents::fit(one.as_ref(), 2).is_err());
    assert!(spectral_clustering(one.as_ref(), 3, &mut Stream::named(1, "clusters")).is_err());
    let minus = Mat::from_fn(2, 2, |_, _| -1.0);
    assert!(spectral_clustering(minus.as_ref(), 1, &mut Stream::named(1, "clusters")).is_err());
    assert!(ProcessClassifier::fit(bad.as_ref(), &[true, false]).is_err() && Nystroem::fit(bad.as_ref()).is_err());
}
