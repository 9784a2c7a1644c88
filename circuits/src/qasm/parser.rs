//! Tokens to statements, one statement at a time.

mod control;
mod expression;
mod statement;

use smallvec::SmallVec;

use super::Version;
use super::error::{Finding, Span};
use super::lexer::{Lexer, Token};
use super::syntax::{Expr, ExprKind, GateDefinition, Index, Name, Operand, Statement};
use super::word::is_keyword;

/// The most errors reported in one run; reading stops there.
pub(super) const MAX_FINDINGS: usize = 20;
/// The deepest nesting of parentheses, operators and blocks.
pub(super) const MAX_DEPTH: u16 = 200;

/// A parser over one source text.
pub(super) struct Parser<'a> {
    pub source: &'a str,
    pub version: Version,
    lexer: Lexer<'a>,
    token: Token,
    span: Span,
    /// Where the token before ended.
    end: usize,
    depth: u16,
    pub findings: Vec<Finding>,
}

type Parsed<T> = Result<T, Finding>;

impl<'a> Parser<'a> {
    pub fn new(source: &'a str) -> Self {
        let lexer = Lexer::new(source);
        let mut parser = Self {
            source,
            version: Version::V2,
            lexer,
            token: Token::End,
            span: Span::default(),
            end: 0,
            depth: 0,
            findings: Vec::new(),
        };
        parser.advance();
        parser
    }

    fn advance(&mut self) {
        self.end = self.span.end;
        loop {
            match self.lexer.next() {
                Ok((token, span)) => {
                    (self.token, self.span) = (token, span);
                    return;
                }
                Err(finding) => self.report(finding),
            }
            if self.gives_up() {
                // nothing behind so many errors is read
                self.token = Token::End;
                self.span = Span { start: self.source.len(), end: self.source.len() };
                return;
            }
        }
    }

