//! Calibration data: reported files, and files drawn at random in both formats with gaps, broken gates and qubits out of order.

use proptest::prelude::*;
use qloom_circuits::{Circuit, Gate, library};
use qloom_hardware::{CompileOptions, Device, compile};

macro_rules! fault {
    ($name:literal) => {
        include_str!(concat!("../../../data/faults/", $name))
    };
}

fn said(device: &Device, part: &str) -> bool {
    device.assumptions.iter().any(|line| line.contains(part))
}

fn data(device: &Device, gate: Gate, qubits: &[usize]) -> (Option<f64>, f64) {
    let data = device.gate_calibration(gate, qubits).expect("calibrated");
    (data.error, data.time_ns)
}

/// The layout of 2026: read-out in microseconds, the length of one-qubit gates beside that of pairs, pairs by the other qubit alone.
#[test]
fn the_table_of_2026_is_read_in_every_spelling() {
    let table = fault!("heron2026.csv");
    let device = Device::from_ibm_csv("heron2026", table).expect("a table");
    assert_eq!((device.num_qubits, device.couplings.clone()), (Some(3), Some(vec![[0, 1], [1, 2]])));
    assert_eq!(device.qubit.as_ref().expect("calibrated").readout_ns, 2200.0);
    assert_eq!(data(&device, Gate::Cz, &[0, 1]), (Some(0.0014), 68.0));
    assert_eq!(data(&device, Gate::Cz, &[2, 1]), (Some(0.0019), 72.0));
    assert_eq!(data(&device, Gate::Rzz, &[1, 2]), (Some(0.003), 72.0));
    assert_eq!(data(&device, Gate::Sx, &[1]), (Some(0.00021), 32.0));
    let lines: Vec<&str> = table.lines().collect();
    let unsorted = [lines[0], lines[3], lines[1], lines[2]].join("\n");
    let labels = table.replace("\n\"", "\n\"Q");
    let micro = table.replace("(us)", "(\u{b5}s)");
    let greek = table.replace("(us)", "(\u{3bc}s)");
    let marked = format!("\u{feff}{table}");
    let nanoseconds = table.replace("Readout length (us)", "Readout length (ns)").replace("\"2.2\"", "\"2200\"");
    for (text, what) in
        [(unsorted, "unsorted"), (labels, "labels"), (micro, "micro"), (greek, "mu"), (marked, "mark"), (nanoseconds, "ns")]
    {
        assert_eq!(Device::from_ibm_csv("heron2026", &text), Ok(device.clone()), "{what}");
    }
    for (wrong, part) in [
        (table.replace("\"2\",\"260\"", "\"1\",\"260\""), "each once"),
        (table.replace("\"2\",\"260\"", "\"7\",\"260\""), "each once"),
        (table.replace("Readout length (us)", "Readout length (min)"), "with a unit"),
        (table.replace("\"Yes\"", "\"perhaps\""), "yes or no"),
        (table.replace("\"310\"", "\"-310\""), "at least 0"),
    ] {
        let message = Device::from_ibm_csv("x", &wrong).expect_err(part).to_string();
        assert!(message.contains(part) && message.contains("line"), "{message}");
    }
}

#[test]
fn an_entangler_that_is_switched_off_leaves_the_other() {
    let device = Device::from_ibm_properties(fault!("rzz_broken_ecr_fine.json")).expect("a file");
    assert_eq!(device.couplings, Some(vec![[0, 1], [1, 2]]));
    assert_eq!(data(&device, Gate::Ecr, &[0, 1]), (Some(0.008), 500.0));
    assert!(said(&device, "rzz on qubits 0 and 1 has error 1; left out"));
    let compiled = compile(&library::ghz(3), &device, &CompileOptions::default()).expect("it fits").circuit;
    assert_eq!((compiled.metrics().counts.get("ecr"), compiled.metrics().counts.get("rzz")), (Some(&2), None));
}

