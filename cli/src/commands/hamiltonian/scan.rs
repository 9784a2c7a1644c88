//! `qloom hamiltonian scan`: a folder of FCIDUMP files along a coordinate.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::failure::{Failure, OrFailure};
use crate::files;
use crate::molecule::{self, EncodingArguments, Sectors};
use crate::output::{self, Report};
use crate::progress::Progress;

/// Compute the energies of all FCIDUMP files of a folder, such as those along a bond.
///
/// Files ending in .FCIDUMP (in any case) are ordered by the last number in their names, which is the coordinate: H2_0.70.FCIDUMP,
/// H2_0.80.FCIDUMP, ... Each becomes a row with its Hartree-Fock energy and the ground energy with its numbers of electrons.
///
/// With --hamiltonians, each is also written as a Hamiltonian's JSON file of the same name for experiments.
///
/// For example: qloom hamiltonian scan h2/ --mapping parity --two-qubit-reduction --csv h2.csv
#[derive(clap::Args)]
pub struct Arguments {
    /// The folder.
    folder: PathBuf,
    #[command(flatten)]
    encoding: EncodingArguments,
    /// Write the rows as a table.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write each Hamiltonian into this folder, which must exist.
    #[arg(long, value_name = "FOLDER")]
    hamiltonians: Option<PathBuf>,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct Scan {
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    coordinate: Option<f64>,
    num_qubits: usize,
    num_terms: usize,
    hartree_fock_energy: Option<f64>,
    sector_ground_energy: Option<f64>,
}

impl Report for Scan {
    fn text(&self) -> String {
        let number = |value: Option<f64>, digits| value.map_or_else(|| "-".to_owned(), |v| format!("{v:.digits$}"));
        let mut text =
            format!("{:>24} {:>12} {:>6} {:>7} {:>18} {:>18}", "name", "coordinate", "qubits", "terms", "Hartree-Fock", "ground");
        for row in &self.rows {
            text.push_str(&format!(
                "\n{:>24} {:>12} {:>6} {:>7} {:>18} {:>18}",
                row.name,
                row.coordinate.map_or_else(|| "-".to_owned(), |x| x.to_string()),
                row.num_qubits,
                row.num_terms,
                number(row.hartree_fock_energy, 12),
                number(row.sector_ground_energy, 12)
            ));
        }
        text
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let paths = dumps(&arguments.folder)?;
    let mut progress = Progress::new("files")?;
    let mut rows = Vec::new();
    for (done, path) in paths.iter().enumerate() {
        if let ControlFlow::Break(()) = progress.tick(done, paths.len()) {
            return Err(Progress::stopped());
        }
        rows.push(row(arguments, path)?);
    }
    progress.finish();
    if let Some(path) = &arguments.csv {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in &rows {
            writer.serialize(row).or_work("cannot write the table")?;
        }
        files::write_whole(path, &writer.into_inner().or_work("cannot write the table")?)?;
    }
    output::report(arguments.json, &Scan { rows })
}

fn row(arguments: &Arguments, path: &Path) -> Result<Row, Failure> {
    let integrals = arguments.encoding.active_space(&molecule::read(path)?)?;
    let built = arguments.encoding.molecule(&integrals)?;
    let sectors = Sectors::new(&built)?;
    let ground = sectors.low_states(molecule::electrons(&integrals), 1)?.map(|(states, _)| states[0].energy);
    let name = stem(path);
    let bits = built.hartree_fock_bits();
    let hartree_fock_energy = bits.map(|_| integrals.hartree_fock_energy());
    if let Some(folder) = &arguments.hamiltonians {
        let record = molecule::record(name.clone(), &built, hartree_fock_energy, None);
        files::write_whole(&folder.join(format!("{name}.json")), record.to_json().as_bytes())?;
    }
    Ok(Row {
        coordinate: molecule::coordinate(&name),
        name,
        num_qubits: built.hamiltonian().num_qubits(),
        num_terms: built.hamiltonian().terms().len(),
        hartree_fock_energy,
        sector_ground_energy: ground,
    })
}

/// The FCIDUMP files of a folder, by coordinate, then by name.
fn dumps(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let place = format!("cannot read the folder {}", folder.display());
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).or_input(&place)? {
        let path = entry.or_input(&place)?.path();
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("fcidump")) {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return Err(Failure::input(format!("{} has no file that ends in .FCIDUMP", folder.display())));
    }
    let key = |path: &PathBuf| (molecule::coordinate(&stem(path)).unwrap_or(f64::INFINITY), stem(path));
    paths.sort_by(|a, b| {
        let (a, b) = (key(a), key(b));
        a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
    });
    Ok(paths)
}

fn stem(path: &Path) -> String {
    path.file_stem().map_or_else(|| "-".into(), |stem| stem.to_string_lossy().into_owned())
}
