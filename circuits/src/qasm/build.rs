//! Statements to programs with types: names resolved, kinds checked, constants worked out.

mod control;
mod convert;
mod declare;
mod definition;
mod expression;
mod gate;
mod include;
mod operand;
mod statement;

use std::collections::HashMap;

use super::Limits;
use super::MAX_ERRORS;
use super::Version;
use super::error::{Diagnostic, Finding, QasmErrors, Span};
use super::parser::Parser;
use super::syntax::Name;
use crate::gate::Gate;
use crate::program::{Callee, Code, Expr, Fault, HybridProgram, Place, Role, Slot, Type, Value, Variable, compile};

type Built<T> = Result<T, Finding>;

/// What a name stands for.
#[derive(Clone, Debug)]
enum Symbol {
    Constant(Value),
    Variable {
        slot: Slot,
        kind: Type,
        readonly: bool,
    },
    /// Another name for a part of a register.
    Alias(Expr),
    Gate(Callee),
    Opaque,
    Subroutine(usize),
    Extern(usize),
}

impl Symbol {
    fn describe(&self) -> String {
        match self {
            Symbol::Constant(Value::Qubits(..)) => "a quantum register".into(),
            Symbol::Constant(value) => format!("a constant of type {}", value.kind()),
            Symbol::Variable { kind, .. } => format!("a variable of type {kind}"),
            Symbol::Alias(_) => "an alias".into(),
            Symbol::Gate(_) => "a gate".into(),
            Symbol::Opaque => "an opaque gate".into(),
            Symbol::Subroutine(_) => "a subroutine".into(),
            Symbol::Extern(_) => "an extern function".into(),
        }
    }

    /// Whether it is seen within subroutines and gates.
    fn is_fixed(&self) -> bool {
        match self {
            Symbol::Constant(Value::Qubits(..)) | Symbol::Variable { .. } | Symbol::Alias(_) => false,
            Symbol::Constant(_) | Symbol::Gate(_) | Symbol::Opaque | Symbol::Subroutine(_) | Symbol::Extern(_) => true,
        }
    }
}

/// The subroutine that is read.
struct Within<'a> {
    name: &'a str,
    variables: Vec<Variable>,
    returns: Option<Type>,
    /// The first of its scopes.
    scope: usize,
}

struct Builder<'a> {
    limits: Limits,
    files: &'a HashMap<String, String>,
    program: HybridProgram,
    texts: Vec<&'a str>,
    /// The text that is read, by its number.
    source: u32,
    /// Names, the innermost block last.
    scopes: Vec<HashMap<&'a str, Symbol>>,
    within: Option<Within<'a>>,
    /// Loops that are open in the subroutine.
    loops: usize,
    includes: usize,
    included: bool,
    /// First index and number of the physical qubits `$n`.
    physical: Option<(usize, usize)>,
    operations: usize,
    steps: usize,
    elements: usize,
    errors: Vec<Diagnostic>,
    stopped: bool,
}

/// Reads a program of version 3.
pub(super) fn build(text: &str, files: &HashMap<String, String>, limits: Limits) -> Result<HybridProgram, QasmErrors> {
    let mut builder = Builder::new(text, files, limits);
    let mut body = Vec::new();
    builder.read(text, None, &mut body);
    if builder.errors.is_empty() {
        let mut program = builder.program;
        program.code = compile(&body, &mut program.variables, &mut program.subroutines);
        program.body = body;
        return Ok(program);
    }
    builder.errors.sort_by_key(|error| (error.file.clone(), error.line, error.column));
    builder.errors.truncate(MAX_ERRORS);
    Err(QasmErrors { errors: builder.errors })
}

impl<'a> Builder<'a> {
    fn new(text: &'a str, files: &'a HashMap<String, String>, limits: Limits) -> Self {
        let program = HybridProgram {
            sources: vec![(None, text.to_owned())],
            qubits: Vec::new(),
            variables: Vec::new(),
            gates: Vec::new(),
            subroutines: Vec::new(),
            externs: Vec::new(),
            timed: Vec::new(),
            stretches: Vec::new(),
            body: Vec::new(),
            code: Code::default(),
            warnings: Vec::new(),
        };
        Self {
            limits,
            files,
            program,
            texts: vec![text],
            source: 0,
            scopes: vec![HashMap::from([("U", Symbol::Gate(Callee::Row(Gate::U)))])],
            within: None,
            loops: 0,
            includes: 0,
            included: false,
            physical: None,
            operations: 0,
            steps: 0,
            elements: 0,
            errors: Vec::new(),
            stopped: false,
        }
    }

