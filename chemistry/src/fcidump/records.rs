//! The records of an FCIDUMP file.

use rustc_hash::FxHashMap;

use super::Token;
use super::header::Header;
use crate::error::ChemistryError;
use crate::integrals::{Integrals, pair};

/// Two records for one integral may differ by this much, in hartree.
const SAME: f64 = 1e-9;
/// Integrals that the orbital symmetries forbid may have this size, in hartree.
const FORBIDDEN: f64 = 1e-6;

/// What a record is about, orbitals from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Entry {
    Two(usize, usize),
    One(usize),
    Energy(usize),
    Core,
}

pub(super) fn read(text: &str, header: &Header) -> Result<Integrals, ChemistryError> {
    let mut integrals = Integrals::new(header.num_orbitals, header.num_electrons, header.spin)?;
    let mut seen: FxHashMap<Entry, (f64, usize)> = FxHashMap::default();
    let mut energies = vec![None; header.num_orbitals];
    for (offset, line) in text[header.end..].split('\n').enumerate() {
        let number = header.end_line + offset;
        let fields = fields(line, number);
        let Some((value, orbitals)) = fields.split_first() else { continue };
        let size = value_of(value)?;
        let indices = indices_of(orbitals, value, header.num_orbitals)?;
        let entry = entry_of(indices, value)?;
        check_symmetry(header, indices, size, value)?;
        if let Some((before, line)) = seen.insert(entry, (size, number)) {
            if (before - size).abs() > SAME * before.abs().max(1.0) {
                let what =
                    if entry == Entry::Core { "; unrestricted (UHF) integrals, which repeat it, cannot be read" } else { "" };
                return value
                    .error(format!("this record says {size:e}, but line {line} gives {before:e} for the same entry{what}"));
            }
            continue;
        }
        match entry {
            Entry::Two(..) => integrals.set_two(indices.map(|index| index - 1), size),
            Entry::One(_) => integrals.set_one(indices[0] - 1, indices[1] - 1, size),
            Entry::Energy(orbital) => energies[orbital] = Some(size),
            Entry::Core => integrals.set_core(size),
        }
    }
    if seen.is_empty() {
        let place = Token { text: "", line: header.end_line, column: 1 };
        return place.error("no record follows the namelist; expected lines such as 0.5 1 1 1 1");
    }
    if let Some((list, _)) = &header.symmetries {
        integrals.set_symmetries(list.clone(), header.state_symmetry)?;
    }
    if let Some(energies) = energies.into_iter().collect::<Option<Vec<f64>>>() {
        integrals.set_orbital_energies(energies)?;
    }
    Ok(integrals)
}

/// The fields of a line; blanks and commas separate them.
fn fields(line: &str, number: usize) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut start = None;
    // the blank at the end closes the last field
    for (column, (at, found)) in line.char_indices().chain([(line.len(), ' ')]).enumerate() {
        let between = found.is_whitespace() || found == ',';
        match start {
            None if !between => start = Some((at, column + 1)),
            Some((from, column)) if between => {
                tokens.push(Token { text: &line[from..at], line: number, column });
                start = None;
            }
            _ => {}
        }
    }
    tokens
}

fn value_of(token: &Token<'_>) -> Result<f64, ChemistryError> {
    if token.text.starts_with('(') {
        return token.error("complex integrals cannot be read; write those of real orbitals");
    }
    let mut text = token.text.replace(['d', 'D'], "e");
    // Fortran leaves the letter out where an exponent has three digits
    if let Some(at) = text.rfind(['+', '-']).filter(|&at| at > 0 && text.as_bytes()[at - 1].is_ascii_digit()) {
        text.insert(at, 'e');
    }
    let numeric = text.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte));
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && numeric => Ok(value),
        _ => token.error(format!("{:?} is no finite number; a record is a value and four orbitals", token.shown())),
    }
}

fn indices_of(tokens: &[Token<'_>], value: &Token<'_>, num_orbitals: usize) -> Result<[usize; 4], ChemistryError> {
    let Ok(tokens) = <&[Token<'_>; 4]>::try_from(tokens) else {
        return value.error(format!("the record has {} fields; it must have five, a value and four orbitals", tokens.len() + 1));
    };
    let mut indices = [0; 4];
    for (index, token) in indices.iter_mut().zip(tokens) {
        *index = match token.text.parse::<usize>() {
            Ok(orbital) if orbital <= num_orbitals => orbital,
            Ok(orbital) => return token.error(format!("orbital {orbital} does not exist; NORB is {num_orbitals}")),
            Err(_) => return token.error(format!("{:?} is no orbital; use 0 to {num_orbitals}", token.shown())),
        };
    }
    Ok(indices)
}

fn entry_of(indices: [usize; 4], value: &Token<'_>) -> Result<Entry, ChemistryError> {
    match indices {
        [0, 0, 0, 0] => Ok(Entry::Core),
        [p, 0, 0, 0] => Ok(Entry::Energy(p - 1)),
        [p, q, 0, 0] if p > 0 => Ok(Entry::One(pair(p - 1, q - 1))),
        [p, q, r, s] if p > 0 && q > 0 && r > 0 && s > 0 => {
            let (left, right) = (pair(p - 1, q - 1), pair(r - 1, s - 1));
            Ok(Entry::Two(left.min(right), left.max(right)))
        }
        [p, q, r, s] => value.error(format!(
            "the orbitals {p} {q} {r} {s} are those of no integral; use p q r s, p q 0 0, p 0 0 0 (orbital energy) or 0 0 0 0 (core energy)"
        )),
    }
}

/// Refuses an integral that the irreducible representations forbid.
///
/// Those of D2h and its subgroups multiply as the bits of their numbers, which some programs count from 1 and others from 0; what either
/// count allows is accepted, and labels beyond eight are not checked.
fn check_symmetry(header: &Header, indices: [usize; 4], size: f64, value: &Token<'_>) -> Result<(), ChemistryError> {
    let Some((list, line)) = &header.symmetries else { return Ok(()) };
    if indices[1] == 0 || size.abs() <= FORBIDDEN {
        return Ok(());
    }
    let orbitals = indices.iter().filter(|&&index| index > 0);
    let forbidden = |first: u32| orbitals.clone().fold(0, |product, &index| product ^ (list[index - 1] - first)) != 0;
    let possible = |first: u32| list.iter().all(|label| (first..first + 8).contains(label));
    let counts: Vec<u32> = [0, 1].into_iter().filter(|&first| possible(first)).collect();
    if !counts.is_empty() && counts.into_iter().all(forbidden) {
        let [p, q, r, s] = indices;
        let orbitals = if r == 0 { format!("{p} {q}") } else { format!("{p} {q} {r} {s}") };
        return value.error(format!("ORBSYM of line {line} makes the integral {orbitals} zero, but it is {size:e}"));
    }
    Ok(())
}
