//! Families and starts against searches of one problem each.

use qloom_circuits::{PauliString, PauliSum};

use super::family::{Family, FamilyEvent};
use super::reptile::{Reptile, ReptileConfig, ReptileEvent};
use crate::{AgentConfig, DqnConfig, Event, LocalConfig, Problem, QasError, RandomConfig, Search, SearchConfig};

/// Two spins in a field across their coupling; the ground energy is -sqrt(1 + 4 field^2).
fn spins(field: f64) -> Problem {
    let word = |word| PauliString::from_word(word).expect("valid");
    let sum = PauliSum::new(2, [(word("ZZ"), 1.0), (word("XI"), field), (word("IX"), field)]).expect("valid");
    Problem::new(format!("field {field}"), sum)
        .expect("valid")
        .with_exact_energy(-(1.0 + 4.0 * field * field).sqrt())
        .expect("valid")
}

fn config(agent: AgentConfig) -> SearchConfig {
    let mut config = SearchConfig { episodes: 30, agent, ..SearchConfig::default() };
    config.environment.max_gates = 6;
    config.environment.observe.hamiltonian = true;
    config
}

fn learner() -> SearchConfig {
    config(AgentConfig::Dqn(DqnConfig {
        hidden: vec![12],
        batch: 8,
        train_every: 1,
        epsilon_decay: 0.98,
        ..DqnConfig::default()
    }))
}

fn fields() -> Vec<Problem> {
    [0.3, 0.8, 1.6].into_iter().map(spins).collect()
}

fn played(family: &mut Family) -> Vec<FamilyEvent> {
    std::iter::from_fn(|| family.step().expect("valid")).collect()
}

#[test]
fn a_family_shares_its_episodes_and_its_agent() {
    let mut family = Family::new(learner(), fields(), 4).expect("valid");
    let drawn = family.policy().expect("valid");
    let events = played(&mut family);
    assert_eq!((events.len(), family.episodes()), (30, 30));
    for member in 0..3 {
        let of_member: Vec<&FamilyEvent> = events.iter().filter(|event| event.member == member).collect();
        assert!(of_member.len() >= 4, "drawn evenly");
        assert_eq!(family.members()[member].episodes() as usize, of_member.len());
        assert!(family.best(member).expect("valid").is_some());
    }
    // one agent: exploration falls from episode to episode, whatever the problem
    assert!(events.windows(2).all(|pair| pair[1].report.exploration <= pair[0].report.exploration));
    assert_ne!(family.policy().expect("valid"), drawn);
    let spent = family.evaluations();
    let between = family.test(spins(1.1)).expect("valid");
    assert!(between.greedy_energy.is_some_and(f64::is_finite));
    assert_eq!((family.evaluations(), family.episodes()), (spent, 30));
    // a test leaves the agent as it was
    assert_eq!(family.test(spins(1.1)).expect("valid"), between);
}

#[test]
fn a_family_of_one_is_a_search() {
    let mut family = Family::new(learner(), vec![spins(0.7)], 6).expect("valid");
    let mut search = Search::new(learner(), spins(0.7), 6).expect("valid");
    for event in played(&mut family) {
        assert_eq!(Event::Episode(event.report), search.step().expect("valid"));
    }
    assert_eq!(family.policy().expect("valid"), search.policy().expect("valid"));
}

#[test]
fn a_family_that_is_cut_goes_on_bit_for_bit() {
    let mut whole = Family::new(learner(), fields(), 9).expect("valid");
    let events = played(&mut whole);
    let mut cut = Family::new(learner(), fields(), 9).expect("valid");
    let mut seen = Vec::new();
    while let Some(event) = cut.step().expect("valid") {
        seen.push(event);
        cut = Family::resume(learner(), fields(), 9, &cut.state()).expect("valid");
    }
    assert_eq!(seen, events);
    assert_eq!(cut.state(), whole.state());
    let two = fields().into_iter().take(2).collect();
    assert!(matches!(Family::resume(learner(), two, 9, &cut.state()), Err(QasError::OtherSearch { .. })));
    assert!(matches!(Family::resume(learner(), fields(), 9, &cut.state()[..9]), Err(QasError::Corrupt { .. })));
}

#[test]
fn the_evaluations_of_a_family_are_those_of_all_its_problems() {
    let limited = SearchConfig { evaluations: Some(400), episodes: u64::MAX, ..learner() };
    let mut family = Family::new(limited, fields(), 2).expect("valid");
    played(&mut family);
    // a step, with its fit, may go beyond
    assert!((400..460).contains(&family.evaluations()), "{}", family.evaluations());
}

