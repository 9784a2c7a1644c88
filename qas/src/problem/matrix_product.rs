//! Ground states of small bond dimension: the density-matrix renormalisation group on two sites.

use std::ops::ControlFlow;

use faer::{Mat, Side};
use qloom_circuits::{Pauli, PauliSum, Stream};

use crate::QasError;
use crate::problem::Watch;

/// A term of a real Hamiltonian: on each site a real matrix, of Y the matrix `iY`.
struct Term {
    factor: f64,
    letters: Vec<Pauli>,
}

/// The tensor of a site, its entries `[left][bit][right]`.
#[derive(Clone)]
struct Site {
    left: usize,
    right: usize,
    entries: Vec<f64>,
}

impl Site {
    fn at(&self, left: usize, bit: usize, right: usize) -> f64 {
        self.entries[(left * 2 + bit) * self.right + right]
    }
}

/// A matrix between the bonds of bra and ket, `[bra][ket]`.
type Bond = Vec<f64>;

/// Sweeps after which it ends at the latest.
const SWEEPS: usize = 30;
/// Starts beside that of the reference state.
const STARTS: usize = 4;
/// The widest bond.
const WIDEST: usize = 8;
/// A sweep that lowers the energy by less is the last.
const SETTLED: f64 = 1e-9;

/// What a letter makes of a bit: the bit, and the sign.
fn turned(letter: Pauli, bit: usize) -> (usize, f64) {
    match (letter, bit) {
        (Pauli::I, bit) => (bit, 1.0),
        (Pauli::X, bit) => (bit ^ 1, 1.0),
        (Pauli::Z, bit) => (bit, 1.0 - 2.0 * bit as f64),
        // iY takes |0> to -|1> and |1> to |0>
        (Pauli::Y, 0) => (1, -1.0),
        (Pauli::Y, _) => (0, 1.0),
    }
}

/// The amplitudes of the state of lowest energy that was found among matrix-product states of a bond dimension, qubit 0 lowest.
///
/// It begins with the basis state of these bits, slightly disturbed, and with some states drawn at random from a fixed stream, and sweeps
/// over pairs of neighbours until the energy stays, at this bond dimension alone and after twice that one. With bond dimension b and T strings a sweep costs about `n T b^4 + n (4 b^2)^3`.
///
/// Source: U. Schollwöck, The density-matrix renormalization group in the age of matrix product states (2011).
///
/// # Errors
///
/// [`QasError::InvalidSetting`] when the Hamiltonian is not real or has other numbers of qubits than 2 to 14, [`QasError::Stopped`].
pub(crate) fn ground_state(
    hamiltonian: &PauliSum,
    bits: &[bool],
    bond: usize,
    watch: &mut Watch<'_>,
) -> Result<Vec<f64>, QasError> {
    let n = hamiltonian.num_qubits();
    if !(2..=14).contains(&n) {
        let value = format!("on {n} qubits");
        return Err(QasError::invalid("environment.start.matrix-product", value, "it can be made on 2 to 14 qubits"));
    }
    let mut terms = Vec::new();
    for (string, factor) in hamiltonian.terms() {
        let y = string.count_y();
        if y % 2 == 1 {
            let need = "the Hamiltonian has to be real: an even number of Y in each string";
            return Err(QasError::invalid("environment.start.matrix-product", string.word(n), need));
        }
        // Y is -i times iY
        let factor = if y % 4 == 2 { -factor } else { *factor };
        terms.push(Term { factor, letters: (0..n).map(|qubit| string.letter(qubit)).collect() });
    }
    let mut stream = Stream::named(0, "matrix product");
    let mut best: Option<(f64, Vec<f64>)> = None;
    let mut done = 0;
    for start in 0..=STARTS {
        let begun = begin(bits, (start > 0).then_some(bond), &mut stream);
        // straight away, and by way of a wider state, which leads past some local minima
        for wide in [bond, (2 * bond).min(WIDEST)] {
            let mut sites = begun.clone();
            for bond in [wide, bond] {
                sites = swept(sites, &terms, bond, &mut || watch(done, 4 * (STARTS + 1)))?;
                done += 1;
            }
            let amplitudes = contracted(&sites);
            let energy = energy(&terms, &amplitudes);
            // equal energies are told apart by the order of starts, not by rounding
            if best.as_ref().is_none_or(|(lowest, _)| energy < lowest - 1e-9) {
                best = Some((energy, amplitudes));
            }
        }
    }
    Ok(best.map(|(_, amplitudes)| amplitudes).unwrap_or_default())
}

