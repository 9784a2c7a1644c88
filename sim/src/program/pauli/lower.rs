//! Operations lowered to maps of one digit that wait, and maps of two digits that take them along.

use qloom_circuits::{Angle, Circuit, Operation, Pauli, Primitive, PrimitiveKind};
use smallvec::SmallVec;

use super::transfer::{self, Constant, IDENTITY};
use super::{Factor, PauliProgram};
use crate::error::SimError;
use crate::kernel::{Four, Many, NONE, PauliPair, Signed, Two};
use crate::plan::pauli::Item;

/// Unitaries and channels on more qubits have no transfer matrix of reasonable size.
const MAX_DENSE: usize = 5;
/// A controlled rotation is one rotation for every subset of its controls.
const MAX_CONTROLS: usize = 8;
/// The digits of a pair as they are.
const SAME: Signed = Signed { image: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], factor: [1.0; 16] };

impl PauliProgram {
    /// Appends the operations of a circuit to an empty program.
    pub(crate) fn lower(&mut self, circuit: &Circuit) -> Result<(), SimError> {
        circuit.operations().iter().try_for_each(|operation| self.operation(operation))?;
        // What is left: on qubits without any item it leads, else two go as one map.
        let mut left: SmallVec<[(usize, u32); 16]> = SmallVec::new();
        for qubit in 0..self.num_qubits {
            let map = self.flush(qubit);
            if map != NONE {
                left.push((qubit, map));
            }
        }
        for pair in left.chunks(2) {
            let (two, mask) = self.pair_of_maps(pair);
            self.items.push(Item::Two(two));
            self.masks.push(mask);
        }
        let leading: SmallVec<[(usize, u32); 16]> =
            self.leading.iter().copied().enumerate().filter(|(_, map)| *map != NONE).collect();
        for pair in leading.chunks(2) {
            let (two, mask) = self.pair_of_maps(pair);
            self.opening.push(Item::Two(two));
            self.opening_masks.push(mask);
        }
        Ok(())
    }

    /// One or two maps of one qubit as a map of two; a single one has a second qubit that nothing happens to.
    fn pair_of_maps(&mut self, maps: &[(usize, u32)]) -> (u32, u32) {
        let first = maps[0];
        let second = maps.get(1).copied().unwrap_or((usize::from(first.0 == 0), NONE));
        let two = self.twos.len() as u32;
        self.twos.push(Two { qubits: [first.0 as u8, second.0 as u8], before: [first.1, second.1], turn: NONE });
        self.thens.push(PauliPair::Signed(SAME));
        (two, 1 << first.0 | 1 << second.0)
    }

    fn operation(&mut self, operation: &Operation) -> Result<(), SimError> {
        match operation {
            Operation::Gate { gate, angles, qubits } if angles.is_empty() => match (transfer::of_gate(*gate), &qubits[..]) {
                (Constant::One(matrix), &[qubit]) => self.constant(qubit, matrix),
                (Constant::Two(pair), &[first, second]) => self.pair(first, second, pair.clone()),
                _ => return operation.primitives()?.iter().try_for_each(|primitive| self.primitive(primitive)),
            },
            Operation::Gate { .. } | Operation::PauliRotation { .. } | Operation::Unitary { .. } => {
                return operation.primitives()?.iter().try_for_each(|primitive| self.primitive(primitive));
            }
            Operation::Channel { channel, qubits } => self.matrix(qubits, channel.transfer()),
            Operation::Measure { qubit, .. } => {
                let mut matrix = [0.0; 16];
                (matrix[0], matrix[15]) = (1.0, 1.0);
                self.constant(*qubit, &matrix);
            }
            Operation::Reset { qubit } => {
                let mut matrix = [0.0; 16];
                (matrix[0], matrix[12]) = (1.0, 1.0);
                self.constant(*qubit, &matrix);
            }
            Operation::GlobalPhase(_) | Operation::Barrier { .. } | Operation::Delay { .. } => {}
            Operation::Conditional(_) => {
                return Err(SimError::Unsupported {
                    simulation: "a Pauli vector",
                    operation: "a condition on measured bits",
                    remedy: "simulate trajectories, or measure at the end",
                });
            }
        }
        Ok(())
    }

