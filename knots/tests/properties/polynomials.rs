//! Relations of the Jones polynomial, and the ring it lives in.

use num_complex::Complex64;
use proptest::prelude::*;
use qloom_knots::{Closure, Laurent, path_model};

use super::draws::{braid, jones, laurent, sum, word};

fn polynomial() -> impl Strategy<Value = Laurent> {
    (-9i64..9, prop::collection::vec(-50i64..50, 0..8)).prop_map(|(lowest, coefficients)| laurent(lowest, &coefficients))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// `t^{-1} V(L+) - t V(L-) = (t^{1/2} - t^{-1/2}) V(L0)`, at every crossing (Jones 1985).
    #[test]
    fn the_skein_relation_holds(braid in braid(4, 10), at in any::<prop::sample::Index>(), i in 1i32..4) {
        let i = i.min(braid.strands() as i32 - 1);
        let at = at.index(braid.len() + 1);
        let (before, after) = braid.letters().split_at(at);
        let with = |middle: &[i32]| jones(&word(braid.strands(), before.iter().chain(middle).chain(after).copied()));
        let left = sum(&with(&[i]).times(&laurent(-2, &[1])), &with(&[-i]).times(&laurent(2, &[-1])));
        prop_assert_eq!(left, with(&[]).times(&laurent(-1, &[-1, 1])));
    }

    /// Jones 1985: `V(1) = (-2)^{c-1}` and `V(e^{2 pi i/3}) = (-1)^{c-1}` for a link of c components.
    #[test]
    fn values_at_one_and_at_the_third_root(braid in braid(5, 14)) {
        let v = jones(&braid);
        let components = braid.components() as i32;
        let one = v.at_half_power_root(0, 1);
        prop_assert!((one - Complex64::new((-2.0f64).powi(components - 1), 0.0)).norm() < 1e-9, "{}", one);
        // t = e^{2 pi i/3}, t^{1/2} = e^{i pi/3}
        let third = v.at_half_power_root(1, 6);
        prop_assert!((third - Complex64::new((-1.0f64).powi(components - 1), 0.0)).norm() < 1e-9, "{}", third);
    }

    /// Exponents are whole for an odd number of components and half-integers otherwise.
    #[test]
    fn exponents_follow_the_components(braid in braid(5, 14)) {
        let odd = braid.components() % 2 == 0;
        prop_assert!(jones(&braid).terms().all(|(twice, _)| (twice.rem_euclid(2) == 1) == odd));
    }

    /// At `t = i` a knot has the value 1 or -1, by its Arf invariant (Murakami 1986).
    #[test]
    fn knots_have_a_sign_at_the_fourth_root(braid in braid(4, 12)) {
        prop_assume!(braid.components() == 1);
        let value = jones(&braid).at_half_power_root(1, 8);
        prop_assert!(value.im.abs() < 1e-9 && (value.re.abs() - 1.0).abs() < 1e-9, "{}", value);
    }

    /// Walks on a line of `k - 1` vertices have the value of the polynomial at the root.
    #[test]
    fn the_path_model_is_the_polynomial_at_a_root(braid in braid(4, 10), k in 3u32..9) {
        let expected = jones(&braid);
        let value = path_model::jones_at_root(&braid, Closure::Trace, braid.writhe(), k).expect("a small braid");
        // t^{1/2} = -e^{i pi/k} = e^{2 pi i (k + 1)/(2 k)}
        let exact = expected.at_half_power_root(i64::from(k) + 1, 2 * u64::from(k));
        prop_assert!((value - exact).norm() < 1e-8 * exact.norm().max(1.0), "{} {}", value, exact);
    }

    #[test]
    fn the_fifth_root_is_one_of_the_roots(braid in braid(5, 14)) {
        let v = jones(&braid);
        prop_assert!((v.at_fifth_root() - v.at_half_power_root(3, 5)).norm() < 1e-9);
    }

    #[test]
    fn products_are_those_of_a_ring(a in polynomial(), b in polynomial(), c in polynomial()) {
        prop_assert_eq!(a.times(&b), b.times(&a));
        prop_assert_eq!(a.times(&b).times(&c), a.times(&b.times(&c)));
        prop_assert_eq!(a.times(&Laurent::one()), a.clone());
        prop_assert_eq!(a.times(&b).mirror(), a.mirror().times(&b.mirror()));
        prop_assert_eq!(a.mirror().mirror(), a);
    }

    #[test]
    fn values_multiply(a in polynomial(), b in polynomial(), numerator in 0i64..12, denominator in 1u64..12) {
        let at = |p: &Laurent| p.at_half_power_root(numerator, denominator);
        prop_assert!((at(&a.times(&b)) - at(&a) * at(&b)).norm() < 1e-6);
    }

    /// Zeros at both ends say nothing.
    #[test]
    fn polynomials_are_kept_short(lowest in -9i64..9, coefficients in prop::collection::vec(-3i64..3, 0..6), zeros in 0usize..4) {
        let padded: Vec<i64> = std::iter::repeat_n(0, zeros).chain(coefficients.iter().copied()).chain([0]).collect();
        prop_assert_eq!(laurent(lowest - 2 * zeros as i64, &padded), laurent(lowest, &coefficients));
    }
}

#[test]
fn polynomials_are_printed_as_people_write_them() {
    for (polynomial, text) in [
        (laurent(0, &[]), "0"),
        (laurent(0, &[1]), "1"),
        (laurent(2, &[1, 0, 1, -1]), "t + t^3 - t^4"),
        (laurent(-1, &[-1, -1]), "-t^{-1/2} - t^{1/2}"),
        (laurent(-4, &[1, -1, 1, -1, 1]), "t^{-2} - t^{-1} + 1 - t + t^2"),
        (laurent(0, &[12, -7]), "12 - 7t"),
    ] {
        assert_eq!(polynomial.to_string(), text);
    }
}
