//! Gadgets found in the circuits of searches.

use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::PI;

use qloom_circuits::{Angle, Circuit, Gate, Operation};
use qloom_optim::MinimizerConfig;
use serde::{Deserialize, Serialize};

use super::{Gadget, GadgetGate};
use crate::objective::{Objective, ObjectiveConfig};
use crate::problem::Watch;
use crate::search::config::SimulatorChoice;
use crate::{Problem, QasError};

/// The circuits of a run, such as those of its front, their angles put in, and the problem that they solve.
#[derive(Debug, Clone, PartialEq)]
pub struct MinedRun {
    /// The problem.
    pub problem: Problem,
    /// The circuits.
    pub circuits: Vec<Circuit>,
}

/// What gadgets are looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MiningConfig {
    /// The fewest gates of a gadget, at least 2. Default 3.
    pub least_gates: usize,
    /// The most gates of a gadget, at most 12. Default 6.
    pub most_gates: usize,
    /// The most qubits of a gadget, from 2 to 6. Default 4.
    pub most_qubits: usize,
    /// In how many circuits a gadget has to be, at least 1. Default 2.
    pub circuits: usize,
    /// How many are kept, from 1 to 256. Default 16.
    pub most: usize,
}

impl Default for MiningConfig {
    fn default() -> Self {
        Self { least_gates: 3, most_gates: 6, most_qubits: 4, circuits: 2, most: 16 }
    }
}

impl MiningConfig {
    fn check(&self) -> Result<(), QasError> {
        let ranges = [
            ("gadgets.least_gates", self.least_gates, 2, self.most_gates),
            ("gadgets.most_gates", self.most_gates, 2, 12),
            ("gadgets.most_qubits", self.most_qubits, 2, 6),
            ("gadgets.circuits", self.circuits, 1, usize::MAX),
            ("gadgets.most", self.most, 1, 256),
        ];
        match ranges.into_iter().find(|(_, value, low, high)| !(*low..=*high).contains(value)) {
            None => Ok(()),
            Some((setting, value, low, high)) => {
                Err(QasError::invalid(setting, value, format!("it has to be in {low} to {high}")))
            }
        }
    }
}

/// Patterns whose gain is worked out: those in most circuits, of these the longest.
const WEIGHED: usize = 100;

/// Angles of preparation differ from half a turn by less.
const HALF_TURN: f64 = 1e-6;

