//! What the key of a page holds.
//!
//! ```text
//! telemetry-events 1 <open|left> <hour>          the hour of the last change, since 1970
//! batch <idempotency key> <new|attempted>        then the events of one request
//! event <day> <digest> <destination> <kind> <JSON>
//! rest                                           then those that are in no batch yet, the oldest first
//! event …
//! ```
//!
//! Digests are 32 hexadecimal digits. JSON has no line ends.

use std::mem;

use telemetry_schema::{cut, digest};
use telemetry_spool::Digest;

/// The first line begins so; a later layout has another number.
const HEAD: &str = "telemetry-events 1";

/// An event, as it will be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) day: u32,
    pub(crate) digest: Digest,
    pub(crate) destination: Digest,
    pub(crate) kind: u8,
    pub(crate) body: String,
}

/// The events of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) key: String,
    /// It was sent, and may have arrived.
    pub(crate) attempted: bool,
    pub(crate) events: Vec<Waiting>,
}

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Contents {
    pub(crate) left: bool,
    pub(crate) hour: u32,
    pub(crate) batches: Vec<Batch>,
    pub(crate) rest: Vec<Waiting>,
}

impl Waiting {
    fn parse(line: &str) -> Option<Self> {
        let mut rest = line;
        let mut word = || {
            let (word, behind) = cut::once(rest, b' ')?;
            rest = behind;
            Some(word)
        };
        let hex = |word: &str| digest::of_hex(word).filter(|_| word.len() == 32).map(u128::to_be_bytes);
        let small = |word: &str| cut::number_of(word.as_bytes());
        let day = small(word()?)?.try_into().ok()?;
        let (digest, destination) = (hex(word()?)?, hex(word()?)?);
        let kind = small(word()?)?.try_into().ok()?;
        Some(Self { day, digest, destination, kind, body: rest.to_owned() })
    }

    fn render(&self, out: &mut String) {
        let Self { day, digest, destination, kind, body } = self;
        out.push_str("event ");
        cut::push_number(out, (*day).into());
        for digest in [digest, destination] {
            out.push(' ');
            digest::push_hex(out, u128::from_be_bytes(*digest));
        }
        out.push(' ');
        cut::push_number(out, (*kind).into());
        cut::push(out, &[" ", body, "\n"]);
    }

    /// Its bytes in a key.
    fn bytes(&self) -> usize {
        90 + self.body.len()
    }
}

