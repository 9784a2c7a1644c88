//! Any text is read within bounds or refused, and what is read can be written and read again.
#![no_main]

use std::collections::HashMap;

use libfuzzer_sys::fuzz_target;
use qloom_circuits::program::{Effect, RunOptions};
use qloom_circuits::qasm::{Dialect, Limits, Version, read_program_with, read_with, write, write_program};

fuzz_target!(|text: &str| {
    let limits = Limits { bits: 64, operations: 2000 };
    if let Ok(program) = read_program_with(text, &HashMap::new(), limits) {
        let written = write_program(&program).expect("what was read has a form");
        let wide = Limits { bits: 10_000, operations: 1_000_000 };
        read_program_with(&written, &HashMap::new(), wide).expect("what was written is read");
        let options = RunOptions { steps: 20_000, operations: 2000, ..RunOptions::default() };
        let machine = program.machine(&options);
        if let Ok(mut thread) = machine.start() {
            // every other outcome is one
            let mut outcome = false;
            while let Ok(effect) = machine.advance(&mut thread) {
                match effect {
                    Effect::End => break,
                    Effect::Measure(_) => {
                        outcome = !outcome;
                        thread.record(outcome);
                    }
                    _ => {}
                }
            }
        }
    }
    let Ok(circuit) = read_with(text, &HashMap::new(), limits) else { return };
    for version in [Version::V2, Version::V3] {
        if let Ok(written) = write(&circuit, version, Dialect::Plain) {
            let wide = Limits { bits: 1000, operations: 1_000_000 };
            read_with(&written, &HashMap::new(), wide).expect("what was written is read");
        }
    }
});
