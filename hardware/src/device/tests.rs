use qloom_circuits::{Circuit, CircuitError, Gate, Operation};

use super::*;

fn example() -> Device {
    let gate = |time_ns, depolarizing| Some(GateCalibration { time_ns, depolarizing, ..GateCalibration::default() });
    let qubit =
        QubitCalibration { t1_ns: vec![1e5], t2_ns: vec![1.2e5], readout: vec![[0.01, 0.02]], ..QubitCalibration::default() };
    Device {
        num_qubits: Some(3),
        qubit: Some(qubit),
        one_qubit: gate(35.0, 1e-4),
        two_qubit: gate(400.0, 1e-2),
        ..Device::new("example")
    }
}

#[test]
fn what_no_device_has_is_refused() {
    assert!(example().noise(3).is_ok());
    assert!(matches!(example().noise(4), Err(HardwareError::TooManyQubits { .. })));
    let with = |change: &dyn Fn(&mut QubitCalibration)| {
        let mut device = example();
        change(device.qubit.as_mut().expect("calibrated"));
        device.noise(3).expect_err("impossible")
    };
    assert!(matches!(
        with(&|qubit| qubit.t2_ns = vec![2.1e5]),
        HardwareError::Calibration { source: CircuitError::Relaxation { .. }, .. }
    ));
    assert!(matches!(with(&|qubit| qubit.t1_ns = vec![1e5, 1e5]), HardwareError::Length { field: "t1_ns", .. }));
    assert!(matches!(with(&|qubit| qubit.t2_ns.clear()), HardwareError::Length { field: "t2_ns", .. }));
    assert!(matches!(with(&|qubit| qubit.readout = vec![[0.0, -0.1]]), HardwareError::Calibration { .. }));
    let mut device = example();
    device.two_qubit = Some(GateCalibration { depolarizing: 1.5, ..GateCalibration::default() });
    assert!(matches!(device.noise(2), Err(HardwareError::Calibration { .. })));
    device = example();
    device.couplings = Some(vec![[0, 0]]);
    assert!(device.noise(2).is_err());
}

/// Gates, qubits, error and depolarizing of an entry.
type Row<'a> = (&'a [Gate], &'a [usize], Option<f64>, f64);

#[test]
fn entries_that_contradict_are_refused() {
    let with = |rows: &[Row]| {
        let row = |&(gates, qubits, error, depolarizing): &Row| PlacedGate {
            gates: gates.to_vec(),
            qubits: qubits.to_vec(),
            error,
            depolarizing,
            ..PlacedGate::default()
        };
        Device { gate: rows.iter().map(row).collect(), ..example() }.noise(3)
    };
    for qubits in [&[][..], &[1, 1], &[0, 1, 2]] {
        assert!(matches!(with(&[(&[], qubits, None, 0.0)]), Err(HardwareError::BadPlacement { .. })));
    }
    let cz = &[Gate::Cz][..];
    assert!(with(&[(cz, &[0, 1], None, 0.0), (cz, &[1, 0], None, 0.0), (&[], &[0, 1], None, 0.0)]).is_ok());
    for second in [(cz, &[0, 1][..]), (&[Gate::Rzz, Gate::Cz], &[0, 1])] {
        let rows = [(cz, &[0, 1][..], None, 0.0), (second.0, second.1, None, 0.0)];
        assert!(matches!(with(&rows), Err(HardwareError::PlacedTwice { .. })));
    }
    let rows = [(&[][..], &[0, 1][..], None, 0.0), (&[], &[1, 0], None, 0.0)];
    assert!(matches!(with(&rows), Err(HardwareError::PlacedTwice { .. })));
    assert!(matches!(with(&[(cz, &[0, 1], Some(0.1), 0.1)]), Err(HardwareError::ErrorAndDepolarizing { .. })));
    assert!(matches!(with(&[(cz, &[0, 1], Some(1.1), 0.0)]), Err(HardwareError::Calibration { .. })));
}

/// The product of the last entries of the transfer matrices of all channels.
fn shrink(device: &Device, gate: Gate, qubits: [usize; 2]) -> f64 {
    let mut circuit = Circuit::new(3);
    circuit.push(Operation::gate(gate, &vec![0.2.into(); gate.num_parameters()], &qubits)).expect("it fits");
    let noisy = device.noise(3).expect("possible").apply(&circuit).expect("it fits");
    let channels = noisy.operations().iter().filter_map(|operation| match operation {
        Operation::Channel { channel, .. } => Some(*channel.transfer().last().expect("entries")),
        _ => None,
    });
    channels.product::<f64>()
}

