//! Texts as numbers: words and pairs of words, weighted, along a few directions.

use std::collections::{BTreeMap, BTreeSet};

use faer::{Mat, Side};
use qloom_circuits::Stream;
use serde::{Deserialize, Serialize};

use crate::error::{LearnError, check};
use crate::preparation::point_along;

/// The words of a text in lower case: two or more letters, digits or underscores in a row.
///
/// ```
/// assert_eq!(qloom_learn::words("Who wrote \"A Day\"?").collect::<Vec<_>>(), ["who", "wrote", "day"]);
/// ```
pub fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let parts = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    parts.filter(|word| word.chars().nth(1).is_some()).map(str::to_lowercase)
}

/// Words, then pairs of neighbours.
fn terms(text: &str) -> Vec<String> {
    let mut terms: Vec<String> = words(text).collect();
    let pairs: Vec<String> = terms.windows(2).map(|pair| pair.join(" ")).collect();
    terms.extend(pairs);
    terms
}

/// A row of numbers most of which are 0.
type SparseRow = Vec<(usize, f64)>;

/// Texts to vectors: the frequencies of words and pairs of words `1 + ln f`, times `1 + ln((1 + N) / (1 + n))` for a term in n of N texts, to
/// length 1, then along the singular vectors of the training texts that have the largest singular values (latent semantic analysis;
/// Deerwester et al., J. Am. Soc. Inf. Sci. 41, 391 (1990)).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextFeatures {
    /// Terms in order.
    terms: Vec<String>,
    /// Weight of each.
    weights: Vec<f64>,
    /// Singular vectors, one a row.
    directions: Vec<Vec<f64>>,
}

impl TextFeatures {
    /// Learns terms, weights and directions from texts. Singular vectors are found with random starts and power iterations (Halko, Martinsson
    /// and Tropp, SIAM Rev. 53, 217 (2011)) until they no longer change; each has the sign that makes its largest entry positive.
    ///
    /// # Errors
    /// When there are no words, or fewer texts or terms than components.
    pub fn fit(texts: &[String], components: usize, stream: &mut Stream) -> Result<Self, LearnError> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for text in texts {
            for term in terms(text).into_iter().collect::<BTreeSet<_>>() {
                *counts.entry(term).or_default() += 1;
            }
        }
        let most = texts.len().min(counts.len());
        check(
            "components",
            components as f64,
            components > 0 && components <= most,
            "at least 1, and at most the texts and their terms",
        )?;
        let weight = |count: &usize| ((1.0 + texts.len() as f64) / (1.0 + *count as f64)).ln() + 1.0;
        let weights = counts.values().map(weight).collect();
        let mut features = Self { terms: counts.into_keys().collect(), weights, directions: Vec::new() };
        let rows: Vec<SparseRow> = texts.iter().map(|text| features.weighted(text)).collect();
        features.directions = directions(&rows, features.terms.len(), components, stream)?;
        Ok(features)
    }

    /// Number of components.
    pub fn components(&self) -> usize {
        self.directions.len()
    }

    /// The weighted terms of a text, of length 1 or 0.
    fn weighted(&self, text: &str) -> SparseRow {
        let mut counts: BTreeMap<usize, f64> = BTreeMap::new();
        for term in terms(text) {
            if let Ok(place) = self.terms.binary_search(&term) {
                *counts.entry(place).or_default() += 1.0;
            }
        }
        let mut row: SparseRow =
            counts.into_iter().map(|(place, count)| (place, (1.0 + count.ln()) * self.weights[place])).collect();
        let length = row.iter().map(|(_, value)| value * value).sum::<f64>().sqrt();
        if length > 0.0 {
            row.iter_mut().for_each(|(_, value)| *value /= length);
        }
        row
    }

    /// Scalar products of the weighted terms of each text with each of the others: `texts` rows, `others` columns.
    pub fn products(&self, texts: &[String], others: &[String]) -> Mat<f64> {
        let rows: Vec<SparseRow> = texts.iter().map(|text| self.weighted(text)).collect();
        let columns: Vec<BTreeMap<usize, f64>> = others.iter().map(|text| self.weighted(text).into_iter().collect()).collect();
        let product = |row: &SparseRow, column: &BTreeMap<usize, f64>| -> f64 {
            row.iter().filter_map(|(place, value)| column.get(place).map(|other| value * other)).sum()
        };
        Mat::from_fn(rows.len(), columns.len(), |row, column| product(&rows[row], &columns[column]))
    }

    /// The components of texts, row by row.
    ///
    /// # Errors
    /// When the lists, read from a file, do not fit each other.
    pub fn apply(&self, texts: &[String]) -> Result<Vec<f64>, LearnError> {
        let count = self.terms.len();
        if self.weights.len() != count || self.directions.iter().any(|direction| direction.len() != count) {
            return Err(LearnError::Damaged { reason: "terms, weights and directions differ in number".to_owned() });
        }
        let along = |row: &SparseRow, direction: &[f64]| row.iter().map(|&(place, value)| value * direction[place]).sum::<f64>();
        let rows = texts.iter().map(|text| self.weighted(text));
        Ok(rows.flat_map(|row| self.directions.iter().map(|direction| along(&row, direction)).collect::<Vec<_>>()).collect())
    }
}

/// Directions that are looked for beyond those kept.
const SPARE: usize = 10;

/// Power iterations at most, and the relative change of the singular values that ends them: vectors are then right to its square root.
const ITERATIONS: (usize, f64) = (1000, 1e-14);