/// The state of some bits a little disturbed, or one drawn at random.
fn begin(bits: &[bool], drawn: Option<usize>, stream: &mut Stream) -> Vec<Site> {
    let n = bits.len();
    let width = |cut: usize| match drawn {
        None => 1,
        Some(bond) => bond.min(1 << cut.min(n - cut).min(20)),
    };
    let mut site = |qubit: usize| {
        let (left, right) = (width(qubit), width(qubit + 1));
        let mut entry = |index: usize| {
            let noise = 2.0 * stream.unit() - 1.0;
            let bit = index / right % 2;
            if drawn.is_some() { noise } else { 0.1 * noise + f64::from(u8::from((bit == 1) == bits[qubit])) }
        };
        Site { left, right, entries: (0..left * 2 * right).map(&mut entry).collect() }
    };
    (0..n).map(&mut site).collect()
}

/// Sweeps to and fro at a bond dimension until the energy stays.
fn swept(
    mut sites: Vec<Site>,
    terms: &[Term],
    bond: usize,
    watch: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Vec<Site>, QasError> {
    let n = sites.len();
    let edge = || vec![vec![1.0]; terms.len()];
    // what stands left and right of each site, for each term
    let (mut lefts, mut rights): (Vec<Vec<Bond>>, Vec<Vec<Bond>>) = (vec![edge(); n], vec![edge(); n]);
    for qubit in (1..n).rev() {
        let pair = joined(&sites[qubit - 1], &sites[qubit]);
        let (left, right) = split(&pair, sites[qubit - 1].left, sites[qubit].right, bond, false)?;
        (sites[qubit - 1], sites[qubit]) = (left, right);
        rights[qubit - 1] = widened(&rights[qubit], &sites[qubit], terms, qubit, false);
    }
    let mut last = f64::INFINITY;
    for _ in 0..SWEEPS {
        let mut lowest = last;
        for (qubit, to_right) in (0..n - 1).map(|qubit| (qubit, true)).chain((0..n - 1).rev().map(|qubit| (qubit, false))) {
            if watch().is_break() {
                return Err(QasError::Stopped);
            }
            let (left, right) = (sites[qubit].left, sites[qubit + 1].right);
            let effective = effective(&lefts[qubit], &rights[qubit + 1], terms, qubit, (left, right));
            let (energy, pair) = low_state(&effective, joined(&sites[qubit], &sites[qubit + 1]))?;
            lowest = energy;
            (sites[qubit], sites[qubit + 1]) = split(&pair, left, right, bond, to_right)?;
            if to_right {
                lefts[qubit + 1] = widened(&lefts[qubit], &sites[qubit], terms, qubit, true);
            } else {
                rights[qubit] = widened(&rights[qubit + 1], &sites[qubit + 1], terms, qubit + 1, false);
            }
        }
        if (last - lowest).abs() < SETTLED {
            break;
        }
        last = lowest;
    }
    Ok(sites)
}

/// Up to this size all eigenstates of a pair are worked out.
const DENSE: usize = 16;
/// Directions beyond that in which the present state is improved.
const DIRECTIONS: usize = 10;

/// The lowest eigenvalue of a symmetric matrix with its vector; of a large one the lowest in the Krylov space of the present vector.
fn low_state(matrix: &Mat<f64>, present: Vec<f64>) -> Result<(f64, Vec<f64>), QasError> {
    let size = present.len();
    if size <= DENSE {
        let parts = matrix.self_adjoint_eigen(Side::Lower).map_err(|_| no_state())?;
        return Ok((parts.S().column_vector()[0], (0..size).map(|row| parts.U()[(row, 0)]).collect()));
    }
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let (mut basis, mut images): (Vec<Vec<f64>>, Vec<Vec<f64>>) = (Vec::new(), Vec::new());
    let mut next = present;
    while basis.len() < DIRECTIONS {
        let before = dot(&next, &next).sqrt();
        // twice, against rounding
        for _ in 0..2 {
            for other in &basis {
                let part = dot(other, &next);
                next.iter_mut().zip(other).for_each(|(entry, other)| *entry -= part * other);
            }
        }
        let norm = dot(&next, &next).sqrt();
        if norm <= 1e-10 * before {
            break;
        }
        next.iter_mut().for_each(|entry| *entry /= norm);
        let image: Vec<f64> = (0..size).map(|column| (0..size).map(|row| matrix[(row, column)] * next[row]).sum()).collect();
        basis.push(std::mem::replace(&mut next, image.clone()));
        images.push(image);
    }
    let small = Mat::from_fn(basis.len(), basis.len(), |row, column| dot(&basis[row], &images[column]));
    let parts = small.self_adjoint_eigen(Side::Lower).map_err(|_| no_state())?;
    let vector = (0..size).map(|row| (0..basis.len()).map(|k| parts.U()[(k, 0)] * basis[k][row]).sum()).collect();
    Ok((parts.S().column_vector()[0], vector))
}

fn no_state() -> QasError {
    QasError::NonFiniteEnergy { what: "a matrix-product state", energy: f64::NAN }
}

/// Two neighbours as `[left][bit][bit][right]`.
fn joined(first: &Site, second: &Site) -> Vec<f64> {
    let mut pair = vec![0.0; first.left * 4 * second.right];
    for (row, entries) in pair.chunks_mut(2 * second.right).enumerate() {
        for (column, entry) in entries.iter_mut().enumerate() {
            let (bit, right) = (column / second.right, column % second.right);
            *entry = (0..first.right).map(|inner| first.entries[row * first.right + inner] * second.at(inner, bit, right)).sum();
        }
    }
    pair
}

/// A pair as two sites of at most that bond, of norm 1; the weights stay with the second, or with the first.
fn split(pair: &[f64], left: usize, right: usize, bond: usize, to_right: bool) -> Result<(Site, Site), QasError> {
    let matrix = Mat::from_fn(2 * left, 2 * right, |row, column| pair[row * 2 * right + column]);
    let svd = matrix.thin_svd().map_err(|_| no_state())?;
    let weights = svd.S().column_vector();
    let kept = (0..weights.nrows()).take(bond).filter(|&k| k == 0 || weights[k] > 1e-12 * weights[0]).count();
    let norm = (0..kept).map(|k| weights[k] * weights[k]).sum::<f64>().sqrt();
    let weight = |k: usize, here: bool| if here { weights[k] / norm } else { 1.0 };
    let first = (0..2 * left).flat_map(|row| (0..kept).map(move |k| (row, k)));
    let first = first.map(|(row, k)| svd.U()[(row, k)] * weight(k, !to_right)).collect();
    let second = (0..kept).flat_map(|k| (0..2 * right).map(move |column| (k, column)));
    let second = second.map(|(k, column)| svd.V()[(column, k)] * weight(k, to_right)).collect();
    Ok((Site { left, right: kept, entries: first }, Site { left: kept, right, entries: second }))
}

/// What stands beside the next site: with this one taken in from the left, or from the right.
fn widened(beside: &[Bond], site: &Site, terms: &[Term], qubit: usize, from_left: bool) -> Vec<Bond> {
    let (inner, outer) = if from_left { (site.left, site.right) } else { (site.right, site.left) };
    let at = |inside: usize, bit: usize, outside: usize| {
        if from_left { site.at(inside, bit, outside) } else { site.at(outside, bit, inside) }
    };
    let take = |(bond, term): (&Bond, &Term)| {
        let mut wide = vec![0.0; outer * outer];
        // the ket first, then the bra
        let mut half = vec![0.0; outer];
        for bit in 0..2 {
            let (to, sign) = turned(term.letters[qubit], bit);
            for bra in 0..inner {
                half.fill(0.0);
                for ket in 0..inner {
                    let factor = sign * bond[bra * inner + ket];
                    half.iter_mut().enumerate().for_each(|(out, entry)| *entry += factor * at(ket, bit, out));
                }
                for (out_bra, row) in wide.chunks_mut(outer).enumerate() {
                    let factor = at(bra, to, out_bra);
                    row.iter_mut().zip(&half).for_each(|(entry, half)| *entry += factor * half);
                }
            }
        }
        wide
    };
    beside.iter().zip(terms).map(take).collect()
}

/// The Hamiltonian of a pair of sites between what stands beside them.
fn effective(lefts: &[Bond], rights: &[Bond], terms: &[Term], qubit: usize, (left, right): (usize, usize)) -> Mat<f64> {
    // for each pair of letters what stands beside it, `[left bra][left ket][right bra][right ket]`
    let mut beside: Vec<(Pauli, Pauli, Vec<f64>)> = Vec::new();
    for ((term, beside_left), beside_right) in terms.iter().zip(lefts).zip(rights) {
        let (a, b) = (term.letters[qubit], term.letters[qubit + 1]);
        let place = beside.iter().position(|other| (other.0, other.1) == (a, b)).unwrap_or_else(|| {
            beside.push((a, b, vec![0.0; beside_left.len() * beside_right.len()]));
            beside.len() - 1
        });
        for (row, from_left) in beside[place].2.chunks_mut(beside_right.len()).zip(beside_left) {
            let factor = term.factor * from_left;
            row.iter_mut().zip(beside_right).for_each(|(entry, from_right)| *entry += factor * from_right);
        }
    }
    let size = 4 * left * right;
    let mut matrix = Mat::zeros(size, size);
    let index = |l: usize, a: usize, b: usize, r: usize| ((l * 2 + a) * 2 + b) * right + r;
    for (first, second, entries) in &beside {
        for (a, b) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let ((to_a, sign_a), (to_b, sign_b)) = (turned(*first, a), turned(*second, b));
            for (place, entry) in entries.iter().enumerate() {
                let (outer, inner) = (place / (right * right), place % (right * right));
                let (bra, ket, out_bra, out_ket) = (outer / left, outer % left, inner / right, inner % right);
                matrix[(index(bra, to_a, to_b, out_bra), index(ket, a, b, out_ket))] += sign_a * sign_b * entry;
            }
        }
    }
    matrix
}

