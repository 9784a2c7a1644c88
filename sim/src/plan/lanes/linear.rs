//! Vectors of bits.

/// Odd parity.
pub(super) fn odd(bits: u64) -> bool {
    bits.count_ones() & 1 == 1
}

/// Independent vectors, and the coordinates of others in them.
#[derive(Clone, Debug, Default)]
pub(super) struct Span {
    basis: Vec<u64>,
    /// Vectors with different leading bits, and the combination of the basis each of them is.
    reduced: Vec<(u64, u64)>,
}

impl Span {
    pub(super) fn len(&self) -> usize {
        self.basis.len()
    }

    fn reduce(&self, vector: u64) -> (u64, u64) {
        self.reduced.iter().fold((vector, 0), |(rest, combination), &(other, parts)| {
            if rest >> other.ilog2() & 1 == 1 { (rest ^ other, combination ^ parts) } else { (rest, combination) }
        })
    }

    /// Which basis vectors add up to this one; none where it is outside.
    pub(super) fn coordinates(&self, vector: u64) -> Option<u64> {
        let (rest, combination) = self.reduce(vector);
        (rest == 0).then_some(combination)
    }

    /// Adds a vector that is outside.
    pub(super) fn push(&mut self, vector: u64) {
        let (rest, combination) = self.reduce(vector);
        assert!(rest != 0, "only independent vectors are added");
        self.reduced.push((rest, combination ^ 1 << self.basis.len()));
        self.basis.push(vector);
    }

    /// The parity of `row` on every basis vector: the row in these coordinates.
    pub(super) fn parity(&self, row: u64) -> u64 {
        self.basis.iter().enumerate().fold(0, |mask, (bit, vector)| mask | u64::from(odd(row & vector)) << bit)
    }
}

/// The vectors on each of which one of the `bits` parities of a full span is odd and the others even.
pub(super) fn dual(parities: &Span, bits: usize) -> Vec<u64> {
    // Bit `b` as a combination of parities says on which dual vectors the bit is one.
    let mut columns = vec![0; bits];
    for bit in 0..bits {
        let combination = parities.coordinates(1 << bit).expect("the span is full");
        for (k, column) in columns.iter_mut().enumerate() {
            *column |= (combination >> k & 1) << bit;
        }
    }
    columns
}

/// All sums of these vectors, the first listed the least significant bit of the position.
pub(super) fn sums(vectors: &[u64]) -> Vec<u32> {
    let mut sums = vec![0];
    for &vector in vectors {
        for position in 0..sums.len() {
            sums.push(sums[position] ^ vector as u32);
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::{Span, dual, odd, sums};

    #[test]
    fn a_dual_basis_is_one_where_its_parity_is() {
        let mut span = Span::default();
        let parities = [0b0110, 0b1011, 0b0001, 0b1111];
        parities.iter().for_each(|parity| span.push(*parity));
        assert_eq!(span.coordinates(0b0110 ^ 0b0001), Some(0b0101));
        for (k, vector) in dual(&span, 4).into_iter().enumerate() {
            assert!(parities.iter().enumerate().all(|(j, parity)| odd(parity & vector) == (j == k)));
        }
        assert_eq!(sums(&[0b01, 0b11]), [0, 1, 3, 2]);
    }

    #[test]
    fn outside_there_are_no_coordinates() {
        let mut span = Span::default();
        span.push(0b011);
        span.push(0b110);
        assert_eq!(span.coordinates(0b101), Some(0b11));
        assert_eq!(span.coordinates(0b001), None);
        assert_eq!(span.parity(0b010), 0b11);
    }
}
