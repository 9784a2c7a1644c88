//! Values at roots of unity, however large the coefficients are.

use std::f64::consts::SQRT_2;
use std::ops::ControlFlow;

use proptest::prelude::*;
use qloom_knots::fibonacci::{Space, polynomial_factor};
use qloom_knots::{Braid, Closure, Complex64, Laurent, Limits, jones_of_braid, path_model};

fn jones(braid: &Braid) -> Laurent {
    let mut go_on = |_: usize, _: usize| ControlFlow::Continue(());
    let mut limits = Limits { memory_bytes: 1 << 30, progress: &mut go_on };
    jones_of_braid(braid, Closure::Trace, None, &mut limits).expect("few strands").jones
}

/// At `t = e^{2 pi i/k}` with `t^{1/2} = -e^{i pi/k}`.
fn at(polynomial: &Laurent, k: u64) -> Complex64 {
    polynomial.at_half_power_root(k as i64 + 1, 2 * k)
}

/// `(s1 s2^-1)^20` and `^50`: amphicheiral, so their values are real; computed elsewhere with 60 digits.
#[test]
fn turks_head_links() {
    for (text, value) in
        [(include_str!("../faults/turk_20.txt"), -0.909487394419), (include_str!("../faults/turk_50.txt"), 2.584493902582)]
    {
        let polynomial = jones(&Braid::parse(text).expect("a word"));
        for found in [polynomial.at_fifth_root(), at(&polynomial, 5)] {
            assert!((found.re - value).abs() < 6e-13 && found.im == 0.0, "{found} {value}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    /// The fifth root and others against unitary matrices, which lose nothing; and what is known of every link at the roots of order 1, 2, 3 and 4.
    #[test]
    fn long_words_have_the_values_of_links(strands in 2usize..5, seed in proptest::collection::vec((1i32..4, proptest::bool::ANY), 0..500)) {
        let letters = seed.iter().map(|&(i, up)| ((i - 1) % (strands as i32 - 1) + 1) * if up { 1 } else { -1 }).collect();
        let braid = Braid::new(strands, letters).expect("inside");
        let polynomial = jones(&braid);
        let components = braid.components() as i32;
        let trace = Space::new(strands).expect("few").trace(&braid) * polynomial_factor(&braid, Closure::Trace, braid.writhe());
        prop_assert!((polynomial.at_fifth_root() - trace).norm() < 1e-10, "{} {trace}", polynomial.at_fifth_root());
        for k in [4, 6, 7, 10, 12] {
            let walks = path_model::jones_at_root(&braid, Closure::Trace, braid.writhe(), k).expect("few walks");
            let found = at(&polynomial, k.into());
            prop_assert!((found - walks).norm() < 1e-9, "{k}: {found} {walks}");
        }
        prop_assert_eq!(at(&polynomial, 1), Complex64::new((-2f64).powi(components - 1), 0.0));
        prop_assert_eq!(at(&polynomial, 3), Complex64::new(1.0, 0.0));
        // the determinant is a whole number; up to a power of i it is the value at -1
        let minus = at(&polynomial, 2);
        prop_assert!(minus.re == 0.0 || minus.im == 0.0);
        let determinant = minus.re.abs() + minus.im.abs();
        prop_assert!(determinant > 1e15 || determinant.fract() == 0.0, "{determinant}");
        // 0, or a power of the square root of 2 with the sign of the Arf invariant
        let fourth = at(&polynomial, 4);
        let size = SQRT_2.powi(components - 1);
        prop_assert!(fourth.norm() == 0.0 || (fourth.norm() - size).abs() < 1e-15 * size, "{fourth} of {components}");
    }
}
