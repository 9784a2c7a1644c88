//! Plans for many states side by side: one state a lane, so that every amplitude is a vector of its own.
//!
//! Amplitudes live at *places*. X and CX only change the linear map from basis states to places; rotations turn
//! pairs of places, phases act on parities of places. Only the places that some rotation has reached are held: a
//! rotation that leaves them doubles their number, and until the first phase the state is real. Rotations leave
//! out the cosine; the product of the cosines since the last scaling is applied at the scaling.

mod linear;
mod readings;

use smallvec::SmallVec;

use super::items::{self, Kind};
use crate::kernel::{Addresses, BLOCK, Grow, LaneAngle, LaneOp, LanePart, LanePlan, Phases, Turns};
use crate::observable::Observable;
use crate::op::{Slot, Stretch, Sum};
use linear::{Span, dual, odd, sums};

/// Most qubits planned this way: tables have an entry for each place.
const MOST_QUBITS: usize = 16;
/// Most offset bits of a layer of phases.
const INNER: usize = 3;

/// A rotation that turns each place without its bit to the place `column` away; `row` tells the bit.
#[derive(Clone, Debug)]
struct Turn {
    column: u64,
    row: u64,
    /// Whether the bit is one where the parity of the row is even.
    flipped: bool,
    angle: Sum,
}

#[derive(Clone, Debug)]
enum Act {
    Turn(Turn),
    Phase { row: u64, angle: Sum },
}

impl Act {
    fn commutes(&self, other: &Self) -> bool {
        match (self, other) {
            (Act::Phase { .. }, Act::Phase { .. }) => true,
            (Act::Phase { row, .. }, Act::Turn(turn)) | (Act::Turn(turn), Act::Phase { row, .. }) => !odd(row & turn.column),
            (Act::Turn(a), Act::Turn(b)) => !odd(a.row & b.column) && !odd(b.row & a.column),
        }
    }
}

/// From basis states to places.
#[derive(Debug)]
pub(super) struct Map {
    columns: Vec<u64>,
    rows: Vec<u64>,
    constant: u64,
}

impl Map {
    fn over(vectors: &[u64], mask: u64) -> u64 {
        items::qubits(mask).fold(0, |sum, qubit| sum ^ vectors[qubit])
    }
}

/// What the plan is made for besides the program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LaneConfig {
    /// Bytes of a number.
    pub(crate) bytes: usize,
    /// Whether it starts from states instead of `|0...0>`.
    pub(crate) inputs: bool,
}

impl LanePlan {
    /// The plan, or none where the program is large or has operations that no few rotations and phases express.
    pub(crate) fn new(stretch: Stretch<'_>, observables: &[Observable], config: LaneConfig) -> Option<Self> {
        let num_qubits = stretch.num_qubits;
        if num_qubits > MOST_QUBITS {
            return None;
        }
        let (acts, map) = acts(stretch)?;
        let mut builder = Builder::new(stretch.slots, num_qubits, config);
        builder.schedule(acts);
        let flips: Vec<u64> = observables
            .iter()
            .flat_map(|observable| &observable.groups)
            .filter_map(|group| builder.span.coordinates(Map::over(&map.columns, group.x)))
            .collect();
        // The last phases matter to what flips an odd parity.
        builder.pending.retain(|(mask, _)| flips.iter().any(|flip| odd(mask & flip)));
        builder.flush();
        let Builder { span, angles, segments, ops, complex, .. } = builder;
        let of_observable = |(owner, observable)| readings::parts(owner, observable, &map, &span, complex);
        let parts: Vec<LanePart> = observables.iter().enumerate().flat_map(of_observable).collect();
        let reading = |owner: usize| readings::of(parts.iter().filter(move |part| part.owner == owner), &span);
        let readings = (0..observables.len()).map(reading).collect();
        Some(Self { bits: span.len(), angles, segments, ops, inputs: config.inputs, complex, parts, readings })
    }
}