/// All amplitudes, qubit 0 lowest.
fn contracted(sites: &[Site]) -> Vec<f64> {
    // [index][right]
    let mut state = vec![1.0];
    let mut count = 1;
    for site in sites {
        let mut next = vec![0.0; 2 * count * site.right];
        for (index, bit, right) in (0..count).flat_map(|i| (0..2).flat_map(move |b| (0..site.right).map(move |r| (i, b, r)))) {
            next[(bit * count + index) * site.right + right] =
                (0..site.left).map(|left| state[index * site.left + left] * site.at(left, bit, right)).sum();
        }
        (state, count) = (next, 2 * count);
    }
    state
}

fn energy(terms: &[Term], amplitudes: &[f64]) -> f64 {
    let of_term = |term: &Term| {
        let of_index = |(index, amplitude): (usize, &f64)| {
            let (mut to, mut sign) = (0, 1.0);
            for (qubit, &letter) in term.letters.iter().enumerate() {
                let (bit, factor) = turned(letter, index >> qubit & 1);
                to |= bit << qubit;
                sign *= factor;
            }
            sign * amplitude * amplitudes[to]
        };
        term.factor * amplitudes.iter().enumerate().map(of_index).sum::<f64>()
    };
    terms.iter().map(of_term).sum()
}

#[cfg(test)]
mod tests {
    use qloom_circuits::PauliString;

