//! Reading, writing, positions, descriptors.

use super::*;

const SEEK_TELL: u64 = 1 << 2 | 1 << 5;

#[test]
fn reads_and_writes_keep_a_position() {
    let mut guest = Guest::new();
    let fd = guest.open("f", CREATE, BOTH).unwrap();
    assert_eq!((fd, guest.tell(fd)), (4, Ok(0)));
    assert_eq!(guest.write(fd, &[7; 100]), Ok(100));
    assert_eq!(guest.tell(fd), Ok(100));
    assert_eq!(guest.seek(fd, -50, 1), Ok(50));
    assert_eq!(guest.read(fd, 200), Ok(vec![7; 50]));
    assert_eq!(guest.read(fd, 200), Ok(vec![]));
    assert_eq!(guest.seek(fd, 5, 2), Ok(105));
    assert_eq!(guest.read(fd, 1), Ok(vec![]));
    assert_eq!(guest.write(fd, b"x"), Ok(1));
    assert_eq!(guest.pread(fd, 9, 99), Ok(vec![7, 0, 0, 0, 0, 0, b'x']));
    assert_eq!(guest.seek(fd, -2000, 1), Err(Errno::Invalid));
    assert_eq!(guest.seek(fd, i64::MAX, 2), Err(Errno::Invalid));
    assert_eq!(guest.seek(fd, 0, 3), Err(Errno::Invalid));
    assert_eq!(guest.tell(fd), Ok(106));
    for (fd, expected) in [(0, Errno::SeekPipe), (1, Errno::SeekPipe), (3, Errno::IsDir), (99, Errno::BadFd)]
    {
        assert_eq!(guest.seek(fd, 0, 0), Err(expected));
        assert_eq!(guest.tell(fd), Err(expected));
    }
}

#[test]
fn reading_and_writing_at_an_offset_leaves_the_position() {
    let mut guest = Guest::new();
    let fd = guest.open("f", CREATE, BOTH).unwrap();
    assert_eq!(guest.pwrite(fd, &[0, 1, 2, 3], 0), Ok(4));
    assert_eq!(guest.pread(fd, 4, 2), Ok(vec![2, 3]));
    assert_eq!(guest.pwrite(fd, &[1, 0], 2), Ok(2));
    assert_eq!((guest.tell(fd), guest.read(fd, 9)), (Ok(0), Ok(vec![0, 1, 1, 0])));
    assert_eq!(guest.pread(fd, 1, u64::MAX), Err(Errno::Invalid));
    assert_eq!(guest.pwrite(fd, b"x", 1 << 63), Err(Errno::Invalid));
    assert_eq!(guest.pwrite(fd, b"x", i64::MAX as u64), Err(Errno::FileTooBig));
    assert_eq!(
        (guest.pread(0, 1, 0), guest.pwrite(1, b"x", 0)),
        (Err(Errno::SeekPipe), Err(Errno::SeekPipe))
    );
}

#[test]
fn appending_writes_at_the_end_wherever_the_position_is() {
    let mut guest = Guest::new();
    guest.file("f", b"ab");
    let fd = guest.open_at(ROOT, 0, "f", 0, BOTH, 1).unwrap();
    assert_eq!(guest.fdstat(fd).map(|stat| stat.1), Ok(1));
    assert_eq!((guest.write(fd, b"c"), guest.tell(fd)), (Ok(1), Ok(3)));
    guest.seek(fd, 0, 0).unwrap();
    assert_eq!((guest.write(fd, b"d"), guest.tell(fd)), (Ok(1), Ok(4)));
    assert_eq!((guest.pwrite(fd, b"e", 0), guest.tell(fd)), (Ok(1), Ok(4)), "at the end, as on Linux");
    guest.call(|h, m| fd::fdstat_set_flags(h, m, fd, 0)).unwrap();
    guest.seek(fd, 0, 0).unwrap();
    assert_eq!((guest.write(fd, b"A"), guest.content("f")), (Ok(1), b"Abcde".to_vec()));
    assert_eq!(guest.call(|h, m| fd::fdstat_set_flags(h, m, fd, 32)), Err(Errno::Invalid));
    assert_eq!(guest.call(|h, m| fd::fdstat_set_flags(h, m, 99, 0)), Err(Errno::BadFd));
    guest.call(|h, m| fd::fdstat_set_flags(h, m, fd, 4)).unwrap();
    assert_eq!(guest.fdstat(fd).map(|stat| stat.1), Ok(4));
}

