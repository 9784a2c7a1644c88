//! Kernels against what operations mean, written down index by index.

use num_complex::Complex64;
use qloom_circuits::{Angle, PauliString, PauliSum, Stream, library};

use super::real::Real;
use super::run::differentiate;
use super::*;
use crate::config::InstructionSet;
use crate::observable::Observable;
use crate::op::{Dense, Masks, Op, Slot};

type Amplitudes = Vec<Complex64>;

const PARAMETERS: usize = 3;

/// Operations with masks of every kind, also those that no gate of the table comes to.
struct Case {
    n: usize,
    ops: Vec<Op>,
    dense: Vec<Dense>,
    slots: Vec<Slot>,
}

fn random(n: usize, stream: &mut Stream) -> Amplitudes {
    let list: Amplitudes = (0..1 << n).map(|_| Complex64::new(stream.normal(), stream.normal())).collect();
    let norm = list.iter().map(|a| a.norm_sqr()).sum::<f64>().sqrt();
    list.into_iter().map(|a| a / norm).collect()
}

impl Case {
    fn new(n: usize, length: usize, stream: &mut Stream) -> Self {
        let mut case = Self { n, ops: Vec::new(), dense: Vec::new(), slots: Vec::new() };
        while case.ops.len() < length {
            let op = case.draw(stream);
            case.ops.extend(op);
        }
        case
    }

    fn slot(&mut self, factor: f64, stream: &mut Stream) -> u32 {
        let angle = match stream.below(3) {
            0 => Angle::Fixed(3.0 * stream.normal()),
            _ => Angle::free(stream.below(PARAMETERS)).scaled(stream.normal()).shifted(stream.normal()),
        };
        self.slots.push(Slot { angle, factor });
        self.slots.len() as u32 - 1
    }

    /// None where the letters drawn make no operation.
    fn draw(&mut self, stream: &mut Stream) -> Option<Op> {
        let (mut x, mut z, mut controls) = (0u64, 0u64, 0u64);
        for qubit in 0..self.n {
            match stream.below(6) {
                0 => x |= 1 << qubit,
                1 => z |= 1 << qubit,
                2 => (x, z) = (x | 1 << qubit, z | 1 << qubit),
                3 if stream.below(2) == 0 => controls |= 1 << qubit,
                _ => {}
            }
        }
        match stream.below(5) {
            0 if x != 0 => Some(Op::Rotation { masks: Masks { x, z, controls }, slot: self.slot(0.5, stream) }),
            1 => Some(Op::Parity { parity: z & !x, controls, slot: self.slot(0.5, stream) }),
            2 => Some(Op::Phase { controls, slot: self.slot(1.0, stream) }),
            3 if x != 0 => Some(Op::Flip { x, controls }),
            4 => {
                let mut qubits: Vec<usize> = (0..self.n).filter(|qubit| (x | z) >> qubit & 1 == 1).take(3).collect();
                qubits.reverse();
                let matrix = library::random(qubits.len().max(1), 6, stream).unitary(&[]).expect("gates");
                let entries = matrix.entries().to_vec();
                (!qubits.is_empty()).then(|| {
                    self.dense.push(Dense { entries, qubits, controls });
                    Op::Dense(self.dense.len() as u32 - 1)
                })
            }
            _ => None,
        }
    }

    /// The state after an operation, by definition.
    fn after(&self, op: &Op, row: &[f64], psi: &[Complex64]) -> Amplitudes {
        let angle = |slot: u32| self.slots[slot as usize].angle.value(row);
        let holds = |index: usize, controls: u64| index as u64 & controls == controls;
        let at = |index: usize| -> Complex64 {
            match *op {
                Op::Rotation { masks, slot } if holds(index, masks.controls) => {
                    let half = angle(slot) / 2.0;
                    half.cos() * psi[index] - Complex64::I * half.sin() * pauli(masks, psi, index)
                }
                Op::Parity { parity, controls, slot } if holds(index, controls) => {
                    let half = angle(slot) / 2.0;
                    psi[index] * Complex64::cis(if (index as u64 & parity).count_ones() % 2 == 1 { half } else { -half })
                }
                Op::Phase { controls, slot } if holds(index, controls) => psi[index] * Complex64::cis(angle(slot)),
                Op::Flip { x, controls } if holds(index, controls) => psi[index ^ x as usize],
                Op::Dense(number) if holds(index, self.dense[number as usize].controls) => {
                    let Dense { entries, qubits, .. } = &self.dense[number as usize];
                    let size = 1usize << qubits.len();
                    let local = qubits.iter().enumerate().fold(0, |bits, (k, qubit)| bits | (index >> qubit & 1) << k);
                    let rest = qubits.iter().fold(index, |rest, qubit| rest & !(1 << qubit));
                    let from = |column: usize| qubits.iter().enumerate().fold(rest, |at, (k, q)| at | (column >> k & 1) << q);
                    (0..size).map(|column| entries[local * size + column] * psi[from(column)]).sum()
                }
                _ => psi[index],
            }
        };
        (0..psi.len()).map(at).collect()
    }

