//! Files read with bounds and written so that a crash or a full disk never harms what is there.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::failure::{Failure, OrFailure};

/// The largest text file read, in bytes.
pub const TEXT_LIMIT: u64 = 1 << 30;

/// Reads a text file; `-` is standard input.
///
/// # Errors
/// Bad input when it is missing, larger than [`TEXT_LIMIT`] or no UTF-8.
pub fn read_text(path: &Path) -> Result<String, Failure> {
    let place = format!("cannot read {}", path.display());
    let mut text = String::new();
    let mut read = |source: &mut dyn Read| -> anyhow::Result<()> {
        source.take(TEXT_LIMIT + 1).read_to_string(&mut text)?;
        anyhow::ensure!(text.len() as u64 <= TEXT_LIMIT, "it is larger than {} MiB; split it", TEXT_LIMIT >> 20);
        Ok(())
    };
    if path == Path::new("-") {
        read(&mut std::io::stdin().lock()).or_input(&place)?;
    } else {
        let mut file = File::open(path).or_input(&place)?;
        let metadata = file.metadata().or_input(&place)?;
        if metadata.is_dir() {
            return Err(Failure::input(format!("{place}: it is a folder; name a file")));
        }
        read(&mut file).or_input(&place)?;
    }
    Ok(text)
}

/// Writes a file whole or not at all: a neighbour first, flushed to the disk, then renamed over it.
///
/// # Errors
/// Failed work when the disk refuses; the old file stays as it was.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let attempt = || -> anyhow::Result<()> {
        let temporary = neighbour(path);
        let result = (|| {
            let mut file = File::create(&temporary)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            std::fs::rename(&temporary, path)
        })();
        if result.is_err() {
            // the first error is the one to report; a left-over neighbour is harmless
            let _ = std::fs::remove_file(&temporary);
        }
        result.context("what was there before is unharmed; free some space or choose another place")
    };
    attempt().or_work(format!("cannot write {}", path.display()))
}

fn neighbour(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}
