//! Derivatives over ranks: two states go back through a program by the passes of one process.

use super::exchange;
use super::layout::Layout;
use super::partner;
use super::schedule::schedule;
use super::state::DistributedState;
use super::whole;
use crate::error::SimError;
use crate::kernel::block::BLOCK;
use crate::kernel::{Derivative, Numbers, Part, Real, TwoStates, WayBack};
use crate::observable::Observable;
use crate::op::{Op, Slot};
use crate::program::Program;
use crate::sum::ExactSum;

impl<T: Real> DistributedState<'_, T> {
    /// The expectation value of an observable after a program on `|0...0>`, and its derivative with respect to each parameter, by the adjoint
    /// method; the bits of [`Energy`](crate::Energy). Holds two slices a rank; the state is then taken back to about `|0...0>`.
    ///
    /// ```
    /// use qloom_circuits::{PauliSum, library};
    /// use qloom_sim::{Alone, DistributedState, Observable, Program, SimulatorConfig};
    /// let program = Program::new(&library::hardware_efficient(15, 1))?;
    /// let mut state = DistributedState::<f64>::zero(15, SimulatorConfig::default(), &Alone)?;
    /// let (at, mut gradient) = (vec![0.0; program.num_parameters()], vec![0.0; program.num_parameters()]);
    /// let value = state.value_and_gradient(&program, &Observable::new(&PauliSum::z(0, 15)), &at, &mut gradient)?;
    /// assert_eq!(value, 1.0);
    /// # Ok::<(), qloom_sim::SimError>(())
    /// ```
    ///
    /// # Errors
    /// As [`DistributedState::apply`]; when lengths differ, the qubits are too few to be differentiated by tiles, or a rotation with a
    /// parameter flips more qubits than a tile has.
    pub fn value_and_gradient(
        &mut self,
        program: &Program,
        observable: &Observable,
        parameters: &[f64],
        gradient: &mut [f64],
    ) -> Result<f64, SimError> {
        if gradient.len() != parameters.len() {
            let (expected, given) = (parameters.len(), gradient.len());
            return Err(SimError::SizeMismatch { what: "entries of the gradient", expected, given });
        }
        if self.num_qubits <= WayBack::TILE || self.layout.local < WayBack::TILE {
            let (n, least) = (self.num_qubits, WayBack::TILE + 1);
            let reason =
                format!("{n} qubits over so many ranks are too few for derivatives, which take {least}; use fewer ranks");
            return Err(SimError::Ranks { reason });
        }
        let way = WayBack::new(program.stretch());
        let derivatives: Vec<Derivative> = program.slots.iter().map(Slot::parameter).collect();
        refuse_wide(&way, &derivatives)?;
        self.reset();
        self.apply(program, parameters)?;
        let mut image = self.image(observable)?;
        let value = self.inner(&image)?.re;
        let factors = std::mem::take(&mut self.factors);
        let numbers = Numbers { dense: &program.dense, derivatives: &derivatives, factors: &factors };
        let sums = self.back(&mut image, &way, numbers, gradient.len())?;
        self.factors = factors;
        gradient.iter_mut().zip(self.merged(&sums)?).for_each(|(slope, sum)| *slope = sum.value());
        if value.is_finite() { Ok(value) } else { Err(SimError::NotFinite { what: "the expectation value", value }) }
    }

    /// `H psi`, laid out as this state.
    fn image(&mut self, observable: &Observable) -> Result<Self, SimError> {
        self.check_size("qubits of an observable", observable.num_qubits())?;
        let mut image = Self::zero(self.num_qubits, self.config, self.fabric)?;
        image.reset();
        image.re[0] = T::default();
        (image.layout, image.fresh) = (self.layout.clone(), false);
        let level = self.config.instruction_set.level();
        let Self { fabric, layout, re, im, buffers, sent, .. } = self;
        for group in &observable.groups {
            *sent += partner::each(*fabric, layout, group.x, (re, im), buffers, &mut |beside| {
                let range = beside.first * BLOCK..(beside.first + beside.count()) * BLOCK;
                let out = image.re[range.clone()].chunks_exact_mut(BLOCK).zip(image.im[range].chunks_exact_mut(BLOCK));
                for (block, out) in out.enumerate() {
                    T::add_block_product(level, observable, group, beside.partner(block), beside.index(block), out);
                }
            })?;
        }
        Ok(image)
    }

    /// Takes this state and another back through a program; the derivatives that this rank's slices give.
    fn back(
        &mut self,
        image: &mut Self,
        way: &WayBack,
        numbers: Numbers<'_, T>,
        width: usize,
    ) -> Result<Vec<ExactSum>, SimError> {
        let level = self.config.instruction_set.level();
        let mut sums = vec![ExactSum::default(); width];
        let mut buffers = Vec::new();
        for _ in 0..self.config.threads.max(1) {
            buffers.push(TwoStates::new(WayBack::TILE)?);
        }
        let need = |(mask, ops): &(u64, Vec<Op>)| match mask {
            0 => ops.iter().fold(0, |mask, op| mask | whole::needs(op, numbers.dense)),
            mask => *mask,
        };
        let needs: Vec<u64> = way.passes.iter().map(need).collect();
        let plan = schedule(&needs, self.num_qubits, self.layout.local, Some(&self.layout))?;
        let mut exchanges = plan.exchanges.iter().peekable();
        for (step, (mask, ops)) in way.passes.iter().enumerate() {
            while let Some((_, exchange)) = exchanges.next_if(|(at, _)| *at == step) {
                let planes = &mut [&mut *self.re, &mut *self.im, &mut *image.re, &mut *image.im];
                self.sent += exchange::carry_out(self.fabric, &self.layout, exchange, planes, &mut self.buffers)?;
                self.layout.apply(exchange);
                image.layout.apply(exchange);
            }
            let ones = self.layout.ones(self.fabric.rank());
            let Layout { places, local, .. } = &self.layout;
            let part = Part { places, local: *local, ones };
            let psi = (&mut *self.re, &mut *self.im);
            let lambda = (&mut *image.re, &mut *image.im);
            if *mask != 0 {
                T::differentiate_pass(level, (*mask, ops), part, numbers, &mut buffers, psi, lambda, &mut sums);
                continue;
            }
            for op in ops {
                let (op, dense, factors) = whole::inverse(op, numbers.dense, numbers.factors);
                whole::apply(level, &op, &dense, &factors, (&self.layout, ones), (&mut *psi.0, &mut *psi.1));
                whole::apply(level, &op, &dense, &factors, (&self.layout, ones), (&mut *lambda.0, &mut *lambda.1));
            }
        }
        Ok(sums)
    }
}

/// Refuses rotations with a parameter that no tile takes: their derivative is a sum over whole states.
fn refuse_wide(way: &WayBack, derivatives: &[Derivative]) -> Result<(), SimError> {
    let slots = way.passes.iter().filter(|(mask, _)| *mask == 0).flat_map(|(_, ops)| ops).filter_map(|op| match *op {
        Op::Rotation { slot, .. } | Op::Parity { slot, .. } | Op::Phase { slot, .. } => Some(slot),
        Op::Flip { .. } | Op::Dense(_) => None,
    });
    if slots.into_iter().any(|slot| derivatives[slot as usize].is_some()) {
        return Err(SimError::Unsupported {
            simulation: "a derivative over several ranks",
            operation: "a Pauli rotation that flips more qubits than a tile has",
            remedy: "write it as CX gates and a rotation of one qubit, or use one rank",
        });
    }
    Ok(())
}
