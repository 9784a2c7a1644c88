use proptest::prelude::*;

use super::*;

/// Values that are their own flat places, so that what is picked is seen.
fn numbered(dimensions: &[usize]) -> Value {
    let items = (0..dimensions.iter().product::<usize>()).map(|place| Value::int(place as i64)).collect();
    Value::Array(Box::new(Array { base: Type::Int(None), dimensions: dimensions.to_vec(), items }))
}

fn pick() -> impl Strategy<Value = Pick> {
    prop_oneof![
        (-5i128..5).prop_map(Pick::At),
        (prop::option::of(-5i128..5), prop::option::of(-3i128..4), prop::option::of(-5i128..5))
            .prop_map(|(first, step, last)| Pick::Range(first, step, last)),
        prop::collection::vec(-5i128..5, 1..4).prop_map(Pick::Set),
    ]
}

/// By walking: every place is tried as the first, and steps are taken one at a time.
fn walked(pick: &Pick, size: usize) -> Option<Vec<usize>> {
    let within = |index: i128| (-(size as i128)..size as i128).contains(&index).then_some(index.rem_euclid(size as i128));
    match pick {
        Pick::At(index) => Some(vec![within(*index)? as usize]),
        Pick::Set(list) => list.iter().map(|index| Some(within(*index)? as usize)).collect(),
        Pick::Range(first, step, last) => {
            let step = step.unwrap_or(1);
            let (from, to) = if step < 0 { (-1, 0) } else { (0, -1) };
            let (mut at, last) = (within(first.unwrap_or(from))?, within(last.unwrap_or(to))?);
            let mut list = Vec::new();
            while step != 0 && (if step > 0 { at <= last } else { at >= last }) {
                list.push(at as usize);
                at += step;
            }
            (step != 0).then_some(list)
        }
    }
}

fn flat(value: &Value) -> Vec<i128> {
    match value {
        Value::Array(array) => array.items.iter().map(|item| item.whole().expect("a number")).collect(),
        other => vec![other.whole().expect("a number")],
    }
}

proptest! {
    #[test]
    fn parts_are_what_walking_finds(picks in prop::collection::vec(pick(), 0..3), rows in 1usize..5, columns in 1usize..5) {
        let value = numbered(&[rows, columns]);
        let sizes = [rows, columns];
        let chosen: Option<Vec<Vec<usize>>> = (0..2)
            .map(|dimension| match picks.get(dimension) {
                Some(pick) => walked(pick, sizes[dimension]),
                None => Some((0..sizes[dimension]).collect()),
            })
            .collect();
        let found = part(&value, &picks);
        let Some(chosen) = chosen else {
            prop_assert!(found.is_err(), "{:?}", picks);
            return Ok(());
        };
        let expected: Vec<i128> =
            chosen[0].iter().flat_map(|row| chosen[1].iter().map(move |column| (row * columns + column) as i128)).collect();
        let found = found.expect("all are inside");
        prop_assert_eq!(flat(&found), expected.clone(), "{:?}", picks);
        let left: Vec<usize> = (0..2).filter(|k| !matches!(picks.get(*k), Some(Pick::At(_)))).map(|k| chosen[k].len()).collect();
        if let Value::Array(array) = &found {
            prop_assert_eq!(&array.dimensions, &left);
        } else {
            prop_assert!(left.is_empty());
        }
        // what is put there is found there, and nothing else is changed
        let mut changed = value.clone();
        let new = match &found {
            Value::Array(array) => {
                let items = array.items.iter().map(|_| Value::int(-1)).collect();
                Value::Array(Box::new(Array { items, ..(**array).clone() }))
            }
            _ => Value::int(-1),
        };
        put(&mut changed, &picks, new).expect("of the shape of the part");
        for (place, item) in flat(&changed).into_iter().enumerate() {
            let place = place as i128;
            prop_assert_eq!(item, if expected.contains(&place) { -1 } else { place });
        }
    }

    /// Bits of numbers, registers and angles are picked alike.
    #[test]
    fn bits_are_picked_as_elements_are(pick in pick(), number in 0i128..32) {
        let sized = Value::Int(crate::program::Whole::of(number, Some(crate::program::Width { signed: false, bits: 5 })).expect("fits"));
        let register = Value::Bits((0..5).map(|place| number >> place & 1 == 1).collect());
        let angle = Value::Angle { steps: number as u64, bits: 5 };
        let expected = walked(&pick, 5);
        for value in [sized, register, angle] {
            match (part(&value, std::slice::from_ref(&pick)), &expected) {
                (Ok(Value::Bit(bit)), Some(places)) => prop_assert_eq!(bit, number >> places[0] & 1 == 1),
                (Ok(Value::Bits(bits)), Some(places)) => {
                    let wanted: Vec<bool> = places.iter().map(|place| number >> place & 1 == 1).collect();
                    prop_assert_eq!(bits.to_vec(), wanted);
                }
                (Err(_), None) => {}
                (found, expected) => prop_assert!(false, "{:?} where {:?}", found, expected),
            }
        }
        prop_assert_eq!(numbers(std::slice::from_ref(&pick), 5).ok(), expected);
    }
}

