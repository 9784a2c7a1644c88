//! A search and its control side by side.

use qloom::circuits::HamiltonianFile;
use qloom::qas::{Event, Problem, Search, SearchConfig, SimulatorChoice};

use crate::failure::{Failure, OrFailure};
use crate::hamiltonian_file;
use crate::interrupt::Interrupt;

/// A search, and a random agent in the same environment that is given as many evaluations.
///
/// The two know nothing of each other; the control is kept level with the search so that both can be stopped at any time.
pub struct Session {
    pub search: Search,
    pub control: Search,
}

impl Session {
    pub fn new(config: SearchConfig, hamiltonian: &HamiltonianFile, seed: u64) -> Result<Self, Failure> {
        let problem = problem(hamiltonian)?;
        let place = "the experiment cannot be run";
        let control = Search::new(config.control(u64::MAX), problem.clone(), seed).or_input(place)?;
        let search = Search::new(config, problem, seed).or_input(place)?;
        Ok(Self { search, control })
    }

    pub fn resume(config: SearchConfig, hamiltonian: &HamiltonianFile, state: &[u8]) -> Result<Self, Failure> {
        let problem = problem(hamiltonian)?;
        let place = "the checkpoint does not fit the experiment";
        let (length, rest) = state.split_first_chunk::<8>().ok_or_else(|| Failure::input("the checkpoint is empty"))?;
        let length = u64::from_le_bytes(*length) as usize;
        let (first, second) =
            rest.split_at_checked(length).ok_or_else(|| Failure::input("the checkpoint is shorter than it says"))?;
        let control = Search::resume(config.control(u64::MAX), problem.clone(), second).or_input(place)?;
        let search = Search::resume(config, problem, first).or_input(place)?;
        Ok(Self { search, control })
    }

    pub fn state(&self) -> Vec<u8> {
        let (search, control) = (self.search.state(), self.control.state());
        [&(search.len() as u64).to_le_bytes()[..], &search, &control].concat()
    }

    /// One episode of the search; meanwhile the control catches up with the evaluations made before.
    pub fn step(&mut self) -> Result<Event, Failure> {
        let level = self.search.evaluations();
        let (search, control) = (&mut self.search, &mut self.control);
        let (event, caught_up) = rayon::join(|| search.step(), || catch_up(control, level));
        caught_up.or_work("the random agent failed")?;
        event.or_work("the search failed; the last checkpoint is unharmed")
    }

    /// Whether energies are measured under noise or from finitely many runs.
    pub fn is_noisy(&self) -> bool {
        match self.search.config().simulator {
            SimulatorChoice::StateVector(_) => false,
            SimulatorChoice::PauliVector(_) => true,
        }
    }

    /// Gives the control the evaluations it still lacks.
    pub fn finish_control(&mut self, interrupt: &Interrupt) -> Result<(), Failure> {
        while self.control.evaluations() < self.search.evaluations() && !interrupt.requested() {
            self.control.step().or_work("the random agent failed")?;
        }
        Ok(())
    }
}

fn catch_up(control: &mut Search, level: u64) -> Result<(), qloom::qas::QasError> {
    while control.evaluations() < level {
        control.step()?;
    }
    Ok(())
}

/// The problem with the reference energies that are known.
fn problem(file: &HamiltonianFile) -> Result<Problem, Failure> {
    let place = "the Hamiltonian cannot be searched";
    let name = file.name.clone().unwrap_or_else(|| "hamiltonian".to_owned());
    let mut problem = Problem::new(name, file.hamiltonian.clone()).or_input(place)?;
    if let Some(energy) = hamiltonian_file::ground_energy(file)? {
        problem = problem.with_exact_energy(energy).or_input(place)?;
    }
    if let Some(energy) = file.hartree_fock_energy {
        problem = problem.with_hartree_fock_energy(energy).or_input(place)?;
    }
    Ok(problem)
}
