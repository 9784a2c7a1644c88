//! Blocks as native gates between one-qubit gates, with as few pulses as the freedom of the block allows.

use qloom_circuits::synthesis::weyl::{self, Piece, RotationPiece, Weyl};
use qloom_circuits::{Gate, Matrix, Pauli};

use super::machine::Machine;

/// A step of a block on its qubits 0 and 1.
#[derive(Clone, Debug)]
pub(super) enum Dressed {
    Local(usize, Matrix),
    Native { gate: Gate, angles: Vec<f64>, order: [usize; 2] },
}

/// One-qubit gates around a native gate that make it a cx: before it, and after it.
#[derive(Clone)]
struct Dress {
    gate: Gate,
    cx: [usize; 2],
    order: [usize; 2],
    before: [Matrix; 2],
    after: [Matrix; 2],
}

/// Makes blocks; what dresses a native gate is found once.
#[derive(Default)]
pub(super) struct Dresser {
    known: Vec<Dress>,
}

impl Dresser {
    /// A block of native gates that are a cx between one-qubit gates. Of the ways that differ in which qubit has which part, and of the
    /// rotations that a block lets through, those are taken that need the fewest pulses after the gates that wait on the qubits.
    pub fn shortest(
        &mut self,
        gate: Gate,
        block: Weyl,
        qubits: [usize; 2],
        machine: &Machine,
        waiting: [Option<&Matrix>; 2],
    ) -> Vec<Dressed> {
        let mut best: Option<(usize, Vec<Dressed>)> = None;
        // a Pauli on both qubits passes every block: where a block is one cx it often saves a pulse
        let passing = if block.cx_count() == 1 { &Pauli::ALL[..] } else { &Pauli::ALL[..1] };
        for (flipped, pauli) in [false, true].into_iter().flat_map(|flipped| passing.iter().map(move |pauli| (flipped, pauli))) {
            let turn = pauli.matrix();
            let block = Weyl {
                right: [0, 1].map(|q: usize| turn.times(&block.right[q])),
                left: [0, 1].map(|q: usize| block.left[q].times(&turn)),
                coordinates: block.coordinates,
            };
            let mut steps = self.dressed(gate, &block, flipped, qubits, machine);
            if block.rotation_count() == 1 && block.cx_count() == 2 {
                let mut eased = block.clone();
                for (q, waiting) in waiting.into_iter().enumerate() {
                    if let Some(angle) = easier(&steps, q, &block.right[q], waiting) {
                        let turn = Gate::Rx.matrix(&[angle]);
                        eased.right[q] = turn.times(&eased.right[q]);
                        eased.left[q] = eased.left[q].times(&turn.adjoint());
                    }
                }
                steps = self.dressed(gate, &eased, flipped, qubits, machine);
            }
            let length = length(&steps, waiting);
            if best.as_ref().is_none_or(|(least, _)| length < *least) {
                best = Some((length, steps));
            }
        }
        best.expect("two ways were tried").1
    }

    fn dressed(&mut self, gate: Gate, block: &Weyl, flipped: bool, qubits: [usize; 2], machine: &Machine) -> Vec<Dressed> {
        let own = |q: usize| if flipped { 1 - q } else { q };
        let block = if flipped {
            let exchanged = |[a, b]: &[Matrix; 2]| [b.clone(), a.clone()];
            &Weyl { left: exchanged(&block.left), right: exchanged(&block.right), ..block.clone() }
        } else {
            block
        };
        let mut steps = Vec::new();
        for piece in block.pieces() {
            match piece {
                Piece::Local(q, local) => steps.push(Dressed::Local(own(q), local)),
                Piece::Cx(control, target) => {
                    let cx = [own(control), own(target)];
                    let order = if machine.in_order(gate, qubits[cx[0]], qubits[cx[1]]) { cx } else { [cx[1], cx[0]] };
                    let dress = self.dress(gate, cx, order);
                    steps.extend((0..2).map(|q| Dressed::Local(q, dress.before[q].clone())));
                    steps.push(Dressed::Native { gate, angles: Vec::new(), order });
                    steps.extend((0..2).map(|q| Dressed::Local(q, dress.after[q].clone())));
                }
            }
        }
        steps
    }

