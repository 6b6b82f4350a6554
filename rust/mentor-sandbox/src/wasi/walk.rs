//! Paths: from a directory and a text to a place in the tree.
//!
//! As a capability system has it, a path cannot leave the directory that it starts from: neither `..` nor a
//! symbolic link leads above it, and absolute paths do not exist (the guest's library makes them relative to its
//! one preopened directory, the root). From the root, all is as in POSIX: `..` stays there, and a link's absolute
//! target is followed.

use super::errno::{Errno, Result};
use super::node::{Kind, NodeId};
use super::tree::{ROOT, Tree};
use crate::Limits;

/// Longest path, bytes, and most symbolic links in one: Linux's bounds.
const MAX_PATH: usize = 4096;
const MAX_HOPS: usize = 40;

/// The place that a path names: its directory and its last component, and the node if there is one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub dir: NodeId,
    /// Empty where the path ends with `.` or `..`.
    pub name: String,
    pub node: Option<NodeId>,
    /// The path ended with a slash: it names a directory.
    pub slash: bool,
}

/// Components still to be walked, the next one last.
type Rest<'a> = Vec<&'a str>;

fn push<'a>(rest: &mut Rest<'a>, path: &'a str) {
    rest.extend(path.split('/').filter(|part| !part.is_empty()).rev());
}

/// Whether a path is one at all, before anything is looked up.
pub(crate) fn check(path: &str) -> Result<()> {
    match path {
        "" => Err(Errno::NoEntry),
        _ if path.len() > MAX_PATH => Err(Errno::NameTooLong),
        _ if path.contains('\0') => Err(Errno::Invalid),
        _ => Ok(()),
    }
}

/// Walks a path from a directory. A link at the end is the place itself unless `follow` is set. `steps` counts the
/// components, those of links too: a short path can mean much work.
pub(crate) fn walk(
    tree: &Tree,
    from: NodeId,
    path: &str,
    follow: bool,
    limits: &Limits,
    steps: &mut u64,
) -> Result<Place> {
    check(path)?;
    if path.starts_with('/') {
        return Err(Errno::NotCapable);
    }
    let (mut trail, mut rest) = (vec![from], Rest::new());
    push(&mut rest, path);
    let (mut hops, mut slash) = (0, path.ends_with('/'));
    while let Some(part) = rest.pop() {
        *steps += 1;
        let last = rest.is_empty();
        let dir = *trail.last().ok_or(Errno::NotCapable)?;
        match part {
            "." => continue,
            ".." => {
                if trail.len() > 1 {
                    trail.pop();
                } else if from != ROOT {
                    return Err(Errno::NotCapable);
                }
                continue;
            }
            _ if part.len() > limits.name_length as usize => return Err(Errno::NameTooLong),
            _ => {}
        }
        let place = |node| Place { dir, name: part.to_owned(), node, slash };
        let Some(id) = tree.dir(dir)?.get(part) else {
            return if last { Ok(place(None)) } else { Err(Errno::NoEntry) };
        };
        match &tree.node(id)?.kind {
            Kind::Link(target) if follow || !last => {
                hops += 1;
                if hops > MAX_HOPS {
                    return Err(Errno::Loop);
                }
                if target.starts_with('/') {
                    if from != ROOT {
                        return Err(Errno::NotCapable);
                    }
                    trail.truncate(1);
                }
                slash |= last && target.ends_with('/');
                push(&mut rest, target);
            }
            Kind::Dir(_) if !last => trail.push(id),
            Kind::Dir(_) => return Ok(place(Some(id))),
            _ if last && !slash => return Ok(place(Some(id))),
            _ => return Err(Errno::NotDir),
        }
    }
    let node = trail.pop().ok_or(Errno::NotCapable)?;
    let dir = trail.last().copied().unwrap_or(node);
    Ok(Place { dir, name: String::new(), node: Some(node), slash: true })
}
