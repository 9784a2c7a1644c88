//! From measured bits to classes.

use qloom_circuits::{PauliString, PauliSum};
use qloom_sim::walsh;
use serde::{Deserialize, Serialize};

use crate::error::{LearnError, check};

/// How the bits of all qubits become a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClassReadout {
    /// The number of ones, modulo the number of classes.
    Parity,
    /// The integer that is read, modulo the number of classes: for two classes the bit of qubit 0.
    Mod,
    /// The qubit with the largest expectation value of Z, class 0 the first.
    PerQubit,
}

impl ClassReadout {
    /// One observable for each class: the probability of the class, or Z of its qubit.
    pub(crate) fn observables(self, num_qubits: usize, classes: usize) -> Result<Vec<PauliSum>, LearnError> {
        let outcomes = 1usize << num_qubits;
        let of_outcomes = |class_of: &dyn Fn(usize) -> usize| {
            let sum = |class: usize| {
                let mut signs: Vec<f64> = (0..outcomes).map(|outcome| f64::from(u8::from(class_of(outcome) == class))).collect();
                walsh(&mut signs);
                let terms = signs.iter().enumerate();
                let terms = terms.map(|(mask, sign)| (PauliString::from_masks(0, mask as u64), sign / outcomes as f64));
                PauliSum::new(num_qubits, terms.filter(|(_, weight)| weight.abs() > 1e-15))
            };
            (0..classes).map(sum).collect::<Result<Vec<_>, _>>()
        };
        match self {
            ClassReadout::Parity => {
                check(
                    "classes of a parity readout",
                    classes as f64,
                    classes <= num_qubits + 1,
                    "at most the number of qubits and one",
                )?;
                Ok(of_outcomes(&|outcome| outcome.count_ones() as usize % classes)?)
            }
            ClassReadout::Mod => {
                check("classes of a mod readout", classes as f64, classes <= outcomes, "at most 2 to the number of qubits")?;
                Ok(of_outcomes(&|outcome| outcome % classes)?)
            }
            ClassReadout::PerQubit => {
                check("classes of a per-qubit readout", classes as f64, classes <= num_qubits, "at most the number of qubits")?;
                Ok((0..classes).map(|qubit| PauliSum::z(qubit, num_qubits)).collect())
            }
        }
    }

    /// Whether scores are probabilities.
    pub fn is_probability(self) -> bool {
        match self {
            ClassReadout::Parity | ClassReadout::Mod => true,
            ClassReadout::PerQubit => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use qloom_circuits::Circuit;
    use qloom_sim::{Batch, BatchParameters, SimulatorConfig};

    use super::*;

    /// Probabilities of classes are sums over outcomes of a state.
    #[test]
    fn classes_collect_outcomes() {
        let mut circuit = Circuit::new(3);
        circuit.ry(0.4, 0).ry(1.1, 1).cx(0, 2).ry(0.7, 2).cx(1, 0);
        let column = circuit.unitary(&[]).expect("gates");
        let chance = |outcome: usize| column[(outcome, 0)].norm_sqr();
        for (readout, classes) in
            [(ClassReadout::Parity, 2), (ClassReadout::Parity, 3), (ClassReadout::Mod, 2), (ClassReadout::Mod, 5)]
        {
            let observables = readout.observables(3, classes).expect("fits");
            let mut batch = Batch::<f64>::new(&circuit, &observables, SimulatorConfig::default()).expect("gates");
            let mut values = vec![0.0; classes];
            batch.values(BatchParameters::default(), &mut values).expect("one row");
            for (class, value) in values.iter().enumerate() {
                let of = |outcome: &usize| match readout {
                    ClassReadout::Parity => outcome.count_ones() as usize % classes == class,
                    ClassReadout::Mod | ClassReadout::PerQubit => outcome % classes == class,
                };
                let expected: f64 = (0..8).filter(of).map(chance).sum();
                assert!((value - expected).abs() < 1e-14, "{readout:?} {class}: {value} {expected}");
            }
        }
        assert!(ClassReadout::PerQubit.observables(3, 4).is_err() && ClassReadout::Parity.observables(2, 4).is_err());
        assert!(ClassReadout::Mod.observables(1, 3).is_err());
    }
}
