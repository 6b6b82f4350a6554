//! The numbers that turn what was found into a score.

use crate::align::settings::{SettingsError, in_unit};

/// What each kind of agreement is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    /// What is left of a matched call that was made before one that it must follow.
    pub order: f64,
    /// The credit of a call that reached a reference's result another way, or led to it.
    pub equivalence: f64,
    /// The weight in the recall of a reference's call that is not on the way to the answer.
    pub detour: f64,
    /// What is left of a matched call whose numbers came from nowhere.
    pub support: f64,
    /// How much more recall counts than precision.
    pub beta: f64,
}

impl Default for Weights {
    fn default() -> Self {
        Self { order: 0.5, equivalence: 0.9, detour: 0.25, support: 0.5, beta: 1.0 }
    }
}

impl Weights {
    pub(in crate::align) fn check(&self) -> Result<(), SettingsError> {
        let shares = [
            ("weights.order", self.order),
            ("weights.equivalence", self.equivalence),
            ("weights.detour", self.detour),
            ("weights.support", self.support),
        ];
        shares.into_iter().try_for_each(|(field, given)| in_unit(field, given))?;
        if self.beta.is_finite() && self.beta > 0.0 {
            return Ok(());
        }
        Err(SettingsError::Range { field: "weights.beta".into(), range: "above 0", given: self.beta })
    }
}
