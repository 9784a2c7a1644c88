//! Rows of features with labels, and how they are divided.

use qloom_circuits::Stream;

use crate::error::{LearnError, check};

/// Rows of numbers, each with a class.
///
/// ```
/// use qloom_learn::Examples;
/// let labels = ["no", "yes", "no"].map(String::from);
/// let examples = Examples::new(vec![0.1, 0.9, 0.2], 1, &labels)?;
/// assert_eq!(examples.classes(), ["no", "yes"]);
/// assert_eq!(examples.labels(), [0, 1, 0]);
/// # Ok::<(), qloom_learn::LearnError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Examples {
    features: Vec<f64>,
    width: usize,
    labels: Vec<usize>,
    classes: Vec<String>,
}

impl Examples {
    /// Rows of `width` numbers, one after the other, with their labels; the classes are the labels in order, of numbers where all are.
    ///
    /// # Errors
    /// When sizes do not fit, a number is not finite, or all labels are the same.
    pub fn new(features: Vec<f64>, width: usize, labels: &[String]) -> Result<Self, LearnError> {
        let mut classes = labels.to_vec();
        let number = |label: &String| label.parse::<f64>().ok();
        if classes.iter().all(|label| number(label).is_some()) {
            classes.sort_by(|a, b| number(a).partial_cmp(&number(b)).unwrap_or(std::cmp::Ordering::Equal).then(a.cmp(b)));
        } else {
            classes.sort();
        }
        classes.dedup();
        if classes.len() < 2 {
            return Err(LearnError::TooFewClasses { classes: classes.len() });
        }
        let place = |label: &String| classes.iter().position(|class| class == label).expect("one of them");
        let labels: Vec<usize> = labels.iter().map(place).collect();
        check_rows(&features, width, labels.len())?;
        Ok(Self { features, width, labels, classes })
    }

    /// All numbers, row by row.
    pub fn features(&self) -> &[f64] {
        &self.features
    }

    /// Numbers in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The class of each row, numbered from 0.
    pub fn labels(&self) -> &[usize] {
        &self.labels
    }

    /// Names of the classes.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The same classes with other rows.
    ///
    /// # Errors
    /// When sizes do not fit or a number is not finite.
    pub fn with_rows(&self, features: Vec<f64>, width: usize, labels: Vec<usize>) -> Result<Self, LearnError> {
        check_rows(&features, width, labels.len())?;
        Ok(Self { features, width, labels, classes: self.classes.clone() })
    }
}

/// Refuses what are not this many rows of finite numbers.
pub(crate) fn check_rows(features: &[f64], width: usize, rows: usize) -> Result<(), LearnError> {
    if width == 0 || features.len() != rows * width {
        return Err(LearnError::SizeMismatch {
            what: "numbers of rows of features",
            expected: rows * width,
            given: features.len(),
        });
    }
    match features.iter().position(|value| !value.is_finite()) {
        Some(place) => Err(LearnError::OutsideDomain {
            row: place / width + 1,
            column: place % width + 1,
            value: features[place],
            requirement: "a finite number",
        }),
        None => Ok(()),
    }
}

/// Rows for training and rows for testing, each in order: of every class the same share, rounded, and one row at least on each side where
/// the class has two.
///
/// # Errors
/// For a share that is not between 0 and 1, or a class with fewer than two rows.
pub fn stratified_split(
    labels: &[usize],
    classes: usize,
    test_fraction: f64,
    stream: &mut Stream,
) -> Result<(Vec<usize>, Vec<usize>), LearnError> {
    check("test_fraction", test_fraction, test_fraction > 0.0 && test_fraction < 1.0, "between 0 and 1")?;
    let (mut train, mut test) = (Vec::new(), Vec::new());
    for class in 0..classes {
        let mut rows: Vec<usize> = (0..labels.len()).filter(|&row| labels[row] == class).collect();
        if rows.len() < 2 {
            let (expected, given) = (2, rows.len());
            return Err(LearnError::SizeMismatch { what: "rows of a class that is divided for testing", expected, given });
        }
        stream.shuffle(&mut rows);
        let count = ((rows.len() as f64 * test_fraction).round() as usize).clamp(1, rows.len() - 1);
        test.extend_from_slice(&rows[..count]);
        train.extend_from_slice(&rows[count..]);
    }
    train.sort_unstable();
    test.sort_unstable();
    Ok((train, test))
}

