//! Actions that change the gates appended before.

use qloom_circuits::PauliString;
use serde::{Deserialize, Serialize};

use super::action::{ActionConfig, ActionSet};
use crate::QasError;
use crate::objective::Objective;
use crate::walk::draft::Draft;
use crate::walk::local::insertion::{self, Insertion};

/// A change of the gates appended before, one action each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Edit {
    /// Takes out the last gate.
    DeleteLast,
    /// Takes out the gate without which the energy is lowest, all other angles held; one energy a gate, when it is chosen.
    DeleteCheapest,
    /// Takes out that gate, and puts in at its place the rotation about a string of steepest slope for its price in gates that there is
    /// room for; one evaluation more.
    ReplaceCheapest,
}

impl Edit {
    /// Its name in settings.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::DeleteLast => "delete-last",
            Self::DeleteCheapest => "delete-cheapest",
            Self::ReplaceCheapest => "replace-cheapest",
        }
    }
}

/// Slopes without noise below this lead nowhere, in the problem's unit.
const FLAT: f64 = 1e-7;

/// The edits of a set of actions.
#[derive(Debug, Clone)]
pub(super) struct Edits {
    pub(super) list: Vec<Edit>,
    insertions: Vec<Insertion>,
    strings: Vec<PauliString>,
}

impl Edits {
    /// # Errors
    ///
    /// [`QasError::InvalidSetting`] when gates are to be exchanged for rotations and there are none.
    pub(super) fn new(config: &ActionConfig, set: &ActionSet) -> Result<Self, QasError> {
        let mut list = config.edits.clone();
        let mut seen = Vec::new();
        list.retain(|edit| {
            !seen.contains(edit) && {
                seen.push(*edit);
                true
            }
        });
        let insertions = if list.contains(&Edit::ReplaceCheapest) {
            insertion::of_actions(config, set, "environment.actions.edits")?
        } else {
            Vec::new()
        };
        let strings = insertions.iter().map(|insertion| insertion.string).collect();
        Ok(Self { list, insertions, strings })
    }

    /// The circuit after an edit, its angles not fitted, and the index of the angle that is new. There has to be a gate.
    pub(super) fn apply(
        &self,
        edit: Edit,
        draft: &Draft,
        max_gates: usize,
        set: &ActionSet,
        objective: &mut Objective,
    ) -> Result<(Draft, Option<usize>), QasError> {
        match edit {
            Edit::DeleteLast => Ok((draft.without(draft.actions.len() - 1, set), None)),
            Edit::DeleteCheapest => Ok((draft.without(cheapest(draft, set, objective)?, set), None)),
            Edit::ReplaceCheapest => {
                let place = cheapest(draft, set, objective)?;
                let shorter = draft.without(place, set);
                let slopes = objective.slopes(&shorter.circuit(set)?.bind(&shorter.angles)?, place, &self.strings)?;
                let room = max_gates - shorter.actions.len();
                let flat = objective.resolution(FLAT);
                // equal slopes, as symmetry makes them, are told apart by number and not by rounding
                let key = |&index: &usize| ((-slopes[index].abs() / self.insertions[index].price() * 1e9).round() as i64, index);
                let fits = |&index: &usize| slopes[index].abs() > flat && self.insertions[index].gates().count() <= room;
                let Some(steepest) = (0..slopes.len()).filter(fits).min_by_key(key) else { return Ok((shorter, None)) };
                let fresh = set.count_angles(&shorter.actions[..place]);
                Ok((shorter.with(&self.insertions[steepest], place, set), Some(fresh)))
            }
        }
    }
}

/// The gate without which the energy is lowest; of equal ones the last.
fn cheapest(draft: &Draft, set: &ActionSet, objective: &mut Objective) -> Result<usize, QasError> {
    let mut lowest = (i64::MAX, 0);
    for index in 0..draft.actions.len() {
        let shorter = draft.without(index, set);
        let energy = objective.energy(&shorter.circuit(set)?, &shorter.angles)?;
        // to a billionth of the unit, so that rounding decides nothing
        let energy = (energy * 1e9).round() as i64;
        if energy <= lowest.0 {
            lowest = (energy, index);
        }
    }
    Ok(lowest.1)
}
