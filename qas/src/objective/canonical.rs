//! One form for circuits that do the same by the same gates.

use qloom_circuits::{Action, Angle, Circuit, Gate, Operation};

use crate::QasError;

/// A circuit of gates with an angle each of their own, in the one form of all circuits that differ from it by the order of gates that share
/// no qubit, by pairs of equal gates that undo themselves with nothing between them, and by rotations that follow each other about one axis.
pub(crate) struct Canonical {
    pub(super) circuit: Circuit,
    /// Where the fit begins: angles of rotations that were joined are added.
    pub(super) start: Vec<f64>,
    /// For each angle of the given circuit that of this one, unless it was joined to another before it.
    heads: Vec<Option<usize>>,
    /// For each angle of the given circuit the one of this that it is part of.
    parts: Vec<usize>,
}

/// A gate, its qubits, a fixed angle, and the free ones that were joined in it.
struct Part {
    gate: Gate,
    qubits: Vec<usize>,
    fixed: Option<f64>,
    free: Vec<usize>,
}

impl Canonical {
    /// The form of a circuit; `None` for one with other operations, or where angles are shared or scaled.
    pub(crate) fn of(circuit: &Circuit, start: &[f64]) -> Result<Option<Self>, QasError> {
        let Some(parts) = parts(circuit) else { return Ok(None) };
        let parts = reduced(parts);
        let order = order(&parts);
        let mut canonical = Circuit::new(circuit.num_qubits());
        let (mut heads, mut owners) = (vec![None; start.len()], vec![0; start.len()]);
        let mut angles = Vec::with_capacity(start.len());
        for place in order {
            let part = &parts[place];
            let angle = match (part.free.first(), part.fixed) {
                (Some(&head), _) => {
                    heads[head] = Some(angles.len());
                    part.free.iter().for_each(|&free| owners[free] = angles.len());
                    angles.push(part.free.iter().map(|&free| start[free]).sum());
                    Some(Angle::free(angles.len() - 1))
                }
                (None, fixed) => fixed.map(Angle::Fixed),
            };
            let angle: Vec<Angle> = angle.into_iter().collect();
            canonical.push(Operation::gate(part.gate, &angle, &part.qubits))?;
        }
        Ok(Some(Self { circuit: canonical, start: angles, heads, parts: owners }))
    }

    /// The angle that one of the given circuit is part of.
    pub(super) fn part(&self, given: usize) -> usize {
        self.parts[given]
    }

    /// The angles of the given circuit that do the same: those that were joined to another are 0.
    pub(super) fn given(&self, angles: &[f64]) -> Vec<f64> {
        self.heads.iter().map(|head| head.map_or(0.0, |head| angles[head])).collect()
    }

    /// What tells this circuit and start from others.
    pub(super) fn key(&self) -> Vec<u8> {
        let mut key = self.form();
        key.push(b';');
        self.start.iter().for_each(|angle| key.extend(angle.to_bits().to_le_bytes()));
        key
    }

    /// What tells this circuit from others, free angles left out.
    pub(crate) fn form(&self) -> Vec<u8> {
        let mut key = Vec::new();
        for operation in self.circuit.operations() {
            key.extend(operation.name().bytes());
            key.push(b' ');
            key.extend(operation.qubits().iter().map(|&qubit| qubit as u8));
            for angle in operation.angles() {
                match angle {
                    Angle::Fixed(value) => key.extend(value.to_bits().to_le_bytes()),
                    Angle::Free { .. } => key.push(b'?'),
                }
            }
        }
        key
    }
}

fn parts(circuit: &Circuit) -> Option<Vec<Part>> {
    let mut seen = vec![false; circuit.num_parameters()];
    let mut part = |operation: &Operation| {
        let Operation::Gate { gate, angles, qubits } = operation else { return None };
        let (fixed, free) = match angles[..] {
            [] => (None, Vec::new()),
            [Angle::Fixed(value)] => (Some(value), Vec::new()),
            [Angle::Free { index, scale, offset }] if scale == 1.0 && offset == 0.0 && !seen[index] => {
                seen[index] = true;
                (None, vec![index])
            }
            _ => return None,
        };
        Some(Part { gate: *gate, qubits: qubits.to_vec(), fixed, free })
    };
    let parts: Vec<Part> = circuit.operations().iter().map(&mut part).collect::<Option<_>>()?;
    seen.into_iter().all(|seen| seen).then_some(parts)
}

/// Without pairs that undo each other, rotations about one axis joined.
fn reduced(parts: Vec<Part>) -> Vec<Part> {
    let mut left: Vec<Part> = Vec::with_capacity(parts.len());
    for part in parts {
        // the last gate on one of its qubits: if it is the same on the same qubits, nothing is between
        let last = left.iter().rposition(|other| other.qubits.iter().any(|qubit| part.qubits.contains(qubit)));
        match last.filter(|&last| left[last].gate == part.gate && left[last].qubits == part.qubits) {
            Some(last) if !part.free.is_empty() && !left[last].free.is_empty() && is_rotation(part.gate) => {
                left[last].free.extend(part.free);
            }
            Some(last) if undoes_itself(part.gate) => drop(left.remove(last)),
            Some(_) | None => left.push(part),
        }
    }
    left
}

