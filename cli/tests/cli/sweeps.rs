//! Grids of settings as many runs: planned, run in shares, cut and gone on with, gathered.

use std::collections::BTreeMap;
use std::path::Path;

use crate::{folder, json, path, qloom, refusal, root};

const GRID: &str =
    "command = \"search\"\nexperiment = \"experiments/h2.toml\"\n[axes]\nseed = [1, 2]\n\"search.episodes\" = [2, 3]\n";

fn plan(files: &tempfile::TempDir, out: &str) -> String {
    let out = path(files, out);
    let value = json(&["sweep", "plan", &path(files, "grid.toml"), "--out", &out]);
    assert_eq!(value["runs"], 4);
    out
}

/// The results of all runs by the names of their folders.
fn results(plan: &str) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(plan).expect("there").map(|entry| entry.expect("an entry").path());
    let runs = entries.filter(|path| path.is_dir());
    runs.map(|run| {
        let text = std::fs::read_to_string(run.join("events.jsonl")).expect("events");
        (run.file_name().expect("a name").to_string_lossy().into_owned(), text)
    })
    .collect()
}

#[test]
fn shares_together_are_the_whole() {
    let files = folder(&[("grid.toml", GRID)]);
    let (whole, shares) = (plan(&files, "whole"), plan(&files, "shares"));
    let value = json(&["sweep", "run", &whole]);
    assert_eq!((&value["done"], &value["skipped"]), (&4.into(), &0.into()), "{value}");
    let status = json(&["sweep", "status", &shares]);
    assert_eq!((&status["waiting"], &status["done"]), (&4.into(), &0.into()));
    assert_eq!(json(&["sweep", "run", &shares, "--shard", "2/2"])["done"], 2);
    let task = qloom(&["sweep", "run", &shares, "--json"]).env("SLURM_ARRAY_TASK_ID", "0").output().expect("it runs");
    assert!(task.status.success() && String::from_utf8_lossy(&task.stdout).contains("\"done\":1"));
    let rest = json(&["sweep", "run", &shares]);
    assert_eq!((&rest["done"], &rest["skipped"]), (&1.into(), &3.into()));
    assert_eq!(results(&whole), results(&shares));
    let collected = json(&["sweep", "collect", &whole]);
    assert_eq!((&collected["runs"], &collected["missing"]), (&4.into(), &0.into()));
    assert_eq!(collected["summary"].as_array().expect("groups").len(), 2);
    assert!(refusal(&["sweep", "collect", &whole, "--of", "luck"], 2).contains("there are"));
    let energies = json(&["sweep", "collect", &whole, "--of", "energy"]);
    assert_eq!(energies["summary"][0]["values"].as_object().expect("values").len(), 1);
    assert_eq!(json(&["sweep", "collect", &whole])["runs"], 4);
    let table = std::fs::read_to_string(Path::new(&whole).join("runs.csv")).expect("written");
    assert!(table.lines().count() == 5 && table.starts_with("index,folder,set search.episodes,set seed"), "{table}");
    let summary = std::fs::read_to_string(Path::new(&whole).join("summary.csv")).expect("written");
    assert!(summary.starts_with("set search.episodes,value,runs,median,lowest,highest") && summary.contains(",2,"));
}

const VARIANTS: &str = r#"
command = "search"
experiment = ["experiments/h2.toml", "experiments/search/h2-4.toml"]
[set]
name = "{experiment}, {variant}"
"search.episodes" = 2
"search.environment.max_gates" = 5
[axes]
seed = [1, 2]
[variants.plain]
[variants.long]
"search.environment.max_gates" = 6
"search.agent" = { local = { max_gates = 6 } }
"#;

/// Several files, and several keys under a name: every run has what its lines say, and results are gathered by these names.
#[test]
fn variants_set_several_keys_of_several_experiments() {
    let files = folder(&[("grid.toml", VARIANTS)]);
    let out = path(&files, "out");
    let value = json(&["sweep", "plan", &path(&files, "grid.toml"), "--out", &out]);
    assert_eq!(value["runs"], 8);
    assert_eq!(value["axes"], serde_json::json!({"experiment": 2, "variant": 2, "seed": 2}));
    let plan = std::fs::read_to_string(Path::new(&out).join("plan.jsonl")).expect("written");
    let runs: Vec<serde_json::Value> = plan.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(runs[1]["settings"], serde_json::json!({"experiment": "h2", "variant": "long", "seed": 2}));
    let set: Vec<&str> = runs[1]["set"].as_array().expect("a list").iter().filter_map(|one| one.as_str()).collect();
    let agent = "search.agent={ local = { max_gates = 6 } }";
    assert_eq!(set, ["name=\"h2, long\"", "search.episodes=2", agent, "search.environment.max_gates=6", "seed=2"]);
    assert_eq!(
        (&runs[7]["experiment"], &runs[7]["settings"]["variant"]),
        (&"experiments/search/h2-4.toml".into(), &"plain".into())
    );
    let folders: std::collections::BTreeSet<&str> = runs.iter().filter_map(|run| run["folder"].as_str()).collect();
    assert_eq!(folders.len(), 8);
    assert_eq!(json(&["sweep", "run", &out, "--shard", "1/4"])["done"], 2);
    let collected = json(&["sweep", "collect", &out, "--of", "error"]);
    assert_eq!(collected["summary"][0]["settings"], serde_json::json!({"experiment": "h2", "variant": "long"}));
    let name = |run: usize| {
        let place = Path::new(&out).join(runs[run]["folder"].as_str().expect("a name")).join("experiment.toml");
        std::fs::read_to_string(place).expect("written")
    };
    assert!(name(0).contains("name = \"h2, long\"") && name(4).contains("name = \"h2-4, long\""), "{}", name(0));
}

