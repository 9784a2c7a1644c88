use proptest::prelude::*;

use super::*;

#[test]
fn distances_count_couplings() {
    let ring = Connectivity::new(6, Some(&[[0, 1], [1, 2], [3, 2], [3, 4], [0, 4]]), &[]).expect("sound");
    for (a, b, distance) in [(0, 0, 0), (0, 1, 1), (0, 2, 2), (2, 4, 2), (1, 3, 2), (0, 5, u16::MAX)] {
        assert_eq!((ring.distance(a, b), ring.distance(b, a)), (distance, distance), "{a} {b}");
    }
    assert!(ring.in_order(3, 2) && !ring.in_order(2, 3));
    let all = Connectivity::new(4, None, &[]).expect("sound");
    assert_eq!((all.distance(0, 3), all.distance(2, 2)), (1, 0));
    for pair in [[1, 1], [0, 6]] {
        assert!(matches!(Connectivity::new(6, Some(&[pair]), &[]), Err(HardwareError::BadCoupling { .. })));
    }
}

#[test]
fn islands_leave_out_faulty_qubits() {
    let couplings = [[0, 1], [1, 2], [2, 3], [4, 5], [6, 5]];
    let graph = Connectivity::new(8, Some(&couplings), &[1]).expect("sound");
    assert_eq!(graph.islands, [vec![4, 5, 6], vec![2, 3], vec![0], vec![7]]);
    assert_eq!((graph.island_of[1], graph.island_of[3]), (None, Some(1)));
    assert_eq!((graph.distance(0, 2), graph.in_order(0, 1)), (u16::MAX, false));
    assert_eq!(Connectivity::new(3, None, &[0]).expect("sound").islands, [vec![1, 2]]);
}

/// Pairs of distinct qubits, in any order and some of them twice.
fn couplings(n: usize) -> impl Strategy<Value = Vec<[usize; 2]>> {
    prop::collection::vec((0..n, 1..n).prop_map(move |(a, shift)| [a, (a + shift) % n]), 0..2 * n)
}

proptest! {
    /// Distances are those of all shortest paths (Floyd and Warshall), islands what they join, and faulty qubits are in none.
    #[test]
    fn distances_are_shortest_paths(list in couplings(9), faulty in prop::collection::vec(0usize..12, 0..3)) {
        let n = 9;
        let graph = Connectivity::new(n, Some(&list), &faulty).expect("sound");
        let sound = |qubit: usize| !faulty.contains(&qubit);
        let mut far = vec![vec![usize::MAX / 4; n]; n];
        for (qubit, row) in far.iter_mut().enumerate() {
            row[qubit] = 0;
        }
        for &[a, b] in list.iter().filter(|pair| pair.iter().all(|qubit| sound(*qubit))) {
            (far[a][b], far[b][a]) = (1, 1);
        }
        for middle in 0..n {
            let through = far[middle].clone();
            for row in &mut far {
                let first = row[middle];
                row.iter_mut().zip(&through).for_each(|(own, rest)| *own = (*own).min(first + rest));
            }
        }
        for (a, row) in far.iter().enumerate() {
            let near: Vec<usize> = (0..n).filter(|&b| row[b] == 1).collect();
            prop_assert_eq!(graph.neighbours.as_ref().map(|lists| lists[a].clone()), Some(near));
            for (b, &steps) in row.iter().enumerate() {
                let expected = if steps >= usize::MAX / 8 { u16::MAX } else { steps as u16 };
                prop_assert_eq!(graph.distance(a, b), expected, "{} {}", a, b);
                let listed = list.contains(&[a, b]) && sound(a) && sound(b);
                prop_assert_eq!(graph.in_order(a, b), listed);
                let together = graph.island_of[a].is_some() && graph.island_of[a] == graph.island_of[b];
                prop_assert_eq!(together, sound(a) && sound(b) && expected != u16::MAX);
            }
        }
        // each sound qubit is on one island, the largest first
        let mut all: Vec<usize> = graph.islands.concat();
        all.sort_unstable();
        prop_assert_eq!(all, (0..n).filter(|&qubit| sound(qubit)).collect::<Vec<_>>());
        prop_assert!(graph.islands.is_sorted_by(|a, b| a.len() >= b.len()));
        prop_assert!(graph.islands.iter().all(|members| members.is_sorted_by(|a, b| a < b)));
    }
}

/// Where every pair is coupled, all are one step apart and in order, and the sound ones are one island.
#[test]
fn complete_graphs_need_no_list() {
    let graph = Connectivity::new(5, None, &[3, 9]).expect("sound");
    for a in 0..5 {
        for b in 0..5 {
            assert_eq!((graph.distance(a, b), graph.in_order(a, b)), (u16::from(a != b), true));
        }
        assert_eq!(graph.island_of[a], (a != 3).then_some(0));
    }
    assert!(graph.neighbours.is_none());
    let message = Connectivity::new(3, Some(&[[0, 1], [2, 3]]), &[]).err().expect("no qubit 3").to_string();
    assert!(message.contains('3'), "{message}");
}
