//! What is said of a line of debug mode.

use anstyle::{AnsiColor, Style};
use serde_json::{Map, Value};
use telemetry_schema::{EventDescriptor, FieldType, Manifest};

use super::event;
use crate::{
    hidden::{clean, clean_lines},
    json_schema::recordable,
    payload::{self, Reason},
    words,
};

const NAME: Style = Style::new().bold();
const PLACE: Style = Style::new().dimmed();
const TAKEN: Style = AnsiColor::Green.on_default();
const REFUSED: Style = AnsiColor::Red.on_default().bold();
const HELD: Style = AnsiColor::Yellow.on_default();

/// What was shown so far.
#[derive(Debug, Default)]
pub(super) struct Shown {
    accepted: u64,
    refused: u64,
    held: u64,
    /// The last line was of an event, or of what would have held it.
    is_within_event: bool,
}

impl Shown {
    /// The lines for one line of this SDK.
    pub(super) fn line(&mut self, manifest: &Manifest, sdk: &str, line: &str) -> String {
        if let Some(note) = line.strip_prefix("  ").filter(|_| self.is_within_event) {
            return self.note(note);
        }
        let declared = manifest.sdks.iter().filter(|declared| declared.sdk == sdk);
        for declared in declared {
            if let Some((name, payload)) = event::of(declared.wire, line) {
                self.is_within_event = true;
                let events: Vec<_> =
                    recordable(manifest, declared).into_iter().filter(|event| event.event == name).collect();
                return self.event(sdk, name, &events, &payload);
            }
        }
        self.is_within_event = false;
        format!("{PLACE}{}: {}{PLACE:#}\n", clean(sdk), clean_lines(line))
    }

    fn event(&mut self, sdk: &str, name: &str, events: &[&EventDescriptor], payload: &Map<String, Value>) -> String {
        let sent = as_sent(payload);
        let verdict = payload::choose(events, |event| &event.fields, &sent);
        let record = match &verdict {
            Ok((event, _)) => Some(**event),
            Err(_) => payload::closest(events, |event| &event.fields, &sent).copied(),
        };
        let of_one = record.and_then(|event| event.discriminant.as_ref());
        let of_one = of_one.map(|discriminant| format!("/{discriminant}")).unwrap_or_default();
        let at = record.map_or("not in the records", |event| event.at.as_str());
        let mut out =
            format!("{NAME}{}{NAME:#}  {PLACE}{}{PLACE:#}\n", clean(&format!("{sdk}/{name}{of_one}")), clean(at));
        out.push_str(&fields(record, payload));
        match verdict {
            Ok(_) => {
                self.accepted += 1;
                out.push_str(&format!("  {TAKEN}collector: accepted{TAKEN:#}\n"));
            }
            Err(reason) => {
                self.refused += 1;
                out.push_str(&format!(
                    "  {REFUSED}collector: refused, {}{REFUSED:#}: {}\n",
                    reason.word(),
                    why(reason)
                ));
            }
        }
        out
    }

    /// What sampling or throttle would have done, or a text that was replaced.
    fn note(&mut self, note: &str) -> String {
        let (kind, text) = note.split_once(": ").unwrap_or(("note", note));
        self.held += u64::from(text.starts_with("throttled"));
        format!("  {HELD}{}{HELD:#}: {}\n", clean(kind), clean_lines(text))
    }

    /// One line for all of it.
    pub(super) fn summary(&self) -> String {
        let Self { accepted, refused, held, .. } = self;
        format!(
            "watched: {} events; {accepted} accepted, {refused} refused; {held} held by throttle\n",
            accepted + refused
        )
    }
}

/// The payload with what stands for a pseudonym where debug mode, which reads no secret, shows a word for it.
fn as_sent(payload: &Map<String, Value>) -> Map<String, Value> {
    fn of(value: &Value) -> Value {
        match value {
            Value::String(text) if text == "(pseudonym)" => "none".into(),
            Value::Array(values) => values.iter().map(of).collect(),
            Value::Object(map) => as_sent(map).into(),
            other => other.clone(),
        }
    }
    payload.iter().map(|(key, value)| (key.clone(), of(value))).collect()
}

/// The fields of an event, each with its value and its type; then what its record does not have.
fn fields(record: Option<&EventDescriptor>, payload: &Map<String, Value>) -> String {
    let declared = record.map_or(&[][..], |event| &event.fields);
    let mut rows: Vec<(&str, String, String)> = Vec::new();
    for field in declared {
        let is_optional = matches!(field.field_type, FieldType::Optional(_));
        let value = match payload.get(&field.name) {
            Some(value) => value.to_string(),
            None if is_optional => "(absent)".to_owned(),
            None => "(missing)".to_owned(),
        };
        rows.push((&field.name, value, words::field_type(&field.field_type)));
    }
    for (key, value) in payload {
        if declared.iter().all(|field| field.name != *key) {
            rows.push((key, value.to_string(), "not declared".to_owned()));
        }
    }
    let width = |of: &dyn Fn(&(&str, String, String)) -> usize| rows.iter().map(of).max().unwrap_or(0).min(32);
    let (name_width, value_width) = (width(&|row| row.0.chars().count()), width(&|row| row.1.chars().count()));
    rows.iter()
        .map(|(name, value, kind)| {
            let (name, value, kind) = (clean(name), clean(value), clean(kind));
            format!("  {name:name_width$}  {value:value_width$}  {PLACE}{kind}{PLACE:#}\n")
        })
        .collect()
}

/// What a developer has to look at.
fn why(reason: Reason) -> &'static str {
    match reason {
        Reason::UnknownEvent => {
            "no record has this name, or none of it can be recorded; are these the records of this program?"
        }
        Reason::UnknownField => "a field is in no record of this name",
        Reason::MissingField => "a field of the record is not there",
        Reason::WrongType => "a field holds a value of another type",
        Reason::OutOfRange => "a number lies outside its range",
        Reason::UnknownVariant => "a word is not among those that the field may hold",
        Reason::TooLong => "a text is longer than its field allows",
        Reason::WrongLength => "a list holds more or fewer values than its field allows",
        Reason::BadFormat => "a text has another form than its field's type has",
        _ => "see docs/wire-protocol.md",
    }
}
