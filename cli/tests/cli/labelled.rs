use serde_json::Value;

use crate::{folder, json, path, refusal, root};

fn number(report: &Value, key: &str) -> f64 {
    report[key].as_f64().unwrap_or_else(|| panic!("{key} in {report}"))
}

const HEAD: &str = "name = \"t\"\nseed = 1\n[train.data.table]\nfile = \"rows.csv\"\n";
const SVM: &str = "[train.model.kernel-svm]\nmap = { zz = { reps = 1 } }\n";

/// The kernel machine tells what its map made, rivals do not; the saved model says the same.
#[test]
fn the_adhoc_experiment_is_learned() {
    let out = folder(&[]);
    let report = json(&["train", "experiments/adhoc.toml", "--out", &path(&out, "run")]);
    assert!(number(&report, "train_accuracy") > 0.95 && number(&report, "test_accuracy") > 0.9, "{report}");
    let interval: Vec<f64> = report["confidence_interval"].as_array().expect("two").iter().filter_map(Value::as_f64).collect();
    let accuracy = number(&report, "test_accuracy");
    assert!(interval[0] < accuracy && accuracy <= interval[1], "{report}");
    assert_eq!(report["classes"], serde_json::json!(["A", "B"]));
    for rival in ["linear_svm", "rbf_svm", "logistic_regression", "nearest_neighbors"] {
        assert!(number(&report["rivals"], rival) < accuracy, "{report}");
    }
    let model = report["model"].as_str().expect("a path");
    let told = json(&["predict", model, "data/classification/adhoc_test.csv"]);
    assert_eq!(told["labels"].as_array().expect("labels").len(), 40);
    assert_eq!(number(&told, "accuracy"), accuracy);
    for file in ["confusion.svg", "confusion.csv", "gram.svg", "predictions.csv", "report.json", "train.csv", "test.csv"] {
        assert!(out.path().join("run").join(file).metadata().expect(file).len() > 0, "{file}");
    }
    // the same seed, the same model; the folder runs by itself
    let again = format!("{}/experiment.toml", path(&out, "run"));
    json(&["train", &again, "--out", &path(&out, "again")]);
    let read = |run: &str| std::fs::read(out.path().join(run).join("model.json")).expect("a model");
    assert_eq!(read("run"), read("again"));
}

#[test]
fn a_circuit_learns_iris_and_goes_on_with_more_epochs() {
    let toml = "name = \"iris\"\n[train.data.table]\nfile = \"classification/iris.csv\"\nscale = \"min-max\"\ntest_fraction = 0.4\n\
                [train.model.variational]\nlayers = 2\nepochs = 2\nmap = { angle = {} }\n";
    let out = folder(&[("iris.toml", toml)]);
    let (file, run) = (path(&out, "iris.toml"), path(&out, "run"));
    let short = json(&["train", &file, "--out", &run]);
    assert_eq!((short["epochs"].as_u64(), short["test_rows"].as_u64()), (Some(2), Some(60)));
    let longer = json(&["train", "--resume", &run, "--set", "train.model.variational.epochs=25"]);
    assert!(number(&longer, "test_accuracy") > 0.7, "{longer}");
    let whole = json(&["train", &file, "--set", "train.model.variational.epochs=25", "--out", &path(&out, "whole")]);
    assert_eq!(whole["confusion"], longer["confusion"]);
    let read = |run: &str| std::fs::read(out.path().join(run).join("model.json")).expect("a model");
    assert_eq!(read("run"), read("whole"));
    // rows without labels are told too
    let rows = folder(&[("rows.csv", "sepal_length_cm,sepal_width_cm,petal_length_cm,petal_width_cm\n5.1,3.5,1.4,0.2\n")]);
    let told = json(&["predict", &run, &path(&rows, "rows.csv")]);
    assert!(told["labels"].as_array().expect("one").len() == 1 && told.get("accuracy").is_none(), "{told}");
}

