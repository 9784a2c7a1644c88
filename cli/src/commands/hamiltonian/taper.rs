//! `qloom hamiltonian taper`: Z2 symmetries of any Hamiltonian file.

use std::path::PathBuf;

use qloom::chemistry::{Tapering, diagonal_value, z2_symmetries};
use qloom::circuits::{HamiltonianFile, PauliString};
use serde::Serialize;

use crate::failure::{Failure, OrFailure};
use crate::output::{self, Report};
use crate::{files, hamiltonian_file, molecule};

/// The most symmetries whose sectors are all compared.
const COMPARED: usize = 10;

/// Find the Z2 symmetries of a Hamiltonian and remove a qubit for each.
///
/// Symmetries are Pauli words that commute with every term and with each other. The sector is given by --sector, one sign a symmetry, or
/// it is that of the file's Hartree-Fock bits if all symmetries are made of Z, or else the one with the lowest energy.
///
/// For example: qloom hamiltonian taper data/molecules/H2_0.7414_4q_jw.json --out small.json
#[derive(clap::Args)]
pub struct Arguments {
    /// The Hamiltonian's JSON file; - is standard input.
    file: PathBuf,
    /// One sign for each symmetry, such as "+-+"; or "lowest".
    #[arg(long, value_name = "SIGNS", allow_hyphen_values = true)]
    sector: Option<String>,
    /// Write the smaller Hamiltonian as JSON.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct Tapered {
    file: Option<PathBuf>,
    num_qubits_before: usize,
    num_qubits: usize,
    /// The identity included.
    num_terms: usize,
    constant: f64,
    one_norm: f64,
    /// Each symmetry and its value.
    symmetries: Vec<(String, f64)>,
    removed_qubits: Vec<usize>,
}

impl Report for Tapered {
    fn text(&self) -> String {
        let mut rows = vec![
            ("qubits", format!("{}, before {}", self.num_qubits, self.num_qubits_before)),
            ("terms", format!("{} (identity included)", self.num_terms)),
            ("constant", format!("{:.12}", self.constant)),
            ("one-norm", format!("{:.12} (identity left out)", self.one_norm)),
        ];
        rows.extend(self.symmetries.iter().map(|(symmetry, value)| ("symmetry", format!("{symmetry} = {value:+}"))));
        output::pairs(&rows)
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let file = hamiltonian_file::read(&arguments.file)?;
    let sum = &file.hamiltonian;
    let symmetries = z2_symmetries(sum, false);
    let signs = sector(arguments, &file, &symmetries)?;
    let tapering = Tapering::new(sum.num_qubits(), &symmetries, &signs).or_input("--sector")?;
    let small = tapering.apply(sum).or_work("cannot taper")?;
    let report = Tapered {
        file: arguments.out.clone(),
        num_qubits_before: sum.num_qubits(),
        num_qubits: small.num_qubits(),
        num_terms: small.terms().len(),
        constant: small.constant(),
        one_norm: small.one_norm(),
        symmetries: symmetries.iter().map(ToString::to_string).zip(signs.iter().copied()).collect(),
        removed_qubits: tapering.removed(),
    };
    if let Some(path) = &arguments.out {
        let diagonal = symmetries.iter().all(|symmetry| symmetry.x_mask() == 0);
        let kept = file.hartree_fock_bits.as_ref().filter(|bits| {
            diagonal && symmetries.iter().zip(&signs).all(|(&symmetry, &sign)| diagonal_value(symmetry, bits) == sign)
        });
        let record = HamiltonianFile {
            name: file.name.clone(),
            hamiltonian: small,
            hartree_fock_energy: kept.and(file.hartree_fock_energy),
            ground_energy: None,
            hartree_fock_bits: kept.and_then(|bits| tapering.apply_bits(bits)),
        };
        files::write_whole(path, record.to_json().as_bytes())?;
    }
    output::report(arguments.json, &report)
}

fn sector(arguments: &Arguments, file: &HamiltonianFile, symmetries: &[PauliString]) -> Result<Vec<f64>, Failure> {
    let diagonal = symmetries.iter().all(|symmetry| symmetry.x_mask() == 0);
    match (arguments.sector.as_deref(), &file.hartree_fock_bits) {
        (None, Some(bits)) if diagonal => Ok(symmetries.iter().map(|&symmetry| diagonal_value(symmetry, bits)).collect()),
        (None | Some("lowest"), _) => lowest(file, symmetries),
        (Some(text), _) => molecule::signs(text),
    }
}

/// The sector with the lowest energy.
fn lowest(file: &HamiltonianFile, symmetries: &[PauliString]) -> Result<Vec<f64>, Failure> {
    let (sum, count) = (&file.hamiltonian, symmetries.len());
    if count > COMPARED {
        return Err(Failure::input(format!("{count} symmetries have too many sectors to compare; choose one with --sector")));
    }
    let mut best: Option<(f64, Vec<f64>)> = None;
    for sector in 0..1u32 << count {
        let signs: Vec<f64> = (0..count).map(|place| if sector >> place & 1 == 1 { -1.0 } else { 1.0 }).collect();
        let small = Tapering::new(sum.num_qubits(), symmetries, &signs).and_then(|tapering| tapering.apply(sum));
        let energy = qloom::sim::ground_energy(&small.or_work("cannot taper")?).or_work("cannot compute an energy")?;
        if best.as_ref().is_none_or(|(lowest, _)| energy < lowest - 1e-10) {
            best = Some((energy, signs));
        }
    }
    best.map(|(_, signs)| signs).ok_or_else(|| Failure::input("there is no sector"))
}
