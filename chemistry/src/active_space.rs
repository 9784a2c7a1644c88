//! Active spaces: some orbitals frozen with two electrons each, some kept, the rest left empty.

use crate::error::ChemistryError;
use crate::integrals::Integrals;

impl Integrals {
    /// The integrals over the `active` orbitals, with the `frozen` ones doubly occupied and folded into core energy and one-electron part.
    ///
    /// Orbitals that are in neither list stay empty. The active orbitals keep the order of the list; the electrons left are
    /// `num_electrons - 2 frozen.len()`, with the same spin. Costs `frozen.len() * active.len()^2 + active.len()^4`.
    ///
    /// # Errors
    /// When an orbital does not exist or is named twice, or the electrons left do not fit into the active orbitals.
    ///
    /// ```
    /// use qloom_chemistry::Integrals;
    /// let mut all = Integrals::new(3, 4, 0)?;
    /// all.set_one(0, 0, -2.0);
    /// all.set_two([0, 0, 0, 0], 0.5);
    /// let active = all.active_space(&[0], &[1, 2])?;
    /// assert_eq!((active.num_electrons(), active.core()), (2, -3.5));
    /// # Ok::<(), qloom_chemistry::ChemistryError>(())
    /// ```
    pub fn active_space(&self, frozen: &[usize], active: &[usize]) -> Result<Self, ChemistryError> {
        let n = self.num_orbitals();
        let mut named = vec![false; n];
        for (role, list) in [("frozen core", frozen), ("active space", active)] {
            if list.len() > n {
                let remedy = "name only orbitals of the integrals";
                return Err(ChemistryError::TooMany { what: "orbitals in an active space", given: list.len(), limit: n, remedy });
            }
            for &orbital in list {
                let place = named.get_mut(orbital).ok_or(ChemistryError::Orbital { orbital, role, orbitals: n })?;
                if std::mem::replace(place, true) {
                    return Err(ChemistryError::RepeatedOrbital { orbital });
                }
            }
        }
        let Some(left) = self.num_electrons().checked_sub(2 * frozen.len()) else {
            let reason = "there are fewer electrons than the frozen orbitals hold; freeze fewer";
            return Err(ChemistryError::Electrons { electrons: self.num_electrons(), spin: self.spin(), orbitals: n, reason });
        };
        let mut folded = Self::new(active.len(), left, self.spin())?;
        folded.set_core(self.determinant_energy(frozen, frozen));
        let field = |p, q| frozen.iter().map(|&c| 2.0 * self.two(p, q, c, c) - self.two(p, c, c, q)).sum::<f64>();
        for (i, &p) in active.iter().enumerate() {
            for (j, &q) in active[..=i].iter().enumerate() {
                folded.set_one(i, j, self.one(p, q) + field(p, q));
                for (k, &r) in active[..=i].iter().enumerate() {
                    for (l, &s) in active[..=k].iter().enumerate() {
                        folded.set_two([i, j, k, l], self.two(p, q, r, s));
                    }
                }
            }
        }
        folded.set_symmetries(active.iter().map(|&p| self.symmetries()[p]).collect(), self.state_symmetry())?;
        if let Some(energies) = self.orbital_energies() {
            folded.set_orbital_energies(active.iter().map(|&p| energies[p]).collect())?;
        }
        Ok(folded)
    }

    /// [`Integrals::active_space`] with the first `count` orbitals frozen and, without a list, all others active.
    ///
    /// # Errors
    /// As [`Integrals::active_space`].
    pub fn freeze_core(&self, count: usize, active: Option<&[usize]>) -> Result<Self, ChemistryError> {
        if count > self.num_orbitals() {
            return Err(ChemistryError::Orbital { orbital: count - 1, role: "frozen core", orbitals: self.num_orbitals() });
        }
        let frozen: Vec<usize> = (0..count).collect();
        let rest: Vec<usize> = (count..self.num_orbitals()).collect();
        self.active_space(&frozen, active.unwrap_or(&rest))
    }
}
