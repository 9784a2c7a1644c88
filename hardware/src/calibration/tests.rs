use qloom_circuits::{Circuit, Operation};

use super::*;

const PROPERTIES: &str = r#"{ "backend_name": "made_up", "last_update_date": "2024-01-01",
    "qubits": [
        [{"name": "T1", "unit": "us", "value": 100.0}, {"name": "T2", "unit": "us", "value": 80.0},
         {"name": "prob_meas0_prep1", "unit": "", "value": 0.03}, {"name": "prob_meas1_prep0", "unit": "", "value": 0.01},
         {"name": "readout_length", "unit": "ns", "value": 3500}],
        [{"name": "T1", "unit": "us", "value": 50.0}, {"name": "T2", "unit": "us", "value": 130.0},
         {"name": "readout_error", "unit": "", "value": 0.02}],
        [{"name": "T1", "unit": "us", "value": 60.0}, {"name": "readout_error", "value": 0.05}]],
    "gates": [
        {"qubits": [0], "gate": "sx", "parameters": [{"name": "gate_error", "value": 3e-4}, {"name": "gate_length", "unit": "ns", "value": 40}]},
        {"qubits": [1], "gate": "sx", "parameters": [{"name": "gate_error", "value": 4e-4}, {"name": "gate_length", "unit": "ns", "value": 40}]},
        {"qubits": [2], "gate": "sx", "parameters": [{"name": "gate_error", "value": 5e-4}, {"name": "gate_length", "unit": "ns", "value": 40}]},
        {"qubits": [1, 0], "gate": "cx", "parameters": [{"name": "gate_error", "value": 0.01}, {"name": "gate_length", "unit": "ns", "value": 400}]},
        {"qubits": [0, 1], "gate": "cx", "parameters": [{"name": "gate_error", "value": 0.01}, {"name": "gate_length", "unit": "ns", "value": 440}]},
        {"qubits": [2, 1], "gate": "cx", "parameters": [{"name": "gate_error", "value": 1.0}]}] }"#;

/// The average fidelity of the channels behind a gate is what the calibration measured.
#[test]
fn the_noise_has_the_measured_error() {
    let device = Device::from_ibm_properties(PROPERTIES).expect("it is complete enough");
    assert_eq!(device.couplings, Some(vec![[0, 1]]));
    let model = device.noise(2).expect("possible figures");
    for (gate, error) in [(vec![0], 3e-4), (vec![1], 4e-4), (vec![0, 1], 0.01)] {
        let mut circuit = Circuit::new(2);
        match gate[..] {
            [q] => circuit.sx(q),
            _ => circuit.cx(1, 0),
        };
        assert!((made_error(&device, &circuit, &gate) - error).abs() < 1e-12, "{gate:?}");
    }
    assert_eq!(model.readout, [[0.01, 0.03], [0.02, 0.02]]);
    assert!(model.apply(Circuit::new(2).rz(0.1, 0)).expect("it fits").operations().len() == 1, "rz is free");
}

