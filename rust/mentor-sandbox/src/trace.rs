//! Tracing as JSON lines, for those who bring no subscriber of their own.
//!
//! The crate's spans and events are the `tracing` crate's: `compile`, `image`, `batch`, `call`, `restore`, and an
//! event for each instance made or dropped. They carry sizes, times and verdicts, never what a guest reads or
//! writes. Off by default, and then a callsite costs one load of an atomic.
//!
//! A line is written when a span ends or an event happens, in one `write`, without locks: spans begin and end on
//! one thread, so what is open is kept per thread. That also makes tracing safe across a fork.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::fs::File;
use std::io::Write;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, Subscriber};
use tracing::{Event, Metadata};

use crate::Error;

/// The names of the levels, from nothing to everything.
pub const TRACE_LEVELS: &[&str] = &["off", "error", "warn", "info", "debug", "trace"];
const FILTERS: [LevelFilter; 6] = [
    LevelFilter::OFF,
    LevelFilter::ERROR,
    LevelFilter::WARN,
    LevelFilter::INFO,
    LevelFilter::DEBUG,
    LevelFilter::TRACE,
];

/// The index of the level in force.
static LEVEL: AtomicUsize = AtomicUsize::new(0);
/// Where lines go: set once, since other threads may be writing to it.
static SINK: OnceLock<Sink> = OnceLock::new();

struct Sink {
    file: File,
    /// None for standard error.
    path: Option<PathBuf>,
}

impl Sink {
    fn open(path: Option<PathBuf>) -> Result<Self, Error> {
        let opened = match &path {
            Some(path) => File::options().create(true).append(true).open(path),
            // A handle of our own: the standard one has a lock, which a fork may leave locked for ever.
            None => std::io::stderr().as_fd().try_clone_to_owned().map(Into::into),
        };
        match opened {
            Ok(file) => Ok(Self { file, path }),
            Err(source) => {
                let path = path.unwrap_or_else(|| "standard error".into());
                Err(Error::Io { path, source, hint: "the trace needs to append there" })
            }
        }
    }
}

/// Writes this crate's spans and events of a level and above as JSON lines. May be called again to change the
/// level; not the place.
///
/// `level` is one of `TRACE_LEVELS`; `file` is appended to, None means standard error. Fails where the process has
/// a `tracing` subscriber already: then that one gets everything.
pub fn trace(level: &str, file: Option<PathBuf>) -> Result<(), Error> {
    let wrong = |reason: String| Err(Error::Option { field: "trace", reason });
    let Some(at) = TRACE_LEVELS.iter().position(|name| *name == level) else {
        return wrong(format!("there is no level {level:?}; expected {}", TRACE_LEVELS.join(", ")));
    };
    match SINK.get() {
        None if at == 0 => return Ok(()),
        Some(sink) if at > 0 && sink.path != file => {
            return wrong("this process writes its trace elsewhere already; the place cannot change".into());
        }
        Some(_) => {}
        None => {
            let sink = Sink::open(file)?;
            if SINK.set(sink).is_ok() && tracing::subscriber::set_global_default(Lines).is_err() {
                return wrong(
                    "this process has a tracing subscriber of its own, which gets everything".into(),
                );
            }
        }
    }
    LEVEL.store(at, Relaxed);
    tracing::callsite::rebuild_interest_cache();
    Ok(())
}

/// The subscriber.
struct Lines;

struct Open {
    id: u64,
    meta: &'static Metadata<'static>,
    began: Instant,
    handles: usize,
    fields: Map<String, Value>,
}

thread_local! {
    /// This thread's spans that have not ended, in the order in which they were made.
    static OPEN: RefCell<Vec<Open>> = const { RefCell::new(Vec::new()) };
    /// The id of the span that was entered last and not left.
    static INSIDE: Cell<u64> = const { Cell::new(0) };
}

fn with<T>(id: u64, act: impl FnOnce(&mut Open) -> T) -> Option<T> {
    OPEN.with_borrow_mut(|open| open.iter_mut().rev().find(|span| span.id == id).map(act))
}

impl Subscriber for Lines {
    fn register_callsite(&self, meta: &'static Metadata<'static>) -> Interest {
        if meta.target().starts_with("mentor") { Interest::sometimes() } else { Interest::never() }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(FILTERS[LEVEL.load(Relaxed)])
    }

    fn enabled(&self, meta: &Metadata<'_>) -> bool {
        *meta.level() <= FILTERS[LEVEL.load(Relaxed)]
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let id = NEXT.fetch_add(1, Relaxed);
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let (meta, began) = (attributes.metadata(), Instant::now());
        OPEN.with_borrow_mut(|open| open.push(Open { id, meta, began, handles: 1, fields: fields.0 }));
        Id::from_u64(id)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        with(span.into_u64(), |open| open.fields.extend(fields.0));
    }

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let message = fields.0.remove("message");
        let name = message.as_ref().and_then(Value::as_str).unwrap_or(event.metadata().name());
        write_line(event.metadata(), name, None, &fields.0);
    }

    fn enter(&self, span: &Id) {
        INSIDE.set(span.into_u64());
    }

    fn exit(&self, span: &Id) {
        let outer = OPEN.with_borrow(|open| {
            let at = open.iter().rposition(|open| open.id == span.into_u64());
            at.and_then(|at| at.checked_sub(1)).map_or(0, |at| open[at].id)
        });
        INSIDE.set(outer);
    }

    fn clone_span(&self, id: &Id) -> Id {
        with(id.into_u64(), |open| open.handles += 1);
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        let ended = OPEN.with_borrow_mut(|open| {
            let at = open.iter().rposition(|span| span.id == id.into_u64())?;
            open[at].handles -= 1;
            (open[at].handles == 0).then(|| open.remove(at))
        });
        if let Some(span) = &ended {
            write_line(span.meta, span.meta.name(), Some(span.began), &span.fields);
        }
        ended.is_some()
    }
}

/// `{"time", "pid", "thread", "level", "name", "in", "us", ...fields}`, one line.
fn write_line(meta: &Metadata<'_>, name: &str, began: Option<Instant>, fields: &Map<String, Value>) {
    let mut line = Map::new();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    line.insert("time".into(), (now.as_micros() as f64 / 1e6).into());
    line.insert("pid".into(), std::process::id().into());
    line.insert("thread".into(), std::thread::current().name().unwrap_or("").into());
    line.insert("level".into(), meta.level().as_str().to_ascii_lowercase().into());
    line.insert("name".into(), name.into());
    if let Some(outer) = with(INSIDE.get(), |open| open.meta.name()) {
        line.insert("in".into(), outer.into());
    }
    if let Some(began) = began {
        line.insert("us".into(), (began.elapsed().as_nanos() as f64 / 1e3).into());
    }
    line.extend(fields.clone());
    let mut text = Value::Object(line).to_string();
    text.push('\n');
    // A trace that cannot be written must not disturb what is traced.
    let _ = SINK.get().map(|sink| (&sink.file).write_all(text.as_bytes()));
}

#[derive(Default)]
struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().into(), value.into());
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().into(), value.into());
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.insert(field.name().into(), value.into());
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().into(), value.into());
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().into(), value.into());
    }
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().into(), format!("{value:?}").into());
    }
}
