use super::*;

#[test]
fn the_first_word_that_tells_decides() {
    for (text, version, word) in [
        ("", Version::V2, None),
        ("x q[0];", Version::V2, None),
        ("qreg q[1]; bit c;", Version::V2, Some("qreg")),
        ("bit c; qreg q[1];", Version::V3, Some("bit")),
        ("include \"qelib1.inc\"; qubit q;", Version::V2, Some("qelib1.inc")),
        ("include 'stdgates.inc'; qreg q[1];", Version::V3, Some("stdgates.inc")),
        ("include \"mine.inc\"; opaque g a;", Version::V2, Some("opaque")),
        ("// qubit\n/* qubit */ creg c[1];", Version::V2, Some("creg")),
        ("h $0;", Version::V3, Some("$0")),
        ("gate g a { } x 5ns;", Version::V3, Some("5ns")),
        ("rx(π) q;", Version::V3, Some("π")),
        ("const int n = 1;", Version::V3, Some("const")),
        // the name of a gate tells nothing, what follows does
        ("gate let a { x a; } qreg q[1];", Version::V2, Some("qreg")),
        ("gate g let { x let; } qreg q[1];", Version::V3, Some("let")),
        ("gate g(delay) a { }", Version::V3, Some("delay")),
        ("qubits q; forx y;", Version::V2, None),
        ("\"never closed qubit", Version::V2, None),
        ("x ? qubit q;", Version::V2, None),
    ] {
        assert_eq!(guess(text), (version, word), "{text}");
    }
}

/// Words that either version could begin a statement with tell nothing, and the lists have no word in common.
#[test]
fn words_of_both_versions_do_not_decide() {
    for word in ["gate", "measure", "barrier", "reset", "if", "include", "x", "OPENQASM", "pi"] {
        assert_eq!(guess(word), (Version::V2, None), "{word}");
    }
    let quoted = |word: &str| if word.contains('.') { format!("include \"{word}\";") } else { format!("{word} a") };
    for word in NEW {
        assert_eq!(guess(&quoted(word)), (Version::V3, Some(word)));
        assert!(!OLD.contains(&word));
    }
    for word in OLD {
        assert_eq!(guess(&quoted(word)), (Version::V2, Some(word)));
    }
}
