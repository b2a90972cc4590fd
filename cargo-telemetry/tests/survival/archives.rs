//! Archives that another linker finishes: the one hole, and how it is found.

use std::{collections::BTreeSet, fs, process::Command};

use cargo_telemetry::diff::{Id, diff};
use object::{Object as _, ObjectSection as _, read::archive::ArchiveFile};
use telemetry_schema::{Manifest, Record, record};

use crate::{
    HIDDEN, PLACES, RECORDED,
    builds::{Built, How, build, link},
    keys, named, read, said,
};

fn archive(rustc: &[&str]) -> Built {
    let rustc = rustc.iter().map(|argument| (*argument).to_owned()).collect();
    build("image", "libimage.a", &How { rustc, ..How::default() })
}

/// What all members hold, whether a linker takes them or not. Read member by member and without the reader, so that the
/// two sides of the comparison below do not share a fault.
fn members(archive: &Built) -> Manifest {
    let bytes = fs::read(&archive.path).unwrap();
    let (mut sdks, mut events) = (Vec::new(), Vec::new());
    for member in ArchiveFile::parse(&*bytes).unwrap().members() {
        let Ok(file) = object::File::parse(member.unwrap().data(&*bytes).unwrap()) else { continue };
        for section in file.sections().filter(|section| section.name() == Ok(".telemetry")) {
            for found in record::parse_section(section.data().unwrap()) {
                match found.unwrap() {
                    Record::Sdk(sdk) => sdks.push(sdk),
                    Record::Event(event) => events.push(event),
                }
            }
        }
    }
    Manifest::new(sdks, events)
}

/// The linker takes from an archive the members that somebody needs. Records of events that nobody can record may stay
/// behind; those that somebody can are needed by the code that records them.
#[test]
fn r42_another_linker_drops_only_events_that_nothing_records() {
    let archive = archive(&[]);
    let program = link(&archive, &[]);
    let (all, found) = (members(&archive), read(&program.path));
    assert_eq!(keys(&all), named([&PLACES[..], &HIDDEN]), "an archive holds everything");
    // As `cargo telemetry diff libimage.a program` reads it.
    assert_eq!(read(&archive.path), all);
    assert_eq!(found, said(&mut Command::new(&program.path)), "what is dropped is dropped for both");
    assert!(keys(&found).is_superset(&named([&RECORDED[..]])), "{:?}", keys(&found));

    // That something is missing shows by comparing the program with the archive it was linked from.
    let lost: BTreeSet<_> = keys(&all).difference(&keys(&found)).cloned().collect();
    assert!(!lost.is_empty(), "the hole is closed: say so in docs/event-record.md");
    let findings = diff(&all, &found);
    let removed = findings.iter().filter(|finding| finding.rule.id == Id::EventRemoved);
    assert_eq!(removed.map(|finding| finding.subject.name().to_owned()).collect::<BTreeSet<_>>(), lost);
}

#[test]
fn r42_fat_lto_or_the_whole_archive_close_the_hole() {
    let everything = named([&PLACES[..], &HIDDEN]);
    let plain = archive(&[]);
    let whole = link(&plain, &["-Wl,--whole-archive"]);
    let fat = link(&archive(&["-Clto=fat"]), &[]);
    for program in [whole, fat] {
        let found = read(&program.path);
        assert_eq!(keys(&found), everything, "{program:?}");
        assert_eq!(found, said(&mut Command::new(&program.path)), "{program:?}");
    }
}
