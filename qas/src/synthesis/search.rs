//! Best-first search by learned values.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};

use serde::{Deserialize, Serialize};

use super::learning::least;
use super::space::Space;
use super::values::ActionValues;
use crate::QasError;

/// How successors are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Q*: the values of a state judge all its successors; a successor is made when it is its turn.
    QStar,
    /// A*: all successors of a state are made, and each is judged by the least of its own values.
    AStar,
    /// Successors are made and not judged: the cheapest path comes first, and no values are asked.
    Blind,
}

/// Settings of [`best_first`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SearchLimits {
    /// Weight of the cost so far against that to go, in [0, 1]: the lower, the greedier. Default 0.8.
    pub weight: f32,
    /// States that are expanded at a time, from 1 to 65536. Default 16.
    pub batch: usize,
    /// The most states that are made, from 1 to 100 million. Default 200,000.
    pub states: usize,
    /// The most memory for what waits, in MiB, from 1 to 1048576. Default 2048.
    pub memory: usize,
}

impl Default for SearchLimits {
    fn default() -> Self {
        Self { weight: 0.8, batch: 16, states: 200_000, memory: 2048 }
    }
}

impl SearchLimits {
    /// Whether the settings are within their ranges.
    ///
    /// # Errors
    /// [`QasError::InvalidSetting`] for the first that is not.
    pub fn check(&self) -> Result<(), QasError> {
        if !(0.0..=1.0).contains(&self.weight) {
            return Err(QasError::invalid("synthesis.search.weight", self.weight, "it has to be in [0, 1]"));
        }
        let ranges = [
            ("synthesis.search.batch", self.batch, 65_536),
            ("synthesis.search.states", self.states, 100_000_000),
            ("synthesis.search.memory", self.memory, 1 << 20),
        ];
        for (setting, value, most) in ranges {
            if !(1..=most).contains(&value) {
                return Err(QasError::invalid(setting, value, format!("it has to be from 1 to {most}")));
            }
        }
        Ok(())
    }
}

/// What a search did.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// The actions to the goal; nothing when a limit came first.
    pub path: Option<Vec<usize>>,
    /// Their cost.
    pub cost: f32,
    /// States made, the first included.
    pub states: usize,
    /// States whose values were asked.
    pub evaluated: usize,
}

/// A state that was met.
struct Node {
    parent: usize,
    action: usize,
    cost: f32,
}

/// What waits for its turn: for Q* an action of a node, otherwise a node.
struct Waiting {
    judged: f32,
    node: u32,
    action: u32,
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    /// The greatest is what is judged least; of equals, what was met last.
    fn cmp(&self, other: &Self) -> Ordering {
        let order = other.judged.total_cmp(&self.judged);
        order.then(self.node.cmp(&other.node)).then(other.action.cmp(&self.action))
    }
}

struct Search<'a, S: Space> {
    space: &'a S,
    limits: &'a SearchLimits,
    nodes: Vec<Node>,
    states: Vec<S::State>,
    /// The cheapest node of each state.
    known: HashMap<S::State, usize>,
    waiting: BinaryHeap<Waiting>,
    made: usize,
    evaluated: usize,
}

/// Takes a state apart.
///
/// A path is cheapest when the weight is 1 and the values promise nothing too dear; otherwise it is as good as they are. Waiting actions of Q*
/// take 12 bytes each. Deterministic.
///
/// # Errors
/// [`QasError::InvalidSetting`] for limits out of range.
pub fn best_first<S: Space>(
    space: &S,
    values: &mut ActionValues,
    start: S::State,
    method: Method,
    limits: &SearchLimits,
) -> Result<Course, QasError> {
    limits.check()?;
    let mut search = Search {
        space,
        limits,
        nodes: Vec::new(),
        states: Vec::new(),
        known: HashMap::new(),
        waiting: BinaryHeap::new(),
        made: 0,
        evaluated: 0,
    };
    let found = match method {
        Method::QStar => search.by_actions(values, start),
        Method::AStar => search.by_states(start, |states, judged| {
            values.evaluate(space, states, |row, row_values| judged[row] = least(row_values).1.max(0.0));
            states.len()
        }),
        Method::Blind => search.by_states(start, |_, _| 0),
    };
    let path = found.map(|node| search.path(node));
    let cost = found.map_or(f32::INFINITY, |node| search.nodes[node].cost);
    Ok(Course { path, cost, states: search.made, evaluated: search.evaluated })
}

