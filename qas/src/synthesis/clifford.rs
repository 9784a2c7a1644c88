//! Clifford matrices up to one-qubit gates.

use qloom_circuits::{Circuit, Gate, Matrix, Operation, Pauli, PauliString, Stream, synthesis};

use super::space::{self, CliffordConfig, Space};
use crate::QasError;

const MOST_QUBITS: usize = 6;

/// Clifford matrices on 2 to 6 qubits up to one-qubit gates and Paulis that act last; gates act on them from the left.
///
/// An action is a Pauli on one qubit controlled by a Pauli on another, nine for each pair, and costs 1: paths are as long as circuits have
/// two-qubit gates. Features of `n` qubits: six for each of the `n^2` blocks of the symplectic matrix, four bits and its rank.
#[derive(Debug, Clone)]
pub struct CliffordSpace {
    qubits: usize,
    pairs: Vec<[usize; 2]>,
}

/// For each qubit, the two smaller of three masks: by bit `2q` and `2q + 1`, whether the images of X and of Z on qubit `q` fail to commute with a Pauli
/// there. The third mask is the sum of the two; which Pauli belongs to which mask is what one-qubit gates change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rows([[u16; 2]; MOST_QUBITS]);

impl Rows {
    fn three(&self, qubit: usize) -> [u16; 3] {
        let [first, second] = self.0[qubit];
        [first, second, first ^ second]
    }

    fn set(&mut self, qubit: usize, mut three: [u16; 3]) {
        three.sort_unstable();
        self.0[qubit] = [three[0], three[1]];
    }

    /// Multiplies the images that fail to commute with `masks[0]` of the first qubit by the Pauli of `masks[1]` on the second, and the other way round.
    fn act(&mut self, [p, q]: [usize; 2], masks: [u16; 2]) {
        for (qubit, own, other) in [(p, masks[0], masks[1]), (q, masks[1], masks[0])] {
            self.set(qubit, self.three(qubit).map(|mask| if mask == own { mask } else { mask ^ other }));
        }
    }
}

/// A Pauli on each of two qubits, one controlled by the other: `(1 + P + Q - PQ) / 2`.
struct Controlled {
    qubits: [usize; 2],
    paulis: [Pauli; 2],
}

impl Controlled {
    fn matrix(&self, num_qubits: usize) -> Matrix {
        let [a, b] = [0, 1].map(|k: usize| self.paulis[k].matrix().embedded(&[self.qubits[k]], num_qubits));
        let sum = Matrix::identity(num_qubits).plus(&a).plus(&b).plus(&a.times(&b).scaled((-1.0).into()));
        sum.scaled(0.5.into())
    }

    /// A cz between gates that take the Paulis to Z and back.
    fn append_to(&self, circuit: &mut Circuit) -> Result<(), QasError> {
        self.turn([Gate::H, Gate::Sx], circuit)?;
        circuit.push(Operation::gate(Gate::Cz, &[], &self.qubits))?;
        self.turn([Gate::H, Gate::Sxdg], circuit)
    }

    /// The first gate where there is an X, the second where there is a Y.
    fn turn(&self, [of_x, of_y]: [Gate; 2], circuit: &mut Circuit) -> Result<(), QasError> {
        for (&qubit, pauli) in self.qubits.iter().zip(self.paulis) {
            let gate = match pauli {
                Pauli::X => of_x,
                Pauli::Y => of_y,
                Pauli::I | Pauli::Z => continue,
            };
            circuit.push(Operation::gate(gate, &[], &[qubit]))?;
        }
        Ok(())
    }
}

impl CliffordSpace {
    /// The space of these settings.
    ///
    /// # Errors
    /// [`QasError::InvalidSetting`] for a number of qubits out of range, [`QasError::InvalidCoupling`] for pairs that do not fit.
    pub fn new(config: &CliffordConfig) -> Result<Self, QasError> {
        space::qubits("synthesis.space.clifford.qubits", config.qubits, (2, MOST_QUBITS))?;
        let pairs = space::pairs(&config.coupling, config.qubits)?;
        if !connected(config.qubits, &pairs) {
            let requirement = "the pairs have to connect all qubits, or most matrices cannot be reached";
            return Err(QasError::invalid("synthesis.space.clifford.coupling", format!("{pairs:?}"), requirement));
        }
        Ok(Self { qubits: config.qubits, pairs })
    }

    /// The pair of an action and which of the masks of its qubits.
    fn parts(&self, action: usize) -> ([usize; 2], [usize; 2]) {
        (self.pairs[action / 9], [action % 9 / 3, action % 3])
    }

    /// The images of X and Z on each qubit under a matrix.
    fn images(&self, matrix: &Matrix) -> Result<Vec<PauliString>, QasError> {
        space::same_size(matrix, self.qubits)?;
        let back = matrix.adjoint();
        let generators =
            (0..self.qubits).flat_map(|q| [Pauli::X, Pauli::Z].map(|pauli| pauli.matrix().embedded(&[q], self.qubits)));
        let image = |generator: Matrix| {
            let (string, _) = PauliString::of_matrix(&matrix.times(&generator).times(&back))?;
            Some(string)
        };
        generators.map(image).collect::<Option<_>>().ok_or_else(|| {
            QasError::invalid(
                "circuit",
                "a matrix that is no Clifford gate",
                "a space of Clifford matrices holds no other; take one of unitaries",
            )
        })
    }
}

