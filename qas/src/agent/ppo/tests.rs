use super::advantage::Advantage;
use super::*;
use crate::agent::random::Random;

const DIMENSIONS: Dimensions = Dimensions { inputs: 9, features: 0, actions: 4 };

fn seen(entry: u32, illegal: &[u16]) -> Observation {
    Observation { entries: vec![entry], energy: 0.0, features: Vec::new(), illegal: illegal.to_vec() }
}

/// The whole loss, clipped here and free there, against central differences in double precision.
#[test]
fn the_gradient_of_the_loss_equals_differences() {
    let dimensions = Dimensions { inputs: 9, features: 1, actions: 4 };
    let mut network = ActorCritic::<f64>::new(dimensions, &[5, 4], 1e-2, &mut Stream::named(3, "network")).expect("small");
    let batch: Vec<Observation> = (0..6)
        .map(|number| Observation {
            energy: 0.1 * number as f32,
            features: vec![0.3 - 0.2 * number as f32],
            ..seen(number, &[(number % 3) as u16])
        })
        .collect();
    let batch: Vec<&Observation> = batch.iter().collect();
    let actions = [1, 2, 3, 3, 2, 1];
    let (mut before, _) = network.judge(&batch, &actions).expect("finite");
    // ratios exp(-0.5), ..., exp(0.5): below, within and above the bounds, with advantages of both signs
    before.iter_mut().zip([-0.5, 0.5, -0.05, 0.05, 0.5, -0.5]).for_each(|(before, shift)| *before += shift);
    let minibatch = Minibatch {
        actions: &actions,
        before: &before,
        advantages: &[1.0, 1.5, -0.7, 0.4, -1.2, -0.3],
        returns: &[0.3, -2.0, 1.0, 0.0, 0.5, 4.0],
    };
    let weights = Weights { clip: 0.2, value: 0.5, entropy: 0.1 };
    let of = |network: &mut ActorCritic<f64>| {
        network.differentiate(&batch, |tape, judged| loss(tape, judged, &minibatch, weights)).expect("finite")
    };
    of(&mut network);
    let found = network.gradients.values().to_vec();
    let mut moved = 0;
    for (place, found) in found.iter().enumerate() {
        let mut shifted = |by: f64| {
            network.parameters.values_mut()[place] += by;
            let value = of(&mut network);
            network.parameters.values_mut()[place] -= by;
            value
        };
        let expected = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
        assert!((found - expected).abs() < 1e-6 * expected.abs().max(1.0), "{place}: {found} {expected}");
        moved += usize::from(expected.abs() > 1e-4);
    }
    assert!(moved > 60, "{moved}");
}

/// Worked by hand: one action of ratio 1.5 (clipped to 1.2), one of ratio 0.5 and negative advantage (clipped to 0.8).
#[test]
fn the_objective_is_clipped_as_published() {
    let mut network = ActorCritic::<f64>::new(DIMENSIONS, &[5], 1e-2, &mut Stream::named(3, "network")).expect("small");
    let batch = [seen(0, &[]), seen(1, &[])];
    let batch: Vec<&Observation> = batch.iter().collect();
    let (logarithms, values) = network.judge(&batch, &[1, 2]).expect("finite");
    let before = [logarithms[0] - 1.5f64.ln(), logarithms[1] - 0.5f64.ln()];
    let minibatch =
        Minibatch { actions: &[1, 2], before: &before, advantages: &[2.0, -3.0], returns: &[values[0] + 1.0, values[1]] };
    let weights = Weights { clip: 0.2, value: 0.5, entropy: 0.0 };
    let found = network.differentiate(&batch, |tape, judged| loss(tape, judged, &minibatch, weights)).expect("finite");
    // -(1.2 * 2 - 0.8 * 3) / 2 + 0.5 * (1 + 0) / 2
    assert!((found - 0.25).abs() < 1e-12, "{found}");
}

/// Five cells; action 3 moves on, action `cell % 3` is illegal, all others end the episode with a penalty; the end pays. Returns how many
/// of the last 100 episodes came through.
fn corridor(agent: &mut dyn Agent, episodes: usize) -> usize {
    let mut solved = 0;
    for episode in 0..episodes {
        let mut cell = 0;
        loop {
            let here = seen(cell, &[(cell % 3) as u16]);
            let action = agent.act(&here).expect("acts");
            assert!(here.is_legal(action));
            let (reward, done) = match (action, cell) {
                (3, 4) => (5.0, true),
                (3, _) => (0.0, false),
                _ => (-1.0, true),
            };
            let after = seen(cell + 1, &[((cell + 1) % 3) as u16]);
            agent.observe(Transition { before: here, action, reward, after, done });
            if done {
                solved += usize::from(reward > 0.0 && episode + 100 >= episodes);
                break;
            }
            agent.learn().expect("learns");
            cell += 1;
        }
    }
    solved
}

