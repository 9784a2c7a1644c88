//! What is carried from one search to another: weights, experiences, the agent itself.

use super::player::Player;
use super::{Search, read};
use crate::QasError;
use crate::search::event::EpisodeReport;
use crate::teacher::Task;

impl Search {
    /// Lets the agent begin with weights that [`policy`](Self::policy) gave, in place of those drawn.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when there is no agent, or one that has no weights; [`QasError::Corrupt`] and
    /// [`QasError::OtherSearch`] when they do not fit.
    pub fn begin_from(&mut self, weights: &[u8]) -> Result<(), QasError> {
        match self.player.as_mut().expect("a search has a player between steps") {
            Player::Agent(agent) => agent.begin_from(weights),
            Player::Walk(_) => Err(QasError::invalid("agent", "a walk", "a walk has no weights; take an agent")),
        }
    }

    /// Lets the agent begin with the experiences of another search's, whose [`state`](Self::state) this is: of the same or another problem with
    /// equally many qubits and actions, such as the same without noise. Their rewards stay what they were there.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when there is no agent, or one without replay; [`QasError::OtherFormat`] and [`QasError::Corrupt`] when the
    /// state is of another version, agent or size.
    pub fn begin_with_experiences(&mut self, state: &[u8]) -> Result<(), QasError> {
        let saved = read(state)?;
        match self.player.as_mut().expect("a search has a player between steps") {
            Player::Agent(agent) => agent.take_experiences(&saved.player),
            Player::Walk(_) => Err(QasError::invalid("agent", "a walk", "a walk has no replay; take an agent")),
        }
    }

    /// Whether an agent searches, and no walk.
    pub(crate) fn has_agent(&self) -> bool {
        matches!(self.player(), Player::Agent(_))
    }

    /// The sizes that an agent has to fit.
    pub(crate) fn dimensions(&self) -> crate::Dimensions {
        self.environment.dimensions()
    }

    /// Ends the search after so many evaluations in all.
    pub(crate) fn set_limit(&mut self, evaluations: Option<u64>) {
        self.config.evaluations = evaluations;
    }

    /// Gives each of two searches the player of the other.
    pub(crate) fn swap_players(&mut self, other: &mut Self) {
        std::mem::swap(&mut self.player, &mut other.player);
    }

    /// An episode of the agent without exploring, from which nothing is learnt.
    pub(crate) fn test_now(&mut self) -> Result<EpisodeReport, QasError> {
        let mut player = self.player.take().expect("a search has a player between steps");
        let report = match &mut player {
            Player::Agent(agent) => {
                // no threshold is reached, so that it ends with the gates
                let task = Task { threshold: 0.0, max_gates: None, noise: None };
                self.last_test(agent.as_mut(), task)
            }
            Player::Walk(_) => Err(QasError::invalid("agent", "a walk", "only an agent has a policy to be tested")),
        };
        self.player = Some(player);
        report
    }
}
