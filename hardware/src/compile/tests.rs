use super::*;
use crate::PlacedGate;
use proptest::prelude::*;
use qloom_circuits::Angle;
use qloom_circuits::Gate;
use qloom_circuits::Operation;
use qloom_circuits::library;

/// `compiled` on physical qubits against `circuit` on its own, qubits that are not in use at zero.
fn check(circuit: &Circuit, compiled: &Compiled, device: &Device, parameters: &[f64]) {
    let machine = compiled.circuit.num_qubits();
    let expected = circuit.unitary(parameters).expect("gates");
    let found = compiled.circuit.unitary(parameters).expect("gates");
    let spread = |index: usize, layout: &[usize]| -> usize {
        layout.iter().enumerate().map(|(qubit, &physical)| (index >> qubit & 1) << physical).sum()
    };
    for column in 0..expected.dimension() {
        let from = spread(column, &compiled.initial_layout);
        let mut rest = 1.0;
        for row in 0..expected.dimension() {
            let entry = found[(spread(row, &compiled.final_layout), from)];
            rest -= entry.norm_sqr();
            assert!((entry - expected[(row, column)]).norm() < 1e-8, "{}: {row} {column}", device.name);
        }
        assert!(rest.abs() < 1e-8, "{} on {machine} qubits leaks {rest}", device.name);
    }
    let native = |operation: &Operation| match operation {
        Operation::Gate { gate, .. } => device.gates.as_ref().is_none_or(|gates| gates.contains(gate)),
        other => matches!(other, Operation::GlobalPhase(_)),
    };
    assert!(compiled.circuit.operations().iter().all(native), "{} has other gates", device.name);
    if let Some(couplings) = &device.couplings {
        for operation in compiled.circuit.operations() {
            if let [a, b] = *operation.qubits().as_slice() {
                assert!(couplings.contains(&[a, b]) || couplings.contains(&[b, a]), "{a} and {b} are not coupled");
            }
        }
    }
}

#[test]
fn compiled_circuits_do_the_same() {
    let mut directed = Device::from_name("ring-5").expect("a machine");
    directed.gates = Some(vec![Gate::Rz, Gate::Sx, Gate::Ecr]);
    let mut general = Device::from_name("line-6").expect("a machine");
    general.gates = Some(vec![Gate::U, Gate::Cx]);
    let named =
        ["line-6", "grid-2x3", "trapped-ion", "ionq", "all-to-all"].map(|name| Device::from_name(name).expect("a machine"));
    let exchanging = [Gate::Iswap, Gate::SqrtIswap].map(|gate| {
        let mut device = Device::from_name("ring-5").expect("a machine");
        device.gates = Some(vec![Gate::Rz, Gate::Sx, gate]);
        device
    });
    for device in named.iter().chain([&directed, &general]).chain(&exchanging) {
        for seed in 0..6 {
            for level in 0..=3 {
                let circuit = library::random(2 + seed as usize % 4, 14, &mut qloom_circuits::Stream::named(seed, "circuit"));
                let options = CompileOptions { level, seed };
                let compiled = compile(&circuit, device, &options).expect("a sound device");
                check(&circuit, &compiled, device, &[]);
                assert_eq!(compile(&circuit, device, &options).expect("the same"), compiled);
            }
        }
    }
}

#[test]
fn free_parameters_stay_free() {
    let mut circuit = library::hardware_efficient(3, 1);
    let free = Angle::free(0);
    circuit.rzz(free.scaled(2.0), 0, 2).cp(free, 1, 2).crx(free.shifted(0.3), 0, 1).u3(free, 0.2, free, 1).cry(free, 2, 0);
    let parameters: Vec<f64> = (0..circuit.num_parameters()).map(|k| 0.2 + 0.31 * k as f64).collect();
    for name in ["line-3", "trapped-ion", "ionq"] {
        let device = Device::from_name(name).expect("a machine");
        let compiled = compile(&circuit, &device, &CompileOptions::default()).expect("a sound device");
        check(&circuit, &compiled, &device, &parameters);
    }
}

