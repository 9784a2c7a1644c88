//! Sums that do not depend on the order of their terms.

/// Bits of a limb that are its own; the others take carries.
const BITS: u32 = 32;
/// Limbs for every double from the smallest to the largest, and carries beyond.
const LIMBS: usize = 68;
/// Exponent of the lowest bit: the least positive double is `2^-1074`.
const LOWEST: i32 = -1074;
/// Terms after which carries are taken along, so that no limb overflows.
const MOST_TERMS: u32 = 1 << 29;

/// The exact sum of doubles, rounded once when it is read: the same bits in whatever order, and however grouped, terms are added.
///
/// So a sum over parts of a state does not depend on who holds which part. Costs a few nanoseconds a term.
///
/// Source: U. W. Kulisch, Computer Arithmetic and Validity, section 8 (the complete register).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ExactSum {
    limbs: [i64; LIMBS],
    /// Terms since carries were taken along.
    terms: u32,
    /// The sum of terms that are not finite, 0 without any.
    special: f64,
}

impl Default for ExactSum {
    fn default() -> Self {
        Self { limbs: [0; LIMBS], terms: 0, special: 0.0 }
    }
}

impl ExactSum {
    /// Bytes of a saved sum.
    pub(crate) const BYTES: usize = 8 * (LIMBS + 1);

    /// Adds a term.
    pub(crate) fn add(&mut self, term: f64) {
        if !term.is_finite() {
            self.special += term;
            return;
        }
        let bits = term.to_bits();
        let (exponent, fraction) = ((bits >> 52 & 0x7ff) as u32, bits & ((1 << 52) - 1));
        let (place, mantissa) = if exponent == 0 { (0, fraction) } else { (exponent - 1, fraction | 1 << 52) };
        let (limb, wide) = ((place / BITS) as usize, u128::from(mantissa) << (place % BITS));
        for (k, to) in self.limbs[limb..limb + 3].iter_mut().enumerate() {
            let part = (wide >> (BITS * k as u32)) as u32;
            *to += if term.is_sign_negative() { -i64::from(part) } else { i64::from(part) };
        }
        self.terms += 1;
        if self.terms == MOST_TERMS {
            self.carry();
        }
    }

    /// Adds another sum.
    pub(crate) fn merge(&mut self, other: &Self) {
        let mut other = other.clone();
        other.carry();
        self.carry();
        self.limbs.iter_mut().zip(other.limbs).for_each(|(to, from)| *to += from);
        self.terms = 1;
        self.special += other.special;
    }

    /// Leaves every limb but the last its own bits.
    fn carry(&mut self) {
        for k in 0..LIMBS - 1 {
            let over = self.limbs[k] >> BITS;
            self.limbs[k] -= over << BITS;
            self.limbs[k + 1] += over;
        }
        self.terms = 0;
    }

    /// The double nearest to the sum.
    pub(crate) fn value(&self) -> f64 {
        if self.special != 0.0 || self.special.is_nan() {
            return self.special;
        }
        let mut sum = self.clone();
        sum.carry();
        let negative = sum.limbs[LIMBS - 1] < 0;
        if negative {
            sum.limbs.iter_mut().for_each(|limb| *limb = -*limb);
            sum.carry();
        }
        let Some(top) = sum.limbs.iter().rposition(|&limb| limb != 0) else { return 0.0 };
        let low = top.saturating_sub(2);
        let head = sum.limbs[low..=top].iter().rev().fold(0u128, |head, &limb| head << BITS | limb as u128);
        // what is below cannot be a tie: one more bit says that it is there
        let rest = sum.limbs[..low].iter().any(|&limb| limb != 0);
        let size = (head | u128::from(rest)) as f64 * power_of_two(LOWEST + (BITS as usize * low) as i32);
        if negative { -size } else { size }
    }

