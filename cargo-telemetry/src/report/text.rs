//! The list on a terminal.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use telemetry_schema::{EventDescriptor, FieldDescriptor, Manifest, SdkDescriptor, conflicts, digest};

use super::{clean, wrap::wrap};
use crate::words::{self, counted};

const SDK: Style = AnsiColor::Cyan.on_default().bold();
pub(super) const EVENT: Style = Style::new().bold();
pub(super) const FIELD: Style = AnsiColor::Green.on_default();
pub(super) const WARNING: Style = AnsiColor::Red.on_default().bold();

/// The widest column of field names; a longer name has a line of its own.
const NAME_COLUMNS: usize = 24;

/// What is said of an SDK without events, in words: nothing below a name could also be a fault of the list.
pub(super) const NO_EVENTS: &str = "no events: what was read declares this SDK and none of its events";

/// Every event with its fields, below its SDK.
pub(crate) fn list(manifest: &Manifest, name: &str) -> String {
    let mut out = String::new();
    let conflicts = conflicts(&manifest.sdks, &manifest.events);
    for (sdk, descriptor) in sdks(manifest) {
        heading(&mut out, sdk, descriptor, manifest);
        let events = events(manifest, sdk, descriptor);
        if events.is_empty() {
            out.push_str(&wrap(NO_EVENTS, 2));
        }
        for event in events {
            out.push('\n');
            self::event(&mut out, event, descriptor, conflicts.contains(&event.key()));
        }
        out.push('\n');
    }
    let (events, sdks) = (counted(manifest.events.len(), "event"), counted(sdks(manifest).len(), "SDK"));
    let _ = writeln!(out, "{events} of {sdks}: all that {} can record with this framework", clean(name));
    out
}

/// The events of one SDK, or of a name that nobody declares here.
pub(super) fn events<'a>(manifest: &'a Manifest, name: &str, sdk: Option<&SdkDescriptor>) -> Vec<&'a EventDescriptor> {
    match sdk {
        Some(sdk) => manifest.events_of(sdk).collect(),
        None => manifest.events.iter().filter(|event| event.sdk == name).collect(),
    }
}

/// All SDKs that are declared or that events name. Those of one name and one destination are one SDK.
pub(crate) fn sdks(manifest: &Manifest) -> Vec<(&str, Option<&SdkDescriptor>)> {
    let mut sdks: Vec<(&str, Option<&SdkDescriptor>)> =
        manifest.sdks.iter().map(|sdk| (sdk.sdk.as_str(), Some(sdk))).collect();
    for event in &manifest.events {
        if !sdks.iter().any(|(name, _)| *name == event.sdk) {
            sdks.push((&event.sdk, None));
        }
    }
    sdks.sort_by_key(|(name, _)| *name);
    sdks.dedup_by_key(|(name, sdk)| (*name, sdk.map(digest::destination)));
    sdks
}

/// What is to be said of an SDK whose name another one of the program has as well.
pub(super) fn same_name(manifest: &Manifest, sdk: &SdkDescriptor) -> Option<String> {
    let others: Vec<_> = manifest.same_named(sdk).map(|other| other.endpoint.as_str()).collect();
    let others = others.join(" and ");
    (!others.is_empty()).then(|| {
        format!(
            "same name: another SDK of this program is called so and sends to {others}; the user's decision holds for both, \
             and each is told of alone"
        )
    })
}

fn heading(out: &mut String, name: &str, sdk: Option<&SdkDescriptor>, manifest: &Manifest) {
    let _ = writeln!(out, "{SDK}{}{SDK:#}", clean(name));
    match sdk {
        Some(sdk) => {
            out.push_str(&wrap(&clean(&words::sdk(sdk)), 2));
            if let Some(identity) = sdk.identity {
                out.push_str(&wrap(&format!("pseudonymous: every event carries {}", words::identity(identity)), 2));
            }
            out.push_str(&wrap(&clean(&format!("declared by {} {}, {}", sdk.crate_name, sdk.version, sdk.at)), 2));
            if let Some(text) = same_name(manifest, sdk) {
                let _ = writeln!(out, "  {WARNING}{}{WARNING:#}", wrap(&clean(&text), 2).trim());
            }
        }
        None => out.push_str(&wrap("not declared here: the program that links this code declares it", 2)),
    }
}

fn event(out: &mut String, event: &EventDescriptor, sdk: Option<&SdkDescriptor>, conflict: bool) {
    let _ = writeln!(out, "  {EVENT}{}{EVENT:#}", clean(&event.key()));
    if conflict {
        let text = "conflict: another schema has this key, or the wire format has no room for it; it is not recorded";
        let _ = writeln!(out, "    {WARNING}{}{WARNING:#}", wrap(text, 4).trim());
    }
    out.push_str(&wrap(&clean(&event.doc), 4));
    let rate = words::sample(event.sample, sdk.map_or(1.0, |sdk| sdk.sample));
    let mut facts = vec![words::kind(event.kind).to_owned(), words::throttle(event.throttle), rate];
    facts.extend(event.declared_level.map(words::level));
    if !event.at.is_empty() {
        facts.push(event.at.clone());
    }
    out.push_str(&wrap(&clean(&facts.join("; ")), 4));
    fields(out, &event.fields, 4);
}

/// Name, type and description of each field.
fn fields(out: &mut String, fields: &[FieldDescriptor], indent: usize) {
    if fields.is_empty() {
        out.push_str(&wrap("no fields", indent));
    }
    let name = |field: &FieldDescriptor| clean(&field.name).into_owned();
    let widths = fields.iter().map(|field| name(field).chars().count());
    let width = widths.filter(|width| *width <= NAME_COLUMNS).max().unwrap_or(0);
    for field in fields {
        let name = name(field);
        let below = indent + width + 2;
        let what = wrap(&clean(&words::field_type(&field.field_type)), below);
        let _ = write!(out, "{}{FIELD}{name}{FIELD:#}", " ".repeat(indent));
        let used = indent + name.chars().count();
        match what.get(used + 1..).filter(|_| used < below) {
            Some(rest) => {
                let _ = write!(out, " {rest}");
            }
            None => {
                let _ = write!(out, "\n{what}");
            }
        }
        out.push_str(&wrap(&clean(&field.doc), below));
        if let Some(reason) = &field.reason {
            out.push_str(&wrap(&clean(&format!("reason: {reason}")), below));
        }
    }
}
