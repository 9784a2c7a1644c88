//! Statements to operations.

mod definition;

use std::collections::HashMap;

use smallvec::SmallVec;

use super::error::{Finding, QasmErrors, Span, nearest};
use super::expression::{angle, did_you_mean};
use super::parser::Parser;
use super::syntax::{Binary, Call, Expr, ExprKind, GateDefinition, Name, Operand, Statement, StatementKind};
use super::{Limits, Version};
use crate::angle::Angle;
use crate::circuit::Circuit;
use crate::gate::{Gate, Headers};
use crate::operation::{Angles, Condition, Conditional, Operation};

pub(super) fn lower(text: &str, limits: Limits) -> Result<Circuit, QasmErrors> {
    let mut parser = Parser::new(text);
    let mut lowering = Lowering::new(limits);
    match parser.version() {
        Some((2.0, _)) | None => {}
        Some((version, span)) => parser.report(
            Finding::new(span, format!("OpenQASM {version:?} is not read")).help("version 2.0 is; convert the program to it"),
        ),
    }
    while !parser.gives_up() && parser.findings.is_empty() | lowering.reads_on {
        let Some(statement) = parser.next_statement() else { break };
        if let Err(finding) = lowering.statement(statement) {
            parser.report(finding);
        }
    }
    if parser.findings.is_empty() {
        return Ok(lowering.circuit);
    }
    parser.findings.sort_by_key(|finding| finding.span.start);
    Err(QasmErrors { errors: parser.findings.into_iter().map(|finding| finding.locate(None, text)).collect() })
}

type Lowered<T> = Result<T, Finding>;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Symbol {
    Qubits { start: usize, size: usize },
    Bits { start: usize, size: usize },
    Row(Gate),
    Defined(usize),
    Opaque,
}

impl Symbol {
    fn describe(self) -> &'static str {
        match self {
            Symbol::Qubits { .. } => "a quantum register",
            Symbol::Bits { .. } => "a classical register",
            Symbol::Row(_) | Symbol::Defined(_) => "a gate",
            Symbol::Opaque => "an opaque gate",
        }
    }
}

struct Lowering<'a> {
    version: Version,
    limits: Limits,
    circuit: Circuit,
    symbols: HashMap<&'a str, Symbol>,
    definitions: Vec<definition::Definition<'a>>,
    /// Blocks of conditions that are open, the innermost last.
    blocks: Vec<Vec<Operation>>,
    operations: usize,
    /// Whether later statements can still be checked.
    reads_on: bool,
}

impl<'a> Lowering<'a> {
    fn new(limits: Limits) -> Self {
        let symbols = HashMap::from([("U", Symbol::Row(Gate::U)), ("CX", Symbol::Row(Gate::Cx))]);
        Self {
            version: Version::V2,
            limits,
            circuit: Circuit::default(),
            symbols,
            definitions: Vec::new(),
            blocks: Vec::new(),
            operations: 0,
            reads_on: true,
        }
    }

    fn emit(&mut self, operation: Operation, span: Span) -> Lowered<()> {
        self.operations += 1;
        if self.operations > self.limits.operations {
            self.reads_on = false;
            let message = format!("the program has more than {} operations", self.limits.operations);
            return Err(Finding::new(span, message).help("raise the limit if this is meant"));
        }
        match self.blocks.last_mut() {
            Some(block) => block.push(operation),
            None => {
                self.circuit.push(operation).map_err(|error| Finding::new(span, error.to_string()))?;
            }
        }
        Ok(())
    }

    fn declare(&mut self, name: Name<'a>, symbol: Symbol) -> Lowered<()> {
        if let Some(before) = self.symbols.get(name.text) {
            return Err(
                Finding::new(name.span, format!("{} is already {}", name.text, before.describe())).help("choose another name")
            );
        }
        self.symbols.insert(name.text, symbol);
        Ok(())
    }

