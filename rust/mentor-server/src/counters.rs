//! What the HTTP side did, in Prometheus' text format.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds of the histogram's buckets, seconds.
const BOUNDS: [f64; 14] =
    [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0, 300.0];

/// Counts of requests and connections.
#[derive(Default)]
pub struct Counters {
    requests: Mutex<BTreeMap<(String, u16), u64>>,
    seconds: Mutex<BTreeMap<String, Times>>,
    open: AtomicU64,
    dropped: AtomicU64,
    refused_connections: AtomicU64,
}

#[derive(Default)]
struct Times {
    counts: [u64; BOUNDS.len()],
    count: u64,
    total: Duration,
}

/// A request under way. One that is dropped before its answer lost its client.
pub struct Open<'a> {
    counters: &'a Counters,
    answered: bool,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.counters.open.fetch_sub(1, Ordering::Relaxed);
        if !self.answered {
            self.counters.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Counters {
    pub fn open(&self) -> Open<'_> {
        self.open.fetch_add(1, Ordering::Relaxed);
        Open { counters: self, answered: false }
    }

    pub fn refused_connection(&self) {
        self.refused_connections.fetch_add(1, Ordering::Relaxed);
    }

    /// The page, and beside it requests that wait by lane.
    pub fn page(&self, waiting: &[(&str, usize)]) -> String {
        let mut page = String::new();
        head(&mut page, "requests_total", "counter", "Requests by path and status.");
        for ((route, status), count) in lock(&self.requests).iter() {
            line(&mut page, &format!("requests_total{{route=\"{route}\",status=\"{status}\"}}"), count);
        }
        head(&mut page, "request_seconds", "histogram", "Time from a request's head to its answer.");
        for (route, times) in lock(&self.seconds).iter() {
            let mut below = 0;
            for (bound, count) in BOUNDS.iter().zip(times.counts) {
                below += count;
                line(
                    &mut page,
                    &format!("request_seconds_bucket{{route=\"{route}\",le=\"{bound}\"}}"),
                    &below,
                );
            }
            let label = format!("{{route=\"{route}\",le=\"+Inf\"}}");
            line(&mut page, &format!("request_seconds_bucket{label}"), &times.count);
            line(&mut page, &format!("request_seconds_sum{{route=\"{route}\"}}"), &times.total.as_secs_f64());
            line(&mut page, &format!("request_seconds_count{{route=\"{route}\"}}"), &times.count);
        }
        head(&mut page, "requests_open", "gauge", "Requests under way.");
        line(&mut page, "requests_open", &self.open.load(Ordering::Relaxed));
        head(&mut page, "requests_dropped_total", "counter", "Requests whose clients went away.");
        line(&mut page, "requests_dropped_total", &self.dropped.load(Ordering::Relaxed));
        head(&mut page, "connections_refused_total", "counter", "Connections beyond the bound.");
        line(&mut page, "connections_refused_total", &self.refused_connections.load(Ordering::Relaxed));
        head(&mut page, "waiting", "gauge", "Requests that wait for a lane.");
        for (lane, count) in waiting {
            line(&mut page, &format!("waiting{{lane=\"{lane}\"}}"), count);
        }
        page
    }
}

impl Open<'_> {
    /// The request was answered.
    pub fn answered(mut self, route: &str, status: u16, took: Duration) {
        self.answered = true;
        *lock(&self.counters.requests).entry((route.to_owned(), status)).or_default() += 1;
        let mut seconds = lock(&self.counters.seconds);
        let times = seconds.entry(route.to_owned()).or_default();
        if let Some(at) = BOUNDS.iter().position(|bound| took.as_secs_f64() <= *bound) {
            times.counts[at] += 1;
        }
        times.count += 1;
        times.total += took;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn head(page: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(page, "# HELP mentor_http_{name} {help}\n# TYPE mentor_http_{name} {kind}");
}

fn line(page: &mut String, name: &str, value: &dyn std::fmt::Display) {
    let _ = writeln!(page, "mentor_http_{name} {value}");
}
