use super::tree::Edge;
use super::*;
use crate::agent::random::Random;

const DIMENSIONS: Dimensions = Dimensions { inputs: 9, features: 0, actions: 4 };

fn seen(cell: u32, illegal: &[u16]) -> Observation {
    Observation { entries: (0..cell).collect(), energy: 1.0 - 0.1 * cell as f32, features: Vec::new(), illegal: illegal.to_vec() }
}

fn here(cell: u32) -> Observation {
    seen(cell, &[(cell % 3) as u16])
}

/// Five cells; action 3 moves on, action `cell % 3` is illegal, all others end the episode; energies fall from cell to cell. Returns how
/// many of the last 100 episodes came through.
fn corridor(agent: &mut dyn Agent, episodes: usize) -> usize {
    let mut solved = 0;
    for episode in 0..episodes {
        let mut cell = 0;
        loop {
            let before = here(cell);
            let action = agent.act(&before).expect("acts");
            assert!(before.is_legal(action));
            let after = if action == 3 { here(cell + 1) } else { before.clone() };
            let done = action != 3 || cell == 4;
            agent.observe(Transition { before, action, reward: 0.0, after, done });
            if done {
                solved += usize::from(action == 3 && episode + 100 >= episodes);
                break;
            }
            agent.learn().expect("learns");
            cell += 1;
        }
    }
    solved
}

fn quick(network: bool, simulations: u64) -> MctsConfig {
    MctsConfig { network, simulations, hidden: vec![16], batch: 8, train_every: 1, ..MctsConfig::default() }
}

#[test]
fn a_corridor_is_learnt_with_and_without_a_network_and_a_root_that_moves() {
    for (network, simulations) in [(true, 0), (false, 0), (true, 10), (false, 10)] {
        let mut agent = Mcts::new(quick(network, simulations), DIMENSIONS, 11).expect("valid");
        let solved = corridor(&mut agent, 400);
        assert!(solved > 50, "{network} {simulations}: {solved} of the last 100 episodes");
        for cell in 0..5 {
            assert_eq!(agent.act_greedily(&here(cell)).expect("acts"), 3, "{network} {simulations} in cell {cell}");
        }
    }
    // drawn among three legal actions, one of 243 episodes comes through
    assert!(corridor(&mut Random::new(DIMENSIONS, 11), 400) < 10);
}

#[test]
fn the_network_learns_where_the_tree_has_gone() {
    let mut agent = Mcts::new(quick(true, 0), DIMENSIONS, 11).expect("valid");
    corridor(&mut agent, 300);
    for cell in 0..5 {
        let probabilities = agent.network.as_mut().expect("there is one").probabilities(&here(cell)).expect("finite");
        assert!(probabilities[3] > 0.6, "in cell {cell}: {probabilities:?}");
    }
    let mut value = |cell| agent.network.as_mut().expect("there is one").value(&here(cell)).expect("finite");
    assert!(value(4) > value(0), "who is further ends lower");
    assert!(agent.policy().expect("fits").is_some());
    assert!(Mcts::new(quick(false, 0), DIMENSIONS, 11).expect("valid").policy().expect("fits").is_none());
}

#[test]
fn as_many_actions_are_open_as_published() {
    let config = MctsConfig { widening: 1.0, exponent: 0.5, ..MctsConfig::default() };
    assert_eq!([0, 1, 2, 4, 5, 9, 10].map(|visits| config.width(visits)), [1, 1, 2, 2, 3, 3, 4]);
    let config = MctsConfig { widening: 2.5, exponent: 0.0, ..MctsConfig::default() };
    assert_eq!([1, 100].map(|visits| config.width(visits)), [3, 3]);
}

