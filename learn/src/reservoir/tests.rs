mod dense;

use qloom_hardware::UniformNoise;

use super::*;

fn input(length: usize) -> Vec<Vec<f64>> {
    vec![crate::measure::uniform_input(length, &mut Stream::named(9, "input"))]
}

fn run(settings: &ReservoirSettings, columns: &[Vec<f64>]) -> Vec<f64> {
    let ranges = vec![[0.0, 1.0]; columns.len()];
    let mut reservoir = Reservoir::new(settings, &ranges, &mut Stream::named(4, "reservoir")).expect("it fits");
    let features = reservoir.run(columns).expect("it runs");
    assert_eq!(features.len(), columns[0].len() * reservoir.features());
    features
}

fn spins(settings: SpinNetwork) -> ReservoirSettings {
    ReservoirSettings::SpinNetwork(settings)
}

fn gates(settings: QuantumReservoir) -> ReservoirSettings {
    ReservoirSettings::QuantumReservoir(settings)
}

fn furthest(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max)
}

/// Two computations that share nothing: eigenvectors and density matrices; gates on Pauli vectors.
#[test]
fn trotter_steps_converge_to_the_exact_spin_network_with_the_square_of_their_length() {
    let readouts = Readouts::Strings(["X0", "Y0", "Z2", "X0 Y1", "Y0 Y2", "Z0 Z1 Z2", "Y0 Y1 Y2"].map(str::to_owned).to_vec());
    let network = SpinNetwork {
        qubits: 3,
        interval: 1.5,
        reading: Reading { virtual_nodes: 2, readouts, ..Reading::default() },
        ..SpinNetwork::default()
    };
    let columns = input(12);
    let exact = run(&spins(network.clone()), &columns);
    let error = |steps| furthest(&exact, &run(&spins(SpinNetwork { trotter: Some(steps), ..network.clone() }), &columns));
    let (coarse, fine) = (error(8), error(64));
    assert!(fine < 1e-3 && (40.0..90.0).contains(&(coarse / fine)), "{coarse} {fine}");
    // two inputs at once
    let both = [columns[0].clone(), columns[0].iter().rev().copied().collect()];
    let exact = run(&spins(network.clone()), &both);
    let near = run(&spins(SpinNetwork { trotter: Some(64), ..network }), &both);
    assert!(furthest(&exact, &near) < 1e-3);
}

/// By hand: one spin beside the input, whose evolution is two by two.
#[test]
fn without_coupling_an_input_spin_turns_about_the_field() {
    let readouts = Readouts::Named("xyz".to_owned());
    let network = SpinNetwork {
        qubits: 2,
        coupling: 0.0,
        field: 0.3,
        interval: 0.7,
        reading: Reading { readouts, ..Reading::default() },
        ..SpinNetwork::default()
    };
    let columns = input(5);
    let features = run(&spins(network), &columns);
    for (row, s) in features.chunks(6).zip(&columns[0]) {
        // (sin theta, 0, cos theta) turned by 2 h t about z
        let (x, z) = (2.0 * (s * (1.0 - s)).sqrt(), 1.0 - 2.0 * s);
        let turn = 2.0 * 0.3 * 0.7f64;
        let wanted = [x * turn.cos(), 0.0, x * turn.sin(), 0.0, z, 1.0];
        assert!(furthest(row, &wanted) < 1e-12, "{row:?} {wanted:?}");
    }
}

#[test]
fn pauli_vectors_and_state_vectors_tell_the_same() {
    let settings = QuantumReservoir {
        reset: false,
        depth: 1,
        reading: Reading { virtual_nodes: 2, ..Reading::default() },
        ..QuantumReservoir::default()
    };
    let noiseless = QuantumReservoir { noise: Some(UniformNoise::default()), ..settings.clone() };
    let columns = input(30);
    assert!(furthest(&run(&gates(settings), &columns), &run(&gates(noiseless), &columns)) < 1e-12);
}

