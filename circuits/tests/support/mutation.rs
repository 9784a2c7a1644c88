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
            match self.below(16) {
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
                5 | 6 => {
                    // a word in place of the one that is there
                    let end = at + text[at..].iter().take_while(|c| is_word(c)).count();
                    let word = WORDS[self.below(WORDS.len())];
                    text.splice(at..end, word.chars());
                }
                7..=11 => self.exchange(&mut text),
                _ => self.statement(&mut text),
            }
        }
        text.into_iter().collect()
    }

    /// A number for a number, or a name for one of the same length that stands behind the same letter, both of this text: much of what comes
    /// out is still read.
    fn exchange(&mut self, text: &mut Vec<char>) {
        let mut words: Vec<(usize, usize)> = Vec::new();
        for (at, letter) in text.iter().enumerate() {
            match words.last_mut() {
                Some((_, end)) if *end == at && is_word(letter) => *end += 1,
                _ if is_word(letter) => words.push((at, at + 1)),
                _ => {}
            }
        }
        if words.is_empty() {
            return;
        }
        let (start, end) = words[self.below(words.len())];
        let is_number = text[start].is_ascii_digit();
        let kind = |(start, end): (usize, usize)| match text[start].is_ascii_digit() {
            true => (' ', 0),
            false => (if start > 0 { text[start - 1] } else { ' ' }, end - start),
        };
        let alike: Vec<_> = words.iter().filter(|other| kind(**other) == kind((start, end))).collect();
        let (from, to) = *alike[self.below(alike.len())];
        let other: Vec<char> = match is_number && self.below(2) == 0 {
            true => self.below(6).to_string().chars().collect(),
            false => text[from..to].to_vec(),
        };
        text.splice(start..end, other);
    }

    /// A statement of the corpus put in behind another, or in its place, or one taken out.
    fn statement(&mut self, text: &mut Vec<char>) {
        let ends = |text: &[char]| -> Vec<usize> {
            std::iter::once(0).chain((0..text.len()).filter(|&at| matches!(text[at], ';' | '{' | '}')).map(|at| at + 1)).collect()
        };
        let places = ends(text);
        let at = self.below(places.len());
        let next = places.get(at + 1).copied().unwrap_or(places[at]);
        let other = self.below(self.corpus.len());
        let donor: Vec<char> = self.corpus[other].chars().collect();
        let pieces = ends(&donor);
        let from = self.below(pieces.len());
        let to = pieces.get(from + 1).copied().unwrap_or(donor.len());
        match self.below(3) {
            0 => drop(text.drain(places[at]..next)),
            1 => drop(text.splice(places[at]..next, donor[pieces[from]..to].iter().copied())),
            _ => drop(text.splice(next..next, donor[pieces[from]..to].iter().copied())),
        }
    }
}

fn is_word(letter: &char) -> bool {
    letter.is_alphanumeric() || *letter == '_' || *letter == '.'
}
