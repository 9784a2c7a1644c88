use proptest::prelude::*;
use serde_json::Value;

use super::*;
use faer::Mat;
use qloom_circuits::library::Entanglement;

fn golden() -> Value {
    serde_json::from_str(include_str!("../../tests/golden.json")).expect("JSON")
}

fn rows(value: &Value) -> Vec<Vec<f64>> {
    let row = |row: &Value| row.as_array().expect("a row").iter().map(|x| x.as_f64().expect("a number")).collect();
    value.as_array().expect("rows").iter().map(row).collect()
}

/// Kernels of Qiskit Machine Learning and PennyLane.
#[test]
fn gram_matrices_equal_other_packages() {
    let golden = golden();
    let data = rows(&golden["X"]).concat();
    let zz = |reps, entanglement| MapSettings::Zz { reps, entanglement };
    let words = vec!["X".to_owned(), "YZ".to_owned()];
    for (name, map) in [
        ("z_reps1", MapSettings::Z { reps: 1 }),
        ("z_reps2", MapSettings::Z { reps: 2 }),
        ("zz_full_reps1", zz(1, Entanglement::Full)),
        ("zz_full_reps2", zz(2, Entanglement::Full)),
        ("zz_full_reps3", zz(3, Entanglement::Full)),
        ("zz_linear_reps2", zz(2, Entanglement::Linear)),
        ("zz_circular_reps2", zz(2, Entanglement::Circular)),
        ("pauli_X_YZ_alpha0.5_full_reps2", MapSettings::Pauli { words, reps: 2, entanglement: Entanglement::Full, alpha: 0.5 }),
    ] {
        let mut kernel = FidelityKernel::new(&map, 4, SimulatorConfig::default()).expect("fits");
        let gram = kernel.gram(&data).expect("finite");
        for (row, expected) in rows(&golden["kernels"][name]).iter().enumerate() {
            for (column, expected) in expected.iter().enumerate() {
                assert!((gram[(row, column)] - expected).abs() < 1e-10, "{name}: {} {expected}", gram[(row, column)]);
            }
        }
        assert!(smallest_eigenvalue(&gram).expect("symmetric") > -1e-12);
    }
}

#[test]
fn rows_in_several_parts_are_the_same_rows() {
    let mut stream = qloom_circuits::Stream::named(1, "rows");
    let data: Vec<f64> = (0..2 * 300).map(|_| stream.normal()).collect();
    let map = MapSettings::Iqp { reps: 2, entanglement: Entanglement::Linear };
    let mut kernel = FidelityKernel::new(&map, 2, SimulatorConfig::default()).expect("fits");
    let (all, few) = (kernel.gram(&data).expect("finite"), kernel.encode(&data[..20]).expect("finite"));
    let cross = few.overlaps(&kernel.encode(&data[560..]).expect("finite"), 2);
    for row in 0..10 {
        for column in 0..20 {
            assert!((cross[(row, column)] - all[(row, 280 + column)]).abs() < 1e-14);
        }
        let dense = |k: usize| {
            let circuit = map.build(2).expect("fits").bound(&data[2 * k..2 * k + 2]).expect("finite");
            circuit.unitary(&[]).expect("gates")
        };
        let (a, b) = (dense(row), dense(299));
        let overlap: num_complex::Complex64 = (0..4).map(|k| a[(k, 0)].conj() * b[(k, 0)]).sum();
        assert!((overlap.norm_sqr() - all[(row, 299)]).abs() < 1e-12);
    }
}

#[test]
fn amplitudes_are_the_features() {
    let mut kernel = FidelityKernel::new(&MapSettings::Amplitude {}, 3, SimulatorConfig::default()).expect("fits");
    assert_eq!(kernel.num_qubits(), 2);
    let data = [1.0, 2.0, 2.0, -3.0, 0.0, 4.0];
    let gram = kernel.gram(&data).expect("finite");
    // the squared cosine of the angle between the rows
    assert!((gram[(0, 1)] - (5.0f64 / 15.0).powi(2)).abs() < 1e-15);
    assert!(matches!(kernel.gram(&[0.0; 3]), Err(LearnError::OutsideDomain { row: 1, .. })));
    assert!(MapSettings::Amplitude {}.build(3).is_err());
    assert_eq!([1, 2, 4, 5, 16].map(|count| MapSettings::Amplitude {}.num_qubits(count)), [1, 1, 2, 3, 4]);
}

#[test]
fn repairs_cut_what_is_negative() {
    let matrix = Mat::from_fn(2, 2, |row, column| if row == column { 1.0 } else { 2.0 });
    assert!((smallest_eigenvalue(&matrix).expect("symmetric") + 1.0).abs() < 1e-14);
    let repaired = repaired(&matrix).expect("symmetric");
    // the positive part of [[1, 2], [2, 1]] is 3/2 [[1, 1], [1, 1]]
    assert!((0..2).all(|row| (0..2).all(|column| (repaired[(row, column)] - 1.5).abs() < 1e-14)));
}

