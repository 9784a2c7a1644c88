//! An agent of one's own in the search: it repeats what has paid, action by action, and explores the rest in turn.
use qloom::circuits::{PauliString, PauliSum};
use qloom::qas::{Agent, Dimensions, Event, Observation, Problem, QasError, Search, SearchConfig, Transition};

/// The mean reward of every action, and an action tried now and then for its own sake.
struct Bandit {
    means: Vec<f64>,
    counts: Vec<u32>,
    steps: usize,
}

impl Agent for Bandit {
    fn act(&mut self, observation: &Observation) -> Result<usize, QasError> {
        self.steps += 1;
        let legal = |action: &usize| observation.is_legal(*action);
        let actions = self.means.len();
        if self.steps.is_multiple_of(2) {
            let start = self.steps * 7;
            return Ok((start..start + actions).map(|number| number % actions).find(legal).unwrap_or(0));
        }
        let best = (0..actions).filter(legal).max_by(|&a, &b| self.means[a].total_cmp(&self.means[b]));
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
        0.5
    }

    fn save(&self) -> Vec<u8> {
        Vec::new() // this example is never resumed
    }

    fn load(&mut self, _: &[u8]) -> Result<(), QasError> {
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let word = |word| PauliString::from_word(word);
    let ising = PauliSum::new(2, [(word("ZZ")?, -1.0), (word("XI")?, -1.0), (word("IX")?, -1.0)])?;
    let exact = qloom::sim::ground_energy(&ising)?; // -sqrt(5)
    let problem = Problem::new("transverse Ising pair", ising)?.with_exact_energy(exact)?;
    let config = SearchConfig { episodes: 500, target_error: Some(1e-6), ..SearchConfig::default() };
    let build = |_: &_, dimensions: Dimensions| -> Box<dyn Agent> {
        Box::new(Bandit { means: vec![0.0; dimensions.actions], counts: vec![0; dimensions.actions], steps: 0 })
    };
    let mut search = Search::with_agent(config, problem, 1, build)?;
    while let Event::Episode(_) = search.step()? {}
    let found = search.best()?.ok_or("nothing found")?;
    println!("energy {:.9}, exact {exact:.9}, {} gates", found.energy, found.gates);
    assert!((exact + 5f64.sqrt()).abs() < 1e-10 && found.energy - exact < 1e-3);
    Ok(())
}
