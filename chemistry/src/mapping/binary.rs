//! Linear equations over two elements; a row is a mask.

/// A mask `x` whose parity with `rows[i]` is `values[i]` for all `i`, if there is one.
pub(crate) fn solve(rows: &[u64], values: &[bool]) -> Option<u64> {
    let mut reduced: Vec<(u64, bool, u32)> = Vec::new();
    for (&row, &value) in rows.iter().zip(values) {
        let (mut row, mut value) = (row, value);
        for &(other, right, pivot) in &reduced {
            if row >> pivot & 1 == 1 {
                (row, value) = (row ^ other, value ^ right);
            }
        }
        if row == 0 {
            if value {
                return None;
            }
            continue;
        }
        let pivot = row.trailing_zeros();
        for (other, right, _) in &mut reduced {
            if *other >> pivot & 1 == 1 {
                (*other, *right) = (*other ^ row, *right ^ value);
            }
        }
        reduced.push((row, value, pivot));
    }
    Some(reduced.iter().filter(|(_, value, _)| *value).fold(0, |x, (.., pivot)| x | 1 << pivot))
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn solutions_solve(rows in proptest::collection::vec(0u64..1 << 12, 0..14), x in 0u64..1 << 12) {
            let values: Vec<bool> = rows.iter().map(|row| (row & x).count_ones() % 2 == 1).collect();
            let found = solve(&rows, &values).expect("x is one");
            for (row, value) in rows.iter().zip(values) {
                proptest::prop_assert_eq!((row & found).count_ones() % 2 == 1, value);
            }
        }
    }

    #[test]
    fn contradictions_have_no_solution() {
        assert_eq!(solve(&[0b11, 0b11], &[true, false]), None);
        assert_eq!(solve(&[0], &[true]), None);
    }
}