    /// The state at the start and after every operation.
    fn trace(&self, row: &[f64], start: Amplitudes) -> Vec<Amplitudes> {
        let mut trace = vec![start];
        self.ops.iter().for_each(|op| trace.push(self.after(op, row, &trace[trace.len() - 1])));
        trace
    }

    /// `sum_k 2 Re <lambda_k| (dU_k/dp) U_k^-1 |psi_k>` for every parameter `p`.
    fn gradient(&self, psi: &[Amplitudes], lambda: &[Amplitudes]) -> Vec<f64> {
        let mut gradient = vec![0.0; PARAMETERS];
        for (k, op) in self.ops.iter().enumerate() {
            let (masks, slot, generator) = match *op {
                Op::Rotation { masks, slot } => (masks, slot, Complex64::new(0.0, -0.5)),
                Op::Parity { parity, controls, slot } => (Masks { x: 0, z: parity, controls }, slot, Complex64::new(0.0, -0.5)),
                Op::Phase { controls, slot } => (Masks { x: 0, z: 0, controls }, slot, Complex64::I),
                Op::Flip { .. } | Op::Dense(_) => continue,
            };
            let Some((parameter, scale)) = self.slots[slot as usize].parameter() else { continue };
            let inside = (0..1usize << self.n).filter(|&index| index as u64 & masks.controls == masks.controls);
            let overlap: Complex64 =
                inside.map(|index| lambda[k + 1][index].conj() * generator * pauli(masks, &psi[k + 1], index)).sum();
            gradient[parameter] += 2.0 * scale * overlap.re;
        }
        gradient
    }

    fn derivatives(&self) -> Vec<Derivative> {
        self.slots.iter().map(Slot::parameter).collect()
    }
}

/// `(P psi)[index]`.
fn pauli(masks: Masks, psi: &[Complex64], index: usize) -> Complex64 {
    let from = index ^ masks.x as usize;
    let sign = if (from as u64 & masks.z).count_ones() % 2 == 1 { -1.0 } else { 1.0 };
    Complex64::I.powu((masks.x & masks.z).count_ones()) * sign * psi[from]
}

/// States side by side: amplitude `i` of state `lane` at `i * states + lane`.
fn planes<T: Real>(states: &[&Amplitudes]) -> (Plane<T>, Plane<T>) {
    let length = states.len() * states[0].len();
    let (mut re, mut im) = (Plane::zeroed(length).expect("small"), Plane::zeroed(length).expect("small"));
    for (lane, state) in states.iter().enumerate() {
        for (index, amplitude) in state.iter().enumerate() {
            re[index * states.len() + lane] = T::from_f64(amplitude.re);
            im[index * states.len() + lane] = T::from_f64(amplitude.im);
        }
    }
    (re, im)
}

fn distance<T: Real>((re, im): &(Plane<T>, Plane<T>), states: &[&Amplitudes]) -> f64 {
    let of = |lane: usize, index: usize| {
        let place = index * states.len() + lane;
        (Complex64::new(re[place].to_f64(), im[place].to_f64()) - states[lane][index]).norm()
    };
    (0..states.len()).flat_map(|lane| (0..states[lane].len()).map(move |index| of(lane, index))).fold(0.0, f64::max)
}

