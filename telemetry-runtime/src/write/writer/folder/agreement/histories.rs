//! Random histories of releases that add, change and remove events and destinations, two of them in turn on one machine: no byte of
//! an event leaves it that the user was not told of, as it is, with where it goes.
//!
//! What was told is kept beside in words, and what leaves is read as words: neither knows digests.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use telemetry_schema::{
    Kind, Throttle,
    digest::{self, Part, Told as Parts, What, combine, text},
};
use telemetry_spool::{Frame, Outcome, day_of};

use super::*;
use crate::{
    declare::sdk::{Sdk, SdkInfo, SdkState, meta::EventMeta},
    write::{
        files::told_file,
        spooled,
        test_kit::{Counts, EXTENDED, Home, NOW},
    },
};

static INFO: SdkInfo = SdkInfo::FOR_TESTS;
static STATE: SdkState = SdkState::new();

/// The same numbers everywhere for one seed: the generator of Knuth's MMIX.
struct Random(u64);

impl Random {
    fn below(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// What a release records of one event: its fields, and whether every second machine-day alone. Wherever it goes.
type Event = (BTreeSet<&'static str>, bool);

#[derive(Debug, Clone, PartialEq)]
struct Release {
    destination: &'static str,
    header: bool,
    events: BTreeMap<&'static str, Event>,
}

const FIELDS: [&str; 3] = ["dark", "size", "count"];

impl Release {
    fn random(random: &mut Random) -> Self {
        let mut release = Self {
            destination: ["here", "there"][random.below(8) as usize / 7],
            header: random.below(4) == 0,
            events: BTreeMap::new(),
        };
        for name in ["opened", "closed", "moved"] {
            if random.below(4) > 0 {
                let fields = FIELDS.into_iter().filter(|_| random.below(2) == 0).collect();
                release.events.insert(name, (fields, random.below(4) == 0));
            }
        }
        release
    }

    /// What is said of the SDK.
    fn sdk(&self) -> Parts {
        let mut parts = vec![text(self.destination)];
        parts.extend(self.header.then(|| text("header")));
        let key = text("sdk");
        let parts: Vec<_> =
            parts.into_iter().map(|part| Part { digest: combine(key, part), what: What::Sdk }).collect();
        Parts { digest: parts.iter().fold(key, |sum, part| sum.wrapping_add(part.digest)), parts }
    }

    fn meta(name: &str, (fields, half): &Event) -> &'static EventMeta {
        let sample = if *half { 0.5 } else { 1.0 };
        let listed: Vec<_> = fields.iter().map(|field| format!("{{\"name\":\"{field}\",\"type\":\"bool\"}}")).collect();
        let record = format!(
            "\x7fTLM2{{\"record\":\"event\",\"sdk\":\"acme-ui\",\"crate\":\"acme\",\"version\":\"1.0.0\",\"event\":\"{name}\",\
             \"kind\":\"event\",\"doc\":\"\",\"fields\":[{}],\"sample\":{sample:.1},\"throttle\":\"none\",\"at\":\"l:1\"}}\n",
            listed.join(",")
        );
        let mut parts =
            vec![text("event"), text(&format!("sample;{:016x}", f64::to_bits(sample))), text("throttle;none")];
        parts.extend(fields.iter().map(|field| combine(text(field), text("bool"))));
        let key = digest::event_key(text("acme-ui"), text(name), 0);
        let sdk = Sdk { info: &INFO, state: &STATE };
        let record = record.into_bytes().leak();
        Box::leak(Box::new(EventMeta::new(sdk, record, Kind::Event, Throttle::None, sample, u32::MAX, key, &parts)))
    }

    fn wanted(&self) -> (AgreedSet, Vec<(&'static str, Event, &'static EventMeta)>) {
        let metas: Vec<_> =
            self.events.iter().map(|(name, event)| (*name, event.clone(), Self::meta(name, event))).collect();
        (AgreedSet::for_tests(self.sdk(), metas.iter().map(|(.., meta)| *meta).collect()), metas)
    }
}

#[test]
fn whoever_was_told_all_or_nothing_costs_no_look_into_a_record() {
    // What nobody reads cannot be found damaged.
    let digest = |number: u128| number << 64;
    let damaged = |number: u128| -> &'static EventMeta {
        let (sdk, key) = (Sdk { info: &INFO, state: &STATE }, digest(number));
        Box::leak(Box::new(EventMeta::new(sdk, b"", Kind::Event, Throttle::None, 1.0, u32::MAX, key, &[])))
    };
    let release = Release { destination: "here", header: false, events: BTreeMap::new() };
    let wanted = AgreedSet::for_tests(release.sdk(), (1..=1_000).map(damaged).collect());

    let untold = Agreement::of(&wanted, &Told::default(), Level::Usage);
    assert!(untold.untold && !untold.is_complete());
    assert_eq!((untold.awaiting_consent.len(), untold.news().len()), (0, 0), "all wait, and none is named");
    assert!(!untold.agreed.contains(&digest(1).to_be_bytes()));

    let mut told = Told::default();
    told.add(&wanted.sdk, &wanted.told(&BTreeMap::new()));
    let complete = Agreement::of(&wanted, &told, Level::Usage);
    assert!(complete.is_complete() && complete.agreed.contains(&digest(1_000).to_be_bytes()));

    // One more, and its record is read: it cannot say its name.
    let wanted = AgreedSet::for_tests(release.sdk(), (1..=1_001).map(damaged).collect());
    let one_more = Agreement::of(&wanted, &told, Level::Usage);
    assert_eq!(one_more.awaiting_consent.keys().collect::<Vec<_>>(), [""]);
}

/// Whether the user was told, at one time, of an event with all its fields as often as it is recorded, and of where it goes.
fn was_told(tellings: &[Release], destination: &str, header: bool, name: &str, (fields, half): &Event) -> bool {
    tellings.iter().any(|told| {
        let goes_there = told.destination == destination && (told.header || !header);
        goes_there && told.events.get(name).is_some_and(|(known, at)| fields.is_subset(known) && at == half)
    })
}

#[test]
fn r18_no_byte_of_an_event_that_the_user_was_not_told_of_leaves() {
    let (mut sent, mut held) = (0, 0);
    for seed in 0..60 {
        let mut random = Random(seed << 20 | 12);
        random.below(1);
        let home = Home::new();
        let mut releases = [Release::random(&mut random), Release::random(&mut random)];
        let mut tellings: Vec<Release> = Vec::new();
        for step in 0..40 {
            let which = random.below(2) as usize;
            if random.below(5) == 0 {
                releases[which] = Release::random(&mut random);
            }
            let release = releases[which].clone();
            let (wanted, metas) = release.wanted();
            let dir = Arc::new(home.sdk());
            let mut told = told_file::load(&dir);
            let agreement = Agreement::of(&wanted, &told, Level::Usage);
            // Somebody reads the notice now and then.
            if !agreement.is_complete() && random.below(4) == 0 {
                told.add(&wanted.sdk, &wanted.told(&BTreeMap::new()));
                told_file::store(&dir, &told).unwrap();
                tellings.push(release.clone());
                continue; // Recording begins with the next run.
            }
            let destination = text(release.destination).to_be_bytes();
            let (mut spool, mut backlog) = spooled::open(Arc::clone(&dir), "app", destination, None);
            let tally = Counts::default();
            for (name, event, meta) in &metas {
                if agreement.untold || agreement.awaiting_consent.contains_key(&format!("acme-ui/{name}")) {
                    held += 1;
                    continue;
                }
                assert!(was_told(&tellings, release.destination, release.header, name, event), "{seed} {step} {name}");
                let fields: Vec<_> = event.0.iter().copied().collect();
                let body = format!("{} {name} {} {}", release.destination, event.1, fields.join(","));
                let (day, digest) = (day_of(NOW), meta.digest().to_be_bytes());
                let frame = Frame { day, digest, destination, kind: EXTENDED.format().code, body: body.as_bytes() };
                let mut appended = spool.append(&frame, NOW, &tally);
                if appended.is_err() {
                    appended = spool.append(&frame, NOW, &tally);
                }
                appended.unwrap();
            }
            // A sender of this release has a turn now and then, also with what the other one has recorded.
            if agreement.untold || random.below(3) == 0 {
                continue;
            }
            backlog.begin_upload();
            while let Some(batch) = backlog.next(NOW, &|digest| agreement.agreed.contains(digest), &tally) {
                for frame in batch.frames() {
                    let body = std::str::from_utf8(frame.body).unwrap();
                    let mut words = body.splitn(4, ' ');
                    let mut word = || words.next().unwrap();
                    let (goes, name, half, fields) = (word(), word(), word() == "true", word());
                    let fields = FIELDS.into_iter().filter(|field| fields.split(',').any(|word| word == *field));
                    let event = (fields.collect(), half);
                    assert_eq!(goes, release.destination, "{seed} {step}: {body}");
                    // Under the headers of whoever sends it.
                    assert!(was_told(&tellings, goes, false, name, &event), "{seed} {step}: {body}");
                    sent += 1;
                }
                let events = batch.frames().count() as u64;
                backlog.finish(batch, Outcome::Sent, events, &tally);
            }
            backlog.end_upload(NOW, &tally);
        }
    }
    assert!(sent > 500 && held > 500, "{sent} sent, {held} held");
}