#[test]
fn the_rule_of_choice_worked_by_hand() {
    let config = MctsConfig { exploration: 2.0, best: 0.25, widening: 2.0, exponent: 0.0, ..MctsConfig::default() };
    let (mut tree, mut results) = (Tree::default(), Results::default());
    let probabilities = [0.1, 0.6, 0.3, 0.0];
    for result in [1.0, 2.0, 3.0, 4.0] {
        results.push(result, 10);
    }
    assert_eq!([0.5, 1.0, 2.0, 4.0, 5.0].map(|result| results.score(result)), [1.0, 0.875, 0.625, 0.125, 0.0]);
    let circuit = seen(2, &[0]);
    tree.insert(&circuit);
    // the likeliest first, then the next, 0 being illegal
    assert_eq!(tree.choose(&circuit, &probabilities, &results, &config), Some(1));
    tree.back_up(&circuit, 1, 4.0, Some(0.2));
    assert_eq!(tree.choose(&circuit, &probabilities, &results, &config), Some(2));
    tree.back_up(&circuit, 2, 2.0, Some(0.6));
    // 1: 0.75 * 0.2 + 0.25 * 0.125 + 2 * (2/3) * sqrt(2) / 2 = 1.124; 2: 0.75 * 0.6 + 0.25 * 0.625 + 2 * (1/3) * sqrt(2) / 2 = 1.078
    assert_eq!(tree.choose(&circuit, &probabilities, &results, &config), Some(1));
    tree.back_up(&circuit, 1, 4.0, Some(0.2));
    // 1: 0.181 + 2 * (2/3) * sqrt(3) / 3 = 0.951; 2: 0.606 + 2 * (1/3) * sqrt(3) / 2 = 1.184
    assert_eq!(tree.choose(&circuit, &probabilities, &results, &config), Some(2));
    // what is illegal now is passed over, another is opened in its place
    assert_eq!(tree.choose(&seen(2, &[1, 2]), &probabilities, &results, &config), Some(0));
    assert_eq!(tree.choose(&seen(2, &[0, 1, 2, 3]), &probabilities, &results, &config), None);
    // only the result is noted without a score
    tree.back_up(&circuit, 2, 1.0, None);
    let node = tree.get(&circuit).expect("there");
    assert_eq!(node.edges[1], Edge { action: 2, visits: 1, total: 0.6, lowest: 1.0, ended: None });
    assert_eq!((node.visits(), node.most_visited(&circuit), node.most_visited(&seen(2, &[1]))), (3, Some(1), Some(2)));
    // gates in another order are the same circuit
    assert!(tree.get(&Observation { entries: vec![1, 0], ..circuit }).is_some());
}

/// An action that ended an episode is left alone until one went on at a lower energy; so is what leads to nothing else.
#[test]
fn what_would_repeat_an_episode_is_left_out() {
    let config = MctsConfig { exploration: 0.0, widening: 1.0, exponent: 0.0, ..MctsConfig::default() };
    let (mut tree, results) = (Tree::default(), Results::default());
    let (first, second) = (seen(1, &[0, 1]), seen(2, &[1, 2]));
    [&first, &second].into_iter().for_each(|circuit| tree.insert(circuit));
    let choose = |tree: &Tree, circuit: &Observation| tree.choose(circuit, &[0.2, 0.2, 0.3, 0.3], &results, &config);
    tree.back_up(&first, 3, 0.5, Some(1.0));
    tree.back_up(&second, 3, 0.5, Some(1.0));
    tree.pass(0.9);
    assert_eq!((choose(&tree, &first), choose(&tree, &second)), (Some(3), Some(3)));
    // the episode ended with action 3 at the second circuit, where 0 is another
    assert_eq!(tree.close(&[(&first, 3), (&second, 3)], 0.5, 4), 1);
    assert_eq!((choose(&tree, &first), choose(&tree, &second)), (Some(3), Some(0)));
    // with that closed too, nothing is left of action 3 at the first
    tree.back_up(&second, 0, 0.7, Some(1.0));
    assert_eq!(tree.close(&[(&first, 3), (&second, 0)], 0.7, 4), 2);
    assert_eq!(choose(&tree, &first), Some(2));
    // below 0.7, not below 0.5
    tree.pass(0.6);
    assert_eq!(choose(&tree, &second), Some(0));
    tree.back_up(&first, 2, 0.9, Some(0.0));
    assert_eq!(choose(&tree, &first), Some(3), "what reopens below reopens above");
    // ended again it waits for a lower energy still
    tree.close(&[(&first, 3), (&second, 0)], 0.7, 4);
    assert_eq!(choose(&tree, &first), Some(2));
    tree.pass(0.55);
    assert_eq!((choose(&tree, &first), choose(&tree, &second)), (Some(3), Some(0)));
}

#[test]
fn old_results_are_forgotten() {
    let mut results = Results::default();
    [5.0, 1.0, 2.0].iter().for_each(|&result| results.push(result, 2));
    assert_eq!([results.score(4.0), results.score(1.5)], [0.0, 0.5]);
    assert!(results.is_whole());
}