/// The right singular vectors of the largest singular values.
fn directions(rows: &[SparseRow], width: usize, count: usize, stream: &mut Stream) -> Result<Vec<Vec<f64>>, LearnError> {
    let wide = (count + SPARE).min(width).min(rows.len());
    let start = Mat::from_fn(width, wide, |_, _| stream.normal());
    let times = |right: &Mat<f64>| {
        let mut out = Mat::zeros(rows.len(), wide);
        for (place, row) in rows.iter().enumerate() {
            for column in 0..wide {
                out[(place, column)] = row.iter().map(|&(term, value)| value * right[(term, column)]).sum::<f64>();
            }
        }
        out
    };
    let transposed = |left: &Mat<f64>| {
        let mut out = Mat::zeros(width, wide);
        for (place, row) in rows.iter().enumerate() {
            for &(term, value) in row {
                for column in 0..wide {
                    out[(term, column)] += value * left[(place, column)];
                }
            }
        }
        out
    };
    let orthogonal = |matrix: &Mat<f64>| matrix.qr().compute_thin_Q();
    let mut range = orthogonal(&times(&start));
    let mut small = transposed(&range);
    let mut before = vec![0.0; count];
    for _ in 0..ITERATIONS.0 {
        let squares = small.transpose() * &small;
        let squares = squares.self_adjoint_eigenvalues(Side::Lower);
        let squares = squares.map_err(|_| LearnError::NoSolution { rows: rows.len(), columns: width })?;
        let values: Vec<f64> = squares.iter().rev().take(count).copied().collect();
        if values.iter().zip(&before).all(|(value, before)| (value - before).abs() <= ITERATIONS.1 * values[0]) {
            break;
        }
        before = values;
        range = orthogonal(&times(&small));
        small = transposed(&range);
    }
    let svd = small.thin_svd().map_err(|_| LearnError::NoSolution { rows: rows.len(), columns: width })?;
    let direction = |k: usize| {
        let mut direction: Vec<f64> = (0..width).map(|term| svd.U()[(term, k)]).collect();
        point_along(&mut direction);
        direction
    };
    Ok((0..count).map(direction).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn terms_are_words_and_pairs() {
        assert_eq!(
            terms("What's in D'Arcy's songs? naïve"),
            ["what", "in", "arcy", "songs", "naïve", "what in", "in arcy", "arcy songs", "songs naïve"]
        );
        assert!(terms("? a !").is_empty());
    }

    /// Directions are the eigenvectors of the products of all terms, found densely.
    #[test]
    fn directions_are_singular_vectors() {
        let list =
            texts(&["red fish", "blue fish", "one fish", "two blue boats", "red boats here", "one red boat there", "two fish"]);
        let features = TextFeatures::fit(&list, 3, &mut Stream::named(1, "text")).expect("enough");
        let gram = features.products(&list, &list);
        for place in 0..7 {
            assert!((gram[(place, place)] - 1.0).abs() < 1e-14);
        }
        let mut exact: Vec<f64> = gram.self_adjoint_eigenvalues(Side::Lower).expect("symmetric");
        exact.reverse();
        let along = features.apply(&list).expect("texts");
        #[allow(clippy::needless_range_loop)] // three lists at one place
        for k in 0..3 {
            let squared: f64 = along.iter().skip(k).step_by(3).map(|x| x * x).sum();
            assert!((squared - exact[k]).abs() < 1e-10, "{squared} {}", exact[k]);
        }
        // another start, the same directions
        let other = TextFeatures::fit(&list, 3, &mut Stream::named(2, "text")).expect("enough").apply(&list).expect("texts");
        assert!(along.iter().zip(&other).all(|(a, b)| (a - b).abs() < 1e-8), "{along:?} {other:?}");
        assert_eq!(features.apply(&texts(&["unknown words only"])).expect("a text"), [0.0; 3]);
    }

    #[test]
    fn terms_and_directions_equal_those_of_scikit_learn() {
        let golden = &crate::golden::classify()["texts"];
        let (known, asked) = (crate::golden::texts(&golden["texts"]), crate::golden::texts(&golden["asked"]));
        let features = TextFeatures::fit(&known, 3, &mut Stream::named(1, "text")).expect("enough");
        let products = features.products(&asked, &known);
        for (row, expected) in crate::golden::rows(&golden["products"]).iter().enumerate() {
            for (column, expected) in expected.iter().enumerate() {
                assert!((products[(row, column)] - expected).abs() < 1e-14, "{} {expected}", products[(row, column)]);
            }
        }
        let along = features.apply(&known).expect("texts");
        for (k, singular) in crate::golden::numbers(&golden["singular"]).iter().enumerate() {
            let squared: f64 = along.iter().skip(k).step_by(3).map(|x| x * x).sum();
            assert!((squared.sqrt() - singular).abs() < 1e-12, "{} {singular}", squared.sqrt());
        }
        let sizes: Vec<f64> = features.apply(&asked).expect("texts").iter().map(|x| x.abs()).collect();
        for (size, expected) in sizes.iter().zip(crate::golden::rows(&golden["along"]).concat()) {
            assert!((size - expected).abs() < 1e-7, "{size} {expected}");
        }
    }

    #[test]
    fn too_few_texts_are_refused() {
        let mut stream = Stream::named(1, "text");
        assert!(TextFeatures::fit(&texts(&["red fish", "one"]), 3, &mut stream).is_err());
        assert!(TextFeatures::fit(&texts(&["?", "!"]), 1, &mut stream).is_err());
    }
}
