//! The two number types of the crate.

use num_traits::Float;

use self::sealed::{Bytes, Product};

/// A number type that matrices are made of: `f32` or `f64`.
pub trait Scalar: Float + Into<f64> + Product + Bytes + Send + Sync + std::fmt::Debug + 'static {
    /// The nearest number of this type.
    fn from_f64(value: f64) -> Self;
}

impl Scalar for f32 {
    fn from_f64(value: f64) -> Self {
        value as Self
    }
}

impl Scalar for f64 {
    fn from_f64(value: f64) -> Self {
        value
    }
}

pub(crate) mod sealed {
    use safetensors::Dtype;

    use crate::product::{Factor, multiply};

    /// Matrix products of a number type.
    pub trait Product: Copy {
        /// Adds the product of two factors to `out`.
        fn add_product(out: &mut [Self], left: Factor<'_, Self>, right: Factor<'_, Self>);
    }

    /// A number type in files.
    pub trait Bytes: Sized {
        /// Its name in files.
        const DTYPE: Dtype;
        /// Bytes of one number.
        const SIZE: usize;
        /// Appends the bytes, the least significant first.
        fn write(self, bytes: &mut Vec<u8>);
        /// Reads one number from `SIZE` bytes.
        fn read(bytes: &[u8]) -> Option<Self>;
    }

    macro_rules! scalar {
        ($scalar:ty, $dtype:ident) => {
            impl Product for $scalar {
                fn add_product(out: &mut [Self], left: Factor<'_, Self>, right: Factor<'_, Self>) {
                    multiply(out, left, right);
                }
            }

            impl Bytes for $scalar {
                const DTYPE: Dtype = Dtype::$dtype;
                const SIZE: usize = size_of::<$scalar>();

                fn write(self, bytes: &mut Vec<u8>) {
                    bytes.extend(self.to_le_bytes());
                }

                fn read(bytes: &[u8]) -> Option<Self> {
                    Some(Self::from_le_bytes(bytes.try_into().ok()?))
                }
            }
        };
    }

    scalar!(f32, F32);
    scalar!(f64, F64);
}
