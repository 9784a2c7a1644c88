//! Saved and resumed, a search goes on as if nothing had been.

use super::*;
use crate::{
    AdaptConfig, AdaptPool, Advantage, AdversaryConfig, AlpGmmConfig, AnnealingConfig, EvolutionConfig, GeneticConfig,
    GflownetConfig, Lag, LayersConfig, LocalConfig, MctsConfig, MeasureConfig, NoveltyConfig, ObserveConfig, PpoConfig,
    PrioritisedConfig, RandomTeacherConfig, ReplaySampling, RiacConfig, SelfPacedConfig, SqirlConfig, Start, StreamQConfig,
    TaskSpaceConfig, TeacherConfig, TestConfig, VarietyConfig,
};

/// A search saved and resumed after every episode is the uncut one, whose events these are.
pub(super) fn resumes_bit_for_bit(config: &SearchConfig) -> Vec<Event> {
    let mut uncut = Search::new(config.clone(), hydrogen(), 5).expect("valid");
    let expected = events(&mut uncut);
    let mut cut = Search::new(config.clone(), hydrogen(), 5).expect("valid");
    let mut seen = Vec::new();
    while let event @ Event::Episode(_) = cut.step().expect("steps") {
        seen.push(event);
        cut = Search::resume(config.clone(), hydrogen(), &cut.state()).expect("just saved");
    }
    assert_eq!(seen, expected);
    assert_eq!(cut.state(), uncut.state());
    assert_eq!(cut.best().expect("builds"), uncut.best().expect("builds"));
    expected
}

#[test]
fn resumed_it_goes_on_bit_for_bit() {
    for agent in [
        small().agent,
        AgentConfig::Ppo(PpoConfig { episodes: 4, minibatch: 8, ..PpoConfig::default() }),
        AgentConfig::Ppo(PpoConfig { episodes: 4, advantage: Advantage::Group, ..PpoConfig::default() }),
        AgentConfig::Mcts(MctsConfig { simulations: 3, train_every: 1, ..MctsConfig::default() }),
        AgentConfig::Mcts(MctsConfig { network: false, ..MctsConfig::default() }),
        AgentConfig::Evolution(EvolutionConfig { population: 6, parents: 2, novelty: 0.3, ..EvolutionConfig::default() }),
        AgentConfig::StreamQ(StreamQConfig { epsilon_steps: 60, ..StreamQConfig::default() }),
        AgentConfig::Sqirl(SqirlConfig { episodes: 4, iterations: 2, ..SqirlConfig::default() }),
        AgentConfig::Gflownet(GflownetConfig { batch: 4, replay: 9, ..GflownetConfig::default() }),
        AgentConfig::Random(RandomConfig {}),
        AgentConfig::Local(LocalConfig::default()),
        AgentConfig::Annealing(AnnealingConfig::default()),
        AgentConfig::Genetic(GeneticConfig::default()),
        AgentConfig::Layers(LayersConfig::default()),
        AgentConfig::Adapt(AdaptConfig { pool: AdaptPool::Strings, ..AdaptConfig::default() }),
    ] {
        let config = SearchConfig { agent, ..small() };
        resumes_bit_for_bit(&config);
    }
}

/// Every teacher, over thresholds alone and with a budget of gates; tests in between draw no task of their own.
#[test]
fn every_teacher_resumes_bit_for_bit() {
    for gates in [None, Some([2, 8])] {
        let space = TaskSpaceConfig { threshold: Some([1e-2, 2.0]), gates };
        for teacher in [
            TeacherConfig::Random(RandomTeacherConfig { space: space.clone() }),
            TeacherConfig::AlpGmm(AlpGmmConfig { space: space.clone(), fit_every: 20, ..AlpGmmConfig::default() }),
            TeacherConfig::Riac(RiacConfig { space: space.clone(), size: 8, ..RiacConfig::default() }),
            TeacherConfig::SelfPaced(SelfPacedConfig { space: space.clone(), every: 5, ..SelfPacedConfig::default() }),
        ] {
            let test = TestConfig { every: 7, at_end: false };
            let config = SearchConfig { teacher, test, episodes: 50, agent: AgentConfig::Random(RandomConfig {}), ..small() };
            let reports = resumes_bit_for_bit(&config);
            let tasks = |report: &Event| match report {
                Event::Episode(report) => Some((report.threshold, report.max_gates, report.gates)),
                Event::Finished(_) => None,
            };
            let tasks: Vec<_> = reports.iter().filter_map(tasks).collect();
            assert!(tasks.iter().all(|task| (0.01 - 1e-12..2.0 + 1e-12).contains(&task.0)));
            assert!(tasks.iter().all(|&(_, most, gates)| most.is_some() == space.gates.is_some() && gates <= most.unwrap_or(8)));
            assert!(tasks.windows(2).any(|pair| pair[0].0 != pair[1].0));
        }
    }
}

