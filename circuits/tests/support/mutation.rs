//! Mutated texts from a seed.

/// Pieces that matter to the readers.
const WORDS: [&str; 95] = [
    "def f(qubit t, int[4] n) -> bit { ",
    "return measure t; }",
    "f(q[0], 3);",
    "while (k < 3) { ",
    "k += 1; }",
    "switch (k) { case 1 { ",
    "} default { ",
    "break;",
    "continue;",
    "end;",
    "array[int[8], 2] r = {1, 2};",
    "r[k] = 3;",
    "bit[2] s = \"01\";",
    "angle[4] a = pi;",
    "a <<= 1;",
    "int[8] k = 3;",
    "extern e(int) -> int;",
    "box { ",
    "stretch g;",
    "delay[2 * g] q;",
    "durationof({ x q; })",
    "complex z = 1.0 + 2im;",
    "for bit b in c { ",
    "output uint[4] out;",
    "popcount(c)",
    "OPENQASM 2.0;",
    "OPENQASM 3;",
    "include \"qelib1.inc\";",
    "include \"stdgates.inc\";",
    "qreg q[2];",
    "creg c[2];",
    "qubit[2] p;",
    "bit b;",
    "gate ",
    "opaque ",
    "if (c == 1) ",
    "if (c[0]) { ",
    "} else {",
    "for int i in [0:3] {",
    "measure q -> c;",
    "c = measure q;",
    "reset q;",
    "barrier q;",
    "delay[1us] q;",
    "ctrl @ ",
    "negctrl(2) @ ",
    "inv @ ",
    "pow(0.5) @ ",
    "pow(-3) @ ",
    "gphase(1);",
    "U(1,2,3) q[0];",
    "cx q[0], q[1];",
    "h q;",
    "rx(pi/2) q;",
    "ccx ",
    "u3(",
    "input float t;",
    "const int k = 3;",
    "let a = q[0:1];",
    "q",
    "c",
    "q[0]",
    "q[-1]",
    "q[0:2]",
    "q[{0,1}]",
    "$3",
    "pi",
    "1e9",
    "0.5",
    "9999999999999999999",
    "-",
    "+",
    "*",
    "/",
    "^",
    "**",
    "%",
    "<<",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ";",
    ",",
    "==",
    "!",
    "&&",
    "||",
    "sin(",
    "//",
    "/*",
    "\"",
    "θ",
];

/// Makes texts out of a corpus.
pub struct Mutation {
    corpus: Vec<String>,
    state: u64,
}

impl Mutation {
    pub fn new(corpus: Vec<String>, seed: u64) -> Self {
        Self { corpus, state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1 }
    }

    fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit.max(1)
    }

    /// The next text.
    pub fn next_text(&mut self) -> String {
        let index = self.below(self.corpus.len());
        let mut text: Vec<char> = self.corpus[index].chars().collect();
        for _ in 0..1 + self.below(3) {
            let at = self.below(text.len() + 1);
            let length = self.below(30).min(text.len() - at);
            match self.below(8) {
                0 => {
                    text.drain(at..at + length);
                }
                1 => {
                    let piece: Vec<char> = text[at..at + length].to_vec();
                    let to = self.below(text.len() + 1);
                    text.splice(to..to, piece);
                }
                2 => {
                    let other = self.below(self.corpus.len());
                    let donor: Vec<char> = self.corpus[other].chars().collect();
                    let from = self.below(donor.len() + 1);
                    let size = self.below(60).min(donor.len() - from);
                    text.splice(at..at, donor[from..from + size].iter().copied());
                }
                3 => {
                    if let Some(letter) = text.get_mut(at) {
                        let code = 32 + self.below(95) as u32;
                        *letter = char::from_u32(code).unwrap_or(' ');
                    }
                }
                4 => {
                    let word = WORDS[self.below(WORDS.len())];
                    let times = if self.below(20) == 0 { 300 } else { 1 };
                    text.splice(at..at, word.repeat(times).chars());
                }
                _ => {
                    // A word in place of the one that is there.
                    let is_word = |c: &char| c.is_alphanumeric() || *c == '_' || *c == '.';
                    let mut end = at;
                    while end < text.len() && is_word(&text[end]) {
                        end += 1;
                    }
                    let word = WORDS[self.below(WORDS.len())];
                    text.splice(at..end, word.chars());
                }
            }
        }
        text.into_iter().collect()
    }
}
