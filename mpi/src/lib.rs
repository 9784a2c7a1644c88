//! Ranks of an MPI job that hold one state vector together: a [`Fabric`] over whatever MPI library is installed, by the crate `mpi`.
//!
//! [`World`] is all processes of the job, [`Within`] those of a communicator that a program has made itself. MPI has to be initialised by
//! whoever uses them, so that a library that runs in somebody's job attaches to what is there.
//!
//! ```no_run
//! use qloom_circuits::library;
//! use qloom_sim::{DistributedState, Program, SimulatorConfig};
//! use qloom_mpi::World;
//! let universe = mpi::initialize().expect("MPI is not running yet");
//! let world = World::attach().expect("it runs now");
//! let mut state = DistributedState::<f64>::zero(30, SimulatorConfig::default(), &world)?;
//! state.apply(&Program::new(&library::qft(30))?, &[])?;
//! println!("{}", state.norm()?);
//! drop(universe);
//! # Ok::<(), qloom_sim::SimError>(())
//! ```

#![cfg(feature = "mpi")]

use mpi::collective::{CommunicatorCollectives, Root};
use mpi::datatype::PartitionMut;
use mpi::point_to_point::send_receive_into;
use mpi::topology::{Communicator, SimpleCommunicator};
use qloom_sim::{Fabric, SimError};

/// Bytes that one message has at most: MPI counts in 32 bits with a sign.
pub const MOST_BYTES: usize = 1 << 30;

/// All processes of the job that this process is in.
#[derive(Clone, Copy, Debug)]
pub struct World {
    rank: usize,
    size: usize,
    most: usize,
}

impl World {
    /// The running job; none where MPI has not been initialised.
    pub fn attach() -> Option<Self> {
        if !mpi::environment::is_initialized() {
            return None;
        }
        let world = SimpleCommunicator::world();
        Some(Self { rank: world.rank() as usize, size: world.size() as usize, most: MOST_BYTES })
    }

    /// The same with messages of so many bytes at most, at least one and at most [`MOST_BYTES`].
    pub fn with_longest_message(self, bytes: usize) -> Self {
        Self { most: bytes.clamp(1, MOST_BYTES), ..self }
    }

    /// How many ranks of the job are on this machine.
    pub fn on_this_machine(&self) -> usize {
        SimpleCommunicator::world().split_shared(0).size() as usize
    }

    /// Ends the job, all ranks of it.
    pub fn abort(&self, code: u8) -> ! {
        SimpleCommunicator::world().abort(code.into())
    }
}

/// The processes of a communicator.
pub struct Within<C> {
    communicator: C,
}

impl<C: Communicator> Within<C> {
    /// The processes of this communicator, a part of the world or a copy of it.
    pub fn new(communicator: C) -> Self {
        Self { communicator }
    }
}

impl<C: Communicator> std::fmt::Debug for Within<C> {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "Within(rank {} of {})", self.communicator.rank(), self.communicator.size())
    }
}

/// Sends and receives in messages of so many bytes at most.
fn exchange(on: &impl Communicator, partner: usize, send: &[u8], receive: &mut [u8], most: usize) -> Result<(), SimError> {
    if send.len() != receive.len() {
        let reason = format!("{} bytes are sent where {} are to come", send.len(), receive.len());
        return Err(SimError::Ranks { reason });
    }
    let partner = on.process_at_rank(partner as i32);
    for (send, receive) in send.chunks(most).zip(receive.chunks_mut(most)) {
        send_receive_into(send, &partner, receive, &partner);
    }
    Ok(())
}

/// The bytes of every rank, at once where they are few, else one rank after the other.
fn gather(on: &impl Communicator, own: &[u8], most: usize) -> Result<Vec<Vec<u8>>, SimError> {
    let mut lengths = vec![0u64; on.size() as usize];
    on.all_gather_into(&(own.len() as u64), &mut lengths[..]);
    let lengths: Vec<usize> = lengths.into_iter().map(|length| length as usize).collect();
    let whole: usize = lengths.iter().sum();
    if whole == 0 {
        // MPI libraries refuse a buffer without bytes
        return Ok(vec![Vec::new(); lengths.len()]);
    }
    if whole > most {
        return (0..lengths.len())
            .map(|rank| {
                let mut bytes = if rank as i32 == on.rank() { own.to_vec() } else { vec![0; lengths[rank]] };
                bytes.chunks_mut(most).for_each(|part| on.process_at_rank(rank as i32).broadcast_into(part));
                Ok(bytes)
            })
            .collect();
    }
    let counts: Vec<i32> = lengths.iter().map(|&length| length as i32).collect();
    let starts: Vec<i32> = counts.iter().scan(0, |start, count| Some(std::mem::replace(start, *start + count))).collect();
    let mut all = vec![0u8; whole];
    on.all_gather_varcount_into(own, &mut PartitionMut::new(&mut all[..], counts, &starts[..]));
    let mut rest = &all[..];
    Ok(lengths.iter().map(|&length| rest.split_off(..length).unwrap_or_default().to_vec()).collect())
}

fn broadcast(on: &impl Communicator, root: usize, bytes: &mut Vec<u8>, most: usize) -> Result<(), SimError> {
    let process = on.process_at_rank(root as i32);
    let mut length = bytes.len() as u64;
    process.broadcast_into(&mut length);
    bytes.resize(length as usize, 0);
    bytes.chunks_mut(most).for_each(|part| process.broadcast_into(part));
    Ok(())
}

impl<C: Communicator> Fabric for Within<C> {
    fn rank(&self) -> usize {
        self.communicator.rank() as usize
    }

    fn size(&self) -> usize {
        self.communicator.size() as usize
    }

    fn exchange(&self, partner: usize, send: &[u8], receive: &mut [u8]) -> Result<(), SimError> {
        exchange(&self.communicator, partner, send, receive, MOST_BYTES)
    }

    fn gather(&self, own: &[u8]) -> Result<Vec<Vec<u8>>, SimError> {
        gather(&self.communicator, own, MOST_BYTES)
    }

    fn broadcast(&self, root: usize, bytes: &mut Vec<u8>) -> Result<(), SimError> {
        broadcast(&self.communicator, root, bytes, MOST_BYTES)
    }
}

impl Fabric for World {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.size
    }

    fn exchange(&self, partner: usize, send: &[u8], receive: &mut [u8]) -> Result<(), SimError> {
        exchange(&SimpleCommunicator::world(), partner, send, receive, self.most)
    }

    fn gather(&self, own: &[u8]) -> Result<Vec<Vec<u8>>, SimError> {
        gather(&SimpleCommunicator::world(), own, self.most)
    }

    fn broadcast(&self, root: usize, bytes: &mut Vec<u8>) -> Result<(), SimError> {
        broadcast(&SimpleCommunicator::world(), root, bytes, self.most)
    }
}
