//! What the page says of numbers, of foreign code and of reasons.

use cargo_telemetry::{
    limits::RUNTIME_VERSION,
    page::{Options, html, markdown},
};
use telemetry_schema::Manifest;

use crate::own_manifest;

fn changed(change: impl Fn(&mut Manifest)) -> [String; 2] {
    let mut manifest = own_manifest().clone();
    change(&mut manifest);
    [markdown(&manifest, &Options::default()), html(&manifest, &Options::default())]
}

/// A transport of the author's own may follow redirects, keep cookies, add headers, wait and repeat: no record says so.
#[test]
fn a10_nothing_is_claimed_of_a_transport_of_the_authors_own() {
    let claims = [
        "cookies",
        "redirect",
        "Beside these only what",
        "come with every connection",
        "TLS parameters",
        "has the same bytes",
        "it wants no more",
        "The end of the program waits",
        "seen with every connection",
    ];
    for (page, built_in) in changed(|manifest| {
        for sdk in &mut manifest.sdks {
            sdk.transport = "custom".to_owned();
        }
    })
    .iter()
    .zip(changed(|_| {}))
    {
        for claim in claims {
            assert!(!page.contains(claim), "{claim}");
        }
        for claim in ["cookies", "come with every connection", "has the same bytes"] {
            assert!(built_in.contains(claim), "the claim is not looked for in vain: {claim}");
        }
        assert!(page.contains("no record says where it sends to"));
    }
}

#[test]
fn a10_numbers_of_the_tool_are_labelled_with_the_version_of_the_runtime() {
    let recorded = &own_manifest().sdks[0].runtime;
    assert_eq!(recorded, RUNTIME_VERSION, "the record of a program that was built here");
    let with =
        |version: &str| changed(|manifest| manifest.sdks.iter_mut().for_each(|sdk| sdk.runtime = version.to_owned()));
    for (version, says) in [
        (RUNTIME_VERSION, "of the runtime, which is in this program."),
        ("9.9.9", "whose numbers may be others."),
        ("", "does not say which version is in the program."),
    ] {
        for page in with(version) {
            // Where requests are bounded, and where times are told.
            assert!(page.matches(says).count() >= 2, "{version:?}");
        }
    }
}

#[test]
fn a10_why_it_is_collected_stands_near_the_top() {
    for page in changed(|manifest| {
        for (number, event) in manifest.events.iter_mut().enumerate() {
            event.purpose = (number % 2 == 0).then(|| "Which dialogs to improve first.".to_owned());
        }
    }) {
        let why = page
            .find("in the vendor's words: Which dialogs to improve first")
            .or_else(|| page.find("in the vendor&#39;s words: Which dialogs to improve first"))
            .expect("it is there");
        let off = page.find("Turn it off").expect("it is there");
        assert!(why < off && page.matches("Of ").count() > 0, "{why} {off}");
    }
    for page in changed(|manifest| manifest.events.iter_mut().for_each(|event| event.purpose = None)) {
        assert!(page.contains("the vendor does not say"));
    }
}
