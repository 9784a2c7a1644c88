//! Statements.

use std::fmt::Write as _;

use super::{HybridWriter, Scope};
use crate::program::{Block, Expr, Node, Role, Slot, Statement, StatementKind, Values};
use crate::qasm::error::QasmError;

impl HybridWriter<'_> {
    pub(super) fn block(&mut self, block: &Block, prefix: &str) -> Result<(), QasmError> {
        block.iter().try_for_each(|statement| self.statement(statement, prefix))
    }

    /// A block on one line, as `durationof` has it.
    pub(super) fn one_line(&mut self, block: &Block) -> Result<String, QasmError> {
        let outer = std::mem::take(&mut self.inner.body);
        let result = self.block(block, "");
        let text = std::mem::replace(&mut self.inner.body, outer);
        result.map(|()| text.replace('\n', " "))
    }

    /// `word a, b`.
    pub(super) fn listed(&mut self, word: &str, list: &[Expr]) -> Result<String, QasmError> {
        if list.is_empty() {
            return Ok(word.to_owned());
        }
        Ok(format!("{word} {}", self.list(list)?))
    }

    fn line(&mut self, prefix: &str, text: &str) {
        for line in std::mem::take(&mut self.before) {
            let _ = writeln!(self.inner.body, "{prefix}{line}");
        }
        let _ = writeln!(self.inner.body, "{prefix}{text}");
    }

    /// A line that opens a block, and the block.
    fn braced(&mut self, prefix: &str, head: &str, body: &Block) -> Result<(), QasmError> {
        self.line(prefix, &format!("{head} {{"));
        self.block(body, &format!("{prefix}  "))?;
        let _ = write!(self.inner.body, "{prefix}}}");
        Ok(())
    }

    fn statement(&mut self, statement: &Statement, prefix: &str) -> Result<(), QasmError> {
        let text = match &statement.kind {
            StatementKind::Operations(list) => {
                self.inner.position = statement.place.start as usize;
                return list.iter().try_for_each(|operation| self.inner.operation(operation, prefix));
            }
            StatementKind::Gate(call) => self.gate_call(call)?,
            StatementKind::Reset(qubits) => format!("reset {}", self.expression(qubits)?),
            StatementKind::Barrier(list) => self.listed("barrier", list)?,
            StatementKind::Delay { duration, qubits } => {
                let word = format!("delay[{}]", self.expression(duration)?);
                self.listed(&word, qubits)?
            }
            StatementKind::Declare { slot, kind, value } => {
                let name = self.variable(*slot);
                if kind.is_quantum() {
                    let Some(value) = value else {
                        return self.no_form("qubits of a block", statement.place, "declare them outside");
                    };
                    let parts = match &value.node {
                        Node::Concat(list) => {
                            list.iter().map(|part| self.expression(part)).collect::<Result<Vec<_>, _>>()?.join(" ++ ")
                        }
                        _ => self.expression(value)?,
                    };
                    self.line(prefix, &format!("let {name} = {parts};"));
                    return Ok(());
                }
                let is_output = matches!((self.scope, slot), (Scope::Program | Scope::Subroutine(_), Slot::Global(index))
                    if self.program.variables[*index].role == Role::Output);
                let word = if is_output { "output " } else { "" };
                match value {
                    None => format!("{word}{kind} {name}"),
                    Some(value) => {
                        let value = match value.as_constant() {
                            Some(constant @ crate::program::Value::Array(_)) => super::expression::written_out(constant),
                            _ => self.expression(value)?,
                        };
                        format!("{word}{kind} {name} = {value}")
                    }
                }
            }
            StatementKind::Assign { target, value } => {
                let mut text = self.variable(target.slot);
                for selectors in &target.brackets {
                    let list = selectors.iter().map(|selector| self.selector(selector)).collect::<Result<Vec<_>, _>>()?;
                    let _ = write!(text, "[{}]", list.join(", "));
                }
                format!("{text} = {}", self.expression(value)?)
            }
            StatementKind::Expression(expr) => self.expression(expr)?,
            StatementKind::Break => "break".to_owned(),
            StatementKind::Continue => "continue".to_owned(),
            StatementKind::End => "end".to_owned(),
            StatementKind::Return(None) => "return".to_owned(),
            StatementKind::Return(Some(value)) => format!("return {}", self.expression(value)?),
            StatementKind::Text(text) => {
                self.line(prefix, text);
                return Ok(());
            }
            StatementKind::If { .. }
            | StatementKind::While { .. }
            | StatementKind::For { .. }
            | StatementKind::Switch { .. }
            | StatementKind::Box { .. } => return self.compound(statement, prefix),
        };
        self.line(prefix, &format!("{text};"));
        Ok(())
    }

    /// A statement with blocks.
    fn compound(&mut self, statement: &Statement, prefix: &str) -> Result<(), QasmError> {
        match &statement.kind {
            StatementKind::If { condition, then, otherwise } => {
                let condition = self.expression(condition)?;
                self.braced(prefix, &format!("if ({condition})"), then)?;
                if !otherwise.is_empty() {
                    self.inner.body += " else {\n";
                    self.block(otherwise, &format!("{prefix}  "))?;
                    let _ = write!(self.inner.body, "{prefix}}}");
                }
            }
            StatementKind::While { condition, body } => {
                let condition = self.expression(condition)?;
                self.braced(prefix, &format!("while ({condition})"), body)?;
            }
            StatementKind::For { slot, kind, values, body } => {
                let values = match values {
                    Values::Range(range) => {
                        let (first, step, last) = &**range;
                        let step = step.as_ref().map(|step| self.expression(step)).transpose()?;
                        let step = step.map_or(String::new(), |step| format!("{step}:"));
                        format!("[{}:{step}{}]", self.expression(first)?, self.expression(last)?)
                    }
                    Values::Set(list) => format!("{{{}}}", self.list(list)?),
                    Values::Each(expr) => match expr.as_constant() {
                        Some(constant) => self.named_constant(constant),
                        None => self.expression(expr)?,
                    },
                };
                let name = self.variable(*slot);
                self.braced(prefix, &format!("for {kind} {name} in {values}"), body)?;
            }
            StatementKind::Switch { value, cases, default } => {
                let value = self.expression(value)?;
                self.line(prefix, &format!("switch ({value}) {{"));
                let inner = format!("{prefix}  ");
                for (labels, body) in cases {
                    let labels: Vec<String> = labels.iter().map(ToString::to_string).collect();
                    self.braced(&inner, &format!("case {}", labels.join(", ")), body)?;
                    self.inner.body.push('\n');
                }
                if !default.is_empty() {
                    self.braced(&inner, "default", default)?;
                    self.inner.body.push('\n');
                }
                let _ = write!(self.inner.body, "{prefix}}}");
            }
            StatementKind::Box { duration, body } => {
                let duration = duration.as_ref().map(|duration| self.expression(duration)).transpose()?;
                let head = duration.map_or("box".to_owned(), |duration| format!("box[{duration}]"));
                self.braced(prefix, &head, body)?;
            }
            _ => unreachable!("the caller hands over statements with blocks"),
        }
        self.inner.body.push('\n');
        Ok(())
    }
}
