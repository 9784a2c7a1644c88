//! Searches with several parts of one's own.

use super::player::Player;
use super::{Search, game, placed, read};
use crate::agent::Agent;
use crate::environment::Environment;
use crate::objective::{Cost, Objective};
use crate::search::config::SearchConfig;
use crate::{Problem, QasError};

/// Makes an agent for an environment, of which it is told the sizes and what its actions are.
pub type BuildAgent<'a> = Box<dyn FnOnce(&Environment) -> Result<Box<dyn Agent>, QasError> + 'a>;

/// What of a search is one's own; the rest follows the settings.
#[derive(Default)]
pub struct OwnParts<'a> {
    /// Lowered in place of an energy, as by [`Search::with_cost`].
    pub cost: Option<Box<dyn Cost>>,
    /// Plays in place of the agent of the settings, as by [`Search::with_agent`].
    pub agent: Option<BuildAgent<'a>>,
}

impl Search {
    /// A search with parts of one's own.
    ///
    /// ```
    /// use qloom_circuits::PauliSum;
    /// use qloom_qas::{Event, OwnParts, Problem, Random, Search, SearchConfig};
    ///
    /// let problem = Problem::new("one spin", PauliSum::z(0, 1))?;
    /// let agent = OwnParts { agent: Some(Box::new(|environment| Ok(Box::new(Random::new(environment.dimensions(), 1))))), cost: None };
    /// let config = SearchConfig { episodes: 3, ..SearchConfig::default() };
    /// let mut search = Search::with_own(config, problem, 1, agent)?;
    /// while let Event::Episode(_) = search.step()? {}
    /// assert!(search.best()?.expect("found").energy < -0.999);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), those of the cost, and those of making the agent.
    pub fn with_own(config: SearchConfig, problem: Problem, seed: u64, own: OwnParts<'_>) -> Result<Self, QasError> {
        let (objective, environment) = match own.cost {
            None => game(&config, &problem, seed)?,
            Some(cost) => {
                let objective = Objective::of_cost(config.objective.clone(), &config.minimizer, cost, seed)?;
                placed(&config, &problem, objective)?
            }
        };
        let player = match own.agent {
            None => Player::new(&config, &environment, &problem, seed)?,
            Some(build) => Player::Agent(build(&environment)?),
        };
        Self::assemble(config, problem, seed, objective, environment, player)
    }

    /// [`resume`](Self::resume) for a search with parts of one's own.
    ///
    /// # Errors
    ///
    /// As [`resume`](Self::resume) and [`with_own`](Self::with_own).
    pub fn resume_with_own(config: SearchConfig, problem: Problem, state: &[u8], own: OwnParts<'_>) -> Result<Self, QasError> {
        let saved = read(state)?;
        let mut search = Self::with_own(config, problem, saved.seed, own)?;
        search.restore(saved)?;
        Ok(search)
    }
}
