//! What is built for a lock file: `[[build]]` of `telemetry-check.toml`, and a line of `builds` in the lock file.

use serde::Deserialize;

/// The name of the one build of a package that declares none.
pub const DEFAULT_NAME: &str = "default";

/// One way in which programs are built and shipped.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Build {
    /// Its name, by which events say that they are in it.
    pub name: String,
    /// Packages of the workspace, each built by itself; empty: the package beside the lock file.
    pub packages: Vec<String>,
    /// The library, united with those that share its SDK.
    pub lib: bool,
    /// These binaries. Without `lib`, `bins` and `examples`: all binaries, and the library of a package without any.
    pub bins: Vec<String>,
    /// These examples.
    pub examples: Vec<String>,
    /// These features; of several packages each gets those that it has.
    pub features: Vec<String>,
    /// Default features too.
    pub default_features: bool,
    /// A profile of cargo, such as `release`; without one, that of `cargo build`.
    pub profile: Option<String>,
    /// For this target.
    pub target: Option<String>,
}

impl Default for Build {
    fn default() -> Self {
        Self {
            name: DEFAULT_NAME.to_owned(),
            packages: Vec::new(),
            lib: false,
            bins: Vec::new(),
            examples: Vec::new(),
            features: Vec::new(),
            default_features: true,
            profile: None,
            target: None,
        }
    }
}

/// The table `[lock]` of version 1, which had one build without a name.
#[derive(Debug, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Former {
    lib: bool,
    bin: Option<String>,
    example: Option<String>,
    features: Vec<String>,
    default_features: bool,
    release: bool,
    target: Option<String>,
}

impl Default for Former {
    fn default() -> Self {
        let (lib, release, default_features) = (false, false, true);
        Self { lib, bin: None, example: None, features: Vec::new(), default_features, release, target: None }
    }
}

impl From<Former> for Build {
    fn from(former: Former) -> Self {
        let Former { lib, bin, example, features, default_features, release, target } = former;
        Self {
            lib,
            bins: bin.into_iter().collect(),
            examples: example.into_iter().collect(),
            features,
            default_features,
            profile: release.then(|| "release".to_owned()),
            target,
            ..Self::default()
        }
    }
}