    use super::*;
    use crate::problem::unwatched;

    fn sum(n: usize, terms: &[(&str, f64)]) -> PauliSum {
        let terms = terms.iter().map(|(word, c)| (PauliString::from_word(word).expect("letters"), *c));
        PauliSum::new(n, terms).expect("valid")
    }

    /// A chain of spins in a field along x.
    fn ising(n: usize, field: f64) -> PauliSum {
        let bonds = (1..n).map(|q| (PauliString::from_letters([(q - 1, Pauli::Z), (q, Pauli::Z)]), -1.0));
        let fields = (0..n).map(|q| (PauliString::from_letters([(q, Pauli::X)]), -field));
        PauliSum::new(n, bonds.chain(fields)).expect("valid")
    }

    fn lowest(hamiltonian: &PauliSum) -> f64 {
        qloom_sim::ground_energy(hamiltonian).expect("small")
    }

    /// `<state|H|state>` by the dense matrix.
    fn dense(hamiltonian: &PauliSum, state: &[f64]) -> f64 {
        let matrix = hamiltonian.matrix();
        let size = state.len();
        (0..size).flat_map(|a| (0..size).map(move |b| (a, b))).map(|(a, b)| state[a] * matrix[(a, b)].re * state[b]).sum()
    }

    #[test]
    fn with_all_bonds_the_ground_state_is_exact() {
        let with_y = sum(4, &[("XYYX", 0.4), ("YYII", 0.8), ("ZZIZ", -0.6), ("IXXI", 0.3), ("IIZY", 0.0), ("ZIII", 0.5)]);
        for hamiltonian in [ising(6, 0.9), with_y, sum(2, &[("XX", 1.0), ("YY", 1.0), ("ZZ", 1.0)])] {
            let n = hamiltonian.num_qubits();
            let state = ground_state(&hamiltonian, &vec![false; n], 8, &mut unwatched).expect("real");
            assert!((state.iter().map(|a| a * a).sum::<f64>() - 1.0).abs() < 1e-12);
            assert!((dense(&hamiltonian, &state) - lowest(&hamiltonian)).abs() < 1e-8, "{n}");
        }
    }

