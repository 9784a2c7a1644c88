use super::*;
use crate::angle::Angle;
use crate::gate::Gate;
use crate::operation::Operation;

fn sample() -> Circuit {
    let mut circuit = Circuit::new(3);
    circuit.h(0).cx(0, 2).x(1).rz(std::f64::consts::FRAC_PI_2, 1).rzz(Angle::free(0), 0, 1).swap(1, 2);
    circuit.barrier(&[]).rzx(0.5, 2, 0).measure(0, 0);
    circuit
}

#[test]
fn text_shows_every_operation() {
    let expected = [
        "q[0]: ─[H]──●──────────────────[Rzz(θ0)]─────░────[Rzx:1]─────[M→c[0]]─",
        "            │                      │         ░       │",
        "q[1]: ──────┼──[X]──[Rz(π/2)]────[Rzz]────×──░───────┼────────────────",
        "            │                             │  ░       │",
        "q[2]: ──────⊕─────────────────────────────×──░──[Rzx(0.5):0]──────────",
    ];
    let drawn = text(&sample(), 100);
    for (line, expected) in drawn.lines().zip(expected) {
        assert_eq!(line.trim_end_matches('─'), expected.trim_end_matches('─'), "{drawn}");
    }
    assert_eq!(drawn.lines().count(), expected.len());
}

#[test]
fn long_rows_are_folded() {
    let mut circuit = Circuit::new(1);
    (0..40).for_each(|_| {
        circuit.h(0);
    });
    let drawn = text(&circuit, 60);
    assert!(drawn.lines().all(|line| line.chars().count() <= 60), "{drawn}");
    assert_eq!(drawn.matches("[H]").count(), 40);
}

#[test]
fn every_row_is_drawn() {
    for gate in Gate::all() {
        let angles: Vec<Angle> = (0..gate.num_parameters()).map(|k| Angle::Fixed(0.3 + k as f64)).collect();
        let qubits: Vec<usize> = (0..gate.num_qubits()).collect();
        let mut circuit = Circuit::new(gate.num_qubits());
        circuit.push(Operation::gate(gate, &angles, &qubits)).expect("a row fits");
        let (text, svg, latex) = (text(&circuit, 80), svg(&circuit, 800), quantikz(&circuit));
        for glyph in gate.spec().glyphs {
            let label = glyph.split(':').next().expect("a glyph");
            assert!(text.contains(label), "{gate}: {text}");
        }
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
        assert_eq!(latex.lines().count(), gate.num_qubits() + 2);
    }
}

#[test]
fn idle_wires_of_large_machines_are_left_out() {
    let mut circuit = Circuit::new(100);
    circuit.h(40).cx(40, 70).barrier(&[]).measure(70, 0);
    let drawing = super::text(&circuit, 80);
    assert!(drawing.contains("q[40]") && drawing.contains("q[70]") && !drawing.contains("q[41]"), "{drawing}");
    assert_eq!(drawing.lines().count(), 3, "{drawing}");
}

/// What depends on a measured bit stands right of its measurement, in every drawing.
#[test]
fn conditions_stand_behind_their_measurement() {
    let text = "OPENQASM 3.0; include \"stdgates.inc\"; qubit[3] q; bit[2] c; h q[0]; c[0] = measure q[0]; \
        if (c[0]) { x q[1]; if (c[1]) { z q[2]; } } else { y q[2]; } c[1] = measure q[2];";
    let circuit = crate::qasm::read(text).expect("a program");
    let column = |layout: &layout::Layout, part: &str| {
        let shows = |mark: &layout::Mark| match mark {
            layout::Mark::Box { label, .. } => label.contains(part),
            layout::Mark::Measure(bit) => bit.contains(part),
            layout::Mark::Control | layout::Mark::Target | layout::Mark::Cross | layout::Mark::Barrier => false,
        };
        let found = layout.items.iter().find(|item| item.marks.iter().any(|(_, mark)| shows(mark)));
        found.unwrap_or_else(|| panic!("{part} is drawn")).column
    };
    let layout = layout::Layout::new(&circuit);
    let measured = column(&layout, "c[0]");
    assert_eq!(measured, 1);
    for part in ["if c[0]=1: x", "if c[1]=1: z", "unless c[0]=1: y"] {
        assert!(column(&layout, part) > measured, "{part}");
    }
    let last = layout.items.iter().map(|item| item.column).max();
    assert_eq!(last, Some(column(&layout, "c[1]").max(column(&layout, "unless c[0]=1: y") + 1)));
    assert!(super::svg(&circuit, 1000).contains("unless"));
}

/// Time grows with the circuit, not with its square.
#[test]
fn long_circuits_are_drawn_in_linear_time() {
    let mut circuit = Circuit::new(4);
    for k in 0..100_000 {
        circuit.h(k % 4).cx(k % 4, (k + 1) % 4);
    }
    let start = std::time::Instant::now();
    assert!(text(&circuit, 120).matches("[H]").count() == 100_000 && svg(&circuit, 1000).len() > 1_000_000);
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}
