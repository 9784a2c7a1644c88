//! Headers and other files that a program includes, and names that none of them defines.

use super::{Builder, Built, Symbol};
use crate::gate::{Gate, Headers};
use crate::program::{Block, Callee};
use crate::qasm::MAX_INCLUDES;
use crate::qasm::error::{Finding, nearest};
use crate::qasm::expression::did_you_mean;
use crate::qasm::syntax::Name;

impl<'a> Builder<'a> {
    pub(super) fn include(&mut self, file: Name<'a>, out: &mut Block) -> Built<()> {
        self.included = true;
        let header = match file.text {
            "qelib1.inc" => Headers::QELIB1.or(Headers::QELIB1_EXTENDED),
            "stdgates.inc" => Headers::STDGATES,
            _ => return self.include_file(file, out),
        };
        for (name, gate) in header.gates() {
            self.scopes[0].entry(name).or_insert(Symbol::Gate(Callee::Row(gate)));
        }
        Ok(())
    }

    fn include_file(&mut self, file: Name<'a>, out: &mut Block) -> Built<()> {
        let Some((name, text)) = self.files.get_key_value(file.text) else {
            return Err(Finding::new(file.span, format!("the file {:?} is not known", file.text))
                .help("stdgates.inc is; other files must be allowed, or pasted into the program"));
        };
        if self.includes >= MAX_INCLUDES {
            return Err(Finding::new(file.span, format!("files include files more than {MAX_INCLUDES} levels deep")));
        }
        self.includes += 1;
        let outer = self.source;
        self.program.sources.push((Some(name.clone()), text.clone()));
        self.texts.push(text);
        self.source = self.texts.len() as u32 - 1;
        self.read(text, Some(name), out);
        self.source = outer;
        self.includes -= 1;
        Ok(())
    }

    /// A name without a meaning.
    pub(super) fn unknown(&self, name: &str, span: crate::qasm::error::Span, what: &str) -> Finding {
        if let Some(within) = &self.within {
            if self.scopes[..within.scope].iter().any(|scope| scope.contains_key(name)) {
                let message = format!("{name} is not seen within {}", within.name);
                return Finding::new(span, message).help("hand it over as a parameter, or declare it const");
            }
            if within.name == name {
                let message = format!("{name} calls itself; there is no recursion in the language");
                return Finding::new(span, message).help("write it with a loop");
            }
        }
        let finding = Finding::new(span, format!("there is no {what} {name}"));
        let mut names: Vec<&str> = self.scopes.iter().flat_map(|scope| scope.keys().copied()).collect();
        names.sort_unstable();
        let is_standard = Gate::from_name(name).is_some_and(|row| row.spec().headers.intersects(Headers::STDGATES));
        match nearest(name, names.into_iter()) {
            _ if is_standard && self.symbol("h").is_none() => finding.help("add the line include \"stdgates.inc\";"),
            Some(near) => finding.help(did_you_mean(near)),
            None => finding,
        }
    }
}
