use super::*;
use crate::{FieldDescriptor, FieldType, Kind, Throttle};

fn event() -> EventDescriptor {
    EventDescriptor {
        sdk: "acme-ui".into(),
        crate_name: "acme-ui".into(),
        version: "1.2.3".into(),
        event: "component_mounted".into(),
        discriminant: Some("SignIn".into()),
        kind: Kind::Mount,
        doc: "A component was rendered.".into(),
        fields: vec![FieldDescriptor {
            name: "overrides".into(),
            field_type: FieldType::Optional(Box::new(FieldType::Int { min: 0, max: 255 })),
            doc: String::new(),
            declared_sensitivity: None,
            reason: None,
        }],
        sample: 0.1,
        throttle: Throttle::RollingHours(24),
        declared_level: None,
        owner: None,
        purpose: None,
        reviewed: None,
        since: None,
        expires: None,
        at: "src/lib.rs:3".into(),
    }
}

fn bytes(record: &Record) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.push(VERSION);
    bytes.extend(serde_json::to_vec(record).unwrap());
    bytes.push(b'\n');
    bytes
}

#[test]
fn a_record_reads_back() {
    let record = Record::Event(event());
    assert_eq!(parse(&bytes(&record)).unwrap(), record);
}

#[test]
fn a_record_is_read_as_deserialize_would() {
    let written = serde_json::to_string(&Record::Event(event())).unwrap();
    for json in [
        written.clone(),
        written.replacen("\"event\"", "\"sdk\"", 1),
        written.replacen("\"event\"", "\"other\"", 1),
        written.replacen("\"record\"", "\"recorded\"", 1),
        written.replacen('{', "{\"new\":[{\"in\":\"a later version\"}],", 1),
        written.replacen('{', "{\"record\":\"event\",", 1),
        "[]".to_owned(),
        "{}".to_owned(),
        String::new(),
    ] {
        let ours = parse(&[&MAGIC[..], &[VERSION], json.as_bytes(), b"\n"].concat()).ok();
        assert_eq!(ours, serde_json::from_str::<Record>(&json).ok(), "{json}");
    }
}

#[test]
fn a_section_is_read_over_padding_and_damage() {
    let record = Record::Event(event());
    let mut section = vec![0; 7];
    section.extend(bytes(&record));
    section.extend([0; 3]);
    section.extend(b"\x7fTLM2{broken\n");
    section.extend(b"\x7fTLM9{}\n");
    section.extend(bytes(&record));
    section.extend(b"\x7fTLM2{\"record\":\"event\""); // cut off
    let read: Vec<_> = parse_section(&section).collect();
    assert!(matches!(
        read.as_slice(),
        [
            Ok(first),
            Err(RecordError::Json(_)),
            Err(RecordError::Version(b'9')),
            Ok(second),
            Err(RecordError::Unterminated)
        ] if *first == record && *second == record
    ));
}

#[test]
fn errors_name_the_cause() {
    assert!(matches!(parse(b""), Err(RecordError::Magic)));
    assert!(matches!(parse(b"\x7fTLM"), Err(RecordError::Unterminated)));
    let error = parse(b"\x7fTLM9{}\n").unwrap_err();
    assert_eq!(error.to_string(), "telemetry record of format version '9'; this reader knows version '2'");
}

#[test]
fn a_record_that_runs_into_the_next_has_no_end_and_takes_nothing_from_it() {
    let whole = bytes(&Record::Event(event()));
    let mut section = b"\x7fTLM2{\"record\":".to_vec();
    section.extend(&whole);
    let read: Vec<_> = parse_section(&section).collect();
    assert!(matches!(read.as_slice(), [Err(RecordError::Unterminated), Ok(_)]), "{read:?}");
}

/// A million records without an end in four megabytes: quadratic work would take hours.
#[test]
fn a_section_of_nothing_but_magics_is_read_in_one_pass() {
    let section = MAGIC.repeat(1_000_000);
    assert_eq!(split(&section).count(), 1_000_000);
    assert_eq!(parse_section(&section).filter(Result::is_err).count(), 1_000_000);
}
