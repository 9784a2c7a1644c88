//! Distributed state vectors: what they hold, programs on them.

use num_complex::Complex;

use super::branch;
use super::exchange::{self, Buffers};
use super::layout::{Exchange, Layout};
use super::plan::{DistributedPlan, rank_bits};
use super::schedule::schedule;
use super::whole;
use crate::config::SimulatorConfig;
use crate::error::SimError;
use crate::fabric::{Fabric, Traffic};
use crate::kernel::{self, Buffers as TileBuffers, Factor, Part, Plane, Real};
use crate::memory;
use crate::op::Op;
use crate::program::Program;

/// A pure state of `n` qubits over the ranks of a [`Fabric`], a slice of `2^n / ranks` amplitudes each; basis index bit `q` is qubit `q`.
///
/// Every method is called by all ranks with the same arguments, and gives all of them the same result, which has the same bits as that of a
/// [`StateVector`](crate::StateVector) whatever the number of ranks.
///
/// ```
/// use qloom_circuits::library;
/// use qloom_sim::{DistributedState, Program, SimulatorConfig, StateVector, on_threads};
/// let program = Program::new(&library::qft(14))?;
/// let config = SimulatorConfig { tile_qubits: Some(9), threads: 1, ..SimulatorConfig::default() };
/// let mut alone = StateVector::<f64>::zero(14, config)?;
/// alone.run(&program, &[])?;
/// let norms = on_threads(2, |fabric| {
///     let mut state = DistributedState::<f64>::zero(14, config, fabric)?;
///     state.apply(&program, &[])?;
///     state.norm()
/// });
/// assert_eq!(norms, vec![Ok(alone.norm()); 2]);
/// # Ok::<(), qloom_sim::SimError>(())
/// ```
#[derive(Debug)]
pub struct DistributedState<'f, T: Real> {
    pub(super) fabric: &'f dyn Fabric,
    pub(super) num_qubits: usize,
    pub(super) config: SimulatorConfig,
    pub(super) layout: Layout,
    pub(super) re: Plane<T>,
    pub(super) im: Plane<T>,
    pub(super) buffers: Buffers<T>,
    pub(super) sent: Traffic,
    /// Whether it is `|0...0>`, which is the same in every layout.
    pub(super) fresh: bool,
    pub(super) factors: Vec<Factor<T>>,
    pub(super) tiles: Vec<TileBuffers<T>>,
}

impl<'f, T: Real> DistributedState<'f, T> {
    /// `|0...0>`; the limit of the configuration is that of one rank.
    ///
    /// # Errors
    /// When the number of ranks is no power of two, the qubits are too few for them, or a slice is beyond the limit; nothing is allocated then.
    pub fn zero(num_qubits: usize, config: SimulatorConfig, fabric: &'f dyn Fabric) -> Result<Self, SimError> {
        if num_qubits > Program::MAX_QUBITS {
            return Err(SimError::TooManyQubits { what: "a state vector", given: num_qubits, limit: Program::MAX_QUBITS });
        }
        let local = num_qubits - rank_bits(fabric.size(), num_qubits)?;
        let needed = Self::bytes(local);
        // all ranks end together where one of them has less memory
        let limits = fabric.gather(&config.memory_limit.to_le_bytes())?;
        let limit =
            limits.iter().filter_map(|bytes| Some(u64::from_le_bytes(bytes.as_slice().try_into().ok()?))).min().unwrap_or(0);
        if needed > u128::from(limit) {
            let (ranks, gib) = (fabric.size(), |bytes: u128| bytes as f64 / f64::from(1 << 30));
            let reason = format!(
                "{num_qubits} qubits over {ranks} ranks need {:.3} GiB a rank, the limit is {:.3}; use more ranks or single precision",
                gib(needed),
                gib(limit.into())
            );
            return Err(SimError::Ranks { reason });
        }
        let length = Plane::<T>::length_for(local);
        let planes = || Ok((Plane::zeroed(length)?, Plane::zeroed(length)?));
        let (re, im) = branch::together(fabric, planes())?;
        let mut state = Self {
            fabric,
            num_qubits,
            config: SimulatorConfig { memory_limit: limit, ..config },
            layout: Layout::in_order(num_qubits, local),
            re,
            im,
            buffers: Buffers::default(),
            sent: Traffic::default(),
            fresh: true,
            factors: Vec::new(),
            tiles: Vec::new(),
        };
        state.set_first();
        Ok(state)
    }

    /// Bytes of a slice with so many index bits, and of its messages.
    pub(crate) fn bytes(local: usize) -> u128 {
        memory::state_bytes::<T>(local) + Buffers::<T>::BYTES as u128
    }

    fn set_first(&mut self) {
        if self.fabric.rank() == 0 {
            self.re[0] = T::from_f64(1.0);
        }
    }

    /// Back to `|0...0>`.
    pub fn reset(&mut self) {
        self.re.fill(T::default());
        self.im.fill(T::default());
        self.layout.turned = 0;
        self.set_first();
        self.fresh = true;
    }

