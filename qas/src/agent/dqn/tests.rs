use super::*;
use crate::agent::network::TrainStep;
use crate::agent::replay::sampling::PrioritisedConfig;

fn seen(entries: &[u32]) -> Observation {
    Observation { entries: entries.to_vec(), energy: 0.0, features: Vec::new(), illegal: Vec::new() }
}

fn step(from: u32, reward: f64, done: bool) -> Transition {
    Transition { before: seen(&[from]), action: from as usize, reward, after: seen(&[from + 1]), done }
}

fn agent(config: DqnConfig) -> Dqn {
    Dqn::new(config, Dimensions { inputs: 9, features: 0, actions: 4 }, 11).expect("valid")
}

fn remembered(agent: &Dqn) -> Vec<(u32, u32, f32, f32)> {
    let mut stream = Stream::named(0, "any");
    let mut all: Vec<_> = (agent.replay.sample(agent.replay.len(), &mut stream).into_iter())
        .map(|place| agent.replay.get(place))
        .map(|e| (e.before.entries[0], e.after.entries[0], e.reward, e.discount))
        .collect();
    all.sort_by_key(|e| e.0);
    all
}

#[test]
fn returns_over_three_steps_worked_by_hand() {
    // gamma 0.5, rewards 1, 2, 4, 8 and the end: 1 + 1 + 1 = 3, 2 + 2 + 2 = 6, 4 + 4 = 8, 8.
    let mut agent = agent(DqnConfig { gamma: 0.5, n_step: 3, ..DqnConfig::default() });
    for (from, (reward, done)) in [(1.0, false), (2.0, false), (4.0, false), (8.0, true)].into_iter().enumerate() {
        agent.observe(step(from as u32, reward, done));
    }
    assert_eq!(remembered(&agent), [(0, 3, 3.0, 0.125), (1, 4, 6.0, 0.0), (2, 4, 8.0, 0.0), (3, 4, 8.0, 0.0)]);
    assert!(agent.window.is_empty());
}

#[test]
fn the_published_code_multiplies_by_one_gamma() {
    let mut agent = agent(DqnConfig { gamma: 0.5, n_step: 3, one_gamma: true, ..DqnConfig::default() });
    for from in 0..3 {
        agent.observe(step(from, 1.0, false));
    }
    assert_eq!(remembered(&agent), [(0, 3, 1.75, 0.5)]);
}

/// A network whose values are set by hand, and which notes what it is asked to learn.
struct Table {
    online: [f32; 4],
    target: [f32; 4],
    learnt: std::sync::Arc<std::sync::Mutex<Vec<(u16, f32)>>>,
}

impl QNetwork for Table {
    fn q_values(&mut self, _: &[&Observation]) -> &[f32] {
        &self.online
    }
    fn target_values(&mut self, _: &[&Observation]) -> &[f32] {
        &self.target
    }
    fn train_step(
        &mut self,
        _: &[&Observation],
        actions: &[u16],
        targets: &[f32],
        _: Option<&[f32]>,
    ) -> Result<TrainStep, QasError> {
        let mut learnt = self.learnt.lock().expect("not poisoned");
        learnt.extend(actions.iter().copied().zip(targets.iter().copied()));
        Ok(TrainStep { loss: 0.0, errors: vec![0.0; targets.len()] })
    }
    fn copy_to_target(&mut self) {
        self.target = self.online;
    }
    fn policy(&self) -> Result<Vec<u8>, QasError> {
        Ok(Vec::new())
    }
    fn begin_from(&mut self, _: &[u8]) -> Result<(), QasError> {
        Ok(())
    }
    fn save(&self) -> Result<Vec<u8>, QasError> {
        Ok(Vec::new())
    }
    fn load(&mut self, _: &[u8]) -> Result<(), QasError> {
        Ok(())
    }
}

