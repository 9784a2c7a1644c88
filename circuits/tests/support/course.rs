//! Programs and circuits run with outcomes from a list.

use qloom_circuits::program::{Effect, HybridProgram, RunOptions};
use qloom_circuits::{Circuit, Condition, Operation};

/// What a program does: everything that is done to the state when outcomes come from a list, and its outputs or what goes wrong.
pub fn course(program: &HybridProgram, outcomes: u64) -> (Vec<String>, Vec<String>) {
    course_within(program, outcomes, 200_000)
}

/// As [`course`], ended by a mistake after so many steps.
pub fn course_within(program: &HybridProgram, mut outcomes: u64, steps: u64) -> (Vec<String>, Vec<String>) {
    let options = RunOptions { steps, operations: 2000, ..RunOptions::default() };
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

/// What a circuit does with outcomes from the same list: measurements, resets and gates, conditions followed.
pub fn course_of_circuit(circuit: &Circuit, mut outcomes: u64) -> Vec<String> {
    fn follow(operations: &[Operation], bits: &mut [bool], outcomes: &mut u64, done: &mut Vec<String>) {
        for operation in operations {
            match operation {
                Operation::Measure { qubit, bit } => {
                    done.push(format!("measure {qubit}"));
                    *outcomes = outcomes.rotate_left(1);
                    bits[*bit] = *outcomes & 1 == 1;
                }
                Operation::Reset { qubit } => done.push(format!("reset {qubit}")),
                Operation::Conditional(block) => {
                    let Condition { bits: tested, value } = &block.condition;
                    let holds = tested.iter().enumerate().all(|(k, &bit)| bits[bit] == (value >> k & 1 == 1));
                    follow(if holds { &block.then } else { &block.otherwise }, bits, outcomes, done);
                }
                gate if gate.primitives().is_ok_and(|parts| !parts.is_empty()) => done.push(format!("{gate:?}")),
                _ => {}
            }
        }
    }
    let mut done = Vec::new();
    follow(circuit.operations(), &mut vec![false; circuit.num_bits()], &mut outcomes, &mut done);
    done
}
