use super::*;
use qloom_circuits::Angle;
use qloom_circuits::Operation;
use qloom_circuits::library;

/// `compiled` on physical qubits against `circuit` on its own, qubits that are not in use at zero.
fn check(circuit: &Circuit, compiled: &Compiled, target: &Target, parameters: &[f64]) {
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
            assert!((entry - expected[(row, column)]).norm() < 1e-8, "{}: {row} {column}", target.name);
        }
        assert!(rest.abs() < 1e-8, "{} on {machine} qubits leaks {rest}", target.name);
    }
    let native = |operation: &Operation| match operation {
        Operation::Gate { gate, .. } => target.gates.contains(gate),
        other => matches!(other, Operation::GlobalPhase(_)),
    };
    assert!(compiled.circuit.operations().iter().all(native), "{} has other gates", target.name);
    if let Some(couplings) = &target.couplings {
        for operation in compiled.circuit.operations() {
            if let [a, b] = *operation.qubits().as_slice() {
                assert!(couplings.contains(&[a, b]) || couplings.contains(&[b, a]), "{a} and {b} are not coupled");
            }
        }
    }
}

#[test]
fn compiled_circuits_do_the_same() {
    let mut directed = Target::from_name("ring-5").expect("a target");
    directed.gates = vec![qloom_circuits::Gate::Rz, qloom_circuits::Gate::Sx, qloom_circuits::Gate::Ecr];
    let mut general = Target::from_name("line-6").expect("a target");
    general.gates = vec![qloom_circuits::Gate::U, qloom_circuits::Gate::Cx];
    let named =
        ["line-6", "grid-2x3", "trapped-ion", "ionq", "all-to-all"].map(|name| Target::from_name(name).expect("a target"));
    for target in named.iter().chain([&directed, &general]) {
        for seed in 0..6 {
            for level in 0..=3 {
                let circuit = library::random(2 + seed as usize % 4, 14, &mut qloom_circuits::Stream::named(seed, "circuit"));
                let options = CompileOptions { level, seed };
                let compiled = compile(&circuit, target, &options).expect("a sound target");
                check(&circuit, &compiled, target, &[]);
                assert_eq!(compile(&circuit, target, &options).expect("the same"), compiled);
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
        let target = Target::from_name(name).expect("a target");
        let compiled = compile(&circuit, &target, &CompileOptions::default()).expect("a sound target");
        check(&circuit, &compiled, &target, &parameters);
    }
}

#[test]
fn known_circuits_need_few_gates() {
    let count = |circuit: &Circuit, name: &str, level| {
        let target = Target::from_name(name).expect("a target");
        compile(circuit, &target, &CompileOptions { level, seed: 1 }).expect("a sound target").circuit.two_qubit_gates()
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

#[test]
fn machines_have_their_sizes() {
    for (name, qubits, couplings) in [("heron", 156, 176), ("eagle", 127, 144), ("falcon", 27, 28), ("grid-3x4", 12, 17)] {
        let target = Target::from_name(name).expect("a target");
        assert_eq!((target.num_qubits, target.couplings.expect("a map").len()), (Some(qubits), couplings), "{name}");
    }
    assert!(Target::from_name("eggle").expect_err("unknown").to_string().contains("heron"));
}

#[test]
fn noise_draws_the_layout() {
    let mut target = Target::from_name("line-6").expect("a target");
    target.errors = Some(vec![0.05, 0.05, 0.05, 0.001, 0.05]);
    let compiled = compile(&library::ghz(2), &target, &CompileOptions::default()).expect("a sound target");
    let mut used = compiled.initial_layout.clone();
    used.sort_unstable();
    assert_eq!(used, [3, 4]);
}

#[test]
fn bad_targets_and_circuits_are_refused() {
    let options = CompileOptions::default();
    let target = Target::from_name("line-2").expect("a target");
    assert!(matches!(compile(&library::ghz(3), &target, &options), Err(HardwareError::TooManyQubits { limit: 2, .. })));
    let mut apart = Target::from_name("line-4").expect("a target");
    apart.couplings = Some(vec![[0, 1], [2, 3]]);
    assert!(matches!(compile(&library::ghz(3), &apart, &options), Err(HardwareError::NotConnected { .. })));
    apart.couplings = Some(vec![[0, 9]]);
    assert!(matches!(compile(&library::ghz(2), &apart, &options), Err(HardwareError::BadCoupling { .. })));
    apart.couplings = None;
    apart.gates = vec![qloom_circuits::Gate::Rz];
    assert!(matches!(compile(&library::ghz(2), &apart, &options), Err(HardwareError::Incomplete { .. })));
}

#[test]
fn measurements_and_conditions_are_routed() {
    let text = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[4]; creg c[2]; creg d[1]; h q[0]; cx q[0], q[3]; measure q[3] -> d[0];\
        if (d == 1) cx q[0], q[2]; cx q[1], q[3]; measure q[0] -> c[0]; measure q[2] -> c[1];";
    let circuit = qloom_circuits::qasm::read(text).expect("a program");
    let target = Target::from_name("line-5").expect("a target");
    let compiled = compile(&circuit, &target, &CompileOptions::default()).expect("a sound target");
    let measures = compiled.circuit.operations().iter().filter(|operation| matches!(operation, Operation::Measure { .. }));
    assert_eq!(measures.count(), 3);
    let couplings = target.couplings.expect("a map");
    for operation in compiled.circuit.operations() {
        if let [a, b] = *operation.qubits().as_slice() {
            assert!(couplings.contains(&[a, b]) || couplings.contains(&[b, a]));
        }
    }
}
