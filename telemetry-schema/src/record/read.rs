//! A program reads its own records: by hand, since readers that are made for each type are most of what a page would load.

use crate::{
    Active, Compress, DefaultConsent, Environment, EventCase, EventDescriptor, Exit, FieldDescriptor, FieldType,
    Health, Identity, Instance, Kind, Level, Notice, Record, Role, SdkDescriptor, Sensitivity, Throttle,
    VariantDescriptor, Wire, WriteOn, json::Json,
};

/// The words of an enum.
type Words<T> = &'static [(&'static str, T)];

const KIND: Words<Kind> = &[
    ("event", Kind::Event),
    ("mount", Kind::Mount),
    ("call", Kind::Call),
    ("command", Kind::Command),
    ("start", Kind::Start),
    ("counter", Kind::Counter),
];
const LEVEL: Words<Level> = &[("basic", Level::Basic), ("usage", Level::Usage)];
const SENSITIVITY: Words<Sensitivity> = &[
    ("technical", Sensitivity::Technical),
    ("interaction", Sensitivity::Interaction),
    ("pseudonymous", Sensitivity::Pseudonymous),
    ("personal", Sensitivity::Personal),
];
const ROLE: Words<Role> = &[("library", Role::Library), ("application", Role::Application)];
const DEFAULT: Words<DefaultConsent> = &[("on", DefaultConsent::On), ("off", DefaultConsent::Off)];
const EVENT_CASE: Words<EventCase> = &[
    ("lowercase", EventCase::Lower),
    ("UPPERCASE", EventCase::Upper),
    ("PascalCase", EventCase::Pascal),
    ("camelCase", EventCase::Camel),
    ("snake_case", EventCase::Snake),
    ("SCREAMING_SNAKE_CASE", EventCase::ScreamingSnake),
    ("kebab-case", EventCase::Kebab),
    ("SCREAMING-KEBAB-CASE", EventCase::ScreamingKebab),
];
const COMPRESS: Words<Compress> = &[("gzip", Compress::Gzip)];
const ACTIVE: Words<Active> = &[("daily", Active::Daily)];
const HEALTH: Words<Health> = &[("daily", Health::Daily)];
const NOTICE: Words<Notice> =
    &[("next_run", Notice::NextRun), ("same_run", Notice::SameRun), ("host", Notice::Host), ("none", Notice::None)];
const ENVIRONMENT: Words<Environment> = &[("ci", Environment::Ci), ("test", Environment::Test)];
const WRITE_ON: Words<WriteOn> = &[("worker", WriteOn::Worker), ("caller", WriteOn::Caller)];
const INSTANCE: Words<Instance> = &[("optional", Instance::Optional), ("required", Instance::Required)];

/// Reads the line of a record. `None` if it is none of this version.
pub(super) fn line(line: &[u8]) -> Option<Record> {
    let record = Json::parse(line)?;
    match text(&record, "record")?.as_str() {
        "event" => event(&record).map(Record::Event),
        "sdk" => sdk(&record).map(Record::Sdk),
        _ => None,
    }
}

fn event(record: &Json) -> Option<EventDescriptor> {
    Some(EventDescriptor {
        sdk: text(record, "sdk")?,
        crate_name: text(record, "crate")?,
        version: text(record, "version")?,
        event: text(record, "event")?,
        discriminant: if_any(record, "discriminant", owned)?,
        kind: word(record.get("kind")?, KIND)?,
        doc: or_empty(record, "doc")?,
        fields: each(record.get("fields")?, field)?,
        sample: record.get("sample")?.float()?,
        throttle: throttle(record.get("throttle")?)?,
        declared_level: if_any(record, "level", |level| word(level, LEVEL))?,
        owner: if_any(record, "owner", owned)?,
        purpose: if_any(record, "purpose", owned)?,
        reviewed: if_any(record, "reviewed", owned)?,
        since: if_any(record, "since", owned)?,
        expires: if_any(record, "expires", owned)?,
        at: text(record, "at")?,
    })
}

fn throttle(json: &Json) -> Option<Throttle> {
    match json.text() {
        Some("none") => Some(Throttle::None),
        Some("daily") => Some(Throttle::Daily),
        Some(_) => None,
        None => json.get("rolling_hours")?.unsigned_32().map(Throttle::RollingHours),
    }
}

fn sdk(record: &Json) -> Option<SdkDescriptor> {
    Some(SdkDescriptor {
        sdk: text(record, "sdk")?,
        crate_name: text(record, "crate")?,
        version: text(record, "version")?,
        runtime: or_empty(record, "runtime")?,
        repository: or_empty(record, "repository")?,
        role: word(record.get("role")?, ROLE)?,
        default: word(record.get("default")?, DEFAULT)?,
        env: text(record, "env")?,
        env_aliases: or_none(record, "env_aliases", owned)?,
        command: if_any(record, "command", owned)?,
        endpoint: text(record, "endpoint")?,
        wire: wire(record.get("wire")?)?,
        docs: text(record, "docs")?,
        operator: text(record, "operator")?,
        contact: text(record, "contact")?,
        region: text(record, "region")?,
        retention: text(record, "retention")?,
        shared_with: text(record, "shared_with")?,
        event_case: word(record.get("event_case")?, EVENT_CASE)?,
        compress: if_any(record, "compress", |compress| word(compress, COMPRESS))?,
        active: if_any(record, "active", |active| word(active, ACTIVE))?,
        health: if_any(record, "health", |health| word(health, HEALTH))?,
        identity: if_any(record, "identity", identity)?,
        notice: word(record.get("notice")?, NOTICE)?,
        official_builds: if_any(record, "official_builds", owned)?,
        environments: or_none(record, "environments", |environment| word(environment, ENVIRONMENT))?,
        write_on: word(record.get("write_on")?, WRITE_ON)?,
        exit: record.get("exit").map_or(Some(Exit::Later), exit)?,
        instance: if_any(record, "instance", |instance| word(instance, INSTANCE))?,
        sample: record.get("sample")?.float()?,
        transport: text(record, "transport")?,
        envelope: each(record.get("envelope")?, pair)?,
        headers: each(record.get("headers")?, pair)?,
        server_sees: each(record.get("server_sees")?, owned)?,
        at: text(record, "at")?,
    })
}

