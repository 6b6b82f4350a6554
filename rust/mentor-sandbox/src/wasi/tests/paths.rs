//! Paths, making and removing, renaming: what POSIX and the public test suite say.

use super::*;

#[test]
fn paths_are_walked_as_in_posix() {
    let mut guest = Guest::new();
    guest.mkdir("dir").unwrap();
    guest.mkdir("dir/nested").unwrap();
    guest.file("dir/nested/file", b"x");
    let dir = guest.open("dir", DIRECTORY, READ).unwrap();
    for (path, expected) in [
        ("nested/file", Ok(4)),
        (".//nested/../nested///./file", Ok(4)),
        ("nested", Ok(3)),
        ("nested///", Ok(3)),
        (".", Ok(3)),
        ("nested/..", Ok(3)),
        ("", Err(Errno::NoEntry)),
        ("/nested/file", Err(Errno::NotCapable)),
        ("..", Err(Errno::NotCapable)),
        ("nested/../../dir/nested/file", Err(Errno::NotCapable)),
        ("nested/file/", Err(Errno::NotDir)),
        ("nested/file/.", Err(Errno::NotDir)),
        ("nested/file/..", Err(Errno::NotDir)),
        ("nested/file/x", Err(Errno::NotDir)),
        ("nested/none", Err(Errno::NoEntry)),
        ("none/..", Err(Errno::NoEntry)),
        ("none/x", Err(Errno::NoEntry)),
        ("nested/file\0", Err(Errno::Invalid)),
    ] {
        assert_eq!(guest.stat_at(dir, 0, path).map(|stat| stat.kind), expected, "{path}");
        let opened = guest.open_at(dir, 0, path, 0, READ, 0).map(|fd| guest.fstat(fd).unwrap().kind);
        assert_eq!(opened, expected, "open {path}");
    }
    let long = format!("{}file", "./".repeat(2046));
    assert_eq!(guest.stat(&long), Err(Errno::NoEntry));
    assert_eq!(guest.stat(&format!("{long}/x")), Err(Errno::NameTooLong));
    assert_eq!(guest.stat(&"n".repeat(256)), Err(Errno::NameTooLong));
    assert!(!guest.host.files_refused, "looking is no use of anything");
}

#[test]
fn text_that_is_not_utf_8_and_memory_that_is_not_there() {
    let mut guest = Guest::new();
    guest.put(FIRST, b"\xff\xfe");
    let at = |at, len| move |h: &mut Host, m: &mut GuestMemory| path::create_directory(h, m, ROOT, at, len);
    assert_eq!(guest.call(at(FIRST, 2)), Err(Errno::IllegalText));
    assert_eq!(guest.call(at(u32::MAX, 2)), Err(Errno::Fault));
    assert_eq!(guest.call(at(MEMORY as u32 - 1, 2)), Err(Errno::Fault));
    // A result that cannot be stored must not leave an open descriptor or a file behind.
    let (at, len) = guest.put(FIRST, b"tmp/f");
    let open = |h: &mut Host, m: &mut GuestMemory| {
        path::open(h, m, ROOT, 0, at, len, CREATE, BOTH, 0, 0, MEMORY as u32 - 3)
    };
    assert_eq!(guest.call(open), Err(Errno::Fault));
    assert_eq!((guest.stat("tmp/f"), guest.open("tmp", 0, READ)), (Err(Errno::NoEntry), Ok(4)));
}

