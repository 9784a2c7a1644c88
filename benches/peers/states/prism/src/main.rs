//! Times one circuit with the crate prism-q: `states-prism FILE f64|noise`. Input and output are those of `states-qloom`.

use std::hint::black_box;
use std::io::{BufRead, Write};

use prism_q::circuit::openqasm;
use prism_q::{BackendKind, NoiseChannel, NoiseModel, simulate};
use rustix::time::{ClockId, clock_gettime};

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let circuit = openqasm::parse(&std::fs::read_to_string(&words[1]).expect("a file")).expect("OpenQASM 2");
    if words[2] == "noise" {
        // Their p counts errors; here it is the probability of replacement by the mixed state.
        let mut model = NoiseModel::uniform_depolarizing(&circuit, 0.01);
        for events in &mut model.after_gate {
            if events.len() == 2 {
                let mut pair = events[0].clone();
                pair.qubits = events.iter().map(|event| event.qubits[0]).collect();
                pair.channel = NoiseChannel::TwoQubitDepolarizing { p: 15.0 / 16.0 * 0.02 };
                *events = vec![pair];
            } else {
                events.iter_mut().for_each(|event| event.channel = NoiseChannel::Depolarizing { p: 0.75 * 0.01 });
            }
        }
        let run = || {
            let outcome = simulate(&circuit).backend(BackendKind::DensityMatrix).noise(&model).seed(1).run().expect("a density matrix");
            outcome.probabilities.expect("of all outcomes").to_vec()[0]
        };
        println!("{}", run());
        answer(|| {
            black_box(run());
        });
    } else {
        let run = || simulate(&circuit).backend(BackendKind::Statevector).seed(1).state_vector().expect("a state vector");
        println!("{}", run()[0].norm_sqr());
        answer(|| {
            black_box(run());
        });
    }
}

fn answer(mut run: impl FnMut()) {
    for line in std::io::stdin().lock().lines() {
        let count: u32 = line.expect("a line").trim().parse().expect("a count");
        let start = seconds();
        (0..count).for_each(|_| run());
        println!("{:e}", (seconds() - start) / f64::from(count));
        std::io::stdout().flush().expect("a pipe");
    }
}

/// Processor time of this process.
fn seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + 1e-9 * time.tv_nsec as f64
}
