//! The lowest states against dense diagonalisation, in the whole space and within subspaces.

use num_complex::Complex64;
use qloom_circuits::{PauliString, PauliSum};
use qloom_sim::{Eigenstate, SimError, Subspace, low_states};

use crate::energies::dense_energies;
use crate::random;

/// `|H v - E v|` by the dense matrix.
fn residual(sum: &PauliSum, state: &Eigenstate) -> f64 {
    let matrix = sum.matrix();
    let size = matrix.dimension();
    let entry = |i: usize| {
        (0..size).map(|j| matrix[(i, j)] * state.amplitudes[j]).sum::<Complex64>() - state.energy * state.amplitudes[i]
    };
    (0..size).map(|i| entry(i).norm_sqr()).sum::<f64>().sqrt()
}

fn overlap(a: &Eigenstate, b: &Eigenstate) -> f64 {
    a.amplitudes.iter().zip(&b.amplitudes).map(|(x, y)| x.conj() * y).sum::<Complex64>().norm()
}

#[test]
fn states_are_those_of_dense_diagonalisation() {
    for n in 1..6 {
        for seed in 0..3 {
            let sum = random::observable(n, 1 + 6 * seed as usize, 10 * n as u64 + seed);
            let states = low_states(&sum, 5, None).unwrap();
            assert_eq!(states.len(), 5.min(1 << n));
            for (place, (state, expected)) in states.iter().zip(dense_energies(&sum)).enumerate() {
                assert!((state.energy - expected).abs() < 1e-10, "{n} {seed} {place}: {} {expected}", state.energy);
                assert!(residual(&sum, state) < 1e-6 && (overlap(state, state) - 1.0).abs() < 1e-12);
                assert!(states[..place].iter().all(|other| overlap(state, other) < 1e-6));
            }
        }
    }
}

#[test]
fn every_copy_of_a_degenerate_energy_is_found() {
    // a triplet above a singlet, beside a free spin
    let sum: PauliSum = "X0 X1 + Y0 Y1 + Z0 Z1".parse().unwrap();
    let sum = PauliSum::new(3, sum.terms().iter().copied()).unwrap();
    let energies: Vec<f64> = low_states(&sum, 9, None).unwrap().iter().map(|state| state.energy).collect();
    let expected = [-3.0, -3.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0];
    assert!(energies.len() == 8 && energies.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{energies:?}");
}

/// Exchange between neighbours, with a twist that makes the matrix complex: conserves the number of ones.
fn hopping(n: usize, twist: f64) -> PauliSum {
    let (c, s) = (twist.cos(), twist.sin());
    let mut terms = Vec::new();
    for q in 0..n - 1 {
        let pair = 0b11 << q;
        terms.push((PauliString::from_masks(pair, 0), c));
        terms.push((PauliString::from_masks(pair, pair), c));
        terms.push((PauliString::from_masks(pair, 1 << q), s));
        terms.push((PauliString::from_masks(pair, 2 << q), -s));
        terms.push((PauliString::from_masks(0, pair), 0.3 + 0.1 * q as f64));
    }
    PauliSum::new(n, terms).unwrap()
}

#[test]
fn sectors_together_are_the_whole() {
    for twist in [0.0, 0.4] {
        let sum = hopping(5, twist);
        let mut energies = Vec::new();
        for number in 0..=5 {
            let sector = Subspace::new(5, |index| index.count_ones() == number).unwrap();
            let states = low_states(&sum, 100, Some(&sector)).unwrap();
            assert_eq!(states.len(), sector.states().len());
            energies.extend(states.iter().map(|state| state.energy));
        }
        energies.sort_by(f64::total_cmp);
        for (found, expected) in energies.iter().zip(dense_energies(&sum)) {
            assert!((found - expected).abs() < 1e-10, "{twist}: {found} {expected}");
        }
    }
}

#[test]
fn subspaces_that_cannot_be_are_refused() {
    assert!(matches!(Subspace::new(27, |_| true), Err(SimError::TooManyQubits { .. })));
    assert!(matches!(Subspace::new(3, |_| false), Err(SimError::OutOfRange { .. })));
    let sector = Subspace::new(3, |_| true).unwrap();
    assert!(matches!(low_states(&PauliSum::z(0, 2), 1, Some(&sector)), Err(SimError::SizeMismatch { .. })));
    let large = PauliSum::z(0, 40);
    assert!(matches!(low_states(&large, 1, None), Err(SimError::MemoryLimit { .. })));
}
