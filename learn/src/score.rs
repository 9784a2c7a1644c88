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

#[cfg(test)]
mod tests {
    use super::*;

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
