//! Spin networks: the transverse-field Ising model with input by replacement of qubits.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par, Side};
use qloom_circuits::{Angle, Circuit, PauliString, Stream};
use qloom_hardware::UniformNoise;
use qloom_sim::PauliVector;
use serde::{Deserialize, Serialize};

use super::Memory;
use super::circuit::{Driven, Encoding, Parts};
use super::reading::{Reading, read_flat};
use crate::error::{LearnError, check};

/// A network of spins, `H = sum J_ij X_i X_j + h sum Z_i` with each J_ij uniform between plus and minus half the coupling (Fujii and
/// Nakajima, Phys. Rev. Applied 8, 024030 (2017)).
///
/// A step replaces qubit `k` by `sqrt(1 - s) |0> + sqrt(s) |1>` for input `k`, scaled to 0 to 1, and lets all evolve for the interval. Without
/// Trotter steps the exponential is exact, by the eigenvectors of H.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "FlatNetwork")]
pub struct SpinNetwork {
    /// Spins, the first for the inputs. Default 5.
    pub qubits: usize,
    /// J. Default 1.
    pub coupling: f64,
    /// h. Default 0.5.
    pub field: f64,
    /// The time from one input to the next, with hbar = 1. Default 4.
    pub interval: f64,
    /// Second-order Trotter steps between two readings in place of the exact exponential. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trotter: Option<usize>,
    /// Amplitude damping of every spin between two readings, as a probability; needs Trotter steps. Default 0.
    pub damping: f64,
    /// Depolarizing and read-out errors of the gates; needs Trotter steps. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise: Option<UniformNoise>,
    /// How it is driven and read.
    #[serde(flatten)]
    pub reading: Reading,
}

read_flat!(SpinNetwork as FlatNetwork {
    qubits: usize,
    coupling: f64,
    field: f64,
    interval: f64,
    trotter: Option<usize>,
    damping: f64,
    noise: Option<UniformNoise>,
});

impl Default for SpinNetwork {
    fn default() -> Self {
        Self {
            qubits: 5,
            coupling: 1.0,
            field: 0.5,
            interval: 4.0,
            trotter: None,
            damping: 0.0,
            noise: None,
            reading: Reading::default(),
        }
    }
}

impl SpinNetwork {
    pub(super) fn memory(&self, inputs: usize, stream: &mut Stream) -> Result<Box<dyn Memory>, LearnError> {
        let qubits = self.qubits;
        check("qubits", qubits as f64, (2..=10).contains(&qubits), "from 2 to 10")?;
        check("inputs of a reservoir", inputs as f64, (1..qubits).contains(&inputs), "at least 1, and fewer than qubits")?;
        for (name, value) in [("coupling", self.coupling), ("field", self.field), ("interval", self.interval)] {
            check(name, value, value.is_finite() && value.abs() <= 1e6, "finite and at most 1e6")?;
        }
        check("damping", self.damping, (0.0..=1.0).contains(&self.damping), "from 0 to 1")?;
        let pairs = (0..qubits).flat_map(|a| (a + 1..qubits).map(move |b| (a, b)));
        let couplings: Vec<_> = pairs.map(|(a, b)| (a, b, self.coupling * (stream.unit() - 0.5))).collect();
        let strings = self.reading.readouts.strings(qubits)?;
        match self.trotter {
            Some(steps) => {
                check("trotter", steps as f64, (1..=1000).contains(&steps), "from 1 to 1000")?;
                let mut parts = self.trotter_steps(inputs, steps, &couplings, strings);
                parts.noisy(self.damping)?;
                Ok(Box::new(Driven::<PauliVector>::new(&parts)?))
            }
            None if self.damping > 0.0 || self.noise.is_some() => Err(LearnError::Unsupported {
                what: "an exact exponential has no place for damping or the noise of gates",
                remedy: "give the number of Trotter steps between two readings, as trotter = 4",
            }),
            None => Ok(Box::new(Spins::new(self, inputs, &couplings, &strings)?)),
        }
    }

