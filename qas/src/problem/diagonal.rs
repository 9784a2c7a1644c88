//! Circuits that diagonalise a mixed state.

use num_complex::Complex64;
use qloom_circuits::{Circuit, PauliString, PauliSum};
use qloom_sim::{Batch, BatchGradients, BatchParameters, SimulatorConfig, StateVector};

use super::Problem;
use crate::QasError;
use crate::objective::{Cost, CostError};

/// The most qubits of the state that is diagonalised: each product of Z on them is read.
const MIXED_QUBITS: usize = 8;
/// The most qubits of the pure state that it is part of.
const PURE_QUBITS: usize = 14;
/// How far a norm may be from 1.
const NORM: f64 = 1e-9;

/// A pure state, and the qubits of it whose state is to be diagonalised.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Diagonal {
    amplitudes: Vec<Complex64>,
    qubits: Vec<usize>,
}

impl Problem {
    /// A mixed state to be diagonalised: the state rho of some qubits of a pure state, all others traced out. The energy of a circuit `U` on as many qubits is
    /// `Tr(rho^2) - sum_z p_z^2`, where `p_z` is the probability of outcome z after it; it is 0 where `U rho U^dagger` is diagonal, and the
    /// probabilities are then the eigenvalues.
    ///
    /// Source: R. LaRose et al., Variational quantum state diagonalization (2019), arXiv:1810.10506, equation 4 (the cost C1).
    ///
    /// ```
    /// use num_complex::Complex64;
    /// use qloom_qas::{Event, Problem, Search, SearchConfig};
    ///
    /// // one qubit of cos(0.3)|0>|+> + sin(0.3)|1>|->: eigenvalues cos^2 and sin^2, eigenvectors |+> and |->
    /// let (sine, cosine) = 0.3f64.sin_cos();
    /// let half = std::f64::consts::FRAC_1_SQRT_2;
    /// let state = [cosine, sine, cosine, -sine].map(|entry| Complex64::from(half * entry));
    /// let problem = Problem::diagonal("a qubit", &state, &[1])?;
    /// let mut search = Search::new(SearchConfig { target_error: Some(1e-9), ..SearchConfig::default() }, problem, 1)?;
    /// while let Event::Episode(_) = search.step()? {}
    /// assert!(search.best()?.expect("found").energy < 1e-9);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when the number of amplitudes is no power of two from 2 to 2^14, the norm is not 1, or the qubits are
    /// not from 1 to 8 different ones of the state.
    pub fn diagonal(name: impl Into<String>, amplitudes: &[Complex64], qubits: &[usize]) -> Result<Self, QasError> {
        let setting = "problem.diagonal";
        let num_qubits = amplitudes.len().trailing_zeros() as usize;
        if !amplitudes.len().is_power_of_two() || !(1..=PURE_QUBITS).contains(&num_qubits) {
            let requirement = format!("a state has 2^n amplitudes, n from 1 to {PURE_QUBITS}");
            return Err(QasError::invalid(setting, format!("{} amplitudes", amplitudes.len()), requirement));
        }
        let norm: f64 = amplitudes.iter().map(Complex64::norm_sqr).sum();
        if norm.is_nan() || (norm - 1.0).abs() > NORM {
            return Err(QasError::invalid(setting, format!("of norm {norm}"), "the norm has to be 1"));
        }
        let wrong = |(place, qubit): (usize, &usize)| *qubit >= num_qubits || qubits[..place].contains(qubit);
        if !(1..=MIXED_QUBITS).contains(&qubits.len()) || qubits.iter().enumerate().any(wrong) {
            let requirement = format!("from 1 to {MIXED_QUBITS} different qubits of the state's {num_qubits} are diagonalised");
            return Err(QasError::invalid("problem.diagonal.qubits", format!("{qubits:?}"), requirement));
        }
        let problem = Self::of_cost(name, qubits.len(), 0.0)?.with_exact_energy(0.0)?.with_unit("purity");
        Ok(Self { diagonal: Some(Diagonal { amplitudes: amplitudes.to_vec(), qubits: qubits.to_vec() }), ..problem })
    }
}