#[test]
fn gaps_are_filled_and_said() {
    let device = Device::from_ibm_properties(PROPERTIES).expect("it is complete enough");
    let said = device.assumptions.join("\n");
    for part in [
        "T2 of qubit 2 is missing",
        "T2 of qubit 1 is 130000.0 ns, above 2 T1",
        "cx on qubits 2 and 1 has error 1",
        "population",
        "native gates is not in the file; assumed to be rz, sx, x, cx",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert_eq!(device.qubit.as_ref().expect("qubits").t2_ns, [80_000.0, 100_000.0, 105_000.0]);
    assert!(device.check(Circuit::new(3).cx(1, 2)).is_err() && device.check(Circuit::new(3).cx(1, 0)).is_ok());
}

#[test]
fn tables_are_read_as_the_site_writes_them() {
    let table = "Qubit,T1 (us),T2 (us),Frequency (GHz),Readout assignment error ,Prob meas0 prep1 ,Prob meas1 prep0 ,\
        Readout length (ns),ID error ,√x (sx) error ,Pauli-X error ,CNOT error ,Gate time (ns)\n\
        0,100,80,5.0,0.02,0.03,0.01,3500,3e-4,3e-4,3e-4,0_1:0.01,0_1:400\n\
        1,50,60,5.1,0.02,0.02,0.02,3500,4e-4,4e-4,4e-4,1_0:0.01;1_2:0.02,1_0:440;1_2:500\n\
        2,60,,5.1,0.05,,,3500,5e-4,5e-4,5e-4,\"2_1:0.02\",2_1:480\n";
    let device = Device::from_ibm_csv("made_up", table).expect("it is a table");
    assert_eq!(device.num_qubits, Some(3));
    assert_eq!(device.couplings, Some(vec![[0, 1], [1, 2]]));
    let time = |qubits: &[usize]| device.gate_calibration(Gate::Cx, qubits).expect("data").time_ns;
    assert_eq!([time(&[0, 1]), time(&[1, 0]), time(&[1, 2]), time(&[2, 1])], [400.0, 440.0, 500.0, 480.0]);
    assert_eq!(device.gates, Some(vec![Gate::Rz, Gate::Sx, Gate::X, Gate::Cx]));
    assert!((time(&[0]) - 35.56).abs() < 0.01 && device.assumptions.iter().any(|line| line.contains("35.56 ns")));
    let wrong = table.replace("0_1:400", "0-1=400");
    let message = Device::from_ibm_csv("made_up", &wrong).expect_err("no pair").to_string();
    assert!(message.contains("line 2") && message.contains("gate time"), "{message}");
    assert!(Device::from_ibm_csv("x", "a,b\n1,2\n").is_err());
    assert!(Device::from_ibm_properties("{}").is_err());
    assert!(Device::from_ibm_properties(&PROPERTIES.replace("100.0", "-1.0")).is_err());
}

/// Whatever a file holds, reading it ends with a device or a message.
#[test]
fn damaged_calibrations_never_panic() {
    let mut stream = qloom_circuits::Stream::named(3, "damage");
    let letters = b"0123456789.-e\"{}[],:;_ \nnulx";
    let mut read = 0;
    for _ in 0..20_000 {
        let mut bytes = PROPERTIES.as_bytes().to_vec();
        for _ in 0..1 + stream.below(3) {
            let at = stream.below(bytes.len());
            bytes[at] = letters[stream.below(letters.len())];
        }
        let text = String::from_utf8_lossy(&bytes);
        if let Ok(device) = Device::from_ibm_properties(&text) {
            read += 1;
            let _ = device.noise(3).and_then(|_| device.idle_noise(3)).map_err(|error| error.to_string());
        }
        let _ = Device::from_ibm_csv("x", &text).map_err(|error| error.to_string());
    }
    assert!(read > 100, "most of the damage was in the structure: {read} read");
}

/// A device written as its own file is the same device.
#[test]
fn own_files_hold_everything() {
    let device = Device::from_ibm_properties(PROPERTIES).expect("it is complete enough");
    let text = toml::to_string(&device).expect("a table");
    assert_eq!(toml::from_str::<Device>(&text).expect("the same"), device);
}

/// Heron has two gates on each pair; each keeps its own duration and error, and noise, durations and compiler look at the one in use.
#[test]
fn two_gates_on_one_pair_are_kept_apart() {
    let gate = |name: &str, qubits: [usize; 2], error: f64, time: f64| {
        format!(
            r#"{{"qubits": {qubits:?}, "gate": "{name}", "parameters": [{{"name": "gate_error", "value": {error}}},
            {{"name": "gate_length", "unit": "ns", "value": {time}}}]}}"#
        )
    };
    let single = |name: &str, qubit: usize, error: f64| {
        format!(
            r#"{{"qubits": [{qubit}], "gate": "{name}", "parameters": [{{"name": "gate_error", "value": {error}}},
            {{"name": "gate_length", "unit": "ns", "value": 32}}]}}"#
        )
    };
    let qubit = r#"[{"name": "T1", "unit": "us", "value": 200}, {"name": "T2", "unit": "us", "value": 150},
        {"name": "readout_error", "value": 0.01}]"#;
    let gates = [
        gate("cz", [0, 1], 0.002, 68.0),
        gate("cz", [1, 0], 0.002, 68.0),
        gate("rzz", [0, 1], 0.005, 90.0),
        gate("cz", [1, 2], 0.004, 68.0),
        gate("rzz", [2, 1], 1.0, 90.0),
        single("rz", 0, 0.0),
        single("x", 0, 2e-4),
        single("sx", 0, 1e-4),
        single("sx", 1, 3e-4),
        single("sx", 2, 3e-4),
    ];
    let text = format!(r#"{{"backend_name": "small", "qubits": [{qubit}, {qubit}, {qubit}], "gates": [{}]}}"#, gates.join(", "));
    let device = Device::from_ibm_properties(&text).expect("it is complete");
    assert_eq!(device.gates, Some(vec![Gate::Cz, Gate::Rzz, Gate::Rz, Gate::X, Gate::Sx]));
    assert_eq!(device.couplings, Some(vec![[0, 1], [1, 2]]));
    for (gate, qubits, error, time) in [
        (Gate::Cz, vec![1, 0], 0.002, 68.0),
        (Gate::Rzz, vec![1, 0], 0.005, 90.0),
        (Gate::Rzz, vec![0, 1], 0.005, 90.0),
        (Gate::Cz, vec![2, 1], 0.004, 68.0),
        (Gate::Cx, vec![2, 1], 0.004, 68.0), // not native: what there is on the pair
        (Gate::X, vec![0], 2e-4, 32.0),
        (Gate::H, vec![0], 1e-4, 32.0), // made of sx
    ] {
        let found = device.gate_calibration(gate, &qubits).expect("data");
        assert_eq!((found.error, found.time_ns), (Some(error), time), "{gate:?} on {qubits:?}");
        let mut circuit = Circuit::new(3);
        let angles = vec![0.3.into(); gate.num_parameters()];
        circuit.push(Operation::gate(gate, &angles, &qubits)).expect("it fits");
        assert!((made_error(&device, &circuit, &qubits) - error).abs() < 1e-12, "{gate:?} on {qubits:?}");
    }
}