#[test]
fn the_gradient_of_the_loss_equals_differences() {
    let mut network = ActorCritic::<f64>::new(DIMENSIONS, &[5, 4], 1e-2, &mut Stream::named(3, "network")).expect("small");
    let batch: Vec<Observation> = (0..4).map(here).collect();
    let batch: Vec<&Observation> = batch.iter().collect();
    // shares of legal actions; the third circuit was outside the tree
    let shares = [0.0, 0.5, 0.25, 0.25, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.0, 0.9];
    let of = |network: &mut ActorCritic<f64>| {
        let graph = |tape: &mut Tape<'_, f64>, judged: Judged| loss(tape, judged, &shares, &[0.1, 0.9, 0.4, 0.6]);
        network.differentiate(&batch, graph).expect("finite")
    };
    of(&mut network);
    let found = network.gradients.values().to_vec();
    for (place, found) in found.iter().enumerate() {
        let mut shifted = |by: f64| {
            network.parameters.values_mut()[place] += by;
            let value = of(&mut network);
            network.parameters.values_mut()[place] -= by;
            value
        };
        let expected = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
        assert!((found - expected).abs() < 1e-6 * expected.abs().max(1.0), "{place}: {found} {expected}");
    }
}

#[test]
fn saved_and_loaded_it_goes_on_alike_bit_for_bit() {
    for (network, simulations) in [(true, 0), (false, 0), (true, 4), (false, 4)] {
        let mut first = Mcts::new(quick(network, simulations), DIMENSIONS, 11).expect("valid");
        corridor(&mut first, 25);
        let mut second = Mcts::new(quick(network, simulations), DIMENSIONS, 999).expect("valid");
        second.load(&first.save()).expect("just saved");
        for _ in 0..3 {
            assert_eq!(first.save(), second.save());
            corridor(&mut first, 9);
            corridor(&mut second, 9);
        }
        assert_eq!(first.save(), second.save());
        assert!(matches!(second.load(&first.save()[..5]), Err(QasError::Corrupt { .. })));
        let mut other = Mcts::new(quick(!network, simulations), DIMENSIONS, 11).expect("valid");
        assert!(matches!(other.load(&first.save()), Err(QasError::OtherSearch { .. })));
        let mut narrow = Mcts::new(MctsConfig { nodes: 2, ..quick(network, simulations) }, DIMENSIONS, 11).expect("valid");
        assert!(matches!(narrow.load(&first.save()), Err(QasError::Corrupt { what: "tree", .. })));
    }
}

#[test]
fn the_root_moves_on_and_goes_back() {
    let mut agent = Mcts::new(quick(false, 3), DIMENSIONS, 11).expect("valid");
    let mut depths = Vec::new();
    for _ in 0..120 {
        corridor(&mut agent, 1);
        depths.push(agent.root.len());
    }
    assert_eq!(depths[..3], [0, 0, 1]);
    assert!(depths.windows(2).all(|pair| pair[1] <= pair[0] + 1 && (pair[1] >= pair[0] || pair[1] == 0)), "{depths:?}");
    assert!(depths.iter().any(|&depth| depth > 1) && depths[10..].contains(&0), "{depths:?}");
}

#[test]
fn the_tree_has_no_more_circuits_than_allowed() {
    let mut agent = Mcts::new(MctsConfig { nodes: 3, ..quick(true, 0) }, DIMENSIONS, 11).expect("valid");
    corridor(&mut agent, 200);
    assert_eq!(agent.tree.len(), 3);
}

#[test]
fn bad_settings_are_refused() {
    let good = MctsConfig::default;
    for bad in [
        MctsConfig { hidden: vec![0], ..good() },
        MctsConfig { learning_rate: f64::NAN, ..good() },
        MctsConfig { batch: 0, ..good() },
        MctsConfig { memory: 3, ..good() },
        MctsConfig { train_every: 0, ..good() },
        MctsConfig { exploration: -1.0, ..good() },
        MctsConfig { widening: 0.0, ..good() },
        MctsConfig { exponent: 1.5, ..good() },
        MctsConfig { best: -0.1, ..good() },
        MctsConfig { rollout: 2.0, ..good() },
        MctsConfig { elite: 1.1, ..good() },
        MctsConfig { noise: -0.1, ..good() },
        MctsConfig { recent: 0, ..good() },
        MctsConfig { nodes: 0, ..good() },
        MctsConfig { nodes: 10_000_001, ..good() },
    ] {
        assert!(matches!(Mcts::new(bad.clone(), DIMENSIONS, 1), Err(QasError::InvalidSetting { .. })), "{bad:?}");
    }
}
