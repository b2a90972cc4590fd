//! `telemetry-check.toml`: the rules of a project. All of it is optional, and nothing is silently ignored.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{exit_code::ExitCode, failure::Failure, files, finding::Rule, lock::Build};

/// The name of the file, beside the manifest of the package.
pub(crate) const FILE_NAME: &str = "telemetry-check.toml";

/// The shortest reason of an exception, in characters: long enough for a sentence.
const MIN_REASON: usize = 10;

/// The rules of a project.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// What every event must say.
    pub(crate) require: Require,
    /// What is not wanted.
    pub(crate) deny: Deny,
    /// How much an event may carry.
    pub(crate) capacity: Budget,
    /// The committed page.
    pub(crate) page: Option<PageFile>,
    /// The committed JSON Schema.
    pub(crate) schema: Option<SchemaFile>,
    /// What is built and shipped.
    #[serde(rename = "build")]
    pub(crate) builds: Vec<Build>,
    /// Features and binaries that need no build.
    #[serde(rename = "ignore")]
    pub(crate) ignored: Vec<Ignored>,
    /// Exceptions.
    pub(crate) allow: Vec<Allow>,
    /// The path of the file, for messages.
    #[serde(skip)]
    pub(crate) name: String,
}

/// `[require]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Require {
    /// An owner.
    pub(crate) owner: bool,
    /// A link to a review.
    pub(crate) review: bool,
    /// What it is for.
    pub(crate) purpose: bool,
    /// A last day, or `never`.
    pub(crate) expires: bool,
    /// A last day at most so many days ahead; `never` is too far.
    pub(crate) max_expiry_days: Option<u32>,
}

/// `[deny]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Deny {
    /// Free text.
    pub(crate) free_text: bool,
    /// Numbers without bounds.
    pub(crate) unbounded: bool,
    /// Transports of the author's own.
    pub(crate) custom_transport: bool,
    /// Keyed hashes, and ids of the installation.
    pub(crate) pseudonym: bool,
    /// Events whose last day has passed.
    pub(crate) expired: bool,
}

/// `[capacity]`, in bits.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Budget {
    /// Of one event with envelope and request.
    pub(crate) bits_per_event: Option<f64>,
    /// Of the fields of one event.
    pub(crate) payload_bits_per_event: Option<f64>,
    /// Of all that one event may send on one day.
    pub(crate) bits_per_day: Option<f64>,
}

impl Budget {
    /// Whether any budget is set; then the capacity is part of the report.
    pub(crate) fn is_set(&self) -> bool {
        let Self { bits_per_event, payload_bits_per_event, bits_per_day } = self;
        bits_per_event.or(*payload_bits_per_event).or(*bits_per_day).is_some()
    }
}

/// `[page]`: the file that `cargo telemetry docs` has written; paths are relative to the package.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageFile {
    /// The file; `.html` says in which format it is.
    pub(crate) path: PathBuf,
    /// The SDK that it is about.
    pub(crate) sdk: Option<String>,
    /// The file with words of the vendor's own.
    pub(crate) intro: Option<PathBuf>,
}

/// `[schema]`: the file that `cargo telemetry schema` has written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SchemaFile {
    /// The file.
    pub(crate) path: PathBuf,
    /// The SDK that it is about.
    pub(crate) sdk: Option<String>,
}

/// `[[allow]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Allow {
    /// The key of an event, `sdk/event` for all its discriminants, or the name of an SDK.
    pub(crate) event: String,
    /// The rule.
    pub(crate) rule: String,
    /// Why.
    pub(crate) reason: String,
}

/// `[[ignore]]`: a feature or a binary that is in no build.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ignored {
    /// The package; without one, any.
    pub(crate) package: Option<String>,
    /// The feature.
    pub(crate) feature: Option<String>,
    /// The binary.
    pub(crate) bin: Option<String>,
    /// Why.
    pub(crate) reason: String,
}

impl Ignored {
    /// Whether it is about this feature or this binary.
    pub(crate) fn names(&self, package: &str, feature: Option<&str>, bin: Option<&str>) -> bool {
        self.package.as_deref().is_none_or(|name| name == package)
            && self.feature.as_deref() == feature
            && self.bin.as_deref() == bin
    }

