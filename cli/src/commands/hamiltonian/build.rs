//! `qloom hamiltonian build`: from integrals to qubits.

use std::path::PathBuf;

use qloom::chemistry::Quantity;
use serde::Serialize;

use crate::failure::{Failure, OrFailure};
use crate::files;
use crate::molecule::{self, EncodingArguments, MappingArgument, OrderArgument, Sectors};
use crate::output::{self, Report};

/// Qubits up to which the energy of the electrons' sector is computed without being asked for.
const UNASKED: usize = 14;

/// Make a Hamiltonian on qubits from an FCIDUMP file.
///
/// Orbitals are counted from 0 in the file's order; frozen orbitals hold two electrons each and go into the constant. The sector is the
/// one with the file's numbers of alpha and beta electrons; its ground energy is computed up to 14 qubits, and with --exact, as is the
/// lowest energy of the whole operator, as far as memory goes (20 qubits). Energies are in hartree.
///
/// For example: qloom hamiltonian build LiH.FCIDUMP --mapping parity --two-qubit-reduction --out LiH.json
#[derive(clap::Args)]
pub struct Arguments {
    /// The FCIDUMP file; - is standard input.
    file: PathBuf,
    #[command(flatten)]
    encoding: EncodingArguments,
    /// Lift states with another number of electrons, spin along z or total spin than the file's: W times the square of the difference is added
    /// to the Hamiltonian, in hartree. Can be given several times; energies of other sectors are then those with the penalty.
    #[arg(long, value_name = "number=W|spin-z=W|spin-squared=W", value_parser = penalty)]
    penalty: Vec<Penalty>,
    /// Write the Hamiltonian as JSON.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Also compute the lowest energy of the whole operator.
    #[arg(long)]
    exact: bool,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

/// A quantity that is held, and how strongly.
type Penalty = (Quantity, f64);

fn penalty(text: &str) -> Result<Penalty, String> {
    let wrong = || format!("\"{text}\" is no penalty; give number=W, spin-z=W or spin-squared=W with a weight W above 0");
    let (name, weight) = text.split_once('=').ok_or_else(wrong)?;
    let quantity = match name {
        "number" => Quantity::Number,
        "spin-z" => Quantity::SpinZ,
        "spin-squared" => Quantity::SpinSquared,
        _ => return Err(wrong()),
    };
    match weight.parse::<f64>() {
        Ok(weight) if weight > 0.0 && weight.is_finite() => Ok((quantity, weight)),
        Ok(_) | Err(_) => Err(wrong()),
    }
}

#[derive(Serialize)]
struct Built {
    name: String,
    file: Option<PathBuf>,
    mapping: MappingArgument,
    order: OrderArgument,
    num_orbitals: usize,
    /// Alpha and beta.
    electrons: [usize; 2],
    num_qubits: usize,
    /// The identity included.
    num_terms: usize,
    constant: f64,
    one_norm: f64,
    hartree_fock_energy: Option<f64>,
    /// The leftmost character is qubit 0.
    hartree_fock_bits: Option<String>,
    sector_ground_energy: Option<f64>,
    ground_energy: Option<f64>,
    /// Alpha and beta electrons where the whole operator is lowest.
    ground_electrons: Option<[u8; 2]>,
    global_minimum_is_in_sector: Option<bool>,
    /// What was tapered: each symmetry on the qubits before, and its value.
    symmetries: Vec<(String, f64)>,
}

impl Report for Built {
    fn text(&self) -> String {
        let energy = |value: Option<f64>| value.map_or_else(|| "not computed".to_owned(), |e| format!("{e:.12} hartree"));
        let mut rows = vec![
            ("name", self.name.clone()),
            ("electrons", format!("{} alpha, {} beta in {} orbitals", self.electrons[0], self.electrons[1], self.num_orbitals)),
            ("qubits", self.num_qubits.to_string()),
            ("terms", format!("{} (identity included)", self.num_terms)),
            ("constant", format!("{:.12}", self.constant)),
            ("one-norm", format!("{:.12} (identity left out)", self.one_norm)),
            ("Hartree-Fock", energy(self.hartree_fock_energy)),
            (
                "Hartree-Fock bits",
                self.hartree_fock_bits.clone().map_or("-".into(), |bits| format!("{bits} (leftmost is qubit 0)")),
            ),
            ("sector ground energy", energy(self.sector_ground_energy)),
            ("ground energy", energy(self.ground_energy)),
        ];
        if let (Some([alpha, beta]), Some(false)) = (self.ground_electrons, self.global_minimum_is_in_sector) {
            rows.push((
                "warning",
                format!("the lowest state has {alpha} alpha and {beta} beta electrons; add --penalty or remove qubits"),
            ));
        }
        for (symmetry, value) in &self.symmetries {
            rows.push(("symmetry", format!("{symmetry} = {value:+}")));
        }
        output::pairs(&rows)
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let encoding = &arguments.encoding;
    let integrals = encoding.active_space(&molecule::read(&arguments.file)?)?;
    let mut built = encoding.molecule(&integrals)?;
    let spin = (integrals.num_alpha() as f64 - integrals.num_beta() as f64) / 2.0;
    for &(quantity, weight) in &arguments.penalty {
        let value = match quantity {
            Quantity::Number => (integrals.num_alpha() + integrals.num_beta()) as f64,
            Quantity::SpinZ => spin,
            Quantity::SpinSquared => spin.abs() * (spin.abs() + 1.0),
        };
        built = built.with_penalty(quantity, value, weight).or_input("--penalty")?;
    }
    let sum = built.hamiltonian();
    let bits = built.hartree_fock_bits();
    let electrons = molecule::electrons(&integrals);
    let (mut sector, mut ground) = (None, None);
    if arguments.exact || sum.num_qubits() <= UNASKED {
        let sectors = Sectors::new(&built)?;
        sector = sectors.low_states(electrons, 1)?.map(|(states, _)| states[0].energy);
        if arguments.exact {
            ground = Some(sectors.ground(electrons)?);
        }
    }
    let name = arguments.file.file_stem().map_or_else(|| "-".into(), |stem| stem.to_string_lossy().into_owned());
    let report = Built {
        name: name.clone(),
        file: arguments.out.clone(),
        mapping: encoding.mapping,
        order: encoding.order(),
        num_orbitals: integrals.num_orbitals(),
        electrons: [integrals.num_alpha(), integrals.num_beta()],
        num_qubits: sum.num_qubits(),
        num_terms: sum.terms().len(),
        constant: sum.constant(),
        one_norm: sum.one_norm(),
        hartree_fock_energy: bits.map(|_| integrals.hartree_fock_energy()),
        hartree_fock_bits: bits.map(|bits| bits.iter().map(|&bit| if bit { '1' } else { '0' }).collect()),
        sector_ground_energy: sector,
        ground_energy: ground.map(|(energy, _)| energy),
        ground_electrons: ground.map(|(_, (alpha, beta))| [alpha, beta]),
        global_minimum_is_in_sector: ground.map(|(_, place)| place == electrons),
        symmetries: built.symmetries().iter().map(ToString::to_string).zip(built.signs().iter().copied()).collect(),
    };
    if let Some(path) = &arguments.out {
        files::write_whole(
            path,
            molecule::record(name, &built, report.hartree_fock_energy, report.ground_energy).to_json().as_bytes(),
        )?;
    }
    output::report(arguments.json, &report)
}
