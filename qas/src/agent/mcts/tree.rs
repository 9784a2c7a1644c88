//! Circuits that a tree search knows, and what it knows of them.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::config::MctsConfig;
use crate::agent::{Dimensions, Observation};

/// An action that has been tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Edge {
    pub(super) action: u16,
    pub(super) visits: u32,
    /// Sum of the scores of the episodes through it.
    pub(super) total: f64,
    /// The lowest result that it has led to.
    pub(super) lowest: f32,
    /// Where every episode through it is known to end, the energy that one has to pass before it is worth another try.
    pub(super) ended: Option<f32>,
}

/// A circuit of the tree: the actions open at it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Node {
    pub(super) edges: Vec<Edge>,
}

impl Node {
    /// How often an action was chosen here.
    pub(super) fn visits(&self) -> u32 {
        self.edges.iter().map(|edge| edge.visits).sum()
    }

    /// The legal action taken most often, the first of equals.
    pub(super) fn most_visited(&self, seen: &Observation) -> Option<u16> {
        let legal = self.edges.iter().filter(|edge| seen.is_legal(usize::from(edge.action)));
        legal.rev().max_by_key(|edge| edge.visits).map(|edge| edge.action)
    }

    /// The edge of an action, opened if need be.
    fn edge(&mut self, action: u16) -> &mut Edge {
        let place = self.edges.iter().position(|edge| edge.action == action).unwrap_or_else(|| {
            self.edges.push(Edge { action, visits: 0, total: 0.0, lowest: f32::INFINITY, ended: None });
            self.edges.len() - 1
        });
        &mut self.edges[place]
    }
}

/// Results of the last episodes, the lower the better, among which others are ranked.
///
/// Source: A. Laterre et al., Ranked reward: enabling self-play reinforcement learning for combinatorial optimization, arXiv:1807.01672
/// (2018).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Results {
    recent: VecDeque<f32>,
    sorted: Vec<f32>,
}

impl Results {
    /// Takes a result in, and forgets the oldest where there are more than `most`.
    pub(super) fn push(&mut self, result: f32, most: usize) {
        self.recent.push_back(result);
        if self.recent.len() > most {
            self.recent.pop_front();
        }
        self.sorted = self.recent.iter().copied().collect();
        self.sorted.sort_unstable_by(f32::total_cmp);
    }

    /// The part of the results that this one is below, those that are equal counted half: 1 for the best.
    pub(super) fn score(&self, result: f32) -> f64 {
        if self.sorted.is_empty() {
            return 0.5;
        }
        let lower = self.sorted.partition_point(|&other| other < result);
        let not_higher = self.sorted.partition_point(|&other| other <= result);
        1.0 - (lower + not_higher) as f64 / (2 * self.sorted.len()) as f64
    }

    pub(super) fn is_whole(&self) -> bool {
        let mut sorted: Vec<f32> = self.recent.iter().copied().collect();
        sorted.sort_unstable_by(f32::total_cmp);
        sorted == self.sorted && sorted.iter().all(|result| result.is_finite())
    }
}

/// The circuits in the tree, by the entries of their moment tensors: two orders of gates that change places are one circuit.
///
/// An action with which an episode ended would only repeat it. It is closed until an episode goes on at a lower energy, which tells that
/// the threshold has fallen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Tree {
    nodes: BTreeMap<Vec<u32>, Node>,
    /// The lowest energy at which an episode went on.
    passed: f32,
}

impl Default for Tree {
    fn default() -> Self {
        Self { nodes: BTreeMap::new(), passed: f32::INFINITY }
    }
}

fn key(seen: &Observation) -> Vec<u32> {
    let mut key = seen.entries.clone();
    key.sort_unstable();
    key
}

impl Tree {
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn get(&self, seen: &Observation) -> Option<&Node> {
        self.nodes.get(&key(seen))
    }

    /// Adds the circuit that is seen.
    pub(super) fn insert(&mut self, seen: &Observation) {
        self.nodes.insert(key(seen), Node::default());
    }

    fn is_closed(&self, edge: &Edge) -> bool {
        edge.ended.is_some_and(|energy| self.passed >= energy)
    }

    /// Where all legal actions at a circuit are closed, the energy that reopens the first.
    fn exhausted(&self, seen: &Observation, actions: usize) -> Option<f32> {
        let node = self.get(seen)?;
        let closed = node.edges.iter().filter(|edge| seen.is_legal(usize::from(edge.action)) && self.is_closed(edge));
        let ended: Vec<f32> = closed.filter_map(|edge| edge.ended).collect();
        let legal = (0..actions).filter(|&action| seen.is_legal(action)).count();
        (ended.len() == legal).then(|| ended.into_iter().fold(f32::NEG_INFINITY, f32::max))
    }