    /// It, in words.
    pub(crate) fn what(&self) -> String {
        match (&self.feature, &self.bin) {
            (Some(feature), _) => format!("the feature `{feature}`"),
            (None, Some(bin)) => format!("the binary `{bin}`"),
            (None, None) => "nothing".to_owned(),
        }
    }
}

/// The rules in the file at `path`; none where there is no file, unless it was `named`.
pub(crate) fn read(path: &Path, named: bool) -> Result<Config, Failure> {
    let name = files::shown(path);
    if !named && !path.exists() {
        return Ok(Config { name, ..Config::default() });
    }
    let text = files::text(path, &name)?;
    parse(&text, &name)
}

pub(crate) fn parse(text: &str, name: &str) -> Result<Config, Failure> {
    let wrong = |message: String| Failure::new(ExitCode::Config, format!("{name}: {message}"));
    let mut config: Config = toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        let line = 1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
        match unknown_key(error.message()) {
            Some((key, known)) => {
                let failure = wrong(format!("line {line}: no key `{key}` here"));
                failure.with_hint(suggestion(&key, &known))
            }
            None => wrong(format!("line {line}: {}", error.message().trim_end())),
        }
    })?;
    name.clone_into(&mut config.name);
    builds(&config, &wrong)?;
    for allow in &config.allow {
        let Some(rule) = Rule::ALL.into_iter().find(|rule| rule.id() == allow.rule) else {
            let known: Vec<_> =
                Rule::ALL.into_iter().filter(|rule| rule.has_exceptions()).map(|rule| rule.id().to_owned()).collect();
            let failure = wrong(format!("[[allow]] for `{}`: no rule `{}`", allow.event, allow.rule));
            return Err(failure.with_hint(suggestion(&allow.rule, &known)));
        };
        if !rule.has_exceptions() {
            let failure = wrong(format!("[[allow]] for `{}`: `{}` has no exceptions", allow.event, allow.rule));
            return Err(failure.with_hint("without it the list would not be true: repair what it finds"));
        }
        if allow.reason.trim().chars().count() < MIN_REASON {
            let failure = wrong(format!("[[allow]] for `{}`: the reason is too short", allow.event));
            return Err(failure.with_hint(format!("say in at least {MIN_REASON} characters why this event needs it")));
        }
    }
    Ok(config)
}

fn builds(config: &Config, wrong: &impl Fn(String) -> Failure) -> Result<(), Failure> {
    let mut names = BTreeSet::new();
    for build in &config.builds {
        if build.name.trim().is_empty() || !names.insert(&build.name) {
            let failure = wrong(format!("[[build]]: two builds are named `{}`, or one has no name", build.name));
            return Err(failure.with_hint("give each a name of its own: events say by it which builds they are in"));
        }
    }
    for ignored in &config.ignored {
        if ignored.feature.is_some() == ignored.bin.is_some() {
            let failure = wrong("[[ignore]]: it must name either a feature or a binary".to_owned());
            return Err(failure.with_hint("`feature = \"NAME\"` or `bin = \"NAME\"`"));
        }
        if ignored.reason.trim().chars().count() < MIN_REASON {
            let failure = wrong(format!("[[ignore]] for {}: the reason is too short", ignored.what()));
            return Err(failure.with_hint(format!("say in at least {MIN_REASON} characters why it does not matter")));
        }
    }
    Ok(())
}

/// The key and those that are known, from what serde says.
fn unknown_key(message: &str) -> Option<(String, Vec<String>)> {
    let quoted: Vec<String> =
        message.strip_prefix("unknown field ")?.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    let (key, known) = quoted.split_first()?;
    Some((key.clone(), known.to_vec()))
}

fn suggestion(key: &str, known: &[String]) -> String {
    let closest =
        known.iter().map(|known| (strsim::jaro_winkler(key, known), known)).max_by(|a, b| a.0.total_cmp(&b.0));
    match closest {
        Some((likeness, known)) if likeness > 0.75 => format!("did you mean `{known}`?"),
        _ => format!("known are {}", known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ")),
    }
}
