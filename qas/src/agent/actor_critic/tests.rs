use super::*;

const DIMENSIONS: Dimensions = Dimensions { inputs: 7, features: 2, actions: 5 };

fn seen(entries: &[u32], illegal: &[u16]) -> Observation {
    Observation { entries: entries.to_vec(), energy: 0.3, features: vec![0.2, -0.7], illegal: illegal.to_vec() }
}

fn networks() -> ActorCritic<f64> {
    ActorCritic::new(DIMENSIONS, &[6], 1e-2, &mut Stream::named(4, "network")).expect("small")
}

#[test]
fn illegal_actions_have_probability_zero_and_the_others_what_they_have_among_themselves() {
    let mut networks = networks();
    let all = networks.probabilities(&seen(&[1, 3], &[])).expect("finite");
    let some = networks.probabilities(&seen(&[1, 3], &[0, 4])).expect("finite");
    assert!((all.iter().sum::<f64>() - 1.0).abs() < 1e-12 && all.iter().all(|&p| p > 0.0));
    assert_eq!((some[0], some[4]), (0.0, 0.0));
    for action in 1..4 {
        assert!((some[action] - all[action] / (all[1] + all[2] + all[3])).abs() < 1e-12);
    }
    // where nothing is legal, anything is
    assert_eq!(networks.probabilities(&seen(&[1, 3], &[0, 1, 2, 3, 4])).expect("finite"), all);
}

#[test]
fn there_is_no_gradient_through_illegal_actions() {
    let mut networks = networks();
    let batch = [seen(&[1, 3], &[2]), seen(&[0], &[2])];
    let batch: Vec<&Observation> = batch.iter().collect();
    networks
        .differentiate(&batch, |tape, judged| {
            let chosen = tape.gather_columns(judged.logarithms, [0, 4]);
            let (sum, entropy) = (tape.sum(chosen), judged.entropy(tape));
            tape.add(sum, entropy)
        })
        .expect("finite");
    let bias = networks.parameters.ids().find(|&id| networks.parameters.name(id) == "actor.layers.1.bias").expect("there");
    let place = networks.parameters.ids().take_while(|&id| id != bias).map(|id| networks.parameters.get(id).len()).sum::<usize>();
    let gradient = &networks.gradients.values()[place..place + 5];
    assert_eq!(gradient[2], 0.0);
    assert!([0, 1, 3, 4].iter().all(|&action| gradient[action] != 0.0), "{gradient:?}");
}

#[test]
fn the_entropy_is_that_of_the_probabilities() {
    let mut networks = networks();
    let batch = [seen(&[1, 3], &[2]), seen(&[0], &[])];
    let expected: f64 = (batch.iter())
        .flat_map(|seen| networks.probabilities(seen).expect("finite"))
        .filter(|&p| p > 0.0)
        .map(|p| -p * p.ln() / 2.0)
        .sum();
    let found = networks.differentiate(&batch.iter().collect::<Vec<_>>(), |tape, judged| judged.entropy(tape)).expect("finite");
    assert!((found - expected).abs() < 1e-12, "{found} {expected}");
}

#[test]
fn draws_follow_the_probabilities() {
    let (mut counts, mut stream) = ([0; 4], Stream::named(1, "exploration"));
    (0..10_000).for_each(|_| counts[draw(&[0.2, 0.0, 0.7, 0.1], &mut stream)] += 1);
    assert_eq!(counts[1], 0);
    // standard deviations below 46
    for (action, mean) in [(0, 2000), (2, 7000), (3, 1000)] {
        assert!(i32::abs(counts[action] - mean) < 200, "{counts:?}");
    }
    assert_eq!(largest(&[0.1, 0.4, 0.4, 0.1]), 1);
}

#[test]
fn a_network_that_breaks_down_says_so() {
    let mut networks = networks();
    let batch = [seen(&[1, 3], &[2])];
    let batch: Vec<&Observation> = batch.iter().collect();
    let value = |tape: &mut Tape<'_, f64>, judged: Judged| tape.sum(judged.values);
    networks.train(&batch, 1.0, value).expect("finite");
    networks.parameters.values_mut().fill(f64::NAN);
    for result in [
        networks.probabilities(batch[0]).map(|_| ()),
        networks.judge(&batch, &[1]).map(|_| ()),
        networks.value(batch[0]).map(|_| ()),
        networks.train(&batch, 1.0, value).map(|_| ()),
    ] {
        assert!(matches!(result, Err(QasError::Diverged { updates: 1, .. })));
    }
}

#[test]
fn saved_and_loaded_they_train_alike_and_others_are_refused() {
    let mut one = networks();
    let batch = [seen(&[1, 3], &[2]), seen(&[0], &[])];
    let batch: Vec<&Observation> = batch.iter().collect();
    let train = |networks: &mut ActorCritic<f64>| {
        networks.train(&batch, 0.1, |tape, judged| {
            let entropy = judged.entropy(tape);
            let values = tape.mean(judged.values);
            tape.sub(values, entropy)
        })
    };
    train(&mut one).expect("finite");
    let mut other = ActorCritic::new(DIMENSIONS, &[6], 1e-2, &mut Stream::named(5, "network")).expect("small");
    other.load(&one.save()).expect("just saved");
    assert_eq!(train(&mut one).expect("finite"), train(&mut other).expect("finite"));
    assert_eq!((one.save(), one.updates()), (other.save(), 2));
    let mut wider = ActorCritic::<f64>::new(DIMENSIONS, &[7], 1e-2, &mut Stream::named(5, "network")).expect("small");
    assert!(matches!(wider.load(&one.save()), Err(QasError::OtherSearch { .. })));
    assert!(matches!(other.load(&one.save()[..40]), Err(QasError::Corrupt { .. })));
}
