//! Rotations about Pauli strings, made of the gates at hand.

use std::collections::HashSet;

use qloom_circuits::{Gate, Matrix, Pauli, PauliString};

use crate::QasError;
use crate::environment::action::{ActionConfig, ActionSet};

/// A rotation about a Pauli string: fixed gates, a rotation gate, and the fixed gates again in reverse.
#[derive(Debug, Clone)]
pub(crate) struct Insertion {
    /// The string.
    pub(crate) string: PauliString,
    /// Numbers of the fixed gates before the rotation, in order; each undoes itself.
    pub(crate) around: Vec<u16>,
    /// Number of the rotation gate.
    pub(crate) rotation: u16,
}

impl Insertion {
    /// All gates, in order.
    pub(crate) fn gates(&self) -> impl Iterator<Item = u16> {
        self.around.iter().copied().chain([self.rotation]).chain(self.around.iter().rev().copied())
    }

    /// What a slope is divided by when rotations are compared.
    pub(crate) fn price(&self) -> f64 {
        (1.0 + self.around.len() as f64).sqrt()
    }
}

/// The rotations about strings of the weight that the actions of an environment allow; `setting` asks for them.
///
/// # Errors
///
/// [`QasError::InvalidSetting`] when there are none, or the weight is outside its range.
pub(crate) fn of_actions(actions: &ActionConfig, set: &ActionSet, setting: &'static str) -> Result<Vec<Insertion>, QasError> {
    if !(1..=6).contains(&actions.weight) {
        return Err(QasError::invalid("environment.actions.weight", actions.weight, "it has to be in 1 to 6"));
    }
    let found = all(set, actions.weight)?;
    if found.is_empty() {
        let given = format!("{:?}", set.gates().iter().map(|gate| gate.name()).collect::<Vec<_>>());
        let need = format!("with {setting} there has to be a rotation about a Pauli string among the gates, such as ry");
        return Err(QasError::invalid("environment.actions.gates", given, need));
    }
    Ok(found)
}

/// The most rotations that are looked at.
const LIMIT: usize = 20_000;

/// Every string up to a weight that the action set can rotate about, each by the fewest gates, in a fixed order.
///
/// A rotation gate's own string is widened by a qubit at a time: a fixed two-qubit gate on both sides that touches one qubit of the
/// string and a new one. Where a weight would bring more than the limit, it and all above it are left out.
pub(crate) fn all(set: &ActionSet, weight: usize) -> Result<Vec<Insertion>, QasError> {
    let mut list: Vec<Insertion> = Vec::new();
    let mut known: HashSet<PauliString> = HashSet::new();
    for number in 0..set.len() {
        let action = set.get(number);
        let qloom_circuits::Action::Rotation(letters) = action.gate.spec().action else { continue };
        let string = PauliString::from_letters(action.qubits.iter().copied().zip(letters.iter().copied()));
        if string.weight() as usize <= weight && known.insert(string) {
            list.push(Insertion { string, around: Vec::new(), rotation: number as u16 });
        }
    }
    let wideners = wideners(set);
    let mut first = 0;
    loop {
        let mut wider = Vec::new();
        for insertion in &list[first..] {
            if insertion.string.weight() as usize >= weight {
                continue;
            }
            for (number, qubits, turned) in &wideners {
                let support = insertion.string.x_mask() | insertion.string.z_mask();
                if qubits.iter().filter(|&&qubit| support >> qubit & 1 == 1).count() != 1 {
                    continue;
                }
                let string = conjugated(insertion.string, *qubits, turned);
                if string.weight() == insertion.string.weight() + 1 && known.insert(string) {
                    // the fixed gates nearest to the rotation come last
                    let around = [&[*number][..], &insertion.around].concat();
                    wider.push(Insertion { string, around, rotation: insertion.rotation });
                }
            }
        }
        if wider.is_empty() || list.len() + wider.len() > LIMIT {
            return Ok(list);
        }
        first = list.len();
        list.extend(wider);
    }
}

/// For each action the strings whose rotations it makes possible: that of a rotation gate itself, and for a fixed gate on two qubits those
/// that it makes of the rotations on its qubits; none for other gates.
pub(crate) fn opened(set: &ActionSet) -> Vec<Vec<PauliString>> {
    let string = |number: usize| {
        let action = set.get(number);
        let qloom_circuits::Action::Rotation(letters) = action.gate.spec().action else { return None };
        Some(PauliString::from_letters(action.qubits.iter().copied().zip(letters.iter().copied())))
    };
    let rotations: Vec<PauliString> = (0..set.len()).filter_map(string).filter(|string| string.weight() == 1).collect();
    let wideners = wideners(set);
    let of_action = |number: usize| match string(number) {
        Some(string) => vec![string],
        None => {
            let widener = wideners.iter().find(|(widener, ..)| usize::from(*widener) == number);
            let Some((_, qubits, turned)) = widener else { return Vec::new() };
            let on = |string: &&PauliString| string.support().all(|qubit| qubits.contains(&qubit));
            rotations.iter().filter(on).map(|string| conjugated(*string, *qubits, turned)).collect()
        }
    };
    (0..set.len()).map(of_action).collect()
}

/// What becomes of each pair of letters, the first qubit's bits lowest: 16 entries.
type Turned = [u8; 16];

/// The fixed two-qubit gates that undo themselves and turn Pauli strings into Pauli strings.
fn wideners(set: &ActionSet) -> Vec<(u16, [usize; 2], Turned)> {
    let fixed = |gate: &Gate| gate.num_qubits() == 2 && gate.num_parameters() == 0;
    let tables: Vec<(Gate, Turned)> =
        set.gates().iter().copied().filter(fixed).filter_map(|gate| Some((gate, table(gate)?))).collect();
    (0..set.len())
        .filter_map(|number| {
            let action = set.get(number);
            let (_, turned) = tables.iter().find(|(gate, _)| *gate == action.gate)?;
            Some((number as u16, [action.qubits[0], action.qubits[1]], *turned))
        })
        .collect()
}

