//! How long states take: a kernel against a plain vector loop, circuits of the usual families, energies of small
//! circuits, gradients, batches and shots. One thread unless the name says otherwise.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use qloom::circuits::{Angle, Channel, Circuit, PauliString, PauliSum, Stream};
use qloom::estimate::{Grouping, Measurements, Readout, Trajectories, allocate};
use qloom::hardware::NoiseModel;
use qloom::sim::{
    Batch, BatchGradients, BatchParameters, Energy, NoisyEnergy, Observable, PauliBatch, PauliProgram, PauliVector,
    PauliWorkspace, Program, Real, SimulatorConfig, StateVector, Workspace,
};
use rand::SeedableRng;
use wide::f64x4;

/// Angles without a pattern.
fn angle(index: usize) -> f64 {
    3.0 * (1.7 * index as f64 + 0.3).sin()
}

fn bound(circuit: &Circuit) -> Circuit {
    let values: Vec<f64> = (0..circuit.num_parameters()).map(angle).collect();
    circuit.bind(&values).expect("one value each")
}

/// Layers of `ry rz` on every qubit and a ladder of `cx`.
fn layers(num_qubits: usize, depth: usize) -> Circuit {
    let mut circuit = Circuit::new(num_qubits);
    let mut next = 0..;
    let mut free = || Angle::free(next.next().expect("numbers go on"));
    for _ in 0..depth {
        for qubit in 0..num_qubits {
            circuit.ry(free(), qubit).rz(free(), qubit);
        }
        for qubit in 1..num_qubits {
            circuit.cx(qubit - 1, qubit);
        }
    }
    circuit
}

/// Random one-qubit gates and `cx` on alternating bonds.
fn brick(num_qubits: usize, depth: usize) -> Circuit {
    let mut circuit = Circuit::new(num_qubits);
    let mut next = 0..;
    let mut free = || Angle::free(next.next().expect("numbers go on"));
    for layer in 0..depth {
        for qubit in 0..num_qubits {
            circuit.u3(free(), free(), free(), qubit);
        }
        for qubit in (layer % 2..num_qubits - 1).step_by(2) {
            circuit.cx(qubit, qubit + 1);
        }
    }
    circuit
}

/// Trotter steps of an Ising chain in a transverse field.
fn ising(num_qubits: usize, depth: usize) -> Circuit {
    let mut circuit = Circuit::new(num_qubits);
    for _ in 0..depth {
        for qubit in 1..num_qubits {
            circuit.rzz(0.3, qubit - 1, qubit);
        }
        for qubit in 0..num_qubits {
            circuit.rx(0.7, qubit);
        }
    }
    circuit
}

/// The quantum Fourier transform on a product state.
fn fourier(num_qubits: usize) -> Circuit {
    let mut circuit = Circuit::new(num_qubits);
    for qubit in 0..num_qubits {
        circuit.ry(angle(qubit), qubit);
    }
    for target in (0..num_qubits).rev() {
        circuit.h(target);
        for control in 0..target {
            circuit.cu1(std::f64::consts::PI / (1u64 << (target - control)) as f64, control, target);
        }
    }
    for qubit in 0..num_qubits / 2 {
        circuit.swap(qubit, num_qubits - 1 - qubit);
    }
    circuit
}

/// Random two-qubit unitaries on random pairs: three `cx` and fifteen angles each.
fn volume(num_qubits: usize, depth: usize) -> Circuit {
    let mut circuit = Circuit::new(num_qubits);
    let mut next = 0..;
    let mut random = || angle(next.next().expect("numbers go on"));
    for layer in 0..depth {
        for pair in 0..num_qubits / 2 {
            // Qubits at many distances, each once a layer.
            let step = 2 * (layer % (num_qubits / 2)) + 1;
            let (a, b) = (2 * pair, (2 * pair + step) % num_qubits);
            for qubit in [a, b] {
                circuit.u3(random(), random(), random(), qubit);
            }
            circuit.cx(a, b).rz(random(), a).ry(random(), b).cx(b, a).ry(random(), b).cx(a, b);
            for qubit in [a, b] {
                circuit.u3(random(), random(), random(), qubit);
            }
        }
    }
    circuit
}

