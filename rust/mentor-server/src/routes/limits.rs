//! The bounds that a request asks for, within the server's own.

use std::time::Duration;

use mentor_sandbox::Limits;
use serde::Deserialize;

use crate::problem::Problem;

/// Bounds of each job of a request; what is left out is the server's.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    fuel: Option<u64>,
    wall: Option<f64>,
    memory: Option<u64>,
    output: Option<u64>,
    files: Option<u64>,
    entries: Option<u32>,
    name_length: Option<u32>,
    path_depth: Option<u32>,
    arguments: Option<u64>,
    result: Option<u64>,
}

impl Asked {
    /// The limits, or which of them is more than the server allows.
    pub fn within(self, most: &Limits) -> Result<Limits, Problem> {
        let mut limits = *most;
        for (field, asked, bound) in [
            ("fuel", self.fuel, &mut limits.fuel),
            ("memory", self.memory, &mut limits.memory),
            ("output", self.output, &mut limits.output),
            ("files", self.files, &mut limits.files),
            ("arguments", self.arguments, &mut limits.arguments),
            ("result", self.result, &mut limits.result),
        ] {
            lower(field, asked, bound)?;
        }
        for (field, asked, bound) in [
            ("entries", self.entries, &mut limits.entries),
            ("name_length", self.name_length, &mut limits.name_length),
            ("path_depth", self.path_depth, &mut limits.path_depth),
        ] {
            lower(field, asked, bound)?;
        }
        if let Some(seconds) = self.wall {
            let asked = Duration::try_from_secs_f64(seconds)
                .map_err(|error| Problem::bad(format!("limits.wall: {seconds} s: {error}")))?;
            if asked > limits.wall {
                return Err(too_much("wall", seconds, limits.wall.as_secs_f64()));
            }
            limits.wall = asked;
        }
        limits.validate().map_err(|error| Problem::bad(format!("limits.{error}")))?;
        Ok(limits)
    }
}

fn lower<N: PartialOrd + Copy + std::fmt::Display>(
    field: &str,
    asked: Option<N>,
    bound: &mut N,
) -> Result<(), Problem> {
    match asked {
        Some(asked) if asked > *bound => Err(too_much(field, asked, *bound)),
        Some(asked) => {
            *bound = asked;
            Ok(())
        }
        None => Ok(()),
    }
}

fn too_much(field: &str, asked: impl std::fmt::Display, most: impl std::fmt::Display) -> Problem {
    Problem::bad(format!("limits.{field}: {asked} is more than this server allows, {most}"))
}
