//! What services take of the language, construct by construct.

use std::fmt;

use crate::gate::Dialect;

/// What becomes of a construct in the programs of a dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// It is written as it stands.
    Written,
    /// The service refuses it, so other statements are written that do the same.
    Replaced,
    /// The service refuses it, and so does the writer.
    Refused,
}

macro_rules! mark {
    (yes) => {
        "written"
    };
    (made) => {
        "replaced"
    };
    (no) => {
        "**refused**"
    };
}

macro_rules! form {
    (yes) => {
        Form::Written
    };
    (made) => {
        Form::Replaced
    };
    (no) => {
        Form::Refused
    };
}

/// One row for each construct: its name, what it is, what to do where it is refused, and its form in the dialects.
macro_rules! constructs {
    ($($name:ident, $said:literal, $remedy:literal, $plain:ident $ibm:ident $braket:ident $quantinuum:ident $ionq:ident $rigetti:ident;)*) => {
        /// A construct of circuits that some service refuses, though the language has it.
        ///
        /// What [`write()`](super::write()) does with it in each dialect:
        ///
        /// | construct | plain | ibm | braket | quantinuum | ionq | rigetti |
        /// | --- | --- | --- | --- | --- | --- | --- |
        $(#[doc = concat!("| ", $said, " | ", mark!($plain), " | ", mark!($ibm), " | ", mark!($braket), " | ", mark!($quantinuum), " | ",
            mark!($ionq), " | ", mark!($rigetti), " |")])*
        ///
        /// Version 2 has less in every dialect: no delays, free parameters, conditions in conditions or on parts of registers. `quantinuum`
        /// is version 2, `braket` version 3. Noise channels are refused everywhere.
        ///
        /// Constructs of programs that are no circuits never reach a service: loops, subroutines, modifiers, aliases, classical values,
        /// boxes and stretches are worked out before, and what depends on measured values in a way that no circuit has is refused by
        /// [`HybridProgram::circuit`](crate::program::HybridProgram::circuit), by its name.
        ///
        /// Where it is written:
        /// - ibm: the service's table of features of OpenQASM 3 (July 2025) and its guide to classical feedforward: one level of `if` and
        ///   `else`, nothing measured in it; definitions, modifiers and the global phase are resolved by its compiler.
        /// - braket: the developer guide's pages on supported features and on troubleshooting: one register of qubits and one of bits, no
        ///   header, no definitions, no built-in gates (`U`, `gphase`), no control flow, its own pragmas alone.
        /// - quantinuum: version 2 with `hqslib1.inc`, whose conditions are of that version.
        /// - ionq: the page on OpenQASM 3 of its API: no loops or branches on any machine, qubits used again on some; jobs hand over no
        ///   parameters.
        /// - rigetti: its machines take programs of this language through Amazon Braket, with what that refuses.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Construct {
            $(#[doc = $said] $name,)*
        }

        impl Construct {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            fn said(self) -> &'static str {
                match self { $(Self::$name => $said,)* }
            }

            /// What to do where it is refused.
            pub(super) fn remedy(self) -> &'static str {
                match self { $(Self::$name => $remedy,)* }
            }

            /// What becomes of it in a dialect.
            ///
            /// ```
            /// use qloom_circuits::qasm::{Construct, Dialect, Form};
            /// assert_eq!(Construct::Condition.form(Dialect::Ibm), Form::Written);
            /// assert_eq!(Construct::Condition.form(Dialect::Braket), Form::Refused);
            /// ```
            pub fn form(self, dialect: Dialect) -> Form {
                match self {
                    $(Self::$name => match dialect {
                        Dialect::Plain => form!($plain),
                        Dialect::Ibm => form!($ibm),
                        Dialect::Braket => form!($braket),
                        Dialect::Quantinuum => form!($quantinuum),
                        Dialect::IonQ => form!($ionq),
                        Dialect::Rigetti => form!($rigetti),
                    },)*
                }
            }
        }
    };
}

constructs! {
    //                                                                              plain ibm braket quantinuum ionq rigetti
    Reuse, "a qubit that is used again after its measurement", "measure at the end, or take another qubit", yes yes no yes yes no;
    Reset, "a reset", "take a qubit that nothing was done to", yes yes no yes yes no;
    Barrier, "a barrier", "leave it out", yes yes yes yes yes yes;
    Delay, "a delay", "leave it out", yes yes no no no no;
    Condition, "a condition on measured bits", "control the gate by the qubit that is measured", yes yes no yes no no;
    Nested, "a condition within a condition, or on part of a register", "give the bits a register of their own", yes no no no no no;
    Measured, "a measurement under a condition", "measure before the condition", yes no no yes no no;
    Parameter, "a free parameter", "bind the parameters to numbers first", yes yes yes no no yes;
    GlobalPhase, "a global phase", "leave it out", yes yes made made yes made;
    Definition, "a gate that has no name there", "translate the circuit to native gates first", yes yes made no no no;
    Registers, "a second register of qubits, or of bits", "declare one", yes yes made yes yes yes;
    Pragma, "a pragma that is not the service's", "leave it out", yes yes made made yes made;
}

impl fmt::Display for Construct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.said())
    }
}