fn wire(json: &Json) -> Option<Wire> {
    match json.text() {
        Some("beacon") => Some(Wire::Beacon),
        Some("report") => Some(Wire::Report),
        Some("otlp") => Some(Wire::Otlp),
        Some(_) => None,
        None => match json.get("event_batch")?.get("strict")? {
            Json::Bool(strict) => Some(Wire::EventBatch { strict: *strict }),
            _ => None,
        },
    }
}

fn identity(json: &Json) -> Option<Identity> {
    json.get("rotating")?.unsigned()?.try_into().ok().map(Identity::Rotating)
}

fn exit(json: &Json) -> Option<Exit> {
    match json.text() {
        Some("later") => Some(Exit::Later),
        Some("detached") => Some(Exit::Detached),
        Some(_) => None,
        None => json.get("grace")?.unsigned()?.try_into().ok().map(Exit::Grace),
    }
}

fn field(json: &Json) -> Option<FieldDescriptor> {
    Some(FieldDescriptor {
        name: text(json, "name")?,
        field_type: field_type(json.get("type")?)?,
        doc: or_empty(json, "doc")?,
        declared_sensitivity: if_any(json, "sensitivity", |sensitivity| word(sensitivity, SENSITIVITY))?,
        reason: if_any(json, "reason", owned)?,
    })
}

fn field_type(json: &Json) -> Option<FieldType> {
    if let Some(word) = json.text() {
        return match word {
            "bool" => Some(FieldType::Bool),
            "pseudonym" => Some(FieldType::Pseudonym),
            _ => FieldType::ready_made(word),
        };
    }
    let [(name, of)] = json.members() else { return None };
    let number = |name: &str| of.get(name)?.unsigned()?.try_into().ok();
    let boxed = |of: &Json| field_type(of).map(Box::new);
    Some(match name.as_str() {
        "int" => FieldType::Int { min: of.get("min")?.signed()?, max: of.get("max")?.signed()? },
        "unbounded" => FieldType::Unbounded(owned(of)?),
        "enum" => FieldType::Enum(each(of, owned)?),
        "variants" => FieldType::Variants(each(of, variant)?),
        "struct" => FieldType::Struct(each(of, field)?),
        "optional" => FieldType::Optional(boxed(of)?),
        "array" => FieldType::Array { len: number("len")?, of: boxed(of.get("of")?)? },
        "list" => FieldType::List { max: number("max")?, of: boxed(of.get("of")?)? },
        "text" => FieldType::Text { max_len: number("max_len")? },
        "one_of" => FieldType::OneOf(boxed(of)?),
        "version" => FieldType::Version { prefix: or_empty(of, "prefix")? },
        "packages" => FieldType::Packages {
            names: or_none(of, "names", owned)?,
            prefixes: or_none(of, "prefixes", owned)?,
            max: number("max")?,
        },
        _ => return None,
    })
}

fn variant(json: &Json) -> Option<VariantDescriptor> {
    Some(VariantDescriptor { name: text(json, "name")?, field_type: if_any(json, "type", field_type)? })
}

fn pair(json: &Json) -> Option<(String, String)> {
    let [first, second] = json.list()? else { return None };
    Some((owned(first)?, owned(second)?))
}

fn owned(json: &Json) -> Option<String> {
    json.text().map(str::to_owned)
}

fn text(json: &Json, name: &str) -> Option<String> {
    owned(json.get(name)?)
}

fn or_empty(json: &Json, name: &str) -> Option<String> {
    json.get(name).map_or(Some(String::new()), owned)
}

fn word<T: Copy>(json: &Json, words: Words<T>) -> Option<T> {
    let text = json.text()?;
    words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
}

/// A member that may be missing, or `null`.
fn if_any<T>(json: &Json, name: &str, read: impl Fn(&Json) -> Option<T>) -> Option<Option<T>> {
    match json.get(name) {
        None | Some(Json::Null) => Some(None),
        Some(value) => read(value).map(Some),
    }
}

fn each<T>(json: &Json, read: impl Fn(&Json) -> Option<T>) -> Option<Vec<T>> {
    let values = json.list()?;
    let mut all = Vec::with_capacity(values.len());
    for value in values {
        all.push(read(value)?);
    }
    Some(all)
}

/// As [`each`], of a member that may be missing.
fn or_none<T>(json: &Json, name: &str, read: impl Fn(&Json) -> Option<T>) -> Option<Vec<T>> {
    json.get(name).map_or(Some(Vec::new()), |list| each(list, read))
}