#[test]
fn the_target_is_the_target_networks_value_of_the_networks_best_legal_action() {
    let learnt = std::sync::Arc::default();
    let table = Table { online: [1.0, 9.0, 5.0, 2.0], target: [10.0, 20.0, 30.0, 40.0], learnt: std::sync::Arc::clone(&learnt) };
    let config = DqnConfig {
        gamma: 0.5,
        n_step: 2,
        batch: 1,
        train_every: 1,
        epsilon_start: 0.0,
        epsilon_end: 0.0,
        ..DqnConfig::default()
    };
    let mut agent = Dqn::with_network(config, Dimensions { inputs: 9, features: 0, actions: 4 }, 1, Box::new(table));
    agent.observe(step(0, 1.0, false));
    // Action 1 has the largest value but is illegal after the second step, so action 2 is valued: 30.
    let mut second = step(1, 2.0, false);
    second.after.illegal = vec![1];
    assert_eq!(agent.act(&second.after).expect("acts"), 2);
    assert_eq!(agent.act(&second.before).expect("acts"), 1);
    agent.observe(second);
    agent.learn().expect("learns");
    // 1 + 0.5 * 2 + 0.25 * 30.
    assert_eq!(learnt.lock().expect("not poisoned")[..], [(0, 9.5)]);
}

#[test]
fn a_corridor_is_learnt() {
    // Five cells; action 3 moves on, all others end the episode with a penalty; the end of the corridor pays.
    let config = DqnConfig {
        hidden: vec![24],
        batch: 16,
        n_step: 3,
        train_every: 1,
        learning_rate: 3e-3,
        epsilon_decay: 0.995,
        target_sync: 50,
        ..DqnConfig::default()
    };
    let mut agent = agent(config);
    let mut recent = VecDeque::new();
    for _ in 0..800 {
        let mut cell = 0;
        loop {
            let action = agent.act(&seen(&[cell])).expect("acts");
            let (reward, done) = match (action, cell) {
                (3, 4) => (5.0, true),
                (3, _) => (0.0, false),
                _ => (-1.0, true),
            };
            agent.observe(Transition { before: seen(&[cell]), action, reward, after: seen(&[cell + 1]), done });
            agent.learn().expect("learns");
            if done {
                recent.push_back(reward > 0.0);
                break;
            }
            cell += 1;
        }
    }
    // With a blind draw in one of twenty steps, four episodes in five come through; blind draws alone: 1 in 1024.
    let solved = recent.iter().rev().take(100).filter(|&&solved| solved).count();
    assert!(solved > 60, "{solved} of the last 100 episodes");
    let mut greedy = 0;
    while greedy < 5 {
        let values = agent.network.q_values(&[&seen(&[greedy])]);
        assert_eq!(best_legal(values, &seen(&[greedy])), Some(3), "in cell {greedy}");
        greedy += 1;
    }
}

#[test]
fn blind_draws_fade_as_configured() {
    let config = DqnConfig { batch: 1, train_every: 1, epsilon_decay: 0.5, epsilon_end: 0.2, ..DqnConfig::default() };
    let mut agent = agent(config);
    agent.observe(step(0, 0.0, true));
    let mut epsilons = vec![agent.exploration()];
    for _ in 0..4 {
        agent.learn().expect("learns");
        epsilons.push(agent.exploration());
    }
    assert_eq!(epsilons, [1.0, 0.5, 0.25, 0.2, 0.2]);
}

#[test]
fn saved_and_loaded_it_goes_on_alike_bit_for_bit() {
    let config = DqnConfig { hidden: vec![8], batch: 4, train_every: 1, epsilon_decay: 0.98, ..DqnConfig::default() };
    let live = |agent: &mut Dqn, steps: u32| {
        for i in 0..steps {
            let action = agent.act(&seen(&[i % 8])).expect("acts");
            let done = i % 7 == 6;
            let transition =
                Transition { before: seen(&[i % 8]), action, reward: action as f64, after: seen(&[(i + 1) % 8]), done };
            agent.observe(transition);
            agent.learn().expect("learns");
        }
    };
    let mut first = agent(config.clone());
    live(&mut first, 70);
    let mut second = Dqn::new(config, Dimensions { inputs: 9, features: 0, actions: 4 }, 999).expect("valid");
    second.load(&first.save()).expect("just saved");
    live(&mut first, 70);
    live(&mut second, 70);
    assert_eq!(first.save(), second.save());
    assert!(second.load(&first.save()[..50]).is_err());
}