/// Steps of Grover's search: ladders of `ccx` on half of the qubits, layers of `h` and `x` on the others.
fn search(num_qubits: usize, steps: usize) -> Circuit {
    let half = num_qubits / 2;
    let mut circuit = Circuit::new(num_qubits);
    for _ in 0..steps {
        for qubit in 0..half {
            circuit.h(qubit).x(qubit);
        }
        circuit.ccx(0, 1, half);
        (2..half).for_each(|qubit| {
            circuit.ccx(qubit, half + qubit - 2, half + qubit - 1);
        });
        circuit.z(2 * half - 2);
        (2..half).rev().for_each(|qubit| {
            circuit.ccx(qubit, half + qubit - 2, half + qubit - 1);
        });
        circuit.ccx(0, 1, half);
        for qubit in 0..half {
            circuit.x(qubit).h(qubit);
        }
    }
    circuit
}

fn observable(num_qubits: usize, terms: u64) -> PauliSum {
    let mask = (1u64 << num_qubits) - 1;
    let scramble = |k: u64| k.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23) & mask;
    let strings = (0..terms).map(|k| (PauliString::from_masks(scramble(k + 1), scramble(k + 1000)), angle(k as usize)));
    PauliSum::new(num_qubits, strings).expect("finite coefficients on the register")
}

fn one_thread() -> SimulatorConfig {
    SimulatorConfig { threads: 1, ..SimulatorConfig::default() }
}

/// Nanoseconds of one rotation on 2^15 amplitudes: this engine, and the same by a plain loop over `wide` vectors.
fn kernels(criterion: &mut Criterion) {
    let num_qubits = 15;
    let mut group = criterion.benchmark_group("ry, 2^15 amplitudes");
    group.throughput(Throughput::Elements(1 << num_qubits));
    for qubit in [0, 5, 14] {
        let mut circuit = Circuit::new(num_qubits);
        circuit.ry(0.3, qubit);
        let program = Program::new(&circuit).expect("a gate");
        let mut state = StateVector::<f64>::zero(num_qubits, one_thread()).expect("1 MiB");
        let mut workspace = Workspace::default();
        group.bench_function(BenchmarkId::new("one gate", qubit), |bencher| {
            bencher.iter(|| state.apply(&program, &[], &mut workspace))
        });
    }
    let mut all = Circuit::new(num_qubits);
    for qubit in 0..num_qubits {
        all.ry(0.3 + 0.1 * qubit as f64, qubit);
    }
    let program = Program::new(&all).expect("gates");
    let mut state = StateVector::<f64>::zero(num_qubits, one_thread()).expect("1 MiB");
    let mut workspace = Workspace::default();
    group.throughput(Throughput::Elements(15 << num_qubits));
    group.bench_function("15 gates", |bencher| bencher.iter(|| state.apply(&program, &[], &mut workspace)));
    group.throughput(Throughput::Elements(1 << num_qubits));
    let (mut re, mut im) = (vec![f64x4::splat(1e-3); 1 << 13], vec![f64x4::splat(1e-3); 1 << 13]);
    group.bench_function("wide, qubit 5", |bencher| {
        bencher.iter(|| {
            let (cosine, sine) = (f64x4::splat(0.3f64.cos()), f64x4::splat(0.3f64.sin()));
            for plane in [&mut re, &mut im] {
                for block in plane.chunks_exact_mut(16) {
                    let (low, high) = block.split_at_mut(8);
                    for (a, b) in low.iter_mut().zip(high) {
                        (*a, *b) = (cosine * *a - sine * *b, sine * *a + cosine * *b);
                    }
                }
            }
            black_box((&re, &im));
        });
    });
    group.finish();
}