/// The gates of a pattern by name and qubits, in canonical order, qubits counted from the lowest.
type Pattern = Vec<(&'static str, Vec<usize>)>;

/// Where a pattern is: the run, the circuit in it, and the operations.
struct Occurrence {
    run: usize,
    circuit: usize,
    places: Vec<usize>,
}

/// The gadgets that recur in the circuits, the best first: ordered by the number of circuits times the gain.
///
/// A gadget is a set of gates, joined by gates on two qubits, that no other gate of the circuit comes between, so that they could stand
/// together; gates that commute because they share no qubit make no difference. Rotations by half a turn that come first on their qubit
/// make a basis state and do not count. The gain of one in a circuit is which part of what the circuit lowers the energy by, from the
/// problem's reference state, is lost without it when all other angles are fitted again, at most 1. Of equally good ones the longest comes
/// first, and one that is part of a better one and in no more circuits is left out. The angles are those of the occurrence of most gain.
///
/// Cost: a fit for each occurrence of the 100 patterns in most circuits.
///
/// # Errors
///
/// [`QasError::InvalidSetting`] for a setting outside its range, [`QasError::Stopped`] when `watch`, which is told of the fits made and those in
/// all, breaks, and those of the simulation.
pub fn mine_gadgets(runs: &[MinedRun], config: &MiningConfig, watch: &mut Watch<'_>) -> Result<Vec<Gadget>, QasError> {
    config.check()?;
    let mut found: BTreeMap<Pattern, Vec<Occurrence>> = BTreeMap::new();
    for (run, mined) in runs.iter().enumerate() {
        for (circuit, gates) in mined.circuits.iter().enumerate() {
            for places in windows(gates.operations(), config) {
                let pattern = pattern(gates.operations(), &places);
                found.entry(pattern).or_default().push(Occurrence { run, circuit, places });
            }
        }
    }
    let count = |list: &[Occurrence]| list.iter().map(|one| (one.run, one.circuit)).collect::<BTreeSet<_>>().len();
    let mut frequent: Vec<(usize, Pattern, Vec<Occurrence>)> = found
        .into_iter()
        .map(|(pattern, list)| (count(&list), pattern, list))
        .filter(|entry| entry.0 >= config.circuits)
        .collect();
    frequent.sort_by_key(|(count, pattern, _)| std::cmp::Reverse((*count, pattern.len())));
    frequent.truncate(WEIGHED);
    let mut weighed = weigh(runs, frequent, watch)?;
    // to a billionth, so that rounding orders nothing
    let score = |gadget: &Gadget| (gadget.circuits as f64 * gadget.gain * 1e9).round() as i64;
    weighed.retain(|gadget| score(gadget) > 0);
    weighed.sort_by_key(|gadget| std::cmp::Reverse((score(gadget), gadget.gates.len())));
    let mut best: Vec<Gadget> = Vec::new();
    for gadget in weighed {
        if best.len() < config.most && !best.iter().any(|better| gadget.circuits <= better.circuits && is_part(&gadget, better)) {
            best.push(gadget);
        }
    }
    Ok(best)
}

/// The patterns with their gains and angles.
fn weigh(
    runs: &[MinedRun],
    frequent: Vec<(usize, Pattern, Vec<Occurrence>)>,
    watch: &mut Watch<'_>,
) -> Result<Vec<Gadget>, QasError> {
    let total = frequent
        .iter()
        .flat_map(|(_, _, list)| list)
        .map(|one| (one.run, one.circuit, &one.places))
        .collect::<BTreeSet<_>>()
        .len();
    // by run and circuit and place: the share that is lost
    let mut lost: BTreeMap<(usize, usize, Vec<usize>), f64> = BTreeMap::new();
    for (run, mined) in runs.iter().enumerate() {
        let mut places: Vec<BTreeSet<Vec<usize>>> = vec![BTreeSet::new(); mined.circuits.len()];
        for one in frequent.iter().flat_map(|(_, _, list)| list).filter(|one| one.run == run) {
            places[one.circuit].insert(one.places.clone());
        }
        let mut objective = Objective::new(
            ObjectiveConfig::default(),
            &SimulatorChoice::default(),
            &MinimizerConfig::default(),
            &mined.problem,
            0,
        )?;
        let reference = objective.energy(&mined.problem.reference_circuit(), &[])?;
        for (circuit, places) in places.into_iter().enumerate() {
            let whole = &mined.circuits[circuit];
            let energy = objective.energy(whole, &[])?;
            for places in places {
                if watch(lost.len(), total).is_break() {
                    return Err(QasError::Stopped);
                }
                let (rest, angles) = without(whole, &places)?;
                let share = (objective.fit(&rest, angles, None, energy)?.energy - energy) / (reference - energy);
                // a circuit that is no lower than the reference says nothing
                let share = if reference - energy > 1e-9 { share.clamp(0.0, 1.0) } else { 0.0 };
                lost.insert((run, circuit, places), share);
            }
        }
    }
    let mut gadgets = Vec::new();
    for (circuits, pattern, list) in frequent {
        let mut of_circuit: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        let mut best: Option<(f64, Vec<f64>)> = None;
        for one in list {
            let operations = runs[one.run].circuits[one.circuit].operations();
            let angles = canonical(operations, &one.places).into_iter().flat_map(|place| angle(&operations[place])).collect();
            let share = lost[&(one.run, one.circuit, one.places)];
            let most = of_circuit.entry((one.run, one.circuit)).or_insert(0.0);
            *most = most.max(share);
            if best.as_ref().is_none_or(|(least, _)| share > *least) {
                best = Some((share, angles));
            }
        }
        let mut angles = best.map(|(_, angles)| angles).unwrap_or_default().into_iter();
        let gates = pattern.into_iter().map(|(gate, qubits)| {
            let angle = Gate::from_name(gate).filter(|gate| gate.num_parameters() == 1).and_then(|_| angles.next());
            GadgetGate { gate: gate.to_owned(), qubits, angle }
        });
        let gain = of_circuit.values().sum::<f64>() / circuits as f64;
        gadgets.push(Gadget { circuits, gain, ..Gadget::new(gates.collect())? });
    }
    Ok(gadgets)
}

/// The circuit without the operations at these places, the angles of the others free, and where they are.
fn without(whole: &Circuit, places: &[usize]) -> Result<(Circuit, Vec<f64>), QasError> {
    let (mut rest, mut angles) = (whole.without_operations(), Vec::new());
    for (_, operation) in whole.operations().iter().enumerate().filter(|(place, _)| !places.contains(place)) {
        rest.push(operation.map_angles(&mut |angle| {
            angles.push(angle.value(&[]));
            Angle::free(angles.len() - 1)
        }))?;
    }
    Ok((rest, angles))
}

fn angle(operation: &Operation) -> Option<f64> {
    operation.angles().first().map(|angle| angle.value(&[]))
}

/// Whether an operation can be part of a gadget.
fn is_suitable(operation: &Operation) -> bool {
    matches!(operation, Operation::Gate { gate, .. } if (1..=2).contains(&gate.num_qubits()) && gate.num_parameters() <= 1)
}

/// The rotations that come first on their qubits and make a basis state.
fn preparation(operations: &[Operation]) -> BTreeSet<usize> {
    let (mut touched, mut found) = (BTreeSet::new(), BTreeSet::new());
    for (place, operation) in operations.iter().enumerate() {
        let qubits = operation.qubits();
        let half = angle(operation).is_some_and(|angle| (angle.abs().rem_euclid(2.0 * PI) - PI).abs() < HALF_TURN);
        if qubits.len() == 1 && half && !touched.contains(&qubits[0]) {
            found.insert(place);
        }
        touched.extend(qubits);
    }
    found
}

/// The sets of gates that could stand together, as places in ascending order.
fn windows(operations: &[Operation], config: &MiningConfig) -> Vec<Vec<usize>> {
    let mut all = Vec::new();
    let preparation = preparation(operations);
    let suitable: Vec<bool> =
        operations.iter().enumerate().map(|(place, one)| is_suitable(one) && !preparation.contains(&place)).collect();
    for first in (0..operations.len()).filter(|&place| suitable[place]) {
        let qubits = operations[first].qubits().iter().copied().collect();
        grow(
            operations,
            &suitable,
            config,
            Window { places: vec![first], qubits, blocked: BTreeSet::new(), next: first + 1 },
            &mut all,
        );
    }
    // a joined set has a gate on two qubits: those on one alone are single rotations
    all.retain(|places| places.len() >= config.least_gates && places.iter().any(|&place| operations[place].qubits().len() == 2));
    all
}

/// Gates that could stand together, and where to look for the next.
#[derive(Clone)]
struct Window {
    places: Vec<usize>,
    qubits: BTreeSet<usize>,
    /// Qubits with a gate behind the window that has to come after one of it.
    blocked: BTreeSet<usize>,
    next: usize,
}

/// Every window that this one grows into, itself included; the gates behind are taken or left one by one.
fn grow(operations: &[Operation], suitable: &[bool], config: &MiningConfig, mut window: Window, all: &mut Vec<Vec<usize>>) {
    all.push(window.places.clone());
    if window.places.len() == config.most_gates {
        return;
    }
    while window.next < operations.len() && !window.qubits.is_subset(&window.blocked) {
        let place = window.next;
        window.next += 1;
        let qubits = operations[place].qubits();
        // a barrier without qubits is one of all
        let all_qubits =
            qubits.is_empty() && operations[place].takes_moment() || matches!(operations[place], Operation::Barrier { .. });
        if all_qubits {
            return;
        }
        let touches = qubits.iter().any(|qubit| window.qubits.contains(qubit));
        let behind = qubits.iter().any(|qubit| window.blocked.contains(qubit));
        if touches && !behind && suitable[place] {
            let mut longer = window.clone();
            longer.places.push(place);
            longer.qubits.extend(qubits.iter().copied());
            if longer.qubits.len() <= config.most_qubits {
                grow(operations, suitable, config, longer, all);
            }
        }
        if touches || behind {
            window.blocked.extend(qubits);
        }
    }
}

/// The places in an order that only depends on what the gates do: of those that may come next the first by name and qubits.
fn canonical(operations: &[Operation], places: &[usize]) -> Vec<usize> {
    let mut left = places.to_vec();
    let mut order = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let mut touched = BTreeSet::new();
        let mut next: Option<(&str, Vec<usize>, usize)> = None;
        for (index, &place) in left.iter().enumerate() {
            let qubits = operations[place].qubits();
            let free = qubits.iter().all(|qubit| !touched.contains(qubit));
            touched.extend(qubits.iter().copied());
            let key = (operations[place].name(), qubits.to_vec(), index);
            if free && next.as_ref().is_none_or(|least| key < *least) {
                next = Some(key);
            }
        }
        let (_, _, index) = next.expect("the first of those left is free");
        order.push(left.remove(index));
    }
    order
}

/// The gates at these places, their qubits counted from the lowest.
fn pattern(operations: &[Operation], places: &[usize]) -> Pattern {
    let lowest = places.iter().flat_map(|&place| operations[place].qubits()).min().unwrap_or(0);
    let gate = |operation: &Operation| match operation {
        Operation::Gate { gate, qubits, .. } => (gate.name(), qubits.iter().map(|qubit| qubit - lowest).collect()),
        other => unreachable!("{other:?} is no part of a window"),
    };
    canonical(operations, places).into_iter().map(|place| gate(&operations[place])).collect()
}

/// Whether the gates of one are a run of those of another, at some place.
fn is_part(part: &Gadget, whole: &Gadget) -> bool {
    let same = |shift: usize, (a, b): (&GadgetGate, &GadgetGate)| {
        a.gate == b.gate && a.qubits.iter().map(|qubit| qubit + shift).eq(b.qubits.iter().copied())
    };
    let shifts = 0..=whole.span().saturating_sub(part.span());
    part.span() <= whole.span()
        && shifts.into_iter().any(|shift| {
            whole.gates.windows(part.gates.len()).any(|run| part.gates.iter().zip(run).all(|pair| same(shift, pair)))
        })
}
