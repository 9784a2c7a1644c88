//! Gates on two qubits that leave what each qubit has alone to later gates, in fewer multiply-adds than a matrix takes.
//!
//! Such a gate is `(A1 A0) N (B1 B0)` with gates of single qubits around `N = exp(i (x XX + y YY + z ZZ))`
//! ([`Magic`]). `A0` and `A1` are left to the gates that come next on these qubits, so that `B0` and `B1` hold what
//! the gates before have left. Of `B = (phase) RY (phase)` the first phase goes back into what the gate before multiplies by last, the second before
//! `N`, which turns two pairs of amplitudes. By tangents, whose cosines join the factors at the end, these are 16 multiply-adds for the rotations, 4 for
//! the phases before `N`, 8 for its turns and 12 for the phases after it, where a matrix takes 58.

use fearless_simd::{Simd, SimdBase, SimdFloat};
use num_complex::Complex64;
use qloom_circuits::synthesis::magic::{Magic, One, Two};

use super::pairs::{Alone, Left};
use super::pass::Addresses;
use crate::kernel::Real;
use crate::kernel::vector::{Vector, View, align_frame, lanes, opaque};

/// How many times too large amplitudes may become before a gate makes up for it.
const LARGEST: f64 = (1u64 << 20) as f64;

/// The numbers of a gate. Amplitudes keep their place until they are written: *slot* `k` has what was read at index `k`.
#[derive(Debug)]
pub(super) struct Interaction {
    /// Factors of slots 1, 2 and 3 at first, if nothing before could take them.
    first: Option<[Complex64; 3]>,
    /// Tangents of the rotations about Y, of each qubit.
    tangents: [f64; 2],
    /// Of slots 0 and 1 before they meet slots 3 and 2.
    before: Before,
    /// Tangents of the turns of slots 0 and 1 towards slots 3 and 2, and back.
    turns: [[f64; 2]; 2],
    /// Factors of the slots at the end; the last is real.
    after: [Complex64; 4],
    /// The index at which each slot is written.
    to: [usize; 4],
}

/// Phases.
#[derive(Debug)]
enum Before {
    /// Their tangents.
    Tangents([f64; 2]),
    /// As factors, where a tangent is too large.
    Factors([Complex64; 2]),
}

/// The least cosines of phases that tangents are taken of.
const LEAST: f64 = 1.0 / LARGEST;

impl Interaction {
    /// The gate with this product, after the earlier ones of the plan.
    pub(super) fn new(rows: &Two, qubits: [usize; 2], left: &mut Left, earlier: &mut [Self]) -> Self {
        let Magic { right, eigenvalues: [a, b, c, d], left: [low, high] } = Magic::of(rows);
        left.of_all = Complex64::ONE;
        let turned = right.map(|gate| Turned::new(&gate));
        let first = Self::give_back(qubits, [turned[0].first, turned[1].first], left, earlier);
        let flipped = usize::from(turned[0].flipped) | usize::from(turned[1].flipped) << 1;
        let factor = |slot: usize| turned[0].factors[slot & 1] * turned[1].factors[slot >> 1];
        let mut found = Self {
            first,
            tangents: [turned[0].tangent, turned[1].tangent],
            before: Before::Factors([Complex64::ONE; 2]),
            turns: [[0.0; 2]; 2],
            after: [Complex64::ONE; 4],
            to: [0, 1, 2, 3].map(|slot| slot ^ flipped),
        };
        let phases = [0, 1].map(|slot| phase(factor(slot) * factor(3 - slot).conj()));
        let by_tangents = phases.iter().all(|phase| phase.re.abs() >= LEAST);
        for (slot, phase) in phases.into_iter().enumerate() {
            let (other, to) = (3 - slot, found.to[slot]);
            // On the span of |00> and |11>, or of |01> and |10>, the gate is this on the diagonal and beside it.
            let [even, odd] = if to == 0 || to == 3 { [a, d] } else { [b, c] };
            let [own, across] = [0.5 * (even + odd), 0.5 * (even - odd)];
            let (small, large) = if own.norm_sqr() >= across.norm_sqr() { (across, own) } else { (own, across) };
            if large == across {
                found.to.swap(slot, other);
            }
            let turn = (small * large.conj()).im / large.norm_sqr();
            let cosine = if by_tangents { phase.re } else { 1.0 };
            found.turns[slot] = [turn / cosine, turn * cosine];
            found.after[other] = factor(other) * large;
            found.after[slot] = found.after[other] * cosine;
        }
        found.before =
            if by_tangents { Before::Tangents(phases.map(|phase| phase.im / phase.re)) } else { Before::Factors(phases) };
        let of_all = phase(found.after[3]);
        found.after.iter_mut().for_each(|factor| *factor *= of_all.conj());
        left.of_all *= of_all;
        // The size is left to later gates as long as it is not too small.
        let (own, size) = (found.after[3].re, left.size * found.after[3].re);
        let leaves = found.first.is_none() && by_tangents && size * LARGEST >= 1.0;
        let change = if leaves { 1.0 / own } else { left.size };
        found.after.iter_mut().for_each(|factor| *factor *= change);
        (left.size, found.after[3]) = if leaves { (size, Complex64::ONE) } else { (1.0, size.into()) };
        for (bit, gate) in [low, high].into_iter().enumerate() {
            left.of_qubits[qubits[bit]] = Alone { gate, from: Some((earlier.len(), bit)) };
        }
        found
    }

