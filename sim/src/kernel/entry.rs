//! Where the kernels are entered: functions of each precision that this crate alone compiles.
//!
//! What is generic over the precision would else be compiled again, for all instruction sets, by every crate, test and example that simulates.

#![allow(private_interfaces, reason = "the trait is a bound of a sealed one, in a closed module")]

use std::ops::Range;

use fearless_simd::Level;
use num_complex::Complex64;

use super::backward::{self, Numbers, TwoStates};
use super::block::{self, Marginal};
use super::lanes::{self, DenseScratch, LaneObservables, LanePlan, LaneProgram, LaneScratch};
use super::observable::{self, Block};
use super::run::{self, Derivative, Factor};
use super::tile::{self, Buffers, Part, Plan, PlanNumbers};
use super::{WayBack, dense, kraus};
use crate::observable::{Group, Observable};
use crate::op::{Dense, Op, Slot};
use crate::sum::ExactSum;

/// An operation on all of a state.
pub(crate) type Whole<'a, T> = &'a (dyn Fn(&Op, &mut [T], &mut [T]) + Sync);

macro_rules! kernels {
    ($($module:ident :: $inner:ident as $name:ident ($($argument:ident: $type:ty),*) $(-> $result:ty)?;)*) => {
        /// The kernels in one precision.
        #[allow(clippy::too_many_arguments, reason = "programs, their numbers and states")]
        pub trait Kernels: Sized {
            $(#[doc(hidden)] fn $name($($argument: $type),*) $(-> $result)?;)*
        }
        kernels!(f64: $($module::$inner as $name($($argument: $type),*) $(-> $result)?;)*);
        kernels!(f32: $($module::$inner as $name($($argument: $type),*) $(-> $result)?;)*);
    };
    ($float:ident: $($module:ident :: $inner:ident as $name:ident ($($argument:ident: $type:ty),*) $(-> $result:ty)?;)*) => {
        impl Kernels for $float {
            $(#[inline(never)]
            fn $name($($argument: $type),*) $(-> $result)? {
                $module::$inner($($argument),*)
            })*
        }
    };
}

kernels! {
    run::apply as apply(level: Level, ops: &[Op], dense: &[Dense], factors: &[Factor<Self>], re: &mut [Self], im: &mut [Self]);
    backward::differentiate_all as differentiate(level: Level, ops: &[Op], numbers: Numbers<'_, Self>, psi: (&mut [Self], &mut [Self]), lambda: (&mut [Self], &mut [Self]), gradient: &mut [f64]);
    backward::differentiate_by_tiles as differentiate_by_tiles(level: Level, way: &WayBack, num_qubits: usize, numbers: Numbers<'_, Self>, buffers: &mut [TwoStates<Self>], psi: (&mut [Self], &mut [Self]), lambda: (&mut [Self], &mut [Self]), gradient: &mut [f64]);
    backward::differentiate_pass as differentiate_pass(level: Level, pass: (u64, &[Op]), part: Part<'_>, numbers: Numbers<'_, Self>, buffers: &mut [TwoStates<Self>], psi: (&mut [Self], &mut [Self]), lambda: (&mut [Self], &mut [Self]), sums: &mut [ExactSum]);
    tile::run as run_plan(level: Level, plan: &Plan, angles: &[f64], buffers: &mut [Buffers<Self>], planes: (&mut [Self], &mut [Self]), whole: Whole<'_, Self>);
    tile::prepare as prepare_plan(level: Level, plan: &Plan, angles: &[f64]) -> PlanNumbers<Self>;
    tile::run_part as run_part(level: Level, plan: (&Plan, &PlanNumbers<Self>), passes: Range<usize>, part: Part<'_>, buffers: &mut [Buffers<Self>], planes: (&mut [Self], &mut [Self]), whole: Whole<'_, Self>);
    observable::expectation as expectation(level: Level, observable: &Observable, re: &[Self], im: &[Self], threads: usize) -> f64;
    observable::block_expectation as block_expectation(level: Level, observable: &Observable, group: &Group, own: Block<'_, Self>, partner: Block<'_, Self>) -> f64;
    observable::multiply_observable as multiply_observable(level: Level, observable: &Observable, psi: (&[Self], &[Self]), out: (&mut [Self], &mut [Self]), threads: usize);
    observable::add_block_product as add_block_product(level: Level, observable: &Observable, group: &Group, partner: Block<'_, Self>, first: usize, out: (&mut [Self], &mut [Self]));
    dense::multiply as multiply_dense(re: &mut [Self], im: &mut [Self], dense: &Dense, adjoint: bool);
    kraus::multiply_one as multiply_one(level: Level, re: &mut [Self], im: &mut [Self], qubit: usize, matrix: &[Complex64; 4]);
    kraus::density_one as density_one(level: Level, re: &[Self], im: &[Self], qubit: usize) -> [f64; 4];
    block::weight as block_weight(level: Level, re: &[Self], im: &[Self]) -> f64;
    block::halves as block_halves(level: Level, first: usize, re: &[Self], im: &[Self], qubit: usize) -> (f64, f64);
    block::expectation_z as block_expectation_z(first: usize, re: &[Self], im: &[Self], values: &mut [f64]);
    block::inner as block_inner(a: (&[Self], &[Self]), b: (&[Self], &[Self])) -> Complex64;
    block::add_probabilities as add_probabilities(re: &[Self], im: &[Self], factor: f64, sums: &mut [f64]);
    block::add_outcomes as add_outcomes(marginal: &Marginal, first: usize, re: &[Self], im: &[Self], sums: &mut [ExactSum]);
    block::keep as keep(first: usize, re: &mut [Self], im: &mut [Self], bit: (usize, bool), scale: Self);
    block::flip as flip(plane: &mut [Self], bit: usize);
    lanes::bind_plan as bind_plan(level: Level, plan: &LanePlan, parameters: &[&[f64]], scratch: &mut LaneScratch, numbers: &mut [Self]);
    lanes::run_lanes as run_lanes(level: Level, plan: &LanePlan, numbers: &[Self], rows: &mut Vec<Self>, planes: (&mut [Self], &mut [Self]));
    lanes::bind_lanes as bind_lanes(level: Level, slots: &[Slot], parameters: &[&[f64]], numbers: &mut [Self]);
    lanes::apply_lanes as apply_lanes(level: Level, program: LaneProgram<'_, Self>, planes: (&mut [Self], &mut [Self]), scratch: &mut DenseScratch<Self>);
    lanes::read_lanes as read_lanes(level: Level, plan: &LanePlan, observable: usize, re: &[Self], im: &[Self], values: &mut [Self]);
    lanes::values_lanes as values_lanes(level: Level, observables: &LaneObservables<Self>, psi: (&[Self], &[Self]), values: &mut [Self]);
    lanes::pull_lanes as pull_lanes(level: Level, observables: &LaneObservables<Self>, psi: (&[Self], &[Self]), cotangents: &[Self], lambda: (&mut [Self], &mut [Self]), values: &mut [Self]);
    lanes::back_lanes as back_lanes(level: Level, plan: &LanePlan, numbers: &[Self], rows: &mut Vec<Self>, states: [(&mut [Self], &mut [Self]); 2], slopes: &mut [Self]);
    lanes::differentiate_lanes as differentiate_lanes(level: Level, program: LaneProgram<'_, Self>, derivatives: &[Derivative], states: [(&mut [Self], &mut [Self]); 2], gradient: &mut [Self], scratch: &mut DenseScratch<Self>);
}
