//! Values, operators and functions of version 3 as the language defines them.

use qloom_circuits::program::{Effect, RunOptions, Value};
use qloom_circuits::qasm;

/// What the output `x` of a program is that runs without qubits, or what is wrong with it.
fn output(body: &str) -> Result<String, String> {
    let program = qasm::read_program(&format!("OPENQASM 3.0;\n{body}")).map_err(|errors| errors.errors[0].message.clone())?;
    let options = RunOptions { steps: 100_000, ..RunOptions::default() };
    let machine = program.machine(&options);
    let mut thread = machine.start().map_err(|errors| errors.errors[0].message.clone())?;
    let effect = machine.advance(&mut thread).map_err(|errors| errors.errors[0].message.clone())?;
    assert_eq!(effect, Effect::End, "{body}");
    let place = program.outputs().iter().position(|(name, _)| *name == "x").expect("an output x");
    Ok(machine.outputs(&thread)[place].to_string())
}

const VALUES: &[(&str, &str)] = &[
    // precedence: ** before the sign, the sign before *, + before <<, comparison before &, ^ before |
    ("int x = -2 ** 2;", "-4"),
    ("int x = 2 + 3 * 4 ** 2 % 7;", "8"),
    ("int x = 1 + 1 << 2;", "8"),
    ("int x = 6 & 3 | 8 ^ 1;", "11"),
    ("int x = 2 ** 3 ** 2;", "512"),
    ("bool x = 1 < 2 && 3 != 3 || true;", "true"),
    // widths wrap around
    ("uint[8] x = 250; x += 10;", "4"),
    ("int[8] x = 127; x += 1;", "-128"),
    ("uint[4] x = 3; x -= 5;", "14"),
    ("int[4] a = 5; int[8] b = 100; int[16] x = a * b;", "-12"),
    ("int[8] a = -1; uint[8] b = 1; bool x = a > b;", "true"),
    ("uint[8] a = 200; uint[8] x = ~a;", "55"),
    ("int x = -7 / 2;", "-3"),
    ("int x = -7 % 3;", "-1"),
    ("int[8] a = -8; int[8] x = a >> 1;", "-4"),
    ("uint[8] x = 3; x <<= 7;", "128"),
    // casts
    ("int[4] x = int[4](\"1111\");", "-1"),
    ("uint[4] x = uint[4](\"1010\");", "10"),
    ("bit[4] x = bit[4](uint[4](6));", "0110"),
    ("int[8] x = int[8](-2.9);", "-2"),
    ("bool x = bool(0.0);", "false"),
    ("float[32] x = 0.1;", "0.10000000149011612"),
    ("float[16] x = 0.1;", "0.0999755859375"),
    ("angle[4] x = pi; x >>= 1;", "1.5707963267948966"),
    ("angle[4] a = 7 * pi / 8; angle[4] x = a + a;", "5.497787143782138"),
    ("angle[8] a = pi / 2; angle[8] b = pi / 8; uint[8] x = a / b;", "4"),
    ("angle[4] a = pi / 4; bit[4] x = bit[4](a);", "0010"),
    ("angle[3] x; x[2] = 1;", "3.141592653589793"),
    // bits
    ("bit[8] x = \"0000_0011\" << 2;", "00001100"),
    ("bit[4] a = \"1100\"; bit[4] x = a & ~\"0100\";", "1000"),
    ("bit[5] a = \"10110\"; bit[3] x = a[1:3];", "011"),
    ("bit[5] a = \"10110\"; bit[2] x = a[{0, 4}];", "10"),
    ("bit[5] a = \"10110\"; bit x = a[-1];", "1"),
    ("bit[4] x = \"0001\"; x[1:2] = \"11\";", "0111"),
    ("uint[8] a = 5; bit x = a[2];", "1"),
    ("uint[8] x = 0; x[0:3] = \"1010\";", "10"),
    ("bit[100] a; a[99] = 1; bool x = a > 5;", "true"),
    ("bit[100] a; a[3] = 1; bool x = a == 8;", "true"),
    ("bit[2] a = \"10\"; bit[3] b = \"011\"; let both = a ++ b; bit[5] x = both;", "01110"),
    ("bit[4] a = \"0000\"; let low = a[0:1]; low[1] = 1; bit[4] x = a;", "0010"),
    // functions
    ("int x = popcount(\"110101\");", "4"),
    ("bit[4] x = rotl(\"0011\", 1);", "0110"),
    ("bit[4] x = rotr(\"0011\", 1);", "1001"),
    ("uint[4] a = 9; uint[4] x = rotl(a, 1);", "3"),
    ("float x = arccos(3 / 5);", "0.9272952180016123"),
    ("float x = mod(7.5, 2.0);", "1.5"),
    ("int x = pow(3, 4);", "81"),
    ("float x = exp(log(2.0)) - floor(2.7) + ceiling(0.2);", "1"),
    ("complex[float[64]] a = 3.0 + 4.0im; float x = real(a * a) + imag(a);", "-3"),
    ("complex x = (1.0 + 1.0im) / 2.0im;", "0.5-0.5im"),
    ("float x = sqrt(16.0) + cos(0.0) + sin(0.0) + tan(0.0) + arcsin(0.0) + arctan(0.0);", "5"),
    // arrays
    ("array[int[8], 2, 3] a = {{1, 2, 3}, {4, 5, 6}}; int[8] x = a[1, 2];", "6"),
    ("array[int[8], 2, 3] a = {{1, 2, 3}, {4, 5, 6}}; array[int[8], 3] x = a[1];", "{4, 5, 6}"),
    ("array[int[8], 2, 3] x = {{1, 2, 3}, {4, 5, 6}}; x[0] = x[1]; x[1, 1] = 9;", "{{4, 5, 6}, {4, 9, 6}}"),
    ("array[int[8], 4] x = {1, 2, 3, 4}; x[0:1] = x[2:3];", "{3, 4, 3, 4}"),
    ("array[uint[4], 3] a = {1, 2, 12}; bit x = a[2][3];", "1"),
    ("array[float[64], 8, 4] a; uint[32] x = sizeof(a) + sizeof(a, 1);", "12"),
    (
        "def size(readonly array[int[8], #dim = 2] a) -> uint[64] { return sizeof(a, 1); } array[int[8], 2, 5] b; uint[64] x = size(b);",
        "5",
    ),
    ("def set(mutable array[int[8], 2] a) { a[1] = 7; } array[int[8], 2] x; set(x);", "{0, 7}"),
    // control flow
    ("int x; for int k in [0:2:6] { if (k == 2) continue; if (k == 6) break; x += k; }", "4"),
    ("int x; for int k in [5:-2:1] { x = x * 10 + k; }", "531"),
    ("int x; for int k in {7, 7, 1} { x += k; }", "15"),
    ("int x; array[int[8], 3] a = {1, 2, 3}; for int[8] k in a { x += k; }", "6"),
    ("int x; for bit k in \"1011\" { x = x * 2 + int(k); }", "13"),
    ("int x; while (x < 100) { x = 2 * x + 1; }", "127"),
    ("int x; int k = 3; switch (k) { case 1, 2 { x = 1; } case 3 { x = 2; } default { x = 3; } }", "2"),
    ("int x; switch (9) { case 1 { x = 1; } default { x = 3; } }", "3"),
    ("int x = 1; end; x = 2;", "1"),
    ("def twice(int a) -> int { return 2 * a; } int x = twice(twice(3)) + twice(1);", "14"),
    ("def sign(float a) -> int { if (a < 0) { return -1; } return 1; } int x = sign(-0.5) - sign(2.0);", "-2"),
    // time
    ("duration a = 1us + 200ns; float x = a / 100ns;", "12"),
    ("bool x = 2 * 50ns == 0.1us;", "true"),
];

