//! Feature maps: circuits whose angles are functions of a row of data.

use serde::{Deserialize, Serialize};

use crate::angle::Angle;
use crate::circuit::Circuit;
use crate::error::CircuitError;
use crate::pauli::Pauli;

/// Which qubits the terms of several letters act on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entanglement {
    /// Every choice, in the order of the numbers.
    #[default]
    Full,
    /// Neighbours on a line.
    Linear,
    /// Neighbours on a line, the last first.
    ReverseLinear,
    /// Neighbours on a ring: those across its end first, then the line.
    Circular,
    /// Neighbours on a line, every other pair first; larger groups as on a line.
    Pairwise,
}

impl Entanglement {
    /// The groups of `size` qubits, each ascending but across the end of a ring.
    pub fn groups(self, num_qubits: usize, size: usize) -> Vec<Vec<usize>> {
        if size == 0 || size > num_qubits {
            return Vec::new();
        }
        let line = || (0..=num_qubits - size).map(|first| (first..first + size).collect());
        match self {
            Entanglement::Full => choices(0, num_qubits, size),
            Entanglement::Linear => line().collect(),
            Entanglement::ReverseLinear => line().rev().collect(),
            Entanglement::Circular if size > 1 && num_qubits > size => {
                let across = (num_qubits - size + 1..num_qubits).chain([0]).collect();
                std::iter::once(across).chain(line()).collect()
            }
            Entanglement::Circular => line().collect(),
            Entanglement::Pairwise if size == 2 => line().step_by(2).chain(line().skip(1).step_by(2)).collect(),
            Entanglement::Pairwise => line().collect(),
        }
    }
}

fn choices(first: usize, end: usize, size: usize) -> Vec<Vec<usize>> {
    if size == 0 {
        return vec![Vec::new()];
    }
    let with = |qubit: usize| choices(qubit + 1, end, size - 1).into_iter().map(move |rest| [vec![qubit], rest].concat());
    (first..(end + 1).saturating_sub(size)).flat_map(with).collect()
}

/// How a row of data becomes angles.
#[derive(Clone, Debug, PartialEq)]
enum Function {
    /// The scale times the feature, or the product of `pi - x` over several.
    Pauli { scale: f64 },
    /// The feature, or the product of several.
    Product,
}

/// A circuit with one parameter for each function of the features.
///
/// ```
/// use qloom_circuits::library::{Entanglement, FeatureMap, zz_feature_map};
/// let map = FeatureMap::zz(3, 2, Entanglement::Full);
/// assert_eq!(map.circuit().num_parameters(), 6); // three features and three pairs
/// let features = [0.1, 0.2, 0.3];
/// let same = zz_feature_map(&features, 2);
/// assert!(map.bound(&features)?.unitary(&[])?.distance(&same.unitary(&[])?) < 1e-14);
/// # Ok::<(), qloom_circuits::CircuitError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureMap {
    num_features: usize,
    circuit: Circuit,
    /// The features that each parameter is a function of.
    terms: Vec<Vec<usize>>,
    function: Function,
    /// Qubits whose parity the phase of each parameter depends on, where there are no other gates but Hadamard gates; and repetitions.
    parities: Option<(Vec<u64>, usize)>,
}

impl FeatureMap {
    /// `h` and `p(2 x)` on every qubit, `repetitions` times.
    pub fn z(num_features: usize, repetitions: usize) -> Self {
        Self::pauli(num_features, repetitions, &["Z"], Entanglement::Full, 2.0).expect("letters of the alphabet")
    }

    /// As [`FeatureMap::z`], and `p(2 (pi - x)(pi - y))` on the parity of pairs (Havlíček et al., Nature 567, 209 (2019)).
    pub fn zz(num_features: usize, repetitions: usize, entanglement: Entanglement) -> Self {
        Self::pauli(num_features, repetitions, &["Z", "ZZ"], entanglement, 2.0).expect("letters of the alphabet")
    }

