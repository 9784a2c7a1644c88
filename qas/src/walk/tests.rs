use qloom_circuits::{Pauli, PauliString, PauliSum};

use crate::{AgentConfig, AnnealingConfig, Event, GeneticConfig, Problem, QasError, Search, SearchConfig};

/// Three spins that want to be opposite to their neighbours, with couplings of all three kinds; the exact energy is -4.
fn heisenberg() -> Problem {
    let bond = |left: usize, letter| PauliString::from_letters([(left, letter), (left + 1, letter)]);
    let terms = (0..2).flat_map(|left| [Pauli::X, Pauli::Y, Pauli::Z].map(|letter| (bond(left, letter), 1.0)));
    Problem::new("three spins", PauliSum::new(3, terms).expect("valid")).expect("valid").with_exact_energy(-4.0).expect("finite")
}

fn error(agent: AgentConfig, seed: u64) -> (f64, usize) {
    let config = SearchConfig { episodes: 60, agent, ..SearchConfig::default() };
    let mut search = Search::new(config, heisenberg(), seed).expect("valid");
    while let Event::Episode(report) = search.step().expect("steps") {
        assert!(report.energy > -4.0 - 1e-9);
    }
    let found = search.best().expect("builds").expect("found");
    (found.energy + 4.0, found.gates)
}

#[test]
fn annealing_and_genes_find_three_spins_in_their_room() {
    for seed in 1..=2 {
        let annealing = AnnealingConfig { max_gates: Some(20), ..AnnealingConfig::default() };
        let genetic = GeneticConfig { max_gates: Some(20), ..GeneticConfig::default() };
        for agent in [AgentConfig::Annealing(annealing), AgentConfig::Genetic(genetic)] {
            let (error, gates) = error(agent.clone(), seed);
            assert!(error < 1e-6 && gates <= 20, "{agent:?} {error} {gates}");
        }
    }
}

#[test]
fn settings_out_of_range_are_refused() {
    let refused = |agent| {
        let config = SearchConfig { agent, ..SearchConfig::default() };
        matches!(Search::new(config, heisenberg(), 1), Err(QasError::InvalidSetting { .. }))
    };
    for annealing in [
        AnnealingConfig { moves: 0, ..AnnealingConfig::default() },
        AnnealingConfig { max_gates: Some(0), ..AnnealingConfig::default() },
        AnnealingConfig { temperature: f64::NAN, ..AnnealingConfig::default() },
        AnnealingConfig { temperature: -1.0, ..AnnealingConfig::default() },
        AnnealingConfig { cooling: 0.0, ..AnnealingConfig::default() },
        AnnealingConfig { cooling: 1.5, ..AnnealingConfig::default() },
    ] {
        assert!(refused(AgentConfig::Annealing(annealing.clone())), "{annealing:?}");
    }
    for genetic in [
        GeneticConfig { population: 1, ..GeneticConfig::default() },
        GeneticConfig { tournament: 0, ..GeneticConfig::default() },
        GeneticConfig { mutations: 0, ..GeneticConfig::default() },
        GeneticConfig { crossover: 1.1, ..GeneticConfig::default() },
    ] {
        assert!(refused(AgentConfig::Genetic(genetic.clone())), "{genetic:?}");
    }
}