    /// Has the gates before multiply by these phases where a qubit is one; gives them as factors of slots if one of them cannot.
    fn give_back(qubits: [usize; 2], phases: [Complex64; 2], left: &mut Left, earlier: &mut [Self]) -> Option<[Complex64; 3]> {
        let before = qubits.map(|qubit| left.of_qubits[qubit].from);
        let mut rest = [Complex64::ONE; 2];
        for (k, phase) in phases.into_iter().enumerate() {
            match before[k] {
                Some((index, bit)) => left.of_all *= earlier[index].take(bit, phase),
                None => rest[k] = phase,
            }
        }
        before.contains(&None).then(|| [rest[0], rest[1], rest[0] * rest[1]])
    }

    /// Multiplies where a qubit is one, but for a factor of the whole state, which is given back.
    fn take(&mut self, bit: usize, phase: Complex64) -> Complex64 {
        let of_last = self.to[3] >> bit & 1;
        let factor = if of_last == 0 { phase } else { phase.conj() };
        for (slot, to) in self.to.into_iter().enumerate() {
            if to >> bit & 1 != of_last {
                self.after[slot] *= factor;
            }
        }
        if of_last == 0 { Complex64::ONE } else { phase }
    }
}

/// A gate of one qubit as a phase where it is one, a real rotation, and factors of both slots, which may change places.
struct Turned {
    /// What comes first, where the qubit is one.
    first: Complex64,
    tangent: f64,
    /// By what was read where.
    factors: [Complex64; 2],
    flipped: bool,
}

impl Turned {
    fn new(gate: &One) -> Self {
        let [[a, b], [c, d]] = *gate;
        let (cosine, sine) = (a.norm_sqr().sqrt(), c.norm_sqr().sqrt());
        let (upper, lower) = (phase(a), phase(c));
        if cosine >= sine {
            Self {
                first: phase(d * lower.conj()),
                tangent: sine / cosine,
                factors: [upper * cosine, lower * cosine],
                flipped: false,
            }
        } else {
            let first = -phase(b * upper.conj());
            Self { first, tangent: -cosine / sine, factors: [lower * sine, -upper * sine], flipped: true }
        }
    }
}

/// `z / |z|`, one where that is nothing.
pub(super) fn phase(z: Complex64) -> Complex64 {
    let norm = z.norm_sqr().sqrt();
    if norm == 0.0 { Complex64::ONE } else { z / norm }
}

/// Applies a gate to one of so many equal pieces of a tile.
#[inline(always)]
pub(super) fn interact<S: Simd, T: Real>(
    simd: S,
    planes: (View<T>, View<T>),
    addresses: &Addresses,
    gate: &Interaction,
    piece: (usize, usize),
) {
    let addresses = (&addresses.offsets[..], addresses.piece(piece));
    let scaled = gate.after[3] != Complex64::ONE;
    match (&gate.before, gate.first.is_some()) {
        (Before::Factors(_), _) => everywhere::<S, T, true, true, true>(simd, planes, addresses, gate),
        (Before::Tangents(_), true) => everywhere::<S, T, true, false, true>(simd, planes, addresses, gate),
        (Before::Tangents(_), false) if scaled => everywhere::<S, T, false, false, true>(simd, planes, addresses, gate),
        (Before::Tangents(_), false) => everywhere::<S, T, false, false, false>(simd, planes, addresses, gate),
    }
}

