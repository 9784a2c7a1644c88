//! Moves of braids and diagrams that leave the link as it is.

use proptest::prelude::*;
use qloom_knots::{Braid, Closure, Diagram, Method, SimplifyConfig, cost, simplify, split};

use super::draws::{braid, jones, jones_by, jones_of, laurent, word};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Markov's first move.
    #[test]
    fn conjugation_keeps_the_polynomial(braid in braid(5, 14), letter in 1i32..5, positive in any::<bool>()) {
        let letter = letter.min(braid.strands() as i32 - 1) * if positive { 1 } else { -1 };
        let turned = word(braid.strands(), [letter].into_iter().chain(braid.letters().iter().copied()).chain([-letter]));
        prop_assert_eq!(jones(&turned), jones(&braid));
    }

    /// Markov's second move.
    #[test]
    fn stabilisation_keeps_the_polynomial(braid in braid(5, 14), positive in any::<bool>()) {
        let n = braid.strands() as i32;
        let longer = word(braid.strands() + 1, braid.letters().iter().copied().chain([if positive { n } else { -n }]));
        prop_assert_eq!(jones(&longer), jones(&braid));
        prop_assert_eq!(longer.components(), braid.components());
    }

    #[test]
    fn turning_the_word_keeps_the_polynomial(braid in braid(5, 14), by in any::<prop::sample::Index>()) {
        prop_assume!(!braid.is_empty());
        let mut letters = braid.letters().to_vec();
        let by = by.index(letters.len());
        letters.rotate_left(by);
        prop_assert_eq!(jones(&word(braid.strands(), letters)), jones(&braid));
    }

    /// The third Reidemeister move, in any place.
    #[test]
    fn braid_relations_keep_the_polynomial(braid in braid(5, 10), at in any::<prop::sample::Index>(), i in 1i32..4) {
        prop_assume!(braid.strands() > 2);
        let i = i.min(braid.strands() as i32 - 2);
        let at = at.index(braid.len() + 1);
        let (before, after) = braid.letters().split_at(at);
        let with = |middle: [i32; 3]| word(braid.strands(), before.iter().copied().chain(middle).chain(after.iter().copied()));
        prop_assert_eq!(jones(&with([i, i + 1, i])), jones(&with([i + 1, i, i + 1])));
        prop_assert_eq!(jones(&with([-i, i + 1, i])), jones(&with([i + 1, i, -(i + 1)])));
    }

    /// The second Reidemeister move, and far commutation.
    #[test]
    fn letters_that_cancel_or_commute_change_nothing(braid in braid(5, 10), at in any::<prop::sample::Index>(), i in 1i32..5) {
        let i = i.min(braid.strands() as i32 - 1);
        let at = at.index(braid.len() + 1);
        let (before, after) = braid.letters().split_at(at);
        let with = |middle: &[i32]| word(braid.strands(), before.iter().chain(middle).chain(after).copied());
        prop_assert_eq!(jones(&with(&[i, -i])), jones(&braid));
        if braid.strands() == 5 {
            prop_assert_eq!(jones(&with(&[1, -4])), jones(&with(&[-4, 1])));
        }
    }

    #[test]
    fn simplification_keeps_link_and_never_costs_more(braid in braid(6, 16)) {
        let simpler = simplify(&braid, SimplifyConfig::default(), &mut qloom_circuits::Stream::named(1, "slides"));
        prop_assert_eq!(jones(&simpler), jones(&braid));
        prop_assert_eq!(simpler.components(), braid.components());
        prop_assert!(cost(&simpler) <= cost(&braid), "{:?} {:?}", simpler, braid);
    }

    /// Parts that share no crossing: the polynomial is a product, with one loop value between each two.
    #[test]
    fn split_links_multiply(left in braid(3, 8), right in braid(3, 8)) {
        let shift = left.strands() as i32;
        let shifted = right.letters().iter().map(|letter| letter + shift * letter.signum());
        let both = word(left.strands() + right.strands(), left.letters().iter().copied().chain(shifted));
        let loop_value = laurent(-1, &[-1, -1]); // -t^{-1/2} - t^{1/2}
        prop_assert_eq!(jones(&both), jones(&left).times(&jones(&right)).times(&loop_value));
        let parts = split(&both);
        prop_assert!(parts.len() >= 2);
        let product = parts.iter().map(jones).reduce(|a, b| a.times(&b).times(&loop_value)).expect("parts");
        prop_assert_eq!(product, jones(&both));
    }

    /// The connected sum of closed braids: one strand shared.
    #[test]
    fn connected_sums_multiply(left in braid(3, 8), right in braid(3, 8)) {
        let shift = left.strands() as i32 - 1;
        let shifted = right.letters().iter().map(|letter| letter + shift * letter.signum());
        let both = word(left.strands() + right.strands() - 1, left.letters().iter().copied().chain(shifted));
        prop_assert_eq!(jones(&both), jones(&left).times(&jones(&right)));
    }

    #[test]
    fn the_mirror_image_turns_t_around(braid in braid(5, 14)) {
        prop_assert_eq!(jones(&braid.mirror()), jones(&braid).mirror());
        // the inverse word closes to the mirror image with all strands reversed
        prop_assert_eq!(jones(&braid.inverse()), jones(&braid).mirror());
        prop_assert_eq!(braid.mirror().writhe(), -braid.writhe());
        prop_assert_eq!(braid.inverse().inverse(), braid);
    }

    #[test]
    fn both_methods_and_the_diagram_agree(braid in braid(6, 16)) {
        let expected = jones_by(&braid, Closure::Trace, Some(Method::TemperleyLieb));
        prop_assert_eq!(jones_by(&braid, Closure::Trace, Some(Method::Frontier)), expected.clone());
        let diagram = Diagram::of_trace_closure(&braid);
        prop_assert_eq!(diagram.writhe(), braid.writhe());
        prop_assert_eq!(diagram.components(), braid.components());
        prop_assert_eq!(jones_of(&diagram), expected);
    }

    #[test]
    fn both_methods_agree_on_plat_closures(letters in prop::collection::vec((1i32..4, any::<bool>()), 0..14)) {
        let braid = word(4, letters.into_iter().map(|(letter, positive)| if positive { letter } else { -letter }));
        let along = jones_by(&braid, Closure::Plat, Some(Method::TemperleyLieb));
        prop_assert_eq!(jones_by(&braid, Closure::Plat, Some(Method::Frontier)), along);
    }

    /// Vogel's algorithm gives a braid of the same link.
    #[test]
    fn diagrams_become_braids_of_the_same_link(braid in braid(4, 10)) {
        let diagram = Diagram::of_trace_closure(&braid);
        let again = diagram.to_braid().expect("a planar diagram");
        prop_assert_eq!(jones(&again), jones(&braid));
        prop_assert_eq!(again.components(), braid.components());
        prop_assert_eq!(again.writhe(), braid.writhe(), "Vogel's moves are of the second kind");
    }

    /// The permutation tells the components.
    #[test]
    fn components_are_cycles(braid in braid(6, 16)) {
        let permutation = braid.permutation();
        let mut seen = vec![false; permutation.len()];
        let mut cycles = 0;
        for start in 0..permutation.len() {
            let mut at = start;
            cycles += usize::from(!seen[start]);
            while !std::mem::replace(&mut seen[at], true) {
                at = permutation[at];
            }
        }
        prop_assert_eq!(cycles, braid.components());
    }
}

