//! One host that embeds two SDKs, and the one call with which it turns off both.
//!
//! ```sh
//! cargo run --bin two-sdks
//! ```
//!
//! The SDKs would be crates of their own, from two vendors. Here they are two modules, which is why the attributes say
//! `sdk = …`: by default they look for `crate::TELEMETRY`. Each SDK has a notice, variables, consent and a folder of its
//! own. The host's veto reaches all of them, also SDKs that it does not know to be in its dependencies.

use std::{env, process::ExitCode, time::Duration};

use telemetry_examples::{
    Example, NotAsSaid, Stage, ensure, print_status, section, show_inventory, show_notice, show_received,
};
use telemetry_runtime::{Options, record};

/// The SDK of a first vendor.
mod first {
    use telemetry_runtime::{Sdk, sdk, track_mount};

    /// Usage of the Acme components.
    pub(crate) static TELEMETRY: Sdk = sdk! {
        name: "acme-ui",
        role: Library,
        default: On,
        env: "ACME",
        // A real one is https; see the quickstart.
        endpoint: "http://127.0.0.1:4318",
        wire: EventBatch { strict: false },
        docs: "https://acme.example/telemetry",
        operator: "Acme Inc.",
        contact: "privacy@acme.example",
        region: "EU",
        retention: "90 days",
        shared_with: "nobody",
    };

    /// Renders the sign-in form.
    #[track_mount(sdk = crate::first::TELEMETRY, props(theme))]
    pub(crate) fn sign_in(theme: Option<&str>) {
        println!("renders the sign-in form in {}", theme.unwrap_or("plain"));
    }
}

/// The SDK of a second vendor, with another wire format.
mod second {
    use telemetry_runtime::{CountBucket, Sdk, sdk, telemetry_event};

    /// Usage of the Globex charts.
    pub(crate) static TELEMETRY: Sdk = sdk! {
        name: "globex-charts",
        role: Library,
        default: On,
        env: "GLOBEX",
        endpoint: "http://127.0.0.1:4319",
        wire: EventBatch { strict: true },
        docs: "https://globex.example/telemetry",
        operator: "Globex",
        contact: "privacy@globex.example",
        region: "US",
        retention: "30 days",
        shared_with: "nobody",
        event_case: "SCREAMING_SNAKE_CASE",
    };

    /// A chart was drawn.
    #[telemetry_event(sdk = crate::second::TELEMETRY)]
    pub(crate) struct ChartDrawn {
        /// How many points it has, rounded down to a power of two.
        pub(crate) points: CountBucket,
    }
}

/// The argument with which the host vetoes everything.
const VETO: &str = "--veto";
/// The argument with which the host turns off one of the two.
const NO_CHARTS: &str = "--no-chart-telemetry";

/// The host.
fn program(options: Options) -> ExitCode {
    first::TELEMETRY.configure(options.clone());
    second::TELEMETRY.configure(options);

    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == VETO) {
        telemetry_runtime::veto_all();
    }
    if arguments.iter().any(|argument| argument == NO_CHARTS) {
        second::TELEMETRY.configure(Options::new().enabled(false));
    }

    first::sign_in(Some("dark"));
    record!(second::ChartDrawn { points: telemetry_runtime::CountBucket::of(1000) });

    // For the demo only; see the quickstart.
    match telemetry_runtime::flush(Duration::from_secs(10)) {
        Ok(flushed) => println!("flushed: {} events sent, {} waiting", flushed.sent, flushed.waiting),
        Err(error) => println!("not flushed: {error}"),
    }
    print_status(&first::TELEMETRY);
    print_status(&second::TELEMETRY);
    ExitCode::SUCCESS
}

fn present(example: &Example) -> Result<(), NotAsSaid> {
    section("1. What this host can record, and what its users are told: two SDKs, two notices");
    show_inventory()?;
    for sdk in [first::TELEMETRY, second::TELEMETRY] {
        println!();
        show_notice(&sdk.notice());
    }

    section("2. Both SDKs report");
    let stage = Stage::new(example)?;
    stage.run(&[]).shown()?;
    println!("\n  What arrived; here one server plays the servers of both vendors:\n");
    let received = stage.received();
    show_received(&received);
    for agent in ["acme-ui/", "globex-charts/"] {
        let from_it = |value: Option<&str>| value.is_some_and(|value| value.starts_with(agent));
        let requests = received.iter().filter(|request| from_it(request.header("user-agent"))).count();
        ensure(requests == 1, &format!("one request came from {agent}"))?;
    }

    section("3. The host turns off one SDK: Options::new().enabled(false)");
    let stage = Stage::new(example)?;
    stage.run(&[NO_CHARTS]).shown()?;
    let received = stage.received_in_the_end();
    let agents: Vec<_> = received.iter().filter_map(|request| request.header("user-agent")).collect();
    println!("\n  Requests came from: {}", agents.join(", "));
    ensure(agents.len() == 1 && agents[0].starts_with("acme-ui/"), "the other SDK reports as before")?;

    section("4. The host vetoes all telemetry: veto_all()");
    let stage = Stage::new(example)?;
    stage.run(&[VETO]).shown()?;
    stage.assert_nothing()
}

fn main() -> ExitCode {
    Example {
        variables: &[
            "ACME_TELEMETRY_DISABLED",
            "ACME_TELEMETRY_DEBUG",
            "GLOBEX_TELEMETRY_DISABLED",
            "GLOBEX_TELEMETRY_DEBUG",
        ],
        program,
        present,
    }
    .main()
}
