//! The one setting of cargo's configuration that cargo tells nobody: whether a target is configured.

use std::path::{Path, PathBuf};

use serde::Deserialize;

#[derive(Deserialize)]
struct Config {
    build: Option<Build>,
}

#[derive(Deserialize)]
struct Build {
    target: Option<toml::Value>,
}

/// Whether cargo builds for a target that is named, even if no flag names one. Then programs lie in a folder of that
/// target, apart from what is built for the compiler.
pub(super) fn names_target() -> bool {
    if std::env::var_os("CARGO_BUILD_TARGET").is_some_and(|target| !target.is_empty()) {
        return true;
    }
    let here = std::env::current_dir().unwrap_or_default();
    let beside = here.ancestors().map(|folder| folder.join(".cargo"));
    beside
        .chain(home())
        .any(|folder| ["config.toml", "config"].iter().any(|name| file_names_target(&folder.join(name))))
}

fn home() -> Option<PathBuf> {
    std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
}

/// A file that cannot be read is cargo's to complain about.
fn file_names_target(path: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(path) else { return false };
    toml::from_str::<Config>(&text).is_ok_and(|config| config.build.is_some_and(|build| build.target.is_some()))
}
