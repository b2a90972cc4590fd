//! One event of a batch: its keys beside the payload, and the record that its payload is held against.

use std::{collections::BTreeMap, sync::Arc};

use cargo_telemetry::payload::{self, Payload};
use serde_json::{Map, Value};
use telemetry_schema::Identity;

use super::text;
use crate::{
    clock::Day,
    config::Days,
    reason::Reason,
    registry::{Known, KnownEvent, Sdk},
    store::{Actor, Event, When},
};

/// What a request holds.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// Events that may be kept.
    pub(super) events: Vec<Event>,
    /// How many may not, and why.
    pub(super) refused: BTreeMap<Reason, u64>,
    /// The key of the batch, where the body says it.
    pub(super) key: Option<[u8; 16]>,
}

impl Read {
    pub(super) fn add(&mut self, event: Result<Event, Reason>) {
        match event {
            Ok(event) => self.events.push(event),
            Err(reason) => *self.refused.entry(reason).or_default() += 1,
        }
    }
}

/// What an event needs beside its own bytes.
pub(super) struct Context<'a> {
    pub(super) sdk: &'a Sdk,
    /// Of arrival.
    pub(super) today: Day,
    /// The day that the request says its events have.
    pub(super) day: Option<Day>,
    pub(super) days: &'a Days,
}

impl Context<'_> {
    /// What a version can send, and whether the registry knows it.
    pub(super) fn known(&self, version: &str) -> (&Known, bool) {
        match self.sdk.versions.get(version) {
            Some(known) => (known, true),
            None => (&self.sdk.union, false),
        }
    }

    /// Where an event of this day belongs; of the day of arrival if it has none.
    pub(super) fn when(&self, day: Option<Day>) -> When {
        let Some(day) = day else { return When::On(self.today) };
        if day < self.today.plus(-i32::from(self.days.oldest)) {
            When::TooOld
        } else if day > self.today.plus(i32::from(self.days.newest)) {
            When::TooNew
        } else {
            When::On(day)
        }
    }
}

/// The keys of an event beside the payload, each with the value that it may have.
struct Envelope<'a> {
    id: Option<[u8; 16]>,
    day: Option<Day>,
    rate: Option<f64>,
    actor: Actor,
    is_ephemeral: Option<bool>,
    wrapper: (&'a str, &'a str),
    instance: Option<&'a str>,
    installation: Option<[u8; 16]>,
}

/// Keys that the batches of the first SDKs with this format have, beside `event`, `payload` and, where the
/// SDK has instances, `pk`. `sk` holds the beginning of a
/// secret key: it is never looked at, and never kept.
const STRICT: [&str; 5] = ["cv", "it", "sdk", "sdkv", "sk"];

/// Keys of the extended format, beside the same.
const EXTENDED: [&str; 8] = ["cv", "sdk", "sdkv", "id", "ts", "rate", "actor", "ephemeral"];

/// One event of a batch, if all of it may be kept.
pub(super) fn of_batch(context: &Context<'_>, value: &Value) -> Result<Event, Reason> {
    let keys = value.as_object().ok_or(Reason::WrongType)?;
    let version = string(keys, "cv")?.ok_or(Reason::MissingKey)?;
    if !version.is_empty() && !text::is_crate_version(version) {
        return Err(Reason::BadKey);
    }
    if context.sdk.retired_versions.contains(version) {
        return Err(Reason::Retired);
    }
    let (known, is_version_known) = context.known(version);
    let is_extended = known.speaks_extended && (!known.speaks_strict || keys.contains_key("id"));
    let (allowed, envelope): (&[&str], _) =
        if is_extended { (&EXTENDED, extended(keys)) } else { (&STRICT, strict(keys)) };
    let is_allowed = |key: &str| match key {
        "event" | "payload" => true,
        "pk" => known.knows_instances,
        Identity::KEY => is_extended && known.knows_installations,
        key => allowed.contains(&key),
    };
    if keys.keys().any(|key| !is_allowed(key)) {
        return Err(Reason::UnknownKey);
    }
    let envelope = envelope?;
    let name = string(keys, "event")?.ok_or(Reason::MissingKey)?;
    let candidates = known.events.get(name).ok_or(Reason::UnknownEvent)?;
    let nothing = Map::new();
    let payload = match keys.get("payload") {
        Some(payload) => payload.as_object().ok_or(Reason::WrongType)?,
        None if is_extended => return Err(Reason::MissingKey),
        None => &nothing,
    };
    let (event, payload) = choose(candidates, payload)?;
    let rate = if is_extended { checked_rate(envelope.rate, event.rate)? } else { event.rate };
    Ok(Event {
        id: envelope.id,
        when: context.when(envelope.day.or(context.day)),
        version: version.to_owned(),
        is_version_known: is_version_known || version.is_empty(),
        wrapper: wrapper_of(context, envelope.wrapper),
        instance: envelope.instance.map(str::to_owned),
        installation: envelope.installation,
        actor: envelope.actor,
        is_ephemeral: envelope.is_ephemeral,
        ..kept(event, payload, rate)
    })
}

