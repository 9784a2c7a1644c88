//! Any text is read within bounds or refused, and what is read can be written and read again.
#![no_main]

use std::collections::HashMap;

use libfuzzer_sys::fuzz_target;
use qloom_circuits::qasm::{Dialect, Limits, Version, read_with, write};

fuzz_target!(|text: &str| {
    let limits = Limits { bits: 64, operations: 2000 };
    let Ok(circuit) = read_with(text, &HashMap::new(), limits) else { return };
    for version in [Version::V2, Version::V3] {
        if let Ok(written) = write(&circuit, version, Dialect::Plain) {
            let wide = Limits { bits: 1000, operations: 1_000_000 };
            read_with(&written, &HashMap::new(), wide).expect("what was written is read");
        }
    }
});
