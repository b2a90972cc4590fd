//! What generated code makes the statics of events and SDKs with, where it depends on what a declaration needs.

#[cfg_attr(in_page, path = "statics/needs_page.rs")]
mod needs;

use telemetry_schema::{Kind, Throttle, Wire};

use crate::{
    base::needs::Needs,
    declare::sdk::{
        Sdk,
        meta::{EventMeta, declared::Declared},
    },
};

impl EventMeta {
    /// For generated code. `sample` is between 0 and 1; `expires_day` is `u32::MAX` for events that do not expire. `parts` are
    /// the digests of all that the user is told of.
    #[expect(clippy::too_many_arguments, reason = "a macro writes them")]
    pub const fn new(
        sdk: Sdk,
        record: &'static [u8],
        kind: Kind,
        throttle: Throttle,
        sample: f64,
        expires_day: u32,
        key: u128,
        parts: &[u128],
    ) -> Self {
        let needs = needs::of_event(kind, record);
        Self::that_needs(needs, sdk, record, kind, throttle, sample, expires_day, key, parts)
    }
}

impl Declared {
    /// What the dispatcher knows of it.
    pub const fn meta(&self, record: &'static [u8]) -> EventMeta {
        self.meta_that_needs(needs::of_event(self.kind, record), record)
    }
}

impl Needs {
    /// What an SDK needs.
    pub const fn of_sdk(wire: Wire, is_active: bool, has_health: bool, is_remarkable: bool, record: &[u8]) -> Self {
        needs::of_sdk(wire, is_active, has_health, is_remarkable, record)
    }
}
