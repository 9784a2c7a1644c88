//! Results that cannot be written end a command with 1, words on standard error that cannot be written end nothing.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{folder, json, path, qloom, refusal, root};

const CIRCUIT: &str = "OPENQASM 3.0; include \"stdgates.inc\"; qubit[2] q; bit[2] c; h q[0]; cx q[0], q[1]; c = measure q;";
const OBSERVABLE: &str = r#"{"n_qubits": 2, "terms": [["XX", 0.5], ["ZZ", -0.25]]}"#;

/// One of each command, with its text and with its JSON.
fn commands(files: &tempfile::TempDir) -> Vec<Vec<String>> {
    let (circuit, observable) = (path(files, "a.qasm"), path(files, "h.json"));
    let list: Vec<Vec<&str>> = vec![
        vec!["simulate", &circuit, "--shots", "10"],
        vec!["draw", &circuit],
        vec!["explain", &circuit],
        vec!["check", &circuit],
        vec!["compile", &circuit, "--target", "line-2"],
        vec!["convert", &circuit],
        vec!["device", "show", "line-3"],
        vec!["hamiltonian", &observable],
        vec!["mitigate", &circuit, "--observable", &observable, "--noise", "depolarizing2=0.01"],
        vec!["jones", "exact", "1 1 1"],
        vec!["jones", "draw", "1 1 1"],
        vec!["jones", "resources", "1 1 1"],
        vec!["jones", "estimate-local", "1 1 1", "--shots", "100"],
        vec!["jones", "benchmark", "--strands", "4", "--layers", "1", "--instances", "1", "--trajectories", "2"],
        vec!["completions", "bash"],
    ];
    let mut all: Vec<Vec<String>> = list.iter().map(|words| words.iter().map(|word| (*word).to_owned()).collect()).collect();
    all.extend(all.clone().into_iter().map(|words| [words, vec!["--json".to_owned()]].concat()));
    all.push(vec!["--help".to_owned()]);
    all.push(vec!["--version".to_owned()]);
    all
}

fn run(arguments: &[String], output: &Path, error: Stdio) -> (Option<i32>, String) {
    let output = File::options().write(true).open(output).expect("it takes what is written");
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("qloom"));
    let done = command.current_dir(root()).args(arguments).stdout(output).stderr(error).output().expect("it runs");
    (done.status.code(), String::from_utf8_lossy(&done.stderr).into_owned())
}

#[cfg(target_os = "linux")]
#[test]
fn results_that_are_lost_end_every_command_with_1() {
    let files = folder(&[("a.qasm", CIRCUIT), ("h.json", OBSERVABLE)]);
    for arguments in commands(&files) {
        let silent = arguments[0] == "check" && arguments.len() == 2; // nothing to say about a valid file
        let (code, error) = run(&arguments, Path::new("/dev/full"), Stdio::piped());
        assert!(
            code == Some(1) && error.contains("standard output") || silent && code == Some(0),
            "{arguments:?}: {code:?} {error}"
        );
        // the other way round nothing is lost that matters
        let full = File::options().write(true).open("/dev/full").expect("it is there");
        let (code, _) = run(&arguments, Path::new("/dev/null"), full.into());
        assert_eq!(code, Some(0), "{arguments:?}");
    }
}

/// A search with nobody to talk to: its checkpoints and results are there.
#[cfg(target_os = "linux")]
#[test]
fn a_search_goes_on_without_standard_error() {
    let files = folder(&[]);
    let out = path(&files, "run");
    let arguments = ["search", "experiments/h2.toml", "--set", "search.episodes=10", "--out", &out].map(str::to_owned);
    let full = File::options().write(true).open("/dev/full").expect("it is there");
    let (code, _) = run(&arguments, Path::new("/dev/full"), full.into());
    assert_eq!(code, Some(1), "its report is lost");
    assert!(files.path().join("run/result.json").is_file());
    let again = json(&["search", "--resume", &out]);
    assert_eq!(again["episodes"], 10);
}

#[cfg(unix)]
#[test]
fn written_files_follow_links_and_keep_modes() {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
    let files = folder(&[("a.qasm", CIRCUIT), ("target", "stale")]);
    let target = files.path().join("target");
    std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o600)).expect("mine");
    symlink("target", files.path().join("link")).expect("a link");
    let (circuit, link) = (path(&files, "a.qasm"), path(&files, "link"));
    for (arguments, begins) in [
        (vec!["compile", &circuit, "--target", "line-2", "--out", &link], "OPENQASM"),
        (vec!["draw", &circuit, "--svg", &link], "<svg"),
        (vec!["jones", "draw", "1 1", "--svg", &link], "<svg"),
    ] {
        assert!(qloom(&arguments).output().expect("it runs").status.success(), "{arguments:?}");
        assert!(std::fs::read_to_string(&target).expect("text").starts_with(begins), "{arguments:?}");
        assert_eq!(std::fs::metadata(&target).expect("there").permissions().mode() & 0o777, 0o600);
        assert!(std::fs::symlink_metadata(&link).expect("there").is_symlink());
    }
    assert!(qloom(&["draw", &circuit, "--svg", "/dev/null"]).output().expect("it runs").status.success());
    assert!(std::fs::metadata("/dev/null").expect("there").file_type().is_char_device());
    // a pipe is written to, and its reader gets the whole
    let pipe = path(&files, "pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("it runs").success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::read_to_string(pipe).expect("text")
    });
    assert!(qloom(&["jones", "draw", "1 1", "--svg", &pipe]).output().expect("it runs").status.success());
    assert!(reader.join().expect("it ends").ends_with("</svg>\n") || std::fs::metadata(&pipe).is_ok());
    refusal(&["draw", &circuit, "--svg", &path(&files, "no/folder.svg")], 2);
    refusal(&["draw", &circuit, "--svg", &files.path().display().to_string()], 2);
}

/// What is no regular file is refused before it is opened, by every command that reads one.
#[cfg(unix)]
#[test]
fn pipes_devices_and_folders_are_no_inputs() {
    let files = folder(&[("a.qasm", CIRCUIT), ("h.json", OBSERVABLE)]);
    let pipe = path(&files, "pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("it runs").success());
    let circuit = path(&files, "a.qasm");
    for odd in [pipe.as_str(), "/dev/zero", "/dev/null", "/"] {
        for arguments in [
            vec!["simulate", odd],
            vec!["draw", odd],
            vec!["check", odd, "--json"],
            vec!["compile", odd, "--target", "line-2"],
            vec!["hamiltonian", odd],
            vec!["mitigate", &circuit, "--observable", odd, "--noise", "readout=0.1"],
            vec!["jones", "exact", "--file", odd],
            vec!["jones", "estimate", odd, odd],
            vec!["search", odd],
        ] {
            refusal(&arguments, 2);
        }
    }
}

/// Standard input without an end is read up to the bound and no further.
#[cfg(unix)]
#[test]
fn endless_input_ends() {
    let mut source = Command::new("yes").stdout(Stdio::piped()).spawn().expect("it runs");
    let done = Command::new(assert_cmd::cargo::cargo_bin("qloom"))
        .args(["jones", "exact", "--file", "-"])
        .stdin(source.stdout.take().expect("a pipe"))
        .output()
        .expect("it runs");
    let _ = source.kill();
    source.wait().expect("it ends");
    let error = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.code() == Some(2) && error.contains("256 MiB"), "{error}");
}
