//! Ground energies without matrices.

use fearless_simd::Level;
use qloom_circuits::{PauliSum, Stream};

use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::kernel::{self, Plane};
use crate::memory;
use crate::observable::Observable;

/// Krylov vectors kept at a time.
const KRYLOV: usize = 64;
/// Restarts before giving up.
const RESTARTS: usize = 200;

/// The lowest eigenvalue of a Pauli sum, to about 1e-12 of its size.
///
/// Lanczos iteration with full reorthogonalisation, restarted from the best vector found, until the residual
/// `|H v - E v|` is below 1e-8 of the sum's 1-norm; the error of the energy is of the order of its square.
/// Holds 64 states; costs `terms * 2^n` a step.
///
/// # Errors
/// When memory does not suffice or the iteration does not converge.
///
/// ```
/// use qloom_circuits::PauliSum;
/// assert!((qloom_sim::ground_energy(&PauliSum::z(0, 1))? + 1.0).abs() < 1e-12);
/// # Ok::<(), qloom_sim::SimError>(())
/// ```
pub fn ground_energy(sum: &PauliSum) -> Result<f64, SimError> {
    let n = sum.num_qubits();
    memory::check::<f64>(n, KRYLOV as u128 + 2, SimulatorConfig::DEFAULT_MEMORY_LIMIT)?;
    let operator = Observable::new(sum);
    let level = SimulatorConfig::default().instruction_set.level();
    let dimension = 1usize << n;
    let steps = KRYLOV.min(dimension);
    let scale = sum.one_norm().max(f64::MIN_POSITIVE);
    let wanted = 1e-8 * scale;
    let mut start = Vector::zeroed(n)?;
    let mut stream = Stream::named(0, "start of the Lanczos iteration");
    for index in 0..dimension {
        start.re[index] = stream.unit() - 0.5;
        start.im[index] = stream.unit() - 0.5;
    }
    start.normalise();
    let mut basis: Vec<Vector> = Vec::new();
    let mut image = Vector::zeroed(n)?;
    let mut residual = f64::INFINITY;
    for _ in 0..RESTARTS {
        let (mut diagonal, mut off) = (Vec::new(), Vec::new());
        while diagonal.len() < steps {
            let step = diagonal.len();
            if basis.len() == step {
                basis.push(Vector::zeroed(n)?);
            }
            if step == 0 {
                basis[0].copy_from(&start);
            } else {
                let (vector, size) = (&mut basis[step], image.norm());
                if size <= 1e-13 * scale {
                    break;
                }
                off.push(size);
                vector.copy_from(&image);
                vector.scale(1.0 / size);
            }
            image.apply(level, &operator, &basis[step]);
            diagonal.push(basis[step].dot(&image).0);
            for _ in 0..2 {
                for vector in &basis[..=step] {
                    let overlap = vector.dot(&image);
                    image.add(vector, (-overlap.0, -overlap.1));
                }
            }
        }
        let (value, weights) = lowest(&diagonal, &off);
        start.fill_zero();
        for (vector, weight) in basis.iter().zip(&weights) {
            start.add(vector, (*weight, 0.0));
        }
        start.normalise();
        image.apply(level, &operator, &start);
        let energy = start.dot(&image).0;
        image.add(&start, (-energy, 0.0));
        residual = image.norm();
        if !value.is_finite() {
            return Err(SimError::NotFinite { what: "the ground energy", value });
        }
        if residual <= wanted {
            return Ok(energy);
        }
    }
    Err(SimError::NoConvergence { iterations: RESTARTS * steps, residual, wanted })
}

