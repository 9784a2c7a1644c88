//! What a state of the bracket sum carries: a polynomial in `A^4` with an offset, over integers wide enough.
//!
//! Coefficients are computed modulo `2^{64 K}` by wrapping addition. A first run of the same sum over [`OneNorm`] bounds the
//! absolute value of every coefficient of the result, and `K` is chosen so that the wrapped result is the exact one.

use num_bigint::{BigInt, Sign};

/// A value that is added up along the bracket sum.
pub(super) trait Accumulator: Clone + Send + Sync {
    /// Zero.
    fn zero() -> Self;
    /// One.
    fn one() -> Self;
    /// Multiplies by `A^power`, and by -1 if `negate`.
    fn scale(&mut self, power: i64, negate: bool);
    /// Adds `A^power` times the other value, its negative if `negate`.
    fn add(&mut self, other: &Self, power: i64, negate: bool);

    /// Multiplies by `(-A^2 - A^-2)^exponent`.
    fn times_loops(self, exponent: usize) -> Self {
        let mut value = self;
        for _ in 0..exponent {
            let mut next = Self::zero();
            next.add(&value, -2, true);
            next.add(&value, 2, true);
            value = next;
        }
        value
    }
}

/// The sum of the absolute values of the coefficients, `value * 2^exponent`: an upper bound on each of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct OneNorm {
    value: f64,
    exponent: i32,
}

impl OneNorm {
    /// Bits that hold every coefficient with its sign; a margin of 16 covers every rounding of the sum.
    pub(super) fn bits(self) -> f64 {
        (self.value.max(f64::MIN_POSITIVE).log2() + f64::from(self.exponent)).max(0.0) + 16.0
    }

    /// How many 64-bit words hold every coefficient, or none when no fixed number does.
    pub(super) fn words(self) -> Option<usize> {
        [1, 2, 4, 8, 16].into_iter().find(|&words| self.bits() < 64.0 * words as f64)
    }
}

/// Above `2^500` the exponent takes over.
const LARGE_BITS: i32 = 500;
const LARGE: f64 = 3.273390607896142e150;

impl Accumulator for OneNorm {
    fn zero() -> Self {
        Self { value: 0.0, exponent: 0 }
    }
    fn one() -> Self {
        Self { value: 1.0, exponent: 0 }
    }
    fn scale(&mut self, _: i64, _: bool) {}
    fn add(&mut self, other: &Self, _: i64, _: bool) {
        if self.value == 0.0 {
            *self = *other;
            return;
        }
        // what is smaller by more than a double's range is lost in the margin
        let shift = |from: i32, to: i32| if from == to { 1.0 } else { 2f64.powi(from - to) };
        let exponent = self.exponent.max(other.exponent);
        self.value = self.value * shift(self.exponent, exponent) + other.value * shift(other.exponent, exponent);
        self.exponent = exponent;
        if self.value > LARGE {
            self.value /= LARGE;
            self.exponent += LARGE_BITS;
        }
    }
}

/// A ring of integers, possibly modulo a power of two.
pub(super) trait Coefficient: Clone + Send + Sync {
    fn zero() -> Self;
    fn one() -> Self;
    fn add_assign(&mut self, other: &Self);
    fn sub_assign(&mut self, other: &Self);
    /// The integer, the representative nearest to zero where the ring is modular.
    fn to_integer(&self) -> BigInt;
}

impl Coefficient for i64 {
    fn zero() -> Self {
        0
    }
    fn one() -> Self {
        1
    }
    fn add_assign(&mut self, other: &Self) {
        *self = self.wrapping_add(*other);
    }
    fn sub_assign(&mut self, other: &Self) {
        *self = self.wrapping_sub(*other);
    }
    fn to_integer(&self) -> BigInt {
        (*self).into()
    }
}

impl Coefficient for i128 {
    fn zero() -> Self {
        0
    }
    fn one() -> Self {
        1
    }
    fn add_assign(&mut self, other: &Self) {
        *self = self.wrapping_add(*other);
    }
    fn sub_assign(&mut self, other: &Self) {
        *self = self.wrapping_sub(*other);
    }
    fn to_integer(&self) -> BigInt {
        (*self).into()
    }
}

/// Integers modulo `2^{64 K}`, least significant word first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Words<const K: usize>([u64; K]);

impl<const K: usize> Coefficient for Words<K> {
    fn zero() -> Self {
        Self([0; K])
    }
    fn one() -> Self {
        let mut words = [0; K];
        words[0] = 1;
        Self(words)
    }
    fn add_assign(&mut self, other: &Self) {
        let mut carry = false;
        for (word, &add) in self.0.iter_mut().zip(&other.0) {
            let (sum, first) = word.overflowing_add(add);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            *word = sum;
            carry = first | second;
        }
    }
    fn sub_assign(&mut self, other: &Self) {
        let mut borrow = false;
        for (word, &subtract) in self.0.iter_mut().zip(&other.0) {
            let (rest, first) = word.overflowing_sub(subtract);
            let (rest, second) = rest.overflowing_sub(u64::from(borrow));
            *word = rest;
            borrow = first | second;
        }
    }
    fn to_integer(&self) -> BigInt {
        let negative = self.0[K - 1] >> 63 == 1;
        let mut size = *self;
        if negative {
            size = Self::zero();
            size.sub_assign(self);
        }
        let bytes: Vec<u8> = size.0.iter().flat_map(|word| word.to_le_bytes()).collect();
        BigInt::from_bytes_le(if negative { Sign::Minus } else { Sign::Plus }, &bytes)
    }
}

