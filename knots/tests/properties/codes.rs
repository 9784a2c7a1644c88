//! Codes of links as people write them.

use proptest::prelude::*;
use qloom_knots::{Braid, Diagram};

use super::draws::{braid, jones, jones_of};

fn labels(diagram: &Diagram) -> Vec<[i64; 4]> {
    diagram.crossings().iter().map(|arcs| arcs.map(|arc| arc as i64 + 1)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn braid_words_read_in_every_bracket(braid in braid(6, 12), style in 0usize..4) {
        prop_assume!(braid.letters().iter().any(|letter| letter.unsigned_abs() as usize == braid.strands() - 1));
        let numbers: Vec<String> = braid.letters().iter().map(i32::to_string).collect();
        let text = match style {
            0 => numbers.join(" "),
            1 => format!("[{}]", numbers.join(",")),
            2 => format!("{{{}}}", numbers.join(", ")),
            _ => format!("( {} )", numbers.join(" , ")),
        };
        prop_assert_eq!(text.parse::<Braid>().map_err(|error| TestCaseError::fail(error.to_string()))?, braid);
    }

    /// Whatever the arcs are called and in what order the crossings stand, the link is the same.
    #[test]
    fn names_and_order_say_nothing(braid in braid(4, 10), offset in 1i64..1000, by in any::<prop::sample::Index>()) {
        // circles without crossings have no place in a code
        prop_assume!(Diagram::of_trace_closure(&braid).circles() == 0 && !braid.is_empty());
        let mut list = labels(&Diagram::of_trace_closure(&braid));
        let turn = by.index(list.len());
        list.rotate_left(turn);
        list.iter_mut().flatten().for_each(|label| *label = 7 * *label + offset);
        let again = Diagram::from_labels(&list).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(jones_of(&again).terms().count(), jones(&braid).terms().count());
        prop_assert_eq!(again.components(), braid.components());
        if braid.components() == 1 {
            prop_assert_eq!(again.writhe(), braid.writhe());
            prop_assert_eq!(jones_of(&again), jones(&braid));
        }
    }

    /// A printed code is the diagram it was printed from, for knots with their orientation.
    #[test]
    fn pd_codes_read_back(braid in braid(4, 10)) {
        prop_assume!(Diagram::of_trace_closure(&braid).circles() == 0 && braid.components() == 1 && !braid.is_empty());
        let crossings: Vec<String> =
            labels(&Diagram::of_trace_closure(&braid)).iter().map(|[a, b, c, d]| format!("X[{a},{b},{c},{d}]")).collect();
        let text = format!("PD[{}]", crossings.join(", "));
        let again = Diagram::parse(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(jones_of(&again), jones(&braid));
        prop_assert_eq!(jones_of(&again.mirror()), jones(&braid).mirror());
    }

    /// A label changed, a crossing dropped or doubled: a message that names the place, never a panic and never another link in silence.
    #[test]
    fn damaged_codes_are_refused(braid in braid(4, 10), at in any::<prop::sample::Index>(), how in 0..3) {
        prop_assume!(Diagram::of_trace_closure(&braid).circles() == 0 && !braid.is_empty());
        let mut list = labels(&Diagram::of_trace_closure(&braid));
        let at = at.index(list.len());
        match how {
            0 => list[at][1] = 10_000,
            1 => list.push(list[at]),
            _ => {
                let arcs = list.remove(at);
                // a crossing whose arcs meet in themselves leaves a whole diagram behind
                prop_assume!(arcs[0] != arcs[1] && arcs[1] != arcs[2] && arcs[2] != arcs[3] && arcs[3] != arcs[0]);
            }
        }
        let message = match Diagram::from_labels(&list) {
            Ok(_) => return Err(TestCaseError::fail("it is no link")),
            Err(error) => error.to_string(),
        };
        prop_assert!(message.chars().any(|letter| letter.is_ascii_digit()), "{}", message);
    }

    /// Whatever a text holds, reading it ends with a link or a message.
    #[test]
    fn no_text_panics(text in "[-0-9 ,XPDT:\\[\\]\\(\\){}a-c]{0,60}") {
        let _ = text.parse::<Braid>().map_err(|error| error.to_string());
        let _ = Diagram::parse(&text).map_err(|error| error.to_string());
        let _ = Diagram::parse_dt(&text).map_err(|error| error.to_string());
    }
}

#[test]
fn letters_outside_are_refused_by_their_place() {
    for (text, parts) in [("1 0 2", ["letter 2", "is 0"]), ("1 2 x", ["x", "character 5"]), ("1 20000", ["letter 2", "20000"])] {
        let message = text.parse::<Braid>().expect_err(text).to_string();
        assert!(parts.iter().all(|part| message.contains(part)), "{text}: {message}");
    }
}
