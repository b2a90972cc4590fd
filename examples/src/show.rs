use base64::{Engine as _, engine::general_purpose::STANDARD};
use telemetry_runtime::{
    Notice, Sdk,
    schema::{EventDescriptor, FieldType},
};

use crate::{NotAsSaid, Received, ensure, pretty::pretty};

/// Headers that say something about the events; the others are what any HTTP/1.1 client sends.
const HEADERS: [&str; 4] = ["user-agent", "content-type", "idempotency-key", "telemetry-day"];

/// Prints the title of a part.
pub fn section(title: &str) {
    println!("\n== {title}\n");
}

/// Prints every event that is linked into this program; no event was recorded for that, and none need be.
///
/// # Errors
///
/// If there is no inventory.
pub fn show_inventory() -> Result<(), NotAsSaid> {
    let registry = telemetry_runtime::registry().map_err(|error| NotAsSaid::from(error.to_string()))?;
    for event in registry.events() {
        println!("  {}", event.key());
        println!("      {} ({})", event.doc, event.at);
        show_fields(event);
    }
    ensure(registry.conflicts().is_empty(), "no two events claim one key")
}

fn show_fields(event: &EventDescriptor) {
    for field in &event.fields {
        println!("      - {}: {}", field.name, describe(&field.field_type));
    }
    if event.sample < 1.0 {
        println!("      on a share of {} of all days", event.sample);
    }
}

/// A field's type in plain words.
fn describe(field_type: &FieldType) -> String {
    match field_type {
        FieldType::Bool => "true or false".to_owned(),
        FieldType::Int { min, max } => format!("a number from {min} to {max}"),
        FieldType::Enum(names) => names.join(" | "),
        FieldType::OneOf(of) => format!("{} | other", describe(of)),
        FieldType::Optional(of) => format!("{}, or nothing", describe(of)),
        FieldType::Struct(fields) => {
            let fields: Vec<_> =
                fields.iter().map(|field| format!("{}: {}", field.name, describe(&field.field_type))).collect();
            format!("{{ {} }}", fields.join(", "))
        }
        FieldType::CountBucket => "a count, rounded down to a power of two".to_owned(),
        FieldType::Version { .. } => "a version number".to_owned(),
        FieldType::Os => "the name of an operating system".to_owned(),
        FieldType::OsVersion => "numbers".to_owned(),
        FieldType::Packages { names, prefixes, max } => {
            let prefixes = prefixes.iter().map(|prefix| format!("{prefix}*"));
            let listed: Vec<_> = names.iter().cloned().chain(prefixes).collect();
            format!("names and versions of at most {max} packages among {}", listed.join(", "))
        }
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}

/// Prints what a user is told.
pub fn show_notice(notice: &Notice) {
    print!("{}", indented("  | ", notice.text()));
}

/// For demo programs: prints what the gate decided, which of its layers did, and what became of this run's events.
pub fn print_status(sdk: &Sdk) {
    let status = sdk.status();
    if let Some(layer) = status.decision() {
        println!(
            "{}: {}, by layer {} of the gate ({}): {}",
            status.sdk, status.mode, layer.number, layer.name, layer.value
        );
    }
    println!("{}: {}", status.sdk, status.ledger);
}

/// Prints requests as they arrived.
pub fn show_received(requests: &[Received]) {
    for request in requests {
        println!("  {} {}", request.method, request.path);
        for name in HEADERS {
            if let Some(value) = request.header(name) {
                println!("  {name}: {value}");
            }
        }
        if !request.body.is_empty() {
            println!();
            print!("{}", indented("    ", &pretty(&request.text())));
        }
        if let Some(payload) = request.path.split_once("payload=").and_then(|(_, text)| STANDARD.decode(text).ok()) {
            println!("\n  The payload, decoded:\n");
            print!("{}", indented("    ", &pretty(&String::from_utf8_lossy(&payload))));
        }
        println!();
    }
}

/// Every line of `text` behind `margin`.
pub(crate) fn indented(margin: &str, text: &str) -> String {
    text.lines().map(|line| format!("{margin}{line}\n")).collect()
}
