//! The gate table: one row a gate. A row reads
//! `Variant: name(angles) [qubit "glyph", ...] headers, aliases, Dialect "its name there", ... => action;`

use std::collections::HashMap;
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_PI_2};
use std::sync::OnceLock;

use num_complex::Complex64;

use super::{Action, Dialect, GateSpec, Headers, Part};
use crate::angle::Angle;
use crate::pauli::Pauli::{X, Y, Z};

macro_rules! gates {
    ($(
        $(#[doc = $doc:literal])+
        $variant:ident: $name:ident($($parameter:ident),*) [$($qubit:ident $glyph:literal),+]
            $headers:expr, $aliases:expr $(, $dialect:ident $spelling:literal)* => $action:expr;
    )*) => {
        /// A gate of the table; [`Gate::spec`] gives its row.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Gate {
            $($(#[doc = $doc])+ $variant,)*
        }

        pub(super) static TABLE: &[GateSpec] = &[
            $(GateSpec {
                gate: Gate::$variant,
                name: stringify!($name),
                aliases: &$aliases,
                documentation: concat!($($doc, "\n"),+),
                parameters: &[$(stringify!($parameter)),*],
                qubits: &[$(stringify!($qubit)),+],
                glyphs: &[$($glyph),+],
                headers: $headers,
                dialects: &[$((Dialect::$dialect, $spelling)),*],
                action: $action,
            },)*
        ];
    };
}

pub(super) fn by_name() -> &'static HashMap<&'static str, Gate> {
    static NAMES: OnceLock<HashMap<&'static str, Gate>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let rows = TABLE.iter();
        rows.flat_map(|row| row.aliases.iter().chain([&row.name]).map(|name| (*name, row.gate))).collect()
    })
}

const fn c(re: f64, im: f64) -> Complex64 {
    Complex64::new(re, im)
}
const O: Complex64 = c(0.0, 0.0);
const I: Complex64 = c(1.0, 0.0);
const N: Complex64 = c(-1.0, 0.0);
const IM: Complex64 = c(0.0, 1.0);
const NIM: Complex64 = c(0.0, -1.0);
const R: f64 = FRAC_1_SQRT_2;

const NONE: Headers = Headers::NONE;
const STD: Headers = Headers::STDGATES;
const EXT: Headers = Headers::QELIB1_EXTENDED;
/// Both forms of `qelib1.inc`.
const QELIB: Headers = Headers::QELIB1.or(EXT);
const EXT_STD: Headers = EXT.or(STD);
const ALL: Headers = QELIB.or(STD);

const fn controlled(gate: Gate) -> Action {
    Action::Controlled { controls: 1, gate }
}
const fn part(gate: Gate, qubits: &'static [usize], angles: &'static [Angle]) -> Part {
    Part { gate, qubits, angles }
}
/// Parameter `index` of the sequence.
const fn p(index: usize) -> Angle {
    times(1.0, index)
}
const fn times(scale: f64, index: usize) -> Angle {
    Angle::Free { index, scale, offset: 0.0 }
}
const fn fixed(value: f64) -> Angle {
    Angle::Fixed(value)
}