#[test]
fn qubits_out_of_order_are_left_out_and_named() {
    let middle = Device::from_ibm_properties(fault!("q_not_operational.json")).expect("a file");
    assert!(said(&middle, "qubit 1 is not operational; left out"));
    assert_eq!((middle.faulty.clone(), middle.couplings.clone(), middle.num_qubits), (vec![1], Some(vec![]), Some(3)));
    let last = Device::from_ibm_csv("eagle", fault!("eagle_disabled.csv")).expect("a table");
    assert!(said(&last, "qubit 2 is not operational; left out"));
    assert_eq!((last.faulty.clone(), last.couplings.clone()), (vec![2], Some(vec![[0, 1]])));
    let options = CompileOptions::default();
    assert_eq!(compile(&library::ghz(2), &last, &options).expect("it fits").circuit.two_qubit_gates(), 1);
    let message = compile(&library::ghz(2), &middle, &options).expect_err("two islands of one").to_string();
    assert!(message.contains("islands of 1, 1"), "{message}");
    let broken = Device::from_ibm_properties(fault!("sx_broken.json")).expect("a file");
    assert!(said(&broken, "sx on qubit 1 has error 1; the qubit is left out"));
    let alone = compile(Circuit::new(2).h(0).h(1), &broken, &options).expect("two qubits are left");
    assert!(!alone.initial_layout.contains(&1));
    assert!(broken.noise(3).is_ok());
}

#[test]
fn words_for_nothing_are_gaps() {
    let device = Device::from_ibm_properties(fault!("nan_t2.json")).expect("a file");
    assert!(said(&device, "T2 of qubit 1 is missing") && device.qubit.as_ref().expect("calibrated").t2_ns[1] == 150_000.0);
    let device = Device::from_ibm_csv("eagle", fault!("eagle_undefined.csv")).expect("a table");
    assert!(said(&device, "T2 of qubit 2 is missing") && device.qubit.as_ref().expect("calibrated").t2_ns[2] == 115_000.0);
    for gap in ["0", "-Infinity", "Infinity", "null", "\"undefined\"", "\"NaN\"", "\"\""] {
        let text = fault!("nan_t2.json").replace("NaN", gap);
        assert!(said(&Device::from_ibm_properties(&text).expect(gap), "T2 of qubit 1 is missing"), "{gap}");
    }
    for wrong in ["-1", "\"long\"", "[1]", "{}"] {
        let message = Device::from_ibm_properties(&fault!("nan_t2.json").replace("NaN", wrong)).expect_err(wrong).to_string();
        assert!(message.contains("qubit 1, T2") && message.contains("at least 0"), "{message}");
    }
}

#[test]
fn impossible_errors_are_named() {
    let text = fault!("rzz_broken_ecr_fine.json").replace("0.012", "0.9");
    let device = Device::from_ibm_properties(&text).expect("a file");
    assert!(said(&device, "ecr on qubits 1 and 2 has error 0.9, above the 0.75 of full depolarizing; left out"));
    assert_eq!(device.couplings, Some(vec![[0, 1]]));
    let own: Device = toml::from_str("name = \"mine\"\ntwo_qubit = { error = 0.9 }").expect("a device");
    let message = own.noise(2).expect_err("no depolarizing makes it").to_string();
    assert!(message.contains("0.9") && message.contains("0.75"), "{message}");
}

/// A gate that works in one order is used in this order, with the error of this order.
#[test]
fn pairs_that_work_one_way_are_used_that_way() {
    let table = fault!("eagle_undefined.csv")
        .replace(",1_2:0.008,1_2:560", ",1_2:1;1_0:1,1_2:560;1_0:560")
        .replace("0.0003,0.0003,,,true", "0.0003,0.0003,2_1:0.02,2_1:600,true");
    let device = Device::from_ibm_csv("one-way", &table).expect("a table");
    assert_eq!(device.couplings, Some(vec![[0, 1], [2, 1]]));
    let mut circuit = Circuit::new(3);
    circuit.ccx(0, 1, 2);
    for level in 0..4 {
        let compiled = compile(&circuit, &device, &CompileOptions { level, seed: 1 }).expect("it fits").circuit;
        for operation in compiled.operations().iter().filter(|operation| operation.qubits().len() == 2) {
            assert!([[0, 1], [2, 1]].iter().any(|pair| pair[..] == operation.qubits()[..]), "{operation:?}");
        }
        assert!(device.noise(3).expect("possible").apply(&compiled).is_ok());
    }
}

