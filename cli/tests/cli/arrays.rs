//! Arrays that commands write, read by a reader of this module's own: the members of an .npz archive and their headers.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{folder, json, path, refusal};

/// A member: its type, its shape, and its numbers with real and imaginary parts beside each other.
#[derive(Debug)]
struct Array {
    kind: String,
    shape: Vec<usize>,
    numbers: Vec<f64>,
}

fn word(bytes: &[u8], at: usize, size: usize) -> usize {
    bytes[at..at + size].iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

/// The members of an archive, by its central directory.
fn members(bytes: &[u8]) -> BTreeMap<String, Array> {
    let end = bytes.windows(4).rposition(|window| window == b"PK\x05\x06").expect("an end of the directory");
    let (count, mut at) = (word(bytes, end + 10, 2), word(bytes, end + 16, 4));
    let mut found = BTreeMap::new();
    for _ in 0..count {
        assert_eq!(&bytes[at..at + 4], b"PK\x01\x02", "an entry");
        let (method, packed, size) = (word(bytes, at + 10, 2), word(bytes, at + 20, 4), word(bytes, at + 24, 4));
        let (name, extra, comment) = (word(bytes, at + 28, 2), word(bytes, at + 30, 2), word(bytes, at + 32, 2));
        let local = word(bytes, at + 42, 4);
        let title = String::from_utf8(bytes[at + 46..at + 46 + name].to_vec()).expect("text");
        let start = local + 30 + word(bytes, local + 26, 2) + word(bytes, local + 28, 2);
        let data = &bytes[start..start + packed];
        let whole = if method == 8 { inflate(data) } else { data.to_vec() };
        assert_eq!(whole.len(), size, "{title}");
        found.insert(title.strip_suffix(".npy").expect("an array").to_owned(), array(&whole));
        at += 46 + name + extra + comment;
    }
    found
}

/// Bits of a compressed stream, the least significant first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> usize {
        let bit = |at: usize| usize::from(self.bytes[at / 8] >> (at % 8) & 1);
        let value = (0..count).fold(0, |value, place| value | bit(self.at + place) << place);
        self.at += count;
        value
    }

    /// The next symbol of a canonical code, given the length of each symbol's word.
    fn symbol(&mut self, lengths: &[usize]) -> usize {
        let (mut code, mut first, mut place) = (0, 0, 0);
        for length in 1..16 {
            code |= self.take(1);
            let count = lengths.iter().filter(|own| **own == length).count();
            if code < first + count {
                let number = place + code - first;
                let mut order: Vec<usize> = (0..lengths.len()).filter(|symbol| lengths[*symbol] > 0).collect();
                order.sort_by_key(|symbol| lengths[*symbol]);
                return order[number];
            }
            place += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        panic!("no such word")
    }
}

/// The inverse of deflate (RFC 1951).
fn inflate(bytes: &[u8]) -> Vec<u8> {
    let mut bits = Bits { bytes, at: 0 };
    let mut out = Vec::new();
    loop {
        let (last, kind) = (bits.take(1), bits.take(2));
        let (letters, distances) = match kind {
            0 => {
                bits.at = bits.at.div_ceil(8) * 8;
                let length = bits.take(16);
                assert_eq!(length ^ bits.take(16), 0xffff);
                (0..length).for_each(|_| out.push(bits.take(8) as u8));
                if last == 1 {
                    return out;
                }
                continue;
            }
            1 => ([vec![8; 144], vec![9; 112], vec![7; 24], vec![8; 8]].concat(), vec![5; 30]),
            _ => {
                let (letters, distances, count) = (257 + bits.take(5), 1 + bits.take(5), 4 + bits.take(4));
                let mut own = vec![0; 19];
                for place in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15].into_iter().take(count) {
                    own[place] = bits.take(3);
                }
                let mut lengths: Vec<usize> = Vec::new();
                while lengths.len() < letters + distances {
                    let (value, times) = match bits.symbol(&own) {
                        16 => (*lengths.last().expect("one before"), 3 + bits.take(2)),
                        17 => (0, 3 + bits.take(3)),
                        18 => (0, 11 + bits.take(7)),
                        length => (length, 1),
                    };
                    lengths.extend(std::iter::repeat_n(value, times));
                }
                let behind = lengths.split_off(letters);
                (lengths, behind)
            }
        };
        // lengths and distances grow by steps that double
        let step = |symbol: usize, each: usize| symbol.saturating_sub(2 * each) / each + usize::from(symbol >= 2 * each);
        loop {
            let symbol = bits.symbol(&letters);
            match symbol {
                0..256 => out.push(symbol as u8),
                256 => break,
                _ => {
                    let base = |symbol: usize, each: usize| (0..symbol).map(|below| 1 << step(below, each)).sum::<usize>();
                    let place = symbol - 257;
                    let length = if place == 28 { 258 } else { 3 + base(place, 4) + bits.take(step(place, 4)) };
                    let place = bits.symbol(&distances);
                    let distance = 1 + base(place, 2) + bits.take(step(place, 2));
                    (0..length).for_each(|_| out.push(out[out.len() - distance]));
                }
            }
        }
        if last == 1 {
            return out;
        }
    }
}

