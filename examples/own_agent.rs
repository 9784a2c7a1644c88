//! An agent of one's own in the search: it takes the action that has paid best on average, and any other one now and then.
use qloom::circuits::{PauliString, PauliSum, Stream};
use qloom::qas::{Agent, Dimensions, Event, Observation, Problem, QasError, Search, SearchConfig, Transition};

/// How often an action is drawn for its own sake.
const EXPLORATION: f64 = 0.7;

/// The mean reward of every action; draws come from a stream of its own.
struct Bandit {
    means: Vec<f64>,
    counts: Vec<u32>,
    stream: Stream,
}

impl Agent for Bandit {
    fn act(&mut self, observation: &Observation) -> Result<usize, QasError> {
        let legal: Vec<usize> = (0..self.means.len()).filter(|&action| observation.is_legal(action)).collect();
        if self.stream.unit() < EXPLORATION {
            return Ok(legal[self.stream.below(legal.len())]);
        }
        let best = legal.iter().copied().max_by(|&a, &b| self.means[a].total_cmp(&self.means[b]));
        Ok(best.unwrap_or(0))
    }

    fn observe(&mut self, transition: Transition) {
        let action = transition.action;
        self.counts[action] += 1;
        self.means[action] += (transition.reward - self.means[action]) / f64::from(self.counts[action]);
    }

    fn learn(&mut self) -> Result<Option<f64>, QasError> {
        Ok(None)
    }

    fn exploration(&self) -> f64 {
        EXPLORATION
    }

    fn save(&self) -> Vec<u8> {
        Vec::new() // this example is never resumed
    }

    fn load(&mut self, _: &[u8]) -> Result<(), QasError> {
        Ok(())
    }
}

/// The seed may be given as an argument.
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let word = |word| PauliString::from_word(word);
    let ising = PauliSum::new(2, [(word("ZZ")?, -1.0), (word("XI")?, -1.0), (word("IX")?, -1.0)])?;
    let exact = qloom::sim::ground_energy(&ising)?; // -sqrt(5)
    let problem = Problem::new("transverse Ising pair", ising)?.with_exact_energy(exact)?;
    let config = SearchConfig { episodes: 500, target_error: Some(1e-6), ..SearchConfig::default() };
    let seed: u64 = std::env::args().nth(1).map_or(Ok(1), |text| text.parse())?;
    let build = |_: &_, dimensions: Dimensions| -> Box<dyn Agent> {
        let stream = Stream::named(seed, "bandit");
        Box::new(Bandit { means: vec![0.0; dimensions.actions], counts: vec![0; dimensions.actions], stream })
    };
    let mut search = Search::with_agent(config, problem, seed, build)?;
    while let Event::Episode(_) = search.step()? {}
    let found = search.best()?.ok_or("nothing found")?;
    println!("energy {:.9}, exact {exact:.9}, {} gates", found.energy, found.gates);
    assert!((exact + 5f64.sqrt()).abs() < 1e-10 && found.energy - exact < 1e-3);
    Ok(())
}
