//! One builder method a gate, from the rows of the gate table.

use super::Circuit;
use crate::angle::Angle;
use crate::gate::{Gate, with_gate_rows};

macro_rules! builder_methods {
    ($(
        $(#[doc = $doc:literal])+
        $variant:ident: $name:ident($($parameter:ident),*) [$($qubit:ident $glyph:literal),+]
            $headers:expr, $aliases:expr $(, $dialect:ident $spelling:literal)* => $action:expr;
    )*) => {
        /// One builder method a gate: angles first, then qubits, as OpenQASM writes a call.
        ///
        /// Each panics at the caller's line where [`Circuit::push`] would return an error.
        impl Circuit {
            $(
                $(#[doc = $doc])+
                ///
                /// # Panics
                /// When a qubit is repeated or outside the circuit, or an angle is not finite.
                #[track_caller]
                #[allow(clippy::too_many_arguments)]
                pub fn $name(&mut self, $($parameter: impl Into<Angle>,)* $($qubit: usize),+) -> &mut Self {
                    self.push_gate(Gate::$variant, &[$($parameter.into()),*], &[$($qubit),+])
                }
            )*
        }
    };
}

with_gate_rows!(builder_methods);
