//! What a telemetry event is, without any I/O.
//!
//! One event type is described three times, always by the same text: as the *record* (bytes inside the binary, written
//! at compile time, see [`record`]), as the *descriptor* (the record parsed, [`EventDescriptor`], [`SdkDescriptor`]), and
//! in the *manifest* (all descriptors of a program as one JSON document, [`Manifest`]). The [`digest`] module says which
//! part of a descriptor a user agrees to.
//!
//! Records are written by the macros of `telemetry-macros` with the const functions of [`node`]; they are read by the
//! running program and by tools that never run it. `docs/event-record.md` describes the bytes for readers in other
//! languages.
//!
//! Descriptors come from records and from JSON, and later versions may add fields to them. The feature `exhaustive` is for the
//! tools that are released together with this crate: with it a descriptor can be taken apart field by field, and a new field
//! stops the compiler wherever somebody has to decide about it. Without it:
//!
#![cfg_attr(not(feature = "exhaustive"), doc = "```compile_fail,E0638")]
#![cfg_attr(feature = "exhaustive", doc = "```ignore")]
//! let variant = telemetry_schema::VariantDescriptor::new("done", None);
//! let telemetry_schema::VariantDescriptor { name, field_type } = variant;
//! ```
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)
)]

mod belongs;
mod conflict;
pub mod cut;
pub mod digest;
mod event;
mod field;
pub mod json;
pub mod limits;
mod manifest;
pub mod node;
pub mod notice;
pub mod number;
pub mod order;
pub mod otlp;
pub mod ready_made;
pub mod record;
mod sdk;
mod sensitivity;
pub mod sha256;
pub mod shown;
mod wire;

pub use belongs::level_of;
pub use conflict::conflicts;
pub use event::{COUNT, EventDescriptor, Kind, Level, Throttle};
pub use field::{FieldDescriptor, FieldType, Form, Inside, InsideMut, VariantDescriptor};
pub use manifest::{MANIFEST_VERSION, Manifest};
pub use record::{Record, RecordError};
pub use sdk::{
    Active, Compress, DefaultConsent, Environment, EventCase, Exit, Health, Identity, Instance, Notice, Role,
    SdkDescriptor, WriteOn,
};
pub use sensitivity::Sensitivity;
pub use wire::{Carries, Wire, WireFormat, WireWords};
