//! One power of a generator as gates, and the phase that the reference string gathers.

use num_complex::Complex64;

use super::Native;
use super::angles::{Entangling, FIXED, FREE, Outer, Template};
use super::builder::{Builder, ry, rz};
use crate::fibonacci::SigmaPower;

/// A gate of the compiled power on the left, middle and right qubit.
#[derive(Clone, Copy, Debug)]
enum Step {
    Middle([f64; 2]),
    MiddleRz(f64),
    Zz(Outer, f64),
}

/// A compiled power.
pub(super) struct Compiled {
    steps: Vec<Step>,
    outer: [f64; 2],
    /// Phase of the string 000 where the legal strings have their own.
    pub reference: f64,
}

impl Compiled {
    /// The power, 1 to 9, for this two-qubit gate.
    pub(super) fn new(power: i32, native: Native) -> Self {
        let table = match native {
            Native::Zz => &FREE,
            Native::Cz | Native::Cx | Native::Ecr => &FIXED,
        };
        let inverse = power > 5;
        let template = &table[(if inverse { 10 - power } else { power }) as usize - 1];
        debug_assert_eq!(template.power, if inverse { 10 - power } else { power });
        let mut compiled = Self::of(template);
        if inverse {
            // Rz then Ry becomes Ry then Rz: kept as separate steps in reverse order
            compiled.steps.reverse();
            for step in &mut compiled.steps {
                *step = match *step {
                    Step::Middle([z, y]) => Step::Middle([-z, -y]),
                    Step::MiddleRz(z) => Step::MiddleRz(-z),
                    Step::Zz(outer, angle) => Step::Zz(outer, -angle),
                };
            }
            compiled.outer = compiled.outer.map(|angle| -angle);
        }
        let compiled = Self { reference: 0.0, ..compiled };
        let gate = SigmaPower::new(power);
        let block = compiled.block(false, false, inverse);
        // the string 010 fixes the global phase
        let reference = (block[0][0] / block[1][1] * gate.vacuum).arg();
        Self { reference, ..compiled }
    }

    fn of(template: &Template) -> Self {
        let mut steps = Vec::new();
        for &Entangling { outer, rz, ry, zz } in template.entangling {
            steps.push(Step::Middle([rz, ry]));
            steps.push(Step::Zz(outer, zz));
        }
        steps.push(Step::Middle([template.last[0], template.last[1]]));
        steps.push(Step::MiddleRz(template.last[2]));
        Self { steps, outer: template.outer, reference: 0.0 }
    }

    /// Matrix of `Rz` then `Ry`, or of the inverse of the opposite pair.
    fn middle([z, y]: [f64; 2], inverse: bool) -> [[Complex64; 2]; 2] {
        if inverse { times(rz(z), ry(y)) } else { times(ry(y), rz(z)) }
    }

    /// What the gates do to the middle qubit, given the outer ones.
    pub(super) fn block(&self, left: bool, right: bool, inverse: bool) -> [[Complex64; 2]; 2] {
        let sign = |bit: bool| if bit { -1.0 } else { 1.0 };
        let mut matrix = rz(0.0);
        for step in &self.steps {
            let factor = match *step {
                Step::Middle(angles) => Self::middle(angles, inverse),
                Step::MiddleRz(angle) => rz(angle),
                Step::Zz(Outer::Left, angle) => rz(sign(left) * angle),
                Step::Zz(Outer::Right, angle) => rz(sign(right) * angle),
            };
            matrix = times(factor, matrix);
        }
        let phase = Complex64::cis(-0.5 * (sign(left) * self.outer[0] + sign(right) * self.outer[1]));
        matrix.map(|row| row.map(|entry| entry * phase))
    }

    /// Appends the gates; `middle` is the middle qubit, its neighbours the ones before and after it.
    pub(super) fn append(&self, builder: &mut Builder, middle: usize, inverse: bool) {
        for step in &self.steps {
            match *step {
                Step::Middle(angles) => builder.one(middle, Self::middle(angles, inverse)),
                Step::MiddleRz(angle) => builder.one(middle, rz(angle)),
                Step::Zz(Outer::Left, angle) => builder.zz(middle - 1, middle, angle),
                Step::Zz(Outer::Right, angle) => builder.zz(middle + 1, middle, angle),
            }
        }
        builder.one(middle - 1, rz(self.outer[0]));
        builder.one(middle + 1, rz(self.outer[1]));
    }
}

pub(super) fn times(a: [[Complex64; 2]; 2], b: [[Complex64; 2]; 2]) -> [[Complex64; 2]; 2] {
    [0, 1].map(|i| [0, 1].map(|j| a[i][0] * b[0][j] + a[i][1] * b[1][j]))
}
