//! Several gates on different qubits in one decision.

use std::collections::VecDeque;

use qloom_circuits::Stream;

use crate::agent::Observation;
use crate::agent::random::draw_legal;

/// What is left of a decision, and which actions can be part of one.
#[derive(Debug, Clone)]
pub(super) struct Together {
    most: usize,
    /// The qubits of each action, as bits; 0 for one that is always alone.
    masks: Vec<u64>,
    rest: VecDeque<usize>,
    /// How many gates there will be where the next of the rest is appended.
    next: usize,
}

/// The best set found so far.
struct Set {
    value: f64,
    actions: Vec<usize>,
}

impl Together {
    pub(super) fn new(most: usize) -> Self {
        Self { most, masks: Vec::new(), rest: VecDeque::new(), next: 0 }
    }

    /// States the qubits of each action.
    pub(super) fn set_qubits(&mut self, qubits: &[Vec<usize>]) {
        self.masks = qubits.iter().map(|qubits| qubits.iter().fold(0, |mask, qubit| mask | 1 << qubit)).collect();
    }

    /// Forgets what is left of a decision.
    pub(super) fn forget(&mut self) {
        self.rest.clear();
    }

    /// The next action of the decision before, if it was to bring more and the circuit is what it expected.
    pub(super) fn planned(&mut self, observation: &Observation) -> Option<usize> {
        let expected = observation.entries.len() == self.next;
        let action = self.rest.pop_front().filter(|&action| expected && observation.is_legal(action));
        match action {
            Some(_) => self.next += 1,
            None => self.rest.clear(),
        }
        action
    }

    /// Keeps the rest of a decision, whose first action is returned.
    fn begin(&mut self, mut actions: VecDeque<usize>, observation: &Observation) -> Option<usize> {
        let first = actions.pop_front()?;
        self.rest = actions;
        self.next = observation.entries.len() + 1;
        Some(first)
    }

    fn mask(&self, action: usize) -> u64 {
        self.masks.get(action).copied().unwrap_or(0)
    }

    /// The first of the gates on different qubits whose values have the largest sum, as many as the settings say or as there are; `best` is
    /// the action of the largest value.
    pub(super) fn decide(&mut self, best: usize, values: &[f32], observation: &Observation) -> usize {
        if self.most == 1 || self.mask(best) == 0 {
            return best;
        }
        // of the gates on the same qubits the best alone can be in the set
        let mut candidates: Vec<usize> = (0..values.len()).filter(|&a| self.mask(a) != 0 && observation.is_legal(a)).collect();
        candidates.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
        let mut seen = Vec::new();
        candidates.retain(|&action| {
            let mask = self.mask(action);
            let new = !seen.contains(&mask);
            seen.push(mask);
            new
        });
        for count in (2..=self.most).rev() {
            let mut set = Set { value: f64::NEG_INFINITY, actions: Vec::new() };
            self.search(&candidates, values, count, (0.0, &mut Vec::new(), 0), &mut set);
            if !set.actions.is_empty() {
                return self.begin(set.actions.into(), observation).unwrap_or(best);
            }
        }
        best
    }

    /// Branch and bound over sets of so many more of the candidates, sorted by value: at best each has the value of the next.
    fn search(
        &self,
        candidates: &[usize],
        values: &[f32],
        count: usize,
        (value, chosen, taken): (f64, &mut Vec<usize>, u64),
        best: &mut Set,
    ) {
        if count == 0 {
            if value > best.value {
                *best = Set { value, actions: chosen.clone() };
            }
            return;
        }
        for (place, &action) in candidates.iter().enumerate() {
            let own = f64::from(values[action]);
            if value + own * count as f64 <= best.value {
                return;
            }
            if self.mask(action) & taken == 0 {
                chosen.push(action);
                let next = (value + own, &mut *chosen, taken | self.mask(action));
                self.search(&candidates[place + 1..], values, count - 1, next, best);
                chosen.pop();
            }
        }
    }

