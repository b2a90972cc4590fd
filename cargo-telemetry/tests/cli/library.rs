//! What is read for a library, and builds without telemetry.

use serde_json::Value;

use crate::{
    kit::{Ended, Package, builds, command, ended},
    packages,
};

/// `acme-next` wraps `acme-core`, which declares the SDK; a third crate has an SDK of its own. The manifest asks for fat LTO,
/// under which libraries hold bitcode.
fn wrapper() -> Package {
    let member = |name: &str, more: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n{}{more}", packages::RUNTIME)
    };
    let package = Package::new(
        "acme-next",
        "[features]\ntheming = []\nno-telemetry = [\"telemetry-runtime/no-telemetry\"]\n\n[dependencies]\n\
         telemetry-runtime = { path = $RUNTIME, default-features = false }\nacme-core.path = \"core\"\n\
         stranger.path = \"stranger\"\n\n[profile.dev]\nlto = \"fat\"\n\n[profile.release]\nlto = \"fat\"\n\n[profile.bench]\n",
    );
    let runtime = format!("'{}'", crate::kit::workspace().join("telemetry-runtime").display());
    // One profile section only: `Package` adds its own.
    let manifest = package.read("Cargo.toml").replacen("[profile.bench]\n", "", 1);
    let manifest = manifest.replacen("[profile.dev]\nlto = \"fat\"\n", "", 1).replacen(
        "[profile.dev]\ndebug = 0",
        "[profile.dev]\nlto = \"fat\"\ndebug = 0",
        1,
    );
    package.write("Cargo.toml", &manifest);
    package.write("core/Cargo.toml", &member("acme-core", "").replace("$RUNTIME", &runtime));
    package.write("stranger/Cargo.toml", &member("stranger", "").replace("$RUNTIME", &runtime));
    let core = packages::SDK
        .replace("\"demo\"", "\"acme\"")
        .replace("{Sdk, record, sdk, telemetry_event}", "{Sdk, sdk, telemetry_event}");
    let in_core =
        "/// The core started.\n#[telemetry_event]\npub struct CoreStarted { /// How.\n    pub again: bool }\n";
    package.write(
        "core/src/lib.rs",
        &format!("//! Core.\n{core}\nmod private {{\n    use super::*;\n{in_core}}}\npub use private::CoreStarted;\n"),
    );
    let strange = packages::SDK
        .replace("\"demo\"", "\"stranger\"")
        .replace("\"DEMO\"", "\"STRANGER\"")
        .replace("{Sdk, record, sdk, telemetry_event}", "{Sdk, sdk, telemetry_event}");
    package
        .write("stranger/src/lib.rs", &format!("//! Another SDK.\n{strange}\n{}", in_core.replace("Core", "Stranger")));
    package.write(
        "src/lib.rs",
        "//! The wrapper.\nuse telemetry_runtime::telemetry_event;\n\n\
         /// A page was rendered.\n#[telemetry_event(sdk = acme_core::TELEMETRY)]\npub struct PageRendered { /// Whether.\n    pub cached: bool }\n\n\
         /// A theme was set.\n#[cfg(feature = \"theming\")]\n#[telemetry_event(sdk = acme_core::TELEMETRY)]\npub struct ThemeSet { /// Whether.\n    pub dark: bool }\n",
    );
    package
}

fn keys(ended: &Ended) -> Vec<String> {
    let list: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{}", ended.stderr));
    list["events"].as_array().unwrap().iter().map(|event| event["key"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_library_is_listed_with_those_that_share_its_sdk_and_with_the_features_of_the_lock_file() {
    let package = wrapper();
    let list = ["list", "--lib", "--format", "json"];
    let plain = package.run(&list);
    assert_eq!(keys(&plain), ["acme/core_started", "acme/page_rendered"], "{}", plain.stderr);
    assert!(plain.stderr.contains("those of `acme` are listed"), "{}", plain.stderr);
    let themed = ["acme/core_started", "acme/page_rendered", "acme/theme_set"];
    assert_eq!(keys(&package.run(&[&list[..], &["--features", "theming"]].concat())), themed);
    assert!(!package.path().join("target").exists());

    // The lock file remembers what was built.
    let locked = package.run(&["lock", "--lib", "--features", "theming"]);
    assert_eq!(locked.code, 0, "{}", locked.stderr);
    let file = package.read("telemetry.lock");
    let build = "  { name = \"default\", lib = true, features = [\"theming\"], default-features = true },\n";
    assert!(file.contains(&format!("builds = [\n{build}]\n")), "{file}");
    let checked = package.run(&["check", "--quiet"]);
    assert_eq!(checked.code, 0, "{}{}", checked.stdout, checked.stderr);
    let without = package.run(&["check", "--quiet", "--features", ""]);
    assert_eq!(without.code, 1);
    assert!(without.stdout.contains("acme/theme_set: the event was removed"), "{}", without.stdout);

    // Compiled without telemetry there is no list, by neither switch.
    let feature = package.run(&["list", "--lib", "--features", "no-telemetry"]);
    assert_eq!((feature.code, feature.stdout.as_str()), (2, ""), "{}", feature.stderr);
    assert!(feature.stderr.contains("without telemetry: a crate of this build sets the feature `no-telemetry`"));
    let _one_at_a_time = builds();
    let mut with_cfg = command(package.path(), &list);
    let cfg = ended(with_cfg.env("RUSTFLAGS", "--cfg no_telemetry").output().unwrap());
    assert_eq!((cfg.code, cfg.stdout.as_str()), (2, ""), "{}", cfg.stderr);
    assert!(cfg.stderr.contains("`--cfg no_telemetry` is among the compiler's flags"), "{}", cfg.stderr);
}