/// One minus the average fidelity of the channels behind the only gate of a circuit.
fn made_error(device: &Device, circuit: &Circuit, gate: &[usize]) -> f64 {
    let noisy = device.noise(3).expect("possible").apply(circuit).expect("it fits");
    let mut trace = 0.0;
    for pauli in 0..1usize << (2 * gate.len()) {
        let mut shrink = 1.0;
        for operation in noisy.operations() {
            let Operation::Channel { channel, qubits } = operation else { continue };
            let letter = |q: &usize| pauli >> (2 * gate.iter().position(|own| own == q).expect("its own")) & 3;
            let local: usize = qubits.iter().enumerate().map(|(k, q)| letter(q) << (2 * k)).sum();
            shrink *= channel.transfer()[local * (1 << (2 * qubits.len())) + local];
        }
        trace += shrink;
    }
    let d = f64::from(1u32 << gate.len());
    1.0 - (trace / d + 1.0) / (d + 1.0)
}

const CONFIGURATION: &str = r#"{ "backend_name": "made_up", "backend_version": "1.2", "n_qubits": 3,
    "basis_gates": ["cx", "id", "rz", "sx", "x", "if_else"], "coupling_map": [[1, 0], [2, 1]],
    "gates": [{"name": "sx", "parameters": [], "coupling_map": [[0], [1], [2]]},
              {"name": "cx", "parameters": [], "coupling_map": [[1, 0], [2, 1]]}, {"name": "reset", "parameters": null}] }"#;

