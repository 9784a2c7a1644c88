//! How well classes are told.

/// The share of rows that are told right; 0 of none.
///
/// # Panics
/// When the lists differ in length.
#[track_caller]
pub fn accuracy(told: &[usize], labels: &[usize]) -> f64 {
    assert_eq!(told.len(), labels.len(), "a label for each row");
    let right = told.iter().zip(labels).filter(|(told, label)| told == label).count();
    right as f64 / labels.len().max(1) as f64
}

/// The interval that holds a share of `right` in `rows` with 95 % confidence (Wilson, J. Am. Stat. Assoc. 22, 209 (1927)).
///
/// ```
/// let (low, high) = qloom_learn::wilson_interval(8, 10);
/// assert!((low - 0.4902).abs() < 1e-4 && (high - 0.9433).abs() < 1e-4);
/// ```
///
/// # Panics
/// When there are no rows, or more are right than there are.
#[track_caller]
pub fn wilson_interval(right: usize, rows: usize) -> (f64, f64) {
    assert!(rows > 0 && right <= rows, "{right} of {rows} rows");
    // the 97.5 % quantile of the normal distribution
    let z = 1.959_963_984_540_054_f64;
    let (share, rows) = (right as f64 / rows as f64, rows as f64);
    let middle = share + z * z / (2.0 * rows);
    let half = z * (share * (1.0 - share) / rows + z * z / (4.0 * rows * rows)).sqrt();
    let whole = 1.0 + z * z / rows;
    (((middle - half) / whole).max(0.0), ((middle + half) / whole).min(1.0))
}

/// How often rows of each class, down, are told as each class, across.
///
/// # Panics
/// When the lists differ in length or hold a class beyond `classes`.
#[track_caller]
pub fn confusion(told: &[usize], labels: &[usize], classes: usize) -> Vec<Vec<usize>> {
    assert_eq!(told.len(), labels.len(), "a label for each row");
    let mut counts = vec![vec![0; classes]; classes];
    told.iter().zip(labels).for_each(|(&told, &label)| counts[label][told] += 1);
    counts
}

/// The chance that a row of the second kind has a higher score than one of the first, ties counting half: the area under the curve of the
/// receiver operating characteristic (Hanley and McNeil, Radiology 143, 29 (1982)). None where one kind has no row.
///
/// ```
/// assert_eq!(qloom_learn::roc_auc(&[0.1, 0.4, 0.35, 0.8], &[false, false, true, true]), Some(0.75));
/// ```
///
/// # Panics
/// When the lists differ in length.
#[track_caller]
pub fn roc_auc(scores: &[f64], second: &[bool]) -> Option<f64> {
    assert_eq!(scores.len(), second.len(), "a kind for each score");
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    let count = second.iter().filter(|second| **second).count();
    let others = second.len() - count;
    // the sum of ranks of the second kind, those of equal scores shared
    let (mut ranks, mut first) = (0.0, 0);
    while first < order.len() {
        let end = (first..order.len()).find(|&k| scores[order[k]] > scores[order[first]]).unwrap_or(order.len());
        let rank = 0.5 * (first + 1 + end) as f64;
        ranks += rank * order[first..end].iter().filter(|&&row| second[row]).count() as f64;
        first = end;
    }
    let wins = ranks - 0.5 * (count * (count + 1)) as f64;
    (count > 0 && others > 0).then(|| wins / (count * others) as f64)
}

/// [`roc_auc`] of each class against all others, averaged over the classes, from `classes` scores a row; none where a class has no row or
/// all rows.
///
/// # Panics
/// When there are not as many scores as rows times classes.
#[track_caller]
pub fn mean_roc_auc(scores: &[f64], labels: &[usize], classes: usize) -> Option<f64> {
    assert_eq!(scores.len(), labels.len() * classes, "a score for each row and class");
    let of_class = |class: usize| {
        let own: Vec<f64> = scores.chunks(classes).map(|row| row[class]).collect();
        let second: Vec<bool> = labels.iter().map(|label| *label == class).collect();
        roc_auc(&own, &second)
    };
    let areas: Option<Vec<f64>> = (0..classes).map(of_class).collect();
    areas.map(|areas| areas.iter().sum::<f64>() / classes as f64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// The area is the share of pairs in order.
        #[test]
        fn areas_count_pairs(rows in prop::collection::vec((0u8..6, any::<bool>()), 2..40)) {
            let (scores, second): (Vec<f64>, Vec<bool>) = rows.iter().map(|(score, kind)| (f64::from(*score), *kind)).unzip();
            let (mut won, mut pairs) = (0.0, 0.0);
            for (a, _) in rows.iter().filter(|row| row.1) {
                for (b, _) in rows.iter().filter(|row| !row.1) {
                    pairs += 1.0;
                    won += if a > b { 1.0 } else if a == b { 0.5 } else { 0.0 };
                }
            }
            match roc_auc(&scores, &second) {
                Some(area) => prop_assert!((area - won / pairs).abs() < 1e-12),
                None => prop_assert!(pairs == 0.0),
            }
        }
    }

    #[test]
    fn areas_equal_those_of_scikit_learn() {
        let golden = &crate::golden::classify()["area"];
        let labels: Vec<usize> = crate::golden::numbers(&golden["labels"]).iter().map(|label| *label as usize).collect();
        let area = mean_roc_auc(&crate::golden::rows(&golden["scores"]).concat(), &labels, 3).expect("rows of all");
        assert!((area - golden["mean"].as_f64().expect("a number")).abs() < 1e-12, "{area}");
    }

    #[test]
    fn areas_of_several_classes_are_averaged() {
        let scores = [0.8, 0.1, 0.1, 0.2, 0.7, 0.1, 0.3, 0.3, 0.4, 0.5, 0.2, 0.3];
        // each class has the highest scores of its own column
        assert_eq!(mean_roc_auc(&scores, &[0, 1, 2, 2], 3), Some(1.0));
        // the first two rows have the lowest of each other's columns
        let area = mean_roc_auc(&scores, &[1, 0, 2, 2], 3).expect("rows of all");
        assert!((area - 1.0 / 3.0).abs() < 1e-15, "{area}");
        assert_eq!(mean_roc_auc(&scores, &[0, 1, 1, 1], 3), None);
    }

    #[test]
    fn counts_are_of_rows() {
        let (told, labels) = ([0, 1, 1, 2], [0, 1, 2, 2]);
        assert_eq!(accuracy(&told, &labels), 0.75);
        assert_eq!(confusion(&told, &labels, 3), [[1, 0, 0], [0, 1, 0], [0, 1, 1]]);
        assert_eq!(accuracy(&[], &[]), 0.0);
    }

    #[test]
    fn intervals_stay_between_0_and_1() {
        for rows in [1, 10, 1000] {
            let (low, high) = wilson_interval(rows, rows);
            assert!((high - 1.0).abs() < 1e-15 && low < 1.0);
            let (mirrored, _) = wilson_interval(0, rows);
            assert!(mirrored.abs() < 1e-15);
        }
    }
}
