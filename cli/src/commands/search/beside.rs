//! What a search takes beside its problem: the circuit that it begins with.

use std::path::PathBuf;

use qloom::circuits::Circuit;
use qloom::qas::{Problem, QasmStart, SearchConfig, Start};

use super::problem;
use crate::failure::{Failure, OrFailure};

/// The copy of the circuit that a search begins with.
const START: &str = "start.qasm";

/// What the settings of a search name beside its problem, and what a folder needs for it to be read again.
pub struct Beside {
    start: Option<Circuit>,
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
    let mut beside = Beside { start: None, config: search.clone(), copies: Vec::new() };
    match &search.environment.start {
        Start::Empty | Start::BasisState => {}
        Start::Qasm(QasmStart { file, fixed }) => {
            let (circuit, _) = problem::gates(&find(file)?)?;
            beside.copies.push(problem::copy(START, &circuit, file)?);
            beside.config.environment.start = Start::Qasm(QasmStart { file: START.to_owned(), fixed: *fixed });
            beside.start = Some(circuit);
        }
    }
    Ok(beside)
}

impl Beside {
    /// The problem with what was read.
    ///
    /// # Errors
    /// Bad input when it does not fit the problem.
    pub fn given_to(&self, mut problem: Problem) -> Result<Problem, Failure> {
        if let Some(circuit) = &self.start {
            problem = problem.with_start(circuit.clone()).or_input("the search cannot begin with that circuit")?;
        }
        Ok(problem)
    }
}
