//! Molecules on the command line: FCIDUMP files, encodings, active spaces, and exact energies sector by sector.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;

use qloom::chemistry::{Integrals, Mapping, Molecule, Reduction, SpinOrder};
use qloom::circuits::{HamiltonianFile, PauliSum};
use qloom::sim::{Eigenstate, Subspace, low_states};

use crate::failure::{Failure, OrFailure};
use crate::files;
use crate::progress::Progress;

/// How fermions become qubits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MappingArgument {
    JordanWigner,
    Parity,
    BravyiKitaev,
    TernaryTree,
}

impl From<MappingArgument> for Mapping {
    fn from(argument: MappingArgument) -> Self {
        match argument {
            MappingArgument::JordanWigner => Mapping::JordanWigner,
            MappingArgument::Parity => Mapping::Parity,
            MappingArgument::BravyiKitaev => Mapping::BravyiKitaev,
            MappingArgument::TernaryTree => Mapping::TernaryTree,
        }
    }
}

/// The order of spin orbitals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrderArgument {
    Interleaved,
    Blocked,
}

impl From<OrderArgument> for SpinOrder {
    fn from(argument: OrderArgument) -> Self {
        match argument {
            OrderArgument::Interleaved => SpinOrder::Interleaved,
            OrderArgument::Blocked => SpinOrder::Blocked,
        }
    }
}

/// Which orbitals are kept, and how they become qubits.
#[derive(clap::Args)]
pub struct EncodingArguments {
    /// How fermions become qubits.
    #[arg(long, default_value = "jordan-wigner")]
    pub mapping: MappingArgument,
    /// The order of spin orbitals: qubit 2p is orbital p alpha (interleaved), or all alpha first (blocked). Interleaved, unless the
    /// two-qubit reduction is asked for.
    #[arg(long)]
    order: Option<OrderArgument>,
    /// Remove the qubits of the alpha parity and the total parity (parity mapping, blocked order).
    #[arg(long)]
    two_qubit_reduction: bool,
    /// Remove one qubit for each Z2 symmetry that is found.
    #[arg(long)]
    taper: bool,
    /// The sector for --taper: one sign for each symmetry, such as "+-+"; otherwise that of the Hartree-Fock determinant.
    #[arg(long, value_name = "SIGNS", requires = "taper", allow_hyphen_values = true)]
    sector: Option<String>,
    /// Keep the first N orbitals doubly occupied.
    #[arg(long, value_name = "N", default_value_t = 0)]
    freeze_core: usize,
    /// Keep only these orbitals, counted from 0, separated by commas; the others stay empty. Otherwise all that are not frozen.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    active: Option<Vec<usize>>,
}

impl EncodingArguments {
    /// The order asked for, or the one that goes with the rest.
    pub fn order(&self) -> OrderArgument {
        let usual = if self.two_qubit_reduction { OrderArgument::Blocked } else { OrderArgument::Interleaved };
        self.order.unwrap_or(usual)
    }

    /// The integrals over the orbitals that are kept.
    ///
    /// # Errors
    /// Bad input when orbitals do not exist or do not hold the electrons.
    pub fn active_space(&self, integrals: &Integrals) -> Result<Integrals, Failure> {
        if self.freeze_core == 0 && self.active.is_none() {
            return Ok(integrals.clone());
        }
        integrals.freeze_core(self.freeze_core, self.active.as_deref()).or_input("cannot make the active space")
    }

    /// The molecule on qubits.
    ///
    /// # Errors
    /// Bad input when the choices do not go together.
    pub fn molecule(&self, integrals: &Integrals) -> Result<Molecule, Failure> {
        let (mapping, order) = (self.mapping.into(), self.order().into());
        if self.two_qubit_reduction {
            // also where tapering, which finds the same symmetries and more, follows
            let reduced = Molecule::new(integrals, mapping, order, &Reduction::TwoQubit).or_input("--two-qubit-reduction")?;
            if !self.taper {
                return Ok(reduced);
            }
        }
        let reduction = match (&self.sector, self.taper) {
            (Some(text), _) => Reduction::Sector(signs(text)?),
            (None, true) => Reduction::Taper,
            (None, false) => Reduction::None,
        };
        Molecule::new(integrals, mapping, order, &reduction).or_input("cannot map the integrals")
    }
}

/// One value for each sign of a text such as `+-+`.
///
/// # Errors
/// Bad input for other characters.
pub fn signs(text: &str) -> Result<Vec<f64>, Failure> {
    let sign = |found| match found {
        '+' => Ok(1.0),
        '-' => Ok(-1.0),
        other => Err(Failure::input(format!("the sector {text:?} has '{other}'; write + or - for each symmetry"))),
    };
    text.chars().map(sign).collect()
}

/// Reads an FCIDUMP file; `-` is standard input.
///
/// # Errors
/// Bad input with its line and column.
pub fn read(path: &Path) -> Result<Integrals, Failure> {
    parse(&files::read_text(path)?, path)
}

/// [`read`] of a text that is there already; `path` is what messages call it.
///
/// # Errors
/// As [`read`].
pub fn parse(text: &str, path: &Path) -> Result<Integrals, Failure> {
    Integrals::from_fcidump(text).or_input(format!("{} is not an FCIDUMP file", path.display()))
}