fn array(bytes: &[u8]) -> Array {
    assert_eq!(&bytes[..6], b"\x93NUMPY");
    let long = if bytes[6] == 1 { 2 } else { 4 };
    let length = word(bytes, 8, long);
    let start = 8 + long + length;
    assert_eq!(start % 64, 0, "data are aligned");
    let header = std::str::from_utf8(&bytes[8 + long..start]).expect("text");
    let value = |key: &str| header.split_once(&format!("'{key}': ")).expect(key).1;
    assert!(value("fortran_order").starts_with("False"), "rows first");
    let kind = value("descr").split('\'').nth(1).expect("a type").to_owned();
    let shape = value("shape").split_once('(').and_then(|(_, rest)| rest.split_once(')')).expect("a shape").0;
    let shape: Vec<usize> = shape.split(',').filter_map(|size| size.trim().parse().ok()).collect();
    let numbers: Vec<f64> =
        bytes[start..].chunks_exact(8).map(|part| f64::from_le_bytes(part.try_into().expect("eight"))).collect();
    let parts = if kind == "<c16" { 2 } else { 1 };
    assert_eq!(numbers.len(), parts * shape.iter().product::<usize>(), "{kind} {shape:?}");
    Array { kind, shape, numbers }
}

fn read(file: &str) -> BTreeMap<String, Array> {
    members(&std::fs::read(file).expect("written"))
}

const TURNS: &str = "OPENQASM 3.0; include \"stdgates.inc\"; qubit[3] q; ry(0.7) q[0]; cx q[0], q[2]; rz(0.3) q[2]; rx(1.1) q[1]; \
    cx q[1], q[2]; u3(0.2, 0.4, 0.6) q[0];";

fn numbers(list: &Value) -> Vec<f64> {
    list.as_array().expect("a list").iter().map(|value| value.as_f64().expect("a number")).collect()
}

#[test]
fn unitaries_are_the_same_printed_and_written() {
    let files = folder(&[("turns.qasm", TURNS)]);
    let (file, out) = (path(&files, "turns.qasm"), path(&files, "u.npz"));
    let printed = json(&["unitary", &file]);
    let told = json(&["unitary", &file, "--out", &out]);
    assert_eq!((&told["num_qubits"], told["real"].as_array().map(Vec::len)), (&3.into(), Some(0)));
    let written = read(&out);
    assert_eq!(written.keys().collect::<Vec<_>>(), ["unitary"]);
    let unitary = &written["unitary"];
    assert_eq!((unitary.kind.as_str(), &unitary.shape[..]), ("<c16", &[8, 8][..]));
    for row in 0..8 {
        let (real, imaginary) = (numbers(&printed["real"][row]), numbers(&printed["imaginary"][row]));
        for column in 0..8 {
            let at = 2 * (8 * row + column);
            assert_eq!((unitary.numbers[at], unitary.numbers[at + 1]), (real[column], imaginary[column]));
        }
    }
    // its columns are orthonormal
    let entry =
        |row: usize, column: usize| (unitary.numbers[2 * (8 * row + column)], unitary.numbers[2 * (8 * row + column) + 1]);
    for a in 0..8 {
        for b in 0..8 {
            let overlap = (0..8).fold((0.0, 0.0), |(re, im), row| {
                let ((x, y), (u, v)) = (entry(row, a), entry(row, b));
                (re + x * u + y * v, im + x * v - y * u)
            });
            assert!((overlap.0 - f64::from(u8::from(a == b))).abs() < 1e-13 && overlap.1.abs() < 1e-13, "{a} {b}");
        }
    }
}

