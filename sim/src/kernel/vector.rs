//! Planes seen as vectors, and masks split into lanes and vectors.

use fearless_simd::{Bytes, Simd, SimdBase};

use super::real::Real;

pub(crate) type Vector<S, T> = <T as Real>::Vector<S>;
pub(crate) type ByteVector<S, T> = <Vector<S, T> as Bytes>::Bytes;

/// Lanes of a vector.
pub(crate) const fn lanes<S: Simd, T: Real>() -> usize {
    <Vector<S, T> as SimdBase<S>>::LEN
}

/// Index bits that number the lanes.
pub(crate) const fn lane_bits<S: Simd, T: Real>() -> usize {
    lanes::<S, T>().trailing_zeros() as usize
}

/// A plane as vectors.
#[derive(Debug)]
pub(crate) struct View<T> {
    start: *mut T,
    length: usize,
}

impl<T> Clone for View<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for View<T> {}

// SAFETY: a view is an address and a length; every access through it is in an unsafe function whose caller keeps
// threads to different vectors.
unsafe impl<T: Send> Send for View<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for View<T> {}

impl<T: Real> View<T> {
    #[inline(always)]
    pub(crate) fn new(plane: &mut [T]) -> Self {
        Self { start: plane.as_mut_ptr(), length: plane.len() }
    }

    /// For reading only.
    #[inline(always)]
    pub(crate) fn read_only(plane: &[T]) -> Self {
        Self { start: plane.as_ptr().cast_mut(), length: plane.len() }
    }

    /// A buffer that need not be initialised: what is read was written before.
    ///
    /// # Safety
    /// There is room for `length` numbers from `start` on as long as the view is used.
    #[inline(always)]
    pub(crate) unsafe fn of_buffer(start: *mut T, length: usize) -> Self {
        Self { start, length }
    }

    /// Number of whole vectors.
    #[inline(always)]
    pub(crate) fn vectors<S: Simd>(self) -> usize {
        self.length / lanes::<S, T>()
    }

    /// All of the plane.
    ///
    /// # Safety
    /// The plane is still borrowed exclusively, and no other view of it is used while the result is.
    pub(crate) unsafe fn whole<'a>(self) -> &'a mut [T] {
        // SAFETY: as the caller promises.
        unsafe { self.part(0, self.length) }
    }

    /// The numbers from `start` on, at most so many.
    ///
    /// # Safety
    /// `start` is at most the length; as [`View::whole`] for this part of the plane.
    pub(crate) unsafe fn part<'a>(self, start: usize, most: usize) -> &'a mut [T] {
        debug_assert!(start <= self.length);
        // SAFETY: the view was made from a slice with this start and length; the caller keeps others away.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(start), most.min(self.length - start)) }
    }

    /// Vector number `index`.
    ///
    /// # Safety
    /// `index` is below [`View::vectors`], and the plane is still borrowed.
    #[inline(always)]
    pub(crate) unsafe fn load<S: Simd>(self, simd: S, index: usize) -> Vector<S, T> {
        let lanes = lanes::<S, T>();
        debug_assert!((index + 1) * lanes <= self.length);
        // SAFETY: the caller keeps the index inside the plane.
        let slice = unsafe { std::slice::from_raw_parts(self.start.add(index * lanes), lanes) };
        Vector::<S, T>::from_slice(simd, slice)
    }

    /// Copies numbers out.
    ///
    /// # Safety
    /// `start + to.len()` is at most the length of the plane, which is still borrowed.
    pub(crate) unsafe fn read(self, start: usize, to: &mut [T]) {
        debug_assert!(start + to.len() <= self.length);
        // SAFETY: the caller keeps the range inside the plane; the buffer is another allocation.
        unsafe { std::ptr::copy_nonoverlapping(self.start.add(start), to.as_mut_ptr(), to.len()) };
    }

    /// Copies numbers in.
    ///
    /// # Safety
    /// As [`View::read`], with the plane borrowed exclusively.
    pub(crate) unsafe fn write(self, start: usize, from: &[T]) {
        debug_assert!(start + from.len() <= self.length);
        // SAFETY: as in `read`.
        unsafe { std::ptr::copy_nonoverlapping(from.as_ptr(), self.start.add(start), from.len()) };
    }

