//! Circuits to text.

mod definition;
pub(super) mod hybrid;
pub(super) mod ionq;
mod number;
mod verbatim;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::error::QasmError;
use super::{Construct, Dialect, Form, Version, word};
use crate::angle::Angle;
use crate::circuit::{Circuit, Register};
use crate::gate::{Gate, Headers};
use crate::operation::{Condition, Conditional, Operation};
use crate::synthesis;

pub(super) fn write(circuit: &Circuit, version: Version, dialect: Dialect) -> Result<String, QasmError> {
    let only = match dialect {
        Dialect::Braket => Some(Version::V3),
        Dialect::Quantinuum => Some(Version::V2),
        Dialect::Plain | Dialect::Ibm | Dialect::IonQ | Dialect::Rigetti => None,
    };
    if let Some(only) = only.filter(|only| *only != version) {
        return Err(QasmError::WrongVersion { dialect: dialect.name(), language: only.name() });
    }
    let mut writer = Writer::new(circuit, version, dialect);
    if circuit.num_parameters() > 0 && (version == Version::V2 || writer.form(Construct::Parameter) == Form::Refused) {
        return Err(QasmError::FreeParameters { count: circuit.num_parameters(), language: writer.language() });
    }
    let mut notes = circuit.notes().iter().peekable();
    for (position, operation) in circuit.operations().iter().enumerate() {
        while let Some(note) = notes.next_if(|note| note.position <= position) {
            writer.note(&note.text);
        }
        writer.position = position;
        writer.verbatim(operation);
        writer.operation(operation, "")?;
    }
    writer.close();
    notes.for_each(|note| writer.note(&note.text));
    Ok(writer.finish())
}

impl Version {
    fn name(self) -> &'static str {
        match self {
            Version::V2 => "OpenQASM 2",
            Version::V3 => "OpenQASM 3",
        }
    }
}

/// The most cx that are made of operations that have no name.
const MOST_MADE: u64 = 10_000_000;

struct Writer {
    version: Version,
    dialect: Dialect,
    /// Name of each free parameter.
    parameters: Vec<String>,
    /// Name of each qubit, as in `q[0]`.
    qubits: Vec<String>,
    bits: Vec<String>,
    qubit_registers: Vec<(String, Register)>,
    bit_registers: Vec<(String, Register)>,
    defined: BTreeSet<Gate>,
    definitions: String,
    body: String,
    position: usize,
    /// Qubits that were measured.
    measured: Vec<bool>,
    /// About how many cx were made of operations that have no name.
    made: u64,
    /// Where the verbatim box of a pragma stands.
    place: verbatim::Place,
}

impl Writer {
    fn new(circuit: &Circuit, version: Version, dialect: Dialect) -> Self {
        let mut taken: BTreeSet<String> = Gate::all().map(|gate| gate.name().to_string()).collect();
        taken.extend(word::RESERVED.iter().map(|word| word.to_string()));
        let named = (0..circuit.num_parameters()).map(|k| parameter_name(&circuit.parameter_name(k), &mut taken));
        let parameters: Vec<String> = named.collect();
        let mut named = |registers: &[Register]| -> Vec<(String, Register)> {
            let used = registers.iter().filter(|register| register.size > 0);
            let name = |register: &Register, taken: &mut BTreeSet<String>| match (register.name.as_str(), version) {
                ("$", Version::V3) => "$".to_string(),
                (name, _) => identifier(name, taken),
            };
            used.map(|register| (name(register, &mut taken), register.clone())).collect()
        };
        let own = |registers: &[Register], name: &str, size: usize| match Construct::Registers.form(dialect) {
            Form::Replaced if registers.iter().filter(|register| register.size > 0).count() > 1 => {
                vec![Register { name: name.to_owned(), start: 0, size }]
            }
            Form::Written | Form::Replaced | Form::Refused => registers.to_vec(),
        };
        let qubit_registers = named(&own(circuit.qubit_registers(), "q", circuit.num_qubits()));
        let bit_registers = named(&own(circuit.bit_registers(), "c", circuit.num_bits()));
        let elements = |registers: &[(String, Register)]| -> Vec<String> {
            let element = |name: &str, k: usize| if name == "$" { format!("${k}") } else { format!("{name}[{k}]") };
            registers.iter().flat_map(|(name, register)| (0..register.size).map(move |k| element(name, k))).collect()
        };
        Self {
            version,
            dialect,
            parameters,
            qubits: elements(&qubit_registers),
            bits: elements(&bit_registers),
            qubit_registers,
            bit_registers,
            defined: BTreeSet::new(),
            definitions: String::new(),
            body: String::new(),
            position: 0,
            measured: vec![false; circuit.num_qubits()],
            made: 0,
            place: verbatim::Place::None,
        }
    }

