//! Drawings show everything, in all three forms.

use proptest::prelude::*;
use qloom_circuits::{Operation, draw};

use super::strategies::program;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn text_has_one_line_a_wire_and_keeps_its_width(circuit in program(4, 2, 14), width in 90usize..160) {
        let drawn = draw::text(&circuit, width);
        prop_assert!(drawn.lines().all(|line| line.chars().count() <= width), "{}", drawn);
        for qubit in circuit.operations().iter().flat_map(|operation| operation.qubits().to_vec()) {
            let label = format!("q[{qubit}]");
            prop_assert!(drawn.contains(&label), "{} is missing\n{}", label, drawn);
        }
        let measurements = circuit.operations().iter().filter(|operation| matches!(operation, Operation::Measure { .. })).count();
        prop_assert_eq!(drawn.matches("M→").count(), measurements, "{}", drawn);
    }

    /// Every tag that is opened is closed, in the right order; no text breaks out of its element.
    #[test]
    fn svg_is_well_formed(circuit in program(4, 2, 14)) {
        let svg = draw::svg(&circuit, 600);
        let mut open: Vec<String> = Vec::new();
        let mut rest = svg.as_str();
        while let Some(start) = rest.find('<') {
            let end = rest[start..].find('>').map(|end| start + end).ok_or_else(|| TestCaseError::fail("an open tag"))?;
            let tag = &rest[start + 1..end];
            rest = &rest[end + 1..];
            if let Some(name) = tag.strip_prefix('/') {
                let last = open.pop();
                prop_assert_eq!(last.as_deref(), Some(name));
            } else if !tag.ends_with('/') && !tag.starts_with('?') {
                open.push(tag.split_whitespace().next().unwrap_or_default().to_string());
            }
        }
        prop_assert!(open.is_empty(), "{:?} stay open", open);
        prop_assert!(!svg.contains("NaN"));
    }

    #[test]
    fn latex_braces_match(circuit in program(4, 2, 14)) {
        let latex = draw::quantikz(&circuit);
        let mut depth = 0i32;
        for letter in latex.chars() {
            depth += i32::from(letter == '{') - i32::from(letter == '}');
            prop_assert!(depth >= 0, "{}", latex);
        }
        prop_assert_eq!(depth, 0, "{}", latex);
        let begins = latex.starts_with("\\begin{quantikz}");
        prop_assert!(begins, "{}", latex);
    }
}
