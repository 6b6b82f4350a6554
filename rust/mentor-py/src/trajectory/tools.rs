//! The tools offered to each row.

use super::fault::Fault;
use super::text::strings;
use mentor_trajectory::parse::Tools;
use pyo3::prelude::*;
use std::collections::HashMap;

/// The names of each row's tools; rows that share a Python object share a set.
pub(super) struct Toolboxes {
    distinct: Vec<Tools>,
    rows: Vec<Option<usize>>,
}

impl Toolboxes {
    pub(super) fn none() -> Self {
        Self { distinct: Vec::new(), rows: Vec::new() }
    }

    pub(super) fn new(tools: Option<&Bound<'_, PyAny>>, len: usize) -> PyResult<Self> {
        let Some(tools) = tools else {
            return Ok(Self::none());
        };
        let items: Vec<Bound<'_, PyAny>> = tools.try_iter()?.collect::<PyResult<_>>()?;
        if items.len() != len {
            return Err(Fault::new(format!("{len} rows but {} lists of tools", items.len())).raise("tools"));
        }
        let mut seen = HashMap::new();
        let mut boxes = Self { distinct: Vec::new(), rows: Vec::with_capacity(len) };
        for (row, item) in items.iter().enumerate() {
            if item.is_none() {
                boxes.rows.push(None);
                continue;
            }
            let known = seen.get(&item.as_ptr()).copied();
            let place = if let Some(place) = known {
                place
            } else {
                let names = strings(item).map_err(|fault| fault.raise(row, "tools"))?;
                boxes.distinct.push(names.iter().map(|name| name.as_str().to_owned()).collect());
                seen.insert(item.as_ptr(), boxes.distinct.len() - 1);
                boxes.distinct.len() - 1
            };
            boxes.rows.push(Some(place));
        }
        Ok(boxes)
    }

    pub(super) fn of(&self, row: usize) -> Option<&Tools> {
        self.rows.get(row).copied().flatten().map(|place| &self.distinct[place])
    }
}
