//! Gates: one table row each, everything else derived from the row's action.

mod derived;
mod dialect;
mod frequencies;
mod inverse;
mod primitive;
mod table;
mod turns;

pub use dialect::Dialect;
pub use frequencies::Frequencies;
pub use primitive::{Primitive, PrimitiveKind};
pub use table::Gate;
pub(crate) use table::with_gate_rows;

use num_complex::Complex64;

use crate::angle::Angle;
use crate::pauli::Pauli;

/// One row of the gate table.
#[derive(Debug)]
pub struct GateSpec {
    /// The gate this row defines.
    pub gate: Gate,
    /// Name in OpenQASM and in every text form.
    pub name: &'static str,
    /// Other names the readers accept for the same gate.
    pub aliases: &'static [&'static str],
    /// What the gate does, in prose.
    pub documentation: &'static str,
    /// Names of the angles in order, in radians.
    pub parameters: &'static [&'static str],
    /// Names of the qubits in order; the first is the least significant index bit of the matrix.
    pub qubits: &'static [&'static str],
    /// What a drawing shows on each qubit: `●` for a control, `⊕` and `×` as usual, else the text of a box.
    pub glyphs: &'static [&'static str],
    /// Which headers define the gate under its name.
    pub headers: Headers,
    /// Its name in the gate sets of services that have their own.
    pub dialects: &'static [(Dialect, &'static str)],
    /// What the gate does, as data.
    pub action: Action,
}

/// The set of OpenQASM headers that define a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Headers(u8);

impl Headers {
    /// Defined by no header: writers print a definition.
    pub const NONE: Self = Self(0);
    /// `qelib1.inc` as printed in the OpenQASM 2 paper (arXiv:1707.03429).
    pub const QELIB1: Self = Self(1);
    /// `qelib1.inc` in the extended form that Qiskit ships.
    pub const QELIB1_EXTENDED: Self = Self(2);
    /// `stdgates.inc` of OpenQASM 3.
    pub const STDGATES: Self = Self(4);

    /// The gates these headers define, by each name they have there.
    pub fn gates(self) -> impl Iterator<Item = (&'static str, Gate)> {
        let rows = Gate::all().filter(move |gate| gate.spec().headers.intersects(self));
        let others: &[(&'static str, Gate)] =
            if self.intersects(Self::STDGATES) { &[("CX", Gate::Cx), ("phase", Gate::P), ("cphase", Gate::Cp)] } else { &[] };
        rows.map(|gate| (gate.name(), gate)).chain(others.iter().copied())
    }

    /// Both sets together.
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every header of `other` is in this set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any header of `other` is in this set.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// What a gate does, from which matrix, derivative, inverse and kernel shape follow.
#[derive(Debug)]
pub enum Action {
    /// A constant unitary, row-major, first qubit least significant.
    Fixed(&'static [Complex64]),
    /// `exp(-i theta/2 G)` with `G` the product of the Paulis, one a qubit.
    Rotation(&'static [Pauli]),
    /// `diag(1, e^{i theta})`.
    Phase,
    /// Another row, applied where the leading qubits are all one.
    Controlled {
        /// How many leading qubits are controls.
        controls: usize,
        /// The row that acts on the remaining qubits, with the same angles.
        gate: Gate,
    },
    /// Other rows one after the other.
    Sequence(&'static [Part]),
}

/// One step of a [`Action::Sequence`].
#[derive(Debug)]
pub struct Part {
    /// The row applied.
    pub gate: Gate,
    /// Positions among the qubits of the sequence.
    pub qubits: &'static [usize],
    /// Its angles; [`Angle::Free`] refers to the parameters of the sequence by position.
    pub angles: &'static [Angle],
}

impl Gate {
    /// The row of the table that defines this gate.
    pub fn spec(self) -> &'static GateSpec {
        &table::TABLE[self as usize]
    }

    /// Every gate, in table order.
    pub fn all() -> impl ExactSizeIterator<Item = Gate> {
        table::TABLE.iter().map(|row| row.gate)
    }

    /// The gate of this name or alias, as OpenQASM writes it.
    ///
    /// ```
    /// use qloom_circuits::Gate;
    /// assert_eq!(Gate::from_name("cx"), Some(Gate::Cx));
    /// assert_eq!(Gate::from_name("CX"), Some(Gate::Cx));
    /// assert_eq!(Gate::from_name("nonsense"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Gate> {
        table::by_name().get(name).copied()
    }

    /// Name in the gate set of a service that has its own; none where the service lacks the gate or has no names of its own.
    ///
    /// ```
    /// use qloom_circuits::{Gate, qasm::Dialect};
    /// assert_eq!(Gate::Cx.name_in(Dialect::Braket), Some("cnot"));
    /// assert_eq!(Gate::Cx.name_in(Dialect::Quantinuum), None);
    /// ```
    pub fn name_in(self, dialect: Dialect) -> Option<&'static str> {
        self.spec().dialects.iter().find(|(of, _)| *of == dialect).map(|(_, name)| *name)
    }

    /// Name in OpenQASM.
    pub fn name(self) -> &'static str {
        self.spec().name
    }

    /// Number of qubits the gate acts on, controls included.
    pub fn num_qubits(self) -> usize {
        self.spec().glyphs.len()
    }

    /// Angles by position, with factors, whose sum is the phase by which OpenQASM 3 differs from the row.
    pub(crate) fn phase_in_version_3(self) -> &'static [(usize, f64)] {
        const PHASES: [(Gate, &[(usize, f64)]); 3] =
            [(Gate::U, &[(0, 0.5)]), (Gate::U2, &[(0, -0.5), (1, -0.5)]), (Gate::U3, &[(1, -0.5), (2, -0.5)])];
        PHASES.iter().find(|(gate, _)| *gate == self).map_or(&[], |(_, phases)| phases)
    }

    /// Number of angles.
    pub fn num_parameters(self) -> usize {
        self.spec().parameters.len()
    }
}

impl std::fmt::Display for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