/// Hands all rows to a macro: the table itself, and the builder methods of circuits.
macro_rules! with_gate_rows {
    ($macro:ident) => {
        $macro! {
    /// Identity.
    Id: id() [q "I"] ALL, [], Braket "i" => Action::Fixed(&[I, O, O, I]);
    /// Identity that waits `gamma` units of time (a relic of the first `qelib1.inc`).
    U0: u0(gamma) [q "U0"] EXT, [] => Action::Sequence(&[]);
    /// Pauli X, the bit flip.
    X: x() [q "X"] ALL, [], Braket "x" => Action::Fixed(&[O, I, I, O]);
    /// Pauli Y.
    Y: y() [q "Y"] ALL, [], Braket "y" => Action::Fixed(&[O, NIM, IM, O]);
    /// Pauli Z, the phase flip.
    Z: z() [q "Z"] ALL, [], Braket "z" => Action::Fixed(&[I, O, O, N]);
    /// Hadamard.
    H: h() [q "H"] ALL, [], Braket "h" => Action::Fixed(&[c(R, 0.0), c(R, 0.0), c(R, 0.0), c(-R, 0.0)]);
    /// Square root of Z, `diag(1, i)`.
    S: s() [q "S"] ALL, [], Braket "s" => Action::Fixed(&[I, O, O, IM]);
    /// Inverse of S.
    Sdg: sdg() [q "S†"] ALL, [], Braket "si" => Action::Fixed(&[I, O, O, NIM]);
    /// Fourth root of Z, `diag(1, e^{i pi/4})`.
    T: t() [q "T"] ALL, [], Braket "t" => Action::Fixed(&[I, O, O, c(R, R)]);
    /// Inverse of T.
    Tdg: tdg() [q "T†"] ALL, [], Braket "ti" => Action::Fixed(&[I, O, O, c(R, -R)]);
    /// Square root of X.
    Sx: sx() [q "√X"] EXT_STD, [], Braket "v" => Action::Fixed(&[c(0.5, 0.5), c(0.5, -0.5), c(0.5, -0.5), c(0.5, 0.5)]);
    /// Inverse of the square root of X.
    Sxdg: sxdg() [q "√X†"] EXT, [], Braket "vi" => Action::Fixed(&[c(0.5, -0.5), c(0.5, 0.5), c(0.5, 0.5), c(0.5, -0.5)]);
    /// Rotation about X, `exp(-i theta X/2)`.
    Rx: rx(theta) [q "Rx"] ALL, [], Braket "rx" => Action::Rotation(&[X]);
    /// Rotation about Y, `exp(-i theta Y/2)`.
    Ry: ry(theta) [q "Ry"] ALL, [], Braket "ry" => Action::Rotation(&[Y]);
    /// Rotation about Z, `exp(-i phi Z/2)`.
    Rz: rz(phi) [q "Rz"] ALL, [], Braket "rz", Quantinuum "rz" => Action::Rotation(&[Z]);
    /// Phase, `diag(1, e^{i lambda})`.
    P: p(lambda) [q "P"] EXT_STD, ["phase"], Braket "phaseshift" => Action::Phase;
    /// Phase under its older name.
    U1: u1(lambda) [q "U1"] ALL, [] => Action::Phase;
    /// `u3(pi/2, phi, lambda)`.
    U2: u2(phi, lambda) [q "U2"] ALL, []
        => Action::Sequence(&[part(Gate::P, &[0], &[p(1)]), part(Gate::Ry, &[0], &[fixed(FRAC_PI_2)]), part(Gate::P, &[0], &[p(0)])]);
    /// Any one-qubit gate up to a global phase: `p(phi) ry(theta) p(lambda)`, the rightmost first.
    U3: u3(theta, phi, lambda) [q "U3"] ALL, []
        => Action::Sequence(&[part(Gate::P, &[0], &[p(2)]), part(Gate::Ry, &[0], &[p(0)]), part(Gate::P, &[0], &[p(1)])]);
    /// The same gate as `u3`, under the name OpenQASM's language gives it.
    U: u(theta, phi, lambda) [q "U"] EXT, ["U"]
        => Action::Sequence(&[part(Gate::P, &[0], &[p(2)]), part(Gate::Ry, &[0], &[p(0)]), part(Gate::P, &[0], &[p(1)])]);
    /// Phased X rotation of trapped ions and neutral atoms: `rz(phi) rx(theta) rz(-phi)`, the rightmost first.
    Prx: prx(theta, phi) [q "PRx"] NONE, ["u1q", "PhasedX", "r"], Braket "prx", Quantinuum "U1q"
        => Action::Sequence(&[part(Gate::P, &[0], &[times(-1.0, 1)]), part(Gate::Rx, &[0], &[p(0)]), part(Gate::P, &[0], &[p(1)])]);
    /// IonQ's pi pulse: `[[0, e^{-i phi}], [e^{i phi}, 0]]`, the angle in radians.
    Gpi: gpi(phi) [q "GPi"] NONE, [], Braket "gpi"
        => Action::Sequence(&[part(Gate::P, &[0], &[times(-1.0, 0)]), part(Gate::X, &[0], &[]), part(Gate::P, &[0], &[p(0)])]);
    /// IonQ's pi/2 pulse: `rz(phi) rx(pi/2) rz(-phi)`, the angle in radians.
    Gpi2: gpi2(phi) [q "GPi2"] NONE, [], Braket "gpi2"
        => Action::Sequence(&[part(Gate::P, &[0], &[times(-1.0, 0)]), part(Gate::Rx, &[0], &[fixed(FRAC_PI_2)]), part(Gate::P, &[0], &[p(0)])]);

    /// Controlled X.
    Cx: cx() [control "●", target "⊕"] ALL, ["CX", "cnot"], Braket "cnot" => controlled(Gate::X);
    /// Controlled Y.
    Cy: cy() [control "●", target "Y"] ALL, [], Braket "cy" => controlled(Gate::Y);
    /// Controlled Z.
    Cz: cz() [control "●", target "●"] ALL, [], Braket "cz" => controlled(Gate::Z);
    /// Controlled Hadamard.
    Ch: ch() [control "●", target "H"] ALL, [] => controlled(Gate::H);
    /// Controlled S.
    Cs: cs() [control "●", target "S"] NONE, [] => controlled(Gate::S);
    /// Controlled inverse of S.
    Csdg: csdg() [control "●", target "S†"] NONE, [] => controlled(Gate::Sdg);
    /// Controlled square root of X.
    Csx: csx() [control "●", target "√X"] EXT, [], Braket "cv" => controlled(Gate::Sx);
    /// Controlled rotation about X.
    Crx: crx(theta) [control "●", target "Rx"] EXT_STD, [] => controlled(Gate::Rx);
    /// Controlled rotation about Y.
    Cry: cry(theta) [control "●", target "Ry"] EXT_STD, [] => controlled(Gate::Ry);
    /// Controlled rotation about Z.
    Crz: crz(phi) [control "●", target "Rz"] ALL, [] => controlled(Gate::Rz);
    /// Controlled phase.
    Cp: cp(lambda) [control "●", target "P"] EXT_STD, ["cphase"], Braket "cphaseshift" => controlled(Gate::P);
    /// Controlled phase under its older name.
    Cu1: cu1(lambda) [control "●", target "U1"] QELIB, [] => controlled(Gate::P);
    /// Controlled `u3`.
    Cu3: cu3(theta, phi, lambda) [control "●", target "U3"] QELIB, [] => controlled(Gate::U3);
    /// Controlled `u3` with the phase `gamma` on the control.
    Cu: cu(theta, phi, lambda, gamma) [control "●", target "U"] EXT_STD, []
        => Action::Sequence(&[part(Gate::P, &[0], &[p(3)]), part(Gate::Cu3, &[0, 1], &[p(0), p(1), p(2)])]);
    /// Exchange of two qubits.
    Swap: swap() [first "×", second "×"] EXT_STD, [], Braket "swap" => Action::Fixed(&[I, O, O, O, O, O, I, O, O, I, O, O, O, O, O, I]);
    /// Exchange of two qubits with the phase `i` on `01` and `10`.
    Iswap: iswap() [first "iSwap", second "iSwap"] NONE, [], Braket "iswap" => Action::Fixed(&[I, O, O, O, O, O, IM, O, O, IM, O, O, O, O, O, I]);
    /// Square root of iSwap.
    SqrtIswap: sqrt_iswap() [first "√iSwap", second "√iSwap"] NONE, []
        => Action::Fixed(&[I, O, O, O, O, c(R, 0.0), c(0.0, R), O, O, c(0.0, R), c(R, 0.0), O, O, O, O, I]);
    /// Echoed cross resonance, `(IX - XY)/sqrt(2)` with the second qubit written first.
    Ecr: ecr() [first "ECR", second "ECR"] NONE, [], Braket "ecr"
        => Action::Fixed(&[O, c(R, 0.0), O, c(0.0, R), c(R, 0.0), O, c(0.0, -R), O, O, c(0.0, R), O, c(R, 0.0), c(0.0, -R), O, c(R, 0.0), O]);
    /// Two controlled X gates in opposite directions.
    Dcx: dcx() [first "DCX", second "DCX"] NONE, [] => Action::Sequence(&[part(Gate::Cx, &[0, 1], &[]), part(Gate::Cx, &[1, 0], &[])]);
    /// Ising rotation `exp(-i theta XX/2)`.
    Rxx: rxx(theta) [first "Rxx", second "Rxx"] EXT, [], Braket "xx" => Action::Rotation(&[X, X]);
    /// Ising rotation `exp(-i theta YY/2)`.
    Ryy: ryy(theta) [first "Ryy", second "Ryy"] NONE, [], Braket "yy" => Action::Rotation(&[Y, Y]);
    /// Ising rotation `exp(-i theta ZZ/2)`.
    Rzz: rzz(theta) [first "Rzz", second "Rzz"] EXT, ["ZZPhase"], Braket "zz", Quantinuum "RZZ" => Action::Rotation(&[Z, Z]);
    /// Cross-resonance rotation: Z on the first qubit, X on the second.
    Rzx: rzx(theta) [first "Rzx:0", second "Rzx:1"] NONE, [] => Action::Rotation(&[Z, X]);
    /// `exp(-i theta (XX + YY)/4)` between `rz(beta)` and its inverse on the first qubit.
    XxPlusYy: xx_plus_yy(theta, beta) [first "XX+YY:0", second "XX+YY:1"] NONE, []
        => Action::Sequence(&[part(Gate::Rz, &[0], &[p(1)]), part(Gate::Rxx, &[0, 1], &[times(0.5, 0)]),
            part(Gate::Ryy, &[0, 1], &[times(0.5, 0)]), part(Gate::Rz, &[0], &[times(-1.0, 1)])]);
    /// `exp(-i theta (XX - YY)/4)` between `rz(-beta)` and its inverse on the second qubit.
    XxMinusYy: xx_minus_yy(theta, beta) [first "XX-YY:0", second "XX-YY:1"] NONE, []
        => Action::Sequence(&[part(Gate::Rz, &[1], &[times(-1.0, 1)]), part(Gate::Rxx, &[0, 1], &[times(0.5, 0)]),
            part(Gate::Ryy, &[0, 1], &[times(-0.5, 0)]), part(Gate::Rz, &[1], &[p(1)])]);
    /// IonQ's Mølmer-Sørensen gate: `exp(-i theta P0 P1/2)` with `Pk = cos(phik) X + sin(phik) Y`, angles in radians.
    Ms: ms(phi0, phi1, theta) [first "MS:0", second "MS:1"] NONE, [], Braket "ms"
        => Action::Sequence(&[part(Gate::P, &[0], &[times(-1.0, 0)]), part(Gate::P, &[1], &[times(-1.0, 1)]),
            part(Gate::Rxx, &[0, 1], &[p(2)]), part(Gate::P, &[0], &[p(0)]), part(Gate::P, &[1], &[p(1)])]);

    /// Doubly controlled X (Toffoli).
    Ccx: ccx() [control0 "●", control1 "●", target "⊕"] ALL, ["toffoli"], Braket "ccnot" => Action::Controlled { controls: 2, gate: Gate::X };
    /// Doubly controlled Z.
    Ccz: ccz() [control0 "●", control1 "●", target "●"] NONE, [] => Action::Controlled { controls: 2, gate: Gate::Z };
    /// Controlled exchange (Fredkin).
    Cswap: cswap() [control "●", first "×", second "×"] EXT_STD, ["fredkin"], Braket "cswap" => controlled(Gate::Swap);
    /// Toffoli up to relative phases (Margolus).
    Rccx: rccx() [control0 "RCCX:0", control1 "RCCX:1", target "RCCX:2"] EXT, []
        => Action::Sequence(&[part(Gate::H, &[2], &[]), part(Gate::T, &[2], &[]), part(Gate::Cx, &[1, 2], &[]), part(Gate::Tdg, &[2], &[]),
            part(Gate::Cx, &[0, 2], &[]), part(Gate::T, &[2], &[]), part(Gate::Cx, &[1, 2], &[]), part(Gate::Tdg, &[2], &[]), part(Gate::H, &[2], &[])]);
    /// Triply controlled X up to relative phases.
    Rc3x: rc3x() [control0 "RC3X:0", control1 "RC3X:1", control2 "RC3X:2", target "RC3X:3"] EXT, ["rcccx"]
        => Action::Sequence(&[part(Gate::H, &[3], &[]), part(Gate::T, &[3], &[]), part(Gate::Cx, &[2, 3], &[]), part(Gate::Tdg, &[3], &[]),
            part(Gate::H, &[3], &[]), part(Gate::Cx, &[0, 3], &[]), part(Gate::T, &[3], &[]), part(Gate::Cx, &[1, 3], &[]),
            part(Gate::Tdg, &[3], &[]), part(Gate::Cx, &[0, 3], &[]), part(Gate::T, &[3], &[]), part(Gate::Cx, &[1, 3], &[]),
            part(Gate::Tdg, &[3], &[]), part(Gate::H, &[3], &[]), part(Gate::T, &[3], &[]), part(Gate::Cx, &[2, 3], &[]),
            part(Gate::Tdg, &[3], &[]), part(Gate::H, &[3], &[])]);
    /// Triply controlled X.
    C3x: c3x() [control0 "●", control1 "●", control2 "●", target "⊕"] EXT, ["mcx"] => Action::Controlled { controls: 3, gate: Gate::X };
    /// Triply controlled square root of X.
    C3sqrtx: c3sqrtx() [control0 "●", control1 "●", control2 "●", target "√X"] EXT, ["c3sx"] => Action::Controlled { controls: 3, gate: Gate::Sx };
    /// Quadruply controlled X.
    C4x: c4x() [control0 "●", control1 "●", control2 "●", control3 "●", target "⊕"] EXT, [] => Action::Controlled { controls: 4, gate: Gate::X };
        }
    };
}
pub(crate) use with_gate_rows;

with_gate_rows!(gates);

impl serde::Serialize for Gate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> serde::Deserialize<'de> for Gate {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Gate::from_name(&name).ok_or_else(|| serde::de::Error::custom(format!("no gate is named \"{name}\"")))
    }
}
