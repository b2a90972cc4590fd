//! What a record says, in the words of people who do not write programs.

use telemetry_schema::{
    EventDescriptor, FieldDescriptor, FieldType, Kind, SdkDescriptor, Sensitivity, Throttle, number,
    ready_made::{OS_NAMES, OTHER},
};

use super::document::Line;
use crate::{
    daily::{Daily, declared_by_sdk},
    limits::RUNTIME_VERSION,
};

/// What a value of this type may be.
pub(super) fn of_type(field_type: &FieldType) -> Line {
    match field_type {
        FieldType::Bool => Line::prose("`true` or `false`"),
        FieldType::Int { min, max } if min == max => Line::prose(&format!("always the number {min}")),
        FieldType::Int { min, max } => Line::prose(&format!(
            "a whole number from {min} to {max}; a larger or smaller one is sent as the nearer end"
        )),
        FieldType::Unbounded(rust_type) => Line::prose("any whole number of the type ").code(rust_type),
        FieldType::Enum(names) => one_of(names),
        FieldType::Variants(variants) => {
            let mut line = Line::prose("one of ");
            for (number, variant) in variants.iter().enumerate() {
                line = if number > 0 { line.text(", ") } else { line }.code(&variant.name);
                if let Some(of) = &variant.field_type {
                    line = join(line.text(" with "), inside(of));
                }
            }
            line
        }
        FieldType::Struct(fields) if fields.is_empty() => Line::prose("a group without values"),
        FieldType::Struct(_) => Line::prose("a group of the values below"),
        FieldType::Optional(of) => join(Line::default(), of_type(of)).text("; may be absent"),
        FieldType::Array { len, of } => join(Line::prose(&format!("exactly {len} values, each ")), of_type(of)),
        FieldType::List { max, of } => join(Line::prose(&format!("at most {max} values, each ")), of_type(of)),
        FieldType::Text { max_len } => Line::default().strong("free text").text(&format!(" of at most {max_len} bytes")),
        FieldType::OneOf(list) => match list.as_ref() {
            FieldType::Enum(names) => one_of(names).text("; anything else is sent as ").code(OTHER),
            _ => Line::default().code(OTHER),
        },
        FieldType::CountBucket => Line::prose("a count, rounded down to 0 or a power of two: 1, 2, 4, 8, …"),
        FieldType::DurationBucket => {
            Line::prose("a duration in milliseconds, rounded down to 0 or a power of two: 1, 2, 4, 8, …")
        }
        FieldType::Version { prefix } => {
            let line = Line::prose("a version: ");
            let line = if prefix.is_empty() { line } else { line.code(prefix).text(", ") };
            line.prose_after("three numbers, and perhaps a tag such as `beta.1`; unknown tags are sent as ").code(OTHER)
        }
        FieldType::Os => Line::prose("the name of the operating system: one of ").codes(OS_NAMES),
        FieldType::OsVersion => Line::prose("the version of the operating system: at most three numbers"),
        FieldType::Packages { names, prefixes, max } => {
            let mut line = Line::prose(&format!("names and versions of at most {max} packages, and only of these: "));
            line = line.codes(names.iter().map(String::as_str));
            if !prefixes.is_empty() {
                line = line.text(if names.is_empty() { "" } else { ", " }).text("names that begin with ");
                line = line.codes(prefixes.iter().map(String::as_str));
            }
            line
        }
        FieldType::Pseudonym => Line::default().strong("a pseudonym").text(
            ": 32 characters, computed from something on your machine with a secret that never leaves it. It links events \
             of this kind from one machine within one month, and nothing else",
        ),
    }
}

/// As [`of_type`], where there is no room for rows of their own.
fn inside(field_type: &FieldType) -> Line {
    match field_type {
        FieldType::Struct(fields) => {
            let mut line = Line::prose("(");
            for (number, field) in fields.iter().enumerate() {
                line = line.text(if number > 0 { "; " } else { "" }).code(&field.name).text(": ");
                line = join(line, inside(&field.field_type));
            }
            line.text(")")
        }
        other => of_type(other),
    }
}

fn one_of(names: &[String]) -> Line {
    match names {
        [only] => Line::prose("always ").code(only),
        names => Line::prose("one of ").codes(names.iter().map(String::as_str)),
    }
}

pub(super) fn join(mut line: Line, other: Line) -> Line {
    line.0.extend(other.0);
    line
}

/// A field and all fields within it: the path of its name, and the field. Values of a list stand behind `[]`.
pub(super) fn rows<'a>(prefix: &str, field: &'a FieldDescriptor) -> Vec<(String, &'a FieldDescriptor)> {
    let path = format!("{prefix}{}", field.name);
    let (suffix, fields) = fields_within(&field.field_type);
    let below = fields.iter().flat_map(|inner| rows(&format!("{path}{suffix}."), inner)).collect::<Vec<_>>();
    std::iter::once((path, field)).chain(below).collect()
}

