//! `told`: what the user was told, by its parts.
//!
//! ```text
//! telemetry-told 1
//! sdk <digest> <part> <part> …       a telling: what was said of the SDK
//! event <digest> <part> <part> …     and of each event
//! all <digest>                       or, of a telling that is too long to be kept, the digest of the set
//! sdk …                              a later telling
//! ```
//!
//! Digests are 32 hexadecimal digits, parts the first 16 of theirs. Telling adds and never replaces; over
//! [`TOLD_BYTES`] the oldest goes, and whoever needs it asks again. What cannot be read was not told: that asks once more,
//! and turns nothing off.

use std::{cell::OnceCell, fmt::Write as _, io};

use telemetry_schema::{
    digest::{self, Told as Parts, What},
    order,
};
use telemetry_spool::Digest;

use crate::base::collections::{HashMap, HashSet, VecDeque};
use crate::{
    base::limits::{TOLD_BYTES, TOLD_SETS},
    write::files::state_dir::{SdkDir, Staged},
};

/// The file's name in the SDK's folder.
pub(crate) const NAME: &str = "told";

/// The first line; a later layout has another number.
const HEAD: &str = "telemetry-told 1";

/// The first 64 bits of a part's digest: enough to tell the parts of one SDK apart, and half the file.
type Part = u64;

/// A whole with its parts, as it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    digest: u128,
    parts: Vec<Part>,
}

impl Entry {
    fn of(told: &Parts) -> Self {
        let mut parts: Vec<_> = told.parts.iter().map(|part| short(part.digest)).collect();
        order::set(&mut parts);
        Self { digest: told.digest, parts }
    }

    fn covers(&self, other: &Self) -> bool {
        self.digest == other.digest || other.parts.iter().all(|part| self.parts.binary_search(part).is_ok())
    }

    fn parse<'a>(mut words: impl Iterator<Item = &'a str>) -> Option<Self> {
        let digest = from_hex(words.next()?, 32)?;
        let mut parts = words.map(|word| Part::try_from(from_hex(word, 16)?).ok()).collect::<Option<Vec<_>>>()?;
        order::sort(&mut parts);
        (!parts.is_empty()).then_some(Self { digest, parts })
    }

    fn line(&self, word: &str) -> String {
        let mut line = format!("{word} {}", digest::hex(self.digest));
        for part in &self.parts {
            let _ = write!(line, " {part:016x}");
        }
        line.push('\n');
        line
    }
}

fn short(digest: u128) -> Part {
    Part::try_from(digest >> 64).unwrap_or(Part::MAX)
}

fn from_hex(word: &str, digits: usize) -> Option<u128> {
    digest::of_hex(word).filter(|_| word.len() == digits)
}

/// What was said in one notice.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Telling {
    sdk: Entry,
    /// The sets of events that were told and are too many to be kept one by one.
    all: Vec<u128>,
    /// Oldest first.
    events: Vec<Entry>,
}

/// All that the user was told, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Told {
    tellings: VecDeque<Telling>,
}

/// The tellings that said of an SDK what it wants to be told of itself.
#[derive(Debug)]
pub(crate) struct Fitting<'a> {
    tellings: Vec<&'a Telling>,
    digests: HashSet<u128>,
    /// Events by each of their parts; made when one is asked for whose digest is not known.
    by_part: OnceCell<HashMap<Part, Vec<&'a Entry>>>,
}

impl Fitting<'_> {
    /// Whether there is none: the user was told nothing, or of another destination.
    pub(crate) fn is_empty(&self) -> bool {
        self.tellings.is_empty()
    }

    /// Whether exactly this set was told in one telling.
    pub(crate) fn has_all(&self, all: u128) -> bool {
        self.tellings.iter().any(|telling| telling.all.contains(&all))
    }

    /// Whether an event was told as it is.
    pub(crate) fn has(&self, digest: u128) -> bool {
        self.digests.contains(&digest)
    }

    /// Whether one telling has said all parts of an event, and more perhaps.
    pub(crate) fn covers(&self, event: &Parts) -> bool {
        let event = Entry::of(event);
        let with = event.parts.first().and_then(|part| self.by_part().get(part));
        with.is_some_and(|told| told.iter().any(|told| told.covers(&event)))
    }

    /// Whether any telling has said this part of an event.
    fn has_part(&self, part: u128) -> bool {
        self.by_part().contains_key(&short(part))
    }

    /// In words: that the event is new, or which of its parts are.
    pub(crate) fn whats_new(&self, event: &Parts) -> String {
        let (known, new): (Vec<_>, Vec<_>) = event.parts.iter().partition(|part| self.has_part(part.digest));
        let mut words: Vec<_> = new
            .iter()
            .filter_map(|part| match &part.what {
                What::Field(name) => Some(format!("field {name}")),
                What::Sampling => Some("how many days".to_owned()),
                What::Throttle => Some("how often".to_owned()),
                What::Level => Some("its level".to_owned()),
                What::Event | What::Sdk => None,
            })
            .collect();
        if known.is_empty() {
            return "new".to_owned();
        }
        if words.is_empty() {
            // Every part was told, and never all of them together.
            words.push("its fields together".to_owned());
        }
        format!("new: {}", words.join(", "))
    }

    fn by_part(&self) -> &HashMap<Part, Vec<&Entry>> {
        self.by_part.get_or_init(|| {
            let mut index: HashMap<Part, Vec<_>> = HashMap::new();
            for event in self.tellings.iter().flat_map(|telling| &telling.events) {
                for part in &event.parts {
                    if let Some(known) = index.get_mut(part) {
                        known.push(event);
                    } else {
                        index.insert(*part, vec![event]);
                    }
                }
            }
            index
        })
    }
}

