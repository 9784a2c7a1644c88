//! Programs with classical values and control flow: what is more than a [`Circuit`].
//!
//! A [`HybridProgram`] is read by [`qasm::read_program`]. It is a tree of statements, for writing, and the
//! same as a list of instructions with jumps, for running. A [`Machine`] runs its classical part and says what is to be done to the
//! state next; a simulator does it. Gates whose qubits and angles are known when the program is read are kept as operations.

mod cast;
mod code;
mod condition;
mod duration;
mod expression;
mod fault;
mod function;
mod gate;
mod index;
mod machine;
mod modifier;
mod operate;
mod operator;
mod statement;
mod timing;
mod types;
mod unroll;
mod value;
mod whole;

pub use duration::{Duration, Symbol};
pub use function::{Function, RealFunction};
pub use machine::{Effect, ExternFunction, Machine, RunOptions, Thread};
pub use operator::{Binary, Unary};
pub use timing::Durations;
pub use types::Type;
pub use value::{Array, Value, WholeNumber};

pub(crate) use cast::{Conversion, convert};
pub(crate) use code::{Code, compile, target_of};
pub(crate) use condition::{MAX_TESTS, Test, below, order};
pub(crate) use expression::{Expr, Fault, NoVariables, Node, Place, Routine, Selector, Slot};
pub(crate) use fault::Trouble;
pub(crate) use gate::{GateCall, GateDefinition, GateStep, Library, Modifier, controls_of_call};
pub(crate) use modifier::{Applied, Arguments, Callee, GateLibrary, Unrealised, controls_of, realise};
pub(crate) use operate::{binary, unary};
pub(crate) use statement::{
    Block, External, Parameter, ParameterType, Role, Statement, StatementKind, Subroutine, Values, Variable,
};
pub(crate) use whole::{NoWhole, Whole, Width};

use crate::circuit::{Circuit, Register};
use crate::operation::Operation;
use crate::qasm::{self, Diagnostic, QasmErrors};

/// A program of quantum operations, classical values and control flow.
///
/// ```
/// use qloom_circuits::program::{Effect, RunOptions};
/// use qloom_circuits::qasm;
/// let text = "OPENQASM 3.0; include \"stdgates.inc\"; qubit q; output int[8] n; while (n < 3) { x q; n += 1; }";
/// let program = qasm::read_program(text).unwrap();
/// let options = RunOptions::default();
/// let machine = program.machine(&options);
/// let mut thread = machine.start().unwrap();
/// let mut gates = 0;
/// while machine.advance(&mut thread).unwrap() != Effect::End {
///     gates += 1;
/// }
/// assert_eq!(gates, 3);
/// assert_eq!(machine.outputs(&thread)[0].to_string(), "3");
/// ```
#[derive(Clone, Debug)]
pub struct HybridProgram {
    /// Names and texts of the files that it was read from, the program first.
    pub(crate) sources: Vec<(Option<String>, String)>,
    pub(crate) qubits: Vec<Register>,
    pub(crate) variables: Vec<Variable>,
    pub(crate) gates: Vec<GateDefinition>,
    pub(crate) subroutines: Vec<Subroutine>,
    pub(crate) externs: Vec<External>,
    /// Blocks whose length is asked for.
    pub(crate) timed: Vec<Block>,
    /// Names of stretches.
    pub(crate) stretches: Vec<String>,
    pub(crate) body: Block,
    pub(crate) code: Code,
    pub(crate) warnings: Vec<Diagnostic>,
}

