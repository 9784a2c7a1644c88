//! Programs with classical values and control flow give the right answers, exactly and by shots.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use qloom_circuits::program::{HybridProgram, RunOptions, Value};
use qloom_circuits::qasm;
use qloom_circuits::{Channel, Circuit, Operation, Stream};
use qloom_sim::{Branching, Executable, HybridExecutable, PauliVector, ProgramNoise, SimError, SimulatorConfig, StateVector};

const HEAD: &str = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n";

fn program(text: &str) -> HybridProgram {
    qasm::read_program(text).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}

/// The text of an official example; none, which is said, where the folder is absent.
fn example(name: &str) -> Option<String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = here.ancestors().map(|above| above.join("shared/data/openqasm3")).find(|folder| folder.is_dir());
    let Some(folder) = folder else {
        eprintln!("SKIPPED: there is no folder shared/data/openqasm3");
        return None;
    };
    Some(std::fs::read_to_string(folder.join(format!("{name}.qasm"))).expect("text"))
}

/// Probabilities of the values of one output.
fn distribution<S: Branching>(program: &HybridProgram, name: &str, options: &RunOptions) -> BTreeMap<String, f64> {
    let executable = HybridExecutable::<S>::new(program, options).expect("gates");
    let place = program.outputs().iter().position(|(own, _)| *own == name).expect("an output");
    let mut sums = BTreeMap::new();
    let mut total = 0.0;
    let neglected = executable.courses(100_000, SimulatorConfig::default(), &mut |course| {
        *sums.entry(course.outputs[place].to_string()).or_insert(0.0) += course.share;
        total += course.share;
        ControlFlow::Continue(())
    });
    let neglected = neglected.unwrap_or_else(|error| panic!("{error}"));
    assert!((total + neglected - 1.0).abs() < 1e-12, "{total} {neglected}");
    sums
}

fn exact(program: &HybridProgram, name: &str) -> BTreeMap<String, f64> {
    distribution::<StateVector<f64>>(program, name, &RunOptions::default())
}

#[track_caller]
fn only(found: &BTreeMap<String, f64>, value: &str) {
    assert!((found.get(value).copied().unwrap_or(0.0) - 1.0).abs() < 1e-12, "{found:?}");
}

fn shots(program: &HybridProgram, name: &str, shots: u64, options: &RunOptions) -> BTreeMap<String, u64> {
    let executable = HybridExecutable::<StateVector<f64>>::new(program, options).expect("gates");
    let place = program.outputs().iter().position(|(own, _)| *own == name).expect("an output");
    let mut counts = BTreeMap::new();
    let mut end = |course: qloom_sim::Course<StateVector<f64>>| {
        *counts.entry(course.outputs[place].to_string()).or_insert(0) += course.share as u64;
        ControlFlow::Continue(())
    };
    executable.shots(shots, SimulatorConfig::default(), &mut Stream::named(3, "shots"), &mut end).expect("it runs");
    counts
}

fn fails(body: &str) -> String {
    let program = program(&format!("{HEAD}{body}"));
    let options = RunOptions { steps: 100_000, ..RunOptions::default() };
    let executable = HybridExecutable::<StateVector<f64>>::new(&program, &options).expect("gates");
    let run = executable.courses(1000, SimulatorConfig::default(), &mut |_| ControlFlow::Continue(()));
    run.expect_err("it goes wrong").to_string()
}

#[test]
fn the_adder_adds() {
    let Some(text) = example("adder") else { return };
    // 1 + 15 = 16
    only(&exact(&program(&text), "ans"), "10000");
    let other = text.replace("a_in = 1;", "a_in = 6;").replace("b_in = 15;", "b_in = 7;");
    only(&exact(&program(&other), "ans"), "01101");
}