#[inline(always)]
fn everywhere<S: Simd, T: Real, const FIRST: bool, const FACTORS: bool, const SCALED: bool>(
    simd: S,
    planes: (View<T>, View<T>),
    (offsets, bases): (&[u32], &[u32]),
    gate: &Interaction,
) {
    simd.vectorize(
        #[inline(always)]
        || {
            align_frame();
            let (re, im) = planes;
            let shift = (lanes::<S, T>() * T::BYTES).trailing_zeros();
            assert_eq!(offsets.len(), 4);
            let mut from = [0usize; 4];
            from.iter_mut().zip(offsets).for_each(|(to, from)| *to = (*from as usize) << shift);
            let mut to = [0usize; 4];
            to.iter_mut().zip(gate.to).for_each(|(place, index)| *place = from[index]);
            let number = |value: f64| Vector::<S, T>::splat(simd, T::from_f64(value));
            let factor = |value: Complex64| (number(value.re), number(value.im));
            let mut first = [factor(Complex64::ONE); 3];
            if FIRST && let Some(factors) = gate.first {
                first.iter_mut().zip(factors).for_each(|(to, from)| *to = factor(from));
            }
            let both = |[a, b]: [f64; 2]| [number(a), number(b)];
            let (tangents, turns) = (both(gate.tangents), [both(gate.turns[0]), both(gate.turns[1])]);
            let before = match gate.before {
                Before::Tangents(tangents) => tangents.map(|tangent| Complex64::new(1.0, tangent)),
                Before::Factors(factors) => factors,
            };
            let before = [factor(before[0]), factor(before[1])];
            let after = [factor(gate.after[0]), factor(gate.after[1]), factor(gate.after[2])];
            let scale = number(gate.after[3].re);
            for &base in bases {
                let base = (base as usize) << shift;
                let mut slots = [(scale, scale); 4];
                for k in 0..4 {
                    let place = opaque(base ^ from[k]);
                    // SAFETY: addresses of a tile are below its number of vectors.
                    slots[k] = unsafe { (re.load_at(simd, place), im.load_at(simd, place)) };
                }
                if FIRST {
                    for k in 0..3 {
                        slots[k + 1] = times::<S, T>(first[k], slots[k + 1]);
                    }
                }
                for (low, high, qubit) in [(0, 1, 0), (2, 3, 0), (0, 2, 1), (1, 3, 1)] {
                    let (t, a, b) = (tangents[qubit], slots[low], slots[high]);
                    slots[low] = ((-t).mul_add(b.0, a.0), (-t).mul_add(b.1, a.1));
                    slots[high] = (t.mul_add(a.0, b.0), t.mul_add(a.1, b.1));
                }
                for k in 0..2 {
                    let ((x, y), (_, t)) = (slots[k], before[k]);
                    let a = if FACTORS { times::<S, T>(before[k], (x, y)) } else { ((-t).mul_add(y, x), t.mul_add(x, y)) };
                    let ([here, there], b) = (turns[k], slots[3 - k]);
                    slots[k] = ((-here).mul_add(b.1, a.0), here.mul_add(b.0, a.1));
                    slots[3 - k] = ((-there).mul_add(a.1, b.0), there.mul_add(a.0, b.1));
                }
                for k in 0..4 {
                    let value = match k {
                        3 if SCALED => (slots[3].0 * scale, slots[3].1 * scale),
                        3 => slots[3],
                        _ => times::<S, T>(after[k], slots[k]),
                    };
                    let place = opaque(base ^ to[k]);
                    // SAFETY: as above.
                    unsafe {
                        re.store_at::<S>(place, value.0);
                        im.store_at::<S>(place, value.1);
                    }
                }
            }
        },
    );
}

/// A product of complex numbers.
#[inline(always)]
fn times<S: Simd, T: Real>(
    (c, d): (Vector<S, T>, Vector<S, T>),
    (x, y): (Vector<S, T>, Vector<S, T>),
) -> (Vector<S, T>, Vector<S, T>) {
    ((-y).mul_add(d, x * c), y.mul_add(c, x * d))
}
