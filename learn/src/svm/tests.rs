use faer::Mat;
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::examples::Examples;
use crate::preparation::{FeatureScale, Preparation};

fn golden() -> Value {
    serde_json::from_str(include_str!("../../tests/svm.json")).expect("JSON")
}

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().expect("a list");
    list.iter().flat_map(|x| x.as_f64().map_or_else(|| numbers(x), |x| vec![x])).collect()
}

fn classes(value: &Value) -> Vec<usize> {
    numbers(value).into_iter().map(|x| x as usize).collect()
}

fn radial(a: &[f64], b: &[f64], gamma: f64) -> Mat<f64> {
    let distance = |row: usize, column: usize| (0..2).map(|k| (a[2 * row + k] - b[2 * column + k]).powi(2)).sum::<f64>();
    Mat::from_fn(a.len() / 2, b.len() / 2, |row, column| (-gamma * distance(row, column)).exp())
}

/// Decision values, votes and support vectors of `SVC(kernel="precomputed")`.
#[test]
fn machines_equal_scikit_learn() {
    let golden = golden();
    let (known, asked, labels) = (numbers(&golden["X"]), numbers(&golden["T"]), classes(&golden["y"]));
    let (gram, cross) = (radial(&known, &known, 3.0), radial(&asked, &known, 3.0));
    for expected in golden["machines"].as_array().expect("a list") {
        let c = expected["c"].as_f64().expect("a number");
        let weight = |class: usize| match expected["weights"].as_str() {
            Some(_) => 40.0 / (3.0 * [12.0, 13.0, 15.0][class]),
            None => 1.0,
        };
        let settings = SvmSettings { costs: (0..3).map(|class| c * weight(class)).collect(), tolerance: 1e-10 };
        let machine = SupportVectorMachine::fit(gram.as_ref(), &labels, &settings).expect("it converges");
        for (value, expected) in machine.decisions(cross.as_ref()).iter().zip(numbers(&expected["decisions"])) {
            // LIBSVM keeps kernels in single precision
            assert!((value - expected).abs() < 1e-5, "{value} {expected}");
        }
        assert_eq!(machine.predict(cross.as_ref()), classes(&expected["told"]));
        assert_eq!(machine.support(), classes(&expected["support"]));
        // the machine on its support vectors alone says the same
        let kept = machine.support();
        let less = Mat::from_fn(20, kept.len(), |row, column| cross[(row, kept[column])]);
        let small = machine.on_support();
        assert_eq!(small.decisions(less.as_ref()), machine.decisions(cross.as_ref()));
        assert!(small.check(3, kept.len()).is_ok() && small.check(3, 2).is_err() && small.check(2, kept.len()).is_err());
    }
}

/// The rivals and the principal components of the same package.
#[test]
fn rivals_equal_scikit_learn() {
    let golden = golden();
    let names: Vec<String> = classes(&golden["y"]).iter().map(usize::to_string).collect();
    let train = Examples::new(numbers(&golden["X"]), 2, &names).expect("rows");
    for (name, told) in crate::classical::classify(&train, &numbers(&golden["T"])).expect("they converge") {
        assert_eq!(told, classes(&golden["rivals"][name]), "{name}");
    }
    let wide = numbers(&golden["wide"]);
    let along = Preparation::fit(&wide, 4, FeatureScale::None, Some(2)).expect("rows").apply(&wide).expect("rows");
    let expected = numbers(&golden["pca"]);
    for k in 0..2 {
        let column = || expected.iter().skip(k).step_by(2).copied();
        let (low, high) = (column().fold(f64::INFINITY, f64::min), column().fold(f64::NEG_INFINITY, f64::max));
        for (value, expected) in along.iter().skip(k).step_by(2).zip(column()) {
            assert!((value - (expected - low) / (high - low)).abs() < 1e-12);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Where a row lies beside its margin its coefficient is 0 or the cost.
    #[test]
    fn conditions_of_optimality_hold(points in prop::collection::vec(-1.0f64..1.0, 24), c in 0.1f64..20.0) {
        let labels: Vec<usize> = (0..12).map(|row| row % 2).collect();
        let gram = radial(&points, &points, 2.0);
        let settings = SvmSettings { costs: vec![c; 2], tolerance: 1e-9 };
        let machine = SupportVectorMachine::fit(gram.as_ref(), &labels, &settings).expect("it converges");
        let values = machine.decisions(gram.as_ref());
        let pair = &machine.pairs[0];
        prop_assert!(pair.coefficients.iter().sum::<f64>().abs() < 1e-9);
        for row in 0..12 {
            let sign = if labels[row] == 0 { 1.0 } else { -1.0 };
            let weight = pair.support.iter().position(|place| *place == row).map_or(0.0, |k| sign * pair.coefficients[k]);
            let margin = sign * values[row];
            prop_assert!((0.0..=c).contains(&weight));
            prop_assert!(weight > 0.0 || margin > 1.0 - 1e-6, "{margin} at 0");
            prop_assert!(weight < c || margin < 1.0 + 1e-6, "{margin} at the cost");
            prop_assert!(weight == 0.0 || weight == c || (margin - 1.0).abs() < 1e-6, "{margin} between");
        }
    }
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    let settings = |c: f64, classes: usize| SvmSettings { costs: vec![c; classes], tolerance: 1e-3 };
    let gram = Mat::<f64>::identity(2, 2);
    let fit = |labels: &[usize], settings: &SvmSettings| SupportVectorMachine::fit(gram.as_ref(), labels, settings).map(|_| ());
    assert!(fit(&[0, 1], &settings(1.0, 2)).is_ok());
    assert!(fit(&[0, 1, 1], &settings(1.0, 2)).is_err() && fit(&[0, 1], &settings(0.0, 2)).is_err());
    assert!(matches!(fit(&[0, 0], &settings(1.0, 2)), Err(LearnError::EmptyClass { class: 2 })));
    assert!(matches!(fit(&[0, 0], &settings(1.0, 1)), Err(LearnError::TooFewClasses { classes: 1 })));
    let broken = Mat::from_fn(2, 2, |row, column| if row == column { 1.0 } else { f64::NAN });
    let error = SupportVectorMachine::fit(broken.as_ref(), &[0, 1], &settings(1.0, 2)).expect_err("no numbers");
    assert!(error.to_string().contains("row 2, column 1"), "{error}");
}