/// A configuration gives gates and orders; calibration data go on top, and what they have broken is left out.
#[test]
fn a_configuration_is_calibrated_by_properties() {
    let device = Device::from_ibm_configuration(CONFIGURATION).expect("a configuration");
    assert_eq!(device.couplings, Some(vec![[1, 0], [2, 1]]));
    assert_eq!(device.gates, Some(vec![Gate::Cx, Gate::Id, Gate::Rz, Gate::Sx, Gate::X]));
    assert!(!device.is_calibrated() && device.assumptions[0].contains("if_else"));
    let data = Device::from_ibm_properties(PROPERTIES).expect("it is complete enough");
    let both = device.clone().calibrated_by(data.clone()).expect("the same machine");
    assert_eq!(both.couplings, Some(vec![[1, 0]]), "the other cx has error 1");
    assert_eq!(both.gate_error(Gate::Cx, &[1, 0]), Some(0.01));
    assert!(both.gate.iter().all(|row| row.qubits.len() == 1 || row.qubits == [1, 0]), "cx is native in one order");
    assert!(device.clone().calibrated_by(device.clone()).is_err(), "a configuration has no calibration data");
    let smaller = Device { num_qubits: Some(2), ..data };
    assert!(device.calibrated_by(smaller).expect_err("two qubits, not three").to_string().contains('3'));
    for (from, to) in [("[2, 1]", "[7, 1]"), ("\"n_qubits\": 3", "\"n_qubits\": 99999999999"), ("\"n_qubits\"", "\"qubits\"")] {
        assert!(Device::from_ibm_configuration(&CONFIGURATION.replace(from, to)).is_err(), "{to}");
    }
}

const BRAKET: &str = r#"{ "paradigm": { "qubitCount": 3, "nativeGateSet": ["rx", "rz", "cz", "strange"],
        "connectivity": {"fullyConnected": false, "connectivityGraph": {"0": ["1"], "1": ["0", "3"], "3": ["1"]}}},
    "standardized": {
        "oneQubitProperties": {
            "0": {"T1": {"value": 2e-5, "standardError": null, "unit": "S"}, "T2": {"value": 1e-5, "standardError": null, "unit": "S"},
                  "oneQubitFidelity": [{"fidelityType": {"name": "READOUT"}, "fidelity": 0.97},
                      {"fidelityType": {"name": "RANDOMIZED_BENCHMARKING"}, "fidelity": 0.999}]},
            "1": {"T1": {"value": 3e-5, "unit": "S"}, "T2": {"value": 2e-5, "unit": "S"},
                  "oneQubitFidelity": [{"fidelityType": {"name": "READOUT"}, "fidelity": 0.96},
                      {"fidelityType": {"name": "RANDOMIZED_BENCHMARKING"}, "fidelity": 0.998}]},
            "3": {"T1": {"value": 3e-5, "unit": "S"}, "T2": {"value": 2e-5, "unit": "S"},
                  "oneQubitFidelity": [{"fidelityType": {"name": "READOUT"}, "fidelity": 0.95},
                      {"fidelityType": {"name": "RANDOMIZED_BENCHMARKING"}, "fidelity": 0.997}]}},
        "twoQubitProperties": {"0-1": {"twoQubitGateFidelity": [{"gateName": "CZ", "fidelity": 0.98}]},
                               "1-3": {"twoQubitGateFidelity": [{"gateName": "CZ", "fidelity": 0.95}]}}}}"#;

#[test]
fn braket_properties_are_read() {
    let device = Device::from_braket_properties("rig", BRAKET).expect("device properties");
    assert_eq!((device.name.as_str(), device.num_qubits, &device.faulty[..]), ("rig", Some(4), &[2][..]));
    assert_eq!(device.couplings, Some(vec![[0, 1], [1, 3]]));
    assert!(device.gate_error(Gate::Cz, &[1, 3]).is_some_and(|error| (error - 0.05).abs() < 1e-12));
    assert!(device.assumptions.iter().any(|said| said.contains("strange")), "{:?}", device.assumptions);
    let mut circuit = Circuit::new(3);
    circuit.h(0).cx(0, 1).cx(1, 2);
    let compiled = crate::compile(&circuit, &device, &crate::CompileOptions::default()).expect("it fits").circuit;
    assert!(compiled.operations().iter().all(|operation| !operation.qubits().contains(&2)));
    assert!(device.check(&compiled).is_ok() && device.expected_error(&compiled).is_some_and(|error| error > 0.06));
    for (from, to) in [("\"0\": [\"1\"]", "\"x\": [\"1\"]"), ("0.98", "1.98"), ("0-1", "01"), ("\"S\"", "\"h\"")] {
        assert!(Device::from_braket_properties("rig", &BRAKET.replacen(from, to, 1)).is_err(), "{to}");
    }
}

