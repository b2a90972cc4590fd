//! What a status says of a pause.

use std::fmt;

use serde::{Serializer, ser::SerializeStruct as _};

/// Why nothing is sent at this moment although it might be. `Display` is the text for people.
///
/// The JSON of [`Status::to_json`](crate::Status::to_json) holds that text as `paused`, and beside it `paused_by`: one of the words
/// below, which stay as they are in later versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StatusPause {
    /// `proxy`: a variable is set, but not to the address of a proxy. Nothing is sent until it is.
    #[non_exhaustive]
    Proxy {
        /// The name of the variable.
        variable: &'static str,
    },
    /// Nothing is tried for a while, in any process of this user.
    #[non_exhaustive]
    Breaker {
        /// For how long, in whole seconds.
        seconds: u64,
        /// What the last attempt met.
        reason: PauseReason,
    },
}

/// What the attempt met that was followed by a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PauseReason {
    /// `network`: no connection, or no answer.
    Network,
    /// `blocked`: the server's name has no address, or the server refuses connections.
    Blocked,
    /// `server`: the server could not take the request.
    Server,
    /// `refused`: the server took nothing of a whole upload.
    Refused,
    /// `asked`: the server asked for the pause.
    Asked,
}

impl StatusPause {
    /// The stable word of the JSON: `proxy`, or that of the reason.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Proxy { .. } => "proxy",
            Self::Breaker { reason, .. } => reason.word(),
        }
    }
}

impl PauseReason {
    /// The stable word of the JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Blocked => "blocked",
            Self::Server => "server",
            Self::Refused => "refused",
            Self::Asked => "asked",
        }
    }
}

impl fmt::Display for StatusPause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Proxy { variable } => {
                write!(f, "nothing is sent: {variable} is set, but not to the address of a proxy")
            }
            Self::Breaker { seconds, reason } => write!(f, "nothing is tried for another {seconds} s: {reason}"),
        }
    }
}

impl fmt::Display for PauseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Network => "the server could not be reached",
            Self::Blocked => "the server's name has no address, or the server refuses connections",
            Self::Server => "the server could not take the last request",
            Self::Refused => "the server refused everything it was sent",
            Self::Asked => "the server asked for a pause",
        })
    }
}

/// The keys `paused` and `paused_by` of a status, both null without a pause.
pub(crate) fn keys<S: Serializer>(pause: &Option<StatusPause>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut keys = serializer.serialize_struct("StatusPause", 2)?;
    keys.serialize_field("paused", &pause.map(|pause| pause.to_string()))?;
    keys.serialize_field("paused_by", &pause.map(StatusPause::word))?;
    keys.end()
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use serde_json::{Value, json};

    use super::*;

    #[derive(Serialize)]
    struct Holder(#[serde(serialize_with = "keys")] Option<StatusPause>);

    fn json(pause: Option<StatusPause>) -> Value {
        serde_json::to_value(Holder(pause)).unwrap()
    }

    #[test]
    fn a_pause_has_a_text_for_people_and_a_word_for_programs() {
        let proxy = StatusPause::Proxy { variable: "HTTPS_PROXY" };
        let text = "nothing is sent: HTTPS_PROXY is set, but not to the address of a proxy";
        assert_eq!(json(Some(proxy)), json!({"paused": text, "paused_by": "proxy"}));
        for (reason, word, text) in [
            (PauseReason::Network, "network", "the server could not be reached"),
            (PauseReason::Blocked, "blocked", "the server's name has no address, or the server refuses connections"),
            (PauseReason::Server, "server", "the server could not take the last request"),
            (PauseReason::Refused, "refused", "the server refused everything it was sent"),
            (PauseReason::Asked, "asked", "the server asked for a pause"),
        ] {
            let text = format!("nothing is tried for another 42 s: {text}");
            let pause = StatusPause::Breaker { seconds: 42, reason };
            assert_eq!(json(Some(pause)), json!({"paused": text, "paused_by": word}));
        }
        assert_eq!(json(None), json!({"paused": null, "paused_by": null}));
    }
}
