//! Names that services give to rows of the table.

use super::Gate;

/// Amazon Braket's OpenQASM 3.
pub(crate) const BRAKET: [(Gate, &str); 31] = [
    (Gate::Id, "i"),
    (Gate::X, "x"),
    (Gate::Y, "y"),
    (Gate::Z, "z"),
    (Gate::H, "h"),
    (Gate::S, "s"),
    (Gate::Sdg, "si"),
    (Gate::T, "t"),
    (Gate::Tdg, "ti"),
    (Gate::Sx, "v"),
    (Gate::Sxdg, "vi"),
    (Gate::Rx, "rx"),
    (Gate::Ry, "ry"),
    (Gate::Rz, "rz"),
    (Gate::P, "phaseshift"),
    (Gate::Prx, "prx"),
    (Gate::Gpi, "gpi"),
    (Gate::Gpi2, "gpi2"),
    (Gate::Cx, "cnot"),
    (Gate::Cy, "cy"),
    (Gate::Cz, "cz"),
    (Gate::Csx, "cv"),
    (Gate::Cp, "cphaseshift"),
    (Gate::Swap, "swap"),
    (Gate::Iswap, "iswap"),
    (Gate::Ecr, "ecr"),
    (Gate::Rxx, "xx"),
    (Gate::Ryy, "yy"),
    (Gate::Rzz, "zz"),
    (Gate::Ccx, "ccnot"),
    (Gate::Cswap, "cswap"),
];

/// Quantinuum's `hqslib1.inc`, its native gates.
pub(crate) const QUANTINUUM: [(Gate, &str); 3] = [(Gate::Rz, "rz"), (Gate::Prx, "U1q"), (Gate::Rzz, "RZZ")];