/// The part of each row in a division into this many parts, of every class as many rows in each, up to one.
///
/// # Errors
/// For fewer than two parts, or a class with fewer rows than parts.
pub fn stratified_folds(labels: &[usize], classes: usize, folds: usize, stream: &mut Stream) -> Result<Vec<usize>, LearnError> {
    check("folds", folds as f64, (2..=labels.len()).contains(&folds), "at least 2, and at most the rows")?;
    let mut parts = vec![0; labels.len()];
    let mut next = 0;
    for class in 0..classes {
        let mut rows: Vec<usize> = (0..labels.len()).filter(|&row| labels[row] == class).collect();
        if rows.len() < folds {
            let (expected, given) = (folds, rows.len());
            return Err(LearnError::SizeMismatch { what: "rows of a class that is divided into parts", expected, given });
        }
        stream.shuffle(&mut rows);
        // the parts that get one more go around
        for row in rows {
            parts[row] = next % folds;
            next += 1;
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Every row is on one side, and every class has its share on both.
        #[test]
        fn parts_have_the_share_of_each_class(more in prop::collection::vec(0usize..3, 10..80), share in 0.1f64..0.9, seed in 0u64..50) {
            let labels: Vec<usize> = [0, 1, 2, 0, 1, 2].into_iter().chain(more).collect();
            let (train, test) = stratified_split(&labels, 3, share, &mut Stream::named(seed, "split")).expect("two of each");
            let mut all = [train.clone(), test.clone()].concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..labels.len()).collect::<Vec<_>>());
            for class in 0..3 {
                let of = |rows: &[usize]| rows.iter().filter(|&&row| labels[row] == class).count();
                let whole = of(&train) + of(&test);
                prop_assert!((of(&test) as f64 - whole as f64 * share).abs() <= 0.5 + 1e-9 || of(&test) == 1 || of(&train) == 1);
                prop_assert!(of(&test) > 0 && of(&train) > 0);
            }
        }
    }

    #[test]
    fn folds_have_rows_of_every_class() {
        let labels: Vec<usize> = (0..47).map(|row| usize::from(row % 5 == 0)).collect();
        let parts = stratified_folds(&labels, 2, 4, &mut Stream::named(3, "folds")).expect("enough");
        for class in 0..2 {
            let of = |part: usize| (0..47).filter(|&row| labels[row] == class && parts[row] == part).count();
            let sizes: Vec<usize> = (0..4).map(of).collect();
            assert!(sizes.iter().max().expect("four") - sizes.iter().min().expect("four") <= 1, "{sizes:?}");
        }
        let sizes: Vec<usize> = (0..4).map(|part| parts.iter().filter(|other| **other == part).count()).collect();
        assert!(sizes.iter().all(|size| (11..=12).contains(size)), "{sizes:?}");
        assert!(stratified_folds(&[0, 0, 1], 2, 2, &mut Stream::named(3, "folds")).is_err());
        assert!(stratified_folds(&labels, 2, 1, &mut Stream::named(3, "folds")).is_err());
    }

    #[test]
    fn classes_are_in_order() {
        let labels = |list: &[&str]| list.iter().map(|label| (*label).to_owned()).collect::<Vec<_>>();
        let of = |list: &[&str]| Examples::new(vec![0.0; list.len()], 1, &labels(list)).expect("two").classes().to_vec();
        assert_eq!(of(&["10", "9", "-1"]), labels(&["-1", "9", "10"]));
        assert_eq!(of(&["10", "9", "a"]), labels(&["10", "9", "a"]));
    }

    #[test]
    fn what_cannot_be_told_apart_is_refused() {
        let same = ["a".to_owned(), "a".to_owned()];
        assert!(matches!(Examples::new(vec![0.0; 2], 1, &same), Err(LearnError::TooFewClasses { classes: 1 })));
        let two = ["a".to_owned(), "b".to_owned()];
        let error = Examples::new(vec![0.0, 1.0, 2.0, f64::NAN], 2, &two).expect_err("no number");
        assert!(matches!(error, LearnError::OutsideDomain { row: 2, column: 2, .. }), "{error}");
        assert!(Examples::new(vec![0.0; 3], 2, &two).is_err());
        let mut stream = Stream::named(1, "split");
        assert!(stratified_split(&[0, 1, 1], 2, 0.5, &mut stream).is_err());
        assert!(stratified_split(&[0, 0, 1, 1], 2, 1.0, &mut stream).is_err());
    }
}
