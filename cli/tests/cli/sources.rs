//! Where inputs come from and how they are written changes nothing: files and standard input, line ends, marks at the beginning, threads,
//! instruction sets.

use serde_json::Value;

use crate::{folder, json, path, qloom, refusal};

const CIRCUIT: &str = "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[4];\ncreg c[4];\n// turns\nry(0.4) q[0];\ncx q[0], q[3];\n\
    rzz(0.7) q[1], q[3];\nh q[2];\ncu3(0.1, 0.2, 0.3) q[2], q[1];\nrx(1.3) q;\n";
const OBSERVABLE: &str = r#"{"n_qubits": 4, "terms": [["XIYZ", 0.5], ["ZZII", -0.25], ["IIIX", 1.5]]}"#;
const TABLE: &str = "a,b,label\n0.1,0.2,up\n0.3,0.9,down\n\"0.5\",0.1,up\n1.2,0.4,down\n";

/// A report without what differs from run to run.
fn lasting(mut value: Value) -> Value {
    if let Some(report) = value.as_object_mut() {
        for key in ["seconds", "plan_seconds", "memory_limit", "simd"] {
            report.remove(key);
        }
        for file in report.get_mut("files").and_then(Value::as_array_mut).into_iter().flatten() {
            file["name"] = Value::Null;
        }
    }
    value
}

fn from_input(arguments: &[&str], text: &str) -> Value {
    let output = qloom(arguments).arg("--json").write_stdin(text).output().expect("it runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

/// Each command, the file left open.
fn commands(observable: &str) -> Vec<Vec<&str>> {
    vec![
        vec!["simulate", "", "--shots", "100", "--amplitudes", "all"],
        vec!["draw", ""],
        vec!["check", ""],
        vec!["compile", "", "--target", "line-4"],
        vec!["convert", "", "--to", "qasm2"],
        vec!["gradient", "", "--observable", observable],
        vec!["mitigate", "", "--observable", observable, "--noise", "depolarizing2=0.01"],
        vec!["unitary", ""],
    ]
}

#[test]
fn standard_input_is_a_file() {
    let files = folder(&[("a.qasm", CIRCUIT), ("h.json", OBSERVABLE)]);
    let (file, observable) = (path(&files, "a.qasm"), path(&files, "h.json"));
    for command in commands(&observable) {
        let with =
            |name: &'static str| -> Vec<&str> { command.iter().map(|word| if word.is_empty() { name } else { word }).collect() };
        let named: Vec<&str> = command.iter().map(|word| if word.is_empty() { file.as_str() } else { word }).collect();
        let found = from_input(&with("-"), CIRCUIT);
        assert_eq!(lasting(found), lasting(json(&named)), "{command:?}");
    }
    // what is wrong there is told with its place
    let output = qloom(&["simulate", "-"]).write_stdin("OPENQASM 2.0;\nqreg q[1];\nfrob q[0];\n").output().expect("it runs");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(2) && error.contains("line 3, column 1"), "{error}");
    let output = qloom(&["simulate", "-"]).write_stdin(vec![0xff, 0xfe, b'x']).output().expect("it runs");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(2) && error.contains("standard input"), "{error}");
}

/// Line ends of any system, a mark of the encoding in front, blanks and comments change neither circuits nor tables.
#[test]
fn the_dress_of_a_text_means_nothing() {
    let dressed = |text: &str| [text.to_owned(), text.replace('\n', "\r\n"), format!("\u{feff}{text}"), format!("{text}\n\n")];
    let observed: Vec<Value> = dressed(CIRCUIT).iter().map(|text| lasting(from_input(&["simulate", "-"], text))).collect();
    assert!(observed.iter().all(|value| *value == observed[0]), "{observed:?}");
    let files = folder(&[]);
    let kernels: Vec<Value> = dressed(TABLE)
        .iter()
        .enumerate()
        .map(|(number, text)| {
            let name = format!("{number}.csv");
            std::fs::write(files.path().join(&name), text).expect("room");
            lasting(json(&["kernel", &path(&files, &name), "--map", "angle"]))
        })
        .collect();
    assert!(kernels.iter().all(|value| *value == kernels[0]), "{kernels:?}");
    for (name, text, part) in [
        ("twice.csv", "a,a\n1,2\n", "twice"),
        ("short.csv", "a,b\n1,2\n3\n", "line 3"),
        ("gap.csv", "a,b\n1,2\n\n3,\n", "line 4, column b"),
        ("inf.csv", "a\n1\ninf\n", "line 3, column a"),
        ("empty.csv", "", "empty"),
        ("only.csv", "a,b\n", "no row"),
    ] {
        std::fs::write(files.path().join(name), text).expect("room");
        let message = refusal(&["kernel", &path(&files, name)], 2);
        assert!(message.contains(part) && message.contains(name), "{name}: {message}");
    }
}

/// Threads change no bit; instruction sets and precision change no more than their rounding.
#[test]
fn how_it_runs_changes_no_result() {
    let wide =
        format!("{}{}", CIRCUIT.replace("q[4];\ncreg c[4]", "q[14];\ncreg c[4]"), "cx q[0], q[13];\ncrz(0.3) q[12], q[5];\n");
    let files = folder(&[("a.qasm", &wide)]);
    let file = path(&files, "a.qasm");
    let run =
        |more: &[&str]| json(&[&["simulate", &file, "--amplitudes", "40", "--shots", "1000", "--seed", "9"], more].concat());
    let plain = run(&[]);
    for threads in ["1", "2", "5"] {
        assert_eq!(lasting(run(&["--threads", threads])), lasting(plain.clone()), "{threads} threads");
    }
    let best = plain["simd"].as_str().expect("a name").to_owned();
    for (more, near) in [(["--simd", "scalar"], 1e-14), (["--simd", &best], 0.0), (["--precision", "f32"], 1e-6)] {
        let other = run(&more);
        for (key, least) in [("probabilities", 1e-9), ("amplitudes", 1e-9)] {
            let (one, two) = (plain[key].as_object().expect("a table"), other[key].as_object().expect("a table"));
            for (outcome, value) in one {
                let number = |value: &Value| value.as_f64().or(value[0].as_f64()).expect("a number");
                // of equal numbers either may be among the largest
                let Some(found) = two.get(outcome) else { continue };
                assert!((number(value) - number(found)).abs() <= near + least * near, "{more:?} {outcome}: {value} {found}");
            }
        }
    }
    assert!(refusal(&["simulate", &file, "--simd", "sse"], 2).contains("scalar"));
}
