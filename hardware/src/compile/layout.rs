//! Where qubits begin.

use super::clifford::windows;
use super::cost::Costs;
use super::elide::phases_of_blocks;
use super::embed::{Walk, embed};
use super::gather::consolidate;
use super::island::Parts;
use super::item::Item;
use super::machine::Machine;
use super::order::Order;
use super::place::{Places, scatter};
use super::route::Router;
use super::routed::{Front, Routed, Step, Taste, materialize};
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
    let finals = finals.min(1 + usize::from(level) * 1000 / blocks.max(1) * finals / 40 + usize::from(level > 2));
    Effort { layouts, turns, kept, again, finals, work, embeddings: if weighted { 40 * usize::from(level) } else { 6 } }
}

/// Ways to choose swaps, in the order in which they are tried.
const TASTES: [Taste; 6] = [
    Taste { price: 0.1, ahead: 20, ahead_weight: 0.5, fade: 1.0, depth: 0.0 },
    Taste { price: 0.1, ahead: 20, ahead_weight: 1.0, fade: 1.0, depth: 0.005 },
    Taste { price: 0.3, ahead: 20, ahead_weight: 1.0, fade: 1.0, depth: 0.0 },
    Taste { price: 0.1, ahead: 10, ahead_weight: 0.5, fade: 1.0, depth: 0.005 },
    Taste { price: 0.1, ahead: 20, ahead_weight: 0.25, fade: 1.0, depth: 0.0 },
    Taste { price: 1.0, ahead: 20, ahead_weight: 2.0, fade: 0.9, depth: 0.0 },
];

/// Layouts that are tried however long the circuit is.
const LEAST: usize = 3;

/// Layouts that are tried after the best without a better one.
const PATIENCE: usize = 100;

/// A layout and what became of it.
struct Trial {
    layout: Vec<usize>,
    routed: Routed,
    /// Which way it was routed.
    way: usize,
}

impl Trial {
    fn key(&self) -> f64 {
        f64::from(self.routed.gates) + DEPTH_SHARE * f64::from(self.routed.depth)
    }
}

/// Items of all plans together in which Clifford gates are made anew; in the best of all searches they are in any case.
const MOST_WINDOWS: usize = 20_000;

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
        Trial { routed: Routed { steps, last: layout.clone(), gates: 0.0, depth: 0.0 }, layout, way: 0 }
    };
    let mut finish = |trial: Trial| -> Plan {
        let mut list = materialize(items, &trial.routed.steps, &trial.layout, machine.connectivity.num_qubits);
        if options.level >= 1 {
            list = consolidate(list, options.level >= 2);
        }
        if options.level >= 2 {
            list = phases_of_blocks(list, machine.connectivity.num_qubits);
        }
        let cost = total(costs.of(&list, machine));
        Plan { items: list, initial: trial.layout, last: trial.routed.last, cost }
    };
    let Some(neighbours) = &machine.connectivity.neighbours else {
        return Ok(finish(as_it_is(islands[0][..num_qubits].to_vec())));
    };
    let mut numbers = Stream::named(options.seed, "layout");
    let parts = Parts::new(num_qubits, items);
    let effort = effort(options.level, items.len(), machine.is_weighted());
    let mut plans: Vec<Plan> = Vec::new();
    if options.level >= 1 {
        for turn in 0..effort.embeddings {
            let walk = match turn {
                0 => Walk::Along,
                1 => Walk::Outwards,
                _ if machine.is_weighted() => Walk::Good,
                _ => [Walk::RandomAlong, Walk::RandomOutwards][turn % 2],
            };
            let found = embed(&parts.meets, machine, walk, &mut numbers);
            if found.whole {
                plans.push(finish(as_it_is(found.layout)));
                if !machine.is_weighted() {
                    break;
                }
            }
        }
    }
    if plans.is_empty() || machine.is_weighted() {
        let orders = orders(items, num_qubits, machine, options.level);
        let courses = orders.iter().map(|(forward, backward, drawn)| Course {
            forward: Router::new(forward, machine, neighbours, *drawn),
            backward: Router::new(backward, machine, neighbours, *drawn),
        });
        let mut search = Search {
            parts: &parts,
            courses: courses.collect(),
            ways: ways(orders.len()),
            machine,
            neighbours,
            numbers: &mut numbers,
            trials: Vec::new(),
            room: effort.finals.max(effort.kept),
        };
        search.run(num_qubits, options, &effort);
        let mut trials = search.trials;
        trials.truncate(effort.finals);
        plans.extend(trials.into_iter().map(&mut finish));
    }
    if options.level >= 2 {
        plans.sort_by(|a, b| a.cost.total_cmp(&b.cost));
        let looked_at = MOST_WINDOWS / items.len().max(1);
        plans.iter_mut().take(looked_at).for_each(|plan| with_windows(plan, machine, costs));
    }
    let best = plans.into_iter().reduce(|best, plan| if plan.cost < best.cost { plan } else { best });
    let best = best.ok_or_else(|| HardwareError::NotConnected {
        device: machine.name.clone(),
        parts: parts.sizes(),
        islands: islands.iter().map(Vec::len).collect(),
    })?;
    if options.level == 0 || !machine.is_weighted() {
        return Ok(best);
    }
    let tries = effort.embeddings.min(2 + 40_000 / best.items.len().max(1));
    Ok(moved(best, machine, tries, &mut numbers, costs))
}

