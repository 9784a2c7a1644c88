use qloom_circuits::{Pauli, PauliString, PauliSum};

use crate::{
    AdaptConfig, AdaptPool, AgentConfig, AnnealingConfig, Event, Found, GeneticConfig, LayersConfig, PoolOperator, Problem,
    ProductConfig, QasError, Search, SearchConfig, StopReason,
};

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

fn sum(n: usize, words: &[(&str, f64)]) -> PauliSum {
    PauliSum::new(n, words.iter().map(|(word, factor)| (PauliString::from_word(word).expect("letters"), *factor))).expect("fits")
}

/// Two fermions on four modes that hop and repel, the lower modes occupied; coefficients of a made-up molecule, Jordan-Wigner. The
/// operators are the excitations that conserve the spin, of which the double is alone in having a slope at first.
fn two_electrons() -> Problem {
    let hamiltonian = sum(
        4,
        &[
            ("ZIII", 0.17),
            ("IZII", 0.17),
            ("IIZI", -0.22),
            ("IIIZ", -0.22),
            ("ZZII", 0.17),
            ("ZIZI", 0.12),
            ("ZIIZ", 0.16),
            ("IZZI", 0.16),
            ("IZIZ", 0.12),
            ("IIZZ", 0.17),
            ("XXYY", -0.045),
            ("YYXX", -0.045),
            ("XYYX", 0.045),
            ("YXXY", 0.045),
        ],
    );
    let double = [("XXXY", 0.125), ("XXYX", 0.125), ("XYXX", -0.125), ("YXXX", -0.125)];
    let more = [("YYYX", -0.125), ("YYXY", -0.125), ("YXYY", 0.125), ("XYYY", 0.125)];
    let operators = [("0->2", sum(4, &[("XZYI", 0.5), ("YZXI", -0.5)])), ("1->3", sum(4, &[("IXZY", 0.5), ("IYZX", -0.5)]))];
    let double = ("0,1->2,3", sum(4, &[&double[..], &more[..]].concat()));
    let pool =
        operators.into_iter().chain([double]).map(|(label, sum)| PoolOperator::new(label, sum).expect("commute")).collect();
    let problem = Problem::new("two electrons", hamiltonian).expect("valid").with_pool(pool).expect("four qubits");
    problem.with_reference(vec![true, true, false, false]).expect("four bits")
}

/// Energies of all rounds, why it ended, and what was found.
fn walked(agent: AgentConfig, problem: Problem) -> (Vec<f64>, StopReason, Found) {
    let mut search = Search::new(SearchConfig { episodes: 60, agent, ..SearchConfig::default() }, problem, 1).expect("valid");
    let mut energies = Vec::new();
    let reason = loop {
        match search.step().expect("steps") {
            Event::Episode(report) => energies.push(report.energy),
            Event::Finished(reason) => break reason,
        }
    };
    (energies, reason, search.best().expect("builds").expect("found"))
}

/// The energy of a circuit by dense matrices.
fn dense(found: &Found, hamiltonian: &PauliSum) -> f64 {
    let unitary = found.bound().unitary(&[]).expect("gates");
    let (matrix, dimension) = (hamiltonian.matrix(), unitary.dimension());
    let amplitude = |row: usize| unitary[(row, 0)];
    let entry = |row: usize, column: usize| (amplitude(row).conj() * matrix[(row, column)] * amplitude(column)).re;
    (0..dimension).flat_map(|row| (0..dimension).map(move |column| (row, column))).map(|(row, column)| entry(row, column)).sum()
}

/// The lowest energy of the two determinants that the double excitation mixes, by the formula for two states.
fn of_two_determinants(hamiltonian: &PauliSum) -> f64 {
    let matrix = hamiltonian.matrix();
    let [a, b, c] = [(0b0011, 0b0011), (0b1100, 0b1100), (0b0011, 0b1100)].map(|place| matrix[place].re);
    (a + b) / 2.0 - ((a - b) / 2.0).hypot(c)
}

#[test]
fn adapt_takes_the_double_excitation_and_stops_there() {
    let problem = two_electrons();
    let (hamiltonian, exact) = (problem.hamiltonian().clone(), of_two_determinants(problem.hamiltonian()));
    let (energies, reason, found) = walked(AgentConfig::Adapt(AdaptConfig::default()), problem);
    assert_eq!((energies.len(), reason), (3, StopReason::Converged), "the reference, one operator, and no slope");
    assert!(energies.windows(2).all(|pair| pair[1] <= pair[0]));
    assert!((found.energy - exact).abs() < 1e-12 && (dense(&found, &hamiltonian) - found.energy).abs() < 1e-12);
    assert_eq!((found.two_qubit_gates, found.evaluations > 3), (13, true));
}

