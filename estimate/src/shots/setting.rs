//! Terms that commute, and the change of basis in which all of them are products of Z.

use qloom_circuits::{Circuit, PauliString, PauliSum};

/// Which terms share their shots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Grouping {
    /// Every term by itself.
    Terms,
    /// Terms whose letters agree wherever both have one: a change of basis of single qubits.
    #[default]
    QubitWise,
    /// Any terms that commute: fewer settings, a change of basis with two-qubit gates.
    Commuting,
}

/// Terms measured together: a Clifford circuit after which each is a sign and a product of Z.
#[derive(Clone, Debug)]
pub struct Setting {
    circuit: Circuit,
    /// Qubits whose Z are multiplied, and the coefficient with its sign.
    terms: Vec<(u64, f64)>,
    /// What Z on each qubit, measured after the circuit, is before it.
    measured: Vec<Signed>,
}

/// A Pauli string with a sign.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Signed {
    string: PauliString,
    sign: f64,
}

/// A gate of a change of basis.
#[derive(Clone, Copy, Debug)]
enum Turn {
    H(usize),
    S(usize),
    Sdg(usize),
    Cx(usize, usize),
    Cz(usize, usize),
}

impl Setting {
    /// The change of basis; measuring all qubits after it measures all terms.
    pub fn circuit(&self) -> &Circuit {
        &self.circuit
    }

    /// For each term the qubits whose outcomes are multiplied, as a mask, and its coefficient.
    pub fn terms(&self) -> &[(u64, f64)] {
        &self.terms
    }

    /// The sum of the absolute coefficients.
    pub fn weight(&self) -> f64 {
        self.terms.iter().map(|(_, coefficient)| coefficient.abs()).sum()
    }

    /// Calls with every product of measured Paulis: the mask of qubits, the string, its sign.
    pub(crate) fn for_each_product(&self, mut each: impl FnMut(usize, PauliString, f64)) {
        let mut product = Signed { string: PauliString::IDENTITY, sign: 1.0 };
        let mut mask = 0usize;
        each(mask, product.string, product.sign);
        // Gray code: one factor changes at a time, and each is its own inverse
        for step in 1..1usize << self.measured.len() {
            let qubit = step.trailing_zeros() as usize;
            mask ^= 1 << qubit;
            product = product.times(self.measured[qubit]);
            each(mask, product.string, product.sign);
        }
    }

    fn new(terms: &[(PauliString, f64)], num_qubits: usize, qubit_wise: bool) -> Self {
        let turns = if qubit_wise { single_turns(terms) } else { common_turns(terms, num_qubits) };
        let mut circuit = Circuit::new(num_qubits);
        for turn in &turns {
            match *turn {
                Turn::H(q) => circuit.h(q),
                Turn::S(q) => circuit.s(q),
                Turn::Sdg(q) => circuit.sdg(q),
                Turn::Cx(c, t) => circuit.cx(c, t),
                Turn::Cz(a, b) => circuit.cz(a, b),
            };
        }
        let terms = terms.iter().map(|&(string, coefficient)| {
            let turned = turns.iter().fold(Signed { string, sign: 1.0 }, |signed, turn| signed.conjugated(*turn));
            debug_assert_eq!(turned.string.x_mask(), 0, "every term of a setting becomes a product of Z");
            (turned.string.z_mask(), coefficient * turned.sign)
        });
        let terms = terms.collect();
        let measured = (0..num_qubits).map(|qubit| {
            let z = Signed { string: PauliString::from_masks(0, 1 << qubit), sign: 1.0 };
            turns.iter().rev().fold(z, |signed, turn| signed.conjugated(turn.inverse()))
        });
        let measured = measured.collect();
        Self { circuit, terms, measured }
    }
}