    /// Applies a program at these parameter values.
    ///
    /// # Errors
    /// When sizes or the number of parameter values do not fit, a value is not finite, an operation needs more qubits than a slice has, or a
    /// rank has ended.
    pub fn apply(&mut self, program: &Program, parameters: &[f64]) -> Result<(), SimError> {
        self.check_size("qubits of the program", program.num_qubits())?;
        let (config, level) = (self.config, self.config.instruction_set.level());
        program.bind(level, parameters, &mut self.factors)?;
        let angles: Vec<f64> = program.slots.iter().map(|slot| slot.angle.value(parameters)).collect();
        let start = (!self.fresh).then_some(&self.layout);
        let plan = DistributedPlan::from::<T>(program, self.fabric.size(), &config, start)?;
        self.layout = plan.schedule.start.clone();
        self.fresh = false;
        let shape = plan.passes.shape;
        let threads = config.threads.clamp(1, 1 << (self.layout.local - shape.tile).min(8));
        self.tiles.retain(|tile| tile.fits(shape.tile));
        while self.tiles.len() < threads {
            self.tiles.push(TileBuffers::new(shape.tile)?);
        }
        let (numbers, mut done) = (T::prepare_plan(level, &plan.passes, &angles), 0);
        let stops = plan.schedule.exchanges.iter().map(|(step, exchange)| (*step, Some(exchange)));
        for (step, exchange) in stops.chain([(plan.passes.passes.len(), None)]) {
            let ones = self.layout.ones(self.fabric.rank());
            let part = Part { places: &self.layout.places, local: self.layout.local, ones };
            let whole = |op: &Op, re: &mut [T], im: &mut [T]| {
                whole::apply(level, op, &program.dense, &self.factors, (&self.layout, ones), (re, im));
            };
            let (tiles, planes) = (&mut self.tiles[..threads], (&mut *self.re, &mut *self.im));
            T::run_part(level, (&plan.passes, &numbers), done..step, part, tiles, planes, &whole);
            done = step;
            if let Some(exchange) = exchange {
                self.exchange(exchange)?;
            }
        }
        Ok(())
    }

    /// Carries out an exchange.
    pub(super) fn exchange(&mut self, exchange: &Exchange) -> Result<(), SimError> {
        let Self { fabric, layout, re, im, buffers, .. } = self;
        self.sent += exchange::carry_out(*fabric, layout, exchange, &mut [re, im], buffers)?;
        self.layout.apply(exchange);
        Ok(())
    }

    /// Makes the last qubits the global ones, so that every rank has a stretch of the basis; gives the rank of each stretch, in order.
    pub(super) fn in_order(&mut self) -> Result<Vec<usize>, SimError> {
        let need = (1u64 << self.layout.local) - 1;
        for (_, exchange) in schedule(&[need], self.num_qubits, self.layout.local, Some(&self.layout))?.exchanges {
            self.exchange(&exchange)?;
        }
        let mut ranks: Vec<usize> = (0..self.fabric.size()).collect();
        ranks.sort_by_key(|&rank| self.layout.ones(rank));
        Ok(ranks)
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// How it is simulated; the memory limit is the least of all ranks.
    pub fn config(&self) -> SimulatorConfig {
        self.config
    }

    /// The ranks.
    pub fn fabric(&self) -> &'f dyn Fabric {
        self.fabric
    }

    /// What this rank has sent of its slices so far.
    pub fn sent(&self) -> Traffic {
        self.sent
    }

    /// The amplitude of a basis state.
    ///
    /// # Errors
    /// When a rank has ended.
    ///
    /// # Panics
    /// When the index is `2^n` or more.
    pub fn amplitude(&self, index: usize) -> Result<Complex<T>, SimError> {
        assert!(index >> self.num_qubits == 0, "basis index {index} is outside a state of {} qubits", self.num_qubits);
        let (rank, place) = self.layout.locate(index);
        let mut pair = [self.re[place], self.im[place]];
        let mut bytes = kernel::bytes(&pair).to_vec();
        self.fabric.broadcast(rank, &mut bytes)?;
        kernel::bytes_mut(&mut pair).copy_from_slice(&bytes);
        let [re, im] = pair;
        Ok(Complex { re, im })
    }

    /// This rank's amplitudes and their basis indices, in the order in which it holds them.
    pub fn own_amplitudes(&self) -> impl Iterator<Item = (usize, Complex<T>)> + '_ {
        self.own_blocks()
            .flat_map(|(first, re, im)| re.iter().zip(im).enumerate().map(move |(k, (&re, &im))| (first + k, Complex { re, im })))
    }

    pub(super) fn check_size(&self, what: &'static str, given: usize) -> Result<(), SimError> {
        if given == self.num_qubits { Ok(()) } else { Err(SimError::SizeMismatch { what, expected: self.num_qubits, given }) }
    }
}
