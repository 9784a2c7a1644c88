//! Verbatim boxes of Amazon Braket: gates that its compilers leave as they stand.

use super::Writer;
use crate::gate::Dialect;
use crate::operation::Operation;
use crate::qasm::Version;

/// Where the writer is with a verbatim box.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In none.
    None,
    /// Behind a pragma that opens one at the next gate.
    Before,
    /// In one.
    Within,
}

/// The pragma before a verbatim box.
const PRAGMA: &str = "#pragma braket verbatim";

impl Writer {
    /// Takes a note for the pragma of a verbatim box, where the dialect has them.
    pub(super) fn opens_verbatim(&mut self, line: &str) -> bool {
        let boxes = self.version == Version::V3 && matches!(self.dialect, Dialect::Braket | Dialect::Rigetti);
        let opens = boxes && line.trim_start_matches('#').trim() == PRAGMA.trim_start_matches('#');
        if opens {
            self.place = Place::Before;
        }
        opens
    }

    /// Opens or closes the box before an operation: gates and barriers stand within, all else outside.
    pub(super) fn verbatim(&mut self, operation: &Operation) {
        let within = match operation {
            Operation::Gate { .. } | Operation::PauliRotation { .. } | Operation::Unitary { .. } | Operation::Barrier { .. } => {
                true
            }
            Operation::GlobalPhase(_)
            | Operation::Channel { .. }
            | Operation::Measure { .. }
            | Operation::Reset { .. }
            | Operation::Delay { .. }
            | Operation::Conditional(_) => false,
        };
        match self.place {
            Place::Before if within => {
                self.body += PRAGMA;
                self.body += "\nbox {\n";
                self.place = Place::Within;
            }
            Place::Within if !within => self.close(),
            Place::None | Place::Before | Place::Within => {}
        }
    }

    /// Closes the box.
    pub(super) fn close(&mut self) {
        if self.place == Place::Within {
            self.body += "}\n";
        }
        self.place = Place::None;
    }
}