/// Data of certain gates hold instead of the general ones, for these gates on these qubits alone.
#[test]
fn placed_gates_have_their_own_noise() {
    let row = |gates: &[Gate], qubits: [usize; 2], joint| PlacedGate {
        gates: gates.to_vec(),
        qubits: qubits.to_vec(),
        depolarizing_joint: joint,
        ..PlacedGate::default()
    };
    let relaxation = (-400.0f64 / 1e5).exp().powi(2);
    let expect = |device: &Device, gate, qubits, factor: f64| {
        let found = shrink(device, gate, qubits);
        assert!((found - relaxation * factor).abs() < 1e-12, "{gate:?} {qubits:?}: {found}");
    };
    let device = Device { gate: vec![row(&[], [2, 1], 0.5)], ..example() };
    for (qubits, factor) in [([0, 1], 0.99f64.powi(2)), ([1, 2], 0.5), ([2, 1], 0.5)] {
        expect(&device, Gate::Cx, qubits, factor);
    }
    let rows = vec![
        row(&[Gate::Cz, Gate::Cx], [1, 2], 0.5),
        row(&[Gate::Cx], [2, 1], 0.6),
        row(&[Gate::Rzz], [1, 2], 0.7),
        row(&[], [1, 2], 0.8),
    ];
    let device = Device { gate: rows, ..example() };
    for (gate, qubits, factor) in [
        (Gate::Cx, [1, 2], 0.5),
        (Gate::Cx, [2, 1], 0.4),
        (Gate::Cz, [2, 1], 0.5),
        (Gate::Rzz, [2, 1], 0.3),
        (Gate::Rxx, [1, 2], 0.2),
        (Gate::Rxx, [0, 2], 0.99f64.powi(2)),
    ] {
        expect(&device, gate, qubits, factor);
    }
    // the same device, but without an entry for every gate: the first one stands for the others
    let device = Device { gate: device.gate[..3].to_vec(), ..device };
    expect(&device, Gate::Rxx, [1, 2], 0.5);
}

/// The error of a gate is that of its channels, however it was given.
#[test]
fn errors_are_average_infidelities() {
    let device = example();
    // depolarizing p on each of two qubits without relaxation: F = (sum of shrinks / 4 + 1) / 5
    let perfect = Device { qubit: None, ..device.clone() };
    let p: f64 = 0.01;
    let trace = (1.0 + 3.0 * (1.0 - p)).powi(2);
    let expected = 1.0 - (trace / 4.0 + 1.0) / 5.0;
    assert!((perfect.gate_error(Gate::Cz, &[0, 1]).expect("data") - expected).abs() < 1e-15);
    assert!(device.gate_error(Gate::Cz, &[0, 1]).expect("data") > expected);
    let mut measured = device.clone();
    measured.two_qubit = Some(GateCalibration { time_ns: 400.0, error: Some(0.02), ..GateCalibration::default() });
    assert_eq!(measured.gate_error(Gate::Cz, &[0, 1]), Some(0.02));
    assert_eq!(Device::new("bare").gate_error(Gate::Cz, &[0, 1]), None);
    assert!(Device::new("bare").noise(5).expect("sound").rules.is_empty());
}

/// A measured error of all gates of a size leaves depolarizing that depends on each pair's relaxation.
#[test]
fn a_general_error_is_met_on_every_pair() {
    let mut device = example();
    let qubit = device.qubit.as_mut().expect("calibrated");
    (qubit.t1_ns, qubit.t2_ns) = (vec![1e5, 5e4, 2e5], vec![1e5, 5e4, 2e5]);
    device.two_qubit = Some(GateCalibration { time_ns: 400.0, error: Some(0.02), ..GateCalibration::default() });
    let own = |pair: [usize; 2]| {
        let rules = device.noise(3).expect("possible").rules;
        let joint = rules.iter().find(|rule| rule.on == Some(pair.to_vec()) && rule.channel.num_qubits() == 2);
        1.0 - *joint.expect("one for the pair").channel.transfer().last().expect("entries")
    };
    assert!(own([0, 2]) > own([0, 1]), "the pair that relaxes less depolarizes more");
}

