use serde::Deserialize;

/// What is built when `cargo telemetry lock` or `check` is called without flags: the table `[lock]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Build {
    /// The library, united with those that share its SDK.
    pub lib: bool,
    /// This binary.
    pub bin: Option<String>,
    /// This example.
    pub example: Option<String>,
    /// These features.
    pub features: Vec<String>,
    /// Default features too.
    pub default_features: bool,
    /// With optimizations.
    pub release: bool,
    /// For this target.
    pub target: Option<String>,
}

impl Default for Build {
    fn default() -> Self {
        Self {
            lib: false,
            bin: None,
            example: None,
            features: Vec::new(),
            default_features: true,
            release: false,
            target: None,
        }
    }
}
