//! Layers 1, 2 and 8: how the program was built, and what the host said.

use telemetry_schema::{Instance, Role};

use crate::{
    decide::{
        layer::{Layer, Verdict},
        options::Options,
        settings::Settings,
    },
    declare::sdk::Sdk,
};

/// Layer 1: SDKs that report from official builds only.
pub(super) fn compiled(sdk: Sdk) -> Layer {
    match sdk.info.official_build {
        Some((variable, false)) => Layer::new(
            1,
            "build",
            Verdict::Off,
            "not an official build",
            format!("{variable} was not set at build time"),
        ),
        Some((variable, true)) => {
            Layer::new(1, "build", Verdict::Allows, "official build", format!("{variable} was set at build time"))
        }
        None => Layer::new(1, "build", Verdict::Allows, "telemetry is compiled in", "cargo features"),
    }
}

/// Layer 2: the host's veto.
pub(super) fn vetoed(options: &Options, refused: bool) -> Layer {
    if telemetry_veto::is_vetoed() {
        Layer::new(2, "host veto", Verdict::Off, "vetoed", "veto_all()")
    } else if crate::base::ended::is_shut_down() {
        Layer::new(2, "host veto", Verdict::Off, "shut down", "shutdown()")
    } else if refused {
        Layer::new(2, "host veto", Verdict::Off, "a decision that could not be stored", "set_consent()")
    } else if options.enabled == Some(false) {
        Layer::new(2, "host veto", Verdict::Off, "disabled", "Options::enabled(false)")
    } else {
        Layer::new(2, "host veto", Verdict::Allows, "no veto", "host")
    }
}

/// Layer 8: a library reports from hosts under development, an application from its release builds, and with
/// `instance: Required` either only with the key of a development instance.
pub(super) fn development(sdk: Sdk, settings: &Settings, lifted: bool) -> Layer {
    let layer = |verdict, value: &str, source: &str| Layer::new(8, "development", verdict, value, source);
    if settings.delivers {
        // What was recorded carries the key that was set then; the process that recorded it has asked this layer.
        return layer(Verdict::Allows, "asked by the process that recorded", "exit: Detached");
    }
    let required = sdk.info.instance == Some(Instance::Required);
    match (sdk.info.role, &settings.options.instance) {
        (_, None) if required => {
            return layer(Verdict::Off, "no development instance key", "instance: Required");
        }
        (role, Some(key)) if !key.is_development() && (required || role == Role::Library) => {
            return layer(Verdict::Off, "production instance key", "Options::instance");
        }
        (Role::Library, Some(_)) => return layer(Verdict::Allows, "development instance key", "Options::instance"),
        _ => {}
    }
    if lifted {
        return layer(Verdict::Allows, "lifted", "Options::loopback");
    }
    match (sdk.info.role, sdk.info.debug_build) {
        (Role::Library, true) => layer(Verdict::Allows, "the host is a development build", "debug assertions"),
        (Role::Library, false) if settings.allow_release => {
            layer(Verdict::Allows, "release build allowed", "allow_release")
        }
        (Role::Library, false) => layer(Verdict::Off, "the host is a release build", "debug assertions"),
        (Role::Application, true) => layer(Verdict::Off, "development build of the application", "debug assertions"),
        (Role::Application, false) => layer(Verdict::Allows, "release build of the application", "debug assertions"),
    }
}