    fn trotter_steps(&self, inputs: usize, steps: usize, couplings: &[(usize, usize, f64)], strings: Vec<PauliString>) -> Parts {
        let mut encode = Circuit::new(self.qubits);
        for input in 0..inputs {
            encode.reset(input).ry(Angle::free(input), input);
        }
        let time = self.interval / (self.reading.virtual_nodes * steps) as f64;
        let mut evolve = Circuit::new(self.qubits);
        for _ in 0..steps {
            (0..self.qubits).for_each(|qubit| _ = evolve.rz(self.field * time, qubit));
            couplings.iter().for_each(|&(a, b, j)| _ = evolve.rxx(2.0 * j * time, a, b));
            (0..self.qubits).for_each(|qubit| _ = evolve.rz(self.field * time, qubit));
        }
        let (nodes, noise) = (self.reading.virtual_nodes, self.noise);
        Parts { encode, evolve, angle: Encoding::Probability, strings, nodes, noise }
    }
}

/// A Hermitian matrix as its real part, symmetric, and its imaginary part, antisymmetric.
#[derive(Clone, Debug)]
struct Hermitian {
    re: Mat<f64>,
    im: Mat<f64>,
}

/// A spin network with its state, exactly.
///
/// Between steps only the spins that are not replaced matter, so their density matrix is the memory. In the basis of H's eigenvectors a
/// reading at any time costs one product of entries, so virtual nodes are nearly free. A step costs about `9 * 8^n` operations.
#[derive(Debug)]
struct Spins {
    /// Spins that are replaced.
    inputs: usize,
    memory: Hermitian,
    /// The state in the basis of eigenvectors.
    state: Hermitian,
    /// Eigenvectors as columns.
    vectors: Mat<f64>,
    /// Cosine and sine of `(E_a - E_b) t` for the time between two readings.
    turn: (Mat<f64>, Mat<f64>),
    /// Readouts in the basis of eigenvectors; whether they are imaginary.
    readouts: Vec<(Mat<f64>, bool)>,
    nodes: usize,
}

fn product(left: MatRef<'_, f64>, right: MatRef<'_, f64>) -> Mat<f64> {
    let mut out = Mat::zeros(left.nrows(), right.ncols());
    matmul(&mut out, Accum::Replace, left, right, 1.0, Par::Seq);
    out
}

impl Spins {
    fn new(
        settings: &SpinNetwork,
        inputs: usize,
        couplings: &[(usize, usize, f64)],
        strings: &[PauliString],
    ) -> Result<Self, LearnError> {
        let size = 1usize << settings.qubits;
        let mut hamiltonian = Mat::<f64>::zeros(size, size);
        for row in 0..size {
            hamiltonian[(row, row)] = settings.field * (settings.qubits as f64 - 2.0 * f64::from(row.count_ones()));
            for &(a, b, j) in couplings {
                hamiltonian[(row, row ^ (1 << a | 1 << b))] += j;
            }
        }
        let eigen = hamiltonian.self_adjoint_eigen(Side::Lower);
        let eigen = eigen.map_err(|_| LearnError::NoSolution { rows: size, columns: size })?;
        let (vectors, energies) = (eigen.U().to_owned(), eigen.S().column_vector().to_owned());
        let time = settings.interval / settings.reading.virtual_nodes as f64;
        let turn = |part: fn(f64) -> f64| Mat::from_fn(size, size, |a, b| part((energies[a] - energies[b]) * time));
        let readouts = strings.iter().map(|string| {
            let (x, z) = (string.x_mask() as usize, string.z_mask() as usize);
            let ys = (x & z).count_ones();
            // P = i^ys X^x Z^z, real or i times real: <r|P|r ^ x> = i^ys (-1)^(z . (r ^ x))
            let sign = if ys % 4 >= 2 { -1.0 } else { 1.0 };
            let moved = Mat::from_fn(size, size, |row, column| {
                let from = row ^ x;
                sign * if (from & z).count_ones() % 2 == 0 { vectors[(from, column)] } else { -vectors[(from, column)] }
            });
            (product(vectors.transpose(), moved.as_ref()), ys % 2 == 1)
        });
        let readouts = readouts.collect();
        let left = size >> inputs;
        let zero = |size| Hermitian { re: Mat::zeros(size, size), im: Mat::zeros(size, size) };
        let mut spins = Self {
            inputs,
            memory: zero(left),
            state: zero(size),
            turn: (turn(f64::cos), turn(f64::sin)),
            readouts,
            nodes: settings.reading.virtual_nodes,
            vectors,
        };
        spins.start(false)?;
        Ok(spins)
    }