/// What a file says of a gate on a pair: whether it is there, and its error.
#[derive(Clone, Debug)]
enum Said {
    Nothing,
    Error(f64),
    Gap,
    Off,
}

fn said_of_gate() -> impl Strategy<Value = Said> {
    prop_oneof![2 => Just(Said::Nothing), 6 => (1e-4..0.3f64).prop_map(Said::Error), 1 => Just(Said::Gap), 1 => Just(Said::Off)]
}

const PAIRS: [[usize; 2]; 8] = [[0, 1], [1, 0], [1, 2], [2, 1], [2, 3], [3, 2], [3, 0], [0, 3]];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// In both formats: a gate that works keeps its own error, one that is off or on a qubit out of order is gone, and pairs are coupled
    /// where some gate works; what is left is compiled for and has a noise model.
    #[test]
    fn each_gate_keeps_its_own_figures(
        cz in proptest::collection::vec(said_of_gate(), 8),
        rzz in proptest::collection::vec(said_of_gate(), 8),
        works in proptest::collection::vec(proptest::bool::weighted(0.85), 4),
        csv in any::<bool>(),
    ) {
        prop_assume!(works.iter().any(|works| *works));
        // somewhere each gate has a number, or the gaps could not be filled
        prop_assume!([&cz, &rzz].iter().all(|list| {
            let live = |(pair, said): (&[usize; 2], &&Said)| matches!(said, Said::Error(_)) && pair.iter().all(|&q| works[q]);
            PAIRS.iter().zip(list.iter()).any(|(pair, said)| live((pair, &said)))
        }));
        let text = if csv { as_table(&cz, &rzz, &works) } else { as_properties(&cz, &rzz, &works) };
        let read = if csv { Device::from_ibm_csv("drawn", &text) } else { Device::from_ibm_properties(&text) };
        let device = read.map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        let mut coupled = std::collections::BTreeSet::new();
        for (gate, list) in [(Gate::Cz, &cz), (Gate::Rzz, &rzz)] {
            for (pair, what) in PAIRS.iter().zip(list) {
                let row = device.gate.iter().find(|row| row.gates == [gate] && row.qubits == pair[..]);
                let live = pair.iter().all(|&qubit| works[qubit]);
                match what {
                    Said::Error(error) if live => prop_assert_eq!(row.and_then(|row| row.error), Some(*error)),
                    Said::Gap if live => prop_assert!(row.is_some_and(|row| row.error.is_some()) && said(&device, "is missing")),
                    Said::Nothing | Said::Off | Said::Error(_) | Said::Gap => prop_assert!(row.is_none(), "{:?}", row),
                }
                if row.is_some() {
                    coupled.insert([pair[0].min(pair[1]), pair[0].max(pair[1])]);
                }
                if live && matches!(what, Said::Off) {
                    let name = format!("{} on qubits {} and {} has error 1", gate.name(), pair[0], pair[1]);
                    prop_assert!(said(&device, &name));
                }
            }
        }
        let pairs = device.couplings.clone().expect("a map");
        let sorted: std::collections::BTreeSet<[usize; 2]> = pairs.iter().map(|[a, b]| [*a.min(b), *a.max(b)]).collect();
        prop_assert_eq!(sorted, coupled);
        let faulty: Vec<usize> = (0..4).filter(|&qubit| !works[qubit]).collect();
        prop_assert_eq!(&device.faulty, &faulty);
        prop_assert!(device.noise(4).is_ok());
        let compiled = compile(&library::ghz(2), &device, &CompileOptions::default()).expect("a pair works");
        prop_assert!(device.check(&compiled.circuit).is_ok());
    }
}

