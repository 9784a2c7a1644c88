//! Statements to operations.

mod branch;
mod call;
mod definition;
mod include;
mod select;
mod value;

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::error::{Diagnostic, Finding, QasmErrors, Span};
use super::expression::{Declared, Value, binary};
use super::guess::guess;
use super::parser::Parser;
use super::syntax::{Expr, Form, GateDefinition, Name, Operand, Statement, StatementKind, Type, TypeExpr};
use super::{Limits, MAX_ERRORS, Version};
use crate::angle::Angle;
use crate::circuit::Circuit;
use crate::gate::{Gate, Headers, Primitive, PrimitiveKind};
use crate::operation::Operation;
use crate::synthesis;

/// A file that programs may include: its name in quotes and its text.
pub(super) type Files = HashMap<String, String>;

/// Why a text is no circuit.
pub(super) struct Refused {
    pub errors: QasmErrors,
    pub version: Version,
    /// Whether the program has what a circuit does not.
    pub beyond: bool,
}

pub(super) fn lower(text: &str, files: &Files, limits: Limits) -> Result<Circuit, Refused> {
    let mut lowering = Lowering::new(text, files, limits);
    lowering.program(text, None);
    if lowering.errors.is_empty() {
        lowering.circuit.drop_default_names();
        return Ok(lowering.circuit);
    }
    lowering.errors.sort_by_key(|error| (error.file.clone(), error.line, error.column));
    lowering.errors.truncate(MAX_ERRORS);
    let errors = QasmErrors { errors: lowering.errors };
    Err(Refused { errors, version: lowering.version, beyond: lowering.beyond })
}

/// How many operations an operation counts for: a gate under many controls as many as it takes to make it of gates without.
fn expanded(operation: &Operation, num_qubits: usize) -> usize {
    let Operation::Unitary { matrix, controls, qubits } = operation else { return 1 };
    if controls.len() + qubits.len() <= 5 {
        return 1;
    }
    let primitive = Primitive { controls: controls.clone(), kind: PrimitiveKind::Unitary(matrix.clone(), qubits.clone()) };
    usize::try_from(synthesis::size(&primitive, num_qubits)).unwrap_or(usize::MAX).max(1)
}

type Lowered<T> = Result<T, Finding>;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Symbol {
    /// A single qubit when `scalar`, which is broadcast.
    Qubits {
        start: usize,
        size: usize,
        scalar: bool,
    },
    Bits {
        start: usize,
        size: usize,
        scalar: bool,
    },
    /// Qubits gathered by `let`.
    Alias(usize),
    Row(Gate),
    Defined(usize),
    Opaque,
    /// A value; its type where it can be assigned to.
    Value(Value, Option<Declared>),
}

impl Symbol {
    fn describe(self) -> &'static str {
        match self {
            Symbol::Qubits { .. } | Symbol::Alias(_) => "a quantum register",
            Symbol::Bits { .. } => "a classical register",
            Symbol::Row(_) | Symbol::Defined(_) => "a gate",
            Symbol::Opaque => "an opaque gate",
            Symbol::Value(..) => "a value",
        }
    }

    fn is_gate(self) -> bool {
        matches!(self, Symbol::Row(_) | Symbol::Defined(_) | Symbol::Opaque)
    }
}

/// A name and what it stood for before a block.
type Hidden<'a> = (&'a str, Option<(Symbol, usize)>);

struct Lowering<'a> {
    version: Version,
    limits: Limits,
    files: &'a Files,
    circuit: Circuit,
    /// Names with the depth of the block that declared them.
    symbols: HashMap<&'a str, (Symbol, usize), RandomState>,
    /// What the names of open blocks hid, the innermost block last.
    hidden: Vec<Vec<Hidden<'a>>>,
    aliases: Vec<Vec<usize>>,
    definitions: Vec<definition::Definition<'a>>,
    /// Operations of conditions that are open, the innermost last.
    blocks: Vec<Vec<Operation>>,
    operations: usize,
    steps: usize,
    includes: usize,
    /// Whether the program includes a file or a header.
    included: bool,
    /// First index and number of the physical qubits `$n`.
    physical: Option<(usize, usize)>,
    source: &'a str,
    errors: Vec<Diagnostic>,
    /// Whether the program has what a circuit does not.
    beyond: bool,
    /// Whether a bound was passed, so that nothing more is read.
    stopped: bool,
}

