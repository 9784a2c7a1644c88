//! Gates on two qubits that leave what each qubit has alone to later gates, in fewer multiply-adds than a matrix takes.
//!
//! Such a gate is `(A1 A0) M`, where `A0` and `A1` act on single qubits and are left to the gates that come next on these
//! qubits. They are those of the Schmidt form of the first column, so that of `M |00>` only `|00>` and `|11>` are left, both real. One
//! real rotation of these two makes it `|00>`; the rest acts on three amplitudes, and is three more rotations with phases
//! before, between and after them. Rotations and phases by tangents leave out cosines. What they come to is a factor of each
//! amplitude, which goes through the rotations; one amplitude is multiplied such that the four are products of factors of
//! single qubits, and these too are left to later gates. So a gate takes 16 multiply-adds for its rotations, 8 for four phases and 4 for
//! that factor, where a matrix takes 64.
//!
//! The rotations and phases are those of [`Schmidt`] and [`Reck`].

use fearless_simd::{Simd, SimdBase, SimdFloat};
use num_complex::Complex64;
use qloom_circuits::synthesis::magic::Two;

use super::pairs::{Alone, Left};
use super::pass::Addresses;
use super::reck::{Reck, Schmidt, without};
use crate::kernel::Real;
use crate::kernel::vector::{Vector, View, align_frame, lanes, opaque};

/// The least cosine of a phase whose tangent is taken.
const LEAST: f64 = 1.0 / (1u64 << 10) as f64;
/// The least size of the whole state that is left to later gates.
const SMALLEST: f64 = 1.0 / (1u64 << 20) as f64;

/// The numbers of a gate. An amplitude keeps its *slot* from when it is read until it is written.
#[derive(Debug)]
pub(super) struct Interaction {
    /// The index at which each slot is read.
    from: [usize; 4],
    phases: Phases,
    /// Of slots 1 and 2, 2 and 3, 1 and 2 again, 0 and 3: how much of the second is taken from the first, and then how much of what
    /// is the first now is added to the second.
    turns: [[f64; 2]; 4],
    /// A factor of slot 1 at the end.
    after: Complex64,
    /// Factors of slots 0, 2 and 3 at the end, if they cannot be left to later gates.
    scales: Option<[f64; 3]>,
    /// The index at which each slot is written.
    to: [usize; 4],
}

/// Phases of slots 0, 1 and 3 at first, and of slot 1 after two rotations.
#[derive(Debug)]
enum Phases {
    /// Their tangents.
    Tangents([f64; 4]),
    /// As factors, where a tangent is too large.
    Factors([Complex64; 4]),
}

