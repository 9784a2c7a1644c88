use super::*;

const DIMENSIONS: Dimensions = Dimensions { inputs: 10, features: 0, actions: 3 };

/// a on qubit 0, b on qubit 1, c on both.
fn qubits() -> [Vec<usize>; 3] {
    [vec![0], vec![1], vec![0, 1]]
}

fn seen(taken: &[usize], energy: f64) -> Observation {
    // a and b change places: one circuit
    let mut taken = taken.to_vec();
    if taken == [1, 0] {
        taken = vec![0, 1];
    }
    let entries = taken.iter().enumerate().map(|(step, action)| (3 * step + action) as u32).collect();
    Observation { entries, energy: energy as f32, features: Vec::new(), illegal: Vec::new() }
}

/// Circuits of two gates, and what they cost.
fn energy(taken: &[usize]) -> f64 {
    match taken {
        [0, 1] | [1, 0] => -1.0,
        [2, 0] => -2.0,
        [2, 2] => -1.5,
        _ => 0.0,
    }
}

fn play(agent: &mut Gflownet) {
    let mut taken = Vec::new();
    while taken.len() < 2 {
        let before = seen(&taken, 0.0);
        taken.push(agent.act(&before).expect("acts"));
        let (after, done) = (seen(&taken, energy(&taken)), taken.len() == 2);
        agent.observe(Transition { before, action: taken[taken.len() - 1], reward: 0.0, after, done });
    }
}

fn config() -> GflownetConfig {
    GflownetConfig { hidden: vec![16], learning_rate: 1e-2, beta: 1.0, replay: 64, ..GflownetConfig::default() }
}

/// The probabilities of the nine orders follow the rewards of the eight circuits, the one of two orders as those of one.
#[test]
fn circuits_are_drawn_in_proportion_to_their_rewards() {
    let mut agent = Gflownet::new(config(), DIMENSIONS, 1).expect("valid").with_qubits(&qubits());
    for _ in 0..1500 {
        play(&mut agent);
    }
    let mut order = |first: usize, second: usize| {
        agent.probabilities(&seen(&[], 0.0)).expect("finite")[first]
            * agent.probabilities(&seen(&[first], 0.0)).expect("finite")[second]
    };
    let drawn =
        [order(0, 1) + order(1, 0), order(2, 0), order(2, 2), order(0, 0), order(1, 1), order(0, 2), order(1, 2), order(2, 1)];
    let rewards = [1f64, 2.0, 1.5, 0.0, 0.0, 0.0, 0.0, 0.0].map(f64::exp);
    let whole: f64 = rewards.iter().sum();
    for (drawn, reward) in drawn.iter().zip(&rewards) {
        assert!((drawn - reward / whole).abs() < 0.02, "{drawn} {}", reward / whole);
    }
    let partition = agent.partition.expect("learnt");
    assert!((partition - whole.ln()).abs() < 0.1, "{partition} {}", whole.ln());
    assert_eq!(agent.act_greedily(&seen(&[], 0.0)).expect("acts"), 2);
}

#[test]
fn a_scale_stands_for_the_energy_that_is_seen_as_one() {
    let mut agent = Gflownet::new(config(), DIMENSIONS, 1).expect("valid").with_scale(3.0);
    play(&mut agent);
    let taken: Vec<usize> = agent.replay[0].actions.iter().map(|&action| usize::from(action)).collect();
    assert_eq!((agent.replay[0].reward, agent.replay[0].backward), (-3.0 * energy(&taken), 0.0));
}

#[test]
fn settings_outside_their_range_and_states_of_others_are_refused() {
    for config in [
        GflownetConfig { hidden: vec![0], ..config() },
        GflownetConfig { learning_rate: 0.0, ..config() },
        GflownetConfig { partition_rate: 0.0, ..config() },
        GflownetConfig { partition_rate: 1.5, ..config() },
        GflownetConfig { beta: f64::INFINITY, ..config() },
        GflownetConfig { epsilon: -0.1, ..config() },
        GflownetConfig { batch: 0, ..config() },
        GflownetConfig { updates: 0, ..config() },
        GflownetConfig { replay: 15, ..config() },
        GflownetConfig { replay: 100_001, ..config() },
        GflownetConfig { max_gradient: f64::NAN, ..config() },
    ] {
        assert!(matches!(Gflownet::new(config, DIMENSIONS, 1), Err(QasError::InvalidSetting { .. })));
    }
    let mut agent = Gflownet::new(config(), DIMENSIONS, 1).expect("valid");
    (0..40).for_each(|_| play(&mut agent));
    let bytes = agent.save();
    let loaded = |config, dimensions| Gflownet::new(config, dimensions, 2).expect("valid").load(&bytes);
    assert!(loaded(config(), DIMENSIONS).is_ok());
    assert!(matches!(loaded(GflownetConfig { replay: 20, ..config() }, DIMENSIONS), Err(QasError::OtherSearch { .. })));
    let wide = GflownetConfig { hidden: vec![17], ..config() };
    assert!(matches!(loaded(wide, DIMENSIONS), Err(QasError::OtherSearch { what: "network size" })));
    let narrow = Dimensions { actions: 2, ..DIMENSIONS };
    assert!(matches!(loaded(config(), narrow), Err(QasError::Corrupt { .. })));
    assert!(Gflownet::new(config(), DIMENSIONS, 1).expect("valid").load(&bytes[..9]).is_err());
}

#[test]
fn rewards_that_are_not_finite_are_told() {
    let mut agent = Gflownet::new(GflownetConfig { batch: 1, ..config() }, DIMENSIONS, 1).expect("valid");
    let before = seen(&[], 0.0);
    agent.observe(Transition { before: before.clone(), action: 0, reward: 0.0, after: seen(&[0], f64::NAN), done: true });
    assert!(matches!(agent.act(&before), Err(QasError::Diverged { .. })));
}
