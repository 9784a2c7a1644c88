//! An aligned, zeroed buffer of numbers.

use std::alloc::{Layout, alloc, dealloc};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use super::real::Real;
use crate::error::SimError;

/// A buffer aligned to cache lines, or to huge pages where it is large.
#[derive(Debug)]
pub(crate) struct Plane<T> {
    start: NonNull<T>,
    length: usize,
}

/// Sizes from which the buffer starts on a huge page.
const HUGE_PAGE: usize = 2 << 20;

// SAFETY: the buffer is owned by this value alone and T is plain data.
unsafe impl<T: Send> Send for Plane<T> {}
// SAFETY: shared access only reads plain data.
unsafe impl<T: Sync> Sync for Plane<T> {}

impl<T: Real> Plane<T> {
    /// Numbers in a plane of this many qubits: at least one vector of the widest instruction set.
    pub(crate) fn length_for(num_qubits: usize) -> usize {
        (1usize << num_qubits).max(16)
    }

    fn layout(length: usize) -> Result<Layout, SimError> {
        let bytes = length.saturating_mul(size_of::<T>());
        let align = if bytes >= HUGE_PAGE { HUGE_PAGE } else { 64 };
        Layout::from_size_align(bytes, align).map_err(|_| SimError::Allocation { bytes: bytes as u128 })
    }

    /// Zeros.
    ///
    /// # Errors
    /// When the allocator refuses.
    pub(crate) fn zeroed(length: usize) -> Result<Self, SimError> {
        let length = length.max(16);
        let layout = Self::layout(length)?;
        // SAFETY: the layout has a size above zero.
        let start = unsafe { alloc(layout) };
        match NonNull::new(start.cast::<T>()) {
            Some(start) => {
                // Before the first touch: pages that exist stay as small as they are.
                advise(start.cast(), layout);
                // SAFETY: the buffer has room for `length` numbers, of which zero bytes are a valid one.
                unsafe { start.as_ptr().write_bytes(0, length) };
                Ok(Self { start, length })
            }
            None => Err(SimError::Allocation { bytes: layout.size() as u128 }),
        }
    }

    /// A copy.
    ///
    /// # Errors
    /// When the allocator refuses.
    pub(crate) fn try_clone(&self) -> Result<Self, SimError> {
        let mut copy = Self::zeroed(self.length)?;
        copy.copy_from_slice(self);
        Ok(copy)
    }
}

/// Asks for huge pages where the buffer is large; without them it is only slower.
#[cfg(target_os = "linux")]
fn advise(start: NonNull<u8>, layout: Layout) {
    if layout.align() == HUGE_PAGE {
        // SAFETY: the range was just allocated; the advice does not change what it holds.
        unsafe { libc::madvise(start.as_ptr().cast(), layout.size(), libc::MADV_HUGEPAGE) };
    }
}

#[cfg(not(target_os = "linux"))]
fn advise(_: NonNull<u8>, _: Layout) {}

impl<T> Drop for Plane<T> {
    fn drop(&mut self) {
        let bytes = self.length * size_of::<T>();
        let align = if bytes >= HUGE_PAGE { HUGE_PAGE } else { 64 };
        if let Ok(layout) = Layout::from_size_align(bytes, align) {
            // SAFETY: the buffer was allocated with this very layout.
            unsafe { dealloc(self.start.as_ptr().cast(), layout) }
        }
    }
}

/// Numbers as the bytes they are in memory.
pub(crate) fn bytes<T: Real>(numbers: &[T]) -> &[u8] {
    // SAFETY: doubles and floats have no padding, and every byte may be read; the length is theirs.
    unsafe { std::slice::from_raw_parts(numbers.as_ptr().cast(), size_of_val(numbers)) }
}

/// Numbers as bytes that can be overwritten.
pub(crate) fn bytes_mut<T: Real>(numbers: &mut [T]) -> &mut [u8] {
    // SAFETY: as in `bytes`; every pattern of bits is a double or float, and the borrow is exclusive.
    unsafe { std::slice::from_raw_parts_mut(numbers.as_mut_ptr().cast(), size_of_val(numbers)) }
}

impl<T> Deref for Plane<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        // SAFETY: `start` points to `length` initialised numbers that this value owns.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }
}

impl<T> DerefMut for Plane<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as in `deref`, and the borrow is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.length) }
    }
}
