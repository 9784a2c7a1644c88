use num_complex::Complex64;
use proptest::prelude::*;

use super::*;

/// A square matrix, row by row.
#[derive(Clone)]
struct Dense {
    size: usize,
    entries: Vec<Complex64>,
}

impl Dense {
    fn of(size: usize, entry: impl Fn(usize, usize) -> Complex64) -> Self {
        Self { size, entries: (0..size * size).map(|place| entry(place / size, place % size)).collect() }
    }

    fn one(size: usize) -> Self {
        Self::of(size, |row, column| f64::from(u8::from(row == column)).into())
    }

    fn at(&self, row: usize, column: usize) -> Complex64 {
        self.entries[row * self.size + column]
    }

    fn times(&self, other: &Self) -> Self {
        Self::of(self.size, |row, column| (0..self.size).map(|k| self.at(row, k) * other.at(k, column)).sum())
    }

    fn adjoint(&self) -> Self {
        Self::of(self.size, |row, column| self.at(column, row).conj())
    }

    /// The exponential by its series, of a small part of the matrix, squared again and again.
    fn exponential(&self) -> Self {
        const SQUARINGS: i32 = 10;
        let small = Self::of(self.size, |row, column| self.at(row, column) / 2f64.powi(SQUARINGS));
        let (mut sum, mut term) = (Self::one(self.size), Self::one(self.size));
        for order in 1..16 {
            let next = term.times(&small);
            term = Self::of(self.size, |row, column| next.at(row, column) / f64::from(order));
            sum = Self::of(self.size, |row, column| sum.at(row, column) + term.at(row, column));
        }
        (0..SQUARINGS).fold(sum, |power, _| power.times(&power))
    }
}

/// The Ising network of the documentation by dense matrices: the first spin replaced, all evolved, Z of each read.
fn ising(qubits: usize, couplings: &[f64], field: f64, (interval, nodes): (f64, usize), inputs: &[f64]) -> Vec<f64> {
    let size = 1 << qubits;
    let sign = |index: usize, qubit: usize| if index >> qubit & 1 == 1 { -1.0 } else { 1.0 };
    let pairs: Vec<(usize, usize)> = (0..qubits).flat_map(|a| (a + 1..qubits).map(move |b| (a, b))).collect();
    let hamiltonian = |row: usize, column: usize| -> f64 {
        let diagonal = if row == column { field * (0..qubits).map(|qubit| sign(row, qubit)).sum::<f64>() } else { 0.0 };
        let flips = |&(a, b): &(usize, usize)| row ^ column == (1 << a | 1 << b);
        diagonal + pairs.iter().zip(couplings).filter(|(pair, _)| flips(pair)).map(|(_, j)| j).sum::<f64>()
    };
    let time = interval / nodes as f64;
    let step = Dense::of(size, |row, column| Complex64::new(0.0, -time * hamiltonian(row, column))).exponential();
    let back = step.adjoint();
    let mut state = Dense::of(size, |row, column| f64::from(u8::from(row == 0 && column == 0)).into());
    let mut readings = Vec::new();
    for s in inputs {
        let amplitudes = [(1.0 - s).sqrt(), s.sqrt()];
        // the first spin is traced out and takes the input
        state = Dense::of(size, |row, column| {
            let rest: Complex64 = (0..2).map(|bit| state.at(row & !1 | bit, column & !1 | bit)).sum();
            rest * amplitudes[row & 1] * amplitudes[column & 1]
        });
        for _ in 0..nodes {
            state = step.times(&state).times(&back);
            readings.extend(
                (0..qubits).map(|qubit| (0..size).map(|index| sign(index, qubit) * state.at(index, index).re).sum::<f64>()),
            );
        }
    }
    readings
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn spin_networks_are_their_definition(qubits in 2usize..5, nodes in 1usize..4, field in -1.0f64..1.0, interval in 0.1f64..5.0, inputs in prop::collection::vec(0.0f64..1.0, 4)) {
        let reading = Reading { virtual_nodes: nodes, ..Reading::default() };
        let network = SpinNetwork { qubits, field, interval, coupling: 1.3, reading, ..SpinNetwork::default() };
        let found = run(&spins(network), std::slice::from_ref(&inputs));
        // couplings in the order in which they are drawn
        let mut stream = Stream::named(4, "reservoir");
        let couplings: Vec<f64> = (0..qubits * (qubits - 1) / 2).map(|_| 1.3 * (stream.unit() - 0.5)).collect();
        let expected = ising(qubits, &couplings, field, (interval, nodes), &inputs);
        prop_assert!(furthest(&found, &expected) < 1e-10, "{found:?} {expected:?}");
    }

    /// Echo-state networks by the equation of their documentation, and their spectral radius by powers of W.
    #[test]
    fn echo_state_networks_are_their_definition(nodes in 1usize..8, leak in 0.1f64..1.0, radius in 0.0f64..1.5, inputs in prop::collection::vec(0.0f64..1.0, 6)) {
        let settings = EchoState { nodes, leak, spectral_radius: radius, input_scale: 0.7, ..EchoState::default() };
        let found = run(&ReservoirSettings::EchoState(settings), std::slice::from_ref(&inputs));
        let mut stream = Stream::named(4, "reservoir");
        let drawn: Vec<f64> = (0..nodes * nodes).map(|_| stream.normal()).collect();
        let into: Vec<f64> = (0..nodes * 2).map(|_| 0.7 * (2.0 * stream.unit() - 1.0)).collect();
        // |W^k|^(1/k) tends to the spectral radius (Gelfand), whatever the eigenvalues
        let mut power = Dense::of(nodes, |row, column| drawn[row * nodes + column].into());
        let mut logarithm = 0.0;
        for doubling in 0..30 {
            let norm = power.entries.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt();
            power = Dense::of(nodes, |row, column| power.at(row, column) / norm);
            logarithm += norm.ln() / 2f64.powi(doubling);
            power = power.times(&power);
        }
        let scale = radius / logarithm.exp();
        let mut state = vec![0.0; nodes];
        for (s, found) in inputs.iter().zip(found.chunks(nodes)) {
            let u = 2.0 * s - 1.0;
            let next = |node: usize| {
                let back: f64 = (0..nodes).map(|k| scale * drawn[node * nodes + k] * state[k]).sum();
                (1.0 - leak) * state[node] + leak * (back + into[2 * node] * u + into[2 * node + 1]).tanh()
            };
            state = (0..nodes).map(next).collect();
            prop_assert!(furthest(found, &state) < 1e-6, "{found:?} {state:?}");
        }
    }
}