/// Rotations next to each other are one, free or not, and parameters keep their names.
#[test]
fn rotations_by_free_angles_are_joined() {
    let mut circuit = Circuit::new(2);
    let theta = Angle::free(circuit.add_parameter("theta"));
    circuit
        .rz(std::f64::consts::FRAC_PI_2, 0)
        .rz(theta, 0)
        .s(0)
        .rz(theta.scaled(-3.0), 0)
        .cx(0, 1)
        .rz(theta, 1)
        .rz(theta.scaled(-1.0), 1);
    for level in 0..4 {
        for name in ["line-2", "trapped-ion"] {
            let device = Device::from_name(name).expect("a machine");
            let compiled = compile(&circuit, &device, &CompileOptions { level, seed: 0 }).expect("a sound device");
            assert_eq!(compiled.circuit.given_name(0), Some("theta"));
            let free = |operation: &&Operation| operation.angles().iter().any(|angle| angle.parameter().is_some());
            assert_eq!(compiled.circuit.operations().iter().filter(free).count(), 1, "{name}, level {level}");
            check(&circuit, &compiled, &device, &[0.7]);
        }
    }
    let mut first = Circuit::new(1);
    first.rz(std::f64::consts::FRAC_PI_2, 0).rz(Angle::free(0), 0);
    let device = Device::from_name("line-1").expect("a machine");
    let compiled = compile(&first, &device, &CompileOptions::default()).expect("a sound device").circuit;
    assert_eq!(compiled.operations().len(), 1, "{:?}", compiled.operations());
}

#[test]
fn known_circuits_need_few_gates() {
    let count = |circuit: &Circuit, name: &str, level| {
        let device = Device::from_name(name).expect("a machine");
        compile(circuit, &device, &CompileOptions { level, seed: 1 }).expect("a sound device").circuit.two_qubit_gates()
    };
    let mut circuit = Circuit::new(3);
    circuit.cx(0, 1).cx(0, 2).rz(0.3, 0).cx(0, 1).cx(0, 2);
    assert_eq!(count(&circuit, "all-to-all", 2), 0);
    let mut circuit = Circuit::new(3);
    circuit.ccx(0, 1, 2);
    assert_eq!(count(&circuit, "all-to-all", 2), 6);
    let mut circuit = Circuit::new(2);
    circuit.swap(0, 1).cx(0, 1).rzz(0.4, 0, 1).h(1).cz(0, 1);
    assert!(count(&circuit, "all-to-all", 1) <= 3);
    assert_eq!(count(&library::ghz(12), "heron", 1), 11);
    let mut circuit = Circuit::new(2);
    circuit.rxx(0.4, 0, 1);
    assert_eq!(count(&circuit, "trapped-ion", 1), 1);
}

/// Clifford gates among others are made anew on three coupled qubits, and the whole stays what it was.
#[test]
fn clifford_circuits_need_fewer_gates() {
    let device = Device::from_name("line-4").expect("a machine");
    let mut fewer = 0;
    for seed in 0..10 {
        let mut numbers = qloom_circuits::Stream::named(seed, "clifford");
        let mut circuit = Circuit::new(4);
        for step in 0..30 {
            let qubit = numbers.below(3);
            match numbers.below(4) {
                0 => circuit.cx(qubit, qubit + 1),
                1 => circuit.cx(qubit + 1, qubit),
                2 => circuit.h(qubit).s(qubit),
                _ if step == 15 => circuit.t(qubit),
                _ => circuit.sx(qubit + 1),
            };
        }
        let [before, after] = [1, 3].map(|level| {
            let compiled = compile(&circuit, &device, &CompileOptions { level, seed }).expect("a sound device");
            check(&circuit, &compiled, &device, &[]);
            compiled.circuit.two_qubit_gates()
        });
        assert!(after <= before, "seed {seed}: {after} of {before}");
        fewer += usize::from(after < before);
    }
    assert!(fewer > 5, "{fewer}");
}

/// Gates that exchange excitations stay one each where they are native, and make a cx by two; a swap beside a cz is one iswap.
#[test]
fn exchanges_need_few_gates() {
    let mut native = Circuit::new(4);
    native.iswap(0, 1).h(1).iswap(1, 2).t(2).iswap(2, 3).h(3).iswap(2, 3);
    let mut swapped = Circuit::new(3);
    swapped.h(0).cz(0, 1).swap(0, 1).h(1).cz(1, 2).swap(1, 2);
    let mut roots = Circuit::new(3);
    roots.sqrt_iswap(0, 1).h(1).sqrt_iswap(1, 2).t(2).sqrt_iswap(1, 2);
    for (circuit, gate, most) in [
        (&native, Gate::Iswap, 4),
        (&swapped, Gate::Iswap, 2),
        (&roots, Gate::SqrtIswap, 3),
        (&library::ghz(4), Gate::Iswap, 6),
        (&library::ghz(4), Gate::SqrtIswap, 6),
    ] {
        let mut device = Device::from_name("line-4").expect("a machine");
        device.gates = Some(vec![Gate::Rz, Gate::Sx, gate]);
        for level in 1..=3 {
            let compiled = compile(circuit, &device, &CompileOptions { level, seed: 1 }).expect("a sound device");
            assert!(compiled.circuit.two_qubit_gates() <= most, "{gate:?} at level {level}: {:?}", compiled.circuit.metrics());
            check(circuit, &compiled, &device, &[]);
        }
    }
}

