use telemetry_schema::digest::{Part as WholePart, What};

use super::*;
use crate::write::test_kit::Home;

/// A whole of these parts; only the first 64 bits of a part are kept.
fn whole(parts: &[u64]) -> Parts {
    let parts: Vec<_> = parts.iter().map(|part| u128::from(*part) << 64 | 7).collect();
    let digest = parts.iter().fold(1, |sum, part| digest::combine(sum, *part));
    Parts { digest, parts: parts.into_iter().map(|digest| WholePart { digest, what: What::Event }).collect() }
}

fn told(tellings: &[(&[u64], &[&[u64]])]) -> Told {
    let mut told = Told::default();
    for (sdk, events) in tellings {
        told.add(&whole(sdk), &events.iter().map(|event| whole(event)).collect::<Vec<_>>());
    }
    told
}

fn covers(told: &Told, sdk: &[u64], event: &[u64]) -> bool {
    told.fitting(&whole(sdk)).covers(&whole(event))
}

#[test]
fn o13_one_telling_has_to_cover_all_parts_of_an_event() {
    let all = told(&[(&[1, 2], &[&[10, 11, 12], &[20]]), (&[1, 2], &[&[10, 13]]), (&[1, 9], &[&[30]])]);
    for (event, agreed) in [
        (&[10, 11, 12][..], true),
        (&[12, 10], true),
        (&[10], true),
        (&[10, 13], true),
        (&[10, 11, 13], false),
        (&[20], true),
        (&[20, 21], false),
        (&[99], false),
    ] {
        assert_eq!(covers(&all, &[1, 2], event), agreed, "{event:?}");
    }
    assert!(covers(&all, &[1], &[10]), "an SDK that sends less along asks nobody");
    assert!(!covers(&all, &[1, 2, 3], &[10]), "one that sends more along does");
    assert!(!covers(&all, &[1, 2], &[30]), "what was told of one destination was not told of another");
    assert!(all.fitting(&whole(&[4])).is_empty());
}

#[test]
fn o13_what_was_told_reads_back_and_telling_again_adds_nothing() {
    let home = Home::new();
    let dir = home.sdk();
    assert_eq!(load(&dir), Told::default());
    let mut all = told(&[(&[1, 2], &[&[10, 11], &[20]]), (&[1, 9], &[&[30]])]);
    store(&dir, &all).unwrap();
    assert_eq!(load(&dir), all);
    assert_eq!(all.digests().len(), 3);
    let before = all.render().len();
    all.add(&whole(&[1, 2]), &[whole(&[10, 11]), whole(&[20])]);
    assert_eq!(all.render().len(), before);
}

/// As `docs/spool.md` has it.
#[test]
fn the_file_looks_as_documented() {
    let text = String::from_utf8(told(&[(&[1], &[&[2, 3]])]).render()).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], "telemetry-told 1");
    assert_eq!(lines[1], format!("sdk {} 0000000000000001", digest::hex(whole(&[1]).digest)));
    assert_eq!(lines[2], format!("event {} 0000000000000002 0000000000000003", digest::hex(whole(&[2, 3]).digest)));
    assert_eq!(lines.len(), 3);
}

#[test]
fn o13_damage_costs_the_lines_that_it_hits_and_never_the_rest() {
    let all = told(&[(&[1, 2], &[&[10, 11], &[20]]), (&[1, 9], &[&[30]])]);
    let text = String::from_utf8(all.render()).unwrap();
    for damaged in [
        "",
        "\n",
        "telemetry-told 2\nsdk 00",
        "telemetry-told 1\nevent 00112233445566778899aabbccddeeff 0000000000000001",
        "telemetry-told 1\nsdk x\nevent 00112233445566778899aabbccddeeff 0000000000000001",
        "\0\0\0\0",
    ] {
        assert_eq!(parse(damaged.as_bytes()).digests().len(), 0, "{damaged:?}");
    }
    for cut in 0..text.len() {
        let told = parse(&text.as_bytes()[..cut]);
        assert!(told.digests().is_subset(&all.digests()), "{cut}");
    }
    // A line of an event that is no more one: the others of its telling stay.
    let broken = text.replacen("event ", "evnt ", 1);
    assert_eq!(parse(broken.as_bytes()).digests().len(), 2);
    // A telling whose head cannot be read: what follows belongs to nobody, not to the telling before.
    let broken = text.replace(" 0000000000000009", " 9");
    assert!(!covers(&parse(broken.as_bytes()), &[1, 2], &[30]));
    assert_eq!(parse(broken.as_bytes()).digests().len(), 2);
}

/// Over the bound the oldest goes, whole telling by whole telling or a part of one; the newest always fits.
#[test]
fn o13_over_the_bound_the_oldest_is_forgotten() {
    let mut all = Told::default();
    let event =
        |version: u64, number: u64| whole(&(0..6).map(|part| version << 32 | number << 8 | part).collect::<Vec<_>>());
    let versions = 12;
    for version in 0..versions {
        let events: Vec<_> = (0..3_000).map(|number| event(version, number)).collect();
        all.add(&whole(&[1]), &events);
        let bytes = all.render();
        assert!(bytes.len() as u64 <= TOLD_BYTES, "{}", bytes.len());
        let read = parse(&bytes);
        let fitting = read.fitting(&whole(&[1])).digests;
        assert!(events.iter().all(|event| fitting.contains(&event.digest)), "all of the newest, at {version}");
    }
    let read = parse(&all.render());
    let fitting = read.fitting(&whole(&[1])).digests;
    assert!(!fitting.contains(&event(0, 0).digest), "the oldest was forgotten");
    assert!(fitting.contains(&event(versions - 2, 2_999).digest), "and no more than that");
}

/// A program with more events than the file can hold is told once as well: by its set.
#[test]
fn o13_a_set_beyond_the_bound_is_known_as_a_whole() {
    let events: Vec<_> = (0..20_000).map(|number| whole(&[number * 2 + 1, number * 2])).collect();
    let set = digest::set(events.iter().map(|event| event.digest));
    let mut all = told(&[(&[1], &[&[5_000_000]])]);
    all.add(&whole(&[1]), &events);
    let read = parse(&all.render());
    assert!(read.fitting(&whole(&[1])).has_all(set));
    assert!(!read.fitting(&whole(&[1])).has_all(set ^ 1));
    assert!(!read.fitting(&whole(&[2])).has_all(set), "of this destination");
    assert!(covers(&read, &[1], &[5_000_000]), "what was told before stays");
}
