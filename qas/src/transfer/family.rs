//! One agent for several problems, such as the points of a dissociation curve.

use qloom_circuits::{Stream, StreamState};
use serde::{Deserialize, Serialize};

use crate::error::{decode, encode};
use crate::problem::context::Context;
use crate::search::Search;
use crate::search::best::Found;
use crate::search::config::SearchConfig;
use crate::search::event::{EpisodeReport, Event};
use crate::{Problem, QasError};

/// The most problems of a family.
const MOST: usize = 256;

/// Searches that share one agent: each episode is one of a problem drawn evenly.
///
/// Every problem has its own environment, teacher and best circuits; the agent goes from one to the other with all that it knows. With
/// `environment.observe.hamiltonian` it sees the coefficients of the problem at hand, so that one policy can serve all of them and problems
/// between them. `episodes` and `evaluations` are those of all problems together.
///
/// ```
/// use qloom_circuits::{PauliString, PauliSum};
/// use qloom_qas::{AgentConfig, DqnConfig, Family, Problem, SearchConfig};
///
/// let word = |word| PauliString::from_word(word);
/// let problem = |field: f64| {
///     let sum = PauliSum::new(2, [(word("ZZ")?, 1.0), (word("XI")?, field), (word("IX")?, field)])?;
///     let exact = -(1.0 + 4.0 * field * field).sqrt();
///     Ok::<_, Box<dyn std::error::Error>>(Problem::new(format!("field {field}"), sum)?.with_exact_energy(exact)?)
/// };
/// let mut config = SearchConfig { episodes: 20, ..SearchConfig::default() };
/// config.agent = AgentConfig::Dqn(DqnConfig { hidden: vec![16], ..DqnConfig::default() });
/// config.environment.observe.hamiltonian = true;
/// let mut family = Family::new(config, vec![problem(0.5)?, problem(1.5)?], 3)?;
/// while family.step()?.is_some() {}
/// let between = family.test(problem(1.0)?)?;
/// assert!(between.greedy_energy.is_some_and(f64::is_finite)); // of a field it has not seen
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Family {
    config: SearchConfig,
    context: Context,
    members: Vec<Search>,
    /// The member that has the agent.
    holder: usize,
    draws: Stream,
    seed: u64,
}

/// An episode of a family.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FamilyEvent {
    /// The problem, counted from 0.
    pub member: usize,
    /// What was played; `evaluations` are those of its problem.
    pub report: EpisodeReport,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    members: Vec<Vec<u8>>,
    holder: usize,
    draws: StreamState,
}

impl Family {
    /// A family whose agent has played nothing.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] for no or too many problems, a walk in place of an agent, and problems that differ in the number of qubits
    /// or actions; and what [`Search::new`] refuses.
    pub fn new(config: SearchConfig, problems: Vec<Problem>, seed: u64) -> Result<Self, QasError> {
        if problems.is_empty() || problems.len() > MOST {
            return Err(QasError::invalid("family.members", problems.len(), format!("there have to be 1 to {MOST} problems")));
        }
        let context = Context::new(problems.iter().map(Problem::hamiltonian));
        let of_member = of_member(&config);
        let new = |problem: Problem| Search::new(of_member.clone(), context.given_to(problem), seed);
        let members: Vec<Search> = problems.into_iter().map(new).collect::<Result<_, _>>()?;
        if !members[0].has_agent() {
            return Err(QasError::invalid(
                "agent",
                "a walk",
                "a walk carries nothing from one problem to another; take an agent",
            ));
        }
        if let Some(other) = members.iter().find(|member| member.dimensions() != members[0].dimensions()) {
            let what = format!("`{}` with {:?}", other.problem().name(), other.dimensions());
            return Err(QasError::invalid(
                "family.members",
                what,
                format!("all have to be as the first with {:?}", members[0].dimensions()),
            ));
        }
        Ok(Self { config, context, members, holder: 0, draws: Stream::named(seed, "family"), seed })
    }