    /// A pragma or annotation; version 2 has comments only, and some services take no pragmas but theirs.
    fn note(&mut self, text: &str) {
        self.close();
        let line = text.replace(['\n', '\r'], " ");
        if self.opens_verbatim(&line) {
            return;
        }
        let foreign = !line.starts_with('@') && !line.trim_start_matches('#').starts_with("pragma braket ");
        let _ = match self.version {
            Version::V3 if !foreign || self.form(Construct::Pragma) == Form::Written => writeln!(self.body, "{line}"),
            Version::V2 | Version::V3 => writeln!(self.body, "// {line}"),
        };
    }

    fn form(&self, construct: Construct) -> Form {
        construct.form(self.dialect)
    }

    fn language(&self) -> &'static str {
        match self.dialect {
            Dialect::Plain | Dialect::Ibm => self.version.name(),
            Dialect::Braket => "Amazon Braket's OpenQASM",
            Dialect::Quantinuum => "Quantinuum's OpenQASM",
            Dialect::IonQ => "IonQ's OpenQASM",
            Dialect::Rigetti => "OpenQASM for Rigetti's machines",
        }
    }

    /// Refuses a construct that the dialect does not take.
    fn check(&self, construct: Construct, operation: &str) -> Result<(), QasmError> {
        match self.form(construct) {
            Form::Written | Form::Replaced => Ok(()),
            Form::Refused => Err(QasmError::Refused {
                operation: operation.to_string(),
                position: self.position,
                construct,
                dialect: self.dialect.name(),
                remedy: construct.remedy(),
            }),
        }
    }

    /// Refuses what the dialect does not take of an operation, which stands under a condition or not.
    fn check_all(&mut self, operation: &Operation, conditioned: bool) -> Result<(), QasmError> {
        let name = operation.name();
        match operation {
            Operation::Conditional(_) if conditioned => return self.check(Construct::Nested, name),
            // what is in it is checked where it is written
            Operation::Conditional(_) => return self.check(Construct::Condition, name),
            Operation::Barrier { .. } => return self.check(Construct::Barrier, name),
            Operation::Delay { .. } => return self.check(Construct::Delay, name),
            Operation::GlobalPhase(_) => return self.check(Construct::GlobalPhase, name),
            Operation::Channel { .. } => return Ok(()),
            Operation::Reset { .. } => self.check(Construct::Reset, name)?,
            Operation::Measure { .. } if conditioned => self.check(Construct::Measured, name)?,
            Operation::Measure { .. } => {}
            Operation::Gate { .. } | Operation::PauliRotation { .. } | Operation::Unitary { .. } => {
                if !self.dialect.is_native(operation) {
                    self.check(Construct::Definition, name)?;
                }
            }
        }
        if operation.qubits().iter().any(|&qubit| self.measured[qubit]) {
            self.check(Construct::Reuse, name)?;
        }
        if let Operation::Measure { qubit, .. } = operation {
            self.measured[*qubit] = true;
        }
        Ok(())
    }

    fn no_form<T>(&self, operation: &str, remedy: &'static str) -> Result<T, QasmError> {
        Err(QasmError::NoForm { operation: operation.to_string(), position: self.position, language: self.language(), remedy })
    }

    fn finish(self) -> String {
        let header = match (self.version, self.dialect) {
            (Version::V2, Dialect::Quantinuum) => "OPENQASM 2.0;\ninclude \"hqslib1.inc\";\n",
            (Version::V2, _) => "OPENQASM 2.0;\ninclude \"qelib1.inc\";\n",
            (Version::V3, Dialect::Braket | Dialect::Rigetti) => "OPENQASM 3.0;\n",
            (Version::V3, _) => "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n",
        };
        let mut text = header.to_string();
        text += &self.definitions;
        for name in &self.parameters {
            let _ = writeln!(text, "input float[64] {name};");
        }
        for (name, register) in self.qubit_registers.iter().filter(|(name, _)| name != "$") {
            let _ = match self.version {
                Version::V2 => writeln!(text, "qreg {name}[{}];", register.size),
                Version::V3 => writeln!(text, "qubit[{}] {name};", register.size),
            };
        }
        for (name, register) in &self.bit_registers {
            let _ = match self.version {
                Version::V2 => writeln!(text, "creg {name}[{}];", register.size),
                Version::V3 => writeln!(text, "bit[{}] {name};", register.size),
            };
        }
        text + &self.body
    }

    /// Writes one operation; `prefix` stands before every statement.
    fn operation(&mut self, operation: &Operation, prefix: &str) -> Result<(), QasmError> {
        self.check_all(operation, !prefix.is_empty())?;
        match operation {
            Operation::Gate { gate, angles, qubits } => self.gate(*gate, angles, qubits, prefix),
            Operation::PauliRotation { .. } | Operation::Unitary { .. } | Operation::GlobalPhase(_) => {
                let primitives = operation.primitives().expect("unitary operations have primitives");
                let n = self.qubits.len();
                self.made =
                    primitives.iter().fold(self.made, |made, primitive| made.saturating_add(synthesis::size(primitive, n)));
                if self.made > MOST_MADE {
                    return Err(QasmError::TooLarge { position: self.position, limit: MOST_MADE });
                }
                let operations = self.tidy(primitives.iter().flat_map(|primitive| synthesis::primitive(primitive, n)).collect());
                self.synthesised(&operations, prefix);
            }
            Operation::Channel { .. } => {
                return self.no_form(&format!("the noise channel {}", operation.name()), "remove the noise first");
            }
            Operation::Measure { qubit, bit } => {
                let (qubit, bit) = (&self.qubits[*qubit], &self.bits[*bit]);
                let _ = match self.version {
                    Version::V2 => writeln!(self.body, "{prefix}measure {qubit} -> {bit};"),
                    Version::V3 => writeln!(self.body, "{prefix}{bit} = measure {qubit};"),
                };
            }
            Operation::Reset { qubit } => {
                let _ = writeln!(self.body, "{prefix}reset {};", self.qubits[*qubit]);
            }
            Operation::Barrier { qubits } => {
                let names = self.names_or_all(qubits);
                if !names.is_empty() {
                    let _ = writeln!(self.body, "{prefix}barrier {names};");
                }
            }
            Operation::Delay { duration_ns, qubits } => {
                if self.version == Version::V2 {
                    return self.no_form("a delay", "write version 3, or remove the delay");
                }
                let names = self.names_or_all(qubits);
                let _ = writeln!(self.body, "{prefix}delay[{}ns] {names};", number::decimal(*duration_ns));
            }
            Operation::Conditional(block) => return self.conditional(block, prefix),
        }
        Ok(())
    }

    /// Names of qubits, or of all registers when none is given.
    fn names_or_all(&self, qubits: &[usize]) -> String {
        if qubits.is_empty() {
            let whole = self.qubit_registers.iter().flat_map(|(name, register)| match name.as_str() {
                "$" => self.qubits[register.start..register.start + register.size].to_vec(),
                name => vec![name.to_string()],
            });
            return whole.collect::<Vec<_>>().join(", ");
        }
        let names: Vec<&str> = qubits.iter().map(|&qubit| self.qubits[qubit].as_str()).collect();
        names.join(", ")
    }

    /// Whether the header that is included defines the gate, or the language itself.
    fn in_header(&self, gate: Gate) -> bool {
        let header = match (self.dialect, self.version) {
            (Dialect::Braket, _) => return gate.name_in(Dialect::Braket).is_some(),
            (Dialect::Quantinuum, _) => return gate.name_in(Dialect::Quantinuum).is_some(),
            (_, Version::V2) => Headers::QELIB1,
            (_, Version::V3) => Headers::STDGATES,
        };
        gate == Gate::U || gate.spec().headers.contains(header)
    }

    /// How a call names the gate.
    fn called(&self, gate: Gate) -> String {
        if let Some(name) = gate.name_in(self.dialect) {
            return name.to_string();
        }
        if gate == Gate::U { "U".into() } else { gate.name().into() }
    }

    fn gate(&mut self, gate: Gate, angles: &[Angle], qubits: &[usize], prefix: &str) {
        if !self.in_header(gate) && self.form(Construct::Definition) == Form::Replaced {
            let made = self.body_of(gate);
            let made: Vec<Operation> = made.iter().map(|operation| called_on(operation, angles, qubits)).collect();
            return self.synthesised(&made, prefix);
        }
        self.define(gate);
        if gate.is_in_turns(self.dialect) {
            return self.in_turns(gate, angles, qubits, prefix);
        }
        let _ = write!(self.body, "{prefix}{}", self.called(gate));
        if !angles.is_empty() {
            let printed: Vec<String> =
                angles.iter().map(|angle| number::angle(*angle, &|index| self.parameters[index].clone())).collect();
            let _ = write!(self.body, "({})", printed.join(", "));
        }
        let _ = writeln!(self.body, " {};", self.names_or_all(qubits));
    }

    /// Writes operations made by synthesis with rows of the header.
    fn synthesised(&mut self, operations: &[Operation], prefix: &str) {
        for operation in operations {
            match operation {
                Operation::Gate { gate, angles, qubits } => self.gate(*gate, angles, qubits, prefix),
                Operation::GlobalPhase(angle) => {
                    if self.version == Version::V3 && self.form(Construct::GlobalPhase) == Form::Written {
                        let _ = writeln!(
                            self.body,
                            "{prefix}gphase({});",
                            number::angle(*angle, &|index| self.parameters[index].clone())
                        );
                    }
                }
                Operation::PauliRotation { .. }
                | Operation::Unitary { .. }
                | Operation::Channel { .. }
                | Operation::Measure { .. }
                | Operation::Reset { .. }
                | Operation::Barrier { .. }
                | Operation::Delay { .. }
                | Operation::Conditional(_) => unreachable!("synthesis gives rows and global phases"),
            }
        }
    }

    fn conditional(&mut self, block: &Conditional, prefix: &str) -> Result<(), QasmError> {
        match self.version {
            Version::V2 => self.conditional_v2(block, prefix),
            Version::V3 => self.conditional_v3(&block.condition, &block.then, &block.otherwise, prefix),
        }
    }

    /// `if(c==3)` before each operation: whole registers only, no alternative but for single bits, no nesting.
    fn conditional_v2(&mut self, block: &Conditional, prefix: &str) -> Result<(), QasmError> {
        if !prefix.is_empty() {
            return self.no_form("a condition within a condition", "write version 3");
        }
        let Some(name) = self.whole_register(&block.condition) else {
            self.check(Construct::Nested, "conditioned block")?;
            return self
                .no_form("a condition on part of a register", "write version 3, or give the bits a register of their own");
        };
        let value = block.condition.value;
        if !block.otherwise.is_empty() && (block.condition.bits.len() > 1 || value > 1) {
            return self.no_form("a condition with an alternative", "write version 3");
        }
        let branches = [(value, &block.then), (1u64.wrapping_sub(value), &block.otherwise)];
        let changes = |operation: &Operation| operation.bits().iter().any(|bit| block.condition.bits.contains(bit));
        let mut all = block.then.iter().chain(&block.otherwise).rev();
        all.next();
        if all.any(changes) {
            return self.no_form("a condition on bits that its own block measures", "write version 3");
        }
        for (value, operations) in branches {
            let prefix = format!("if ({name} == {value}) ");
            for operation in operations {
                if matches!(operation, Operation::Barrier { .. }) {
                    continue;
                }
                self.operation(operation, &prefix)?;
            }
        }
        Ok(())
    }

    /// The register whose bits, all and in order, are those of the condition.
    fn whole_register(&self, condition: &Condition) -> Option<String> {
        let matches = |register: &Register| (register.start..register.start + register.size).eq(condition.bits.iter().copied());
        self.bit_registers.iter().find(|(_, register)| matches(register)).map(|(name, _)| name.clone())
    }

    fn conditional_v3(
        &mut self,
        condition: &Condition,
        then: &[Operation],
        otherwise: &[Operation],
        prefix: &str,
    ) -> Result<(), QasmError> {
        let inner = format!("{prefix}  ");
        let value = condition.value;
        let unreachable = condition.is_impossible();
        if condition.bits.is_empty() || unreachable {
            // Always true, or never.
            let taken = if unreachable { otherwise } else { then };
            return taken.iter().try_for_each(|operation| self.operation(operation, prefix));
        }
        if let ([bit], true) = (condition.bits.as_slice(), condition.bits.len() == 1) {
            let not = if value == 0 { "!" } else { "" };
            let _ = writeln!(self.body, "{prefix}if ({not}{}) {{", self.bits[*bit]);
        } else if let Some(name) = self.whole_register(condition) {
            let _ = writeln!(self.body, "{prefix}if ({name} == {value}) {{");
        } else {
            // One bit at a time, the alternative in each.
            let first = Condition { bits: condition.bits[..1].to_vec(), value: value & 1 };
            let rest = Condition { bits: condition.bits[1..].to_vec(), value: value >> 1 };
            let inner = Conditional { condition: rest, then: then.to_vec(), otherwise: otherwise.to_vec() };
            return self.conditional_v3(&first, &[Operation::Conditional(Box::new(inner))], otherwise, prefix);
        }
        then.iter().try_for_each(|operation| self.operation(operation, &inner))?;
        if !otherwise.is_empty() {
            let _ = writeln!(self.body, "{prefix}}} else {{");
            otherwise.iter().try_for_each(|operation| self.operation(operation, &inner))?;
        }
        let _ = writeln!(self.body, "{prefix}}}");
        Ok(())
    }
}

