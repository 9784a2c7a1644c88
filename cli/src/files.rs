//! Files read with bounds and written so that a crash or a full disk never harms what is there.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::failure::{Failure, OrFailure};

/// The largest text read, in bytes, whether from a file or from standard input.
pub const TEXT_LIMIT: u64 = 1 << 28;

/// Reads a text file; `-` is standard input.
///
/// # Errors
/// Bad input when it is missing, no regular file, larger than [`TEXT_LIMIT`] or no UTF-8.
pub fn read_text(path: &Path) -> Result<String, Failure> {
    let place = format!("cannot read {}", path.display());
    if path == Path::new("-") {
        return bounded(&mut std::io::stdin().lock(), TEXT_LIMIT).or_input("cannot read standard input");
    }
    let path = &found(path);
    let kind = std::fs::metadata(path).or_input(format!("{place}, here or in a data/ folder above"))?;
    if !kind.is_file() {
        let remedy = if kind.is_dir() { "name a file in it" } else { "name a file, or - for standard input" };
        return Err(Failure::input(format!("{place}: it is {}, no regular file; {remedy}", kind_of(&kind))));
    }
    bounded(&mut File::open(path).or_input(&place)?, TEXT_LIMIT).or_input(&place)
}

/// Where an input is: at its path or, where nothing is there, in the nearest `data/` folder at or above the current one that has it.
pub fn found(path: &Path) -> PathBuf {
    if path.exists() || path.is_absolute() {
        return path.to_owned();
    }
    let here = std::env::current_dir().unwrap_or_default();
    let places = here.ancestors().map(|folder| folder.join("data").join(path));
    places.into_iter().find(|place| place.is_file()).unwrap_or_else(|| path.to_owned())
}

/// Everything that a source gives, as text, up to a limit.
fn bounded(source: &mut dyn Read, limit: u64) -> anyhow::Result<String> {
    let mut text = String::new();
    source.take(limit + 1).read_to_string(&mut text)?;
    anyhow::ensure!(text.len() as u64 <= limit, "it is larger than {} MiB; split it", limit >> 20);
    Ok(text)
}

/// What something is that is no regular file.
fn kind_of(metadata: &std::fs::Metadata) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = metadata.file_type();
        if kind.is_fifo() {
            return "a pipe";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_char_device() || kind.is_block_device() {
            return "a device";
        }
    }
    if metadata.is_dir() { "a folder" } else { "something else" }
}

/// Writes a file. A regular one is written whole or not at all, and keeps its mode and owner: a neighbour first, flushed to the disk, then
/// renamed over it. Links are followed; what is no regular file, such as a device or a pipe, is written to as it is.
///
/// # Errors
/// Bad input when the path is a folder or in one that is not there; failed work when the disk refuses, and the old file stays as it was.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let place = format!("cannot write {}", path.display());
    match std::fs::metadata(path) {
        Ok(kind) if kind.is_dir() => return Err(Failure::input(format!("{place}: it is a folder; name a file"))),
        Ok(kind) if !kind.is_file() || is_of_the_system(path) => {
            return OpenOptions::new().write(true).open(path).and_then(|mut file| file.write_all(bytes)).or_work(place);
        }
        Ok(_) | Err(_) => {}
    }
    let path = followed(path);
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !parent.is_dir() {
        return Err(Failure::input(format!(
            "{place}: there is no folder {}; make it, or choose another place",
            parent.display()
        )));
    }
    replace(&path, bytes).or_work(place)
}

/// Whether a path names what is open in a process rather than a file on a disk.
fn is_of_the_system(path: &Path) -> bool {
    path.starts_with("/dev") || path.starts_with("/proc")
}

/// Where a chain of links leads; its end need not be there.
fn followed(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    // as many as the system follows
    for _ in 0..40 {
        let Ok(target) = std::fs::read_link(&path) else { break };
        path = path.parent().unwrap_or(Path::new("")).join(target);
    }
    path
}

fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let temporary = neighbour(path);
    let result = (|| {
        let mut file = File::create(&temporary)?;
        if let Ok(old) = std::fs::metadata(path) {
            keep_owner_and_mode(&temporary, &file, &old)?;
        }
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)
    })();
    if result.is_err() {
        // the first error is the one to report; a left-over neighbour is harmless
        let _ = std::fs::remove_file(&temporary);
    }
    result.context("what was there before is unharmed; free some space or choose another place")
}

fn keep_owner_and_mode(path: &Path, file: &File, old: &std::fs::Metadata) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        // who may not give files away owns what he writes
        let _ = std::os::unix::fs::chown(path, Some(old.uid()), Some(old.gid()));
    }
    #[cfg(not(unix))]
    let _ = path;
    file.set_permissions(old.permissions())
}

/// A name beside a file that only this process uses.
pub fn neighbour(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.part", std::process::id()));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_a_bound() {
        assert_eq!(bounded(&mut &b"abc"[..], 3).expect("it fits"), "abc");
        let endless = &mut std::io::repeat(b'a');
        assert!(bounded(endless, 1 << 20).expect_err("too long").to_string().contains("1 MiB"));
        assert!(bounded(&mut &[0xff][..], 3).is_err());
    }

    #[test]
    fn folders_are_neither_read_nor_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let missing = folder.path().join("no/file");
        for failure in [
            read_text(folder.path()).expect_err("a folder"),
            read_text(&missing).expect_err("nothing"),
            write_whole(folder.path(), b"").expect_err("a folder"),
            write_whole(&missing, b"").expect_err("no folder for it"),
        ] {
            assert!(matches!(failure, Failure::Input(_)), "{failure:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_and_modes_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("below")).expect("room");
        std::fs::write(path("below/file"), "old").expect("room");
        std::fs::set_permissions(path("below/file"), std::fs::Permissions::from_mode(0o600)).expect("mine");
        symlink("below/file", path("first")).expect("a link");
        symlink("first", path("second")).expect("a link");
        symlink("below/new", path("dangling")).expect("a link");
        write_whole(&path("second"), b"new").expect("room");
        write_whole(&path("dangling"), b"made").expect("room");
        assert_eq!(std::fs::read(path("below/file")).expect("written"), b"new");
        assert_eq!(std::fs::metadata(path("below/file")).expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read(path("below/new")).expect("written"), b"made");
        for link in ["first", "second", "dangling"] {
            assert!(std::fs::symlink_metadata(path(link)).expect("there").is_symlink(), "{link}");
        }
        assert_eq!(std::fs::read_dir(path("below")).expect("a folder").count(), 2, "nothing is left over");
        write_whole(Path::new("/dev/null"), b"gone").expect("it takes everything");
    }
}
