//! What folding, errors and noise add up to, against counts and products made here.

use proptest::prelude::*;
use qloom_circuits::{Circuit, Gate, Operation};
use qloom_hardware::{Device, Folding, NoiseModel, UniformNoise, fold, insert_identities};

use super::draws::{calibrated, channels, circuit};

fn gates(circuit: &Circuit) -> Vec<Operation> {
    circuit.operations().iter().filter(|operation| !operation.qubits().is_empty()).cloned().collect()
}

/// How many gates are there once, thrice, and so on: the lengths of runs that do and undo one of the given gates in turn.
fn repeats(folded: &[Operation], plain: &[Operation]) -> Vec<usize> {
    let mut lengths = Vec::new();
    let mut at = 0;
    for operation in plain {
        let inverse: Vec<Operation> =
            operation.inverse().expect("a gate").into_iter().filter(|part| !part.qubits().is_empty()).collect();
        assert_eq!(&folded[at], operation, "the gate itself comes first");
        at += 1;
        let mut times = 1;
        while folded.len() > at + inverse.len()
            && folded[at..at + inverse.len()] == inverse[..]
            && &folded[at + inverse.len()] == operation
        {
            at += inverse.len() + 1;
            times += 2;
        }
        lengths.push(times);
    }
    assert_eq!(at, folded.len(), "nothing else is there");
    lengths
}

/// Gates of which no two neighbours undo each other, so that runs can be told apart.
fn plain(length: usize) -> Circuit {
    let mut circuit = Circuit::new(3);
    for step in 0..length {
        match step % 4 {
            0 => circuit.ry(0.1 + step as f64, step % 3),
            1 => circuit.cx(step % 3, (step + 1) % 3),
            2 => circuit.rz(0.2 + step as f64, step % 3),
            _ => circuit.cp(0.3 + step as f64, step % 3, (step + 2) % 3),
        };
    }
    circuit
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Each gate is there an odd number of times, as evenly as can be, and together as often as was asked for.
    #[test]
    fn folding_spreads_its_gates(length in 1usize..16, scale in 1.0..9.0f64, large in any::<bool>()) {
        let plain = plain(length);
        let folding = if large { Folding::LargeGates } else { Folding::Gates };
        let (folded, reached) = fold(&plain, scale, folding).expect("gates");
        let times = repeats(&gates(&folded), &gates(&plain));
        let chosen: Vec<usize> = times
            .iter()
            .zip(plain.operations())
            .filter(|(_, operation)| !large || operation.qubits().len() > 1)
            .map(|(times, _)| *times)
            .collect();
        for (times, operation) in times.iter().zip(plain.operations()) {
            prop_assert!(!large || operation.qubits().len() > 1 || *times == 1, "small gates stay");
        }
        if chosen.is_empty() {
            prop_assert_eq!((reached, folded.operations()), (1.0, plain.operations()));
            return Ok(());
        }
        let (least, most) = (chosen.iter().min().copied().unwrap_or(1), chosen.iter().max().copied().unwrap_or(1));
        prop_assert!(most - least <= 2, "{:?}", chosen);
        let mean = chosen.iter().sum::<usize>() as f64 / chosen.len() as f64;
        prop_assert!((mean - reached).abs() < 1e-12 && (reached - scale).abs() <= 1.0 / chosen.len() as f64 + 1e-12);
    }

    /// Noise after every gate: as many channels as gates, so that folded circuits have as many times more.
    #[test]
    fn folded_circuits_have_more_noise(length in 1usize..12, pairs in 0u32..5) {
        let noise: UniformNoise = "depolarizing1=0.01,depolarizing2=0.02".parse().expect("two words");
        let model: NoiseModel = noise.model(3, false).expect("possible");
        let plain = plain(length);
        let scale = f64::from(2 * pairs + 1);
        for folding in [Folding::Circuit, Folding::Gates] {
            let (folded, reached) = fold(&plain, scale, folding).expect("gates");
            prop_assert_eq!(reached, scale);
            let count = |circuit: &Circuit| channels(&model.apply(circuit).expect("it fits"));
            prop_assert_eq!(count(&folded), count(&plain) * (2 * pairs as usize + 1));
        }
        let longer = insert_identities(&plain, 2 * pairs + 1).expect("gates");
        prop_assert!(longer.unitary(&[]).expect("gates").distance(&plain.unitary(&[]).expect("gates")) < 1e-11);
    }

    /// The expected error is one less the product over gates and measurements of what does not go wrong.
    #[test]
    fn expected_errors_are_products(device in calibrated(4), circuit in circuit(4, 14), measured in 0usize..5) {
        let mut circuit = circuit;
        circuit.add_bits("c", 4);
        for qubit in 0..measured.min(4) {
            circuit.measure(qubit, qubit);
        }
        let data = device.qubit.as_ref().expect("calibrated");
        let mut right = 1.0;
        for operation in circuit.operations() {
            let qubits = operation.qubits();
            right *= 1.0 - match operation {
                Operation::Measure { qubit, .. } => data.readout[*qubit].iter().sum::<f64>() / 2.0,
                Operation::Gate { gate, .. } if qubits.len() <= 2 => {
                    let is_virtual = device.virtual_z
                        && qubits.len() == 1
                        && matches!(gate, Gate::Rz | Gate::Z | Gate::S | Gate::Sdg | Gate::T | Gate::Tdg | Gate::P | Gate::Id);
                    if is_virtual { 0.0 } else { device.gate_error(*gate, &qubits).unwrap_or(0.0) }
                }
                _ => 0.0,
            };
        }
        let known = |operation: &Operation| {
            // rows that turn about z under other names are left to the unit tests
            !matches!(operation, Operation::Gate { gate, .. } if device.virtual_z && gate.num_qubits() == 1
                && gate.matrix(&vec![0.37; gate.num_parameters()]).entries()[1].norm() < 1e-15
                && !matches!(gate, Gate::Rz | Gate::Z | Gate::S | Gate::Sdg | Gate::T | Gate::Tdg | Gate::P | Gate::Id))
        };
        prop_assume!(circuit.operations().iter().all(known));
        let found = device.expected_error(&circuit).expect("calibrated");
        prop_assert!((found - (1.0 - right)).abs() < 1e-12, "{} {}", found, 1.0 - right);
    }
}

