//! A state's changes to files as bytes, and back. What is read is checked one value at a time here, and as a
//! whole by `Files::check`, once the image is known.

use std::sync::Arc;

use super::changes::Changes;
use super::clock::{Clock, LONGEST};
use super::content::{BLOCK, Content};
use super::files::{Descriptor, MAX_FDS, Target};
use super::node::{Dir, Entry, Kind, Node, NodeId, Times};
use super::slab::Change;
use super::tree::Used;
use crate::wire::{Reader, Result, put_bytes, put_number};

/// Bounds of what is read, far above what programs reach. Together they bound the memory that is taken for a few
/// bytes: numbers of nodes and lengths of files decide the sizes of tables.
const MAX_ID: u64 = 1 << 20;
const MAX_FILE: u64 = 4 << 30;
const MAX_FILES: u64 = 16 << 30;

/// The kinds of descriptors; a free one has none.
const FREE: u8 = 0;
const STDIN: u8 = 1;
const STDOUT: u8 = 2;
const STDERR: u8 = 3;
const OPEN_DIR: u8 = 4;
const OPEN_FILE: u8 = 5;
/// The kinds of nodes.
const GONE: u8 = 0;
const DIR: u8 = 1;
const FILE: u8 = 2;
const LINK: u8 = 3;

impl Changes {
    /// Bytes in the files and names that differ from the image.
    pub(crate) fn size(&self) -> usize {
        let of = |(_, node): &Change<Node>| match node.as_ref().map(|node| &node.kind) {
            Some(Kind::Dir(dir)) => dir.after(0).map(|(name, _)| name.len()).sum(),
            Some(Kind::File(content)) => content.blocks().map(<[u8]>::len).sum(),
            Some(Kind::Link(target)) => target.len(),
            Some(Kind::Shared(_) | Kind::Device(_)) | None => 0,
        };
        self.nodes.iter().map(of).sum()
    }

    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        let numbers = [self.clock.elapsed, self.clock.computed, self.used.bytes, self.used.entries.into()];
        put_numbers(out, &numbers);
        put_number(out, self.fds.len() as u64);
        for open in self.fds.iter() {
            put_open(out, open.as_ref());
        }
        put_number(out, self.nodes.len() as u64);
        for (id, node) in self.nodes.iter() {
            put_number(out, u64::from(*id));
            put_node(out, node.as_deref());
        }
    }

    pub(crate) fn read(reader: &mut Reader) -> Result<Self> {
        let clock = Clock { elapsed: reader.number(LONGEST)?, computed: reader.number(LONGEST)? };
        let used = Used { bytes: reader.number(u64::MAX)?, entries: read_u32(reader)? };
        let mut fds = Vec::new();
        for _ in 0..reader.number(MAX_FDS as u64)? {
            fds.push(read_open(reader)?);
        }
        let mut nodes: Vec<Change<Node>> = Vec::new();
        let mut left = MAX_FILES;
        for _ in 0..reader.number(MAX_ID)? {
            let id = read_id(reader)?;
            if nodes.last().is_some_and(|(last, _)| *last >= id) {
                return reader.bad("files out of order");
            }
            nodes.push((id, read_node(reader, &mut left)?.map(Arc::new)));
        }
        Ok(Self { nodes: Arc::new(nodes), used, fds: Arc::new(fds), clock })
    }
}

fn put_numbers(out: &mut Vec<u8>, numbers: &[u64]) {
    for number in numbers {
        put_number(out, *number);
    }
}

fn read_id(reader: &mut Reader) -> Result<NodeId> {
    Ok(reader.number(MAX_ID)? as NodeId)
}

fn read_u32(reader: &mut Reader) -> Result<u32> {
    Ok(reader.number(u32::MAX.into())? as u32)
}

fn put_open(out: &mut Vec<u8>, open: Option<&Descriptor>) {
    let Some(open) = open else { return out.push(FREE) };
    match open.target {
        Target::Stdin => out.push(STDIN),
        Target::Stdout => out.push(STDOUT),
        Target::Stderr => out.push(STDERR),
        Target::Dir(node) => {
            out.push(OPEN_DIR);
            put_number(out, node.into());
        }
        Target::File { node, at } => {
            out.push(OPEN_FILE);
            put_numbers(out, &[node.into(), at]);
        }
    }
    put_numbers(out, &[open.rights, open.inheriting, open.flags.into()]);
}

fn read_open(reader: &mut Reader) -> Result<Option<Descriptor>> {
    let target = match reader.byte()? {
        FREE => return Ok(None),
        STDIN => Target::Stdin,
        STDOUT => Target::Stdout,
        STDERR => Target::Stderr,
        OPEN_DIR => Target::Dir(read_id(reader)?),
        OPEN_FILE => Target::File { node: read_id(reader)?, at: reader.number(i64::MAX as u64)? },
        _ => return reader.bad("an unknown kind of descriptor"),
    };
    let (rights, inheriting) = (reader.number(u64::MAX)?, reader.number(u64::MAX)?);
    let flags = reader.number(u16::MAX.into())? as u16;
    Ok(Some(Descriptor { target, rights, inheriting, flags }))
}

