//! When events are sent, and what lies on the machine until then.

use telemetry_schema::{Exit, Kind, WriteOn};

use super::super::{
    Subject,
    document::{Block, Document, Line},
    words,
};
use crate::limits::{
    BATCH_LINGER_SECONDS, KEPT_DAYS, KEPT_DAYS_WITHOUT_TIME, PAUSE_HOURS, PAUSE_SECONDS, SENT_LOG_KIB, SPOOL_MIB,
    UPLOAD_MINUTES,
};

/// When anything leaves the machine.
pub(super) fn sending(document: &mut Document, subject: &Subject<'_>) {
    let sdk = subject.sdk;
    let kept = if sdk.wire.has_ids() { KEPT_DAYS } else { KEPT_DAYS_WITHOUT_TIME };
    document.push(Block::heading(subject.level, &subject.anchor("sending"), "When it is sent"));
    document.push(Block::Paragraph(words::of_runtime(sdk)));
    if subject.is_sent_by_author() {
        document.push(Block::Note(Line::prose(
            "This vendor sends with code of its own. Below is when that code is given events; no record says when and how often it \
             sends them.",
        )));
        document.push(Block::List(vec![
            Line::prose(&format!(
                "Events that wait are handed over by a thread in the background, and deleted after {kept} days if that fails for as long."
            )),
            Line::prose("What happens at the end of the program, after a failure and after an answer of a server is up to that code as well."),
        ]));
        return;
    }
    let mut list = vec![Line::prose(&format!(
        "While the program runs, by a thread in the background. New events wait up to {BATCH_LINGER_SECONDS} seconds for more events, \
         and programs that have just begun make one upload in {UPLOAD_MINUTES} minutes, all together. What earlier runs left is sent with them."
    ))];
    list.push(match sdk.exit {
        Exit::Later => Line::prose("The end of the program waits for nothing. What was not sent waits on disk for a later run."),
        Exit::Grace(milliseconds) => Line::prose(&format!(
            "The end of the program may wait up to {milliseconds} milliseconds for a delivery, at most once in 24 hours. What was \
             not sent waits on disk for a later run."
        )),
        Exit::Detached => Line::prose(
            "At the end of the program a second process of the same program may send what is left, at most once in 24 hours. It \
             runs at most 5 seconds.",
        ),
    });
    list.push(Line::prose(&format!(
        "After a failure nothing is tried for {PAUSE_SECONDS} seconds, by no program of yours; the pause doubles up to {PAUSE_HOURS} \
         hours. A repeated request has the same bytes. Events that cannot be sent are deleted after {kept} days."
    )));
    list.push(Line::prose(
        "When the server answers that it wants no more, this version of the program sends nothing to it again.",
    ));
    document.push(Block::List(list));
}

/// What is stored, and for how long.
pub(super) fn on_your_machine(document: &mut Document, subject: &Subject<'_>) {
    let sdk = subject.sdk;
    document.push(Block::heading(subject.level, &subject.anchor("on your machine"), "What is kept on your machine"));
    let place = Line::prose("In the folder of ").place("turn it off for good", &subject.anchor("for good"));
    document.push(Block::Paragraph(place.text(", which only your user can read:")));
    let row = |file: &str, what: &str| vec![Line::default().code(file), Line::prose(what)];
    let mut rows = vec![
        row("README.txt", "what this folder is, and how to opt out"),
        row("consent.json", "what you decided"),
        row("told", "what you were told, as digests of its parts; never sent"),
        row(
            "memory.json",
            match subject.events.iter().any(|event| event.kind == Kind::Counter) {
                true => {
                    "what was recorded lately, so that nothing is recorded twice; and how often the events that are counted happened \
                     today, which is sent when the day is over"
                }
                false => "what was recorded lately, so that nothing is recorded twice; never sent",
            },
        ),
        row("spool/", &format!("events that wait to be sent, at most {SPOOL_MIB} MiB for each program")),
        if subject.is_sent_by_author() {
            row(
                "sent.log",
                &format!(
                    "what was handed to the vendor's code lately, and how that said it ended; at most {SENT_LOG_KIB} KiB, and as much in sent.log.1"
                ),
            )
        } else {
            row(
                "sent.log",
                &format!(
                    "what was sent lately, as it was sent, and how that ended; at most {SENT_LOG_KIB} KiB, and as much in sent.log.1"
                ),
            )
        },
        row("breaker.json", "when the next attempt to send may be made; never sent"),
    ];
    if subject.nature().is_pseudonymous() {
        rows.push(row("secret", "the key that pseudonyms are computed with; it never leaves your machine"));
    }
    if subject.nature().identity.is_some() {
        rows.push(row(
            "installation",
            "the pseudonymous ids of your machine that events have carried, so that you can have deleted what came with them",
        ));
    }
    document.push(Block::Table { head: vec!["File", "Holds"], rows });
    document.push(Block::paragraph(match sdk.write_on {
        WriteOn::Worker if subject.events.iter().any(|event| event.kind == Kind::Command) => {
            "Commands are written there at once, other events within 50 milliseconds; until then they are in memory only."
        }
        WriteOn::Worker => "Events are written there within 50 milliseconds; until then they are in memory only.",
        WriteOn::Caller => "Events are written there at once, by the thread that records them.",
    }));
}
