//! A program reads its own records: by hand, since readers that are made for each type are most of what a page would load.

use crate::{
    Active, Compress, DefaultConsent, Environment, EventCase, EventDescriptor, Exit, FieldDescriptor, FieldType,
    Health, Identity, Instance, Kind, Level, Notice, Record, Role, SdkDescriptor, Sensitivity, Throttle,
    VariantDescriptor, Wire, WriteOn, json::Json, record::RecordError,
};

/// What reads a field.
type ReadField = fn(&Json) -> Option<FieldDescriptor>;

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

/// The line of a record, before anything is known of it.
pub(super) fn json(record: &[u8]) -> Result<Json, RecordError> {
    Json::parse(super::line(record)?).ok_or(RecordError::Unreadable)
}

fn is(record: &Json, kind: &str) -> bool {
    record.get("record").and_then(Json::text) == Some(kind)
}

/// `None` if it is none of this version.
pub(super) fn record(record: &Json) -> Option<Record> {
    if is(record, "sdk") { sdk(record).map(Record::Sdk) } else { event(record).map(Record::Event) }
}

/// `None` if it is no event of this version.
pub(super) fn event(record: &Json) -> Option<EventDescriptor> {
    // What is copied last: whatever owns memory is given back at each of the ends of a function.
    let kind = record.get("kind")?.word(KIND)?;
    let sample = record.get("sample")?.float()?;
    let throttle = throttle(record.get("throttle")?)?;
    let declaring = record.texts(["crate", "version"])?;
    let others = record.texts_if_any(["doc", "owner", "purpose", "reviewed", "since", "expires"])?;
    let brief = brief_event(record, whole_field)?;
    let [crate_name, version] = declaring.map(str::to_owned);
    let [doc, owner, purpose, reviewed, since, expires] = others.map(|text| text.map(str::to_owned));
    let doc = doc.unwrap_or_default();
    Some(EventDescriptor {
        crate_name,
        version,
        kind,
        doc,
        sample,
        throttle,
        owner,
        purpose,
        reviewed,
        since,
        expires,
        ..brief
    })
}

