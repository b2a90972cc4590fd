//! What a record says, in the words of people who do not write programs.

use telemetry_schema::{
    EventDescriptor, FieldDescriptor, FieldType, Form, Inside, Kind, Level, SdkDescriptor, Sensitivity, Throttle,
    level_of, number,
    ready_made::{OTHER, Values},
};

use super::{Subject, document::Line};
use crate::{
    daily::{Daily, declared_by_sdk},
    limits::RUNTIME_VERSION,
};

/// What a value of this type may be.
pub(super) fn of_type(field_type: &FieldType) -> Line {
    match field_type.form() {
        Form::Bool => Line::prose("`true` or `false`"),
        Form::Int { min, max } if min == max => Line::prose(&format!("always the number {min}")),
        Form::Int { min, max } => Line::prose(&format!(
            "a whole number from {min} to {max}; a larger or smaller one is sent as the nearer end"
        )),
        Form::Unbounded(rust_type) => Line::prose("any whole number of the type ").code(rust_type),
        Form::Enum(names) => one_of(names),
        Form::Variants(variants) => {
            let mut line = Line::prose("one of ");
            for (number, variant) in variants.iter().enumerate() {
                line = if number > 0 { line.text(", ") } else { line }.code(&variant.name);
                if let Some(of) = &variant.field_type {
                    line = join(line.text(" with "), inside(of));
                }
            }
            line
        }
        Form::Struct([]) => Line::prose("a group without values"),
        Form::Struct(_) => Line::prose("a group of the values below"),
        Form::Optional(of) => join(Line::default(), of_type(of)).text("; may be absent"),
        Form::Array { len, of } => join(Line::prose(&format!("exactly {len} values, each ")), of_type(of)),
        Form::List { max, of } => join(Line::prose(&format!("at most {max} values, each ")), of_type(of)),
        Form::Text { max_len } => Line::default().strong("free text").text(&format!(" of at most {max_len} bytes")),
        Form::OneOf(list) => match list.form() {
            Form::Enum(names) => one_of(names).text("; anything else is sent as ").code(OTHER),
            _ => Line::default().code(OTHER),
        },
        Form::ReadyMade(row) => match row.values {
            Values::Names(names) => Line::prose(row.page).text(": one of ").codes(names.iter().copied()),
            Values::Powers | Values::Numbers => Line::prose(row.page),
        },
        Form::Version { prefix } => {
            let line = Line::prose("a version: ");
            let line = if prefix.is_empty() { line } else { line.code(prefix).text(", ") };
            line.prose_after("three numbers, and perhaps a tag such as `beta.1`; unknown tags are sent as ").code(OTHER)
        }
        Form::Packages { names, prefixes, max } => {
            let mut line = Line::prose(&format!("names and versions of at most {max} packages, and only of these: "));
            line = line.codes(names.iter().map(String::as_str));
            if !prefixes.is_empty() {
                line = line.text(if names.is_empty() { "" } else { ", " }).text("names that begin with ");
                line = line.codes(prefixes.iter().map(String::as_str));
            }
            line
        }
        Form::Pseudonym => Line::default().strong("a pseudonym").text(
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
    match field_type.inside() {
        Inside::Fields(fields) => (String::new(), fields),
        Inside::One(of) => fields_within(of),
        Inside::Each(of) => {
            let (suffix, fields) = fields_within(of);
            (format!("[]{suffix}"), fields)
        }
        Inside::Nothing | Inside::Variants(_) => (String::new(), &[]),
    }
}

/// Says whether a value of this type may hold one that `is` says yes to, without looking into fields of groups: those
/// have rows of their own.
pub(super) fn any(field_type: &FieldType, is: &impl Fn(&FieldType) -> bool) -> bool {
    // The names that `OneOf` chooses from are no value of their own.
    let inside = if let FieldType::OneOf(_) = field_type { Inside::Nothing } else { field_type.inside() };
    is(field_type)
        || match inside {
            Inside::One(of) | Inside::Each(of) => any(of, is),
            Inside::Variants(variants) => {
                variants.iter().filter_map(|variant| variant.field_type.as_ref()).any(|of| match of {
                    FieldType::Struct(fields) => fields.iter().any(|field| any(&field.field_type, is)),
                    of => any(of, is),
                })
            }
            Inside::Nothing | Inside::Fields(_) => false,
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
        Kind::Counter => Line::prose("each time it happens; sent once, when the day is over, with how often that was"),
        _ if event.doc.is_empty() => Line::prose("when it happens; its author has not described it further"),
        _ => Line::prose("when it happens, as described above"),
    }
}

/// For whom it is recorded, where there are levels to choose from.
pub(super) fn level(subject: &Subject<'_>, event: &EventDescriptor) -> Option<Line> {
    if !subject.has_levels() {
        return None;
    }
    Some(Line::prose(match level_of(subject.sdk, event) {
        Level::Basic => "`basic`: unless you turned it off",
        Level::Usage => "`usage`: not if you chose `basic`",
    }))
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
