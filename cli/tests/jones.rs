//! `qloom jones` as a user meets it.

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

fn qloom(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("qloom").expect("the binary is built");
    command.arg("jones").args(arguments);
    command
}

/// The one JSON object on standard output of a command that succeeds.
fn json(arguments: &[&str]) -> Value {
    let output = qloom(arguments).arg("--json").output().expect("it runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

/// The message of a command that is refused with exit code 2.
fn refused(arguments: &[&str]) -> String {
    let output = qloom(arguments).arg("--json").output().expect("it runs");
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    if output.stdout.is_empty() {
        return String::from_utf8_lossy(&output.stderr).into_owned();
    }
    let value: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    value["error"].as_str().expect("a message").to_owned()
}

fn complex(value: &Value) -> (f64, f64) {
    (value[0].as_f64().expect("a number"), value[1].as_f64().expect("a number"))
}

fn distance(a: &Value, b: &Value) -> f64 {
    let ((a, b), (c, d)) = (complex(a), complex(b));
    (a - c).hypot(b - d)
}

const TREFOIL: &str = "[[1,1],[3,1],[4,-1]]";

#[test]
fn exact_from_every_form() {
    for arguments in [
        &["exact", "1 1 1"][..],
        &["exact", "[1,1,1]", "--method", "frontier"],
        &["exact", "1 1 1 2", "--method", "temperley-lieb"],
        &["exact", "--pd", "[[1,5,2,4],[3,1,4,6],[5,3,6,2]]"],
        &["exact", "--pd", "[[1,5,2,4],[3,1,4,6],[5,3,6,2]]", "--method", "temperley-lieb"],
        &["exact", "--dt", "4 6 2"],
        &["exact", "--name", "3_1"],
        &["exact", "2 2 2", "--strands", "4", "--closure", "plat"],
        &["exact", "1 1 1 2 3 -3 3", "--simplify"],
    ] {
        let value = json(arguments);
        assert_eq!(value["jones"].to_string(), TREFOIL, "{arguments:?}");
        assert_eq!(value["components"], 1);
        let (re, im) = complex(&value["value_at_fifth_root"]);
        assert!((re + 0.809017).abs() < 1e-6 && (im - 1.314328).abs() < 1e-6);
        assert!(value["seconds"].is_f64() && value["method"].is_string() && value["writhe"].is_i64());
    }
}

#[test]
fn exact_words_that_begin_with_a_minus_or_are_empty() {
    assert_eq!(json(&["exact", "-1 -1"])["jones"].to_string(), r#"[["-5/2",-1],["-1/2",-1]]"#);
    assert_eq!(json(&["exact", "-1"])["jones"].to_string(), "[[0,1]]");
    assert_eq!(json(&["exact", ""])["jones"].to_string(), "[[0,1]]");
    assert_eq!(json(&["exact", "", "--strands", "2"])["jones"].to_string(), r#"[["-1/2",-1],["1/2",-1]]"#);
    let root = json(&["exact", "1 1 1", "--root", "4"]);
    assert!(distance(&root["value_at_root"], &serde_json::json!([-1.0, 0.0])) < 1e-12);
}

#[test]
fn large_coefficients_become_strings() {
    let word = "1 -2 3 -2 ".repeat(90);
    let value = json(&["exact", word.trim()]);
    assert!(value["jones"].as_array().expect("terms").iter().any(|term| term[1].is_string()));
}

#[test]
fn exact_of_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("links.csv");
    std::fs::write(&path, "name,braid_word,pd\na,\"[1,1,1]\",\nb,,\"[[1,5,2,4],[3,1,4,6],[5,3,6,2]]\"\n").expect("written");
    let value = json(&["exact", "--file", path.to_str().expect("a path")]);
    let rows = value["rows"].as_array().expect("rows");
    assert_eq!((rows[0]["name"].as_str(), rows[1]["name"].as_str()), (Some("a"), Some("b")));
    rows.iter().for_each(|row| assert_eq!(row["jones"].to_string(), TREFOIL));
}

/// Every row that is a link is computed, every other one named at its line.
#[test]
fn bad_rows_stop_no_file() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../knots/tests/faults/mine.csv");
    let output = qloom(&["exact", "--file", file, "--json"]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    let value: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    let found = |row: &Value| (row["name"].as_str().unwrap_or("-").to_owned(), row["text"].as_str().unwrap_or("-").to_owned());
    let rows: Vec<(String, String)> = value["rows"].as_array().expect("rows").iter().map(found).collect();
    let expected = [
        ("hopf", "-t^{1/2} - t^{5/2}"),
        ("empty", "1"),
        ("pdonly", "t + t^3 - t^4"),
        ("both", "t + t^3 - t^4"),
        ("dup", "-t^{-1/2} - t^{1/2}"),
    ];
    assert_eq!(rows, expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
    assert_eq!(value["errors"].as_array().map(Vec::len), Some(1));
    assert_eq!(value["errors"][0]["line"], 6);
    let text = qloom(&["exact", "--file", file]).output().expect("it runs");
    let error = String::from_utf8_lossy(&text.stderr);
    assert!(text.status.code() == Some(2) && error.contains("line 6") && error.contains("character 3"), "{error}");
    assert_eq!(String::from_utf8_lossy(&text.stdout).lines().count(), 5);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("links.csv");
    // good rows of every kind between rows of every mistake
    let table = "name,dt,braid_word\na,4 6 2,\nb,4 6 4,\nc,,[1][1]\nd\ne,,1 0\nf,\"[[6,8],[10,2,4]]\",\ng,,\"[1,1,1]\"\nh,,1,1\n";
    std::fs::write(&path, table).expect("written");
    let output = qloom(&["exact", "--json", "--file", path.to_str().expect("a path")]).output().expect("it runs");
    let value: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    let names: Vec<&str> = value["rows"].as_array().expect("rows").iter().filter_map(|row| row["name"].as_str()).collect();
    assert_eq!(names, ["a", "f", "g"]);
    let lines: Vec<u64> = value["errors"].as_array().expect("errors").iter().filter_map(|row| row["line"].as_u64()).collect();
    assert_eq!(lines, [3, 4, 5, 6, 9]);
}

#[test]
fn exact_refuses_with_the_place() {
    for (arguments, place) in [
        (&["exact", "1 0 2"][..], "letter 2"),
        (&["exact", "1 3", "--strands", "3"], "letter 2"),
        (&["exact", "1 x"], "character 3"),
        (&["exact", "--pd", "[[1,5,2,4],[3,1,4,6],[5,3,6,6]]"], "arc 2"),
        (&["exact", "--pd", "[[1,5,2]]"], "crossing 1"),
        (&["exact", "--dt", "4 6 4"], "entry 3"),
        (&["exact", "--name", "3_2"], "did you mean"),
        (&["exact", "1 1", "--strands", "3", "--closure", "plat"], "3 strands"),
        (&["exact", "", "--strands", "0"], "0 strands"),
        (&["exact"], "name a link"),
        (&["exact", "1", "--name", "3_1"], "cannot be used with"),
        (&["exact", "--file", "not-there.csv"], "not-there.csv"),
        (&["estimate-local", "1 1", "--noise", "depolarizing9=1"], "depolarizing9"),
        (&["estimate-local", "1 1", "--shots", "0"], "--shots"),
        (&["estimate-local", "", "--strands", "0"], "0 strands"),
        (&["resources", "1 1", "--error", "0"], "--error"),
    ] {
        let message = refused(arguments);
        assert!(message.contains(place), "{arguments:?}: {message}");
    }
}

#[test]
fn random_vectors_estimate_the_value() {
    let value = json(&["exact", "1 -2 1 -2", "--method", "random-vector", "--vectors", "2000"]);
    let error = value["standard_error"].as_f64().expect("an error");
    assert!((complex(&value["value_at_fifth_root"]).0 + 1.236068).abs() < 5.0 * error && error < 0.1);
    let value = json(&["estimate-local", "1 -2 1 -2", "--method", "random-vector"]);
    assert!(distance(&value["value"], &value["exact"]) < 5.0 * value["standard_error"].as_f64().expect("an error"));
}

#[test]
fn estimates_on_the_spot() {
    let value = json(&["estimate-local", "1 -2 1 -2", "--shots", "8000", "--seed", "3"]);
    let error = value["standard_error"].as_f64().expect("an error");
    assert!(distance(&value["value"], &value["exact"]) < 4.0 * error && error < 0.1);
    let names: Vec<&str> =
        value["stages"].as_array().expect("stages").iter().filter_map(|stage| stage["stage"].as_str()).collect();
    assert_eq!(names, ["raw", "discard", "echo", "conjugate"]);
    assert!((value["scale"].as_f64().expect("a number") - 2.618034).abs() < 1e-6);
    assert!(value["baseline"]["value"].is_array());
    let again = json(&["estimate-local", "1 -2 1 -2", "--shots", "8000", "--seed", "3"]);
    assert_eq!(value["value"], again["value"]);
    let plat = json(&["estimate-local", "2 -1 2 2", "--strands", "4", "--closure", "plat", "--shots", "8000"]);
    assert!(distance(&plat["value"], &plat["exact"]) < 4.0 * plat["standard_error"].as_f64().expect("an error"));
    let noisy = ["estimate-local", "1 -2 1 -2", "--noise", "depolarizing2=0.05,readout=0.02", "--no-echo", "--no-conjugate"];
    let value = json(&noisy);
    assert_eq!(value["stages"].as_array().expect("stages").len(), 2);
    assert!(value["discarded"].as_f64().expect("a number") > 0.0);
}

/// Runs every circuit of a job by `qloom simulate`.
fn run_job(folder: &Path) -> Value {
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(folder.join("manifest.json")).expect("a manifest")).expect("JSON");
    let mut counts = serde_json::Map::new();
    for (index, circuit) in manifest["circuits"].as_array().expect("circuits").iter().enumerate() {
        let name = circuit["name"].as_str().expect("a name");
        let output = Command::cargo_bin("qloom")
            .expect("the binary is built")
            .arg("simulate")
            .arg(folder.join(format!("{name}.qasm")))
            .args(["--json", "--shots", &circuit["shots"].to_string(), "--seed", &index.to_string()])
            .output()
            .expect("it runs");
        let value: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
        counts.insert(name.to_owned(), value["counts"].clone());
    }
    counts.into()
}

#[test]
fn jobs_there_and_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut foreign = None;
    for (number, extra) in
        [&["--native", "cx"][..], &["--native", "ecr", "--control"], &["--native", "cz", "--strings", "40"]].iter().enumerate()
    {
        let job = folder.path().join(format!("job{number}"));
        let out = job.to_str().expect("a path");
        let value = json(&[&["circuits", "1 -2 1 -2", "--out", out, "--shots", "4000"][..], extra].concat());
        assert!(value["circuits"].as_u64().expect("a number") >= 4);
        let counts = run_job(&job);
        let path = folder.path().join(format!("counts{number}.json"));
        std::fs::write(&path, counts.to_string()).expect("written");
        let (manifest, counts) = (job.join("manifest.json"), path.to_str().expect("a path").to_owned());
        let manifest = manifest.to_str().expect("a path").to_owned();
        let value = json(&["estimate", &manifest, &counts]);
        let error = value["standard_error"].as_f64().expect("an error");
        assert!(distance(&value["value"], &value["exact"]) < 4.5 * error && error < 0.3, "{value}");
        // a folder in use and counts of another job are refused
        assert!(refused(&["circuits", "1 1", "--out", out, "--shots", "10"]).contains("not empty"));
        if let Some(other) = foreign.replace(counts) {
            assert!(refused(&["estimate", &manifest, &other]).contains("manifest"));
        }
    }
    let job = folder.path().join("version3");
    json(&["circuits", "1 -2", "--out", job.to_str().expect("a path"), "--shots", "8", "--format", "qasm3"]);
    let text = std::fs::read_to_string(job.join("s00000_braid_real.qasm")).expect("a circuit");
    assert!(text.starts_with("OPENQASM 3"));
}

#[test]
fn resources_benchmark_and_pictures() {
    let value = json(&["resources", "1 -2 3 -2 1", "--error", "0.1", "--layer-ms", "30", "--two-qubit-error", "1e-3"]);
    assert_eq!((value["qubits"].as_u64(), value["shots"].as_f64()), (Some(4), Some(3589.0)));
    assert!(value["seconds"].as_f64().expect("a number") > 0.0);
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_str().expect("a path");
    let value =
        json(&["benchmark", "--strands", "6", "--layers", "2,6", "--instances", "2", "--trajectories", "20", "--out", out]);
    assert_eq!(value["rows"].as_array().expect("rows").len(), 4);
    assert!(
        value["rows"]
            .as_array()
            .expect("rows")
            .iter()
            .all(|row| row["relative_error_echo"].as_f64().is_some_and(|error| error < 1.0))
    );
    assert!(std::fs::read_to_string(folder.path().join("benchmark.svg")).expect("a plot").contains("<svg"));
    assert_eq!(std::fs::read_to_string(folder.path().join("benchmark.csv")).expect("a table").lines().count(), 5);
    let svg = folder.path().join("braid.svg");
    json(&["draw", "1 -2", "--svg", svg.to_str().expect("a path")]);
    assert!(std::fs::read_to_string(&svg).expect("a picture").contains("class=\"gap\""));
    assert!(json(&["draw", "-1 2"])["text"].as_str().expect("text").contains('╱'));
}

/// Stages by name, the side of the root by a rough value, and braids of no small value.
#[test]
fn stages_are_chosen() {
    let run = |options: &[&str]| json(&[&["estimate-local", "1 -2 1 -2", "--shots", "20000", "--seed", "3"], options].concat());
    let stage = |value: &Value, name: &str| {
        let stages = value["stages"].as_array().expect("stages");
        stages.iter().find(|stage| stage["stage"] == name).map(|stage| stage["value"].clone())
    };
    let all = run(&[]);
    for name in ["raw", "discard", "echo", "conjugate"] {
        let value = run(&["--stage", name]);
        assert_eq!((Some(&value["value"]), &value["stage"]), (stage(&all, name).as_ref(), &name.into()));
    }
    let kept = run(&["--no-discard"]);
    assert!(stage(&kept, "discard").is_none() && kept["discarded"].as_f64() == Some(0.0), "{kept}");
    // V = -1.236: the conjugate trick gives its square, and the prior its sign
    let (near, far) = (run(&["--stage", "conjugate", "--prior", "-1,0"]), run(&["--stage", "conjugate", "--prior", "1,0"]));
    let error = near["standard_error"].as_f64().expect("an error");
    assert!(distance(&near["value"], &near["exact"]) < 5.0 * error);
    let ((a, b), (c, d)) = (complex(&near["value"]), complex(&far["value"]));
    assert!((a + c).hypot(b + d) < 1e-9, "{near} {far}");
    for (options, part) in [
        (&["--prior", "1"][..], "write RE,IM"),
        (&["--prior", "1,inf"], "write RE,IM"),
        (&["--stage", "conjugate", "--no-conjugate"], "--stage"),
        (&["--stage", "echo", "--no-echo"], "--stage"),
        (&["--device", "no-such-machine"], "no-such-machine"),
    ] {
        let message = refused(&[&["estimate-local", "1 -2", "--shots", "40"], options].concat());
        assert!(message.contains(part), "{message}");
    }
    let measured =
        json(&["benchmark", "--strands", "6", "--layers", "2", "--instances", "4", "--trajectories", "2", "--least", "0.6"]);
    let rows = measured["rows"].as_array().expect("rows");
    assert!(rows.iter().all(|row| row["exact_modulus"].as_f64().is_some_and(|modulus| modulus >= 0.6)), "{measured}");
    assert!(refused(&["benchmark", "--least", "1.5"]).contains("--least"));
}

/// Noise of a device: circuits fit its couplings or are refused; with it the run can be interrupted and resumed like any other.
#[test]
fn estimates_take_a_device() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = |name: &str| folder.path().join(name).display().to_string();
    let device = folder.path().join("small.toml").display().to_string();
    let text = "name = \"small\"\nnum_qubits = 3\ncouplings = [[0, 1], [1, 2]]\n[qubit]\nt1_ns = [50000.0]\nt2_ns = [40000.0]\n\
                readout = [[0.01, 0.03]]\n[two_qubit]\ntime_ns = 300.0\nerror = 0.01\n[one_qubit]\ntime_ns = 30.0\nerror = 0.001\n";
    std::fs::write(&device, text).expect("written");
    let whole = out("whole");
    let common =
        ["estimate-local", "1 -2 1 -2", "--shots", "4e3", "--device", &device, "--idle", "--native", "cz", "--seed", "2"];
    let value = json(&[&common[..], &["--out", &whole]].concat());
    assert!(value["discarded"].as_f64().expect("a number") > 0.0);
    assert_eq!(value["noise"]["idle-device"]["name"], "small");
    // noise damps, and no more than that
    let (value_abs, exact) = (complex(&value["value"]), complex(&value["exact"]));
    assert!(value_abs.0.hypot(value_abs.1) < exact.0.hypot(exact.1) && value_abs.0 * exact.0 > 0.0, "{value}");
    let again = json(&["estimate-local", "--resume", &whole]);
    assert_eq!(again["value"], value["value"]);
    assert!(refused(&["estimate-local", "1 -2 3", "--device", &device]).contains("small"));
    assert!(
        refused(&["estimate-local", "1 -2", "--device", &device, "--layout", "all-to-all", "--shots", "40"]).contains("coupled")
    );
    for extra in [&["--shots", "5"][..], &["1 1 1"], &["--native", "cx"], &["--no-echo"], &["--noise", "readout=0.1"]] {
        refused(&[&["estimate-local", "--resume", &whole][..], extra].concat());
    }
    // the same device is measured by braids of known value, also after an interruption
    let measured = out("measured");
    let small = ["benchmark", "--strands", "3", "--layers", "2", "--instances", "2", "--trajectories", "20", "--native", "cz"];
    let value = json(&[&small[..], &["--device", &device, "--idle", "--out", &measured]].concat());
    assert_eq!(value["noise"]["idle-device"]["name"], "small");
    let rows = value["rows"].as_array().expect("rows");
    assert!(
        rows.len() == 2 && rows.iter().all(|row| row["clean"].as_f64().is_some_and(|clean| clean > 0.1 && clean < 0.99)),
        "{value}"
    );
    assert_eq!(json(&["benchmark", "--resume", &measured])["rows"], value["rows"]);
    assert!(refused(&["benchmark", "--resume", &measured, "--device", &device]).contains("--noise and --device"));
    assert!(refused(&["benchmark", "--strands", "4", "--layers", "2", "--device", &device]).contains("small"));
    let resources = json(&["resources", "1 -2 1", "--device", &device, "--shot-ms", "0.5"]);
    assert_eq!(resources["machine"].to_string(), r#"{"layer_ms":0.0003,"shot_ms":0.5,"two_qubit_error":0.01}"#);
    assert!(refused(&["resources", "1 -2 1", "--device", "line-5"]).contains("calibration"));
    // circuits compiled for a machine have its gates
    json(&["circuits", "1 -2 1", "--out", &out("job"), "--shots", "8", "--device", "line-5"]);
    let circuit = std::fs::read_to_string(folder.path().join("job/s00000_braid_real.qasm")).expect("a circuit");
    assert!(circuit.contains("OPENQASM 2.0") && !circuit.contains("rzz"), "{circuit}");
}

/// A circuit that goes from the folder of a job is written again, the others are left.
#[test]
fn circuits_that_are_missing_are_written_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("job").display().to_string();
    json(&["circuits", "1 -2 1 -2", "--out", &out, "--shots", "40"]);
    let read = |name: &str| std::fs::read(folder.path().join("job").join(name)).expect("there");
    let names = ["s00000_braid_real.qasm", "s00001_mirror_imaginary.qasm", "manifest.json"];
    let before = names.map(read);
    std::fs::remove_file(folder.path().join("job").join(names[0])).expect("there");
    std::fs::write(folder.path().join("job").join(names[1]), "changed").expect("room");
    let value = json(&["circuits", "--resume", &out]);
    assert_eq!(value["circuits"], value["circuits_in_all"]);
    assert!(names.map(read) == before);
}

#[test]
fn names_of_other_tables_and_odd_numbers() {
    let value = json(&["exact", "--name", "K3_1"]);
    assert_eq!(value["jones"].to_string(), TREFOIL);
    json(&["exact", "--name", "L6a4"]);
    for wrong in ["0", "-1", "1e-320", "nan", "inf"] {
        let message = refused(&["resources", "1 1", &format!("--error={wrong}")]);
        assert!(message.len() < 200 && message.contains("--error"), "{message}");
    }
    let output = qloom(&["resources", "1 1", "--error", "1e-90"]).output().expect("it runs");
    assert!(String::from_utf8_lossy(&output.stdout).lines().all(|line| line.len() < 150));
    assert!(refused(&["exact", "[1,1] [1]"]).contains("one pair of brackets"));
    // a long word: every printed digit
    let word = include_str!("../../knots/tests/faults/turk_50.txt");
    let output = qloom(&["exact", word.trim()]).output().expect("it runs");
    assert!(String::from_utf8_lossy(&output.stdout).contains("2.584493902582 +0.000000000000i"));
}
