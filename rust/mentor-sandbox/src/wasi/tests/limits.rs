//! The bounds on files, each with its error and its verdict, and what work costs.

use super::*;

fn guest(limits: Limits) -> Guest {
    Guest::with(&limits, &[("/lib/x", &[0; 4096])])
}

#[test]
fn bytes_are_bounded_and_a_write_that_does_not_fit_changes_nothing() {
    let mut guest = guest(Limits { files: 4096, ..Limits::default() });
    let fd = guest.open("f", CREATE, BOTH).unwrap();
    let room = 4096 - guest.host.files.tree().taken();
    assert_eq!(guest.write(fd, &vec![1; room as usize + 1]), Err(Errno::NoSpace));
    assert!(guest.host.files_refused);
    assert_eq!((guest.fstat(fd).unwrap().size, guest.tell(fd)), (0, Ok(0)));
    assert_eq!(guest.write(fd, &vec![1; room as usize]), Ok(room as u32));
    for result in [
        guest.pwrite(fd, b"x", room),
        guest.pwrite(fd, b"x", 1 << 40).map(|_| 0),
        guest.resize(fd, room + 1).map(|()| 0),
        guest.resize(fd, u64::MAX).map(|()| 0),
        guest.mkdir("d").map(|()| 0),
        guest.symlink("x", "l").map(|()| 0),
        guest.link(0, "f", "g").map(|()| 0),
        guest.rename("f", "longer").map(|()| 0),
    ] {
        assert_eq!(result, Err(Errno::NoSpace));
    }
    assert_eq!(guest.pwrite(fd, b"over", 0), Ok(4), "what is there can be overwritten");
    guest.resize(fd, 0).unwrap();
    assert_eq!(guest.mkdir("d"), Ok(()));
}

#[test]
fn names_are_bounded_in_number_and_the_host_s_do_not_count() {
    let mut guest = guest(Limits { entries: 3, ..Limits::default() });
    guest.file("a", b"");
    guest.mkdir("d").unwrap();
    guest.link(0, "a", "b").unwrap();
    assert!(!guest.host.files_refused);
    assert_eq!(guest.open("c", CREATE, WRITE), Err(Errno::NoSpace));
    assert!(guest.host.files_refused);
    assert_eq!((guest.mkdir("e"), guest.symlink("a", "l")), (Err(Errno::NoSpace), Err(Errno::NoSpace)));
    assert_eq!(guest.rename("b", "d/b"), Ok(()));
    guest.unlink("a").unwrap();
    assert_eq!(guest.mkdir("e"), Ok(()));
}

#[test]
fn long_names_and_deep_paths_are_refused_where_something_is_made() {
    let limits = Limits { name_length: 8, path_depth: 3, ..Limits::default() };
    let refused = |make: &dyn Fn(&mut Guest) -> Result<()>| {
        let mut guest = guest(limits);
        for dir in ["12345678", "a", "a/b", "a/b/c", "x", "x/y"] {
            guest.mkdir(dir).unwrap();
        }
        guest.file("f", b"");
        assert!(!guest.host.files_refused);
        (make(&mut guest), guest.host.files_refused)
    };
    let too_long = (Err(Errno::NameTooLong), true);
    assert_eq!(refused(&|g| g.mkdir("123456789")), too_long);
    assert_eq!(refused(&|g| g.open("123456789", CREATE, WRITE).map(drop)), too_long);
    assert_eq!(refused(&|g| g.rename("f", "123456789")), too_long);
    assert_eq!(refused(&|g| g.symlink("f", "123456789")), too_long);
    assert_eq!(refused(&|g| g.link(0, "f", "123456789")), too_long);
    assert_eq!(refused(&|g| g.open("123456789", 0, READ).map(drop)), (Err(Errno::NameTooLong), false));
    assert_eq!(refused(&|g| g.mkdir("a/b/c/d")), too_long);
    assert_eq!(refused(&|g| g.rename("f", "a/b/c/f")), too_long);
    // From a descriptor far down, the path is as deep as it is from the root.
    let below = |g: &mut Guest| {
        let dir = g.open("a/b/c", DIRECTORY, READ)?;
        g.open_at(dir, 0, "f", CREATE, WRITE, 0).map(drop)
    };
    assert_eq!(refused(&below), too_long);
    // A tree is as deep as its deepest part.
    assert_eq!(refused(&|g| g.rename("a/b", "x/b")), (Ok(()), false));
    assert_eq!(refused(&|g| g.rename("a", "x/a")), too_long);
    assert_eq!(refused(&|g| g.rename("x", "a/x")), (Ok(()), false));
    assert_eq!(refused(&|g| g.rename("x", "a/b/x")), too_long);
}

#[test]
fn large_work_costs_fuel_before_it_is_done() {
    let mut guest = Guest::new();
    let cost = |guest: &mut Guest, len| {
        guest.call(|h, m| system::random_get(h, m, 0, len)).unwrap();
        guest.host.cost()
    };
    assert_eq!((cost(&mut guest, 0), cost(&mut guest, 1 << 20)), (0, 1 << 18));
    guest.memory.fill(0);
    guest.host.enter(1000);
    let mut mem = GuestMemory::new(&mut guest.memory);
    assert_eq!(system::random_get(&mut guest.host, &mut mem, 0, 1 << 20), Err(Errno::OutOfFuel));
    assert!(guest.memory.iter().all(|byte| *byte == 0));
}

/// A file of 16 MiB that grows byte by byte, and a hundred new files beside it, in a tree that a clone shares before
/// each change. A change that copied the whole would move 160 GB here, and this test would not end.
#[test]
fn many_small_changes_do_not_copy_the_whole() {
    let limits = Limits { files: 64 << 20, entries: 20_000, ..Limits::default() };
    let mut guest = Guest::with(&limits, &[]);
    let fd = guest.open_at(ROOT, 0, "log", CREATE, WRITE, 1).unwrap();
    guest.resize(fd, 16 << 20).unwrap();
    let before = guest.host.files.clone();
    for k in 0..10_000 {
        let shared = guest.host.files.clone();
        guest.write(fd, b"x").unwrap();
        drop(shared);
        if k % 100 == 0 {
            guest.file(&format!("tmp/{k}"), b"x");
        }
    }
    assert_eq!((guest.fstat(fd).unwrap().size, before == guest.host.files), ((16 << 20) + 10_000, false));
}
