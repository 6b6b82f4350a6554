//! What was measured: printed, judged, and written into a page.

use std::io::Write;
use std::time::Duration;

use super::honest::Seen;
use super::hostile::Counts;

pub struct Report {
    pub clients: usize,
    pub hostile: usize,
    pub batch: Seen,
    pub single: Seen,
    pub idle: Seen,
    pub loaded: Seen,
    pub counts: Counts,
    pub memory: Vec<u64>,
    pub drained: Duration,
}

const BEGIN: &str = "<!-- load: written by make load -->";
const END: &str = "<!-- load: end -->";

pub fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

impl Report {
    fn wrong(&self) -> Vec<&String> {
        let seen = [&self.batch, &self.single, &self.idle, &self.loaded];
        seen.iter().flat_map(|seen| &seen.wrong).chain(&self.counts.unclean).collect()
    }

    pub fn is_clean(&self) -> bool {
        self.wrong().is_empty()
    }

    pub fn is_fast(&self) -> bool {
        self.overhead() < 0.3 && self.slower() <= 5.0 && self.grown() < 1.1 && self.drained.as_secs() < 5
    }

    /// Milliseconds that HTTP adds to a call at 32 clients.
    fn overhead(&self) -> f64 {
        (self.single.each() - self.batch.each()) * 1e3
    }

    fn slower(&self) -> f64 {
        self.loaded.quantile(0.99) as f64 / self.idle.quantile(0.99).max(1) as f64
    }

    /// Memory in the last tenth beside that after the first fifth, medians.
    fn grown(&self) -> f64 {
        let median = |part: &[u64]| {
            let mut part = part.to_vec();
            part.sort_unstable();
            part.get(part.len() / 2).copied().unwrap_or(1) as f64
        };
        let tenth = (self.memory.len() / 10).max(1).min(self.memory.len());
        let early = &self.memory[tenth.min(self.memory.len() - tenth)..];
        median(&self.memory[self.memory.len() - tenth..]) / median(&early[..tenth.min(early.len())])
    }

    fn rows(&self) -> Vec<(String, String, String)> {
        let row = |what: &str, promise: &str, measured: String| (what.into(), promise.into(), measured);
        let milliseconds = |seen: &Seen, share| format!("{:.1} ms", seen.quantile(share) as f64 / 1e3);
        let peak = self.memory.iter().max().copied().unwrap_or(0) >> 20;
        vec![
            row("wrong answers, unclean errors", "0", self.wrong().len().to_string()),
            row("honest calls answered", "", self.loaded.micros.len().to_string()),
            row("honest calls refused for a time", "", self.loaded.refused.to_string()),
            row("hostile: verdicts / refusals / cut off", "", {
                let Counts { verdicts, refusals, cut, .. } = &self.counts;
                format!("{verdicts} / {refusals} / {cut}")
            }),
            row("p99 without hostile clients", "", milliseconds(&self.idle, 0.99)),
            row("p50 / p99 beside them", "", {
                format!("{} / {}", milliseconds(&self.loaded, 0.5), milliseconds(&self.loaded, 0.99))
            }),
            row("p99 beside them, times that without", "at most 5", format!("{:.2}", self.slower())),
            row(
                "memory at the end, times that after the first tenth",
                "flat",
                format!("{:.2} (most {peak} MiB)", self.grown()),
            ),
            row(
                "drain, hostile programs under way",
                "under 5 s",
                format!("{:.1} s", self.drained.as_secs_f64()),
            ),
            row("calls/s: one a request, 32 clients", "", format!("{:.0}", 1.0 / self.single.each())),
            row("calls/s: a thousand a request", "", format!("{:.0}", 1.0 / self.batch.each())),
            row("HTTP's share of a call, 32 clients", "under 0.3 ms", format!("{:.3} ms", self.overhead())),
        ]
    }

    pub fn print(&self) {
        for (what, promise, measured) in self.rows() {
            say(&format!("{what:52} {promise:12} {measured}"));
        }
        for wrong in self.wrong().iter().take(10) {
            say(&format!("wrong: {wrong}"));
        }
    }

    /// Puts the table between the page's marks.
    pub fn write(&self, page: &str) -> Result<(), String> {
        let text = std::fs::read_to_string(page).map_err(|error| format!("{page}: {error}"))?;
        let (before, rest) = text.split_once(BEGIN).ok_or(format!("{page} has no {BEGIN}"))?;
        let (_, after) = rest.split_once(END).ok_or(format!("{page} has no {END}"))?;
        let seconds = self.loaded.length.as_secs();
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let mut table = format!(
            "\n{} clients, {} of them hostile, for {seconds} s, on {cores} cores that the clients share:\n\n\
             | what | promise | measured |\n|---|---|---:|\n",
            self.clients, self.hostile
        );
        for (what, promise, measured) in self.rows() {
            for cell in ["| ", &what, " | ", &promise, " | ", &measured, " |\n"] {
                table.push_str(cell);
            }
        }
        std::fs::write(page, format!("{before}{BEGIN}{table}{END}{after}")).map_err(|error| error.to_string())
    }
}
