//! What the key of a page holds.
//!
//! ```text
//! telemetry-events 1 <open|left> <hour>          the hour of the last change, since 1970
//! batch <idempotency key> <new|attempted>        then the events of one request
//! event <day> <digest> <destination> <kind> <JSON>
//! rest                                           then events that are in no batch yet, the oldest first
//! event …
//! ```
//!
//! Digests are 32 hexadecimal digits. JSON has no line ends.

use std::mem;

use telemetry_schema::{cut, digest};
use telemetry_spool::Digest;

/// The first line begins so.
const HEAD: &str = "telemetry-events ";

/// Then comes the number of the layout; a later one has another number.
const LAYOUT: u64 = 1;

/// An event, as it will be sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// The idempotency key of its batch; empty while it is in none.
    pub(crate) batch: String,
    /// Its batch was sent, and may have arrived.
    pub(crate) attempted: bool,
    pub(crate) day: u32,
    pub(crate) digest: Digest,
    pub(crate) destination: Digest,
    pub(crate) kind: u8,
    pub(crate) body: String,
}

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Contents {
    pub(crate) left: bool,
    pub(crate) hour: u32,
    /// Those of one batch stand behind each other, in the order in which batches are sent; the others in that in which they came.
    pub(crate) events: Vec<Waiting>,
    /// Lines that could not be read.
    pub(crate) unread: u64,
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
        Some(Self { day, digest, destination, kind, body: rest.to_owned(), ..Self::default() })
    }

    fn render(&self, out: &mut String) {
        let Self { day, digest, destination, kind, body, .. } = self;
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

    /// Whether it waits for a batch.
    pub(crate) fn is_free(&self) -> bool {
        self.batch.is_empty()
    }
}

impl Contents {
    /// Reads a key; `None` if another version wrote it. Events that cannot be read are left out and counted. If the first line cannot be, which is none,
    /// nobody lives who has the key.
    pub(crate) fn parse(text: &str, is_object: fn(&str) -> bool) -> Option<Self> {
        let mut lines = cut::lines(text);
        let head = lines.next().unwrap_or_default().strip_prefix(HEAD).and_then(|words| cut::once(words, b' '));
        let (layout, rest) = head.unwrap_or_default();
        let layout = cut::number_of(layout.as_bytes());
        if layout.is_some_and(|layout| layout != LAYOUT) {
            return None;
        }
        let (state, hour) = cut::once(rest, b' ').filter(|_| layout.is_some()).unwrap_or_default();
        let hour = cut::number_of(hour.as_bytes()).and_then(|hour| hour.try_into().ok());
        let mut contents =
            Self { left: state == "left", hour: hour.unwrap_or_default(), events: Vec::new(), unread: 0 };
        let (mut batch, mut attempted) = ("", false);
        for line in lines {
            if let Some((key, tried)) = line.strip_prefix("batch ").and_then(|batch| cut::once(batch, b' ')) {
                (batch, attempted) = (key, tried == "attempted");
            } else if line == "rest" {
                (batch, attempted) = ("", false);
            } else {
                let event = line.strip_prefix("event ").and_then(Waiting::parse).filter(|event| is_object(&event.body));
                match event {
                    Some(event) => contents.events.push(Waiting { batch: batch.to_owned(), attempted, ..event }),
                    None => {
                        contents.unread += 1;
                        contents.dissolve(batch);
                        (batch, attempted) = ("", false);
                    }
                }
            }
        }
        Some(contents)
    }

    /// The text of the key.
    pub(crate) fn render(&self) -> String {
        let state = if self.left { "left" } else { "open" };
        let mut out = cut::joined(&[HEAD, &cut::number(LAYOUT), " ", state, " ", &cut::number(self.hour.into()), "\n"]);
        let mut last = "";
        for event in &self.events {
            if event.batch != last {
                last = &event.batch;
                let tried = if event.attempted { " attempted\n" } else { " new\n" };
                let batch = ["batch ", last, tried];
                cut::push(&mut out, if event.is_free() { &["rest\n"] } else { &batch });
            }
            event.render(&mut out);
        }
        out
    }

