//! What is refused says which value, which limit and what to do, and leaves nothing half done.

use num_complex::Complex64;
use qloom_circuits::{Angle, Channel, Circuit, Condition, Conditional, Gate, Matrix, Operation, PauliString, PauliSum, Stream};
use qloom_sim::{
    Batch, BatchParameters, Energy, Executable, InstructionSet, NoisyEnergy, Observable, PauliProgram, PauliVector, Program,
    SimError, SimulatorConfig, StateVector, Subspace, Workspace, low_states, unitary,
};

fn config() -> SimulatorConfig {
    SimulatorConfig { threads: 1, ..SimulatorConfig::default() }
}

fn state(n: usize) -> StateVector<f64> {
    StateVector::zero(n, config()).expect("small")
}

/// One free angle on one of two qubits.
fn turned() -> Circuit {
    let mut circuit = Circuit::new(2);
    circuit.ry(Angle::free(0), 0).cx(0, 1);
    circuit
}

fn with(operation: Operation) -> Circuit {
    let mut circuit = Circuit::new(2);
    circuit.add_bits("c", 1);
    circuit.h(0).push(operation).expect("it fits");
    circuit
}

fn conditional() -> Operation {
    let condition = Condition { bits: vec![0], value: 1 };
    let then = vec![Operation::gate(Gate::X, &[], &[0])];
    Operation::Conditional(Box::new(Conditional { condition, then, otherwise: vec![] }))
}

