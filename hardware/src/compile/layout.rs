//! Where qubits begin.

use super::elide::phases_of_blocks;
use super::embed::{Way, embed};
use super::gather::consolidate;
use super::island::Parts;
use super::item::Item;
use super::machine::Machine;
use super::native::Costs;
use super::order::Order;
use super::place::{Places, scatter};
use super::route::{Routed, Router, Step, Taste, materialize};
use super::{CompileOptions, HardwareError};
use qloom_circuits::Stream;

pub(super) struct Plan {
    /// Items on physical qubits.
    pub items: Vec<Item>,
    pub initial: Vec<usize>,
    pub last: Vec<usize>,
    pub cost: f64,
}

/// How much is tried.
struct Effort {
    /// Layouts, each mended by routing forth and back.
    layouts: usize,
    /// Turns of mending.
    turns: usize,
    /// Layouts that are routed again in other ways, and how often each.
    kept: usize,
    again: usize,
    /// Routed circuits whose blocks are joined, to be compared by what is left.
    finals: usize,
    /// Swaps that may be looked at: half of them by the first layouts, so that long circuits get fewer.
    work: u64,
    /// Layouts by search that needs no routing.
    embeddings: usize,
}

fn effort(level: u8, blocks: usize, weighted: bool) -> Effort {
    let (layouts, turns, kept, again, finals, work) = match level {
        0 => (0, 0, 0, 0, 1, 0),
        1 => (4, 1, 1, 2, 1, 2_000_000),
        2 => (40, 2, 4, 6, 12, 20_000_000),
        _ => (400, 3, 20, 40, 200, 100_000_000),
    };
    let finals = finals.min(2 + 200 * finals / blocks.max(1));
    Effort { layouts, turns, kept, again, finals, work, embeddings: if weighted { 40 } else { 6 } }
}

/// Ways to choose swaps, in the order in which they are tried.
const TASTES: [Taste; 6] = [
    Taste { price: 0.3, ahead: 20, ahead_weight: 0.5, mean: true, depth: 0.0 },
    Taste { price: 0.5, ahead: 20, ahead_weight: 1.0, mean: false, depth: 0.0 },
    Taste { price: 0.1, ahead: 20, ahead_weight: 0.5, mean: false, depth: 0.0 },
    Taste { price: 1.0, ahead: 20, ahead_weight: 2.0, mean: false, depth: 0.0 },
    Taste { price: 0.5, ahead: 40, ahead_weight: 1.0, mean: false, depth: 0.005 },
    Taste { price: 0.2, ahead: 10, ahead_weight: 0.5, mean: false, depth: 0.01 },
];

/// Layouts that are tried however long the circuit is.
const LEAST: usize = 4;

/// A layout and what became of it.
struct Trial {
    layout: Vec<usize>,
    routed: Routed,
}

impl Trial {
    fn key(&self) -> f64 {
        f64::from(self.routed.gates) + DEPTH_SHARE * f64::from(self.routed.depth)
    }
}

/// What a gate on the longest way counts beside a gate.
const DEPTH_SHARE: f64 = 0.1;

/// The best of several layouts, each routed, by the cost of the result.
///
/// Every layout keeps each part of the circuit on one island of the machine, so that routing always finds a way.
///
/// # Errors
/// Where the parts of the circuit do not fit the islands.
pub(super) fn search(
    num_qubits: usize,
    items: &[Item],
    machine: &Machine,
    options: &CompileOptions,
    costs: &mut Costs,
) -> Result<Plan, HardwareError> {
    let islands = &machine.connectivity.islands;
    let as_it_is = |layout: Vec<usize>| {
        let steps = (0..items.len() as u32).map(Step::Item).collect();
        Trial { routed: Routed { steps, last: layout.clone(), gates: 0.0, depth: 0.0 }, layout }
    };
    let mut finish = |trial: Trial| -> Plan {
        let mut list = materialize(items, &trial.routed.steps, &trial.layout, machine.connectivity.num_qubits);
        if options.level >= 1 {
            list = consolidate(list, options.level >= 2);
        }
        if options.level >= 2 {
            list = phases_of_blocks(list, machine.connectivity.num_qubits);
        }
        let (gates, depth) = costs.of(&list, machine);
        Plan { items: list, initial: trial.layout, last: trial.routed.last, cost: gates + DEPTH_SHARE * depth }
    };
    let Some(neighbours) = &machine.connectivity.neighbours else {
        return Ok(finish(as_it_is(islands[0][..num_qubits].to_vec())));
    };
    let mut numbers = Stream::named(options.seed, "layout");
    let parts = Parts::new(num_qubits, items);
    let order = Order::new(items, num_qubits, machine);
    let effort = effort(options.level, items.len(), machine.is_weighted());
    let mut plans: Vec<Plan> = Vec::new();
    if options.level >= 1 {
        for turn in 0..effort.embeddings {
            let way = [Way::Along, Way::Outwards, Way::RandomAlong, Way::RandomOutwards][turn.min(2 + turn % 2)];
            let found = embed(&parts.meets, &machine.connectivity, way, &mut numbers);
            if found.whole {
                plans.push(finish(as_it_is(found.layout)));
                if !machine.is_weighted() {
                    break;
                }
            }
        }
    }
    if plans.is_empty() || machine.is_weighted() {
        let mut search = Search {
            parts: &parts,
            forward: Router::new(&order, machine, neighbours),
            backward: &order.reversed(),
            machine,
            neighbours,
            numbers: &mut numbers,
            trials: Vec::new(),
        };
        search.run(num_qubits, options, &effort);
        let mut trials = search.trials;
        trials.truncate(effort.finals);
        plans.extend(trials.into_iter().map(&mut finish));
    }
    let best = plans.into_iter().reduce(|best, plan| if plan.cost < best.cost { plan } else { best });
    best.ok_or_else(|| HardwareError::NotConnected {
        device: machine.name.clone(),
        parts: parts.sizes(),
        islands: islands.iter().map(Vec::len).collect(),
    })
}

