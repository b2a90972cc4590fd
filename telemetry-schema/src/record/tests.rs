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
fn a_program_reads_its_record_as_tools_do() {
    let mut lines = vec![serde_json::to_string(&Record::Event(event())).unwrap()];
    let text = |max_len| FieldType::Text { max_len };
    let variant = |name: &str, of| crate::VariantDescriptor::new(name, of);
    let mut types = FieldType::READY_MADE.to_vec();
    types.extend([
        FieldType::Bool,
        FieldType::Int { min: i64::MIN, max: i64::MAX },
        FieldType::Unbounded("u64".into()),
        FieldType::Enum(vec!["a".into(), "\u{e9}\"".into()]),
        FieldType::Variants(vec![variant("a", None), variant("b", Some(text(3)))]),
        FieldType::Struct(vec![FieldDescriptor::new("inner", text(1))]),
        FieldType::Optional(Box::new(FieldType::Bool)),
        FieldType::Array { len: 3, of: Box::new(FieldType::Bool) },
        FieldType::List { max: 2, of: Box::new(FieldType::Os) },
        text(64),
        FieldType::OneOf(Box::new(FieldType::Enum(vec!["x".into()]))),
        FieldType::Version { prefix: String::new() },
        FieldType::Version { prefix: "v".into() },
        FieldType::Packages { names: vec!["a".into()], prefixes: Vec::new(), max: 5 },
        FieldType::Pseudonym,
    ]);
    for field_type in types {
        let mut described = event();
        described.fields.push(FieldDescriptor {
            reason: Some("why".into()),
            doc: "d".into(),
            ..FieldDescriptor::new("f", field_type)
        });
        lines.push(serde_json::to_string(&Record::Event(described)).unwrap());
    }
    let words =
        |key: &str, words: &[&str]| words.iter().map(|word| (key.to_owned(), word.to_string())).collect::<Vec<_>>();
    let mut sdks = words("role", &["\"library\"", "\"application\"", "\"other\"", "7"]);
    sdks.extend(words("default", &["\"on\"", "\"off\""]));
    sdks.extend(words(
        "wire",
        &["\"beacon\"", "\"report\"", "\"otlp\"", "\"x\"", "{\"event_batch\":{\"strict\":true}}"],
    ));
    let cases = [
        "lowercase",
        "UPPERCASE",
        "PascalCase",
        "camelCase",
        "snake_case",
        "SCREAMING_SNAKE_CASE",
        "kebab-case",
        "SCREAMING-KEBAB-CASE",
    ];
    sdks.extend(cases.map(|case| ("event_case".to_owned(), format!("\"{case}\""))));
    sdks.extend(words("notice", &["\"next_run\"", "\"same_run\"", "\"host\"", "\"none\""]));
    sdks.extend(words("write_on", &["\"worker\"", "\"caller\""]));
    sdks.extend(words("exit", &["\"later\"", "\"detached\"", "{\"grace\":500}", "{\"grace\":70000}"]));
    sdks.extend(words("identity", &["{\"rotating\":30}", "{\"rotating\":70000}", "\"x\"", "null"]));
    sdks.extend(words("instance", &["\"optional\"", "\"required\"", "null"]));
    sdks.extend(words("environments", &["[\"ci\",\"test\"]", "[]", "[\"x\"]", "7"]));
    sdks.extend(
        ["compress", "active", "health"]
            .map(|key| (key.to_owned(), if key == "compress" { "\"gzip\"" } else { "\"daily\"" }.to_owned())),
    );
    sdks.extend(words("envelope", &["[[\"a\",\"b\"]]", "[[\"a\"]]"]));
    sdks.extend(words("sample", &["0.25", "1", "\"1\""]));
    for (key, value) in sdks {
        let mut sdk: serde_json::Value = serde_json::from_str(
            r#"{"record":"sdk","sdk":"acme","crate":"acme","version":"1","role":"library","default":"on","env":"ACME",
            "endpoint":"e","wire":{"event_batch":{"strict":false}},"docs":"d","operator":"A","contact":"c",
            "region":"EU","retention":"1 day","shared_with":"nobody","event_case":"snake_case","notice":"next_run",
            "write_on":"worker","sample":1,"transport":"built_in","envelope":[],"headers":[],"server_sees":["x"],"at":"l:1"}"#,
        )
        .unwrap();
        sdk[key] = serde_json::from_str(&value).unwrap();
        lines.push(sdk.to_string());
    }
    for (key, values) in [
        ("kind", &["event", "mount", "call", "command", "start", "counter", "x"][..]),
        ("level", &["basic", "usage", "x"]),
        ("throttle", &["none", "daily", "x"]),
    ] {
        for value in values {
            let mut described = serde_json::to_value(Record::Event(event())).unwrap();
            described[key] = (*value).into();
            lines.push(described.to_string());
        }
    }
    for line in lines.clone() {
        // Without each of its members.
        let whole: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&line).unwrap();
        lines.extend(whole.keys().map(|key| {
            let mut without = whole.clone();
            without.remove(key);
            serde_json::to_string(&without).unwrap()
        }));
    }
    for line in lines {
        let record = [&MAGIC[..], &[VERSION], line.as_bytes(), b"\n"].concat();
        assert_eq!(read(&record).ok(), parse(&record).ok(), "{line}");
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

#[test]
fn names_are_found_without_reading_the_record() {
    let record = |names: &str| {
        format!(
            "\x7fTLM2{{\"record\":\"event\",\"sdk\":\"event\",\"crate\":\"kind\",\"version\":\"1.0.0\",{names},\"kind\":\"call\",\"doc\":\"a\"}}\n"
        )
    };
    for names in [
        r#""event":"opened""#,
        r#""event":"event","discriminant":"kind""#,
        r#""event":"called","discriminant":"a \",\"kind\":\"b""#,
    ] {
        assert_eq!(event_names(record(names).as_bytes()), names.as_bytes());
    }
    for damaged in ["", "\x7fTLM2{\"record\":\"sdk\",\"sdk\":\"a\"}\n", &"\0".repeat(200), "\"kind\":,\"event\":\"\""] {
        assert_eq!(event_names(damaged.as_bytes()), b"", "{damaged:?}");
    }
}