#[test]
fn a_size_can_be_set_and_space_allocated() {
    let mut guest = Guest::new();
    guest.file("f", b"content");
    let fd = guest.open("f", 0, BOTH).unwrap();
    guest.resize(fd, 3).unwrap();
    guest.resize(fd, 5).unwrap();
    assert_eq!(guest.content("f"), b"con\0\0");
    let allocate = |guest: &mut Guest, fd, at, len| guest.call(|h, m| io::allocate(h, m, fd, at, len));
    assert_eq!(allocate(&mut guest, fd, 2, 2), Ok(()));
    assert_eq!(guest.fstat(fd).unwrap().size, 5);
    assert_eq!(allocate(&mut guest, fd, 90, 20), Ok(()));
    assert_eq!(guest.fstat(fd).unwrap().size, 110);
    assert_eq!(allocate(&mut guest, fd, 0, 0), Err(Errno::Invalid));
    assert_eq!(allocate(&mut guest, fd, u64::MAX, 2), Err(Errno::FileTooBig));
    let reader = guest.open("f", 0, READ).unwrap();
    assert_eq!((guest.resize(reader, 0), guest.resize(3, 0)), (Err(Errno::Invalid), Err(Errno::Invalid)));
    assert_eq!((guest.resize(1, 0), guest.resize(99, 0)), (Err(Errno::Invalid), Err(Errno::BadFd)));
    let advise =
        |guest: &mut Guest, fd, at, len, advice| guest.call(|h, m| io::advise(h, m, fd, at, len, advice));
    assert_eq!(advise(&mut guest, fd, 0, 9, 5), Ok(()));
    assert_eq!(advise(&mut guest, fd, 0, 9, 6), Err(Errno::Invalid));
    assert_eq!(advise(&mut guest, fd, u64::MAX, 9, 0), Err(Errno::Invalid));
    assert_eq!(advise(&mut guest, 0, 0, 9, 0), Err(Errno::SeekPipe));
}

#[test]
fn what_a_descriptor_may_is_what_it_was_opened_for() {
    let mut guest = Guest::new();
    guest.file("f", b"x");
    let (reader, writer) = (guest.open("f", 0, READ).unwrap(), guest.open("f", 0, WRITE).unwrap());
    assert_eq!((guest.write(reader, b"y"), guest.read(writer, 1)), (Err(Errno::BadFd), Err(Errno::BadFd)));
    assert_eq!((guest.read(3, 1), guest.write(3, b"y")), (Err(Errno::IsDir), Err(Errno::BadFd)));
    assert_eq!((guest.read(1, 1), guest.write(0, b"y")), (Err(Errno::BadFd), Err(Errno::BadFd)));
    assert_eq!((guest.read(0, 1), guest.read(99, 1)), (Ok(vec![]), Err(Errno::BadFd)));
    let rights = [reader, writer].map(|fd| guest.fdstat(fd).unwrap().2 & BOTH);
    assert_eq!(rights, [READ, WRITE]);
    // Rights can be given up.
    let both = guest.open("f", 0, BOTH).unwrap();
    let set = |guest: &mut Guest, base| guest.call(|h, m| fd::fdstat_set_rights(h, m, both, base, 0));
    assert_eq!(set(&mut guest, READ), Ok(()));
    assert_eq!((guest.write(both, b"y"), guest.read(both, 1)), (Err(Errno::BadFd), Ok(b"x".to_vec())));
    assert_eq!(set(&mut guest, BOTH), Err(Errno::NotCapable));
    // A directory that passes no writing on opens nothing for writing.
    let dir = guest.open("tmp", DIRECTORY, READ).unwrap();
    let (.., base, inheriting) = guest.fdstat(dir).unwrap();
    guest.call(|h, m| fd::fdstat_set_rights(h, m, dir, base, inheriting & !WRITE)).unwrap();
    assert_eq!(guest.open_at(dir, 0, "f", CREATE, WRITE, 0), Err(Errno::NotCapable));
    assert_eq!(guest.stat("tmp/f"), Err(Errno::NoEntry));
}

#[test]
fn streams_are_neither_terminals_nor_files() {
    let mut guest = Guest::new();
    for fd in 0..3 {
        assert_eq!(guest.fdstat(fd).map(|stat| stat.0), Ok(0));
        assert_eq!(guest.fstat(fd).map(|stat| (stat.kind, stat.size)), Ok((0, 0)));
    }
    assert_eq!((guest.write(1, b"out"), guest.write(2, b"err")), (Ok(3), Ok(3)));
    assert_eq!((&*guest.host.stdout.kept, &*guest.host.stderr.kept), (&b"out"[..], &b"err"[..]));
    let fd = guest.open("f", CREATE, WRITE).unwrap();
    guest.call(|h, m| fd::renumber(h, m, fd, 1)).unwrap();
    guest.write(1, b"file").unwrap();
    assert_eq!((guest.content("f"), guest.fdstat(fd)), (b"file".to_vec(), Err(Errno::BadFd)));
}

