use super::*;

fn dimensions() -> Dimensions {
    Dimensions { inputs: 5, features: 0, actions: 3 }
}

fn at(place: u32) -> Observation {
    Observation { entries: (0..=place).collect(), energy: 0.0, features: Vec::new(), illegal: vec![2] }
}

/// Four places, each of which wants its own action.
fn play(agent: &mut Evolution, greedily: bool) -> f64 {
    let mut earned = 0.0;
    for place in 0..4 {
        let before = at(place);
        let action = if greedily { agent.act_greedily(&before) } else { agent.act(&before) }.expect("finite");
        assert_ne!(action, 2, "it is illegal");
        let reward = f64::from(u8::from(action == [0, 1, 1, 0][place as usize]));
        earned += reward;
        if !greedily {
            agent.observe(Transition { before, action, reward, after: at((place + 1).min(3)), done: place == 3 });
            assert!(agent.learn().expect("never fails").is_none());
        }
    }
    earned
}

fn agent(config: EvolutionConfig, seed: u64) -> Evolution {
    Evolution::new(config, dimensions(), seed).expect("valid")
}

#[test]
fn the_best_are_selected_and_mutated_until_all_is_right() {
    for seed in 1..=3 {
        let config = EvolutionConfig { hidden: vec![16], mutation: 0.2, ..EvolutionConfig::default() };
        let mut agent = agent(config, seed);
        (0..600).for_each(|_| _ = play(&mut agent, false));
        assert_eq!(play(&mut agent, true), 4.0, "seed {seed}");
    }
}

#[test]
fn saved_and_loaded_it_goes_on_alike() {
    for novelty in [0.0, 0.5, 1.0] {
        let config = EvolutionConfig { population: 7, parents: 3, novelty, ..EvolutionConfig::default() };
        let mut first = agent(config.clone(), 1);
        (0..30).for_each(|_| _ = play(&mut first, false));
        let mut other = agent(config.clone(), 2);
        other.load(&first.save()).expect("just saved");
        for _ in 0..20 {
            assert_eq!(play(&mut first, false), play(&mut other, false));
            assert_eq!((first.save(), first.policy().expect("fits")), (other.save(), other.policy().expect("fits")));
        }
        // a network of thousands of weights is a few numbers
        let bytes = if novelty > 0.0 { 3000 } else { 600 };
        assert!(first.save().len() < bytes, "{}", first.save().len());
        assert!(agent(EvolutionConfig { population: 4, parents: 2, ..config }, 1).load(&first.save()).is_err());
    }
}

#[test]
fn distances_and_ranks_by_novelty() {
    assert_eq!((distance(&[1, 2, 3], &[1, 2, 3]), distance(&[1, 2], &[3, 4]), distance(&[], &[])), (0.0, 1.0, 0.0));
    assert!((distance(&[1, 2, 3], &[2, 3, 4]) - 0.5).abs() < 1e-12);
    let mut agent = agent(EvolutionConfig { population: 9, parents: 1, novelty: 1.0, ..EvolutionConfig::default() }, 1);
    let mut stream = Stream::named(3, "test");
    let mut played = |earned, novelty| Played { genome: Genome::new(&mut stream), earned, novelty };
    agent.state.played = vec![played(3.0, 0.1), played(1.0, 0.9), played(2.0, 0.5)];
    assert_eq!(agent.selected(), [agent.state.played[1].genome.clone()]);
    agent.config.novelty = 0.0;
    assert_eq!(agent.selected(), [agent.state.played[0].genome.clone()]);
}

#[test]
fn what_is_outside_its_range_is_refused() {
    let default = EvolutionConfig::default;
    for bad in [
        EvolutionConfig { hidden: vec![0], ..default() },
        EvolutionConfig { population: 2, ..default() },
        EvolutionConfig { parents: 0, ..default() },
        EvolutionConfig { parents: 21, ..default() },
        EvolutionConfig { mutation: 0.0, ..default() },
        EvolutionConfig { novelty: 1.5, ..default() },
    ] {
        assert!(Evolution::new(bad, dimensions(), 1).is_err());
    }
}