fn put_node(out: &mut Vec<u8>, node: Option<&Node>) {
    let Some(node) = node else { return out.push(GONE) };
    let Times { accessed, modified, changed } = node.times;
    let rest = [node.links.into(), accessed, modified, changed];
    match &node.kind {
        Kind::Dir(dir) => {
            out.push(DIR);
            put_numbers(out, &rest);
            put_numbers(out, &[dir.parent.into(), dir.subdirs.into(), dir.next(), dir.len() as u64]);
            for (name, entry) in dir.after(0) {
                put_bytes(out, name.as_bytes());
                put_numbers(out, &[entry.node.into(), entry.cookie]);
            }
        }
        Kind::File(content) => {
            out.push(FILE);
            put_numbers(out, &rest);
            put_content(out, content);
        }
        Kind::Link(target) => {
            out.push(LINK);
            put_numbers(out, &rest);
            put_bytes(out, target.as_bytes());
        }
        // The host's do not change: states have none.
        Kind::Shared(_) | Kind::Device(_) => out.push(GONE),
    }
}

fn read_node(reader: &mut Reader, left: &mut u64) -> Result<Option<Node>> {
    let kind = reader.byte()?;
    if kind == GONE {
        return Ok(None);
    }
    let links = read_u32(reader)?;
    let mut time = || reader.number(u64::MAX);
    let times = Times { accessed: time()?, modified: time()?, changed: time()? };
    let kind = match kind {
        DIR => Kind::Dir(read_dir(reader)?),
        FILE => Kind::File(read_content(reader, left)?),
        LINK => Kind::Link(reader.text()?.into()),
        _ => return reader.bad("an unknown kind of file"),
    };
    Ok(Some(Node { kind, links, times }))
}

fn read_dir(reader: &mut Reader) -> Result<Dir> {
    let (parent, subdirs) = (read_id(reader)?, read_u32(reader)?);
    let next = reader.number(i64::MAX as u64)?;
    let mut entries = Vec::new();
    for _ in 0..reader.number(u32::MAX.into())? {
        let name = reader.text()?;
        if matches!(name, "" | "." | "..") || name.contains('/') {
            return reader.bad("a name that no file can have");
        }
        let node = read_id(reader)?;
        entries.push((name.into(), Entry { node, cookie: reader.number(i64::MAX as u64)? }));
    }
    let dir = Dir::with(parent, subdirs, entries, next);
    dir.map_or_else(|| reader.bad("names out of order"), Ok)
}

/// The length, and what of each block is not zero.
fn put_content(out: &mut Vec<u8>, content: &Content) {
    put_number(out, content.len());
    for block in content.blocks() {
        put_bytes(out, block);
    }
}

fn read_content(reader: &mut Reader, left: &mut u64) -> Result<Content> {
    let len = reader.number(MAX_FILE.min(*left))?;
    *left -= len;
    let mut content = Content::default();
    for start in (0..len).step_by(BLOCK) {
        let block = reader.bytes()?;
        if block.len() as u64 > (len - start).min(BLOCK as u64) || block.last() == Some(&0) {
            return reader.bad("a block of a file that is no block");
        }
        content.write(start, block);
    }
    content.resize(len);
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes() -> Changes {
        let entry = |name: &str, node, cookie| (name.into(), Entry { node, cookie });
        let entries = vec![entry("é", 7, 4), entry("f", 8, 6)];
        let mut content = Content::default();
        content.write(2, b"abc");
        content.write(2 * BLOCK as u64, b"de");
        content.resize(4 * BLOCK as u64);
        let node = |kind| Some(Arc::new(Node::new(kind, 300)));
        let nodes = vec![
            (3, None),
            (7, node(Kind::Dir(Dir::with(0, 1, entries, 9).unwrap()))),
            (8, node(Kind::File(content))),
            (9, node(Kind::Link("../x".into()))),
        ];
        let open = |target| Some(Descriptor { target, rights: u64::MAX, inheriting: 5, flags: 1 });
        let targets = [Target::Stdin, Target::Stdout, Target::Stderr, Target::Dir(7)].map(open);
        let fds = [&targets[..], &[None, open(Target::File { node: 8, at: 300 })]].concat();
        let (clock, used) = (Clock { elapsed: LONGEST, computed: 1 }, Used { bytes: 512, entries: 3 });
        Changes { nodes: Arc::new(nodes), used, fds: Arc::new(fds), clock }
    }

    fn bytes(changes: &Changes) -> Vec<u8> {
        let mut out = Vec::new();
        changes.put(&mut out);
        out
    }

    #[test]
    fn changes_come_back() {
        let bytes = bytes(&changes());
        let mut reader = Reader::new(&bytes);
        assert_eq!(Changes::read(&mut reader), Ok(changes()));
        assert!(reader.is_empty());
        assert!(bytes.len() < 200, "{}", bytes.len());
    }

    /// Every cut fails; every changed byte fails or gives changes that are written as they were read.
    #[test]
    fn malformed_bytes_are_refused() {
        let whole = bytes(&changes());
        for cut in 0..whole.len() {
            assert!(Changes::read(&mut Reader::new(&whole[..cut])).is_err(), "cut at {cut}");
        }
        for at in 0..whole.len() {
            for value in 0..=255 {
                let mut other = whole.clone();
                other[at] = value;
                let mut reader = Reader::new(&other);
                if let Ok(read) = Changes::read(&mut reader)
                    && reader.is_empty()
                {
                    assert_eq!(bytes(&read), other, "byte {at}: {value}");
                }
            }
        }
    }
}
