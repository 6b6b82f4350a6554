//! Metrics in Prometheus' text format.

use std::fmt::{Display, Write};

use super::{Histogram, Metrics};

/// Renders metrics for a scrape: each entry's lines carry its label, `sandbox="name"`, or none where the name is
/// empty. The content type is `text/plain; version=0.0.4`.
#[must_use]
pub fn prometheus(entries: &[(&str, &Metrics)]) -> String {
    let mut page = Page { entries, text: String::new() };
    page.counter("calls_total", "Calls by how they ended.", |m, line| {
        m.statuses.iter().for_each(|(status, count)| line(&[("status", status.as_str())], count));
    });
    page.counter("limits_total", "Calls that a limit stopped, by limit.", |m, line| {
        m.limits.iter().for_each(|(limit, count)| line(&[("limit", limit.as_str())], count));
    });
    page.counter("cancelled_total", "Calls of cancelled batches, stopped or never run.", |m, line| {
        line(&[], &m.cancelled);
    });
    page.counter("states_total", "States made.", |m, line| line(&[], &m.states));
    page.counter("restores_total", "Guests put back to their image.", |m, line| {
        m.restores.iter().for_each(|(way, effort)| line(&[("way", way.as_str())], &effort.restores));
    });
    page.counter("restored_pages_total", "Pages of 4 KiB copied back.", |m, line| {
        m.restores.iter().for_each(|(way, effort)| line(&[("way", way.as_str())], &effort.pages));
    });
    page.counter("restore_sweeps_total", "Times that all open pages were closed again.", |m, line| {
        m.restores.iter().for_each(|(way, effort)| line(&[("way", way.as_str())], &effort.sweeps));
    });
    page.counter("instances_made_total", "Guests made.", |m, line| line(&[], &m.made));
    page.counter("instances_dropped_total", "Guests dropped, by reason.", |m, line| {
        m.dropped.iter().for_each(|(why, count)| line(&[("why", why.as_str())], count));
    });
    page.family("instances", "gauge", "Guests alive.", |m, line| line("", &[], &m.instances()));
    page.histogram("call_seconds", "Time of a call on its worker, putting back included.", |m| &m.busy);
    page.histogram("queue_seconds", "Time from a batch's submission to a call's start.", |m| &m.queued);
    if let Some(resident) = entries.iter().find_map(|(_, metrics)| metrics.resident) {
        page.text += "# HELP mentor_resident_bytes Resident memory of the process.\n# TYPE mentor_resident_bytes gauge\n";
        let _ = writeln!(page.text, "mentor_resident_bytes {resident}");
    }
    page.text
}

struct Page<'a> {
    entries: &'a [(&'a str, &'a Metrics)],
    text: String,
}

type Labels<'a> = &'a [(&'a str, &'a str)];

impl Page<'_> {
    fn family(
        &mut self,
        name: &str,
        kind: &str,
        help: &str,
        lines: impl Fn(&Metrics, &mut dyn FnMut(&str, Labels<'_>, &dyn Display)),
    ) {
        let text = &mut self.text;
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# HELP mentor_sandbox_{name} {help}\n# TYPE mentor_sandbox_{name} {kind}");
        for (entry, metrics) in self.entries {
            lines(metrics, &mut |suffix, labels, value| {
                let named = (!entry.is_empty()).then_some(("sandbox", *entry));
                let all: Vec<String> = named
                    .iter()
                    .chain(labels)
                    .map(|(label, value)| format!("{label}=\"{}\"", escaped(value)))
                    .collect();
                let all = if all.is_empty() { String::new() } else { format!("{{{}}}", all.join(",")) };
                let _ = writeln!(text, "mentor_sandbox_{name}{suffix}{all} {value}");
            });
        }
    }

    fn counter(
        &mut self,
        name: &str,
        help: &str,
        lines: impl Fn(&Metrics, &mut dyn FnMut(Labels<'_>, &u64)),
    ) {
        self.family(name, "counter", help, |metrics, line| {
            lines(metrics, &mut |labels, count| line("", labels, count));
        });
    }

    /// One bound an octave: enough for dashboards, a quarter of the lines.
    fn histogram(&mut self, name: &str, help: &str, pick: impl Fn(&Metrics) -> &Histogram) {
        self.family(name, "histogram", help, |metrics, line| {
            let histogram = pick(metrics);
            let mut below = 0;
            for (at, (bound, count)) in Histogram::bounds().iter().zip(&histogram.counts).enumerate() {
                below += count;
                if at % 4 == 0 {
                    line("_bucket", &[("le", &bound.as_secs_f64().to_string())], &below);
                }
            }
            let count = histogram.counts.iter().sum::<u64>();
            line("_bucket", &[("le", "+Inf")], &count);
            line("_sum", &[], &histogram.total.as_secs_f64());
            line("_count", &[], &count);
        });
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::process_metrics;

    #[test]
    fn every_family_is_announced_once_and_every_entry_has_its_label() {
        let metrics = process_metrics();
        let text = prometheus(&[("a\"b", &metrics), ("c", &metrics)]);
        let families = text.lines().filter(|line| line.starts_with("# TYPE")).count();
        assert_eq!(families, if metrics.resident.is_some() { 13 } else { 12 });
        for line in text.lines().filter(|line| line.starts_with("mentor_sandbox")) {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(name.contains(r#"{sandbox="a\"b""#) || name.contains(r#"{sandbox="c""#), "{line}");
            assert!(value.parse::<f64>().is_ok(), "{line}");
        }
        assert!(text.contains("mentor_sandbox_calls_total{sandbox=\"c\",status=\"ok\"} "));
        assert!(
            text.contains("mentor_sandbox_call_seconds_bucket{sandbox=\"c\",le=\"0.000001\"} "),
            "{text}"
        );
        assert!(prometheus(&[("", &metrics)]).contains("\nmentor_sandbox_states_total "));
    }
}