/// As [`event`], with what names it, what its fields are, its level and its place; the rest is empty.
pub(super) fn brief_event(record: &Json, field: ReadField) -> Option<EventDescriptor> {
    if !is(record, "event") {
        return None;
    }
    let declared_level = record.if_any("level", |level| level.word(LEVEL))?;
    let texts = record.texts(["sdk", "event", "at"])?;
    let [discriminant] = record.texts_if_any(["discriminant"])?;
    let fields = record.get("fields")?.each(field)?;
    let [sdk, event, at] = texts.map(str::to_owned);
    Some(EventDescriptor {
        sdk,
        crate_name: String::new(),
        version: String::new(),
        event,
        discriminant: discriminant.map(str::to_owned),
        kind: Kind::Event,
        doc: String::new(),
        fields,
        sample: 1.0,
        throttle: Throttle::None,
        declared_level,
        owner: None,
        purpose: None,
        reviewed: None,
        since: None,
        expires: None,
        at,
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
    // As in `event`.
    let role = record.get("role")?.word(ROLE)?;
    let default = record.get("default")?.word(DEFAULT)?;
    let wire = wire(record.get("wire")?)?;
    let event_case = record.get("event_case")?.word(EVENT_CASE)?;
    let compress = record.if_any("compress", |compress| compress.word(COMPRESS))?;
    let active = record.if_any("active", |active| active.word(ACTIVE))?;
    let health = record.if_any("health", |health| health.word(HEALTH))?;
    let identity = record.if_any("identity", identity)?;
    let notice = record.get("notice")?.word(NOTICE)?;
    let write_on = record.get("write_on")?.word(WRITE_ON)?;
    let exit = record.get("exit").map_or(Some(Exit::Later), exit)?;
    let instance = record.if_any("instance", |instance| instance.word(INSTANCE))?;
    let sample = record.get("sample")?.float()?;
    let [
        sdk,
        crate_name,
        version,
        env,
        endpoint,
        docs,
        operator,
        contact,
        region,
        retention,
        shared_with,
        transport,
        at,
    ] = record
        .texts([
            "sdk",
            "crate",
            "version",
            "env",
            "endpoint",
            "docs",
            "operator",
            "contact",
            "region",
            "retention",
            "shared_with",
            "transport",
            "at",
        ])?
        .map(str::to_owned);
    let [runtime, repository, command, official_builds] = record
        .texts_if_any(["runtime", "repository", "command", "official_builds"])?
        .map(|text| text.map(str::to_owned));
    let (runtime, repository) = (runtime.unwrap_or_default(), repository.unwrap_or_default());
    let env_aliases = record.or_none("env_aliases", Json::owned)?;
    let environments = record.or_none("environments", |environment| environment.word(ENVIRONMENT))?;
    let envelope = record.get("envelope")?.each(pair)?;
    let headers = record.get("headers")?.each(pair)?;
    let server_sees = record.get("server_sees")?.each(Json::owned)?;
    Some(SdkDescriptor {
        sdk,
        crate_name,
        version,
        runtime,
        repository,
        role,
        default,
        env,
        env_aliases,
        command,
        endpoint,
        wire,
        docs,
        operator,
        contact,
        region,
        retention,
        shared_with,
        event_case,
        compress,
        active,
        health,
        identity,
        notice,
        official_builds,
        environments,
        write_on,
        exit,
        instance,
        sample,
        transport,
        envelope,
        headers,
        server_sees,
        at,
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

/// A field with all that its record says.
fn whole_field(json: &Json) -> Option<FieldDescriptor> {
    let (doc, reason) = (or_empty(json, "doc")?, json.if_any("reason", Json::owned)?);
    Some(FieldDescriptor { doc, reason, ..brief_field(json)? })
}

/// As [`whole_field`], without what its author says of it.
pub(super) fn brief_field(json: &Json) -> Option<FieldDescriptor> {
    let declared_sensitivity = json.if_any("sensitivity", |sensitivity| sensitivity.word(SENSITIVITY))?;
    let (name, field_type) = (json.get("name")?.text()?, field_type(json.get("type")?)?);
    Some(FieldDescriptor { name: name.to_owned(), field_type, doc: String::new(), declared_sensitivity, reason: None })
}

/// The type of any field.
fn field_type(json: &Json) -> Option<FieldType> {
    plain_type(json).or_else(|| rarer_type(json))
}

/// As [`field_type`], of booleans, whole numbers and enums, bare or optional.
fn plain_type(json: &Json) -> Option<FieldType> {
    if json.text() == Some("bool") {
        return Some(FieldType::Bool);
    }
    let [(name, of)] = json.members() else { return None };
    Some(match name.as_str() {
        "int" => FieldType::Int { min: of.get("min")?.signed()?, max: of.get("max")?.signed()? },
        "enum" => FieldType::Enum(of.each(Json::owned)?),
        "optional" => FieldType::Optional(Box::new(plain_type(of)?)),
        _ => return None,
    })
}

fn rarer_type(json: &Json) -> Option<FieldType> {
    if let Some(word) = json.text() {
        return if word == "pseudonym" { Some(FieldType::Pseudonym) } else { FieldType::ready_made(word) };
    }
    let [(name, of)] = json.members() else { return None };
    let number = |name: &str| of.get(name)?.unsigned()?.try_into().ok();
    let boxed = |of: &Json| field_type(of).map(Box::new);
    Some(match name.as_str() {
        "optional" => FieldType::Optional(boxed(of)?),
        "unbounded" => FieldType::Unbounded(of.owned()?),
        "variants" => FieldType::Variants(of.each(variant)?),
        "struct" => FieldType::Struct(of.each(whole_field)?),
        "array" => FieldType::Array { len: number("len")?, of: boxed(of.get("of")?)? },
        "list" => FieldType::List { max: number("max")?, of: boxed(of.get("of")?)? },
        "text" => FieldType::Text { max_len: number("max_len")? },
        "one_of" => FieldType::OneOf(boxed(of)?),
        "version" => FieldType::Version { prefix: or_empty(of, "prefix")? },
        "packages" => FieldType::Packages {
            names: of.or_none("names", Json::owned)?,
            prefixes: of.or_none("prefixes", Json::owned)?,
            max: number("max")?,
        },
        _ => return None,
    })
}

fn variant(json: &Json) -> Option<VariantDescriptor> {
    let field_type = json.if_any("type", field_type)?;
    Some(VariantDescriptor { name: json.text_of("name")?, field_type })
}

fn pair(json: &Json) -> Option<(String, String)> {
    let [first, second] = json.list()? else { return None };
    Some((first.owned()?, second.owned()?))
}

fn or_empty(json: &Json, name: &str) -> Option<String> {
    json.get(name).map_or(Some(String::new()), Json::owned)
}
