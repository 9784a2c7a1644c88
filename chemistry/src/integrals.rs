//! One- and two-electron integrals over real, restricted orbitals.

use crate::error::ChemistryError;

/// The integrals of a molecule (or of an active space of one) over `n` real spatial orbitals, and its numbers of electrons.
///
/// `H = core + sum_pq h_pq E_pq + 1/2 sum_pqrs (pq|rs) (E_pq E_rs - delta_qr E_ps)` with `E_pq = sum_spin a+_p a_q`; energies in hartree.
/// Two-electron integrals are in chemists' notation with their eightfold symmetry. Orbitals are counted from 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Integrals {
    num_orbitals: usize,
    num_electrons: usize,
    spin: i64,
    core: f64,
    one: Vec<f64>,
    two: Vec<f64>,
    symmetries: Vec<u32>,
    state_symmetry: u32,
    orbital_energies: Option<Vec<f64>>,
}

/// Place of an unordered pair in a triangle.
pub(crate) fn pair(p: usize, q: usize) -> usize {
    let (low, high) = if p < q { (p, q) } else { (q, p) };
    high * (high + 1) / 2 + low
}

impl Integrals {
    /// The most orbitals held: the two-electron integrals of 128 orbitals take 272 MB.
    pub const MAX_ORBITALS: usize = 128;

    /// Integrals that are all zero, for `num_electrons` electrons of which `spin` more are alpha than beta.
    ///
    /// # Errors
    /// When the numbers do not fit together, or there are more than [`Integrals::MAX_ORBITALS`] orbitals.
    pub fn new(num_orbitals: usize, num_electrons: usize, spin: i64) -> Result<Self, ChemistryError> {
        if num_orbitals > Self::MAX_ORBITALS {
            let remedy = "write the integrals of an active space only";
            return Err(ChemistryError::TooMany { what: "orbitals", given: num_orbitals, limit: Self::MAX_ORBITALS, remedy });
        }
        Self::check_electrons(num_orbitals, num_electrons, spin)?;
        let pairs = num_orbitals * (num_orbitals + 1) / 2;
        Ok(Self {
            num_orbitals,
            num_electrons,
            spin,
            core: 0.0,
            one: vec![0.0; pairs],
            two: vec![0.0; pairs * (pairs + 1) / 2],
            symmetries: vec![1; num_orbitals],
            state_symmetry: 1,
            orbital_energies: None,
        })
    }

    /// Refuses numbers of electrons that do not fit into the orbitals.
    pub(crate) fn check_electrons(num_orbitals: usize, num_electrons: usize, spin: i64) -> Result<(), ChemistryError> {
        let fail = |reason| Err(ChemistryError::Electrons { electrons: num_electrons, spin, orbitals: num_orbitals, reason });
        if num_electrons > 2 * num_orbitals {
            return fail("an orbital holds two electrons at most");
        }
        let electrons = num_electrons as i64;
        if spin.checked_abs().is_none_or(|excess| excess > electrons) {
            return fail("there are fewer electrons than unpaired ones");
        }
        if (electrons + spin) % 2 != 0 {
            return fail("the electrons and MS2 must both be even or both odd");
        }
        if (electrons + spin.abs()) / 2 > num_orbitals as i64 {
            return fail("an orbital holds one electron of each spin");
        }
        Ok(())
    }

    /// Number of spatial orbitals.
    pub fn num_orbitals(&self) -> usize {
        self.num_orbitals
    }

    /// Number of electrons.
    pub fn num_electrons(&self) -> usize {
        self.num_electrons
    }

    /// Alpha electrons minus beta electrons (`MS2` of the file).
    pub fn spin(&self) -> i64 {
        self.spin
    }

    /// Number of alpha electrons.
    pub fn num_alpha(&self) -> usize {
        ((self.num_electrons as i64 + self.spin) / 2) as usize
    }

    /// Number of beta electrons.
    pub fn num_beta(&self) -> usize {
        self.num_electrons - self.num_alpha()
    }

    /// The energy without electrons in these orbitals: nuclear repulsion and frozen core.
    pub fn core(&self) -> f64 {
        self.core
    }

    /// Sets the core energy.
    pub fn set_core(&mut self, value: f64) {
        self.core = value;
    }

    /// `h_pq`.
    ///
    /// # Panics
    /// When an orbital does not exist.
    #[track_caller]
    pub fn one(&self, p: usize, q: usize) -> f64 {
        self.one[pair(p, q)]
    }

