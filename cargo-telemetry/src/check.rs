//! The gate of a CI: lock file, rules, conflicts and generated pages.

mod baseline;
pub(crate) mod capacity;
mod date;
mod exceptions;
mod generated;
mod governance;
mod locked;
mod types;

use std::collections::BTreeSet;

use telemetry_schema::{EventDescriptor, Manifest, SdkDescriptor, conflicts};

pub(crate) use self::{
    baseline::Baseline,
    date::Day,
    generated::check as generated,
    locked::{LockState, check as lock},
};
use crate::{
    config::Config,
    daily,
    finding::{Finding, Rule},
    lock::Builds,
    programs::Read,
};

/// Applies all rules of `config` that look at events and SDKs, and the exceptions to them. `manifest` is the union of all
/// programs; what matters within one program only is looked for in each.
pub(crate) fn rules(read: &Read, config: &Config, today: Day) -> Vec<Finding> {
    let manifest = &read.manifest;
    let mut findings = Vec::new();
    for event in &manifest.events {
        // What `sdk!` declares has no attribute that could name an owner: who answers for it is the SDK's operator.
        if daily::declared_by_sdk(event, sdk_of(event, manifest)).is_none() {
            governance::check(event, config, today, &mut findings);
        }
        types::check_event(event, config, &mut findings);
        capacity_budget(event, manifest, config, &mut findings);
    }
    for sdk in &manifest.sdks {
        types::check_sdk(sdk, config, &mut findings);
    }
    without_events(manifest, &mut findings);
    findings.extend(in_each(read, |manifest| {
        let mut findings = Vec::new();
        same_names(manifest, &mut findings);
        findings
    }));
    exceptions::apply(findings, config)
}

/// Keys of which a program has several schemas, or that the wire format has no room for: it records none of them. Other
/// programs may have another schema under the same key.
pub(crate) fn conflicting(read: &Read) -> Vec<Finding> {
    in_each(read, conflicts_in)
}

/// What is found in single programs, each finding once; with the builds where not all have it.
fn in_each(read: &Read, find: impl Fn(&Manifest) -> Vec<Finding>) -> Vec<Finding> {
    let mut found: Vec<(Finding, Builds)> = Vec::new();
    for program in &read.programs {
        for finding in find(&program.manifest) {
            match found.iter_mut().find(|(known, _)| *known == finding) {
                Some((_, builds)) => drop(builds.insert(program.build.clone())),
                None => found.push((finding, Builds::from([program.build.clone()]))),
            }
        }
    }
    let all: Builds = read.programs.iter().map(|program| program.build.clone()).collect();
    let named = |(finding, builds): (Finding, Builds)| if builds == all { finding } else { finding.in_builds(builds) };
    found.into_iter().map(named).collect()
}

fn conflicts_in(manifest: &Manifest) -> Vec<Finding> {
    let of = |key: &String| {
        let places: Vec<_> = manifest.events.iter().filter(|event| event.key() == *key).collect();
        let at = places.first().map(|event| event.at.clone()).unwrap_or_default();
        let others = places.iter().skip(1).filter(|event| !event.at.is_empty()).map(|event| event.at.as_str());
        let others = others.collect::<Vec<_>>().join(", ");
        let (message, repair) = if places.len() > 1 {
            let also = if others.is_empty() { String::new() } else { format!(" (also {others})") };
            (
                format!("different schemas have this key{also}, so none of them is recorded"),
                "give one of them another name, or another discriminant",
            )
        } else {
            (
                "the wire format has room for one event, and this SDK has several, so none is recorded".to_owned(),
                "keep one event, or choose `wire: EventBatch`",
            )
        };
        Finding::new(Rule::Conflict, message, repair).of_event(key).at(&at)
    };
    conflicts(&manifest.sdks, &manifest.events).iter().map(of).collect()
}

/// Names that several SDKs with different destinations have: one decision of the user for all of them, and whoever reads the
/// name cannot say where its events go.
fn same_names(manifest: &Manifest, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for sdk in &manifest.sdks {
        let places = |sdk: &SdkDescriptor| format!("{} ({} {})", sdk.endpoint, sdk.crate_name, sdk.version);
        let others: Vec<_> = manifest.same_named(sdk).map(places).collect();
        if others.is_empty() || !seen.insert(&sdk.sdk) {
            continue;
        }
        let message = format!(
            "{} SDKs have this name and send to different places: {}, {}",
            others.len() + 1,
            places(sdk),
            others.join(", ")
        );
        let repair = "let all versions in one program send to one place, or give one of them another name";
        findings.push(Finding::new(Rule::SameName, message, repair).of_event(&sdk.sdk).at(&sdk.at));
    }
}

/// SDKs that are declared here while none of their events is: a list without events looks like a promise.
fn without_events(manifest: &Manifest, findings: &mut Vec<Finding>) {
    for sdk in manifest.sdks.iter().filter(|sdk| manifest.events_of(sdk).next().is_none()) {
        let message = "the SDK is declared, and what was read holds none of its events";
        let repair = "read the program or library that declares them (features, `--lib`), take out the declaration, or \
                      allow it in telemetry-check.toml";
        findings.push(Finding::new(Rule::SdkWithoutEvents, message, repair).of_event(&sdk.sdk).at(&sdk.at));
    }
}

fn capacity_budget(event: &EventDescriptor, manifest: &Manifest, config: &Config, findings: &mut Vec<Finding>) {
    let capacity = capacity::of(event, sdk_of(event, manifest), manifest);
    let budget = &config.capacity;
    let repair = "narrow ranges, lists or texts, drop fields, or raise the budget in telemetry-check.toml";
    let mut compare = |rule, what: &str, bits: Option<f64>, budget: Option<f64>| {
        if let (Some(bits), Some(budget)) = (bits, budget)
            && bits > budget
        {
            let message = format!("may carry {} bits {what}; the budget is {budget}", capacity::rounded(bits));
            findings.push(Finding::new(rule, message, repair).of_event(&event.key()).at(&event.at));
        }
    };
    compare(Rule::CapacityEvent, "per event", Some(capacity.event()), budget.bits_per_event);
    compare(Rule::CapacityPayload, "in its payload", Some(capacity.payload), budget.payload_bits_per_event);
    compare(Rule::CapacityDay, "per day", capacity.day(), budget.bits_per_day);
}

/// The SDK that an event belongs to, where it is declared in the same program.
pub(crate) fn sdk_of<'a>(event: &EventDescriptor, manifest: &'a Manifest) -> Option<&'a SdkDescriptor> {
    manifest.sdks_of(event).next()
}