/// An event of this name and version; what stands beside its payload is put in by the caller. In a format that `tells` the rate
/// wherever it is below 1, one that is absent is 1; else it is that of the record.
pub(super) fn named(
    context: &Context<'_>,
    version: &str,
    name: &str,
    payload: &Map<String, Value>,
    rate: Option<f64>,
    tells: bool,
) -> Result<Event, Reason> {
    let (known, is_version_known) = context.known(version);
    let (event, payload) = choose(known.events.get(name).ok_or(Reason::UnknownEvent)?, payload)?;
    let rate = if tells || rate.is_some() { checked_rate(rate, event.rate)? } else { event.rate };
    Ok(Event {
        version: version.to_owned(),
        is_version_known: is_version_known || version.is_empty(),
        ..kept(event, payload, rate)
    })
}

/// A payload that travels alone, as beacon or report.
pub(super) fn of_payload(
    context: &Context<'_>,
    events: impl Fn(&Known) -> &[Arc<KnownEvent>],
    value: &Value,
) -> Result<Event, Reason> {
    let payload = value.as_object().ok_or(Reason::WrongType)?;
    let said = payload.get("version").and_then(Value::as_str).unwrap_or_default();
    if context.sdk.retired_versions.contains(said) {
        return Err(Reason::Retired);
    }
    let (known, is_version_known) = context.known(said);
    let (event, checked) = choose(events(known), payload)?;
    // It is the SDK's version only where its record calls it one.
    let version = if has_version(event) { said } else { "" };
    Ok(Event {
        when: context.when(context.day),
        version: version.to_owned(),
        is_version_known: is_version_known || version.is_empty(),
        ..kept(event, checked, event.rate)
    })
}

/// The record that allows this payload.
fn choose<'a>(
    candidates: &'a [Arc<KnownEvent>],
    payload: &Map<String, Value>,
) -> Result<(&'a KnownEvent, Payload), Reason> {
    let (event, payload) = payload::choose(candidates, |event| &event.descriptor.fields, payload)?;
    Ok((event, payload))
}

fn has_version(event: &KnownEvent) -> bool {
    let is_version = |field_type: &_| matches!(field_type, telemetry_schema::FieldType::Version { .. });
    event.descriptor.fields.iter().any(|field| field.name == "version" && is_version(&field.field_type))
}

/// What both kinds have in common; the rest as formats without it leave it.
fn kept(event: &KnownEvent, payload: Payload, rate: f64) -> Event {
    Event {
        id: None,
        when: When::TooOld,
        name: event.descriptor.event.clone(),
        discriminant: event.descriptor.discriminant.clone(),
        version: String::new(),
        is_version_known: true,
        wrapper: (String::new(), String::new()),
        instance: None,
        installation: None,
        // Millionths; the smallest rate that is not zero counts as one.
        rate: ((rate * 1e6).round() as u32).clamp(1, 1_000_000),
        actor: Actor::Unsaid,
        is_ephemeral: None,
        payload: payload.json,
        facets: payload.facets,
    }
}