    /// The sum as bytes, [`ExactSum::BYTES`] of them.
    pub(crate) fn save(&self, to: &mut Vec<u8>) {
        let mut sum = self.clone();
        sum.carry();
        sum.limbs.iter().for_each(|limb| to.extend_from_slice(&limb.to_le_bytes()));
        to.extend_from_slice(&self.special.to_le_bytes());
    }

    /// A sum of its bytes; none where their number is another.
    pub(crate) fn load(bytes: &[u8]) -> Option<Self> {
        let (limbs, special) = bytes.split_at_checked(8 * LIMBS)?;
        let mut sum = Self { special: f64::from_le_bytes(special.try_into().ok()?), ..Self::default() };
        for (limb, bytes) in sum.limbs.iter_mut().zip(limbs.chunks_exact(8)) {
            *limb = i64::from_le_bytes(bytes.try_into().ok()?);
        }
        Some(sum)
    }
}

/// A power of two, subnormal ones included.
fn power_of_two(exponent: i32) -> f64 {
    if exponent >= -1022 { f64::from_bits(((exponent + 1023) as u64) << 52) } else { f64::from_bits(1 << (exponent - LOWEST)) }
}

/// The exact sum of some numbers, rounded once.
pub(crate) fn exactly(terms: impl IntoIterator<Item = f64>) -> f64 {
    let mut terms = terms.into_iter();
    let (Some(first), second) = (terms.next(), terms.next()) else { return 0.0 };
    let Some(second) = second else { return first };
    let mut sum = ExactSum::default();
    [first, second].into_iter().chain(terms).for_each(|term| sum.add(term));
    sum.value()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{ExactSum, exactly};

    #[test]
    fn known_sums() {
        assert_eq!(exactly([]), 0.0);
        assert_eq!(exactly([1e300, 1.0, -1e300, 2f64.powi(-60)]), 1.0 + 2f64.powi(-60));
        assert_eq!(exactly([0.1; 10]), 1.0);
        assert_eq!(exactly([f64::from_bits(1), f64::from_bits(2)]), f64::from_bits(3));
        assert_eq!(exactly([f64::MAX, f64::MAX, -f64::MAX]), f64::MAX);
        assert_eq!(exactly([f64::MAX, f64::MAX]), f64::INFINITY);
        assert_eq!(exactly([-1.5, -2.5]), -4.0);
        // halfway between two doubles, and a little beyond
        let half = 2f64.powi(-53);
        assert_eq!(exactly([1.0, half]), 1.0);
        assert_eq!(exactly([1.0, half, f64::from_bits(1)]), 1.0 + f64::EPSILON);
        assert!(exactly([f64::NAN, 1.0]).is_nan() && exactly([f64::INFINITY, 1.0]) == f64::INFINITY);
        assert!(exactly([f64::INFINITY, f64::NEG_INFINITY]).is_nan());
    }

    proptest! {
        #[test]
        fn order_and_grouping_change_no_bit(terms in prop::collection::vec(any::<f64>().prop_filter("finite", |x| x.is_finite()), 2..40), cut in 0usize..40) {
            let mut all = ExactSum::default();
            terms.iter().for_each(|&term| all.add(term));
            let (mut first, mut second) = (ExactSum::default(), ExactSum::default());
            let cut = cut.min(terms.len());
            terms[..cut].iter().rev().for_each(|&term| first.add(term));
            terms[cut..].iter().rev().for_each(|&term| second.add(term));
            let mut bytes = Vec::new();
            first.save(&mut bytes);
            prop_assert_eq!(bytes.len(), ExactSum::BYTES);
            second.merge(&ExactSum::load(&bytes).expect("as many bytes"));
            prop_assert_eq!(second.value().to_bits(), all.value().to_bits());
        }

        #[test]
        fn small_integers_add_up(terms in prop::collection::vec(-1_000_000i64..1_000_000, 0..50)) {
            let sum: i64 = terms.iter().sum();
            prop_assert_eq!(exactly(terms.iter().map(|&term| term as f64 / 1024.0)), sum as f64 / 1024.0);
        }
    }
}
