//! Programs with classical values and control flow to text of version 3.

mod expression;
mod statement;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Writer, identifier};
use crate::circuit::Circuit;
use crate::gate::Dialect;
use crate::program::{Callee, GateCall, GateStep, HybridProgram, Modifier, ParameterType, Place, Role, Slot, Type, Value};
use crate::qasm::error::QasmError;
use crate::qasm::{Version, word};

pub(in crate::qasm) fn write(program: &HybridProgram) -> Result<String, QasmError> {
    let mut writer = HybridWriter::new(program);
    writer.block(&program.body, "")?;
    let body = std::mem::take(&mut writer.inner.body);
    writer.subroutines()?;
    let subroutines = std::mem::take(&mut writer.inner.body);
    let gates = writer.gates()?;
    Ok(writer.finish(&gates, &subroutines, &body))
}

/// Whose variables are written.
#[derive(Clone, Copy)]
enum Scope {
    Program,
    Subroutine(usize),
    Gate(usize),
}

struct HybridWriter<'p> {
    program: &'p HybridProgram,
    /// Writes operations, and the definitions that they need.
    inner: Writer,
    taken: BTreeSet<String>,
    globals: Vec<String>,
    locals: Vec<Vec<String>>,
    gates: Vec<String>,
    functions: Vec<String>,
    stretches: Vec<String>,
    scope: Scope,
    /// Constants that need a name, and their names.
    constants: Vec<(Value, String)>,
    /// Lines that stand before the statement that is written.
    before: Vec<String>,
    /// Aliases of qubits.
    aliases: Vec<(Vec<usize>, String)>,
}

impl<'p> HybridWriter<'p> {
    fn new(program: &'p HybridProgram) -> Self {
        let mut circuit = Circuit::default();
        for register in &program.qubits {
            circuit.add_qubits(register.name.clone(), register.size);
        }
        let inner = Writer::new(&circuit, Version::V3, Dialect::Plain);
        let mut taken: BTreeSet<String> = crate::gate::Gate::all().map(|gate| gate.name().to_string()).collect();
        taken.extend(word::RESERVED.iter().map(|word| word.to_string()));
        taken.extend(inner.qubit_registers.iter().map(|(name, _)| name.clone()));
        let mut name = |wished: &str| -> String {
            let free = !wished.is_empty() && !word::is_keyword(wished, Version::V3) && !taken.contains(wished);
            if free {
                taken.insert(wished.to_owned());
                return wished.to_owned();
            }
            identifier(if wished.is_empty() { "value" } else { wished }, &mut taken)
        };
        // what is seen outside keeps its name first of all
        let functions = program.externs.iter().map(|external| name(&external.name)).collect();
        let mut globals = vec![String::new(); program.variables.len()];
        for outer in [true, false] {
            for (own, variable) in globals.iter_mut().zip(&program.variables) {
                if (variable.role != Role::Inner) == outer && !variable.name.is_empty() {
                    *own = name(&variable.name);
                }
            }
        }
        let stretches = program.stretches.iter().map(|stretch| name(stretch)).collect();
        let gates = program.gates.iter().map(|gate| name(&gate.name)).collect();
        let mut locals = Vec::new();
        for subroutine in &program.subroutines {
            locals.push(
                subroutine.variables.iter().map(|v| if v.name.is_empty() { String::new() } else { name(&v.name) }).collect(),
            );
        }
        Self {
            program,
            inner,
            taken,
            globals,
            locals,
            gates,
            functions,
            stretches,
            scope: Scope::Program,
            constants: Vec::new(),
            before: Vec::new(),
            aliases: Vec::new(),
        }
    }

    fn subroutine_name(&self, index: usize) -> String {
        let name = &self.program.subroutines[index].name;
        // two of one name do not exist, but a gate may have it
        match self.taken.contains(name) {
            false => name.clone(),
            true => format!("{name}_def{index}"),
        }
    }

    fn variable(&self, slot: Slot) -> String {
        match (slot, self.scope) {
            (Slot::Global(index), _) => self.globals[index].clone(),
            (Slot::Local(index), Scope::Subroutine(number)) => self.locals[number][index].clone(),
            (Slot::Local(index), Scope::Gate(number)) => {
                let gate = &self.program.gates[number];
                let names = gate.parameters.iter().chain(&gate.qubits);
                format!("own_{}", names.clone().nth(index).map_or("", |name| name))
            }
            (Slot::Local(_), Scope::Program) => unreachable!("the program has no frame"),
        }
    }