/// Rotations and phases on places, and where basis states are in the end.
fn acts(stretch: Stretch<'_>) -> Option<(Vec<Act>, Map)> {
    let units: Vec<u64> = (0..stretch.num_qubits).map(|qubit| 1 << qubit).collect();
    let mut map = Map { columns: units.clone(), rows: units, constant: 0 };
    let mut acts = Vec::new();
    for item in items::decompose(stretch, 0).items {
        match item.kind {
            Kind::Turn { qubit, angle } => {
                let (column, row) = (map.columns[qubit], map.rows[qubit]);
                acts.push(Act::Turn(Turn { column, row, flipped: odd(row & map.constant), angle }));
            }
            Kind::Phase { mask, angle } => {
                let row = Map::over(&map.rows, mask);
                // Odd where the parity of places is even: the negative angle, but for a factor of the whole state.
                let angle = if odd(row & map.constant) { angle.scaled(-1.0) } else { angle };
                acts.push(Act::Phase { row, angle });
            }
            Kind::Not { qubit } => map.constant ^= map.columns[qubit],
            Kind::Cnot { control, target } => {
                map.columns[control] ^= map.columns[target];
                map.rows[target] ^= map.rows[control];
            }
            Kind::Flip { .. } | Kind::Whole(_) | Kind::Pair(_) | Kind::Plain { .. } => return None,
        }
    }
    Some((acts, map))
}

struct Builder<'a> {
    slots: &'a [Slot],
    config: LaneConfig,
    span: Span,
    /// Phases not yet applied, by parity of the places held.
    pending: Vec<(u64, Sum)>,
    angles: Vec<LaneAngle>,
    segments: usize,
    /// Rotations since the last scaling.
    unscaled: usize,
    ops: Vec<LaneOp>,
    complex: bool,
}

impl<'a> Builder<'a> {
    fn new(slots: &'a [Slot], num_qubits: usize, config: LaneConfig) -> Self {
        let mut span = Span::default();
        if config.inputs {
            (0..num_qubits).for_each(|qubit| span.push(1 << qubit));
        }
        Self {
            slots,
            config,
            span,
            pending: Vec::new(),
            angles: Vec::new(),
            segments: 1,
            unscaled: 0,
            ops: Vec::new(),
            complex: config.inputs,
        }
    }

    fn schedule(&mut self, acts: Vec<Act>) {
        let mut rest = acts;
        while !rest.is_empty() {
            let (mut ready, mut left) = (Vec::<Turn>::new(), Vec::<Act>::new());
            for act in rest {
                let free = left.iter().all(|other| other.commutes(&act));
                match act {
                    Act::Phase { row, ref angle } if free && ready.iter().all(|turn| !odd(turn.column & row)) => {
                        self.phase(row, angle);
                    }
                    Act::Turn(ref turn)
                        if free && ready.iter().all(|other| !odd(other.column & turn.row) && !odd(other.row & turn.column)) =>
                    {
                        ready.push(turn.clone());
                    }
                    Act::Phase { .. } | Act::Turn(_) => left.push(act),
                }
            }
            rest = left;
            self.layer(ready);
        }
    }

    fn phase(&mut self, row: u64, angle: &Sum) {
        let mask = self.span.parity(row);
        match self.pending.iter_mut().find(|(known, _)| *known == mask) {
            Some((_, sum)) => sum.add(angle),
            None if mask == 0 => {}
            None => self.pending.push((mask, angle.clone())),
        }
    }

    /// Rotations that commute with one another.
    fn layer(&mut self, turns: Vec<Turn>) {
        let mut inside = Vec::new();
        for turn in turns {
            if self.span.coordinates(turn.column).is_some() {
                inside.push(turn);
                continue;
            }
            let scale = self.scaled(1);
            let number = self.angle(&turn.angle.scaled(0.5), Some(self.segments - 1));
            self.ops.push(LaneOp::Grow(Grow {
                bit: self.span.len(),
                sign: self.span.parity(turn.row) as usize,
                flipped: turn.flipped,
                turn: number,
                phase: None,
                complex: self.complex,
                scale,
            }));
            self.span.push(turn.column);
        }
        let turned: Vec<(u64, Turn)> =
            inside.into_iter().filter_map(|turn| Some((self.span.coordinates(turn.column)?, turn))).collect();
        if turned.iter().any(|(column, _)| self.pending.iter().any(|(mask, _)| odd(mask & column))) {
            self.flush();
        }
        if turned.is_empty() {
            return;
        }
        let blocks = turned.len().div_ceil(BLOCK);
        for block in turned.chunks(turned.len().div_ceil(blocks)) {
            let columns: Vec<u64> = block.iter().map(|(column, _)| *column).collect();
            let rows: Vec<(u64, bool)> = block.iter().map(|(_, turn)| (self.span.parity(turn.row), turn.flipped)).collect();
            let bases = (0..1u32 << self.span.len())
                .filter(|place| rows.iter().all(|&(row, flipped)| odd(row & u64::from(*place)) == flipped))
                .collect();
            let scale = self.scaled(block.len());
            let turns = block.iter().map(|(_, turn)| self.angle(&turn.angle.scaled(0.5), Some(self.segments - 1))).collect();
            let addresses = Addresses { offsets: sums(&columns), bases };
            self.ops.push(LaneOp::Turns(Turns { addresses, turns, complex: self.complex, scale }));
        }
    }

