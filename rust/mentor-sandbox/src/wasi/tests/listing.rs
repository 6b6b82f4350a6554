//! Listings: read in parts, under change.

use super::*;

#[test]
fn a_listing_starts_with_the_dots_and_knows_the_parent() {
    let mut guest = Guest::new();
    guest.mkdir("d").unwrap();
    guest.mkdir("d/e").unwrap();
    guest.file("d/e/f", b"");
    guest.symlink("f", "d/e/l").unwrap();
    let (d, e, f) = (
        guest.stat("d").unwrap().inode,
        guest.stat("d/e").unwrap().inode,
        guest.stat("d/e/f").unwrap().inode,
    );
    let dir = guest.open("d/e", DIRECTORY, READ).unwrap();
    let (names, _) = guest.list(dir, 0, 4096).unwrap();
    let found: Vec<_> = names.iter().map(|n| (&*n.text, n.inode, n.kind, n.cookie)).collect();
    let l = guest.stat("d/e/l").unwrap().inode;
    assert_eq!(found, [(".", e, 3, 1), ("..", d, 3, 2), ("f", f, 4, 3), ("l", l, 7, 4)]);
    guest.rename("d/e", "moved").unwrap();
    let root = guest.stat(".").unwrap().inode;
    assert_eq!(guest.list(dir, 1, 4096).unwrap().0[0].inode, root);
    assert_eq!(guest.list(ROOT, 1, 60).unwrap().0[0].inode, root, "the root is its own parent");
    assert_eq!(guest.list(4, u64::MAX, 4096).unwrap().0, []);
    let file = guest.open("moved/f", 0, READ).unwrap();
    assert_eq!((guest.list(file, 0, 9), guest.list(99, 0, 9)), (Err(Errno::NotDir), Err(Errno::BadFd)));
}

/// Reads a listing as the guest's library does: with a small buffer, going on from the last whole name.
fn all(guest: &mut Guest, fd: u32, room: u32, mut meanwhile: impl FnMut(&mut Guest, &str)) -> Vec<String> {
    let (mut cookie, mut found) = (0, Vec::new());
    loop {
        let (names, used) = guest.list(fd, cookie, room).unwrap();
        for name in names {
            cookie = name.cookie;
            meanwhile(guest, &name.text);
            found.push(name.text);
        }
        if used < room {
            return found;
        }
    }
}

#[test]
fn parts_of_any_size_make_the_whole() {
    let mut guest = Guest::new();
    let mut expected = vec![".".to_owned(), "..".to_owned()];
    for k in 0..50 {
        let name = format!("{}{k}", "n".repeat(k));
        guest.file(&format!("tmp/{name}"), b"");
        expected.push(name);
    }
    let dir = guest.open("tmp", DIRECTORY, READ).unwrap();
    for room in [75, 80, 100, 127, 500, 4096, 100_000] {
        assert_eq!(all(&mut guest, dir, room, |_, _| {}), expected, "{room}");
    }
    assert_eq!(guest.list(dir, 0, 0), Ok((vec![], 0)));
    assert_eq!(guest.list(dir, 0, 10), Ok((vec![], 10)), "cut off in a name's head");
}

#[test]
fn changes_neither_skip_nor_repeat_a_name() {
    let mut guest = Guest::new();
    let names: Vec<String> = (0..40).map(|k| format!("f{k}")).collect();
    for name in &names {
        guest.file(&format!("tmp/{name}"), b"");
    }
    let dir = guest.open("tmp", DIRECTORY, READ).unwrap();
    let mut made = 0;
    let found = all(&mut guest, dir, 100, |guest, name| {
        if name.starts_with('f') {
            guest.unlink(&format!("tmp/{name}")).unwrap();
            made += 1;
            if made <= 5 {
                guest.file(&format!("tmp/new{made}"), b"");
            }
        }
    });
    let expected = [".", ".."].map(String::from).into_iter().chain(names);
    assert!(found.into_iter().eq(expected.chain((1..=5).map(|k| format!("new{k}")))));
    assert_eq!(guest.names("tmp").len(), 5);
}