#[test]
fn a_full_twist_commutes_with_everything() {
    let full = |n: i32| (0..n).flat_map(move |_| 1..n).collect::<Vec<i32>>();
    for n in 3..6i32 {
        for letter in 1..n {
            let left = word(n as usize, full(n).into_iter().chain([letter, letter, -1]));
            let right = word(n as usize, [letter, letter].into_iter().chain(full(n)).chain([-1]));
            assert_eq!(jones(&left), jones(&right));
        }
    }
}

#[test]
fn the_trivial_braid_is_an_unlink() {
    let loop_value = laurent(-1, &[-1, -1]);
    let mut expected = laurent(0, &[1]);
    for n in 1..6 {
        assert_eq!(jones(&Braid::new(n, vec![]).expect("strands")), expected);
        expected = expected.times(&loop_value);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// The first Reidemeister move: kinks of all four kinds, anywhere, one upon another, change no polynomial.
    #[test]
    fn kinks_change_nothing(braid in braid(4, 8), kinks in prop::collection::vec((any::<prop::sample::Index>(), 0..4usize), 1..12)) {
        let diagram = Diagram::of_trace_closure(&braid);
        prop_assume!(!diagram.crossings().is_empty() && diagram.circles() == 0);
        let mut crossings: Vec<[i64; 4]> = diagram.crossings().iter().map(|arcs| arcs.map(|arc| arc as i64)).collect();
        let positive = diagram.positive();
        for (at, kind) in kinks {
            // an incoming end of some crossing: under at place 0, over at place 3 or 1
            let crossing = at.index(diagram.crossings().len());
            let place = if kind % 2 == 0 { 0 } else if positive[crossing] { 3 } else { 1 };
            let a = crossings[crossing][place];
            let (b, c) = (1000 + 2 * crossings.len() as i64, 1001 + 2 * crossings.len() as i64);
            crossings[crossing][place] = b;
            crossings.push([[a, b, c, c], [a, c, c, b], [c, c, b, a], [c, a, b, c]][kind]);
        }
        let kinked = Diagram::from_labels(&crossings).expect("still a diagram");
        prop_assert_eq!(kinked.components(), braid.components());
        let plain = kinked.without_kinks();
        prop_assert!(plain.crossings().len() <= braid.len());
        prop_assert_eq!(plain.components(), braid.components());
        let mut go_on = |_: usize, _: usize| std::ops::ControlFlow::Continue(());
        let mut limits = qloom_knots::Limits { memory_bytes: 1 << 30, progress: &mut go_on };
        let exact = qloom_knots::jones_of_diagram(&kinked, None, &mut limits).expect("small");
        prop_assert_eq!(exact.jones, jones(&braid));
        prop_assert_eq!(exact.writhe, kinked.writhe());
    }
}