#[test]
fn questions_are_told_by_their_words() {
    let (mut text, things) = (String::new(), ["song", "album", "singer", "band"]);
    for number in 0..24 {
        let (a, b) = (things[number % 4], ["actor", "film", "scene", "screen"][number / 4 % 4]);
        text += &format!(
            "MUSIC\tWhich {a} of the music {} is played?\nMOVIES\tWho is the {b} of movie {}?\nSPORT\tWho won?\n",
            number % 3,
            number % 5
        );
    }
    let toml = "name = \"questions\"\nseed = 1\n[train.data.questions]\nfile = \"questions.tsv\"\ntopics = [\"MUSIC\", \"MOVIES\"]\n\
                components = 4\n[train.model.variational]\nlayers = 2\nepochs = 20\n";
    let out = folder(&[("questions.tsv", &text), ("q.toml", toml)]);
    let report = json(&["train", &path(&out, "q.toml"), "--out", &path(&out, "run")]);
    assert!(number(&report, "test_accuracy") > 0.8, "{report}");
    assert_eq!(report["classes"], serde_json::json!(["MOVIES", "MUSIC"]));
    let asked = folder(&[("asked.tsv", "Which album is played?\n"), ("known.tsv", "MUSIC\tWhich album?\nSPORT\tWho won?\n")]);
    assert_eq!(json(&["predict", &path(&out, "run"), &path(&asked, "asked.tsv")])["labels"].as_array().expect("one").len(), 1);
    let error = refusal(&["predict", &path(&out, "run"), &path(&asked, "known.tsv")], 2);
    assert!(error.contains("line 2, column 1") && error.contains("SPORT"), "{error}");
    let error = refusal(&["train", &path(&out, "q.toml"), "--set", "train.data.questions.topics=[\"ART\"]"], 2);
    assert!(error.contains("ART") && error.contains("MUSIC"), "{error}");
}

/// The stand-in rows of the question study: what exact singular vectors give.
#[test]
fn public_questions_are_told_as_in_the_study() {
    let Some(data) = root().parent().map(|above| above.join("shared/data/questions")).filter(|data| data.is_dir()) else {
        eprintln!("skipped: there is no ../shared/data/questions beside the repository");
        return;
    };
    let file = |name: &str| data.join(name).display().to_string();
    let toml = format!(
        "name = \"q\"\n[train.data.questions]\nfile = \"{}\"\ntest_file = \"{}\"\ncomponents = 4\n\
         [train.model.kernel-svm]\nmap = {{ zz = {{ reps = 1 }} }}\n",
        file("selqa_test.tsv"),
        file("selqa_dev.tsv")
    );
    let out = folder(&[("q.toml", &toml)]);
    let report = json(&["train", &path(&out, "q.toml")]);
    // 128 of 164
    assert!((number(&report, "test_accuracy") - 0.780).abs() < 0.007, "{report}");
    assert!((number(&report["rivals"], "rbf_svm") - 0.829).abs() < 0.007, "{report}");
}