#[test]
fn values_are_those_of_the_language() {
    let mut wrong = Vec::new();
    for (body, expected) in VALUES {
        match output(body) {
            Ok(found) if found == *expected => {}
            other => wrong.push(format!("{body} gives {other:?}, not {expected}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn mistakes_of_types_are_found_when_a_program_is_read() {
    for (body, message) in [
        ("int x = 1.5;", "float[64] is no value of type int"),
        ("bit[3] x = \"01\";", "bit[2] is no value of type bit[3]"),
        ("bool x = 3ns;", "duration is no value of type bool"),
        ("bit[3] a; bit[2] b; bit[3] x = a & b;", "& does not apply to bit[3] and bit[2]"),
        ("array[int[8], 2] a; int[8] x = a[2];", "2 is outside what has 2 elements"),
        ("array[int[8], 2] x = {1, 2, 3};", "3 elements for a dimension of 2"),
        ("array[int[8], 100000, 100000] x;", "an array of 10000000000 elements"),
        ("int x = f(1);", "there is no function f"),
        ("int x = sin(\"01\");", "sin does not apply to"),
        ("def f(int a) -> int { return f(a); } int x = f(1);", "no recursion"),
        ("int y; def f() -> int { return y; } int x = f();", "y is not seen within f"),
        ("def f(int a) { } int x; f(1, 2);", "f takes 1 arguments, not 2"),
        ("def f(readonly array[int[8], 2] a) { a[0] = 1; } int x;", "cannot be assigned to"),
        ("int x; break;", "this stands in no loop"),
        ("int x; return 1;", "return stands in no subroutine"),
        ("int x; switch (x) { case 1 { } case 1 { } }", "1 is a case already"),
        ("const int a = 1 / 0; int x = a;", "a division by zero"),
        ("int x = 1 << 70;", "does not fit into 64 bits"),
        ("duration a = durationof({ }) ; bool x = a > 3ns;", "from device to device"),
        ("input int x; x = 2;", "cannot be assigned to"),
        ("int x = cosine(2);", "there is no function cosine"),
    ] {
        match output(body) {
            Err(found) if found.contains(message) => {}
            other => panic!("{body}: {other:?}, expected {message}"),
        }
    }
}

#[test]
fn inputs_are_set_and_checked() {
    let program =
        qasm::read_program("OPENQASM 3.0; input angle[8] a; input int[4] n; output float x; x = a * 1.0 + n;").expect("valid");
    let mut options = RunOptions::default();
    options.inputs.insert("a".into(), Value::float(std::f64::consts::PI));
    assert!(program.machine(&options).start().expect_err("n has none").to_string().contains("the input n"));
    options.inputs.insert("n".into(), Value::int(3));
    let machine = program.machine(&options);
    let mut thread = machine.start().expect("all are set");
    assert_eq!(machine.advance(&mut thread), Ok(Effect::End));
    assert_eq!(machine.outputs(&thread), [Value::float(std::f64::consts::PI + 3.0)]);
    options.inputs.insert("m".into(), Value::int(3));
    assert!(program.machine(&options).start().expect_err("there is no m").to_string().contains("no input m"));
}

#[test]
fn what_the_definition_forbids_is_told() {
    let text = "/* old */ include \"qelib1.inc\"; qreg Q[2]; creg c[0x2]; u1(acos(0.5)) Q[0]; if (c == 1) barrier Q;\n\
        if (c == 1) if (c == 2) x Q[1]; if (c[0] == 1) cx Q[0], Q[1],;";
    let found = qasm::forbidden(text);
    for part in [
        "version line",
        "/* and */",
        "Q is no name",
        "0x2 is no number",
        "acos is no function",
        "a barrier under",
        "a condition within",
        "one bit of a register",
        "a comma behind",
    ] {
        assert!(found.iter().any(|finding| finding.message.contains(part)), "{part}: {found:?}");
    }
    assert!(qasm::forbidden("OPENQASM 2.0;\n// /* none */\nqreg q[1]; U(0,0,pi/2) q[0];").is_empty());
    assert_eq!(qasm::version("gate g(θ) a { }").0, qasm::Version::V3);
}
