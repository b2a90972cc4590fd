use super::*;
use crate::Kind;

fn mounted() -> EventDescriptor {
    EventDescriptor {
        sdk: "acme-ui".into(),
        crate_name: "acme-ui".into(),
        version: "1.0.0".into(),
        event: "mounted".into(),
        discriminant: None,
        kind: Kind::Event,
        doc: "Old words.".into(),
        fields: vec![FieldDescriptor {
            name: "theme".into(),
            field_type: FieldType::Struct(vec![FieldDescriptor {
                name: "dark".into(),
                field_type: FieldType::Bool,
                doc: "Old words.".into(),
                declared_sensitivity: None,
                reason: None,
            }]),
            doc: "Old words.".into(),
            declared_sensitivity: None,
            reason: None,
        }],
        sample: 1.0,
        throttle: Throttle::Daily,
        declared_level: None,
        owner: None,
        purpose: None,
        reviewed: None,
        since: None,
        expires: None,
        at: "src/lib.rs:1".into(),
    }
}

#[test]
fn prose_version_owner_and_line_do_not_ask_again() {
    let mut changed = mounted();
    changed.doc = "New words.".into();
    changed.version = "2.0.0".into();
    changed.owner = Some("someone".into());
    changed.at = "src/other.rs:9".into();
    changed.fields[0].doc = "New words.".into();
    if let FieldType::Struct(fields) = &mut changed.fields[0].field_type {
        fields[0].doc = "New words.".into();
    }
    assert_eq!(event(&changed), event(&mounted()));
}

#[test]
fn every_agreed_part_asks_again() {
    let changes: [fn(&mut EventDescriptor); 6] = [
        |e| e.event = "opened".into(),
        |e| e.discriminant = Some("SignIn".into()),
        |e| e.fields[0].name = "skin".into(),
        |e| e.fields[0].field_type = FieldType::Optional(Box::new(FieldType::Bool)),
        |e| e.sample = 0.5,
        |e| e.throttle = Throttle::None,
    ];
    for (number, change) in changes.iter().enumerate() {
        let mut changed = mounted();
        change(&mut changed);
        assert_ne!(event(&changed), event(&mounted()), "change {number}");
    }
}

fn parts(event: &EventDescriptor) -> Vec<u128> {
    event_parts(event).parts.iter().map(|part| part.digest).collect()
}

/// What an event keeps of its parts when it changes decides who is asked.
#[test]
fn o13_an_event_keeps_the_parts_that_did_not_change() {
    let before = parts(&mounted());
    let mut more = mounted();
    more.fields.push(FieldDescriptor {
        name: "size".into(),
        field_type: FieldType::CountBucket,
        ..more.fields[0].clone()
    });
    let after = parts(&more);
    assert!(before.iter().all(|part| after.contains(part)), "a field more adds a part and changes none");
    assert_eq!(after.len(), before.len() + 1);
    let mut reordered = more.clone();
    reordered.fields.reverse();
    assert_eq!(event(&reordered), event(&more), "order is nothing that anybody was told");
    let mut renamed = mounted();
    renamed.event = "opened".into();
    assert!(parts(&renamed).iter().all(|part| !before.contains(part)), "no part of one event is part of another");
    let mut narrower = mounted();
    narrower.sample = 0.5;
    assert_eq!(parts(&narrower).iter().filter(|part| !before.contains(part)).count(), 1, "sampling is a part");
}

/// Lists of names that look alike when they are written one after the other.
#[test]
fn names_cannot_run_into_each_other() {
    let named = |names: &[&str]| FieldType::Enum(names.iter().map(|name| (*name).to_owned()).collect());
    let lists = [
        named(&["ab"]),
        named(&["a", "b"]),
        named(&["a;1:b"]),
        named(&["", "ab"]),
        named(&["ab", ""]),
        named(&["b", "a"]),
        FieldType::OneOf(Box::new(named(&["ab"]))),
        FieldType::Packages { names: vec!["ab".into()], prefixes: Vec::new(), max: 1 },
        FieldType::Packages { names: Vec::new(), prefixes: vec!["ab".into()], max: 1 },
        FieldType::Version { prefix: String::new() },
        FieldType::Version { prefix: "ab".into() },
        FieldType::Array { len: 1, of: Box::new(FieldType::Optional(Box::new(FieldType::Bool))) },
        FieldType::Optional(Box::new(FieldType::Array { len: 1, of: Box::new(FieldType::Bool) })),
        FieldType::List { max: 1, of: Box::new(FieldType::Bool) },
        FieldType::Array { len: 1, of: Box::new(FieldType::Bool) },
        FieldType::Struct(Vec::new()),
        FieldType::Variants(Vec::new()),
    ];
    for (index, one) in lists.iter().enumerate() {
        for other in lists.iter().skip(index + 1) {
            assert_ne!(field_type(one), field_type(other), "{one:?} {other:?}");
        }
    }
}