#[test]
fn both_forms_of_the_inverse_fourier_transform_agree_with_the_plain_one() {
    let (Some(first), Some(second)) = (example("inverseqft1"), example("inverseqft2")) else { return };
    // the input of the examples is transformed to one outcome; others are made by phases that the transform undoes
    for number in 0..16u32 {
        let phases: String = (0..4)
            .map(|k| format!("p({}) q[{k}]; ", -std::f64::consts::TAU * f64::from(number) / f64::from(1u32 << (k + 1))))
            .collect();
        let with = |text: &str| text.replacen("barrier q;", &phases, 1);
        let one = exact(&program(&with(&first)), "c");
        // the first bit measured is the least significant
        only(&one, &format!("{number:04b}"));
        let two = program(&with(&second));
        for bit in 0..4 {
            only(&exact(&two, &format!("c{bit}")), if number >> bit & 1 == 1 { "1" } else { "0" });
        }
    }
}

#[test]
fn a_syndrome_finds_the_error() {
    let Some(text) = example("qec") else { return };
    only(&exact(&program(&text), "c"), "000");
    for qubit in 1..3 {
        let other = text.replace("x q[0]; // insert", &format!("x q[{qubit}]; // insert"));
        only(&exact(&program(&other), "c"), "000");
    }
    let without = text.replace("x q[0]; // insert", "// insert");
    only(&exact(&program(&without), "syn"), "00");
}

#[test]
fn repetition_until_success_succeeds() {
    let Some(text) = example("rus") else { return };
    let program = program(&text);
    let found = exact(&program, "output_qubit");
    assert!((found["0"] - 1.0).abs() < 1e-12, "{found:?}");
    let counts = shots(&program, "output_qubit", 10_000, &RunOptions::default());
    assert_eq!(counts["0"], 10_000);
}

#[test]
fn teleported_states_arrive() {
    let (Some(one), Some(many)) = (example("teleport"), example("varteleport")) else { return };
    let found = exact(&program(&one), "c2");
    assert!((found["1"] - 0.15f64.sin().powi(2)).abs() < 1e-12, "{found:?}");
    // the alias of the loop ends with its block, so the example measures its first qubit, which is known to be even
    let read = program(&many);
    assert!(read.warnings().iter().any(|warning| warning.message.contains("io is new in this block")));
    // with the qubit handed on, the state of rz(pi/4) arrives whatever the number of teleportations
    let looped = "qubit[5] q; bit out; h q[0]; rz(pi/4) q[0]; for uint i in [0:1] { bit[2] f; h q[2*i+1]; cx q[2*i+1], q[2*i+2]; \
        cx q[2*i], q[2*i+1]; h q[2*i]; f[0] = measure q[2*i]; f[1] = measure q[2*i+1]; if (f[0]) z q[2*i+2]; if (f[1]) x q[2*i+2]; } \
        h q[4]; out = measure q[4];";
    let found = exact(&program(&format!("{HEAD}{looped}")), "out");
    let expected = (std::f64::consts::PI / 8.0).cos().powi(2);
    assert!((found["0"] - expected).abs() < 1e-12, "{found:?}");
}

#[test]
fn phases_are_estimated_bit_by_bit() {
    let Some(text) = example("ipe") else { return };
    // the form of the example doubles the power from turn to turn; the textbook's halves it, and its digits are then those of the phase
    let text =
        text.replace("h r;", "x r;").replace("uint[n] power = 1;", "uint[n] power = 1; power <<= n - 1; output angle[n] c;");
    let text = text.replace("angle[n] c; // phase", "// phase").replace("power <<= 1;", "power >>= 1;");
    let text =
        text.replace("measure q -> c[0];\n", "c >>= 1; bit b; measure q -> b; c[n - 1] = b;\n").replace("  c <<= 1;\n", "");
    // turned once more, the digits so far are those behind the one that is measured next
    let text = text.replace("inv @ phase(c) q;", "angle[n] behind = c; behind >>= 1; inv @ phase(behind) q;");
    let found = exact(&program(&text), "c");
    // 3 pi / 8 is 3/16 of a turn
    let angle = (3.0 * std::f64::consts::PI / 8.0).to_string();
    only(&found, &angle);
}

