//! What the page is, and the answers in short.

use telemetry_schema::{DefaultConsent, Instance, Role, SdkDescriptor};

use super::super::{
    Subject,
    document::{Block, Document, Line},
    words,
};

/// What stands above everything else.
pub(in super::super) fn lead(
    document: &mut Document,
    sdks: &[&SdkDescriptor],
    anchors: &[String],
    intro: Option<&str>,
) {
    if let Some(intro) = intro {
        document.paragraphs(intro);
    }
    document.push(Block::paragraph(
        "This page is made from the program itself: every event below stands in it as a record, written by the same \
         macro that makes the code which records the event. The page lists what the program can contain and send, not what it does send on your machine.",
    ));
    if sdks.len() > 1 {
        let items = sdks.iter().zip(anchors).map(|(sdk, anchor)| (anchor.clone(), Line::default().text(&sdk.sdk)));
        document.push(Block::Contents { label: "Vendors' kits in this program", items: items.collect() });
    }
}

/// The answers for whoever reads no further.
pub(super) fn in_short(document: &mut Document, subject: &Subject<'_>) {
    let sdk = subject.sdk;
    let nature = subject.nature();
    document.push(Block::heading(subject.level, &subject.anchor("in short"), "In short"));
    let who_for = match sdk.role {
        Role::Library => match sdk.instance {
            Some(Instance::Required) => {
                "programs whose developer set the key of a development instance; all others report nothing"
            }
            Some(Instance::Optional) => {
                "programs under development that use this library; a finished program only where its developer set the key of a \
                 development instance or allowed it"
            }
            None => {
                "programs under development that use this library; a finished program only where its developer allowed it"
            }
        },
        Role::Application => "the finished program; builds of its own developers report nothing",
    };
    let default = match sdk.default {
        DefaultConsent::On => "on after you were told, until you turn it off",
        DefaultConsent::Off => "off until you turn it on",
    };
    document.push(Block::Facts(vec![
        ("What", Line::default().text(nature.kind()).text(": ").text(&words::count(subject.events.len(), "event"))),
        ("Why", why(subject)),
        ("From", Line::prose(who_for)),
        ("By default", Line::prose(default)),
        ("Goes to", goes_to(sdk)),
        (
            "Turn it off",
            Line::default()
                .code(&format!("{}_TELEMETRY_DISABLED=1", sdk.env))
                .prose_after(" or `DO_NOT_TRACK=1`, and more below"),
        ),
        ("See it first", Line::default().code(&format!("{}_TELEMETRY_DEBUG=1", sdk.env))),
        ("Questions", Line::address(&sdk.contact)),
    ]));
    if !subject.same_named.is_empty() {
        let line = Line::prose("Another kit in this program has the same name and sends to ");
        let line = line.codes(subject.same_named.iter().map(|other| other.endpoint.as_str()));
        document.push(Block::Note(line.text(
            ". Your decision holds for both; you are told of each alone, and nothing of one is sent to the other.",
        )));
    }
    let sentences = nature.sentences();
    if !sentences.is_empty() {
        document.push(Block::paragraph("What comes close to a person or a machine:"));
        document.push(Block::List(sentences.iter().map(|sentence| Line::default().text(sentence)).collect()));
    }
}

/// Why it is collected, in the vendor's words: each purpose once, with how many events say nothing.
fn why(subject: &Subject<'_>) -> Line {
    const SHOWN: usize = 6;
    let mut purposes: Vec<&str> = Vec::new();
    for purpose in subject.events.iter().filter_map(|event| event.purpose.as_deref()).map(str::trim) {
        if !purpose.is_empty() && !purposes.contains(&purpose) {
            purposes.push(purpose);
        }
    }
    if purposes.is_empty() {
        return Line::prose("the vendor does not say");
    }
    let mut line = Line::prose("in the vendor's words: ");
    for (number, purpose) in purposes.iter().take(SHOWN).enumerate() {
        line = line.text(if number > 0 { "; " } else { "" }).prose_after(purpose.trim_end_matches('.'));
    }
    if purposes.len() > SHOWN {
        line = line.text(&format!("; and {} more, below", purposes.len() - SHOWN));
    }
    let silent =
        subject.events.iter().filter(|event| event.purpose.as_deref().is_none_or(|words| words.trim().is_empty()));
    match silent.count() {
        0 => line,
        count => line.text(&format!(". Of {} the vendor does not say why", words::count(count, "event"))),
    }
}

fn goes_to(sdk: &SdkDescriptor) -> Line {
    if sdk.transport != "built_in" {
        let line = Line::prose("code of the vendor's own, and no record says where it sends to; declared are ");
        return line.code(&sdk.endpoint).text(" and ").text(&sdk.operator);
    }
    let line = Line::default().code(&sdk.endpoint);
    let (_, host) = sdk.endpoint.split_once("://").unwrap_or(("", &sdk.endpoint));
    let loopback = ["127.0.0.1", "localhost", "[::1]"]
        .iter()
        .any(|name| host.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/'])));
    if loopback { line.text(", which is your own machine") } else { line.text(", ").text(&sdk.operator) }
}
