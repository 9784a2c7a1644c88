use super::*;

/// What stands at each finding, and a part of its message.
fn told(text: &str, version: Version) -> Vec<(&str, String)> {
    forbidden(text, version).into_iter().map(|finding| (&text[finding.span.start..finding.span.end], finding.message)).collect()
}

#[test]
fn each_rule_is_told_at_its_place() {
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("qreg q[1];", &[("qreg", "the version line is missing")]),
        ("", &[("", "the version line is missing")]),
        ("OPENQASM 2.0; /* a */ qreg q[1]; /* b */", &[("/*", "between /* and */"), ("/*", "between /* and */")]),
        ("OPENQASM 2.0; // /* a */\nqreg q[1]; // b /*", &[]),
        ("OPENQASM 2.0; /* // */ qreg q[1]; // */", &[("/*", "between /* and */")]),
        ("OPENQASM 2.0; include \"/* no comment */.inc\";", &[]),
        ("OPENQASM 2.0; qreg Q[1]; x Q[0]; qreg _r[1];", &[("Q", "Q is no name"), ("_r", "_r is no name")]),
        ("OPENQASM 2.0; qreg q[1]; U(0,0,0) q[0]; CX q[0],q[1];", &[]),
        ("OPENQASM 2.0; qreg q[0x2]; creg c[0b1];", &[("0x2", "0x2 is no number"), ("0b1", "0b1 is no number")]),
        ("OPENQASM 2.0; qreg q[012]; rx(0.5) q[0]; rx(0) q[0];", &[]),
        ("OPENQASM 2.0; rx(acos(0.1)) q[0]; gate acos a { }", &[("acos", "acos is no function")]),
        ("OPENQASM 2.0; rx(asin(0)+atan(0)) q;", &[("asin", "asin is no function"), ("atan", "atan is no function")]),
        ("OPENQASM 2.0; cx q[0], q[1], ;", &[(",", "a comma behind")]),
        ("OPENQASM 2.0; rx(0.1,) q; gate g a, { }", &[(",", "a comma behind"), (",", "a comma behind")]),
        ("OPENQASM 2.0; if (c == 1) barrier q;", &[("barrier", "a barrier under a condition")]),
        ("OPENQASM 2.0; if (c == 1) if (c == 2) x q;", &[("if", "a condition within a condition")]),
        ("OPENQASM 2.0; if (c[0] == 1) x q;", &[("[", "one bit of a register")]),
        ("OPENQASM 2.0; if (c == 1) x q[0]; barrier q;", &[]),
        ("OPENQASM 2.0; if (c == 1", &[]),
    ];
    for (text, expected) in cases {
        let found = told(text, Version::V2);
        let agree = found.len() == expected.len()
            && found.iter().zip(*expected).all(|((at, message), (place, part))| at == place && message.contains(part));
        assert!(agree, "{text}: {found:?}");
    }
}

/// Of version 3 the version line alone is asked for.
#[test]
fn version_3_forbids_less() {
    assert_eq!(told("OPENQASM 3.0; /* a */ qubit Q; if (c[0] == 1) if (d) x Q;", Version::V3), []);
    let missing = told("qubit q;", Version::V3);
    assert_eq!(missing, [("qubit", "the version line is missing".to_owned())]);
    let help = |version| forbidden("x", version)[0].help.clone();
    assert_eq!(help(Version::V3), Some("begin with OPENQASM 3.0;".into()));
    assert_eq!(help(Version::V2), Some("begin with OPENQASM 2.0;".into()));
}

/// Findings stand in the order of the text, a name once, and no more than are shown.
#[test]
fn findings_are_in_order_and_bounded() {
    let text = "OPENQASM 2.0; qreg Q[1]; /* a */ x Q[0]; qreg B[0x1]; cx Q, B,; /* b */";
    let found = forbidden(text, Version::V2);
    assert!(found.windows(2).all(|pair| pair[0].span.start <= pair[1].span.start));
    assert_eq!(found.len(), 6, "{:?}", told(text, Version::V2));
    let many = format!("OPENQASM 2.0;{}", "/* a */".repeat(100));
    assert_eq!(forbidden(&many, Version::V2).len(), MAX_FINDINGS);
    assert!(forbidden(&many, Version::V2).iter().all(|finding| finding.help.is_some()));
}