/// Seconds of whole circuits, the state prepared each time.
fn circuits<T: Real>(criterion: &mut Criterion, num_qubits: usize, threads: usize) {
    let families = [
        ("brick", bound(&brick(num_qubits, num_qubits / 2))),
        ("layers", bound(&layers(num_qubits, 8))),
        ("ising", ising(num_qubits, 10)),
        ("fourier", fourier(num_qubits)),
        ("volume", volume(num_qubits, num_qubits / 2)),
        ("search", search(num_qubits, 3)),
    ];
    let mut group = criterion.benchmark_group(format!("{num_qubits} qubits, {}, {threads} threads", T::NAME));
    group.sample_size(10).measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_millis(300));
    for (name, circuit) in families {
        let config = SimulatorConfig { threads, ..SimulatorConfig::default() };
        let program = Program::new(&circuit).expect("gates");
        let mut state = StateVector::<T>::zero(num_qubits, config).expect("at most 16 MiB");
        let mut workspace = Workspace::default();
        program.explain::<T>(&config);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                state.reset();
                state.apply(&program, &[], &mut workspace)
            });
        });
    }
    group.finish();
}

fn whole_circuits(criterion: &mut Criterion) {
    circuits::<f64>(criterion, 4, 1);
    circuits::<f64>(criterion, 10, 1);
    circuits::<f64>(criterion, 16, 1);
    circuits::<f64>(criterion, 20, 1);
    circuits::<f64>(criterion, 20, 2);
    circuits::<f32>(criterion, 20, 1);
}

/// Microseconds of a value with new angles, of a value with its gradient, and of compiling.
macro_rules! energy_benches {
    ($group:ident, $energy:ident, $circuit:ident, $parameters:ident, $gradient:ident) => {
        $group.bench_function("value", |bencher| {
            bencher.iter(|| {
                $parameters[0] += 1e-9;
                $energy.value(&$parameters)
            });
        });
        $group.bench_function("value and gradient", |bencher| {
            bencher.iter(|| $energy.value_and_gradient(&$parameters, &mut $gradient))
        });
        $group.bench_function("rebuild", |bencher| bencher.iter(|| $energy.rebuild(&$circuit)));
    };
}

/// Microseconds of one energy of a small circuit with new angles, of compiling it, and of a whole batch.
fn small(criterion: &mut Criterion) {
    for (num_qubits, depth) in [(4, 3), (8, 3)] {
        let circuit = layers(num_qubits, depth);
        let sum = observable(num_qubits, 15);
        let gates = circuit.operations().len();
        let mut group = criterion.benchmark_group(format!("{num_qubits} qubits, {gates} gates, 15 terms"));
        let mut energy = Energy::new(&circuit, &sum).expect("gates");
        let mut parameters: Vec<f64> = (0..circuit.num_parameters()).map(angle).collect();
        let mut gradient = vec![0.0; parameters.len()];
        energy_benches!(group, energy, circuit, parameters, gradient);
        let sets = 1000;
        let rows: Vec<f64> = (0..sets * parameters.len()).map(angle).collect();
        let mut values = vec![0.0; sets];
        let mut batch = Batch::<f64>::new(&circuit, std::slice::from_ref(&sum), one_thread()).expect("gates");
        group.throughput(Throughput::Elements(sets as u64));
        group.bench_function("1000 values in a batch", |bencher| {
            bencher.iter(|| batch.values(BatchParameters::rows(&rows), &mut values))
        });
        group.finish();
    }
}

/// Strongly entangling layers: `rz ry rz` on every qubit and a ring of `cx` whose range grows with the layer.
fn entangling(num_qubits: usize, depth: usize) -> Circuit {
    let mut circuit = Circuit::new(num_qubits);
    let mut next = 0..;
    let mut free = || Angle::free(next.next().expect("numbers go on"));
    for layer in 0..depth {
        for qubit in 0..num_qubits {
            circuit.rz(free(), qubit).ry(free(), qubit).rz(free(), qubit);
        }
        for qubit in 0..num_qubits {
            circuit.cx(qubit, (qubit + 1 + layer % (num_qubits - 1)) % num_qubits);
        }
    }
    circuit
}

