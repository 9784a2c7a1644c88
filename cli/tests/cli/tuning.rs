use std::path::Path;

use crate::{folder, interrupted, json, path, refusal};

/// A small search; the columns are those of the pendulum.
const TUNE: &str = "name = \"search\"\nseed = 3\n[train.data.series]\nfile = \"series/damped_shm.csv\"\ncolumn = \"theta_dot_scaled\"\n\
    [train.model.echo-state]\nnodes = 8\n[train.readout.gradient]\nepochs = 12\n[tune]\ntrials = 12\ngrace = 2\n[tune.keys]\n\
    \"train.model.echo-state.spectral_radius\" = { linear = [0.1, 1.2] }\n\
    train.readout.gradient.optimizer.rmsprop.learning_rate = { log = [1e-5, 1e-1] }\n\
    \"train.model.echo-state.nodes\" = { integer = [2, 12] }\n";

fn lines(folder: &str, name: &str) -> Vec<String> {
    std::fs::read_to_string(Path::new(folder).join(name)).expect(name).lines().map(str::to_owned).collect()
}

#[test]
fn the_chosen_settings_are_those_of_the_best_trial() {
    let files = folder(&[("tune.toml", TUNE)]);
    let out = path(&files, "run");
    let report = json(&["train", &path(&files, "tune.toml"), "--out", &out]);
    let tune = &report["tune"];
    assert_eq!((tune["trials"].as_u64(), tune["failed"].as_u64()), (Some(12), Some(0)));
    assert!(tune["stopped"].as_u64().is_some_and(|stopped| stopped > 0), "slow rates are hopeless: {tune}");
    // the table: the best loss of those that were not stopped is the one that was chosen
    let rows: Vec<Vec<String>> =
        lines(&out, "trials.csv")[1..].iter().map(|line| line.split(',').map(str::to_owned).collect()).collect();
    assert_eq!(rows.len(), 12);
    let done = rows.iter().filter(|row| row[1] == "done");
    let best =
        done.min_by(|a, b| a[3].parse::<f64>().expect("a loss").total_cmp(&b[3].parse().expect("a loss"))).expect("one is done");
    assert_eq!(tune["best_trial"].as_u64().map(|trial| trial.to_string()), Some(best[0].clone()));
    assert_eq!(tune["validation_loss"].as_f64(), best[3].parse().ok());
    assert!(
        rows.iter()
            .filter(|row| row[1] == "stopped")
            .all(|row| row[2].parse::<u64>().is_ok_and(|epochs| (2..12).contains(&epochs)))
    );
    // what was chosen is trained on the whole training part, as the experiment that is left says
    assert_eq!((report["train_windows"].as_u64(), report["train_loss"].as_array().map(Vec::len)), (Some(157), Some(12)));
    let again = json(&["train", &Path::new(&out).join("chosen.toml").display().to_string()]);
    for key in ["train_loss", "test_loss", "nrmse", "rivals", "parameters"] {
        assert_eq!(again[key], report[key], "{key}");
    }
    // every epoch is logged
    let events = lines(&out, "events.jsonl");
    let epochs: u64 = rows.iter().map(|row| row[2].parse::<u64>().expect("a count")).sum();
    assert_eq!(events.len() as u64, epochs + 12);
}

/// The test part has no say: with any other numbers there, trials and choice are the same.
#[test]
fn the_test_part_is_not_looked_at() {
    let series: Vec<f64> = (0..120).map(|t| (f64::from(t) * 0.3).sin() + 0.2 * (f64::from(t) * 0.7).cos()).collect();
    // 115 windows, 77 for training: they and their values end at row 81
    let write = |wild: bool| {
        series
            .iter()
            .enumerate()
            .fold("x\n".to_owned(), |text, (t, x)| text + &format!("{}\n", if wild && t >= 81 { 50.0 - x } else { *x }))
    };
    let text = TUNE.replace("series/damped_shm.csv", "x.csv").replace("theta_dot_scaled", "x");
    let text = text.replace("[train.model", "scale = \"standard\"\n[train.model");
    let trials = |wild| {
        let files = folder(&[("x.csv", &write(wild)), ("tune.toml", &text)]);
        let out = path(&files, "run");
        let report = json(&["train", &path(&files, "tune.toml"), "--out", &out]);
        (lines(&out, "trials.csv"), report["test_loss"][0].as_f64().expect("a loss"))
    };
    let ((calm, loss), (wild, other)) = (trials(false), trials(true));
    assert_eq!(calm, wild);
    assert!(other > 10.0 * loss);
}