/// Groups the terms of an observable, the identity left out.
pub(super) fn group(observable: &PauliSum, grouping: Grouping) -> Vec<Setting> {
    let mut terms: Vec<(PauliString, f64)> =
        observable.terms().iter().copied().filter(|(string, _)| *string != PauliString::IDENTITY).collect();
    terms.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0)));
    let mut groups: Vec<Vec<(PauliString, f64)>> = Vec::new();
    for (string, coefficient) in terms {
        let fits = |group: &&mut Vec<(PauliString, f64)>| match grouping {
            Grouping::Terms => false,
            Grouping::QubitWise => group.iter().all(|(other, _)| other.commutes_qubit_wise_with(string)),
            Grouping::Commuting => group.iter().all(|(other, _)| other.commutes_with(string)),
        };
        match groups.iter_mut().find(fits) {
            Some(group) => group.push((string, coefficient)),
            None => groups.push(vec![(string, coefficient)]),
        }
    }
    let qubit_wise = grouping != Grouping::Commuting;
    groups.iter().map(|group| Setting::new(group, observable.num_qubits(), qubit_wise)).collect()
}

/// X becomes Z by H, Y by S^dagger and H.
fn single_turns(terms: &[(PauliString, f64)]) -> Vec<Turn> {
    let x = terms.iter().fold(0, |mask, (string, _)| mask | string.x_mask());
    let y = terms.iter().fold(0, |mask, (string, _)| mask | string.x_mask() & string.z_mask());
    let bits = |mask: u64| (0..64).filter(move |qubit| mask >> qubit & 1 == 1);
    bits(x).flat_map(|q| if y >> q & 1 == 1 { vec![Turn::Sdg(q), Turn::H(q)] } else { vec![Turn::H(q)] }).collect()
}

/// Turns term after term into Z on a qubit of its own; what commutes with those has no X or Y there any more.
fn common_turns(terms: &[(PauliString, f64)], num_qubits: usize) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    for &(string, _) in terms {
        let start = Signed { string, sign: 1.0 };
        let mut current = turns.iter().fold(start, |signed, turn| signed.conjugated(*turn));
        let mut turn = |current: &mut Signed, next: Turn| {
            *current = current.conjugated(next);
            turns.push(next);
        };
        let x = current.string.x_mask();
        if x == 0 {
            continue;
        }
        let pivot = x.trailing_zeros() as usize;
        for other in (0..num_qubits).filter(|&q| q != pivot && x >> q & 1 == 1) {
            turn(&mut current, Turn::Cx(pivot, other));
        }
        if current.string.z_mask() >> pivot & 1 == 1 {
            turn(&mut current, Turn::S(pivot));
        }
        let z = current.string.z_mask();
        for other in (0..num_qubits).filter(|&q| q != pivot && z >> q & 1 == 1) {
            turn(&mut current, Turn::Cz(pivot, other));
        }
        turn(&mut current, Turn::H(pivot));
    }
    turns
}

impl Turn {
    fn inverse(self) -> Self {
        match self {
            Turn::S(q) => Turn::Sdg(q),
            Turn::Sdg(q) => Turn::S(q),
            Turn::H(_) | Turn::Cx(..) | Turn::Cz(..) => self,
        }
    }
}

impl Signed {
    /// `U P U^dagger`.
    fn conjugated(self, turn: Turn) -> Self {
        let (x, z) = (self.string.x_mask(), self.string.z_mask());
        let at = |mask: u64, q: usize| mask >> q & 1;
        let (x, z, negative) = match turn {
            // X <-> Z, Y -> -Y
            Turn::H(q) => {
                let differ = (at(x, q) ^ at(z, q)) << q;
                (x ^ differ, z ^ differ, at(x, q) & at(z, q))
            }
            // X -> Y, Y -> -X
            Turn::S(q) => (x, z ^ at(x, q) << q, at(x, q) & at(z, q)),
            // X -> -Y, Y -> X
            Turn::Sdg(q) => (x, z ^ at(x, q) << q, at(x, q) & !at(z, q) & 1),
            Turn::Cx(c, t) => {
                let negative = at(x, c) & at(z, t) & (at(x, t) ^ at(z, c) ^ 1);
                (x ^ at(x, c) << t, z ^ at(z, t) << c, negative)
            }
            Turn::Cz(a, b) => {
                let negative = at(x, a) & at(x, b) & (at(z, a) ^ at(z, b));
                (x, z ^ at(x, a) << b ^ at(x, b) << a, negative)
            }
        };
        Self { string: PauliString::from_masks(x, z), sign: if negative == 1 { -self.sign } else { self.sign } }
    }

    fn times(self, other: Self) -> Self {
        let (string, sign) = self.string.times_commuting(other.string);
        Self { string, sign: sign * self.sign * other.sign }
    }
}