#[test]
fn damping_and_noise_do_what_they_say() {
    let columns = input(10);
    let base = QuantumReservoir {
        reading: Reading { readouts: Readouts::Named("z-zz".to_owned()), ..Reading::default() },
        ..QuantumReservoir::default()
    };
    let all = |settings: QuantumReservoir| run(&gates(settings), &columns);
    assert!(all(QuantumReservoir { damping: 1.0, ..base.clone() }).iter().all(|z| (z - 1.0).abs() < 1e-12));
    // the last layer's noise shrinks every Z by 1 - p of each gate on its qubit behind it; read-out errors by 1 - 2 e
    let noise = |readout| Some(UniformNoise { readout, ..UniformNoise::default() });
    let (clean, read) = (all(base.clone()), all(QuantumReservoir { noise: noise(0.1), ..base.clone() }));
    for (clean, read) in clean.chunks(10).zip(read.chunks(10)) {
        let wanted: Vec<f64> = clean.iter().enumerate().map(|(k, z)| z * if k < 4 { 0.8 } else { 0.64 }).collect();
        assert!(furthest(read, &wanted) < 1e-12);
    }
    let wiped = UniformNoise { depolarizing2: 1.0, ..UniformNoise::default() };
    assert!(all(QuantumReservoir { noise: Some(wiped), ..base }).iter().all(|z| z.abs() < 1e-12));
}

#[test]
fn rewinding_far_enough_is_as_good_as_going_on() {
    let network = SpinNetwork { qubits: 3, ..SpinNetwork::default() };
    let columns = input(80);
    let on = run(&spins(network.clone()), &columns);
    let far =
        run(&spins(SpinNetwork { reading: Reading { rewind: Some(60), ..Reading::default() }, ..network.clone() }), &columns);
    let near = run(&spins(SpinNetwork { reading: Reading { rewind: Some(1), ..Reading::default() }, ..network }), &columns);
    assert!(furthest(&on, &far) < 1e-3 && furthest(&on, &near) > 1e-2);
    assert!(furthest(&on[..180], &far[..180]) < 1e-14, "nothing is forgotten before the window is full");
}

#[test]
fn shots_scatter_around_the_exact_values_and_can_be_repeated() {
    let network =
        SpinNetwork { qubits: 3, reading: Reading { shots: Some(400), ..Reading::default() }, ..SpinNetwork::default() };
    let columns = input(400);
    let exact = run(&spins(SpinNetwork { reading: Reading { shots: None, ..Reading::default() }, ..network.clone() }), &columns);
    let drawn = run(&spins(network.clone()), &columns);
    assert_eq!(drawn, run(&spins(network), &columns));
    // each deviation over its standard deviation, which is sqrt((1 - z^2) / shots)
    let scores = drawn.iter().zip(&exact).map(|(m, z)| (m - z).powi(2) * 400.0 / (1.0 - z * z).max(1e-12));
    let mean = scores.sum::<f64>() / exact.len() as f64;
    assert!((mean - 1.0).abs() < 0.15, "{mean}");
}

/// Measuring qubits that are about to be reset changes no average of the others.
#[test]
fn a_series_as_one_program_ends_where_the_reservoir_does() {
    let columns = input(6);
    let base = QuantumReservoir {
        qubits: 3,
        reading: Reading { virtual_nodes: 2, ..Reading::default() },
        ..QuantumReservoir::default()
    };
    let trotter = SpinNetwork { qubits: 3, trotter: Some(2), ..SpinNetwork::default() };
    for (settings, bits) in
        [(gates(base.clone()), 8), (gates(QuantumReservoir { reset: false, ..base.clone() }), 8), (spins(trotter.clone()), 8)]
    {
        let reservoir = Reservoir::new(&settings, &[[0.0, 1.0]], &mut Stream::named(4, "reservoir")).expect("it fits");
        let program = reservoir.program(&columns).expect("it is made of gates");
        assert_eq!(program.num_bits(), bits);
        let mut state = qloom_sim::PauliVector::zero(3, qloom_sim::SimulatorConfig::default()).expect("room");
        state.run(&qloom_sim::PauliProgram::new(&program).expect("gates"), &[]).expect("it runs");
        let features = run(&settings, &columns);
        assert!(furthest(&state.expectation_z(), &features[features.len() - 3..]) < 1e-12, "{settings:?}");
        // and it is OpenQASM 3
        let (version, dialect) = (qloom_circuits::qasm::Version::V3, qloom_circuits::qasm::Dialect::default());
        let text = qloom_circuits::qasm::write(&program, version, dialect).expect("it can be written");
        assert!(text.contains("measure") && qloom_circuits::qasm::read(&text).is_ok());
    }
    for settings in [
        spins(SpinNetwork { trotter: None, ..trotter.clone() }),
        spins(SpinNetwork { reading: Reading { feedback: 0.1, ..Reading::default() }, ..trotter }),
        gates(QuantumReservoir { damping: 0.1, ..base }),
    ] {
        let reservoir = Reservoir::new(&settings, &[[0.0, 1.0]], &mut Stream::named(4, "reservoir")).expect("it fits");
        assert!(reservoir.program(&columns).is_err());
    }
}

