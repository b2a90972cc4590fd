//! Types, rates and kinds as people say them.

use telemetry_schema::{
    DefaultConsent, FieldType, Form, Identity, Kind, Level, Role, SdkDescriptor, Sensitivity, Throttle, number,
    ready_made,
};

/// What a field of this type may hold.
pub fn field_type(of: &FieldType) -> String {
    match of.form() {
        Form::Bool => "true or false".to_owned(),
        Form::Int { min, max } => format!("whole number, {min} to {max}"),
        Form::Unbounded(rust) => format!("whole number without bounds ({rust})"),
        Form::Enum(names) => one_of(names),
        Form::Variants(variants) => {
            let each = variants.iter().map(|variant| match &variant.field_type {
                None => variant.name.clone(),
                Some(of) => format!("{} with ({})", variant.name, field_type(of)),
            });
            one_of(&each.collect::<Vec<_>>())
        }
        Form::Struct(fields) => {
            let each = fields.iter().map(|field| format!("{}: {}", field.name, field_type(&field.field_type)));
            let each = each.collect::<Vec<_>>().join("; ");
            if each.is_empty() { "object without keys".to_owned() } else { format!("object {{ {each} }}") }
        }
        Form::Optional(of) => format!("optional: {}", field_type(of)),
        Form::Array { len, of } => format!("exactly {len} of ({})", field_type(of)),
        Form::List { max, of } => format!("at most {max} of ({})", field_type(of)),
        Form::Text { max_len } => format!("FREE TEXT of at most {max_len} bytes"),
        Form::OneOf(of) => match of.form() {
            Form::Enum(names) if names.iter().any(|name| name == ready_made::OTHER) => one_of(names),
            Form::Enum(names) => format!("{}, or `{}`", one_of(names), ready_made::OTHER),
            _ => format!("{}, or `{}`", field_type(of), ready_made::OTHER),
        },
        Form::ReadyMade(row) => row.words.to_owned(),
        Form::Version { prefix: "" } => "version number".to_owned(),
        Form::Version { prefix } => format!("version number after `{prefix}`"),
        Form::Packages { names, prefixes, max } => {
            let listed = names.iter().cloned().chain(prefixes.iter().map(|prefix| format!("{prefix}…")));
            format!("name and version of at most {max} packages among {}", listed.collect::<Vec<_>>().join(", "))
        }
        Form::Pseudonym => "keyed hash; links events of one machine for a while".to_owned(),
    }
}

fn one_of(names: &[String]) -> String {
    match names {
        [] => "nothing".to_owned(),
        [only] => format!("always `{only}`"),
        several => format!("one of {}", several.join(", ")),
    }
}

/// When an event of this kind is recorded.
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Event => "event",
        Kind::Mount => "component rendered",
        Kind::Call => "method called",
        Kind::Command => "command succeeded",
        Kind::Start => "program started",
        Kind::Counter => "counted over a day",
    }
}

/// How often an identical event is recorded.
pub fn throttle(throttle: Throttle) -> String {
    match throttle {
        Throttle::None => "every time".to_owned(),
        Throttle::Daily => "once a day".to_owned(),
        Throttle::RollingHours(hours) => format!("once in {hours} hours"),
    }
}

/// From which choice of the user on it is recorded.
pub fn level(level: Level) -> String {
    format!("level {}", level.word())
}

/// On how many machine-days it is recorded; the rate of the SDK counts as well.
pub fn sample(event: f64, sdk: f64) -> String {
    let rate = event.min(sdk);
    if rate >= 1.0 { "all machines".to_owned() } else { format!("{} % of machine-days", number::float(rate * 100.0)) }
}

/// The category of a field.
pub(crate) fn sensitivity(sensitivity: Sensitivity) -> &'static str {
    match sensitivity {
        Sensitivity::Technical => "technical",
        Sensitivity::Interaction => "interaction",
        Sensitivity::Pseudonymous => "pseudonymous",
        Sensitivity::Personal => "personal",
    }
}

/// That there is an id, and for how long.
pub(crate) fn identity(identity: Identity) -> String {
    match identity {
        Identity::Rotating(1) => "an id of the installation, another one each day".to_owned(),
        Identity::Rotating(days) => format!("an id of the installation, another one every {days} days"),
    }
}

/// Role, default and receiver in one line.
pub(crate) fn sdk(sdk: &SdkDescriptor) -> String {
    let role = match sdk.role {
        Role::Library => "library",
        Role::Application => "application",
    };
    let default = match sdk.default {
        DefaultConsent::On => "on by default, after a notice",
        DefaultConsent::Off => "off by default",
    };
    format!("{role}; {default}; sends to {} ({})", sdk.endpoint, sdk.wire.words().name)
}

/// `1 event`, `2 events`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
