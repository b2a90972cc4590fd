//! Layer 8: a library reports from hosts under development, an application from its release builds. Where `sdk!` declares
//! `instance`, the key that the host has set is asked first; else it is not looked at.

use telemetry_schema::{Instance, Role};

use crate::decide::{
    facts::MemoryFacts,
    layer::{Answer, Verdict},
    loopback,
};

pub(super) fn ask(facts: &MemoryFacts<'_>) -> Answer {
    let sdk = facts.sdk;
    if facts.delivers {
        // What was recorded carries the key that was set then; the process that recorded it has asked this layer.
        return Answer::new(Verdict::Allows, "asked by the process that recorded", "exit: Detached");
    }
    match (sdk.instance, &facts.options.instance) {
        (Some(Instance::Required), None) => {
            return Answer::new(Verdict::Off, "no development instance key", "instance: Required");
        }
        (Some(_), Some(key)) if !key.is_development() => {
            return Answer::new(Verdict::Off, "production instance key", "Options::instance");
        }
        (Some(_), Some(_)) if sdk.role == Role::Library => {
            return Answer::new(Verdict::Allows, "development instance key", "Options::instance");
        }
        _ => {}
    }
    if loopback::lifts(sdk, facts.options) {
        return Answer::new(Verdict::Allows, "lifted", "Options::loopback");
    }
    let (verdict, value, source) = match (sdk.role, sdk.debug_build) {
        (Role::Library, true) => (Verdict::Allows, "the host is a development build", "debug assertions"),
        (Role::Library, false) if facts.allow_release => (Verdict::Allows, "release build allowed", "allow_release"),
        (Role::Library, false) => (Verdict::Off, "the host is a release build", "debug assertions"),
        (Role::Application, true) => (Verdict::Off, "development build of the application", "debug assertions"),
        (Role::Application, false) => (Verdict::Allows, "release build of the application", "debug assertions"),
    };
    Answer::new(verdict, value, source)
}