#[test]
fn mistakes_in_tables_have_their_place() {
    for (rows, place) in [
        ("a,b,label\n1,2,x\n1,,y\n", "line 3, column b"),
        ("a,b,label\n1,2,x\n1,two,y\n", "line 3, column b"),
        ("a,b,label\n1,2,x\n3,4,\n", "line 3, column label"),
        ("a,b,label\n1,2,x\n1,3,x\n", "1 classes"),
        ("a,b\n1,2\n1,3\n", "no labels"),
        ("a,b,label\n1,2,x\n1,3,y\n", "rows of a class"),
        ("a,b,label\n1,2,x\n1e9,3,x\n1,2,y\n1,2e9,y\n3,4,x\n5,6,y\n", "scale the columns"),
    ] {
        let out = folder(&[("rows.csv", rows), ("t.toml", &format!("{HEAD}scale = \"none\"\ntest_fraction = 0.2\n{SVM}"))]);
        let error = refusal(&["train", &path(&out, "t.toml")], 2);
        assert!(error.contains(place), "{rows}: {error}");
    }
    let rows = "a,b,label\n1,2,x\n2,2,x\n1,0,y\n2,0,y\n";
    let out = folder(&[("rows.csv", rows), ("t.toml", &format!("{HEAD}{SVM}")), ("other.csv", "a,b,label\n1,2,x\n1,2,z\n")]);
    json(&["train", &path(&out, "t.toml"), "--out", &path(&out, "run")]);
    let error = refusal(&["predict", &path(&out, "run"), &path(&out, "other.csv")], 2);
    assert!(error.contains("line 3, column label") && error.contains("\"z\""), "{error}");
    let far = folder(&[("far.csv", "a,b\n1,2\n1,1e9\n"), ("series.json", "{\"format\":\"other\",\"version\":1}")]);
    let error = refusal(&["predict", &path(&out, "run"), &path(&far, "far.csv")], 2);
    assert!(error.contains("line 3, column b"), "{error}");
    assert!(refusal(&["predict", &path(&far, "series.json"), &path(&far, "far.csv")], 2).contains("other"));
    let error = refusal(&["train", &path(&out, "t.toml"), "--set", "train.model.kernel-svm.c=-1"], 2);
    assert!(error.contains("c is -1"), "{error}");
    let error = refusal(&["train", &path(&out, "t.toml"), "--set", "train.model.kernel-svm.depth=3"], 2);
    assert!(error.contains("depth"), "{error}");
}

/// Rows of two classes that overlap, one after the other.
fn two_classes(rows: usize) -> String {
    let mut text = "a,b,label\n".to_owned();
    for row in 0..rows {
        let (x, y) = ((row as f64 * 0.37).sin(), (row as f64 * 0.73).cos());
        let label = if x + 0.3 * y > 0.1 * (row as f64 * 1.9).sin() { "up" } else { "down" };
        text.push_str(&format!("{x},{y},{label}\n"));
    }
    text
}

#[test]
fn folds_choose_settings_and_shuffled_labels_are_told_worse() {
    let toml = format!("{HEAD}scale = \"min-max\"\n{SVM}");
    let out = folder(&[("rows.csv", &two_classes(60)), ("t.toml", &toml)]);
    let grid = "train.model.kernel-svm.c=[0.1, 10]";
    let file = path(&out, "t.toml");
    let report = json(&["validate", &file, "--folds", "4", "--grid", grid, "--permutations", "9"]);
    assert!(number(&report, "accuracy") > 0.85 && number(&report, "roc_auc") > 0.9, "{report}");
    assert!((number(&report, "p_value") - 0.1).abs() < 1e-12, "{report}");
    let folds = report["folds"].as_array().expect("a list");
    assert_eq!(folds.len(), 4);
    for fold in folds {
        let chosen = fold["chosen"][0].as_str().expect("a choice");
        assert!(chosen.starts_with("train.model.kernel-svm.c=") && number(fold, "inner_accuracy") > 0.7, "{fold}");
    }
    let counted: u64 = report["confusion"]
        .as_array()
        .expect("rows")
        .iter()
        .flat_map(|row| row.as_array().expect("a row"))
        .map(|x| x.as_u64().expect("a count"))
        .sum();
    assert_eq!(counted, 60);
    assert_eq!(json(&["validate", &file, "--folds", "4", "--grid", grid, "--permutations", "9"]), report, "one seed, one report");
    for (wrong, place) in [
        (vec!["--grid", "train.model.kernel-svm.c"], "write path.to.key=["),
        (vec!["--grid", "train.model.kernel-svm.c=[]"], "write path.to.key=["),
        (vec!["--grid", "train.model.kernel-svm.depth=[1]"], "depth"),
        (vec!["--folds", "40"], "rows of a class"),
    ] {
        let error = refusal(&[&["validate", &file], &wrong[..]].concat(), 2);
        assert!(error.contains(place), "{wrong:?}: {error}");
    }
}

