//! X under several controls: vectors of a tile change places.

use fearless_simd::Simd;

use super::pass::Addresses;
use crate::kernel::Real;
use crate::kernel::vector::{View, lanes, opaque};

/// Exchanges the vectors of every pair; the bases are those where all controls are one.
#[inline(always)]
pub(super) fn exchange<S: Simd, T: Real>(simd: S, (re, im): (View<T>, View<T>), addresses: &Addresses) {
    simd.vectorize(
        #[inline(always)]
        || {
            let planes = [re, im];
            let shift = (lanes::<S, T>() * T::BYTES).trailing_zeros();
            let offset = (addresses.offsets[1] as usize) << shift;
            for &base in &addresses.bases {
                let low = opaque((base as usize) << shift);
                let high = opaque(low ^ offset);
                for plane in planes {
                    // SAFETY: addresses of a tile are below its number of vectors.
                    unsafe {
                        let (a, b) = (plane.load_at(simd, low), plane.load_at(simd, high));
                        plane.store_at::<S>(low, b);
                        plane.store_at::<S>(high, a);
                    }
                }
            }
        },
    );
}