#[test]
fn the_example_of_phase_estimation_agrees_with_its_circuit_written_out() {
    let Some(text) = example("ipe") else { return };
    let short = text.replace("n = 10;", "n = 3;").replace("float[32]", "float[64]");
    let found = exact(&program(&short), "c");
    let mut written = String::from("qubit q; qubit r; bit a; bit b; bit d; h r;");
    let turns = [("a", 1, vec![]), ("b", 2, vec![("a", 2)]), ("d", 4, vec![("a", 4), ("b", 2)])];
    for (bit, power, before) in turns {
        written += "reset q; h q;";
        written += &format!("cp({power} * 3 * pi / 8) q, r;");
        // c holds the bits so far, shifted once more: its bit k is worth 2 pi / 2^(3 - k)
        for (own, steps) in before {
            written += &format!("if ({own}) p(-2 * pi * {steps} / 8.0) q;");
        }
        written += &format!("h q; {bit} = measure q;");
    }
    let plain = program(&format!("{HEAD}{written} output bit[3] all; all[2] = b; all[1] = d;"));
    let digits = exact(&plain, "all");
    let angle = |bits: &str| (usize::from_str_radix(bits, 2).expect("bits") as f64 / 8.0 * std::f64::consts::TAU).to_string();
    for (bits, probability) in digits {
        let other = found.get(&angle(&bits)).copied().unwrap_or(0.0);
        assert!((other - probability).abs() < 1e-12, "{bits}: {other} {probability}\n{found:?}");
    }
}

#[test]
fn examples_with_functions_from_outside_run_with_them_bound() {
    let Some(text) = example("gateteleport") else { return };
    let gate = program(&text);
    let mut options = RunOptions::default();
    let vote = |arguments: &[Value]| {
        let ones = arguments[0].to_string().matches('1').count();
        Ok(Value::Bit(ones > 1))
    };
    options.externs.insert("vote".into(), Arc::new(vote));
    // the logical qubit begins as |000>, so that the ancillas are never turned
    only(&distribution::<StateVector<f64>>(&gate, "r", &options), "0");
    let excited = program(&text.replace("cx q, a;", "x q; cx q, a;"));
    only(&distribution::<StateVector<f64>>(&excited, "r", &options), "1");
    let executable = HybridExecutable::<StateVector<f64>>::new(&gate, RunOptions::default_ref()).expect("gates");
    let run = executable.courses(10, SimulatorConfig::default(), &mut |_| ControlFlow::Continue(()));
    assert!(run.expect_err("no function").to_string().contains("vote is extern and bound to no function"));

    let t1 = program(
        &example("t1").expect("the folder is there").replace("shots = 1000", "shots = 3").replace("points = 50", "points = 2"),
    );
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    let mut options = RunOptions::default();
    let tabulate = move |arguments: &[Value]| {
        told.lock().expect("one thread").push(arguments.iter().map(Value::to_string).collect::<Vec<_>>().join(" "));
        Ok(Value::Bool(true))
    };
    options.externs.insert("tabulate".into(), Arc::new(tabulate));
    // int[1](c) of a bit that is one is -1: its one bit is the sign
    only(&distribution::<StateVector<f64>>(&t1, "counts0", &options), "-6");
    assert_eq!(*seen.lock().expect("one thread"), ["-3 3 0", "-3 3 0", "-6 3 1", "-6 3 1"]);
}

