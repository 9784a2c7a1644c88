//! Lattice models against their known energies.

use qloom_chemistry::{Lattice, Mapping, SpinOrbitals, SpinOrder, heisenberg, hubbard, ising, max_cut, random_sum};
use qloom_circuits::Stream;

use crate::dense::{distance, spectrum};

#[test]
fn grids_have_their_bonds() {
    let count = |lengths: &[usize], periodic: &[bool]| Lattice::grid(lengths, periodic).unwrap().bonds().len();
    assert_eq!(count(&[5], &[false]), 4);
    assert_eq!(count(&[5], &[true]), 5);
    assert_eq!(count(&[2], &[true]), 1);
    assert_eq!(count(&[3, 4], &[false, false]), 17);
    assert_eq!(count(&[3, 4], &[true, true]), 24);
    assert_eq!(count(&[3, 3, 3], &[true; 3]), 81);
    assert_eq!(count(&[1], &[true]), 0);
    let torus = Lattice::grid(&[3, 4], &[true, true]).unwrap();
    for site in 0..12 {
        assert_eq!(torus.bonds().iter().filter(|&&(a, b)| a == site || b == site).count(), 4);
    }
    assert!(Lattice::grid(&[0], &[true]).is_err());
    assert!(Lattice::grid(&[9, 9], &[true, true]).unwrap_err().to_string().contains("81"));
    assert!(Lattice::grid(&[usize::MAX, 2], &[true, true]).is_err());
    assert!(Lattice::grid(&[3], &[]).is_err());
    assert!(Lattice::graph(2, &[(0, 2)]).is_err() && Lattice::graph(2, &[(1, 1)]).is_err());
}

#[test]
fn the_ising_ring_has_the_energy_of_free_fermions() {
    // E0 = -sum_k sqrt(1 + h^2 - 2 h cos k) with k = (2m + 1) pi/n, for J = 1 (Pfeuty, Ann. Phys. 57, 79 (1970))
    for (n, field) in [(6, 0.5), (7, 1.0), (8, 1.7)] {
        let sum = ising(&Lattice::grid(&[n], &[true]).unwrap(), 1.0, field, 0.0).unwrap();
        let momentum = |m: usize| (2 * m + 1) as f64 * std::f64::consts::PI / n as f64;
        let expected = -(0..n).map(|m| (1.0 + field * field - 2.0 * field * momentum(m).cos()).sqrt()).sum::<f64>();
        assert!((spectrum(&sum)[0] - expected).abs() < 1e-10, "{n} {field}");
    }
}

#[test]
fn heisenberg_rings_have_their_energies() {
    // rings of four and six spins: -2 and -2.8027756377 in units of J for spins of one half, four times that for Pauli matrices
    for (n, energy) in [(4, -8.0), (6, -2.0 * (2.0 + 13f64.sqrt()))] {
        let sum = heisenberg(&Lattice::grid(&[n], &[true]).unwrap(), [1.0; 3], 0.0).unwrap();
        assert!((spectrum(&sum)[0] - energy).abs() < 1e-10, "{n}: {}", spectrum(&sum)[0]);
    }
    let shifted = heisenberg(&Lattice::grid(&[2], &[false]).unwrap(), [0.0; 3], 0.5).unwrap();
    assert!(distance(&spectrum(&shifted), &[-1.0, 0.0, 0.0, 1.0]) < 1e-14);
}

#[test]
fn the_hubbard_dimer_has_its_energy() {
    let lattice = Lattice::grid(&[2], &[false]).unwrap();
    let (hopping, repulsion) = (1.0, 4.0f64);
    for mapping in Mapping::ALL {
        let orbitals = SpinOrbitals::new(mapping, SpinOrder::Interleaved, 2).unwrap();
        // at half filling, with the chemical potential U/2 that makes it the lowest: (U - sqrt(U^2 + 16 t^2))/2 - U
        let sum = hubbard(&lattice, &orbitals, hopping, repulsion, repulsion / 2.0).unwrap();
        let expected = 0.5 * (repulsion - (repulsion * repulsion + 16.0).sqrt()) - repulsion;
        assert!((spectrum(&sum)[0] - expected).abs() < 1e-11);
    }
    let wrong = SpinOrbitals::new(Mapping::Parity, SpinOrder::Blocked, 3).unwrap();
    assert!(hubbard(&lattice, &wrong, 1.0, 1.0, 0.0).is_err());
}

#[test]
fn cuts_are_found_by_the_lowest_value() {
    // five sites in a ring: at most four edges are cut
    let ring = Lattice::grid(&[5], &[true]).unwrap();
    assert!((spectrum(&max_cut(&ring, &[1.0; 5]).unwrap())[0] + 4.0).abs() < 1e-12);
    assert!(max_cut(&ring, &[1.0; 4]).is_err());
}

#[test]
fn random_sums_follow_their_stream() {
    let draw = |seed| random_sum(5, 40, &mut Stream::named(seed, "random sum")).unwrap();
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
    assert_eq!((draw(1).terms().len(), draw(1).constant()), (40, 0.0));
    assert_eq!(random_sum(1, 3, &mut Stream::named(0, "all")).unwrap().terms().len(), 3);
    assert!(random_sum(1, 4, &mut Stream::named(0, "more")).is_err());
    assert!(random_sum(65, 1, &mut Stream::named(0, "large")).is_err());
    // nothing is made room for before it is known to fit
    for terms in [10_000_001, 1 << 50, usize::MAX] {
        let message = random_sum(64, terms, &mut Stream::named(0, "many")).unwrap_err().to_string();
        assert!(message.contains(&terms.to_string()) && message.contains("10000000"), "{message}");
    }
}