#[test]
fn bad_settings_are_refused() {
    let dimensions = Dimensions { inputs: 9, features: 0, actions: 4 };
    for bad in [
        DqnConfig { batch: 0, ..DqnConfig::default() },
        DqnConfig { n_step: 0, ..DqnConfig::default() },
        DqnConfig { hidden: vec![0], ..DqnConfig::default() },
        DqnConfig { hidden: vec![1 << 40], ..DqnConfig::default() },
        DqnConfig { gamma: 1.5, ..DqnConfig::default() },
        DqnConfig { learning_rate: f64::NAN, ..DqnConfig::default() },
        DqnConfig { replay: 3, ..DqnConfig::default() },
        DqnConfig { epsilon_decay: -0.1, ..DqnConfig::default() },
    ] {
        assert!(matches!(Dqn::new(bad, dimensions, 1), Err(QasError::InvalidSetting { .. })));
    }
}

#[test]
fn a_saved_replay_of_other_sizes_is_refused() {
    let config = DqnConfig { hidden: vec![8], batch: 1, ..DqnConfig::default() };
    let mut first = agent(config.clone());
    first.observe(step(0, 0.0, true));
    let mut broken = agent(config.clone());
    let mut outside = step(0, 0.0, true);
    outside.after.entries = vec![8];
    broken.observe(outside);
    let mut other = agent(config);
    assert!(other.load(&first.save()).is_ok());
    assert!(matches!(other.load(&broken.save()), Err(QasError::Corrupt { what: "replay", .. })));
}

#[test]
fn a_policy_that_has_collapsed_goes_back_to_its_best() {
    let mut agent = agent(DqnConfig { restore: 0.5, ..DqnConfig::default() });
    let best = agent.network.save().expect("saves");
    assert!(!agent.tested(1.0).expect("keeps it"));
    let batch = [seen(&[0]), seen(&[1])];
    let batch: Vec<&Observation> = batch.iter().collect();
    let learn = |agent: &mut Dqn| agent.network.train_step(&batch, &[0, 1], &[1.0, 2.0], None).expect("trains");
    learn(&mut agent);
    let later = agent.network.save().expect("saves");
    assert!(!agent.tested(0.6).expect("more than half of the best"));
    assert_eq!(agent.network.save().expect("saves"), later);
    assert!(agent.tested(0.4).expect("goes back"));
    assert_eq!(agent.network.save().expect("saves"), best);
    // saved and loaded it still knows its best
    let mut other = Dqn::new(agent.config.clone(), agent.dimensions, 5).expect("valid");
    other.load(&agent.save()).expect("just saved");
    learn(&mut other);
    assert!(other.tested(0.4).expect("goes back"));
    assert_eq!(other.network.save().expect("saves"), best);
}

#[test]
fn prioritised_replay_is_saved_and_loaded() {
    let sampling = ReplaySampling::Prioritised(PrioritisedConfig { anneal: 10, ..PrioritisedConfig::default() });
    let config = DqnConfig { sampling, dueling: true, hidden: vec![5], batch: 4, train_every: 1, ..DqnConfig::default() };
    let mut agent = agent(config.clone());
    let play = |agent: &mut Dqn| {
        for from in 0..4 {
            agent.observe(step(from, f64::from(from), from == 3));
            agent.learn().expect("learns");
        }
    };
    (0..5).for_each(|_| play(&mut agent));
    let mut other = Dqn::new(config, agent.dimensions, 999).expect("valid");
    other.load(&agent.save()).expect("just saved");
    (0..5).for_each(|_| play(&mut agent));
    (0..5).for_each(|_| play(&mut other));
    assert_eq!(agent.save(), other.save());
}
