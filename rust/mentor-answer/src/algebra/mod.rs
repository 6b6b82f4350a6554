//! Equal for certain: canonical forms, and how close two different algebraic numbers can be.

mod angles;
mod canonical;
mod poly;
mod residue;
mod separation;

pub(crate) use canonical::{Canonical, proportional, quotient_of_terms, same};
pub(crate) use residue::apart;
pub(crate) use separation::separation;
