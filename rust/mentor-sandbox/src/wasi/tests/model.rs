//! The file tree against a model that is too simple to be wrong: a map from whole paths to what is there.
//!
//! Random changes are made in both; every answer must be the same, and so must all that can be seen afterwards.

use std::collections::BTreeMap;

use super::fuzz::{Draw, cases};
use super::*;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Thing {
    Dir,
    /// A file, by its number: names that are links of each other share it.
    File(usize),
}

#[derive(Clone, Default)]
struct Model {
    things: BTreeMap<String, Thing>,
    contents: Vec<Vec<u8>>,
}

impl Model {
    /// What a path names, or why it cannot name anything.
    fn find(&self, path: &str) -> Result<Option<Thing>> {
        for (at, _) in path.match_indices('/') {
            match self.things.get(&path[..at]) {
                None => return Err(Errno::NoEntry),
                Some(Thing::File(_)) => return Err(Errno::NotDir),
                Some(Thing::Dir) => {}
            }
        }
        Ok(self.things.get(path).copied())
    }

    fn is_empty(&self, path: &str) -> bool {
        let inside = format!("{path}/");
        !self.things.keys().any(|name| name.starts_with(&inside))
    }

    fn mkdir(&mut self, path: &str) -> Result<()> {
        if self.find(path)?.is_some() {
            return Err(Errno::Exist);
        }
        self.things.insert(path.into(), Thing::Dir);
        Ok(())
    }

    fn rmdir(&mut self, path: &str) -> Result<()> {
        match self.find(path)? {
            None => Err(Errno::NoEntry),
            Some(Thing::File(_)) => Err(Errno::NotDir),
            Some(Thing::Dir) if !self.is_empty(path) => Err(Errno::NotEmpty),
            Some(Thing::Dir) => {
                self.things.remove(path);
                Ok(())
            }
        }
    }

    fn unlink(&mut self, path: &str) -> Result<()> {
        match self.find(path)? {
            None => Err(Errno::NoEntry),
            Some(Thing::Dir) => Err(Errno::IsDir),
            Some(Thing::File(_)) => {
                self.things.remove(path);
                Ok(())
            }
        }
    }

    fn create(&mut self, path: &str) -> Result<usize> {
        match self.find(path)? {
            Some(Thing::Dir) => Err(Errno::IsDir),
            Some(Thing::File(number)) => Ok(number),
            None => {
                self.contents.push(Vec::new());
                let number = self.contents.len() - 1;
                self.things.insert(path.into(), Thing::File(number));
                Ok(number)
            }
        }
    }

