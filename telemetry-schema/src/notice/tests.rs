use super::*;
use crate::{FieldDescriptor, FieldType, Kind, Sensitivity, Throttle, VariantDescriptor};

const ID_CLAIM: &str = "without an id of you or your machine";

fn sdk(default: DefaultConsent, pk: bool, custom: bool) -> SdkDescriptor {
    let mut envelope = vec![["event", "The name of the event."]];
    if pk {
        envelope.push(["pk", "The publishable key of the instance, if the host set one."]);
    }
    serde_json::from_value(serde_json::json!({
        "sdk": "solo", "crate": "solo", "version": "1.0.0", "role": "application", "default": default, "env": "SOLO",
        "endpoint": "https://t.solo.example", "wire": {"event_batch": {"strict": false}},
        "docs": "https://solo.example/telemetry", "operator": "Solo Inc.", "contact": "privacy@solo.example",
        "region": "EU", "retention": "90 days", "shared_with": "nobody", "event_case": "snake_case",
        "notice": "next_run", "write_on": "worker", "sample": 1.0, "transport": if custom { "custom" } else { "built_in" },
        "envelope": envelope, "headers": [], "server_sees": [], "at": "src/lib.rs:1",
    }))
    .unwrap()
}

fn field(name: &str, field_type: FieldType, declared_sensitivity: Option<Sensitivity>) -> FieldDescriptor {
    FieldDescriptor { name: name.to_owned(), field_type, doc: String::new(), declared_sensitivity, reason: None }
}

/// One field of each kind that a sentence speaks of, by the word that stands in its record.
fn kinds() -> Vec<(&'static str, FieldDescriptor)> {
    vec![
        ("\"personal\"", field("plan", FieldType::Enum(vec!["a".into()]), Some(Sensitivity::Personal))),
        ("\"text\"", field("mail", FieldType::Text { max_len: 9 }, None)),
        // Declared lower than it is: the type counts.
        ("\"technical\"", field("note", FieldType::Text { max_len: 9 }, Some(Sensitivity::Technical))),
        ("\"unbounded\"", field("user", FieldType::Unbounded("u64".into()), None)),
        ("4294967295", field("account", FieldType::Int { min: 0, max: 4_294_967_295 }, None)),
        ("\"pseudonym\"", field("machine", FieldType::Pseudonym, None)),
        ("\"pseudonymous\"", field("seat", FieldType::Bool, Some(Sensitivity::Pseudonymous))),
    ]
}

/// A field inside whatever can hold one.
fn nest(how: usize, mut inner: FieldDescriptor) -> FieldDescriptor {
    let of = Box::new(inner.field_type.clone());
    inner.field_type = match how {
        0 => return inner,
        1 => FieldType::Optional(of),
        2 => FieldType::List { max: 3, of },
        3 => FieldType::Array { len: 3, of: Box::new(FieldType::Optional(of)) },
        4 => return field("outer", FieldType::Struct(vec![inner]), None),
        5 => {
            let held = FieldType::List { max: 2, of: Box::new(FieldType::Struct(vec![inner])) };
            return field("outer", held, None);
        }
        _ => {
            let held = VariantDescriptor { name: "some".into(), field_type: Some(FieldType::Struct(vec![inner])) };
            return field("outer", FieldType::Variants(vec![held]), None);
        }
    };
    inner
}

