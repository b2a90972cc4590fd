use cargo_telemetry::page::{Options, html, markdown};
use telemetry_schema::{Exit, Instance, Manifest, Role};

use crate::{own_manifest, sdk};

fn of(name: &str) -> String {
    markdown(own_manifest(), &Options { sdk: Some(name.to_owned()), intro: None })
}

#[track_caller]
fn says(page: &str, all: &[&str]) {
    for words in all {
        assert!(page.contains(words), "the page does not say {words:?}:\n{page}");
    }
}

#[test]
fn r28_a_page_tells_everything_of_an_event() {
    let page = of("page-all");
    says(
        &page,
        &[
            "Everything at once, with `code` and a bar \\| in its words.\n\nIn two paragraphs.",
            "| Why | To see that pages are right. |",
            "| When | when the component `SignUp` is rendered |",
            "| When | when the method `get_auth` is called |",
            "| How often | at most once per day with the same values |",
            "| How often | at most once per day and installation |",
            "at most once in 48 hours with the same values; on 25 % of days",
            "| Who answers for it | the page team |",
            "| Reviewed | [https://all.example/reviews/1](https://all.example/reviews/1) |",
            "| Since | 1.2.0 |",
            "| Last day | 2099-06-30, then it is not recorded any more |",
            "| `component` |  | one of `sign-in`, `sign-up` | interaction |",
            "| `layout.cells` | Its cells. | exactly 2 values, each a whole number from -5 to 5",
            "| `layouts[].dark` | Dark or not. | `true` or `false`; may be absent |",
            "one of `Start`, `Chosen` with one of `sign-in`, `sign-up`, `Counted` with a whole number from 0 to 9",
            "anything else is sent as `other`",
            "`v`, three numbers",
            "at most 2 packages, and only of these: `vite`, names that begin with `@acme/`",
            "**a pseudonym**",
            "**free text** of at most 8 bytes; may be absent | may be personal |",
            "What the plugin is called. **Reason given by the vendor:** names of plugins are open",
            "any whole number of the type `usize`",
            "It carries no fields",
        ],
    );
}

#[test]
fn a_page_tells_every_way_to_opt_out_and_all_that_goes_along() {
    let page = of("page-all");
    says(
        &page,
        &[
            "`PAGE_ALL_TELEMETRY_DISABLED=1`",
            "`PAGE_ALL_NO_TELEMETRY=1`",
            "`DO_NOT_TRACK=1`",
            "`PAGE_ALL_TELEMETRY_DEBUG=1`",
            "`~/.local/state/telemetry/page-all/`",
            "`~/Library/Application Support/telemetry/page-all/`",
            "`%LOCALAPPDATA%\\telemetry\\page-all\\`",
            "README.txt",
            "| `sent.log` | what was sent lately",
            "| `breaker.json` | when the next attempt",
            "echo '{\"version\":1,\"consent\":\"off\",\"agreed\":{},\"sdk\":null}' > consent.json",
            "veto_all()",
            "`no-telemetry`",
            "--cfg no_telemetry",
            "In continuous integration",
            "the key that pseudonyms are computed with",
            "| Question | Checked from the binary | Declared by the vendor |",
            "received by All Ltd.; kept in: EU",
            "| 7 days |",
            "shared with: nobody",
            "[privacy@all.example](mailto:privacy@all.example)",
            "can contain and send, not what it does send",
            "An author can open a connection of their own",
        ],
    );
    let declared = sdk(own_manifest(), "page-all");
    for (name, doc) in declared.envelope.iter().chain(&declared.headers) {
        says(&page, &[&format!("| `{name}` | {doc} |")]);
    }
    for what in &declared.server_sees {
        says(&page, &[&format!("- {what}\n")]);
    }
}