/// An operation of a definition, on the angles and qubits of a call.
fn called_on(operation: &Operation, angles: &[Angle], qubits: &[usize]) -> Operation {
    match operation.map_angles(&mut |angle| angle.substitute(angles)) {
        Operation::Gate { gate, angles, qubits: own } => {
            Operation::Gate { gate, angles, qubits: own.iter().map(|&qubit| qubits[qubit]).collect() }
        }
        // nothing else of a definition has qubits
        other => other,
    }
}

/// The name of a parameter as it is where version 3 takes it, or made into one that it takes.
fn parameter_name(wished: &str, taken: &mut BTreeSet<String>) -> String {
    let first = |c: char| c.is_alphabetic() || c == '_';
    let valid = wished.starts_with(first) && wished.chars().all(|c| c.is_alphanumeric() || c == '_');
    if valid && !word::is_keyword(wished, Version::V3) && taken.insert(wished.to_owned()) {
        return wished.to_owned();
    }
    identifier(wished, taken)
}

/// A name that the language accepts and nothing else has, near the one wished for.
fn identifier(wished: &str, taken: &mut BTreeSet<String>) -> String {
    let mut name: String = wished.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect();
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        name.insert(0, 'r');
    }
    while !taken.insert(name.clone()) {
        name.push('_');
    }
    name
}