    /// Takes events out, and leaves the others as they stood.
    pub(crate) fn take(&mut self, chosen: &mut dyn FnMut(&mut Waiting) -> bool) -> Vec<Waiting> {
        let mut taken = Vec::new();
        for mut event in mem::take(&mut self.events) {
            let to = if chosen(&mut event) { &mut taken } else { &mut self.events };
            to.push(event);
        }
        taken
    }

    /// Takes a batch out, if it is here still: another page may have taken it over.
    pub(crate) fn take_batch(&mut self, key: &str) -> Vec<Waiting> {
        self.take(&mut |event| event.batch == key)
    }

    /// A batch without one of its events is none: what is left of it stands before the others, and gets another key.
    fn dissolve(&mut self, key: &str) {
        let mut events = self.take_batch(key);
        for event in &mut events {
            (event.batch, event.attempted) = (String::new(), false);
        }
        self.add_before(events);
    }

    /// Notes whether a batch was sent; answers with what it said before.
    pub(crate) fn mark(&mut self, key: &str, attempted: bool) -> bool {
        let mut before = false;
        for event in self.events.iter_mut().filter(|event| event.batch == key) {
            before = mem::replace(&mut event.attempted, attempted);
        }
        before
    }

    /// Makes two batches of one, before the others.
    pub(crate) fn halve(&mut self, key: &str) {
        let mut events = self.take_batch(key);
        let half = events.len() / 2;
        for (place, event) in events.iter_mut().enumerate() {
            event.batch.push_str(if place < half { "-0" } else { "-1" });
            event.attempted = false;
        }
        self.add_before(events);
    }

    /// Adds events before those that are here.
    fn add_before(&mut self, mut events: Vec<Waiting>) {
        events.append(&mut self.events);
        self.events = events;
    }

    /// The keys of the batches, in the order in which they are sent.
    pub(crate) fn batches(&self) -> Vec<&str> {
        let mut keys = Vec::new();
        for event in &self.events {
            if !event.is_free() && keys.last() != Some(&event.batch.as_str()) {
                keys.push(event.batch.as_str());
            }
        }
        keys
    }

    /// Its bytes as a key.
    pub(crate) fn bytes(&self) -> usize {
        self.events.iter().map(Waiting::bytes).sum()
    }

    /// Removes the oldest events that are in no batch until all have so many bytes; answers with how many those were.
    pub(crate) fn evict(&mut self, most: usize) -> usize {
        let mut bytes = self.bytes();
        let evicted = self.take(&mut |oldest| {
            let goes = oldest.is_free() && bytes > most;
            bytes -= if goes { oldest.bytes() } else { 0 };
            goes
        });
        evicted.len()
    }

    /// Makes a batch, behind the others: of the oldest events that the user agrees to, of one day if the request tells it. `false` if there are none.
    pub(crate) fn plan(
        &mut self,
        key: &str,
        most: usize,
        most_bytes: usize,
        by_day: bool,
        agrees: &dyn Fn(&Digest) -> bool,
    ) -> bool {
        let (mut events, mut bytes, mut day) = (0, 0, None);
        let mut planned = self.take(&mut |event| {
            let fits = events == 0 || bytes + event.body.len() < most_bytes;
            let same_day = !by_day || day.is_none_or(|day| day == event.day);
            let is_next = event.is_free() && events < most && fits && same_day && agrees(&event.digest);
            if is_next {
                bytes += event.body.len() + 1;
                events += 1;
                day = Some(event.day);
                event.batch = key.to_owned();
            }
            is_next
        });
        self.events.append(&mut planned);
        events > 0
    }

    /// Removes the batches that were sent and may have arrived, and answers with how many events those had.
    pub(crate) fn end_tried(&mut self) -> u64 {
        self.take(&mut |event| event.attempted).len() as u64
    }

    /// Adds what another page has left, before what is here; answers with how many events that are.
    pub(crate) fn take_over(&mut self, other: Self) -> usize {
        let taken = other.events.len();
        self.add_before(other.events);
        taken
    }

