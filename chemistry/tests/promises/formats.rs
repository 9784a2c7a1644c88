//! Operators of other programs, as these print them.

use proptest::prelude::*;
use qloom_chemistry::{
    ChemistryError, Encoding, ForeignOperator, Mapping, openfermion_text, qiskit_list, read_openfermion, read_qiskit,
};
use qloom_circuits::{PauliString, PauliSum};

fn qubits(text: &str) -> PauliSum {
    match read_openfermion(text, None).unwrap_or_else(|error| panic!("{error}\n{text}")) {
        ForeignOperator::Qubits(operator) => operator.hermitian(1e-12).unwrap(),
        ForeignOperator::Modes(_) => panic!("{text}"),
    }
}

#[test]
fn qubit_operators_in_all_their_forms() {
    let expected: PauliSum = "0.25 - 0.5 * Z0 + 0.125 * X0 Y2".parse().unwrap();
    let forms = [
        "0.25 [] +\n-0.5 [Z0] +\n0.125 [X0 Y2]",
        "QubitOperator:\n(0.25+0j) [] +\n(-0.5+0j) [Z0] +\n(0.125+0j) [X0 Y2] ",
        "0.25 [] - 0.5 [Z0] + 0.125 [Y2 X0]",
        "0.1 [] + 0.15 [] + (-0.5+0.25j) [Z0] + (0-0.25j) [Z0] + 0.125j [Z0 Y0 Y2]\n + 7 [X5] + -7 [X5] - 0 [X0]",
        r#"{"": 0.25, "Z0": -0.5, "X0 Y2": [0.125, 0]}"#,
        r#"{"type": "QubitOperator", "terms": {"[]": "0.25", "[Z0]": "(-0.5+0j)", "[X0 Y2]": {"real": 0.125, "imag": 0}}}"#,
        "{(): 0.25, ((0, 'Z'),): (-0.5+0j), ((0, 'X'), (2, 'Y')): (0.125+0j)}",
        r#"[[[], 0.25], [[[0, "Z"]], -0.5], [[[0, "X"], [2, "Y"]], 0.125]]"#,
    ];
    for text in forms {
        let found = qubits(text);
        let difference: Vec<_> = found.terms().iter().copied().chain(expected.terms().iter().map(|&(s, c)| (s, -c))).collect();
        let difference = PauliSum::new(6, difference).unwrap();
        // 0.125j Z Y = 0.125j (-i) X
        assert!(difference.terms().iter().all(|(_, c)| c.abs() < 1e-15), "{text}: {found}");
    }
}

#[test]
fn fermion_operators_are_mapped() {
    // a number operator twice, and a hop
    let forms = [
        "FermionOperator:\n1.0 [0^ 0] +\n0.5 [1^ 0] +\n0.5 [0^ 1]",
        r#"{"0^ 0": 1.0, "1^ 0": 0.5, "0^ 1": 0.5}"#,
        "{((0, 1), (0, 0)): 1.0, ((1, 1), (0, 0)): 0.5, ((0, 1), (1, 0)): 0.5}",
    ];
    for text in forms {
        let ForeignOperator::Modes(operator) = read_openfermion(text, None).unwrap() else { panic!("{text}") };
        let sum = Encoding::new(Mapping::JordanWigner, 2).unwrap().map(&operator).unwrap().hermitian(1e-15).unwrap();
        assert_eq!(sum, "0.5 - 0.5 * Z0 + 0.25 * X0 X1 + 0.25 * Y0 Y1".parse().unwrap());
    }
}