    fn dress(&mut self, gate: Gate, cx: [usize; 2], order: [usize; 2]) -> Dress {
        if let Some(dress) = self.known.iter().find(|dress| dress.gate == gate && dress.cx == cx && dress.order == order) {
            return dress.clone();
        }
        let wanted = Gate::Cx.matrix(&[]).embedded(&cx, 2);
        let native = gate.matrix(&[]).embedded(&order, 2);
        let [before, after] = fewest_pulses(around(&wanted, &native), &native);
        let dress = Dress { gate, cx, order, before, after };
        self.known.push(dress.clone());
        dress
    }

    /// A block of Ising rotations.
    pub fn ising(&self, gate: Gate, position: usize, block: &Weyl, qubits: [usize; 2], machine: &Machine) -> Vec<Dressed> {
        let mut steps = Vec::new();
        for piece in block.rotations() {
            match piece {
                RotationPiece::Local(q, local) => steps.push(Dressed::Local(q, local)),
                RotationPiece::Ising(coordinate) => {
                    let wanted = Gate::Rxx.matrix(&[-2.0 * coordinate]);
                    let mut angles = vec![0.0; gate.num_parameters()];
                    angles[position] = -2.0 * coordinate;
                    let order = if machine.in_order(gate, qubits[0], qubits[1]) { [0, 1] } else { [1, 0] };
                    let [before, after] = around(&wanted, &gate.matrix(&angles).embedded(&order, 2));
                    steps.extend(before.into_iter().enumerate().map(|(q, local)| Dressed::Local(q, local)));
                    steps.push(Dressed::Native { gate, angles, order });
                    steps.extend(after.into_iter().enumerate().map(|(q, local)| Dressed::Local(q, local)));
                }
            }
        }
        steps
    }
}

/// One-qubit gates before and after a native gate that make another one with the same coordinates of it.
fn around(wanted: &Matrix, native: &Matrix) -> [[Matrix; 2]; 2] {
    let (outer, inner) = (weyl::decompose(wanted), weyl::decompose(native));
    [
        [0, 1].map(|q: usize| inner.right[q].adjoint().times(&outer.right[q])),
        [0, 1].map(|q: usize| outer.left[q].times(&inner.left[q].adjoint())),
    ]
}

/// Of the gates around a native Clifford gate, which let Paulis through it, those with the fewest pulses.
fn fewest_pulses([before, after]: [[Matrix; 2]; 2], native: &Matrix) -> [[Matrix; 2]; 2] {
    let pair = |k: usize| [Pauli::ALL[k % 4].matrix(), Pauli::ALL[k / 4].matrix()];
    let product = |[low, high]: &[Matrix; 2]| high.kronecker(low);
    let mut best = [before.clone(), after.clone()];
    let count = |[before, after]: &[[Matrix; 2]; 2]| -> usize { before.iter().chain(after).map(pulses).sum() };
    for k in 1..16 {
        let inner = pair(k);
        let image = native.times(&product(&inner)).times(&native.adjoint());
        // a Pauli up to its sign behind the gate, where the gate is a Clifford gate
        let Some(outer) = (0..16).map(pair).find(|outer| {
            let outer = product(outer);
            outer.distance(&image) < 1e-9 || outer.scaled((-1.0).into()).distance(&image) < 1e-9
        }) else {
            continue;
        };
        let other =
            [[0, 1].map(|q: usize| inner[q].times(&before[q])), [0, 1].map(|q: usize| after[q].times(&outer[q].adjoint()))];
        if count(&other) < count(&best) {
            best = other;
        }
    }
    best
}

