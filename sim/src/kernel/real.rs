//! The two precisions of amplitudes.

use std::fmt::Debug;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use fearless_simd::{Simd, SimdFloat, SimdFloatElement};

use super::entry::Kernels;

mod sealed {
    pub trait Sealed {}
    impl Sealed for f64 {}
    impl Sealed for f32 {}
}

/// The precision of amplitudes: `f64` or `f32`.
pub trait Real:
    sealed::Sealed
    + Kernels
    + Copy
    + Debug
    + Default
    + PartialEq
    + PartialOrd
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + AddAssign
    + Sub<Output = Self>
    + SubAssign
    + Mul<Output = Self>
    + MulAssign
    + Neg<Output = Self>
    + Sum
    + SimdFloatElement
{
    /// Name of the precision: `f64` or `f32`.
    const NAME: &'static str;
    /// Bytes of one number.
    const BYTES: usize;
    /// A vector of the instruction set `S`.
    #[doc(hidden)]
    type Vector<S: Simd>: SimdFloat<S, Element = Self>;

    /// The nearest number of this precision.
    fn from_f64(value: f64) -> Self;
    /// The same number in double precision.
    fn to_f64(self) -> f64;
    #[doc(hidden)]
    fn lane_tables() -> &'static LaneTables<Self>;
}

/// Constants by lane, for every pattern of lane bits.
#[doc(hidden)]
#[derive(Debug)]
pub struct LaneTables<T> {
    /// `signs[z][lane]`: -1 where `lane & z` has odd parity.
    pub signs: [[T; 16]; 16],
    /// `selected[c][lane]`: 1 where `lane` has all bits of `c`, else 0.
    pub selected: [[T; 16]; 16],
    /// `exchange[x]`: byte indices that bring lane `lane ^ x` to `lane`.
    pub exchange: [[u8; 64]; 16],
}

macro_rules! real {
    ($float:ident, $vector:ident, $bytes:expr, $tables:ident) => {
        static $tables: LaneTables<$float> = {
            let mut tables = LaneTables { signs: [[1.0; 16]; 16], selected: [[0.0; 16]; 16], exchange: [[0; 64]; 16] };
            let mut pattern = 0;
            while pattern < 16 {
                let mut lane = 0;
                while lane < 16 {
                    if (lane & pattern as u32).count_ones() % 2 == 1 {
                        tables.signs[pattern][lane as usize] = -1.0;
                    }
                    if lane & pattern as u32 == pattern as u32 {
                        tables.selected[pattern][lane as usize] = 1.0;
                    }
                    lane += 1;
                }
                let mut byte = 0;
                while byte < 64 {
                    tables.exchange[pattern][byte] = ((((byte / $bytes) ^ pattern) * $bytes + byte % $bytes) % 64) as u8;
                    byte += 1;
                }
                pattern += 1;
            }
            tables
        };

        impl Real for $float {
            const NAME: &'static str = stringify!($float);
            const BYTES: usize = $bytes;
            type Vector<S: Simd> = S::$vector;
            #[inline(always)]
            fn from_f64(value: f64) -> Self {
                value as $float
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn lane_tables() -> &'static LaneTables<Self> {
                &$tables
            }
        }
    };
}

real!(f64, f64s, 8, TABLES_F64);
real!(f32, f32s, 4, TABLES_F32);