fn fields_within(field_type: &FieldType) -> (String, &[FieldDescriptor]) {
    match field_type {
        FieldType::Struct(fields) => (String::new(), fields),
        FieldType::Optional(of) => fields_within(of),
        FieldType::Array { of, .. } | FieldType::List { of, .. } => {
            let (suffix, fields) = fields_within(of);
            (format!("[]{suffix}"), fields)
        }
        FieldType::Bool
        | FieldType::Int { .. }
        | FieldType::Unbounded(_)
        | FieldType::Enum(_)
        | FieldType::Variants(_)
        | FieldType::Text { .. }
        | FieldType::OneOf(_)
        | FieldType::CountBucket
        | FieldType::DurationBucket
        | FieldType::Version { .. }
        | FieldType::Os
        | FieldType::OsVersion
        | FieldType::Packages { .. }
        | FieldType::Pseudonym => (String::new(), &[]),
    }
}

/// Says whether a value of this type may hold one that `is` says yes to, without looking into fields of groups: those
/// have rows of their own.
pub(super) fn any(field_type: &FieldType, is: &impl Fn(&FieldType) -> bool) -> bool {
    is(field_type)
        || match field_type {
            FieldType::Optional(of) | FieldType::Array { of, .. } | FieldType::List { of, .. } => any(of, is),
            FieldType::Variants(variants) => {
                variants.iter().filter_map(|variant| variant.field_type.as_ref()).any(|of| match of {
                    FieldType::Struct(fields) => fields.iter().any(|field| any(&field.field_type, is)),
                    of => any(of, is),
                })
            }
            FieldType::Bool
            | FieldType::Int { .. }
            | FieldType::Unbounded(_)
            | FieldType::Enum(_)
            | FieldType::Struct(_)
            | FieldType::Text { .. }
            | FieldType::OneOf(_)
            | FieldType::CountBucket
            | FieldType::DurationBucket
            | FieldType::Version { .. }
            | FieldType::Os
            | FieldType::OsVersion
            | FieldType::Packages { .. }
            | FieldType::Pseudonym => false,
        }
}

/// How close a field comes to a person.
pub(super) fn sensitivity(sensitivity: Sensitivity) -> &'static str {
    match sensitivity {
        Sensitivity::Technical => "technical",
        Sensitivity::Interaction => "interaction",
        Sensitivity::Pseudonymous => "pseudonymous",
        Sensitivity::Personal => "may be personal",
    }
}

/// What makes the program record an event of this kind.
pub(super) fn when(sdk: &SdkDescriptor, event: &EventDescriptor) -> Line {
    match declared_by_sdk(event, Some(sdk)) {
        Some(Daily::Active) => return Line::prose("with the first event of a day"),
        Some(Daily::Health) => return Line::prose("with the next event after some were lost"),
        None => {}
    }
    let name = event.discriminant.as_deref().unwrap_or(&event.event);
    match event.kind {
        Kind::Mount => Line::prose("when the component ").code(name).text(" is rendered"),
        Kind::Call => Line::prose("when the method ").code(name).text(" is called"),
        Kind::Command => Line::prose("when a command has succeeded"),
        Kind::Start => Line::prose("when the program, or this part of it, starts"),
        _ if event.doc.is_empty() => Line::prose("when it happens; its author has not described it further"),
        _ => Line::prose("when it happens, as described above"),
    }
}

/// How often at most an identical event is recorded, and on how many days.
pub(super) fn how_often(sdk: &SdkDescriptor, event: &EventDescriptor) -> Line {
    if declared_by_sdk(event, Some(sdk)).is_some() {
        return Line::prose("at most once per day and installation");
    }
    let mut line = Line::prose(&match event.throttle {
        Throttle::None => "every time".to_owned(),
        Throttle::Daily => "at most once per day with the same values".to_owned(),
        Throttle::RollingHours(hours) => format!("at most once in {hours} hours with the same values"),
    });
    let rate = sdk.sample.min(event.sample);
    if rate <= 0.0 {
        line = line.text("; on no day, because it is switched off by its sampling rate");
    } else if rate < 1.0 {
        let percent = number::float((rate * 100_000.0).round() / 1000.0);
        line = line.text(&format!(
            "; on {percent} % of days: each installation draws once a day, and on the other days it is not recorded"
        ));
    }
    line
}

/// Whose numbers the page tells: bounds, times and files follow from the version of the runtime.
pub(super) fn of_runtime(sdk: &SdkDescriptor) -> Line {
    let known = Line::prose("These numbers are those of version ").code(RUNTIME_VERSION).text(" of the runtime");
    match sdk.runtime.as_str() {
        RUNTIME_VERSION => known.text(", which is in this program."),
        "" => known.text("; what was read does not say which version is in the program."),
        other => known.text("; this program has version ").code(other).text(", whose numbers may be others."),
    }
}

/// `1 event`, `2 events`.
pub(super) fn count(number: usize, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}