impl Interaction {
    /// The gate with this product, after what the gates before have left.
    pub(super) fn new<T: Real>(rows: &Two, qubits: [usize; 2], left: &mut Left) -> Self {
        let Schmidt { mut alone, cosine, sine } = Schmidt::of([0, 1, 2, 3].map(|row| rows[row][0]));
        let mut core = without(rows, &alone);
        for column in 1..4 {
            core[3][column] = cosine * core[3][column] - sine * core[0][column];
        }
        let Reck { inputs, before, between, turns, after, outputs } = Reck::of(&core);
        let (from, to) = ([0, inputs[0], inputs[1], inputs[2]], [0, outputs[0], outputs[1], 3]);
        // The phase of slot 2 at first is one of the whole state, and its phase at the end one of single qubits.
        let of_all = before[from[2] - 1];
        alone[0].as_flattened_mut().iter_mut().for_each(|entry| *entry *= of_all);
        alone[to[2] - 1].iter_mut().for_each(|row| row[1] *= after[1]);
        alone[to[1] - 1].iter_mut().for_each(|row| row[1] *= after[1].conj());
        let rest = |slot: usize| before[from[slot] - 1] * of_all.conj();
        let phases = [of_all.conj(), rest(1), rest(3), between];
        let by_tangents = phases.iter().all(|phase| phase.re.abs() >= LEAST);

        let [a, b] = qubits.map(|qubit| left.of_qubits[qubit].size);
        let mut sizes = from.map(|index| [1.0, a, b, a * b][index]);
        let cosines = if by_tangents { phases.map(|phase| phase.re) } else { [1.0; 4] };
        [0, 1, 3].into_iter().zip(cosines).for_each(|(slot, cosine)| sizes[slot] *= cosine);
        let [inner, outer, again] = turns;
        let (inner, outer) = (turn(&mut sizes, [1, 2], inner), turn(&mut sizes, [2, 3], outer));
        sizes[1] *= cosines[3];
        let turns = [inner, outer, turn(&mut sizes, [1, 2], again), turn(&mut sizes, [0, 3], (cosine, sine))];

        // What later gates could be left: the size of the whole, and of where the qubits of slots 1 and 2 are one.
        let (whole, of_qubits) = (sizes[0], [sizes[3] / sizes[2], sizes[2] / sizes[0]]);
        let most = spread::<T>() / left.of_qubits.len() as f64;
        let leaves =
            by_tangents && (left.size * whole).abs() >= SMALLEST && of_qubits.iter().all(|size| size.abs().log2().abs() <= most);
        let phase = after[0] * after[1];
        let (after, scales, of_qubits) = if leaves {
            left.size *= whole;
            (phase * (sizes[1] / (whole * of_qubits[0])), None, of_qubits)
        } else {
            let size = std::mem::replace(&mut left.size, 1.0);
            (phase * (sizes[1] * size), Some([0, 2, 3].map(|slot| sizes[slot] * size)), [1.0; 2])
        };
        for (slot, size) in [1, 2].into_iter().zip(of_qubits) {
            let bit = to[slot] - 1;
            left.of_qubits[qubits[bit]] = Alone { gate: alone[bit], size };
        }
        let phases =
            if by_tangents { Phases::Tangents(phases.map(|phase| phase.im / phase.re)) } else { Phases::Factors(phases) };
        Self { from, phases, turns, after, scales, to }
    }
}

/// How many bits the sizes of all qubits may come to, up or down: half of what the exponent has room for.
fn spread<T: Real>() -> f64 {
    f64::from(if T::BYTES < 8 { f32::MAX_EXP } else { f64::MAX_EXP }) / 2.0
}

/// A rotation of two slots as two shears, relative to their sizes.
fn turn(sizes: &mut [f64; 4], [low, high]: [usize; 2], (cosine, sine): (f64, f64)) -> [f64; 2] {
    let ratio = sizes[high] / sizes[low];
    sizes[low] *= cosine;
    sizes[high] /= cosine;
    [sine / cosine * ratio, sine * cosine / ratio]
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
    match (&gate.phases, gate.scales) {
        (Phases::Tangents(_), None) => everywhere::<S, T, false, false>(simd, planes, addresses, gate),
        (Phases::Tangents(_), Some(_)) => everywhere::<S, T, false, true>(simd, planes, addresses, gate),
        (Phases::Factors(_), _) => everywhere::<S, T, true, true>(simd, planes, addresses, gate),
    }
}