impl Contents {
    /// Reads a key; `None` if nobody of ours wrote it, or another version. Lines that cannot be read are left out.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut lines = cut::lines(text);
        let (state, hour) = cut::once(lines.next()?.strip_prefix(HEAD)?.strip_prefix(' ')?, b' ')?;
        let mut contents =
            Self { left: state == "left", hour: cut::number_of(hour.as_bytes())?.try_into().ok()?, ..Self::default() };
        let mut in_batch = false;
        for line in lines {
            if let Some((key, tried)) = line.strip_prefix("batch ").and_then(|batch| cut::once(batch, b' ')) {
                let (key, attempted) = (key.to_owned(), tried == "attempted");
                contents.batches.push(Batch { key, attempted, events: Vec::new() });
                in_batch = true;
            } else if line == "rest" {
                in_batch = false;
            } else if let Some(event) = line.strip_prefix("event ").and_then(Waiting::parse) {
                match contents.batches.last_mut().filter(|_| in_batch) {
                    Some(batch) => batch.events.push(event),
                    None => contents.rest.push(event),
                }
            }
        }
        contents.batches.retain(|batch| !batch.events.is_empty());
        Some(contents)
    }

    /// The text of the key.
    pub(crate) fn render(&self) -> String {
        let state = if self.left { "left" } else { "open" };
        let mut out = cut::joined(&[HEAD, " ", state, " ", &cut::number(self.hour.into()), "\n"]);
        for batch in &self.batches {
            let tried = if batch.attempted { "attempted" } else { "new" };
            cut::push(&mut out, &["batch ", &batch.key, " ", tried, "\n"]);
            batch.events.iter().for_each(|event| event.render(&mut out));
        }
        out.push_str("rest\n");
        self.rest.iter().for_each(|event| event.render(&mut out));
        out
    }

    /// How many events there are.
    pub(crate) fn len(&self) -> usize {
        self.rest.len() + self.batches.iter().map(|batch| batch.events.len()).sum::<usize>()
    }

    /// Removes the oldest events that are in no batch until the rest has so many bytes; answers with how many those were.
    pub(crate) fn evict(&mut self, most: usize) -> usize {
        let in_batches = self.batches.iter().flat_map(|batch| &batch.events);
        let mut bytes: usize = in_batches.chain(&self.rest).map(Waiting::bytes).sum();
        let before = self.rest.len();
        self.rest.retain(|oldest| {
            let stays = bytes <= most;
            bytes -= if stays { 0 } else { oldest.bytes() };
            stays
        });
        before - self.rest.len()
    }

    /// Takes the events of the next batch from the rest: the oldest that the user agrees to, of one day if the request tells it.
    pub(crate) fn take_batch(
        &mut self,
        most: usize,
        most_bytes: usize,
        by_day: bool,
        agrees: &dyn Fn(&Digest) -> bool,
    ) -> Vec<Waiting> {
        let (mut events, mut bytes) = (Vec::<Waiting>::new(), 0);
        let mut rest = Vec::new();
        for event in mem::take(&mut self.rest) {
            let fits = events.is_empty() || bytes + event.body.len() < most_bytes;
            let same_day = !by_day || events.first().is_none_or(|first| first.day == event.day);
            if events.len() < most && fits && same_day && agrees(&event.digest) {
                bytes += event.body.len() + 1;
                events.push(event);
            } else {
                rest.push(event);
            }
        }
        self.rest = rest;
        events
    }

    /// Takes a batch out, if it is here still: another page may have taken it over.
    pub(crate) fn remove_batch(&mut self, key: &str) -> Option<Batch> {
        let mut found = None;
        for batch in mem::take(&mut self.batches) {
            if batch.key == key {
                found = Some(batch);
            } else {
                self.batches.push(batch);
            }
        }
        found
    }

    /// Adds batches before those that are here.
    pub(crate) fn add_before(&mut self, mut batches: Vec<Batch>) {
        batches.append(&mut self.batches);
        self.batches = batches;
    }

    /// Adds events before those that are in no batch.
    fn add_rest_before(&mut self, mut events: Vec<Waiting>) {
        events.append(&mut self.rest);
        self.rest = events;
    }

    /// Removes the batches that were sent and may have arrived, and answers with how many events those had.
    pub(crate) fn end_tried(&mut self) -> u64 {
        let before = self.len();
        self.batches.retain(|batch| !batch.attempted);
        (before - self.len()) as u64
    }

    /// Adds what another page has left, before what is here; answers with how many batches and other events that are.
    pub(crate) fn take_over(&mut self, other: Self) -> (usize, usize) {
        let Self { left: _, hour: _, batches, rest } = other;
        let taken = (batches.len(), rest.len());
        self.add_before(batches);
        self.add_rest_before(rest);
        taken
    }

    /// As before a [`Contents::take_over`] that has answered with this.
    pub(crate) fn give_back(&mut self, (batches, events): (usize, usize)) {
        let (mut batches, mut events) = (batches, events);
        self.batches.retain(|_| is_past(&mut batches));
        self.rest.retain(|_| is_past(&mut events));
    }

    /// Removes events from before a day and those that go elsewhere, and answers with how many there were of each. A batch with an
    /// event that the user does not agree to any more is none: what is left of it gets another key.
    pub(crate) fn clean(
        &mut self,
        oldest: u32,
        destination: &Digest,
        kind: u8,
        agrees: &dyn Fn(&Digest) -> bool,
    ) -> (u64, u64) {
        let (mut expired, mut elsewhere) = (0, 0);
        let mut keep = |event: &Waiting| {
            let is_elsewhere = event.destination != *destination || event.kind != kind;
            let is_expired = event.day < oldest;
            elsewhere += u64::from(is_elsewhere);
            expired += u64::from(is_expired && !is_elsewhere);
            !is_elsewhere && !is_expired
        };
        self.rest.retain(&mut keep);
        let (mut whole, mut rest) = (Vec::new(), Vec::new());
        for mut batch in mem::take(&mut self.batches) {
            let before = batch.events.len();
            batch.events.retain(&mut keep);
            let is_whole = batch.events.len() == before && batch.events.iter().all(|event| agrees(&event.digest));
            if is_whole {
                whole.push(batch);
            } else {
                rest.append(&mut batch.events);
            }
        }
        self.batches = whole;
        self.add_rest_before(rest);
        (expired, elsewhere)
    }
}

