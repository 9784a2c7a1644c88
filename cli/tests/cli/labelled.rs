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