/// The basis states of a molecule sorted by their numbers of electrons.
pub struct Sectors<'a> {
    molecule: &'a Molecule,
    electrons: Vec<(u8, u8)>,
}

impl<'a> Sectors<'a> {
    /// Counts the electrons of every basis state.
    ///
    /// # Errors
    /// Bad input for more qubits than exact energies reach to.
    pub fn new(molecule: &'a Molecule) -> Result<Self, Failure> {
        let n = molecule.hamiltonian().num_qubits();
        if n > Subspace::MAX_QUBITS {
            let most = Subspace::MAX_QUBITS;
            return Err(Failure::input(format!("exact energies of {n} qubits: at most {most}; choose a smaller active space")));
        }
        let count = |index| {
            let (alpha, beta) = molecule.electrons(index);
            (alpha as u8, beta as u8)
        };
        Ok(Self { molecule, electrons: (0..1u64 << n).map(count).collect() })
    }

    /// The lowest states with these numbers of electrons; `None` where there is no such basis state.
    ///
    /// # Errors
    /// Failed work when memory does not suffice or the iteration does not converge.
    pub fn low_states(&self, electrons: (u8, u8), count: usize) -> Result<Option<(Vec<Eigenstate>, Subspace)>, Failure> {
        self.low_states_of(self.molecule.hamiltonian(), electrons, count)
    }

    /// [`Sectors::low_states`] of another operator that conserves the electrons.
    ///
    /// # Errors
    /// As [`Sectors::low_states`].
    pub fn low_states_of(
        &self,
        sum: &PauliSum,
        electrons: (u8, u8),
        count: usize,
    ) -> Result<Option<(Vec<Eigenstate>, Subspace)>, Failure> {
        if !self.electrons.contains(&electrons) {
            return Ok(None);
        }
        let place = "cannot compute exact energies";
        let subspace = Subspace::new(sum.num_qubits(), |index| self.electrons[index as usize] == electrons).or_work(place)?;
        let states = low_states(sum, count, Some(&subspace)).or_work(place)?;
        Ok(Some((states, subspace)))
    }

    /// The lowest energy of the whole operator and the numbers of electrons where it lies; where several have it to 1e-9 hartree,
    /// `preferred` if it is among them.
    ///
    /// # Errors
    /// As [`Sectors::low_states`], or when the user interrupts.
    pub fn ground(&self, preferred: (u8, u8)) -> Result<(f64, (u8, u8)), Failure> {
        let all: BTreeSet<(u8, u8)> = self.electrons.iter().copied().collect();
        // restricted orbitals: turning all spins changes no energy
        let distinct: Vec<(u8, u8)> =
            all.iter().copied().filter(|&(alpha, beta)| alpha >= beta || !all.contains(&(beta, alpha))).collect();
        let turned = (preferred.1, preferred.0);
        let mut progress = Progress::new("sectors")?;
        let mut best: Option<(f64, (u8, u8))> = None;
        for (done, &electrons) in distinct.iter().enumerate() {
            if let ControlFlow::Break(()) = progress.tick(done, distinct.len()) {
                return Err(Progress::stopped());
            }
            let Some((states, _)) = self.low_states(electrons, 1)? else { continue };
            let energy = states[0].energy;
            let preferred_now = electrons == preferred || electrons == turned;
            if best.is_none_or(|(lowest, _)| energy < lowest - 1e-9 || (preferred_now && energy < lowest + 1e-9)) {
                best = Some((energy, if preferred_now { preferred } else { electrons }));
            }
        }
        progress.finish();
        best.ok_or_else(|| Failure::input("there is no basis state"))
    }
}

/// The numbers of electrons as sectors count them.
pub fn electrons(integrals: &Integrals) -> (u8, u8) {
    // at most 32 orbitals are mapped
    (integrals.num_alpha() as u8, integrals.num_beta() as u8)
}

/// The molecule as its file holds it.
pub fn record(
    name: String,
    molecule: &Molecule,
    hartree_fock_energy: Option<f64>,
    ground_energy: Option<f64>,
) -> HamiltonianFile {
    HamiltonianFile {
        name: Some(name),
        hamiltonian: molecule.hamiltonian().clone(),
        hartree_fock_energy,
        ground_energy,
        hartree_fock_bits: molecule.hartree_fock_bits().map(<[bool]>::to_vec),
    }
}

/// The last number in a file's name, its place along a scan.
pub fn coordinate(name: &str) -> Option<f64> {
    let numeric = |found: char| found.is_ascii_digit() || found == '.';
    let end = name.rfind(|found: char| found.is_ascii_digit())? + 1;
    let start =
        name[..end].rfind(|found| !numeric(found)).map_or(0, |at| at + name[at..].chars().next().map_or(1, char::len_utf8));
    name[start..end].trim_start_matches('.').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::coordinate;

    #[test]
    fn coordinates_are_the_last_numbers() {
        let cases =
            [("H2_0.70", Some(0.7)), ("LiH_full_3.4bohr", Some(3.4)), ("h2-r12", Some(12.0)), ("water", None), ("é1", Some(1.0))];
        for (name, expected) in cases {
            assert_eq!(coordinate(name), expected, "{name}");
        }
    }
}
