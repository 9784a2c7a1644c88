//! Arrays in .npz files, as NumPy reads them.

use std::io::Cursor;
use std::path::Path;

use npyz::{AutoSerialize, WriteOptions, WriterBuilder};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::failure::{Failure, OrFailure};
use crate::files;

/// An .npz file on its way: named arrays, row by row.
pub struct ArrayFile<'a> {
    path: &'a Path,
    archive: ZipWriter<Cursor<Vec<u8>>>,
}

impl<'a> ArrayFile<'a> {
    /// The largest file, in bytes.
    pub const MOST_BYTES: u128 = 4 << 30;

    /// A file without arrays; nothing is written yet.
    pub fn new(path: &'a Path) -> Self {
        Self { path, archive: ZipWriter::new(Cursor::new(Vec::new())) }
    }

    /// Adds an array of this shape, not compressed.
    ///
    /// # Errors
    /// Failed work when it cannot be stored.
    pub fn put<N: AutoSerialize + Copy>(&mut self, name: &str, shape: &[u64], values: &[N]) -> Result<(), Failure> {
        let mut attempt = || -> std::io::Result<()> {
            // with the array's header, which is shorter than 64 KiB
            let large = size_of_val(values) as u64 + 0x1_0000 > u64::from(u32::MAX);
            let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored).large_file(large);
            self.archive.start_file(format!("{name}.npy"), options)?;
            let mut writer = WriteOptions::new().default_dtype().shape(shape).writer(&mut self.archive).begin_nd()?;
            writer.extend(values.iter().copied())?;
            writer.finish()
        };
        attempt().or_work(format!("cannot write {}", self.path.display()))
    }

    /// The file as bytes.
    ///
    /// # Errors
    /// Failed work when it cannot be made.
    pub fn into_bytes(self) -> Result<Vec<u8>, Failure> {
        let bytes = self.archive.finish().or_work(format!("cannot write {}", self.path.display()))?;
        Ok(bytes.into_inner())
    }

    /// Writes the file.
    ///
    /// # Errors
    /// Failed work when the disk refuses.
    pub fn write(self) -> Result<(), Failure> {
        let path = self.path;
        files::write_whole(path, &self.into_bytes()?)
    }
}
