//! FCIDUMP, the text form of integrals: a namelist, then records `value i j k l` with orbitals from 1.
//!
//! Source: Knowles and Handy, Computer Physics Communications 54, 75 (1989), and what programs have made of it since.

mod header;
mod records;

use std::fmt::Write;

use crate::error::ChemistryError;
use crate::integrals::Integrals;

/// The text at a place.
#[derive(Clone, Copy, Debug)]
struct Token<'a> {
    text: &'a str,
    line: usize,
    column: usize,
}

impl Token<'_> {
    fn error<T>(&self, message: impl Into<String>) -> Result<T, ChemistryError> {
        Err(ChemistryError::Text { message: message.into(), line: self.line, column: self.column })
    }

    /// The text, cut where it is long.
    fn shown(&self) -> String {
        self.text.chars().take(40).collect()
    }
}

impl Integrals {
    /// Reads an FCIDUMP file.
    ///
    /// The namelist may start with `&FCI` or `$FCI` and end with `&END`, `$END` or `/`; `NORB` and `NELEC` are needed, `MS2`, `ORBSYM`
    /// (with Fortran's repeat counts) and `ISYM` are used, other keys are skipped. Records may come in any order, with any of the eight
    /// equal orders of a two-electron integral, with `D` exponents, commas and blank lines, and with orbital energies (`e p 0 0 0`).
    /// Integrals that no record gives are zero.
    ///
    /// # Errors
    /// With line and column, for everything else: unrestricted, relativistic or complex integrals, records that contradict each other
    /// or the orbital symmetries, numbers that are not finite, orbitals that do not exist, electrons that do not fit.
    ///
    /// ```
    /// use qloom_chemistry::Integrals;
    /// let text = "&FCI NORB=1, NELEC=2, MS2=0 /\n0.5 1 1 1 1\n-1D0 1 1 0 0\n0.25 0 0 0 0\n";
    /// let integrals = Integrals::from_fcidump(text)?;
    /// assert_eq!(integrals.hartree_fock_energy(), 0.25 - 2.0 + 0.5);
    /// # Ok::<(), qloom_chemistry::ChemistryError>(())
    /// ```
    pub fn from_fcidump(text: &str) -> Result<Self, ChemistryError> {
        let header = header::read(text)?;
        records::read(text, &header)
    }

    /// Writes an FCIDUMP file; numbers read back bit for bit, zeros are left out.
    pub fn to_fcidump(&self) -> String {
        let n = self.num_orbitals();
        let list: Vec<String> = self.symmetries().iter().map(u32::to_string).collect();
        let mut text = format!(
            "&FCI NORB={n},NELEC={},MS2={},\n  ORBSYM={},\n  ISYM={},\n&END\n",
            self.num_electrons(),
            self.spin(),
            list.join(","),
            self.state_symmetry()
        );
        let mut record = |value: f64, [i, j, k, l]: [usize; 4]| {
            if value != 0.0 {
                writeln!(text, "{value:24.16e} {i:4} {j:4} {k:4} {l:4}").expect("a string takes all text");
            }
        };
        for p in 0..n {
            for q in 0..=p {
                for r in 0..=p {
                    for s in 0..=if r == p { q } else { r } {
                        record(self.two(p, q, r, s), [p + 1, q + 1, r + 1, s + 1]);
                    }
                }
            }
        }
        for p in 0..n {
            for q in 0..=p {
                record(self.one(p, q), [p + 1, q + 1, 0, 0]);
            }
        }
        for (p, &energy) in self.orbital_energies().unwrap_or_default().iter().enumerate() {
            writeln!(text, "{energy:24.16e} {:4}    0    0    0", p + 1).expect("a string takes all text");
        }
        writeln!(text, "{:24.16e}    0    0    0    0", self.core()).expect("a string takes all text");
        text
    }
}
