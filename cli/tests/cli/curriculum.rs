//! Searches with scores before fits, priced rewards and teachers that draw tasks.

use crate::{json, path, refusal};

/// How many kinds of dots a legend tells of.
fn legends(figure: &str) -> usize {
    ["reached", "missed"].iter().filter(|name| figure.contains(&format!(">{name}<"))).count()
}

/// Fits that a score leaves out are counted, the curriculum of a teacher is in the events, and a run that was cut is the whole one.
#[test]
fn fits_left_out_are_counted_and_curricula_logged() {
    let out = tempfile::tempdir().expect("a folder");
    let run = |name: &str, episodes: &str| {
        let folder = path(&out, name);
        let settings = [
            "search",
            "experiments/h2.toml",
            "--set",
            "search.agent={ stream-q = { hidden = [8] } }",
            "--set",
            "search.environment.screen={ gradient = 1e-3 }",
            "--set",
            "search.environment.reward.price={ two_qubit_gates = 0.1 }",
            "--set",
            "search.teacher={ alp-gmm = { fit_every = 20, space = { gates = [3, 12] } } }",
            "--set",
            episodes,
            "--out",
            &folder,
        ];
        (json(&settings), folder)
    };
    let (value, whole) = run("whole", "search.episodes=30");
    assert!(value["fits_left_out"].as_u64() > Some(0), "{value}");
    let events = std::fs::read_to_string(std::path::Path::new(&whole).join("events.jsonl")).expect("written");
    let tasks: Vec<serde_json::Value> = events.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(tasks.len(), 30);
    assert!(tasks.iter().all(|task| (3..=12).contains(&task["max_gates"].as_u64().expect("a budget"))));
    // on the page there is a dot for each episode's threshold and budget
    let page = std::fs::read_to_string(std::path::Path::new(&whole).join("report.html")).expect("written");
    for title in ["What the teacher asked for", "Gates that it allowed"] {
        let figure = page.split("<svg").find(|part| part.contains(title)).expect(title);
        assert_eq!(figure.matches("<circle").count(), 30 + legends(figure), "{title}");
    }
    let (_, cut) = run("cut", "search.episodes=11");
    json(&["search", "--resume", &cut, "--set", "search.episodes=30"]);
    let read = |run: &str| std::fs::read(std::path::Path::new(run).join("events.jsonl")).expect("written");
    assert!(read(&cut) == read(&whole));
    // refused at their line
    let message = refusal(
        &["search", "experiments/h2.toml", "--set", "search.teacher={ riac = { size = 7 } }", "--out", &path(&out, "bad")],
        2,
    );
    assert!(message.contains("teacher.riac.size"), "{message}");
}