#[test]
fn noise_draws_the_layout() {
    let mut device = Device::from_name("line-6").expect("a machine");
    let error = |k: usize| Some(if k == 3 { 0.001 } else { 0.05 });
    device.gate = (0..5).map(|k| PlacedGate { qubits: vec![k, k + 1], error: error(k), ..PlacedGate::default() }).collect();
    let compiled = compile(&library::ghz(2), &device, &CompileOptions::default()).expect("a sound device");
    let mut used = compiled.initial_layout.clone();
    used.sort_unstable();
    assert_eq!(used, [3, 4]);
}

#[test]
fn bad_devices_and_circuits_are_refused() {
    let options = CompileOptions::default();
    let device = Device::from_name("line-2").expect("a machine");
    assert!(matches!(compile(&library::ghz(3), &device, &options), Err(HardwareError::TooManyQubits { limit: 2, .. })));
    let mut apart = Device::from_name("line-4").expect("a machine");
    apart.couplings = Some(vec![[0, 1], [2, 3]]);
    let message = compile(&library::ghz(3), &apart, &options).expect_err("a part of three").to_string();
    assert!(message.contains("islands of 2, 2 coupled qubits") && message.contains("parts of 3 qubits"), "{message}");
    let mut fives = Circuit::new(2);
    fives.cx(0, 1);
    apart.faulty = vec![0, 3];
    assert!(matches!(compile(&fives, &apart, &options), Err(HardwareError::NotConnected { .. })));
    assert!(matches!(compile(&library::ghz(3), &apart, &options), Err(HardwareError::TooManyQubits { limit: 2, .. })));
    apart.faulty.clear();
    apart.num_qubits = Some(1 << 60);
    assert!(matches!(compile(&fives, &apart, &options), Err(HardwareError::OutOfRange { .. })));
    apart.num_qubits = Some(4);
    apart.couplings = Some(vec![[0, 9]]);
    assert!(matches!(compile(&library::ghz(2), &apart, &options), Err(HardwareError::BadCoupling { .. })));
    apart.couplings = None;
    apart.gates = Some(vec![Gate::Rz]);
    assert!(matches!(compile(&library::ghz(2), &apart, &options), Err(HardwareError::Incomplete { .. })));
}

#[test]
fn measurements_and_conditions_are_routed() {
    let text = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[4]; creg c[2]; creg d[1]; h q[0]; cx q[0], q[3]; measure q[3] -> d[0];\
        if (d == 1) cx q[0], q[2]; cx q[1], q[3]; measure q[0] -> c[0]; measure q[2] -> c[1];";
    let circuit = qloom_circuits::qasm::read(text).expect("a program");
    let device = Device::from_name("line-5").expect("a machine");
    let compiled = compile(&circuit, &device, &CompileOptions::default()).expect("a sound device");
    let measures = compiled.circuit.operations().iter().filter(|operation| matches!(operation, Operation::Measure { .. }));
    assert_eq!(measures.count(), 3);
    let couplings = device.couplings.expect("a map");
    for operation in compiled.circuit.operations() {
        if let [a, b] = *operation.qubits().as_slice() {
            assert!(couplings.contains(&[a, b]) || couplings.contains(&[b, a]));
        }
    }
}

