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
