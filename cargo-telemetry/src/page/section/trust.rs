//! What is never collected, what was checked and what is the vendor's word, and how to check this page.

use telemetry_schema::{DefaultConsent, FieldType, notice::Nature};

use super::super::{
    Subject,
    document::{Block, Document, Line},
    words,
};

/// What the framework keeps from being sent, and what it cannot.
pub(super) fn never(document: &mut Document, subject: &Subject<'_>) {
    let sdk = subject.sdk;
    document.push(Block::heading(subject.level, &subject.anchor("never"), "What is never collected"));
    if subject.is_sent_by_author() {
        document.push(Block::Note(Line::prose(
            "This is about what is recorded and given to the vendor's own code. No record says what that code adds.",
        )));
    }
    let mut list = vec![text_of_yours(subject)];
    list.push(Line::prose(
        "What you pass to a component or a method. It is recorded whether something was passed, never what.",
    ));
    list.extend(no_id(subject));
    let has_key = sdk.carries_instance_key();
    if has_key {
        list.push(Line::prose(
            "Any part of a secret key. Only a publishable key can go with events, and a secret one is refused.",
        ));
    }
    list.push(if sdk.wire.has_ids() {
        Line::prose("The minute or second of an event. Times are cut to the hour.")
    } else {
        Line::prose("The time of an event. A request names the day; when it arrives, the server's clock knows.")
    });
    document.push(Block::List(list));
    if has_key {
        document.push(Block::paragraph(
            "What does join events: those of one request arrive together, and where a developer has set the publishable key of an \
             instance, every event names that instance.",
        ));
    }
    document.push(Block::Note(Line::prose(
        "This holds for what is made with this framework, and against mistakes, not against a vendor who wants to deceive. An author \
         can open a connection of their own, or put text into numbers; no list in the program shows that. Other telemetry in the \
         same program is not on this page.",
    )));
}

/// That no id goes along, if no record gives room for one.
fn no_id(subject: &Subject<'_>) -> Option<Line> {
    let nature = subject.nature();
    if nature.is_without_id() {
        return Some(Line::prose("An id of you or your machine."));
    }
    let made_here = fields_of(subject, |field_type| matches!(field_type, FieldType::Pseudonym));
    let only_pseudonyms = Nature { pseudonyms: nature.pseudonyms.clone(), ..Nature::default() } == nature;
    // A field that its author calls pseudonymous is not made by us: how long it lasts is not known.
    (only_pseudonyms && nature.pseudonyms.len() == made_here.len()).then(|| {
        Line::prose(
            "An id of you or your machine that lasts. The pseudonyms above change every month and differ from event to event.",
        )
    })
}

/// What keeps text out, and what may be text all the same.
fn text_of_yours(subject: &Subject<'_>) -> Line {
    let free_text = fields_of(subject, |field_type| matches!(field_type, FieldType::Text { .. }));
    let packages = fields_of(
        subject,
        |field_type| matches!(field_type, FieldType::Packages { prefixes, .. } if !prefixes.is_empty()),
    );
    let mut line = Line::prose("Text of yours: names, paths, arguments, contents of files, messages of errors. ");
    line = if free_text.is_empty() {
        line.text("No field can hold it. ")
    } else {
        line.text("Only the fields marked ")
            .strong("free text")
            .text(" could hold it: ")
            .codes(free_text.iter().map(String::as_str))
            .text(". What is put there is up to the vendor. ")
    };
    line = line.prose_after(
        "Values are `true` or `false`, whole numbers, versions, and words from lists that were fixed when the program was built",
    );
    if packages.is_empty() {
        line.text(".")
    } else {
        line.text("; and names of packages that begin as listed above: ")
            .codes(packages.iter().map(String::as_str))
            .text(".")
    }
}