/// A target of Qiskit: directions, times in seconds, what it does not know, and NaN as Python writes it.
#[test]
fn targets_are_read() {
    let text = r#"{"description": "made_up", "num_qubits": 3, "dt": 2.5e-10,
        "qubit_properties": [{"t1": 1e-4, "t2": 8e-5}, {"t1": 5e-5, "t2": NaN}, {"t1": 6e-5, "t2": 6e-5}],
        "instructions": {
            "ecr": [{"qargs": [1, 0], "duration": 4e-7, "error": 0.01}, {"qargs": [1, 2], "duration": 5e-7, "error": 0.02}],
            "sx": [{"qargs": [0], "duration": 3e-8, "error": 1e-4}, {"qargs": [1], "duration": 3e-8, "error": 2e-4},
                   {"qargs": [2], "duration": 3e-8, "error": 3e-4}],
            "rz": [{"qargs": [0], "duration": 0, "error": 0}, {"qargs": [1], "duration": 0, "error": 0},
                   {"qargs": [2], "duration": 0, "error": 0}],
            "measure": [{"qargs": [0], "duration": 1e-6, "error": 0.02}, {"qargs": [1], "duration": 1e-6, "error": 0.03},
                        {"qargs": [2], "duration": 1e-6, "error": null}],
            "if_else": [{"qargs": null, "duration": null, "error": null}]}}"#;
    let device = Device::from_qiskit_target("file", text).expect("a target");
    assert_eq!((device.name.as_str(), device.dt_ns, device.num_qubits), ("made_up", Some(0.25), Some(3)));
    assert_eq!(device.couplings, Some(vec![[1, 0], [1, 2]]));
    assert!(device.gate_error(Gate::Ecr, &[1, 2]).is_some_and(|error| (error - 0.02).abs() < 1e-12));
    let qubit = device.qubit.as_ref().expect("calibrated");
    assert!((qubit.t1_ns[0] - 1e5).abs() < 1e-6 && (qubit.readout_ns - 1e3).abs() < 1e-9, "{qubit:?}");
    assert_eq!(qubit.readout[..2], [[0.02, 0.02], [0.03, 0.03]]);
    assert!(["T2 of qubit 1", "if_else", "measure"].iter().all(|word| device.assumptions.join(" ").contains(word)));
    let mut circuit = Circuit::new(3);
    circuit.h(0).cx(0, 1).cx(1, 2);
    let compiled = crate::compile(&circuit, &device, &crate::CompileOptions::default()).expect("it fits").circuit;
    assert!(device.check(&compiled).is_ok() && device.expected_error(&compiled).is_some_and(|error| error > 0.03));
    // without errors, or with gates that act anywhere, it is a machine without calibration data
    let plain = Device::from_qiskit_target("file", &text.replace("\"t1\"", "\"t3\"")).expect("a target");
    assert!(!plain.is_calibrated() && plain.couplings == device.couplings);
    let ideal =
        r#"{"num_qubits": 4, "instructions": {"cx": [{"qargs": null}], "rz": [{"qargs": null}], "sx": [{"qargs": null}]}}"#;
    let ideal = Device::from_qiskit_target("file", ideal).expect("a target");
    assert_eq!((ideal.name.as_str(), ideal.couplings), ("file", None));
    for (from, to) in
        [("[1, 2]", "[1, 7]"), ("8e-5", "-8e-5"), ("2.5e-10", "0"), ("\"num_qubits\": 3", "\"num_qubits\": 9"), ("0.01", "-1")]
    {
        assert!(Device::from_qiskit_target("file", &text.replacen(from, to, 1)).is_err(), "{to}");
    }
}
