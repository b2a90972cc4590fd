//! What is searched for, stored so that this tool does not find itself: each byte as its complement.
//!
//! Records and markers are described in `docs/event-record.md`. Only the start of a marker is searched, without its
//! number, so that markers of later versions are found too.

use std::{fmt, hint::black_box};

use memchr::memmem::Finder;
use serde::Serialize;

/// What records and markers start with.
const MAGIC: [u8; 4] = complement(telemetry_schema::record::MAGIC);

/// What follows the magic in the marker of each part.
const DISPATCHER: [u8; 12] = complement(*b"-dispatcher-");
const QUEUE: [u8; 7] = complement(*b"-queue-");
const TRANSPORT: [u8; 11] = complement(*b"-transport-");

/// The longest text behind the magic that decides what it is.
const LONGEST: usize = DISPATCHER.len();

const fn complement<const N: usize>(mut bytes: [u8; N]) -> [u8; N] {
    let mut at = 0;
    while at < N {
        #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, within the length of the array")]
        let byte = bytes[at];
        #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, within the length of the array")]
        {
            bytes[at] = !byte;
        }
        at += 1;
    }
    bytes
}

/// The plain bytes, made when the program runs. Without the box the optimizer would put them into the program.
fn plain(stored: &[u8]) -> Vec<u8> {
    black_box(stored).iter().map(|byte| !byte).collect()
}

/// A part of the runtime that keeps a marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// What every recording call goes through.
    Dispatcher,
    /// The queue and the thread that empties it.
    Queue,
    /// The built-in HTTP transport.
    Transport,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dispatcher => "dispatcher",
            Self::Queue => "queue",
            Self::Transport => "transport",
        })
    }
}

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    /// The start of a record of this format version.
    Record(char),
    /// A marker.
    Marker(Part),
    /// The endpoint with this number.
    Endpoint(usize),
}

/// All patterns of one search.
pub(super) struct Patterns {
    magic: Finder<'static>,
    markers: [(Vec<u8>, Part); 3],
    endpoints: Vec<Finder<'static>>,
}

impl Patterns {
    /// The patterns of this framework, and texts that the user asked for.
    pub(super) fn new(endpoints: &[String]) -> Self {
        Self {
            magic: Finder::new(&plain(&MAGIC)).into_owned(),
            markers: [
                (plain(&DISPATCHER), Part::Dispatcher),
                (plain(&QUEUE), Part::Queue),
                (plain(&TRANSPORT), Part::Transport),
            ],
            endpoints: endpoints.iter().map(|endpoint| Finder::new(endpoint.as_bytes()).into_owned()).collect(),
        }
    }

    /// The most bytes that a match needs to be recognized.
    pub(super) fn longest(&self) -> usize {
        let endpoints = self.endpoints.iter().map(|finder| finder.needle().len()).max().unwrap_or_default();
        (MAGIC.len() + LONGEST).max(endpoints)
    }

    /// All matches in `bytes`, in no particular order.
    pub(super) fn matches(&self, bytes: &[u8], mut found: impl FnMut(usize, Match)) {
        for at in self.magic.find_iter(bytes) {
            let behind = bytes.get(at + MAGIC.len()..).unwrap_or_default();
            if let Some(found_here) = self.classify(behind) {
                found(at, found_here);
            }
        }
        for (number, finder) in self.endpoints.iter().enumerate() {
            finder.find_iter(bytes).for_each(|at| found(at, Match::Endpoint(number)));
        }
    }

    /// The four bytes of the magic alone say nothing: they also stand in this tool, where it looks for them.
    fn classify(&self, behind: &[u8]) -> Option<Match> {
        match behind {
            [version @ b'0'..=b'9', b'{', ..] => Some(Match::Record(char::from(*version))),
            _ => self.markers.iter().find(|(text, _)| behind.starts_with(text)).map(|(_, part)| Match::Marker(*part)),
        }
    }
}