#[test]
fn devices_take_and_give() {
    let mut guest = Guest::new();
    let [null, zero, random] =
        ["dev/null", "dev/zero", "dev/urandom"].map(|path| guest.open(path, 0, BOTH | SEEK_TELL).unwrap());
    assert_eq!((guest.write(null, b"gone"), guest.read(null, 4)), (Ok(4), Ok(vec![])));
    assert_eq!(guest.read(zero, 4), Ok(vec![0; 4]));
    let (one, two) = (guest.read(random, 16).unwrap(), guest.read(random, 16).unwrap());
    assert_ne!(one, two);
    assert_eq!((guest.seek(null, 9, 0), guest.resize(null, 9)), (Ok(0), Err(Errno::Invalid)));
    // A character device with a position: no terminal.
    assert!(matches!(guest.fdstat(null), Ok((2, _, rights, _)) if rights & SEEK_TELL != 0));
    assert!(guest.open("dev/null", CREATE | TRUNCATE, WRITE).is_ok());
    assert_eq!(guest.unlink("dev/null"), Err(Errno::ReadOnly));
    assert_eq!(guest.open("dev/new", CREATE, WRITE), Err(Errno::ReadOnly));
}

#[test]
fn descriptors_are_the_lowest_free_and_bounded() {
    let mut guest = Guest::new();
    guest.file("f", b"");
    let opened: Vec<_> = (0..1020).map(|_| guest.open("f", 0, READ).unwrap()).collect();
    assert!(opened.into_iter().eq(4..1024));
    assert_eq!(guest.open("f", 0, READ), Err(Errno::TooManyFiles));
    assert_eq!(guest.open("new", CREATE, WRITE), Err(Errno::TooManyFiles));
    assert_eq!(guest.stat("new"), Err(Errno::NoEntry), "no file without a descriptor");
    guest.close(700).unwrap();
    guest.close(5).unwrap();
    assert_eq!((guest.open("f", 0, READ), guest.open("f", 0, READ)), (Ok(5), Ok(700)));
    assert_eq!((guest.close(1024), guest.close(u32::MAX)), (Err(Errno::BadFd), Err(Errno::BadFd)));
}

#[test]
fn renumbering_closes_the_target_and_moves_the_source() {
    let mut guest = Guest::new();
    let [a, b] = ["a", "b"].map(|path| guest.open(path, CREATE, BOTH).unwrap());
    guest.write(b, &[1; 1000]).unwrap();
    guest.unlink("b").unwrap();
    guest.write(a, b"a").unwrap();
    let used = guest.host.files.tree().used().bytes;
    let renumber = |guest: &mut Guest, from, to| guest.call(|h, m| fd::renumber(h, m, from, to));
    assert_eq!(renumber(&mut guest, a, b), Ok(()));
    assert!(guest.host.files.tree().used().bytes < used - 1000, "the deleted file is freed");
    assert_eq!((guest.close(a), guest.tell(b)), (Err(Errno::BadFd), Ok(1)));
    assert_eq!(
        (renumber(&mut guest, b, a), renumber(&mut guest, 99, b)),
        (Err(Errno::BadFd), Err(Errno::BadFd))
    );
    assert_eq!(renumber(&mut guest, b, b), Ok(()));
    assert_eq!(guest.pread(b, 1, 0), Ok(b"a".to_vec()));
}

#[test]
fn a_deleted_file_lives_until_its_last_descriptor() {
    let mut guest = Guest::new();
    let before = guest.host.files.tree().used();
    let [one, two] = [0, 0].map(|_| guest.open("f", CREATE, BOTH).unwrap());
    guest.unlink("f").unwrap();
    guest.write(one, b"still here").unwrap();
    guest.close(one).unwrap();
    assert_eq!(guest.pread(two, 99, 0), Ok(b"still here".to_vec()));
    assert_eq!(guest.fstat(two).unwrap().links, 0);
    guest.close(two).unwrap();
    assert_eq!(guest.host.files.tree().used(), before);
}

