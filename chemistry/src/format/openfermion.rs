//! OpenFermion's forms: text such as `(0.5+0j) [X0 Y1] +` and `1.0 [1^ 0]`, and the dictionary of terms in JSON or as Python prints it.

use std::fmt::Write;

use num_complex::Complex64;
use qloom_circuits::{Pauli, PauliString, PauliSum};

use super::literal::{self, Literal, Value};
use super::{ForeignOperator, complex, error_at, on_qubits, product};
use crate::error::ChemistryError;
use crate::fermion::{FermionOperator, Ladder};

/// A factor of a term.
#[derive(Clone, Copy)]
enum Factor {
    Letter(usize, Pauli),
    Ladder(Ladder),
}

/// Terms read so far; a term is of qubits or of modes, the identity of either.
#[derive(Default)]
struct Terms {
    qubits: Vec<(PauliString, Complex64)>,
    modes: Vec<(Vec<Ladder>, Complex64)>,
    identity: Complex64,
    fermions: bool,
}

impl Terms {
    fn push(&mut self, factors: &[Factor], coefficient: Complex64) -> Result<(), String> {
        if factors.is_empty() {
            self.identity += coefficient;
            return Ok(());
        }
        let (mut letters, mut ladders) = (Vec::new(), Vec::new());
        for &factor in factors {
            match factor {
                Factor::Letter(qubit, pauli) => letters.push((qubit, pauli)),
                Factor::Ladder(ladder) => ladders.push(ladder),
            }
        }
        let fermions = !ladders.is_empty();
        let first = self.qubits.is_empty() && self.modes.is_empty();
        if (fermions && !letters.is_empty()) || (!first && fermions != self.fermions) {
            return Err("Pauli letters and ladder operators stand in one operator".into());
        }
        self.fermions = fermions;
        if fermions {
            if let Some(ladder) = ladders.iter().find(|ladder| ladder.mode >= PauliString::MAX_QUBITS) {
                return Err(format!("mode {} is beyond the {} that can be held", ladder.mode, PauliString::MAX_QUBITS));
            }
            self.modes.push((ladders, coefficient));
            return Ok(());
        }
        let Some((string, phase)) = product(&letters) else {
            return Err(format!("a qubit is beyond the {} that can be held", PauliString::MAX_QUBITS));
        };
        self.qubits.push((string, coefficient * phase));
        Ok(())
    }

    fn finish(mut self, num_qubits: Option<usize>) -> Result<ForeignOperator, ChemistryError> {
        if self.fermions {
            self.modes.push((Vec::new(), self.identity));
            return Ok(ForeignOperator::Modes(FermionOperator::new(self.modes)?));
        }
        self.qubits.push((PauliString::IDENTITY, self.identity));
        Ok(ForeignOperator::Qubits(on_qubits(self.qubits, num_qubits)?))
    }
}

/// Reads a QubitOperator or a FermionOperator.
///
/// As text, terms are `coefficient [factors]` joined by `+`, after an optional line `QubitOperator:` or `FermionOperator:`; factors are
/// `X0 Y3` or `2^ 0`. As JSON or a Python dictionary (alone or under the key `terms`), keys are such factors, or lists of pairs
/// `[0, "X"]` or `[2, 1]` (1 creates), values are numbers, pairs of real and imaginary part, or strings with numbers; a list of pairs of
/// key and value does as well. Repeated terms are added, a qubit named again is multiplied.
///
/// # Errors
/// With line and column, for anything else.
///
/// ```
/// use qloom_chemistry::{ForeignOperator, read_openfermion};
/// let operator = read_openfermion("(0.5+0j) [X0 X1] +\n0.25 [] +\n-0.25 []", None)?;
/// let ForeignOperator::Qubits(sum) = operator else { panic!("it has Pauli letters") };
/// assert_eq!(sum.hermitian(0.0)?.to_string(), "0.5 * X0 X1");
/// # Ok::<(), qloom_chemistry::ChemistryError>(())
/// ```
pub fn read_openfermion(text: &str, num_qubits: Option<usize>) -> Result<ForeignOperator, ChemistryError> {
    let trimmed = text.trim_start();
    // text begins with a number or a heading, a dictionary with a brace, a list with two brackets
    let dictionary = trimmed.starts_with('{')
        || trimmed.strip_prefix('[').is_some_and(|rest| matches!(rest.trim_start().chars().next(), Some('[' | '(' | '{')));
    let terms = if dictionary { read_dictionary(text)? } else { read_terms(text)? };
    terms.finish(num_qubits)
}

