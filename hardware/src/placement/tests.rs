use super::*;

struct Row {
    gates: Vec<Gate>,
    qubits: Vec<usize>,
}

impl Placement for Row {
    fn gates(&self) -> &[Gate] {
        &self.gates
    }

    fn qubits(&self) -> &[usize] {
        &self.qubits
    }
}

fn rows(list: &[(&[Gate], &[usize])]) -> Vec<Row> {
    list.iter().map(|(gates, qubits)| Row { gates: gates.to_vec(), qubits: qubits.to_vec() }).collect()
}

/// The entry that names the gate in the order of its qubits, then the one that names it, then the one for every other, then any.
#[test]
fn the_closest_entry_holds() {
    let list = rows(&[
        (&[Gate::Ecr], &[1, 0]),
        (&[Gate::Cx], &[1, 0]),
        (&[Gate::Cx, Gate::Cz], &[0, 1]),
        (&[], &[0, 1]),
        (&[Gate::Sx], &[0]),
        (&[Gate::Rzz], &[2, 1]),
        (&[], &[3, 2]),
        (&[Gate::X], &[3]),
    ]);
    let placed = Placed::new(&list);
    for (gate, qubits, expected) in [
        (Some(Gate::Cx), &[0, 1][..], Some(2)),
        (Some(Gate::Cx), &[1, 0], Some(1)),
        (Some(Gate::Cz), &[1, 0], Some(2)),
        (Some(Gate::Ecr), &[0, 1], Some(0)),
        (Some(Gate::Rxx), &[0, 1], Some(3)),
        (Some(Gate::Rxx), &[1, 0], Some(3)),
        (None, &[1, 0], Some(3)),
        // where no entry is for it, the first on these qubits speaks
        (Some(Gate::Cx), &[1, 2], Some(5)),
        (None, &[2, 1], Some(5)),
        (Some(Gate::Cx), &[2, 3], Some(6)),
        (Some(Gate::Sx), &[0], Some(4)),
        (Some(Gate::X), &[0], Some(4)),
        (Some(Gate::Sx), &[3], Some(7)),
        (Some(Gate::Sx), &[1], None),
        (Some(Gate::Cx), &[0, 2], None),
        (Some(Gate::Ccx), &[0, 1, 2], None),
    ] {
        let at = |row: Option<&Row>| row.map(|row| list.iter().position(|other| std::ptr::eq(other, row)).expect("one of them"));
        assert_eq!(at(row_for(&list, gate, qubits)), expected, "{gate:?} on {qubits:?}");
        assert_eq!(at(placed.row_for(gate, qubits)), expected, "{gate:?} on {qubits:?}, by their qubits");
    }
    assert_eq!((placed.here(&[1, 0]).len(), placed.here(&[0, 1]).len(), placed.here(&[0, 3]).len()), (4, 4, 0));
}

#[test]
fn qubits_are_compared_without_their_order() {
    assert_eq!(sorted(&[5, 2, 9]).as_slice(), [2, 5, 9]);
    for (a, b, same) in [
        (&[0, 1][..], &[1, 0][..], true),
        (&[0, 1], &[0, 1], true),
        (&[0], &[0, 1], false),
        (&[0, 1], &[0, 2], false),
        (&[], &[], true),
    ] {
        assert_eq!((on_same_qubits(a, b), on_same_qubits(b, a)), (same, same), "{a:?} {b:?}");
    }
}
