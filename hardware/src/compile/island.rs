//! Which part of a circuit goes to which island of a machine.

use qloom_circuits::Stream;

use super::item::Item;

/// Steps of the search for an assignment.
const BUDGET: usize = 100_000;

/// The parts of a circuit: which qubits meet, and which of them are joined by gates.
pub(super) struct Parts {
    /// The qubits that each qubit meets in two-qubit items.
    pub meets: Vec<Vec<usize>>,
    /// The part of each qubit.
    of: Vec<usize>,
    /// Qubits of each part.
    sizes: Vec<usize>,
}

impl Parts {
    pub fn new(num_qubits: usize, items: &[Item]) -> Self {
        let mut meets: Vec<Vec<usize>> = vec![Vec::new(); num_qubits];
        for [a, b] in items.iter().filter_map(Item::pair) {
            if !meets[a].contains(&b) {
                meets[a].push(b);
                meets[b].push(a);
            }
        }
        let mut of = vec![usize::MAX; num_qubits];
        let mut sizes = Vec::new();
        for start in 0..num_qubits {
            if of[start] != usize::MAX {
                continue;
            }
            let part = sizes.len();
            of[start] = part;
            sizes.push(0);
            let mut stack = vec![start];
            while let Some(qubit) = stack.pop() {
                sizes[part] += 1;
                for &other in &meets[qubit] {
                    if of[other] == usize::MAX {
                        of[other] = part;
                        stack.push(other);
                    }
                }
            }
        }
        Self { meets, of, sizes }
    }

    /// Sizes of the parts, the largest first.
    pub fn sizes(&self) -> Vec<usize> {
        let mut sizes = self.sizes.clone();
        sizes.sort_unstable_by(|a, b| b.cmp(a));
        sizes
    }

    /// Whether a layout puts every qubit on an island, and every part on one.
    pub fn fits(&self, layout: &[usize], island_of: &[Option<usize>]) -> bool {
        let mut island = vec![None; self.sizes.len()];
        layout.iter().zip(&self.of).all(|(&physical, &part)| match (island_of[physical], island[part]) {
            (None, _) => false,
            (here, None) => {
                island[part] = here;
                true
            }
            (here, there) => here == there,
        })
    }

    /// An island for each qubit, large enough for all parts on it; islands are tried in a random order. None where none is found.
    ///
    /// Parts are placed from the largest on, with a bounded search. One island needs no random number.
    pub fn assign(&self, islands: &[Vec<usize>], numbers: &mut Stream) -> Option<Vec<usize>> {
        let mut order: Vec<usize> = (0..islands.len()).collect();
        numbers.shuffle(&mut order);
        let mut parts: Vec<usize> = (0..self.sizes.len()).collect();
        parts.sort_by_key(|&part| std::cmp::Reverse(self.sizes[part]));
        let room: Vec<usize> = islands.iter().map(Vec::len).collect();
        let mut search = Search { sizes: &self.sizes, parts: &parts, order: &order, room, budget: BUDGET };
        let mut island = vec![usize::MAX; parts.len()];
        search.place(&mut island).then(|| self.of.iter().map(|&part| island[part]).collect())
    }
}

/// The parts that are still to be placed, and the room that is left.
struct Search<'a> {
    sizes: &'a [usize],
    /// Parts, the largest first.
    parts: &'a [usize],
    /// Islands in the order in which they are tried.
    order: &'a [usize],
    room: Vec<usize>,
    budget: usize,
}

impl Search<'_> {
    /// Depth first without recursion: a circuit may have as many parts as qubits.
    fn place(&mut self, island: &mut [usize]) -> bool {
        // for each part that is placed, the position in the order where it lies
        let mut chosen: Vec<usize> = Vec::new();
        let mut from = 0;
        while chosen.len() < self.parts.len() {
            if self.budget == 0 {
                return false;
            }
            self.budget -= 1;
            let part = self.parts[chosen.len()];
            let size = self.sizes[part];
            // islands with the same room are alike
            let fresh =
                |at: usize| from == 0 || (0..from).all(|before| self.room[self.order[before]] != self.room[self.order[at]]);
            let next = (from..self.order.len()).find(|&at| self.room[self.order[at]] >= size && fresh(at));
            if let Some(at) = next {
                island[part] = self.order[at];
                self.room[self.order[at]] -= size;
                chosen.push(at);
                from = 0;
                continue;
            }
            let Some(at) = chosen.pop() else { return false };
            let back = self.parts[chosen.len()];
            self.room[self.order[at]] += self.sizes[back];
            from = at + 1;
        }
        true
    }
}
