//! Free parameters by name.

use std::collections::BTreeMap;

use super::Circuit;
use crate::angle::Angle;
use crate::error::CircuitError;

impl Circuit {
    /// Adds a free parameter with a name behind those there are, and returns its index.
    ///
    /// ```
    /// use qloom_circuits::{Angle, Circuit};
    /// let mut circuit = Circuit::new(2);
    /// let alpha = Angle::free(circuit.add_parameter("alpha"));
    /// circuit.rx(alpha, 0).rx(alpha.scaled(2.0), 1); // one parameter in two gates
    /// let bound = circuit.bind_named(&[("alpha".to_owned(), 0.3)].into()).unwrap();
    /// assert_eq!(bound.operations()[1].angles()[0], Angle::Fixed(0.6));
    /// ```
    pub fn add_parameter(&mut self, name: impl Into<String>) -> usize {
        let index = self.num_parameters;
        self.num_parameters += 1;
        self.parameter_names.resize(self.num_parameters, None);
        self.parameter_names[index] = Some(name.into());
        index
    }

    /// The name that a parameter was given, if any.
    pub fn given_name(&self, parameter: usize) -> Option<&str> {
        self.parameter_names.get(parameter).and_then(Option::as_deref)
    }

    /// The name of a parameter: the one it was given, or `theta_` and its number, padded with zeros to one width.
    pub fn parameter_name(&self, parameter: usize) -> String {
        self.given_name(parameter).map_or_else(|| default_name(parameter, self.num_parameters), str::to_owned)
    }

    /// Declares the parameters of another circuit, with their names, as far as this one has fewer.
    pub fn declare_parameters_of(&mut self, other: &Circuit) -> &mut Self {
        self.reserve_parameters(other.num_parameters);
        self.parameter_names.resize(self.parameter_names.len().max(other.parameter_names.len()), None);
        for (own, name) in self.parameter_names.iter_mut().zip(&other.parameter_names) {
            *own = own.take().or_else(|| name.clone());
        }
        self
    }

    /// Takes names away that say no more than the number of the parameter.
    pub(crate) fn drop_default_names(&mut self) {
        let count = self.num_parameters;
        for (index, name) in self.parameter_names.iter_mut().enumerate() {
            *name = name.take().filter(|name| *name != default_name(index, count));
        }
        if self.parameter_names.iter().all(Option::is_none) {
            self.parameter_names.clear();
        }
    }

    /// The circuit with numbers in place of the parameters of these names; the others stay free, in their order.
    ///
    /// # Errors
    /// When there is no parameter of a name, or a value is not finite.
    pub fn bind_named(&self, values: &BTreeMap<String, f64>) -> Result<Circuit, CircuitError> {
        let names: Vec<String> = (0..self.num_parameters).map(|index| self.parameter_name(index)).collect();
        if let Some(name) = values.keys().find(|name| !names.contains(name)) {
            return Err(CircuitError::UnknownParameter { name: name.clone(), known: names });
        }
        if let Some(&value) = values.values().find(|value| !value.is_finite()) {
            return Err(CircuitError::NotFinite { what: "a parameter", value });
        }
        let mut bound = self.without_operations();
        (bound.num_parameters, bound.notes) = (0, self.notes.clone());
        bound.parameter_names.clear();
        let place = |(index, name): (usize, &String)| match values.get(name) {
            Some(&value) => Angle::Fixed(value),
            None => Angle::free(match self.given_name(index) {
                Some(name) => bound.add_parameter(name),
                None => {
                    bound.num_parameters += 1;
                    bound.num_parameters - 1
                }
            }),
        };
        let angles: Vec<Angle> = names.iter().enumerate().map(place).collect();
        bound.operations =
            self.operations.iter().map(|operation| operation.map_angles(&mut |angle| angle.substitute(&angles))).collect();
        Ok(bound)
    }
}

/// Padded with zeros, so that the alphabetical order is the order of the numbers.
fn default_name(index: usize, count: usize) -> String {
    let width = count.saturating_sub(1).to_string().len();
    format!("theta_{index:0width$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_with_their_parameters() {
        let mut circuit = Circuit::new(2);
        let gamma = Angle::free(circuit.add_parameter("gamma"));
        let beta = Angle::free(circuit.add_parameter("beta"));
        circuit.rzz(gamma, 0, 1).rx(beta.scaled(2.0), 0).rx(beta.shifted(0.5), 1).rz(Angle::free(2), 0);
        assert_eq!([0, 1, 2].map(|index| circuit.parameter_name(index)), ["gamma", "beta", "theta_2"]);
        let half = circuit.bind_named(&[("gamma".to_owned(), 0.25)].into()).expect("a parameter");
        assert_eq!((half.num_parameters(), half.given_name(0)), (2, Some("beta")));
        assert_eq!(half.operations()[0].angles()[0], Angle::Fixed(0.25));
        let (whole, parts) = (circuit.bind(&[0.25, -1.0, 2.0]), half.bind(&[-1.0, 2.0]));
        assert_eq!(whole.expect("three").operations(), parts.expect("two").operations());
        let message = circuit.bind_named(&[("delta".to_owned(), 0.0)].into()).expect_err("no such name").to_string();
        assert!(message.contains("delta") && message.contains("gamma, beta, theta_2"), "{message}");
        assert!(circuit.bind_named(&[("beta".to_owned(), f64::NAN)].into()).is_err());
        assert_eq!(circuit.inverse().expect("gates").given_name(0), Some("gamma"));
        let mut other = Circuit::new(2);
        other.reserve_parameters(1).declare_parameters_of(&circuit);
        assert_eq!((other.num_parameters(), other.given_name(0)), (3, Some("gamma")));
    }
}
