//! What can be wrong with a device, its noise, or a circuit for it.

use qloom_circuits::CircuitError;

use crate::device::Device;

/// Why a device, a noise model or a circuit for a device was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HardwareError {
    /// A name that no machine has.
    #[error("no machine is named {name:?}; the machines are {}", Device::NAMES.join(", "))]
    UnknownMachine {
        /// The name given.
        name: String,
    },
    /// More qubits than the device has.
    #[error("the circuit has {given} qubits, {device} has {limit}; choose a smaller circuit or another device")]
    TooManyQubits {
        /// The device.
        device: String,
        /// Qubits of the circuit.
        given: usize,
        /// Qubits of the device.
        limit: usize,
    },
    /// A coupling that names a qubit the device lacks, or one qubit twice.
    #[error("the coupling {pair:?} is not between two of the {num_qubits} qubits; correct it in couplings")]
    BadCoupling {
        /// The coupling.
        pair: [usize; 2],
        /// Qubits of the device.
        num_qubits: usize,
    },
    /// A list of errors that does not fit the couplings.
    #[error("errors: {given} for {expected} couplings; give one for each, between 0 and 1, or use [[gate]] tables instead")]
    BadErrors {
        /// Errors given.
        given: usize,
        /// Couplings.
        expected: usize,
    },
    /// A list with the wrong number of entries.
    #[error("{device}: {field} has {given} entries; give one, or one for each of {expected} qubits")]
    Length {
        /// The device.
        device: String,
        /// The list.
        field: &'static str,
        /// Entries there are.
        given: usize,
        /// Entries needed.
        expected: usize,
    },
    /// A gate on qubits that no gate acts on.
    #[error("{device}: a gate or coupling on qubits {qubits:?}; name one qubit, or two different ones")]
    BadPlacement {
        /// The device.
        device: String,
        /// The qubits.
        qubits: Vec<usize>,
    },
    /// Two entries for one gate on the same qubits.
    #[error("{device}: {gate} on qubits {qubits:?} has two entries; remove one of them")]
    PlacedTwice {
        /// The device.
        device: String,
        /// The gate.
        gate: String,
        /// The qubits.
        qubits: Vec<usize>,
    },
    /// A gate with a measured error and depolarizing besides.
    #[error("{device}: the gate on qubits {qubits:?} has an error and depolarizing; give one of the two")]
    ErrorAndDepolarizing {
        /// The device.
        device: String,
        /// The qubits; none for all.
        qubits: Vec<usize>,
    },
    /// A measured error that no depolarizing makes.
    #[error(
        "{device}: the gate on qubits {qubits:?} has error {error}; full depolarizing makes {limit}: leave out the gate, or correct its error"
    )]
    NoSuchError {
        /// The device.
        device: String,
        /// The qubits; none for all.
        qubits: Vec<usize>,
        /// The error given.
        error: f64,
        /// The largest possible.
        limit: f64,
    },
    /// Calibration data that no qubit has.
    #[error("{device}, qubit {qubit}: {source}")]
    Calibration {
        /// The device.
        device: String,
        /// The qubit.
        qubit: usize,
        /// What is wrong.
        source: CircuitError,
    },
    /// A gate the device does not have.
    #[error("{device} has no gate on qubits {qubits:?} (operation {position} of the circuit); {remedy}")]
    NoGate {
        /// The device.
        device: String,
        /// The qubits of the gate.
        qubits: Vec<usize>,
        /// Where in the circuit, counted from 1.
        position: usize,
        /// What to do.
        remedy: &'static str,
    },
    /// A text that is not of the format it is read as.
    #[error("this is not {format}: {reason}")]
    Format {
        /// The format.
        format: &'static str,
        /// What the reader says.
        reason: String,
    },
    /// An entry of calibration data that cannot be read.
    #[error("{place}: {text:?} is not {expected}")]
    Entry {
        /// Where: a line and column, or a qubit or gate.
        place: String,
        /// The entry.
        text: String,
        /// What belongs there.
        expected: &'static str,
    },
    /// Calibration data that are missing for every qubit or gate.
    #[error("{what} is missing everywhere in the calibration data; add it for at least one")]
    Missing {
        /// What is missing.
        what: String,
    },
    /// Qubits that meet in gates, and no island of coupled qubits large enough for them.
    #[error(
        "{device} has islands of {} coupled qubits, the circuit has parts of {} qubits that gates join, and they do not fit; \
         use fewer qubits or add couplings",
        sizes(islands),
        sizes(parts)
    )]
    NotConnected {
        /// The device.
        device: String,
        /// Sizes of the parts of the circuit that two-qubit gates join, the largest first.
        parts: Vec<usize>,
        /// Sizes of the device's islands, the largest first.
        islands: Vec<usize>,
    },
    /// Native gates that do not make every gate.
    #[error("the native gates of {device} do not make every {what}; {remedy}")]
    Incomplete {
        /// The device.
        device: String,
        /// What cannot be made.
        what: &'static str,
        /// What can be done.
        remedy: &'static str,
    },
    /// An operation that is not compiled.
    #[error("{operation} cannot be compiled; {remedy}")]
    Unsupported {
        /// What the operation is.
        operation: String,
        /// What can be done.
        remedy: &'static str,
    },
    /// A circuit that takes too many gates.
    #[error("operation {position} takes the circuit over {limit} two-qubit gates; use fewer controls or smaller matrices")]
    TooLarge {
        /// Where in the circuit, counted from 1.
        position: usize,
        /// The most gates.
        limit: u64,
    },
    /// Words for noise that say nothing.
    #[error("noise \"{found}\": {reason}")]
    Noise {
        /// The words.
        found: String,
        /// What is wrong with them.
        reason: &'static str,
    },
    /// A number outside its range.
    #[error("{what} is {value}; it must be {range}")]
    OutOfRange {
        /// What the number is.
        what: &'static str,
        /// The number.
        value: f64,
        /// The numbers that are possible.
        range: &'static str,
    },
    /// An operation that does not fit.
    #[error(transparent)]
    Circuit(#[from] CircuitError),
}

/// `5, 3, 3 and 40 more`.
fn sizes(list: &[usize]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> = list.iter().take(SHOWN).map(usize::to_string).collect();
    match list.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more, not larger,", shown.join(", ")),
    }
}
