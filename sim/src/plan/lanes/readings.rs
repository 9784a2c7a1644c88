//! Expectation values as weighted sums over pairs of places.

use super::Map;
use super::linear::{Span, odd, sums};
use crate::kernel::{Addresses, Reading};
use crate::observable::{Group, Observable};

/// Most groups of one reading.
const GROUPS: usize = 3;

/// A group's flip in places, its Z parities and coefficients, and whether it takes imaginary parts.
struct Part {
    flip: u64,
    terms: Vec<(u64, f64)>,
    imaginary: bool,
}

impl Part {
    fn weight(&self, place: u32) -> f64 {
        self.terms.iter().map(|&(mask, c)| if odd(mask & u64::from(place)) { -c } else { c }).sum()
    }
}

pub(super) fn of(observable: &Observable, map: &Map, span: &Span, complex: bool) -> Vec<Reading> {
    let mut readings = Vec::new();
    let mut blocks: Vec<(Span, Vec<Part>)> = Vec::new();
    for part in observable.groups.iter().flat_map(|group| parts(observable, group, map, span, complex)) {
        if part.flip == 0 {
            let bases: Vec<u32> = (0..1 << span.len()).collect();
            let weights = bases.iter().map(|place| part.weight(*place)).collect();
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

/// The parts of a group that are not zero on this plan's states.
fn parts(observable: &Observable, group: &Group, map: &Map, span: &Span, complex: bool) -> Vec<Part> {
    let Some(flip) = span.coordinates(Map::over(&map.columns, group.x)) else { return Vec::new() };
    let part = |range: &std::ops::Range<usize>, imaginary: bool| {
        let terms: Vec<(u64, f64)> = observable.terms[range.clone()]
            .iter()
            .map(|&(z, coefficient)| {
                let row = Map::over(&map.rows, z);
                // A pair is visited once.
                let coefficient = if flip == 0 { coefficient } else { 2.0 * coefficient };
                (span.parity(row), if odd(row & map.constant) { -coefficient } else { coefficient })
            })
            .collect();
        (!terms.is_empty() && (complex || !imaginary)).then_some(Part { flip, terms, imaginary })
    };
    part(&group.even, false).into_iter().chain(part(&group.odd, true)).collect()
}

fn block(flips: Span, parts: &[Part], bits: usize) -> Reading {
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
            weights.extend(first.map(|(_, offset)| part.weight(base ^ offset)));
        }
    }
    Reading { addresses, imaginary: parts.iter().map(|part| part.imaginary).collect(), weights }
}
