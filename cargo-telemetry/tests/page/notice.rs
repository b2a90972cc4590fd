use serde_json::json;
use telemetry_runtime::Sdk;

use crate::{own_manifest, sdks, tool_ok};

/// Running program and tool say the same, word for word.
#[test]
fn r18_the_notice_of_the_tool_is_that_of_the_program() {
    own_manifest();
    let own = std::env::current_exe().unwrap();
    let running: [(&str, Sdk); 4] = [
        ("page-all", sdks::all::TELEMETRY),
        ("page-strict", sdks::strict::TELEMETRY),
        ("page-beacon", sdks::beacon::TELEMETRY),
        ("clerk-core", golden_clerk_core::TELEMETRY),
    ];
    for (name, sdk) in running {
        let printed = tool_ok(&["docs", own.to_str().unwrap(), "--notice", "--sdk", name]);
        assert_eq!(printed, format!("{}\n", sdk.notice().text()));
    }
    let all = tool_ok(&["docs", own.to_str().unwrap(), "--notice"]);
    assert_eq!(all.matches("It goes to").count(), own_manifest().sdks.len());
}

/// Every text that tells of an SDK with an id of the installation says what that makes of its data, and how to get rid of it.
#[test]
fn r27_an_id_of_the_installation_is_called_pseudonymous() {
    own_manifest();
    let own = std::env::current_exe().unwrap();
    let list = tool_ok(&["list", own.to_str().unwrap()]);
    let list = list.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = "pseudonymous: every event carries an id of the installation, another one every 7 days";
    assert_eq!(list.matches(told).count(), 1, "of the one SDK that has one: {list}");
    let notice = tool_ok(&["docs", own.to_str().unwrap(), "--notice", "--sdk", "page-otlp"]);
    let said = "It is pseudonymous: every event carries an id of this installation, another one every 7 days";
    assert!(notice.contains(said), "{notice}");
    let page = page_of(own_manifest(), "page-otlp");
    for part in [said, "the pseudonymous ids of your machine"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    for claim in ["anonym", "without an id", "An id of you or your machine"] {
        assert!(!page.contains(claim), "{claim}: {page}");
    }
}

/// As soon as a field holds a pseudonym, nobody speaks of data without ids.
#[test]
fn r27_pseudonymous_data_is_called_so() {
    let text = sdks::all::TELEMETRY.notice().text().to_owned();
    assert!(text.contains("It holds pseudonyms") && !text.contains("without an id"), "{text}");
    let text = sdks::beacon::TELEMETRY.notice().text().to_owned();
    assert!(!text.contains("pseudonym"), "{text}");
    let page = page_of(own_manifest(), "page-all");
    for claim in ["anonym", "without an id"] {
        assert!(!page.to_lowercase().contains(claim), "{claim}: {page}");
    }
}

/// The page and the notice of a record, for every combination of what can come close to a person. The record, as text, is
/// the judge.
#[test]
fn o17_the_page_claims_nothing_that_the_record_contradicts() {
    let kinds = [
        ("\"personal\"", json!({"name": "plan", "type": {"enum": ["a"]}, "sensitivity": "personal"})),
        ("\"text\"", json!({"name": "mail", "type": {"text": {"max_len": 9}}, "reason": "to write to you"})),
        ("\"unbounded\"", json!({"name": "user", "type": {"unbounded": "u64"}, "reason": "to count"})),
        ("\"pseudonym\"", json!({"name": "machine", "type": {"optional": "pseudonym"}})),
        ("\"pseudonymous\"", json!({"name": "seat", "type": "bool", "sensitivity": "pseudonymous"})),
    ];
    for mask in 0..1_usize << kinds.len() {
        for (pk, custom) in [(false, false), (true, false), (false, true)] {
            let mut manifest = own_manifest().clone();
            manifest.sdks.retain(|sdk| sdk.sdk == "page-beacon");
            manifest.events.retain(|event| event.sdk == "page-beacon");
            let sdk = &mut manifest.sdks[0];
            if pk {
                sdk.envelope.push(("pk".to_owned(), "The publishable key of the instance.".to_owned()));
            }
            if custom {
                sdk.transport = "custom".to_owned();
            }
            let event = &mut manifest.events[0];
            let chosen = kinds.iter().enumerate().filter(|(index, _)| mask >> index & 1 == 1);
            event.fields = chosen.map(|(_, (_, field))| serde_json::from_value(field.clone()).unwrap()).collect();
            let record = serde_json::to_string(&manifest.events).unwrap();
            let any = kinds.iter().any(|(word, _)| record.contains(word));
            let notice = telemetry_schema::notice::text(&manifest.sdks[0], &manifest.events);
            let page = page_of(&manifest, "page-beacon");
            for text in [&notice, &page] {
                let has = |word: &str| record.contains(word);
                assert_eq!(text.contains("without an id of you"), !any && !pk && !custom, "{record}\n{text}");
                assert_eq!(
                    text.contains("It may hold personal data"),
                    has("\"personal\"") || has("\"text\""),
                    "{text}"
                );
                assert_eq!(text.contains("It holds free text"), has("\"text\""), "{text}");
                assert_eq!(text.contains("wide enough for an id"), has("\"unbounded\""), "{text}");
                assert_eq!(text.contains("It holds pseudonyms"), has("\"pseudonym"), "{text}");
                assert_eq!(text.contains("Every event names the instance"), pk, "{text}");
            }
            // That it is never collected is said where nothing gives room for it; pseudonyms of ours end every month.
            let never = page.lines().any(|line| line == "- An id of you or your machine.");
            let never_lasts = page.contains("An id of you or your machine that lasts");
            assert_eq!(never, !any && !pk && !custom, "{record}\n{page}");
            assert_eq!(never_lasts, mask == 0b1000 && !pk && !custom, "{record}\n{page}");
        }
    }
}

fn page_of(manifest: &telemetry_schema::Manifest, sdk: &str) -> String {
    let options = cargo_telemetry::page::Options { sdk: Some(sdk.to_owned()), intro: None };
    cargo_telemetry::page::markdown(manifest, &options)
}
