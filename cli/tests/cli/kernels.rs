//! Kernels from files: stored and appended, trained, with noise, and the methods on them.

use serde_json::Value;

use crate::{folder, json, path, refusal, root};

fn number(report: &Value, key: &str) -> f64 {
    report[key].as_f64().unwrap_or_else(|| panic!("{key} in {report}"))
}

/// Rows of two columns, some of them.
fn rows(from: usize, to: usize) -> String {
    let row = |k: usize| format!("{},{}\n", 0.1 + 0.37 * k as f64 % 2.0, 1.5 - 0.23 * k as f64 % 1.4);
    (from..to).fold("a,b\n".to_owned(), |text, k| text + &row(k))
}

/// A matrix in two parts is the matrix of all rows; what does not belong to the file is refused by name.
#[test]
fn rows_are_appended_to_stored_kernels() {
    let files = folder(&[("first.csv", &rows(0, 9)), ("second.csv", &rows(9, 14)), ("all.csv", &rows(0, 14))]);
    let of = |name: &str| path(&files, name);
    let zz = ["--map", "zz", "--reps", "2"];
    let run = |arguments: &[&str]| json(&[&["kernel"], arguments, &zz].concat());
    run(&[&of("first.csv"), "--out", &of("gram.npz")]);
    let report = run(&[&of("second.csv"), "--append", &of("gram.npz"), "--out", &of("longer.npz")]);
    assert_eq!((report["rows"].as_u64(), report["appended_to"].as_u64()), (Some(14), Some(9)));
    let whole = run(&[&of("all.csv"), "--out", &of("all.npz")]);
    assert!((number(&report, "smallest_eigenvalue") - number(&whole, "smallest_eigenvalue")).abs() < 1e-12);
    assert_eq!(std::fs::read(of("longer.npz")).expect("a file"), std::fs::read(of("all.npz")).expect("a file"));
    // without --out the file itself grows
    run(&[&of("second.csv"), "--append", &of("gram.npz")]);
    assert_eq!(std::fs::read(of("gram.npz")).expect("a file"), std::fs::read(of("all.npz")).expect("a file"));
    let other = refusal(&["kernel", &of("first.csv"), "--append", &of("all.npz"), "--map", "z"], 2);
    assert!(other.contains("\"zz\"") && other.contains("the same options"), "{other}");
    std::fs::write(of("other.csv"), "a,c\n1,2\n").expect("room");
    let other = refusal(&[&["kernel", &of("other.csv"), "--append", &of("all.npz")][..], &zz].concat(), 2);
    assert!(other.contains("columns a, b") && other.contains("a, c"), "{other}");
    // half a file is none
    let mut bytes = std::fs::read(of("all.npz")).expect("a file");
    bytes.truncate(bytes.len() / 2);
    std::fs::write(of("changed.npz"), bytes).expect("room");
    refusal(&[&["kernel", &of("first.csv"), "--append", &of("changed.npz")][..], &zz].concat(), 2);
    std::fs::write(of("no.npz"), "no archive").expect("room");
    refusal(&["kernel", &of("first.csv"), "--append", &of("no.npz")], 2);
    refusal(&["kernel", &of("first.csv"), "--append", &of("missing.npz")], 2);
}

/// The circuits of rows make their states: amplitudes by rotations, as `qloom simulate` finds them.
#[test]
fn circuits_of_rows_make_their_states() {
    let files = folder(&[("rows.csv", "a,b,c,label\n3,0,-4,x\n1,2,2,y\n")]);
    let circuits = path(&files, "circuits");
    json(&["kernel", &path(&files, "rows.csv"), "--map", "amplitude", "--circuits", &circuits]);
    for (row, chances) in [("row_1", [0.36, 0.0, 0.64, 0.0]), ("row_2", [1.0 / 9.0, 4.0 / 9.0, 4.0 / 9.0, 0.0])] {
        let told = json(&["simulate", &format!("{circuits}/{row}.qasm"), "--amplitudes", "all"]);
        let chance = |k: usize| {
            let parts = told["amplitudes"][format!("{k:02b}")].as_array().cloned().unwrap_or_default();
            parts.iter().filter_map(Value::as_f64).map(|part| part * part).sum::<f64>()
        };
        assert!(chances.iter().enumerate().all(|(k, expected)| (chance(k) - expected).abs() < 1e-12), "{told}");
    }
    json(&["kernel", &path(&files, "rows.csv"), "--map", "zz", "--circuits", &path(&files, "zz")]);
    json(&["draw", &path(&files, "zz/row_2.qasm")]);
    std::fs::write(path(&files, "zero.csv"), "a,b\n0,0\n").expect("room");
    let error = refusal(&["kernel", &path(&files, "zero.csv"), "--map", "amplitude", "--circuits", &circuits], 2);
    assert!(error.contains("row 1"), "{error}");
}

