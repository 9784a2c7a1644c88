//! x
use qloom_circuits::{PauliString, PauliSum};
use qloom_qas::*;
fn main() {
    let word = |word| PauliString::from_word(word).unwrap();
    let heisenberg = PauliSum::new(2, [(word("XX"), 1.0), (word("YY"), 1.0), (word("ZZ"), 1.0)]).unwrap();
    let problem = Problem::new("two spins", heisenberg).unwrap().with_exact_energy(-3.0).unwrap();
    let config =
        SearchConfig { target_error: Some(1e-9), agent: AgentConfig::Random(RandomConfig {}), ..SearchConfig::default() };
    let mut search = Search::new(config, problem, 7).unwrap();
    loop {
        match search.step().unwrap() {
            Event::Episode(e) => {
                if e.episode % 100 == 1 {
                    println!("{e:?}")
                }
            }
            Event::Finished(r) => {
                println!("{r:?} {:?}", search.best().unwrap().unwrap().energy + 3.0);
                break;
            }
        }
    }
}
