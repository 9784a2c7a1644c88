//! The Walsh-Hadamard transform: from products of signs to outcomes and back.

use std::ops::{Add, Sub};

/// `out[x] = sum_m (-1)^{|x & m|} list[m]`, in place; done twice it is `list.len()` times the list.
///
/// ```
/// let mut list = [1.0, 2.0];
/// qloom_sim::walsh(&mut list);
/// assert_eq!(list, [3.0, -1.0]);
/// ```
pub fn walsh<T: Copy + Add<Output = T> + Sub<Output = T>>(list: &mut [T]) {
    let mut stride = 1;
    while stride < list.len() {
        for block in list.chunks_exact_mut(2 * stride) {
            let (low, high) = block.split_at_mut(stride);
            for (a, b) in low.iter_mut().zip(high) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        stride *= 2;
    }
}