#[test]
fn opening_obeys_its_flags() {
    let mut guest = Guest::new();
    guest.mkdir("d").unwrap();
    guest.file("f", b"text");
    for (path, flags, rights, expected) in [
        ("f", 0, READ, Ok(())),
        ("f", CREATE, READ, Ok(())),
        ("f", CREATE | EXCLUSIVE, READ, Err(Errno::Exist)),
        ("f", EXCLUSIVE, READ, Ok(())),
        ("f", DIRECTORY, READ, Err(Errno::NotDir)),
        ("d", 0, READ, Ok(())),
        ("d", 0, 0, Ok(())),
        ("d", DIRECTORY, READ, Ok(())),
        ("d", 0, WRITE, Err(Errno::IsDir)),
        ("d", DIRECTORY, BOTH, Err(Errno::IsDir)),
        ("d", TRUNCATE, READ, Err(Errno::IsDir)),
        ("d", CREATE, READ, Err(Errno::IsDir)),
        ("d", CREATE | EXCLUSIVE, READ, Err(Errno::Exist)),
        ("new", 0, WRITE, Err(Errno::NoEntry)),
        ("new", TRUNCATE, WRITE, Err(Errno::NoEntry)),
        ("new", CREATE | DIRECTORY, READ, Err(Errno::Invalid)),
        ("new/", CREATE, WRITE, Err(Errno::IsDir)),
        ("none/new", CREATE, WRITE, Err(Errno::NoEntry)),
        ("f/new", CREATE, WRITE, Err(Errno::NotDir)),
        ("f/", 0, READ, Err(Errno::NotDir)),
        ("f", 16, READ, Err(Errno::Invalid)),
    ] {
        assert_eq!(guest.open(path, flags, rights).map(drop), expected, "{path} {flags} {rights:x}");
    }
    assert_eq!(guest.names("."), ["tmp", "dev", "d", "f"]);
    assert_eq!(guest.content("f"), b"text");
    let fd = guest.open("f", TRUNCATE, READ).unwrap();
    assert_eq!((guest.read(fd, 9), guest.fstat(fd).unwrap().size), (Ok(vec![]), 0));
    assert_eq!(guest.open_at(ROOT, 2, "f", 0, READ, 0), Err(Errno::Invalid));
    assert_eq!(guest.open_at(ROOT, 0, "f", 0, READ, 32), Err(Errno::Invalid));
    assert_eq!(guest.open_at(fd, 0, "f", 0, READ, 0), Err(Errno::NotDir));
    assert_eq!(guest.open_at(99, 0, "f", 0, READ, 0), Err(Errno::BadFd));
}

#[test]
fn directories_are_made_and_removed() {
    let mut guest = Guest::new();
    guest.mkdir("d/").unwrap();
    guest.mkdir("d/e").unwrap();
    guest.file("f", b"");
    for (path, expected) in
        [("d", Errno::Exist), ("f", Errno::Exist), (".", Errno::Exist), ("x/y", Errno::NoEntry)]
    {
        assert_eq!(guest.mkdir(path), Err(expected), "{path}");
    }
    assert_eq!(guest.stat("d").unwrap().links, 3);
    for (path, expected) in [
        ("d", Errno::NotEmpty),
        ("f", Errno::NotDir),
        ("f/", Errno::NotDir),
        ("none", Errno::NoEntry),
        ("d/e/.", Errno::Invalid),
        (".", Errno::Busy),
    ] {
        assert_eq!(guest.rmdir(path), Err(expected), "{path}");
    }
    assert_eq!(guest.unlink("d"), Err(Errno::IsDir));
    assert_eq!(guest.unlink("d/"), Err(Errno::IsDir));
    assert_eq!(guest.unlink("f/"), Err(Errno::NotDir));
    assert_eq!(guest.unlink("none"), Err(Errno::NoEntry));
    assert_eq!((guest.rmdir("d/e/"), guest.rmdir("d"), guest.unlink("f")), (Ok(()), Ok(()), Ok(())));
    assert_eq!(guest.names("."), ["tmp", "dev"]);
}

#[test]
fn renaming_moves_replaces_and_refuses() {
    let mut guest = Guest::new();
    for dir in ["a", "a/in", "b", "full", "full/x"] {
        guest.mkdir(dir).unwrap();
    }
    guest.file("f", b"f");
    guest.file("g", b"g");
    for (from, to, expected) in [
        ("none", "x", Errno::NoEntry),
        ("a", "a/in/a", Errno::Invalid),
        ("a", "a/new", Errno::Invalid),
        ("a", "full", Errno::NotEmpty),
        ("a", "f", Errno::NotDir),
        ("f", "a", Errno::IsDir),
        ("f", "new/", Errno::NotDir),
        ("f/", "new", Errno::NotDir),
        ("f", "none/new", Errno::NoEntry),
        (".", "new", Errno::Busy),
        ("a/in", "a/.", Errno::Busy),
        ("full/x", "full", Errno::NotEmpty),
    ] {
        assert_eq!(guest.rename(from, to), Err(expected), "{from} -> {to}");
    }
    let (a, f) = (guest.stat("a").unwrap().inode, guest.stat("f").unwrap().inode);
    guest.rename("a/", "b/").unwrap();
    assert_eq!((guest.stat("b").unwrap().inode, guest.stat("a")), (a, Err(Errno::NoEntry)));
    assert!(guest.stat("b/in").is_ok());
    guest.rename("f", "g").unwrap();
    assert_eq!((guest.stat("g").unwrap().inode, guest.content("g")), (f, b"f".to_vec()));
    guest.rename("g", "g").unwrap();
    guest.rename("g", "b/in/g").unwrap();
    guest.rename("b/in", "full/x").unwrap();
    assert_eq!(guest.content("full/x/g"), b"f");
    assert_eq!((guest.stat("b").unwrap().links, guest.stat("full").unwrap().links), (2, 3));
    assert_eq!(guest.names("."), ["tmp", "dev", "full", "b"]);
}