    fn primitive(&mut self, primitive: &Primitive) -> Result<(), SimError> {
        let controls = &primitive.controls;
        match &primitive.kind {
            PrimitiveKind::Phase(angle) => {
                // exp(i a prod (1 - Z)/2)
                self.controlled_rotation(angle.scaled(-2.0), controls, &[])
            }
            PrimitiveKind::Rotation(angle, targets) => self.controlled_rotation(*angle, controls, targets),
            PrimitiveKind::Unitary(matrix, targets) if controls.len() >= 2 && targets.len() == 1 => {
                // a turn about some axis and a phase: in a frame with that axis for Z both are rotations
                let (phase, angle, frame) = transfer::axis(matrix);
                let back: Four = std::array::from_fn(|at| frame[at % 4 * 4 + at / 4]);
                self.constant(targets[0], &back);
                self.controlled_rotation(Angle::Fixed(-2.0 * phase), controls, &[])?;
                self.controlled_rotation(Angle::Fixed(angle), controls, &[(targets[0], Pauli::Z)])?;
                self.constant(targets[0], &frame);
                Ok(())
            }
            PrimitiveKind::Unitary(..) => {
                let qubits = primitive.qubits();
                if qubits.len() > MAX_DENSE {
                    return Err(SimError::Unsupported {
                        simulation: "a Pauli vector",
                        operation: "a gate on more than five qubits",
                        remedy: "write it as gates on fewer",
                    });
                }
                self.matrix(&qubits, &transfer::of_unitary(&primitive.matrix(&[])));
                Ok(())
            }
        }
    }

    /// `exp(-i angle/2 Pi P)` with `Pi` the projector on controls that are one: a rotation for every subset of them.
    fn controlled_rotation(&mut self, angle: Angle, controls: &[usize], targets: &[(usize, Pauli)]) -> Result<(), SimError> {
        if controls.len() > MAX_CONTROLS {
            return Err(SimError::Unsupported {
                simulation: "a Pauli vector",
                operation: "a rotation with more than eight controls",
                remedy: "write it as gates on fewer qubits",
            });
        }
        let share = 1.0 / (1u32 << controls.len()) as f64;
        for subset in 0..1usize << controls.len() {
            let sign = if subset.count_ones().is_multiple_of(2) { share } else { -share };
            let zs = controls.iter().enumerate().filter(|(bit, _)| subset >> bit & 1 == 1).map(|(_, &q)| (q, Pauli::Z));
            let string: SmallVec<[(usize, Pauli); 4]> =
                targets.iter().copied().filter(|(_, pauli)| *pauli != Pauli::I).chain(zs).collect();
            self.rotation(angle.scaled(sign), &string);
        }
        Ok(())
    }

    /// `exp(-i angle/2 P)`.
    fn rotation(&mut self, angle: Angle, string: &[(usize, Pauli)]) {
        if angle == Angle::Fixed(0.0) {
            return;
        }
        match *string {
            [] => {}
            [(qubit, axis)] => {
                let Some(plane) = transfer::plane(axis) else { return };
                match angle {
                    Angle::Fixed(value) => {
                        let mut matrix = IDENTITY;
                        transfer::turn(&mut matrix, plane, [value.cos(), value.sin()]);
                        self.constant(qubit, &matrix);
                    }
                    Angle::Free { .. } => {
                        let slot = self.slot(angle);
                        self.pending[qubit].push(Factor::Turn { plane, slot });
                    }
                }
            }
            [(first, a), (second, b)] => {
                let (to_a, to_b) = (transfer::to_z(a), transfer::to_z(b));
                self.digits(first, to_a);
                self.digits(second, to_b);
                let (back_a, back_b) = (transfer::undone(to_a), transfer::undone(to_b));
                let image = std::array::from_fn(|from| back_a[from & 3] | back_b[from >> 2] << 2);
                let turn = self.slot(angle);
                self.two(first, second, turn, PauliPair::Signed(Signed { image, factor: [1.0; 16] }));
            }
            _ => {
                // CX gathers the parity of Zs on the last qubit
                for &(qubit, axis) in string {
                    self.digits(qubit, transfer::to_z(axis));
                }
                let (ladder, last) = string.split_at(string.len() - 2);
                let chain: SmallVec<[usize; 8]> = ladder.iter().chain(&last[..1]).map(|(qubit, _)| *qubit).collect();
                chain.windows(2).for_each(|pair| self.cx(pair[0], pair[1]));
                self.rotation(angle, &[(last[0].0, Pauli::Z), (last[1].0, Pauli::Z)]);
                chain.windows(2).rev().for_each(|pair| self.cx(pair[0], pair[1]));
                for &(qubit, axis) in string {
                    self.digits(qubit, transfer::undone(transfer::to_z(axis)));
                }
            }
        }
    }

