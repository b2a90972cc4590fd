//! A crate may forbid what it likes, `non_upper_case_globals` aside, which `inventory` allows where something is registered.
#![deny(warnings)]
#![allow(dead_code)]
#![forbid(
    unsafe_code,
    deprecated,
    unused_variables,
    unused_mut,
    unused_qualifications,
    unused_assignments,
    unused_parens,
    unused_braces,
    unused_must_use,
    unused_imports,
    unused_attributes,
    unused_macros,
    unused_results,
    unreachable_pub,
    unnameable_types,
    unit_bindings,
    non_local_definitions,
    non_snake_case,
    non_camel_case_types,
    missing_docs,
    missing_debug_implementations,
    trivial_casts,
    let_underscore_drop,
    redundant_lifetimes,
    single_use_lifetimes,
    variant_size_differences
)]

use telemetry_runtime::{Sdk, TelemetryValue, record, sdk, telemetry_event, track_call, track_mount};

/// An SDK.
pub static TELEMETRY: Sdk = sdk! {
    name: "acme-ui",
    role: Library,
    default: On,
    env: "ACME",
    endpoint: "https://telemetry.acme.example",
    wire: EventBatch { strict: false },
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
    active: Daily,
    health: Daily,
};

/// Nothing but its name.
#[derive(Debug)]
#[telemetry_event]
struct Started;

/// How often, for whoever lets the least be recorded.
#[derive(Debug)]
#[telemetry_event(kind = Counter, level = Basic)]
struct Searched {
    found: bool,
}

/// Counted as well, without a field of its own.
#[derive(Debug)]
#[telemetry_event(kind = Counter)]
struct Saved;

/// Something.
#[derive(Debug)]
#[telemetry_event]
struct Opened {
    which: Which,
    #[telemetry(skip)]
    local: u8,
    maybe: Option<bool>,
}

/// Which one.
#[derive(Debug, TelemetryValue)]
enum Which {
    Nothing,
    Held(Held),
    Named {
        yes: bool,
        #[telemetry(skip)]
        local: u8,
    },
}

/// What it holds.
#[derive(Debug, TelemetryValue)]
struct Held {
    kind: Kind,
    #[telemetry(skip)]
    local: u8,
}

/// One of which nobody should use any more.
#[derive(Debug, TelemetryValue)]
enum Kind {
    New,
    /// Nobody makes one.
    #[deprecated]
    Old,
}

/// Renders.
#[track_mount(component = "SignIn", props(theme, dark = theme.is_some_and(|theme| theme == "dark")))]
fn sign_in(theme: Option<&str>) {}

/// Mentions its parameters in props only.
#[track_call(props(session, old = session && cached), level = Basic)]
fn get_auth(session: bool, cached: bool) {}

macro_rules! ending_with {
    ($name:ident, $block:block) => {
        /// The compiler finds no braces too many where a fragment is a block.
        #[track_call(props(twice))]
        fn $name(twice: bool) -> u8 {
            if twice {
                return 2;
            }
            $block
        }
    };
}
ending_with!(once, { 1 });

fn main() {
    record!(Started);
    record!(Searched { found: true });
    record!(Saved);
    for which in [
        Which::Nothing,
        Which::Held(Held { kind: Kind::New, local: 1 }),
        Which::Named { yes: true, local: 1 },
    ] {
        record!(Opened { which, local: 1, maybe: None });
    }
    sign_in(Some("dark"));
    get_auth(true, false);
    assert_eq!(once(false) + once(true), 3);
}