/// Paths of all fields of the SDK that may hold such a value.
fn fields_of(subject: &Subject<'_>, is: impl Fn(&FieldType) -> bool) -> Vec<String> {
    let mut paths: Vec<_> = subject
        .events
        .iter()
        .flat_map(|event| &event.fields)
        .flat_map(|field| words::rows("", field))
        .filter(|(_, field)| words::any(&field.field_type, &is))
        .map(|(path, _)| path)
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

/// The same questions, answered by the program and by the vendor.
pub(super) fn checked_and_declared(document: &mut Document, subject: &Subject<'_>) {
    let sdk = subject.sdk;
    document.push(Block::heading(
        subject.level,
        &subject.anchor("checked"),
        "What was checked, and what is the vendor's word",
    ));
    document.push(Block::paragraph(
        "The left column was read from the program. The right one is what the vendor says; no program can prove it.",
    ));
    let text = |text: &str| if text.is_empty() { Line::prose("–") } else { Line::default().text(text) };
    let purposes = subject.events.iter().filter(|event| event.purpose.is_some()).count();
    let row = |question: &str, checked: Line, declared: Line| vec![Line::prose(question), checked, declared];
    let fields: usize = subject.events.iter().map(|event| event.fields.len()).sum();
    let custom = subject.is_sent_by_author();
    let (events_word, fields_word) = (words::count(subject.events.len(), "event"), words::count(fields, "field"));
    let mut rows = vec![
        row(
            "What?",
            Line::prose(&format!("{events_word} with {fields_word}, their types and ranges, how often")),
            Line::prose("what the descriptions of events and fields say"),
        ),
        row("Why?", Line::prose("–"), Line::prose(&format!("the purpose of {purposes} of {events_word}"))),
        row(
            "Where to?",
            if custom { Line::prose("code of the vendor's own sends it") } else { Line::default().code(&sdk.endpoint) },
            if custom { Line::default().code(&sdk.endpoint).text("; ") } else { Line::default() }
                .text("received by ")
                .text(&sdk.operator)
                .text("; kept in: ")
                .text(&sdk.region),
        ),
        row("How long?", Line::prose("on your machine as above"), text(&sdk.retention)),
        row("Who else?", Line::prose("–"), Line::prose("shared with: ").text(&sdk.shared_with)),
        row(
            "Your network address?",
            Line::prose(if custom { "–" } else { "it is seen with every connection" }),
            Line::prose("whether it is kept; ask the vendor"),
        ),
        row(
            "On or off?",
            Line::prose(match sdk.default {
                DefaultConsent::On => "on by default; variables and files that turn it off",
                DefaultConsent::Off => "off by default",
            }),
            Line::prose("settings that the program offers"),
        ),
        row("More?", Line::prose("–"), Line::address(&sdk.docs)),
        row("Whom to ask?", Line::prose("–"), Line::address(&sdk.contact)),
    ];
    if !sdk.repository.is_empty() {
        rows.push(row("Source code?", Line::prose("–"), Line::address(&sdk.repository)));
    }
    document.push(Block::Table { head: vec!["Question", "Checked from the binary", "Declared by the vendor"], rows });
    note_on_claims(document, subject);
}

/// Vendors' own words are shown as they are. Where they claim more than the records allow, the page says so beside them.
fn note_on_claims(document: &mut Document, subject: &Subject<'_>) {
    let nature = subject.nature();
    let what = if !nature.personal.is_empty() {
        "Some of the data may be personal."
    } else if nature.is_pseudonymous() {
        match nature.identity {
            Some(_) => "The data is pseudonymous: an id links events of one machine.",
            None => "The data is pseudonymous: some fields link events of one machine.",
        }
    } else {
        return;
    };
    document.push(Block::Note(Line::prose(&format!(
        "{what} The program does not support any claim of the vendor that goes further."
    ))));
}

/// How anybody makes this page again.
pub(in super::super) fn about_this_page(document: &mut Document) {
    document.push(Block::heading(2, "check-this-page", "Check this page"));
    document.push(Block::paragraph(
        "Anybody can make this page again from the program, without running it, and compare. The same program gives the same \
         bytes on every machine:",
    ));
    document.push(Block::listing(
        Line::prose("With the tool `cargo-telemetry`:"),
        "cargo telemetry docs PROGRAM --format html\ncargo telemetry list PROGRAM",
    ));
}