impl<S: Space> Search<'_, S> {
    /// Takes a state in, unless it is known at no higher cost.
    fn meet(&mut self, state: S::State, parent: usize, action: usize, cost: f32) -> Option<usize> {
        let number = self.nodes.len();
        self.made += 1;
        match self.known.get_mut(&state) {
            Some(known) if self.nodes[*known].cost <= cost => return None,
            Some(known) => *known = number,
            None => drop(self.known.insert(state.clone(), number)),
        }
        self.nodes.push(Node { parent, action, cost });
        self.states.push(state);
        Some(number)
    }

    /// Whether a node has been overtaken by a cheaper way to its state.
    fn overtaken(&self, node: usize) -> bool {
        self.known[&self.states[node]] != node
    }

    /// Whether a limit is reached.
    fn full(&self) -> bool {
        // each state is kept beside its node and as a key
        let bytes =
            self.waiting.len() * size_of::<Waiting>() + self.nodes.len() * (size_of::<Node>() + 2 * self.space.bytes() + 16);
        self.made >= self.limits.states || bytes > self.limits.memory << 20
    }

    fn by_actions(&mut self, values: &mut ActionValues, start: S::State) -> Option<usize> {
        let goal = self.space.goal();
        let mut fresh = vec![self.meet(start, 0, 0, 0.0).expect("nothing is known yet")];
        if self.states[0] == goal {
            return Some(0);
        }
        loop {
            let states: Vec<S::State> = fresh.iter().map(|&node| self.states[node].clone()).collect();
            self.evaluated += states.len();
            let (waiting, nodes, weight) = (&mut self.waiting, &self.nodes, self.limits.weight);
            values.evaluate(self.space, &states, |row, row_values| {
                let node = fresh[row];
                let judge = |(action, &left): (usize, &f32)| Waiting {
                    judged: weight * nodes[node].cost + left,
                    node: node as u32,
                    action: action as u32,
                };
                waiting.extend(row_values.iter().enumerate().map(judge));
            });
            fresh.clear();
            while fresh.len() < self.limits.batch && !self.full() {
                let Some(Waiting { node, action, .. }) = self.waiting.pop() else { break };
                let (node, action) = (node as usize, action as usize);
                if self.overtaken(node) {
                    continue;
                }
                let state = self.space.apply(&self.states[node], action);
                let arrived = state == goal;
                let cost = self.nodes[node].cost + self.space.cost(action);
                let met = self.meet(state, node, action, cost);
                if arrived && met.is_some() {
                    return met;
                }
                fresh.extend(met);
            }
            if fresh.is_empty() {
                return None;
            }
        }
    }

    /// `judge` writes what is left of each state, 0 where it does not, and gives how many it asked the values about.
    fn by_states(&mut self, start: S::State, mut judge: impl FnMut(&[S::State], &mut [f32]) -> usize) -> Option<usize> {
        let goal = self.space.goal();
        let first = self.meet(start, 0, 0, 0.0).expect("nothing is known yet");
        self.waiting.push(Waiting { judged: 0.0, node: first as u32, action: 0 });
        loop {
            let mut fresh = Vec::new();
            let mut expanded = 0;
            while expanded < self.limits.batch {
                let Some(Waiting { node, .. }) = self.waiting.pop() else { break };
                let node = node as usize;
                if self.overtaken(node) {
                    continue;
                }
                if self.states[node] == goal {
                    return Some(node);
                }
                expanded += 1;
                for action in 0..self.space.actions() {
                    let state = self.space.apply(&self.states[node], action);
                    let cost = self.nodes[node].cost + self.space.cost(action);
                    fresh.extend(self.meet(state, node, action, cost));
                }
                if self.full() {
                    break;
                }
            }
            if expanded == 0 || self.full() {
                return None;
            }
            let states: Vec<S::State> = fresh.iter().map(|&node| self.states[node].clone()).collect();
            let mut left = vec![0.0; states.len()];
            self.evaluated += judge(&states, &mut left);
            for ((&node, state), left) in fresh.iter().zip(&states).zip(left) {
                let left = if *state == goal { 0.0 } else { left };
                self.waiting.push(Waiting {
                    judged: self.limits.weight * self.nodes[node].cost + left,
                    node: node as u32,
                    action: 0,
                });
            }
        }
    }

    fn path(&self, mut node: usize) -> Vec<usize> {
        let mut path = Vec::new();
        while node != 0 {
            path.push(self.nodes[node].action);
            node = self.nodes[node].parent;
        }
        path.reverse();
        path
    }
}
