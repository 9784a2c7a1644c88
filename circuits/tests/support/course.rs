//! Programs run with outcomes from a list.

use qloom_circuits::program::{Effect, HybridProgram, RunOptions};

/// What a program does: everything that is done to the state when outcomes come from a list, and its outputs or what goes wrong.
pub fn course(program: &HybridProgram, mut outcomes: u64) -> (Vec<String>, Vec<String>) {
    let options = RunOptions { steps: 200_000, ..RunOptions::default() };
    let machine = program.machine(&options);
    let mut thread = machine.start().expect("no inputs");
    let mut done = Vec::new();
    loop {
        match machine.advance(&mut thread) {
            Ok(Effect::End) => return (done, machine.outputs(&thread).iter().map(ToString::to_string).collect()),
            Ok(Effect::Measure(qubit)) => {
                done.push(format!("measure {qubit}"));
                outcomes = outcomes.rotate_left(1);
                thread.record(outcomes & 1 == 1);
            }
            Ok(Effect::Reset(qubit)) => done.push(format!("reset {qubit}")),
            Ok(Effect::Stretch(index)) => {
                let gates =
                    program.stretch(index).iter().filter(|operation| operation.primitives().is_ok_and(|parts| !parts.is_empty()));
                done.extend(gates.map(|operation| format!("{operation:?}")));
            }
            Ok(Effect::Gates(list)) => {
                let gates = list.iter().filter(|operation| operation.primitives().is_ok_and(|parts| !parts.is_empty()));
                done.extend(gates.map(|operation| format!("{operation:?}")));
            }
            Ok(other) => panic!("{other:?} is new"),
            Err(errors) => return (done, vec![errors.errors[0].message.clone()]),
        }
    }
}
