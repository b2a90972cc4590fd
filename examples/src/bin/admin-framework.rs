//! A framework that tells once per run how it is set up, modelled on Refine core.
//!
//! ```sh
//! cargo run --bin admin-framework
//! ```
//!
//! It sends what @refinedev/core@5.0.12 sends, in the same wire format: `Beacon`, one `GET` with the payload in the
//! address. The event has `kind = Start`, and the format has room for one event per run: mounting the framework twice
//! sends nothing twice, which the model does. `docs/compatibility.md` lists all differences.

use std::{process::ExitCode, time::Duration};

use telemetry_examples::{
    Example, NotAsSaid, Stage, ensure, print_status, section, show_inventory, show_notice, show_received,
};
use telemetry_runtime::{Options, Sdk, TelemetryValue, Version, record, sdk, telemetry_event};

/// How projects set up the Acme admin framework.
pub static TELEMETRY: Sdk = sdk! {
    name: "acme-admin",
    role: Library,
    default: On,
    env: "ACME",
    env_aliases: ["ACME_NO_TELEMETRY"],
    // A real one is https; see the quickstart.
    endpoint: "http://127.0.0.1:4318",
    wire: Beacon,
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// The framework was set up.
#[telemetry_event(kind = Start, rename_all = "camelCase")]
struct AdminStarted {
    /// Which providers the project passes.
    providers: Providers,
    /// The version of the framework.
    version: Version,
    /// How many resources the project declares; more than 1000 are 1000.
    #[telemetry(range = 0..=1000)]
    resource_count: usize,
}

/// Which providers a project passes: whether, never what.
#[derive(TelemetryValue)]
#[telemetry(rename_all = "camelCase")]
struct Providers {
    /// Authentication.
    auth: bool,
    /// Audit log.
    audit_log: bool,
    /// Live updates.
    live: bool,
    /// Routing.
    router: bool,
    /// Data.
    data: bool,
    /// Translations.
    i18n: bool,
    /// Notifications.
    notification: bool,
    /// Access control.
    access_control: bool,
}

/// What a host passes to the framework. A provider is a name here; in a real framework it is an object.
#[derive(Debug, Default)]
struct Admin {
    auth: Option<&'static str>,
    router: Option<&'static str>,
    data: Option<&'static str>,
    resources: Vec<&'static str>,
}

impl Admin {
    /// Mounts the framework into the page of a host.
    fn mount(&self) {
        println!("mounted with {} resources", self.resources.len());
        record!(AdminStarted {
            providers: Providers {
                auth: self.auth.is_some(),
                audit_log: false,
                live: false,
                router: self.router.is_some(),
                data: self.data.is_some(),
                i18n: false,
                notification: false,
                access_control: false,
            },
            version: Version::parse(env!("CARGO_PKG_VERSION")),
            resource_count: self.resources.len(),
        });
    }
}

/// The host: an admin panel.
fn program(options: Options) -> ExitCode {
    TELEMETRY.configure(options);

    let admin = Admin {
        data: Some("https://intranet.acme.example/jane"),
        router: Some("browser"),
        resources: vec!["invoices", "salaries", "customers"],
        ..Admin::default()
    };
    admin.mount();
    admin.mount(); // A page that is left and entered again.

    // For the demo only; see the quickstart.
    match telemetry_runtime::flush(Duration::from_secs(10)) {
        Ok(flushed) => println!("flushed: {} events sent, {} waiting", flushed.sent, flushed.waiting),
        Err(error) => println!("not flushed: {error}"),
    }
    print_status(&TELEMETRY);
    ExitCode::SUCCESS
}

fn present(example: &Example) -> Result<(), NotAsSaid> {
    section("1. What a host of this framework can record, and what its users are told");
    show_inventory()?;
    println!();
    show_notice(&TELEMETRY.notice());

    section("2. A host mounts the framework twice");
    let stage = Stage::new(example)?;
    let ended = stage.run(&[]).shown()?;
    ensure(ended.status.success(), "the program ends as it would without telemetry")?;

    section("3. What arrived: one request for the run");
    let received = stage.received();
    show_received(&received);
    ensure(received.len() == 1, "one event per run, however often the framework is mounted")?;
    ensure(
        received.iter().all(|request| request.method == "GET" && request.path.starts_with("/telemetry?payload=")),
        "the event travels in the address",
    )?;
    println!("  The names of the resources and the address of the data are nowhere in it.");

    section("4. The same with the framework's own variable");
    let stage = Stage::new(example)?;
    let ended = stage.run(&[]).with("ACME_NO_TELEMETRY", "yes").shown()?;
    ensure(ended.status.success(), "opting out does not change the exit code")?;
    stage.assert_nothing()
}

fn main() -> ExitCode {
    Example { variables: &["ACME_TELEMETRY_DISABLED", "ACME_TELEMETRY_DEBUG", "ACME_NO_TELEMETRY"], program, present }
        .main()
}