fn as_table(cz: &[Said], rzz: &[Said], works: &[bool]) -> String {
    let mut lines = vec![
        "Qubit,T1 (us),T2 (us),Readout assignment error,Single-qubit gate length (ns),\u{221a}x (sx) error,CZ error,Gate length (ns),RZZ error,Operational"
            .to_owned(),
    ];
    for qubit in [2, 0, 3, 1] {
        let of = |list: &[Said]| {
            let entry = |(pair, said): (&[usize; 2], &Said)| match said {
                _ if pair[0] != qubit => None,
                Said::Nothing => None,
                Said::Error(error) => Some(format!("{}:{error}", pair[1])),
                Said::Gap => Some(format!("{}:undefined", pair[1])),
                Said::Off => Some(format!("{}:1", pair[1])),
            };
            PAIRS.iter().zip(list).filter_map(entry).collect::<Vec<_>>().join(";")
        };
        let times =
            PAIRS.iter().filter(|pair| pair[0] == qubit).map(|pair| format!("{}:70", pair[1])).collect::<Vec<_>>().join(";");
        let works = if works[qubit] { "Yes" } else { "No" };
        lines.push(format!("Q{qubit},200,150,0.01,32,0.0002,{},{times},{},{works}", of(cz), of(rzz)));
    }
    lines.join("\n")
}

fn as_properties(cz: &[Said], rzz: &[Said], works: &[bool]) -> String {
    let parameter = |name: &str, unit: &str, value: &str| format!(r#"{{"name": "{name}", "unit": "{unit}", "value": {value}}}"#);
    let qubits: Vec<String> = works
        .iter()
        .map(|works| {
            let figures =
                [parameter("T1", "us", "200"), parameter("T2", "\u{3bc}s", "150"), parameter("readout_error", "", "0.01")];
            format!("[{}, {}]", figures.join(", "), parameter("operational", "", if *works { "1" } else { "0" }))
        })
        .collect();
    let gate = |name: &str, qubits: &str, error: &str| {
        let figures = [parameter("gate_error", "", error), parameter("gate_length", "ns", "70")].join(", ");
        format!(r#"{{"gate": "{name}", "qubits": {qubits}, "parameters": [{figures}]}}"#)
    };
    let mut gates: Vec<String> = (0..4).map(|qubit| gate("sx", &format!("[{qubit}]"), "0.0002")).collect();
    for (name, list) in [("cz", cz), ("rzz", rzz)] {
        for (pair, said) in PAIRS.iter().zip(list) {
            let error = match said {
                Said::Nothing => continue,
                Said::Error(error) => error.to_string(),
                Said::Gap => "NaN".to_owned(),
                Said::Off => "1".to_owned(),
            };
            gates.push(gate(name, &format!("{pair:?}"), &error));
        }
    }
    format!(r#"{{"backend_name": "drawn", "qubits": [{}], "gates": [{}]}}"#, qubits.join(", "), gates.join(",\n"))
}

/// Time and memory grow with the table, not with its square.
#[test]
fn large_tables_are_read_in_linear_time() {
    let n = 20_000;
    let mut text = "Qubit,T1 (us),T2 (us),Readout assignment error,Single-qubit gate length (ns),\u{221a}x (sx) error,CZ error,Gate length (ns)\n".to_owned();
    for qubit in 0..n {
        let next = (qubit + 1) % n;
        text += &format!("{qubit},200,150,0.01,32,0.0002,{next}:0.002,{next}:70\n");
    }
    let start = std::time::Instant::now();
    let device = Device::from_ibm_csv("wide", &text).expect("a table");
    assert_eq!(device.couplings.as_ref().map(Vec::len), Some(n));
    assert!(device.noise(n).expect("possible").rules.len() >= n);
    // ten times what it takes on a slow machine; quadratic time is minutes
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