/// Milliseconds of values, and of products of cotangents with Jacobians, for 100 rows: what training a layer of circuits costs.
fn products(criterion: &mut Criterion) {
    let rows = 100;
    let mut group = criterion.benchmark_group("batch");
    for (num_qubits, observables) in [(8, 1), (8, 8), (12, 12), (14, 14)] {
        let circuit = entangling(num_qubits, 3);
        let sums: Vec<PauliSum> = (0..observables).map(|qubit| PauliSum::z(qubit, num_qubits)).collect();
        let parameters: Vec<f64> = (0..rows * circuit.num_parameters()).map(angle).collect();
        let parameters = BatchParameters::rows(&parameters);
        let cotangents: Vec<f64> = (0..rows * observables).map(angle).collect();
        let (mut values, mut gradients) = (vec![0.0; cotangents.len()], vec![0.0; parameters.rows.len()]);
        let mut batch = Batch::<f64>::new(&circuit, &sums, one_thread()).expect("gates");
        let name = format!("{num_qubits} qubits, {observables} observables");
        if num_qubits > 8 {
            group.sample_size(10);
        }
        group.bench_function(BenchmarkId::new("values", &name), |bencher| bencher.iter(|| batch.values(parameters, &mut values)));
        group.bench_function(BenchmarkId::new("vjp", &name), |bencher| {
            bencher.iter(|| {
                let gradients = BatchGradients { shared: &mut [], rows: &mut gradients };
                batch.vjp(parameters, &cotangents, &mut values, gradients)
            })
        });
    }
    for observables in [1, 4] {
        let circuit = under_noise(&entangling(4, 3));
        let sums: Vec<PauliSum> = (0..observables).map(|qubit| PauliSum::z(qubit, 4)).collect();
        let parameters: Vec<f64> = (0..rows * circuit.num_parameters()).map(angle).collect();
        let cotangents: Vec<f64> = (0..rows * observables).map(angle).collect();
        let (mut values, mut gradients) = (vec![0.0; cotangents.len()], vec![0.0; parameters.len()]);
        let mut batch = PauliBatch::new(&circuit, &sums, one_thread()).expect("gates and channels");
        group.bench_function(BenchmarkId::new("vjp", format!("4 qubits under noise, {observables} observables")), |bencher| {
            bencher.iter(|| {
                let gradients = BatchGradients { shared: &mut [], rows: &mut gradients };
                batch.vjp(BatchParameters::rows(&parameters), &cotangents, &mut values, gradients)
            })
        });
    }
    group.finish();
}

/// Milliseconds of a value and about 200 derivatives under a sum of 100 terms.
fn gradients(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("value and gradient, 100 terms");
    group.sample_size(10).measurement_time(Duration::from_secs(3));
    for (num_qubits, depth) in [(10, 10), (16, 6), (20, 5)] {
        let circuit = layers(num_qubits, depth);
        let parameters: Vec<f64> = (0..circuit.num_parameters()).map(angle).collect();
        let mut gradient = vec![0.0; parameters.len()];
        let mut energy = Energy::new(&circuit, &observable(num_qubits, 100)).expect("gates");
        group.bench_function(BenchmarkId::from_parameter(num_qubits), |bencher| {
            bencher.iter(|| energy.value_and_gradient(&parameters, &mut gradient));
        });
    }
    group.finish();
}

/// Milliseconds of sums over a state of 20 qubits, by threads.
fn sums(criterion: &mut Criterion) {
    let circuit = bound(&layers(20, 3));
    let sum = Observable::new(&observable(20, 20));
    let mut group = criterion.benchmark_group("sums, 20 qubits");
    group.sample_size(10);
    for threads in [1, 2] {
        let config = SimulatorConfig { threads, ..SimulatorConfig::default() };
        let mut state = StateVector::<f64>::zero(20, config).expect("16 MiB");
        state.run(&Program::new(&circuit).expect("gates"), &[]).expect("no parameters");
        group.bench_function(BenchmarkId::new("norm", threads), |bencher| bencher.iter(|| state.norm()));
        group.bench_function(BenchmarkId::new("20 terms", threads), |bencher| bencher.iter(|| state.expectation(&sum)));
        group.bench_function(BenchmarkId::new("z of all qubits", threads), |bencher| bencher.iter(|| state.expectation_z()));
    }
    group.finish();
}