#[test]
fn the_surface_code_and_the_eigensolver_run() {
    let Some(text) = example("scqec") else { return };
    let code = program(&text.replace("shots = 1000", "shots = 1").replace("m = 10", "m = 1"));
    let mut options = RunOptions::default();
    for name in ["zfirst", "send"] {
        options.externs.insert(name.into(), Arc::new(|_: &[Value]| Ok(Value::Bool(true))));
    }
    options.externs.insert("zlast".into(), Arc::new(|arguments: &[Value]| Ok(Value::Bit(arguments[0].to_string().len() != 9))));
    let counts = shots(&code, "failures", 20, &options);
    assert_eq!(counts["0"], 20);

    let eigensolver =
        program(&example("vqe").expect("the folder is there").replace("shots = 1000", "shots = 4").replace("n = 10;", "n = 2;"));
    let mut options = RunOptions::default();
    options.externs.insert("get_parameter".into(), Arc::new(|_: &[Value]| Ok(Value::float(0.0))));
    options.externs.insert("get_npaulis".into(), Arc::new(|_: &[Value]| Ok(Value::int(1))));
    options.externs.insert("get_pauli".into(), Arc::new(|_: &[Value]| Ok(Value::bit_string("1100"))));
    let energy = |arguments: &[Value]| Ok(Value::float(arguments[1].real().unwrap_or(-1.0) + 0.5));
    options.externs.insert("update_energy".into(), Arc::new(energy));
    // Z Z of |00> is never odd
    only(&distribution::<StateVector<f64>>(&eigensolver, "energy", &options), "0.5");
}

#[test]
fn magic_states_are_distilled() {
    let Some(text) = example("msd") else { return };
    // the example lacks a declaration and names a qubit that is not there
    let mended = text.replace("bit temp;\n", "bit temp; bool success;\n").replace("cz scratch[3]", "cz scratch[0]");
    assert!(program(&mended).num_qubits() == 44);
}

#[test]
fn density_operators_run_programs_as_pure_states_do() {
    let text = format!(
        "{HEAD}qubit[2] q; bit[2] c; int n = 0; while (c != 3 && n < 4) {{ ry(1.1) q[0]; cx q[0], q[1]; c = measure q; \
        n += 1; if (c[0]) reset q[1]; }}"
    );
    let program = program(&text);
    for name in ["c", "n"] {
        let pure = exact(&program, name);
        let mixed = distribution::<PauliVector>(&program, name, &RunOptions::default());
        for (value, probability) in &pure {
            assert!((probability - mixed[value]).abs() < 1e-12, "{name} {value}");
        }
    }
}

#[test]
fn shots_agree_with_probabilities_and_with_themselves() {
    let text = format!("{HEAD}qubit q; int n; bit c = 1; while (c) {{ ry(2.0) q; c = measure q; reset q; n += 1; }}");
    let program = program(&text);
    let (found, expected) = (shots(&program, "n", 100_000, &RunOptions::default()), exact(&program, "n"));
    for (turns, probability) in expected {
        let count = found.get(&turns).copied().unwrap_or(0) as f64;
        let deviation = (100_000.0 * probability * (1.0 - probability)).sqrt();
        assert!((count - 100_000.0 * probability).abs() < 5.0 * deviation + 1.0, "{turns}: {count} {probability}");
    }
    assert_eq!(found, shots(&program, "n", 100_000, &RunOptions::default()));
}

#[test]
fn what_goes_wrong_is_told_with_its_place() {
    for (body, message) in [
        ("qubit q; while (true) h q;", "more than 100000 steps"),
        ("int n; while (n < 1) { n = 0; }", "more than 100000 steps"),
        ("int n; int m = 3 / n;", "a division by zero"),
        ("float f; f = 1.0 / f;", "a division by zero"),
        ("int n = 4; bit[3] c; c[n] = 1;", "4 is outside what has 3 elements"),
        ("int n = 9000000000000000000; n += n;", "does not fit into 64 bits"),
        ("float f = 1e300; f *= f;", "not a finite number"),
        ("qubit[2] q; int n; cx q[n], q[0];", "named twice"),
        ("extern f(int) -> int; int n = f(2);", "bound to no function"),
        ("def f(int n) -> int { if (n > 2) return 1; } int m = f(1);", "ends without a return"),
        ("input int n; int m = n;", "the input n (int) has no value"),
    ] {
        let error = fails(body);
        assert!(error.contains(message), "{body}: {error}");
        assert!(error.contains("line"), "{error}");
    }
}

