//! `qloom hamiltonian exact`: the lowest states, of a file or of a molecule's electrons.

use std::path::{Path, PathBuf};

use qloom::chemistry::{DensityMatrices, Integrals, Molecule, density_matrices};
use qloom::circuits::{PauliString, PauliSum};
use qloom::sim::{Eigenstate, Observable, Subspace, low_states};
use serde::Serialize;

use crate::failure::{Failure, OrFailure};
use crate::molecule::{self, EncodingArguments, Sectors};
use crate::output::{self, Report};
use crate::{files, hamiltonian_file};

/// Compute the lowest states of a Hamiltonian.
///
/// Of a Hamiltonian's JSON file: the lowest eigenvalues, each as often as it is degenerate; with --ones only basis states with that many
/// ones, which is a particle number in the Jordan-Wigner mapping and a magnetisation of spins. Of an FCIDUMP file: the lowest states with
/// the file's numbers of alpha and beta electrons (or --electrons), with the total spin of each.
///
/// For example: qloom hamiltonian exact LiH.FCIDUMP --states 4
#[derive(clap::Args)]
pub struct Arguments {
    /// The Hamiltonian's JSON file, or an FCIDUMP file; - is standard input.
    file: PathBuf,
    /// How many states.
    #[arg(long, default_value_t = 1, value_name = "K", value_parser = clap::value_parser!(u32).range(1..=1000))]
    states: u32,
    /// Only basis states with this many ones (of a JSON file).
    #[arg(long, value_name = "N")]
    ones: Option<u32>,
    /// Alpha and beta electrons, such as 2,1 (of an FCIDUMP file).
    #[arg(long, value_name = "A,B", value_delimiter = ',', num_args = 1)]
    electrons: Option<Vec<u8>>,
    /// Only states of this multiplicity 2S + 1, with all unpaired spins up (of an FCIDUMP file).
    #[arg(long, value_name = "M", conflicts_with = "electrons", value_parser = clap::value_parser!(u8).range(1..=33))]
    multiplicity: Option<u8>,
    /// Give the one-electron density matrix of each state (of an FCIDUMP file without removed qubits).
    #[arg(long)]
    density: bool,
    /// Also give the expectation values of a one-electron operator, such as a dipole moment: an FCIDUMP file over the same orbitals with
    /// the records "value p q 0 0", and "value 0 0 0 0" for the part of the nuclei. May be given several times.
    #[arg(long, value_name = "FILE")]
    property: Vec<PathBuf>,
    #[command(flatten)]
    encoding: EncodingArguments,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct Energies {
    num_qubits: usize,
    /// Dimension of the space that was searched.
    dimension: usize,
    /// Alpha and beta, of a molecule.
    electrons: Option<[u8; 2]>,
    states: Vec<StateReport>,
}

#[derive(Serialize)]
struct StateReport {
    energy: f64,
    /// `|H v - E v|`.
    residual: f64,
    /// `S^2`, of a molecule.
    spin_squared: Option<f64>,
    /// Expectation values of the operators asked for, in their order.
    properties: Vec<f64>,
    /// Rows of the one-electron density matrix, summed over spins.
    density: Option<Vec<Vec<f64>>>,
}

impl Report for Energies {
    fn text(&self) -> String {
        let mut text = output::pairs(&[("qubits", self.num_qubits.to_string()), ("dimension", self.dimension.to_string())]);
        if let Some([alpha, beta]) = self.electrons {
            text.push_str(&format!("\nelectrons  {alpha} alpha, {beta} beta"));
        }
        for state in &self.states {
            text.push_str(&format!("\n{:.12}", state.energy));
            if let Some(spin) = state.spin_squared {
                // rounding is not shown as a negative zero
                text.push_str(&format!("  S^2 = {:.6}", if spin.abs() < 5e-7 { 0.0 } else { spin }));
            }
            for property in &state.properties {
                text.push_str(&format!("  {property:.9}"));
            }
            for row in state.density.iter().flatten() {
                let numbers: Vec<String> = row.iter().map(|number| format!("{number:9.6}")).collect();
                text.push_str(&format!("\n    {}", numbers.join(" ")));
            }
        }
        text
    }
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let text = files::read_text(&arguments.file)?;
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let report = match start.starts_with(['&', '$']) {
        true => of_molecule(arguments, &molecule::parse(&text, &arguments.file)?)?,
        false => of_sum(arguments, &hamiltonian_file::parse(&text, &arguments.file)?.hamiltonian)?,
    };
    output::report(arguments.json, &report)
}

fn of_sum(arguments: &Arguments, sum: &PauliSum) -> Result<Energies, Failure> {
    let n = sum.num_qubits();
    if arguments.electrons.is_some() || arguments.multiplicity.is_some() || arguments.density || !arguments.property.is_empty() {
        let given = "--electrons, --multiplicity, --density and --property";
        return Err(Failure::input(format!("{given} are for FCIDUMP files; a JSON file takes --ones")));
    }
    let subspace = match arguments.ones {
        Some(ones) => Some(Subspace::new(n, |index| index.count_ones() == ones).or_input(format!("--ones {ones}"))?),
        None => None,
    };
    if let Some(subspace) = &subspace {
        check_conserved(sum, subspace)?;
    }
    let states = low_states(sum, arguments.states as usize, subspace.as_ref()).or_work("cannot compute the states")?;
    let report = |state: &Eigenstate| StateReport {
        energy: state.energy,
        residual: state.residual,
        spin_squared: None,
        properties: Vec::new(),
        density: None,
    };
    Ok(Energies {
        num_qubits: n,
        dimension: subspace.map_or(1 << n, |subspace| subspace.states().len()),
        electrons: None,
        states: states.iter().map(report).collect(),
    })
}

/// Refuses a sum that leads from basis states with some number of ones to others.
fn check_conserved(sum: &PauliSum, subspace: &Subspace) -> Result<(), Failure> {
    for group in sum.terms().chunk_by(|a, b| a.0.x_mask() == b.0.x_mask()) {
        let flip = group[0].0.x_mask();
        for &state in subspace.states() {
            let state = u64::from(state);
            if (state ^ flip).count_ones() == state.count_ones() {
                continue;
            }
            // even and odd numbers of Y give a real and an imaginary entry
            let mut entry = [0.0; 2];
            for (string, coefficient) in group {
                let sign = if (string.z_mask() & state).count_ones() % 2 == 1 { -1.0 } else { 1.0 };
                let turn = if string.count_y() % 4 < 2 { 1.0 } else { -1.0 };
                entry[string.count_y() as usize % 2] += sign * turn * coefficient;
            }
            if entry.iter().any(|part| part.abs() > 1e-9) {
                return Err(Failure::input("--ones: the Hamiltonian does not conserve the number of ones; leave it out"));
            }
        }
    }
    Ok(())
}

fn of_molecule(arguments: &Arguments, integrals: &Integrals) -> Result<Energies, Failure> {
    if arguments.ones.is_some() {
        return Err(Failure::input("--ones is for JSON files; an FCIDUMP file takes --electrons"));
    }
    let integrals = arguments.encoding.active_space(integrals)?;
    let built = arguments.encoding.molecule(&integrals)?;
    let n = built.hamiltonian().num_qubits();
    if arguments.density && n < built.orbitals().num_qubits() {
        return Err(Failure::input("--density: the density matrix needs all qubits; leave out the reduction"));
    }
    let electrons = electrons(arguments, &integrals)?;
    let squared = built.orbitals().spin_squared().and_then(|sum| built.reduced(&sum)).or_work("cannot map S^2")?;
    let sum = match arguments.multiplicity {
        Some(multiplicity) => raised(built.hamiltonian(), &squared, f64::from(multiplicity - 1) / 2.0)?,
        None => built.hamiltonian().clone(),
    };
    let found = Sectors::new(&built)?.low_states_of(&sum, electrons, arguments.states as usize)?;
    let Some((states, subspace)) = found else {
        let (alpha, beta) = electrons;
        return Err(Failure::input(format!("there is no basis state with {alpha} alpha and {beta} beta electrons")));
    };
    let squared = Observable::new(&squared);
    let properties = arguments.property.iter().map(|path| property(arguments, &built, path)).collect::<Result<Vec<_>, _>>()?;
    let mut reports = Vec::new();
    for state in &states {
        let whole = state.state_vector(Some(&subspace)).or_work("cannot hold the state")?;
        let spin = whole.expectation(&squared).or_work("cannot compute S^2")?;
        let wanted = arguments.multiplicity.map(|multiplicity| f64::from(multiplicity - 1) / 2.0);
        if wanted.is_some_and(|wanted| (spin - wanted * (wanted + 1.0)).abs() > 1e-3) {
            // no more states of this spin
            continue;
        }
        let density = match arguments.density {
            true => {
                let value = |string: PauliString| whole.pauli(string).unwrap_or(f64::NAN);
                Some(rows(&density_matrices(built.orbitals(), value).or_work("cannot compute the density matrix")?))
            }
            false => None,
        };
        let values = properties.iter().map(|property| whole.expectation(property));
        let properties = values.collect::<Result<_, _>>().or_work("cannot compute a property")?;
        reports.push(StateReport {
            energy: state.energy,
            residual: state.residual,
            spin_squared: Some(spin),
            properties,
            density,
        });
    }
    let dimension = subspace.states().len();
    Ok(Energies { num_qubits: n, dimension, electrons: Some([electrons.0, electrons.1]), states: reports })
}

/// Alpha and beta electrons that are asked for.
fn electrons(arguments: &Arguments, integrals: &Integrals) -> Result<(u8, u8), Failure> {
    let (alpha, beta) = molecule::electrons(integrals);
    match (arguments.electrons.as_deref(), arguments.multiplicity) {
        (None, None) => Ok((alpha, beta)),
        (Some(&[alpha, beta]), _) => Ok((alpha, beta)),
        (Some(_), _) => Err(Failure::input("--electrons: write two numbers, alpha and beta, such as 2,1")),
        (None, Some(multiplicity)) => {
            let (all, unpaired) = (alpha + beta, multiplicity - 1);
            match all.checked_sub(unpaired) {
                Some(paired) if paired % 2 == 0 => Ok((paired / 2 + unpaired, paired / 2)),
                _ => Err(Failure::input(format!("--multiplicity {multiplicity}: {all} electrons cannot have it"))),
            }
        }
    }
}

/// The Hamiltonian with states of more spin than `spin` raised above all others; where all unpaired spins are up there is no less spin.
fn raised(sum: &PauliSum, squared: &PauliSum, spin: f64) -> Result<PauliSum, Failure> {
    // the next spin has 2 (spin + 1) more, and no two energies differ by more than twice the 1-norm
    let weight = sum.one_norm() / (spin + 1.0);
    let penalty = squared.terms().iter().map(|&(string, c)| (string, weight * c));
    let zero = (PauliString::IDENTITY, -weight * spin * (spin + 1.0));
    let terms = sum.terms().iter().copied().chain(penalty).chain([zero]);
    PauliSum::new(sum.num_qubits(), terms).or_work("cannot add S^2")
}

/// A one-electron operator on the qubits of the molecule.
fn property(arguments: &Arguments, built: &Molecule, path: &Path) -> Result<Observable, Failure> {
    let integrals = arguments.encoding.active_space(&molecule::read(path)?)?;
    let sum = built.orbitals().hamiltonian(&integrals).or_input(path.display())?;
    let reduced = built.reduced(&sum).or_input(format!("{} breaks a symmetry; leave out the reduction", path.display()))?;
    Ok(Observable::new(&reduced))
}

fn rows(density: &DensityMatrices) -> Vec<Vec<f64>> {
    density.one.chunks(density.num_orbitals).map(<[f64]>::to_vec).collect()
}
