use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;

use crate::{folder, json, path, refusal, root};

const PENDULUM: &str = "experiments/pendulum.toml";

fn numbers(value: &serde_json::Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|entry| entry.as_f64().expect("a number")).collect()
}

/// An experiment on NARMA with this model.
fn narma(model: &str) -> String {
    format!(
        "name = \"narma\"\nseed = 2\n[train.data.series]\nfile = \"series/narma10_uniform_seed42.csv\"\ncolumn = \"y\"\ninput = \"u\"\n\
         [train.model.{model}\n[train.readout.ridge]\nregularization = 1e-8\n"
    )
}

#[test]
fn the_pendulum_is_trained_and_predicted() {
    let files = folder(&[]);
    let out = path(&files, "run");
    let report = json(&["train", PENDULUM, "--out", &out]);
    assert_eq!((numbers(&report["train_loss"]).len(), numbers(&report["test_loss"]).len()), (1, 1));
    assert_eq!((report["parameters"].as_u64(), report["all_parameters"].as_u64()), (Some(5), Some(149)));
    let (error, nothing) = (report["nrmse"].as_f64().expect("an error"), report["persistence_nrmse"].as_f64().expect("an error"));
    assert!(error < 1.0 && nothing > 0.1 && report["seconds_per_epoch"].as_f64().is_some());
    for rival in ["persistence", "linear", "nvar", "echo-state"] {
        assert!(report["rivals"][rival].as_f64().is_some_and(f64::is_finite), "{report}");
    }
    for name in ["losses.csv", "predictions.csv", "predictions.svg", "report.json", "series.csv", "cell_forget.qasm"] {
        let there = Path::new(&out).join(name).is_file();
        assert!(there || name == "cell_forget.qasm", "{name}");
    }
    let model = report["model"].as_str().expect("a path");
    let told = json(&["predict", model, "data/series/damped_shm.csv"]);
    // windows of four rows, the last one beyond the end
    assert_eq!((numbers(&told["predictions"]).len(), told["first_row"].as_u64()), (237, Some(5)));
    let on = json(&["predict", model, "data/series/damped_shm.csv", "--rollout", "5"]);
    assert_eq!(numbers(&on["rollout"]).len(), 5);
}

#[test]
fn reservoirs_are_trained_and_predicted() {
    for model in [
        "spin-network]\nqubits = 4\nvirtual_nodes = 10",
        "quantum-reservoir]\nqubits = 3\nvirtual_nodes = 5\ndamping = 0.05\nreadouts = [\"Z0\", \"X1\", \"Z0 Z2\"]",
        "echo-state]\nnodes = 40",
    ] {
        let files = folder(&[("narma.toml", &narma(model))]);
        let out = path(&files, "run");
        let report = json(&["train", &path(&files, "narma.toml"), "--out", &out]);
        let error = report["nrmse"].as_f64().expect("an error");
        assert!(error < 0.95 && error < 0.97 * report["persistence_nrmse"].as_f64().expect("an error"), "{model}: {report}");
        let told = json(&["predict", report["model"].as_str().expect("a path"), "data/series/narma10_uniform_seed42.csv"]);
        // rows after the wash-out of 20
        assert_eq!((numbers(&told["predictions"]).len(), told["first_row"].as_u64()), (1980, Some(22)));
        let all = told["nrmse"].as_f64().expect("the file has the target");
        assert!(all < 1.2 * error + 0.05, "{all} {error}");
    }
}

#[test]
fn the_whole_series_is_one_program() {
    let text = std::fs::read_to_string(root().join(PENDULUM)).expect("an experiment");
    let text = text.replace("qlstm]", "quantum-reservoir]").replace("qubits = 4", "qubits = 2").replace("reservoir = true", "");
    let files = folder(&[("pendulum.toml", &text)]);
    let out = path(&files, "run");
    json(&["train", &path(&files, "pendulum.toml"), "--out", &out]);
    // 238 rows: one measured qubit in each but the last, and all in the last
    let program = std::fs::read_to_string(Path::new(&out).join("series.qasm")).expect("a program");
    assert_eq!((program.matches("measure").count(), program.matches("reset").count()), (237 + 2, 238));
    json(&["check", &Path::new(&out).join("series.qasm").display().to_string()]);
}