    /// Plays an episode of one problem; nothing once the episodes or evaluations are used up.
    ///
    /// # Errors
    ///
    /// As [`Search::step`].
    pub fn step(&mut self) -> Result<Option<FamilyEvent>, QasError> {
        let left = self.config.evaluations.map(|limit| limit.saturating_sub(self.evaluations()));
        if self.episodes() >= self.config.episodes || left == Some(0) {
            return Ok(None);
        }
        let member = self.draws.below(self.members.len());
        self.give_agent(member);
        let search = &mut self.members[member];
        search.set_limit(left.map(|left| search.evaluations() + left));
        match search.step()? {
            Event::Episode(report) => Ok(Some(FamilyEvent { member, report })),
            Event::Finished(_) => Ok(None),
        }
    }

    /// Plays an episode of another problem without exploring, from which nothing is learnt: to its last gate, whatever threshold the teacher is at. Its
    /// evaluations are not counted.
    ///
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when it does not fit the family, and as [`Search::step`].
    pub fn test(&mut self, problem: Problem) -> Result<EpisodeReport, QasError> {
        let mut search = Search::new(of_member(&self.config), self.context.given_to(problem), self.seed)?;
        if search.dimensions() != self.members[0].dimensions() {
            let what = format!("`{}` with {:?}", search.problem().name(), search.dimensions());
            return Err(QasError::invalid(
                "family.tests",
                what,
                format!("it has to be as the members with {:?}", self.members[0].dimensions()),
            ));
        }
        let holder = &mut self.members[self.holder];
        search.swap_players(holder);
        let report = search.test_now();
        search.swap_players(holder);
        report
    }

    fn give_agent(&mut self, member: usize) {
        if member != self.holder {
            let [from, to] = self.members.get_disjoint_mut([self.holder, member]).expect("two different members");
            from.swap_players(to);
            self.holder = member;
        }
    }

    /// The searches, one for each problem.
    pub fn members(&self) -> &[Search] {
        &self.members
    }

    /// The best circuit of a problem.
    ///
    /// # Errors
    ///
    /// As [`Search::best`].
    pub fn best(&self, member: usize) -> Result<Option<Found>, QasError> {
        self.members[member].best()
    }

    /// The settings.
    pub fn config(&self) -> &SearchConfig {
        &self.config
    }

    /// Episodes played, of all problems.
    pub fn episodes(&self) -> u64 {
        self.members.iter().map(Search::episodes).sum()
    }

    /// Energies evaluated, of all problems.
    pub fn evaluations(&self) -> u64 {
        self.members.iter().map(Search::evaluations).sum()
    }

    /// The weights of the agent in the safetensors format; nothing for an agent without any.
    ///
    /// # Errors
    ///
    /// As [`Search::policy`].
    pub fn policy(&self) -> Result<Option<Vec<u8>>, QasError> {
        self.members[self.holder].policy()
    }

    /// Lets the agent begin with other weights than those drawn.
    ///
    /// # Errors
    ///
    /// As [`Search::begin_from`].
    pub fn begin_from(&mut self, weights: &[u8]) -> Result<(), QasError> {
        self.members[self.holder].begin_from(weights)
    }

    /// Everything needed to go on.
    pub fn state(&self) -> Vec<u8> {
        let members = self.members.iter().map(Search::state).collect();
        encode(&Saved { members, holder: self.holder, draws: self.draws.save() })
    }

    /// Goes on from a saved state, bit for bit.
    ///
    /// # Errors
    ///
    /// As [`Search::resume`].
    pub fn resume(config: SearchConfig, problems: Vec<Problem>, seed: u64, state: &[u8]) -> Result<Self, QasError> {
        let saved: Saved = decode("family", state)?;
        let mut family = Self::new(config, problems, seed)?;
        if saved.members.len() != family.members.len() || saved.holder >= family.members.len() {
            return Err(QasError::OtherSearch { what: "number of problems" });
        }
        let of_member = of_member(&family.config);
        for (member, state) in family.members.iter_mut().zip(&saved.members) {
            *member = Search::resume(of_member.clone(), member.problem().clone(), state)?;
        }
        (family.holder, family.draws) = (saved.holder, Stream::load(&saved.draws));
        Ok(family)
    }
}

/// The settings of one problem: the limits are the family's.
fn of_member(config: &SearchConfig) -> SearchConfig {
    SearchConfig { episodes: u64::MAX, evaluations: None, target_error: None, ..config.clone() }
}