/// The cost of circuits that are to diagonalise a state.
pub(crate) struct DiagonalCost {
    state: StateVector<f64>,
    qubits: Vec<usize>,
    /// Products of Z on the qubits, the identity left out.
    products: Vec<PauliSum>,
    purity: f64,
    batch: Option<Batch<f64>>,
    values: Vec<f64>,
    cotangents: Vec<f64>,
}

impl DiagonalCost {
    pub(crate) fn new(diagonal: &Diagonal) -> Result<Self, QasError> {
        let state = StateVector::from_amplitudes(&diagonal.amplitudes, SimulatorConfig::default())?;
        let reduced = state.reduced(&diagonal.qubits)?;
        let (n, count) = (state.num_qubits(), (1usize << diagonal.qubits.len()) - 1);
        let product = |subset: usize| {
            let chosen = diagonal.qubits.iter().enumerate().filter(|(place, _)| subset >> place & 1 == 1);
            PauliSum::new(n, [(PauliString::from_masks(0, chosen.map(|(_, qubit)| 1 << qubit).sum()), 1.0)])
        };
        Ok(Self {
            purity: reduced.entries().iter().map(Complex64::norm_sqr).sum(),
            products: (1..=count).map(product).collect::<Result<_, _>>()?,
            qubits: diagonal.qubits.clone(),
            batch: None,
            values: vec![0.0; count],
            cotangents: vec![0.0; count],
            state,
        })
    }

    /// `Tr(rho^2) - sum_z p_z^2` by Parseval's identity, and its derivatives by the means of the products.
    fn cost(&mut self) -> f64 {
        let each = 1.0 / (self.values.len() + 1) as f64;
        self.cotangents.iter_mut().zip(&self.values).for_each(|(slope, mean)| *slope = -2.0 * each * mean);
        self.purity - each * (1.0 + self.values.iter().map(|mean| mean * mean).sum::<f64>())
    }

    fn batch(&mut self) -> Result<&mut Batch<f64>, CostError> {
        self.batch.as_mut().ok_or_else(|| "there is no circuit yet".into())
    }
}

impl Cost for DiagonalCost {
    fn rebuild(&mut self, circuit: &Circuit) -> Result<(), CostError> {
        let whole = circuit.spread(&self.qubits, self.state.num_qubits());
        let mut batch = Batch::new(&whole, &self.products, SimulatorConfig::default())?;
        batch.set_inputs(Some(vec![self.state.try_clone()?]))?;
        self.batch = Some(batch);
        Ok(())
    }

    fn value_and_gradient(&mut self, angles: &[f64], gradient: &mut [f64]) -> Result<f64, CostError> {
        let value = self.value(angles)?;
        let (cotangents, mut values) = (std::mem::take(&mut self.cotangents), std::mem::take(&mut self.values));
        let gradients = BatchGradients { shared: &mut [], rows: gradient };
        let done = self.batch()?.vjp(BatchParameters::rows(angles), &cotangents, &mut values, gradients);
        (self.cotangents, self.values) = (cotangents, values);
        done?;
        Ok(value)
    }

    fn value(&mut self, angles: &[f64]) -> Result<f64, CostError> {
        let mut values = std::mem::take(&mut self.values);
        let done = self.batch()?.values(BatchParameters::rows(angles), &mut values);
        self.values = values;
        done?;
        Ok(self.cost())
    }
}

#[cfg(test)]
mod tests {
    use qloom_circuits::{Angle, Matrix, Stream, library};

    use super::*;
    use crate::{Event, Search, SearchConfig};

    fn amplitudes(n: usize, seed: u64) -> Vec<Complex64> {
        let circuit = library::random(n, 25, &mut Stream::named(seed, "state"));
        let angles: Vec<f64> = (0..circuit.num_parameters()).map(|k| 0.4 + k as f64).collect();
        let unitary = circuit.unitary(&angles).expect("gates");
        (0..1 << n).map(|row| unitary[(row, 0)]).collect()
    }