    /// As before a [`Contents::take_over`] that has answered with this.
    pub(crate) fn give_back(&mut self, mut taken: usize) {
        self.take(&mut |_| {
            let is_taken = taken > 0;
            taken = taken.saturating_sub(1);
            is_taken
        });
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
        let mut broken = Vec::new();
        self.take(&mut |event| {
            let is_elsewhere = event.destination != *destination || event.kind != kind;
            let is_expired = event.day < oldest && !is_elsewhere;
            elsewhere += u64::from(is_elsewhere);
            expired += u64::from(is_expired);
            let ends = is_elsewhere || is_expired;
            if !event.is_free() && (ends || !agrees(&event.digest)) {
                broken.push(event.batch.clone());
            }
            ends
        });
        for key in broken.into_iter().rev() {
            self.dissolve(&key);
        }
        (expired, elsewhere)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(day: u32, number: u8) -> Waiting {
        let body = format!("{{\"event\":\"opened\",\"payload\":{{\"text\":\"a b {number}\"}}}}");
        Waiting { day, digest: [number; 16], destination: [9; 16], kind: 1, body, ..Waiting::default() }
    }

    /// An event of a batch that was sent, or was not.
    fn of_batch(batch: &str, attempted: bool, event: Waiting) -> Waiting {
        Waiting { batch: batch.to_owned(), attempted, ..event }
    }

    fn of(events: impl IntoIterator<Item = Waiting>) -> Contents {
        Contents { left: false, hour: 497_000, events: events.into_iter().collect(), unread: 0 }
    }

    /// A browser reads it.
    fn is_object(body: &str) -> bool {
        telemetry_schema::json::Json::parse(body.as_bytes()).is_some()
    }

    fn all(_: &Digest) -> bool {
        true
    }

    #[test]
    fn a_key_reads_back_as_it_was_written() {
        let mut contents = of((0..5).map(|number| event(20_000, number)));
        assert!(contents.plan("k-0", 2, 1_000, false, &all));
        assert!(!contents.mark("k-0", true));
        assert!(contents.plan("k-1", 1, 1_000, false, &all));
        contents.left = true;
        assert_eq!(Contents::parse(&contents.render(), is_object).as_ref(), Some(&contents));
        assert_eq!((contents.events.len(), contents.batches()), (5, vec!["k-0", "k-1"]));
    }

    #[test]
    fn a_key_with_its_batches_first_is_read_as_well() {
        let contents = of([of_batch("k", true, event(1, 1)), of_batch("l", false, event(1, 2)), event(1, 3)]);
        let text = contents.render();
        assert_eq!(
            text.lines().filter(|line| !line.starts_with("event")).collect::<Vec<_>>(),
            ["telemetry-events 1 open 497000", "batch k attempted", "batch l new", "rest",]
        );
        assert_eq!(Contents::parse(&text, is_object), Some(contents));
    }

    #[test]
    fn what_cannot_be_read_costs_itself_and_nothing_else() {
        let text = of([event(1, 1), event(1, 2)]).render();
        let both = [event(1, 1), event(1, 2)];
        for (from, to, left, unread) in [
            ("event 1 01", "event 1 xx", &both[1..], 1),
            ("b 1\"}}", "", &both[1..], 1),
            (HEAD, "telemetry-event", &both[..], 0),
        ] {
            let read = Contents::parse(&text.replacen(from, to, 1), is_object).unwrap();
            assert_eq!((read.events.as_slice(), read.unread), (left, unread), "{from}");
        }
        let batch = of([1, 2, 3].map(|number| of_batch("k", true, event(1, number)))).render();
        let read = Contents::parse(&batch.replacen("event 1 02", "event 1 xx", 1), is_object).unwrap();
        assert_eq!(read.events, [event(1, 1), event(1, 3)], "what is left of a batch gets another key");
        let none = Contents::default();
        for words in ["", " 1", " 1 open", " 1 open soon", " x 2 3"] {
            let text = format!("telemetry-events{words}\n");
            assert_eq!(Contents::parse(&text, is_object).as_ref(), Some(&none), "{text}: left long ago");
        }
        for text in ["", "x", "\0"] {
            assert_eq!(Contents::parse(text, is_object).as_ref(), Some(&none), "{text}: none of ours");
        }
        assert_eq!(Contents::parse("telemetry-events 2 open 5\n", is_object), None, "a later version looks after it");
    }

    #[test]
    fn a_batch_holds_the_oldest_that_fit_and_that_the_user_agrees_to() {
        let mut contents = of([event(1, 1), event(1, 2), event(2, 3), event(1, 4)]);
        let body = event(1, 1).body.len();
        assert!(contents.plan("k", 9, 1_000, true, &|digest| *digest != [2; 16]));
        let planned = [event(1, 1), event(1, 4)].map(|event| of_batch("k", false, event));
        let waiting = [event(1, 2), event(2, 3)];
        assert_eq!(contents.events, [&waiting[..], &planned].concat(), "one day, and not what is not agreed to");
        assert!(!contents.plan("l", 9, 1_000, true, &|_| false));
        for (most, most_bytes, expected) in [(9, 2 * body + 2, 2), (9, 1, 1), (2, 1_000, 2)] {
            let mut contents = of([event(1, 1), event(1, 2), event(1, 3)]);
            assert!(contents.plan("k", most, most_bytes, false, &all));
            assert_eq!(contents.take_batch("k").len(), expected, "{most} {most_bytes}: one always fits");
        }
    }

    #[test]
    fn the_oldest_gives_way_and_a_batch_never() {
        let mut contents = of((0..4).map(|number| event(1, number)));
        assert!(contents.plan("k", 1, 1_000, false, &all));
        let three = 3 * event(1, 0).bytes();
        assert_eq!((contents.evict(three), contents.events.first().map(|event| event.digest)), (1, Some([2; 16])));
        assert_eq!((contents.evict(0), contents.events.len()), (2, 1));
    }

    #[test]
    fn what_is_old_or_goes_elsewhere_ends_and_its_batch_gets_another_key() {
        let mut contents = of([
            event(1, 1),
            event(5, 2),
            Waiting { destination: [8; 16], ..event(5, 3) },
            of_batch("k", true, event(5, 4)),
            of_batch("k", true, event(1, 5)),
            of_batch("l", true, event(5, 6)),
            of_batch("m", true, event(5, 7)),
        ]);
        assert_eq!(contents.clean(5, &[9; 16], 1, &|digest| *digest != [7; 16]), (2, 1));
        let expected = [event(5, 4), event(5, 7), event(5, 2), of_batch("l", true, event(5, 6))];
        assert_eq!(contents.events, expected);
    }

    #[test]
    fn what_was_sent_ends_and_what_waits_stays() {
        let sent = [event(1, 2), event(1, 3)].map(|event| of_batch("k", true, event));
        let waiting = [event(1, 1), of_batch("l", false, event(1, 4))];
        let mut contents = of([&waiting[..], &sent].concat());
        assert_eq!(contents.end_tried(), 2);
        assert_eq!(contents.events, waiting);
    }

    #[test]
    fn a_batch_that_is_too_large_becomes_two_that_were_not_sent_before_the_others() {
        let k = [event(1, 2), event(1, 3), event(1, 4)].map(|event| of_batch("k", true, event));
        let mut contents = of([&[event(1, 1), of_batch("l", false, event(1, 5))], &k[..]].concat());
        contents.halve("k");
        assert_eq!(contents.batches(), ["k-0", "k-1", "l"]);
        let halves: Vec<_> = contents.events.iter().map(|event| (event.batch.as_str(), event.attempted)).collect();
        assert_eq!(halves[..3], [("k-0", false), ("k-1", false), ("k-1", false)]);
    }

    #[test]
    fn what_another_page_left_comes_first() {
        let before = of([event(1, 1)]);
        let mut contents = of([event(1, 1)]);
        let left = of([event(1, 2), event(1, 3), of_batch("k", true, event(1, 4))]);
        let taken = contents.take_over(left.clone());
        assert_eq!(contents.events, [left.events, before.events.clone()].concat());
        contents.give_back(taken);
        assert_eq!(contents, before);
    }
}