fn read_terms(text: &str) -> Result<Terms, ChemistryError> {
    let mut terms = Terms::default();
    let mut at = text.len() - text.trim_start().len();
    for heading in ["QubitOperator:", "FermionOperator:"] {
        if text[at..].starts_with(heading) {
            at += heading.len();
        }
    }
    let mut count = 0;
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        if at == text.len() {
            break;
        }
        let Some(open) = text[at..].find('[').map(|length| at + length) else {
            return error_at(text, at, "expected a term such as 0.5 [X0 Y1] or 0.5 [1^ 0]");
        };
        let Some(close) = text[open..].find(']').map(|length| open + length) else {
            return error_at(text, open, "the bracket does not close");
        };
        let given = text[at..open].trim();
        // the + between terms, unless it is the number's own
        let number = if count > 0 { given.strip_prefix('+').unwrap_or(given).trim() } else { given };
        if count > 0 && !given.starts_with(['+', '-']) {
            return error_at(text, at, "expected + between two terms");
        }
        let coefficient = match number {
            "" | "+" => Some(Complex64::ONE),
            "-" => Some(-Complex64::ONE),
            _ => complex(number),
        };
        let Some(coefficient) = coefficient else {
            let shown: String = number.chars().take(40).collect();
            return error_at(text, text[..open].trim_end().len() - number.len(), format!("{shown:?} is no finite number"));
        };
        let factors = factors(&text[open + 1..close]).or_else(|message| error_at(text, open, message))?;
        terms.push(&factors, coefficient).or_else(|message| error_at(text, open, message))?;
        (count, at) = (count + 1, close + 1);
    }
    if count == 0 {
        return error_at(text, 0, "no term; write such as 0.5 [X0 Y1] or 0.5 [1^ 0]");
    }
    Ok(terms)
}

/// Factors such as `X0 Y3` or `2^ 0`.
fn factors(text: &str) -> Result<Vec<Factor>, String> {
    let factor = |word: &str| {
        let wrong = || format!("{:?} is no factor; use such as X0, or 1^ and 0", word.chars().take(40).collect::<String>());
        if let Some(pauli) = word.chars().next().and_then(Pauli::from_letter) {
            return word[1..].parse().map(|qubit| Factor::Letter(qubit, pauli)).map_err(|_| wrong());
        }
        let (digits, creation) = word.strip_suffix('^').map_or((word, false), |digits| (digits, true));
        digits.parse().map(|mode| Factor::Ladder(Ladder { mode, creation })).map_err(|_| wrong())
    };
    text.split_whitespace().map(factor).collect()
}

fn read_dictionary(text: &str) -> Result<Terms, ChemistryError> {
    let mut literal = literal::read(text)?;
    if let Value::Map(entries) = &literal.value
        && let Some((_, inner)) = entries.iter().find(|(key, _)| key.text() == Some("terms"))
    {
        literal = inner.clone();
    }
    let mut terms = Terms::default();
    let mut push = |key: &Literal, value: &Literal| {
        let Some(coefficient) = value.coefficient() else {
            return error_at(
                text,
                value.at,
                "expected a coefficient: a number, a pair of real and imaginary part, or such as \"0.5+0j\"",
            );
        };
        let factors = key_factors(key).or_else(|message| error_at(text, key.at, message))?;
        terms.push(&factors, coefficient).or_else(|message| error_at(text, key.at, message))
    };
    match &literal.value {
        Value::Map(entries) => entries.iter().try_for_each(|(key, value)| push(key, value))?,
        Value::List(items) => {
            for item in items {
                let Some([key, value]) = item.list() else {
                    return error_at(text, item.at, "expected a pair of a term and its coefficient");
                };
                push(key, value)?;
            }
        }
        Value::Number(_) | Value::Text(_) | Value::Call(..) => {
            return error_at(text, literal.at, "expected a dictionary of terms");
        }
    }
    Ok(terms)
}

fn key_factors(key: &Literal) -> Result<Vec<Factor>, String> {
    if let Some(text) = key.text() {
        return factors(text.trim().trim_start_matches('[').trim_end_matches(']'));
    }
    let wrong = || "a term is a string such as \"X0 Y1\", or a list of pairs such as [0, \"X\"] or [2, 1]".to_owned();
    let pair = |item: &Literal| {
        let [index, kind] = item.list()? else { return None };
        let index = index.index()?;
        match (kind.text(), kind.index()) {
            (Some(text), _) => {
                let mut letters = text.chars();
                let pauli = Pauli::from_letter(letters.next()?)?;
                letters.next().is_none().then_some(Factor::Letter(index, pauli))
            }
            (None, Some(creation @ (0 | 1))) => Some(Factor::Ladder(Ladder { mode: index, creation: creation == 1 })),
            (None, _) => None,
        }
    };
    key.list().and_then(|items| items.iter().map(pair).collect::<Option<Vec<_>>>()).ok_or_else(wrong)
}

/// A sum in OpenFermion's text form; numbers read back bit for bit.
pub fn openfermion_text(sum: &PauliSum) -> String {
    let mut text = String::from("QubitOperator:\n");
    let last = sum.terms().len().saturating_sub(1);
    for (place, (string, coefficient)) in sum.terms().iter().enumerate() {
        let factors = if *string == PauliString::IDENTITY { String::new() } else { string.to_string() };
        let end = if place < last { " +\n" } else { "\n" };
        write!(text, "{coefficient:?} [{factors}]{end}").expect("a string takes all text");
    }
    if sum.terms().is_empty() {
        text.push_str("0.0 []\n");
    }
    text
}
