//! Circuits of which none surpasses another in all that counts.

use rand::RngExt;

use super::*;
use crate::SimulatorChoice;
use crate::search::best::{Candidate, Keeper, Preference};
use crate::search::config::FrontConfig;
use crate::size::SizeMeasure;
use qloom_estimate::Reference;

/// All that counts of a circuit, lower being better.
fn counts(candidate: &Candidate, search: &Search, front: &FrontConfig) -> Vec<f64> {
    let size = candidate.size(search.environment.actions());
    let noisy = front.noisy.then_some(candidate.reference.noisy);
    let sizes = front.sizes.iter().map(|&measure| size.get(measure) as f64);
    std::iter::once(candidate.energy).chain(noisy).chain(sizes).collect()
}

#[test]
fn a_front_is_what_nothing_surpasses_however_it_is_entered() {
    let search = Search::new(small(), hydrogen(), 1).expect("valid");
    let set = search.environment.actions();
    let mut random = qloom_circuits::Stream::named(5, "front");
    let all = [SizeMeasure::TwoQubitGates, SizeMeasure::Gates, SizeMeasure::Depth, SizeMeasure::Parameters];
    for (kept, noisy) in [(1, false), (2, true), (4, false), (0, true)] {
        let front = FrontConfig { sizes: all[..kept].to_vec(), noisy };
        let preference = Preference { front: Some(front.clone()), ..Preference::of_energy(0.0) };
        let mut keeper = Keeper::new();
        let mut entered = Vec::new();
        for _ in 0..300 {
            let actions: Vec<u16> = (0..random.random_range(1..8)).map(|_| random.random_range(0..set.len()) as u16).collect();
            // coarse, so that some are equal
            let level = |random: &mut qloom_circuits::Stream| f64::from(random.random_range(0..30u32));
            let (energy, noisy) = (level(&mut random), level(&mut random));
            let angles = vec![0.0; set.count_angles(&actions)];
            let candidate = Candidate { actions, angles, energy, reference: Reference { noisy, noiseless: 0.0 }, evaluations: 0 };
            keeper.enter(&candidate, set, &preference);
            entered.push(counts(&candidate, &search, &front));
        }
        let is_at_most = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| a <= b);
        let is_best = |place: &Vec<f64>| !entered.iter().any(|other| other != place && is_at_most(other, place));
        let mut expected: Vec<Vec<f64>> = entered.iter().filter(|place| is_best(place)).cloned().collect();
        expected.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
        expected.dedup();
        let mut found: Vec<Vec<f64>> =
            keeper.front_candidates().iter().map(|candidate| counts(candidate, &search, &front)).collect();
        found.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
        assert_eq!(found, expected, "{front:?}");
    }
}

#[test]
fn every_circuit_on_the_way_is_considered_and_the_search_is_the_same() {
    let plain = SearchConfig { agent: AgentConfig::Random(RandomConfig {}), ..small() };
    let mut fronted = plain.clone();
    fronted.best.front = Some(FrontConfig { sizes: vec![SizeMeasure::Depth, SizeMeasure::Parameters], noisy: false });
    let (mut without, mut with) =
        (Search::new(plain, hydrogen(), 3).expect("valid"), Search::new(fronted.clone(), hydrogen(), 3).expect("valid"));
    assert_eq!(events(&mut without), events(&mut with));
    let front = with.front().expect("builds");
    for found in &front {
        let energy = qloom_sim::Energy::new(&found.circuit, with.problem().hamiltonian())
            .expect("gates")
            .value(&found.angles)
            .expect("angles");
        assert!((energy - found.energy).abs() < 1e-10);
        assert_eq!(found.depth, found.circuit.depth());
    }
    // one gate: the best energy of depth 1, which was never the best of the search once two gates were there
    assert!(front.iter().any(|found| found.depth <= 1), "{front:?}");
    let place = |found: &Found| (found.depth, found.parameters(), found.energy);
    for a in &front {
        for b in &front {
            let (a, b) = (place(a), place(b));
            assert!(a == b || !(a.0 <= b.0 && a.1 <= b.1 && a.2 <= b.2), "{a:?} {b:?}");
        }
    }
    super::resume::resumes_bit_for_bit(&fronted);
}

#[test]
fn fronts_that_tell_nothing_apart_are_refused() {
    let refused = |front: FrontConfig, what: &str| {
        let mut config = small();
        config.best.front = Some(front);
        let error = Search::new(config, hydrogen(), 1).err().expect("refused").to_string();
        assert!(error.contains(what), "{error}");
    };
    refused(FrontConfig { sizes: Vec::new(), noisy: false }, "best.front.sizes");
    refused(FrontConfig { sizes: vec![SizeMeasure::Depth; 2], noisy: false }, "best.front.sizes");
    refused(FrontConfig { noisy: true, ..FrontConfig::default() }, "best.front.noisy");
    // under noise the energy that is not mitigated counts
    let [minimizer, ..] = stochastic_minimizers();
    let mut config = noisy(minimizer);
    assert!(matches!(config.simulator, SimulatorChoice::PauliVector(_)));
    config.episodes = 4;
    config.best.front = Some(FrontConfig { sizes: Vec::new(), noisy: true });
    let mut search = Search::new(config, hydrogen(), 1).expect("valid");
    events(&mut search);
    let front = search.front().expect("builds");
    assert!(!front.is_empty());
    let falls = |pair: &[&Found]| pair[0].energy < pair[1].energy && pair[0].reference.noisy > pair[1].reference.noisy;
    let mut sorted: Vec<&Found> = front.iter().collect();
    sorted.sort_by(|a, b| a.energy.total_cmp(&b.energy));
    assert!(sorted.windows(2).all(falls));
}
