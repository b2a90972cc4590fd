//! What the manifests of an SDK say of an event or a field: the newest one that was added.

use std::sync::Arc;

use cargo_telemetry::words;
use maud::{Markup, html};
use telemetry_schema::{FieldDescriptor, Kind};

use crate::registry::{KnownEvent, Sdk};

/// The records of all events of an SDK.
#[derive(Debug, Default)]
pub(super) struct Definitions(Vec<Arc<KnownEvent>>);

impl Definitions {
    pub(super) fn of(sdk: Option<&Arc<Sdk>>) -> Self {
        let union = sdk.map(|sdk| &sdk.union);
        let events = union.into_iter().flat_map(|known| {
            known.events.values().flatten().chain(&known.beacons).chain(&known.reports).map(Arc::clone)
        });
        Self(events.collect())
    }

    /// The record of an event; the last one that was added, where versions differ.
    pub(super) fn event(&self, name: &str, of: Option<&str>) -> Option<&KnownEvent> {
        let is =
            |known: &&Arc<KnownEvent>| known.descriptor.event == name && known.descriptor.discriminant.as_deref() == of;
        self.0.iter().rev().find(is).map(|known| &**known)
    }

    /// What an event reports; an event that no manifest has any more is one.
    pub(super) fn kind(&self, name: &str, of: Option<&str>) -> Kind {
        self.event(name, of).map_or(Kind::Event, |known| known.descriptor.kind)
    }

    /// The field that a path begins with.
    pub(super) fn field(&self, event: &str, of: Option<&str>, path: &str) -> Option<&FieldDescriptor> {
        let name = path.split('.').next()?;
        self.event(event, of)?.descriptor.fields.iter().find(|field| field.name == name)
    }

    /// Events as the manifest defines them, each with its fields.
    pub(super) fn list<'a>(&self, events: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Markup {
        html! { dl {
            @for (name, of) in events {
                dt { (label(name, of)) }
                @match self.event(name, of) {
                    Some(known) => { dd { (sentence(known)) } @for field in &known.descriptor.fields { dd { (field_line(field)) } } }
                    None => { dd { "No manifest that was added has it." } }
                }
            }
        } }
    }
}

fn sentence(known: &KnownEvent) -> Markup {
    let event = &known.descriptor;
    html! {
        @if !event.doc.is_empty() { (event.doc) " " }
        (words::kind(event.kind)) "; recorded " (words::throttle(event.throttle)) ", on "
        (words::sample(known.rate, 1.0)) "; declared in " (event.crate_name) ", " (event.at) "."
    }
}

/// A field with its type and description.
pub(super) fn field_line(field: &FieldDescriptor) -> Markup {
    html! {
        code { (field.name) } ": " (words::field_type(&field.field_type))
        @if !field.doc.is_empty() { " – " (field.doc) }
    }
}

/// `component_mounted SignIn`
pub(super) fn label(event: &str, of: Option<&str>) -> String {
    of.map_or_else(|| event.to_owned(), |of| format!("{event} {of}"))
}
