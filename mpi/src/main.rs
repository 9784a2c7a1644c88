//! The qloom command line on the ranks of an MPI job: `mpirun -n 4 qloom-mpi simulate FILE`.

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use mpi::Threading;
use mpi::collective::CommunicatorCollectives;
use mpi::topology::{Communicator, SimpleCommunicator};
use qloom_cli::Ranks;
use qloom_mpi::World;

/// How long a rank that has failed waits for the others to say the same before it ends them.
const PATIENCE: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    // one thread at a time calls MPI, not always the same
    let Some((universe, threading)) = mpi::initialize_with_threading(Threading::Serialized) else {
        eprintln!("error: MPI is already running in this process");
        return ExitCode::from(1);
    };
    let Some(world) = World::attach() else { return ExitCode::from(1) };
    if threading < Threading::Serialized {
        eprintln!("error: this MPI library serves one thread alone, qloom-mpi needs MPI_THREAD_SERIALIZED");
        world.abort(1);
    }
    let rank = SimpleCommunicator::world().rank();
    let ranks = Ranks { fabric: Box::new(world), on_this_machine: world.on_this_machine() };
    let ended = std::panic::catch_unwind(AssertUnwindSafe(|| qloom_cli::main_on(ranks, std::env::args_os())));
    let Ok((code, unsaid)) = ended else {
        eprintln!("error: rank {rank} has stopped where it should not; the job ends");
        world.abort(1);
    };
    // a failure that all ranks agree on ends the job in order, one that a rank has alone ends it at once
    let mut together = SimpleCommunicator::world().immediate_barrier();
    let begun = Instant::now();
    loop {
        match together.test() {
            Ok(_) => break,
            Err(waiting) => together = waiting,
        }
        if code != 0 && begun.elapsed() > PATIENCE {
            eprint!("rank {rank}: {}", if unsaid.is_empty() { "failed alone; the job ends\n" } else { &unsaid });
            world.abort(code);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    drop(universe);
    ExitCode::from(code)
}