    #[test]
    fn larger_bonds_lie_lower_and_none_below_the_ground_state() {
        let hamiltonian = ising(8, 1.0);
        let energies = [1, 2, 4, 8]
            .map(|bond| dense(&hamiltonian, &ground_state(&hamiltonian, &[false; 8], bond, &mut unwatched).expect("real")));
        assert!(energies.windows(2).all(|pair| pair[1] < pair[0]), "{energies:?}");
        let exact = lowest(&hamiltonian);
        assert!(energies[3] - exact > -1e-10 && energies[1] - exact < 0.05 && energies[3] - exact < 1e-5, "{energies:?} {exact}");
        // bond 1 is a product state: no better than the best of these, which mean-field theory knows
        assert!(energies[0] > exact + 0.1);
    }

    #[test]
    fn who_watches_is_told_how_far_it_is_and_can_end_it() {
        let (mut last, mut calls) = (0, 0);
        let mut watch = |done: usize, total: usize| {
            assert!(done >= last && done < total);
            (last, calls) = (done, calls + 1);
            if calls == 50 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        assert!(matches!(ground_state(&ising(6, 1.0), &[false; 6], 2, &mut watch), Err(QasError::Stopped)));
        assert_eq!(calls, 50);
    }

    #[test]
    fn hamiltonians_that_are_not_real_are_refused() {
        assert!(ground_state(&sum(2, &[("XY", 1.0)]), &[false; 2], 2, &mut unwatched).is_err());
        assert!(ground_state(&sum(1, &[("X", 1.0)]), &[false; 1], 2, &mut unwatched).is_err());
    }
}