/// Messages and what they must name, one call for each kind of mistake.
#[test]
fn every_refusal_names_value_limit_and_remedy() {
    let z4 = Observable::new(&PauliSum::z(3, 4));
    let program = Program::new(&turned()).expect("gates");
    let apply = |n: usize, parameters: &[f64]| state(n).apply(&program, parameters, &mut Workspace::default()).err();
    let half = Complex64::from(0.5f64.sqrt());
    let channel = Channel::amplitude_damping(0.1).expect("physical");
    let unsupported = [
        (Operation::Measure { qubit: 0, bit: 0 }, "a measurement"),
        (Operation::Reset { qubit: 0 }, "a reset"),
        (Operation::Channel { channel, qubits: [0].into_iter().collect() }, "a noise channel"),
        (conditional(), "a condition on measured bits"),
    ];
    let mut wrong: Vec<(SimError, Vec<&str>)> = Vec::new();
    let mut expect = |error: Option<SimError>, parts: &[&'static str]| wrong.push((error.expect("a mistake"), parts.to_vec()));
    for (operation, name) in unsupported {
        expect(Program::new(&with(operation)).err(), &["a program of a state vector", name, "execute the circuit"]);
    }
    expect(PauliProgram::new(&with(conditional())).err(), &["condition", "cannot do"]);
    let small = SimulatorConfig { memory_limit: 1 << 20, ..config() };
    expect(StateVector::<f64>::zero(17, small).err(), &["17 qubits", "2097152 bytes", "1048576", "single precision"]);
    expect(PauliVector::zero(9, small).err(), &["9 qubits", "2097152 bytes", "1048576"]);
    expect(StateVector::<f32>::zero(49, config()).err(), &["49 qubits", "48", "a state vector"]);
    expect(Program::new(&Circuit::new(50)).err(), &["50 qubits", "48", "a program"]);
    expect(unitary(&Circuit::new(13), config()).err(), &["13 qubits", "12", "a unitary"]);
    expect(state(13).reduced(&(0..13).collect::<Vec<_>>()).err(), &["13 qubits", "12", "a reduced density matrix"]);
    expect(Subspace::new(27, |_| true).err(), &["27 qubits", "26", "a subspace"]);
    expect(Subspace::new(3, |_| false).err(), &["dimension of a subspace", "0", "at least 1"]);
    expect(apply(3, &[0.1]), &["qubits of the program", "2 where 3"]);
    expect(apply(2, &[]), &["parameter values", "0 where 1"]);
    expect(apply(2, &[f64::INFINITY]), &["a parameter", "inf", "finite"]);
    expect(state(3).expectation(&z4).err(), &["qubits of an observable", "4 where 3"]);
    expect(state(3).probabilities(&[0, 3]).err(), &["qubit 3", "3 qubits"]);
    expect(state(3).probabilities(&[2, 2]).err(), &["qubit 2", "twice"]);
    expect(state(3).project(1, true).err(), &["norm", "0", "norm 1"]);
    expect(StateVector::from_amplitudes(&[half; 3], config()).err(), &["amplitudes", "3 where 4"]);
    expect(StateVector::from_amplitudes(&[half; 4], config()).err(), &["1.41421", "norm 1"]);
    expect(StateVector::from_amplitudes(&[Complex64::from(f64::NAN); 2], config()).err(), &["NaN"]);
    expect(InstructionSet::from_name("mmx").err(), &["\"mmx\"", "available are scalar"]);
    expect(Executable::<StateVector<f64>>::new(&turned()).err(), &["free parameters", "1 where 0"]);
    let executable = Executable::<StateVector<f64>>::new(&with(Operation::Reset { qubit: 0 })).expect("supported");
    expect(executable.counts(0, config(), &mut Stream::named(1, "shots")).err(), &["number of shots", "0", "from 1 to 2^53"]);
    expect(executable.branches(1, &[], config()).err(), &["more than 1", "draw shots"]);
    let mut skew = Matrix::identity(1).scaled(0.5.into());
    skew[(0, 1)] = Complex64::new(0.25, 0.0);
    expect(PauliVector::from_density_matrix(&skew, config()).err(), &["2.5e-1", "Hermitian"]);
    for (error, parts) in wrong {
        let message = error.to_string();
        assert!(parts.iter().all(|part| message.contains(part)), "{message}: {parts:?}");
    }
}

/// Energies and batches: sizes, and numbers that are not finite.
#[test]
fn energies_and_batches_check_what_they_are_given() {
    let sum = PauliSum::z(1, 2);
    let mut energy = Energy::new(&turned(), &sum).expect("it fits");
    let before = energy.value(&[0.3]).expect("one angle");
    for (error, parts) in [
        (energy.value(&[0.3, 0.4]).err(), ["2 where 1", "parameter"]),
        (energy.value(&[f64::NAN]).err(), ["NaN", "finite"]),
        (energy.value_and_gradient(&[0.3], &mut []).err(), ["0 where 1", "gradient"]),
        (energy.set_initial_state(state(3)).err(), ["3 where 2", "state"]),
        (Energy::new(&turned(), &PauliSum::z(2, 3)).err(), ["3 where 2", "observable"]),
        (Energy::new(&with(Operation::Reset { qubit: 0 }), &sum).err(), ["a reset", "execute"]),
        (NoisyEnergy::new(&turned(), &PauliSum::z(2, 3)).err(), ["3 where 2", "observable"]),
        (NoisyEnergy::new(&with(conditional()), &sum).err(), ["condition", "cannot"]),
    ] {
        let message = error.expect("a mistake").to_string();
        assert!(parts.iter().all(|part| message.contains(part)), "{message}: {parts:?}");
    }
    assert_eq!(energy.value(&[0.3]), Ok(before), "what was refused changed nothing");
    assert!((before - 0.3f64.cos()).abs() < 1e-15);
    let mut batch = Batch::<f64>::new(&turned(), &[sum], config()).expect("it fits");
    let mut values = [0.0; 2];
    for (error, parts) in [
        (batch.values(BatchParameters::rows(&[0.1]), &mut values).err(), ["1 where 2", "parameter values"]),
        (batch.values(BatchParameters::rows(&[]), &mut []).err(), ["number of rows", "at least 1"]),
        (batch.values(BatchParameters { shared: &[0.1, 0.2], rows: &[] }, &mut values).err(), ["2 where 1", "shared"]),
        (batch.values(BatchParameters::rows(&[0.1, f64::NAN]), &mut values).err(), ["NaN", "a parameter"]),
        (batch.set_inputs(Some(vec![state(3)])).err(), ["3 where 2", "state"]),
    ] {
        let message = error.expect("a mistake").to_string();
        assert!(parts.iter().all(|part| message.contains(part)), "{message}: {parts:?}");
    }
    batch.values(BatchParameters::rows(&[0.1, 0.2]), &mut values).expect("two rows");
    assert!((values[1] - 0.2f64.cos()).abs() < 1e-15);
}

/// A program that was refused is empty, and serves the next circuit.
#[test]
fn programs_can_be_rebuilt_after_a_refusal() {
    let mut program = Program::new(&turned()).expect("gates");
    program.rebuild(&with(Operation::Reset { qubit: 1 })).expect_err("a reset");
    assert_eq!((program.num_qubits(), program.num_parameters()), (0, 0));
    let mut pauli = PauliProgram::new(&turned()).expect("gates");
    pauli.rebuild(&with(conditional())).expect_err("a condition");
    assert_eq!((pauli.num_qubits(), pauli.num_parameters(), pauli.num_maps()), (0, 0, 0));
    program.rebuild(&turned()).expect("gates");
    pauli.rebuild(&turned()).expect("gates");
    let (mut vector, mut density) = (state(2), PauliVector::zero(2, config()).expect("small"));
    vector.run(&program, &[1.1]).expect("one angle");
    density.run(&pauli, &[1.1]).expect("one angle");
    for (a, b) in vector.expectation_z().iter().zip(density.expectation_z()) {
        assert!((a - 1.1f64.cos()).abs() < 1e-14 && (a - b).abs() < 1e-14);
    }
    let string = PauliString::from_word("ZZ").expect("letters");
    assert!((vector.pauli(string).expect("inside") - 1.0).abs() < 1e-14);
}

/// A state of a subspace is of that subspace.
#[test]
fn states_of_subspaces_need_their_subspace() {
    let sum: PauliSum = "X0 X1 + Y0 Y1 + 0.5 Z0".parse().expect("a sum");
    let one = Subspace::new(2, |index| index.count_ones() == 1).expect("two states");
    let level = &low_states(&sum, 1, Some(&one)).expect("it converges")[0];
    assert!((level.energy + (4.0f64 + 0.25).sqrt()).abs() < 1e-10, "{}", level.energy);
    let other = Subspace::new(2, |index| index == 0).expect("one state");
    let message = level.state_vector(Some(&other)).expect_err("another dimension").to_string();
    assert!(message.contains("2 where 1 is needed") || message.contains("1 where 2 is needed"), "{message}");
    let whole = level.state_vector(Some(&one)).expect("its own");
    assert!(whole.amplitude(0).norm() + whole.amplitude(3).norm() < 1e-15);
    let mismatch = low_states(&PauliSum::z(0, 3), 1, Some(&one)).expect_err("three qubits");
    assert!(mismatch.to_string().contains('3'), "{mismatch}");
}
