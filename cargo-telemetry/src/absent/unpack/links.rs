//! Links within an archive: what they point to must be in it.

use std::collections::HashSet;

use super::{UNPACK, Visit, shown};

/// The names of an archive and the links among them.
#[derive(Default)]
pub(super) struct Links {
    names: HashSet<Vec<String>>,
    links: Vec<(Vec<u8>, Option<Vec<String>>)>,
}

impl Links {
    /// Notes a member, and the folders that it lies in.
    pub(super) fn member(&mut self, name: &[u8]) {
        let mut path = resolved(&[], name).unwrap_or_default();
        while !path.is_empty() {
            if !self.names.insert(path.clone()) {
                break;
            }
            path.pop();
        }
    }

    /// Notes a symbolic link: `target` counts from the folder of the link.
    pub(super) fn symbolic(&mut self, name: &[u8], target: &[u8]) {
        let mut folder = resolved(&[], name).unwrap_or_default();
        folder.pop();
        let target = if target.starts_with(b"/") { resolved(&[], target) } else { resolved(&folder, target) };
        self.links.push((name.to_owned(), target));
        self.member(name);
    }

    /// Notes another name for a member.
    pub(super) fn hard(&mut self, name: &[u8], target: &[u8]) {
        let known = resolved(&[], target).filter(|path| self.names.contains(path));
        self.links.push((name.to_owned(), known));
        self.member(name);
    }

    /// Says which ones lead out of the archive.
    pub(super) fn check(self, visit: &mut Visit<'_>, outer: &str) {
        for (name, target) in self.links {
            let inside = target.is_some_and(|path| path.is_empty() || self.names.contains(&path));
            if !inside {
                let name = crate::reader::joined(outer, &shown(&name));
                visit.finding.doubt(
                    &name,
                    None,
                    &format!("a link to something that is not in this archive; {UNPACK}, and what it leads to"),
                );
            }
        }
    }
}

/// The parts of a path below `folder`; nothing where it leads above the top.
fn resolved(folder: &[String], path: &[u8]) -> Option<Vec<String>> {
    let mut parts = folder.to_vec();
    for part in String::from_utf8_lossy(path).split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name.to_owned()),
        }
    }
    Some(parts)
}
