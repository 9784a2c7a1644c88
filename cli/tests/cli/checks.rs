//! What `qloom check` finds, file by file, and what it says.

use serde_json::Value;

use crate::{folder, path, qloom};

/// Files, whether they are valid, their version and what told it, what they are, errors (line, column, part) and warnings.
struct Case {
    text: &'static str,
    version: &'static str,
    from: Option<&'static str>,
    kind: Option<&'static str>,
    errors: &'static [(u64, u64, &'static str)],
    warnings: &'static [(u64, u64, &'static str)],
}

const CASES: &[Case] = &[
    Case {
        text: "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[1];\nh q[0];\n",
        version: "2.0",
        from: Some("OPENQASM 2.0"),
        kind: Some("circuit"),
        errors: &[],
        warnings: &[],
    },
    Case {
        text: "OPENQASM 3.1;\ninclude \"stdgates.inc\";\nqubit q;\nbit c;\nwhile (!c) { h q; c = measure q; }\n",
        version: "3.1",
        from: Some("OPENQASM 3.1"),
        kind: Some("program"),
        errors: &[],
        warnings: &[],
    },
    Case {
        text: "gate g a { U(0,0,0) a; }\n",
        version: "2.0",
        from: None,
        kind: Some("circuit"),
        errors: &[],
        warnings: &[(1, 1, "the version line is missing")],
    },
    Case {
        text: "OPENQASM 2.0;\nqreg q[2]; /* old */\nqreg Q[1];\n",
        version: "2.0",
        from: Some("OPENQASM 2.0"),
        kind: Some("circuit"),
        errors: &[],
        warnings: &[(2, 12, "between /* and */"), (3, 6, "Q is no name")],
    },
    Case {
        text: "OPENQASM 3.0;\nqubit[2] q;\nfrob q[0];\nU(1, 2) q[1];\n",
        version: "3.0",
        from: Some("OPENQASM 3.0"),
        kind: None,
        errors: &[(3, 1, "no gate frob"), (4, 1, "takes 3 angles")],
        warnings: &[],
    },
    Case {
        text: "OPENQASM 3.0;\ninclude \"own.inc\";\nqubit q;\nflip q;\n",
        version: "3.0",
        from: Some("OPENQASM 3.0"),
        kind: Some("circuit"),
        errors: &[],
        warnings: &[],
    },
    Case {
        text: "OPENQASM 3.0;\ninclude \"bad.inc\";\nqubit q;\n",
        version: "3.0",
        from: Some("OPENQASM 3.0"),
        kind: None,
        errors: &[(2, 12, "no gate flop")],
        warnings: &[],
    },
];

fn files() -> (tempfile::TempDir, Vec<String>) {
    let files = folder(&[("own.inc", "gate flip a { U(pi, 0, pi) a; }\n"), ("bad.inc", "\ngate a b { flop b; }\n")]);
    let names: Vec<String> = (0..CASES.len()).map(|number| format!("{number}.qasm")).collect();
    for (name, case) in names.iter().zip(CASES) {
        std::fs::write(files.path().join(name), case.text).expect("room");
    }
    let paths = names.iter().map(|name| path(&files, name)).collect();
    (files, paths)
}

fn mistakes(list: &Value) -> Vec<(u64, u64, String)> {
    let number = |value: &Value| value.as_u64().expect("a number");
    let one =
        |found: &Value| (number(&found["line"]), number(&found["column"]), found["message"].as_str().expect("text").to_owned());
    list.as_array().expect("a list").iter().map(one).collect()
}

#[test]
fn every_file_is_told_by_itself() {
    let (_folder, paths) = files();
    for strict in [false, true] {
        let mut arguments = vec!["check", "--json"];
        arguments.extend(strict.then_some("--strict"));
        arguments.extend(paths.iter().map(String::as_str));
        let output = qloom(&arguments).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "some are not valid");
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        let report: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
        for ((found, case), name) in report["files"].as_array().expect("files").iter().zip(CASES).zip(&paths) {
            assert_eq!(found["name"], name.as_str());
            let valid = case.errors.is_empty() && (!strict || case.warnings.is_empty());
            assert_eq!(found["ok"], valid, "{}", case.text);
            assert_eq!(
                (found["version"].as_str(), found["version_from"].as_str()),
                (Some(case.version), case.from),
                "{}",
                case.text
            );
            assert_eq!(found["kind"].as_str(), case.kind, "{}", case.text);
            for (list, expected) in [(&found["errors"], case.errors), (&found["warnings"], case.warnings)] {
                let list = mistakes(list);
                assert_eq!(list.len(), expected.len(), "{}: {list:?}", case.text);
                for ((line, column, message), (l, c, part)) in list.iter().zip(expected) {
                    assert!((line, column) == (l, c) && message.contains(part), "{}: {list:?}", case.text);
                }
            }
        }
    }
}

/// For people: a line for each file on standard output, mistakes with their line on standard error.
#[test]
fn files_are_told_in_words() {
    let (_folder, paths) = files();
    for (case, file) in CASES.iter().zip(&paths) {
        for strict in [false, true] {
            let arguments: Vec<&str> = ["check", file].into_iter().chain(strict.then_some("--strict")).collect();
            let output = qloom(&arguments).output().expect("it runs");
            let (text, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            let valid = case.errors.is_empty() && (!strict || case.warnings.is_empty());
            assert_eq!(output.status.code(), Some(if valid { 0 } else { 2 }), "{}", case.text);
            let state = if valid { "ok" } else { "not valid or not supported" };
            let kind = case.kind.map_or(String::new(), |kind| format!(", a {kind}"));
            let from = case.from.map_or("as nothing in it tells".to_owned(), |from| format!("by {from:?}"));
            assert_eq!(text.trim_end(), format!("{file}: {state}{kind} (OpenQASM {}, {from})", case.version));
            for (line, column, part) in case.errors.iter().chain(case.warnings) {
                assert!(error.contains(&format!("line {line}, column {column}")) && error.contains(part), "{error}");
            }
            let word = if strict { "forbidden" } else { "warning" };
            assert_eq!(error.matches(&format!(": {word}: ")).count(), case.warnings.len(), "{error}");
            assert!(case.errors.is_empty() || error.contains('^'), "{error}");
        }
    }
}
