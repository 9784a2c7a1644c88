//! Parts of values: elements, slices, sets.

use super::fault::Trouble;
use super::types::Type;
use super::value::{Array, Value};

/// What one index picks of a dimension, its numbers known.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Pick {
    At(i128),
    /// First, step and last, both ends included.
    Range(Option<i128>, Option<i128>, Option<i128>),
    Set(Vec<i128>),
}

/// A place in a dimension; negative indices count from its end.
fn place(index: i128, size: usize) -> Result<usize, Trouble> {
    let counted = if index < 0 { index + size as i128 } else { index };
    usize::try_from(counted).ok().filter(|place| *place < size).ok_or(Trouble::Outside { index, size })
}

/// The places that an index picks, none for a range that holds nothing.
fn places(pick: &Pick, size: usize) -> Result<Vec<usize>, Trouble> {
    match pick {
        Pick::At(index) => Ok(vec![place(*index, size)?]),
        Pick::Set(list) => list.iter().map(|index| place(*index, size)).collect(),
        Pick::Range(first, step, last) => {
            let by = step.unwrap_or(1);
            if by == 0 {
                return Err(Trouble::Refused("the step of a range is not zero".into()));
            }
            let end = |index: &Option<i128>, otherwise: usize| index.map_or(Ok(otherwise), |index| place(index, size));
            let (low, high) = (0, size.saturating_sub(1));
            let first = end(first, if by > 0 { low } else { high })? as i128;
            let last = end(last, if by > 0 { high } else { low })? as i128;
            let count = if (last - first) * by.signum() < 0 { 0 } else { (last - first) / by + 1 };
            Ok((0..count).map(|k| (first + k * by) as usize).collect())
        }
    }
}

/// Flat places of what indices pick, and the dimensions that remain.
struct Picked {
    places: Vec<usize>,
    dimensions: Vec<usize>,
}

fn picked(picks: &[Pick], dimensions: &[usize], kind: &Type) -> Result<Picked, Trouble> {
    if picks.len() > dimensions.len() {
        let (given, rank) = (picks.len(), dimensions.len());
        return Err(Trouble::Kind(format!("{given} indices of {kind}, which has {rank} dimensions")));
    }
    let mut flat = vec![0usize];
    let mut left = Vec::new();
    for (position, &size) in dimensions.iter().enumerate() {
        let chosen = match picks.get(position) {
            Some(pick) => places(pick, size)?,
            None => (0..size).collect(),
        };
        if !matches!(picks.get(position), Some(Pick::At(_))) {
            left.push(chosen.len());
        }
        flat = flat.iter().flat_map(|outer| chosen.iter().map(move |inner| outer * size + inner)).collect();
    }
    Ok(Picked { places: flat, dimensions: left })
}

/// The part of a value that indices pick.
pub(crate) fn part(value: &Value, picks: &[Pick]) -> Result<Value, Trouble> {
    let kind = value.kind();
    // a number of an array of numbers may be picked further, bit by bit
    if let (Value::Array(array), Some(rest)) = (value, picks.get(kind.dimensions().len()..).filter(|rest| !rest.is_empty())) {
        let item = part(value, &picks[..array.dimensions.len()])?;
        return part(&item, rest);
    }
    let Picked { places, dimensions } = picked(picks, &kind.dimensions(), &kind)?;
    Ok(match value {
        Value::Array(array) if dimensions.is_empty() => array.items[places[0]].clone(),
        Value::Array(array) => {
            let items = places.iter().map(|&place| array.items[place].clone()).collect();
            Value::Array(Box::new(Array { base: array.base.clone(), dimensions, items }))
        }
        Value::Qubits(list, _) => Value::Qubits(places.iter().map(|&place| list[place]).collect(), dimensions.is_empty()),
        _ => {
            let bits = value.bits().ok_or_else(|| Trouble::Kind(format!("{kind} has no elements")))?;
            match dimensions.is_empty() {
                true => Value::Bit(bits[places[0]]),
                false => Value::Bits(places.iter().map(|&place| bits[place]).collect()),
            }
        }
    })
}

/// Gives the part of a value that indices pick another value of its type.
pub(crate) fn put(value: &mut Value, picks: &[Pick], new: Value) -> Result<(), Trouble> {
    let kind = value.kind();
    let shape = |given: usize, wanted: usize| match given == wanted {
        true => Ok(()),
        false => Err(Trouble::Kind(format!("{given} elements are put into {wanted}"))),
    };
    let rank = kind.dimensions().len();
    if let (Value::Array(_), true) = (&*value, picks.len() > rank) {
        let mut item = part(value, &picks[..rank])?;
        put(&mut item, &picks[rank..], new)?;
        return put(value, &picks[..rank], item);
    }
    let Picked { places, dimensions } = picked(picks, &kind.dimensions(), &kind)?;
    if let Value::Array(array) = value {
        match new {
            Value::Array(other) if dimensions == other.dimensions => {
                places.iter().zip(other.items).for_each(|(&place, item)| array.items[place] = item);
            }
            new if dimensions.is_empty() => array.items[places[0]] = new,
            new => return Err(Trouble::Kind(format!("{} does not have the shape of this part", new.kind()))),
        }
        return Ok(());
    }
    let mut bits = value.bits().ok_or_else(|| Trouble::Kind(format!("{kind} has no elements")))?;
    let given = new.bits().unwrap_or_default();
    shape(given.len(), places.len())?;
    places.iter().zip(given).for_each(|(&place, bit)| bits[place] = bit);
    *value = value.with_bits(&bits).ok_or_else(|| Trouble::Kind(format!("{kind} has no elements")))?;
    Ok(())
}

/// The places that indices pick of a register of a size.
pub(crate) fn numbers(picks: &[Pick], size: usize) -> Result<Vec<usize>, Trouble> {
    match picks {
        [pick] => places(pick, size),
        _ => Err(Trouble::Kind("a register has one dimension".into())),
    }
}

#[cfg(test)]
mod tests;