#[test]
fn qiskit_lists_in_all_their_forms() {
    let expected: PauliSum = "0.25 - 0.5 * Z0 + 0.125 * X0 Y2".parse().unwrap();
    let forms = [
        "[('III', (0.25+0j)), ('IIZ', (-0.5+0j)), ('YIX', (0.125+0j))]",
        r#"[["III", 0.25], ["IIZ", -0.5], ["YIX", [0.125, 0.0]]]"#,
        "SparsePauliOp(['III', 'IIZ', 'YIX'],\n              coeffs=[ 0.25 +0.j, -0.5  +0.j,  0.125+0.j])",
        "[('', [], 0.25), ('Z', [0], -0.5), ('YX', [2, 0], 0.125)]",
        "{'III': 0.25, 'IIZ': -0.5, 'YIX': 0.125,}",
    ];
    for text in forms {
        let sum = read_qiskit(text, None).unwrap_or_else(|error| panic!("{error}\n{text}")).hermitian(0.0).unwrap();
        assert_eq!(sum, expected, "{text}");
    }
}

#[test]
fn mistakes_have_a_place() {
    let place = |result: Result<(), ChemistryError>, text: &str| match result {
        Err(ChemistryError::Text { message, line, column }) => (message, line, column),
        other => panic!("{text}: {other:?}"),
    };
    let openfermion = [
        ("", 1, 1, "no term"),
        ("0.5 [X0] +\n0.5 [Q1]", 2, 5, "Q1"),
        ("0.5 [X0] +\nabc [X1]", 2, 1, "abc"),
        ("0.5 [X0] 0.5 [X1]", 1, 10, "expected +"),
        ("0.5 [X0", 1, 5, "close"),
        ("0.5 X0", 1, 1, "such as"),
        ("0.5 [X0] +\n1.0 [1^ 0]", 2, 5, "one operator"),
        ("0.5 [X64]", 1, 5, "64"),
        ("0.5 [70^ 1]", 1, 5, "64"),
        ("{\"X0\": 1,\n \"X1\": true}", 2, 12, "no value"),
        ("{\"X0\": [1, 2, 3]}", 1, 8, "coefficient"),
        ("{\"X0\" 1}", 1, 7, "expected :"),
        ("[[\"X0\", 1], 3]", 1, 13, "pair"),
    ];
    for (text, line, column, part) in openfermion {
        let found = place(read_openfermion(text, None).map(|_| ()), text);
        assert!(found.0.contains(part) && (found.1, found.2) == (line, column), "{text:?}: {found:?}");
    }
    let qiskit = [
        ("[('XX', 1),\n ('X', 1)]", 2, 3, "letters"),
        ("[('XQ', 1)]", 1, 3, "'Q'"),
        ("[('XX', 'a')]", 1, 9, "number"),
        ("SparsePauliOp(['X', 'Y'], coeffs=[1])", 1, 1, "2 labels"),
        ("[('XY', [0], 1)]", 1, 9, "each letter"),
        ("[('X', [99], 1)]", 1, 3, "64"),
        ("[('X', 1)] 3", 1, 12, "after the end"),
        ("3", 1, 1, "list of pairs"),
    ];
    for (text, line, column, part) in qiskit {
        let found = place(read_qiskit(text, None).map(|_| ()), text);
        assert!(found.0.contains(part) && (found.1, found.2) == (line, column), "{text:?}: {found:?}");
    }
    let deep = "[".repeat(100_000);
    assert!(read_qiskit(&deep, None).is_err());
    assert!(read_openfermion(&deep, None).is_err());
}

proptest! {
    #[test]
    fn what_is_written_reads_back(terms in prop::collection::vec((0u64..16, 0u64..16, -1.0..1.0f64), 0..12)) {
        let sum = PauliSum::new(4, terms.into_iter().map(|(x, z, c)| (PauliString::from_masks(x, z), c))).unwrap();
        let read = read_qiskit(&qiskit_list(&sum), None).unwrap().hermitian(0.0).unwrap();
        prop_assert_eq!(&read, &sum);
        let ForeignOperator::Qubits(read) = read_openfermion(&openfermion_text(&sum), Some(4)).unwrap() else { panic!() };
        prop_assert_eq!(&read.hermitian(0.0).unwrap(), &sum);
    }

    #[test]
    fn no_text_panics(text in "[-0-9.+j\\[\\](){}'\",:=XYZI^ é\n]{0,40}") {
        let _ = (read_openfermion(&text, None), read_qiskit(&text, Some(3)));
    }
}
