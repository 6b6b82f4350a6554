//! Hard and symbolic links.

use super::*;

#[test]
fn hard_links_are_names_of_one_file() {
    let mut guest = Guest::new();
    guest.file("f", b"one");
    guest.mkdir("d").unwrap();
    guest.link(0, "f", "d/g").unwrap();
    let (f, g) = (guest.stat("f").unwrap(), guest.stat("d/g").unwrap());
    assert_eq!((f, f.links), (g, 2));
    guest.file("d/g", b"two");
    assert_eq!(guest.content("f"), b"two");
    guest.unlink("f").unwrap();
    assert_eq!((guest.content("d/g"), guest.stat("d/g").unwrap().links), (b"two".to_vec(), 1));
    for (from, to, expected) in [
        ("d", "x", Errno::NotPermitted),
        ("d/g", "d/g", Errno::Exist),
        ("d/g", "d", Errno::Exist),
        ("d/g", "x/", Errno::NoEntry),
        ("none", "x", Errno::NoEntry),
        ("d/g/", "x", Errno::NotDir),
    ] {
        assert_eq!(guest.link(0, from, to), Err(expected), "{from} -> {to}");
    }
    guest.link(0, "d/g", "h").unwrap();
    assert_eq!((guest.rename("h", "d/g"), guest.stat("h").is_ok()), (Ok(()), true), "both are one file");
    assert_eq!(guest.link(2, "d/g", "x"), Err(Errno::Invalid));
}

#[test]
fn symbolic_links_are_followed_where_they_should_be() {
    let mut guest = Guest::new();
    guest.mkdir("d").unwrap();
    guest.file("d/f", b"text");
    guest.symlink("d/f", "file").unwrap();
    guest.symlink("d", "dir").unwrap();
    guest.symlink("/d/f", "absolute").unwrap();
    guest.symlink("../d/f", "d/up").unwrap();
    guest.symlink("none", "dangling").unwrap();
    guest.symlink("d/f/", "slash").unwrap();
    for (path, follow, expected) in [
        ("file", 0, Ok(7)),
        ("file", 1, Ok(4)),
        ("dir", 0, Ok(7)),
        ("dir/", 0, Ok(3)),
        ("dir/f", 0, Ok(4)),
        ("dir/../d/f", 0, Ok(4)),
        ("absolute", 1, Ok(4)),
        ("d/up", 1, Ok(4)),
        ("dangling", 0, Ok(7)),
        ("dangling", 1, Err(Errno::NoEntry)),
        ("file/", 0, Err(Errno::NotDir)),
        ("slash", 1, Err(Errno::NotDir)),
        ("file/x", 0, Err(Errno::NotDir)),
    ] {
        assert_eq!(guest.stat_at(ROOT, follow, path).map(|stat| stat.kind), expected, "{path} {follow}");
    }
    for (path, follow, flags, expected) in [
        ("file", 1, 0, Ok(())),
        ("file", 0, 0, Err(Errno::Loop)),
        ("file", 1, DIRECTORY, Err(Errno::NotDir)),
        ("dir", 0, DIRECTORY, Err(Errno::Loop)),
        ("dir", 1, DIRECTORY, Ok(())),
        ("dir/", 0, DIRECTORY, Ok(())),
        ("dangling", 0, 0, Err(Errno::Loop)),
        ("dangling", 1, CREATE | EXCLUSIVE, Err(Errno::Exist)),
        ("dangling", 0, CREATE | EXCLUSIVE, Err(Errno::Exist)),
        ("file", 1, CREATE | EXCLUSIVE, Err(Errno::Exist)),
    ] {
        assert_eq!(guest.open_at(ROOT, follow, path, flags, READ, 0).map(drop), expected, "{path} {flags}");
    }
    guest.open_at(ROOT, 1, "dangling", CREATE, WRITE, 0).unwrap();
    assert_eq!(guest.stat("none").map(|stat| stat.kind), Ok(4));
}

#[test]
fn links_are_names_of_their_own_for_removing_and_renaming() {
    let mut guest = Guest::new();
    guest.mkdir("d").unwrap();
    guest.file("d/f", b"text");
    guest.symlink("d", "link").unwrap();
    assert_eq!(guest.rmdir("link"), Err(Errno::NotDir));
    assert_eq!(guest.rmdir("link/"), Err(Errno::NotDir));
    assert_eq!(guest.unlink("link/"), Err(Errno::NotDir));
    guest.rename("link", "other").unwrap();
    assert_eq!(guest.readlink("other", 64).as_deref(), Ok("d"));
    guest.link(0, "other", "second").unwrap();
    assert_eq!(guest.stat("second").map(|stat| (stat.kind, stat.links)), Ok((7, 2)));
    assert_eq!(guest.link(1, "other", "third"), Err(Errno::NotPermitted), "follows to a directory");
    guest.unlink("other").unwrap();
    guest.unlink("second").unwrap();
    assert_eq!(guest.content("d/f"), b"text");
}

#[test]
fn reading_a_link_cuts_it_to_the_buffer() {
    let mut guest = Guest::new();
    guest.symlink("target", "link").unwrap();
    assert_eq!(guest.readlink("link", 10).as_deref(), Ok("target"));
    assert_eq!(guest.readlink("link", 4).as_deref(), Ok("targ"));
    assert_eq!(guest.readlink("link", 0).as_deref(), Ok(""));
    assert_eq!(guest.readlink("tmp", 10), Err(Errno::Invalid));
    assert_eq!(guest.readlink("none", 10), Err(Errno::NoEntry));
    assert_eq!(guest.stat("link").unwrap().size, 6);
    for (target, path, expected) in [
        ("x", "link", Errno::Exist),
        ("x", "tmp/", Errno::Exist),
        ("x", "new/", Errno::NoEntry),
        ("", "new", Errno::NoEntry),
        ("a\0b", "new", Errno::Invalid),
    ] {
        assert_eq!(guest.symlink(target, path), Err(expected), "{target:?} {path}");
    }
}

#[test]
fn circles_end_and_nothing_leads_out_of_a_directory() {
    let mut guest = Guest::new();
    guest.symlink("loop", "loop").unwrap();
    guest.symlink("b", "a").unwrap();
    guest.symlink("a/x", "b").unwrap();
    for path in ["loop", "loop/x", "a", "b/y"] {
        assert_eq!(guest.stat_at(ROOT, 1, path), Err(Errno::Loop), "{path}");
    }
    guest.mkdir("d").unwrap();
    guest.file("secret", b"s");
    guest.symlink("../secret", "d/relative").unwrap();
    guest.symlink("/secret", "d/absolute").unwrap();
    let dir = guest.open("d", DIRECTORY, READ).unwrap();
    for path in ["relative", "absolute", "../secret"] {
        assert_eq!(guest.open_at(dir, 1, path, 0, READ, 0), Err(Errno::NotCapable), "{path}");
        assert!(path == "../secret" || guest.content(&format!("d/{path}")) == b"s");
    }
    // Above the root is the root.
    guest.symlink("../../..", "d/out").unwrap();
    assert_eq!(guest.stat_at(ROOT, 1, "d/out"), guest.stat("."));
    assert_eq!(guest.stat_at(ROOT, 0, "../../d/.."), guest.stat("."));
    assert_eq!(guest.stat("../../etc/passwd"), Err(Errno::NoEntry));
}
