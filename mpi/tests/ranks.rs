//! The fabric on a real MPI library, alone or under mpirun: `run.sh` starts it at several numbers of ranks.

use std::ops::ControlFlow;
use std::time::Instant;

use mpi::topology::{Color, Communicator, SimpleCommunicator};
use qloom_circuits::{PauliString, PauliSum, Stream, library};
use qloom_mpi::{Within, World};
use qloom_sim::{DistributedPlan, DistributedState, Executable, Fabric, Observable, Program, SimulatorConfig, StateVector};

const QUBITS: usize = 17;

fn config() -> SimulatorConfig {
    SimulatorConfig { tile_qubits: Some(9), threads: 1, ..SimulatorConfig::default() }
}

/// Messages of every length arrive, also where they are cut into pieces.
fn messages_arrive(fabric: &dyn Fabric) {
    let (own, size) = (fabric.rank(), fabric.size());
    let letter = |rank: usize| (0..40 + 3 * rank).map(|k| (7 * rank + k) as u8).collect::<Vec<u8>>();
    let all = fabric.gather(&letter(own)).expect("all are there");
    assert_eq!(all, (0..size).map(letter).collect::<Vec<_>>());
    for root in 0..size {
        let mut bytes = if own == root { letter(root) } else { Vec::new() };
        fabric.broadcast(root, &mut bytes).expect("all are there");
        assert_eq!(bytes, letter(root));
    }
    for partner in (0..size).map(|bits| own ^ bits).filter(|&partner| partner != own && partner < size) {
        let mut received = [0u8; 33];
        fabric.exchange(partner, &[own as u8; 33], &mut received).expect("all are there");
        assert_eq!(received, [partner as u8; 33]);
        assert!(fabric.exchange(partner, &[0], &mut received).is_err(), "lengths differ");
    }
    fabric.barrier().expect("all are there");
}

/// A state over the ranks has the bits of one process, and what is sent is what was planned.
fn states_agree(fabric: &dyn Fabric) {
    let circuit = library::random(QUBITS, 200, &mut Stream::named(8, "random"));
    let program = Program::new(&circuit).expect("gates");
    let mut alone = StateVector::<f64>::zero(QUBITS, config()).expect("fits");
    alone.run(&program, &[]).expect("runs");
    let mut state = DistributedState::<f64>::zero(QUBITS, config(), fabric).expect("fits");
    state.apply(&program, &[]).expect("runs");
    let plan = DistributedPlan::new::<f64>(&program, fabric.size(), &config()).expect("plans");
    assert_eq!(state.sent(), plan.traffic());
    assert!(state.own_amplitudes().all(|(index, amplitude)| amplitude == alone.amplitude(index)));
    let word = PauliString::from_word("XZYXIZXXIIYXZIYYX").expect("a word");
    let observable = Observable::new(&PauliSum::new(QUBITS, [(word, 1.5)]).expect("a sum"));
    assert_eq!(state.expectation(&observable), alone.expectation(&observable));
    assert_eq!(state.norm(), Ok(alone.norm()));
    let stream = || Stream::named(4, "shots");
    assert_eq!(state.sample(300, &mut stream()).expect("few"), alone.sample(300, &mut stream()));
}

/// Shots of a circuit that measures, resets and decides on the way.
fn shots_agree(fabric: &dyn Fabric) {
    let mut circuit = library::random(QUBITS, 60, &mut Stream::named(6, "random"));
    circuit.add_bits("c", 3);
    circuit.h(QUBITS - 1).measure(QUBITS - 1, 0).reset(QUBITS - 2).ry(0.4, 3).cx(QUBITS - 1, 3).measure(3, 1).reset(QUBITS - 1);
    circuit.rx(0.3, QUBITS - 1).measure(QUBITS - 1, 2);
    let executable = Executable::<StateVector<f64>>::new(&circuit).expect("supported");
    let stream = || Stream::named(4, "shots");
    let counts = executable.counts_over(fabric, 300, config(), &mut stream(), &mut |_| ControlFlow::Continue(()));
    assert_eq!(counts, executable.counts(300, config(), &mut stream()));
}

/// Seconds of five runs of two circuits, on these ranks with so many threads each: `mpirun -n 2 RANKS_TEST time 26 1`.
fn time(fabric: &World, qubits: usize, threads: usize) {
    let config = SimulatorConfig { cache: 512 << 10, threads, ..SimulatorConfig::default() };
    for (name, circuit) in [("qft", library::qft(qubits)), ("brick", library::brickwork(qubits, 4))] {
        let program = Program::new(&circuit).expect("gates");
        let at = vec![0.3; program.num_parameters()];
        let mut seconds = Vec::new();
        if fabric.size() == 1 {
            let mut state = StateVector::<f64>::zero(qubits, config).expect("fits");
            for _ in 0..6 {
                state.reset();
                let begun = Instant::now();
                state.run(&program, &at).expect("runs");
                seconds.push(begun.elapsed().as_secs_f64());
            }
        } else {
            let mut state = DistributedState::<f64>::zero(qubits, config, fabric).expect("fits");
            for _ in 0..6 {
                state.reset();
                fabric.barrier().expect("all are there");
                let begun = Instant::now();
                state.apply(&program, &at).expect("runs");
                fabric.barrier().expect("all are there");
                seconds.push(begun.elapsed().as_secs_f64());
            }
        }
        let mut rest = seconds.split_off(1);
        rest.sort_by(f64::total_cmp);
        if fabric.rank() == 0 {
            println!(
                "{name} {qubits} qubits, {} ranks of {threads} threads: median {:.3} s of {rest:.3?}",
                fabric.size(),
                rest[2]
            );
        }
    }
}

fn main() {
    assert!(World::attach().is_none(), "nothing runs yet");
    let universe = mpi::initialize().expect("MPI starts");
    let world = World::attach().expect("it runs");
    if let [_, word, qubits, threads] = &std::env::args().collect::<Vec<_>>()[..] {
        assert_eq!(word, "time");
        time(&world, qubits.parse().expect("a number"), threads.parse().expect("a number"));
        return;
    }
    assert!(world.on_this_machine() >= 1 && world.on_this_machine() <= world.size());
    for fabric in [world, world.with_longest_message(16), world.with_longest_message(0)] {
        messages_arrive(&fabric);
    }
    states_agree(&world);
    states_agree(&world.with_longest_message(1000));
    shots_agree(&world);
    // two halves of the job, each with a state of its own
    let (rank, size) = (world.rank(), world.size());
    let half = SimpleCommunicator::world().split_by_color(Color::with_value((2 * rank / size) as i32)).expect("a part");
    let part = Within::new(half);
    assert_eq!(part.size(), size.div_ceil(2).max(1));
    messages_arrive(&part);
    states_agree(&part);
    shots_agree(&part);
    if rank == 0 {
        println!("{size} ranks agree with one process");
    }
    drop(part);
    drop(universe);
}