#[test]
fn a_product_of_all_excitations_is_exact_for_two_electrons() {
    let problem = two_electrons();
    let (hamiltonian, exact) = (problem.hamiltonian().clone(), of_two_determinants(problem.hamiltonian()));
    let (energies, reason, found) = walked(AgentConfig::Product(ProductConfig::default()), problem);
    assert_eq!((energies.len(), reason), (2, StopReason::Converged));
    assert!((found.energy - exact).abs() < 1e-10 && (dense(&found, &hamiltonian) - found.energy).abs() < 1e-12);
}

#[test]
fn no_operators_are_the_reference_state() {
    let agent = AgentConfig::Product(ProductConfig { layers: 0 });
    let (energies, reason, found) = walked(agent.clone(), two_electrons());
    assert_eq!((energies.len(), reason, found.gates, found.evaluations), (1, StopReason::Converged, 2, 2));
    assert!((found.energy - two_electrons().hamiltonian().matrix()[(0b0011, 0b0011)].re).abs() < 1e-12);
    // no pool is needed
    assert!((walked(agent, heisenberg()).2.energy + 2.0).abs() < 1e-12);
}

#[test]
fn strings_and_layers_lower_three_spins() {
    let strings = AdaptConfig { pool: AdaptPool::Strings, gradient: 1e-5, ..AdaptConfig::default() };
    let (energies, reason, found) = walked(AgentConfig::Adapt(strings), heisenberg());
    assert!(energies.windows(2).all(|pair| pair[1] <= pair[0] + 1e-12));
    assert_eq!(reason, StopReason::Converged);
    assert!(found.energy < energies[0] && found.energy > -4.0 - 1e-9);
    assert!((dense(&found, heisenberg().hamiltonian()) - found.energy).abs() < 1e-11);
    let (.., found) = walked(AgentConfig::Layers(LayersConfig { layers: 3, ..LayersConfig::default() }), heisenberg());
    assert!((found.energy + 4.0).abs() < 1e-6, "{}", found.energy);
    assert!(found.gates == 3 * 2 * 4 + 3 * 2 && found.two_qubit_gates == 6);
}

#[test]
fn rivals_without_what_they_need_are_refused() {
    for agent in [
        AgentConfig::Adapt(AdaptConfig::default()),
        AgentConfig::Product(ProductConfig::default()),
        AgentConfig::Adapt(AdaptConfig { pool: AdaptPool::Strings, gradient: 0.0, ..AdaptConfig::default() }),
        AgentConfig::Adapt(AdaptConfig { pool: AdaptPool::Strings, weight: 7, ..AdaptConfig::default() }),
        AgentConfig::Adapt(AdaptConfig { pool: AdaptPool::Strings, operators: 0, ..AdaptConfig::default() }),
        AgentConfig::Layers(LayersConfig { layers: 1001, ..LayersConfig::default() }),
        AgentConfig::Layers(LayersConfig { nearby: 4.0, ..LayersConfig::default() }),
    ] {
        let config = SearchConfig { agent: agent.clone(), ..SearchConfig::default() };
        assert!(matches!(Search::new(config, heisenberg(), 1), Err(QasError::InvalidSetting { .. })), "{agent:?}");
    }
    let config = SearchConfig { agent: AgentConfig::Product(ProductConfig { layers: 100_001 }), ..SearchConfig::default() };
    assert!(matches!(Search::new(config, two_electrons(), 1), Err(QasError::InvalidSetting { .. })));
}

#[test]
fn ansaetze_of_a_pool_resume_bit_for_bit() {
    let strings = AdaptConfig { pool: AdaptPool::Strings, gradient: 1e-6, ..AdaptConfig::default() };
    for agent in [
        AgentConfig::Adapt(AdaptConfig::default()),
        AgentConfig::Adapt(strings),
        AgentConfig::Product(ProductConfig { layers: 2 }),
    ] {
        let config = SearchConfig { agent, ..SearchConfig::default() };
        let mut uncut = Search::new(config.clone(), two_electrons(), 3).expect("valid");
        let mut cut = Search::new(config.clone(), two_electrons(), 3).expect("valid");
        loop {
            let (expected, event) = (uncut.step().expect("steps"), cut.step().expect("steps"));
            assert_eq!(event, expected);
            cut = Search::resume(config.clone(), two_electrons(), &cut.state()).expect("just saved");
            assert_eq!(cut.state(), uncut.state());
            if matches!(event, Event::Finished(_)) {
                break;
            }
        }
        let other = heisenberg();
        assert!(Search::resume(config, other, &uncut.state()).is_err());
    }
}