fn operations_mean_what_they_say<T: Real>(tolerance: f64) {
    let mut stream = Stream::named(5, T::NAME);
    for set in InstructionSet::available() {
        let (level, lanes) = (set.level(), batch_lanes::<T>(set.level()));
        for n in (1..=7).flat_map(|n| [n; 5]) {
            let case = Case::new(n, 12, &mut stream);
            let rows: Vec<Vec<f64>> = (0..lanes).map(|_| (0..PARAMETERS).map(|_| 2.0 * stream.normal()).collect()).collect();
            let traces: Vec<[Vec<Amplitudes>; 2]> =
                rows.iter().map(|row| [0, 1].map(|_| case.trace(row, random(n, &mut stream)))).collect();
            let derivatives = case.derivatives();
            let expected: Vec<Vec<f64>> = traces.iter().map(|[psi, lambda]| case.gradient(psi, lambda)).collect();
            let place = format!("{} {} n = {n}: {:?}", set.name(), T::NAME, case.ops);
            // one state
            let factor = |slot: &Slot| {
                let (sine, cosine) = (slot.angle.value(&rows[0]) * slot.factor).sin_cos();
                [T::from_f64(cosine), T::from_f64(sine)]
            };
            let factors: Vec<Factor<T>> = case.slots.iter().map(factor).collect();
            let [psi, lambda] = &traces[0];
            let [mut own, mut other] = [psi, lambda].map(|trace| planes::<T>(&[&trace[0]]));
            for (re, im) in [&mut own, &mut other] {
                T::apply(level, &case.ops, &case.dense, &factors, re, im);
            }
            assert!(distance(&own, &[&psi[12]]) < tolerance && distance(&other, &[&lambda[12]]) < tolerance, "{place}");
            let mut gradient = vec![0.0; PARAMETERS];
            let (psi_planes, lambda_planes) = ((&mut own.0[..], &mut own.1[..]), (&mut other.0[..], &mut other.1[..]));
            let back = case.ops.iter().rev();
            differentiate(level, back, &case.dense, &derivatives, &factors, psi_planes, lambda_planes, &mut gradient);
            assert!(distance(&own, &[&psi[0]]) < tolerance && distance(&other, &[&lambda[0]]) < tolerance, "{place}");
            assert!(gradient.iter().zip(&expected[0]).all(|(a, b)| (a - b).abs() < 10.0 * tolerance), "{place}");
            // one in each lane, with angles of its own
            let table: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
            let mut numbers = vec![T::default(); 2 * lanes * case.slots.len()];
            T::bind_lanes(level, &case.slots, &table, &mut numbers);
            let program = LaneProgram { ops: &case.ops, dense: &case.dense, numbers: &numbers };
            let of = |which: usize, when: usize| traces.iter().map(|trace| &trace[which][when]).collect::<Vec<_>>();
            let [mut own, mut other] = [0, 1].map(|which| planes::<T>(&of(which, 0)));
            let mut scratch = DenseScratch::default();
            let length = lanes << n;
            for (re, im) in [&mut own, &mut other] {
                T::apply_lanes(level, program, (&mut re[..length], &mut im[..length]), &mut scratch);
            }
            assert!(distance(&own, &of(0, 12)) < tolerance && distance(&other, &of(1, 12)) < tolerance, "lanes, {place}");
            let mut gradient = vec![T::default(); PARAMETERS * lanes];
            let states = [&mut own, &mut other].map(|(re, im)| (&mut re[..length], &mut im[..length]));
            T::differentiate_lanes(level, program, &derivatives, states, &mut gradient, &mut scratch);
            assert!(distance(&own, &of(0, 0)) < tolerance && distance(&other, &of(1, 0)) < tolerance, "lanes, {place}");
            for (lane, expected) in expected.iter().enumerate() {
                let near = |(p, b): (usize, &f64)| (gradient[p * lanes + lane].to_f64() - b).abs() < 10.0 * tolerance;
                assert!(expected.iter().enumerate().all(near), "lane {lane}, {place}");
            }
        }
    }
}

#[test]
fn operations_and_derivatives_mean_what_they_say() {
    operations_mean_what_they_say::<f64>(1e-13);
    operations_mean_what_they_say::<f32>(1e-5);
}

/// `<psi|H|psi>` and `H psi`, term by term.
#[test]
fn observables_are_sums_of_strings() {
    let mut stream = Stream::named(6, "observables");
    for set in InstructionSet::available() {
        for n in 1..=7 {
            let mask = |stream: &mut Stream| stream.word() & ((1 << n) - 1);
            let terms: Vec<(PauliString, f64)> =
                (0..9).map(|_| (PauliString::from_masks(mask(&mut stream), mask(&mut stream)), stream.normal())).collect();
            let sum = PauliSum::new(n, terms).expect("it fits");
            let (observable, psi) = (Observable::new(&sum), random(n, &mut stream));
            let term = |(string, c): &(PauliString, f64), index| {
                *c * pauli(Masks { x: string.x_mask(), z: string.z_mask(), controls: 0 }, &psi, index)
            };
            let image: Amplitudes = (0..1 << n).map(|index| sum.terms().iter().map(|entry| term(entry, index)).sum()).collect();
            let value: f64 = psi.iter().zip(&image).map(|(a, b)| (a.conj() * b).re).sum();
            let (re, im) = planes::<f64>(&[&psi]);
            assert!((f64::expectation(set.level(), &observable, &re, &im, 1) - value).abs() < 1e-13, "{} {n}", set.name());
            let mut out = planes::<f64>(&[&psi]);
            f64::multiply_observable(set.level(), &observable, (&re, &im), (&mut out.0, &mut out.1), 2);
            assert!(distance(&out, &[&image]) < 1e-13, "{} {n}", set.name());
            let groups: std::collections::BTreeSet<u64> = sum.terms().iter().map(|(string, _)| string.x_mask()).collect();
            assert_eq!(observable.num_groups(), groups.len());
        }
    }
}

