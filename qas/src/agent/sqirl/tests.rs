use super::*;

const DIMENSIONS: Dimensions = Dimensions { inputs: 40, features: 0, actions: 3 };

fn seen(entries: &[u32]) -> Observation {
    Observation { entries: entries.to_vec(), energy: 0.0, features: Vec::new(), illegal: Vec::new() }
}

/// An episode of four steps whose state is the list of its actions, which `earn` pays for; returns what it earned.
fn play(agent: &mut dyn Agent, greedily: bool, earn: impl Fn(&[usize]) -> f64) -> f64 {
    let (mut taken, mut sum) = (Vec::new(), 0.0);
    let state =
        |taken: &[usize]| seen(&taken.iter().enumerate().map(|(step, action)| (3 * step + action) as u32).collect::<Vec<_>>());
    while taken.len() < 4 {
        let before = state(&taken);
        let action = if greedily { agent.act_greedily(&before) } else { agent.act(&before) }.expect("acts");
        taken.push(action);
        let (reward, done) = (earn(&taken), taken.len() == 4);
        sum += reward;
        if !greedily {
            agent.observe(Transition { before, action, reward, after: state(&taken), done });
        }
    }
    sum
}

fn agent(episodes: usize, iterations: usize) -> Sqirl {
    let config = SqirlConfig { episodes, iterations, ..SqirlConfig::default() };
    Sqirl::new(config, DIMENSIONS, 1).expect("valid")
}

/// Each step pays for action 2: values of the random policy are enough.
#[test]
fn a_policy_is_learnt_step_by_step() {
    let mut agent = agent(30, 1);
    let earn = |taken: &[usize]| f64::from(u8::from(taken.last() == Some(&2)));
    for learnt in 0..4 {
        assert_eq!(agent.state.policy.len(), learnt);
        for _ in 0..30 {
            play(&mut agent, false, earn);
        }
        agent.act(&seen(&[])).expect("acts");
    }
    assert_eq!(agent.state.policy.len(), 4);
    assert_eq!(play(&mut agent, true, earn), 4.0);
    agent.tested(0.0).expect("nothing to do");
    assert_eq!(play(&mut agent, true, earn), 4.0, "a test begins at the first step");
    for _ in 0..30 {
        play(&mut agent, false, earn);
    }
    agent.act(&seen(&[])).expect("acts");
    assert_eq!(agent.state.policy.len(), 0, "no step is left: it begins anew");
}

/// Action 0 first pays 0.6 for sure; action 1 first pays 1 if action 1 follows, which a random policy does once in three: two steps of
/// Q-iteration see that, one does not.
#[test]
fn a_deeper_iteration_sees_further() {
    let earn = |taken: &[usize]| match taken {
        [0] => 0.6,
        [1, 1] => 1.0,
        _ => 0.0,
    };
    let first = |iterations| {
        let mut agent = agent(200, iterations);
        for _ in 0..200 {
            play(&mut agent, false, earn);
        }
        agent.act(&seen(&[])).expect("acts")
    };
    assert_eq!((first(1), first(2), first(4)), (0, 1, 1));
}

#[test]
fn settings_outside_their_range_and_states_of_others_are_refused() {
    for config in [
        SqirlConfig { episodes: 1, ..SqirlConfig::default() },
        SqirlConfig { episodes: 1001, ..SqirlConfig::default() },
        SqirlConfig { iterations: 0, ..SqirlConfig::default() },
        SqirlConfig { iterations: 11, ..SqirlConfig::default() },
        SqirlConfig { ridge: 0.0, ..SqirlConfig::default() },
        SqirlConfig { ridge: f64::NAN, ..SqirlConfig::default() },
    ] {
        assert!(matches!(Sqirl::new(config, DIMENSIONS, 1), Err(QasError::InvalidSetting { .. })));
    }
    let mut deep = agent(6, 3);
    for _ in 0..8 {
        play(&mut deep, false, |_| 1.0);
    }
    let bytes = deep.save();
    assert!(agent(6, 3).load(&bytes).is_ok());
    assert!(matches!(agent(6, 1).load(&bytes), Err(QasError::Corrupt { .. })));
    let narrow = Dimensions { actions: 1, ..DIMENSIONS };
    let mut narrow = Sqirl::new(SqirlConfig { episodes: 6, iterations: 3, ..SqirlConfig::default() }, narrow, 1).expect("valid");
    assert!(matches!(narrow.load(&bytes), Err(QasError::Corrupt { .. })));
    assert!(agent(6, 3).load(&bytes[..5]).is_err());
}

#[test]
fn rewards_that_are_not_finite_are_told() {
    let mut agent = agent(2, 1);
    for _ in 0..2 {
        play(&mut agent, false, |_| f64::INFINITY);
    }
    assert!(matches!(agent.act(&seen(&[])), Err(QasError::Diverged { .. })));
}
