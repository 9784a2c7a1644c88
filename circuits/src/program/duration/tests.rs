use proptest::prelude::*;

use super::*;

fn length() -> impl Strategy<Value = Duration> {
    let part = (0usize..5, -8i32..9);
    (-64i32..65, proptest::collection::vec(part, 0..4)).prop_map(|(ns, parts)| {
        let known = Duration::ns(f64::from(ns) / 4.0);
        parts.into_iter().fold(known, |sum, (symbol, factor)| sum.plus(&Duration::of(symbol_of(symbol), f64::from(factor))))
    })
}

fn symbol_of(number: usize) -> Symbol {
    [Symbol::Dt, Symbol::Block(0), Symbol::Block(1), Symbol::Stretch(0), Symbol::Stretch(1)][number]
}

/// What each symbol is worth, different for every one.
fn device(symbol: Symbol) -> Option<f64> {
    Some(match symbol {
        Symbol::Dt => 0.25,
        Symbol::Block(number) => 100.0 + number as f64,
        Symbol::Stretch(number) => 3000.0 + 7.0 * number as f64,
    })
}

proptest! {
    /// Sums and multiples on a device are those of the numbers there.
    #[test]
    fn lengths_are_linear(a in length(), b in length(), factor in -6i32..7) {
        let on = |length: &Duration| length.with(&device).expect("all is known");
        prop_assert_eq!(on(&a.plus(&b)), on(&a) + on(&b));
        prop_assert_eq!(a.plus(&b), b.plus(&a));
        prop_assert_eq!(on(&a.times(f64::from(factor))), f64::from(factor) * on(&a));
        prop_assert_eq!(a.plus(&a.times(-1.0)), Duration::default());
        let symbols: Vec<Symbol> = a.unknown.iter().map(|(symbol, _)| *symbol).collect();
        prop_assert!(symbols.is_sorted_by(|a, b| a < b) && a.unknown.iter().all(|(_, factor)| *factor != 0.0));
    }

    /// A quotient is a number only where one length is a multiple of the other on every device.
    #[test]
    fn quotients_hold_on_every_device(a in length(), factor in -6i32..7, other in length()) {
        prop_assume!(a != Duration::default());
        let factor = f64::from(factor);
        let quotient = a.times(factor).over(&a);
        if a.unknown.is_empty() || factor != 0.0 {
            prop_assert_eq!(quotient, Some(factor));
        }
        if let Some(quotient) = other.over(&a) {
            let difference = other.plus(&a.times(-quotient));
            prop_assert!(difference.unknown.is_empty() && difference.ns.abs() <= 1e-9, "{:?} / {:?} = {}", other, a, quotient);
        }
    }
}

#[test]
fn what_is_known_is_told() {
    assert_eq!(Duration::ns(2.5).known(), Some(2.5));
    assert_eq!(Duration::of(Symbol::Dt, 0.0), Duration::default());
    let mixed = Duration::ns(1.0).plus(&Duration::of(Symbol::Dt, 2.0));
    assert_eq!(mixed.known(), None);
    assert_eq!(mixed.with(&|symbol| (symbol == Symbol::Dt).then_some(4.0)), Some(9.0));
    assert_eq!(mixed.with(&|_| None), None);
    assert_eq!(mixed.times(0.0), Duration::default());
    assert_eq!(Duration::ns(1.0).over(&Duration::ns(0.0)), None);
    assert_eq!(Duration::ns(6.0).over(&Duration::ns(4.0)), Some(1.5));
    // 1 ns and two steps are no multiple of one step, nor of two nanoseconds and a step
    assert_eq!(mixed.over(&Duration::of(Symbol::Dt, 1.0)), None);
    assert_eq!(mixed.over(&Duration::ns(1.0)), None);
    assert_eq!(mixed.over(&Duration::ns(0.5).plus(&Duration::of(Symbol::Dt, 1.0))), Some(2.0));
    assert_eq!(Duration::of(Symbol::Stretch(0), 1.0).over(&Duration::of(Symbol::Stretch(1), 1.0)), None);
    assert!(mixed.is_finite());
    assert!(!Duration::ns(f64::INFINITY).is_finite() && !Duration::of(Symbol::Dt, f64::NAN).is_finite());
}
