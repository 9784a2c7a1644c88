//! Expectation values as weighted sums over pairs of places.

use super::Map;
use super::linear::{Span, odd, sums};
use crate::kernel::{Addresses, LanePart, Reading};
use crate::observable::Observable;

/// Most groups of one reading.
const GROUPS: usize = 3;

/// The readings of these parts of one observable.
pub(super) fn of<'a>(parts: impl Iterator<Item = &'a LanePart>, span: &Span) -> Vec<Reading> {
    let mut readings = Vec::new();
    let mut blocks: Vec<(Span, Vec<&LanePart>)> = Vec::new();
    for part in parts {
        if part.flip == 0 {
            let bases: Vec<u32> = (0..1 << span.len()).collect();
            let weights = bases.iter().map(|place| part.weight(*place as usize)).collect();
            readings.push(Reading { addresses: Addresses { offsets: vec![0], bases }, imaginary: Vec::new(), weights });
            continue;
        }
        match blocks.iter_mut().find(|(flips, parts)| parts.len() < GROUPS && flips.coordinates(part.flip).is_none()) {
            Some((flips, parts)) => {
                flips.push(part.flip);
                parts.push(part);
            }
            None => {
                let mut flips = Span::default();
                flips.push(part.flip);
                blocks.push((flips, vec![part]));
            }
        }
    }
    readings.extend(blocks.into_iter().map(|(flips, parts)| block(flips, &parts, span.len())));
    readings
}

/// The parts of an observable that are not zero on this plan's states, over places.
pub(super) fn parts(owner: usize, observable: &Observable, map: &Map, span: &Span, complex: bool) -> Vec<LanePart> {
    let mut parts = LanePart::of(std::slice::from_ref(observable));
    parts.retain_mut(|part| {
        let Some(flip) = span.coordinates(Map::over(&map.columns, part.flip)) else { return false };
        (part.owner, part.flip) = (owner, flip);
        for (mask, coefficient) in &mut part.terms {
            let row = Map::over(&map.rows, *mask);
            *mask = span.parity(row);
            *coefficient = if odd(row & map.constant) { -*coefficient } else { *coefficient };
        }
        complex || !part.imaginary
    });
    parts
}

fn block(flips: Span, parts: &[&LanePart], bits: usize) -> Reading {
    let mut all = flips;
    let mut others = Vec::new();
    for bit in 0..bits {
        if all.coordinates(1 << bit).is_none() {
            all.push(1 << bit);
            others.push(1 << bit);
        }
    }
    let columns: Vec<u64> = parts.iter().map(|part| part.flip).collect();
    let addresses = Addresses { offsets: sums(&columns), bases: sums(&others) };
    let mut weights = Vec::new();
    for base in &addresses.bases {
        for (group, part) in parts.iter().enumerate() {
            let first = addresses.offsets.iter().enumerate().filter(|(k, _)| k >> group & 1 == 0);
            // A pair is visited once.
            weights.extend(first.map(|(_, offset)| 2.0 * part.weight((base ^ offset) as usize)));
        }
    }
    Reading { addresses, imaginary: parts.iter().map(|part| part.imaginary).collect(), weights }
}
