use std::path::{Path, PathBuf};
use std::process::Command;

/// Without the features, which the workspace itself is built with: the parts that every user has.
#[test]
fn a_crate_outside_the_workspace_runs_the_front_page() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // the folder of the test binary is target/PROFILE/deps: outside crates get a folder of their own in target
    let executable = std::env::current_exe().expect("the test runs from a file");
    let target: PathBuf = executable.ancestors().nth(3).expect("target/PROFILE/deps").to_owned();
    let folder = target.join("outside-crate");
    std::fs::create_dir_all(folder.join("src")).expect("a folder in target");
    let manifest = format!(
        "[package]\nname = \"outside\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [profile.dev]\ndebug = false\n\n[dependencies]\nqloom = {{ path = {root:?}, default-features = false }}\n"
    );
    std::fs::write(folder.join("Cargo.toml"), manifest).expect("room");
    std::fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).expect("a lock file");
    std::fs::copy(root.join("examples/front_page.rs"), folder.join("src/main.rs")).expect("the front page");
    let output = Command::new(env!("CARGO"))
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", &target)
        .args(["run", "--quiet"])
        .output()
        .expect("cargo runs");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
    assert!(out.contains("cx q[0], q[1];"), "{out}");
}
