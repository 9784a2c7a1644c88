use std::path::{Path, PathBuf};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut list = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            list.extend(files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            list.push(path);
        }
    }
    list
}

/// What follows `word` wherever it occurs, as far as it is a name.
fn names_after<'a>(text: &'a str, word: &str) -> Vec<&'a str> {
    let name = |rest: &'a str| rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
    text.split(word).skip(1).map(name).collect()
}

/// A command imports neither another command nor a module of one; what two commands share lies beside them.
#[test]
fn no_command_imports_another() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let commands = source.join("commands");
    let read = |path: &Path| std::fs::read_to_string(path).expect("text");
    let mut seen = 0;
    for path in files(&source) {
        let text = read(&path);
        let own = path.strip_prefix(&commands).ok();
        let outside = path == source.join("lib.rs") || path == source.join("commands.rs");
        if !outside {
            assert_eq!(names_after(&text, "commands::"), Vec::<&str>::new(), "{}", path.display());
        }
        let Some(own) = own else { continue };
        seen += 1;
        // beside a file of a group of commands, such as jones, are other commands; beside one of a single command are its own parts
        let parent = own.parent().expect("in the folder");
        // a command that has others behind it is a single one, and its parts are for both
        let whole = if parent.as_os_str().is_empty() { String::new() } else { read(&commands.join(parent).with_extension("rs")) };
        let single = whole.contains("args_conflicts_with_subcommands");
        let group = parent.as_os_str().is_empty() || whole.contains("clap::Subcommand") && !single;
        if group {
            assert_eq!(names_after(&text, "super::"), Vec::<&str>::new(), "{}", path.display());
        }
    }
    assert!(seen > 15, "only {seen} files of commands were found");
}
