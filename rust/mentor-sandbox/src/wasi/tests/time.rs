//! Clocks, sleeping, and the times of files.

use super::*;

const SECOND_NS: u64 = 1_000_000_000;

fn clock(user: u64, id: u32, timeout: u64, flags: u8) -> [u8; 48] {
    let mut bytes = [0; 48];
    bytes[..8].copy_from_slice(&user.to_le_bytes());
    bytes[16..20].copy_from_slice(&id.to_le_bytes());
    bytes[24..32].copy_from_slice(&timeout.to_le_bytes());
    bytes[40] = flags;
    bytes
}

fn ready(user: u64, kind: u8, fd: u32) -> [u8; 48] {
    let mut bytes = [0; 48];
    bytes[..8].copy_from_slice(&user.to_le_bytes());
    bytes[8] = kind;
    bytes[16..20].copy_from_slice(&fd.to_le_bytes());
    bytes
}

#[test]
fn clocks_differ_move_and_end_at_three() {
    let mut guest = Guest::new();
    let [real, monotonic] = [0, 1].map(|id| guest.clock(id).unwrap());
    assert!(real / SECOND_NS == 1_735_689_600 && monotonic / SECOND_NS == 86_400);
    assert!(guest.clock(0).unwrap() > real && guest.clock(1).unwrap() > monotonic);
    assert_eq!((guest.clock(2), guest.clock(3)), (Ok(0), Ok(0)), "no fuel was used");
    assert_eq!(guest.clock(4), Err(Errno::Invalid));
    let resolution = |h: &mut Host, m: &mut GuestMemory| poll::clock_res_get(h, m, 1, OUT);
    assert_eq!((guest.call(resolution), guest.u64_out()), (Ok(()), 1000));
    assert_eq!(guest.call(|h, m| poll::clock_res_get(h, m, 9, OUT)), Err(Errno::Invalid));
}

#[test]
fn fuel_is_time() {
    let mut guest = Guest::new();
    let fuel = Limits::default().fuel;
    let read = |guest: &mut Guest, left, id| {
        guest.host.enter(left);
        poll::clock_time_get(&mut guest.host, &mut GuestMemory::new(&mut guest.memory), id, 0, OUT).unwrap();
        guest.u64_out()
    };
    let start = read(&mut guest, fuel, 0);
    assert_eq!(read(&mut guest, fuel - 2_000_000, 0) - start, 1_000_000 + 1_000);
    assert_eq!(read(&mut guest, fuel - 2_000_000, 2), 1_000_000);
    // The next job goes on from there.
    let files = guest.host.files.clone();
    guest.host.begin(files, 0, &Limits::default(), &std::sync::Arc::default());
    assert_eq!(read(&mut guest, fuel - 1_000, 3), 1_000_500);
}

#[test]
fn a_sleep_takes_as_long_as_it_says() {
    let mut guest = Guest::new();
    let start = guest.clock(1).unwrap();
    assert_eq!(guest.poll(&[clock(9, 1, 3 * SECOND_NS, 0)]), Ok(vec![(9, 0, 0, 0, 0)]));
    assert_eq!(guest.clock(1).unwrap() - start, 3 * SECOND_NS + 1_000);
    let real = guest.clock(0).unwrap();
    let until = clock(1, 0, real + 7 * SECOND_NS, 1);
    // The earliest wakes alone; one that has passed wakes at once.
    assert_eq!(guest.poll(&[until, clock(2, 1, 8 * SECOND_NS, 0)]), Ok(vec![(1, 0, 0, 0, 0)]));
    assert_eq!(guest.clock(0).unwrap(), real + 7 * SECOND_NS + 1_000);
    assert_eq!(guest.poll(&[until, clock(2, 1, 1, 0)]), Ok(vec![(1, 0, 0, 0, 0)]));
    // For ever is the year 2262.
    assert_eq!(guest.poll(&[clock(3, 1, u64::MAX, 0)]).map(|events| events.len()), Ok(1));
    assert_eq!(guest.clock(0), Ok(i64::MAX as u64));
}