    fn link(&mut self, from: &str, to: &str) -> Result<()> {
        let thing = self.find(from)?.ok_or(Errno::NoEntry)?;
        match (self.find(to)?, thing) {
            (_, Thing::Dir) => Err(Errno::NotPermitted),
            (Some(_), _) => Err(Errno::Exist),
            (None, _) => {
                self.things.insert(to.into(), thing);
                Ok(())
            }
        }
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<()> {
        let (thing, target) = (self.find(from)?, self.find(to)?);
        let thing = thing.ok_or(Errno::NoEntry)?;
        match (thing, target) {
            _ if from == to => return Ok(()),
            (Thing::File(a), Some(Thing::File(b))) if a == b => return Ok(()),
            (Thing::Dir, _) if to.starts_with(&format!("{from}/")) => return Err(Errno::Invalid),
            (Thing::Dir, Some(Thing::File(_))) => return Err(Errno::NotDir),
            (Thing::File(_), Some(Thing::Dir)) => return Err(Errno::IsDir),
            (Thing::Dir, Some(Thing::Dir)) if !self.is_empty(to) => return Err(Errno::NotEmpty),
            _ => {}
        }
        let inside = format!("{from}/");
        let moved: Vec<String> =
            self.things.keys().filter(|name| *name == from || name.starts_with(&inside)).cloned().collect();
        for name in moved {
            let thing = self.things.remove(&name).unwrap();
            self.things.insert(format!("{to}{}", &name[from.len()..]), thing);
        }
        Ok(())
    }

    /// Writes, leaving zeros in a gap.
    fn write(&mut self, number: usize, at: usize, bytes: &[u8]) {
        let content = &mut self.contents[number];
        content.resize(content.len().max(at + bytes.len()), 0);
        content[at..at + bytes.len()].copy_from_slice(bytes);
    }
}

/// A path of one to three short names, so that most hit something.
fn path(draw: &mut Draw) -> String {
    let names = ["a", "b", "c"];
    let parts: Vec<&str> = (0..=draw.below(3)).map(|_| names[draw.below(3) as usize]).collect();
    parts.join("/")
}

fn open_both(guest: &mut Guest, model: &mut Model, path: &str) -> Option<(u32, usize)> {
    let opened = guest.open(path, CREATE, BOTH);
    let number = model.create(path);
    assert_eq!(opened.err(), number.err(), "open {path}");
    Some((opened.ok()?, number.ok()?))
}

/// A change in both.
fn change(draw: &mut Draw, guest: &mut Guest, model: &mut Model) {
    let (one, two) = (path(draw), path(draw));
    match draw.below(8) {
        0 => assert_eq!(guest.mkdir(&one), model.mkdir(&one), "mkdir {one}"),
        1 => assert_eq!(guest.rmdir(&one), model.rmdir(&one), "rmdir {one}"),
        2 => assert_eq!(guest.unlink(&one), model.unlink(&one), "unlink {one}"),
        3 => assert_eq!(guest.link(0, &one, &two), model.link(&one, &two), "link {one} {two}"),
        4 | 5 => assert_eq!(guest.rename(&one, &two), model.rename(&one, &two), "rename {one} {two}"),
        kind => {
            let Some((fd, number)) = open_both(guest, model, &one) else { return };
            // Around the end of a block as often as at the start.
            let base = [0, super::super::content::BLOCK as u64][draw.below(2) as usize];
            let at = base.saturating_sub(8) + draw.below(32);
            if kind == 6 {
                let bytes = vec![draw.below(256) as u8; draw.below(40) as usize];
                assert_eq!(guest.pwrite(fd, &bytes, at), Ok(bytes.len() as u32));
                if !bytes.is_empty() {
                    model.write(number, at as usize, &bytes);
                }
            } else {
                guest.resize(fd, at).unwrap();
                model.contents[number].resize(at as usize, 0);
            }
            guest.close(fd).unwrap();
        }
    }
}

/// All that can be seen: names, types, sizes, links, content.
fn compare(guest: &mut Guest, model: &Model) {
    let mut seen = BTreeMap::new();
    let mut todo: Vec<String> =
        guest.names(".").into_iter().filter(|name| !matches!(&**name, "tmp" | "dev")).collect();
    while let Some(path) = todo.pop() {
        let stat = guest.stat(&path).unwrap();
        if stat.kind == 3 {
            todo.extend(guest.names(&path).into_iter().map(|name| format!("{path}/{name}")));
        }
        seen.insert(path, stat);
    }
    assert!(seen.keys().eq(model.things.keys()), "{:?} {:?}", seen.keys(), model.things.keys());
    for (path, thing) in &model.things {
        let Thing::File(number) = *thing else {
            assert_eq!(seen[path].kind, 3, "{path}");
            continue;
        };
        let names = model.things.values().filter(|other| *other == thing).count() as u64;
        let content = &model.contents[number];
        assert_eq!((seen[path].size, seen[path].links), (content.len() as u64, names), "{path}");
        assert!(guest.content(path) == *content, "{path}");
    }
}

#[test]
fn the_tree_does_what_the_model_does() {
    let limits = Limits { path_depth: 10_000, ..Limits::default() };
    for seed in 0..cases(4_000) / 400 {
        let mut draw = Draw::new(seed);
        let (mut guest, mut model) = (Guest::with(&limits, &[]), Model::default());
        for step in 0..400 {
            // What was before is left alone by what comes after it, and the other way round.
            let before = (step % 50 == 0).then(|| (guest.host.files.clone(), model.clone()));
            change(&mut draw, &mut guest, &mut model);
            if let Some((files, mut model)) = before {
                let now = std::mem::replace(&mut guest.host.files, files);
                compare(&mut guest, &model);
                change(&mut draw, &mut guest, &mut model);
                guest.host.files = now;
            }
        }
        compare(&mut guest, &model);
    }
}
