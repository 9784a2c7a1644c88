use super::resume::{resumes_bit_for_bit, with_every_option};
use super::*;
use crate::{GeneticConfig, Start};

/// What a search reports but for the evaluations, and the circuit found.
fn told(search: &mut Search) -> (Vec<Event>, Option<Found>) {
    let mut events = events(search);
    for event in &mut events {
        if let Event::Episode(report) = event {
            report.evaluations = 0;
        }
    }
    let found = search.best().expect("builds").map(|found| Found { evaluations: 0, ..found });
    (events, found)
}

#[test]
fn kept_fits_change_nothing_but_the_evaluations() {
    for agent in [small().agent, AgentConfig::Random(RandomConfig {}), AgentConfig::Genetic(GeneticConfig::default())] {
        let mut config = SearchConfig { agent, episodes: 12, ..small() };
        config.environment.start = Start::BasisState;
        config.objective.cache = Some(crate::CacheConfig::default());
        resumes_bit_for_bit(&config);
        let mut keeping = Search::new(config.clone(), hydrogen(), 4).expect("valid");
        let mut forgetting = Search::new(config.clone(), hydrogen(), 4).expect("valid");
        forgetting.objective.keep_nothing();
        assert_eq!(told(&mut keeping), told(&mut forgetting));
        assert!(keeping.cache_hits() > 0 && forgetting.cache_hits() == 0);
        assert!(keeping.evaluations() < forgetting.evaluations());
        // the circuits themselves are fitted where nothing is kept: to the tolerance of a fit it is the same energy
        config.objective.cache = None;
        let mut plain = Search::new(config, hydrogen(), 4).expect("valid");
        events(&mut plain);
        let energy = |search: &Search| search.best().expect("builds").expect("found").energy;
        assert!((energy(&plain) - energy(&keeping)).abs() < 1e-7);
    }
    let [minimizer, ..] = stochastic_minimizers();
    let mut config = noisy(minimizer);
    config.objective.cache = Some(crate::CacheConfig::default());
    assert!(matches!(Search::new(config, hydrogen(), 1), Err(QasError::InvalidSetting { .. })));
}

#[test]
fn fits_put_off_cost_less() {
    let evaluations = |fit| {
        let mut config = SearchConfig { agent: AgentConfig::Random(RandomConfig {}), episodes: 10, ..small() };
        config.environment.fit = fit;
        config.best.prune = false;
        // out of reach: every episode has all its gates
        config.teacher = crate::TeacherConfig::Fixed(crate::FixedConfig { thresholds: vec![1e-12], episodes: Vec::new() });
        let mut search = Search::new(config, hydrogen(), 4).expect("valid");
        events(&mut search);
        search.evaluations()
    };
    let all = evaluations(crate::FitConfig::default());
    let some = evaluations(crate::FitConfig { every: 4, between: crate::Between::NewAngles });
    let few = evaluations(crate::FitConfig { every: 0, between: crate::Between::Nothing });
    assert!(few < some && some < all, "{few} {some} {all}");
}

#[test]
fn edits_and_fits_put_off_resume_bit_for_bit() {
    let mut config = with_every_option();
    config.environment.actions.edits = vec![crate::Edit::DeleteLast, crate::Edit::DeleteCheapest, crate::Edit::ReplaceCheapest];
    config.environment.fit = crate::FitConfig { every: 3, ..crate::FitConfig::default() };
    config.episodes = 12;
    resumes_bit_for_bit(&config);
}