fn letters(code: usize) -> [Pauli; 2] {
    [code & 3, code >> 2].map(|bits| Pauli::from_bits(bits & 1 == 1, bits & 2 == 2))
}

/// `None` when the gate does not undo itself, or turns a Pauli string into something else.
fn table(gate: Gate) -> Option<Turned> {
    let matrix = gate.matrix(&[]);
    if matrix.times(&matrix).distance(&Matrix::identity(2)) > 1e-12 {
        return None;
    }
    let pair = |code: usize| {
        let [first, second] = letters(code).map(Pauli::matrix);
        second.kronecker(&first)
    };
    let mut turned = [0; 16];
    for (code, entry) in turned.iter_mut().enumerate() {
        let image = matrix.times(&pair(code)).times(&matrix);
        let same = |other: &usize| [1.0, -1.0].iter().any(|&sign| image.distance(&pair(*other).scaled(sign.into())) < 1e-12);
        *entry = (0..16).find(same)? as u8;
    }
    Some(turned)
}

fn conjugated(string: PauliString, [first, second]: [usize; 2], turned: &Turned) -> PauliString {
    let bits = |qubit: usize| (string.x_mask() >> qubit & 1) as usize | ((string.z_mask() >> qubit & 1) as usize) << 1;
    let image = usize::from(turned[bits(first) | bits(second) << 2]);
    let rest = (0..PauliString::MAX_QUBITS).filter(|&q| q != first && q != second).map(|q| (q, string.letter(q)));
    PauliString::from_letters(rest.chain([first, second].into_iter().zip(letters(image))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::coupling::Coupling;
    use crate::search::best::build;

    fn set(gates: &[&str], coupling: Coupling, n: usize) -> ActionSet {
        let gates = gates.iter().map(|name| (*name).to_owned()).collect();
        ActionSet::new(&ActionConfig { gates, coupling, ..ActionConfig::default() }, n).expect("valid")
    }

    /// The gates of each insertion are `exp(-i theta/2 P)` of its string, up to the sign of the angle.
    #[test]
    fn the_gates_rotate_about_the_string() {
        for (gates, n) in [
            (vec!["cx", "rx", "ry", "rz"], 3),
            (vec!["cz", "rx", "ry"], 3),
            (vec!["rzz", "cx", "ry"], 3),
            (vec!["swap", "ry"], 2),
        ] {
            let set = set(&gates, Coupling::All, n);
            for insertion in all(&set, 3).expect("gates") {
                let actions: Vec<u16> = insertion
                    .around
                    .iter()
                    .copied()
                    .chain([insertion.rotation])
                    .chain(insertion.around.iter().rev().copied())
                    .collect();
                let found = build(&set, &actions).expect("fits").unitary(&[0.6]).expect("gates");
                let matrix = qloom_circuits::PauliSum::new(n, [(insertion.string, 1.0)]).expect("fits").matrix();
                let expected = |sine: f64| {
                    let turn = matrix.scaled(num_complex::Complex64::new(0.0, -sine));
                    Matrix::identity(n).scaled(0.3f64.cos().into()).plus(&turn)
                };
                let sine = 0.3f64.sin();
                let error = found.distance(&expected(sine)).min(found.distance(&expected(-sine)));
                assert!(error < 1e-12, "{gates:?} {} {error}", insertion.string.word(n));
            }
        }
    }

    #[test]
    fn the_real_strings_of_full_coupling() {
        // one Y, and X or Z on up to three of the other qubits
        let found = all(&set(&["cx", "ry"], Coupling::All, 5), 4).expect("gates");
        let odd = found.iter().filter(|insertion| insertion.string.count_y() == 1).count();
        assert_eq!(odd, 5 * (1 + 4 * 2 + 6 * 4 + 4 * 8));
        assert!(found.iter().all(|insertion| insertion.around.len() + 1 == insertion.string.weight() as usize));
    }

    #[test]
    fn a_cnot_opens_what_it_makes_of_rotations() {
        let opened = opened(&set(&["cx", "ry", "rz"], Coupling::All, 2));
        let words: Vec<Vec<String>> = opened.iter().map(|list| list.iter().map(|string| string.word(2)).collect()).collect();
        // Y and Z of the control, then of the target
        assert_eq!(
            words,
            [vec!["YX", "ZI", "ZY", "ZZ"], vec!["YZ", "ZZ", "XY", "IZ"], vec!["YI"], vec!["ZI"], vec!["IY"], vec!["IZ"]]
        );
    }

    #[test]
    fn couplings_are_kept() {
        let set = set(&["cx", "ry"], Coupling::Line, 4);
        let found = all(&set, 3).expect("gates");
        for insertion in &found {
            let support: Vec<usize> = insertion.string.support().collect();
            assert!(support.windows(2).all(|pair| pair[1] == pair[0] + 1), "{:?}", support);
        }
        assert!(found.iter().any(|insertion| insertion.string.weight() == 3));
    }

    #[test]
    fn weights_that_bring_too_many_are_left_out() {
        let found = all(&set(&["cx", "rx", "ry", "rz"], Coupling::All, 16), 6).expect("gates");
        let most = found.iter().map(|insertion| insertion.string.weight()).max();
        assert!(found.len() <= LIMIT && most.is_some_and(|most| (2..6).contains(&most)), "{} {most:?}", found.len());
    }
}
