use super::*;
use crate::qasm::read_program;

const HEAD: &str = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n";

fn written(body: &str) -> String {
    let program = read_program(&format!("{HEAD}{body}")).unwrap_or_else(|errors| panic!("{body}: {errors}"));
    write(&program).expect("all that is read has a form")
}

/// Programs and the text behind the header that is written for them.
const TEXTS: &[(&str, &str)] = &[
    ("qubit[2] q; output int n; n = 1 + 2 * 3;", "qubit[2] q;\noutput int n;\nn = 7;\n"),
    ("output int[8] n = 5; n += 3;", "output int[8] n = int[8](5);\nn = (n + 3);\n"),
    ("output int n = -9223372036854775807 - 1;", "output int n = (-9223372036854775807 - 1);\n"),
    ("output uint[64] n = 18446744073709551615;", "output uint[64] n = uint[64](18446744073709551615);\n"),
    ("output float v = -0.5;", "output float[64] v = (-0.5);\n"),
    ("output float[32] v = 0.5;", "output float[32] v = float[32](0.5);\n"),
    ("output bool b = 1 < 2;", "output bool b = true;\n"),
    ("output bit[4] b = \"0110\";", "output bit[4] b = \"0110\";\n"),
    ("output complex w = 1.5 - 2.0im;", "output complex[float[64]] w = complex[float[64]](1.5 + (-2.0im));\n"),
    ("output duration d = 1us;", "output duration d = (1000.0ns);\n"),
    (
        "output array[int[8], 2, 2] a = {{1, 2}, {3, 4}};",
        "output array[int[8], 2, 2] a = {{int[8](1), int[8](2)}, {int[8](3), int[8](4)}};\n",
    ),
    ("input float v; qubit q; rx(v) q; while (true) { x q; }", "input float[64] v;\nqubit[1] q;\n"),
    ("output int n; if (n == 0) { n = 1; } else { n = 2; }", "output int n;\nif ((n == 0)) {\n  n = 1;\n} else {\n  n = 2;\n}\n"),
    ("output int n; while (n < 3) { n += 1; if (n == 2) break; }", "output int n;\nwhile ((n < 3)) {\n  n = (n + 1);\n"),
    ("output int n; for int k in [0:2:6] { n += k; }", "output int n;\nfor int k in [0:2:6] {\n  n = (n + k);\n}\n"),
    ("output int n; for int k in {1, 5} { n += k; }", "output int n;\nfor int k in {1, 5} {\n  n = (n + k);\n}\n"),
    (
        "output int n; switch (n) { case 1, 2 { n = 3; } default { n = 4; } }",
        "output int n;\nswitch (n) {\n  case 1, 2 {\n    n = 3;\n  }\n  default {\n    n = 4;\n  }\n}\n",
    ),
    (
        "def f(int a, float b) -> int { return a; } output int n = f(1, 0.5);",
        "def f(int a, float[64] b) -> int {\n  return a;\n}\noutput int n = f(1, 0.5);\n",
    ),
    (
        "def f(mutable array[int[8], 2] a, readonly array[bit, #dim = 1] b) { a[0] = 1; }",
        "def f(mutable array[int[8], 2] a, readonly array[bit, #dim = 1] b) {\n  a[0] = ",
    ),
    ("extern f(int, readonly array[int[8], 2]) -> float[64];", "extern f(int, readonly array[int[8], 2]) -> float[64];\n"),
    ("qubit[5] q; def f(qubit[2] a) { x a; } f(q[1:2]); f(q[{4, 0}]);", "f(q[1:2]);\nf(q[{4, 0}]);\n"),
    ("qubit[2] a; qubit b; def f(qubit[2] c) { x c; } let d = a[1] ++ b; f(d);", "let joined = a[1] ++ b[0];\n"),
    ("qubit q; stretch g; delay[g] q; box[2 * g] { x q; }", "stretch g;\nqubit[1] q;\n"),
    ("qubit q; end; x q;", "qubit[1] q;\nend;\n"),
    ("bit c; qubit q; c = measure q; while (c) { reset q; c = measure q; }", "while (c) {\n  reset q[0];\n"),
];

#[test]
fn programs_have_one_text() {
    let mut wrong = Vec::new();
    for (body, part) in TEXTS {
        let text = written(body);
        if !text.starts_with(HEAD) || !text.contains(part) {
            wrong.push(format!("{body}\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is written is written again as it stands.
#[test]
fn writing_is_idempotent() {
    for (body, _) in TEXTS {
        let once = written(body);
        let body = once.strip_prefix(HEAD).expect("the header");
        assert_eq!(written(body), once);
    }
}

/// Names that are taken, by words of the language, gates or others, are changed, and all stay apart.
#[test]
fn names_stay_apart() {
    let text = written(
        "def sizes(int h2, int k) -> int { return h2 - k; } qubit q; output int total; int k = 3; \
        if (k > 2) { int k = 4; total = sizes(k, 1); } for int k in [0:1] { total += sizes(9, k); } total -= k;",
    );
    let program = read_program(&text).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    let options = crate::program::RunOptions::default();
    let machine = program.machine(&options);
    let mut thread = machine.start().expect("no inputs");
    while machine.advance(&mut thread).expect("it runs") != crate::program::Effect::End {}
    assert_eq!(machine.outputs(&thread)[0].to_string(), (4 - 1 + 9 + 8 - 3).to_string());
}
