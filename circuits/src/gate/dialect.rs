//! The services that programs are written for.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::Gate;

/// For whom a program is written; [`Construct`](crate::qasm::Construct) has the table of what each takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Dialect {
    /// The language and its standard header, nothing else.
    #[default]
    Plain,
    /// IBM's services: plain, with names that Qiskit's readers take.
    Ibm,
    /// Amazon Braket: version 3 with Braket's gates and no header.
    Braket,
    /// Quantinuum: version 2 with `hqslib1.inc`, in native gates.
    Quantinuum,
    /// IonQ's native gates gpi, gpi2 and ms, each with its definition; their angles are written in turns, as IonQ takes them everywhere
    /// but behind Amazon Braket.
    IonQ,
    /// Rigetti's native gates: rx by multiples of pi/2, rz, cz; in version 3 as Amazon Braket takes them, without a header.
    Rigetti,
}

impl Dialect {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Plain, Self::Ibm, Self::Braket, Self::Quantinuum, Self::IonQ, Self::Rigetti];

    /// Its name in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Dialect::Plain => "plain",
            Dialect::Ibm => "ibm",
            Dialect::Braket => "braket",
            Dialect::Quantinuum => "quantinuum",
            Dialect::IonQ => "ionq",
            Dialect::Rigetti => "rigetti",
        }
    }

    /// The gates a machine of the dialect does, `rx` by a quarter turn only; none where no machine is meant.
    pub fn native_gates(self) -> Option<&'static [Gate]> {
        match self {
            Dialect::Plain | Dialect::Ibm | Dialect::Braket => None,
            Dialect::Quantinuum => Some(&[Gate::Rz, Gate::Prx, Gate::Rzz]),
            Dialect::IonQ => Some(&[Gate::Gpi, Gate::Gpi2, Gate::Ms]),
            Dialect::Rigetti => Some(&[Gate::Rz, Gate::Rx, Gate::Cz]),
        }
    }

    /// The gate that the dialect calls so.
    pub fn gate(self, name: &str) -> Option<Gate> {
        static NAMES: OnceLock<HashMap<(Dialect, &str), Gate>> = OnceLock::new();
        let names = NAMES.get_or_init(|| {
            let rows =
                Gate::all().flat_map(|gate| gate.spec().dialects.iter().map(move |&(dialect, name)| ((dialect, name), gate)));
            rows.collect()
        });
        names.get(&(self, name)).copied()
    }

    /// The dialect of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|dialect| dialect.name() == name)
    }
}
