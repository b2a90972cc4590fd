//! Containers: each is unpacked member by member, within bounds, and understood to its last byte.

mod links;
mod stream;
mod tar;
mod zip;

use std::ops::Range;

use super::{
    file::Visit,
    part::{Part, first_set, unpack},
};
use crate::reader::{Container, Source, joined, plain};

/// What to do about a container that is not understood.
const UNPACK: &str = "unpack it and name what was in it";

impl Visit<'_> {
    /// Unpacks one member and looks at it; `packed` are the bytes that it comes of.
    fn member(&mut self, stream: impl std::io::Read, packed: u64, name: &str, depth: usize) -> u64 {
        let (unpacked, ended) = unpack(stream, packed, &mut self.left);
        match ended {
            Ok(()) => self.source(&unpacked, name, depth + 1),
            Err(why) => {
                self.finding.doubt(name, None, &format!("{why}; {UNPACK}"));
                // What came before the mistake may be a trace.
                self.bytes(&unpacked, name, &[], &[]);
            }
        }
        unpacked.len()
    }

    /// The container `part` holds something at `range` that its tables do not speak of.
    fn stray(&mut self, part: &Part<'_>, range: &Range<u64>, name: &str, container: Container) {
        match first_set(part, range) {
            Ok(None) => {}
            Ok(Some(at)) => self.finding.doubt(
                name,
                Some(part.range.start.saturating_add(at)),
                &format!(
                    "bytes between or behind the members of {}, {} of them; {UNPACK}, and what was added to it apart",
                    container.name(),
                    range.end.saturating_sub(at)
                ),
            ),
            Err(error) => self.finding.doubt(name, Some(part.range.start), &format!("it cannot be read: {error}")),
        }
    }
}

/// The name of a member as it may be shown.
fn shown(name: &[u8]) -> String {
    plain(&String::from_utf8_lossy(name))
}

fn inside(outer: &str, name: &[u8]) -> String {
    joined(outer, &shown(name))
}
