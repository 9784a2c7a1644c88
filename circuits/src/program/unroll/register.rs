//! Assignments, and the registers of the circuit that hold what is measured.

use super::{BitCell, Cell, NEW, Unrolled, Unroller, beyond};
use crate::operation::Operation;
use crate::program::cast::{Conversion, convert};
use crate::program::expression::{Place, Slot, picks};
use crate::program::fault::Trouble;
use crate::program::index::{numbers, part, put};
use crate::program::statement::Target;
use crate::program::value::Value;

impl Unroller<'_> {
    pub(super) fn assign(&mut self, target: &Target, cell: Cell, place: Place) -> Unrolled<()> {
        let fault = |trouble: Trouble| trouble.at(target.place);
        let mut brackets = Vec::new();
        for selectors in &target.brackets {
            for expr in selectors.iter().flat_map(|selector| selector.expressions()) {
                if !self.is_known(expr) {
                    return beyond(expr.place, "an index that depends on measured bits");
                }
            }
            brackets.push(picks(selectors, &self.state)?);
        }
        let home = if let Slot::Global(index) = target.slot { self.homes[index] } else { None };
        let before = self.state.cell(target.slot).clone();
        if let (Some(mut all), true) = (before.bits(), cell.bits().is_some() && brackets.len() <= 1) {
            let bits = cell.bits().unwrap_or_default();
            let places: Vec<usize> = match brackets.first() {
                None => (0..all.len()).collect(),
                Some(picks) => numbers(picks, all.len()).map_err(fault)?,
            };
            if bits.len() != places.len() {
                return Err(fault(Trouble::Kind(format!("{} bits are put into {}", bits.len(), places.len()))));
            }
            for (&position, bit) in places.iter().zip(bits) {
                all[position] = match home {
                    None => bit,
                    Some(start) => self.keep(start + position, bit, all[position], place)?,
                };
            }
            let single = matches!(before, Cell::Known(Value::Bit(_) | Value::Bool(_)) | Cell::Bits(_, true));
            let as_truth = matches!(before, Cell::Known(Value::Bool(_)));
            *self.state.cell_mut(target.slot) = match Cell::of(all, single) {
                Cell::Known(Value::Bit(bit)) if as_truth => Cell::Known(Value::Bool(bit)),
                other => other,
            };
            return Ok(());
        }
        if home.is_some() {
            return beyond(place, "a bit whose value is worked out of measured bits");
        }
        *self.state.cell_mut(target.slot) = match (before, cell) {
            // what is new, or no longer unknown; the program converts what it assigns
            (Cell::Unknown | Cell::Known(Value::Qubits(..)), Cell::Known(value)) if brackets.is_empty() => Cell::Known(value),
            (Cell::Known(mut old), Cell::Known(value)) => match brackets.as_slice() {
                [] => Cell::Known(convert(&value, &old.kind(), Conversion::Implicit).map_err(fault)?),
                [picks] => {
                    let kind = part(&old, picks).map_err(fault)?.kind();
                    put(&mut old, picks, convert(&value, &kind, Conversion::Implicit).map_err(fault)?).map_err(fault)?;
                    Cell::Known(old)
                }
                _ => return beyond(target.place, "an index of an index"),
            },
            _ => Cell::Unknown,
        };
        Ok(())
    }

    /// Puts a bit into a register of the circuit, which only measurements can do.
    pub(super) fn keep(&mut self, home: usize, bit: BitCell, before: BitCell, place: Place) -> Unrolled<BitCell> {
        match bit {
            BitCell::Known(false) if before == BitCell::Known(false) => Ok(before),
            BitCell::Measured(from) if from == home => Ok(bit),
            BitCell::Measured(from) if from >= NEW && self.renamed(from, home) => Ok(BitCell::Measured(home)),
            BitCell::Known(_) | BitCell::Measured(_) => {
                beyond(place, "a bit of a register that is set by anything but a measurement")
            }
        }
    }

    /// Lets a measurement write into a register at once, if nothing used the bit of the register since.
    pub(super) fn renamed(&mut self, from: usize, home: usize) -> bool {
        let list = self.open.last_mut().expect("a list is open");
        for position in (0..list.len()).rev() {
            if matches!(&list[position], Operation::Measure { bit, .. } if *bit == from) {
                for operation in &mut list[position..] {
                    operation.bits_mut(&mut |bit| {
                        if *bit == from {
                            *bit = home
                        }
                    });
                }
                self.rename_cells(from, home);
                return true;
            }
            let mut used = false;
            list[position].bits_mut(&mut |bit| used |= *bit == home);
            if used {
                return false;
            }
        }
        false
    }

    /// The register holds a new outcome; what was copied of the one before is known no more.
    fn rename_cells(&mut self, from: usize, home: usize) {
        for cell in self.state.globals.iter_mut().chain(self.state.frames.iter_mut().flatten()) {
            let Cell::Bits(bits, _) = cell else { continue };
            if bits.contains(&BitCell::Measured(home)) {
                *cell = Cell::Unknown;
                continue;
            }
            bits.iter_mut().filter(|bit| **bit == BitCell::Measured(from)).for_each(|bit| *bit = BitCell::Measured(home));
        }
    }
}
