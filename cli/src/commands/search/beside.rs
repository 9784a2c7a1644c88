//! What a search takes beside its problem: the circuit that it begins with, and gadgets.

use std::path::PathBuf;

use qloom::circuits::Circuit;
use qloom::qas::{Gadget, GadgetConfig, Problem, QasError, QasmStart, SearchConfig, Start};

use super::{gadgets, problem};
use crate::failure::{Failure, OrFailure};
use crate::files;
use crate::progress::Progress;

/// The copy of the circuit that a search begins with.
const START: &str = "start.qasm";
/// The copy of the gadgets.
const GADGETS: &str = "gadgets.json";

/// What the settings of a search name beside its problem, and what a folder needs for it to be read again.
pub struct Beside {
    start: Option<Circuit>,
    gadgets: Vec<Gadget>,
    /// The settings, with the names that the copies have in a folder.
    pub config: SearchConfig,
    /// Names and texts of the copies.
    pub copies: Vec<(String, String)>,
}

/// Reads what the settings name; `find` tells where a file of this name lies.
///
/// # Errors
/// Bad input with the place of the mistake.
pub fn read(search: &SearchConfig, find: impl Fn(&str) -> Result<PathBuf, Failure>) -> Result<Beside, Failure> {
    let mut beside = Beside { start: None, gadgets: Vec::new(), config: search.clone(), copies: Vec::new() };
    match &search.environment.start {
        Start::Empty | Start::BasisState | Start::MatrixProduct(_) => {}
        Start::Qasm(QasmStart { file, fixed }) => {
            let (circuit, _) = problem::gates(&find(file)?)?;
            beside.copies.push(problem::copy(START, &circuit, file)?);
            beside.config.environment.start = Start::Qasm(QasmStart { file: START.to_owned(), fixed: *fixed });
            beside.start = Some(circuit);
        }
    }
    if let Some(GadgetConfig { file, most }) = &search.environment.actions.gadgets {
        let path = find(file)?;
        let text = files::read_text(&path)?;
        beside.gadgets = gadgets::parse(&text, &path)?;
        beside.copies.push((GADGETS.to_owned(), text));
        beside.config.environment.actions.gadgets = Some(GadgetConfig { file: GADGETS.to_owned(), most: *most });
    }
    Ok(beside)
}

impl Beside {
    /// The problem with what was read, and with the state of small bond dimension that the search begins with, if it does.
    ///
    /// # Errors
    /// Bad input when it does not fit the problem.
    pub fn given_to(&self, mut problem: Problem) -> Result<Problem, Failure> {
        if let Some(circuit) = &self.start {
            problem = problem.with_start(circuit.clone()).or_input("the search cannot begin with that circuit")?;
        }
        if let Start::MatrixProduct(start) = &self.config.environment.start {
            let mut progress = Progress::new("optimisations of a matrix-product state")?;
            problem = match problem.with_matrix_product(start, &mut |done, total| progress.tick(done, total)) {
                Err(QasError::Stopped) => return Err(Progress::stopped()),
                other => other.or_input("the search cannot begin with that state")?,
            };
            progress.finish();
        }
        Ok(problem.with_gadgets(self.gadgets.clone()))
    }
}