fn quick(advantage: Advantage) -> PpoConfig {
    PpoConfig { advantage, hidden: vec![24], learning_rate: 3e-3, episodes: 10, minibatch: 16, ..PpoConfig::default() }
}

#[test]
fn a_corridor_is_learnt_with_and_without_a_critic() {
    for advantage in [Advantage::Generalised, Advantage::Group] {
        let mut agent = Ppo::new(quick(advantage), DIMENSIONS, 11).expect("valid");
        let solved = corridor(&mut agent, 800);
        assert!(solved > 80, "{advantage:?}: {solved} of the last 100 episodes");
        for cell in 0..5 {
            assert_eq!(agent.act_greedily(&seen(cell, &[])).expect("acts"), 3, "in cell {cell}");
        }
    }
    // drawn among three legal actions, one of 243 episodes comes through
    assert!(corridor(&mut Random::new(DIMENSIONS, 11), 800) < 10);
}

#[test]
fn saved_and_loaded_in_the_middle_of_a_batch_it_goes_on_alike_bit_for_bit() {
    for advantage in [Advantage::Generalised, Advantage::Group] {
        let mut first = Ppo::new(quick(advantage), DIMENSIONS, 11).expect("valid");
        corridor(&mut first, 25);
        assert!(!first.batch.is_empty());
        let mut second = Ppo::new(quick(advantage), DIMENSIONS, 999).expect("valid");
        second.load(&first.save()).expect("just saved");
        assert_eq!(first.save(), second.save());
        for _ in 0..3 {
            corridor(&mut first, 9);
            corridor(&mut second, 9);
            assert_eq!(first.save(), second.save());
        }
        assert!(first.network.updates() > 0);
        assert!(matches!(second.load(&first.save()[..50]), Err(QasError::Corrupt { .. })));
    }
}

#[test]
fn a_saved_batch_that_is_not_whole_is_refused() {
    let mut agent = Ppo::new(quick(Advantage::Generalised), DIMENSIONS, 11).expect("valid");
    corridor(&mut agent, 3);
    let mut broken = Ppo::new(quick(Advantage::Generalised), DIMENSIONS, 11).expect("valid");
    for spoil in [
        |played: &mut Played| played.last = false,
        |played: &mut Played| played.action = 4,
        |played: &mut Played| played.seen.entries = vec![8],
        |played: &mut Played| played.seen.illegal = vec![4],
        |played: &mut Played| played.seen.features = vec![0.0],
    ] {
        let last = agent.batch.last_mut().expect("played");
        let whole = last.clone();
        spoil(last);
        assert!(matches!(broken.load(&agent.save()), Err(QasError::Corrupt { what: "batch", .. })));
        *agent.batch.last_mut().expect("played") = whole;
    }
    assert!(broken.load(&agent.save()).is_ok());
}

#[test]
fn rewards_without_bound_are_reported_and_not_learnt_from() {
    let mut agent = Ppo::new(PpoConfig { episodes: 1, ..quick(Advantage::Generalised) }, DIMENSIONS, 11).expect("valid");
    let before = seen(0, &[]);
    agent.observe(Transition { before: before.clone(), action: 1, reward: f64::NAN, after: seen(1, &[]), done: true });
    assert!(matches!(agent.act(&before), Err(QasError::Diverged { updates: 0, what: "loss" })));
}

#[test]
fn bad_settings_are_refused() {
    let good = PpoConfig::default;
    for bad in [
        PpoConfig { hidden: vec![0], ..good() },
        PpoConfig { hidden: vec![1 << 40], ..good() },
        PpoConfig { learning_rate: 0.0, ..good() },
        PpoConfig { episodes: 0, ..good() },
        PpoConfig { epochs: 0, ..good() },
        PpoConfig { minibatch: 0, ..good() },
        PpoConfig { gamma: 1.5, ..good() },
        PpoConfig { lambda: -0.1, ..good() },
        PpoConfig { clip: f64::NAN, ..good() },
        PpoConfig { value_weight: -1.0, ..good() },
        PpoConfig { entropy_weight: f64::INFINITY, ..good() },
        PpoConfig { max_gradient: 0.0, ..good() },
    ] {
        assert!(matches!(Ppo::new(bad.clone(), DIMENSIONS, 1), Err(QasError::InvalidSetting { .. })), "{bad:?}");
    }
}