#[test]
fn what_makes_no_family_is_refused() {
    let wide = PauliSum::new(3, [(PauliString::from_word("ZZZ").expect("valid"), 1.0)]).expect("valid");
    let wide = || Problem::new("wide", wide.clone()).expect("valid").with_exact_energy(-1.0).expect("valid");
    let refused = |config: SearchConfig, problems: Vec<Problem>| Family::new(config, problems, 1).err().expect("refused");
    assert!(matches!(refused(learner(), Vec::new()), QasError::InvalidSetting { .. }));
    assert!(matches!(refused(learner(), vec![spins(0.5), wide()]), QasError::InvalidSetting { .. }));
    assert!(matches!(refused(config(AgentConfig::Local(LocalConfig::default())), fields()), QasError::InvalidSetting { .. }));
    let mut family = Family::new(learner(), fields(), 1).expect("valid");
    assert!(matches!(family.test(wide()), Err(QasError::InvalidSetting { .. })));
    // the agent is where it was
    assert!(family.step().expect("valid").is_some());
    let random = config(AgentConfig::Random(RandomConfig {}));
    let mut drawing = Family::new(random.clone(), fields(), 1).expect("valid");
    assert!(matches!(drawing.begin_from(&[]), Err(QasError::InvalidSetting { .. })));
    for reptile in
        [ReptileConfig { step: 0.0, ..ReptileConfig::default() }, ReptileConfig { episodes: 0, ..ReptileConfig::default() }]
    {
        assert!(Reptile::new(reptile, learner(), fields(), 1).is_err());
    }
    assert!(Reptile::new(ReptileConfig::default(), random, fields(), 1).is_err());
    assert!(Reptile::new(ReptileConfig::default(), learner(), vec![spins(0.5), wide()], 1).is_err());
    assert!(Reptile::new(ReptileConfig::default(), learner(), Vec::new(), 1).is_err());
}

/// A whole step takes over the weights of the one search, which begins from the start that was drawn.
#[test]
fn a_whole_step_ends_where_the_search_does() {
    let one = ReptileConfig { rounds: 1, episodes: 7, step: 1.0 };
    let mut reptile = Reptile::new(one, learner(), vec![spins(0.6)], 5).expect("valid");
    let start = reptile.start().to_vec();
    let mut draws = qloom_circuits::Stream::named(5, "reptile");
    assert_eq!(draws.below(1), 0);
    let mut search = Search::new(SearchConfig { episodes: 7, ..learner() }, spins(0.6), draws.word()).expect("valid");
    search.begin_from(&start).expect("valid");
    while let Event::Episode(_) = search.step().expect("valid") {}
    let event = reptile.step().expect("valid").expect("one round");
    assert_eq!((event.evaluations, event.successes), (search.evaluations(), search.successes()));
    assert_eq!(reptile.start(), search.policy().expect("valid").expect("weights"));
    assert!(reptile.step().expect("valid").is_none());
    // weights of another shape are refused
    let other = config(AgentConfig::Dqn(DqnConfig { hidden: vec![13], ..DqnConfig::default() }));
    assert!(Search::new(other, spins(0.6), 1).expect("valid").begin_from(&start).is_err());
}

#[test]
fn a_start_that_is_cut_goes_on_bit_for_bit() {
    let few = ReptileConfig { rounds: 4, episodes: 5, step: 0.5 };
    let new = || Reptile::new(few.clone(), learner(), fields(), 8).expect("valid");
    let mut whole = new();
    let events: Vec<ReptileEvent> = std::iter::from_fn(|| whole.step().expect("valid")).collect();
    let mut cut = new();
    let mut seen = Vec::new();
    while let Some(event) = cut.step().expect("valid") {
        seen.push(event);
        cut = Reptile::resume(few.clone(), learner(), fields(), 8, &cut.state()).expect("valid");
    }
    assert_eq!(seen, events);
    assert_eq!((cut.start(), cut.rounds(), cut.evaluations()), (whole.start(), 4, whole.evaluations()));
    assert!(Reptile::resume(few, learner(), fields(), 8, &cut.state()[..5]).is_err());
}

#[test]
fn experiences_of_another_search_are_learnt_from_at_once() {
    let mut first = Search::new(learner(), spins(0.6), 3).expect("valid");
    while let Event::Episode(_) = first.step().expect("valid") {}
    let losses = |with: bool| -> Vec<bool> {
        let waiting = DqnConfig { hidden: vec![12], batch: 20, train_every: 1, ..DqnConfig::default() };
        let mut search =
            Search::new(SearchConfig { episodes: 3, ..config(AgentConfig::Dqn(waiting)) }, spins(0.9), 8).expect("valid");
        if with {
            search.begin_with_experiences(&first.state()).expect("valid");
        }
        let episode = |event| if let Event::Episode(report) = event { Some(report.loss.is_some()) } else { None };
        std::iter::from_fn(|| episode(search.step().expect("valid"))).collect()
    };
    assert_eq!((losses(true), losses(false)), (vec![true; 3], vec![false; 3]));
    let new = |config: SearchConfig| Search::new(config, spins(0.9), 8).expect("valid");
    assert!(new(config(AgentConfig::Random(RandomConfig {}))).begin_with_experiences(&first.state()).is_err());
    assert!(new(config(AgentConfig::Local(LocalConfig::default()))).begin_with_experiences(&first.state()).is_err());
    assert!(new(learner()).begin_with_experiences(&first.state()[..40]).is_err());
    // more actions than the replay knows of are another agent's
    let mut longer = learner();
    longer.environment.max_gates = 9;
    let other = new(longer).state();
    let fewer = new(learner()).begin_with_experiences(&other);
    assert!(fewer.is_ok(), "an empty replay fits any agent");
}