#[test]
fn files_and_streams_are_ready_at_once() {
    let mut guest = Guest::new();
    guest.file("f", b"four");
    let fd = guest.open("f", 0, READ).unwrap();
    let start = guest.clock(1).unwrap();
    let subscriptions = [
        clock(1, 1, SECOND_NS, 0),
        ready(2, 1, 0),
        ready(3, 2, 1),
        ready(4, 1, fd),
        ready(5, 1, 99),
        ready(6, 2, 0),
    ];
    let room = 64 << 10;
    let expected =
        vec![(2, 0, 1, 0, 1), (3, 0, 2, room, 0), (4, 0, 1, 4, 0), (5, 8, 1, 0, 0), (6, 8, 2, 0, 0)];
    assert_eq!(guest.poll(&subscriptions), Ok(expected));
    assert_eq!(guest.clock(1).unwrap() - start, 1_000, "no time passed");
}

#[test]
fn nonsense_is_refused_one_by_one_or_as_a_whole() {
    let mut guest = Guest::new();
    assert_eq!(guest.poll(&[]), Err(Errno::Invalid));
    assert_eq!(guest.poll(&[ready(1, 3, 1)]), Err(Errno::Invalid));
    assert_eq!(guest.poll(&[clock(1, 9, 0, 0)]), Ok(vec![(1, 28, 0, 0, 0)]));
    assert_eq!(guest.poll(&[clock(1, 2, 0, 0)]), Ok(vec![(1, 58, 0, 0, 0)]));
    let poll = |at, events, count| {
        move |h: &mut Host, m: &mut GuestMemory| poll::poll_oneoff(h, m, at, events, count, OUT)
    };
    assert_eq!(guest.call(poll(FIRST, DATA, 1025)), Err(Errno::Invalid));
    assert_eq!(guest.call(poll(MEMORY as u32 - 47, DATA, 1)), Err(Errno::Fault));
    assert_eq!(guest.call(poll(FIRST, MEMORY as u32 - 31, 1)), Err(Errno::Fault));
    assert_eq!(guest.call(poll(u32::MAX, u32::MAX, 1024)), Err(Errno::Fault));
}

#[test]
fn changes_leave_times_that_never_repeat() {
    let mut guest = Guest::new();
    guest.file("f", b"1");
    let first = guest.stat("f").unwrap();
    guest.file("f", b"2");
    let second = guest.stat("f").unwrap();
    assert!(second.modified > first.modified && second.changed > first.changed);
    assert_eq!(second.accessed, first.accessed);
    guest.content("f");
    assert_eq!(guest.stat("f"), Ok(second), "reading leaves no trace");
    let before = guest.stat(".").unwrap().modified;
    guest.rename("f", "g").unwrap();
    let moved = guest.stat("g").unwrap();
    assert!(moved.changed > second.changed && moved.modified == second.modified);
    assert!(guest.stat(".").unwrap().modified > before);
}

#[test]
fn times_can_be_set() {
    let mut guest = Guest::new();
    guest.file("f", b"");
    guest.symlink("f", "l").unwrap();
    let start = guest.stat("f").unwrap();
    guest.set_times("f", 11, 22, 4).unwrap();
    let set = guest.stat("f").unwrap();
    assert_eq!((set.accessed, set.modified), (start.accessed, 22));
    assert!(set.changed > start.changed);
    guest.set_times("f", 11, 33, 1 | 8).unwrap();
    let set = guest.stat("f").unwrap();
    assert_eq!((set.accessed, set.modified), (11, set.changed));
    guest.set_times("l", 5, 6, 5).unwrap();
    assert_eq!(guest.stat("l").map(|stat| (stat.accessed, stat.modified)), Ok((5, 6)));
    assert_eq!(guest.stat("f"), Ok(set), "the link alone");
    for flags in [3, 12, 16, 7] {
        assert_eq!(guest.set_times("f", 1, 2, flags), Err(Errno::Invalid), "{flags}");
    }
    let fd = guest.open("f", 0, READ).unwrap();
    guest.call(|h, m| fd::filestat_set_times(h, m, fd, 7, 8, 5)).unwrap();
    assert_eq!(guest.fstat(fd).map(|stat| (stat.accessed, stat.modified)), Ok((7, 8)));
    assert_eq!(guest.call(|h, m| fd::filestat_set_times(h, m, 1, 7, 8, 5)), Err(Errno::Invalid));
}
