//! Circuits with channels compiled to maps of Pauli coefficients, run many times with new angles.

mod lower;
#[cfg(test)]
mod tests;
mod transfer;

use std::ops::Range;
use std::sync::OnceLock;

use fearless_simd::Level;
use qloom_circuits::{Angle, Circuit};
use smallvec::SmallVec;

use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::kernel::{self, Four, Many, NONE, PauliNumbers, PauliPair, PauliPass, Two, Wanted};
use crate::plan::pauli::{self as plan, Item, Maps, Start, TILES};

/// A part of the map of one qubit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Factor {
    /// A constant matrix.
    Constant(u32),
    /// The turn by the angle of a slot in a plane.
    Turn { plane: [u8; 2], slot: u32 },
}

/// Numbers of a program at some angles.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bound {
    /// The maps of one qubit.
    pub(crate) maps: Vec<Four>,
    /// Cosine and sine of each slot.
    pub(crate) turns: Vec<[f64; 2]>,
}

/// A circuit of gates, channels, measurements and resets as maps of Pauli coefficients.
///
/// Neighbouring maps of one qubit are one map, and are taken along by the next map of two qubits; noise on two qubits is
/// multiplied into the gate before it. Compiling costs about 0.1 microseconds an operation on few qubits; running allocates
/// nothing, but for dense maps of three qubits and more.
///
/// ```
/// use qloom_circuits::{Angle, Channel, Circuit, Operation};
/// use qloom_sim::{PauliProgram, PauliVector, SimulatorConfig};
/// let mut circuit = Circuit::new(1);
/// circuit.ry(Angle::free(0), 0);
/// circuit.push(Operation::Channel { channel: Channel::depolarizing(0.1, 1)?, qubits: [0].into_iter().collect() })?;
/// let program = PauliProgram::new(&circuit)?;
/// let mut state = PauliVector::zero(1, SimulatorConfig::default())?;
/// state.run(&program, &[0.5])?;
/// assert!((state.expectation_z()[0] - 0.9 * 0.5f64.cos()).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct PauliProgram {
    pub(crate) num_qubits: usize,
    num_parameters: usize,
    /// Angles of turns.
    pub(crate) slots: Vec<Angle>,
    pub(crate) constants: Vec<Four>,
    pub(crate) factors: Vec<Factor>,
    /// The factors of each map of one qubit, the first applied first.
    pub(crate) recipes: Vec<Range<u32>>,
    pub(crate) twos: Vec<Two>,
    pub(crate) thens: Vec<PauliPair>,
    pub(crate) many: Vec<Many>,
    pub(crate) items: Vec<Item>,
    /// The qubits of each item.
    pub(crate) masks: Vec<u32>,
    /// The map of each qubit before anything else.
    pub(crate) leading: Vec<u32>,
    /// The leading maps as items, for states other than `|0...0>`.
    pub(crate) opening: Vec<Item>,
    pub(crate) opening_masks: Vec<u32>,
    /// While lowering: the factors of each qubit that nothing on other qubits has waited for, and its last item.
    pub(crate) pending: Vec<Vec<Factor>>,
    pub(crate) last: Vec<u32>,
    /// For each size of tiles.
    passes: [OnceLock<Vec<PauliPass>>; 2],
    /// What prepares a state, as well.
    starts: [OnceLock<Start>; 2],
    opening_passes: [OnceLock<Vec<PauliPass>>; 2],
    flat: OnceLock<Vec<PauliPass>>,
}

impl PauliProgram {
    /// The most qubits of a program.
    pub const MAX_QUBITS: usize = 18;

    /// Compiles a circuit; a measurement loses the coherences of its qubit.
    ///
    /// # Errors
    /// For conditions, a unitary of several targets on more than five qubits, more than eight controls, or more than
    /// [`PauliProgram::MAX_QUBITS`] qubits.
    pub fn new(circuit: &Circuit) -> Result<Self, SimError> {
        let mut program = Self::default();
        program.rebuild(circuit)?;
        Ok(program)
    }

