use super::*;

fn meta() -> Meta {
    Meta { seconds: 0.5, ..Meta::new("search", 1) }
}

fn create(path: &Path) -> Result<RunFolder, Failure> {
    let inputs = [("input.json", "{}")];
    RunFolder::create(path, &Contents { experiment: "seed = 1\n", inputs: &inputs, meta: &meta(), state: b"state 0" })
}

/// A run of two events, a checkpoint behind the first.
fn run(folder: &tempfile::TempDir) -> PathBuf {
    let path = folder.path().join("run");
    let mut run = create(&path).expect("an empty place");
    run.event(&1).expect("room");
    run.checkpoint(b"state 1", &meta(), vec![("result.csv".to_owned(), b"a,b".to_vec())]).expect("room");
    run.event(&2).expect("room");
    path
}

fn message(result: Result<Opened, Failure>) -> String {
    match result.err().expect("refused") {
        Failure::Input(error) | Failure::Busy(error) => format!("{error:#}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_folder_can_be_resumed_from_its_first_moment() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run");
    drop(create(&path).expect("an empty place"));
    let opened = RunFolder::open(&path, "search").expect("complete");
    assert_eq!((opened.experiment.as_str(), opened.meta, opened.state.as_slice()), ("seed = 1\n", meta(), &b"state 0"[..]));
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing is left beside it");
}

#[test]
fn what_came_after_the_checkpoint_is_cut_on_resumption() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = run(&folder);
    let Opened { folder: mut run, state, .. } = RunFolder::open(&path, "search").expect("a run");
    assert_eq!(state, b"state 1");
    run.event(&3).expect("room");
    run.checkpoint(b"next", &meta(), Vec::new()).expect("room");
    assert_eq!(std::fs::read_to_string(path.join("events.jsonl")).expect("text"), "1\n3\n");
}

/// Killed between any two files of a checkpoint, the folder holds the old one or the new one.
#[test]
fn a_half_written_checkpoint_is_the_old_or_the_new_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = run(&folder);
    let names = ["meta.json", "checkpoint/state", "result.csv"];
    let old: Vec<Vec<u8>> = names.iter().map(|name| std::fs::read(path.join(name)).expect("there")).collect();
    let mut opened = RunFolder::open(&path, "search").expect("a run");
    opened.folder.event(&3).expect("room");
    let later = Meta { seconds: 9.0, ..meta() };
    opened.folder.checkpoint(b"state 2", &later, vec![("result.csv".to_owned(), b"c".to_vec())]).expect("room");
    drop(opened);
    let new: Vec<Vec<u8>> = names.iter().map(|name| std::fs::read(path.join(name)).expect("there")).collect();
    let manifest = std::fs::read(path.join(manifest::FILE)).expect("there");
    for mixture in 0..8usize {
        for (place, name) in names.iter().enumerate() {
            let bytes = if mixture >> place & 1 == 1 { &new[place] } else { &old[place] };
            std::fs::write(path.join(name), bytes).expect("room");
        }
        std::fs::write(path.join(manifest::FILE), &manifest).expect("room");
        std::fs::write(path.join("events.jsonl"), "1\n3\n").expect("room");
        let opened = RunFolder::open(&path, "search").unwrap_or_else(|failure| panic!("{mixture}: {failure:?}"));
        assert_eq!(opened.state, if mixture >> 1 & 1 == 1 { b"state 2" } else { b"state 1" });
    }
}

/// A bit of any file that the run goes on from: its change is noticed, and the file is named.
#[test]
fn damage_is_noticed_and_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = run(&folder);
    drop(RunFolder::open(&path, "search").expect("whole")); // cuts what came after the checkpoint
    for name in ["experiment.toml", "input.json", "meta.json", "events.jsonl", "checkpoint/state", manifest::FILE] {
        let whole = std::fs::read(path.join(name)).expect("there");
        // steps that meet every bit of a byte
        for bit in (0..8 * whole.len()).step_by(21) {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            if let (manifest::FILE, Ok(_)) = (name, Manifest::unseal(&bytes)) {
                continue; // a space became another one
            }
            std::fs::write(path.join(name), bytes).expect("room");
            let message = message(RunFolder::open(&path, "search"));
            assert!(message.contains(name) || message.contains("format"), "{name}, bit {bit}: {message}");
        }
        std::fs::remove_file(path.join(name)).expect("there");
        assert!(message(RunFolder::open(&path, "search")).contains(name), "{name} is missing");
        std::fs::write(path.join(name), whole).expect("room");
    }
    // a result is no reason to stop, and is written anew
    std::fs::write(path.join("result.csv"), "changed").expect("room");
    let mut opened = RunFolder::open(&path, "search").expect("the run is whole");
    opened.folder.write(vec![("result.csv".to_owned(), b"a,b".to_vec())]).expect("room");
    assert_eq!(std::fs::read(path.join("result.csv")).expect("there"), b"a,b");
}

#[test]
fn strangers_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    std::fs::write(path.join("mine.txt"), "keep").expect("room");
    let message = create(path).err().expect("not empty").message();
    assert!(message.contains("another --out"), "{message}");
    assert!(RunFolder::open(path, "search").is_err());
    let run = path.join("run");
    drop(create(&run).expect("empty"));
    assert!(create(&run).err().expect("a run").message().contains("--resume"));
    let other = serde_json::to_string(&Meta { format: 99, ..meta() }).expect("JSON");
    std::fs::write(run.join("meta.json"), other).expect("room");
    assert!(RunFolder::open(&run, "search").err().expect("another format").message().contains("format 99"));
    let older = Meta { version: "0.0.9".to_owned(), ..meta() };
    let other = path.join("older");
    drop(RunFolder::create(&other, &Contents { experiment: "", inputs: &[], meta: &older, state: b"" }).expect("empty"));
    assert!(RunFolder::open(&other, "search").err().expect("another version").message().contains("was made by qloom 0.0.9"));
}

#[test]
fn what_the_dead_left_beside_is_made_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let beside = folder.path().join(".run.part");
    std::fs::create_dir_all(beside.join("checkpoint")).expect("room");
    std::fs::write(beside.join("events.jsonl"), "7\n").expect("room");
    let path = run(&folder);
    assert!(!beside.exists());
    assert_eq!(RunFolder::open(&path, "search").expect("a run").state, b"state 1");
}

#[test]
fn a_run_belongs_to_one_process_and_one_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run");
    let run = create(&path).expect("an empty place");
    for refused in [RunFolder::open(&path, "search").err(), create(&path).err()] {
        assert!(matches!(refused, Some(Failure::Input(_) | Failure::Busy(_))));
    }
    drop(run);
    let message = message(RunFolder::open(&path, "jones benchmark"));
    assert!(message.contains("qloom search --resume"), "{message}");
    assert!(RunFolder::open(&path, "search").is_ok());
}

#[test]
fn another_instruction_set_is_noted() {
    let mut known = meta();
    known.simd = vec![SimdSpan { set: "abacus".to_owned(), from_event: 0 }];
    known.go_on(5);
    known.go_on(6);
    assert_eq!(known.simd.len(), 2);
    assert_eq!(known.simd[1], SimdSpan { set: instruction_set(), from_event: 5 });
}
