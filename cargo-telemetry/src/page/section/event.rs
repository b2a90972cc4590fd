//! One section per event: what, why, when, how often, who, which fields, and an example.

use telemetry_schema::{EventDescriptor, FieldDescriptor};

use super::super::{
    Subject,
    document::{Block, Document, Line, slug},
    example::{self, Example},
    words,
};

/// The list of events, and a section for each.
pub(super) fn events(document: &mut Document, subject: &Subject<'_>) {
    document.push(Block::heading(subject.level, &subject.anchor("events"), "What can be recorded"));
    if subject.events.is_empty() {
        document.push(Block::paragraph("This kit is in the program, but none of its events is."));
        return;
    }
    let items = subject.events.iter().map(|event| (anchor(subject, event), title(event)));
    document.push(Block::Contents { label: "Events", items: items.collect() });
    document.push(Block::paragraph(
        "The kind of a field says how close it comes to a person: `technical` is about software and machine, `interaction` about what \
         was used, `pseudonymous` links events of one machine, and `may be personal` is free text. Each example shows everything \
         that can be there, with made-up values. It is sent without the line breaks.",
    ));
    for event in &subject.events {
        document.push(Block::Heading { level: subject.level + 1, anchor: anchor(subject, event), text: title(event) });
        document.paragraphs(&event.doc);
        if subject.conflicts.contains(&event.key()) {
            document.push(Block::Note(Line::prose(
                "Never recorded in this program: several descriptions claim this name, or the format has room for one event only.",
            )));
        }
        facts(document, subject, event);
        fields(document, &event.fields);
        show_example(document, subject, event);
    }
}

fn anchor(subject: &Subject<'_>, event: &EventDescriptor) -> String {
    let discriminant = event.discriminant.as_ref().map(|name| format!("-{}", slug(name))).unwrap_or_default();
    format!("{}event-{}{discriminant}", subject.prefix, slug(&event.event))
}

fn title(event: &EventDescriptor) -> Line {
    let line = Line::default().code(&event.event);
    match &event.discriminant {
        Some(discriminant) => line.text(" ").text(discriminant),
        None => line,
    }
}

fn facts(document: &mut Document, subject: &Subject<'_>, event: &EventDescriptor) {
    let mut facts = Vec::new();
    let declared = |text: &Option<String>| text.as_deref().map(Line::prose);
    facts.extend(declared(&event.purpose).map(|line| ("Why", line)));
    facts.push(("When", words::when(subject.sdk, event)));
    facts.push(("How often", words::how_often(subject.sdk, event)));
    facts.extend(words::level(subject, event).map(|line| ("Level", line)));
    facts.extend(declared(&event.owner).map(|line| ("Who answers for it", line)));
    facts.extend(event.reviewed.as_deref().map(|link| ("Reviewed", Line::address(link))));
    facts.extend(declared(&event.since).map(|line| ("Since", line)));
    facts.extend(event.expires.as_deref().map(|day| {
        let line = Line::default().text(day);
        (
            "Last day",
            if day == "never" {
                line.text(": it does not expire")
            } else {
                line.text(", then it is not recorded any more")
            },
        )
    }));
    document.push(Block::Facts(facts));
}

fn fields(document: &mut Document, fields: &[FieldDescriptor]) {
    if fields.is_empty() {
        document.push(Block::paragraph("It carries no fields: that it happened is all that is recorded."));
        return;
    }
    let rows = fields.iter().flat_map(|field| words::rows("", field)).map(|(path, field)| {
        let mut meaning = Line::prose(&field.doc.replace("\n\n", " "));
        if let Some(reason) = &field.reason {
            let gap = if meaning.is_empty() { "" } else { " " };
            meaning = meaning.text(gap).strong("Reason given by the vendor:").text(" ").prose_after(reason);
        }
        vec![
            Line::default().code(&path),
            meaning,
            words::of_type(&field.field_type),
            Line::prose(words::sensitivity(field.sensitivity())),
        ]
    });
    document.push(Block::Table { head: vec!["Field", "Meaning", "Can be", "Kind"], rows: rows.collect() });
}

fn show_example(document: &mut Document, subject: &Subject<'_>, event: &EventDescriptor) {
    match example::of(subject.sdk, event) {
        Some(Example::Body { request, json }) => {
            let caption = if subject.is_sent_by_author() {
                Line::prose("Example, given to the vendor's code as the body of ").code(&request)
            } else {
                Line::prose("Example, the body of ").code(&request)
            };
            document.push(Block::listing(caption, &example::indented(&json)));
        }
        Some(Example::Address { request, json }) => {
            document.push(Block::listing(Line::prose("Example, the whole address"), &request));
            document.push(Block::listing(Line::prose("What is encoded in it"), &example::indented(&json)));
        }
        None => document.push(Block::paragraph("An example with all values would be too long to show.")),
    }
}

/// Events whose SDK is declared in a file that was not read: nothing is left out for that.
pub(in super::super) fn undeclared(document: &mut Document, events: &[&EventDescriptor]) {
    if events.is_empty() {
        return;
    }
    document.push(Block::heading(2, "undeclared", "Events without a declaration"));
    document.push(Block::paragraph(
        "The declaration of the kit that these belong to is not in the file that was read, so nothing can be said of where they go.",
    ));
    for event in events {
        document.push(Block::Heading {
            level: 3,
            anchor: format!("undeclared-{}", slug(&event.key())),
            text: Line::default().code(&event.key()),
        });
        document.paragraphs(&event.doc);
        fields(document, &event.fields);
    }
}