/// The mask of a Pauli on a qubit: the images that fail to commute with it.
fn mask(images: &[PauliString], qubit: usize, pauli: Pauli) -> u16 {
    let here = PauliString::from_letters([(qubit, pauli)]);
    images.iter().enumerate().fold(0, |mask, (k, image)| mask | u16::from(!image.commutes_with(here)) << k)
}

fn rows(images: &[PauliString]) -> Rows {
    let mut rows = Rows([[0; 2]; MOST_QUBITS]);
    for qubit in 0..images.len() / 2 {
        rows.set(qubit, [Pauli::X, Pauli::Y, Pauli::Z].map(|pauli| mask(images, qubit, pauli)));
    }
    rows
}

/// Whether pairs join all qubits.
fn connected(qubits: usize, pairs: &[[usize; 2]]) -> bool {
    let mut reached = 1u64;
    for _ in 0..qubits {
        for [a, b] in pairs {
            if (reached >> a | reached >> b) & 1 == 1 {
                reached |= 1 << a | 1 << b;
            }
        }
    }
    reached == (1 << qubits) - 1
}

impl Space for CliffordSpace {
    type State = Rows;

    fn goal(&self) -> Rows {
        let mut rows = Rows([[0; 2]; MOST_QUBITS]);
        (0..self.qubits).for_each(|q| rows.0[q] = [1 << (2 * q), 2 << (2 * q)]);
        rows
    }

    fn num_qubits(&self) -> usize {
        self.qubits
    }

    fn actions(&self) -> usize {
        9 * self.pairs.len()
    }

    fn cost(&self, _action: usize) -> f32 {
        1.0
    }

    fn qubits(&self, action: usize) -> u64 {
        let ([p, q], _) = self.parts(action);
        1 << p | 1 << q
    }

    fn apply(&self, state: &Rows, action: usize) -> Rows {
        let (pair, which) = self.parts(action);
        let mut after = *state;
        after.act(pair, [0, 1].map(|k: usize| state.three(pair[k])[which[k]]));
        after
    }

    fn bytes(&self) -> usize {
        size_of::<Rows>()
    }

    fn width(&self) -> usize {
        6 * self.qubits * self.qubits
    }

    fn features(&self, state: &Rows, features: &mut Vec<f32>) {
        for &[first, second] in &state.0[..self.qubits] {
            for block in 0..self.qubits {
                let [a, b] = [first, second].map(|row| row >> (2 * block) & 3);
                features.extend([a & 1, a >> 1, b & 1, b >> 1].map(f32::from));
                let rank = u16::from(a | b != 0) + u16::from(a != b && a != 0 && b != 0);
                features.extend([rank >= 1, rank == 2].map(|whether| f32::from(u8::from(whether))));
            }
        }
    }

    fn state(&self, matrix: &Matrix) -> Result<Rows, QasError> {
        Ok(rows(&self.images(matrix)?))
    }

    fn circuit(&self, matrix: &Matrix, path: &[usize]) -> Result<Circuit, QasError> {
        let mut left = matrix.clone();
        let mut gates = Vec::with_capacity(path.len());
        for &action in path {
            let images = self.images(&left)?;
            let (qubits, which) = self.parts(action);
            let state = rows(&images);
            let pauli = |k: usize| {
                let wanted = state.three(qubits[k])[which[k]];
                let found = [Pauli::X, Pauli::Y, Pauli::Z].into_iter().find(|&pauli| mask(&images, qubits[k], pauli) == wanted);
                found.expect("the masks of a state are those of three Paulis")
            };
            let gate = Controlled { qubits, paulis: [pauli(0), pauli(1)] };
            left = gate.matrix(self.qubits).times(&left);
            gates.push(gate);
        }
        if self.state(&left)? != self.goal() {
            return Err(QasError::invalid("path", format!("{} actions", path.len()), "it has to end where nothing is left"));
        }
        let mut circuit = Circuit::new(self.qubits);
        for (qubit, factor) in synthesis::factors(&left).iter().enumerate() {
            for operation in synthesis::unitary(factor, &[], &[qubit], &[]) {
                circuit.push(operation)?;
            }
        }
        // each of them is its own inverse
        gates.iter().rev().try_for_each(|gate| gate.append_to(&mut circuit))?;
        Ok(circuit)
    }

    fn draw(&self, gates: usize, stream: &mut Stream) -> Circuit {
        let mut circuit = Circuit::new(self.qubits);
        for _ in 0..gates {
            let qubits = self.pairs[stream.below(self.pairs.len())];
            let paulis = [(); 2].map(|()| Pauli::ALL[1 + stream.below(3)]);
            Controlled { qubits, paulis }.append_to(&mut circuit).expect("pairs are on the register");
        }
        circuit
    }
}