#[test]
fn scattered_buffers_are_filled_in_turn_and_all_checked_first() {
    let mut guest = Guest::new();
    guest.file("f", b"abcdef");
    let fd = guest.open("f", 0, BOTH).unwrap();
    guest.memory[DATA as usize..].fill(0);
    let lists = |guest: &mut Guest, parts: &[(u32, u32)]| {
        let bytes: Vec<u8> =
            parts.iter().flat_map(|(a, l)| [a.to_le_bytes(), l.to_le_bytes()]).flatten().collect();
        guest.put(IOVEC, &bytes);
        guest.call(|h, m| io::read(h, m, fd, IOVEC, parts.len() as u32, OUT))
    };
    assert_eq!(lists(&mut guest, &[(DATA, 2), (DATA + 100, 0), (DATA + 10, 9)]), Ok(()));
    assert_eq!(guest.u32_out(), 6);
    assert_eq!(
        (&guest.memory[DATA as usize..][..3], &guest.memory[DATA as usize + 10..][..5]),
        (&b"ab\0"[..], &b"cdef\0"[..])
    );
    guest.seek(fd, 0, 0).unwrap();
    assert_eq!(lists(&mut guest, &[(DATA, 2), (MEMORY as u32 - 1, 2)]), Err(Errno::Fault));
    assert_eq!(lists(&mut guest, &[(DATA, u32::MAX)]), Err(Errno::Fault));
    assert_eq!(guest.tell(fd), Ok(0), "nothing was read");
    let read = |h: &mut Host, m: &mut GuestMemory| io::read(h, m, fd, IOVEC, 1, MEMORY as u32 - 3);
    lists(&mut guest, &[]).unwrap();
    assert_eq!((guest.call(read), guest.tell(fd)), (Err(Errno::Fault), Ok(0)));
    // More than a count can say: the same megabyte, many times.
    let parts = vec![(0, MEMORY as u32); 1024];
    assert_eq!(lists(&mut guest, &parts), Ok(()), "a gigabyte, which the file does not have");
}

#[test]
fn there_are_no_arguments_signals_or_sockets() {
    let mut guest = Guest::new();
    guest.call(|h, m| system::nothing_sizes_get(h, m, OUT, OUT + 4)).unwrap();
    assert_eq!(guest.u64_out(), 0);
    assert_eq!(guest.call(|h, m| system::nothing_sizes_get(h, m, OUT, MEMORY as u32)), Err(Errno::Fault));
    assert_eq!(guest.call(|h, m| system::nothing_get(h, m, OUT, OUT)), Ok(()));
    assert_eq!(guest.call(|h, m| system::proc_raise(h, m, 9)), Err(Errno::NotSupported));
    assert_eq!(guest.call(system::sched_yield), Ok(()));
    for (fd, expected) in [(3, Errno::NotSocket), (1, Errno::NotSocket), (99, Errno::BadFd)] {
        assert_eq!(guest.call(|h, m| system::sock_shutdown(h, m, fd, 3)), Err(expected));
        assert_eq!(guest.call(|h, m| system::sock_accept(h, m, fd, 0, OUT)), Err(expected));
        assert_eq!(guest.call(|h, m| system::sock_recv(h, m, fd, IOVEC, 1, 0, OUT, OUT)), Err(expected));
        assert_eq!(guest.call(|h, m| system::sock_send(h, m, fd, IOVEC, 1, 0, OUT)), Err(expected));
    }
    assert_eq!(
        (guest.call(|h, m| io::sync(h, m, 3)), guest.call(|h, m| io::sync(h, m, 9))),
        (Ok(()), Err(Errno::BadFd))
    );
}

#[test]
fn randomness_is_the_seed_s_and_fills_every_length() {
    let draw = |seed: u64, len: u32| {
        let mut guest = Guest::new();
        let files = guest.host.files.clone();
        guest.host.begin(files, seed, &Limits::default(), &std::sync::Arc::default());
        guest.call(|h, m| system::random_get(h, m, DATA, len)).unwrap();
        guest.memory[DATA as usize..][..=len as usize].to_vec()
    };
    assert_eq!(draw(1, 1024), draw(1, 1024));
    assert_ne!(draw(1, 1024), draw(2, 1024));
    assert!(draw(1, 1024).iter().any(|byte| *byte != 0));
    for len in [0, 1, 7, 8, 9] {
        assert_eq!(draw(3, len)[len as usize], 0, "nothing beyond {len}");
    }
    let mut guest = Guest::new();
    assert_eq!(guest.call(|h, m| system::random_get(h, m, MEMORY as u32 - 7, 8)), Err(Errno::Fault));
}
