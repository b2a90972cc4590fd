//! Files that somebody made up to break the comparison.

use cargo_telemetry::diff::{Id, diff, render};
use serde_json::json;
use telemetry_schema::{FieldDescriptor, FieldType, Manifest};

use crate::snippets::manifest;

fn with_fields(fields: Vec<FieldDescriptor>) -> Manifest {
    let mut manifest = manifest(&json!({}));
    manifest.events[0].fields = fields;
    manifest
}

fn field(name: &str, field_type: FieldType) -> FieldDescriptor {
    FieldDescriptor { name: name.to_owned(), field_type, doc: String::new(), declared_sensitivity: None, reason: None }
}

/// A search through the list for each entry would take ten billion steps: this test would not end.
#[test]
fn long_lists_take_no_longer_than_they_are() {
    let names: Vec<_> = (0..100_000).map(|number| format!("v{number}")).collect();
    let reversed: Vec<_> = names.iter().rev().cloned().collect();
    let (old, new) = (FieldType::Enum(names.clone()), FieldType::Enum(reversed));
    let found = diff(&with_fields(vec![field("value", old)]), &with_fields(vec![field("value", new)]));
    assert_eq!(found.iter().map(|finding| finding.rule.id).collect::<Vec<_>>(), [Id::OrderChanged]);

    let one = manifest(&json!({}));
    let many = |prefix: &str| {
        let named = |number: &String| {
            let mut event = one.events[0].clone();
            event.event = format!("{prefix}{number}");
            event
        };
        Manifest::new(one.sdks.clone(), names.iter().take(20_000).map(named).collect())
    };
    assert_eq!(diff(&many("a"), &many("b")).len(), 40_000);
    // A format without names has room for one event; all of these are off.
    let mut crowded = many("a");
    crowded.sdks[0].wire = telemetry_schema::Wire::Beacon;
    assert_eq!(diff(&many("a"), &crowded).len(), 20_001);
    // All under one key.
    let same = Manifest::new(one.sdks.clone(), vec![one.events[0].clone(); 10_000]);
    assert_eq!(diff(&same, &same), []);
    assert_eq!(diff(&one, &same), [], "a record that stands twice says nothing new");
}

#[test]
fn a_key_with_several_schemas_is_followed_one_by_one() {
    let schema = |len: usize| json!({ "fields": [{ "name": "value", "type": { "text": { "max_len": len } } }] });
    let of = |lens: &[usize]| manifest(&json!({ "events": lens.iter().map(|len| schema(*len)).collect::<Vec<_>>() }));
    let ids = |old: &[usize], new: &[usize]| -> Vec<_> {
        diff(&of(old), &of(new)).iter().map(|finding| finding.rule.id).collect()
    };
    assert_eq!(ids(&[1, 2], &[2, 1]), []);
    assert_eq!(ids(&[1, 2], &[2, 3]), [Id::TextLengthened]);
    assert_eq!(ids(&[1], &[1, 2]), [Id::KeyConflictAdded]);
    assert_eq!(ids(&[1, 2], &[2]), [Id::KeyConflictRemoved]);
    assert_eq!(ids(&[1, 2], &[1, 2, 3]), [Id::EventAdded, Id::FreeTextAdded]);
    assert_eq!(ids(&[1, 2, 3], &[3, 2]), [Id::EventRemoved, Id::FreeTextRemoved]);
}

#[test]
fn a_list_that_names_something_twice_is_compared_all_the_same() {
    let twice = FieldType::Enum(vec!["a".to_owned(), "a".to_owned()]);
    let once = FieldType::Enum(vec!["a".to_owned()]);
    let found = diff(&with_fields(vec![field("value", twice)]), &with_fields(vec![field("value", once)]));
    assert_eq!(found.iter().map(|finding| finding.rule.id).collect::<Vec<_>>(), [Id::VariantRemoved]);
    // Two types that differ in nothing but their spelling.
    let plain = FieldType::Enum(vec!["a".to_owned()]);
    let spelt: FieldType = serde_json::from_value(json!({ "variants": [{ "name": "a" }] })).unwrap();
    let found = diff(&with_fields(vec![field("value", plain)]), &with_fields(vec![field("value", spelt)]));
    assert_eq!(found.iter().map(|finding| finding.rule.id).collect::<Vec<_>>(), [Id::TypeChanged]);
}

#[test]
fn names_steer_neither_terminal_nor_page() {
    let evil = "\u{1b}[2J\u{202e}| <img src=x onerror=alert(1)> `\n# @everyone";
    let old = manifest(&json!({}));
    let mut new = with_fields(vec![field(evil, FieldType::Enum(vec![evil.to_owned()]))]);
    new.events[0].event = evil.to_owned();
    new.events[0].at = evil.to_owned();
    new.sdks[0].operator = evil.to_owned();
    let found = diff(&old, &new);
    assert!(found.len() >= 3);
    let text = anstream::adapter::strip_str(&render::text(&found)).to_string();
    assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    let page = render::markdown(&found);
    assert!(!page.contains(['\u{1b}', '\u{202e}']) && !page.lines().any(|line| line.starts_with("# ")), "{page}");
    for row in page.lines().filter(|line| line.starts_with("| ")) {
        assert_eq!(row.replace("\\|", "").matches('|').count(), 7, "{row}");
        // Outside of code, a tag would be one.
        let outside: String = row.split('`').step_by(2).collect();
        assert!(!outside.contains('<'), "{row}");
    }
}
