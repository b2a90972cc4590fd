//! Arguments that several commands take: which program is read, and how a result is written.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::failure::Failure;

/// Which program is read: a file, or what cargo builds of the current package.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "What is read")]
pub(crate) struct Source {
    /// A program, shared library or archive, a lock file, or the JSON of `list`; without it the current package is
    /// built.
    #[arg(conflicts_with_all = ["target_of_package", "features", "no_default_features", "release", "profile", "target"])]
    pub(crate) path: Option<PathBuf>,
    /// Builds and reads this binary of the package.
    #[arg(long, value_name = "NAME", group = "target_of_package")]
    pub(crate) bin: Option<String>,
    /// Builds and reads this example of the package.
    #[arg(long, value_name = "NAME", group = "target_of_package")]
    pub(crate) example: Option<String>,
    /// Builds and reads the library, with the libraries of all crates that share its SDK.
    #[arg(long, group = "target_of_package")]
    pub(crate) lib: bool,
    /// Builds this package of the workspace.
    #[arg(short, long, value_name = "NAME")]
    pub(crate) package: Option<String>,
    /// The manifest of the package.
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,
    /// Features to build with; never all of them, because that would turn `no-telemetry` on.
    #[arg(short = 'F', long, value_delimiter = ',', value_name = "FEATURES")]
    pub(crate) features: Vec<String>,
    /// Refused, with the reason.
    #[arg(long, hide = true)]
    pub(crate) all_features: bool,
    /// Builds without default features.
    #[arg(long)]
    pub(crate) no_default_features: bool,
    /// Builds with optimizations.
    #[arg(short, long)]
    pub(crate) release: bool,
    /// Builds with this profile of cargo.
    #[arg(long, value_name = "NAME", conflicts_with = "release")]
    pub(crate) profile: Option<String>,
    /// Builds for this target.
    #[arg(long, value_name = "TRIPLE")]
    pub(crate) target: Option<String>,
    /// Builds and reads all that `telemetry-check.toml` declares, or `telemetry.lock` names, and unites it. `lock` and
    /// `check` do so by themselves.
    #[arg(long, conflicts_with_all = ["path", "target_of_package", "features", "no_default_features", "release", "profile",
        "target"])]
    pub(crate) all_builds: bool,
    /// Builds with the versions in `Cargo.lock`, or fails.
    #[arg(long)]
    pub(crate) locked: bool,
    /// Builds without the network.
    #[arg(long)]
    pub(crate) offline: bool,
    /// Keeps cargo from telling its progress.
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

impl Source {
    /// The features that are named; an empty name says "none" where a lock file has some.
    pub(crate) fn features(&self) -> impl Iterator<Item = &str> {
        self.features.iter().map(|feature| feature.trim()).filter(|feature| !feature.is_empty())
    }

    /// The profile that is named, in either way.
    pub(crate) fn profile(&self) -> Option<&str> {
        self.profile.as_deref().or(self.release.then_some("release"))
    }

    /// The flags that say what is built, as they are written; none where a lock file or a configuration decides.
    pub(crate) fn build_flags(&self) -> Vec<&'static str> {
        let flags = [
            (self.bin.is_some(), "--bin"),
            (self.example.is_some(), "--example"),
            (self.lib, "--lib"),
            (self.package.is_some(), "--package"),
            (!self.features.is_empty(), "--features"),
            (self.no_default_features, "--no-default-features"),
            (self.release, "--release"),
            (self.profile.is_some(), "--profile"),
            (self.target.is_some(), "--target"),
        ];
        flags.into_iter().filter(|(on, _)| *on).map(|(_, flag)| flag).collect()
    }

    /// What cargo is told about its lock file and the network.
    pub(crate) fn lock_options(&self) -> Vec<String> {
        let options = [(self.locked, "--locked"), (self.offline, "--offline")];
        options.into_iter().filter(|(on, _)| *on).map(|(_, option)| option.to_owned()).collect()
    }
}

/// How a result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people; coloured on a terminal.
    Text,
    /// For programs; `docs/audit-formats.md` describes it.
    Json,
    /// For pull requests and pages.
    Markdown,
}

/// `--all-features` is a reflex. It is answered here rather than by "unexpected argument".
pub(crate) fn refuse_all_features(source: &Source) -> Result<(), Failure> {
    if !source.all_features {
        return Ok(());
    }
    Err(Failure::usage("all features would turn `no-telemetry` on, and there would be nothing left to list")
        .with_hint("name the features that your users build with: `--features FEATURES`"))
}
