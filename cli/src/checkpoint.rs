//! The one format of checkpoints: a header and the state of a job, with a checksum over all of it.
//!
//! ```text
//! 8 bytes  "qloomrun"
//! 4 bytes  format
//! 4 bytes  CRC-32 of everything behind it
//! 8 bytes  number of events before the checkpoint
//! 8 bytes  bytes of these events in events.jsonl
//! rest     the state
//! ```
//! Numbers are little-endian.

use crate::failure::Failure;

/// The format of run folders and checkpoints that this program reads and writes.
pub const FORMAT: u32 = 3;

const MAGIC: &[u8; 8] = b"qloomrun";

/// Bytes in front of what the checksum covers.
const HEAD: usize = 16;

/// Two states as one, for [`parts`].
pub fn joined(first: &[u8], second: &[u8]) -> Vec<u8> {
    [&(first.len() as u64).to_le_bytes()[..], first, second].concat()
}

/// The two states that [`joined`] made one of.
///
/// # Errors
/// Bad input when the bytes are fewer than they say.
pub fn parts(state: &[u8]) -> Result<(&[u8], &[u8]), Failure> {
    let split = |(length, rest): (&[u8; 8], _)| <[u8]>::split_at_checked(rest, u64::from_le_bytes(*length) as usize);
    let short = || Failure::input("the checkpoint does not fit the experiment: it is shorter than it says");
    state.split_first_chunk::<8>().and_then(split).ok_or_else(short)
}

/// Everything needed to go on with a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Number of events before it.
    pub events: u64,
    /// Their bytes in `events.jsonl`.
    pub events_bytes: u64,
    /// The state of the job.
    pub state: Vec<u8>,
}

impl Checkpoint {
    /// The bytes of the file.
    pub fn seal(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.state.len() + HEAD + 16);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT.to_le_bytes());
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&self.events.to_le_bytes());
        bytes.extend_from_slice(&self.events_bytes.to_le_bytes());
        bytes.extend_from_slice(&self.state);
        let checksum = crc32fast::hash(&bytes[HEAD..]);
        bytes[12..HEAD].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// When they are not a checkpoint, of another format, or not as they were written.
    pub fn unseal(bytes: &[u8]) -> anyhow::Result<Self> {
        let (head, body) =
            bytes.split_first_chunk::<HEAD>().ok_or_else(|| anyhow::anyhow!("it is too short for a checkpoint"))?;
        anyhow::ensure!(&head[..8] == MAGIC, "it is not a checkpoint");
        let word = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        anyhow::ensure!(word(8) == FORMAT, "it has format {}, this program reads {FORMAT}", word(8));
        anyhow::ensure!(word(12) == crc32fast::hash(body), "its checksum is wrong: it was cut or changed");
        let (events, body) =
            body.split_first_chunk::<8>().ok_or_else(|| anyhow::anyhow!("it ends before the number of events"))?;
        let (length, state) = body.split_first_chunk::<8>().ok_or_else(|| anyhow::anyhow!("it ends before the events' bytes"))?;
        Ok(Self { events: u64::from_le_bytes(*events), events_bytes: u64::from_le_bytes(*length), state: state.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_changed_byte_and_every_cut_is_noticed() {
        let checkpoint = Checkpoint { events: 3, events_bytes: 70, state: b"abc".to_vec() };
        let whole = checkpoint.seal();
        assert_eq!(Checkpoint::unseal(&whole).expect("whole"), checkpoint);
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            assert!(Checkpoint::unseal(&bytes).is_err(), "byte {at} changed");
            assert!(Checkpoint::unseal(&whole[..at]).is_err(), "cut at {at}");
        }
    }
}