#[test]
fn a_sweep_has_every_fit_and_goes_on() {
    let toml = "name = \"s\"\nvalues = [1, 2]\nseeds = [1, 2, 3]\n[data.table]\nfile = \"rows.csv\"\nscale = \"angle\"\n\
                [curves.machine]\nkeys = [\"kernel-svm.map.z.reps\"]\n[curves.machine.model.kernel-svm]\nmap = { z = {} }\n\
                [curves.circuit]\nkeys = [\"variational.layers\"]\n[curves.circuit.model.variational]\nmap = { angle = {} }\nepochs = 3\n";
    let out = folder(&[("rows.csv", &two_classes(40)), ("s.toml", toml)]);
    let run = path(&out, "run");
    let report = json(&["sweep", &path(&out, "s.toml"), "--out", &run]);
    let points = report["points"].as_array().expect("a list");
    assert_eq!(points.len(), 4);
    for point in points {
        assert_eq!(point["fits"], 3);
        let (low, mean, high) = (number(point, "low"), number(point, "test_accuracy"), number(point, "high"));
        assert!(low < mean && mean < high && number(point, "train_accuracy") > 0.4, "{point}");
    }
    assert!(number(&report["rivals"], "rbf_svm") > 0.6, "{report}");
    let read = |name: &str| std::fs::read_to_string(out.path().join("run").join(name)).expect(name);
    assert_eq!(read("runs.csv").lines().count(), 13);
    assert_eq!(read("points.csv").lines().count(), 5);
    assert!(read("accuracy.svg").contains("<svg"));
    let again = json(&["sweep", "--resume", &run]);
    assert_eq!(again["points"], report["points"]);
    for (set, place) in [
        ("values=[]", "values is empty"),
        ("values=[0]", "layers is 0"),
        ("values=[1.5]", "curves."),
        ("curves.machine.keys=[]", "keys is empty"),
        ("curves.machine.keys=[\"kernel-svm.map.z.depth\"]", "depth"),
    ] {
        let error = refusal(&["sweep", &path(&out, "s.toml"), "--set", set], 2);
        assert!(error.contains(place), "{set}: {error}");
    }
}

#[test]
fn answers_are_chosen_and_scored() {
    let lines = "{\"question\": \"Who sang the song Halo?\", \"topic\": \"MUSIC\", \"answers\": [1], \"candidates\": [\"It rained.\", \"Halo \
                 was sung by Mary Stone.\"]}\n\n{\"question\": \"When did it rain?\", \"topic\": \"SKY\", \"answers\": [0], \"candidates\": \
                 [\"It did rain in 1969.\", \"It was dry.\"]}\n";
    let lexicon = "{\"topics\": {\"MUSIC\": [\"song\"]}, \"expected\": 0.2}";
    let out = folder(&[
        ("q.jsonl", lines),
        ("l.json", lexicon),
        ("bad.jsonl", "{\"question\": \"x\", \"candidates\": [\"a\"], \"answers\": [1]}"),
    ]);
    let choices = path(&out, "choices.csv");
    let report = json(&["answer", &path(&out, "q.jsonl"), "--lexicon", &path(&out, "l.json"), "--out", &choices]);
    assert_eq!(number(&report["no_topics"], "accuracy"), 1.0);
    assert_eq!(number(&report["true_topics"], "mrr"), 1.0);
    assert!(report.get("predicted_topics").is_none());
    assert_eq!(std::fs::read_to_string(&choices).expect("choices").lines().count(), 5);
    let error = refusal(&["answer", &path(&out, "bad.jsonl")], 2);
    assert!(error.contains("line 1") && error.contains("answer 1"), "{error}");
    let error = refusal(&["answer", &path(&out, "l.json")], 2);
    assert!(error.contains("line 1"), "{error}");
}

