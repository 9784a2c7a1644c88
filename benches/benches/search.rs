//! What a search on four qubits spends its time on: one step of the environment, one training step of the network, and how many
//! energies it evaluates a second.

use std::path::Path;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use qloom::circuits::{HamiltonianFile, Stream};
use qloom::optim::MinimizerConfig;
use qloom::qas::{
    Agent, AgentConfig, Dimensions, Dqn, DqnConfig, Environment, EnvironmentConfig, Event, Objective, ObjectiveConfig,
    Observation, Problem, Search, SearchConfig, SimulatorChoice, Task, Transition,
};

fn lithium_hydride() -> Problem {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/molecules/LiH_3.4_4q_parity_2qr.json");
    let file = HamiltonianFile::from_json(&std::fs::read_to_string(path).expect("bundled")).expect("well formed");
    let problem = Problem::new("LiH", file.hamiltonian).expect("four qubits");
    problem.with_exact_energy(file.ground_energy.expect("on record")).expect("finite")
}

/// Microseconds from an action to the reward, all angles fitted again, averaged over episodes of 20 gates.
fn environment_step(criterion: &mut Criterion) {
    let problem = lithium_hydride();
    let mut objective =
        Objective::new(ObjectiveConfig::default(), &SimulatorChoice::default(), &MinimizerConfig::default(), &problem, 1)
            .expect("valid");
    let mut environment = Environment::new(EnvironmentConfig::default(), &problem, &mut objective).expect("valid");
    let mut halting = Stream::named(1, "halting");
    let mut number = 0usize;
    criterion.bench_function("environment step, 4 qubits, up to 20 gates", |bencher| {
        bencher.iter_custom(|steps| {
            let start = Instant::now();
            for step in 0..steps {
                if step % 20 == 0 {
                    environment
                        .reset(Task { threshold: 0.0, max_gates: None, noise: None }, &mut halting, &mut objective)
                        .expect("finite");
                }
                number = (number * 5 + 7) % environment.actions().len();
                environment.step(number, &mut objective).expect("finite");
            }
            start.elapsed()
        });
    });
}

/// Microseconds of one training step: two passes over the next states, one over the states, gradient, Adam.
fn training_step(criterion: &mut Criterion) {
    let dimensions = Dimensions { inputs: 1121, features: 0, actions: 24 };
    let published = DqnConfig { hidden: vec![1000; 5], batch: 1000, ..DqnConfig::default() };
    for (name, config) in [("default", DqnConfig::default()), ("published (5 x 1000, batch 1000)", published)] {
        let mut agent = Dqn::new(DqnConfig { train_every: 1, ..config }, dimensions, 1).expect("valid");
        let state = |k: u32| Observation {
            entries: (0..20).map(|i| (i * 53 + k * 7) % 1120).collect(),
            energy: 0.1,
            features: vec![],
            illegal: vec![],
        };
        for k in 0..2000 {
            let transition =
                Transition { before: state(k), action: k as usize % 24, reward: 0.1, after: state(k + 1), done: k % 20 == 19 };
            agent.observe(transition);
        }
        let mut group = criterion.benchmark_group("training step");
        group.sample_size(10).measurement_time(Duration::from_secs(5));
        group.bench_function(name, |bencher| bencher.iter(|| agent.learn().expect("finite").expect("a step")));
        group.finish();
    }
}

/// Energies a second in a whole search, network and bookkeeping included.
fn evaluations(criterion: &mut Criterion) {
    let run = || {
        let agent = AgentConfig::Dqn(DqnConfig::default());
        let config = SearchConfig { episodes: 150, agent, ..SearchConfig::default() };
        let mut search = Search::new(config, lithium_hydride(), 1).expect("valid");
        while let Event::Episode(_) = search.step().expect("finite") {}
        search.evaluations()
    };
    let mut group = criterion.benchmark_group("search");
    group.sample_size(10).measurement_time(Duration::from_secs(10)).throughput(Throughput::Elements(run()));
    group.bench_function("evaluations, LiH, 150 episodes", |bencher| bencher.iter(run));
    group.finish();
}

criterion_group!(benches, environment_step, training_step, evaluations);
criterion_main!(benches);
