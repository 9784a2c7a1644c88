//! The manifest of a run folder: length and checksum of every file in it.
//!
//! Files are replaced one after the other, and the process may be killed between any two. So the manifest comes first and allows, for
//! each file that is about to change, what is there and what will be there; the next manifest allows the second alone. What else is found
//! in a file is damage.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The file of the manifest, in the run folder.
pub const FILE: &str = "checksums.json";

/// Length and CRC-32 of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// Number of bytes.
    pub bytes: u64,
    /// Their checksum.
    pub crc32: u32,
}

impl Sum {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.len() as u64, crc32: crc32fast::hash(bytes) }
    }
}

/// A file of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// Whether the run goes on from it; what it only gives can be written anew.
    needed: bool,
    /// What it may hold; for a file that grows, what its beginning may be.
    sums: Vec<Sum>,
}

/// What each file may hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    files: BTreeMap<String, Entry>,
    /// Checksum of `files` as compact JSON.
    crc32: u32,
}

impl Manifest {
    /// Allows a file to become these bytes, beside what it is now.
    pub fn allow(&mut self, name: &str, sum: Sum) {
        let sums = &mut self.files.entry(name.to_owned()).or_default().sums;
        // of the two that were allowed before, the file is the second
        sums.drain(..sums.len().saturating_sub(1));
        if sums.last() != Some(&sum) {
            sums.push(sum);
        }
    }

    /// Takes what a file was found to be for what it is.
    pub fn settle(&mut self, name: &str, sum: Sum) {
        self.files.entry(name.to_owned()).or_default().sums = vec![sum];
    }

    /// Marks all files there are as needed to go on.
    pub fn need_all(&mut self) {
        self.files.values_mut().for_each(|entry| entry.needed = true);
    }

    /// Whether the run goes on from a file.
    pub fn is_needed(&self, name: &str) -> bool {
        self.files.get(name).is_some_and(|entry| entry.needed)
    }

    /// Takes a file out, so that it is written anew.
    pub fn forget(&mut self, name: &str) {
        self.files.remove(name);
    }

    /// What a file may be; nothing for a file that is not of the run.
    pub fn sums(&self, name: &str) -> &[Sum] {
        self.files.get(name).map_or(&[], |entry| &entry.sums)
    }

    /// The names of all files.
    pub fn names(&self) -> Vec<String> {
        self.files.keys().cloned().collect()
    }

    /// Whether a file holds what it may hold.
    pub fn holds(&self, name: &str, bytes: &[u8]) -> bool {
        self.sums(name).contains(&Sum::of(bytes))
    }

    /// The bytes of the manifest's own file.
    ///
    /// # Errors
    /// Never in practice; those of writing JSON.
    pub fn seal(&mut self) -> serde_json::Result<Vec<u8>> {
        self.crc32 = crc32fast::hash(&serde_json::to_vec(&self.files)?);
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads the bytes of a manifest's file.
    ///
    /// # Errors
    /// When they are no manifest, or not as they were written.
    pub fn unseal(bytes: &[u8]) -> anyhow::Result<Self> {
        let manifest: Self = serde_json::from_slice(bytes)?;
        let own = crc32fast::hash(&serde_json::to_vec(&manifest.files)?);
        anyhow::ensure!(own == manifest.crc32, "its own checksum is wrong: it was cut or changed");
        Ok(manifest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changing_file_may_be_the_old_and_the_new() {
        let mut manifest = Manifest::default();
        for text in ["first", "second", "third"] {
            manifest.allow("a", Sum::of(text.as_bytes()));
        }
        assert!(!manifest.holds("a", b"first") && manifest.holds("a", b"second") && manifest.holds("a", b"third"));
        manifest.allow("a", Sum::of(b"third"));
        assert_eq!(manifest.sums("a"), [Sum::of(b"third")]);
        assert!(!manifest.holds("b", b"third"));
        manifest.settle("a", Sum::of(b"x"));
        assert!(manifest.holds("a", b"x") && !manifest.holds("a", b"third"));
        assert_eq!(manifest.names(), ["a"]);
    }

    #[test]
    fn every_changed_bit_of_the_manifest_is_noticed() {
        let mut manifest = Manifest::default();
        manifest.allow("a", Sum::of(b"text"));
        manifest.allow("b", Sum::of(b"more"));
        let whole = manifest.seal().expect("JSON");
        assert_eq!(Manifest::unseal(&whole).expect("whole"), manifest);
        for at in 0..8 * whole.len() {
            let mut bytes = whole.clone();
            bytes[at / 8] ^= 1 << (at % 8);
            // a changed space between two words is the only change that means nothing
            let read = Manifest::unseal(&bytes);
            assert!(read.is_err() || read.expect("read").files == manifest.files, "bit {at}");
            // without its last line end it is whole
            assert!(at / 8 == whole.len() - 1 || Manifest::unseal(&whole[..at / 8]).is_err());
        }
    }
}