    fn cx(&mut self, control: usize, target: usize) {
        if let Constant::Two(pair) = transfer::of_gate(qloom_circuits::Gate::Cx) {
            self.pair(control, target, pair.clone());
        }
    }

    /// An exchange of the digits of one qubit.
    fn digits(&mut self, qubit: usize, image: [u8; 4]) {
        if image != [0, 1, 2, 3] {
            self.constant(qubit, &transfer::exchange(image));
        }
    }

    fn slot(&mut self, angle: Angle) -> u32 {
        self.slots.push(angle);
        self.slots.len() as u32 - 1
    }

    /// A constant map of one qubit.
    fn constant(&mut self, qubit: usize, matrix: &Four) {
        if let Some(Factor::Constant(index)) = self.pending[qubit].last() {
            let before = &mut self.constants[*index as usize];
            *before = transfer::times(matrix, before);
            return;
        }
        self.pending[qubit].push(Factor::Constant(self.constants.len() as u32));
        self.constants.push(*matrix);
    }

    /// A constant map, the first qubit the least significant digit.
    fn matrix(&mut self, qubits: &[usize], matrix: &[f64]) {
        match *qubits {
            [qubit] => {
                let mut four = [0.0; 16];
                four.copy_from_slice(matrix);
                self.constant(qubit, &four);
            }
            [first, second] => self.pair(first, second, transfer::pair(matrix)),
            _ => {
                for &qubit in qubits {
                    let map = self.flush(qubit);
                    if map != NONE {
                        let (two, mask) = self.pair_of_maps(&[(qubit, map)]);
                        self.item(Item::Two(two), mask);
                    }
                }
                let item = Item::Many(self.many.len() as u32);
                self.many.push(Many { qubits: qubits.into(), matrix: matrix.to_vec() });
                self.item(item, qubits.iter().fold(0, |mask, qubit| mask | 1 << qubit));
            }
        }
    }

    /// A constant map of two qubits: multiplied into the one before where nothing comes between.
    fn pair(&mut self, first: usize, second: usize, map: PauliPair) {
        let last = self.last[first];
        if last != NONE
            && last == self.last[second]
            && self.pending[first].is_empty()
            && self.pending[second].is_empty()
            && let Item::Two(index) = self.items[last as usize]
        {
            let index = index as usize;
            let same = usize::from(self.twos[index].qubits[0]) == first;
            let map = if same { map } else { transfer::exchanged(&map) };
            self.thens[index] = transfer::then(&self.thens[index], &map);
            return;
        }
        self.two(first, second, NONE, map);
    }

    fn two(&mut self, first: usize, second: usize, turn: u32, then: PauliPair) {
        let before = [self.flush(first), self.flush(second)];
        let item = Item::Two(self.twos.len() as u32);
        self.twos.push(Two { qubits: [first as u8, second as u8], before, turn });
        self.thens.push(then);
        self.item(item, 1 << first | 1 << second);
    }

    fn item(&mut self, item: Item, mask: u32) {
        let index = self.items.len() as u32;
        self.items.push(item);
        self.masks.push(mask);
        (0..self.num_qubits).filter(|qubit| mask >> qubit & 1 == 1).for_each(|qubit| self.last[qubit] = index);
    }

    /// The waiting map of a qubit: an index, or none, also where it leads everything on the qubit.
    fn flush(&mut self, qubit: usize) -> u32 {
        if self.pending[qubit].is_empty() {
            return NONE;
        }
        let start = self.factors.len() as u32;
        self.factors.append(&mut self.pending[qubit]);
        let map = self.recipes.len() as u32;
        self.recipes.push(start..self.factors.len() as u32);
        if self.last[qubit] == NONE {
            self.leading[qubit] = map;
            return NONE;
        }
        map
    }
}