#[test]
fn readouts_row_by_row_and_by_descent() {
    let ridge = narma("spin-network]\nqubits = 3\nvirtual_nodes = 4");
    let trained = |readout: &str| {
        let text = ridge.replace("[train.readout.ridge]\nregularization = 1e-8\n", readout);
        let files = folder(&[("narma.toml", &text)]);
        let out = path(&files, "run");
        let report = json(&["train", &path(&files, "narma.toml"), "--out", &out]);
        assert!(report["nrmse"].as_f64().is_some_and(f64::is_finite), "{report}");
        let online = std::fs::read_to_string(Path::new(&out).join("online.csv")).unwrap_or_default();
        (report, online.lines().count())
    };
    let (descent, none) = trained("[train.readout.gradient]\nepochs = 3\n");
    assert!(none == 0 && descent.get("online_nrmse").is_none());
    let (still, rows) = trained("[train.readout.rls]\nregularization = 1e-6\n");
    // 1995 windows, 1336 of them for training, the first 17 within the wash-out
    assert_eq!(rows, 1 + 1336 - 17);
    let (adapting, rows) = trained("[train.readout.rls]\nregularization = 1e-6\nforgetting = 0.999\nadapt = true\n");
    assert_eq!(rows, 1 + 1995 - 17);
    for report in [&still, &adapting] {
        let (online, test) = (report["online_nrmse"].as_f64().expect("an error"), report["nrmse"].as_f64().expect("an error"));
        assert!(online > 0.3 && online < 1.5 && test < 1.0, "{report}");
    }
}

#[test]
fn force_holds_a_reservoir_to_its_own_output() {
    let text = "name = \"force\"\n[train.data.series]\nfile = \"wave.csv\"\ncolumn = \"x\"\ntrain_fraction = 0.9\n[train.model.echo-state]\n\
                nodes = 60\nspectral_radius = 1.2\nleak = 0.5\ninput_scale = 1\n[train.readout.force]\n";
    let wave = (0..900).fold("x\n".to_owned(), |text, t| text + &format!("{}\n", (f64::from(t) * 0.25).sin()));
    let files = folder(&[("wave.csv", &wave), ("force.toml", text)]);
    let out = path(&files, "run");
    let report = json(&["train", &path(&files, "force.toml"), "--out", &out]);
    // alone through the test part, ninety steps of a wave
    assert!(report["nrmse"].as_f64().is_some_and(|error| error < 0.3), "{report}");
    assert!(report["online_nrmse"].as_f64().is_some_and(|error| error < 0.5), "{report}");
    assert!(Path::new(&out).join("online.svg").is_file());
    // a finished run tells the same once more
    let again = json(&["train", "--resume", &out]);
    assert_eq!((&again["nrmse"], &again["online_nrmse"]), (&report["nrmse"], &report["online_nrmse"]));
    std::fs::write(files.path().join("force.toml"), text.replace("force]", "force]\nforgetting = 1.5")).expect("room");
    assert!(refusal(&["train", &path(&files, "force.toml")], 2).contains("forgetting is 1.5"));
    for (from, to) in [
        ("column", "horizon = 2\ncolumn"),
        ("echo-state]\nnodes = 60\nspectral_radius = 1.2\nleak = 0.5\ninput_scale = 1", "qrnn]\nreservoir = true"),
    ] {
        std::fs::write(files.path().join("force.toml"), text.replace(from, to)).expect("room");
        assert!(refusal(&["train", &path(&files, "force.toml")], 2).contains("FORCE"));
    }
}