    /// In each repetition `h` on every qubit, then for each word of Pauli letters and each group of qubits that the pattern gives it, a phase
    /// on the word's eigenvalue: `scale` times the feature, or times the product of `pi - x` over several. The first letter of a word acts on
    /// the last qubit of a group, as in Qiskit's `PauliFeatureMap`; the circuit has its gates.
    ///
    /// # Errors
    /// For a letter that is none of I, X, Y, Z.
    pub fn pauli(
        num_features: usize,
        repetitions: usize,
        words: &[&str],
        entanglement: Entanglement,
        scale: f64,
    ) -> Result<Self, CircuitError> {
        let mut placed: Vec<(Vec<usize>, Vec<Pauli>)> = Vec::new();
        for word in words {
            let letters = letters(word)?;
            placed.extend(entanglement.groups(num_features, letters.len()).into_iter().map(|group| (group, letters.clone())));
        }
        let mut circuit = Circuit::new(num_features);
        circuit.reserve_parameters(placed.len());
        for _ in 0..repetitions {
            (0..num_features).for_each(|qubit| {
                circuit.h(qubit);
            });
            for (parameter, (group, letters)) in placed.iter().enumerate() {
                phase(&mut circuit, group, letters, Angle::free(parameter));
            }
        }
        let diagonal = placed.iter().all(|(_, letters)| letters.iter().all(|letter| matches!(letter, Pauli::I | Pauli::Z)));
        let mask = |(group, letters): &(Vec<usize>, Vec<Pauli>)| {
            let active = group.iter().zip(letters).filter(|(_, letter)| **letter == Pauli::Z);
            active.fold(0, |mask, (qubit, _)| mask | 1u64 << qubit)
        };
        let parities = (diagonal && repetitions > 0).then(|| (placed.iter().map(mask).collect(), repetitions));
        let terms = placed.into_iter().map(|(group, _)| group).collect();
        Ok(Self { num_features, circuit, terms, function: Function::Pauli { scale }, parities })
    }

    /// `ry(x)` on every qubit.
    pub fn angle(num_features: usize) -> Self {
        let mut circuit = Circuit::new(num_features);
        for qubit in 0..num_features {
            circuit.ry(Angle::free(qubit), qubit);
        }
        let terms = (0..num_features).map(|feature| vec![feature]).collect();
        Self { num_features, circuit, terms, function: Function::Product, parities: None }
    }

    /// Instantaneous polynomial circuits: in each repetition `h` and `rz(x)` on every qubit, then `rzz(x y)` on every pair of the pattern, as in
    /// PennyLane's `IQPEmbedding`.
    pub fn iqp(num_features: usize, repetitions: usize, entanglement: Entanglement) -> Self {
        let single = (0..num_features).map(|feature| vec![feature]);
        let terms: Vec<Vec<usize>> = single.chain(entanglement.groups(num_features, 2)).collect();
        let mut circuit = Circuit::new(num_features);
        circuit.reserve_parameters(terms.len());
        for _ in 0..repetitions {
            (0..num_features).for_each(|qubit| {
                circuit.h(qubit);
            });
            for (parameter, term) in terms.iter().enumerate() {
                match term[..] {
                    [qubit] => circuit.rz(Angle::free(parameter), qubit),
                    [a, b] => circuit.rzz(Angle::free(parameter), a, b),
                    _ => unreachable!("terms of one or two features"),
                };
            }
        }
        let masks = terms.iter().map(|term| term.iter().fold(0, |mask, qubit| mask | 1u64 << qubit)).collect();
        let parities = (repetitions > 0).then_some((masks, repetitions));
        Self { num_features, circuit, terms, function: Function::Product, parities }
    }

    /// Number of features, and of qubits.
    pub fn num_features(&self) -> usize {
        self.num_features
    }

    /// The circuit with its free parameters.
    pub fn circuit(&self) -> &Circuit {
        &self.circuit
    }

    /// Of a map that is a Hadamard gate on every qubit and phases `exp(-i a s / 2)` of parities `s`, repeated: the mask of qubits of each
    /// parameter's parity, and the number of repetitions. None of other maps.
    pub fn parities(&self) -> Option<(&[u64], usize)> {
        self.parities.as_ref().map(|(masks, repetitions)| (masks.as_slice(), *repetitions))
    }

    /// Appends the parameters for a row of data.
    ///
    /// # Panics
    /// When there are fewer features than the map has.
    pub fn angles_into(&self, features: &[f64], angles: &mut Vec<f64>) {
        let function = |term: &Vec<usize>| match (&self.function, &term[..]) {
            (Function::Pauli { scale }, [feature]) => scale * features[*feature],
            (Function::Pauli { scale }, group) => {
                scale * group.iter().map(|&feature| std::f64::consts::PI - features[feature]).product::<f64>()
            }
            (Function::Product, group) => group.iter().map(|&feature| features[feature]).product(),
        };
        angles.extend(self.terms.iter().map(function));
    }

    /// The circuit for a row of data.
    ///
    /// # Errors
    /// When there are more or fewer features than the map has, or one is not finite.
    pub fn bound(&self, features: &[f64]) -> Result<Circuit, CircuitError> {
        if features.len() != self.num_features {
            return Err(CircuitError::WrongParameterCount { expected: self.num_features, given: features.len() });
        }
        let mut angles = Vec::with_capacity(self.terms.len());
        self.angles_into(features, &mut angles);
        self.circuit.bind(&angles)
    }
}

/// The letters of a word, the last first.
fn letters(word: &str) -> Result<Vec<Pauli>, CircuitError> {
    let letter = |(position, found): (usize, char)| {
        let known = Pauli::ALL.into_iter().find(|pauli| pauli.letter() == found);
        known.ok_or_else(|| CircuitError::PauliLetter { text: word.chars().take(80).collect(), found, position })
    };
    let mut letters: Vec<Pauli> = word.chars().enumerate().map(letter).collect::<Result<_, _>>()?;
    letters.reverse();
    Ok(letters)
}

