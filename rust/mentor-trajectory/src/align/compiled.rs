//! References of a batch: read once where rows share a text, compiled once.

use super::flow::Context;
use super::read::{At, recordings};
use super::references::References;
use super::side::Needs;
use super::steps::Recording;
use crate::pool;
use std::collections::HashMap;
use thiserror::Error;

/// Where a row's references come from.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// JSON text: `[{"calls": [{"name": ..., "arguments": {...}, "result": ...}, ...], "answer": ...}, ...]`, or lists
    /// of calls in place of the objects. A single trajectory may stand without the outer list.
    Text(&'a str),
    /// Trajectories already read.
    Recordings(&'a [Recording]),
}

/// A reference that cannot be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{path}: {what}")]
pub struct FieldFault {
    /// The row of the batch.
    pub row: usize,
    /// The path within the row's references, such as `[0].calls[2].name`.
    pub path: String,
    /// What is wrong.
    pub what: String,
}

/// The references of a batch.
#[derive(Debug)]
pub struct Compiled {
    distinct: Vec<References>,
    rows: Vec<usize>,
}

impl Compiled {
    /// Compiles every row's references; rows with the same text share one compilation.
    pub fn new(sources: &[Source<'_>], needs: Needs) -> Result<Self, FieldFault> {
        Self::with_contexts(sources, &[], needs)
    }

    /// The same with what `flow` knows of each row besides; rows without a context of their own have the usual one.
    pub fn with_contexts(
        sources: &[Source<'_>],
        contexts: &[Context],
        needs: Needs,
    ) -> Result<Self, FieldFault> {
        let mut seen = HashMap::new();
        let mut firsts: Vec<usize> = Vec::new();
        let mut rows = Vec::with_capacity(sources.len());
        for (row, source) in sources.iter().enumerate() {
            let place = match source {
                Source::Text(text) if contexts.is_empty() => *seen.entry(*text).or_insert(firsts.len()),
                _ => firsts.len(),
            };
            if place == firsts.len() {
                firsts.push(row);
            }
            rows.push(place);
        }
        let weight = |row: &usize| match &sources[*row] {
            Source::Text(text) => text.len(),
            Source::Recordings(all) => all.iter().map(|one| one.calls.len()).sum::<usize>() * 64,
        };
        let usual = Context::default();
        let compiled = pool::map(&firsts, firsts.iter().map(weight).sum(), |_, &row| {
            let context = contexts.get(row).unwrap_or(&usual);
            compile(&sources[row], needs, context).map_err(|(path, what)| FieldFault { row, path, what })
        });
        let distinct = compiled.into_iter().collect::<Result<_, _>>()?;
        Ok(Self { distinct, rows })
    }

    /// The references of a row.
    #[must_use]
    pub fn of(&self, row: usize) -> &References {
        &self.distinct[self.rows[row]]
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

fn compile(source: &Source<'_>, needs: Needs, context: &Context) -> At<References> {
    let recordings = match source {
        Source::Recordings(recordings) => recordings.to_vec(),
        Source::Text(text) => recordings(text)?,
    };
    context.check(&recordings)?;
    Ok(References::new(recordings, needs, context))
}
