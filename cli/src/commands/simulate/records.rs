//! The record of every shot, as files that programs for error correction read.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use qloom::sim::ShotTable;

use crate::failure::{Failure, OrFailure};
use crate::files;

/// A file of records that is there once it is whole.
pub struct RecordFile {
    path: PathBuf,
    beside: PathBuf,
    /// Bits as characters, a line a shot, bit 0 leftmost; otherwise packed, bit 0 the least significant of the first byte.
    text: bool,
    file: BufWriter<File>,
}

impl RecordFile {
    /// Begins a file of the format that its name ends with.
    ///
    /// # Errors
    /// Bad input for another ending, or a folder that is not there.
    pub fn create(path: &Path) -> Result<Self, Failure> {
        let text = match path.extension().and_then(|ending| ending.to_str()) {
            Some("01") => true,
            Some("b8") => false,
            _ => {
                let name = path.display();
                return Err(Failure::input(format!("--records {name}: it has to end with .01 (a line a shot) or .b8 (packed)")));
            }
        };
        let beside = files::neighbour(path);
        let file = File::create(&beside).or_input(format!("cannot write {}", path.display()))?;
        Ok(Self { path: path.to_owned(), beside, text, file: BufWriter::new(file) })
    }

    /// Adds shots.
    ///
    /// # Errors
    /// Failed work when the disk refuses.
    pub fn put(&mut self, table: &ShotTable) -> Result<(), Failure> {
        let bytes = match self.text {
            false => table.packed(),
            true => {
                let mut lines = Vec::with_capacity(table.shots() * (table.num_bits() + 1));
                for record in table.records() {
                    lines.extend((0..table.num_bits()).map(|bit| if record.get(bit) { b'1' } else { b'0' }));
                    lines.push(b'\n');
                }
                lines
            }
        };
        self.file.write_all(&bytes).or_work(format!("cannot write {}", self.path.display()))
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// Failed work when the disk refuses.
    pub fn finish(mut self) -> Result<(), Failure> {
        let place = format!("cannot write {}", self.path.display());
        self.file.flush().or_work(&place)?;
        std::fs::rename(&self.beside, &self.path).or_work(&place)
    }
}

impl Drop for RecordFile {
    fn drop(&mut self) {
        // nothing is there any more once it has its name
        let _ = std::fs::remove_file(&self.beside);
    }
}
