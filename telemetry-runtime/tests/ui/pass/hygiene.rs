//! Expansions keep to themselves: no unsafe code, no warning, no name of the author's taken or missed.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unreachable_pub, unused_qualifications, clippy::all, clippy::pedantic)]
#![allow(clippy::needless_pass_by_value, clippy::unnecessary_wraps)]

use telemetry_runtime::Sdk;

/// An SDK.
pub static TELEMETRY: Sdk = telemetry_runtime::sdk! {
    name: "acme-ui",
    role: Library,
    default: On,
    env: "ACME",
    env_aliases: ["ACME_NO_TELEMETRY"],
    endpoint: "https://telemetry.acme.example",
    wire: EventBatch { strict: false },
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
    event_case: "SCREAMING_SNAKE_CASE",
    active: Daily,
    health: Daily,
    builds: Official("ACME_OFFICIAL"),
    environments: [Ci, Test],
};

/// A module in which the names of the prelude mean something else.
pub mod shadows {
    #![allow(dead_code, non_camel_case_types, clippy::pedantic)]

    /// Not the one.
    pub struct Option;
    /// Not the one.
    pub struct Result;
    /// Not the one.
    pub struct String;
    /// Not the one.
    pub struct Some;
    /// Not the one.
    pub struct None;
    /// Not the one.
    pub struct Ok;
    /// Not the one.
    pub struct Sink;
    /// Not the one.
    pub struct Node;
    /// Not the one.
    pub struct Event;
    /// Not the one.
    pub struct usize;
    /// Not the one.
    pub const META: u8 = 7;
    /// Not the one.
    pub const PARTS: u8 = 0;
    /// Not the ones.
    pub mod core {}
    /// Not the ones.
    pub mod std {}
    /// Not the ones.
    pub mod inventory {}

    /// Which one.
    #[derive(telemetry_runtime::TelemetryValue)]
    pub enum Which {
        /// Nothing.
        Nothing,
        /// Something.
        Something {
            /// How.
            how: How,
        },
    }

    /// How.
    #[derive(telemetry_runtime::TelemetryValue)]
    pub enum How {
        /// Somehow.
        Somehow,
    }

    /// Something happened.
    #[telemetry_runtime::telemetry_event]
    pub struct Happened {
        /// Which one.
        pub which: Which,
        /// How many.
        #[telemetry(range = 0..=9)]
        pub count: u8,
    }

    /// Does something.
    #[telemetry_runtime::track_call(props(sink, meta = META > 3))]
    pub fn shadowed(sink: bool) -> bool {
        let _ = META;
        sink
    }
}

/// An event, whose fields and parameters are called like ours.
#[telemetry_runtime::telemetry_event]
pub(crate) struct Opened {
    /// A field.
    pub(crate) sink: bool,
    /// A keyword.
    pub(crate) r#type: bool,
    /// Nobody reads it.
    #[telemetry(skip)]
    pub(crate) local: String,
}

/// Renders.
#[must_use]
#[telemetry_runtime::track_mount(component = "SignIn", props(sink, meta = meta.is_some(), shown = sink && meta.is_none()))]
pub fn sign_in(sink: bool, meta: Option<&str>) -> bool {
    sink && meta.is_some()
}

/// Mentions its parameter in a prop only.
#[telemetry_runtime::track_call(props(session))]
pub fn get_auth(session: Option<u8>) {}

fn main() {
    /// An event in a body.
    #[telemetry_runtime::telemetry_event]
    struct InABody {
        /// A field.
        yes: bool,
    }
    telemetry_runtime::record!(InABody { yes: true });
    telemetry_runtime::record!(Opened { sink: true, r#type: false, local: String::new() });
    telemetry_runtime::record!(shadows::Happened { which: shadows::Which::Nothing, count: 3 });
    telemetry_runtime::record!(shadows::Happened {
        which: shadows::Which::Something { how: shadows::How::Somehow },
        count: 3
    });
    let _ = sign_in(true, None);
    get_auth(None);
    shadows::shadowed(false);
}

#[cfg(test)]
mod tests {
    #[telemetry_runtime::telemetry_event]
    struct OnlyInTests {
        yes: bool,
    }

    #[test]
    fn an_event_of_a_test_is_recorded() {
        telemetry_runtime::record!(OnlyInTests { yes: true });
    }
}