#[test]
fn kernels_are_trained_and_noisy() {
    let toml = "name = \"k\"\nseed = 3\n[train.data.table]\nfile = \"classification/iris.csv\"\nscale = \"angle\"\ncomponents = 2\n\
                [train.model.kernel-svm]\nc = 10.0\nmap = { angle = {} }\ntrained = { layers = 2, epochs = 12, batch = 40 }\n";
    let out = folder(&[("k.toml", toml)]);
    let (file, run) = (path(&out, "k.toml"), path(&out, "run"));
    let report = json(&["train", &file, "--out", &run]);
    let alignment = &report["kernel_alignment"];
    assert!(number(alignment, "after") > number(alignment, "before") && number(alignment, "map") > 0.0, "{report}");
    assert!(number(&report, "test_accuracy") > 0.8 && report["epochs"].as_u64() == Some(13), "{report}");
    assert!(out.path().join("run/losses.csv").is_file() && out.path().join("run/circuit.qasm").is_file());
    let figure = std::fs::read_to_string(out.path().join("run/losses.svg")).expect("a picture");
    assert!(figure.contains("1 - alignment"), "what is drawn is named");
    let told = json(&["predict", &run, &root().join("data/classification/iris.csv").display().to_string()]);
    assert!(number(&told, "accuracy") > 0.8);
    for set in ["noise={ depolarizing1 = 1e-3, depolarizing2 = 2e-2 }", "device=line-3"] {
        let noisy = json(&["train", &file, "--set", &format!("train.model.kernel-svm.{set}")]);
        assert!(number(&noisy, "test_accuracy") > 0.75, "{set}: {noisy}");
    }
    for (set, word) in [
        ("noise={ readout = 0.1 }", "leave out readout"),
        ("trained.layers=0", "layers"),
        ("trained.batch=1", "batch"),
        ("trained.deep=2", "deep"),
        ("device=nowhere", "nowhere"),
    ] {
        let error = refusal(&["train", &file, "--set", &format!("train.model.kernel-svm.{set}")], 2);
        assert!(error.contains(word), "{set}: {error}");
    }
}

