//! One row's references, compiled once, and a student's calls read against them.

use super::flow;
use super::relation::{Given, Relation};
use super::scores;
use super::settings::Settings;
use super::side::{Needs, Side, Tables, write_call};
use super::steps::{Recording, Step};
use super::{Metric, Scored};
use crate::parse::{Call, Format, is_exactly, written};
use std::sync::OnceLock;

/// The references of one row, ready to be scored against.
#[derive(Clone, Debug)]
pub struct References {
    trajectories: Vec<Trajectory>,
    tables: Tables,
    flow: Option<flow::Row>,
}

/// One reference.
#[derive(Clone, Debug)]
pub(super) struct Trajectory {
    pub recording: Recording,
    pub side: Side,
    /// What each call may be written as, made when it is first asked for.
    written: OnceLock<Vec<Box<str>>>,
}

impl Trajectory {
    fn written(&self) -> &[Box<str>] {
        self.written.get_or_init(|| self.recording.calls.iter().map(|one| written(&one.call)).collect())
    }
}

/// A student's calls as numbers of one row's references.
#[derive(Debug)]
pub struct Student {
    pub(super) side: Side,
    /// All call tokens, the references' included, are below this.
    pub(super) calls: usize,
    /// All tool tokens are below this.
    pub(super) tools: usize,
    pub(super) flow: Option<flow::Student>,
}

impl References {
    /// Compiles a row's references for what will be asked of them.
    #[must_use]
    pub fn new(recordings: Vec<Recording>, needs: Needs, context: &flow::Context) -> Self {
        let mut tables = Tables::default();
        let read = |recording: Recording| {
            let side = tables.read_reference(recording.calls.iter().map(|recorded| &recorded.call), needs);
            Trajectory { recording, side, written: OnceLock::new() }
        };
        let trajectories: Vec<Trajectory> = recordings.into_iter().map(read).collect();
        let flow = needs.flow.then(|| flow::Row::new(&trajectories, &tables.keys, context));
        Self { trajectories, tables, flow }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.trajectories.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.trajectories.is_empty()
    }

    /// The calls and answers.
    pub fn recordings(&self) -> impl Iterator<Item = &Recording> {
        self.trajectories.iter().map(|trajectory| &trajectory.recording)
    }

    /// Reads a student's calls for scores that need no more than this, nor than the references were compiled for.
    #[must_use]
    pub fn read(&self, steps: &[Step<'_>], needs: Needs) -> Student {
        let (side, calls, tools) = self.tables.read_student(steps, needs);
        let flow = self.flow.as_ref().filter(|_| needs.flow).map(|row| row.read(steps, &side));
        Student { side, calls, tools, flow }
    }

    /// The score of the best reference and which one that is, the first of equals; nothing if there are none.
    ///
    /// `student` is what [`References::read`] gave for `steps`. `given` has similarities computed elsewhere for each
    /// reference.
    #[must_use]
    pub fn score(
        &self,
        settings: &Settings,
        student: &Student,
        steps: &[Step<'_>],
        given: &[Vec<f64>],
    ) -> Option<Scored> {
        let mut best: Option<Scored> = None;
        for reference in 0..self.trajectories.len() {
            let given = given.get(reference).map(Vec::as_slice);
            let score = self.score_one(settings, student, steps, (reference, given));
            if best.is_none_or(|best| score > best.score) {
                best = Some(Scored { score, reference });
            }
        }
        best
    }

    /// The score of a text that holds what a student did, if it can be told without reading all of it.
    pub(super) fn score_text(&self, settings: &Settings, format: Format, text: &str) -> Option<f64> {
        if !settings.wants_equal_calls() || !settings.count_invalid || self.is_empty() {
            return None;
        }
        let mut found = false;
        for trajectory in &self.trajectories {
            let same = |place: usize, call: &Call| {
                let mut bytes = Vec::new();
                write_call(call, &mut bytes);
                self.tables.calls.get(&bytes) == Some(trajectory.side.tokens[place])
            };
            found = found || is_exactly(format, text, trajectory.written(), same)?;
        }
        Some(f64::from(u8::from(found)))
    }

    fn score_one(
        &self,
        settings: &Settings,
        student: &Student,
        steps: &[Step<'_>],
        (reference, given): (usize, Given<'_>),
    ) -> f64 {
        let relation = self.relation(settings, student, steps, (reference, given));
        match (settings.metric, &self.flow, &student.flow) {
            (Metric::Flow, Some(row), Some(flow)) => row.score(&relation, flow, reference).score,
            (Metric::Flow, ..) => unreachable!("references compiled for flow"),
            (metric, ..) => scores::score(metric, &relation),
        }
    }

    pub(super) fn relation<'a>(
        &'a self,
        settings: &'a Settings,
        student: &'a Student,
        steps: &'a [Step<'a>],
        (reference, given): (usize, Given<'a>),
    ) -> Relation<'a> {
        let teacher = (&self.trajectories[reference], self.tables.names.len());
        Relation::new(settings, (student, steps), teacher, given)
    }

    pub(super) fn flow(&self) -> Option<&flow::Row> {
        self.flow.as_ref()
    }
}