/// Old and new files, and the round trip.
#[test]
fn files_of_every_age_are_read() {
    let read = |text: &str| toml::from_str::<Device>(text);
    // a compilation target of before
    let target = read(
        "name = \"mine\"\ngates = [\"rz\", \"sx\", \"x\", \"cz\"]\nnum_qubits = 3\ncouplings = [[0, 1], [2, 1]]\nerrors = [0.01, 0.02]\n",
    )
    .expect("an old file");
    assert_eq!(target.gate_error(Gate::Cz, &[1, 2]), Some(0.02));
    // a device of before
    let device = read(
        "name = \"old\"\nprovenance = \"made up\"\nfree_diagonal = true\n[qubit]\nt1_ns = [1e5]\nt2_ns = [1e5]\n\
         [one_qubit]\ntime_ns = 35.0\n[two_qubit]\ntime_ns = 400.0\ndepolarizing = 0.01\n\
         [[gate]]\nqubits = [0, 1]\ntime_ns = 300.0\ndepolarizing_joint = 0.02\n",
    )
    .expect("an old file");
    assert!(device.virtual_z && device.gate[0].time_ns == Some(300.0));
    // a machine with calibration data
    let heron = read("name = \"h\"\nmachine = \"heron\"\n[two_qubit]\ntime_ns = 68.0\nerror = 2e-3\n").expect("a new file");
    assert_eq!((heron.num_qubits, heron.gates.as_ref().map(Vec::len)), (Some(156), Some(4)));
    assert_eq!(heron.gate_error(Gate::Cz, &[0, 1]), Some(2e-3));
    let placed = "name = \"h\"\nmachine = \"line-2\"\n[[gate]]\ngates = [\"rzz\"]\nqubits = [0, 1]\nerror = 3e-3\n";
    let placed = read(placed).expect("a new file");
    assert_eq!(placed.gates, Some(vec![Gate::Rz, Gate::Sx, Gate::X, Gate::Cz, Gate::Rzz]));
    let part = read("name = \"h\"\nmachine = \"heron\"\nnum_qubits = 5\n").expect("a new file");
    assert_eq!(part.couplings.as_deref().map(<[_]>::len), Some(4));
    for device in
        [target, device, heron, placed, part, example(), Device::new("bare"), Device::from_name("falcon").expect("a machine")]
    {
        let text = toml::to_string(&device).expect("a table");
        assert_eq!(read(&text).expect("the same"), device, "{text}");
    }
    for (wrong, said) in [
        ("name = \"x\"\nmachine = \"herron\"\n", "herron"),
        ("name = \"x\"\ncouplings = [[0, 1]]\nerrors = [0.1, 0.2]\n", "2 for 1 couplings"),
        ("name = \"x\"\n[two_qubit]\ntme_ns = 4.0\n", "line 3"),
        ("name = \"x\"\ngates = [\"cy9\"]\n", "line 2"),
        ("gates = [\"cz\"]\n", "name"),
    ] {
        let message = read(wrong).expect_err(wrong).to_string();
        assert!(message.contains(said), "{message}");
    }
}

/// What no device has is refused when its file is read, before any size is taken from it.
#[test]
fn impossible_files_are_refused_when_read() {
    for (text, part) in [
        ("num_qubits = 1000000000", "at most 1000000"),
        ("num_qubits = 9223372036854775807", "at most 1000000"),
        ("num_qubits = 3\ncouplings = [[0, 1, 2]]", "a pair of qubits"),
        ("num_qubits = 3\ncouplings = [[0]]", "a pair of qubits"),
        ("num_qubits = 3\ncouplings = [[0, 3]]", "between two of the 3 qubits"),
        ("num_qubits = 3\nfaulty = [3]", "one of the qubits"),
        ("qubit = { readout_ns = -1.0 }", "nanoseconds"),
        ("qubit = { readout_ns = inf }", "nanoseconds"),
        ("one_qubit = { time_ns = nan }", "nanoseconds"),
        ("two_qubit = { time_ns = -inf }", "nanoseconds"),
        ("gate = [{ qubits = [0, 1], time_ns = -3.0 }]", "nanoseconds"),
        ("num_qubits = 2\ngate = [{ qubits = [0, 7] }]", "qubits of the device"),
    ] {
        let message = toml::from_str::<Device>(&format!("name = \"mine\"\n{text}")).expect_err(text).to_string();
        assert!(message.contains(part), "{text}: {message}");
    }
    let message = toml::from_str::<Device>("name = \"a\\u0007b\"").expect_err("a bell").to_string();
    assert!(message.contains("control characters") && !message.contains('\u{7}'), "{message:?}");
    // a machine whose largest size is possible takes no memory for it
    let device: Device = toml::from_str("name = \"wide\"\nnum_qubits = 1000000").expect("a size");
    assert!(device.noise(3).is_ok());
    assert!(crate::compile(&qloom_circuits::library::ghz(3), &device, &crate::CompileOptions::default()).is_err());
}

/// Gates, measurements and what stands under a condition, on one qubit too; a barrier is no gate.
#[test]
fn qubits_that_are_not_there_take_nothing() {
    let device: Device = toml::from_str("name = \"pair\"\nnum_qubits = 2").expect("a size");
    assert!(device.check(Circuit::new(3).h(0).barrier(&[0, 1, 2]).cx(0, 1)).is_ok());
    let mut measured = Circuit::new(3);
    measured.add_bits("c", 1);
    measured.measure(2, 0);
    for circuit in [Circuit::new(3).h(0).h(2), Circuit::new(3).h(0).cx(1, 2), &mut measured] {
        let message = device.check(circuit).expect_err("the third qubit").to_string();
        assert!(message.contains("fewer qubits") && message.contains('2'), "{message}");
    }
}

#[test]
fn qubits_out_of_order_take_no_gate() {
    let device = Device { faulty: vec![1], ..example() };
    let message = device.check(Circuit::new(3).h(0).h(1)).expect_err("a faulty qubit").to_string();
    assert!(message.contains("operation 2") && message.contains("out of order"), "{message}");
    assert!(device.check(Circuit::new(3).h(0).cx(0, 2)).is_ok());
    let compiled =
        crate::compile(&qloom_circuits::library::ghz(2), &device, &crate::CompileOptions::default()).expect("two are left");
    assert_eq!(compiled.initial_layout, [0, 2]);
}
