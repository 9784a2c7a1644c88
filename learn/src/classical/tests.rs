use proptest::prelude::*;
use qloom_circuits::Stream;

use super::*;

/// Two clouds of points about (0, 0) and (far, far).
fn clouds(rows: usize, far: f64) -> Examples {
    let mut stream = Stream::named(12, "rows");
    let mut features = Vec::new();
    for row in 0..rows {
        let centre = far * (row % 2) as f64;
        features.extend([centre + stream.normal(), centre + stream.normal()]);
    }
    let labels: Vec<String> = (0..rows).map(|row| ["near", "remote"][row % 2].to_owned()).collect();
    // classes are in the order of their names
    Examples::new(features, 2, &labels).expect("both")
}

#[test]
fn clouds_that_are_far_apart_are_told_by_all() {
    let (train, test) = (clouds(40, 12.0), clouds(10, 12.0));
    let told = classify(&train, test.features()).expect("a fit");
    assert_eq!(
        told.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        ["linear_svm", "rbf_svm", "logistic_regression", "nearest_neighbors"]
    );
    for (name, told) in told {
        assert_eq!(told, test.labels(), "{name}");
    }
}

/// The slopes and curvatures of the regression are differences of its objective and of its slopes.
#[test]
fn derivatives_of_the_regression_are_differences() {
    let rows = [vec![0.5, -1.0, 1.0], vec![-0.3, 0.8, 1.0], vec![1.5, 0.2, 1.0], vec![0.1, 0.1, 1.0]];
    let labels = [0, 1, 2, 1];
    let weights: Vec<f64> = (0..9).map(|k| 0.4 * (k as f64).sin()).collect();
    let (slopes, curvatures) = derivatives(&weights, &rows, &labels, 3, 2.0);
    for k in 0..9 {
        let moved = |step: f64| {
            let mut moved = weights.clone();
            moved[k] += step;
            moved
        };
        let (above, below) = (moved(1e-5), moved(-1e-5));
        let value = |weights: &[f64]| objective(weights, &rows, &labels, 3, 2.0);
        let slope = (value(&above) - value(&below)) / 2e-5;
        assert!((slope - slopes[k]).abs() < 1e-7, "{slope} {}", slopes[k]);
        let change = |l: usize| {
            let slope = |weights: &[f64]| derivatives(weights, &rows, &labels, 3, 2.0).0[l];
            (slope(&above) - slope(&below)) / 2e-5
        };
        // the lower part alone is filled
        for l in k..9 {
            assert!((change(l) - curvatures[(l, k)]).abs() < 1e-6, "{} {}", change(l), curvatures[(l, k)]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Logarithms of probabilities are those of numbers that add up to one, however large the scores.
    #[test]
    fn probabilities_add_up(weights in prop::collection::vec(-300.0f64..300.0, 6), x in -2.0f64..2.0) {
        let logarithms = log_probabilities(&weights, &[x, 1.0], 3);
        prop_assert!(logarithms.iter().all(|value| value.is_finite() && *value <= 1e-12));
        prop_assert!((logarithms.iter().map(|value| value.exp()).sum::<f64>() - 1.0).abs() < 1e-12);
    }

    /// A row of the training part is its own nearest neighbour; where few rows are near, most of five decide.
    #[test]
    fn neighbours_vote(shift in -3.0f64..3.0) {
        let features: Vec<f64> = [0.0, 0.1, 0.2, 5.0, 5.1, 5.2].iter().map(|x| x + shift).collect();
        let labels: Vec<String> = ["a", "a", "a", "b", "b", "b"].map(String::from).to_vec();
        let train = Examples::new(features.clone(), 1, &labels).expect("both");
        let known: Vec<Vec<f64>> = features.iter().map(|x| vec![*x]).collect();
        prop_assert_eq!(nearest_neighbors(&train, &known, &known), vec![0, 0, 0, 1, 1, 1]);
    }
}