/// The plan with Clifford gates on three qubits made anew, where that costs less.
pub(super) fn with_windows(plan: &mut Plan, machine: &Machine, costs: &mut Costs) {
    let is_cx = machine.fewest(&[std::f64::consts::FRAC_PI_4, 0.0, 0.0]) == 1.0;
    let mut items = plan.items.clone();
    if !is_cx || !windows(&mut items, |a, b| machine.connectivity.distance(a, b) == 1) {
        return;
    }
    let items = phases_of_blocks(consolidate(items, true), machine.connectivity.num_qubits);
    let cost = total(costs.of(&items, machine));
    if cost < plan.cost {
        (plan.items, plan.cost) = (items, cost);
    }
}

fn total((gates, depth): (f64, f64)) -> f64 {
    gates + DEPTH_SHARE * depth
}

/// The plan on other qubits of the machine where that costs less: all its blocks stay on coupled pairs.
fn moved(mut plan: Plan, machine: &Machine, tries: usize, numbers: &mut Stream, costs: &mut Costs) -> Plan {
    let mut index = vec![usize::MAX; machine.connectivity.num_qubits];
    let mut used: Vec<usize> = plan.items.iter().flat_map(Item::qubits).chain(plan.initial.iter().copied()).collect();
    used.sort_unstable();
    used.dedup();
    used.iter().enumerate().for_each(|(position, &physical)| index[physical] = position);
    let compact: Vec<Item> = plan.items.iter().map(|item| item.renamed(&|physical| index[physical])).collect();
    let graph = Parts::new(used.len(), &compact).meets;
    for _ in 0..tries {
        let found = embed(&graph, machine, Walk::Good, numbers);
        if !found.whole {
            continue;
        }
        let items: Vec<Item> = compact.iter().map(|item| item.renamed(&|position| found.layout[position])).collect();
        let cost = total(costs.of(&items, machine));
        if cost < plan.cost {
            let place = |physical: &usize| found.layout[index[*physical]];
            let (initial, last) = (plan.initial.iter().map(place).collect(), plan.last.iter().map(place).collect());
            // the next turn begins from the same compact items
            used.iter_mut().for_each(|physical| *physical = found.layout[index[*physical]]);
            index.fill(usize::MAX);
            used.iter().enumerate().for_each(|(position, &physical)| index[physical] = position);
            plan = Plan { items, initial, last, cost };
        }
    }
    plan
}

/// Orders of the items forth and back, with the blocks that draw: as they are, and from level 2 on with all that can change places.
fn orders(items: &[Item], num_qubits: usize, machine: &Machine, level: u8) -> Vec<(Order, Order, Front)> {
    let fronts = [(false, Front::All), (true, Front::All), (true, Front::Earliest), (true, Front::Nearest)];
    let order = |&(loose, drawn): &(bool, Front)| {
        let order = Order::new(items, num_qubits, machine, loose);
        let reversed = order.reversed();
        (order, reversed, drawn)
    };
    fronts[..if level >= 2 { fronts.len() } else { 1 }].iter().map(order).collect()
}

/// One way to route: routers forth and back.
struct Course<'m> {
    forward: Router<'m>,
    backward: Router<'m>,
}

/// How a trial is routed.
#[derive(Clone, Copy)]
struct Way {
    course: usize,
    taste: Taste,
    /// The least key so far.
    least: f64,
}

