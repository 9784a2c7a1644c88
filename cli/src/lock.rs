//! The lock of a run folder: one process at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::failure::{Failure, OrFailure};

/// The file of the system's lock, in the run folder; empty.
const SYSTEM: &str = "lock";
/// The file that says who has the run folder; there is none while nobody has it.
const OWNER: &str = "owner.json";
/// The file of a process that looks whether the owner is dead.
const TAKING: &str = "owner.json.taking";

/// Whether a file of a run folder is part of its lock.
pub fn is_part(name: &std::ffi::OsStr) -> bool {
    name == SYSTEM || name == OWNER || name == TAKING
}

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
/// Two things decide who owns the folder: the system's lock on a file, which ends with its process, and a file with the owner's name that
/// only one process can create, also where several computers share a disk that knows no locks.
#[derive(Debug)]
pub struct Lock {
    /// Has the system's lock.
    _system: File,
    claim: File,
    path: PathBuf,
    owner: Owner,
}

impl Lock {
    /// Takes the lock of a folder. What a process of this computer left behind when it died is taken over, with a message, and so is what
    /// one of another computer did not refresh for half an hour.
    ///
    /// # Errors
    /// Busy when another process has the folder, failed work when the disk refuses.
    pub fn take(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(OWNER);
        let place = format!("cannot lock {}", folder.display());
        let system = OpenOptions::new().write(true).create(true).truncate(false).open(folder.join(SYSTEM)).or_work(&place)?;
        match system.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let who = read(&path).1.map_or_else(|| "another process".to_owned(), |owner| owner.describe());
                return Err(busy(format!("{} is in use by {who}; wait for it, or stop it first", folder.display())));
            }
            // a disk without locks: the claim alone decides
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(error).or_work(place),
        }
        let owner = Owner { pid: std::process::id(), host: host(), start: now() };
        loop {
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(mut claim) => {
                    let text = serde_json::to_string(&owner).or_work(&place)?;
                    writeln!(claim, "{text}").and_then(|()| claim.sync_all()).or_work(&place)?;
                    return Ok(Self { _system: system, claim, path, owner });
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => take_away(folder, &path, &owner)?,
                Err(error) => return Err(error).or_work(place),
            }
        }
    }

    /// Tells the lock that its folder has another name now.
    pub fn moved(&mut self, folder: &Path) {
        self.path = folder.join(OWNER);
    }

    /// Shows other computers that the owner is alive.
    pub fn refresh(&self) {
        // a disk that does not take it has its own locks
        let _ = self.claim.set_modified(SystemTime::now());
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // the system's lock ends with the file's closing, after this
        if read(&self.path).1.as_ref() == Some(&self.owner) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// A claim that was not refreshed for so long is nobody's.
const STALE: Duration = Duration::from_secs(30 * 60);

/// Takes the claim of a dead owner away; of several who find it one at a time looks at it.
fn take_away(folder: &Path, path: &Path, own: &Owner) -> Result<(), Failure> {
    let taking = folder.join(TAKING);
    if let Err(error) = OpenOptions::new().write(true).create_new(true).open(&taking) {
        if error.kind() != ErrorKind::AlreadyExists {
            return Err(error).or_work(format!("cannot lock {}", folder.display()));
        }
        if !is_stale(&taking) {
            return Err(busy(format!(
                "{} is just being taken by another process; wait for it, or stop it first",
                folder.display()
            )));
        }
        // whoever looked has died; nobody else is that late
        let _ = std::fs::remove_file(&taking);
        return Ok(());
    }
    let looked = look_at(folder, path, own);
    let _ = std::fs::remove_file(&taking);
    looked
}

/// Removes a claim if its owner is dead.
fn look_at(folder: &Path, path: &Path, own: &Owner) -> Result<(), Failure> {
    let (text, owner) = read(path);
    if text.is_none() && !path.exists() {
        // it has gone: whoever comes first creates the next
        return Ok(());
    }
    let who = owner.as_ref().map_or_else(|| "another process".to_owned(), Owner::describe);
    // the system's lock is this process's: an owner of this computer has ended
    if owner.is_some_and(|owner| owner.host == own.host) || is_stale(path) {
        eprintln!("{} was left by {who}, which has ended; going on with it", folder.display());
        return std::fs::remove_file(path).or_work(format!("cannot remove {}", path.display()));
    }
    let minutes = STALE.as_secs() / 60;
    Err(busy(format!(
        "{} is in use by {who}; if that process has ended, wait {minutes} minutes or delete {}",
        folder.display(),
        path.display()
    )))
}

/// Whether nobody has been heard of for long.
fn is_stale(path: &Path) -> bool {
    let modified = std::fs::metadata(path).and_then(|metadata| metadata.modified());
    modified.ok().and_then(|time| time.elapsed().ok()).is_some_and(|age| age > STALE)
}

/// The text of a claim, and who made it, if it says so.
fn read(path: &Path) -> (Option<String>, Option<Owner>) {
    let text = std::fs::read_to_string(path).ok();
    let owner = text.as_deref().and_then(|text| serde_json::from_str(text).ok());
    (text, owner)
}

fn busy(message: String) -> Failure {
    Failure::Busy(anyhow::anyhow!(message))
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
        assert!(!folder.path().join(OWNER).exists());
        drop(Lock::take(folder.path()).expect("free again"));
    }

    fn leave(folder: &Path, text: &str) {
        std::fs::write(folder.join(OWNER), text).expect("room");
    }

    fn claim(host: &str) -> String {
        serde_json::to_string(&Owner { pid: 1, host: host.to_owned(), start: 5 }).expect("JSON")
    }

    #[test]
    fn what_the_dead_left_is_taken_over_on_their_own_computer_only() {
        let folder = tempfile::tempdir().expect("a folder");
        leave(folder.path(), &claim(&host()));
        drop(Lock::take(folder.path()).expect("the owner has ended"));
        // an owner elsewhere, and one that is just writing its name
        for (text, who) in [(claim("elsewhere"), "elsewhere"), ("{".to_owned(), "another process")] {
            leave(folder.path(), &text);
            let message = Lock::take(folder.path()).expect_err("nobody knows").message();
            assert!(message.contains(who) && message.contains("delete"), "{message}");
            assert_eq!(read(&folder.path().join(OWNER)).0, Some(text), "left as it was");
            // until it is silent for long
            let file = OpenOptions::new().write(true).open(folder.path().join(OWNER)).expect("there");
            file.set_modified(SystemTime::now() - 2 * STALE).expect("a time");
            let lock = Lock::take(folder.path()).expect("stale");
            lock.refresh();
            assert_eq!(read(&folder.path().join(OWNER)).1.as_ref(), Some(&lock.owner));
        }
        assert_eq!(std::fs::read_dir(folder.path()).expect("there").count(), 1, "the system's lock alone");
    }

    #[test]
    fn of_many_who_find_a_dead_owner_one_goes_on() {
        // without the system's lock, as on a disk that knows none: each computer has a name of its own
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(OWNER);
        for round in 0..50 {
            leave(folder.path(), &claim("elsewhere"));
            let file = OpenOptions::new().write(true).open(&path).expect("there");
            file.set_modified(SystemTime::now() - 2 * STALE).expect("a time");
            let attempt = |number: u32| {
                let own = Owner { pid: number, host: format!("computer-{number}"), start: now() };
                loop {
                    match OpenOptions::new().write(true).create_new(true).open(&path) {
                        Ok(mut claim) => {
                            writeln!(claim, "{}", serde_json::to_string(&own).expect("JSON")).expect("room");
                            return true;
                        }
                        Err(_) if take_away(folder.path(), &path, &own).is_err() => return false,
                        Err(_) => {}
                    }
                }
            };
            let won: usize = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..4).map(|number| scope.spawn(move || attempt(number))).collect();
                threads.into_iter().map(|thread| usize::from(thread.join().expect("ends"))).sum()
            });
            assert_eq!(won, 1, "round {round}");
            std::fs::remove_file(&path).expect("one claim is there");
        }
    }

    #[test]
    fn a_lock_moves_with_its_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let (before, after) = (folder.path().join("before"), folder.path().join("after"));
        std::fs::create_dir(&before).expect("room");
        let mut lock = Lock::take(&before).expect("free");
        std::fs::rename(&before, &after).expect("renamed");
        lock.moved(&after);
        assert!(Lock::take(&after).is_err());
        drop(lock);
        assert!(!after.join(OWNER).exists());
    }
}