/// One Kraus operator, the density matrix of its qubit, and sums of probabilities.
#[test]
fn one_qubit_of_a_state_is_multiplied_and_traced() {
    let mut stream = Stream::named(7, "operators");
    for set in InstructionSet::available() {
        let level = set.level();
        for (n, qubit) in (1..=7).flat_map(|n| (0..n).map(move |qubit| (n, qubit))) {
            let psi = random(n, &mut stream);
            let m = [0; 4].map(|_| Complex64::new(stream.normal(), stream.normal()));
            let (low, high) = (|index: usize| index & !(1 << qubit), |index: usize| index | 1 << qubit);
            let image: Amplitudes = (0..psi.len())
                .map(|index| {
                    let row = 2 * (index >> qubit & 1);
                    m[row] * psi[low(index)] + m[row + 1] * psi[high(index)]
                })
                .collect();
            let mut state = planes::<f64>(&[&psi]);
            let size = psi.len();
            let [zero, one, re, im] = f64::density_one(level, &state.0[..size], &state.1[..size], qubit);
            let sum = |of: &dyn Fn(usize) -> Complex64| -> Complex64 { (0..size).filter(|&k| k == low(k)).map(of).sum() };
            let expected = [
                sum(&|k| psi[k].norm_sqr().into()),
                sum(&|k| psi[high(k)].norm_sqr().into()),
                sum(&|k| psi[k] * psi[high(k)].conj()),
            ];
            let found = [zero.into(), one.into(), Complex64::new(re, im)];
            assert!(
                found.iter().zip(&expected).all(|(a, b): (&Complex64, _)| (a - b).norm() < 1e-14),
                "{} {n} {qubit}",
                set.name()
            );
            let (re, im) = (&mut state.0[..size], &mut state.1[..size]);
            f64::multiply_one(level, re, im, qubit, &m);
            let sums = super::weight::weights(level, re, im);
            assert!(distance(&state, &[&image]) < 1e-13, "{} {n} {qubit}", set.name());
            for (k, found) in sums.iter().enumerate() {
                let expected: f64 = image.iter().skip(k).step_by(8).map(|a| a.norm_sqr()).sum();
                assert!((found - expected).abs() < 1e-12, "{} {n} {k}", set.name());
            }
        }
    }
}

fn three_cx_exchange<T: Real>() {
    let mut stream = Stream::named(6, T::NAME);
    for n in 2..=8 {
        let psi = random(n, &mut stream);
        for (a, b) in (0..n).flat_map(|a| (0..n).map(move |b| (a, b))).filter(|(a, b)| a != b) {
            let cx = |control: usize, target: usize| Op::Flip { x: 1 << target, controls: 1 << control };
            let swap = [cx(a, b), cx(b, a), cx(a, b)];
            // Alone, before and after another, and cut off after two.
            for ops in [&swap[..], &[&swap[..], &swap[..1]].concat(), &[&swap[1..2], &swap[..]].concat(), &swap[..2]] {
                let mut expected = psi.clone();
                for op in ops {
                    let Op::Flip { x, controls } = *op else { unreachable!("all are") };
                    let old = expected.clone();
                    let from = |index: usize| if index as u64 & controls == controls { index ^ x as usize } else { index };
                    expected.iter_mut().enumerate().for_each(|(index, new)| *new = old[from(index)]);
                }
                for set in InstructionSet::available() {
                    let (mut re, mut im) = planes::<T>(&[&psi]);
                    T::apply(set.level(), ops, &[], &[], &mut re, &mut im);
                    let (wanted_re, wanted_im) = planes::<T>(&[&expected]);
                    assert!(re[..] == wanted_re[..] && im[..] == wanted_im[..], "{} n = {n}: {a} {b}", set.name());
                }
            }
        }
    }
}

#[test]
fn three_cx_that_exchange_qubits_are_one_exchange() {
    three_cx_exchange::<f64>();
    three_cx_exchange::<f32>();
}