/// The lowest eigenvalue of a symmetric tridiagonal matrix by bisection, and its vector by inverse iteration.
fn lowest(diagonal: &[f64], off: &[f64]) -> (f64, Vec<f64>) {
    let radius = |i: usize| off.get(i).map_or(0.0, |b| b.abs()) + if i > 0 { off[i - 1].abs() } else { 0.0 };
    let (mut low, mut high) = (f64::INFINITY, f64::INFINITY);
    for (i, &a) in diagonal.iter().enumerate() {
        low = low.min(a - radius(i));
        high = high.min(a);
    }
    // The number of eigenvalues below x is the number of negative pivots of T - x.
    let below = |x: f64| {
        let mut pivot = 1.0f64;
        diagonal.iter().enumerate().any(|(i, &a)| {
            let b = if i > 0 { off[i - 1] } else { 0.0 };
            pivot = a - x - if i > 0 { b * b / pivot } else { 0.0 };
            if pivot == 0.0 {
                pivot = f64::MIN_POSITIVE;
            }
            pivot < 0.0
        })
    };
    low -= 1e-12 * (1.0 + low.abs());
    high += 1e-12 * (1.0 + high.abs());
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if below(middle) { high = middle } else { low = middle }
    }
    let shift = low - 1e-14 * (1.0 + low.abs());
    // T - shift is positive definite: elimination without pivoting is stable.
    let size = diagonal.len();
    let mut pivots = vec![0.0; size];
    for i in 0..size {
        let carried = if i > 0 { off[i - 1] * off[i - 1] / pivots[i - 1] } else { 0.0 };
        pivots[i] = diagonal[i] - shift - carried;
        if pivots[i].abs() < f64::MIN_POSITIVE * 1e20 {
            pivots[i] = f64::EPSILON * (1.0 + shift.abs());
        }
    }
    let mut vector = vec![1.0; size];
    for _ in 0..4 {
        for i in 1..size {
            vector[i] -= off[i - 1] / pivots[i - 1] * vector[i - 1];
        }
        for i in (0..size).rev() {
            let next = if i + 1 < size { off[i] * vector[i + 1] } else { 0.0 };
            vector[i] = (vector[i] - next) / pivots[i];
        }
        let norm = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
        vector.iter_mut().for_each(|x| *x /= norm);
    }
    (high, vector)
}

/// A complex vector in two planes.
struct Vector {
    re: Plane<f64>,
    im: Plane<f64>,
}

impl Vector {
    fn zeroed(num_qubits: usize) -> Result<Self, SimError> {
        let length = Plane::<f64>::length_for(num_qubits);
        Ok(Self { re: Plane::zeroed(length)?, im: Plane::zeroed(length)? })
    }

    fn fill_zero(&mut self) {
        self.re.fill(0.0);
        self.im.fill(0.0);
    }

    fn copy_from(&mut self, other: &Self) {
        self.re.copy_from_slice(&other.re);
        self.im.copy_from_slice(&other.im);
    }

    fn apply(&mut self, level: Level, operator: &Observable, vector: &Self) {
        kernel::multiply_observable(level, operator, (&vector.re, &vector.im), (&mut self.re, &mut self.im), 1);
    }

    /// `<self|other>`.
    fn dot(&self, other: &Self) -> (f64, f64) {
        let (mut real, mut imaginary) = (0.0, 0.0);
        for ((a, b), (c, d)) in self.re.iter().zip(&*self.im).zip(other.re.iter().zip(&*other.im)) {
            real += a * c + b * d;
            imaginary += a * d - b * c;
        }
        (real, imaginary)
    }

    fn norm(&self) -> f64 {
        self.dot(self).0.sqrt()
    }

    fn scale(&mut self, factor: f64) {
        self.re.iter_mut().chain(self.im.iter_mut()).for_each(|x| *x *= factor);
    }

    fn normalise(&mut self) {
        let norm = self.norm();
        self.scale(1.0 / norm);
    }

    fn add(&mut self, other: &Self, (real, imaginary): (f64, f64)) {
        for ((a, b), (c, d)) in self.re.iter_mut().zip(self.im.iter_mut()).zip(other.re.iter().zip(&*other.im)) {
            *a += real * c - imaginary * d;
            *b += real * d + imaginary * c;
        }
    }
}
