//! Dense linear algebra, and random integrals.

use proptest::prelude::*;
use qloom_chemistry::Integrals;
use qloom_circuits::PauliSum;

/// The eigenvalues of a Pauli sum, ascending.
pub fn spectrum(sum: &PauliSum) -> Vec<f64> {
    let matrix = sum.matrix();
    let dense = faer::Mat::from_fn(matrix.dimension(), matrix.dimension(), |i, j| {
        let entry = matrix[(i, j)];
        faer::c64::new(entry.re, entry.im)
    });
    dense.self_adjoint_eigenvalues(faer::Side::Lower).unwrap()
}

/// `<b|H|b>` of a basis state.
pub fn energy_of(sum: &PauliSum, bits: &[bool]) -> f64 {
    let mask = bits.iter().enumerate().fold(0u64, |mask, (qubit, &bit)| mask | u64::from(bit) << qubit);
    let sign = |z: u64| if (z & mask).count_ones() % 2 == 1 { -1.0 } else { 1.0 };
    sum.terms().iter().filter(|(string, _)| string.x_mask() == 0).map(|(string, c)| c * sign(string.z_mask())).sum()
}

/// The largest difference between two sorted lists.
pub fn distance(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max)
}

/// Any integrals over one to `most` orbitals.
pub fn integrals(most: usize) -> impl Strategy<Value = Integrals> {
    (1..=most).prop_flat_map(|n| {
        let pairs = n * (n + 1) / 2;
        let numbers = prop::collection::vec(-1.0..1.0f64, 1 + pairs + pairs * (pairs + 1) / 2);
        (Just(n), 0..=n, 0..=n, numbers).prop_map(|(n, alpha, beta, numbers)| {
            let mut next = numbers.into_iter();
            let mut all = Integrals::new(n, alpha + beta, alpha as i64 - beta as i64).unwrap();
            all.set_core(next.next().unwrap());
            for p in 0..n {
                for q in 0..=p {
                    all.set_one(p, q, next.next().unwrap());
                    for r in 0..=p {
                        for s in 0..=if r == p { q } else { r } {
                            all.set_two([p, q, r, s], next.next().unwrap());
                        }
                    }
                }
            }
            all
        })
    })
}
