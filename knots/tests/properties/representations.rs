//! The Fibonacci representation: unitary, a representation of the braid group, and with the polynomial's value as its trace.

use num_complex::Complex64;
use proptest::prelude::*;
use qloom_knots::Closure;
use qloom_knots::fibonacci::{PathString, Space, polynomial_factor, random_vector};

use super::draws::{braid, jones, word};

fn vector(space: &Space, seed: u64) -> Vec<Complex64> {
    let mut stream = qloom_circuits::Stream::named(seed, "vector");
    (0..space.dimension()).map(|_| Complex64::new(stream.normal(), stream.normal())).collect()
}

fn distance(a: &[Complex64], b: &[Complex64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn braids_act_as_unitaries(braid in braid(7, 16), seed in any::<u64>()) {
        let space = Space::new(braid.strands()).expect("few strands");
        let before = vector(&space, seed);
        let mut after = before.clone();
        space.apply_braid(&mut after, &braid);
        let norm = |v: &[Complex64]| v.iter().map(|a| a.norm_sqr()).sum::<f64>();
        prop_assert!((norm(&after) / norm(&before) - 1.0).abs() < 1e-12);
        space.apply_braid(&mut after, &braid.inverse());
        prop_assert!(distance(&before, &after) < 1e-11);
    }

    #[test]
    fn the_relations_of_the_braid_group_hold(strands in 3usize..8, i in 1i32..6, seed in any::<u64>(), power in 2i32..7) {
        let i = i.min(strands as i32 - 2);
        let space = Space::new(strands).expect("few strands");
        let run = |letters: &[i32]| {
            let mut state = vector(&space, seed);
            space.apply_braid(&mut state, &word(strands, letters.iter().copied()));
            state
        };
        prop_assert!(distance(&run(&[i, i + 1, i]), &run(&[i + 1, i, i + 1])) < 1e-12);
        if strands >= 4 {
            let last = strands as i32 - 1;
            prop_assert!(i + 1 >= last || distance(&run(&[i, last]), &run(&[last, i])) < 1e-12);
        }
        // a run of letters is one power
        let mut at_once = vector(&space, seed);
        space.apply(&mut at_once, i as usize, power);
        prop_assert!(distance(&run(&vec![i; power as usize]), &at_once) < 1e-12);
        // the tenth power of a generator is the identity: eigenvalues are tenth roots of unity up to a common phase
        let mut often = vector(&space, seed);
        (0..10).for_each(|_| space.apply(&mut often, i as usize, 1));
        let phase = often[0] / vector(&space, seed)[0];
        let turned: Vec<Complex64> = vector(&space, seed).iter().map(|a| a * phase).collect();
        prop_assert!(distance(&often, &turned) < 1e-10);
    }

    /// The Markov trace is the polynomial at the fifth root.
    #[test]
    fn the_trace_is_the_polynomial(braid in braid(6, 14)) {
        let space = Space::new(braid.strands()).expect("few strands");
        let value = polynomial_factor(&braid, Closure::Trace, braid.writhe()) * space.trace(&braid);
        let exact = jones(&braid).at_fifth_root();
        prop_assert!((value - exact).norm() < 1e-9 * exact.norm().max(1.0), "{} {}", value, exact);
    }

    #[test]
    fn strings_are_numbered_in_order(strands in 1usize..12) {
        let space = Space::new(strands).expect("few strands");
        let strings = PathString::all(strands);
        prop_assert_eq!(strings.len(), space.dimension());
        for (index, string) in strings.iter().enumerate() {
            prop_assert_eq!(space.index(string), index);
            let again = PathString::new(string.bits().to_vec());
            prop_assert_eq!(again.as_ref(), Some(string));
        }
        let total: f64 = strings.iter().map(PathString::probability).sum();
        prop_assert!((total - 1.0).abs() < 1e-12);
    }
}

/// Strings are drawn as often as they are likely.
#[test]
fn strings_are_drawn_from_their_distribution() {
    let mut stream = qloom_circuits::Stream::named(5, "strings");
    let strings = PathString::all(5);
    let space = Space::new(5).expect("few strands");
    let mut counts = vec![0u32; strings.len()];
    let draws = 40_000;
    for _ in 0..draws {
        counts[space.index(&PathString::sample(5, &mut || stream.unit()))] += 1;
    }
    let chi_square: f64 = strings
        .iter()
        .zip(&counts)
        .map(|(string, &count)| {
            let expected = string.probability() * f64::from(draws);
            (f64::from(count) - expected).powi(2) / expected
        })
        .sum();
    // 7 degrees of freedom: 29.9 is exceeded once in ten thousand
    assert!(chi_square < 29.9, "{chi_square}");
}

/// One random vector is right on average and as far off as it says.
#[test]
fn random_vectors_estimate_the_trace() {
    let braid = word(8, [1, -2, 3, 4, -5, 6, 7, -1, 2, 3, -4, 5, 6, -7]);
    let exact = Space::new(8).expect("few strands").trace(&braid);
    let estimate = {
        let mut go_on = |_: usize, _: usize| std::ops::ControlFlow::Continue(());
        let limits = &mut qloom_knots::Limits { memory_bytes: 1 << 30, progress: &mut go_on };
        random_vector(&braid, 200, &mut qloom_circuits::Stream::named(3, "vectors"), limits).expect("it fits")
    };
    let error = (estimate.value - exact).norm();
    assert!(error < 6.0 * estimate.standard_error.max(1e-6), "{error} {estimate:?}");
}

#[test]
fn illegal_strings_are_none() {
    assert!(PathString::new(vec![true, false, false]).is_none());
    assert!(PathString::new(vec![false, true]).is_none(), "the first bit is one");
    assert_eq!(PathString::cups(4).bits(), [true, false, true, false]);
}
