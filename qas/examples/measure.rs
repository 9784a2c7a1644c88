//! Measures a search: settings file (TOML), Hamiltonian file (JSON), seed.
use qloom_circuits::{PauliString, PauliSum};
use qloom_qas::{Event, Problem, Search, SearchConfig};
use std::time::Instant;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let mut config: SearchConfig = toml::from_str(&std::fs::read_to_string(&args[1]).unwrap()).unwrap();
    for pair in &args[4..] {
        if let Some(n) = pair.strip_prefix("episodes=") {
            config.episodes = n.parse().unwrap();
        }
    }
    let v: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&args[2]).unwrap()).unwrap();
    let n = v["n_qubits"].as_u64().unwrap() as usize;
    let mut terms = vec![(PauliString::IDENTITY, v["constant"].as_f64().unwrap())];
    let list = v["terms"].as_array().expect("terms");
    for t in list {
        let (w, c) = if let Some(a) = t.as_array() {
            (a[0].as_str().unwrap(), a[1].as_f64().unwrap())
        } else {
            (t["pauli"].as_str().unwrap(), t["coefficient"].as_f64().unwrap())
        };
        terms.push((PauliString::from_word(w).unwrap(), c));
    }
    let exact: f64 = args[4].parse().unwrap();
    let problem = Problem::new("x", PauliSum::new(n, terms).unwrap()).unwrap().with_exact_energy(exact).unwrap();
    let seed = args[3].parse().unwrap();
    println!("lower bound {}", problem.lower_bound());
    let mut s = Search::new(config, problem, seed).unwrap();
    let t = Instant::now();
    let mut best = f64::INFINITY;
    let mut win = vec![];
    loop {
        match s.step().unwrap() {
            Event::Episode(e) => {
                win.push((e.ending == Some(qloom_qas::Ending::Success), e.gates, e.smallest_gap));
                let b = e.best_error.unwrap();
                if (b < best * 0.7 && b > 1e-12) || e.episode % 250 == 0 {
                    let k = win.len().min(250);
                    let w = &win[win.len() - k..];
                    let f = s.best().unwrap().unwrap();
                    println!(
                        "ep {} t {:.1}s err {:.2e} thr-gap {:.5} ok {:.2} gates {:.1} eps {:.3} loss {:.4} evals {} | best depth {} gates {} 2q {} par {}",
                        e.episode,
                        t.elapsed().as_secs_f64(),
                        b,
                        e.threshold - (exact - s.problem().lower_bound()),
                        w.iter().filter(|x| x.0).count() as f64 / k as f64,
                        w.iter().map(|x| x.1).sum::<usize>() as f64 / k as f64,
                        e.exploration,
                        e.loss.unwrap_or(0.0),
                        e.evaluations,
                        f.depth,
                        f.gates,
                        f.two_qubit_gates,
                        f.parameters()
                    );
                    best = best.min(b);
                }
            }
            Event::Finished(r) => {
                let f = s.best().unwrap().unwrap();
                println!(
                    "FINISHED {r:?} ep {} t {:.1}s err {:.2e} evals {} ({:.0}/s) depth {} gates {} 2q {} par {} at evals {}",
                    s.episodes(),
                    t.elapsed().as_secs_f64(),
                    f.energy - exact,
                    s.evaluations(),
                    s.evaluations() as f64 / t.elapsed().as_secs_f64(),
                    f.depth,
                    f.gates,
                    f.two_qubit_gates,
                    f.parameters(),
                    f.evaluations
                );
                break;
            }
        }
    }
}