/// The search for layouts that need few swaps.
struct Search<'a, 'm> {
    parts: &'a Parts,
    forward: Router<'m>,
    backward: &'m Order,
    machine: &'m Machine,
    neighbours: &'m [Vec<usize>],
    numbers: &'a mut Stream,
    /// The best so far, in ascending order.
    trials: Vec<Trial>,
}

impl Search<'_, '_> {
    fn run(&mut self, num_qubits: usize, options: &CompileOptions, effort: &Effort) {
        let trivial: Vec<usize> = (0..num_qubits).collect();
        let fits = self.parts.fits(&trivial, &self.machine.connectivity.island_of);
        let room = effort.finals.max(effort.kept);
        if fits {
            let routed = self.forward.route(&trivial, &TASTES[0], self.numbers);
            self.keep(Trial { layout: trivial.clone(), routed }, room);
        }
        let scattered = if options.level == 0 && !fits { 1 } else { effort.layouts };
        let mut places = Places::new(self.parts, self.machine);
        let mut back = Router::new(self.backward, self.machine, self.neighbours);
        for trial in 0..scattered {
            if trial >= LEAST && self.forward.work + back.work > effort.work / 2 {
                break;
            }
            let taste = TASTES[trial % TASTES.len()];
            let mut layout = match (trial, fits) {
                (1, true) => trivial.clone(),
                _ => match places.next(trial, self.numbers) {
                    Some(layout) => layout,
                    None => {
                        // once a way to share out the islands was not found, the layouts that there are have to do
                        let islands = &self.machine.connectivity.islands;
                        let Some(island) = self.parts.assign(islands, self.numbers) else { break };
                        scatter(&self.parts.meets, self.neighbours, islands, &island, self.numbers)
                    }
                },
            };
            for _ in 0..effort.turns {
                let there = self.forward.route(&layout, &taste, self.numbers);
                self.keep(Trial { layout, routed: there.clone() }, room);
                layout = back.route(&there.last, &taste, self.numbers).last;
            }
            let routed = self.forward.route(&layout, &taste, self.numbers);
            self.keep(Trial { layout, routed }, room);
        }
        let best: Vec<Vec<usize>> = self.trials.iter().take(effort.kept).map(|trial| trial.layout.clone()).collect();
        for layout in best {
            let share = self.forward.work + effort.work / 2 / effort.kept as u64;
            for again in 0..effort.again {
                if again >= LEAST / 2 && self.forward.work > share {
                    break;
                }
                let routed = self.forward.route(&layout, &TASTES[again % TASTES.len()], self.numbers);
                self.keep(Trial { layout: layout.clone(), routed }, room);
            }
        }
    }

    /// Keeps a trial if it is among the best.
    fn keep(&mut self, trial: Trial, room: usize) {
        let at = self.trials.partition_point(|other| other.key() <= trial.key());
        let same = |other: &Trial| other.layout == trial.layout && other.routed.steps == trial.routed.steps;
        let alike = self.trials[..at].iter().rev().take_while(|other| other.key() == trial.key()).any(same);
        if at < room && !alike {
            self.trials.insert(at, trial);
            self.trials.truncate(room);
        }
    }
}