#[test]
fn probabilities_scores_and_shots_come_with_labels() {
    let toml = format!("{HEAD}scale = \"min-max\"\n{SVM}probability = true\nshots = 2000\n");
    let out = folder(&[("rows.csv", &two_classes(60)), ("t.toml", &toml)]);
    let run = path(&out, "run");
    let report = json(&["train", &path(&out, "t.toml"), "--out", &run]);
    assert!(number(&report, "roc_auc") > 0.8, "{report}");
    for name in ["gram.npz", "boundary.svg", "circuit.qasm"] {
        assert!(out.path().join("run").join(name).is_file(), "{name}");
    }
    let told = json(&["predict", &run, &path(&out, "rows.csv")]);
    assert_eq!(json(&["predict", &run, &path(&out, "rows.csv")]), told, "shots are drawn by the seed");
    let (labels, classes) = (told["labels"].as_array().expect("labels"), told["classes"].as_array().expect("two"));
    for ((label, chances), scores) in
        labels.iter().zip(told["probabilities"].as_array().expect("rows")).zip(told["scores"].as_array().expect("rows"))
    {
        let pair = |list: &Value| [list[0].as_f64().expect("a number"), list[1].as_f64().expect("a number")];
        let ([first, second], [a, b]) = (pair(chances), pair(scores));
        assert!((first + second - 1.0).abs() < 1e-9);
        assert_eq!(label, if a > b { &classes[0] } else { &classes[1] });
    }
    // a projected kernel is exact
    let projected = "train.model.kernel-svm.kernel={projected = {gamma = 2.0}}";
    let error = refusal(&["train", &path(&out, "t.toml"), "--set", projected], 2);
    assert!(error.contains("shots"), "{error}");
    let exact = toml.replace("shots = 2000\n", "kernel = { projected = { gamma = 2.0 } }\n");
    let out = folder(&[("rows.csv", &two_classes(60)), ("t.toml", &exact)]);
    assert!(number(&json(&["train", &path(&out, "t.toml")]), "test_accuracy") > 0.7);
}

#[test]
fn kernels_and_circuits_are_diagnosed() {
    let report = json(&["diagnose", "kernel", &root().join("data/classification/adhoc_train.csv").display().to_string()]);
    assert!(number(&report, "alignment") > 0.1 && number(&report, "effective_dimension") > 1.0, "{report}");
    assert_eq!(report["by_qubits"].as_array().expect("a list").len() as f64, number(&report, "num_qubits"));
    assert!(report["classical"].as_array().expect("kernels").iter().all(|row| number(row, "difference") > 0.0));
    let report = json(&["diagnose", "circuit", "--qubits", "2,4", "--samples", "300", "--layers", "4"]);
    let circuits = report["circuits"].as_array().expect("two");
    assert!(number(&circuits[1], "gradient_variance") < number(&circuits[0], "gradient_variance"), "{report}");
    let error = refusal(&["diagnose", "kernel", &root().join("data/classification/iris.csv").display().to_string()], 2);
    assert!(error.contains("3 kinds"), "{error}");
}

#[test]
fn numbers_of_a_table_are_told() {
    let mut rows = "a,b,y\n".to_owned();
    for row in 0..60 {
        let (a, b) = (2.0 + 2.0 * (f64::from(row) * 0.37).sin(), 2.0 + 2.0 * (f64::from(row) * 0.73).cos());
        rows.push_str(&format!("{a},{b},{}\n", 100.0 + 3.0 * a.sin() + b));
    }
    let toml = "name = \"n\"\nseed = 2\n[train.data.table]\nfile = \"rows.csv\"\ntarget = \"y\"\nscale = \"angle\"\n\
                [train.model.gaussian-process]\nnoise = 1e-3\nmap = { angle = {} }\n";
    let out = folder(&[("rows.csv", &rows), ("n.toml", toml), ("gap.csv", "a,b\n1,2\n1,\n")]);
    let run = path(&out, "run");
    let report = json(&["train", &path(&out, "n.toml"), "--out", &run]);
    let (share, linear) = (number(&report, "test_r2"), number(&report["rivals"], "linear_ridge"));
    assert!(share > 0.99 && linear < share, "{report}");
    assert!(out.path().join("run/predictions.svg").is_file());
    assert_eq!(json(&["train", "--resume", &run])["test_r2"], report["test_r2"]);
    let told = json(&["predict", &run, &path(&out, "rows.csv")]);
    assert!(number(&told, "r2") > 0.95 && told["deviations"].as_array().expect("a process has them").len() == 60, "{told}");
    let error = refusal(&["predict", &run, &path(&out, "gap.csv")], 2);
    assert!(error.contains("line 3, column b"), "{error}");
    for (set, place) in [
        ("train.data.table.target=z", "no column \"z\""),
        ("train.data.table.test_fraction=2", "test_fraction is 2"),
        ("train.model.gaussian-process.noise=0", "noise is 0"),
        ("train.data.table.scale=none", ""),
    ] {
        if place.is_empty() {
            json(&["train", &path(&out, "n.toml"), "--set", set]);
        } else {
            let error = refusal(&["train", &path(&out, "n.toml"), "--set", set], 2);
            assert!(error.contains(place), "{set}: {error}");
        }
    }
}