#[test]
#[cfg(unix)]
fn a_search_interrupted_again_and_again_ends_the_same() {
    let files = folder(&[("tune.toml", TUNE)]);
    let (whole, cut) = (path(&files, "whole"), path(&files, "cut"));
    let report = json(&["train", &path(&files, "tune.toml"), "--out", &whole]);
    interrupted(&["train", &path(&files, "tune.toml"), "--out", &cut, "--checkpoint-every", "0"], &cut);
    for _ in 0..4 {
        interrupted(&["train", "--resume", &cut, "--checkpoint-every", "0"], &cut);
    }
    let again = json(&["train", "--resume", &cut]);
    for name in ["trials.csv", "events.jsonl", "model.json", "chosen.toml", "predictions.csv"] {
        let read = |folder: &str| std::fs::read(Path::new(folder).join(name)).expect(name);
        assert!(read(&whole) == read(&cut), "{name}");
    }
    assert_eq!((&again["tune"], &again["test_loss"]), (&report["tune"], &report["test_loss"]));
    // more trials go on from there, as if they had been asked for at once
    let more = json(&["train", "--resume", &cut, "--set", "tune.trials=15"]);
    let at_once = json(&["train", &path(&files, "tune.toml"), "--set", "tune.trials=15"]);
    assert_eq!((&more["tune"], &more["nrmse"]), (&at_once["tune"], &at_once["nrmse"]));
}

#[test]
fn labelled_series_are_searched_by_the_same_keys() {
    let report = json(&["train", "experiments/chaos-or-noise.toml", "--set", "tune.trials=5"]);
    assert_eq!((report["tune"]["trials"].as_u64(), report["train_series"].as_u64()), (Some(5), Some(48)));
    assert_eq!(report["tune"]["settings"].as_object().map(serde_json::Map::len), Some(3));
    assert!(report["test_accuracy"].as_f64().is_some_and(|share| share > 0.5), "{report}");
}

#[test]
fn searches_that_cannot_be_are_refused() {
    for (from, to, word) in [
        ("trials = 12", "trials = 0", "tune.trials is 0"),
        ("trials = 12", "trails = 12", "trails"),
        ("trials = 12", "trials = 12\nvalidation = 1.0", "tune.validation is 1"),
        ("trials = 12", "trials = 12\nstop = \"soon\"", "soon"),
        ("[0.1, 1.2]", "[1.2, 0.1]", "the range [1.2, 0.1]"),
        ("{ log = [1e-5, 1e-1] }", "{ log = [-1, 1] }", "above 0"),
        ("echo-state.nodes\" =", "echo-state.knots\" =", "knots"),
        ("{ integer = [2, 12] }", "{ choice = [\"many\"] }", "many"),
        ("{ integer = [2, 12] }", "{ integer = [-12, -2] }", "nodes"),
        ("{ integer = [2, 12] }", "{ integer = [3000, 4000] }", "all 12 trials failed; the first"),
        ("{ integer = [2, 12] }", "7", "no range"),
    ] {
        let text = TUNE.replace(from, to);
        assert_ne!(text, TUNE);
        let files = folder(&[("tune.toml", &text)]);
        let message = refusal(&["train", &path(&files, "tune.toml")], 2);
        assert!(message.contains(word), "{word}: {message}");
    }
    // settings that cannot be made are trials that failed, beside those that can
    let files = folder(&[("tune.toml", &TUNE.replace("{ integer = [2, 12] }", "{ choice = [5, 3000] }"))]);
    let report = json(&["train", &path(&files, "tune.toml")]);
    assert!(report["tune"]["failed"].as_u64().is_some_and(|failed| failed > 0), "{report}");
    assert_eq!(report["tune"]["settings"]["train.model.echo-state.nodes"].as_u64(), Some(5));
}

/// A table whose classes only some of the tried maps tell apart, and one to test on.
fn rings(turned: bool) -> String {
    let mut text = "a,b,label\n".to_owned();
    for row in 0..80 {
        let (angle, far) = (f64::from(row) * 2.4, row % 2 == 0);
        let radius = if far { 1.4 } else { 0.5 } + 0.1 * (f64::from(row) * 1.7).sin();
        let name = if far != turned { "far" } else { "near" };
        text += &format!("{},{},{name}\n", radius * angle.cos(), radius * angle.sin());
    }
    text
}

const TABLE: &str = "name = \"rings\"\nseed = 2\n[train.data.table]\nfile = \"rings.csv\"\ntest_file = \"others.csv\"\n\
    [train.model.kernel-svm]\nc = 1.0\n[tune]\ntrials = 6\n[tune.keys]\n\"train.model.kernel-svm.c\" = { log = [1e-3, 1e2] }\n\
    \"train.model.kernel-svm.map\" = { choice = [{ angle = {} }, { zz = { reps = 2 } }] }\n\
    \"train.data.table.scale\" = { choice = [\"none\", \"angle\"] }\n";

