use super::*;

const CORRIDOR: u32 = 5;

fn dimensions() -> Dimensions {
    Dimensions { inputs: CORRIDOR as usize + 1, features: 0, actions: 2 }
}

fn at(place: u32) -> Observation {
    Observation { entries: vec![place], energy: 0.0, features: Vec::new(), illegal: Vec::new() }
}

/// Steps to the right lead along a corridor to a reward at its end, the other action ends the episode with a smaller one.
fn play(agent: &mut StreamQ, greedily: bool) -> f64 {
    let mut place = 0;
    loop {
        let before = at(place);
        let action = if greedily { agent.act_greedily(&before) } else { agent.act(&before) }.expect("finite");
        let (reward, done) = match action {
            0 => (0.2, true),
            _ if place + 1 == CORRIDOR => (1.0, true),
            _ => (0.0, false),
        };
        place = (place + 1).min(CORRIDOR - 1);
        if !greedily {
            agent.observe(Transition { before, action, reward, after: at(place), done });
        }
        if done {
            return reward;
        }
        if !greedily {
            assert!(agent.learn().expect("finite").is_some());
        }
    }
}

#[test]
fn it_learns_to_wait_for_the_larger_reward() {
    for seed in 1..=3 {
        let config = StreamQConfig { hidden: vec![32], sparsity: 0.5, epsilon_steps: 2000, ..StreamQConfig::default() };
        let mut agent = StreamQ::new(config, dimensions(), seed).expect("valid");
        assert_eq!(agent.exploration(), 1.0);
        (0..1500).for_each(|_| _ = play(&mut agent, false));
        assert_eq!(play(&mut agent, true), 1.0, "seed {seed}");
        assert!((agent.exploration() - 0.01).abs() < 1e-12);
    }
}

#[test]
fn saved_and_loaded_it_goes_on_alike() {
    let new =
        |seed| StreamQ::new(StreamQConfig { epsilon_steps: 100, ..StreamQConfig::default() }, dimensions(), seed).expect("valid");
    let mut agent = new(1);
    (0..30).for_each(|_| _ = play(&mut agent, false));
    let mut other = new(2);
    other.load(&agent.save()).expect("just saved");
    for _ in 0..30 {
        assert_eq!(play(&mut agent, false), play(&mut other, false));
        assert_eq!(agent.save(), other.save());
    }
    let wide = Dimensions { inputs: 9, ..dimensions() };
    let mut wide = StreamQ::new(StreamQConfig::default(), wide, 1).expect("valid");
    assert!(matches!(wide.load(&agent.save()), Err(QasError::OtherSearch { .. })));
    assert!(wide.load(&[1, 2]).is_err());
}

#[test]
fn illegal_actions_are_never_taken() {
    let mut agent = StreamQ::new(StreamQConfig::default(), dimensions(), 1).expect("valid");
    let observation = Observation { illegal: vec![1], ..at(2) };
    for _ in 0..50 {
        assert_eq!(agent.act(&observation).expect("finite"), 0);
        assert_eq!(agent.act_greedily(&observation).expect("finite"), 0);
    }
}

#[test]
fn what_is_outside_its_range_is_refused() {
    let default = StreamQConfig::default;
    for bad in [
        StreamQConfig { hidden: Vec::new(), ..default() },
        StreamQConfig { hidden: vec![0], ..default() },
        StreamQConfig { step_size: 0.0, ..default() },
        StreamQConfig { kappa: -1.0, ..default() },
        StreamQConfig { gamma: 1.1, ..default() },
        StreamQConfig { lambda: f64::NAN, ..default() },
        StreamQConfig { sparsity: 2.0, ..default() },
        StreamQConfig { epsilon_end: -0.1, ..default() },
        StreamQConfig { epsilon_steps: 0, ..default() },
    ] {
        assert!(StreamQ::new(bad, dimensions(), 1).is_err());
    }
}

#[test]
fn an_energy_without_bounds_is_reported_as_divergence() {
    let mut agent = StreamQ::new(StreamQConfig::default(), dimensions(), 1).expect("valid");
    let after = Observation { energy: f32::INFINITY, ..at(1) };
    let action = agent.act(&at(0)).expect("finite");
    agent.observe(Transition { before: at(0), action, reward: 1.0, after, done: false });
    assert!(matches!(agent.learn(), Err(QasError::Diverged { updates: 1, .. })));
}