#[test]
fn too_many_courses_are_refused() {
    let text = format!("{HEAD}qubit q; bit[41] c; for int i in [0:40] {{ h q; c[i] = measure q; }}");
    let program = program(&text);
    let options = RunOptions::default();
    let executable = HybridExecutable::<StateVector<f64>>::new(&program, &options).expect("gates");
    let run = executable.courses(50, SimulatorConfig::default(), &mut |_| ControlFlow::Continue(()));
    assert!(matches!(run, Err(SimError::TooManyBranches { limit: 50 })));
}

/// Options of a run that live as long as the tests.
trait DefaultRef {
    fn default_ref() -> &'static Self;
}

impl DefaultRef for RunOptions {
    fn default_ref() -> &'static Self {
        static OPTIONS: std::sync::OnceLock<RunOptions> = std::sync::OnceLock::new();
        OPTIONS.get_or_init(Self::default)
    }
}

/// Depolarizing noise behind every gate.
fn depolarized(circuit: &Circuit) -> Result<Circuit, String> {
    let mut noisy = circuit.without_operations();
    for operation in circuit.operations() {
        noisy.push(operation.clone()).map_err(|error| error.to_string())?;
        let qubits = operation.qubits();
        let channel = Channel::depolarizing(0.03, qubits.len()).map_err(|error| error.to_string())?;
        noisy.push(Operation::Channel { channel, qubits }).map_err(|error| error.to_string())?;
    }
    Ok(noisy)
}

const FLIPS: [[f64; 2]; 3] = [[0.02, 0.1], [0.05, 0.3], [0.0, 0.04]];

fn under_noise(program: &HybridProgram, name: &str, drawn: Option<u64>) -> BTreeMap<String, f64> {
    let options = RunOptions::default();
    let noise = ProgramNoise { gates: Box::new(depolarized), flips: FLIPS.to_vec() };
    let executable = HybridExecutable::<PauliVector>::noisy(program, &options, noise).expect("gates");
    let place = program.outputs().iter().position(|(own, _)| *own == name).expect("an output");
    let mut sums = BTreeMap::new();
    let mut end = |course: qloom_sim::Course<PauliVector>| {
        *sums.entry(course.outputs[place].to_string()).or_insert(0.0) += course.share;
        ControlFlow::Continue(())
    };
    let config = SimulatorConfig::default();
    match drawn {
        None => executable.courses(100_000, config, &mut end).map(|_| ()),
        Some(shots) => executable.shots(shots, config, &mut Stream::named(5, "shots"), &mut end),
    }
    .expect("it runs");
    sums
}