/// Counts down, and says whether it had come to its end.
fn is_past(left: &mut usize) -> bool {
    let is_past = *left == 0;
    *left = left.saturating_sub(1);
    is_past
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(day: u32, number: u8) -> Waiting {
        let body = format!("{{\"event\":\"opened\",\"payload\":{{\"text\":\"a b {number}\"}}}}");
        Waiting { day, digest: [number; 16], destination: [9; 16], kind: 1, body }
    }

    fn of(events: impl IntoIterator<Item = Waiting>) -> Contents {
        Contents { hour: 497_000, rest: events.into_iter().collect(), ..Contents::default() }
    }

    fn all(_: &Digest) -> bool {
        true
    }

    #[test]
    fn a_key_reads_back_as_it_was_written() {
        let mut contents = of((0..5).map(|number| event(20_000, number)));
        let events = contents.take_batch(2, 1_000, false, &all);
        contents.batches.push(Batch { key: "k-0".to_owned(), attempted: true, events });
        contents.left = true;
        assert_eq!(Contents::parse(&contents.render()).as_ref(), Some(&contents));
        assert_eq!(contents.len(), 5);
    }

    #[test]
    fn what_cannot_be_read_costs_itself_and_nothing_else() {
        let text = of([event(1, 1), event(1, 2)]).render();
        let damaged = text.replacen("event 1 01", "event 1 xx", 1);
        assert_eq!(Contents::parse(&damaged).unwrap().rest, [event(1, 2)]);
        for text in
            ["", "x", "telemetry-events 2 open 5\n", "telemetry-events 1 open\n", "telemetry-events 1 open soon\n"]
        {
            assert_eq!(Contents::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_batch_holds_the_oldest_that_fit_and_that_the_user_agrees_to() {
        let mut contents = of([event(1, 1), event(1, 2), event(2, 3), event(1, 4)]);
        let body = event(1, 1).body.len();
        let taken = contents.take_batch(9, 1_000, true, &|digest| *digest != [2; 16]);
        assert_eq!(taken, [event(1, 1), event(1, 4)], "one day, and not what is not agreed to");
        assert_eq!(contents.rest, [event(1, 2), event(2, 3)]);
        let mut contents = of([event(1, 1), event(1, 2), event(1, 3)]);
        assert_eq!(contents.take_batch(9, 2 * body + 2, false, &all).len(), 2, "by bytes");
        assert_eq!(contents.take_batch(9, 1, false, &all).len(), 1, "one always fits");
    }

    #[test]
    fn the_oldest_gives_way_and_a_batch_never() {
        let mut contents = of((0..4).map(|number| event(1, number)));
        let events = contents.take_batch(1, 1_000, false, &all);
        contents.batches.push(Batch { key: "k".to_owned(), attempted: false, events });
        let three = 3 * event(1, 0).bytes();
        assert_eq!((contents.evict(three), contents.rest.first().map(|event| event.digest)), (1, Some([2; 16])));
        assert_eq!((contents.evict(0), contents.len()), (2, 1));
    }

    #[test]
    fn what_is_old_or_goes_elsewhere_ends_and_its_batch_gets_another_key() {
        let mut contents = of([event(1, 1), event(5, 2), Waiting { destination: [8; 16], ..event(5, 3) }]);
        let events = vec![event(5, 4), event(1, 5)];
        contents.batches.push(Batch { key: "k".to_owned(), attempted: true, events });
        contents.batches.push(Batch { key: "l".to_owned(), attempted: true, events: vec![event(5, 6)] });
        assert_eq!(contents.clean(5, &[9; 16], 1, &all), (2, 1));
        assert_eq!(contents.rest, [event(5, 4), event(5, 2)]);
        assert_eq!(contents.batches.iter().map(|batch| batch.key.as_str()).collect::<Vec<_>>(), ["l"]);
    }

    #[test]
    fn what_was_sent_ends_and_what_waits_stays() {
        let mut contents = of([event(1, 1)]);
        let batch = |key: &str, attempted, events| Batch { key: key.to_owned(), attempted, events };
        contents.batches.push(batch("k", true, vec![event(1, 2), event(1, 3)]));
        contents.batches.push(batch("l", false, vec![event(1, 4)]));
        assert_eq!(contents.end_tried(), 2);
        assert_eq!(contents.batches, [batch("l", false, vec![event(1, 4)])]);
        assert_eq!(contents.rest, [event(1, 1)]);
    }

    #[test]
    fn what_another_page_left_comes_first() {
        let before = of([event(1, 1)]);
        let mut contents = of([event(1, 1)]);
        let mut left = of([event(1, 2), event(1, 3)]);
        left.batches.push(Batch { key: "k".to_owned(), attempted: true, events: vec![event(1, 4)] });
        let taken = contents.take_over(left);
        assert_eq!(contents.rest, [event(1, 2), event(1, 3), event(1, 1)]);
        assert_eq!(contents.len(), 4);
        contents.give_back(taken);
        assert_eq!(contents, before);
    }
}