#[test]
fn what_is_outside_is_told_with_the_index_that_was_given() {
    let value = numbered(&[3, 2]);
    let outside = |index, size| Trouble::Outside { index, size };
    assert_eq!(part(&value, &[Pick::At(3)]), Err(outside(3, 3)));
    assert_eq!(part(&value, &[Pick::At(-4)]), Err(outside(-4, 3)));
    assert_eq!(part(&value, &[Pick::At(0), Pick::Set(vec![1, 2])]), Err(outside(2, 2)));
    assert_eq!(part(&value, &[Pick::Range(Some(0), None, Some(3))]), Err(outside(3, 3)));
    assert_eq!(outside(3, 3).message(), "3 is outside what has 3 elements; use 0 to 2");
    let zero = part(&value, &[Pick::Range(None, Some(0), None)]).expect_err("no step");
    assert_eq!(zero.message(), "the step of a range is not zero");
    // numbers in arrays of numbers have bits; what is no number has none
    assert_eq!(part(&value, &[Pick::At(2), Pick::At(1), Pick::At(2)]), Ok(Value::Bit(true)));
    assert_eq!(part(&value, &[Pick::At(2), Pick::At(1), Pick::At(1)]), Ok(Value::Bit(false)));
    assert!(part(&Value::float(1.0), &[Pick::At(0)]).is_err_and(|t| t.message().contains("1 indices of float[64]")));
    assert!(numbers(&[Pick::At(0), Pick::At(0)], 4).is_err());
}

#[test]
fn shapes_have_to_agree() {
    let mut value = numbered(&[2, 2]);
    let message = put(&mut value, &[Pick::At(0)], Value::int(1)).expect_err("a row is no number").message();
    assert!(message.contains("shape"), "{message}");
    assert!(put(&mut value, &[Pick::At(0)], numbered(&[3])).is_err());
    assert!(put(&mut value, &[], numbered(&[2, 1])).is_err());
    put(&mut value, &[Pick::At(1)], numbered(&[2])).expect("a row");
    assert_eq!(flat(&value), [0, 1, 0, 1]);
    put(&mut value, &[Pick::At(0), Pick::At(1), Pick::At(3)], Value::Bit(true)).expect("a bit");
    assert_eq!(flat(&value), [0, 9, 0, 1]);
    let mut register = Value::bit_string("0000");
    put(&mut register, &[Pick::Set(vec![0, 3])], Value::bit_string("10")).expect("two bits");
    assert_eq!(register.to_string(), "1000");
    let message = put(&mut register, &[Pick::Set(vec![0, 3])], Value::Bit(true)).expect_err("two for one").message();
    assert_eq!(message, "1 elements are put into 2");
    // qubits are picked, one alone or as a register
    let qubits = Value::Qubits([4, 7, 9].into(), false);
    assert_eq!(part(&qubits, &[Pick::At(-1)]), Ok(Value::Qubits([9].into(), true)));
    assert_eq!(part(&qubits, &[Pick::Range(Some(2), Some(-1), Some(1))]), Ok(Value::Qubits([9, 7].into(), false)));
}
