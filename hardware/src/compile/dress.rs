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
        for flipped in [false, true] {
            let mut steps = self.dressed(gate, &block, flipped, qubits, machine);
            ease(&mut steps, &block, waiting);
            let length = length(&steps, waiting).iter().sum();
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
pub(super) fn around(wanted: &Matrix, native: &Matrix) -> [[Matrix; 2]; 2] {
    let outer = weyl::decompose(wanted);
    let inner = with_signs_of(&outer.coordinates, weyl::decompose(native));
    [
        [0, 1].map(|q: usize| inner.right[q].adjoint().times(&outer.right[q])),
        [0, 1].map(|q: usize| outer.left[q].times(&inner.left[q].adjoint())),
    ]
}

/// A decomposition with other signs of its second and third coordinate, as near to the wanted ones as there are: a Pauli on one qubit turns
/// two signs, and a Pauli on both takes a coordinate of pi/4 to its opposite.
fn with_signs_of(wanted: &[f64; 3], block: Weyl) -> Weyl {
    let turned = |block: &Weyl, axis: usize| {
        let turn = Pauli::ALL[axis + 1].matrix();
        let mut other = block.clone();
        other.left[0] = other.left[0].times(&turn);
        other.right[0] = turn.times(&other.right[0]);
        (0..3).filter(|&k| k != axis).for_each(|k| other.coordinates[k] = -other.coordinates[k]);
        other
    };
    let mut opposite = block.clone();
    opposite.coordinates[0] -= std::f64::consts::FRAC_PI_2;
    opposite.left = opposite.left.map(|left| left.times(&Pauli::X.matrix()));
    let far = |block: &Weyl| block.coordinates.iter().zip(wanted).map(|(a, b)| (a - b).abs()).sum::<f64>();
    let others = [turned(&block, 0), turned(&opposite, 1), turned(&opposite, 2)];
    others.into_iter().fold(block, |best, other| if far(&other) < far(&best) - 1e-9 { other } else { best })
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

/// Layers of pulses before the native gates, and at the end; where ways have as many, pulses in all.
fn length(steps: &[Dressed], waiting: [Option<&Matrix>; 2]) -> [usize; 2] {
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
    [length, add(&before)]
}

/// Coordinates nearer to each other than this are equal.
const EQUAL: f64 = 1e-12;

/// A rotation that passes through a block: about one axis on both qubits, by an angle times these signs.
struct Freedom {
    axis: Pauli,
    signs: [f64; 2],
    /// Whether any angle passes, or only half a turn.
    any: bool,
}

impl Freedom {
    /// Half a turn of both qubits about one axis passes every block. One with two coordinates that are equal up to sign lets all rotations
    /// about the third axis through, on both qubits at once; where the two are zero, on each. A block of one cx needs no such rotation: the
    /// native gate lets it through.
    fn of(block: &Weyl) -> Vec<Freedom> {
        let c = &block.coordinates;
        let turns = block.cx_count() > 1;
        let mut freedoms = Vec::with_capacity(4);
        for k in 0..3 {
            let (first, second) = (c[(k + 1) % 3], c[(k + 2) % 3]);
            let any = turns && (first.abs() - second.abs()).abs() < EQUAL;
            let mut add = |signs| freedoms.push(Freedom { axis: Pauli::ALL[k + 1], signs, any });
            if any && first.abs() < EQUAL {
                add([1.0, 0.0]);
                add([0.0, 1.0]);
            } else {
                add([1.0, if any { (first * second).signum() } else { 1.0 }]);
            }
        }
        freedoms
    }

    fn turn(&self, q: usize, angle: f64) -> Matrix {
        rotation(self.axis, self.signs[q] * angle)
    }

    /// The steps between a turn and its inverse, which pass through the block.
    fn turned(&self, steps: &[Dressed], block: &Weyl, angle: f64) -> Vec<Dressed> {
        let own = || (0..2).filter(|&q| self.signs[q] != 0.0);
        let before =
            own().map(|q| Dressed::Local(q, block.right[q].adjoint().times(&self.turn(q, angle)).times(&block.right[q])));
        let after = own().map(|q| Dressed::Local(q, block.left[q].times(&self.turn(q, -angle)).times(&block.left[q].adjoint())));
        before.chain(steps.iter().cloned()).chain(after).collect()
    }

    /// Half a turn, and angles that leave fewer than two pulses before the first native gate or behind the last, on a qubit that has two there.
    fn angles(&self, steps: &[Dressed], block: &Weyl, waiting: [Option<&Matrix>; 2]) -> Vec<f64> {
        let mut angles = vec![std::f64::consts::PI];
        if !self.any {
            return angles;
        }
        for q in (0..2).filter(|&q| self.signs[q] != 0.0) {
            let [first, last] = ends(steps, q);
            let start = waiting[q].map_or_else(|| block.right[q].clone(), |waiting| block.right[q].times(waiting));
            let rest = first.times(&block.right[q].adjoint());
            let end = block.left[q].adjoint().times(&last);
            for (before, after, sign) in [(start, rest, self.signs[q]), (end, block.left[q].clone(), -self.signs[q])] {
                if pulses(&after.times(&before)) == 2 {
                    angles.extend(easy(&before, self.axis, &after).into_iter().map(|angle| sign * angle));
                }
            }
        }
        angles
    }
}

fn rotation(axis: Pauli, angle: f64) -> Matrix {
    let (sine, cosine) = (angle / 2.0).sin_cos();
    Matrix::identity(1).scaled(cosine.into()).plus(&axis.matrix().scaled(num_complex::Complex64::new(0.0, -sine)))
}

/// What acts on a qubit before the first native gate, and after the last.
fn ends(steps: &[Dressed], q: usize) -> [Matrix; 2] {
    let mut ends = [Matrix::identity(1), Matrix::identity(1)];
    let locals = |steps: &[Dressed], end: &mut Matrix| {
        for step in steps {
            if let Dressed::Local(own, local) = step
                && *own == q
            {
                *end = local.times(end);
            }
        }
    };
    let native = |step: &Dressed| matches!(step, Dressed::Native { .. });
    locals(&steps[..steps.iter().position(native).unwrap_or(steps.len())], &mut ends[0]);
    locals(&steps[steps.iter().rposition(native).map_or(steps.len(), |at| at + 1)..], &mut ends[1]);
    ends
}

/// Angles of a rotation between two gates that leave one pulse or none.
///
/// The probability that the gates flip the qubit is a constant and a sine of the angle: pulses are one where it is a half or one, and none
/// where it is zero.
fn easy(before: &Matrix, axis: Pauli, after: &Matrix) -> Vec<f64> {
    let flipped = |angle: f64| after.times(&rotation(axis, angle)).times(before)[(0, 1)].norm_sqr();
    let quarter = std::f64::consts::FRAC_PI_2;
    let (zero, one, two) = (flipped(0.0), flipped(quarter), flipped(2.0 * quarter));
    let middle = (zero + two) / 2.0;
    let (cosine, sine) = ((zero - two) / 2.0, one - middle);
    let size = cosine.hypot(sine);
    if size < 1e-6 {
        return Vec::new();
    }
    let reached = [0.0, 0.5, 1.0].into_iter().map(|wanted| (wanted - middle) / size).filter(|wanted| wanted.abs() < 1.0 + 1e-12);
    let phase = sine.atan2(cosine);
    reached.flat_map(|wanted| [1.0, -1.0].map(|sign| phase + sign * wanted.clamp(-1.0, 1.0).acos())).collect()
}

/// Makes steps shorter by rotations that pass through their block.
fn ease(steps: &mut Vec<Dressed>, block: &Weyl, waiting: [Option<&Matrix>; 2]) {
    let mut least = length(steps, waiting);
    for freedom in Freedom::of(block) {
        for angle in freedom.angles(steps, block, waiting) {
            let tried = freedom.turned(steps, block, angle);
            let length = length(&tried, waiting);
            if length < least {
                (least, *steps) = (length, tried);
            }
        }
    }
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

    /// The block of a decomposition up to its phase, whatever passes through it, and never longer for it.
    #[test]
    fn what_passes_through_a_block_changes_no_block() {
        let machine = Machine::new(&crate::Device::from_name("line-2").expect("a machine"), 2).expect("sound");
        let quarter = std::f64::consts::FRAC_PI_4;
        for seed in 0..50 {
            let mut numbers = qloom_circuits::Stream::named(seed, "dress");
            let (x, y) = (0.1 + 0.6 * numbers.unit(), 0.1 * numbers.unit());
            let classes = [
                [x, x, 0.0],
                [x, -x, 0.0],
                [x, 0.0, 0.0],
                [x, y, -y],
                [quarter, quarter, y],
                [quarter, 0.0, 0.0],
                [x, y, 0.0],
                [quarter; 3],
            ];
            for coordinates in classes {
                let mut local = || Gate::U3.matrix(&[3.0 * numbers.unit(), 6.0 * numbers.unit(), 6.0 * numbers.unit()]);
                let block = Weyl { left: [local(), local()], coordinates, right: [local(), local()] };
                let waiting = [local(), local()];
                let waiting = [Some(&waiting[0]), None];
                let plain = Dresser::default().dressed(Gate::Cz, &block, false, [0, 1], &machine);
                let short = Dresser::default().shortest(Gate::Cz, block.clone(), [0, 1], &machine, waiting);
                let mut wanted = block.right[1].kronecker(&block.right[0]);
                for (gate, coordinate) in [Gate::Rxx, Gate::Ryy, Gate::Rzz].into_iter().zip(coordinates) {
                    wanted = gate.matrix(&[-2.0 * coordinate]).times(&wanted);
                }
                wanted = block.left[1].kronecker(&block.left[0]).times(&wanted);
                let made = short.iter().fold(Matrix::identity(2), |product, step| match step {
                    Dressed::Local(q, local) => local.embedded(&[*q], 2).times(&product),
                    Dressed::Native { gate, angles, order } => gate.matrix(angles).embedded(order, 2).times(&product),
                });
                let phase = num_complex::Complex64::cis(weyl::phase_between(&made, &wanted));
                assert!(made.scaled(phase).distance(&wanted) < 1e-9, "{coordinates:?}");
                let sum = |steps| length(steps, waiting).iter().sum::<usize>();
                assert!(sum(&short) <= sum(&plain), "{coordinates:?}");
            }
        }
    }

    /// An exchange of excitations between rotations about Z needs a layer of pulses before, two within and one behind.
    #[test]
    fn an_exchange_lets_a_rotation_through() {
        let machine = Machine::new(&crate::Device::from_name("line-2").expect("a machine"), 2).expect("sound");
        for seed in 0..50 {
            let mut numbers = qloom_circuits::Stream::named(seed, "exchange");
            let mut turn = || Gate::Rz.matrix(&[6.0 * numbers.unit()]);
            let (first, last) = (turn().kronecker(&turn()), turn().kronecker(&turn()));
            let exchange = Gate::Rxx.matrix(&[0.3]).times(&Gate::Ryy.matrix(&[0.3]));
            let block = weyl::decompose(&last.times(&exchange).times(&first));
            let steps = Dresser::default().shortest(Gate::Cz, block, [0, 1], &machine, [None, None]);
            assert_eq!(length(&steps, [None, None]), [12 + 24, 12]);
        }
    }
}