impl Told {
    /// What was told together with all that an SDK wants to be told of itself.
    pub(crate) fn fitting(&self, sdk: &Parts) -> Fitting<'_> {
        let sdk = Entry::of(sdk);
        let tellings: Vec<_> = self.tellings.iter().filter(|telling| telling.sdk.covers(&sdk)).collect();
        let digests = tellings.iter().flat_map(|telling| &telling.events).map(|event| event.digest).collect();
        Fitting { tellings, digests, by_part: OnceCell::new() }
    }

    /// The digests of all events that were ever told.
    pub(crate) fn digests(&self) -> HashSet<Digest> {
        let events = self.tellings.iter().flat_map(|telling| &telling.events);
        events.map(|event| event.digest.to_be_bytes()).collect()
    }

    /// Adds a telling, or to one that said the same of the SDK, as the newest.
    pub(crate) fn add(&mut self, sdk: &Parts, events: &[Parts]) {
        let sdk = Entry::of(sdk);
        let before = self.tellings.iter().position(|telling| telling.sdk == sdk);
        let mut telling = before.and_then(|place| self.tellings.remove(place)).unwrap_or_else(|| Telling {
            sdk,
            all: Vec::new(),
            events: Vec::new(),
        });
        let new: Vec<_> = events.iter().map(Entry::of).collect();
        let length: usize = new.iter().map(|event| event.line("event").len()).sum();
        // With room for the rest of its telling, and for others beside it.
        if length as u64 > TOLD_BYTES / 2 {
            let all = digest::set(new.iter().map(|event| event.digest));
            telling.all.retain(|told| *told != all);
            telling.all.push(all);
        } else {
            let told: HashSet<_> = new.iter().map(|event| event.digest).collect();
            telling.events.retain(|event| !told.contains(&event.digest));
            telling.events.extend(new);
        }
        self.tellings.push_back(telling);
    }

    /// The file's bytes: the newest that fit.
    pub(crate) fn render(&self) -> Vec<u8> {
        let mut room = usize::try_from(TOLD_BYTES).unwrap_or(usize::MAX).saturating_sub(HEAD.len() + 1);
        let mut newest_first = Vec::new();
        for telling in self.tellings.iter().rev() {
            let mut head = telling.sdk.line("sdk");
            for all in telling.all.iter().rev().take(TOLD_SETS).rev() {
                head.push_str(&format!("all {}\n", digest::hex(*all)));
            }
            let Some(left) = room.checked_sub(head.len()) else { break };
            room = left;
            let mut kept = Vec::new();
            for line in telling.events.iter().rev().map(|event| event.line("event")) {
                let Some(left) = room.checked_sub(line.len()) else { break };
                room = left;
                kept.push(line);
            }
            newest_first.push(head + &kept.into_iter().rev().collect::<String>());
        }
        let tellings = newest_first.into_iter().rev().collect::<String>();
        format!("{HEAD}\n{tellings}").into_bytes()
    }
}

/// What the file says; lines that cannot be read say nothing.
pub(crate) fn load(dir: &SdkDir) -> Told {
    let bytes = dir.read_bounded(NAME, TOLD_BYTES).ok().flatten();
    bytes.map(|bytes| parse(&bytes)).unwrap_or_default()
}

/// As [`load`], of bytes.
pub(crate) fn parse(bytes: &[u8]) -> Told {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    let mut told = Told::default();
    if lines.next() != Some(HEAD) {
        return told;
    }
    // What follows a telling that cannot be read belongs to no other.
    let mut readable = false;
    for line in lines {
        let mut words = line.split(' ');
        let kind = words.next();
        if kind == Some("sdk") {
            let sdk = Entry::parse(words);
            readable = sdk.is_some();
            told.tellings.extend(sdk.map(|sdk| Telling { sdk, all: Vec::new(), events: Vec::new() }));
            continue;
        }
        let Some(telling) = told.tellings.back_mut().filter(|_| readable) else { continue };
        match kind {
            Some("event") => telling.events.extend(Entry::parse(words)),
            Some("all") => telling.all.extend(words.next().and_then(|word| from_hex(word, 32))),
            _ => {}
        }
    }
    told
}

/// Replaces the file. Not flushed: losing it to a power failure asks once more.
///
/// # Errors
///
/// If it could not be written; the file is as it was.
pub(crate) fn store(dir: &SdkDir, told: &Told) -> io::Result<()> {
    stage(dir, told)?.take_place()
}

/// Writes the file's next version beside it.
///
/// # Errors
///
/// If it could not be written.
pub(crate) fn stage<'a>(dir: &'a SdkDir, told: &Told) -> io::Result<Staged<'a>> {
    dir.stage_small(NAME, &told.render(), false)
}

#[cfg(all(test, unix))]
mod tests;