    /// Counts rotations; a scale for them where too many are without.
    fn scaled(&mut self, turns: usize) -> Option<usize> {
        // A tangent is at most 2e16 in double precision and cut at 1e9 in single precision.
        let most = if self.config.bytes == 8 { 16 } else { 4 };
        if self.unscaled + turns <= most {
            self.unscaled += turns;
            return None;
        }
        self.unscaled = turns;
        self.segments += 1;
        Some(self.segments - 1)
    }

    /// A new angle's number.
    fn angle(&mut self, sum: &Sum, segment: Option<usize>) -> usize {
        let mut angle = LaneAngle { constant: sum.constant, terms: SmallVec::new(), fixed: None, segment };
        for &(slot, factor) in &sum.terms {
            match self.slots[slot as usize].angle {
                qloom_circuits::Angle::Fixed(value) => angle.constant += factor * value,
                qloom_circuits::Angle::Free { index, scale, offset } => {
                    angle.constant += factor * offset;
                    angle.terms.push((index, factor * scale));
                }
            }
        }
        if angle.terms.is_empty() {
            let (sine, cosine) = angle.constant.sin_cos();
            angle.fixed = Some([cosine, sine]);
        }
        self.angles.push(angle);
        self.angles.len() - 1
    }

    /// Gives phases of the last places grown to these rotations; the others are left.
    fn without_grown(&mut self, pending: Vec<(u64, Sum)>) -> Vec<(u64, Sum)> {
        let start = self.ops.iter().rposition(|op| !matches!(op, LaneOp::Grow(_))).map_or(0, |last| last + 1);
        let bits: Vec<usize> = self.ops[start..]
            .iter()
            .filter_map(|op| match op {
                LaneOp::Grow(grow) => Some(grow.bit),
                LaneOp::Turns(_) | LaneOp::Phases(_) => None,
            })
            .collect();
        let (grown, left): (Vec<_>, Vec<_>) = pending.into_iter().partition(|(mask, _)| bits.iter().any(|bit| *mask == 1 << bit));
        for (mask, sum) in grown {
            let number = self.angle(&sum, None);
            for op in &mut self.ops[start..] {
                match op {
                    LaneOp::Grow(grow) if mask == 1 << grow.bit => grow.phase = Some(number),
                    LaneOp::Grow(grow) if mask < 1 << grow.bit => grow.complex = true,
                    LaneOp::Grow(_) | LaneOp::Turns(_) | LaneOp::Phases(_) => {}
                }
            }
            self.complex = true;
        }
        left
    }

    /// All pending phases as one operation.
    fn flush(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let pending = std::mem::take(&mut self.pending);
        let pending = self.without_grown(pending);
        if pending.is_empty() {
            return;
        }
        let bits = self.span.len();
        // Coordinates: independent parities of phases first, then others up to the number of bits.
        let mut coordinates = Span::default();
        for mask in pending.iter().map(|(mask, _)| *mask).chain((0..bits).map(|bit| 1 << bit)) {
            if coordinates.coordinates(mask).is_none() {
                coordinates.push(mask);
            }
        }
        let inner = bits.min(INNER);
        let columns = dual(&coordinates, bits);
        let mut phases = Phases {
            addresses: Addresses { offsets: sums(&columns[..inner]), bases: sums(&columns[inner..]) },
            scale: self.segments,
            complex: self.complex,
            offset_bits: vec![None; inner],
            row_bits: vec![None; bits - inner],
            ..Phases::default()
        };
        self.segments += 1;
        self.unscaled = 0;
        self.complex = true;
        for (mask, sum) in &pending {
            let number = self.angle(sum, None);
            let parts = coordinates.coordinates(*mask).expect("the coordinates span everything") as usize;
            let (offset, row) = (parts & ((1 << inner) - 1), parts >> inner);
            match (offset, row) {
                (offset, 0) if offset.is_power_of_two() => phases.offset_bits[offset.ilog2() as usize] = Some(number),
                (offset, 0) => phases.offset_parities.push((offset, number)),
                (0, row) if row.is_power_of_two() => phases.row_bits[row.ilog2() as usize] = Some(number),
                (0, row) => phases.row_parities.push((row, number)),
                (offset, row) => {
                    let uneven = (0..1u8 << inner).filter(|k| odd(u64::from(*k) & offset as u64));
                    phases.mixed.push((uneven.fold(0, |set, k| set | 1 << k), row, number));
                }
            }
        }
        self.ops.push(LaneOp::Phases(phases));
    }
}