    fn subroutines(&mut self) -> Result<(), QasmError> {
        for (index, subroutine) in self.program.subroutines.iter().enumerate() {
            self.scope = Scope::Subroutine(index);
            let mut parameters = Vec::new();
            for (position, parameter) in subroutine.parameters.iter().enumerate() {
                let access = if parameter.mutable { "mutable " } else { "readonly " };
                let kind = match &parameter.kind {
                    ParameterType::Known(kind @ Type::Array(..)) => format!("{access}{kind}"),
                    ParameterType::Known(kind) => kind.to_string(),
                    ParameterType::AnyArray(base, rank) => format!("{access}array[{base}, #dim = {rank}]"),
                };
                parameters.push(format!("{kind} {}", self.locals[index][position]));
            }
            let returns = subroutine.returns.as_ref().map_or(String::new(), |kind| format!(" -> {kind}"));
            let _ = writeln!(self.inner.body, "def {}({}){returns} {{", self.subroutine_name(index), parameters.join(", "));
            self.block(&subroutine.body, "  ")?;
            self.inner.body += "}\n";
        }
        self.scope = Scope::Program;
        Ok(())
    }

    fn gates(&mut self) -> Result<String, QasmError> {
        let mut text = String::new();
        for (index, gate) in self.program.gates.iter().enumerate() {
            self.scope = Scope::Gate(index);
            let own = |names: &[String]| names.iter().map(|name| format!("own_{name}")).collect::<Vec<_>>().join(", ");
            let parameters = if gate.parameters.is_empty() { String::new() } else { format!("({})", own(&gate.parameters)) };
            let _ = writeln!(text, "gate {}{parameters} {} {{", self.gates[index], own(&gate.qubits));
            for step in &gate.body {
                let line = match step {
                    GateStep::Call(call) => self.gate_call(call)?,
                    GateStep::Barrier(list) => self.listed("barrier", list)?,
                };
                let _ = writeln!(text, "  {line};");
            }
            text += "}\n";
        }
        self.scope = Scope::Program;
        Ok(text)
    }

    fn gate_call(&mut self, call: &GateCall) -> Result<String, QasmError> {
        let mut text = String::new();
        for modifier in &call.modifiers {
            match modifier {
                Modifier::Inverse => text += "inv @ ",
                Modifier::Control(count, positive) => {
                    let word = if *positive { "ctrl" } else { "negctrl" };
                    let _ = write!(text, "{word}({}) @ ", self.expression(count)?);
                }
                Modifier::Power(exponent) => {
                    let _ = write!(text, "pow({}) @ ", self.expression(exponent)?);
                }
            }
        }
        text += &match call.callee {
            Callee::Phase => "gphase".to_owned(),
            Callee::Row(gate) => {
                self.inner.define(gate);
                self.inner.called(gate)
            }
            Callee::Defined(index) => self.gates[index].clone(),
        };
        if !call.angles.is_empty() {
            let angles = call.angles.iter().map(|angle| self.expression(angle)).collect::<Result<Vec<_>, _>>()?;
            let _ = write!(text, "({})", angles.join(", "));
        }
        self.listed(&text, &call.qubits)
    }

    fn finish(self, gates: &str, subroutines: &str, body: &str) -> String {
        let mut text = String::from("OPENQASM 3.0;\ninclude \"stdgates.inc\";\n");
        text += &self.inner.definitions;
        text += gates;
        for name in &self.stretches {
            let _ = writeln!(text, "stretch {name};");
        }
        for (index, external) in self.program.externs.iter().enumerate() {
            let kinds: Vec<String> = external
                .parameters
                .iter()
                .map(|kind| if matches!(kind, Type::Array(..)) { format!("readonly {kind}") } else { kind.to_string() })
                .collect();
            let returns = external.returns.as_ref().map_or(String::new(), |kind| format!(" -> {kind}"));
            let _ = writeln!(text, "extern {}({}){returns};", self.functions[index], kinds.join(", "));
        }
        for (value, name) in &self.constants {
            let _ = writeln!(text, "const {} {name} = {};", value.kind(), expression::written_out(value));
        }
        text += subroutines;
        for (index, variable) in self.program.variables.iter().enumerate().filter(|(_, v)| v.role == Role::Input) {
            let _ = writeln!(text, "input {} {};", variable.kind, self.globals[index]);
        }
        for (name, register) in self.inner.qubit_registers.iter().filter(|(name, _)| name != "$") {
            let _ = writeln!(text, "qubit[{}] {name};", register.size);
        }
        for (list, name) in &self.aliases {
            let parts: Vec<&str> = list.iter().map(|&qubit| self.inner.qubits[qubit].as_str()).collect();
            let _ = writeln!(text, "let {name} = {};", parts.join(" ++ "));
        }
        text + body
    }

    /// A name that nothing has yet.
    fn fresh(&mut self, wished: &str) -> String {
        identifier(wished, &mut self.taken)
    }

    fn no_form<T>(&self, operation: &str, place: Place, remedy: &'static str) -> Result<T, QasmError> {
        let position = place.start as usize;
        Err(QasmError::NoForm { operation: operation.to_owned(), position, language: "OpenQASM 3", remedy })
    }
}

#[cfg(test)]
mod tests;