/// A program and the circuit of the same text have the same records under noise, its gates known when it is read or only when it runs.
#[test]
fn noise_of_a_program_is_that_of_its_circuit() {
    let gates = "qubit[3] q; bit[3] c; h q[0]; cx q[0], q[1]; c[0] = measure q[0]; if (c[0]) { x q[2]; ry(0.4) q[1]; } else { h q[2]; } \
                 c[1] = measure q[1]; reset q[0]; rx(0.7) q[0]; c[2] = measure q[0];";
    let circuit = qasm::read(&format!("{HEAD}{gates}")).expect("a circuit");
    let noisy = |circuit: &Circuit| -> Circuit {
        fn dressed(list: &[Operation], model: &Circuit) -> Vec<Operation> {
            let mut all = Vec::new();
            for operation in list {
                match operation {
                    Operation::Conditional(block) => {
                        let mut block = block.clone();
                        block.then = dressed(&block.then, model);
                        block.otherwise = dressed(&block.otherwise, model);
                        all.push(Operation::Conditional(block));
                    }
                    Operation::Measure { .. } | Operation::Reset { .. } => all.push(operation.clone()),
                    gate => {
                        let mut one = model.without_operations();
                        one.push(gate.clone()).expect("a gate");
                        all.extend(depolarized(&one).expect("a channel").operations().iter().cloned());
                    }
                }
            }
            all
        }
        let mut noisy = circuit.without_operations();
        for operation in dressed(circuit.operations(), circuit) {
            noisy.push(operation).expect("fits");
        }
        noisy
    };
    let executable = Executable::<PauliVector>::new(&noisy(&circuit)).expect("gates");
    let mut branches = BTreeMap::new();
    for branch in executable.branches(100, &FLIPS, SimulatorConfig::default()).expect("few") {
        let states = branch.state.probabilities(&[0, 1, 2]).expect("three");
        // the last measurements are left to whoever reads the state
        for (outcome, chance) in states.iter().enumerate() {
            let mut records = vec![(branch.record.clone(), branch.probability * chance)];
            for &(qubit, bit) in executable.last() {
                let value = outcome >> qubit & 1 == 1;
                let wrong = FLIPS[qubit][usize::from(value)];
                records = records
                    .into_iter()
                    .flat_map(|(record, share)| {
                        [(value, share * (1.0 - wrong)), (!value, share * wrong)].map(|(value, share)| {
                            let mut record = record.clone();
                            record.set(bit, value);
                            (record, share)
                        })
                    })
                    .collect();
            }
            for (record, share) in records {
                let text: String = (0..3).rev().map(|bit| if record.get(bit) { '1' } else { '0' }).collect();
                *branches.entry(text).or_insert(0.0) += share;
            }
        }
    }
    for text in [gates.to_owned(), gates.replace("ry(0.4)", "ry(turn)").replace("qubit[3] q;", "float turn = 0.4; qubit[3] q;")] {
        let program = program(&format!("{HEAD}{text}"));
        let found = under_noise(&program, "c", None);
        assert_eq!(found.len(), 8, "{found:?}");
        for (record, share) in &found {
            let expected = branches.get(record).copied().unwrap_or(0.0);
            assert!((share - expected).abs() < 1e-13, "{record}: {share} {expected}");
        }
        let drawn = under_noise(&program, "c", Some(1_000_000));
        for (record, share) in &found {
            let count = drawn.get(record).copied().unwrap_or(0.0);
            let error = (1e6 * share * (1.0 - share)).sqrt();
            assert!((count - 1e6 * share).abs() < 5.0 * error, "{record}: {count} {share}");
        }
    }
}

/// A wrong reading keeps a loop going: its turns are geometric.
#[test]
fn loops_go_on_by_what_was_read() {
    let program = program(&format!("{HEAD}qubit q; output int n; bit c = 1; n = 0; while (c) {{ h q; c = measure q; n += 1; }}"));
    let found = under_noise(&program, "n", None);
    // depolarizing noise leaves a half
    let again = 0.5 * FLIPS[0][0] + 0.5 * (1.0 - FLIPS[0][1]);
    for turns in 1..20 {
        let expected = (1.0 - again) * f64::powi(again, turns - 1);
        let share = found[&turns.to_string()];
        // after a wrong reading the state is not what was read, which the next gate makes even again
        assert!((share - expected).abs() < 1e-12, "{turns}: {share} {expected}");
    }
}

#[test]
fn channels_on_pure_states_are_refused() {
    let program = program(&format!("{HEAD}qubit q; int n = 0; while (n < 2) {{ h q; n += 1; }}"));
    let options = RunOptions::default();
    let noise = ProgramNoise { gates: Box::new(depolarized), flips: Vec::new() };
    assert!(HybridExecutable::<StateVector<f64>>::noisy(&program, &options, noise).is_err());
    let noise = ProgramNoise { gates: Box::new(|_| Err("no such gate".to_owned())), flips: Vec::new() };
    let error = HybridExecutable::<PauliVector>::noisy(&program, &options, noise).expect_err("refused");
    assert!(error.to_string().contains("no such gate"), "{error}");
}
