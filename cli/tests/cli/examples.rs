//! What help shows is what the command line takes.

use std::time::Duration;

use crate::{folder, qloom};

fn help(command: &[String]) -> String {
    let words: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
    let output = qloom(&words).output().expect("it runs");
    assert!(output.status.success(), "{command:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// Every command, commands of commands too, with its help.
fn commands() -> Vec<(Vec<String>, String)> {
    let mut all = Vec::new();
    let mut waiting = vec![Vec::new()];
    while let Some(command) = waiting.pop() {
        let text = help(&command);
        if let Some((_, list)) = text.split_once("\nCommands:\n") {
            let names = list.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_whitespace().next());
            waiting.extend(names.filter(|name| *name != "help").map(|name| [&command[..], &[name.to_owned()]].concat()));
        }
        all.push((command, text));
    }
    all
}

/// The words of a line, what stands in quotes as one.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut quote, mut word) = (Vec::new(), None, String::new());
    for letter in line.chars() {
        match (letter, quote) {
            ('"' | '\'', None) => quote = Some(letter),
            (letter, Some(open)) if letter == open => quote = None,
            (letter, None) if letter.is_whitespace() => {
                words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()))
            }
            (letter, _) => word.push(letter),
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}

#[test]
fn examples_of_the_help_are_understood() {
    let empty = folder(&[]);
    let mut count = 0;
    for (command, text) in commands() {
        let paragraph =
            |part: &str| part.lines().take_while(|line| !line.trim().is_empty()).map(str::trim).collect::<Vec<_>>().join(" ");
        let mut examples: Vec<String> = text.split("For example: ").skip(1).map(paragraph).collect();
        let listed = text.split_once("\nExamples:\n").map_or("", |(_, list)| list);
        examples.extend(listed.lines().map(str::trim).filter(|line| line.starts_with("qloom ")).map(str::to_owned));
        for example in examples {
            for line in example.split("qloom ").skip(1) {
                let line = [" or", ", then", ", and"]
                    .iter()
                    .fold(line.trim_end_matches([' ', ',', '.']), |line, word| line.trim_end_matches(word));
                // where the output goes is the shell's affair
                let line = line.split(" > ").next().unwrap_or_default().trim_end_matches(',');
                let words = words(line);
                assert_eq!(words[..command.len()], command[..], "the help of {command:?} shows {line}");
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                // files are missing there: what is not understood is refused at once, what runs long is understood
                let output = qloom(&words).current_dir(empty.path()).timeout(Duration::from_secs(2)).output().expect("it runs");
                let error = String::from_utf8_lossy(&output.stderr);
                let understood = !error.contains("Usage:") && !error.contains("try '--help'") && !error.contains("panicked");
                assert!(understood, "{line}\n{error}");
                count += 1;
            }
        }
    }
    assert!(count >= 25, "{count} examples");
}

/// Every command says what it does, has an example or commands with one, and prints JSON.
#[test]
fn every_command_teaches() {
    let all = commands();
    assert!(all.len() > 35, "{} commands", all.len());
    for (command, text) in &all {
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with(|letter: char| letter.is_ascii_uppercase()), "{command:?} begins with {first:?}");
        let is_group = text.contains("\nCommands:\n");
        assert!(is_group || text.contains("For example: qloom") || text.contains("\nExamples:\n"), "{command:?} has no example");
        assert!(is_group || text.contains("--json"), "{command:?} has no --json");
        for option in text.lines().filter(|line| line.trim_start().starts_with("--")) {
            let name = option.trim_start().split([' ', '=']).next().unwrap_or_default();
            let lower = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
            assert!(name.chars().all(lower), "{command:?}: {name}");
        }
    }
}

/// What is no command, option or value is refused with what there is.
#[test]
fn mistakes_of_the_command_line_are_answered() {
    for (arguments, parts) in [
        (vec!["simulat"], &["simulat", "simulate"][..]),
        (vec!["simulate", "a.qasm", "--shot", "3"], &["--shot", "--shots"]),
        (vec!["simulate", "a.qasm", "--shots", "0"], &["--shots", "1000 or 1e3"]),
        (vec!["simulate", "a.qasm", "--state", "tensor"], &["tensor", "state-vector", "pauli-vector", "trajectories"]),
        (vec!["simulate", "a.qasm", "--threads", "0"], &["--threads", "1..=1024"]),
        (vec!["simulate", "a.qasm", "--precision", "f16"], &["f16", "f32", "f64"]),
        (vec!["simulate", "a.qasm", "--probabilities", "some"], &["a number, or all"]),
        (vec!["simulate", "a.qasm", "--density", "a,b"], &["separated by commas"]),
        (vec!["simulate", "a.qasm", "--device", "heron", "--noise", "readout=0.1"], &["--device", "--noise", "cannot be used"]),
        (vec!["simulate", "a.qasm", "--idle"], &["--device"]),
        (vec!["simulate", "a.qasm", "--repeat", "0"], &["--repeat", "1..=1000000"]),
        (vec!["compile", "a.qasm"], &["--target"]),
        (vec!["compile", "a.qasm", "--target", "line-2", "--optimize", "4"], &["--optimize", "0..=3"]),
        (vec!["convert", "a.qasm", "--to", "qasm4"], &["qasm4", "qasm2", "qasm3"]),
        (vec!["mitigate", "a.qasm"], &["--observable"]),
        (vec!["hamiltonian", "model", "potts", "--size", "2"], &["potts"]),
        (vec!["completions", "tcsh"], &["tcsh", "bash", "zsh"]),
        (vec!["kernel", "a.csv", "--map", "zzz"], &["zzz", "amplitude", "iqp"]),
        (vec!["check"], &["FILES"]),
    ] {
        let message = crate::refusal(&arguments, 2);
        for part in parts {
            assert!(message.contains(part), "{arguments:?} without {part}: {message}");
        }
    }
}
