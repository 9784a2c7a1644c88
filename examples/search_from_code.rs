//! A search driven from code, an episode at a time: the singlet of two spins.
use qloom::circuits::{PauliString, PauliSum};
use qloom::qas::{Event, Problem, Search, SearchConfig};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let word = |word| PauliString::from_word(word);
    let heisenberg = PauliSum::new(2, [(word("XX")?, 1.0), (word("YY")?, 1.0), (word("ZZ")?, 1.0)])?;
    let problem = Problem::new("two spins", heisenberg)?.with_exact_energy(-3.0)?;
    let config = SearchConfig { target_error: Some(1e-9), ..SearchConfig::default() };
    let mut search = Search::new(config, problem, 7)?;
    let reason = loop {
        match search.step()? {
            Event::Episode(report) => println!("episode {}: best {:.9}", report.episode, report.best_energy),
            Event::Finished(reason) => break reason,
        }
    };
    let found = search.best()?.ok_or("nothing found")?;
    println!("{reason:?}: energy {:.9} with {} gates", found.energy, found.gates);
    assert!((found.energy + 3.0).abs() < 1e-6);
    Ok(())
}