#[test]
fn settings_of_tables_are_judged_by_a_part_of_the_training_rows() {
    let run = |turned| {
        let files = folder(&[("rings.csv", &rings(false)), ("others.csv", &rings(turned)), ("tune.toml", TABLE)]);
        let out = path(&files, "run");
        let report = json(&["train", &path(&files, "tune.toml"), "--out", &out]);
        let again = json(&["train", &Path::new(&out).join("chosen.toml").display().to_string()]);
        assert_eq!((&again["test_accuracy"], &again["confusion"]), (&report["test_accuracy"], &report["confusion"]));
        (lines(&out, "trials.csv"), report)
    };
    let ((trials, report), (turned, other)) = (run(false), run(true));
    // labels of the test part say nothing of the choice
    assert_eq!(trials, turned);
    assert_eq!(report["tune"], other["tune"]);
    let accuracy = |report: &serde_json::Value| report["test_accuracy"].as_f64().expect("a share");
    assert!(accuracy(&report) > 0.9 && (accuracy(&report) + accuracy(&other) - 1.0).abs() < 1e-12, "{report}");
    assert_eq!(report["train_rows"].as_u64(), Some(80));
    let losses: Vec<f64> =
        trials[1..].iter().map(|row| row.split(',').nth(3).expect("a loss").parse().expect("a share")).collect();
    assert_eq!(losses.len(), 6);
    let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(report["tune"]["validation_loss"].as_f64(), Some(least));
    // 20 of 80 rows are held out: a loss is a share of them
    assert!(losses.iter().all(|loss| (loss * 20.0 - (loss * 20.0).round()).abs() < 1e-9), "{losses:?}");
}

#[test]
fn circuits_on_questions_and_regressions_are_searched_too() {
    let questions: String = (0..40)
        .map(|k| format!("{}\n", ["MUSIC\tWhich song of the band is it?", "FILM\tWhich actor has the scene?"][k % 2]))
        .collect();
    let toml = "name = \"q\"\n[train.data.questions]\nfile = \"q.tsv\"\ncomponents = 2\n[train.model.variational]\nepochs = 6\n\
        [tune]\ntrials = 4\ngrace = 2\n[tune.keys]\n\"train.model.variational.layers\" = { integer = [1, 3] }\n\
        \"train.data.questions.components\" = { integer = [2, 3] }\n";
    let numbers: String =
        (0..40).map(|k| f64::from(k) * 0.15).fold("x,y\n".to_owned(), |text, x| text + &format!("{x},{}\n", (2.0 * x).sin()));
    let ridge = "name = \"r\"\n[train.data.table]\nfile = \"r.csv\"\ntarget = \"y\"\n[train.model.kernel-ridge]\n\
        [tune]\ntrials = 10\n[tune.keys]\n\"train.model.kernel-ridge.map\" = { choice = [{ angle = {} }, { z = { reps = 1 } }] }\n\
        \"train.model.kernel-ridge.regularization\" = { log = [1e-6, 1e-2] }\n";
    let files = folder(&[("q.tsv", &questions), ("q.toml", toml), ("r.csv", &numbers), ("r.toml", ridge)]);
    let (asked, told) = (path(&files, "asked"), path(&files, "told"));
    let report = json(&["train", &path(&files, "q.toml"), "--out", &asked]);
    assert_eq!((report["tune"]["trials"].as_u64(), report["epochs"].as_u64()), (Some(4), Some(6)));
    let first: serde_json::Value = serde_json::from_str(&lines(&asked, "events.jsonl")[0]).expect("an event");
    assert!(first["epoch"]["validation_loss"].as_f64().is_some_and(|share| (0.0..=1.0).contains(&share)), "{first}");
    // more trials go on from there
    let more = json(&["train", "--resume", &asked, "--set", "tune.trials=6"]);
    let at_once = json(&["train", &path(&files, "q.toml"), "--set", "tune.trials=6"]);
    assert_eq!((&more["tune"], &more["confusion"]), (&at_once["tune"], &at_once["confusion"]));
    let report = json(&["train", &path(&files, "r.toml"), "--out", &told]);
    assert!(report["test_r2"].as_f64().is_some_and(|share| share > 0.9), "{report}");
    assert_eq!(report["tune"]["settings"]["train.model.kernel-ridge.map"]["z"]["reps"].as_u64(), Some(1), "{report}");
    // what qloom train alone follows is refused elsewhere
    let message = refusal(&["validate", &path(&files, "q.toml")], 2);
    assert!(message.contains("[tune]") && message.contains("--grid"), "{message}");
    let message = refusal(&["train", &path(&files, "q.toml"), "--set", "tune.validation=1.5"], 2);
    assert!(message.contains("tune.validation is 1.5"), "{message}");
}