/// An agent with every option, tested every five episodes and at the end.
pub(super) fn with_every_option() -> SearchConfig {
    let mut config = small();
    let AgentConfig::Dqn(dqn) = &config.agent else { panic!("it learns") };
    let sampling = ReplaySampling::Prioritised(PrioritisedConfig { anneal: 50, ..PrioritisedConfig::default() });
    config.agent = AgentConfig::Dqn(DqnConfig { sampling, dueling: true, restore: 0.9, together: 2, ..dqn.clone() });
    config.environment.observe =
        ObserveConfig { slopes: true, occupations: true, threshold: true, angles: true, budget: true, hamiltonian: false };
    config.environment.start = Start::BasisState;
    config.environment.reward.novelty = Some(NoveltyConfig { nearest: 2, archive: 20, ..NoveltyConfig::default() });
    config.measure = MeasureConfig { variety: Some(VarietyConfig { error: 0.1, most: 3 }), experience: true };
    config.environment.actions.steepest = 4;
    config.test = TestConfig { every: 5, at_end: true };
    config.episodes = 28;
    config
}

#[test]
fn with_every_option_it_resumes_bit_for_bit() {
    let reports = resumes_bit_for_bit(&with_every_option());
    let tests: Vec<(usize, f64)> = (reports.iter().enumerate())
        .filter_map(|(place, event)| match event {
            Event::Episode(report) => Some((place + 1, report.greedy_energy?)),
            Event::Finished(_) => None,
        })
        .collect();
    // after every fifth episode, and once more at the end
    assert_eq!(tests.iter().map(|test| test.0).collect::<Vec<_>>(), [5, 10, 15, 20, 25, 29]);
    assert!(tests.iter().all(|test| test.1 > -1.1372701746609029 - 1e-9 && test.1 < -0.3));
    for lag in [Lag::Fit, Lag::Energy] {
        let mut config = with_every_option();
        config.environment.lag = lag;
        config.episodes = 12;
        resumes_bit_for_bit(&config);
    }
}

/// Episodes side by side: the same bits on any number of threads, cut anywhere, also between episodes of one group.
#[test]
fn side_by_side_it_resumes_bit_for_bit_on_any_number_of_threads() {
    let on = |threads: usize, config: &SearchConfig| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("small");
        pool.install(|| resumes_bit_for_bit(config))
    };
    for agent in [
        AgentConfig::Ppo(PpoConfig { episodes: 4, minibatch: 8, ..PpoConfig::default() }),
        AgentConfig::Evolution(EvolutionConfig { population: 6, parents: 2, novelty: 0.3, ..EvolutionConfig::default() }),
        AgentConfig::Sqirl(SqirlConfig { episodes: 7, iterations: 2, ..SqirlConfig::default() }),
        AgentConfig::Gflownet(GflownetConfig { batch: 4, replay: 9, ..GflownetConfig::default() }),
        AgentConfig::Random(RandomConfig {}),
    ] {
        let mut config = SearchConfig { agent, environments: 4, ..small() };
        config.test = TestConfig { every: 5, at_end: false };
        config.measure = MeasureConfig { variety: Some(VarietyConfig { error: 0.1, most: 3 }), experience: true };
        let reports = on(1, &config);
        assert_eq!(reports.len(), 30);
        assert_eq!(on(3, &config), reports, "{:?}", config.agent);
    }
    // shots of each episode are drawn from a stream of its own
    let [_, lbfgs, _] = stochastic_minimizers();
    let config = SearchConfig { agent: AgentConfig::Random(RandomConfig {}), environments: 5, ..noisy(lbfgs) };
    assert_eq!(on(3, &config), on(1, &config));
}

/// Where evaluations run out within a group, the rest of it counts for nothing.
#[test]
fn a_group_ends_where_the_evaluations_do() {
    let agent = AgentConfig::Random(RandomConfig {});
    let config = SearchConfig { agent, environments: 8, evaluations: Some(100), episodes: 1000, ..small() };
    let mut search = Search::new(config, hydrogen(), 5).expect("valid");
    let reports = events(&mut search);
    let Some(Event::Episode(last)) = reports.last() else { panic!("one was played") };
    assert!((100..200).contains(&search.evaluations()) && last.evaluations <= search.evaluations());
    assert_eq!(search.stop_reason(), Some(StopReason::Evaluations));
    assert_eq!(search.episodes(), reports.len() as u64);
}

