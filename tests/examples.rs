use std::path::Path;
use std::process::Command;

/// The arguments that each example is run with; an example that is not here has none.
const ARGUMENTS: [(&str, &[&str]); 5] =
    [("own_agent", &["1"]), ("own_agent", &["2"]), ("own_agent", &["3"]), ("own_agent", &["4"]), ("own_agent", &["5"])];

/// Every file of `examples/` is run as a user runs it, and what it asserts holds.
#[test]
fn every_example_runs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let executable = std::env::current_exe().expect("the test runs from a file");
    // target/PROFILE/deps
    let profile = executable.ancestors().nth(2).and_then(Path::file_name).expect("a profile");
    let target = executable.ancestors().nth(3).expect("a target folder");
    let mut names: Vec<String> = std::fs::read_dir(root.join("examples"))
        .expect("a folder")
        .filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    assert!(names.len() >= 4, "{names:?}");
    for name in &names {
        let given: Vec<&[&str]> = ARGUMENTS.iter().filter(|(other, _)| other == name).map(|(_, arguments)| *arguments).collect();
        for (number, arguments) in if given.is_empty() { vec![&[][..]] } else { given }.into_iter().enumerate() {
            // the first run builds it anew where that is needed
            let mut command = if number == 0 {
                let mut command = Command::new(env!("CARGO"));
                command.current_dir(root).env("CARGO_TARGET_DIR", target).args(["run", "--quiet", "--example", name]);
                if profile == "release" {
                    command.arg("--release");
                }
                command.arg("--");
                command
            } else {
                Command::new(target.join(profile).join("examples").join(name))
            };
            let output = command.args(arguments).output().expect("it runs");
            let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(output.status.success(), "{name} {arguments:?}: {out}{err}");
            assert!(!out.trim().is_empty(), "{name} prints nothing");
        }
    }
}