/// Of two gates on one pair, each block takes the one that makes it with the smaller error; a pair with one takes that.
#[test]
fn each_pair_takes_its_best_gate() {
    let mut device = Device::from_name("line-3").expect("a machine");
    device.gates = Some(vec![Gate::Rz, Gate::Sx, Gate::X, Gate::Cz, Gate::Rzz]);
    let placed = |gate, qubits: [usize; 2], error| PlacedGate {
        gates: vec![gate],
        qubits: qubits.to_vec(),
        error: Some(error),
        ..PlacedGate::default()
    };
    device.gate = vec![placed(Gate::Cz, [0, 1], 0.002), placed(Gate::Rzz, [0, 1], 0.003), placed(Gate::Cz, [1, 2], 0.9)];
    let gates = |angle: f64| {
        let mut circuit = Circuit::new(2);
        circuit.rzz(angle, 0, 1);
        let compiled = compile(&circuit, &device, &CompileOptions::default()).expect("a sound device");
        check(&circuit, &compiled, &device, &[]);
        let two = compiled.circuit.operations().iter().filter(|operation| operation.qubits().len() == 2);
        two.map(|operation| if let Operation::Gate { gate, .. } = operation { gate.name() } else { "" }).collect::<Vec<_>>()
    };
    assert_eq!(gates(std::f64::consts::FRAC_PI_2), ["cz"], "one cz is better than one rzz");
    assert_eq!(gates(0.3), ["rzz"], "one rzz is better than two cz");
    device.gate.truncate(1);
    device.gate[0] = placed(Gate::Rzz, [1, 2], 0.003);
    device.couplings = Some(vec![[1, 2]]);
    let mut circuit = Circuit::new(2);
    circuit.cx(0, 1);
    let compiled = compile(&circuit, &device, &CompileOptions::default()).expect("a sound device");
    assert!(compiled.circuit.operations().iter().all(|operation| !matches!(operation, Operation::Gate { gate: Gate::Cz, .. })));
    check(&circuit, &compiled, &device, &[]);
}

/// A gate that is placed on a pair in one order is used in this order, whatever the coupling says.
#[test]
fn gates_keep_the_order_they_are_placed_in() {
    let mut device = Device::from_name("line-2").expect("a machine");
    device.gates = Some(vec![Gate::Rz, Gate::Sx, Gate::X, Gate::Ecr]);
    device.gate = vec![PlacedGate { gates: vec![Gate::Ecr], qubits: vec![1, 0], error: Some(0.01), ..PlacedGate::default() }];
    let mut circuit = Circuit::new(2);
    circuit.cx(0, 1).ry(0.3, 1).cx(1, 0);
    let compiled = compile(&circuit, &device, &CompileOptions::default()).expect("a sound device");
    check(&circuit, &compiled, &device, &[]);
    for operation in compiled.circuit.operations().iter().filter(|operation| operation.qubits().len() == 2) {
        assert_eq!(operation.qubits()[..], [1, 0]);
    }
}

/// A device whose gates are not known is compiled for with the usual ones, and it is said.
#[test]
fn unknown_gates_are_assumed() {
    let compiled = compile(&library::ghz(2), &Device::new("mine"), &CompileOptions::default()).expect("a sound device");
    assert!(compiled.assumptions[0].contains("mine") && compiled.assumptions[0].contains("rz, sx, x, cx"));
    let known = Device::from_name("falcon").expect("a machine");
    assert!(compile(&library::ghz(2), &known, &CompileOptions::default()).expect("sound").assumptions.is_empty());
}