    /// Notes that an episode went on at this energy.
    pub(super) fn pass(&mut self, energy: f32) {
        self.passed = self.passed.min(energy);
    }

    /// Notes that an episode ended at this energy with the last of these circuits and actions, which lead down the tree; returns how many of
    /// them, from the end, lead to nothing else.
    pub(super) fn close(&mut self, path: &[(&Observation, u16)], energy: f32, actions: usize) -> usize {
        let mut energy = energy;
        for (count, (seen, action)) in path.iter().rev().enumerate() {
            let ended = Some(energy.min(self.passed));
            if let Some(node) = self.nodes.get_mut(&key(seen)) {
                node.edge(*action).ended = ended;
            }
            match self.exhausted(seen, actions) {
                Some(first) => energy = first,
                None => return count + 1,
            }
        }
        path.len()
    }

    /// The action to take at a circuit of the tree: the one of the largest probability among those not open, as long as there is room or all
    /// others are closed; otherwise the open one of the largest value plus `c P sqrt(n) / (1 + n_a)`, where `P` is its probability among the open ones, `n_a`
    /// how often it was taken, and `n` how often any was. `None` where none is legal.
    ///
    /// Source: D. Silver et al., A general reinforcement learning algorithm that masters chess, shogi, and Go through self-play, Science
    /// 362, 1140 (2018); A. Couetoux et al., Continuous upper confidence trees (2011) for the widening.
    pub(super) fn choose(
        &self,
        seen: &Observation,
        probabilities: &[f64],
        results: &Results,
        config: &MctsConfig,
    ) -> Option<usize> {
        let edges: &[Edge] = self.get(seen).map_or(&[], |node| &node.edges);
        let open: Vec<&Edge> = edges.iter().filter(|edge| seen.is_legal(usize::from(edge.action))).collect();
        let visits: u32 = open.iter().map(|edge| edge.visits).sum();
        let alive: Vec<&Edge> = open.iter().copied().filter(|edge| !self.is_closed(edge)).collect();
        if alive.is_empty() || open.len() < config.width(visits) {
            let unknown = |&action: &usize| seen.is_legal(action) && open.iter().all(|edge| usize::from(edge.action) != action);
            let better = |best: usize, action: usize| if probabilities[action] > probabilities[best] { action } else { best };
            if let Some(action) = (0..probabilities.len()).filter(unknown).reduce(better) {
                return Some(action);
            }
        }
        let open = if alive.is_empty() { open } else { alive };
        let whole: f64 = open.iter().map(|edge| probabilities[usize::from(edge.action)]).sum();
        let promise = |edge: &Edge| {
            let mean = edge.total / f64::from(edge.visits.max(1));
            let value = (1.0 - config.best) * mean + config.best * results.score(edge.lowest);
            let share = if whole > 0.0 { probabilities[usize::from(edge.action)] / whole } else { 1.0 / open.len() as f64 };
            value + config.exploration * share * f64::from(visits).sqrt() / f64::from(1 + edge.visits)
        };
        let mut best: Option<(f64, &Edge)> = None;
        for edge in &open {
            let promise = promise(edge);
            if best.is_none_or(|(largest, _)| promise > largest) {
                best = Some((promise, edge));
            }
        }
        best.map(|(_, edge)| usize::from(edge.action))
    }

    /// Notes what an action at a circuit of the tree has led to; without a score only the result.
    pub(super) fn back_up(&mut self, seen: &Observation, action: u16, result: f32, score: Option<f64>) {
        let Some(node) = self.nodes.get_mut(&key(seen)) else { return };
        let edge = node.edge(action);
        edge.lowest = edge.lowest.min(result);
        if let Some(score) = score {
            edge.visits += 1;
            edge.total += score;
        }
    }

    /// Whether all circuits and actions are within the sizes of the agent, and no more than allowed.
    pub(super) fn fits(&self, dimensions: Dimensions, most: usize) -> bool {
        let entries = |key: &[u32]| key.iter().all(|&entry| (entry as usize) < dimensions.inputs - 1);
        let edge = |edge: &Edge| {
            usize::from(edge.action) < dimensions.actions
                && edge.total.is_finite()
                && !edge.lowest.is_nan()
                && edge.ended.is_none_or(|energy| !energy.is_nan())
        };
        self.nodes.len() <= most
            && !self.passed.is_nan()
            && self.nodes.iter().all(|(key, node)| entries(key) && node.edges.iter().all(edge))
    }
}
