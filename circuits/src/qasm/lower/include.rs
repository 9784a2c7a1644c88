//! Headers and other files that a program includes, and names that none of them defines.

use super::{Finding, Lowered, Lowering, Symbol, Version};
use crate::gate::{Gate, Headers};
use crate::qasm::error::nearest;
use crate::qasm::expression::did_you_mean;
use crate::qasm::syntax::Name;
use crate::qasm::{Dialect, MAX_INCLUDES};

/// Gates of `hqslib1.inc` that are no rows of the table: `ZZ` is `exp(-i pi/4 ZZ)`, `Rxxyyzz` three Ising rotations.
const HQSLIB1: &str = "gate ZZ a, b { rzz(pi/2) a, b; }
gate Rxxyyzz(alpha, beta, gamma) a, b { rxx(alpha) a, b; ryy(beta) a, b; rzz(gamma) a, b; }
gate R2xxyyzz(alpha, beta, gamma) a, b { Rxxyyzz(alpha, beta, gamma) a, b; }
";

impl<'a> Lowering<'a> {
    pub(super) fn include(&mut self, file: Name<'a>) -> Lowered<()> {
        self.included = true;
        let header = match (file.text, self.version) {
            ("qelib1.inc", _) => Headers::QELIB1.or(Headers::QELIB1_EXTENDED),
            ("stdgates.inc", Version::V3) => Headers::STDGATES,
            ("hqslib1.inc", Version::V2) => {
                let own = Gate::all().filter_map(|gate| Some((gate.name_in(Dialect::Quantinuum)?, gate)));
                for (name, gate) in own.chain([("Rz", Gate::Rz), ("ryy", Gate::Ryy)]) {
                    self.symbols.entry(name).or_insert((Symbol::Row(gate), 0));
                }
                self.header_names(Headers::QELIB1.or(Headers::QELIB1_EXTENDED));
                self.program(HQSLIB1, Some("hqslib1.inc"));
                return Ok(());
            }
            _ => return self.include_file(file),
        };
        self.header_names(header);
        Ok(())
    }

    fn header_names(&mut self, header: Headers) {
        for (name, gate) in header.gates() {
            self.symbols.entry(name).or_insert((Symbol::Row(gate), 0));
        }
    }

    pub(super) fn include_file(&mut self, file: Name<'a>) -> Lowered<()> {
        let Some((name, text)) = self.files.get_key_value(file.text) else {
            let known = if self.version == Version::V2 { "qelib1.inc" } else { "stdgates.inc" };
            return Err(Finding::new(file.span, format!("the file {:?} is not known", file.text))
                .help(format!("{known} is; other files must be allowed, or pasted into the program")));
        };
        if self.includes >= MAX_INCLUDES {
            return Err(Finding::new(file.span, format!("files include files more than {MAX_INCLUDES} levels deep")));
        }
        self.includes += 1;
        self.program(text, Some(name));
        self.includes -= 1;
        Ok(())
    }

    pub(super) fn unknown(&self, name: Name<'a>, what: &str) -> Finding {
        let finding = Finding::new(name.span, format!("there is no {what} {}", name.text));
        let mut names: Vec<&str> =
            self.symbols.iter().filter(|(_, (symbol, _))| symbol.is_gate() == (what == "gate")).map(|(name, _)| *name).collect();
        names.sort_unstable();
        let header = Gate::from_name(name.text).filter(|_| what == "gate").map(|row| row.spec().headers);
        let (own, line) = match self.version {
            Version::V2 => (Headers::QELIB1_EXTENDED, "add the line include \"qelib1.inc\";"),
            Version::V3 => (Headers::STDGATES, "add the line include \"stdgates.inc\";"),
        };
        match (header, nearest(name.text, names.into_iter())) {
            (Some(headers), _) if headers.intersects(own) && self.symbol("h").is_none() => finding.help(line),
            (_, Some(near)) => finding.help(did_you_mean(near)),
            (Some(_), None) => finding.help("the header does not define it; add a gate definition"),
            (None, None) => finding,
        }
    }
}
