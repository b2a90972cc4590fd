//! One event, with all it may carry.

use std::fmt::Write as _;

use telemetry_schema::{EventDescriptor, FieldDescriptor, FieldType, Inside, Manifest, conflicts};

use super::{
    capacity, clean, markdown,
    text::{EVENT, FIELD, WARNING},
    wrap::wrap,
};
use crate::{check::sdk_of, words};

/// Everything that is known of the event at this place of the manifest.
pub(crate) fn text(event: &EventDescriptor, manifest: &Manifest) -> String {
    let mut out = format!("{EVENT}{}{EVENT:#}\n", clean(&event.key()));
    if conflicts(&manifest.sdks, &manifest.events).contains(&event.key()) {
        let _ = writeln!(
            out,
            "  {WARNING}conflict: this key cannot be recorded truthfully, and is not recorded{WARNING:#}"
        );
    }
    out.push_str(&wrap(&clean(&event.doc), 2));
    out.push('\n');
    for (name, value) in facts(event, manifest) {
        fact(&mut out, name, &value);
    }
    out.push_str("\nfields, with their sensitivity\n");
    if event.fields.is_empty() {
        out.push_str("  none\n");
    }
    for field in &event.fields {
        self::field(&mut out, field, "", 2);
    }
    if let Some(sdk) = sdk_of(event, manifest) {
        for (title, pairs) in [("beside the payload", &sdk.envelope), ("request headers", &sdk.headers)] {
            let _ = write!(out, "\n{title}\n");
            if pairs.is_empty() {
                out.push_str("  none\n");
            }
            for (name, what) in pairs {
                fact(&mut out, name, what);
            }
        }
        out.push_str("\nwhat any server sees anyway\n");
        out.push_str(&wrap(&clean(&sdk.server_sees.join(", ")), 2));
    }
    out.push_str("\ncapacity\n");
    out.push_str(&wrap(&clean(&capacity::details(event, manifest)), 2));
    out
}

/// The same as a page.
pub(crate) fn markdown(event: &EventDescriptor, manifest: &Manifest) -> String {
    let of_one = Manifest::new(sdk_of(event, manifest).into_iter().cloned().collect(), vec![event.clone()]);
    let mut out = markdown::list(&of_one, &event.key());
    out.push_str("\n| | |\n| --- | --- |\n");
    for (name, value) in facts(event, manifest) {
        let _ = writeln!(out, "| {name} | {} |", markdown::escape(&value));
    }
    let _ = writeln!(out, "| capacity | {} |", markdown::escape(&capacity::details(event, manifest)));
    out
}

fn facts(event: &EventDescriptor, manifest: &Manifest) -> Vec<(&'static str, String)> {
    let EventDescriptor {
        sdk: _,
        crate_name,
        version,
        event: _,
        discriminant: _,
        kind,
        doc: _,
        fields: _,
        sample,
        throttle,
        declared_level,
        owner,
        purpose,
        reviewed,
        since,
        expires,
        at,
    } = event;
    let sdk = sdk_of(event, manifest);
    let mut facts = vec![
        ("reports", words::kind(*kind).to_owned()),
        ("recorded", words::throttle(*throttle)),
        ("sampled", words::sample(*sample, sdk.map_or(1.0, |sdk| sdk.sample))),
        ("crate", format!("{crate_name} {version}").trim().to_owned()),
        ("declared at", at.clone()),
    ];
    facts.extend(declared_level.map(|level| ("level", words::level(level))));
    for (name, value) in
        [("owner", owner), ("purpose", purpose), ("reviewed", reviewed), ("since", since), ("expires", expires)]
    {
        facts.push((name, value.clone().unwrap_or_else(|| "not said".to_owned())));
    }
    facts.extend(sdk.map(|sdk| ("sent to", format!("{} ({})", sdk.endpoint, sdk.operator))));
    facts.retain(|(_, value)| !value.is_empty());
    facts
}

/// A name and a text in two columns.
fn fact(out: &mut String, name: &str, value: &str) {
    const COLUMN: usize = 20;
    let name = clean(name);
    let text = wrap(&clean(value), COLUMN);
    let used = 2 + name.chars().count();
    match text.get(used + 1..).filter(|_| used < COLUMN) {
        Some(rest) => {
            let _ = writeln!(out, "  {name} {}", rest.trim_end());
        }
        None => {
            let _ = write!(out, "  {name}\n{text}");
        }
    }
}

/// A field, and below it what it consists of.
fn field(out: &mut String, field: &FieldDescriptor, parent: &str, indent: usize) {
    let path = if parent.is_empty() { field.name.clone() } else { format!("{parent}.{}", field.name) };
    let category = words::sensitivity(field.sensitivity());
    let _ = writeln!(out, "{}{FIELD}{}{FIELD:#} ({category})", " ".repeat(indent), clean(&path));
    out.push_str(&wrap(&clean(&words::field_type(&field.field_type)), indent + 4));
    out.push_str(&wrap(&clean(&field.doc), indent + 4));
    if let Some(reason) = &field.reason {
        out.push_str(&wrap(&clean(&format!("reason: {reason}")), indent + 4));
    }
    nested(out, &field.field_type, &path, indent + 4);
}

fn nested(out: &mut String, field_type: &FieldType, path: &str, indent: usize) {
    match field_type.inside() {
        Inside::Nothing => {}
        Inside::One(of) => nested(out, of, path, indent),
        Inside::Each(of) => nested(out, of, &format!("{path}[]"), indent),
        Inside::Fields(fields) => {
            for part in fields {
                field(out, part, path, indent);
            }
        }
        Inside::Variants(variants) => {
            for variant in variants {
                if let Some(of) = &variant.field_type {
                    nested(out, of, &format!("{path}.{}", variant.name), indent);
                }
            }
        }
    }
}