    fn statement(&mut self, statement: Statement<'a>) -> Lowered<()> {
        let span = statement.span;
        match statement.kind {
            StatementKind::Include(file) => self.include(file),
            StatementKind::Qubits { name, size } => {
                let size = self.size(size.as_ref(), name.span)?;
                self.check_bits(self.circuit.num_qubits(), size, name.span)?;
                self.declare(name, Symbol::Qubits { start: self.circuit.num_qubits(), size })?;
                self.circuit.add_qubits(name.text, size);
                Ok(())
            }
            StatementKind::Bits { name, size } => {
                let size = self.size(size.as_ref(), name.span)?;
                self.check_bits(self.circuit.num_bits(), size, name.span)?;
                self.declare(name, Symbol::Bits { start: self.circuit.num_bits(), size })?;
                self.circuit.add_bits(name.text, size);
                Ok(())
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
            StatementKind::Call(call) => self.call(&call, span),
            StatementKind::Measure { source, target } => self.measure(&source, target.as_ref(), span),
            StatementKind::Reset(operand) => {
                let (start, size) = self.qubits(&operand)?;
                (start..start + size).try_for_each(|qubit| self.emit(Operation::Reset { qubit }, span))
            }
            StatementKind::Barrier(operands) => {
                let mut qubits = Vec::new();
                for operand in &operands {
                    let (start, size) = self.qubits(operand)?;
                    qubits.extend(start..start + size);
                }
                let before = qubits.len();
                qubits.sort_unstable();
                qubits.dedup();
                if qubits.len() < before {
                    return Err(Finding::new(span, "a qubit is named twice in this barrier"));
                }
                self.emit(Operation::Barrier { qubits }, span)
            }
            StatementKind::If { condition, then, otherwise } => self.branch(&condition, then, otherwise, span),
        }
    }

    fn include(&mut self, file: Name<'a>) -> Lowered<()> {
        let header = match file.text {
            "qelib1.inc" => Headers::QELIB1.or(Headers::QELIB1_EXTENDED),
            other => {
                return Err(Finding::new(file.span, format!("the file {other:?} is not known"))
                    .help("qelib1.inc is; paste other definitions into the program"));
            }
        };
        for gate in Gate::all().filter(|gate| gate.spec().headers.intersects(header)) {
            self.symbols.entry(gate.name()).or_insert(Symbol::Row(gate));
        }
        Ok(())
    }

    fn size(&self, size: Option<&Expr<'a>>, name: Span) -> Lowered<usize> {
        match size {
            None => Ok(1),
            Some(Expr { kind: ExprKind::Integer(0), span, .. }) => {
                Err(Finding::new(*span, "a register has at least one element"))
            }
            Some(Expr { kind: ExprKind::Integer(size), .. }) => Ok(usize::try_from(*size).unwrap_or(usize::MAX)),
            Some(other) => Err(Finding::new(name.to(other.span), "the size of a register is a whole number")),
        }
    }

    fn check_bits(&self, now: usize, more: usize, span: Span) -> Lowered<()> {
        if more > self.limits.bits.saturating_sub(now) {
            return Err(Finding::new(span, format!("more than {} of a kind of bits", self.limits.bits)));
        }
        Ok(())
    }

    fn unknown(&self, name: Name<'a>, what: &str) -> Finding {
        let finding = Finding::new(name.span, format!("there is no {what} {}", name.text));
        let names = self.symbols.iter().filter(|(_, symbol)| match symbol {
            Symbol::Qubits { .. } | Symbol::Bits { .. } => what != "gate",
            Symbol::Row(_) | Symbol::Defined(_) | Symbol::Opaque => what == "gate",
        });
        let mut names: Vec<&str> = names.map(|(name, _)| *name).collect();
        names.sort_unstable();
        let header = Gate::from_name(name.text).filter(|row| what == "gate" && row.name() == name.text);
        match (header, nearest(name.text, names.into_iter())) {
            (Some(row), _) if row.spec().headers.contains(Headers::QELIB1_EXTENDED) => {
                finding.help("add the line include \"qelib1.inc\";")
            }
            (Some(_), _) => finding.help("qelib1.inc does not define it; add a gate definition"),
            (None, Some(near)) => finding.help(did_you_mean(near)),
            (None, None) => finding,
        }
    }

    /// The first index and the number of the qubits that an operand names.
    fn qubits(&self, operand: &Operand<'a>) -> Lowered<(usize, usize)> {
        match self.symbols.get(operand.name.text) {
            Some(&Symbol::Qubits { start, size }) => select(operand, start, size),
            Some(other) => Err(Finding::new(
                operand.name.span,
                format!("{} is {}, not a quantum register", operand.name.text, other.describe()),
            )),
            None => Err(self.unknown(operand.name, "register")),
        }
    }

    fn bits(&self, operand: &Operand<'a>) -> Lowered<(usize, usize)> {
        match self.symbols.get(operand.name.text) {
            Some(&Symbol::Bits { start, size }) => select(operand, start, size),
            Some(other) => Err(Finding::new(
                operand.name.span,
                format!("{} is {}, not a classical register", operand.name.text, other.describe()),
            )),
            None => Err(self.unknown(operand.name, "register")),
        }
    }

    fn measure(&mut self, source: &Operand<'a>, target: Option<&Operand<'a>>, span: Span) -> Lowered<()> {
        let Some(target) = target else {
            return Err(Finding::new(span, "a measurement needs a bit for its result"));
        };
        let (qubit, size) = self.qubits(source)?;
        let (bit, bits) = self.bits(target)?;
        if size != bits {
            return Err(Finding::new(source.span.to(target.span), format!("{size} qubits are measured into {bits} bits"))
                .help("both sides must have one size"));
        }
        (0..size).try_for_each(|k| self.emit(Operation::Measure { qubit: qubit + k, bit: bit + k }, span))
    }

    fn call(&mut self, call: &Call<'a>, span: Span) -> Lowered<()> {
        let Some(&symbol) = self.symbols.get(call.name.text) else {
            return Err(self.unknown(call.name, "gate"));
        };
        let mut angles = Angles::new();
        for argument in &call.arguments {
            angles.push(angle(argument, &|_| None)?);
        }
        self.check_call(symbol, call)?;
        let mut runs: SmallVec<[(usize, usize, bool); 4]> = SmallVec::new();
        let mut count: Option<usize> = None;
        for operand in &call.operands {
            let (start, size) = self.qubits(operand)?;
            let whole = operand.index.is_none();
            runs.push((start, size, whole));
            if whole {
                if let Some(other) = count.filter(|other| *other != size) {
                    return Err(Finding::new(operand.span, format!("registers of {other} and {size} qubits in one call"))
                        .help("registers in one call must have one size"));
                }
                count = Some(size);
            }
        }
        for k in 0..count.unwrap_or(1) {
            let qubits: SmallVec<[usize; 3]> = runs.iter().map(|(start, _, whole)| start + if *whole { k } else { 0 }).collect();
            for (position, qubit) in qubits.iter().enumerate() {
                if qubits[..position].contains(qubit) {
                    let finding = Finding::new(call.operands[position].span, "this qubit is named twice in one call");
                    return Err(finding.help("the qubits of a gate must differ"));
                }
            }
            self.apply(symbol, &angles, &qubits, span)?;
        }
        Ok(())
    }

    /// Refuses wrong numbers of angles and qubits.
    fn check_call(&self, symbol: Symbol, call: &Call<'a>) -> Lowered<()> {
        let name = call.name.text;
        let (parameters, qubits) = match symbol {
            Symbol::Row(gate) => (gate.num_parameters(), gate.num_qubits()),
            Symbol::Defined(index) => (self.definitions[index].parameters, self.definitions[index].qubits),
            Symbol::Opaque => {
                return Err(Finding::new(call.name.span, format!("{name} is opaque: what it does is not known"))
                    .help("give a definition with gate"));
            }
            Symbol::Qubits { .. } | Symbol::Bits { .. } => {
                return Err(Finding::new(call.name.span, format!("{name} is {}, not a gate", symbol.describe())));
            }
        };
        if call.arguments.len() != parameters {
            let given = call.arguments.len();
            return Err(Finding::new(call.name.span, format!("{name} takes {parameters} angles, not {given}")));
        }
        if call.operands.len() != qubits {
            let given = call.operands.len();
            let place = call.operands[0].span.to(call.operands[given - 1].span);
            return Err(Finding::new(place, format!("{name} acts on {qubits} qubits, not on {given}")));
        }
        Ok(())
    }

    fn apply(&mut self, symbol: Symbol, angles: &[Angle], qubits: &[usize], span: Span) -> Lowered<()> {
        match symbol {
            Symbol::Row(gate) => self.emit(Operation::Gate { gate, angles: angles.into(), qubits: qubits.into() }, span),
            Symbol::Defined(index) => self.expand(index, angles, qubits, span),
            Symbol::Opaque | Symbol::Qubits { .. } | Symbol::Bits { .. } => {
                Err(Finding::new(span, format!("{} cannot be applied", symbol.describe())))
            }
        }
    }

    fn branch(
        &mut self,
        condition: &Expr<'a>,
        then: Vec<Statement<'a>>,
        otherwise: Vec<Statement<'a>>,
        span: Span,
    ) -> Lowered<()> {
        let condition = self.condition(condition)?;
        self.blocks.push(Vec::new());
        let result = then.into_iter().try_for_each(|statement| self.statement(statement));
        let then = self.blocks.pop().expect("pushed above");
        result?;
        self.blocks.push(Vec::new());
        let result = otherwise.into_iter().try_for_each(|statement| self.statement(statement));
        let otherwise = self.blocks.pop().expect("pushed above");
        result?;
        self.emit(Operation::Conditional(Box::new(Conditional { condition, then, otherwise })), span)
    }

    /// `register == number`.
    fn condition(&self, expr: &Expr<'a>) -> Lowered<Condition> {
        let ExprKind::Binary(Binary::Equal, sides) = &expr.kind else {
            return Err(Finding::new(expr.span, "expected a comparison such as c == 1"));
        };
        let (ExprKind::Name(name), ExprKind::Integer(value)) = (&sides.0.kind, &sides.1.kind) else {
            return Err(Finding::new(expr.span, "expected a comparison of a register with a whole number"));
        };
        let operand = Operand { name: Name { text: name, span: sides.0.span }, index: None, span: sides.0.span };
        let (start, size) = self.bits(&operand)?;
        if size > 64 {
            return Err(Finding::new(sides.0.span, format!("a condition on {size} bits; at most 64 can be compared")));
        }
        Ok(Condition { bits: (start..start + size).collect(), value: *value })
    }

    fn define(&mut self, gate: GateDefinition<'a>) -> Lowered<()> {
        let name = gate.name;
        if let Some(before) = self.symbols.get(name.text).filter(|symbol| !matches!(symbol, Symbol::Row(_))) {
            return Err(
                Finding::new(name.span, format!("{} is already {}", name.text, before.describe())).help("choose another name")
            );
        }
        let definition = definition::Definition::new(gate, self)?;
        let row = definition.row(self);
        let symbol = match row {
            Some(row) => Symbol::Row(row),
            None => {
                self.definitions.push(definition);
                Symbol::Defined(self.definitions.len() - 1)
            }
        };
        self.symbols.insert(name.text, symbol);
        Ok(())
    }
}

/// The elements of a register that an operand names.
fn select(operand: &Operand<'_>, start: usize, size: usize) -> Lowered<(usize, usize)> {
    let Some(index) = operand.index.as_deref() else { return Ok((start, size)) };
    let ExprKind::Integer(value) = index.kind else {
        return Err(Finding::new(index.span, "an index is a whole number"));
    };
    match usize::try_from(value) {
        Ok(value) if value < size => Ok((start + value, 1)),
        _ => Err(Finding::new(index.span, format!("{value} is outside {}, which has {size} elements", operand.name.text))
            .help(format!("use 0 to {}", size - 1))),
    }
}
