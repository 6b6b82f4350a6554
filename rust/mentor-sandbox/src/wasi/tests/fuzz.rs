//! Every function with arbitrary arguments over arbitrary memory.
//!
//! Whatever a guest hands over: no call panics, a call that fails changes neither memory nor tree, one that succeeds
//! changes only what it was given to fill, files stay within their bounds, and the tree's account of itself is right.
//! The same seed gives the same end. `MENTOR_FUZZ_CASES` sets how many calls are made (`make fuzz-sandbox` makes millions).

use std::collections::BTreeMap;

use super::super::guest_memory::u32_at;
use super::super::linker::functions;
use super::super::{door, io, path, poll};
use super::*;

/// How many cases to run.
pub(super) fn cases(default: u64) -> u64 {
    std::env::var("MENTOR_FUZZ_CASES").ok().map_or(default, |text| text.parse().expect("MENTOR_FUZZ_CASES"))
}

/// A source of arbitrary values (xorshift64*) that remembers the argument before, since a length follows a path.
pub(super) struct Draw {
    state: u64,
    last: Option<u64>,
}

impl Draw {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, last: None }
    }

    fn next(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// The next argument.
    fn arg<T: Arbitrary>(&mut self) -> T {
        let value = T::draw(self);
        self.last = Some(value.number());
        value
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 16) % bound
    }

    fn few(&mut self, bound: u32) -> u32 {
        self.below(bound.into()) as u32
    }

    /// The root's descriptor, or one that may be a directory's.
    fn root(&mut self) -> u32 {
        [3, 3, 3, 4][self.below(4) as usize]
    }

    fn path(&mut self) -> u32 {
        let at = SLOT * self.below(PATHS.len() as u64);
        self.last = Some(at);
        at as u32
    }

    /// The length of the path that was just drawn.
    fn len(&mut self) -> u32 {
        self.last.and_then(|at| PATHS.get((at / SLOT) as usize)).map_or(0, |path| path.len() as u32)
    }

    fn list(&mut self) -> u32 {
        4096 + 8 * self.few(500)
    }

    fn out(&mut self) -> u32 {
        16_384 + self.few(40_000)
    }
}

const MEMORY: u64 = 64 << 10;
/// The memory starts with paths, a slot each; after them come arbitrary bytes.
const SLOT: u64 = 32;
const PATHS: &[&str] = &[
    "tmp",
    "tmp/a",
    "tmp/a/b",
    "tmp/a/b/c",
    "tmp/../tmp/a",
    "a",
    "b",
    "a/",
    "a/b",
    ".",
    "..",
    "tmp/.",
    "dev/null",
    "dev/urandom",
    "dev/zero",
    "lib/x",
    "lib",
    "/tmp",
    "../../x",
    "tmp/a\0b",
    "tmp/\u{e9}",
    "tmp//a//",
    "",
    "link",
    "link/b",
    "tmp/link",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];

fn memory(draw: &mut Draw) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..MEMORY).map(|_| draw.next() as u8).collect();
    for (slot, path) in bytes.chunks_mut(SLOT as usize).zip(PATHS) {
        slot[..path.len()].copy_from_slice(path.as_bytes());
    }
    // Lists of buffers that are mostly inside.
    for at in (4096..8192).step_by(8) {
        let (start, len) = (draw.below(MEMORY) as u32, draw.below(300) as u32);
        bytes[at..at + 4].copy_from_slice(&start.to_le_bytes());
        bytes[at + 4..at + 8].copy_from_slice(&len.to_le_bytes());
    }
    // Subscriptions that are mostly valid.
    for at in (8192..12_288).step_by(48) {
        bytes[at + 8] = draw.below(4) as u8;
        bytes[at + 16..at + 20].copy_from_slice(&(draw.below(6) as u32).to_le_bytes());
        bytes[at + 24..at + 32].copy_from_slice(&draw.below(1 << 20).to_le_bytes());
    }
    bytes
}

trait Arbitrary: Copy {
    fn draw(draw: &mut Draw) -> Self;
    fn number(self) -> u64;
}

