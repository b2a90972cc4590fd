//! The list for pull requests and pages.

use std::fmt::Write as _;

use telemetry_schema::{Manifest, conflicts};

use super::{
    clean,
    text::{NO_EVENTS, events, same_name, sdks},
};
use crate::words::{self, counted};

/// Every event with its fields as a table, below its SDK.
pub(crate) fn list(manifest: &Manifest, name: &str) -> String {
    let mut out = format!(
        "# Telemetry events of {}\n\n{} of {}.\n",
        escape(name),
        counted(manifest.events.len(), "event"),
        counted(sdks(manifest).len(), "SDK")
    );
    let conflicts = conflicts(&manifest.sdks, &manifest.events);
    for (sdk, descriptor) in sdks(manifest) {
        let _ = write!(out, "\n## {}\n", escape(sdk));
        if let Some(descriptor) = descriptor {
            let _ = write!(out, "\n{}\n", escape(&words::sdk(descriptor)));
            if let Some(text) = same_name(manifest, descriptor) {
                let _ = write!(out, "\n**{}**\n", escape(&text));
            }
        }
        let events = events(manifest, sdk, descriptor);
        if events.is_empty() {
            let _ = write!(out, "\n{}\n", escape(NO_EVENTS));
        }
        for event in events {
            let _ = write!(out, "\n### {}\n\n", escape(&event.key()));
            if conflicts.contains(&event.key()) {
                out.push_str("**Conflict:** this key cannot be recorded truthfully, and is not recorded.\n\n");
            }
            if !event.doc.is_empty() {
                let _ = write!(out, "{}\n\n", escape(&event.doc));
            }
            let rate = words::sample(event.sample, descriptor.map_or(1.0, |sdk| sdk.sample));
            let level = event.declared_level.map(|level| format!("; {}", words::level(level))).unwrap_or_default();
            let (kind, throttle) = (words::kind(event.kind), words::throttle(event.throttle));
            let _ = writeln!(out, "{kind}; {throttle}; {rate}{level}.");
            if event.fields.is_empty() {
                out.push_str("No fields.\n");
                continue;
            }
            out.push_str("\n| field | may hold | sensitivity | description |\n| --- | --- | --- | --- |\n");
            for field in &event.fields {
                let mut doc = field.doc.clone();
                if let Some(reason) = &field.reason {
                    let _ = write!(doc, " Reason: {reason}");
                }
                let _ = writeln!(
                    out,
                    "| {} | {} | {} | {} |",
                    escape(&field.name),
                    escape(&words::field_type(&field.field_type)),
                    words::sensitivity(field.sensitivity()),
                    escape(doc.trim())
                );
            }
        }
    }
    out
}

/// Text of others within Markdown: no markup, no HTML, no end of a table's cell, no line end.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}