    /// Asks for the cache line of vector number `index`, which may be outside the plane.
    #[inline(always)]
    pub(crate) fn prefetch<S: Simd>(self, index: usize) {
        #[cfg(target_arch = "x86_64")]
        {
            let address = self.start.wrapping_add(index * lanes::<S, T>()).cast::<i8>();
            // SAFETY: a prefetch reads nothing and faults nowhere.
            unsafe { std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(address) };
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = index;
    }

    /// The vector this many bytes from the start.
    ///
    /// # Safety
    /// As [`View::load`], with `bytes` that number of vectors.
    #[inline(always)]
    pub(crate) unsafe fn load_at<S: Simd>(self, simd: S, bytes: usize) -> Vector<S, T> {
        debug_assert!(bytes + lanes::<S, T>() * T::BYTES <= self.length * T::BYTES);
        // SAFETY: the caller keeps the vector inside the plane.
        let slice = unsafe { std::slice::from_raw_parts(self.start.byte_add(bytes), lanes::<S, T>()) };
        Vector::<S, T>::from_slice(simd, slice)
    }

    /// Writes the vector this many bytes from the start.
    ///
    /// # Safety
    /// As [`View::store`], with `bytes` that number of vectors.
    #[inline(always)]
    pub(crate) unsafe fn store_at<S: Simd>(self, bytes: usize, value: Vector<S, T>) {
        debug_assert!(bytes + lanes::<S, T>() * T::BYTES <= self.length * T::BYTES);
        // SAFETY: the caller keeps the vector inside the plane.
        let slice = unsafe { std::slice::from_raw_parts_mut(self.start.byte_add(bytes), lanes::<S, T>()) };
        value.store_slice(slice);
    }

    /// Writes vector number `index`.
    ///
    /// # Safety
    /// `index` is below [`View::vectors`], and the plane is still borrowed exclusively.
    #[inline(always)]
    pub(crate) unsafe fn store<S: Simd>(self, index: usize, value: Vector<S, T>) {
        let lanes = lanes::<S, T>();
        debug_assert!((index + 1) * lanes <= self.length);
        // SAFETY: the caller keeps the index inside the plane.
        let slice = unsafe { std::slice::from_raw_parts_mut(self.start.add(index * lanes), lanes) };
        value.store_slice(slice);
    }
}

/// A mask over qubits, split into lane bits and vector bits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Split {
    pub(crate) low: usize,
    pub(crate) high: usize,
}

impl Split {
    #[inline(always)]
    pub(crate) fn new<S: Simd, T: Real>(mask: usize) -> Self {
        let lanes = lanes::<S, T>();
        Self { low: mask & (lanes - 1), high: mask >> lane_bits::<S, T>() }
    }
}

/// The numbers below `end` that have all of some bits and none of others, ascending; all of these bits are below `end`, a power of two.
#[inline(always)]
pub(crate) fn with_bits(ones: usize, zeros: usize, end: usize) -> impl Iterator<Item = usize> {
    let fixed = ones | zeros;
    debug_assert!(fixed < end);
    let mut next = ones;
    std::iter::from_fn(
        #[inline(always)]
        move || {
            let found = next;
            // The carry passes over the fixed bits.
            next = (((next | fixed) + 1) & !fixed) | ones;
            (found < end).then_some(found)
        },
    )
}

/// As [`with_bits`], in runs of equal length: less work where little is done to each.
#[inline(always)]
pub(crate) fn runs_with_bits(ones: usize, zeros: usize, end: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    let fixed = ones | zeros;
    let run = if fixed == 0 { end } else { fixed & fixed.wrapping_neg() };
    with_bits(ones, zeros | (run - 1), end).map(
        #[inline(always)]
        move |start| start..start + run,
    )
}

/// -1 in the lanes with odd parity under the lane mask, else 1.
#[inline(always)]
pub(crate) fn signs<S: Simd, T: Real>(simd: S, mask: usize) -> Vector<S, T> {
    Vector::<S, T>::from_slice(simd, &T::lane_tables().signs[mask][..lanes::<S, T>()])
}

/// 1 in the lanes with every bit of the lane mask, else 0.
#[inline(always)]
pub(crate) fn selected<S: Simd, T: Real>(simd: S, mask: usize) -> Vector<S, T> {
    Vector::<S, T>::from_slice(simd, &T::lane_tables().selected[mask][..lanes::<S, T>()])
}

/// Byte indices that bring lane `lane ^ mask` to `lane`.
#[inline(always)]
pub(crate) fn exchange<S: Simd, T: Real>(simd: S, mask: usize) -> ByteVector<S, T> {
    let bytes = lanes::<S, T>() * T::BYTES;
    ByteVector::<S, T>::from_slice(simd, &T::lane_tables().exchange[mask][..bytes])
}

/// Odd parity.
#[inline(always)]
pub(crate) fn odd(bits: usize) -> bool {
    bits.count_ones() & 1 == 1
}

/// 1 in the lanes of odd parity under the lane mask (of even parity where flipped), else 0.
#[inline(always)]
pub(crate) fn selected_odd<S: Simd, T: Real>(simd: S, mask: usize, flipped: bool) -> Vector<S, T> {
    let half = T::from_f64(0.5);
    let sign = signs::<S, T>(simd, mask) * if flipped { half } else { -half };
    sign + half
}

/// The same number, of which the compiler knows nothing: keeps it from computing addresses in vector registers.
#[inline(always)]
pub(crate) fn opaque(value: usize) -> usize {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    {
        let mut value = value;
        // SAFETY: no instruction is emitted.
        unsafe { std::arch::asm!("/* {0} */", inout(reg) value, options(pure, nomem, nostack, preserves_flags)) };
        value
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    value
}

/// Makes the frame of the function it is inlined into begin at a cache line, so that no saved register lies across two.
#[inline(always)]
pub(crate) fn align_frame() {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    {
        #[repr(align(64))]
        struct Line(#[allow(dead_code, reason = "only its place matters")] [u8; 64]);
        let line = std::mem::MaybeUninit::<Line>::uninit();
        // SAFETY: no instruction is emitted, nothing is read.
        unsafe { std::arch::asm!("/* {0} */", in(reg) line.as_ptr().addr(), options(nomem, nostack, preserves_flags)) };
    }
}