impl HybridProgram {
    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.qubits.last().map_or(0, |register| register.start + register.size)
    }

    /// The registers of qubits, covering all of them in order.
    pub fn qubit_registers(&self) -> &[Register] {
        &self.qubits
    }

    /// What in the program is doubtful, though it runs.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// Names and types of the values that have to be given.
    pub fn inputs(&self) -> Vec<(&str, &Type)> {
        let inputs = self.variables.iter().filter(|variable| variable.role == Role::Input);
        inputs.map(|variable| (variable.name.as_str(), &variable.kind)).collect()
    }

    /// Names and types of the values that a run gives: those declared as `output`, or all outside of blocks where there is none.
    pub fn outputs(&self) -> Vec<(&str, &Type)> {
        self.output_slots().map(|index| (self.variables[index].name.as_str(), &self.variables[index].kind)).collect()
    }

    /// Names of the functions that have to be bound to be called.
    pub fn externs(&self) -> Vec<&str> {
        self.externs.iter().map(|external| external.name.as_str()).collect()
    }

    /// How many stretches of operations there are.
    pub fn num_stretches(&self) -> usize {
        self.code.stretches.len()
    }

    /// The operations of a stretch, as [`Effect::Stretch`] numbers them.
    pub fn stretch(&self, index: usize) -> &[Operation] {
        &self.code.stretches[index]
    }

    /// How many measurements and resets the program names, each of which may run many times or never.
    pub fn branchings(&self) -> usize {
        let splits = |instruction: &&code::Instruction| {
            matches!(instruction, code::Instruction::Measure(..) | code::Instruction::Reset(_))
        };
        self.code.instructions.iter().filter(splits).count()
    }

    /// Whether anything is measured, in a course that is taken or not.
    pub fn measures(&self) -> bool {
        self.code.instructions.iter().any(|instruction| matches!(instruction, code::Instruction::Measure(..)))
    }

    /// The program as a circuit: loops unrolled, subroutines written out, classical values worked out, at most `limit` operations.
    ///
    /// Classical bits outside of blocks keep their registers; measurements into others get a register of their own. What is no bit
    /// is not in the circuit.
    ///
    /// # Errors
    /// Where the program does what a circuit does not, such as a loop that depends on measured bits; the construct is named.
    pub fn circuit(&self, limit: usize) -> Result<Circuit, QasmErrors> {
        unroll::unroll(self, limit, None).map_err(|fault| self.diagnose(&fault))
    }

    /// The program on fewer qubits, if it is a circuit of at most `limit` operations, has bits alone for outputs, and has qubits that others
    /// can be put in the place of once they are used no more; see [`Circuit::compacted`].
    ///
    /// Its first outputs are those of this program, in order, with the same distribution; the state at the end is another.
    ///
    /// ```
    /// use qloom_circuits::qasm;
    /// let text = "OPENQASM 3.0; include \"stdgates.inc\"; qubit[9] q; output bit last;
    ///             for uint k in [0:8] { bit b; h q[k]; b = measure q[k]; last = measure q[k]; }";
    /// assert_eq!(qasm::read_program(text).unwrap().compacted(1000).unwrap().num_qubits(), 1);
    /// ```
    pub fn compacted(&self, limit: usize) -> Option<HybridProgram> {
        let circuit = self.circuit(limit).ok()?;
        // registers are made for bits that are seen outside, in the order of the variables
        let mut start = 0;
        let registers = self.variables.iter().map(|variable| {
            let seen = matches!(variable.role, Role::Plain | Role::Output) && matches!(variable.kind, Type::Bit | Type::Bits(_));
            let size = if seen { variable.kind.size() } else { 0 };
            start += size;
            seen.then_some(start - size..start)
        });
        let registers: Vec<_> = registers.collect();
        let outputs = self.output_slots().map(|index| registers[index].clone()).collect::<Option<Vec<_>>>()?;
        let kept: Vec<usize> = outputs.iter().cloned().flatten().collect();
        let compact = circuit.compacted(&kept);
        if compact.num_qubits() >= self.num_qubits() {
            return None;
        }
        let mut named = Circuit::new(compact.num_qubits());
        for (number, bits) in outputs.iter().enumerate() {
            named.add_bits(format!("output_{number}"), bits.len());
        }
        named.add_bits("rest", compact.num_bits() - kept.len());
        for operation in compact.operations() {
            named.push(operation.clone()).ok()?;
        }
        let text = qasm::write(&named, qasm::Version::V3, qasm::Dialect::Plain).ok()?;
        qasm::read_program(&text).ok()
    }

    /// As [`circuit`](Self::circuit), with what a device times worked out: `dt`, `durationof`, boxes, whose qubits wait for their end, and
    /// stretches. Operations begin as early as they can; a qubit whose time a stretch fills does not wait for others.
    ///
    /// ```
    /// use qloom_circuits::program::Durations;
    /// use qloom_circuits::{Operation, qasm};
    /// struct Same;
    /// impl Durations for Same {
    ///     fn step_ns(&self) -> Option<f64> {
    ///         Some(0.5)
    ///     }
    ///     fn operation_ns(&self, _: &Operation) -> Option<f64> {
    ///         Some(20.0)
    ///     }
    /// }
    /// let text = "OPENQASM 3.0; include \"stdgates.inc\"; stretch a; qubit q; box[200dt] { h q; delay[a] q; x q; delay[2*a] q; }";
    /// let circuit = qasm::read_program(text).unwrap().scheduled(100, &Same).unwrap();
    /// let delays = circuit.operations().iter().filter_map(|operation| match operation {
    ///     Operation::Delay { duration_ns, .. } => Some(*duration_ns),
    ///     _ => None,
    /// });
    /// assert_eq!(delays.collect::<Vec<f64>>(), [20.0, 40.0]); // of 100 ns the gates take 40
    /// ```
    ///
    /// # Errors
    /// As [`circuit`](Self::circuit), where a length is not known, a box is too short, or what stands beside a stretch does not fix it.
    pub fn scheduled(&self, limit: usize, durations: &dyn Durations) -> Result<Circuit, QasmErrors> {
        unroll::unroll(self, limit, Some(durations)).map_err(|fault| self.diagnose(&fault))
    }

    /// What runs its classical part.
    pub fn machine<'p>(&'p self, options: &'p RunOptions) -> Machine<'p> {
        Machine::new(self, options)
    }

    pub(crate) fn output_slots(&self) -> impl Iterator<Item = usize> {
        let declared = self.variables.iter().any(|variable| variable.role == Role::Output);
        let wanted = if declared { Role::Output } else { Role::Plain };
        (0..self.variables.len()).filter(move |&index| self.variables[index].role == wanted)
    }

    pub(crate) fn diagnose(&self, fault: &Fault) -> QasmErrors {
        let (file, text) = &self.sources[fault.place.source as usize];
        QasmErrors { errors: vec![Diagnostic::new(file.as_deref(), text, fault.place, fault.trouble.message())] }
    }
}