#[test]
fn a_removed_directory_lives_on_for_its_descriptor_and_takes_nothing_in() {
    let mut guest = Guest::new();
    guest.mkdir("d").unwrap();
    let dir = guest.open("d", DIRECTORY, READ).unwrap();
    guest.rmdir("d").unwrap();
    assert_eq!(guest.fstat(dir).unwrap().links, 0);
    assert_eq!(guest.open_at(dir, 0, "f", CREATE, WRITE, 0), Err(Errno::NoEntry));
    let (names, _) = guest.list(dir, 0, 4096).unwrap();
    assert_eq!(names.iter().map(|name| &*name.text).collect::<Vec<_>>(), [".", ".."]);
    // Its number is not given away meanwhile.
    guest.mkdir("e").unwrap();
    assert_ne!(guest.stat("e").unwrap().inode, guest.fstat(dir).unwrap().inode);
    guest.close(dir).unwrap();
    assert_eq!(guest.rmdir("e"), Ok(()));
}

#[test]
fn what_the_host_put_there_is_read_only() {
    let mut guest = Guest::with(&Limits::default(), &[("/usr/lib/x.zip", b"zip"), ("data.csv", b"1,2")]);
    for path in ["usr/lib/x.zip", "data.csv"] {
        assert_eq!(guest.open(path, 0, WRITE), Err(Errno::ReadOnly));
        assert_eq!(guest.open(path, TRUNCATE, READ), Err(Errno::ReadOnly));
        assert_eq!(guest.unlink(path), Err(Errno::ReadOnly));
        assert_eq!(guest.rename(path, "x"), Err(Errno::ReadOnly));
        assert_eq!(guest.link(0, path, "x"), Err(Errno::ReadOnly));
        assert_eq!(guest.set_times(path, 0, 0, 5), Err(Errno::ReadOnly));
    }
    guest.file("f", b"");
    assert_eq!(guest.rename("f", "data.csv"), Err(Errno::ReadOnly));
    assert_eq!(guest.rename("f", "usr/f"), Err(Errno::ReadOnly));
    assert_eq!(guest.rename("usr", "other"), Err(Errno::ReadOnly));
    assert_eq!(guest.open("usr/lib/new", CREATE, WRITE), Err(Errno::ReadOnly));
    assert_eq!(guest.mkdir("usr/new"), Err(Errno::ReadOnly));
    assert_eq!(
        (guest.content("usr/lib/x.zip"), guest.content("data.csv")),
        (b"zip".to_vec(), b"1,2".to_vec())
    );
    assert_eq!(guest.stat("usr/lib/x.zip").unwrap().size, 3);
    assert!(!guest.host.files_refused, "read-only is no limit");
}

#[test]
fn the_root_is_preopened_and_can_be_replaced() {
    let mut guest = Guest::new();
    let prestat = |guest: &mut Guest, fd| guest.call(|h, m| fd::prestat_get(h, m, fd, OUT));
    let name = |guest: &mut Guest, fd, len| guest.call(|h, m| fd::prestat_dir_name(h, m, fd, DATA, len));
    assert_eq!((prestat(&mut guest, 3), guest.u64_out()), (Ok(()), 1 << 32));
    assert_eq!(name(&mut guest, 3, 0), Err(Errno::NameTooLong));
    assert_eq!((name(&mut guest, 3, 1), guest.memory[DATA as usize]), (Ok(()), b'/'));
    assert_eq!((prestat(&mut guest, 2), prestat(&mut guest, 4)), (Err(Errno::BadFd), Err(Errno::BadFd)));
    let tmp = guest.open("tmp", DIRECTORY, READ).unwrap();
    guest.call(|h, m| fd::renumber(h, m, tmp, 3)).unwrap();
    assert_eq!((prestat(&mut guest, 3), name(&mut guest, 3, 1)), (Err(Errno::BadFd), Err(Errno::BadFd)));
    guest.close(3).unwrap();
    assert_eq!(guest.fdstat(3), Err(Errno::BadFd));
}
