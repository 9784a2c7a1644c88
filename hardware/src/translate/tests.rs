use qloom_circuits::qasm::{Version, read, write};
use qloom_circuits::{Stream, library};

use super::*;

/// Largest difference of two unitaries after the best global phase.
fn distance(a: &qloom_circuits::Matrix, b: &qloom_circuits::Matrix) -> f64 {
    let overlap: num_complex::Complex64 = a.entries().iter().zip(b.entries()).map(|(x, y)| x.conj() * y).sum();
    a.scaled(overlap / overlap.norm()).distance(b)
}

#[test]
fn native_dialects_say_the_same() {
    for seed in 0..10 {
        let circuit = library::random(1 + seed as usize % 4, 15, &mut Stream::named(seed, "circuit"));
        let expected = circuit.unitary(&[]).expect("gates");
        let pairs = [
            (Version::V2, Dialect::Quantinuum, "hqslib1.inc"),
            (Version::V2, Dialect::IonQ, "gpi"),
            (Version::V3, Dialect::IonQ, "gpi"),
            (Version::V3, Dialect::Rigetti, "rx(pi/2)"),
            (Version::V3, Dialect::Ibm, "stdgates.inc"),
        ];
        for (version, dialect, part) in pairs {
            let text = write(&translate(&circuit, dialect).expect("gates"), version, dialect).expect("gates have a form");
            let again = read(&text).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
            let error = distance(&expected, &again.unitary(&[]).expect("gates"));
            assert!(error < 1e-8, "{dialect:?}, seed {seed}: {error}\n{text}");
            assert!(text.contains(part), "{text}");
            assert_eq!(write(&again, version, dialect).expect("native gates"), text, "{dialect:?} is stable");
        }
    }
}