    /// Puts the replaced spins to the memory, in the basis of eigenvectors: `B m B^T` with `B = V^T (psi (x) 1)`.
    fn replace(&mut self, inputs: &[f64]) {
        let (size, left) = (self.vectors.nrows(), self.memory.re.nrows());
        let amplitude = |basis: usize| -> f64 {
            inputs.iter().enumerate().fold(1.0, |product, (qubit, s)| {
                let s = s.clamp(0.0, 1.0);
                product * if basis >> qubit & 1 == 1 { s.sqrt() } else { (1.0 - s).sqrt() }
            })
        };
        let psi: Vec<f64> = (0..1 << self.inputs).map(amplitude).collect();
        let basis = Mat::from_fn(size, left, |row, column| {
            psi.iter().enumerate().map(|(low, psi)| psi * self.vectors[(column << self.inputs | low, row)]).sum::<f64>()
        });
        let turned = |part: &Mat<f64>| product(product(basis.as_ref(), part.as_ref()).as_ref(), basis.transpose());
        self.state = Hermitian { re: turned(&self.memory.re), im: turned(&self.memory.im) };
    }

    /// Lets the time between two readings go by: entries turn by `exp(-i (E_a - E_b) t)`.
    fn wait(&mut self) {
        let (cos, sin) = &self.turn;
        let size = cos.nrows();
        for column in 0..size {
            let (cos, sin) = (cos.col_as_slice(column), sin.col_as_slice(column));
            let re = self.state.re.col_as_slice_mut(column);
            let im = self.state.im.col_as_slice_mut(column);
            for row in 0..size {
                let (x, y) = (re[row], im[row]);
                (re[row], im[row]) = (x * cos[row] + y * sin[row], y * cos[row] - x * sin[row]);
            }
        }
    }

    /// The state of the spins that stay.
    fn forget(&mut self) {
        let (size, left) = (self.vectors.nrows(), self.memory.re.nrows());
        (self.memory.re, self.memory.im) = (Mat::zeros(left, left), Mat::zeros(left, left));
        for low in 0..1usize << self.inputs {
            let rows = Mat::from_fn(left, size, |row, column| self.vectors[(row << self.inputs | low, column)]);
            for (memory, state) in [(&mut self.memory.re, &self.state.re), (&mut self.memory.im, &self.state.im)] {
                let half = product(rows.as_ref(), state.as_ref());
                matmul(&mut *memory, Accum::Add, half.as_ref(), rows.transpose(), 1.0, Par::Seq);
            }
        }
    }

    fn value(&self, (readout, imaginary): &(Mat<f64>, bool)) -> f64 {
        let state = if *imaginary { &self.state.im } else { &self.state.re };
        (0..state.ncols()).map(|column| dot(readout.col_as_slice(column), state.col_as_slice(column))).sum()
    }
}

/// The product of two lists, in eight sums that the processor adds side by side.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a, rest_a) = a.as_chunks::<8>();
    let (b, rest_b) = b.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum += a * b);
    }
    sums.iter().sum::<f64>() + rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum::<f64>()
}

impl Memory for Spins {
    fn features(&self) -> usize {
        self.nodes * self.readouts.len()
    }

    fn start(&mut self, other: bool) -> Result<(), LearnError> {
        let left = self.memory.re.nrows();
        (self.memory.re, self.memory.im) = (Mat::zeros(left, left), Mat::zeros(left, left));
        let place = if other { left - 1 } else { 0 };
        self.memory.re[(place, place)] = 1.0;
        Ok(())
    }

    fn step(&mut self, inputs: &[f64], features: &mut Vec<f64>) -> Result<(), LearnError> {
        self.replace(inputs);
        for _ in 0..self.nodes {
            self.wait();
            features.extend(self.readouts.iter().map(|readout| self.value(readout)));
        }
        self.forget();
        Ok(())
    }
}
