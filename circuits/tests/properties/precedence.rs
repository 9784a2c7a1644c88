//! Operators bind as the definition of version 3 lists them: expressions with as few parentheses as that list allows have the
//! values of the same with all of them.

use proptest::prelude::*;
use qloom_circuits::program::{Effect, RunOptions};
use qloom_circuits::qasm;

/// From what binds least to what binds most; `**` alone groups from the right.
const LEVELS: [&[&str]; 10] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<", "<=", ">", ">="],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];
const SIGN: usize = 10;
const POWER: usize = 11;
const ATOM: usize = 12;

#[derive(Clone, Debug)]
enum Tree {
    Number(u32),
    Sign(&'static str, Box<Tree>),
    Operator(&'static str, usize, Box<(Tree, Tree)>),
}

impl Tree {
    fn level(&self) -> usize {
        match self {
            Tree::Number(_) => ATOM,
            Tree::Sign(..) => SIGN,
            Tree::Operator(_, level, _) => *level,
        }
    }

    fn full(&self) -> String {
        match self {
            Tree::Number(number) => number.to_string(),
            Tree::Sign(sign, inner) => format!("({sign}{})", inner.full()),
            Tree::Operator(symbol, _, sides) => format!("({} {symbol} {})", sides.0.full(), sides.1.full()),
        }
    }

    fn sparse(&self) -> String {
        let within =
            |tree: &Tree, least: usize| if tree.level() < least { format!("({})", tree.sparse()) } else { tree.sparse() };
        match self {
            Tree::Number(number) => number.to_string(),
            Tree::Sign(sign, inner) => format!("{sign}{}", within(inner, SIGN)),
            Tree::Operator(symbol, level, sides) => {
                let (left, right) = if *level == POWER { (level + 1, *level) } else { (*level, level + 1) };
                format!("{} {symbol} {}", within(&sides.0, left), within(&sides.1, right))
            }
        }
    }
}

fn tree() -> impl Strategy<Value = Tree> {
    (0u32..9).prop_map(Tree::Number).prop_recursive(5, 24, 2, |inner| {
        let operator = (0usize..=10, any::<prop::sample::Index>(), inner.clone(), inner.clone());
        prop_oneof![
            1 => (prop::sample::select(&["-", "~", "!"]), inner).prop_map(|(sign, inner)| Tree::Sign(sign, Box::new(inner))),
            6 => operator.prop_map(|(level, choice, left, right)| {
                let (symbol, level) = if level == 10 { ("**", POWER) } else { (*choice.get(LEVELS[level]), level) };
                Tree::Operator(symbol, level, Box::new((left, right)))
            }),
        ]
    })
}

fn value(expression: &str) -> Result<String, String> {
    let message = |errors: qasm::QasmErrors| errors.errors[0].message.clone();
    let program = qasm::read_program(&format!("OPENQASM 3.0; output int v; v = {expression};")).map_err(message)?;
    let options = RunOptions::default();
    let machine = program.machine(&options);
    let mut thread = machine.start().map_err(message)?;
    while machine.advance(&mut thread).map_err(message)? != Effect::End {}
    Ok(machine.outputs(&thread)[0].to_string())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    #[test]
    fn operators_bind_as_listed(tree in tree()) {
        prop_assert_eq!(value(&tree.sparse()), value(&tree.full()), "{} and {}", tree.sparse(), tree.full());
    }
}

/// The same for what is read as a circuit.
#[test]
fn examples_have_their_values() {
    for (expression, expected) in [
        ("2 ** 3 ** 2", "512"),
        ("-2 ** 2", "-4"),
        ("~0 & 5", "5"),
        ("7 - 2 - 1", "4"),
        ("64 / 4 / 2", "8"),
        ("1 | 2 ^ 3 & 2", "1"),
        ("1 << 2 + 1", "8"),
        ("1 << 3 >> 2", "2"),
        ("3 < 2 == false", "1"),
        ("4 & 5 == 5", "0"),
        ("!0 + 1", "2"),
        ("2 * 7 % 4", "2"),
    ] {
        assert_eq!(value(expression), Ok(expected.to_owned()), "{expression}");
        let text = format!("OPENQASM 3.0; include \"stdgates.inc\"; const int v = {expression}; qubit q; rz(v) q;");
        let Ok(circuit) = qasm::read(&text) else { panic!("{expression}") };
        assert_eq!(circuit.operations()[0].angles()[0].value(&[]).to_string(), expected, "{expression}");
    }
}