impl Arbitrary for u32 {
    fn draw(draw: &mut Draw) -> Self {
        let path =
            |last: u64| PATHS.get((last / SLOT) as usize).filter(|_| last > 0 && last.is_multiple_of(SLOT));
        let value = match (draw.last, draw.below(16)) {
            // A first argument is often a descriptor, and that often the root's.
            (None, 0..=5) => 3,
            (None, 6..=11) => draw.few(12).into(),
            (Some(last), 0..=11) if path(last).is_some() => path(last).map_or(0, |text| text.len() as u64),
            (_, 0..=4) => draw.below(4),
            (_, 5 | 6) => draw.below(12),
            (_, 7..=10) => SLOT * draw.below(PATHS.len() as u64),
            (_, 11) => 4096 + 8 * draw.below(512),
            (_, 12) => 8192 + 48 * draw.below(85),
            (_, 13) => draw.below(MEMORY),
            (_, 14) => [MEMORY, 1 << 32][draw.below(2) as usize] - draw.below(80),
            _ => draw.next(),
        };
        value as Self
    }
    fn number(self) -> u64 {
        self.into()
    }
}

impl Arbitrary for u64 {
    fn draw(draw: &mut Draw) -> Self {
        match draw.below(8) {
            0..=2 => draw.below(300),
            3 => Self::MAX,
            4 => draw.below(1 << 20),
            5 => (1 << 63) - draw.below(3),
            _ => draw.next(),
        }
    }
    fn number(self) -> u64 {
        self
    }
}

impl Arbitrary for i64 {
    fn draw(draw: &mut Draw) -> Self {
        u64::draw(draw).cast_signed()
    }
    fn number(self) -> u64 {
        self.cast_unsigned()
    }
}

type Call = fn(&mut Host, &mut GuestMemory, &mut Draw, &mut Vec<u64>) -> Result<()>;

