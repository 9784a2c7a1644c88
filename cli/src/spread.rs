//! A number over several runs.

use serde::Serialize;

/// The median and the range of a number over runs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spread {
    pub median: f64,
    pub lowest: f64,
    pub highest: f64,
}

impl Spread {
    /// `None` without numbers; of an even number of them, the mean of the two in the middle.
    pub fn of(numbers: impl Iterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = numbers.collect();
        sorted.sort_by(f64::total_cmp);
        let (&lowest, &highest) = (sorted.first()?, sorted.last()?);
        let median = f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
        Some(Self { median, lowest, highest })
    }

    /// The number, and the range where there is one.
    pub fn text(self, number: impl Fn(f64) -> String) -> String {
        if self.lowest == self.highest {
            return number(self.median);
        }
        format!("{} ({} to {})", number(self.median), number(self.lowest), number(self.highest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_ranges() {
        let spread = |numbers: &[f64]| Spread::of(numbers.iter().copied());
        assert_eq!(spread(&[]), None);
        assert_eq!(spread(&[3.0, 1.0, 2.0]), Some(Spread { median: 2.0, lowest: 1.0, highest: 3.0 }));
        assert_eq!(spread(&[4.0, 1.0]).map(|s| s.median), Some(2.5));
        assert_eq!(spread(&[2.0, 2.0]).map(|s| s.text(|x| x.to_string())), Some("2".to_owned()));
        assert_eq!(spread(&[1.0, 3.0]).map(|s| s.text(|x| x.to_string())), Some("2 (1 to 3)".to_owned()));
    }
}