fn is_rotation(gate: Gate) -> bool {
    matches!(gate.spec().action, Action::Rotation(_))
}

fn undoes_itself(gate: Gate) -> bool {
    if gate.num_parameters() > 0 {
        return false;
    }
    let matrix = gate.matrix(&[]);
    matrix.times(&matrix).distance(&qloom_circuits::Matrix::identity(gate.num_qubits())) < 1e-12
}

/// Of the gates that may come next always the first by name and qubits.
fn order(parts: &[Part]) -> Vec<usize> {
    let mut left: Vec<usize> = (0..parts.len()).collect();
    let mut order = Vec::with_capacity(parts.len());
    while !left.is_empty() {
        let mut touched = 0u64;
        let mut next: Option<usize> = None;
        for (index, &place) in left.iter().enumerate() {
            let mask: u64 = parts[place].qubits.iter().map(|&qubit| 1 << qubit).sum();
            let key = |place: usize| (parts[place].gate.name(), &parts[place].qubits);
            if touched & mask == 0 && next.is_none_or(|least| key(place) < key(left[least])) {
                next = Some(index);
            }
            touched |= mask;
        }
        order.push(left.remove(next.expect("the first of those left is free")));
    }
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Gates by number: CNOTs, a CZ, rotations about three axes and one of two qubits.
    fn circuit(numbers: &[u8]) -> (Circuit, Vec<f64>) {
        let (mut circuit, mut angles) = (Circuit::new(3), Vec::new());
        for (place, &number) in numbers.iter().enumerate() {
            let (gate, qubit) = (number / 3, usize::from(number % 3));
            let other = (qubit + 1) % 3;
            let free = Angle::free(angles.len());
            match gate {
                0 => circuit.cx(qubit, other),
                1 => circuit.cz(other, qubit),
                2 => circuit.rx(free, qubit),
                3 => circuit.ry(free, qubit),
                4 => circuit.rz(free, qubit),
                _ => circuit.rzz(free, qubit, other),
            };
            if gate > 1 {
                angles.push(0.3 + place as f64);
            }
        }
        (circuit, angles)
    }

    proptest! {
        /// It does the same, at the start and at other angles that are given back, and its own form is itself.
        #[test]
        fn the_form_does_the_same(numbers in prop::collection::vec(0u8..18, 0..14)) {
            let (given, start) = circuit(&numbers);
            let form = Canonical::of(&given, &start).expect("fits").expect("gates alone");
            let distance = |circuit: &Circuit, angles: &[f64]| {
                circuit.unitary(angles).expect("gates").distance(&form.circuit.unitary(&form.start).expect("gates"))
            };
            prop_assert!(distance(&given, &start) < 1e-11);
            prop_assert!(distance(&given, &form.given(&form.start)) < 1e-11);
            let again = Canonical::of(&form.circuit, &form.start).expect("fits").expect("gates alone");
            prop_assert_eq!((again.key(), again.circuit), (form.key(), form.circuit.clone()));
        }

        /// Neighbours that share no qubit may change places, and pairs that undo each other be put in.
        #[test]
        fn equal_circuits_have_one_form(numbers in prop::collection::vec(0u8..18, 1..12), at in 0usize..11) {
            let (given, start) = circuit(&numbers);
            let key = |circuit: &Circuit, start: &[f64]| Canonical::of(circuit, start).expect("fits").expect("gates alone").key();
            let expected = key(&given.bind(&start).expect("as many"), &[]);
            let at = at % numbers.len();
            let operations = given.bind(&start).expect("as many").operations().to_vec();
            let rebuilt = |operations: Vec<Operation>| {
                let mut circuit = Circuit::new(3);
                for operation in operations {
                    circuit.push(operation).expect("fits");
                }
                circuit
            };
            let mut padded = operations.clone();
            let pair = Operation::gate(Gate::Cx, &[], &[at % 3, (at + 1) % 3]);
            padded.splice(at..at, [pair.clone(), pair]);
            prop_assert_eq!(key(&rebuilt(padded), &[]), expected.clone());
            if let Some([a, b]) = operations.get(at..at + 2)
                && a.qubits().iter().all(|qubit| !b.qubits().contains(qubit))
            {
                let mut exchanged = operations.clone();
                exchanged.swap(at, at + 1);
                prop_assert_eq!(key(&rebuilt(exchanged), &[]), expected);
            }
        }
    }

    #[test]
    fn joined_rotations_add_and_the_first_is_given_back() {
        let mut given = Circuit::new(2);
        given.rx(Angle::free(0), 0).cx(0, 1).cx(0, 1).rz(Angle::free(1), 1).rx(Angle::free(2), 0);
        let form = Canonical::of(&given, &[0.25, 0.5, 1.0]).expect("fits").expect("gates alone");
        assert_eq!((form.circuit.operations().len(), &form.start[..]), (2, &[1.25, 0.5][..]));
        assert_eq!((form.given(&[0.7, 0.8]), form.part(2), form.part(1)), (vec![0.7, 0.8, 0.0], 0, 1));
        let mut shared = Circuit::new(1);
        shared.rx(Angle::free(0), 0).ry(Angle::free(0), 0);
        assert!(Canonical::of(&shared, &[0.1]).expect("fits").is_none());
    }
}