    pub fn report(&mut self, finding: Finding) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        }
    }

    /// Whether so many errors were found that reading on is pointless.
    pub fn gives_up(&self) -> bool {
        self.findings.len() >= MAX_FINDINGS
    }

    fn text(&self) -> &'a str {
        &self.source[self.span.start..self.span.end]
    }

    #[inline(always)]
    fn is(&self, symbol: &str) -> bool {
        // The first byte decides nearly always.
        matches!(self.token, Token::Symbol(found)
            if found.as_bytes()[0] == symbol.as_bytes()[0] && found.len() == symbol.len() && (found.len() == 1 || found == symbol))
    }

    fn is_word(&self, word: &str) -> bool {
        self.token == Token::Identifier && self.text() == word
    }

    fn accept(&mut self, symbol: &str) -> bool {
        let found = self.is(symbol);
        if found {
            self.advance();
        }
        found
    }

    fn found(&self) -> String {
        match self.token {
            Token::End => "the end of the file".into(),
            Token::Identifier
            | Token::Integer
            | Token::Real
            | Token::Timing
            | Token::String
            | Token::HardwareQubit
            | Token::Symbol(_) => {
                let text: String = self.text().chars().take(40).collect();
                format!("\"{text}\"")
            }
        }
    }

    fn expected<T>(&self, what: &str) -> Parsed<T> {
        Err(Finding::new(self.span, format!("expected {what}, found {}", self.found())))
    }

    fn expect(&mut self, symbol: &'static str) -> Parsed<Span> {
        let span = self.span;
        if self.accept(symbol) {
            return Ok(span);
        }
        if symbol == ";" {
            let place = Span { start: self.end.saturating_sub(1), end: self.end };
            return Err(Finding::new(place, format!("expected ; after this, found {}", self.found())));
        }
        self.expected(&format!("\"{symbol}\""))
    }

    fn name(&mut self, what: &str) -> Parsed<Name<'a>> {
        if self.token != Token::Identifier {
            return self.expected(what);
        }
        let name = Name { text: self.text(), span: self.span };
        self.advance();
        Ok(name)
    }

    /// A name that is declared: no word of the language.
    fn new_name(&mut self, what: &str) -> Parsed<Name<'a>> {
        if self.token == Token::Identifier && is_keyword(self.text(), self.version) {
            let message = format!("{} is a word of the language and cannot be {what}", self.text());
            return Err(Finding::new(self.span, message).help("choose another name"));
        }
        self.name(what)
    }

    /// The version line, when there is one: major version and its place.
    pub fn version_line(&mut self) -> Option<(f64, Span)> {
        if !self.is_word("OPENQASM") {
            return None;
        }
        self.advance();
        let span = self.span;
        let version = self.text().parse::<f64>().ok().filter(|_| matches!(self.token, Token::Real | Token::Integer));
        if version.is_some() {
            self.advance();
        }
        match (version, self.expect(";")) {
            (Some(version), Ok(_)) => Some((version, span)),
            (None, _) => {
                self.report(Finding::new(span, "expected a version number such as 2.0"));
                self.recover();
                None
            }
            (Some(_), Err(finding)) => {
                self.report(finding);
                None
            }
        }
    }

    /// The next statement; errors are noted and skipped.
    pub fn next_statement(&mut self) -> Option<Statement<'a>> {
        while self.token != Token::End && !self.gives_up() {
            let start = self.span.start;
            match self.statement() {
                Ok(statement) => return Some(statement),
                Err(finding) => {
                    self.depth = 0;
                    self.report(finding);
                    self.recover();
                    if self.span.start == start && self.token != Token::End {
                        self.advance();
                    }
                }
            }
        }
        None
    }

    /// Skips behind the next `;` or closing brace.
    fn recover(&mut self) {
        let mut open = 0usize;
        loop {
            match self.token {
                Token::End => return,
                Token::Symbol("{") => open += 1,
                Token::Symbol("}") if open <= 1 => {
                    self.advance();
                    return;
                }
                Token::Symbol("}") => open -= 1,
                Token::Symbol(";") if open == 0 => {
                    self.advance();
                    return;
                }
                _ => {}
            }
            self.advance();
        }
    }

    /// Statements up to the closing brace.
    fn block(&mut self) -> Parsed<Vec<Statement<'a>>> {
        let mut body = Vec::new();
        self.enter()?;
        while !self.accept("}") {
            if self.token == Token::End {
                return self.expected("\"}\"");
            }
            body.push(self.statement()?);
        }
        self.depth -= 1;
        Ok(body)
    }

    /// `gate name(parameters) qubits`, the keyword included.
    fn gate_header(&mut self) -> Parsed<GateDefinition<'a>> {
        self.advance();
        let name = self.new_name("a name for the gate")?;
        let mut parameters = Vec::new();
        if self.accept("(") {
            while !self.accept(")") {
                parameters.push(self.new_name("a parameter")?);
                if !self.is(")") {
                    self.expect(",")?;
                }
            }
        }
        let mut qubits = vec![self.new_name("a qubit")?];
        while self.accept(",") {
            qubits.push(self.new_name("a qubit")?);
        }
        Ok(GateDefinition { name, parameters, qubits, body: Vec::new() })
    }

    fn operands(&mut self) -> Parsed<SmallVec<[Operand<'a>; 2]>> {
        let mut operands = SmallVec::new();
        operands.push(self.operand()?);
        while self.accept(",") {
            operands.push(self.operand()?);
        }
        Ok(operands)
    }

    fn operand(&mut self) -> Parsed<Operand<'a>> {
        let name = if self.token == Token::HardwareQubit && self.version == Version::V3 {
            let name = Name { text: self.text(), span: self.span };
            self.advance();
            name
        } else {
            self.name("a register or a qubit")?
        };
        self.indexed(name)
    }

    /// What may follow the name of an operand.
    fn indexed(&mut self, name: Name<'a>) -> Parsed<Operand<'a>> {
        if !self.is("[") {
            return Ok(Operand { name, literal: None, index: None, span: name.span });
        }
        if let Some((value, span, end)) = self.lexer.literal_index() {
            self.span.end = end;
            self.advance();
            let whole = Span { start: name.span.start, end };
            if self.version == Version::V3 && self.is("[") {
                let first = Index::One(Expr { kind: ExprKind::Integer(value), span, depth: 0 });
                let (index, end) = self.chain(first, whole)?;
                return Ok(Operand { name, literal: None, index: Some(Box::new(index)), span: whole.to(end) });
            }
            return Ok(Operand { name, literal: Some((value, span)), index: None, span: whole });
        }
        let (index, end) = self.indices()?;
        Ok(Operand { name, literal: None, index: Some(Box::new(index)), span: name.span.to(end) })
    }
}
