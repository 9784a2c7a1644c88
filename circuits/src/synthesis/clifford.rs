//! Factors of Clifford gates on two qubits that are Clifford gates too.

use std::f64::consts::FRAC_PI_4;
use std::sync::LazyLock;

use super::weyl::{Weyl, factors, phase_between};
use crate::gate::Gate;
use crate::matrix::Matrix;

/// Coordinates and products this near to each other are equal but for rounding.
const NEAR: f64 = 1e-12;

/// The decomposition, or one of the same unitary with factors that are Clifford gates, where the coordinates are those of one.
///
/// Coordinates of a Clifford gate are eigenvalues that coincide, so the factors are free to turn, and turn by any angle. The cosets of the
/// factors are known, though: what acts first is one of three gates on each qubit, which cycle the axes. Of the 11520 Clifford gates on two
/// qubits 576 have the coordinates of the identity, 5184 of cx, 5184 of iswap, 576 of swap; that is 576 times 1, 9, 9, 1.
pub(super) fn with_clifford_factors(unitary: &Matrix, weyl: Weyl) -> Weyl {
    let steps = weyl.coordinates.map(|coordinate| (coordinate / FRAC_PI_4).round());
    let exact = steps.map(|step| step * FRAC_PI_4);
    if weyl.coordinates.iter().zip(&exact).any(|(found, exact)| (found - exact).abs() > NEAR) {
        return weyl;
    }
    let own;
    let core = match CORES.iter().find(|(cached, _)| *cached == steps) {
        Some((_, core)) => core,
        None => {
            own = core_back(steps);
            &own
        }
    };
    for (right, back) in FIRST.iter() {
        let rest = unitary.times(back).times(core);
        if !may_be_product(&rest) {
            continue;
        }
        let left = factors(&rest);
        let product = left[1].kronecker(&left[0]);
        // what is no product has factors of another size, or none
        if product.entries().iter().any(|entry| !entry.is_finite()) {
            continue;
        }
        let phase = num_complex::Complex64::cis(phase_between(&rest, &product));
        if rest.scaled(phase).distance(&product) < NEAR {
            return Weyl { left, coordinates: exact, right: right.clone() };
        }
    }
    weyl
}

/// What acts first, one of three gates on each qubit, and the inverse of both.
static FIRST: LazyLock<Vec<([Matrix; 2], Matrix)>> = LazyLock::new(|| {
    let cycle = Gate::S.matrix(&[]).times(&Gate::H.matrix(&[]));
    let turns = [Matrix::identity(1), cycle.clone(), cycle.times(&cycle)];
    let both = turns.iter().flat_map(|first| turns.iter().map(move |second| [first.clone(), second.clone()]));
    both.map(|right| {
        let back = right[1].kronecker(&right[0]).adjoint();
        (right, back)
    })
    .collect()
});

/// The inverses of what stands between the factors, by their coordinates in steps of pi/4.
static CORES: LazyLock<Vec<([f64; 3], Matrix)>> = LazyLock::new(|| {
    let steps = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [1.0, 1.0, -1.0]];
    steps.into_iter().map(|steps| (steps, core_back(steps))).collect()
});

fn core_back(steps: [f64; 3]) -> Matrix {
    let gates = [Gate::Rxx, Gate::Ryy, Gate::Rzz].iter().zip(steps);
    gates.fold(Matrix::identity(2), |core, (gate, step)| gate.matrix(&[-2.0 * (step * FRAC_PI_4)]).times(&core)).adjoint()
}

/// Whether a matrix on two qubits has some of the equal products of entries that one of two factors has; most that is none does not.
fn may_be_product(matrix: &Matrix) -> bool {
    let equal = |[a, b, c, d]: [(usize, usize); 4]| (matrix[a] * matrix[b] - matrix[c] * matrix[d]).norm_sqr() < 1e-18;
    equal([(0, 0), (3, 3), (1, 1), (2, 2)]) && equal([(0, 3), (3, 0), (1, 2), (2, 1)]) && equal([(0, 0), (2, 3), (0, 1), (2, 2)])
}

#[cfg(test)]
mod tests {
    use std::f64::consts::FRAC_PI_2;

    use super::*;
    use crate::Pauli;
    use crate::Stream;
    use crate::library;
    use crate::synthesis::weyl::{Piece, decompose, product};

    /// Whether the gate takes Paulis to Paulis.
    fn is_clifford(matrix: &Matrix) -> bool {
        let paulis: Vec<Matrix> = Pauli::ALL[1..].iter().map(|pauli| pauli.matrix()).collect();
        paulis.iter().all(|pauli| {
            let image = matrix.times(pauli).times(&matrix.adjoint());
            paulis.iter().any(|other| [1.0, -1.0].iter().any(|sign| other.scaled((*sign).into()).distance(&image) < 1e-12))
        })
    }

    #[test]
    fn clifford_gates_are_made_of_clifford_gates() {
        let mut stream = Stream::named(3, "clifford");
        let mut classes = [0; 4];
        for _ in 0..400 {
            let mut circuit = crate::Circuit::new(2);
            for _ in 0..stream.below(14) {
                let a = stream.below(2);
                match stream.below(6) {
                    0 => circuit.h(a),
                    1 => circuit.s(a),
                    2 => circuit.rx(FRAC_PI_2 * stream.below(4) as f64, a),
                    3 => circuit.cx(a, 1 - a),
                    4 => circuit.swap(0, 1),
                    _ => circuit.cz(0, 1),
                };
            }
            let unitary = circuit.unitary(&[]).expect("gates");
            let weyl = decompose(&unitary);
            let pieces = weyl.pieces();
            classes[weyl.cx_count()] += 1;
            for piece in &pieces {
                assert!(!matches!(piece, Piece::Local(_, local) if !is_clifford(local)), "{:?}", weyl.coordinates);
            }
            let found = product(&pieces);
            let phase = num_complex::Complex64::cis(phase_between(&found, &unitary));
            assert!(found.scaled(phase).distance(&unitary) < 1e-12);
        }
        assert!(classes.iter().all(|count| *count > 10), "{classes:?}");
    }

    /// Gates with these coordinates that are none keep a decomposition.
    #[test]
    fn other_gates_are_restored() {
        for seed in 0..100 {
            let mut stream = Stream::named(seed, "locals");
            let around = |stream: &mut Stream| library::random(1, 3, stream).unitary(&[]).expect("gates");
            let [a, b, c, d] = [0; 4].map(|_| around(&mut stream));
            for gate in [Gate::Cx, Gate::Iswap, Gate::Swap] {
                let unitary = b.kronecker(&a).times(&gate.matrix(&[])).times(&d.kronecker(&c));
                let found = product(&decompose(&unitary).pieces());
                let phase = num_complex::Complex64::cis(phase_between(&found, &unitary));
                assert!(found.scaled(phase).distance(&unitary) < 1e-8, "{gate} {seed}");
            }
        }
    }
}
