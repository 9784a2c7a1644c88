//! The path model against the exact polynomials of the table.

use super::*;

#[test]
fn trace_closures_of_the_table_up_to_ten_strands() {
    for row in crate::table::rows().iter().filter(|row| row.braid.strands() <= 10) {
        let space = Space::new(row.braid.strands()).expect("a space");
        let value = polynomial_factor(&row.braid, Closure::Trace, row.braid.writhe()) * space.trace(&row.braid);
        let exact = row.jones.at_fifth_root();
        assert!((value - exact).norm() < 1e-9, "{}: {value} for {exact}", row.name);
    }
}

#[test]
fn plat_closures_from_the_cup_state() {
    for (letters, re, im) in [(vec![2, 2, 2], 0.618034, 0.726543), (vec![2, -1, 2, 2], -0.763932, 0.0)] {
        let braid = Braid::new(4, letters).expect("a braid");
        let space = Space::new(4).expect("a space");
        let cups = PathString::cups(4);
        let index = PathString::all(4).iter().position(|s| *s == cups).expect("it is legal");
        let mut vector = vec![Complex64::ZERO; space.dimension()];
        vector[index] = Complex64::ONE;
        space.apply_braid(&mut vector, &braid);
        assert!((vector[index] - Complex64::new(re, im)).norm() < 1e-6, "{}", vector[index]);
    }
}

#[test]
fn worked_values_of_the_normalised_trace() {
    for (word, strands, re, im) in [
        ("1", 2, -0.5, -0.363271),
        ("1 -2", 3, 0.381966, 0.0),
        ("1 1 1 2", 3, -0.045085, -0.587785),
        ("1 -2 1 -2 3", 4, 0.236068, 0.171513),
        ("-1 2 -1 2 -1", 3, 0.454915, 0.053001),
    ] {
        let braid = Braid::new(strands, Braid::parse(word).expect("a braid").letters().to_vec()).expect("a braid");
        let value = Space::new(strands).expect("a space").trace(&braid);
        assert!((value - Complex64::new(re, im)).norm() < 1e-6, "{word}: {value}");
    }
}

#[test]
fn powers_have_period_ten() {
    for power in -12..12 {
        let gate = SigmaPower::new(power);
        assert_eq!(gate, SigmaPower::new(power + 10));
        let determinant = gate.zero * gate.one - gate.mixed * gate.mixed;
        assert!((determinant.norm() - 1.0).abs() < 1e-14);
    }
}

#[test]
fn places_of_strings_and_matrix_elements() {
    let braid: Braid = "1 -2 3 3 -4 2 5 -1".parse().expect("a braid");
    let space = Space::new(6).expect("a space");
    let mut sum = Complex64::ZERO;
    for (index, string) in PathString::all(6).iter().enumerate() {
        assert_eq!(space.index(string), index);
        sum += space.matrix_element(&braid, string) * string.probability();
    }
    assert!((sum - space.trace(&braid)).norm() < 1e-14);
}
