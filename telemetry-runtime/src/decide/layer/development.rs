//! Layer 8: a library reports from hosts under development, an application from its release builds. Where `sdk!` declares
//! `instance`, the key that the host has set is asked first; else it is not looked at.

use telemetry_schema::{Instance, Role};

use crate::decide::{
    facts::MemoryFacts,
    finding::Finding,
    layer::{AskedFor, Verdict},
    loopback,
};

pub(super) fn ask<A: AskedFor>(facts: &MemoryFacts<'_>) -> A {
    let sdk = facts.sdk;
    if facts.delivers {
        // What was recorded carries the key that was set then; the process that recorded it has asked this layer.
        return A::new(Verdict::Allows, &Finding::AskedBefore, "exit: Detached");
    }
    match (sdk.instance, &facts.options.instance) {
        (Some(Instance::Required), None) => {
            return A::new(Verdict::Off, &Finding::NoInstanceKey, "instance: Required");
        }
        (Some(_), Some(key)) if !key.is_development() => {
            return A::new(Verdict::Off, &Finding::ProductionKey, "Options::instance");
        }
        (Some(_), Some(_)) if sdk.role == Role::Library => {
            return A::new(Verdict::Allows, &Finding::DevelopmentKey, "Options::instance");
        }
        _ => {}
    }
    if loopback::lifts(sdk, facts.options) {
        return A::new(Verdict::Allows, &Finding::Lifted, "Options::loopback");
    }
    let (verdict, value, source) = match (sdk.role, sdk.debug_build) {
        (Role::Library, true) if !facts.environment.is_workshop() && !facts.allow_release => {
            return A::new(Verdict::Off, &Finding::ServedElsewhere, "location");
        }
        (Role::Library, true) => (Verdict::Allows, &Finding::DevelopmentHost, "debug assertions"),
        (Role::Library, false) if facts.allow_release => (Verdict::Allows, &Finding::ReleaseAllowed, "allow_release"),
        (Role::Library, false) => (Verdict::Off, &Finding::ReleaseHost, "debug assertions"),
        (Role::Application, true) => (Verdict::Off, &Finding::DevelopmentBuild, "debug assertions"),
        (Role::Application, false) => (Verdict::Allows, &Finding::ReleaseBuild, "debug assertions"),
    };
    A::new(verdict, value, source)
}
