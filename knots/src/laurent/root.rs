//! Values of integer polynomials at roots of unity, right in every bit of a double.
//!
//! Large coefficients may cancel to a small value, so no fixed precision is enough. Whether a part of the value is zero is decided exactly:
//! `f` vanishes at the primitive `d`-th roots of unity where the product of `1 - x^{d/p}` over the primes `p` of `d`, which vanishes
//! at all other `d`-th roots and at none of these, takes it to a multiple of `x^d - 1`. What is not zero is computed in fixed point with
//! so many bits that 60 of them are right, and rounded once.

use num_bigint::{BigInt, Sign};
use num_complex::Complex64;
use num_traits::{ToPrimitive, Zero};

/// Bits of a result that have to be right before it is rounded.
const RIGHT_BITS: u64 = 60;

/// `sum_j classes[j] e^{2 pi i j/d}` for `d` classes.
pub(super) fn value(classes: &[BigInt]) -> Complex64 {
    let d = classes.len();
    let opposite = |j: usize| &classes[(d - j) % d];
    let even: Vec<BigInt> = (0..d).map(|j| &classes[j] + opposite(j)).collect();
    let odd: Vec<BigInt> = (0..d).map(|j| &classes[j] - opposite(j)).collect();
    let parts = [!vanishes(&even), !vanishes(&odd)];
    let size: BigInt = classes.iter().map(|class| BigInt::from(class.magnitude().clone())).sum();
    let steps = classes.iter().filter(|class| !class.is_zero()).count() as u64 + 1;
    // every step of Horner's rule errs by a unit of the last place, and by the size of the sum times the error of the root
    let lost = size.bits() + 2 * (64 - u64::from((d as u64 + steps).leading_zeros())) + 8;
    let mut bits = lost + 2 * RIGHT_BITS;
    loop {
        let found = horner(classes, bits);
        let right = |part: &BigInt, exists: bool| !exists || part.bits() >= lost + RIGHT_BITS;
        if right(&found[0], parts[0]) && right(&found[1], parts[1]) {
            let part = |index: usize| if parts[index] { to_f64(&found[index], bits) } else { 0.0 };
            return Complex64::new(part(0), part(1));
        }
        bits += bits;
    }
}

/// Whether the polynomial with these coefficients, as many as the order, vanishes at the primitive roots of this order.
fn vanishes(classes: &[BigInt]) -> bool {
    let d = classes.len();
    let mut product = classes.to_vec();
    for p in primes(d) {
        let shift = d / p;
        product = (0..d).map(|j| &product[j] - &product[(j + d - shift) % d]).collect();
    }
    product.iter().all(Zero::is_zero)
}

/// The primes that divide a number.
fn primes(number: usize) -> Vec<usize> {
    let (mut rest, mut found) = (number, Vec::new());
    let mut p = 2;
    while p * p <= rest {
        if rest.is_multiple_of(p) {
            found.push(p);
            while rest.is_multiple_of(p) {
                rest /= p;
            }
        }
        p += 1;
    }
    if rest > 1 {
        found.push(rest);
    }
    found
}

/// Real and imaginary part as integers over `2^bits`.
fn horner(classes: &[BigInt], bits: u64) -> [BigInt; 2] {
    let root = cis(1, classes.len() as u64, bits);
    let mut sum = [BigInt::ZERO, BigInt::ZERO];
    let mut gap = 0;
    for class in classes.iter().rev() {
        gap += 1;
        if !class.is_zero() {
            if !(sum[0].is_zero() && sum[1].is_zero()) {
                sum = times(&sum, &power(&root, gap, bits), bits);
            }
            sum[0] += class << bits;
            gap = 0;
        }
    }
    if gap > 0 { times(&sum, &power(&root, gap, bits), bits) } else { sum }
}

/// Product of two complex numbers over `2^bits`.
fn times(a: &[BigInt; 2], b: &[BigInt; 2], bits: u64) -> [BigInt; 2] {
    [(&a[0] * &b[0] - &a[1] * &b[1]) >> bits, (&a[0] * &b[1] + &a[1] * &b[0]) >> bits]
}

fn power(base: &[BigInt; 2], exponent: u64, bits: u64) -> [BigInt; 2] {
    let mut result = base.clone();
    let mut rest = exponent - 1;
    let mut square = base.clone();
    while rest > 0 {
        if rest & 1 == 1 {
            result = times(&result, &square, bits);
        }
        rest >>= 1;
        if rest > 0 {
            square = times(&square, &square, bits);
        }
    }
    result
}

