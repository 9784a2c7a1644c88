use std::fmt::Write as _;
use std::path::Path;

use crate::{folder, json, path, refusal};

const CHAOS: &str = "experiments/chaos-or-noise.toml";

#[test]
fn chaos_is_told_from_noise() {
    let files = folder(&[]);
    let out = path(&files, "run");
    let report = json(&["train", CHAOS, "--out", &out]);
    assert_eq!(report["classes"].as_array().map(Vec::len), Some(2));
    assert_eq!((report["train_series"].as_u64(), report["test_series"].as_u64()), (Some(48), Some(32)));
    let accuracy = report["test_accuracy"].as_f64().expect("a share");
    let interval: Vec<f64> =
        report["confidence_interval"].as_array().expect("two ends").iter().map(|end| end.as_f64().expect("a number")).collect();
    assert!(accuracy > 0.8 && interval[0] < accuracy && accuracy < interval[1], "{report}");
    let told: u64 = report["confusion"]
        .as_array()
        .expect("rows")
        .iter()
        .flat_map(|row| row.as_array().expect("counts"))
        .map(|count| count.as_u64().expect("a count"))
        .sum();
    assert_eq!(told, 32);
    for rival in ["majority", "linear_svm", "rbf_svm", "logistic_regression", "nearest_neighbors", "echo-state"] {
        assert!(report["rivals"][rival].as_f64().is_some(), "{rival}");
    }
    for name in ["losses.csv", "predictions.csv", "confusion.csv", "confusion.svg", "report.json", "train.csv"] {
        assert!(std::fs::metadata(Path::new(&out).join(name)).is_ok_and(|file| file.len() > 40), "{name}");
    }
    // the series of the test part among all, told from the file
    let told = json(&["predict", report["model"].as_str().expect("a path"), "data/series/chaos_or_noise.csv"]);
    assert_eq!((told["series"].as_array().map(Vec::len), told["labels"].as_array().map(Vec::len)), (Some(80), Some(80)));
    let all = (48.0 * report["train_accuracy"].as_f64().expect("a share") + 32.0 * accuracy) / 80.0;
    assert!((told["accuracy"].as_f64().expect("the file has labels") - all).abs() < 1e-12);
    // the same once more, from the folder's own experiment
    let again = json(&["train", &Path::new(&out).join("experiment.toml").display().to_string()]);
    assert_eq!(again["test_accuracy"], report["test_accuracy"]);
}

/// Two kinds of series in two columns, of lengths from 12 on.
fn table(change: impl Fn(usize, usize) -> Option<String>) -> String {
    let mut text = "series,x,y,label\n".to_owned();
    for series in 0..12 {
        let (rate, label) = [(0.3, "slow"), (0.8, "fast")][series % 2];
        for time in 0..12 + series {
            let angle = rate * time as f64 + series as f64;
            let row = change(series, time).unwrap_or_else(|| format!("s{series},{},{},{label}", angle.sin(), angle.cos()));
            let _ = writeln!(text, "{row}");
        }
    }
    text
}

fn experiment(model: &str, readout: &str) -> String {
    format!(
        "name = \"waves\"\n[train.data.labelled-series]\nfile = \"waves.csv\"\ntest_fraction = 0.5\nscale = \"standard\"\n[train.model.{model}\n[train.readout.{readout}\n"
    )
}

#[test]
fn cells_are_trained_whole_and_resumed_with_more_epochs() {
    let text = experiment("qrnn]\nqubits = 4\ndepth = 1", "gradient]\nepochs = 3\nbatch = 3");
    let files = folder(&[("waves.csv", &table(|_, _| None)), ("waves.toml", &text)]);
    let (short, long) = (path(&files, "short"), path(&files, "long"));
    let report = json(&["train", &path(&files, "waves.toml"), "--out", &short]);
    assert_eq!(report["train_loss"].as_array().map(Vec::len), Some(3));
    assert_eq!(report["parameters"], report["all_parameters"]);
    let set = "train.readout.gradient.epochs=5";
    let more = json(&["train", "--resume", &short, "--set", set]);
    let whole = json(&["train", &path(&files, "waves.toml"), "--set", set, "--out", &long]);
    for key in ["train_loss", "test_loss", "test_accuracy", "confusion"] {
        assert_eq!(more[key], whole[key], "{key}");
    }
    let model = |folder: &str| std::fs::read(Path::new(folder).join("model.json")).expect("a model");
    assert!(model(&short) == model(&long), "the models differ");
}

