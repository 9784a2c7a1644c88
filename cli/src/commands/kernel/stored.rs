//! A kernel matrix in a file, with all that is needed to add rows to it.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use npyz::{Deserialize, NpyFile, Order};
use qloom::learn::MapSettings;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::array_file::ArrayFile;
use crate::failure::{Failure, OrFailure};

/// A matrix, the rows it is of, and how they became states.
pub struct StoredKernel {
    /// Names of the columns of features.
    pub columns: Vec<String>,
    pub map: MapSettings,
    /// Features, row by row.
    pub rows: Vec<f64>,
    /// The matrix, row by row.
    pub gram: Vec<f64>,
}

impl StoredKernel {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len() / self.columns.len()
    }

    /// Reads a file that [`StoredKernel::write`] wrote.
    ///
    /// # Errors
    /// Bad input for a file that is none, lacks an array, or whose arrays do not fit each other.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let place = path.display().to_string();
        let mut archive = ZipArchive::new(BufReader::new(File::open(path).or_input(&place)?)).or_input(&place)?;
        let (gram_shape, gram) = array::<f64, _>(&mut archive, "gram", &place)?;
        let (rows_shape, rows) = array::<f64, _>(&mut archive, "rows", &place)?;
        let mut text = |name: &str| -> Result<String, Failure> {
            let (_, bytes) = array::<u8, _>(&mut archive, name, &place)?;
            String::from_utf8(bytes).or_input(format!("{place}, array {name}"))
        };
        let columns: Vec<String> = text("columns")?.lines().map(str::to_owned).collect();
        let map = serde_json::from_str(&text("map")?).or_input(format!("{place}, array map"))?;
        let wrong = |what: &str, shape: &[u64], wanted: String| {
            Failure::input(format!("{place}: the array {what} is of shape {shape:?}, and {wanted} is needed"))
        };
        let [count, width] = rows_shape[..] else { return Err(wrong("rows", &rows_shape, "rows x columns".to_owned())) };
        if width != columns.len() as u64 || width == 0 {
            return Err(wrong("rows", &rows_shape, format!("a number for each of {} columns", columns.len())));
        }
        if gram_shape != [count, count] {
            return Err(wrong("gram", &gram_shape, format!("{count} x {count}")));
        }
        if let Some(value) = gram.iter().chain(&rows).find(|value| !value.is_finite()) {
            return Err(Failure::input(format!("{place}: a number of the arrays is {value}; make the file anew")));
        }
        Ok(Self { columns, map, rows, gram })
    }

    /// Writes the arrays gram and rows, and columns and map as bytes of text.
    ///
    /// # Errors
    /// Failed work when the disk refuses.
    pub fn write(&self, path: &Path) -> Result<(), Failure> {
        let (count, width) = (self.len() as u64, self.columns.len() as u64);
        let map = serde_json::to_vec(&self.map).or_work("cannot write the map")?;
        let columns = self.columns.join("\n").into_bytes();
        let mut file = ArrayFile::new(path);
        file.put("gram", &[count, count], &self.gram)?;
        file.put("rows", &[count, width], &self.rows)?;
        file.put("columns", &[columns.len() as u64], &columns)?;
        file.put("map", &[map.len() as u64], &map)?;
        file.write()
    }
}

/// An array of the archive: its shape, and its numbers row by row.
fn array<T: Deserialize, R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    name: &str,
    place: &str,
) -> Result<(Vec<u64>, Vec<T>), Failure> {
    let missing = || {
        Failure::input(format!("{place} has no array \"{name}\"; only files that qloom kernel --out wrote can be appended to"))
    };
    let entry = match archive.by_name(&format!("{name}.npy")) {
        Err(ZipError::FileNotFound) => return Err(missing()),
        entry => entry.or_input(place)?,
    };
    let array = NpyFile::new(BufReader::new(entry)).or_input(format!("{place}, array {name}"))?;
    let shape = array.shape().to_vec();
    if array.order() != Order::C && shape.len() > 1 {
        return Err(Failure::input(format!("{place}: the array {name} is stored column by column; store it row by row")));
    }
    let numbers = array.into_vec().or_input(format!("{place}, array {name}"))?;
    Ok((shape, numbers))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kernel() -> StoredKernel {
        let columns = vec!["a".to_owned(), "b, with a comma".to_owned()];
        StoredKernel { columns, map: MapSettings::Angle {}, rows: vec![0.1, 0.2, 0.3, 0.4], gram: vec![1.0, 0.5, 0.5, 1.0] }
    }

    /// A file with these shapes of the matrix and of the rows, all numbers the same.
    fn file(path: &Path, (gram, rows): (&[u64], &[u64]), number: f64, columns: &str) {
        let numbers = |shape: &[u64]| vec![number; shape.iter().product::<u64>() as usize];
        let mut file = ArrayFile::new(path);
        file.put("gram", gram, &numbers(gram)).expect("it fits");
        file.put("rows", rows, &numbers(rows)).expect("it fits");
        file.put("columns", &[columns.len() as u64], columns.as_bytes()).expect("it fits");
        let map = b"{\"angle\":{}}";
        file.put("map", &[map.len() as u64], map).expect("it fits");
        file.write().expect("room");
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("k.npz");
        kernel().write(&path).expect("room");
        let read = StoredKernel::read(&path).expect("its own file");
        let StoredKernel { columns, map, rows, gram } = kernel();
        assert_eq!((read.columns, read.map, read.rows, read.gram), (columns, map, rows, gram));
    }

    #[test]
    fn arrays_that_do_not_fit_are_refused_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("k.npz");
        let refused = |word: &str| {
            let message = StoredKernel::read(&path).err().expect(word).message();
            assert!(message.contains(word), "{word}: {message}");
        };
        file(&path, (&[3, 3], &[2, 1]), 1.0, "a");
        refused("gram is of shape [3, 3], and 2 x 2");
        file(&path, (&[2, 2], &[2, 2]), 1.0, "a");
        refused("a number for each of 1 columns");
        file(&path, (&[2, 2], &[2]), 1.0, "a");
        refused("rows x columns");
        file(&path, (&[2, 2], &[2, 1]), f64::NAN, "a");
        refused("NaN");
        let mut only = ArrayFile::new(&path);
        only.put("gram", &[1, 1], &[1.0]).expect("it fits");
        only.write().expect("room");
        refused("no array \"rows\"");
    }
}
