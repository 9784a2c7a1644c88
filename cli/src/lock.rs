//! The lock of a run folder: one process at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::failure::{Failure, OrFailure};

/// The file of the lock, in the run folder.
pub const FILE: &str = "lock";

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Owner {
    /// Number of the process.
    pid: u32,
    /// Name of the computer.
    host: String,
    /// When the process took the lock, in seconds since 1970.
    start: u64,
}

/// A run folder that is this process's alone, until it is dropped or the process ends, however it ends.
///
/// The system's lock on the file decides who owns the folder; the file's text says who that is.
#[derive(Debug)]
pub struct Lock(File);

impl Lock {
    /// Takes the lock of a folder. What a process of this computer left behind when it died is taken over, with a message.
    ///
    /// # Errors
    /// Bad input when another process has the folder, failed work when the disk refuses.
    pub fn take(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(FILE);
        let place = format!("cannot lock {}", path.display());
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).or_work(&place)?;
        let held = match file.try_lock() {
            Ok(()) => false,
            Err(TryLockError::WouldBlock) => true,
            Err(TryLockError::Error(error)) => return Err(error).or_work(place),
        };
        let mut text = String::new();
        // what cannot be read says nothing about the owner; the system's lock holds all the same
        let _ = file.read_to_string(&mut text);
        let owner: Option<Owner> = serde_json::from_str(&text).ok();
        let own = Owner { pid: std::process::id(), host: host(), start: now() };
        match owner {
            _ if held => {
                let who = owner.map_or_else(|| "another process".to_owned(), |owner| owner.describe());
                let message = format!("{} is in use by {who}; wait for it, or stop it first", folder.display());
                return Err(Failure::Busy(anyhow::anyhow!(message)));
            }
            Some(owner) if owner.host != own.host && !is_stale(&file) => {
                let message = format!(
                    "{} is in use by {}; if that process has ended, wait {} minutes or delete {}",
                    folder.display(),
                    owner.describe(),
                    STALE.as_secs() / 60,
                    path.display()
                );
                return Err(Failure::Busy(anyhow::anyhow!(message)));
            }
            Some(owner) => eprintln!("{} was left by {}, which has ended; going on with it", folder.display(), owner.describe()),
            None => {}
        }
        let text = serde_json::to_string(&own).or_work(&place)?;
        file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{text}")).or_work(&place)?;
        Ok(Self(file))
    }
}

/// A lock of another computer that was not refreshed for so long is taken over.
const STALE: Duration = Duration::from_secs(30 * 60);

/// Whether the owner has not been heard of for long.
fn is_stale(file: &File) -> bool {
    let modified = file.metadata().and_then(|metadata| metadata.modified());
    modified.ok().and_then(|time| time.elapsed().ok()).is_some_and(|age| age > STALE)
}

impl Lock {
    /// Shows those who share the disk, but not the system's locks, that the owner is alive.
    pub fn refresh(&self) {
        // a disk that does not take it has its own locks
        let _ = self.0.set_modified(std::time::SystemTime::now());
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // an empty file is a lock that nobody left behind; the system's lock ends with the file's closing
        let _ = self.0.set_len(0);
    }
}

impl Owner {
    fn describe(&self) -> String {
        let minutes = now().saturating_sub(self.start) / 60;
        format!("process {} on {} (begun {minutes} minutes ago)", self.pid, self.host)
    }
}

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

/// The name of this computer, as far as the system gives it.
fn host() -> String {
    let named = std::fs::read_to_string("/proc/sys/kernel/hostname").or_else(|_| std::fs::read_to_string("/etc/hostname"));
    let name = named.ok().or_else(|| std::env::var("HOSTNAME").ok()).or_else(|| std::env::var("COMPUTERNAME").ok());
    name.map_or_else(|| "this computer".to_owned(), |name| name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_owner() {
        let folder = tempfile::tempdir().expect("a folder");
        let lock = Lock::take(folder.path()).expect("free");
        let message = Lock::take(folder.path()).expect_err("taken").message();
        assert!(message.contains(&format!("process {}", std::process::id())), "{message}");
        drop(lock);
        drop(Lock::take(folder.path()).expect("free again"));
        assert_eq!(std::fs::read_to_string(folder.path().join(FILE)).expect("text"), "");
    }

    #[test]
    fn what_the_dead_left_is_taken_over_on_their_own_computer_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let leave = |host: &str| {
            let owner = Owner { pid: 1, host: host.to_owned(), start: 5 };
            std::fs::write(folder.path().join(FILE), serde_json::to_string(&owner).expect("JSON")).expect("room");
        };
        leave(&host());
        drop(Lock::take(folder.path()).expect("the owner has ended"));
        leave("elsewhere");
        let message = Lock::take(folder.path()).expect_err("nobody knows").message();
        assert!(message.contains("elsewhere") && message.contains("delete"), "{message}");
        // until it is silent for long
        let file = OpenOptions::new().write(true).open(folder.path().join(FILE)).expect("there");
        file.set_modified(std::time::SystemTime::now() - 2 * STALE).expect("a time");
        let lock = Lock::take(folder.path()).expect("stale");
        lock.refresh();
        assert!(!is_stale(&lock.0));
        drop(lock);
        std::fs::write(folder.path().join(FILE), "{").expect("room");
        drop(Lock::take(folder.path()).expect("the system's lock decides"));
    }
}