/// Milliseconds of shots from 20 qubits.
fn shots(criterion: &mut Criterion) {
    let circuit = bound(&layers(20, 3));
    let mut state = StateVector::<f64>::zero(20, one_thread()).expect("16 MiB");
    state.run(&Program::new(&circuit).expect("gates"), &[]).expect("no parameters");
    let mut group = criterion.benchmark_group("shots, 20 qubits");
    group.sample_size(10);
    for count in [10_000u64, 1_000_000] {
        group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
            bencher.iter(|| state.sample(count, &mut Stream::named(7, "shots")))
        });
    }
    group.finish();
}

/// Depolarizing after every gate.
fn under_noise(circuit: &Circuit) -> Circuit {
    let mut model = NoiseModel::default();
    model.after_gates(1, Channel::depolarizing(0.01, 1).expect("a probability"));
    model.after_gates(2, Channel::depolarizing(0.02, 2).expect("a probability"));
    model.apply(circuit).expect("channels fit")
}

/// Seconds of noisy circuits, exactly, state prepared each time; of a noisy energy, its gradient and its compilation.
fn noise(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("brick under noise");
    group.sample_size(10).measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_millis(300));
    for (num_qubits, threads) in [(4, 1), (6, 1), (8, 1), (8, 2), (10, 1), (10, 2), (12, 1), (12, 2)] {
        let program = PauliProgram::new(&under_noise(&bound(&brick(num_qubits, 6)))).expect("gates and channels");
        let config = SimulatorConfig { threads, ..SimulatorConfig::default() };
        let mut state = PauliVector::zero(num_qubits, config).expect("at most 128 MiB");
        let mut workspace = PauliWorkspace::default();
        let name = format!("{num_qubits} qubits, {threads} threads");
        group.bench_function(name, |bencher| bencher.iter(|| state.prepare(&program, &[], &mut workspace)));
    }
    group.finish();
    for (num_qubits, depth) in [(4, 3), (6, 5)] {
        let circuit = under_noise(&layers(num_qubits, depth));
        let gates = circuit.operations().len() / 2;
        let mut group = criterion.benchmark_group(format!("{num_qubits} qubits, {gates} gates under noise, 15 terms"));
        let mut energy = NoisyEnergy::new(&circuit, &observable(num_qubits, 15)).expect("gates and channels");
        let mut parameters: Vec<f64> = (0..circuit.num_parameters()).map(angle).collect();
        let mut gradient = vec![0.0; parameters.len()];
        energy_benches!(group, energy, circuit, parameters, gradient);
        group.finish();
    }
}

/// Seconds of ten thousand shots of a noisy circuit on pure states, and of a noisy energy by shots of its settings.
fn noisy_shots(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("10000 trajectories of brick under noise");
    group.sample_size(10).measurement_time(Duration::from_secs(5)).warm_up_time(Duration::from_millis(300));
    let config = SimulatorConfig { threads: 1, ..SimulatorConfig::default() };
    for num_qubits in [8, 12] {
        let trajectories = Trajectories::<f64>::new(&under_noise(&bound(&brick(num_qubits, 6)))).expect("gates and channels");
        group.bench_function(format!("{num_qubits} qubits"), |bencher| {
            bencher.iter(|| trajectories.run(10_000, None, &Readout::default(), config, &mut Stream::named(1, "shots")));
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("energy of 4 qubits, 100 terms, by 10^6 shots");
    let circuit = under_noise(&bound(&brick(4, 6)));
    let mut state = PauliVector::zero(4, config).expect("small");
    state.run(&PauliProgram::new(&circuit).expect("gates and channels"), &[]).expect("it fits");
    for grouping in [Grouping::QubitWise, Grouping::Commuting] {
        let measurements = Measurements::new(&observable(4, 100), grouping);
        let weights: Vec<f64> = measurements.settings().iter().map(|setting| setting.weight()).collect();
        let shots = allocate(1_000_000, &weights);
        let mut rng = rand::rngs::ChaCha8Rng::seed_from_u64(1);
        let name = format!("{grouping:?}, {} settings", shots.len());
        group.bench_function(name, |bencher| bencher.iter(|| measurements.estimate(&state, &shots, &mut rng)));
    }
    group.finish();
}

criterion_group!(benches, kernels, whole_circuits, small, products, gradients, sums, shots, noise, noisy_shots);
criterion_main!(benches);