    /// Sets `h_pq = h_qp`.
    ///
    /// # Panics
    /// When an orbital does not exist.
    #[track_caller]
    pub fn set_one(&mut self, p: usize, q: usize, value: f64) {
        self.one[pair(p, q)] = value;
    }

    /// `(pq|rs)`.
    ///
    /// # Panics
    /// When an orbital does not exist.
    #[track_caller]
    pub fn two(&self, p: usize, q: usize, r: usize, s: usize) -> f64 {
        self.two[pair(pair(p, q), pair(r, s))]
    }

    /// Sets `(pq|rs)` and its seven equals.
    ///
    /// # Panics
    /// When an orbital does not exist.
    #[track_caller]
    pub fn set_two(&mut self, [p, q, r, s]: [usize; 4], value: f64) {
        self.two[pair(pair(p, q), pair(r, s))] = value;
    }

    /// The irreducible representation of every orbital, as numbered in the file (`ORBSYM`).
    pub fn symmetries(&self) -> &[u32] {
        &self.symmetries
    }

    /// The irreducible representation of the state (`ISYM`).
    pub fn state_symmetry(&self) -> u32 {
        self.state_symmetry
    }

    /// Sets the irreducible representations of the orbitals and of the state.
    ///
    /// # Errors
    /// When the list has another length than there are orbitals.
    pub fn set_symmetries(&mut self, symmetries: Vec<u32>, state: u32) -> Result<(), ChemistryError> {
        self.check_length("the list of orbital symmetries", symmetries.len())?;
        (self.symmetries, self.state_symmetry) = (symmetries, state);
        Ok(())
    }

    /// Orbital energies, if they are known.
    pub fn orbital_energies(&self) -> Option<&[f64]> {
        self.orbital_energies.as_deref()
    }

    /// Sets the orbital energies.
    ///
    /// # Errors
    /// When the list has another length than there are orbitals.
    pub fn set_orbital_energies(&mut self, energies: Vec<f64>) -> Result<(), ChemistryError> {
        self.check_length("the list of orbital energies", energies.len())?;
        self.orbital_energies = Some(energies);
        Ok(())
    }

    fn check_length(&self, what: &'static str, given: usize) -> Result<(), ChemistryError> {
        match given == self.num_orbitals {
            true => Ok(()),
            false => Err(ChemistryError::Length { what, given, expected: self.num_orbitals }),
        }
    }

    /// The energy of the determinant with these orbitals occupied by alpha and by beta electrons.
    ///
    /// # Panics
    /// When an orbital does not exist.
    #[track_caller]
    pub fn determinant_energy(&self, alpha: &[usize], beta: &[usize]) -> f64 {
        let mut energy = self.core;
        for occupied in [alpha, beta] {
            energy += occupied.iter().map(|&p| self.one(p, p)).sum::<f64>();
            for (i, &p) in occupied.iter().enumerate() {
                for &q in &occupied[..i] {
                    energy += self.two(p, p, q, q) - self.two(p, q, p, q);
                }
            }
        }
        for &p in alpha {
            energy += beta.iter().map(|&q| self.two(p, p, q, q)).sum::<f64>();
        }
        energy
    }

    /// The orbitals that the Hartree-Fock determinant occupies with alpha and with beta electrons, ascending.
    ///
    /// These are the first orbitals or, where orbital energies are known and that gives the lower determinant, those of lowest energy.
    pub fn hartree_fock(&self) -> (Vec<usize>, Vec<usize>) {
        let first: Vec<usize> = (0..self.num_orbitals).collect();
        let fill = |order: &[usize]| {
            let take = |count: usize| {
                let mut occupied = order[..count].to_vec();
                occupied.sort_unstable();
                occupied
            };
            (take(self.num_alpha()), take(self.num_beta()))
        };
        let plain = fill(&first);
        let Some(energies) = &self.orbital_energies else { return plain };
        let mut order = first;
        order.sort_by(|&p, &q| energies[p].total_cmp(&energies[q]));
        let sorted = fill(&order);
        let energy = |(alpha, beta): &(Vec<usize>, Vec<usize>)| self.determinant_energy(alpha, beta);
        if energy(&sorted) < energy(&plain) { sorted } else { plain }
    }

    /// The energy of [`Integrals::hartree_fock`].
    pub fn hartree_fock_energy(&self) -> f64 {
        let (alpha, beta) = self.hartree_fock();
        self.determinant_energy(&alpha, &beta)
    }
}