/// All ways; of each order the first tastes come first.
fn ways(courses: usize) -> Vec<Way> {
    let pairs = TASTES.iter().enumerate().flat_map(|(turn, &taste)| (0..courses).map(move |k| (taste, (k + turn + 2) % courses)));
    pairs.map(|(taste, course)| Way { course, taste, least: f64::INFINITY }).collect()
}

/// The search for layouts that need few swaps.
struct Search<'a, 'm> {
    parts: &'a Parts,
    courses: Vec<Course<'m>>,
    ways: Vec<Way>,
    machine: &'m Machine,
    neighbours: &'m [Vec<usize>],
    numbers: &'a mut Stream,
    /// The best so far, in ascending order.
    trials: Vec<Trial>,
    room: usize,
}

impl Search<'_, '_> {
    fn run(&mut self, num_qubits: usize, options: &CompileOptions, effort: &Effort) {
        let trivial: Vec<usize> = (0..num_qubits).collect();
        let fits = self.parts.fits(&trivial, &self.machine.connectivity.island_of);
        if fits {
            self.route(0, trivial.clone());
        }
        let scattered = if options.level == 0 && !fits { 1 } else { effort.layouts };
        let mut places = Places::new(self.parts, self.machine);
        let (mut least, mut improved) = (f64::INFINITY, 0);
        for trial in 0..scattered {
            let best = self.trials.first().map_or(f64::INFINITY, Trial::key);
            if best < least {
                (least, improved) = (best, trial);
            }
            if trial >= LEAST && self.work() > effort.work / 2 || trial > improved + PATIENCE {
                break;
            }
            let layout = match (trial, fits) {
                (1, true) => Some(trivial.clone()),
                _ => places.next(trial, self.numbers).or_else(|| self.scattered()),
            };
            // once a way to share out the islands was not found, the layouts that there are have to do
            let Some(mut layout) = layout else { break };
            let way = self.way(trial);
            let taste = self.ways[way].taste;
            for _ in 0..effort.turns {
                let last = self.route(way, layout);
                layout = self.courses[self.ways[way].course].backward.route(&last, &taste, self.numbers).last;
            }
            self.route(way, layout);
        }
        let best: Vec<(usize, Vec<usize>)> =
            self.trials.iter().take(effort.kept).map(|trial| (trial.way, trial.layout.clone())).collect();
        for (way, layout) in best {
            let share = self.work() + effort.work / 2 / effort.kept as u64;
            for again in 0..effort.again {
                if self.work() > effort.work.min(share) {
                    break;
                }
                // the way that found the layout, and others now and then
                let way = if again % 2 == 0 { way } else { self.way(again) };
                self.route(way, layout.clone());
            }
        }
    }

    /// A random layout on the islands.
    fn scattered(&mut self) -> Option<Vec<usize>> {
        let islands = &self.machine.connectivity.islands;
        let island = self.parts.assign(islands, self.numbers)?;
        Some(scatter(&self.parts.meets, self.neighbours, islands, &island, self.numbers))
    }

    /// Which way a trial takes: all in turn at first, then one of the best so far.
    fn way(&mut self, trial: usize) -> usize {
        if trial < self.ways.len() {
            return trial;
        }
        let mut ranked: Vec<usize> = (0..self.ways.len()).collect();
        ranked.sort_by(|&a, &b| self.ways[a].least.total_cmp(&self.ways[b].least));
        let far = [1, 3, ranked.len()][trial % 3];
        ranked[self.numbers.below(far)]
    }

    fn work(&self) -> u64 {
        self.courses.iter().map(|course| course.forward.work + course.backward.work).sum()
    }

    /// Routes a layout and keeps the trial if it is among the best; returns where its qubits end.
    fn route(&mut self, way: usize, layout: Vec<usize>) -> Vec<usize> {
        let Way { course, taste, .. } = self.ways[way];
        let routed = self.courses[course].forward.route(&layout, &taste, self.numbers);
        let last = routed.last.clone();
        let trial = Trial { layout, routed, way };
        let key = trial.key();
        self.ways[way].least = self.ways[way].least.min(key);
        let at = self.trials.partition_point(|other| other.key() <= key);
        let same = |other: &Trial| other.layout == trial.layout && other.routed.steps == trial.routed.steps;
        let alike = self.trials[..at].iter().rev().take_while(|other| other.key() == key).any(same);
        if at < self.room && !alike {
            self.trials.insert(at, trial);
            self.trials.truncate(self.room);
        }
        last
    }
}
