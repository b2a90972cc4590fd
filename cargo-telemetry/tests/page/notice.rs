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

/// As soon as a field holds a pseudonym, nobody speaks of data without ids.
#[test]
fn r27_pseudonymous_data_is_called_so() {
    let text = sdks::all::TELEMETRY.notice().text().to_owned();
    assert!(text.contains("pseudonymous") && !text.contains("without an id"), "{text}");
    let text = sdks::strict::TELEMETRY.notice().text().to_owned();
    assert!(!text.contains("pseudonymous") && text.contains("without an id"), "{text}");
    let of = |sdk: &str| {
        let options = cargo_telemetry::page::Options { sdk: Some(sdk.to_owned()), intro: None };
        cargo_telemetry::page::markdown(own_manifest(), &options)
    };
    let page = of("page-all");
    assert!(page.contains("pseudonymous usage data"), "{page}");
    for claim in ["anonym", "without an id"] {
        // The sentence of the event that counts installations speaks of itself.
        let claims: Vec<_> = page.lines().filter(|line| line.to_lowercase().contains(claim)).collect();
        assert!(claims.iter().all(|line| line.contains("Counts active installations")), "{claim}: {claims:#?}");
    }
    assert!(!of("page-strict").contains("pseudonymous usage data"));
}