fn strict(keys: &Map<String, Value>) -> Result<Envelope<'_>, Reason> {
    match string(keys, "it")? {
        Some("development") => {}
        Some(_) => return Err(Reason::BadKey),
        None => return Err(Reason::MissingKey),
    }
    Ok(Envelope {
        id: None,
        day: None,
        rate: None,
        actor: Actor::Unsaid,
        is_ephemeral: None,
        wrapper: wrapper(keys)?,
        instance: instance(keys)?,
        installation: None,
    })
}

fn extended(keys: &Map<String, Value>) -> Result<Envelope<'_>, Reason> {
    let id = string(keys, "id")?.ok_or(Reason::MissingKey)?;
    let time = string(keys, "ts")?.ok_or(Reason::MissingKey)?;
    let word = string(keys, "actor")?.ok_or(Reason::MissingKey)?;
    let is_ephemeral = keys.get("ephemeral").ok_or(Reason::MissingKey)?.as_bool().ok_or(Reason::BadKey)?;
    if ["sdk", "sdkv"].iter().any(|key| !keys.contains_key(*key)) {
        return Err(Reason::MissingKey);
    }
    Ok(Envelope {
        id: Some(text::uuid7(id).ok_or(Reason::BadKey)?),
        day: Some(text::day_of_hour(time).ok_or(Reason::BadKey)?),
        rate: keys.get("rate").map(|rate| rate.as_f64().ok_or(Reason::BadKey)).transpose()?,
        actor: actor(word)?,
        is_ephemeral: Some(is_ephemeral),
        wrapper: wrapper(keys)?,
        instance: instance(keys)?,
        installation: string(keys, Identity::KEY)?.map(checked_installation).transpose()?,
    })
}

/// Who ran the program, by the word for it.
pub(super) fn actor(word: &str) -> Result<Actor, Reason> {
    Actor::ALL.into_iter().find(|actor| !word.is_empty() && actor.word() == word).ok_or(Reason::BadKey)
}

/// Name and version of what wraps the SDK; each may be empty or absent.
fn wrapper(keys: &Map<String, Value>) -> Result<(&str, &str), Reason> {
    checked_wrapper(string(keys, "sdk")?.unwrap_or_default(), string(keys, "sdkv")?.unwrap_or_default())
}

/// The same, if they can be that.
pub(super) fn checked_wrapper<'a>(name: &'a str, version: &'a str) -> Result<(&'a str, &'a str), Reason> {
    let is_name = name.is_empty() || text::is_crate_name(name);
    let is_version = version.is_empty() || text::is_crate_version(version);
    if is_name && is_version { Ok((name, version)) } else { Err(Reason::BadKey) }
}

/// As it is kept: a program that nothing wraps says its own name and version once more.
pub(super) fn wrapper_of(context: &Context<'_>, (name, version): (&str, &str)) -> (String, String) {
    if name == &*context.sdk.name { Default::default() } else { (name.to_owned(), version.to_owned()) }
}

fn instance(keys: &Map<String, Value>) -> Result<Option<&str>, Reason> {
    string(keys, "pk")?.map(checked_instance).transpose()
}

/// The key of an instance, if it can be that.
pub(super) fn checked_instance(key: &str) -> Result<&str, Reason> {
    if text::is_development_key(key) { Ok(key) } else { Err(Reason::BadKey) }
}

/// The id of an installation, if it can be that.
pub(super) fn checked_installation(id: &str) -> Result<[u8; 16], Reason> {
    text::installation(id).ok_or(Reason::BadKey)
}

/// The rate that an extended event says; at most the one of its record, and absent only where that is 1.
fn checked_rate(said: Option<f64>, of_record: f64) -> Result<f64, Reason> {
    match said {
        Some(rate) if rate > 0.0 && rate <= of_record && rate < 1.0 => Ok(rate),
        Some(_) => Err(Reason::BadKey),
        None if of_record < 1.0 => Err(Reason::MissingKey),
        None => Ok(1.0),
    }
}

pub(super) fn string<'a>(keys: &'a Map<String, Value>, key: &str) -> Result<Option<&'a str>, Reason> {
    keys.get(key).map(|value| value.as_str().ok_or(Reason::BadKey)).transpose()
}