#[test]
fn what_ties_episodes_to_each_other_is_not_played_side_by_side() {
    let random = SearchConfig { agent: AgentConfig::Random(RandomConfig {}), environments: 2, ..small() };
    let refused = |config: SearchConfig| match Search::new(config, hydrogen(), 1).err() {
        Some(QasError::InvalidSetting { setting, .. }) => setting == "environments",
        _ => false,
    };
    assert!(!refused(random.clone()));
    for environments in [0, 1001] {
        assert!(refused(SearchConfig { environments, ..random.clone() }));
    }
    for agent in [small().agent, AgentConfig::Local(LocalConfig::default()), AgentConfig::StreamQ(StreamQConfig::default())] {
        assert!(refused(SearchConfig { agent, ..random.clone() }));
    }
    let teacher = TeacherConfig::Random(RandomTeacherConfig::default());
    assert!(refused(SearchConfig { teacher, ..random.clone() }));
    let mut novel = random.clone();
    novel.environment.reward.novelty = Some(NoveltyConfig::default());
    assert!(refused(novel));
    let mut cached = random;
    cached.objective.cache = Some(crate::CacheConfig::default());
    assert!(refused(cached));
}

#[test]
fn under_noise_and_shots_it_resumes_bit_for_bit_too() {
    for minimizer in stochastic_minimizers() {
        let config = noisy(minimizer);
        let expected = resumes_bit_for_bit(&config);
        let other = events(&mut Search::new(config, hydrogen(), 6).expect("valid"));
        assert_ne!(other, expected, "another seed, other errors");
    }
}

/// Noise that an adversary chooses, tests in between under the noise as it is.
#[test]
fn an_adversary_of_noise_resumes_bit_for_bit() {
    let [_, lbfgs, _] = stochastic_minimizers();
    let adversary = AdversaryConfig { scales: vec![1, 3], every: 3, ..AdversaryConfig::default() };
    let teacher = TeacherConfig::Adversary(adversary.clone());
    let test = TestConfig { every: 5, at_end: false };
    let config = SearchConfig { teacher, test, agent: AgentConfig::Random(RandomConfig {}), ..noisy(lbfgs) };
    let reports = resumes_bit_for_bit(&config);
    let noise = |event: &Event| match event {
        Event::Episode(report) => report.noise,
        Event::Finished(_) => None,
    };
    let scales: Vec<u32> = reports.iter().filter_map(noise).collect();
    assert!(scales.len() == 12 && scales.contains(&1) && scales.contains(&3), "{scales:?}");
    let still = SearchConfig { teacher: TeacherConfig::Adversary(adversary), ..small() };
    assert!(matches!(Search::new(still, hydrogen(), 1), Err(QasError::InvalidSetting { .. })), "there is no noise");
}

#[test]
fn a_walk_by_measured_slopes_resumes_bit_for_bit() {
    let [_, lbfgs, _] = stochastic_minimizers();
    let config = SearchConfig { agent: AgentConfig::Local(LocalConfig { weight: 2, ..LocalConfig::default() }), ..noisy(lbfgs) };
    resumes_bit_for_bit(&config);
}

#[test]
fn the_limits_may_change_on_resuming_and_nothing_else() {
    let mut search = Search::new(small(), hydrogen(), 5).expect("valid");
    events(&mut search);
    let state = search.state();
    let longer = SearchConfig { episodes: 33, ..small() };
    let mut resumed = Search::resume(longer, hydrogen(), &state).expect("only a limit differs");
    assert_eq!(events(&mut resumed).len(), 3);

    let mut wider = small();
    wider.environment.max_gates = 9;
    assert!(matches!(Search::resume(wider, hydrogen(), &state), Err(QasError::OtherSearch { .. })));
    let spin = Problem::new("spin", PauliSum::z(0, 2)).expect("valid");
    assert!(matches!(Search::resume(small(), spin, &state), Err(QasError::OtherSearch { .. })));
    for length in [0, 1, 40, state.len() - 1] {
        assert!(Search::resume(small(), hydrogen(), &state[..length]).is_err(), "{length} bytes of it");
    }
    let mut future = state;
    future[0] = 99;
    assert!(matches!(Search::resume(small(), hydrogen(), &future), Err(QasError::OtherFormat { found: 99, expected: FORMAT })));
}
