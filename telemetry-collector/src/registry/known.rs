//! Manifests as ingest needs them: events by name, with the rate that holds for each.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use telemetry_schema::{Carries, EventDescriptor, SdkDescriptor, Wire, conflicts};

use super::{Added, Entry, Sdk};

/// What one version of an SDK, or all of them together, can send.
#[derive(Debug, Default)]
pub struct Known {
    /// Events of batches by name; several where components share one, or versions differ.
    pub events: HashMap<String, Vec<Arc<KnownEvent>>>,
    /// The events that come as beacon.
    pub beacons: Vec<Arc<KnownEvent>>,
    /// The events that come as report.
    pub reports: Vec<Arc<KnownEvent>>,
    /// Whether batches without id and time are its format.
    pub speaks_strict: bool,
    /// Whether batches with id and time are its format.
    pub speaks_extended: bool,
    /// Whether records of logs are its format: then they have what batches with id and time have.
    pub speaks_otlp: bool,
    /// Whether its service has instances, so that an event may carry the key of one.
    pub knows_instances: bool,
    /// Whether an event may carry an id of its installation.
    pub knows_installations: bool,
}

/// One event that can be sent.
#[derive(Debug)]
pub struct KnownEvent {
    /// Its record.
    pub descriptor: EventDescriptor,
    /// The share of machine-days on which it is recorded: the smaller of its own rate and its SDK's.
    pub rate: f64,
}

pub(super) fn sdk(entry: &Entry) -> Sdk {
    let mut versions: BTreeMap<String, Known> = BTreeMap::new();
    let mut union = Known::default();
    for added in &entry.manifests {
        let events = recordable(added);
        for known in [versions.entry(added.version.clone()).or_default(), &mut union] {
            known.extend(added, &events);
        }
    }
    Sdk {
        name: entry.sdk.as_str().into(),
        is_retired: entry.retired,
        retired_versions: entry.retired_versions.clone(),
        versions,
        union,
    }
}

/// The events that can be recorded: without conflict, and in the sample on some day; each with the SDK that it belongs to.
fn recordable(added: &Added) -> Vec<(SdkDescriptor, Arc<KnownEvent>)> {
    let manifest = &added.manifest;
    let conflicting = conflicts(&manifest.sdks, &manifest.events);
    let of = |sdk: &SdkDescriptor| {
        let events = manifest.events_of(sdk).filter(|event| !conflicting.contains(&event.key()));
        let known = events.map(|event| KnownEvent { descriptor: event.clone(), rate: sdk.sample.min(event.sample) });
        let known = known.filter(|event| event.rate > 0.0);
        known.map(|event| (sdk.clone(), Arc::new(event))).collect::<Vec<_>>()
    };
    manifest.sdks.iter().flat_map(of).collect()
}

impl Known {
    fn extend(&mut self, added: &Added, events: &[(SdkDescriptor, Arc<KnownEvent>)]) {
        for sdk in &added.manifest.sdks {
            self.speaks_strict |= sdk.wire == Wire::EventBatch { strict: true };
            self.speaks_extended |= sdk.wire == Wire::EventBatch { strict: false };
            self.speaks_otlp |= sdk.wire == Wire::Otlp;
            self.knows_instances |= sdk.instance.is_some();
            self.knows_installations |= sdk.identity.is_some();
        }
        for (sdk, event) in events {
            let list = match sdk.wire.carries() {
                Carries::Events | Carries::Records => self.events.entry(event.descriptor.event.clone()).or_default(),
                Carries::Address => &mut self.beacons,
                Carries::Payload => &mut self.reports,
            };
            if !list.iter().any(|known| says_the_same(known, event)) {
                list.push(Arc::clone(event));
            }
        }
    }
}

/// Whether two records allow the same: prose, places and versions aside.
fn says_the_same(a: &KnownEvent, b: &KnownEvent) -> bool {
    a.rate == b.rate
        && a.descriptor.discriminant == b.descriptor.discriminant
        && a.descriptor.fields == b.descriptor.fields
}