fn event(fields: Vec<FieldDescriptor>) -> EventDescriptor {
    EventDescriptor {
        sdk: "solo".into(),
        crate_name: "solo".into(),
        version: "1.0.0".into(),
        event: "signed_in".into(),
        discriminant: None,
        kind: Kind::Event,
        doc: String::new(),
        fields,
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

/// The record itself is the judge, read as text and not by the code that makes the words.
#[test]
fn o17_for_every_combination_of_kinds_the_notice_claims_nothing_that_the_record_contradicts() {
    let kinds = kinds();
    for mask in 0..1_usize << kinds.len() {
        for how in 0..7 {
            let chosen = kinds.iter().enumerate().filter(|(index, _)| mask >> index & 1 == 1);
            let mut fields: Vec<_> = chosen.map(|(_, (_, of))| nest(how, of.clone())).collect();
            fields.push(field("count", FieldType::CountBucket, None));
            let event = event(fields);
            let record = serde_json::to_string(&event).unwrap();
            for (pk, custom) in [(false, false), (true, false), (false, true), (true, true)] {
                let notice = text(&sdk(DefaultConsent::On, pk, custom), std::slice::from_ref(&event));
                let has = |word: &str| record.contains(word);
                let free_text = has("\"text\"");
                let wide = has("\"unbounded\"") || has("4294967295");
                let pseudonyms = has("\"pseudonym\"") || has("\"pseudonymous\"");
                let personal = has("\"personal\"") || free_text;
                let claims = |words: &str| notice.contains(words);
                assert_eq!(claims("may hold personal data"), personal, "{notice}\n{record}");
                assert_eq!(claims("free text"), free_text, "{notice}\n{record}");
                assert_eq!(claims("wide enough for an id"), wide, "{notice}\n{record}");
                assert_eq!(claims("holds pseudonyms"), pseudonyms, "{notice}\n{record}");
                assert_eq!(claims("publishable key"), pk, "{notice}");
                assert_eq!(claims("own code"), custom, "{notice}");
                let none = !(personal || wide || pseudonyms || pk || custom);
                assert_eq!(claims(ID_CLAIM), none, "{notice}\n{record}");
                assert!(!personal || !claims("pseudonymous usage data"), "personal data is called so: {notice}");
            }
        }
    }
}

#[test]
fn o17_every_field_is_named_and_a_long_list_says_that_it_goes_on() {
    let outer = nest(4, field("mail", FieldType::Text { max_len: 9 }, None));
    let notice = text(&sdk(DefaultConsent::On, false, false), &[event(vec![outer])]);
    assert!(notice.contains("It may hold personal data: signed_in.outer.mail."), "{notice}");
    let many = (0..9).map(|number| field(&format!("n{number}"), FieldType::Unbounded("u8".into()), None)).collect();
    let notice = text(&sdk(DefaultConsent::On, false, false), &[event(many)]);
    assert!(notice.contains("signed_in.n5 and 3 more."), "{notice}");
}

#[test]
fn o17_a_narrow_number_is_no_id() {
    for (min, max, wide) in [(0, 1_000_000, false), (0, 1 << 20, true), (i64::MIN, i64::MAX, true), (5, 5, false)] {
        let number = field("n", FieldType::Int { min, max }, None);
        let nature = Nature::of(&Subject::from(&sdk(DefaultConsent::On, false, false)), [&event(vec![number])]);
        assert_eq!(!nature.is_without_id(), wide, "{min} to {max}");
    }
}

/// Nobody can turn off what was never on; a program that is off by default says how it is turned on.
#[test]
fn o19_an_opt_in_program_says_that_it_is_off() {
    let event = event(Vec::new());
    let notice = text(&sdk(DefaultConsent::Off, false, false), std::slice::from_ref(&event));
    assert!(
        notice.contains("It is off unless you turn it on, where the program asks you or in its settings."),
        "{notice}"
    );
    assert!(notice.contains("Turn it off again: there, or SOLO_TELEMETRY_DISABLED=1 or DO_NOT_TRACK=1."), "{notice}");
    let notice = text(&sdk(DefaultConsent::On, false, false), &[event]);
    assert!(notice.contains("\nTurn it off: SOLO_TELEMETRY_DISABLED=1 or DO_NOT_TRACK=1. See it"), "{notice}");
}

/// With commands, the notice names them first; without, it names none.
#[test]
fn r18_the_notice_names_the_command_where_there_is_one() {
    let event = event(Vec::new());
    for (default, expected) in [
        (DefaultConsent::On, "\nTurn it off: `solo telemetry off`, SOLO_TELEMETRY_DISABLED=1 or DO_NOT_TRACK=1."),
        (
            DefaultConsent::Off,
            "\nIt is off unless you turn it on: `solo telemetry on`. Turn it off again: `solo telemetry off`, \
             SOLO_TELEMETRY_DISABLED=1 or DO_NOT_TRACK=1.",
        ),
    ] {
        let mut sdk = sdk(default, false, false);
        assert!(!text(&sdk, std::slice::from_ref(&event)).contains("solo telemetry"));
        sdk.command = Some("solo telemetry".to_owned());
        let notice = text(&sdk, std::slice::from_ref(&event));
        assert!(notice.contains(expected), "{notice}");
        assert!(
            notice.contains(" See it without sending: `solo telemetry preview` or SOLO_TELEMETRY_DEBUG=1.\n"),
            "{notice}"
        );
    }
}

/// The longest names that an author can write, and an SDK whose texts use all the room that they have.
#[test]
fn o17_a_notice_is_short_however_many_events_and_fields_there_are() {
    let mut sdk = sdk(DefaultConsent::Off, true, true);
    sdk.sdk = "s".repeat(64);
    let author =
        [&sdk.endpoint, &sdk.docs, &sdk.operator, &sdk.contact, &sdk.region, &sdk.shared_with, &sdk.env, &sdk.env];
    let command = "c".repeat(64);
    let taken: usize = author.into_iter().map(String::len).sum::<usize>() + 3 * command.len();
    sdk.retention = "r".repeat(AUTHOR_BYTES - taken);
    sdk.command = Some(command);
    for len in [1, 7, 20, 39, 77, 120, 239, 240, 241, 5_000] {
        for count in [1, 6, 7, 12, 13, 300, 3_500] {
            let events: Vec<_> = (0..count)
                .map(|number| {
                    let fields = kinds().into_iter().map(|(_, of)| of).collect();
                    EventDescriptor { event: format!("{number:0len$}"), ..event(fields) }
                })
                .collect();
            let news: Vec<_> = events.iter().map(|event| format!("{} (new)", event.event)).collect();
            let notice = text_with_news(&Subject::from(&sdk), &events, &news);
            let bytes = notice.len() + 3 + notice.matches('\n').count() + 3;
            assert!(bytes <= MAX_BYTES, "{count} events with names of {len}: {bytes} bytes");
            assert!(notice.ends_with(
                "Everything that is collected: https://solo.example/telemetry. Questions: privacy@solo.example."
            ));
        }
    }
}

/// What is shown and what is left out are all of them.
#[test]
fn o17_a_list_in_the_notice_says_how_many_it_leaves_out() {
    for len in [4, 20, 60, 240, 241] {
        for count in [1, 2, 12, 13, 300] {
            let names: Vec<_> = (0..count).map(|number| format!("{number:0len$}")).collect();
            let events: Vec<_> =
                names.iter().map(|name| EventDescriptor { event: name.clone(), ..event(Vec::new()) }).collect();
            let notice = text(&sdk(DefaultConsent::On, false, false), &events);
            let list = notice.lines().next().unwrap().split_once(": ").unwrap().1.trim_end_matches('.');
            let shown = names.iter().filter(|name| list.contains(name.as_str())).count();
            let more = match list.split_once(" with names too long") {
                Some((all, _)) => all,
                None => list.split_once(" and ").map_or("0", |(_, more)| more.trim_end_matches(" more")),
            };
            assert_eq!(shown + more.parse::<usize>().unwrap(), count, "{list}");
            assert!(shown <= 12 && (shown > 0) == (len <= 240), "{list}");
            assert_eq!(shown == count, count <= 12 && len * count + 2 * (count - 1) <= 240, "{list}");
        }
    }
}

/// A program reads the part that it tells, a tool all of the record: both say the same.
#[test]
fn a_notice_by_the_record_is_the_one_by_what_the_record_says() {
    for default in [DefaultConsent::On, DefaultConsent::Off] {
        for (pk, custom, rest) in [(false, false, false), (true, false, true), (false, true, true)] {
            let mut sdk = sdk(default, pk, custom);
            if rest {
                sdk.command = Some("solo telemetry".to_owned());
                sdk.identity = Some(crate::Identity::Rotating(30));
                sdk.active = Some(crate::Active::Daily);
                sdk.health = Some(crate::Health::Daily);
            }
            let record = |record: &crate::Record| format!("\x7fTLM2{}\n", serde_json::to_string(record).unwrap());
            let of_event = record(&crate::Record::Event(event(Vec::new())));
            assert_eq!(Subject::of(crate::record::json(of_event.as_bytes()).unwrap()), None);
            let of_sdk = record(&crate::Record::Sdk(sdk.clone()));
            assert_eq!(Subject::of(crate::record::json(of_sdk.as_bytes()).unwrap()), Some(Subject::from(&sdk)));
        }
    }
}