/// What is said of one SDK is not said of another.
#[test]
fn pages_differ_where_sdks_do() {
    let strict = of("page-strict");
    says(
        &strict,
        &[
            "| By default | off until you turn it on |",
            "It is off until you turn it on.",
            "`PAGE_STRICT_OFFICIAL`",
            "also reports from continuous integration and package builds",
            "In development builds of this program.",
            "deleted after 2 days",
            "there is no notice",
        ],
    );
    assert!(!strict.contains("found by variables such as `CI`") && !strict.contains("| `secret` |"), "{strict}");
    says(&of("page-all"), &["deleted after 14 days", "| `secret` |", "Times are cut to the hour"]);
    says(
        &of("page-beacon"),
        &["Example, the whole address", "http://127.0.0.1:1/telemetry?payload=ey", "It has at most 5 KiB"],
    );
    says(&of("page-report"), &["`POST http://127.0.0.1:1/cli`", "Commands are written there at once"]);

    let mut manifest = own_manifest().clone();
    let number = manifest.sdks.iter().position(|sdk| sdk.sdk == "page-report").unwrap();
    let mut with = |change: &dyn Fn(&mut telemetry_schema::SdkDescriptor)| {
        let before = manifest.sdks[number].clone();
        change(&mut manifest.sdks[number]);
        let page = markdown(&manifest, &Options { sdk: Some("page-report".to_owned()), intro: None });
        manifest.sdks[number] = before;
        page
    };
    says(&with(&|_| ()), &["The end of the program waits for nothing."]);
    let mut library = |instance| with(&|sdk| (sdk.role, sdk.instance) = (Role::Library, instance));
    says(
        &library(Some(Instance::Required)),
        &["have not set the key of a development instance, whatever their build", "nothing is reported"],
    );
    says(
        &library(Some(Instance::Optional)),
        &[
            "only where its developer set the key of a development instance or allowed it |",
            "In programs that have set the key of a production instance, whatever their build.",
            "unless its developer allowed that in code or set the key of a development instance.",
        ],
    );
    let without = library(None);
    says(&without, &["only where its developer allowed it |", "unless its developer allowed that in code."]);
    says(
        &with(&|sdk| (sdk.role, sdk.instance) = (Role::Application, Some(Instance::Optional))),
        &["In programs that have set the key of a production instance", "In development builds of this program."],
    );
    for page in [&without, &of("page-beacon"), &of("page-strict")] {
        assert!(
            !["key of a", "publishable", "`pk`", "names the instance"].iter().any(|word| page.contains(word)),
            "{page}"
        );
    }
    says(&of("page-all"), &["| `pk` |", "Any part of a secret key.", "every event names that instance"]);
    says(&with(&|sdk| sdk.exit = Exit::Grace(200)), &["may wait up to 200 milliseconds"]);
    says(&with(&|sdk| sdk.exit = Exit::Detached), &["a second process of the same program"]);
    says(
        &with(&|sdk| sdk.transport = "custom".to_owned()),
        &["sends with code of its own", "code of the vendor's own"],
    );
}

/// All SDKs on one page, each with anchors of its own; nothing is left out because its declaration is missing.
#[test]
fn a_page_of_several_sdks_keeps_them_apart() {
    let page = markdown(own_manifest(), &Options::default());
    for sdk in &own_manifest().sdks {
        says(&page, &[&format!("\n## {}\n", sdk.sdk), &format!("<a id=\"{}-turn-it-off\"></a>", sdk.sdk)]);
    }
    let anchors: Vec<_> =
        page.match_indices("<a id=\"").map(|(at, _)| page[at + 7..].split('"').next().unwrap()).collect();
    let mut unique = anchors.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), anchors.len());
    for (at, _) in page.match_indices("](#") {
        let anchor = page[at + 3..].split(')').next().unwrap();
        assert!(anchors.contains(&anchor), "{anchor} leads nowhere");
    }

    let events = own_manifest().events.clone();
    let orphans = Manifest::new(Vec::new(), events);
    let page = markdown(&orphans, &Options::default());
    says(&page, &["## Events without a declaration", "### `page-all/everything`", "**free text**"]);
}

/// The same bytes whatever the order in which a linker has left the records.
#[test]
fn r28_a_page_is_the_same_on_any_machine() {
    let (mut sdks, mut events) = (own_manifest().sdks.clone(), own_manifest().events.clone());
    sdks.reverse();
    events.reverse();
    for (sdk, event) in sdks.iter_mut().zip(&mut events) {
        sdk.version = "9.9.9".to_owned();
        event.version = "9.9.9".to_owned();
    }
    let other = Manifest::new(sdks, events);
    let options = Options::default();
    assert_eq!(markdown(&other, &options), markdown(own_manifest(), &options));
    assert_eq!(html(&other, &options), html(own_manifest(), &options));
    let place = std::env::current_dir().unwrap();
    assert!(!html(own_manifest(), &options).contains(place.to_str().unwrap()));
}

/// A record may ask for lists of any length; the page does not.
#[test]
fn an_example_has_a_bound() {
    let mut manifest = own_manifest().clone();
    for event in &mut manifest.events {
        if let Some(field) = event.fields.first_mut() {
            let inner = telemetry_schema::FieldType::Array { len: usize::MAX, of: Box::new(field.field_type.clone()) };
            field.field_type = telemetry_schema::FieldType::Array { len: usize::MAX, of: Box::new(inner) };
        }
    }
    says(&markdown(&manifest, &Options::default()), &["would be too long to show"]);
}