impl<'a> Lowering<'a> {
    fn new(source: &'a str, files: &'a Files, limits: Limits) -> Self {
        let symbols = HashMap::from_iter([("U", (Symbol::Row(Gate::U), 0)), ("CX", (Symbol::Row(Gate::Cx), 0))]);
        Self {
            version: Version::V2,
            limits,
            files,
            circuit: Circuit::default(),
            symbols,
            hidden: Vec::new(),
            aliases: Vec::new(),
            definitions: Vec::new(),
            blocks: Vec::new(),
            operations: 0,
            steps: 0,
            includes: 0,
            included: false,
            physical: None,
            source,
            errors: Vec::new(),
            beyond: false,
            stopped: false,
        }
    }

    /// Reads one source text to its end.
    fn program(&mut self, source: &'a str, file: Option<&'a str>) {
        let mut parser = Parser::new(source);
        parser.version = self.version;
        match parser.version_line() {
            Some((2.0, _)) if file.is_none() => {}
            Some((version, _)) if file.is_none() && (3.0..4.0).contains(&version) => self.version = Version::V3,
            None if file.is_none() => self.version = guess(source).0,
            Some((_, span)) if file.is_some() => {
                parser.report(Finding::new(span, "the version belongs into the first file only"));
            }
            Some((version, span)) => {
                parser.report(Finding::new(span, format!("there is no OpenQASM {version:?}")).help("use 2.0 or 3.0"));
            }
            None => {}
        }
        if self.version == Version::V3 {
            self.symbols.remove("CX");
        }
        parser.version = self.version;
        while !self.stopped && !parser.gives_up() {
            let Some(statement) = parser.next_statement() else { break };
            if let Err(finding) = self.statement(&statement) {
                parser.report(finding);
            }
        }
        self.beyond |= parser.findings.iter().any(|finding| finding.beyond);
        let errors = parser.findings.into_iter().map(|finding| finding.locate(file, source));
        self.errors.extend(errors);
    }

    fn emit(&mut self, operation: Operation, span: Span) -> Lowered<()> {
        self.operations = self.operations.saturating_add(expanded(&operation, self.circuit.num_qubits()));
        if self.operations > self.limits.operations {
            return Err(self.stop(span, "operations"));
        }
        match self.blocks.last_mut() {
            Some(block) => block.push(operation),
            None => {
                self.circuit.push(operation).map_err(|error| Finding::new(span, error.to_string()))?;
            }
        }
        Ok(())
    }

    fn stop(&mut self, span: Span, what: &str) -> Finding {
        self.stopped = true;
        let message = format!("the program has more than {} {what}, the limit", self.limits.operations);
        Finding::new(span, message).help("raise the limit if this is meant")
    }

    fn symbol(&self, name: &str) -> Option<Symbol> {
        self.symbols.get(name).map(|(symbol, _)| *symbol)
    }

    fn declare(&mut self, name: Name<'a>, symbol: Symbol) -> Lowered<()> {
        let depth = self.hidden.len();
        if let Some((before, _)) = self.symbols.get(name.text).filter(|(_, level)| *level == depth) {
            return Err(
                Finding::new(name.span, format!("{} is already {}", name.text, before.describe())).help("choose another name")
            );
        }
        self.set(name.text, symbol);
        Ok(())
    }

    fn set(&mut self, name: &'a str, symbol: Symbol) {
        let before = self.symbols.insert(name, (symbol, self.hidden.len()));
        if let Some(block) = self.hidden.last_mut() {
            block.push((name, before));
        }
    }

    /// Whether the pragma of a verbatim box of Amazon Braket stands here; a circuit keeps it as a note, and with it the box is written again.
    fn is_verbatim(&self) -> bool {
        let here = self.circuit.operations().len();
        let note = self.circuit.notes().last().filter(|note| note.position == here);
        note.is_some_and(|note| note.text.trim_start_matches('#').trim() == "pragma braket verbatim")
    }