/// The linker's own list, as a table of calls that draw their arguments.
fn calls() -> Vec<(&'static str, Call)> {
    let mut table: Vec<(&'static str, Call)> = Vec::new();
    macro_rules! fuzz {
        ($($name:ident = $module:ident::$function:ident($($arg:ident: $ty:ty),*);)*) => {$(
            table.push((stringify!($name), |host, mem, draw, args| {
                draw.last = None;
                $(let $arg = draw.arg::<$ty>();)*
                *args = vec![$($arg.number()),*];
                $module::$function(host, mem, $($arg),*)
            }));
        )*};
    }
    functions!(fuzz);
    table.push(("host_call", |host, mem, draw, args| {
        draw.last = None;
        let [a, b, c, d] = [0; 4].map(|_: u8| draw.arg::<u32>());
        *args = vec![a.into(), b.into(), c.into(), d.into()];
        door::take(host, mem, a, b, c, d)
    }));
    let likely = plausible();
    table.extend(likely.iter().cycle().take(6 * likely.len()));
    table
}

/// Calls that mostly work, since arbitrary ones hardly ever name a path and a descriptor at once.
fn plausible() -> Vec<(&'static str, Call)> {
    macro_rules! likely {
        ($($name:ident = $module:ident::$function:ident($draw:ident: $($arg:expr),*);)*) => {
            vec![$((stringify!($name), |host, mem, $draw, args| {
                let drawn = vec![$(u64::from($arg)),*];
                let mut rest = drawn.iter().copied();
                *args = drawn.clone();
                likely!(@call $module::$function(host, mem, rest) $($arg),*)
            })),*]
        };
        (@call $module:ident::$function:ident($host:ident, $mem:ident, $rest:ident) $($arg:expr),*) => {
            $module::$function($host, $mem, $(likely!(@take $rest $arg)),*)
        };
        (@take $rest:ident $arg:expr) => { $rest.next().unwrap_or(0).try_into().unwrap_or_default() };
    }
    likely! {
        path_open = path::open(d: d.root(), d.few(2), d.path(), d.len(), d.few(17), d.next(), d.next(), d.few(33), d.out());
        path_open = path::open(d: d.root(), d.few(2), d.path(), d.len(), d.few(2), d.next(), d.next(), d.few(2), d.out());
        path_create_directory = path::create_directory(d: d.root(), d.path(), d.len());
        path_remove_directory = path::remove_directory(d: d.root(), d.path(), d.len());
        path_unlink_file = path::unlink_file(d: d.root(), d.path(), d.len());
        path_rename = path::rename(d: d.root(), d.path(), d.len(), d.root(), d.path(), d.len());
        path_link = path::link(d: d.root(), d.few(2), d.path(), d.len(), d.root(), d.path(), d.len());
        path_symlink = path::symlink(d: d.path(), d.len(), d.root(), d.path(), d.len());
        path_readlink = path::readlink(d: d.root(), d.path(), d.len(), d.out(), d.few(40), d.out());
        path_filestat_get = path::filestat_get(d: d.root(), d.few(2), d.path(), d.len(), d.out());
        path_filestat_set_times =
            path::filestat_set_times(d: d.root(), d.few(2), d.path(), d.len(), d.next(), d.next(), d.few(16));
        fd_write = io::write(d: d.few(9), d.list(), d.few(6), d.out());
        fd_pwrite = io::pwrite(d: d.few(9), d.list(), d.few(6), u64::from(d.few(70_000)), d.out());
        fd_read = io::read(d: d.few(9), d.list(), d.few(6), d.out());
        fd_pread = io::pread(d: d.few(9), d.list(), d.few(6), u64::from(d.few(300)), d.out());
        fd_filestat_set_size = io::filestat_set_size(d: d.few(9), u64::from(d.few(70_000)));
        fd_allocate = io::allocate(d: d.few(9), u64::from(d.few(70_000)), u64::from(d.few(300)));
        fd_seek = io::seek(d: d.few(9), u64::from(d.few(300)), d.few(3), d.out());
        fd_fdstat_set_rights = fd::fdstat_set_rights(d: 4 + d.few(6), d.next() & BOTH, d.next() & BOTH);
        fd_readdir = fd::readdir(d: d.few(9), d.out(), d.few(300), u64::from(d.few(9)), d.out());
        poll_oneoff = poll::poll_oneoff(d: 8192 + 48 * d.few(70), d.out(), d.few(12), d.out());
    }
}

/// What a call may fill: ranges of memory, from its arguments and the memory as it was.
fn outputs(name: &str, args: &[u64], memory: &[u8]) -> Vec<(u64, u64)> {
    let buffers = |at: u64, count: u64| {
        let entry = move |k| (at + 8 * k) as usize;
        (0..count)
            .map(move |k| (u64::from(u32_at(memory, entry(k))), u64::from(u32_at(memory, entry(k) + 4))))
    };
    match (name, args) {
        ("args_sizes_get" | "environ_sizes_get", [a, b]) => vec![(*a, 4), (*b, 4)],
        ("fd_fdstat_get", [_, out]) => vec![(*out, 24)],
        ("fd_filestat_get", [_, out]) | ("path_filestat_get", [.., out]) => vec![(*out, 64)],
        ("clock_res_get" | "clock_time_get" | "fd_prestat_get" | "fd_seek" | "fd_tell", [.., out]) => {
            vec![(*out, 8)]
        }
        ("fd_prestat_dir_name", [_, at, _]) => vec![(*at, 1)],
        ("fd_read", [_, at, count, out]) | ("fd_pread", [_, at, count, _, out]) => {
            buffers(*at, *count).chain([(*out, 4)]).collect()
        }
        ("fd_readdir", [_, at, len, _, out]) | ("path_readlink", [.., at, len, out]) => {
            vec![(*at, *len), (*out, 4)]
        }
        ("fd_write" | "fd_pwrite" | "path_open", [.., out]) => vec![(*out, 4)],
        ("poll_oneoff", [_, events, count, out]) => vec![(*events, 32 * count), (*out, 4)],
        ("random_get", [at, len]) => vec![(*at, *len)],
        ("host_call", [_, _, out, len]) => vec![(*out, 4), (*len, 4)],
        _ => vec![],
    }
}

/// Bytes outside of the ranges are what they were.
fn unchanged(before: &[u8], after: &[u8], mut outputs: Vec<(u64, u64)>) -> bool {
    outputs.push((MEMORY, 0));
    outputs.sort_unstable();
    let mut at = 0;
    for (start, len) in outputs {
        let (start, end) = (start.min(MEMORY) as usize, (start + len).min(MEMORY) as usize);
        if start > at && before[at..start] != after[at..start] {
            return false;
        }
        at = at.max(end);
    }
    true
}

const LIMITS: fn() -> Limits = || Limits {
    files: 64 << 10,
    entries: 24,
    name_length: 20,
    path_depth: 6,
    result: 4096,
    output: 1000,
    ..Limits::default()
};

/// Runs one guest's life of so many calls; returns how many succeeded, by name, and where it ended.
fn life(seed: u64, length: u64, library: &std::sync::Arc<Vec<u8>>) -> (BTreeMap<&'static str, u64>, Files) {
    let table = calls();
    let mut draw = Draw::new(seed);
    let limits = LIMITS();
    let mut host = Host::new(Files::new(&[("/lib/x", library.clone().into())]));
    let files = host.files.clone();
    host.begin(files, seed, &limits, &std::sync::Arc::default());
    let mut now = memory(&mut draw);
    let mut before = now.clone();
    let (mut successes, mut args) = (BTreeMap::new(), Vec::new());
    for case in 0..length {
        let (name, call) = table[draw.below(table.len() as u64) as usize];
        before.copy_from_slice(&now);
        let fuel = if draw.below(50) == 0 { draw.below(300) } else { limits.fuel };
        host.enter(fuel);
        let tree = host.files.tree().clone();
        let result = call(&mut host, &mut GuestMemory::new(&mut now), &mut draw, &mut args);
        let filled = if result.is_ok() { outputs(name, &args, &before) } else { vec![] };
        assert!(unchanged(&before, &now, filled), "seed {seed}, case {case}: {name}{args:?} is {result:?}");
        assert_eq!(result == Err(Errno::OutOfFuel), host.cost() > fuel, "seed {seed}, case {case}: {name}");
        assert!(result.is_ok() || tree == *host.files.tree(), "seed {seed}, case {case}: {name}{args:?}");
        host.files.tree().check();
        assert!(host.files.tree().taken() <= limits.files, "seed {seed}, case {case}: {name}{args:?}");
        assert!(
            host.stdout.kept.len() <= 1000
                && host.door.report.as_ref().is_none_or(|report| report.len() <= 4097)
        );
        *successes.entry(name).or_insert(0) += u64::from(result.is_ok());
        if draw.below(64) == 0 {
            // Paths that were overwritten come back, so that later calls still mean something.
            now = memory(&mut draw);
        }
    }
    (successes, host.files)
}

#[test]
fn no_call_breaks_anything() {
    let library = std::sync::Arc::new(b"library".to_vec());
    let mut successes: BTreeMap<&'static str, u64> = BTreeMap::new();
    // Lives are short, since a guest soon closes its root, and little works from then on.
    for seed in 0..cases(120_000) / 100 {
        for (name, count) in life(seed, 100, &library).0 {
            *successes.entry(name).or_default() += count;
        }
    }
    // A generator that only ever fails tests little: each function must have worked, but those that cannot.
    let never = ["proc_raise", "sock_accept", "sock_recv", "sock_send", "sock_shutdown"];
    for (name, _) in calls() {
        let count = successes.get(name).copied().unwrap_or(0);
        assert_eq!(count > 0, !never.contains(&name), "{name} worked {count} times: {successes:?}");
    }
}

#[test]
fn the_same_calls_end_in_the_same_state() {
    let library = std::sync::Arc::new(b"library".to_vec());
    let end = |seed| life(seed, 500, &library);
    assert!(end(1) == end(1));
    assert!(end(1).1 != end(2).1);
}
