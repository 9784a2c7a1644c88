//! Simplification against the exact polynomial, and against the Fibonacci representation where the braid itself must stay.

use std::ops::ControlFlow;

use super::*;
use crate::exact::{Limits, jones_of_braid};
use crate::fibonacci::Space;
use crate::{Closure, Laurent};

fn jones(braid: &Braid) -> Laurent {
    let mut progress = |_, _| ControlFlow::Continue(());
    let mut limits = Limits { memory_bytes: 1 << 32, progress: &mut progress };
    jones_of_braid(braid, Closure::Trace, None, &mut limits).expect("it fits").jones
}

fn random(stream: &mut Stream, strands: usize, length: usize) -> Braid {
    let letter = |stream: &mut Stream| (1 + stream.below(strands - 1) as i32) * if stream.below(2) == 1 { 1 } else { -1 };
    rebuilt(strands, (0..length).map(|_| letter(stream)).collect())
}

#[test]
fn thousands_of_random_braids_keep_their_link() {
    let mut stream = Stream::named(5, "test");
    let mut shorter = 0;
    for round in 0..3000 {
        let strands = 2 + round % 6;
        let braid = random(&mut stream, strands, 4 + round % 29);
        let simple = simplify(&braid, SimplifyConfig { budget: 20, closed: true }, &mut stream);
        assert_eq!(jones(&simple), jones(&braid), "{braid} became {simple}");
        assert_eq!(simple.components(), braid.components());
        assert!(cost(&simple) <= cost(&braid), "{braid} became {simple}");
        shorter += usize::from(simple.len() < braid.len());
    }
    assert!(shorter > 2500, "only {shorter} of 3000 became shorter");
}

#[test]
fn an_open_braid_stays_the_same_element() {
    let mut stream = Stream::named(6, "test");
    for round in 0..500 {
        let strands = 3 + round % 4;
        let braid = random(&mut stream, strands, 5 + round % 20);
        let simple = simplify(&braid, SimplifyConfig { budget: 20, closed: false }, &mut stream);
        let space = Space::new(strands).expect("a space");
        let product = rebuilt(strands, [simple.letters(), braid.inverse().letters()].concat());
        assert!((space.trace(&product).re - 1.0).abs() < 1e-10, "{braid} became {simple}");
    }
}

#[test]
fn three_strand_words_are_shortest() {
    // every element within distance 6 of the identity, by breadth-first search over images in the Burau representation mod a prime
    let matrices = |letters: &[i32]| {
        let p = 1_000_003i64;
        let (t, inverse) = (7i64, 714_288i64); // 7 * 714288 = 1 mod p
        letters.iter().fold([1i64, 0, 0, 1], |m, &l| {
            let g = match l {
                1 => [p - t, 1, 0, 1],
                -1 => [p - inverse, inverse, 0, 1],
                2 => [1, 0, t, p - t],
                _ => [1, 0, 1, p - inverse],
            };
            [
                (m[0] * g[0] + m[1] * g[2]) % p,
                (m[0] * g[1] + m[1] * g[3]) % p,
                (m[2] * g[0] + m[3] * g[2]) % p,
                (m[2] * g[1] + m[3] * g[3]) % p,
            ]
        })
    };
    let mut seen = std::collections::HashMap::from([(matrices(&[]), 0usize)]);
    let mut front = vec![Vec::new()];
    for length in 1..=6 {
        let mut next = Vec::new();
        for word in &front {
            for letter in [1, 2, -1, -2] {
                let longer = [&word[..], &[letter]].concat();
                let fresh = seen.len();
                seen.entry(matrices(&longer)).or_insert(length);
                if seen.len() > fresh {
                    next.push(longer);
                }
            }
        }
        front = next;
    }
    let mut stream = Stream::named(7, "test");
    for round in 0..4000 {
        let braid = random(&mut stream, 3, round % 12);
        let short = three_strands::shortest(braid.letters());
        assert_eq!(matrices(&short), matrices(braid.letters()), "{braid} became {short:?}");
        if let Some(&length) = seen.get(&matrices(braid.letters())) {
            assert_eq!(short.len(), length, "{braid} became {short:?}");
        }
    }
}

#[test]
fn known_examples() {
    let slides = || Stream::named(0, "slides");
    let simple = |word: &str| simplify(&word.parse().expect("a braid"), SimplifyConfig::default(), &mut slides());
    assert_eq!(simple("1 -1").strands(), 2); // two circles: no strand is lost
    assert_eq!(simple("1 2 3 4").strands(), 1);
    assert_eq!(simple("1 -2 3 -2 1 2 -3 2 -1 3").len() % 2, 0);
    assert!(simple("").is_empty());
    let parts: Vec<String> = split(&Braid::new(6, vec![1, 4, -4, 1, 4]).expect("a braid")).iter().map(Braid::to_string).collect();
    assert_eq!(parts, ["1 1", "", "1 -1 1", ""]);
}
