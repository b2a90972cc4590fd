//! What a layer of the gate found, in words for people and for programs.

use std::fmt;

use serde::{Serializer, ser::SerializeStruct as _};

/// Makes the enum, its words and its texts from one row each. What a text shows beside its words stands in the variant.
macro_rules! findings {
    ($($(#[$doc:meta])* $name:ident $({ $($field:ident: $type:ty),* })? $word:literal $text:literal;)*) => {
        /// What a layer of the gate found. `Display` is the text for people.
        ///
        /// The JSON of [`Status::to_json`](crate::Status::to_json) holds that text as `value`, and beside it `found`: the word of
        /// [`Finding::word`], which stays as it is in later versions.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Finding {
            $($(#[$doc])* $name $({ $(
                #[doc = "As the text shows it."]
                $field: $type
            ),* })?,)*
        }

        impl Finding {
            #[cfg(test)]
            const WORDS: &[&str] = &[$($word),*];

            /// The stable word of the JSON.
            pub const fn word(&self) -> &'static str {
                match self { $(Self::$name $({ $($field: _),* })? => $word,)* }
            }
        }

        impl fmt::Display for Finding {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $(Self::$name $({ $($field),* })? => write!(f, $text),)* }
            }
        }
    };
}

findings! {
    /// Layer 1: nothing left telemetry out.
    CompiledIn "compiled_in" "telemetry is compiled in";
    /// Layer 1: this build has no telemetry.
    CompiledOut "compiled_out" "telemetry is compiled out";
    /// Layer 1: the variable of official builds was set.
    OfficialBuild "official_build" "official build";
    /// Layer 1: the variable of official builds was not set.
    UnofficialBuild "unofficial_build" "not an official build";
    /// Layer 1: the SDK is not declared for pages, and this is one.
    NotForPages "not_for_pages" "not declared for pages";
    /// Layer 2: the host objects to nothing.
    NoVeto "no_veto" "no veto";
    /// Layer 2: the host vetoed every SDK.
    Vetoed "vetoed" "vetoed";
    /// Layer 2: the host has shut telemetry down.
    ShutDown "shut_down" "shut down";
    /// Layer 2: the user decided, and that could not be stored.
    UnstoredDecision "unstored_decision" "a decision that could not be stored";
    /// Layer 2: the host turned this SDK off.
    Disabled "disabled" "disabled";
    /// Layers 3 and 4: a variable turns it off.
    VariableSet { name: String, value: String } "variable_set" "{name}={value}";
    /// Layers 3 and 4: no variable does.
    VariablesUnset { names: String } "variables_unset" "{names} not set";
    /// Layer 4: a page has no variables.
    NoVariables "no_variables" "no variables";
    /// Layers 5 and 6: there is no policy.
    NoPolicy { what: &'static str } "no_policy" "no {what}";
    /// Layers 5 and 6: the policy does not mention this SDK.
    PolicySilent "policy_silent" "does not mention this SDK";
    /// Layers 5 and 6: the policy says to collect and not to send.
    PolicyLocal { section: String } "policy_local" "mode = \"local\" in {section}";
    /// Layers 5 and 6: the policy says no.
    PolicyOff { section: String } "policy_off" "mode = \"off\" in {section}";
    /// Layers 5 and 6: the policy exists and cannot be used.
    PolicyUnusable { reason: String } "policy_unusable" "cannot be used: {reason}";
    /// Layer 7: the program runs with rights that its user does not have.
    RaisedRights "raised_rights" "a program with rights that its user does not have";
    /// Layer 7: root works in the home of another user.
    OthersHome "others_home" "root in another user's home";
    /// Layer 7: a page that nobody sees or that keeps nothing.
    NoPage "no_page" "no page that somebody sees and that keeps anything";
    /// Layers 7 and 8: `Options::loopback` lifts the layer.
    Lifted "lifted" "lifted by `Options::loopback`";
    /// Layer 7: continuous integration.
    Ci "ci" "continuous integration";
    /// Layer 7: a package build.
    PackageBuild "package_build" "package build";
    /// Layer 7: a test run.
    TestRun "test_run" "test run";
    /// Layer 7: none of these.
    OrdinaryPlace "ordinary_place" "neither CI, nor a package build, nor a test run";
    /// Layer 8: this process delivers what another one has recorded.
    AskedBefore "asked_before" "decided by the process that recorded the events";
    /// Layer 8: `instance: Required`, and there is no key.
    NoInstanceKey "no_instance_key" "no development instance key";
    /// Layer 8: the key of a production instance.
    ProductionKey "production_key" "production instance key";
    /// Layer 8: the key of a development instance.
    DevelopmentKey "development_key" "development instance key";
    /// Layer 8: a library in a debug build.
    DevelopmentHost "development_host" "the host is a development build";
    /// Layer 8: a debug build of a page that does not come from this machine.
    ServedElsewhere "served_elsewhere" "a development build that does not come from this machine";
    /// Layer 8: a library in a release build whose host allowed it.
    ReleaseAllowed "release_allowed" "release build allowed";
    /// Layer 8: a library in a release build.
    ReleaseHost "release_host" "the host is a release build";
    /// Layer 8: an application's debug build.
    DevelopmentBuild "development_build" "development build of the application";
    /// Layer 8: an application's release build.
    ReleaseBuild "release_build" "release build of the application";
    /// Layer 9: the server has stopped this version.
    ServerStopped "server_stopped" "answered 410: stop";
    /// Layer 9: it has not.
    ServerSilent "server_silent" "has not asked to stop";
    /// Layer 10: there is no folder to keep a decision in.
    NoFolder "no_folder" "no folder to keep a decision in";
    /// Layer 10: a decision exists and cannot be read.
    ConsentUnreadable "consent_unreadable" "cannot be read";
    /// Layer 10: the user decided nothing.
    Undecided "undecided" "undecided";
    /// Layer 10: the user said yes.
    UserOn "user_on" "on";
    /// Layer 10: the user said to collect and not to send.
    UserLocal "user_local" "local";
    /// Layer 10: the user said no.
    UserOff "user_off" "off";
    /// Layer 11: on for who decided nothing.
    DefaultOn "default_on" "on";
    /// Layer 11: off for who decided nothing.
    DefaultOff "default_off" "off: opt-in";
    /// Layer 11: a page in production, where nothing is on by default.
    DefaultOptIn "default_opt_in" "off: a page in production is opt-in";
    /// Layer 11: the user has decided, or cannot.
    DefaultUnasked "default_unasked" "not asked: the stored consent decides";
    /// Before all layers: the silent child of a fork.
    ForkedChild "forked_child" "a forked child, which records nothing";
}

/// The keys `value` and `found` of a decision.
pub(crate) fn keys<S: Serializer>(value: &Finding, serializer: S) -> Result<S::Ok, S::Error> {
    let mut keys = serializer.serialize_struct("Finding", 2)?;
    keys.serialize_field("value", &value.to_string())?;
    keys.serialize_field("found", value.word())?;
    keys.end()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::decide::layer::{Answer, Layer, LayerDecision, Verdict};

    #[test]
    fn each_finding_has_a_word_of_its_own() {
        let words: BTreeSet<_> = Finding::WORDS.iter().collect();
        assert_eq!(words.len(), Finding::WORDS.len(), "{words:?}");
        assert!(
            words.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')),
            "{words:?}"
        );
    }

    #[test]
    fn the_json_has_the_text_for_people_and_the_word_for_programs() {
        let found = Finding::VariableSet { name: "ACME_TELEMETRY_DISABLED".to_owned(), value: "1".to_owned() };
        let decision = LayerDecision::new(
            Layer::Variables,
            Answer { verdict: Verdict::Off, value: found, source: "environment".to_owned() },
        );
        let expected = json!({
            "number": 4,
            "name": "variables",
            "verdict": "off",
            "value": "ACME_TELEMETRY_DISABLED=1",
            "found": "variable_set",
            "source": "environment",
        });
        assert_eq!(serde_json::to_value(decision).unwrap(), expected);
    }
}