/// Each method from the file to what the saved model tells; the same seed, the same file.
#[test]
fn methods_on_kernels_are_models() {
    for (model, places) in [
        ("gaussian-process]\nvariance = 20.0", "variance=-1 variance"),
        ("pegasos]\nsteps = 5000\nc = 30.0", "steps=0 steps"),
        ("nystroem]\nlandmarks = 30\nc = 10.0", "landmarks=0 landmarks"),
    ] {
        let toml = format!(
            "name = \"m\"\nseed = 3\n[train.data.table]\nfile = \"classification/wine.csv\"\nscale = \"standard\"\ncomponents = 3\n\
             [train.model.{model}\nmap = {{ angle = {{}} }}\n"
        );
        let out = folder(&[("m.toml", &toml)]);
        let (file, run) = (path(&out, "m.toml"), path(&out, "run"));
        let report = json(&["train", &file, "--out", &run]);
        assert!(number(&report, "test_accuracy") > 0.85, "{model}: {report}");
        let told = json(&["predict", &run, &root().join("data/classification/wine.csv").display().to_string()]);
        assert!(number(&told, "accuracy") > 0.85);
        assert_eq!(told.get("probabilities").is_some(), !model.starts_with("pegasos"), "{model}");
        json(&["train", &file, "--out", &path(&out, "again")]);
        let read = |run: &str| std::fs::read(out.path().join(run).join("model.json")).expect("a model");
        assert_eq!(read("run"), read("again"));
        assert_eq!(json(&["train", "--resume", &run])["confusion"], report["confusion"]);
        let (set, word) = places.split_once(' ').expect("two");
        let name = model.split(']').next().expect("a name");
        let error = refusal(&["train", &file, "--set", &format!("train.model.{name}.{set}")], 2);
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn effective_dimensions_are_told() {
    let report = json(&[
        "diagnose",
        "circuit",
        "--qubits",
        "2,3",
        "--layers",
        "2",
        "--samples",
        "50",
        "--data",
        "1000,1000000",
        "--map",
        "z",
    ]);
    let fisher = report["fisher"].as_array().expect("two circuits");
    for (found, parameters) in fisher.iter().zip([12, 18]) {
        assert_eq!(found["parameters"].as_u64(), Some(parameters));
        assert!(
            found["dimensions"].as_array().expect("two").iter().all(|row| (0.05..1.2).contains(&number(row, "share"))),
            "{found}"
        );
    }
    let error = refusal(&["diagnose", "circuit", "--qubits", "2", "--data", "5"], 2);
    assert!(error.contains("100"), "{error}");
    let error = refusal(&["diagnose", "circuit", "--qubits", "13", "--samples", "10", "--data", "1000"], 2);
    assert!(error.contains("from 1 to 12"), "{error}");
}

#[test]
fn two_local_circuits_are_named_by_their_gates() {
    let report = json(&[
        "diagnose",
        "circuit",
        "--ansatz",
        "two-local",
        "--rotations",
        "rx",
        "--entanglers",
        "rzz,cx",
        "--qubits",
        "3",
        "--layers",
        "2",
        "--samples",
        "100",
    ]);
    // three layers of rx and two of rzz on three pairs
    assert_eq!(report["circuits"][0]["parameters"].as_u64(), Some(9 + 6));
    let error = refusal(&["diagnose", "circuit", "--ansatz", "two-local", "--rotations", "cx", "--qubits", "3"], 2);
    assert!(error.contains("cx acts on 2 qubits"), "{error}");
    let error = refusal(&["diagnose", "circuit", "--ansatz", "two-local", "--rotations", "turn"], 2);
    assert!(error.contains("turn is no gate"), "{error}");
    let toml = "name = \"t\"\n[train.data.table]\nfile = \"classification/iris.csv\"\nscale = \"angle\"\ncomponents = 2\n\
                [train.model.variational]\nmap = { angle = {} }\nlayers = 2\nepochs = 15\n\
                ansatz = { two-local = { rotations = [\"ry\", \"rx\"], entanglers = [\"cz\"], entanglement = \"pairwise\" } }\n";
    let out = folder(&[("t.toml", toml)]);
    let report = json(&["train", &path(&out, "t.toml")]);
    assert!(number(&report, "train_accuracy") > 0.6, "{report}");
    let error =
        refusal(&["train", &path(&out, "t.toml"), "--set", "train.model.variational.ansatz.two-local.rotations=[\"turn\"]"], 2);
    assert!(error.contains("turn"), "{error}");
}

#[test]
fn rows_without_labels_have_components_sides_and_clusters() {
    let data = "[train.data.rows]\nfile = \"classification/iris.csv\"\nscale = \"angle\"\n";
    let out = folder(&[("gap.csv", "sepal_length_cm,sepal_width_cm,petal_length_cm,petal_width_cm\n5,3,1,0.2\n5,,1,0.2\n")]);
    let iris = root().join("data/classification/iris.csv").display().to_string();
    for (model, key) in [
        ("kernel-pca]\ncomponents = 3", "components"),
        ("one-class]\nnu = 0.2", "decisions"),
        ("spectral-clustering]\nclusters = 3", "clusters"),
    ] {
        let name = model.split(']').next().expect("a name");
        let toml = format!("name = \"{name}\"\nseed = 2\n{data}[train.model.{model}\nmap = {{ angle = {{}} }}\n");
        std::fs::write(path(&out, "u.toml"), &toml).expect("room");
        let run = path(&out, name);
        let report = json(&["train", &path(&out, "u.toml"), "--out", &run]);
        assert_eq!((report["rows"].as_u64(), report["features"].as_u64()), (Some(150), Some(4)));
        match key {
            "components" => {
                let shares: Vec<f64> =
                    report["variance_shares"].as_array().expect("three").iter().filter_map(Value::as_f64).collect();
                assert!(shares.len() == 3 && shares[0] > 0.4 && shares[2] < shares[1], "{report}");
                assert!(out.path().join("kernel-pca/components.svg").is_file());
            }
            "decisions" => {
                assert!(report["outside"].as_u64().is_some_and(|outside| (10..=35).contains(&outside)), "{report}");
                assert_eq!(report["outside_by_label"].as_object().map(serde_json::Map::len), Some(3));
            }
            _ => assert!(number(&report, "adjusted_rand_index") > 0.5, "{report}"),
        }
        let told = json(&["predict", &run, &iris]);
        assert_eq!(told[key].as_array().map(Vec::len), Some(150), "{told}");
        let lines = std::fs::read_to_string(out.path().join(name).join("found.csv")).expect("a table");
        assert_eq!(lines.lines().count(), 151);
        assert_eq!(json(&["train", "--resume", &run])["rows"], report["rows"]);
        let error = refusal(&["predict", &run, &path(&out, "gap.csv")], 2);
        assert!(error.contains("line 3, column sepal_width_cm"), "{error}");
        let error = refusal(&["predict", &run, &iris, "--rollout", "3"], 2);
        assert!(error.contains("rollout"), "{error}");
        let error = refusal(&["train", &path(&out, "u.toml"), "--set", &format!("train.model.{name}.deep=3")], 2);
        assert!(error.contains("deep"), "{error}");
    }
    for (set, word) in [
        ("train.model.spectral-clustering.clusters=0", "clusters"),
        ("train.data.rows.file=nowhere.csv", "nowhere.csv"),
        ("train.data.rows.components=9", "components"),
    ] {
        let error = refusal(&["train", &path(&out, "u.toml"), "--set", set], 2);
        assert!(error.contains(word), "{set}: {error}");
    }
}
