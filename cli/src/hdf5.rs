//! Text held in HDF5 files, as the HamLib library stores its operators.

use std::path::Path;

use crate::failure::Failure;

/// Whether a file's name says that it is HDF5.
pub fn is_named(path: &Path) -> bool {
    path.extension().is_some_and(|extension| ["h5", "hdf5"].iter().any(|name| extension.eq_ignore_ascii_case(name)))
}

/// The text of a dataset, or of the only one that holds text.
///
/// # Errors
/// Bad input when the program was built without HDF5.
#[cfg(not(feature = "hdf5"))]
pub fn read_text(path: &Path, _dataset: Option<&str>) -> Result<String, Failure> {
    Err(Failure::input(format!("{} is HDF5, which this program was built without; build with --features hdf5", path.display())))
}

/// The text of a dataset, or of the only one that holds text.
///
/// # Errors
/// Bad input when the file is no HDF5, is larger than 1 GiB, or has no such dataset; the message lists those there are.
#[cfg(feature = "hdf5")]
pub fn read_text(path: &Path, dataset: Option<&str>) -> Result<String, Failure> {
    use crate::failure::OrFailure;
    use crate::files;

    let place = format!("cannot read {}", path.display());
    let size = std::fs::metadata(path).or_input(&place)?.len();
    if size > files::TEXT_LIMIT {
        return Err(Failure::input(format!("{place}: it is larger than {} MiB; split it", files::TEXT_LIMIT >> 20)));
    }
    let file = hdf5_reader::Hdf5File::from_vec(std::fs::read(path).or_input(&place)?).or_input(&place)?;
    if let Some(name) = dataset {
        let text = file.dataset(name).and_then(|dataset| dataset.read_string());
        return text.or_input(format!("{place}: dataset {name}"));
    }
    let mut names = Vec::new();
    list(&file.root_group().or_input(&place)?, "", 0, &mut names).or_input(&place)?;
    match names.as_slice() {
        [] => Err(Failure::input(format!("{place}: it has no dataset of text"))),
        [name] => file.dataset(name).and_then(|dataset| dataset.read_string()).or_input(&place),
        _ => {
            let count = names.len();
            let shown: Vec<String> = names.into_iter().take(20).collect();
            Err(Failure::input(format!(
                "{place}: choose one of its {count} operators with --dataset, such as {}",
                shown.join(", ")
            )))
        }
    }
}

/// Names of the datasets of strings in a group and those below it.
#[cfg(feature = "hdf5")]
fn list(
    group: &hdf5_reader::group::Group,
    prefix: &str,
    depth: usize,
    names: &mut Vec<String>,
) -> Result<(), hdf5_reader::error::Error> {
    /// Groups may link to those above them.
    const DEPTH: usize = 16;
    /// More are of no use in a message.
    const COUNT: usize = 10_000;
    let (groups, datasets) = group.members()?;
    let text = datasets.iter().filter(|dataset| dataset.read_string().is_ok());
    names.extend(text.map(|dataset| format!("{prefix}{}", dataset.name())));
    if depth < DEPTH && names.len() < COUNT {
        for inner in groups {
            list(&inner, &format!("{prefix}{}/", inner.name()), depth + 1, names)?;
        }
    }
    Ok(())
}