/// A phase on the eigenvalue of a Pauli word: into the basis of Z, the parity on the last qubit, `p`, and back.
fn phase(circuit: &mut Circuit, group: &[usize], letters: &[Pauli], angle: Angle) {
    let active: Vec<(usize, Pauli)> =
        group.iter().copied().zip(letters.iter().copied()).filter(|(_, letter)| *letter != Pauli::I).collect();
    let Some(&(last, _)) = active.last() else { return };
    let turn = |circuit: &mut Circuit, sign: f64| {
        for &(qubit, letter) in &active {
            match letter {
                Pauli::X => circuit.h(qubit),
                Pauli::Y => circuit.rx(sign * std::f64::consts::FRAC_PI_2, qubit),
                Pauli::I | Pauli::Z => circuit,
            };
        }
    };
    turn(circuit, 1.0);
    for pair in active.windows(2) {
        circuit.cx(pair[0].0, pair[1].0);
    }
    circuit.p(angle, last);
    for pair in active.windows(2).rev() {
        circuit.cx(pair[0].0, pair[1].0);
    }
    turn(circuit, -1.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_the_usual_names() {
        let full = Entanglement::Full.groups(4, 2);
        assert_eq!(full, [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]].map(Vec::from));
        assert_eq!(Entanglement::Linear.groups(3, 2), [[0, 1], [1, 2]].map(Vec::from));
        assert_eq!(Entanglement::ReverseLinear.groups(3, 2), [[1, 2], [0, 1]].map(Vec::from));
        assert_eq!(Entanglement::Circular.groups(4, 2), [[3, 0], [0, 1], [1, 2], [2, 3]].map(Vec::from));
        assert_eq!(Entanglement::Circular.groups(2, 2), [[0, 1]].map(Vec::from));
        assert_eq!(Entanglement::Circular.groups(4, 3), [[2, 3, 0], [0, 1, 2], [1, 2, 3]].map(Vec::from));
        assert_eq!(Entanglement::Full.groups(4, 3).len(), 4);
        assert!(Entanglement::Full.groups(2, 3).is_empty() && Entanglement::Linear.groups(3, 0).is_empty());
        assert_eq!(Entanglement::Circular.groups(3, 1), [[0], [1], [2]].map(Vec::from));
    }

    #[test]
    fn phases_on_words_are_rotations_about_them() {
        // p(t) on an eigenvalue is exp(-i t P / 2) and a phase of the whole
        let map = FeatureMap::pauli(3, 1, &["YZX"], Entanglement::Linear, 1.0).expect("letters");
        let unitary = map.bound(&[0.3, 0.8, -0.4]).expect("features").unitary(&[]).expect("gates");
        let angle: f64 = [0.3, 0.8, -0.4].iter().map(|x| std::f64::consts::PI - x).product();
        let mut expected = Circuit::new(3);
        expected.h(0).h(1).h(2).h(0).cx(0, 1).rx(std::f64::consts::FRAC_PI_2, 2).cx(1, 2);
        expected.p(angle, 2).cx(1, 2).rx(-std::f64::consts::FRAC_PI_2, 2).cx(0, 1).h(0);
        assert!(unitary.distance(&expected.unitary(&[]).expect("gates")) < 1e-14);
        assert!(FeatureMap::pauli(2, 1, &["ZQ"], Entanglement::Full, 2.0).is_err());
        assert!(map.bound(&[0.1]).is_err() && map.bound(&[0.1, 0.2, f64::NAN]).is_err());
    }

    #[test]
    fn products_are_those_of_the_features() {
        let map = FeatureMap::iqp(2, 1, Entanglement::Full);
        let mut angles = Vec::new();
        map.angles_into(&[0.5, -3.0], &mut angles);
        assert_eq!(angles, [0.5, -3.0, -1.5]);
        assert_eq!(FeatureMap::angle(2).circuit().num_parameters(), 2);
    }

    #[test]
    fn parities_are_those_of_words_of_z() {
        let map = |words: &[&str]| FeatureMap::pauli(3, 2, words, Entanglement::Linear, 2.0).expect("letters");
        // the first letter of a word is on the last qubit of a group
        let expected: &[u64] = &[0b001, 0b010, 0b100, 0b001, 0b010];
        assert_eq!(map(&["Z", "IZ"]).parities(), Some((expected, 2)));
        assert!(map(&["Z", "ZX"]).parities().is_none() && FeatureMap::angle(3).parities().is_none());
        let expected: &[u64] = &[0b01, 0b10, 0b11];
        assert_eq!(FeatureMap::iqp(2, 3, Entanglement::Full).parities(), Some((expected, 3)));
    }
}