/// `e^{2 pi i numerator/denominator}` over `2^bits`, right to the last few bits: a Taylor series of a small part of the angle, squared.
fn cis(numerator: u64, denominator: u64, bits: u64) -> [BigInt; 2] {
    let halvings = 4 + (bits as f64).sqrt() as u64;
    // each squaring doubles the error
    let inner = bits + halvings + 16;
    let angle = (pi(inner) * 2 * numerator / denominator) >> halvings;
    let mut sum = [BigInt::from(1) << inner, BigInt::ZERO];
    let mut term = sum[0].clone();
    let mut n = 0u64;
    while !term.is_zero() {
        n += 1;
        term = ((term * &angle) >> inner) / n;
        let part = &mut sum[(n % 2) as usize];
        if n % 4 < 2 { *part += &term } else { *part -= &term }
    }
    for _ in 0..halvings {
        sum = times(&sum, &sum, inner);
    }
    sum.map(|part| part >> (inner - bits))
}

/// Pi over `2^bits`, by Machin's formula.
fn pi(bits: u64) -> BigInt {
    let inner = bits + 32;
    let arctangent = |inverse: u64| {
        let mut power = (BigInt::from(1) << inner) / inverse;
        let mut sum = power.clone();
        let mut n = 1u64;
        while !power.is_zero() {
            power /= inverse * inverse;
            n += 2;
            let term = &power / n;
            if n % 4 == 1 { sum += term } else { sum -= term }
        }
        sum
    };
    (arctangent(5) * 16 - arctangent(239) * 4) >> 32
}

/// The double nearest to an integer over `2^bits`.
fn to_f64(number: &BigInt, bits: u64) -> f64 {
    let excess = number.bits().saturating_sub(64);
    // a bit that is cut off keeps the rest off the middle between two doubles
    let top = BigInt::from_biguint(Sign::Plus, number.magnitude() >> excess | num_bigint::BigUint::from(u8::from(excess > 0)));
    let exponent = excess as i64 - bits as i64;
    // in two steps, so that neither leaves the range of doubles before the product does
    let half = (exponent / 2) as i32;
    let size = top.to_f64().unwrap_or(f64::INFINITY) * 2f64.powi(half) * 2f64.powi((exponent - i64::from(half)) as i32);
    if number.sign() == Sign::Minus { -size } else { size }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pi_has_its_digits() {
        // 40 decimals of pi
        let digits: BigInt = (pi(160) * BigInt::from(10).pow(40)) >> 160;
        assert_eq!(digits.to_string(), "31415926535897932384626433832795028841971");
    }

    #[test]
    fn small_units_are_right_in_every_bit() {
        // (z + 1/z)^n with z = e^{2 pi i/5} is phi^-n, out of binomial coefficients of up to n bits
        for n in [1usize, 40, 300, 1400] {
            let mut row = vec![BigInt::from(1)];
            for _ in 0..n {
                let next: Vec<BigInt> = (0..=row.len())
                    .map(|k| row.get(k).cloned().unwrap_or_default() + if k > 0 { row[k - 1].clone() } else { BigInt::ZERO })
                    .collect();
                row = next;
            }
            let mut classes = vec![BigInt::ZERO; 5];
            for (k, coefficient) in row.iter().enumerate() {
                classes[(2 * k + 4 * n) % 5] += coefficient;
            }
            let found = value(&classes);
            let expected = (0.5 * (5f64.sqrt() - 1.0)).powi(n as i32);
            assert!(
                (found.re / expected - 1.0).abs() < 1e-13 * (1.0 + n as f64 / 50.0) && found.im == 0.0,
                "{n}: {found} {expected}"
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        /// Multiples of what vanishes at the root change nothing, however large they are.
        #[test]
        fn large_cancelling_parts_change_nothing(
            d in 2usize..61,
            small in proptest::collection::vec(-9i64..10, 1..8),
            (shift, exponent, sign) in (0usize..60, 0u32..4000, proptest::bool::ANY),
        ) {
            let mut classes = vec![BigInt::ZERO; d];
            let mut expected = Complex64::ZERO;
            for (k, &coefficient) in small.iter().enumerate() {
                classes[7 * k % d] += coefficient;
                expected += coefficient as f64 * Complex64::cis(std::f64::consts::TAU * (7 * k % d) as f64 / d as f64);
            }
            let plain = value(&classes);
            prop_assert!((plain - expected).norm() < 1e-13, "{plain} {expected}");
            for p in primes(d) {
                let large = (BigInt::from(1) << exponent) * if sign { 1 } else { -1 };
                (0..p).for_each(|i| classes[(shift + i * (d / p)) % d] += &large);
            }
            prop_assert_eq!(value(&classes), plain);
        }
    }
}