#[test]
fn a_training_killed_and_resumed_ends_bit_for_bit_the_same() {
    let text = std::fs::read_to_string(root().join(PENDULUM)).expect("an experiment");
    let text = text.replace("reservoir = true", "reservoir = false");
    let text = format!("{}[train.readout.gradient]\nepochs = 60\n", &text[..text.find("[train.readout").expect("a readout")]);
    let files = folder(&[("pendulum.toml", &text)]);
    let (whole, cut) = (path(&files, "whole"), path(&files, "cut"));
    json(&["train", &path(&files, "pendulum.toml"), "--out", &whole]);
    let mut kills = 0;
    for round in 0..50 {
        let begun = Path::new(&cut).join("meta.json").is_file();
        let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("qloom"));
        child.current_dir(root()).args(["train", "--checkpoint-every", "0"]);
        if begun {
            child.args(["--resume", &cut]);
        } else {
            child.args([&path(&files, "pendulum.toml"), "--out", &cut]);
        }
        let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
        std::thread::sleep(std::time::Duration::from_millis(150 + 40 * round));
        if let Some(status) = child.try_wait().expect("a child") {
            assert!(status.success(), "resumption {round} failed");
            break;
        }
        child.kill().expect("it runs");
        child.wait().expect("it ends");
        kills += 1;
    }
    assert!(kills >= 1, "the training was too short to be killed");
    for name in ["model.json", "losses.csv", "predictions.csv", "events.jsonl"] {
        let read = |folder: &str| std::fs::read(Path::new(folder).join(name)).expect(name);
        assert!(read(&whole) == read(&cut), "{name} differs after {kills} kills");
    }
}

#[test]
fn bad_series_and_models_are_refused_at_their_place() {
    let series = |row: &dyn Fn(usize) -> String, length: usize| {
        (0..length).fold("t,x\n".to_owned(), |mut text, time| {
            let _ = writeln!(text, "{time},{}", row(time));
            text
        })
    };
    let wave = |time: usize| format!("{}", (time as f64 * 0.3).sin());
    let experiment = |file: &str, window: usize| {
        format!(
            "name = \"x\"\n[train.data.series]\nfile = \"{file}\"\ncolumn = \"x\"\nwindow = {window}\n[train.model.qrnn]\nqubits = 3\n\
             reservoir = true\n[train.readout.ridge]\n"
        )
    };
    let files = folder(&[
        ("good.csv", &series(&wave, 60)),
        ("constant.csv", &series(&|_| "0.5".to_owned(), 60)),
        ("infinite.csv", &series(&|time| if time == 7 { "inf".to_owned() } else { wave(time) }, 60)),
        ("good.toml", &experiment("good.csv", 4)),
        ("constant.toml", &experiment("constant.csv", 4)),
        ("infinite.toml", &experiment("infinite.csv", 4)),
        ("long.toml", &experiment("good.csv", 100)),
        ("unknown.toml", &experiment("good.csv", 4).replace("qubits", "qbits")),
        (
            "shared.toml",
            &experiment("good.csv", 4).replace("qrnn]\nqubits = 3\nreservoir = true", "spin-network]\nqubits = 3\nwash_oat = 5"),
        ),
        (
            "type.toml",
            &experiment("good.csv", 4)
                .replace("qrnn]\nqubits = 3\nreservoir = true", "spin-network]\nqubits = 3\nwash_out = \"x\""),
        ),
        (
            "washed.toml",
            &experiment("good.csv", 4).replace("qrnn]\nqubits = 3\nreservoir = true", "spin-network]\nwash_out = 59"),
        ),
    ]);
    let train = |name: &str| refusal(&["train", &path(&files, name)], 2);
    assert!(train("constant.toml").contains("all 60 values are 0.5"));
    let message = train("infinite.toml");
    assert!(message.contains("line 9") && message.contains("column x"), "{message}");
    let message = train("long.toml");
    assert!(message.contains("60 values") && message.contains("window of 100"), "{message}");
    assert!(train("unknown.toml").contains("qbits"));
    // keys that reservoirs share are at their line too
    for (file, word) in [("shared.toml", "wash_oat"), ("type.toml", "wash_out")] {
        let message = train(file);
        assert!(message.contains("line 8") && message.contains(word), "{message}");
    }
    assert!(train("washed.toml").contains("wash_out is 59"));
    let out = path(&files, "run");
    json(&["train", &path(&files, "good.toml"), "--out", &out]);
    let model = Path::new(&out).join("model.json");
    let text = std::fs::read_to_string(&model).expect("a model");
    std::fs::write(files.path().join("other.json"), text.replace("\"version\": 1", "\"version\": 9")).expect("room");
    std::fs::write(files.path().join("short.csv"), series(&wave, 3)).expect("room");
    let message = refusal(&["predict", &path(&files, "other.json"), &path(&files, "good.csv")], 2);
    assert!(message.contains("version of the model file is 9"), "{message}");
    let message = refusal(&["predict", &model.display().to_string(), &path(&files, "short.csv")], 2);
    assert!(message.contains("3 rows"), "{message}");
}