impl Coefficient for BigInt {
    fn zero() -> Self {
        Self::ZERO
    }
    fn one() -> Self {
        1.into()
    }
    fn add_assign(&mut self, other: &Self) {
        *self += other;
    }
    fn sub_assign(&mut self, other: &Self) {
        *self -= other;
    }
    fn to_integer(&self) -> BigInt {
        self.clone()
    }
}

/// A polynomial `(+-1) A^offset (c_0 + c_1 A^4 + c_2 A^8 + ...)`.
///
/// All exponents of one planar matching agree modulo 4, so only every fourth is stored. There may be unused zeros in front, so
/// that lower exponents can be added without moving what is there.
#[derive(Clone, Debug)]
pub(super) struct Polynomial<C> {
    data: Vec<C>,
    start: usize,
    offset: i64,
    negative: bool,
}

impl<C: Coefficient> Polynomial<C> {
    /// The terms as (exponent of A, coefficient).
    pub(super) fn terms(&self) -> impl Iterator<Item = (i64, BigInt)> {
        self.data[self.start..].iter().enumerate().map(|(k, coefficient)| {
            let value = coefficient.to_integer();
            (self.offset + 4 * k as i64, if self.negative { -value } else { value })
        })
    }

    /// Makes room for `count` more coefficients in front.
    fn extend_front(&mut self, count: usize) {
        if count > self.start {
            let spare = count + self.data.len() / 4 + 2;
            let mut data = Vec::with_capacity(spare + self.data.len() - self.start);
            data.resize(spare, C::zero());
            data.extend_from_slice(&self.data[self.start..]);
            self.data = data;
            self.start = spare;
        }
        self.start -= count;
        self.offset -= 4 * count as i64;
    }
}

impl<C: Coefficient> Accumulator for Polynomial<C> {
    fn zero() -> Self {
        Self { data: Vec::new(), start: 0, offset: 0, negative: false }
    }

    fn one() -> Self {
        Self { data: vec![C::one()], start: 0, offset: 0, negative: false }
    }

    fn scale(&mut self, power: i64, negate: bool) {
        self.offset += power;
        self.negative ^= negate;
    }

    fn add(&mut self, other: &Self, power: i64, negate: bool) {
        let source = &other.data[other.start..];
        if source.is_empty() {
            return;
        }
        let offset = other.offset + power;
        let negative = other.negative ^ negate;
        if self.data.len() == self.start {
            self.data.clear();
            self.data.extend_from_slice(source);
            (self.start, self.offset, self.negative) = (0, offset, negative);
            return;
        }
        let difference = offset - self.offset;
        assert!(difference % 4 == 0, "exponents of one planar matching agree modulo 4");
        if difference < 0 {
            self.extend_front((-difference / 4) as usize);
        }
        let first = self.start + ((offset - self.offset) / 4) as usize;
        if first + source.len() > self.data.len() {
            self.data.resize(first + source.len(), C::zero());
        }
        let target = &mut self.data[first..first + source.len()];
        if negative == self.negative {
            target.iter_mut().zip(source).for_each(|(sum, term)| sum.add_assign(term));
        } else {
            target.iter_mut().zip(source).for_each(|(sum, term)| sum.sub_assign(term));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms<C: Coefficient>(polynomial: &Polynomial<C>) -> Vec<(i64, BigInt)> {
        polynomial.terms().filter(|(_, c)| *c != BigInt::ZERO).collect()
    }

    #[test]
    fn sums_and_shifts_agree_with_big_integers() {
        fn example<C: Coefficient>() -> Vec<(i64, BigInt)> {
            let mut value = Polynomial::<C>::one();
            for round in 0..40 {
                let copy = value.clone();
                value.add(&copy, 4 * (round % 5) - 8, round % 3 == 0);
                value.scale(3 - round, round % 2 == 0);
            }
            terms(&value.times_loops(3))
        }
        let exact = example::<BigInt>();
        assert_eq!(example::<i64>(), exact);
        assert_eq!(example::<i128>(), exact);
        assert_eq!(example::<Words<4>>(), exact);
    }

    #[test]
    fn norms_go_beyond_doubles() {
        assert_eq!(LARGE, 2f64.powi(LARGE_BITS));
        let mut norm = OneNorm::one();
        for _ in 0..5000 {
            let copy = norm;
            norm.add(&copy, 0, false);
        }
        assert!((norm.bits() - 5016.0).abs() < 1e-9 && norm.words().is_none());
        let mut small = OneNorm::one();
        small.add(&norm, 0, false);
        assert!((small.bits() - norm.bits()).abs() < 1e-9);
        assert_eq!(OneNorm::one().words(), Some(1));
    }

    #[test]
    fn words_carry_and_borrow() {
        let mut value = Words::<4>::one();
        for _ in 0..200 {
            let copy = value;
            value.add_assign(&copy);
        }
        assert_eq!(value.to_integer(), BigInt::from(1) << 200u32);
        let mut negative = Words::<4>::zero();
        negative.sub_assign(&value);
        assert_eq!(negative.to_integer(), -(BigInt::from(1) << 200u32));
    }
}