    /// Runs statements as a block with names of its own.
    fn block(&mut self, statements: &[Statement<'a>]) -> Lowered<()> {
        self.hidden.push(Vec::new());
        let result = statements.iter().try_for_each(|statement| self.statement(statement));
        self.close();
        result
    }

    /// Forgets the names of the innermost block.
    fn close(&mut self) {
        for (name, before) in self.hidden.pop().unwrap_or_default().into_iter().rev() {
            match before {
                Some(symbol) => self.symbols.insert(name, symbol),
                None => self.symbols.remove(name),
            };
        }
    }

    fn statement(&mut self, statement: &Statement<'a>) -> Lowered<()> {
        let span = statement.span;
        self.steps += 1;
        if self.steps > self.limits.operations {
            return Err(self.stop(span, "steps"));
        }
        match &statement.kind {
            StatementKind::Include(file) => self.include(*file),
            StatementKind::Qubits { name, size } => {
                self.outermost(span, "qubits")?;
                let scalar = size.is_none();
                let size = self.size(size.as_ref())?;
                let start = self.circuit.num_qubits();
                self.check_bits(start, size, name.span)?;
                self.declare(*name, Symbol::Qubits { start, size, scalar })?;
                self.circuit.add_qubits(name.text, size);
                Ok(())
            }
            StatementKind::Bits { name, size, measured } => {
                self.classical(*name, size.as_ref(), span)?;
                let target = Operand { name: *name, literal: None, index: None, span: name.span };
                measured.as_ref().map_or(Ok(()), |source| self.measure(source, Some(&target), span))
            }
            StatementKind::Gate(gate) => self.define(gate),
            StatementKind::Opaque(gate) => {
                let symbol = match Gate::from_name(gate.name.text) {
                    Some(row) if (row.num_parameters(), row.num_qubits()) == (gate.parameters.len(), gate.qubits.len()) => {
                        Symbol::Row(row)
                    }
                    Some(_) | None => Symbol::Opaque,
                };
                self.declare(gate.name, symbol)
            }
            StatementKind::Call(call) => self.call(call, span),
            StatementKind::Measure { source, target } => self.measure(source, target.as_ref(), span),
            StatementKind::Reset(operand) => {
                let qubits = self.qubits(operand)?;
                qubits.iter().try_for_each(|qubit| self.emit(Operation::Reset { qubit }, span))
            }
            StatementKind::Barrier(operands) => {
                let qubits = self.distinct(operands, span)?;
                self.emit(Operation::Barrier { qubits }, span)
            }
            StatementKind::Delay { duration, operands } => {
                let qubits = self.distinct(operands, span)?;
                match self.evaluate(duration)? {
                    Value::Duration(duration_ns) if duration_ns >= 0.0 => {
                        self.emit(Operation::Delay { duration_ns, qubits }, span)
                    }
                    _ => Err(Finding::new(duration.span, "expected a duration such as 100ns")),
                }
            }
            StatementKind::If { condition, then, otherwise } => self.branch(condition, then, otherwise, span),
            StatementKind::Declare { name, kind, value, form } => self.declaration(*name, kind, value.as_ref(), *form, span),
            StatementKind::Assign { target, operator, value } => {
                let name = target.name;
                let Some(Symbol::Value(before, Some(declared))) = self.symbol(name.text).filter(|_| target.is_whole()) else {
                    return Err(Finding::beyond(target.span, "an assignment to a bit, an element or a register"));
                };
                if !self.blocks.is_empty() {
                    return Err(Finding::beyond(span, "a value that depends on measured bits"));
                }
                let operand = self.evaluate(value)?;
                let after = match operator {
                    None => operand,
                    Some(operator) => binary(*operator, before, operand, span, value.span)?,
                };
                let after = self.held(declared, after, value.span)?;
                let level = self.symbols.get(name.text).map_or(0, |(_, level)| *level);
                self.symbols.insert(name.text, (Symbol::Value(after, Some(declared)), level));
                Ok(())
            }
            StatementKind::Alias { name, parts } => {
                let mut qubits = Vec::new();
                for part in parts {
                    qubits.extend(self.qubits(part)?.iter());
                }
                self.check_bits(0, qubits.len(), span)?;
                self.aliases.push(qubits);
                self.declare(*name, Symbol::Alias(self.aliases.len() - 1))
            }
            StatementKind::For { name, range, body, .. } => self.repeat(*name, range, body),
            StatementKind::While { .. } => Err(Finding::beyond(span, "while")),
            StatementKind::Switch { .. } => Err(Finding::beyond(span, "switch")),
            StatementKind::Break | StatementKind::Continue => Err(Finding::beyond(span, "a jump out of a loop")),
            StatementKind::End => Err(Finding::beyond(span, "end")),
            StatementKind::Return(_) => Err(Finding::beyond(span, "return")),
            // what is in it is run as it stands: gates, which stand in the same place without the box
            StatementKind::Box { duration: None, body } if self.is_verbatim() => self.block(body),
            StatementKind::Box { .. } => Err(Finding::beyond(span, "box")),
            StatementKind::Subroutine(_) | StatementKind::Extern { .. } => Err(Finding::beyond(span, "a subroutine")),
            StatementKind::Expression(_) => Err(Finding::beyond(span, "a call of a subroutine")),
            StatementKind::Calibration(_) => Err(Finding::beyond(span, "a calibration")),
            StatementKind::Note(text) => {
                self.circuit.add_note(*text);
                Ok(())
            }
        }
    }

    /// A register of classical bits.
    fn classical(&mut self, name: Name<'a>, size: Option<&Expr<'a>>, span: Span) -> Lowered<()> {
        if self.outermost(span, "bits").is_err() {
            return Err(Finding::beyond(span, "a bit of a block"));
        }
        let scalar = size.is_none();
        let size = self.size(size)?;
        let start = self.circuit.num_bits();
        self.check_bits(start, size, name.span)?;
        self.declare(name, Symbol::Bits { start, size, scalar })?;
        self.circuit.add_bits(name.text, size);
        Ok(())
    }

    /// A value, an input or an output.
    fn declaration(
        &mut self,
        name: Name<'a>,
        kind: &TypeExpr<'a>,
        value: Option<&Expr<'a>>,
        form: Form,
        span: Span,
    ) -> Lowered<()> {
        match (kind, form) {
            (TypeExpr::Bit(size), Form::Output) if value.is_none() => self.classical(name, size.as_ref(), span),
            (TypeExpr::Scalar(kind, size), Form::Plain | Form::Constant) => {
                self.value(name, (*kind, size.as_ref()), value, form == Form::Constant)
            }
            (TypeExpr::Scalar(Type::Float | Type::Angle, _), Form::Input) => {
                self.outermost(span, "inputs")?;
                let index = self.circuit.num_parameters();
                self.check_bits(index, 1, name.span)?;
                self.declare(name, Symbol::Value(Value::Real(Angle::free(index)), None))?;
                self.circuit.add_parameter(name.text);
                Ok(())
            }
            (TypeExpr::Scalar(..), Form::Input | Form::Output) => Err(Finding::beyond(span, "a classical input or output")),
            (TypeExpr::Bit(_), _) => Err(Finding::beyond(span, "a bit with a value")),
            (TypeExpr::Complex(_), _) => Err(Finding::beyond(span, "a complex number")),
            (TypeExpr::Stretch, _) => Err(Finding::beyond(span, "a stretch")),
            (TypeExpr::Array { .. }, _) => Err(Finding::beyond(span, "an array")),
            (TypeExpr::Qubit(_), _) => Err(Finding::new(span, "qubits are declared without a value")),
        }
    }

    fn outermost(&self, span: Span, what: &str) -> Lowered<()> {
        if self.hidden.is_empty() && self.blocks.is_empty() {
            return Ok(());
        }
        Err(Finding::new(span, format!("{what} can only be declared outside of blocks")))
    }

    fn check_bits(&self, now: usize, more: usize, span: Span) -> Lowered<()> {
        if more > self.limits.bits.saturating_sub(now) {
            return Err(Finding::new(span, format!("more than {} of a kind of bits", self.limits.bits)));
        }
        Ok(())
    }

    fn measure(&mut self, source: &Operand<'a>, target: Option<&Operand<'a>>, span: Span) -> Lowered<()> {
        let Some(target) = target else {
            return match self.version {
                Version::V2 => Err(Finding::new(span, "a measurement needs a bit for its result").help("write c = measure q;")),
                Version::V3 => Err(Finding::beyond(span, "a measurement without a bit")),
            };
        };
        let (qubits, bits) = (self.qubits(source)?, self.bits(target)?);
        if qubits.len() != bits.len() {
            let message = format!("{} qubits are measured into {} bits", qubits.len(), bits.len());
            return Err(Finding::new(source.span.to(target.span), message).help("both sides must have one size"));
        }
        for k in 0..qubits.len() {
            self.emit(Operation::Measure { qubit: qubits.get(k), bit: bits.get(k) }, span)?;
        }
        Ok(())
    }

    fn define(&mut self, gate: &GateDefinition<'a>) -> Lowered<()> {
        let name = gate.name;
        let before = self.symbol(name.text);
        if let Some(before) = before.filter(|symbol| !matches!(symbol, Symbol::Row(_))) {
            return Err(
                Finding::new(name.span, format!("{} is already {}", name.text, before.describe())).help("choose another name")
            );
        }
        let mut definition = definition::Definition::new(gate, self)?;
        let symbol = match definition.row(self) {
            Some(row) => Symbol::Row(row),
            None => {
                let fixed = match self.version {
                    Version::V2 => Headers::QELIB1,
                    Version::V3 => Headers::STDGATES,
                };
                if let Some(Symbol::Row(row)) = before.filter(|_| fixed.gates().any(|(known, _)| known == name.text)) {
                    return Err(
                        Finding::new(name.span, format!("the header defines {row} otherwise")).help("choose another name")
                    );
                }
                definition.look_for_turns(self);
                self.definitions.push(definition);
                Symbol::Defined(self.definitions.len() - 1)
            }
        };
        self.set(name.text, symbol);
        Ok(())
    }
}
