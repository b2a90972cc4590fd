//! A component library that reports from development projects, modelled on the Clerk SDKs.
//!
//! ```sh
//! cargo run --bin component-sdk
//! ```
//!
//! It sends the six events of @clerk/shared@4.41.0 in the same wire format: `EventBatch { strict: true }`, exactly the
//! keys `event cv it sdk sdkv pk payload`. The names here are Acme's. `docs/compatibility.md` says where the framework is
//! stricter than the model on purpose; the largest difference is visible here: no part of a secret key can be sent.
//!
//! A *publishable* key says whom the library talks to: `pk_test_…` is a development instance, and the library reports,
//! also from a release build; `pk_live_…` is a production instance, and the library is silent.

mod components;
mod events;
mod present;

use std::{env, process::ExitCode, time::Duration};

use telemetry_examples::{Example, print_status};
use telemetry_runtime::{OneOf, Options, Sdk, Version, instance::PublishableKey, record, sdk, wrapper};

use crate::{
    components::{Appearance, acme_middleware, open_sign_in, sign_in},
    events::{ConnectionStatus, Flow, FlowMetadata, FlowStepMounted, FrameworkMetadata, Router, Step, ThemeUsage},
};

/// Usage of the Acme components in development projects.
pub static TELEMETRY: Sdk = sdk! {
    name: "acme-shared",
    role: Library,
    default: On,
    env: "ACME",
    // A real one is https; see the quickstart.
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: true },
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
    event_case: "SCREAMING_SNAKE_CASE",
    instance: Optional,
};

/// The variable in which hosts keep the key of their instance.
const KEY: &str = "ACME_PUBLISHABLE_KEY";

/// The host: a web application that uses the components.
fn program(options: Options) -> ExitCode {
    let key = match PublishableKey::parse(&env::var(KEY).unwrap_or_default()) {
        Ok(key) => key,
        Err(error) => {
            eprintln!("{KEY}: {error}"); // The message repeats nothing of the key.
            return ExitCode::from(2);
        }
    };
    // The library is used through a binding for a framework, which says so: `sdk` and `sdkv` on the wire.
    TELEMETRY.configure(options.instance(key).wrapper(wrapper!("@acme/nextjs")));

    let appearance = Appearance { theme: Some("shadcn".to_owned()), ..Appearance::default() };
    sign_in(None);
    sign_in(Some(&appearance));
    open_sign_in(Some(&appearance));
    acme_middleware(Some(&|path| path.starts_with("/private")), false);
    record!(FrameworkMetadata { router: Router::App, next_version: Version::parse("15.0.0"), turbo: true });
    for theme in ["shadcn", "jane-does-private-theme"] {
        record!(ThemeUsage { theme_name: Some(OneOf::parse(theme)) });
    }
    record!(FlowStepMounted {
        flow: Flow::ConfigureSso,
        step: Step::VerifyDomain,
        metadata: FlowMetadata { connection_status: Some(ConnectionStatus::Unconfigured) },
    });
    record!(FlowStepMounted {
        flow: Flow::ConfigureSso,
        step: Step::Done,
        metadata: FlowMetadata { connection_status: None },
    });

    // For the demo only; see the quickstart.
    match telemetry_runtime::flush(Duration::from_secs(10)) {
        Ok(flushed) => println!("flushed: {} events sent, {} waiting", flushed.sent, flushed.waiting),
        Err(error) => println!("not flushed: {error}"),
    }
    print_status(&TELEMETRY);
    ExitCode::SUCCESS
}

fn main() -> ExitCode {
    Example { variables: &["ACME_TELEMETRY_DISABLED", "ACME_TELEMETRY_DEBUG"], program, present: present::present }
        .main()
}