/// A connected map of up to seven qubits: a random tree and a few couplings more, each with an error, in random orders.
fn random_device() -> impl Strategy<Value = Device> {
    let edges = |n: usize| {
        let parents = (1..n).map(|k| (0..k).prop_map(move |parent| [parent, k])).collect::<Vec<_>>();
        let more = proptest::collection::vec((0..n, 0..n).prop_map(|(a, b)| [a, b]), 0..4);
        let names = Just((0..n).collect::<Vec<usize>>()).prop_shuffle();
        (parents, more, names, proptest::collection::vec(1e-4..0.2f64, n + 4), 0..4usize)
    };
    (2..8usize).prop_flat_map(move |n| (Just(n), edges(n))).prop_map(|(n, (tree, more, names, errors, kind))| {
        let mut couplings: Vec<[usize; 2]> = Vec::new();
        for [a, b] in tree.into_iter().chain(more) {
            let pair = [names[a], names[b]];
            if a != b && !couplings.contains(&pair) && !couplings.contains(&[pair[1], pair[0]]) {
                couplings.push(pair);
            }
        }
        let entangler = [Gate::Cz, Gate::Ecr, Gate::Cx, Gate::Rzz][kind];
        let gate = couplings.iter().zip(errors).map(|(pair, error)| PlacedGate {
            gates: vec![entangler],
            qubits: pair.to_vec(),
            error: Some(error),
            ..PlacedGate::default()
        });
        Device {
            gates: Some(vec![Gate::Rz, Gate::Sx, Gate::X, entangler]),
            num_qubits: Some(n),
            gate: gate.collect(),
            couplings: Some(couplings),
            ..Device::new("random")
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// On every connected map a compiled circuit does the same, up to its layouts, in native gates on coupled pairs in their order.
    #[test]
    fn routing_keeps_the_circuit(device in random_device(), seed in 0..1000u64, gates in 1..25usize, level in 0..4u8, fewer in 0..3usize) {
        let qubits = device.num_qubits.unwrap_or(2).saturating_sub(fewer).max(2);
        let circuit = library::random(qubits, gates, &mut qloom_circuits::Stream::named(seed, "circuit"));
        let compiled = compile(&circuit, &device, &CompileOptions { level, seed }).expect("a sound device");
        check(&circuit, &compiled, &device, &[]);
        let couplings = device.couplings.as_ref().expect("a map");
        for operation in compiled.circuit.operations() {
            if let [a, b] = *operation.qubits().as_slice() {
                prop_assert!(couplings.contains(&[a, b]), "{a} {b} is against the order");
            }
        }
    }

    /// On a machine of islands with qubits out of order, a circuit of several parts is compiled at every level, or refused where its
    /// parts fit no sharing of the islands.
    #[test]
    fn islands_take_the_parts_that_fit(
        whole in random_device(),
        cut in proptest::collection::vec(any::<bool>(), 12),
        dead in proptest::collection::vec(0..8usize, 0..3),
        sizes in proptest::collection::vec(1..4usize, 1..4),
        seed in 0..1000u64,
        level in 0..4u8,
    ) {
        let mut device = whole;
        let mut keep = cut.iter().cycle();
        device.couplings = device.couplings.map(|list| list.into_iter().filter(|_| *keep.next().expect("a cycle")).collect());
        let couplings = device.couplings.clone().expect("a map");
        device.gate.retain(|row| couplings.iter().any(|pair| pair[..] == row.qubits[..]));
        device.faulty = dead.into_iter().filter(|&qubit| Some(qubit) < device.num_qubits).collect();
        let n = device.num_qubits.expect("a size");
        let mut circuit = Circuit::new(sizes.iter().sum());
        let mut numbers = qloom_circuits::Stream::named(seed, "parts");
        let mut first = 0;
        for &size in &sizes {
            for _ in 0..3 * (size - 1) {
                let a = numbers.below(size);
                let b = (a + 1 + numbers.below(size - 1)) % size;
                circuit.ry(0.3, first + a).cx(first + a, first + b);
            }
            (1..size).for_each(|k| { circuit.cz(first, first + k); });
            first += size;
        }
        let islands = crate::connectivity::Connectivity::new(n, Some(&couplings), &device.faulty).expect("sound").islands;
        let room: Vec<usize> = islands.iter().map(Vec::len).collect();
        match compile(&circuit, &device, &CompileOptions { level, seed }) {
            Ok(compiled) => {
                check(&circuit, &compiled, &device, &[]);
                let used = |operation: &Operation| operation.qubits().iter().any(|qubit| device.faulty.contains(qubit));
                prop_assert!(!compiled.circuit.operations().iter().any(used));
                prop_assert!(compiled.initial_layout.iter().all(|qubit| !device.faulty.contains(qubit)));
            }
            // joined parts may turn out to need no gate at all, so more is compiled than fits by the gates of the source
            Err(error) => prop_assert!(!packs(&sizes, &room), "{} on {:?}: {}", sizes.len(), room, error),
        }
    }
}

/// Whether parts of these sizes fit into rooms, by trying every way.
fn packs(sizes: &[usize], room: &[usize]) -> bool {
    let Some((first, rest)) = sizes.split_first() else { return true };
    (0..room.len()).filter(|&k| room[k] >= *first).any(|k| {
        let mut left = room.to_vec();
        left[k] -= first;
        packs(rest, &left)
    })
}

/// The reported machine: a star with a dead qubit, at every level and with several seeds.
#[test]
fn a_star_beside_a_dead_qubit_is_compiled_for() {
    let device: Device = toml::from_str(include_str!("../../../data/faults/small_island.toml")).expect("a device");
    let circuit = qloom_circuits::qasm::read(include_str!("../../../data/faults/small_island.qasm")).expect("a program");
    for (level, seed) in (0..4).flat_map(|level| (0..20).map(move |seed| (level, seed))) {
        let compiled = compile(&circuit, &device, &CompileOptions { level, seed }).expect("it fits the star");
        assert!(device.check(&compiled.circuit).is_ok() && !compiled.initial_layout.contains(&1), "level {level}, seed {seed}");
    }
}