/// Noise, shots, a device and methods on all rows, each from the file to the saved model; short ones with shots are not judged.
#[test]
fn circuits_are_trained_with_noise_and_by_other_methods() {
    let toml = "name = \"iris\"\n[train.data.table]\nfile = \"classification/iris.csv\"\nscale = \"angle\"\ncomponents = 2\n\
                [train.model.variational]\nmap = { angle = {} }\nlayers = 2\nreadout = \"parity\"\n";
    let out = folder(&[("iris.toml", toml)]);
    let file = path(&out, "iris.toml");
    for (case, sets) in [
        vec!["epochs=8", "noise={ depolarizing1 = 1e-3, depolarizing2 = 1e-2, readout = 0.02 }"],
        vec!["epochs=3", "shots=100", "device=line-3"],
        vec!["optimizer={ lbfgs = { max_evaluations = 40 } }"],
        vec!["optimizer={ spsa = { max_evaluations = 60 } }", "shots=1000"],
        vec!["optimizer={ cobyla = { max_evaluations = 60 } }"],
        vec!["optimizer={ natural-gradient = { metric = \"block-diagonal\" } }", "epochs=2"],
        vec!["optimizer={ natural-gradient = { damping = 0.05 } }", "epochs=8"],
    ]
    .iter()
    .enumerate()
    {
        let run = path(&out, &case.to_string());
        let sets: Vec<String> = sets.iter().map(|set| format!("train.model.variational.{set}")).collect();
        let mut arguments = vec!["train", &file, "--out", &run];
        sets.iter().for_each(|set| arguments.extend(["--set", set]));
        let report = json(&arguments);
        assert!(case % 2 == 1 || number(&report, "train_accuracy") > 0.55, "{sets:?} {report}");
        // the saved model draws the same shots as the report did
        let told = json(&["predict", &run, &root().join("data/classification/iris.csv").display().to_string()]);
        let again = json(&["predict", &run, &root().join("data/classification/iris.csv").display().to_string()]);
        assert_eq!(told, again);
        assert!(case % 2 == 1 || number(&told, "accuracy") > 0.5, "{sets:?}");
        let resumed = json(&["train", "--resume", &run]);
        assert_eq!(resumed["confusion"], report["confusion"], "{sets:?}");
    }
    for (set, word) in [
        ("device=nowhere", "nowhere"),
        ("optimizer={ cobyla = { max_evaluations = 60 } }\nepochs = 7", "max_evaluations"),
        ("shots=0", "shots is 0"),
        ("optimizer={ natural-gradient = { damping = 0.0 } }", "damping of natural-gradient is 0"),
        ("optimizer={ natural-gradient = { metric = \"full\" } }", "line 9"),
        ("optimizer={ natural-gradient = {} }\nshots = 10", "shots only estimate"),
        ("optimizer={ natural-gradient = {} }\nnoise = { readout = 0.1 }", "leave out noise"),
        ("noise={ depolarizing3 = 0.1 }", "depolarizing3"),
    ] {
        let text =
            toml.replace("layers = 2", &format!("layers = 2\n{}", set.replacen("device=nowhere", "device=\"nowhere\"", 1)));
        let wrong = folder(&[("iris.toml", &text)]);
        let error = refusal(&["train", &path(&wrong, "iris.toml")], 2);
        assert!(error.contains(word), "{set}: {error}");
    }
}