#[test]
fn bad_labelled_series_are_refused_at_their_place() {
    let cell = experiment("echo-state]\nnodes = 5\nwash_out = 3", "ridge]");
    let refused = |data: String, text: &str| {
        let files = folder(&[("waves.csv", &data), ("waves.toml", text)]);
        refusal(&["train", &path(&files, "waves.toml")], 2)
    };
    let at =
        |series: usize, time: usize, row: &'static str| table(move |s, t| (s == series && t == time).then(|| row.to_owned()));
    for (data, words) in [
        (at(0, 3, "s0,nan,1,slow"), ["line 5", "column x"]),
        (at(0, 3, "s0,0.1,,slow"), ["line 5", "column y"]),
        (at(0, 3, "s0,0.1,0.2,fast"), ["line 5", "\"fast\""]),
        (at(0, 3, "s0,0.1,0.2,"), ["line 5", "column label"]),
        (at(0, 3, ",0.1,0.2,slow"), ["line 5", "column series"]),
        (table(|s, _| Some(format!("s{s},1,2,{}", s % 2))), ["an input", "are 1"]),
        (table(|s, t| Some(format!("s{s},{t},2,a"))), ["1 classes", "two at least"]),
        ("series,x,label\n".to_owned(), ["no row", "waves.csv"]),
    ] {
        let message = refused(data, &cell);
        assert!(words.iter().all(|word| message.contains(word)), "{message}");
    }
    let good = table(|_, _| None);
    for (from, to, word) in [
        ("wash_out = 3", "wash_out = 12", "series \"s0\""),
        ("test_fraction = 0.5", "test_fraction = 1.5", "test_fraction is 1.5"),
        ("test_fraction = 0.5", "test_fraction = 0.5\nid = \"x1\"", "no column \"x1\""),
        ("test_fraction = 0.5", "test_fraction = 0.5\ntest_file = \"waves.csv\"", "leave one out"),
        ("ridge]", "rls]", "row by row"),
        ("echo-state]\nnodes = 5\nwash_out = 3", "qrnn]", "reservoir = true"),
        ("nodes = 5", "nods = 5", "nods"),
        ("scale", "pooling = \"first\"\nscale", "first"),
    ] {
        let message = refused(good.clone(), &cell.replace(from, to));
        assert!(message.contains(word), "{message}");
    }
    // a model meets series that are too short, and labels that it does not know
    let files = folder(&[
        ("waves.csv", &good),
        ("waves.toml", &cell),
        ("short.csv", "series,x,y\na,1,2\na,2,3\n"),
        ("other.csv", "series,x,y,label\na,1,2,odd\na,2,3,odd\na,1,3,odd\na,0,3,odd\na,2,0,odd\n"),
    ]);
    let out = path(&files, "run");
    json(&["train", &path(&files, "waves.toml"), "--out", &out]);
    let model = Path::new(&out).join("model.json").display().to_string();
    assert!(refusal(&["predict", &model, &path(&files, "short.csv")], 2).contains("series \"a\" has 2 rows"));
    assert!(refusal(&["predict", &model, &path(&files, "other.csv")], 2).contains("\"odd\" is unknown"));
    assert!(refusal(&["predict", &model, &path(&files, "waves.csv"), "--rollout", "3"], 2).contains("--rollout"));
    let text = std::fs::read_to_string(&model).expect("a model").replace("\"version\": 1", "\"version\": 8");
    std::fs::write(&model, text).expect("room");
    assert!(refusal(&["predict", &model, &path(&files, "waves.csv")], 2).contains("version of the model file is 8"));
}

/// Several series are cut each by itself: as one file with an `id`, and each told by itself afterwards.
#[test]
fn several_series_are_forecast_together() {
    let text = "name = \"waves\"\n[train.data.series]\nfile = \"waves.csv\"\nid = \"series\"\ncolumn = \"x\"\nwindow = 3\ntrain_fraction = 0.6\n\
                [train.model.echo-state]\nnodes = 12\nwash_out = 3\n[train.readout.ridge]\n";
    let files = folder(&[("waves.csv", &table(|_, _| None)), ("waves.toml", text)]);
    let out = path(&files, "run");
    let report = json(&["train", &path(&files, "waves.toml"), "--out", &out]);
    // lengths 12 to 23, windows of 3 and a value to tell; the first six tenths of each are trained on
    let (all, train): (usize, usize) =
        (12..24).map(|length| (length - 4, (length - 4) * 6 / 10)).fold((0, 0), |(a, b), (c, d)| (a + c, b + d));
    assert_eq!(report["train_windows"].as_u64(), Some(train as u64));
    assert_eq!(report["test_windows"].as_u64(), Some((all - train) as u64));
    let table_of = std::fs::read_to_string(Path::new(&out).join("predictions.csv")).expect("a table");
    assert!(table_of.starts_with("series,window,part,") && table_of.lines().count() == all + 1, "{table_of}");
    assert!(Path::new(&out).join("predictions_2.svg").is_file());
    let told = json(&["predict", &out, &path(&files, "waves.csv"), "--rollout", "2"]);
    let series = told["series"].as_array().expect("a list");
    assert_eq!(series.len(), 12);
    for (number, one) in series.iter().enumerate() {
        assert_eq!((one["series"].as_str(), one["first_row"].as_u64()), (Some(format!("s{number}").as_str()), Some(5)));
        assert_eq!(one["predictions"].as_array().map(Vec::len), Some(12 + number - 3));
        assert_eq!(one["rollout"].as_array().map(Vec::len), Some(2));
    }
    assert_eq!(told["predictions"].as_array().map(Vec::len), Some((12..24).map(|length| length - 3).sum()));
    // one that is too short for its window is named
    let short = table(|_, _| None) + "s99,1,2,slow\ns99,2,1,slow\n";
    std::fs::write(files.path().join("waves.csv"), short).expect("room");
    let message = refusal(&["train", &path(&files, "waves.toml")], 2);
    assert!(message.contains("series \"s99\"") && message.contains("2 values") && message.contains("window of 3"), "{message}");
    let message = refusal(&["predict", &out, &path(&files, "waves.csv")], 2);
    assert!(message.contains("series \"s99\" has 2 rows"), "{message}");
}