    /// The density matrix of some qubits, summed entry by entry.
    fn reduced(amplitudes: &[Complex64], qubits: &[usize]) -> Matrix {
        let part = |index: usize| qubits.iter().enumerate().map(|(place, qubit)| (index >> qubit & 1) << place).sum::<usize>();
        let rest = |index: usize| qubits.iter().fold(index, |rest, qubit| rest & !(1 << qubit));
        let mut matrix = Matrix::zero(qubits.len());
        for (i, a) in amplitudes.iter().enumerate() {
            for (j, b) in amplitudes.iter().enumerate().filter(|(j, _)| rest(*j) == rest(i)) {
                matrix[(part(i), part(j))] += a * b.conj();
            }
        }
        matrix
    }

    #[test]
    fn costs_are_those_of_dense_matrices_and_slopes_differences() {
        let (state, qubits) = (amplitudes(4, 3), [2, 0]);
        let problem = Problem::diagonal("d", &state, &qubits).expect("valid");
        let mut cost = DiagonalCost::new(problem.diagonal.as_ref().expect("given")).expect("small");
        let mut circuit = Circuit::new(2);
        circuit.ry(Angle::free(0), 0).cx(0, 1).rx(Angle::free(1), 1).rz(Angle::free(2), 1).ry(Angle::free(3), 1);
        cost.rebuild(&circuit).expect("fits");
        let rho = reduced(&state, &qubits);
        for angles in [[0.1, 0.7, -0.4, 1.3], [0.0, 0.0, 0.0, 0.0], [2.0, -1.0, 0.5, 0.25]] {
            let unitary = circuit.unitary(&angles).expect("gates");
            let turned = unitary.times(&rho).times(&unitary.adjoint());
            let purity: f64 = rho.entries().iter().map(Complex64::norm_sqr).sum();
            let expected = purity - (0..4).map(|z| turned[(z, z)].re.powi(2)).sum::<f64>();
            let mut gradient = [0.0; 4];
            assert!((cost.value_and_gradient(&angles, &mut gradient).expect("finite") - expected).abs() < 1e-12);
            for k in 0..4 {
                let mut at = |step: f64| {
                    let mut moved = angles;
                    moved[k] += step;
                    cost.value(&moved).expect("finite")
                };
                let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
                assert!((slope - gradient[k]).abs() < 1e-8, "{k}: {slope} {}", gradient[k]);
            }
        }
    }

    /// What is found turns the state into a diagonal one, and resumed it is found bit for bit.
    #[test]
    fn searches_diagonalise() {
        let (state, qubits) = (amplitudes(4, 5), [1, 3]);
        let problem = Problem::diagonal("d", &state, &qubits).expect("valid");
        let config = SearchConfig { target_error: Some(1e-8), episodes: 200, ..SearchConfig::default() };
        let mut search = Search::new(config.clone(), problem.clone(), 2).expect("valid");
        search.step().expect("steps");
        let mut resumed = Search::resume(config, problem, &search.state()).expect("just saved");
        while let Event::Episode(_) = search.step().expect("steps") {}
        while let Event::Episode(_) = resumed.step().expect("steps") {}
        assert_eq!(search.state(), resumed.state());
        let found = search.best().expect("builds").expect("found");
        assert!(found.energy < 1e-8, "{}", found.energy);
        let unitary = found.circuit.unitary(&found.angles).expect("gates");
        let turned = unitary.times(&reduced(&state, &qubits)).times(&unitary.adjoint());
        for (row, column) in (0..4).flat_map(|row| (0..4).map(move |column| (row, column))).filter(|(r, c)| r != c) {
            assert!(turned[(row, column)].norm() < 2e-4, "{row} {column}: {}", turned[(row, column)]);
        }
    }

    #[test]
    fn wrong_states_and_qubits_are_refused() {
        let state = amplitudes(3, 1);
        for qubits in [&[][..], &[3], &[0, 0]] {
            assert!(Problem::diagonal("d", &state, qubits).is_err(), "{qubits:?}");
        }
        assert!(Problem::diagonal("d", &state[..6], &[0]).is_err());
        assert!(Problem::diagonal("d", &state[..4], &[0]).is_err(), "the norm");
        assert!(Problem::diagonal("d", &amplitudes(9, 1), &[0, 1, 2, 3, 4, 5, 6, 7, 8]).is_err());
    }
}