#[test]
fn bad_rows_are_refused() {
    let zz = MapSettings::Zz { reps: 2, entanglement: Entanglement::Full };
    let mut kernel = FidelityKernel::new(&zz, 3, SimulatorConfig::default()).expect("fits");
    assert!(kernel.gram(&[0.1, 0.2]).is_err() && kernel.gram(&[]).is_err());
    assert!(kernel.gram(&[0.1, 0.2, 0.3, 0.4, f64::NAN, 0.6]).expect_err("no number").to_string().contains("2"));
    assert!(MapSettings::Z { reps: 0 }.build(2).is_err() && zz.build(0).is_err() && zz.build(21).is_err());
    let small = SimulatorConfig { memory_limit: 1 << 12, ..SimulatorConfig::default() };
    let mut kernel = FidelityKernel::new(&zz, 8, small).expect("one state fits");
    assert!(matches!(kernel.gram(&[0.5; 80]), Err(LearnError::Sim(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the map and the rows: ones on the diagonal, a symmetric matrix without negative eigenvalues, the same bits on more threads.
    #[test]
    fn matrices_are_kernels(kind in 0usize..6, reps in 1usize..4, seed in 0u64..1000, rows in 2usize..90) {
        let mut stream = qloom_circuits::Stream::named(seed, "rows");
        let data: Vec<f64> = (0..3 * rows).map(|_| 2.0 * stream.normal()).collect();
        let entanglement = [Entanglement::Full, Entanglement::Linear, Entanglement::Circular][seed as usize % 3];
        let words = vec!["Z".to_owned(), "XY".to_owned()];
        let map = match kind {
            0 => MapSettings::Z { reps },
            1 => MapSettings::Zz { reps, entanglement },
            2 => MapSettings::Pauli { words, reps, entanglement, alpha: 1.3 },
            3 => MapSettings::Angle {},
            4 => MapSettings::Amplitude {},
            _ => MapSettings::Iqp { reps, entanglement },
        };
        let gram = |threads| {
            let config = SimulatorConfig { threads, ..SimulatorConfig::default() };
            FidelityKernel::new(&map, 3, config).expect("fits").gram(&data).expect("finite")
        };
        let (one, two) = (gram(1), gram(2));
        for column in 0..rows {
            prop_assert_eq!(one[(column, column)], 1.0);
            for row in 0..rows {
                prop_assert_eq!(one[(row, column)].to_bits(), two[(row, column)].to_bits());
                prop_assert_eq!(one[(row, column)].to_bits(), one[(column, row)].to_bits());
                prop_assert!((-1e-15..1.0 + 1e-12).contains(&one[(row, column)]));
            }
        }
        prop_assert!(smallest_eigenvalue(&one).expect("symmetric") > -1e-10);
    }
}

/// Kernels of states with noise are traces of products of density matrices, made of Kraus operators.
#[test]
fn noisy_kernels_are_traces_of_products() {
    let noise = qloom_hardware::UniformNoise { depolarizing1: 0.02, depolarizing2: 0.07, readout: 0.0 };
    let map = MapSettings::Zz { reps: 1, entanglement: Entanglement::Full };
    let rows = [0.3, 1.2, 2.0, 0.7, 1.1, 0.4];
    let encoding = Encoding { noise: Some(noise), ..Encoding::from(&map) };
    let densities: Vec<_> = rows
        .chunks(2)
        .map(|row| {
            let circuit = map.build(2).expect("fits").bound(row).expect("finite");
            crate::golden::density_matrix(&noise.model(2, false).expect("probabilities").apply(&circuit).expect("channels"))
        })
        .collect();
    let mut kernel = FidelityKernel::new(encoding.clone(), 2, SimulatorConfig::default()).expect("fits");
    let gram = kernel.gram(&rows).expect("finite");
    for (a, left) in densities.iter().enumerate() {
        for (b, right) in densities.iter().enumerate() {
            let product = left.times(right);
            let trace: f64 = (0..4).map(|k| product[(k, k)].re).sum();
            assert!((gram[(a, b)] - trace).abs() < 1e-13, "{a} {b}: {} {trace}", gram[(a, b)]);
        }
        assert!(gram[(a, a)] < 0.95, "noise takes purity away");
    }
    // reduced density matrices of single qubits
    let vectors = kernel.encode(&rows).expect("finite").bloch_vectors();
    for (row, density) in vectors.chunks(6).zip(&densities) {
        for qubit in 0..2 {
            let z: f64 = (0..4).map(|k| density[(k, k)].re * if k >> qubit & 1 == 1 { -1.0 } else { 1.0 }).sum();
            assert!((row[3 * qubit + 2] - z).abs() < 1e-13);
        }
    }
    let read = Encoding { noise: Some(qloom_hardware::UniformNoise { readout: 0.1, ..noise }), ..encoding.clone() };
    assert!(FidelityKernel::new(read, 2, SimulatorConfig::default()).is_err_and(|error| error.to_string().contains("readout")));
    let little = SimulatorConfig { memory_limit: 600, ..SimulatorConfig::default() };
    let mut small = FidelityKernel::new(encoding, 2, little).expect("one state fits");
    assert!(small.gram(&rows).is_err(), "states of all rows do not fit");
}

/// A device without errors gives the kernel itself, wherever its routes lead.
#[test]
fn compiled_kernels_are_the_same_kernels() {
    let map = MapSettings::Zz { reps: 2, entanglement: Entanglement::Full };
    let rows = [0.3, 1.2, 0.9, 2.0, 0.7, 1.4, 1.1, 0.4, 0.2];
    let device = Some(Box::new(qloom_hardware::Device::from_name("line-4").expect("a name")));
    let plain = FidelityKernel::new(&map, 3, SimulatorConfig::default()).expect("fits").gram(&rows).expect("finite");
    let on = Encoding { device, ..Encoding::from(&map) };
    let compiled = FidelityKernel::new(on, 3, SimulatorConfig::default()).expect("fits").gram(&rows).expect("finite");
    for a in 0..3 {
        for b in 0..3 {
            assert!((plain[(a, b)] - compiled[(a, b)]).abs() < 1e-12, "{} {}", plain[(a, b)], compiled[(a, b)]);
        }
    }
}