/// Amplitudes, probabilities, marginals and density matrices belong together.
#[test]
fn states_are_written_whole() {
    let files = folder(&[("turns.qasm", TURNS)]);
    let (file, out) = (path(&files, "turns.qasm"), path(&files, "s.npz"));
    let ask = ["simulate", &file, "--out", &out, "--marginal", "0,2", "--density", "1", "--probabilities", "2"];
    let printed = json(&ask);
    assert_eq!(printed["probabilities"].as_object().map(serde_json::Map::len), Some(2), "two are shown");
    let written = read(&out);
    let amplitudes = &written["amplitudes"];
    assert_eq!((amplitudes.kind.as_str(), &amplitudes.shape[..]), ("<c16", &[8][..]));
    let probability: Vec<f64> = amplitudes.numbers.chunks(2).map(|pair| pair[0] * pair[0] + pair[1] * pair[1]).collect();
    assert!((probability.iter().sum::<f64>() - 1.0).abs() < 1e-14);
    for (outcome, p) in printed["probabilities"].as_object().expect("an object") {
        let index = usize::from_str_radix(outcome, 2).expect("bits");
        assert!((probability[index] - p.as_f64().expect("a number")).abs() < 1e-14);
        assert!(probability.iter().filter(|other| **other > probability[index] + 1e-14).count() < 2, "the largest are shown");
    }
    let marginal = &written["marginal_0_2"];
    for outcome in 0..4usize {
        let sum: f64 =
            (0..8).filter(|index| (index & 1) | (index >> 2 & 1) << 1 == outcome).map(|index| probability[index]).sum();
        assert!((marginal.numbers[outcome] - sum).abs() < 1e-14);
    }
    let density = &written["density_1"];
    assert_eq!(density.shape, [2, 2]);
    for row in 0..2usize {
        for column in 0..2usize {
            // the others are traced out
            let sum = [0usize, 1, 4, 5].iter().fold((0.0, 0.0), |(re, im), rest| {
                let (a, b) = (2 * (rest | row << 1), 2 * (rest | column << 1));
                let ((x, y), (u, v)) =
                    ((amplitudes.numbers[a], amplitudes.numbers[a + 1]), (amplitudes.numbers[b], amplitudes.numbers[b + 1]));
                (re + x * u + y * v, im + y * u - x * v)
            });
            let at = 2 * (2 * row + column);
            assert!((density.numbers[at] - sum.0).abs() < 1e-14 && (density.numbers[at + 1] - sum.1).abs() < 1e-14);
        }
    }
    let z = &written["expectation_z"];
    assert_eq!(z.numbers, numbers(&printed["expectation_z"]));
    refusal(&["simulate", &file, "--out", &path(&files, "no/where.npz")], 2);
    refusal(&["unitary", &file, "--out", &files.path().display().to_string()], 2);
}

#[test]
fn what_has_no_matrix_is_refused() {
    let wide = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[13]; h q;";
    let free = "OPENQASM 3.0; include \"stdgates.inc\"; input float a; qubit q; rx(a) q;";
    let files = folder(&[("wide.qasm", wide), ("free.qasm", free)]);
    let message = crate::qloom(&["unitary", &path(&files, "wide.qasm")]).output().expect("it runs");
    assert!(!message.status.success() && String::from_utf8_lossy(&message.stderr).contains("12"));
    assert!(refusal(&["unitary", &path(&files, "free.qasm")], 2).contains("1 free parameters"));
}