    /// Reads one text to its end.
    fn read(&mut self, text: &'a str, file: Option<&'a str>, body: &mut crate::program::Block) {
        let mut parser = Parser::new(text);
        parser.version = Version::V3;
        if let (Some((_, span)), true) = (parser.version_line(), file.is_some()) {
            parser.report(Finding::new(span, "the version belongs into the first file only"));
        }
        while !self.stopped && !parser.gives_up() {
            let Some(statement) = parser.next_statement() else { break };
            if let Err(finding) = self.statement(&statement, body) {
                self.scopes.truncate(1);
                self.within = None;
                self.loops = 0;
                parser.report(finding);
            }
        }
        self.errors.extend(parser.findings.into_iter().map(|finding| finding.locate(file, text)));
    }

    fn place(&self, span: Span) -> Place {
        Place { source: self.source, start: span.start as u32, end: span.end as u32 }
    }

    fn warn(&mut self, span: Span, message: impl Into<String>) {
        let file = self.program.sources[self.source as usize].0.clone();
        let text = self.texts[self.source as usize];
        let warning = Finding::new(span, message).locate(file.as_deref(), text);
        if self.program.warnings.len() < MAX_ERRORS && !self.program.warnings.contains(&warning) {
            self.program.warnings.push(warning);
        }
    }

    /// Counts work, so that a hostile program is given up.
    fn count(&mut self, span: Span) -> Built<()> {
        self.steps += 1;
        if self.steps > self.limits.operations {
            return Err(self.stop(span, "steps"));
        }
        Ok(())
    }

    fn stop(&mut self, span: Span, what: &str) -> Finding {
        self.stopped = true;
        let message = format!("the program has more than {} {what}, the limit", self.limits.operations);
        Finding::new(span, message).help("raise the limit if this is meant")
    }

    fn symbol(&self, name: &str) -> Option<&Symbol> {
        let base = self.within.as_ref().map_or(0, |within| within.scope);
        let inner = self.scopes[base..].iter().rev().find_map(|scope| scope.get(name));
        let outer = || self.scopes[..base].iter().rev().find_map(|scope| scope.get(name)).filter(|symbol| symbol.is_fixed());
        inner.or_else(outer)
    }

    /// Gives a name of the innermost block a meaning.
    fn declare(&mut self, name: Name<'a>, symbol: Symbol) -> Built<()> {
        let scope = self.scopes.last_mut().expect("one scope is always open");
        if let Some(before) = scope.get(name.text) {
            let is_constant = |symbol: &Symbol| matches!(symbol, Symbol::Constant(value) if !value.kind().is_quantum());
            if !(is_constant(before) && is_constant(&symbol)) {
                let message = format!("{} is already {}", name.text, before.describe());
                return Err(Finding::new(name.span, message).help("choose another name"));
            }
            scope.insert(name.text, symbol);
            self.warn(name.span, format!("{} is declared a second time in one block, which the language forbids", name.text));
            return Ok(());
        }
        scope.insert(name.text, symbol);
        Ok(())
    }

    /// A new variable of the subroutine that is read, or of the program.
    fn variable(&mut self, name: &str, kind: &Type, role: Role) -> Slot {
        let outermost = self.scopes.len() == 1;
        let role = if outermost || role != Role::Plain { role } else { Role::Inner };
        let variable = Variable { name: name.to_owned(), kind: kind.clone(), role };
        match &mut self.within {
            Some(within) => {
                within.variables.push(variable);
                Slot::Local(within.variables.len() - 1)
            }
            None => {
                self.program.variables.push(variable);
                Slot::Global(self.program.variables.len() - 1)
            }
        }
    }

    /// What is done within a block of its own.
    fn scoped<T>(&mut self, inner: impl FnOnce(&mut Self) -> Built<T>) -> Built<T> {
        self.scopes.push(HashMap::new());
        let result = inner(self);
        self.scopes.pop();
        result
    }
}

/// A fault found while reading, which is in the text that is read.
fn finding(fault: &Fault) -> Finding {
    let span = Span { start: fault.place.start as usize, end: fault.place.end as usize };
    Finding::new(span, fault.trouble.message())
}