#[test]
fn feedback_is_part_of_the_input() {
    let network = SpinNetwork { qubits: 3, ..SpinNetwork::default() };
    let columns = input(30);
    let plain = run(&spins(network.clone()), &columns);
    let fed = run(&spins(SpinNetwork { reading: Reading { feedback: 0.4, ..Reading::default() }, ..network.clone() }), &columns);
    assert!(furthest(&plain, &fed) > 1e-2);
    // the same inputs by hand, from the readings there were
    let last = |time: usize| if time == 0 { 0.0 } else { fed[3 * (time - 1)] };
    let mixed = (0..30).map(|time| 0.6 * columns[0][time] + 0.4 * 0.5 * (1.0 + last(time))).collect();
    assert!(furthest(&fed, &run(&spins(network), &[mixed])) < 1e-14);
}

#[test]
fn what_cannot_be_is_refused() {
    let refused = |settings: &ReservoirSettings| {
        Reservoir::new(settings, &[[0.0, 1.0]], &mut Stream::named(4, "reservoir")).expect_err("refused").to_string()
    };
    let network = SpinNetwork::default();
    for (settings, word) in [
        (SpinNetwork { qubits: 1, ..network.clone() }, "qubits"),
        (SpinNetwork { qubits: 60, ..network.clone() }, "qubits"),
        (SpinNetwork { damping: 0.1, ..network.clone() }, "trotter"),
        (SpinNetwork { field: f64::NAN, ..network.clone() }, "field"),
        (SpinNetwork { reading: Reading { virtual_nodes: 0, ..Reading::default() }, ..network.clone() }, "virtual_nodes"),
        (SpinNetwork { reading: Reading { feedback: 1.5, ..Reading::default() }, ..network.clone() }, "feedback"),
        (SpinNetwork { reading: Reading { shots: Some(0), ..Reading::default() }, ..network.clone() }, "shots"),
        (SpinNetwork { reading: Reading { rewind: Some(0), ..Reading::default() }, ..network.clone() }, "rewind"),
        (
            SpinNetwork {
                reading: Reading { readouts: Readouts::Named("zzz".to_owned()), ..Reading::default() },
                ..network.clone()
            },
            "readouts",
        ),
        (
            SpinNetwork {
                reading: Reading { readouts: Readouts::Strings(vec!["Z9".to_owned()]), ..Reading::default() },
                ..network.clone()
            },
            "9",
        ),
        (
            SpinNetwork {
                reading: Reading { readouts: Readouts::Strings(vec!["2 Z1".to_owned()]), ..Reading::default() },
                ..network
            },
            "readouts",
        ),
    ] {
        let message = refused(&spins(settings));
        assert!(message.contains(word), "{message}");
    }
    assert!(refused(&gates(QuantumReservoir { damping: 2.0, ..QuantumReservoir::default() })).contains("damping"));
    let echo = EchoState { leak: 0.0, ..EchoState::default() };
    assert!(refused(&ReservoirSettings::EchoState(echo)).contains("leak"));
    let settings = spins(SpinNetwork::default());
    assert!(Reservoir::new(&settings, &[[1.0, 1.0]], &mut Stream::named(4, "reservoir")).is_err(), "a range without width");
}

/// The keys of how a reservoir is read stand among its own, and what is unknown is refused.
#[test]
fn settings_are_flat_and_complete() {
    let text = r#"{"qubits": 3, "virtual_nodes": 4, "readouts": ["Z0", "X0 Y1"], "shots": 50, "range": [0, 1], "interval": 2}"#;
    let read: SpinNetwork = serde_json::from_str(text).expect("known keys");
    let strings = Readouts::Strings(vec!["Z0".to_owned(), "X0 Y1".to_owned()]);
    let reading = Reading { virtual_nodes: 4, readouts: strings, shots: Some(50), range: Some([0.0, 1.0]), ..Reading::default() };
    assert_eq!(read, SpinNetwork { qubits: 3, interval: 2.0, reading, ..SpinNetwork::default() });
    let written = serde_json::to_string(&read).expect("numbers");
    assert!(written.contains("\"virtual_nodes\":4") && !written.contains("reading"), "{written}");
    assert_eq!(serde_json::from_str::<SpinNetwork>(&written).expect("its own text"), read);
    for wrong in [r#"{"virtual_node": 4}"#, r#"{"reading": {}}"#, r#"{"shots": -1}"#, r#"{"readouts": 3}"#] {
        assert!(serde_json::from_str::<SpinNetwork>(wrong).is_err(), "{wrong}");
        assert!(serde_json::from_str::<QuantumReservoir>(wrong).is_err(), "{wrong}");
    }
}