/// Pulses of a one-qubit gate where rotations about Z need none.
fn pulses(matrix: &Matrix) -> usize {
    let flipped = matrix[(0, 1)].norm_sqr();
    if flipped < 1e-20 {
        0
    } else if (flipped - 0.5).abs() < 1e-12 || flipped > 1.0 - 1e-12 {
        1
    } else {
        2
    }
}

/// Layers of pulses before each native gate and at the end; where ways have as many, pulses in all.
fn length(steps: &[Dressed], waiting: [Option<&Matrix>; 2]) -> usize {
    let mut before = waiting.map(|matrix| matrix.cloned().unwrap_or_else(|| Matrix::identity(1)));
    let mut length = 0;
    let add = |before: &[Matrix; 2]| {
        let [a, b] = [pulses(&before[0]), pulses(&before[1])];
        10 * a.max(b) + a + b
    };
    for step in steps {
        match step {
            Dressed::Local(q, local) => before[*q] = local.times(&before[*q]),
            Dressed::Native { .. } => {
                length += add(&before);
                before = [Matrix::identity(1), Matrix::identity(1)];
            }
        }
    }
    length + add(&before)
}

/// The angle of a rotation about X, right after the first gate of a qubit, that leaves one pulse before the first native gate instead of
/// two; none where there are fewer or none does.
///
/// The probability that the gates flip the qubit is a constant and a sine of the angle: pulses are one where it is a half.
fn easier(steps: &[Dressed], q: usize, first: &Matrix, waiting: Option<&Matrix>) -> Option<f64> {
    let start = waiting.map_or_else(|| first.clone(), |waiting| first.times(waiting));
    let mut rest = Matrix::identity(1);
    for step in steps {
        match step {
            Dressed::Local(own, local) if *own == q => rest = local.times(&rest),
            Dressed::Local(..) => {}
            Dressed::Native { .. } => break,
        }
    }
    // the first gate is part of the first step
    let rest = rest.times(&first.adjoint());
    let flipped = |angle: f64| rest.times(&Gate::Rx.matrix(&[angle])).times(&start)[(0, 1)].norm_sqr();
    if pulses(&rest.times(&start)) < 2 {
        return None;
    }
    let quarter = std::f64::consts::FRAC_PI_2;
    let (zero, one, two) = (flipped(0.0), flipped(quarter), flipped(2.0 * quarter));
    let middle = (zero + two) / 2.0;
    let (cosine, sine) = ((zero - two) / 2.0, one - middle);
    let size = cosine.hypot(sine);
    let wanted = (0.5 - middle) / size;
    (size > 1e-6 && wanted.abs() <= 1.0).then(|| sine.atan2(cosine) + wanted.acos())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Around a native gate that is a cx, or one but for Hadamard gates, stands no pulse too many, and the product is right.
    #[test]
    fn dresses_are_light() {
        for (gate, most) in [(Gate::Cx, 0), (Gate::Cz, 2), (Gate::Ecr, 3)] {
            for (cx, order) in [([0, 1], [0, 1]), ([1, 0], [1, 0]), ([1, 0], [0, 1])] {
                let Dress { before, after, .. } = Dresser::default().dress(gate, cx, order);
                let [first, last] = [before.clone(), after.clone()].map(|[low, high]| high.kronecker(&low));
                let native = gate.matrix(&[]).embedded(&order, 2);
                let wanted = Gate::Cx.matrix(&[]).embedded(&cx, 2);
                let made = last.times(&native).times(&first);
                let phase = num_complex::Complex64::cis(weyl::phase_between(&made, &wanted));
                assert!(made.scaled(phase).distance(&wanted) < 1e-9, "{gate:?} {cx:?} {order:?}");
                let pulses: usize = before.iter().chain(&after).map(pulses).sum();
                let most = if gate == Gate::Cx && cx != order { 4 } else { most + usize::from(cx != order && gate == Gate::Ecr) };
                assert!(pulses <= most, "{gate:?} {cx:?} {order:?}: {pulses}");
            }
        }
    }
}