    /// Compiles another circuit into the buffers of this program.
    ///
    /// # Errors
    /// As [`PauliProgram::new`]; the program is then empty.
    pub fn rebuild(&mut self, circuit: &Circuit) -> Result<(), SimError> {
        self.clear();
        if circuit.num_qubits() > Self::MAX_QUBITS {
            let (given, limit) = (circuit.num_qubits(), Self::MAX_QUBITS);
            return Err(SimError::TooManyQubits { what: "a program of a Pauli vector", given, limit });
        }
        self.num_qubits = circuit.num_qubits();
        self.num_parameters = circuit.num_parameters();
        self.leading.resize(self.num_qubits, NONE);
        self.last.resize(self.num_qubits, NONE);
        if self.pending.len() < self.num_qubits {
            self.pending.resize(self.num_qubits, Vec::new());
        }
        if let Err(error) = self.lower(circuit) {
            self.clear();
            return Err(error);
        }
        Ok(())
    }

    fn maps<'a>(&'a self, items: &'a [Item], masks: &'a [u32]) -> Maps<'a> {
        Maps { items, masks, twos: &self.twos, many: &self.many, set: u32::MAX }
    }

    /// All maps after the leading ones, in order.
    fn sequence(&self) -> Maps<'_> {
        self.maps(&self.items, &self.masks)
    }

    fn clear(&mut self) {
        (self.num_qubits, self.num_parameters) = (0, 0);
        self.slots.clear();
        self.constants.clear();
        self.factors.clear();
        self.recipes.clear();
        self.twos.clear();
        self.thens.clear();
        self.many.clear();
        self.items.clear();
        self.masks.clear();
        self.leading.clear();
        self.opening.clear();
        self.opening_masks.clear();
        self.pending.iter_mut().for_each(Vec::clear);
        self.last.clear();
        self.passes = Default::default();
        self.starts = Default::default();
        self.opening_passes = Default::default();
        self.flat = OnceLock::new();
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// Number of free parameters.
    pub fn num_parameters(&self) -> usize {
        self.num_parameters
    }

    /// Number of maps of two and more qubits after merging; maps of one qubit go along.
    pub fn num_maps(&self) -> usize {
        self.items.len()
    }

    /// Number of passes over the coefficients that prepare a state in this configuration; the first only writes.
    pub fn num_passes(&self, config: &SimulatorConfig) -> usize {
        self.start(plan::tile(self.num_qubits, config)).passes.len()
    }

    /// The passes with the tiles of this number.
    pub(crate) fn passes(&self, tile: usize) -> &[PauliPass] {
        self.passes[tile].get_or_init(|| plan::passes(self.sequence(), plan::digits(self.num_qubits), TILES[tile]))
    }

    /// What makes the state from the product that the leading maps make.
    pub(crate) fn start(&self, tile: usize) -> &Start {
        self.starts[tile].get_or_init(|| plan::start(self.sequence(), plan::digits(self.num_qubits), TILES[tile]))
    }

    /// Whether anything comes before the passes.
    pub(crate) fn leads(&self) -> bool {
        !self.opening.is_empty()
    }

    /// The passes of the leading maps alone.
    pub(crate) fn opening_passes(&self, tile: usize) -> &[PauliPass] {
        let opening = || self.maps(&self.opening, &self.opening_masks);
        self.opening_passes[tile].get_or_init(|| plan::passes(opening(), plan::digits(self.num_qubits), TILES[tile]))
    }

    /// One pass in a tile of all qubits.
    pub(crate) fn flat(&self) -> &PauliPass {
        let digits = plan::digits(self.num_qubits);
        if digits <= TILES[0] {
            return &self.passes(0)[0];
        }
        &self.flat.get_or_init(|| plan::passes(self.sequence(), digits, digits))[0]
    }

    /// What the leading maps make of each qubit in `|0>`, by digit.
    pub(crate) fn product(&self, bound: &Bound) -> [[f64; 4]; PauliProgram::MAX_QUBITS] {
        let mut states = [[1.0, 0.0, 0.0, 0.0]; Self::MAX_QUBITS];
        for (state, &map) in states.iter_mut().zip(&self.leading) {
            *state = [1.0, 0.0, 0.0, 1.0];
            if map != NONE {
                let map = &bound.maps[map as usize];
                *state = std::array::from_fn(|row| map[4 * row] + map[4 * row + 3]);
            }
        }
        states
    }

    /// Which derivatives depend on parameters.
    pub(crate) fn wanted(&self) -> Vec<Wanted> {
        let free = |map: u32| {
            map != NONE && {
                let range = &self.recipes[map as usize];
                let factors = &self.factors[range.start as usize..range.end as usize];
                factors.iter().any(|factor| matches!(factor, Factor::Turn { .. }))
            }
        };
        let turns = |slot: u32| slot != NONE && self.slots[slot as usize].parameter().is_some();
        self.twos.iter().map(|two| [free(two.before[0]), free(two.before[1]), turns(two.turn)]).collect()
    }

    /// Turns derivatives by the entries of a map into derivatives by the angles of its turns.
    pub(crate) fn chain(&self, map: usize, bound: &Bound, slopes: &mut Four, turns: &mut [f64]) {
        let range = &self.recipes[map];
        let factors = &self.factors[range.start as usize..range.end as usize];
        if !factors.iter().any(|factor| matches!(factor, Factor::Turn { .. })) {
            return;
        }
        let mut products: SmallVec<[Four; 8]> = SmallVec::new();
        let mut product = transfer::IDENTITY;
        for factor in factors {
            products.push(product);
            product = self.factor(*factor, bound, &product);
        }
        // slopes by the product of the factors up to this one
        for (factor, before) in factors.iter().zip(&products).rev() {
            match *factor {
                Factor::Constant(index) => {
                    let matrix = &self.constants[index as usize];
                    let transposed: Four = std::array::from_fn(|at| matrix[at % 4 * 4 + at / 4]);
                    *slopes = transfer::times(&transposed, &*slopes);
                }
                Factor::Turn { plane, slot } => {
                    let [cosine, sine] = bound.turns[slot as usize];
                    let row = |matrix: &Four, row: u8| -> [f64; 4] { std::array::from_fn(|k| matrix[4 * usize::from(row) + k]) };
                    let dot = |a: [f64; 4], b: [f64; 4]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
                    let (to_a, to_b) = (row(slopes, plane[0]), row(slopes, plane[1]));
                    let (from_a, from_b) = (row(before, plane[0]), row(before, plane[1]));
                    turns[slot as usize] +=
                        cosine * (dot(to_b, from_a) - dot(to_a, from_b)) - sine * (dot(to_a, from_a) + dot(to_b, from_b));
                    transfer::turn(slopes, plane, [cosine, -sine]);
                }
            }
        }
    }

    fn factor(&self, factor: Factor, bound: &Bound, matrix: &Four) -> Four {
        match factor {
            Factor::Constant(index) => transfer::times(&self.constants[index as usize], matrix),
            Factor::Turn { plane, slot } => {
                let mut matrix = *matrix;
                transfer::turn(&mut matrix, plane, bound.turns[slot as usize]);
                matrix
            }
        }
    }

    /// Works out all numbers at these parameter values, into reused buffers.
    ///
    /// # Errors
    /// When the number of values is wrong or one is not finite.
    pub(crate) fn bind(&self, level: Level, parameters: &[f64], bound: &mut Bound) -> Result<(), SimError> {
        if parameters.len() != self.num_parameters {
            let (expected, given) = (self.num_parameters, parameters.len());
            return Err(SimError::SizeMismatch { what: "parameter values", expected, given });
        }
        if let Some(&value) = parameters.iter().find(|value| !value.is_finite()) {
            return Err(SimError::NotFinite { what: "a parameter", value });
        }
        bound.turns.clear();
        bound.turns.extend(self.slots.iter().map(|angle| [angle.value(parameters), 0.0]));
        kernel::cosines_and_sines(level, &mut bound.turns);
        bound.maps.clear();
        for range in &self.recipes {
            let factors = &self.factors[range.start as usize..range.end as usize];
            let (first, rest) = match *factors {
                [Factor::Constant(index), ref rest @ ..] => (self.constants[index as usize], rest),
                ref all => (transfer::IDENTITY, all),
            };
            let map = rest.iter().fold(first, |matrix, factor| self.factor(*factor, bound, &matrix));
            bound.maps.push(map);
        }
        Ok(())
    }

    pub(crate) fn numbers<'a>(&'a self, bound: &'a Bound) -> PauliNumbers<'a> {
        let Self { twos, thens, many, .. } = self;
        PauliNumbers { maps: &bound.maps, turns: &bound.turns, twos, thens, many }
    }
}
