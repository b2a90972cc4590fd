//! What a policy file says: `[all]` and `[sdk."name"]`, each with a `mode` that is `"off"` or `"local"`.
//!
//! One grammar for the policy of a machine and for that of a project. There is no word that allows something, so a file can only
//! reduce. What is not understood is off: a misspelt key must not open what it was to close.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::decide::{
    answer::{Answer, Verdict},
    finding::Finding,
};

/// The longest text of the parser that a reason holds, in characters.
const REASON_CHARS: usize = 120;

/// All policies that hold for this process.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Policies {
    /// Where the policy of the machine would be.
    pub(crate) machine_path: String,
    pub(crate) machine: Option<PolicyFile>,
    /// The project files from the working directory upwards.
    pub(crate) project: Vec<PolicyFile>,
}

/// A policy file that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PolicyFile {
    pub(crate) path: String,
    /// What it says, or why that cannot be used.
    pub(crate) content: Result<Policy, String>,
}

impl PolicyFile {
    fn answer(&self, sdk: &str) -> Answer {
        let (verdict, value) = match &self.content {
            Err(reason) => (Verdict::Off, Finding::PolicyUnusable { reason: reason.clone() }),
            Ok(policy) => policy.about(sdk),
        };
        Answer { verdict, value, source: self.path.clone() }
    }
}

/// What these files say of an SDK: the strictest of them, the first where several are equal. `None` where there is none.
pub(crate) fn strictest<'a>(files: impl IntoIterator<Item = &'a PolicyFile>, sdk: &str) -> Option<Answer> {
    let stricter = |one: Answer, next: Answer| if next.verdict > one.verdict { next } else { one };
    files.into_iter().map(|file| file.answer(sdk)).reduce(stricter)
}

/// The content of a policy file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Policy {
    all: Option<Section>,
    #[serde(default)]
    sdk: BTreeMap<String, Section>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    mode: PolicyMode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PolicyMode {
    /// Collect, do not send.
    Local,
    /// Neither.
    Off,
}

impl Policy {
    /// Reads the bytes of a file.
    ///
    /// # Errors
    ///
    /// What is not understood in it, in one line.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        basic_toml::from_slice(bytes).map_err(|error| {
            let text: String = error.to_string().chars().take(REASON_CHARS).collect();
            text.replace(char::is_control, " ")
        })
    }

    /// What it says of an SDK: the stricter of both sections.
    fn about(&self, sdk: &str) -> (Verdict, Finding) {
        let own = self.sdk.get(sdk).map(|section| (section.mode.verdict(), format!("[sdk.\"{sdk}\"]")));
        let all = self.all.as_ref().map(|section| (section.mode.verdict(), "[all]".to_owned()));
        match own.into_iter().chain(all).max_by_key(|(verdict, _)| *verdict) {
            Some((Verdict::Local, section)) => (Verdict::Local, Finding::PolicyLocal { section }),
            Some((verdict, section)) => (verdict, Finding::PolicyOff { section }),
            None => (Verdict::Allows, Finding::PolicySilent),
        }
    }
}

impl PolicyMode {
    fn verdict(self) -> Verdict {
        match self {
            Self::Local => Verdict::Local,
            Self::Off => Verdict::Off,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(text: &str, sdk: &str) -> Result<Verdict, String> {
        Policy::parse(text.as_bytes()).map(|policy| policy.about(sdk).0)
    }

    #[test]
    fn r19_a_policy_can_only_reduce() {
        let both = "[all]\nmode = \"local\"\n[sdk.\"acme-ui\"]\nmode = \"off\"\n";
        assert_eq!((about(both, "acme-ui"), about(both, "other")), (Ok(Verdict::Off), Ok(Verdict::Local)));
        let all = "[all]\nmode = \"off\"\n[sdk.\"acme-ui\"]\nmode = \"local\"\n";
        assert_eq!(about(all, "acme-ui"), Ok(Verdict::Off), "one section opens nothing that the other has closed");
        let one = "# only this one\n[sdk.acme-ui]\nmode = 'off' # bare key, literal string\n";
        assert_eq!((about(one, "acme-ui"), about(one, "acme")), (Ok(Verdict::Off), Ok(Verdict::Allows)));
        assert_eq!(about("", "acme-ui"), Ok(Verdict::Allows), "an empty file says nothing");
    }

    #[test]
    fn r19_what_is_not_understood_is_an_error() {
        for text in [
            "off",
            "mode = \"off\"",
            "[all]",
            "[all]\nmode = \"on\"",
            "[all]\nmode = \"Off\"",
            "[all]\nmode = off",
            "[all]\nmode = true",
            "[all]\nmode = \"off\"\nreason = \"x\"",
            "[al]\nmode = \"off\"",
            "[all]\nmode = \"off\"\n[all]\nmode = \"off\"",
            "[sdk]\nmode = \"off\"",
            "[[all]]\nmode = \"off\"",
            "[all\nmode = \"off\"",
        ] {
            let reason = about(text, "acme-ui").expect_err(text);
            assert!(
                !reason.is_empty() && !reason.contains('\n') && reason.chars().count() <= REASON_CHARS,
                "{reason:?}"
            );
        }
        assert!(Policy::parse(b"[all]\nmode = \"\xff\"").is_err(), "no UTF-8");
    }
}