/// Shapes by name: their pairs by rows and columns, their ends, and what no name is.
#[test]
fn shapes_have_the_pairs_of_their_names() {
    let pairs = |name: &str| -> Vec<[usize; 2]> {
        let mut list = Device::from_name(name).expect(name).couplings.expect("a map");
        list.iter_mut().for_each(|pair| pair.sort_unstable());
        list.sort_unstable();
        list
    };
    for (rows, columns) in [(1usize, 1usize), (1, 5), (4, 1), (2, 2), (3, 5)] {
        let mut expected = Vec::new();
        for a in 0..rows * columns {
            for b in a + 1..rows * columns {
                let (row, column) = ((a / columns).abs_diff(b / columns), (a % columns).abs_diff(b % columns));
                if row + column == 1 {
                    expected.push([a, b]);
                }
            }
        }
        assert_eq!(pairs(&format!("grid-{rows}x{columns}")), expected, "{rows} by {columns}");
    }
    for n in 3..9 {
        let ring = pairs(&format!("ring-{n}"));
        assert_eq!(ring.len(), n);
        assert!(ring.iter().all(|[a, b]| b - a == 1 || (*a, *b) == (0, n - 1)));
        assert_eq!(pairs(&format!("line-{n}")), (1..n).map(|k| [k - 1, k]).collect::<Vec<_>>());
    }
    for name in
        ["grid-0x3", "grid-3x", "grid-x3", "grid-3x4x5", "grid--1x2", "line-", "line-1.5", "ring-1", "Line-3", "torus-3x3"]
    {
        let message = Device::from_name(name).expect_err(name).to_string();
        assert!(message.contains(name), "{message}");
    }
    for name in ["heron", "eagle", "falcon"] {
        // one island, and cells of twelve qubits: as many independent rings as pairs exceed qubits by, and one
        let device = Device::from_name(name).expect(name);
        let (n, list) = (device.num_qubits.expect("a size"), pairs(name));
        let mut reached = vec![0];
        let mut next = 0;
        while let Some(&at) = reached.get(next) {
            next += 1;
            for pair in list.iter().filter(|pair| pair.contains(&at)) {
                let other = pair[0] + pair[1] - at;
                if !reached.contains(&other) {
                    reached.push(other);
                }
            }
        }
        assert_eq!(reached.len(), n, "{name}");
        assert_eq!(
            list.len() + 1 - n,
            match name {
                "heron" => 21,
                "eagle" => 18,
                _ => 2,
            },
            "{name}"
        );
        let mut once = list.clone();
        once.dedup();
        assert_eq!(once.len(), list.len(), "{name}");
    }
}
