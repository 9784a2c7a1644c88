use super::*;
use crate::gate::Gate;

fn holds(test: &Test, outcomes: u64) -> bool {
    match test {
        Test::Known(known) => *known,
        Test::Bits(condition) => {
            let value = condition.bits.iter().enumerate().map(|(place, bit)| (outcomes >> bit & 1) << place).sum::<u64>();
            value == condition.value
        }
        Test::Not(inner) => !holds(inner, outcomes),
        Test::And(sides) => holds(&sides.0, outcomes) && holds(&sides.1, outcomes),
        Test::Or(sides) => holds(&sides.0, outcomes) || holds(&sides.1, outcomes),
    }
}

/// Every bound of every register up to six bits, on every value; the bits in an order of their own.
#[test]
fn below_is_the_order_of_numbers() {
    for width in 0..=6usize {
        let bits: Vec<usize> = (0..width).map(|place| (place * 5 + 3) % 7).collect();
        for bound in 0..=(1u64 << width) + 2 {
            let test = below(&bits, bound);
            for value in 0..1u64 << width {
                let outcomes = bits.iter().enumerate().map(|(place, bit)| (value >> place & 1) << bit).sum();
                assert_eq!(holds(&test, outcomes), value < bound, "{value} < {bound} with {width} bits");
            }
            // the fewer of the ones of the bound and the zeros of the one before
            let fewest = width.div_ceil(2).max(1) + 1;
            assert!(test.size() <= fewest, "{bound} with {width} bits takes {}", test.size());
        }
    }
}

/// Registers beyond 64 bits: what lies above the bound decides.
#[test]
fn wide_registers_are_compared() {
    let bits: Vec<usize> = (0..70).collect();
    let Test::Bits(condition) = below(&bits, 1) else { panic!("one comparison") };
    assert_eq!((condition.bits.len(), condition.value), (70, 0));
    let size = below(&bits, u64::MAX).size();
    assert_eq!(size, 64);
    assert!(matches!(below(&(0..64).collect::<Vec<_>>(), 0), Test::Known(false)));
    assert!(holds(&below(&(0..64).collect::<Vec<_>>(), u64::MAX), u64::MAX - 1));
    assert!(!holds(&below(&(0..64).collect::<Vec<_>>(), u64::MAX), u64::MAX));
    assert!(matches!(below(&[1, 2], 5), Test::Known(true)));
}

/// What runs when the bits are these.
fn course(operations: &[Operation], outcomes: u64) -> Vec<Operation> {
    let mut done = Vec::new();
    for operation in operations {
        match operation {
            Operation::Conditional(block) => {
                let met = holds(&Test::Bits(block.condition.clone()), outcomes);
                done.extend(course(if met { &block.then } else { &block.otherwise }, outcomes));
            }
            other => done.push(other.clone()),
        }
    }
    done
}

/// Nested blocks run what the test asks for, for every way to put together three comparisons.
#[test]
fn blocks_choose_as_the_test_does() {
    let bits = |bits: &[usize], value| Test::Bits(Condition { bits: bits.to_vec(), value });
    let not = |test: Test| Test::Not(Box::new(test));
    let join = |and: bool, a: Test, b: Test| if and { Test::And(Box::new((a, b))) } else { Test::Or(Box::new((a, b))) };
    let (then, otherwise) = (vec![Operation::gate(Gate::X, &[], &[0])], vec![Operation::gate(Gate::Z, &[], &[1])]);
    for choice in 0..64u32 {
        let flag = |place: u32| choice >> place & 1 == 1;
        let maybe = |negated: bool, test: Test| if negated { not(test) } else { test };
        let first = join(flag(0), maybe(flag(1), bits(&[0], 1)), maybe(flag(2), bits(&[1, 2], 2)));
        let test = maybe(flag(3), join(flag(4), first, maybe(flag(5), bits(&[2], 0))));
        assert_eq!(test.size(), 3);
        let blocks = test.clone().choose(then.clone(), otherwise.clone());
        for outcomes in 0..8 {
            let expected = if holds(&test, outcomes) { &then } else { &otherwise };
            assert_eq!(&course(&blocks, outcomes), expected, "{test:?} on {outcomes:03b}");
        }
    }
    assert_eq!(Test::Known(true).choose(then.clone(), otherwise.clone()), then);
    assert_eq!(not(Test::Known(true)).choose(then.clone(), otherwise.clone()), otherwise);
    // one bit turned over needs no exchange of the branches
    let Operation::Conditional(block) = &not(bits(&[4], 1)).choose(then.clone(), Vec::new())[0] else { panic!("a block") };
    assert_eq!((&block.condition, block.then.len()), (&Condition { bits: vec![4], value: 0 }, 1));
}

#[test]
fn orders_are_told_from_other_operators() {
    let orders = [Binary::Less, Binary::LessEqual, Binary::Greater, Binary::GreaterEqual].map(order);
    assert_eq!(orders, [Some((true, true)), Some((false, true)), Some((true, false)), Some((false, false))]);
    assert_eq!(order(Binary::Equal), None);
    assert_eq!(order(Binary::Add), None);
}
