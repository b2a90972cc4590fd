//! What goes with every event: envelope, headers, and what any server sees.

use super::super::{
    Subject,
    document::{Block, Document, Line},
    words,
};
use crate::wire;

/// The request around the events.
pub(super) fn envelope(document: &mut Document, subject: &Subject<'_>) {
    let (sdk, level) = (subject.sdk, subject.level);
    document.push(Block::heading(level, &subject.anchor("with every event"), "What goes with every event"));
    if subject.is_sent_by_author() {
        document.push(Block::Note(Line::prose(
            "This vendor sends with code of its own. Below is what that code is given; no record says what it sends, where to, with \
             what else and how often.",
        )));
    }
    let request = wire::travels(sdk);
    document.push(Block::Paragraph(words::join(Line::prose(&request).text(" "), words::of_runtime(sdk))));
    let table = |pairs: &[(String, String)], head| {
        let rows = pairs.iter().map(|(name, doc)| vec![Line::default().code(name), Line::prose(doc)]);
        Block::Table { head, rows: rows.collect() }
    };
    if sdk.envelope.is_empty() {
        document.push(Block::paragraph("The request carries nothing but the fields of the event."));
    } else {
        document.push(Block::paragraph("Beside its fields each event has these keys:"));
        document.push(table(&sdk.envelope, vec!["Key", "Meaning"]));
    }
    document.push(Block::heading(level + 1, &subject.anchor("headers"), "Headers"));
    document.push(table(&sdk.headers, vec!["Header", "Meaning"]));
    if subject.is_sent_by_author() {
        document.push(Block::paragraph(
            "Which headers are sent, and what a server sees of the connection, depends on the vendor's code.",
        ));
        return;
    }
    document.push(Block::paragraph(
        "Beside these only what the protocol needs: `host`, `accept` and the length of the body. No cookies are kept or sent, and \
         redirects are not followed.",
    ));
    document.push(Block::heading(level + 1, &subject.anchor("any server"), "What any server sees anyway"));
    document.push(Block::paragraph(
        "These come with every connection, and no client can leave them out. Only the vendor knows what is kept of them:",
    ));
    document.push(Block::List(sdk.server_sees.iter().map(|what| Line::prose(what)).collect()));
}