/// Small measures of two models.
const RESERVOIRS: &str = "name = \"two\"\nseed = 3\n[reservoir]\ninstances = 2\naxis = \"damping\"\n[reservoir.measure]\n\
    capacity = { wash_out = 50, train = 200, test = 200, max_delay = 8 }\nprocessing = { wash_out = 50, steps = 400, delays = [8, 4] }\n\
    fading = 200\n[[reservoir.models]]\nname = \"spins\"\nspin-network = { qubits = 3, virtual_nodes = 3 }\n\
    [[reservoir.models]]\nname = \"gates\"\nx = 0.1\nquantum-reservoir = { qubits = 3, damping = 0.1 }\n";

#[test]
fn reservoirs_are_measured_beside_echo_state_networks() {
    let files = folder(&[("two.toml", RESERVOIRS)]);
    let out = path(&files, "run");
    let report = json(&["reservoir", &path(&files, "two.toml"), "--out", &out]);
    let models = report["models"].as_array().expect("a list");
    let names: Vec<&str> = models.iter().map(|row| row["model"].as_str().expect("a name")).collect();
    assert_eq!(names, ["spins", "gates", "rival: echo-state network, 9 nodes", "rival: echo-state network, 3 nodes"]);
    for row in models {
        let (memory, features) = (row["memory"]["mean"].as_f64().expect("a mean"), row["features"].as_u64().expect("a count"));
        assert!(
            memory > 0.1 && memory < features as f64 + 0.5 && row["trained_parameters"].as_u64() == Some(features + 1),
            "{row}"
        );
        assert_eq!((row["echo_state"].as_u64(), row["memory_delays"].as_array().map(Vec::len)), (Some(2), Some(9)), "{row}");
    }
    for name in ["models.csv", "curves.csv", "memory.svg", "parity.svg", "fading.svg", "capacities.svg", "report.json"] {
        assert!(std::fs::metadata(Path::new(&out).join(name)).is_ok_and(|file| file.len() > 100), "{name}");
    }
    // the same again, and with the number of threads fixed
    let again = json(&["reservoir", &path(&files, "two.toml")]);
    assert_eq!(again, report);
}

#[test]
fn reservoirs_that_do_not_fit_are_refused() {
    for (from, to, word) in [
        ("qubits = 3, virtual_nodes = 3", "qubits = 30", "model \"spins\": qubits is 30"),
        ("name = \"gates\"", "name = \"spins\"", "two models"),
        ("damping = 0.1 }", "damping = 1.5 }", "damping is 1.5"),
        ("max_delay = 8", "max_delay = 51", "max_delay is 51"),
        ("x = 0.1", "echo-state = {}", "one of"),
        ("instances = 2", "instances = 0", "instances"),
    ] {
        let files = folder(&[("two.toml", &RESERVOIRS.replace(from, to))]);
        let message = refusal(&["reservoir", &path(&files, "two.toml")], 2);
        assert!(message.contains(word), "{message}");
    }
}