    /// The first of gates on different qubits drawn one after the other, or an action that is alone.
    pub(super) fn draw(&mut self, stream: &mut Stream, num_actions: usize, observation: &Observation) -> usize {
        let first = draw_legal(stream, num_actions, observation);
        if self.most == 1 || self.mask(first) == 0 {
            return first;
        }
        let (mut actions, mut taken) = (VecDeque::from([first]), self.mask(first));
        while actions.len() < self.most {
            let free = |&action: &usize| {
                let mask = self.mask(action);
                mask != 0 && mask & taken == 0 && observation.is_legal(action)
            };
            let open: Vec<usize> = (0..num_actions).filter(free).collect();
            if open.is_empty() {
                break;
            }
            let action = open[stream.below(open.len())];
            taken |= self.mask(action);
            actions.push_back(action);
        }
        self.begin(actions, observation).unwrap_or(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(gates: u32, illegal: &[u16]) -> Observation {
        Observation { entries: (0..gates).collect(), energy: 0.0, features: Vec::new(), illegal: illegal.to_vec() }
    }

    /// Rotations on four qubits, all pairs, and an edit.
    fn qubits() -> Vec<Vec<usize>> {
        let mut list: Vec<Vec<usize>> = (0..4).map(|qubit| vec![qubit]).collect();
        list.extend((0..4).flat_map(|a| (0..4).filter(move |&b| b != a).map(move |b| vec![a, b])));
        list.push(Vec::new());
        list
    }

    fn taken(together: &mut Together, first: usize, mut gates: u32, illegal: &[u16]) -> Vec<usize> {
        let mut all = vec![first];
        loop {
            gates += 1;
            let Some(next) = together.planned(&seen(gates, illegal)) else { return all };
            all.push(next);
        }
    }

    #[test]
    fn the_set_is_the_best_of_all_by_exhaustion() {
        let (qubits, mut stream) = (qubits(), Stream::named(1, "test"));
        for round in 0..200 {
            let values: Vec<f32> = (0..qubits.len()).map(|_| 2.0 * stream.unit() as f32 - 1.5).collect();
            let illegal: Vec<u16> = (0..16).filter(|_| stream.unit() < 0.3).collect();
            let observation = seen(3, &illegal);
            let most = 2 + round % 3;
            let mut together = Together::new(most);
            together.set_qubits(&qubits);
            let legal = (0..16).filter(|&action| observation.is_legal(action));
            let Some(best) = legal.clone().max_by(|&a, &b| values[a].total_cmp(&values[b])) else { continue };
            let first = together.decide(best, &values, &observation);
            let chosen = taken(&mut together, first, 3, &illegal);
            let legal: Vec<usize> = legal.collect();
            let mut expected = (0, f64::NEG_INFINITY);
            for set in 1u32..1 << legal.len() {
                let set: Vec<usize> = legal.iter().enumerate().filter(|(i, _)| set >> i & 1 == 1).map(|(_, &a)| a).collect();
                let mut all: Vec<usize> = set.iter().flat_map(|&a| qubits[a].clone()).collect();
                let count = all.len();
                all.sort_unstable();
                all.dedup();
                if all.len() < count || set.len() > most {
                    continue;
                }
                let sum = set.iter().map(|&a| f64::from(values[a])).sum::<f64>();
                if (set.len(), sum) > expected {
                    expected = (set.len(), sum);
                }
            }
            let sum = chosen.iter().map(|&a| f64::from(values[a])).sum::<f64>();
            assert_eq!(chosen.len(), expected.0);
            assert!((sum - expected.1).abs() < 1e-9, "{sum} {expected:?}");
        }
    }

    #[test]
    fn what_has_no_qubits_is_alone_and_plans_end_with_their_episode() {
        let mut together = Together::new(2);
        together.set_qubits(&qubits());
        let mut values = vec![0.0f32; 17];
        values[16] = 1.0;
        assert_eq!(together.decide(16, &values, &seen(0, &[])), 16);
        assert_eq!(together.planned(&seen(1, &[])), None);
        values[16] = -1.0;
        values[2] = 0.5;
        assert_eq!(together.decide(2, &values, &seen(5, &[])), 2);
        assert_eq!(together.planned(&seen(0, &[])), None, "another episode");
        assert_eq!(together.planned(&seen(6, &[])), None, "nothing of the plan is left");
        let mut stream = Stream::named(2, "test");
        for _ in 0..100 {
            let first = together.draw(&mut stream, 17, &seen(0, &[0, 7]));
            let all = taken(&mut together, first, 0, &[0, 7]);
            let mask = all.iter().fold(0, |mask, &action| mask | together.mask(action));
            assert_eq!(mask.count_ones() as usize, all.iter().map(|&action| qubits()[action].len()).sum::<usize>());
            assert!(!all.contains(&0) && !all.contains(&7));
        }
    }

    #[test]
    fn one_gate_a_decision_is_the_best() {
        let mut together = Together::new(1);
        together.set_qubits(&qubits());
        let values = vec![0.5f32; 17];
        assert_eq!(together.decide(3, &values, &seen(0, &[])), 3);
        assert_eq!(together.planned(&seen(1, &[])), None);
    }
}
