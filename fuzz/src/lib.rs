//! What the fuzz targets do with any bytes. The tests of `cargo-telemetry` do the same with the committed ones, so this
//! file uses nothing but the crates under test.

use cargo_telemetry::{absent, lock, reader};
use telemetry_schema::{Record, digest, record};

/// The parser of one record and of a section: what is read can be written again and read back as the same.
pub fn record(bytes: &[u8]) {
    let whole = record::parse(bytes);
    let mut parsed: Vec<_> = record::parse_section(bytes).collect();
    assert_eq!(parsed.len(), record::split(bytes).count());
    parsed.push(whole);
    for record in parsed.into_iter().flatten() {
        match &record {
            Record::Event(event) => drop((event.key(), digest::event(event))),
            Record::Sdk(sdk) => drop(digest::sdk(sdk)),
        }
        let mut again = record::MAGIC.to_vec();
        again.push(record::VERSION);
        again.extend(serde_json::to_vec(&record).expect("descriptors are JSON"));
        again.push(b'\n');
        // A shorter spelling of the same may be longer than the bound allows.
        if again.len() <= record::MAX_LEN {
            assert_eq!(record::parse(&again).expect("what was read reads back"), record);
        }
    }
}

/// The reader of whole files: an answer, and texts for it that no file can use against a terminal.
pub fn binary(bytes: &[u8]) {
    match reader::inspect_bytes("fuzzed", bytes) {
        Ok(reading) => {
            assert!(reading.manifest.events.len() + reading.manifest.sdks.len() <= reader::limits::RECORDS);
            assert!(reading.faults.len() <= reader::limits::FAULTS);
            assert!(!reading.faults_text().contains('\x1b'));
            assert_eq!(reading.is_complete(), reading.faults.is_empty());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// The search for traces in containers, images and texts within each other: an answer with a reason, or none.
pub fn container(bytes: &[u8]) {
    let finding = absent::examine_bytes("fuzzed", bytes);
    assert_eq!(finding.verdict == absent::Verdict::Found, !finding.traces.is_empty());
    assert!(finding.verdict != absent::Verdict::Absent || (finding.reasons.is_empty() && finding.images > 0));
    assert!(finding.verdict != absent::Verdict::CannotTell || !finding.reasons.is_empty());
    assert!(!finding.reasons.iter().any(|reason| reason.contains('\x1b')));
}

/// The parser of lock files: what is read is written in the one way there is, and reads back as the same.
pub fn lock(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match lock::parse(text) {
        Ok(lock) => {
            let written = lock::write(&lock);
            let again = lock::parse(&written).expect("what was written reads back");
            assert_eq!(again, lock);
            assert_eq!(lock::write(&again), written);
        }
        Err(error) => assert!(!error.to_string().is_empty() && !error.hint().is_empty()),
    }
}