/// The grids that the tables of experiments/ come from can be planned, and every run of them begins.
#[test]
fn grids_of_the_tables_are_plans() {
    let files = folder(&[]);
    let folder = root().join("experiments/sweeps");
    let mut grids: Vec<_> = std::fs::read_dir(folder).expect("there").map(|entry| entry.expect("an entry").path()).collect();
    grids.sort();
    assert!(grids.len() > 10);
    for grid in grids {
        let out = path(&files, &grid.file_stem().expect("a name").to_string_lossy());
        let value = json(&["sweep", "plan", &grid.display().to_string(), "--out", &out]);
        assert!(value["runs"].as_u64().expect("a number") >= 5, "{}: {value}", grid.display());
    }
}

/// Stopped by a scheduler again and again and started again, an array ends with the same events.
#[cfg(unix)]
#[test]
fn runs_that_are_preempted_end_as_those_that_were_not() {
    let grid = GRID.replace("[2, 3]", "[400, 500]");
    let files = folder(&[("grid.toml", &grid)]);
    let (whole, cut) = (plan(&files, "whole"), plan(&files, "cut"));
    let first = json(&["sweep", "run", &whole, "--index", "1"]);
    assert_eq!(first["done"], 1);
    let mut stops = 0;
    loop {
        let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("qloom"))
            .current_dir(root())
            .args(["sweep", "run", &cut, "--index", "1", "--json"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("it runs");
        std::thread::sleep(std::time::Duration::from_millis(120 + 60 * stops));
        // it may have ended meanwhile
        let signal = if stops % 2 == 0 { "-USR1" } else { "-TERM" };
        let _ = std::process::Command::new("kill")
            .args([signal, &child.id().to_string()])
            .stderr(std::process::Stdio::null())
            .status();
        match child.wait().expect("it ends").code() {
            Some(0) => break,
            // 130: before anything listened, or the run's folder was there
            code => assert!(matches!(code, Some(75 | 130) | None), "{code:?}"),
        }
        stops += 1;
        assert!(stops < 60, "it never ends");
    }
    let (mut one, mut other) = (results(&whole), results(&cut));
    assert_eq!(one.len(), 1);
    assert_eq!(one.pop_first(), other.pop_first());
}

#[test]
fn a_limit_of_time_saves_and_tells() {
    let grid = GRID.replace("[2, 3]", "[100000, 100001]");
    let files = folder(&[("grid.toml", &grid)]);
    let out = plan(&files, "long");
    let output = qloom(&["sweep", "run", &out, "--index", "0", "--time-limit", "1", "--json"]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(75), "{}", String::from_utf8_lossy(&output.stderr));
    let status = json(&["sweep", "status", &out]);
    assert_eq!((&status["begun"], &status["waiting"]), (&1.into(), &3.into()));
    let script = json(&["sweep", "slurm", &out, "--at-once", "2", "--time", "30", "--option", "account=physics"]);
    let script = script["script"].as_str().expect("a text");
    for line in ["#SBATCH --array=0-3%2", "#SBATCH --signal=B:USR1@120", "#SBATCH --account=physics", "scontrol requeue"] {
        assert!(script.contains(line), "{script}");
    }
}

#[test]
fn bad_grids_and_plans_are_refused() {
    let files = folder(&[
        ("grid.toml", GRID),
        ("empty.toml", &GRID.replace("[1, 2]", "[]")),
        ("files.toml", &format!("{GRID}[files]\nname = \"nothing-*.json\"\n")),
        ("twice.toml", &format!("{GRID}[variants.long]\nseed = 3\n")),
        ("common.toml", &format!("{GRID}[set]\nseed = 3\n")),
        (
            "same.toml",
            &GRID.replace("\"experiments/h2.toml\"", "[\"experiments/h2.toml\", \"experiments/../experiments/h2.toml\"]"),
        ),
        ("none.toml", &GRID.replace("\"experiments/h2.toml\"", "[]")),
        ("number.toml", &GRID.replace("\"experiments/h2.toml\"", "3")),
        ("command.toml", &GRID.replace("search\"\nexp", "draw\"\nexp")),
        ("bad.jsonl", "{\"index\": 0}\n"),
    ]);
    let refused = |name: &str| refusal(&["sweep", "plan", &path(&files, name), "--out", &path(&files, "out")], 2);
    assert!(refused("empty.toml").contains("axes.seed is empty"));
    assert!(refused("files.toml").contains("no file fits"));
    assert!(refused("twice.toml").contains("variants.long.seed") && refused("common.toml").contains("set.seed"));
    assert!(refused("same.toml").contains("two files are called h2") && refused("none.toml").contains("empty list"));
    assert!(refused("number.toml").contains("the name of a file in quotes"));
    assert!(refused("command.toml").contains("draw"));
    let out = plan(&files, "good");
    assert!(refusal(&["sweep", "run", &out, "--index", "4"], 2).contains("runs 0 to 3"));
    assert!(refusal(&["sweep", "run", &out, "--shard", "3/2"], 2).contains("I/N"));
    assert!(refusal(&["sweep", "run", &path(&files, "bad.jsonl")], 2).contains("line 1"));
    assert!(refusal(&["sweep", "collect", &out], 2).contains("no run of the plan is done"));
    assert!(refusal(&["sweep", "slurm", &out, "--time", "soon"], 2).contains("hours:minutes"));
}
