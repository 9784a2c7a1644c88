//! What the number of an action stands for.

use super::action::{ActionConfig, ActionSet};
use super::edit::{Edit, Edits};
use super::gadget;
use super::start::Section;
use crate::{Problem, QasError};

/// What an agent has chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Choice<'a> {
    /// To append a gate.
    Gate(usize),
    /// To append the rotation about a string of this rank.
    Rotation(usize),
    /// To append several gates.
    Gadget(&'a Section),
    /// To change the gates appended before.
    Edit(Edit),
}

/// The actions behind the gates and the steepest rotations.
#[derive(Debug, Clone)]
pub(super) struct Choices {
    gates: usize,
    steepest: usize,
    gadgets: Vec<Section>,
    pub(super) edits: Edits,
}

impl Choices {
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when a gadget or an edit does not fit the gates.
    pub(super) fn new(config: &ActionConfig, problem: &Problem, set: &ActionSet) -> Result<Self, QasError> {
        let gadgets = match &config.gadgets {
            None => Vec::new(),
            Some(gadgets) => gadget::sections(gadgets, problem.gadgets(), set)?,
        };
        Ok(Self { gates: set.len(), steepest: config.steepest, gadgets, edits: Edits::new(config, set)? })
    }

    /// The number of actions in all.
    pub(super) fn len(&self) -> usize {
        self.gates + self.steepest + self.gadgets.len() + self.edits.list.len()
    }

    /// What this number stands for.
    ///
    /// # Panics
    ///
    /// When it is not below [`len`](Self::len).
    #[track_caller]
    pub(super) fn of(&self, action: usize) -> Choice<'_> {
        let Some(rank) = action.checked_sub(self.gates) else { return Choice::Gate(action) };
        let Some(number) = rank.checked_sub(self.steepest) else { return Choice::Rotation(rank) };
        match number.checked_sub(self.gadgets.len()) {
            None => Choice::Gadget(&self.gadgets[number]),
            Some(edit) => Choice::Edit(self.edits.list[edit]),
        }
    }

    /// Numbers of the actions behind the gates that are illegal, ascending: ranks without a rotation, gadgets that there is no room for or
    /// whose first gate is, and edits of nothing.
    pub(super) fn illegal(&self, ranked: usize, gates: &[u16], room: usize, empty: bool) -> Vec<u16> {
        let fits = |section: &Section| section.actions.len() <= room && !gates.contains(&section.actions[0]);
        let is_illegal = |&action: &usize| match self.of(action) {
            Choice::Gate(_) => false,
            Choice::Rotation(rank) => rank >= ranked,
            Choice::Gadget(section) => !fits(section),
            Choice::Edit(_) => empty,
        };
        (self.gates..self.len()).filter(is_illegal).map(|action| action as u16).collect()
    }
}
