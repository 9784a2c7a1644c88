//! The example programs of the language's own repository, where they lie in a folder `shared/data/openqasm3` beside or above the project.

use std::path::{Path, PathBuf};

use qloom_circuits::qasm::{read, read_program};

fn folder() -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().map(|above| above.join("shared/data/openqasm3")).find(|folder| folder.is_dir())
}

/// Every example with its name, or none, which is said.
fn examples() -> Option<Vec<(String, String)>> {
    let Some(folder) = folder() else {
        eprintln!("SKIPPED: there is no folder shared/data/openqasm3");
        return None;
    };
    let mut examples = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a file").path();
        if path.extension().is_some_and(|ending| ending == "qasm") {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            examples.push((name, std::fs::read_to_string(path).expect("text")));
        }
    }
    examples.sort();
    assert_eq!(examples.len(), 21);
    Some(examples)
}

/// Three of the examples have mistakes of their own: what is wrong with each, and the text without them.
fn mended(name: &str, text: &str) -> (usize, String) {
    match name {
        // no register, no header
        "cphase" => (2, format!("include \"stdgates.inc\"; qubit[2] q;\n{}", text.replace("gate cphase", "gate own"))),
        // a gate u without angles
        "dd" => (1, text.replace("u $3;", "x $3;")),
        // a variable that is not declared, and the fourth of three qubits
        "msd" => (2, text.replace("bit temp;\n", "bit temp; bool success;\n").replace("cz scratch[3]", "cz scratch[0]")),
        _ => (0, text.to_owned()),
    }
}

#[test]
fn all_examples_are_read() {
    let Some(examples) = examples() else { return };
    for (name, text) in examples {
        let (mistakes, mended) = mended(&name, &text);
        match read_program(&text) {
            Ok(_) => assert_eq!(mistakes, 0, "{name}"),
            Err(errors) => assert!(errors.errors.len() >= mistakes.max(1) && mistakes > 0, "{name}\n{errors}"),
        }
        let program = read_program(&mended).unwrap_or_else(|errors| panic!("{name}\n{errors}"));
        eprintln!("{name}: {} qubits, {} warnings", program.num_qubits(), program.warnings().len());
        let _ = read(&text);
    }
}