#[inline(always)]
fn everywhere<S: Simd, T: Real, const FACTORS: bool, const SCALED: bool>(
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
            let places = |indices: [usize; 4]| indices.map(|index| opaque((offsets[index] as usize) << shift));
            let (from, to) = (places(gate.from), places(gate.to));
            let number = |value: f64| Vector::<S, T>::splat(simd, T::from_f64(value));
            let factor = |value: Complex64| (number(value.re), number(value.im));
            let [p0, p1, p2, p3] = match gate.phases {
                Phases::Tangents(tangents) => tangents.map(|tangent| Complex64::new(1.0, tangent)),
                Phases::Factors(factors) => factors,
            };
            let phases = [factor(p0), factor(p1), factor(p2), factor(p3)];
            let [t0, t1, t2, t3] = gate.turns;
            let both = |[a, b]: [f64; 2]| [number(a), number(b)];
            let turns = [both(t0), both(t1), both(t2), both(t3)];
            let after = factor(gate.after);
            let [s0, s2, s3] = gate.scales.unwrap_or([1.0; 3]);
            let scales = [number(s0), number(1.0), number(s2), number(s3)];
            for &base in bases {
                let base = (base as usize) << shift;
                let mut slots = [after; 4];
                for k in 0..4 {
                    let place = opaque(base ^ from[k]);
                    // SAFETY: addresses of a tile are below its number of vectors.
                    slots[k] = unsafe { (re.load_at(simd, place), im.load_at(simd, place)) };
                }
                slots[0] = multiplied::<S, T, FACTORS>(phases[0], slots[0]);
                slots[1] = multiplied::<S, T, FACTORS>(phases[1], slots[1]);
                slots[3] = multiplied::<S, T, FACTORS>(phases[2], slots[3]);
                (slots[1], slots[2]) = turned::<S, T>(turns[0], slots[1], slots[2]);
                (slots[2], slots[3]) = turned::<S, T>(turns[1], slots[2], slots[3]);
                slots[1] = multiplied::<S, T, FACTORS>(phases[3], slots[1]);
                (slots[1], slots[2]) = turned::<S, T>(turns[2], slots[1], slots[2]);
                (slots[0], slots[3]) = turned::<S, T>(turns[3], slots[0], slots[3]);
                slots[1] = multiplied::<S, T, true>(after, slots[1]);
                for k in 0..4 {
                    let (x, y) = slots[k];
                    let value = if SCALED && k != 1 { (x * scales[k], y * scales[k]) } else { (x, y) };
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

/// Real and imaginary parts.
type Amplitudes<S, T> = (Vector<S, T>, Vector<S, T>);

/// Takes a part of the second from the first, and adds a part of what is the first now to the second.
#[inline(always)]
fn turned<S: Simd, T: Real>(
    [here, there]: [Vector<S, T>; 2],
    a: Amplitudes<S, T>,
    b: Amplitudes<S, T>,
) -> (Amplitudes<S, T>, Amplitudes<S, T>) {
    let low = ((-here).mul_add(b.0, a.0), (-here).mul_add(b.1, a.1));
    (low, (there.mul_add(low.0, b.0), there.mul_add(low.1, b.1)))
}

/// A product of complex numbers; the first has one as its real part if it is no factor.
#[inline(always)]
fn multiplied<S: Simd, T: Real, const FACTOR: bool>((c, d): Amplitudes<S, T>, (x, y): Amplitudes<S, T>) -> Amplitudes<S, T> {
    if FACTOR { ((-y).mul_add(d, x * c), y.mul_add(c, x * d)) } else { ((-d).mul_add(y, x), d.mul_add(x, y)) }
}

#[cfg(test)]
mod tests {
    use qloom_circuits::{Gate, Matrix};

    use super::*;

    /// What the kernel does to four amplitudes.
    fn apply(gate: &Interaction, state: [Complex64; 4]) -> [Complex64; 4] {
        let mut slots = gate.from.map(|index| state[index]);
        let phases = match gate.phases {
            Phases::Tangents(tangents) => tangents.map(|tangent| Complex64::new(1.0, tangent)),
            Phases::Factors(factors) => factors,
        };
        let turn = |slots: &mut [Complex64; 4], [low, high]: [usize; 2], [here, there]: [f64; 2]| {
            slots[low] -= here * slots[high];
            slots[high] += there * slots[low];
        };
        [0, 1, 3].into_iter().zip(phases).for_each(|(slot, phase)| slots[slot] *= phase);
        turn(&mut slots, [1, 2], gate.turns[0]);
        turn(&mut slots, [2, 3], gate.turns[1]);
        slots[1] *= phases[3];
        turn(&mut slots, [1, 2], gate.turns[2]);
        turn(&mut slots, [0, 3], gate.turns[3]);
        slots[1] *= gate.after;
        for (slot, scale) in [0, 2, 3].into_iter().zip(gate.scales.unwrap_or([1.0; 3])) {
            slots[slot] *= scale;
        }
        let mut found = [Complex64::ZERO; 4];
        gate.to.into_iter().zip(slots).for_each(|(index, value)| found[index] = value);
        found
    }

    /// Gates one after the other on the same two qubits, each with what the one before has left; gives how many have tangents
    /// and leave their sizes, have tangents and do not, and have factors.
    fn check<T: Real>(gates: &[Matrix]) -> [usize; 3] {
        let mut counts = [0; 3];
        let mut left = Left::new(2);
        let start = [0.5, -0.1, 0.7, 0.5].map(|re| Complex64::new(re, 0.3 - 0.5 * re * re));
        let (mut state, mut expected) = (start, start);
        for gate in gates {
            let [a, b] = [0, 1].map(|qubit: usize| left.of_qubits[qubit].gate);
            let alone = |row: usize, column: usize| a[row & 1][column & 1] * b[row >> 1][column >> 1];
            let entry = |row: usize, column: usize| (0..4).map(|k| gate[(row, k)] * alone(k, column)).sum::<Complex64>();
            let rows = [0, 1, 2, 3].map(|row| [0, 1, 2, 3].map(|column| entry(row, column)));
            let found = Interaction::new::<T>(&rows, [0, 1], &mut left);
            let kind = match (&found.phases, found.scales) {
                (Phases::Tangents(_), None) => 0,
                (Phases::Tangents(_), Some(_)) => 1,
                (Phases::Factors(_), _) => 2,
            };
            counts[kind] += 1;
            state = apply(&found, state);
            expected = [0, 1, 2, 3].map(|row| (0..4).map(|k| gate[(row, k)] * expected[k]).sum());
            let [low, high] = [0, 1].map(|qubit: usize| left.of_qubits[qubit]);
            let sizes = [1.0, low.size, high.size, low.size * high.size].map(|size| size * left.size);
            assert!(sizes.iter().all(|size| size.abs().log2().abs() < spread::<T>() + 20.0), "{sizes:?}");
            let all = |row: usize, k: usize| low.gate[row & 1][k & 1] * high.gate[row >> 1][k >> 1] * sizes[k] * state[k];
            for (row, expected) in expected.iter().enumerate() {
                let error = ((0..4).map(|k| all(row, k)).sum::<Complex64>() - expected).norm();
                assert!(error < 1e-13, "{error}: {found:?}");
            }
        }
        counts
    }

    fn angle(k: usize) -> f64 {
        0.1 + 3.1 * ((k * k * 7 + 3 * k) as f64).sin()
    }

    fn alone(k: usize) -> Matrix {
        let gate = |k: usize| Gate::U.matrix(&[angle(k), angle(k + 1), angle(k + 2)]);
        gate(k).kronecker(&gate(k + 50))
    }

    #[test]
    fn gates_and_what_they_leave_make_the_unitary() {
        let any = |k: usize| {
            let turn = |gate: Gate, k: usize| gate.matrix(&[angle(k)]);
            alone(k)
                .times(&turn(Gate::Rxx, k + 3))
                .times(&turn(Gate::Ryy, k + 4))
                .times(&turn(Gate::Rzz, k + 5))
                .times(&alone(k + 9))
        };
        let many: Vec<Matrix> = (0..300).map(any).collect();
        let [left, scaled, factors] = check::<f64>(&many);
        assert!(left > 250 && scaled > 0 && factors < 10, "{left}, {scaled}, {factors}");
        let [left, scaled, _] = check::<f32>(&many);
        assert!(left > 150 && scaled > 5, "{left}, {scaled}");
    }

    #[test]
    fn gates_whose_parts_vanish_or_coincide_are_exact() {
        let fixed = [Gate::Cx, Gate::Cz, Gate::Iswap, Gate::Swap, Gate::Dcx, Gate::Ecr, Gate::Csx, Gate::Ch];
        let mut cores: Vec<Matrix> = fixed.iter().map(|gate| gate.matrix(&[])).collect();
        cores.push(Matrix::identity(2));
        for tiny in [1e-18, 1e-16, 1e-12, 1e-9, 1e-8, 1e-5, 1e-3] {
            cores.extend([Gate::Rxx, Gate::Rzz, Gate::Crz].map(|gate| gate.matrix(&[tiny])));
            cores.push(Gate::Swap.matrix(&[]).times(&Gate::Ryy.matrix(&[tiny])));
            cores.push(Gate::Rzz.matrix(&[std::f64::consts::FRAC_PI_2 + tiny]));
            cores.push(Gate::S.matrix(&[]).kronecker(&Gate::U.matrix(&[tiny, 0.0, std::f64::consts::FRAC_PI_2])));
        }
        let gates: Vec<Matrix> = (cores.iter().enumerate())
            .flat_map(|(k, core)| [core.clone(), alone(k).times(core), core.times(&alone(k + 7)), core.times(core)])
            .collect();
        let [_, _, factors] = check::<f64>(&gates);
        assert!(factors > 0);
        check::<f32>(&gates);
    }
}
