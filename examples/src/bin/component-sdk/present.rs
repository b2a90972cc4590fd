//! What arrives from a development instance, and from no other.

use telemetry_examples::{Example, NotAsSaid, Stage, ensure, section, show_inventory, show_received};

use crate::KEY;

/// `pk_test_` and the Base64 of `demo.acme.example$`.
const DEVELOPMENT: &str = "pk_test_ZGVtby5hY21lLmV4YW1wbGUk";
/// `pk_live_` and the Base64 of `live.acme.example$`.
const PRODUCTION: &str = "pk_live_bGl2ZS5hY21lLmV4YW1wbGUk";
/// What somebody may paste by mistake.
const SECRET: &str = "sk_test_ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

const EVENTS: [&str; 6] = [
    "COMPONENT_MOUNTED",
    "COMPONENT_OPENED",
    "METHOD_CALLED",
    "FRAMEWORK_METADATA",
    "THEME_USAGE",
    "FLOW_STEP_MOUNTED",
];

pub(crate) fn present(example: &Example) -> Result<(), NotAsSaid> {
    section("1. What a host of this library can record");
    show_inventory()?;

    section("2. A project with the key of a development instance");
    let stage = Stage::new(example)?;
    let ended = stage.run(&[]).with(KEY, DEVELOPMENT).shown()?;
    ensure(ended.status.success(), "the program ends as it would without telemetry")?;
    println!("\n  What arrived:\n");
    let received = stage.received();
    show_received(&received);
    let bodies: String = received.iter().map(|request| request.text()).collect();
    for event in EVENTS {
        ensure(bodies.contains(&format!("\"event\":\"{event}\"")), &format!("the server received {event}"))?;
    }
    ensure(bodies.contains(&format!("\"pk\":\"{DEVELOPMENT}\"")), "the events name the instance")?;
    ensure(!bodies.contains("jane-does"), "a theme that the library does not ship is not named")?;
    println!("  A theme of the user's own is \"other\"; a step without metadata carries an empty object.");

    section("3. The same with the key of a production instance");
    let stage = Stage::new(example)?;
    let ended = stage.run(&[]).with(KEY, PRODUCTION).shown()?;
    ensure(ended.status.success(), "the program ends as it would without telemetry")?;
    stage.assert_nothing()?;

    section("4. The same with a secret key in place of the publishable one");
    let stage = Stage::new(example)?;
    let ended = stage.run(&[]).with(KEY, SECRET).quiet()?;
    print!("  err | {}", ended.stderr);
    ensure(ended.status.code() == Some(2), "the host refuses a secret key")?;
    ensure(!ended.stderr.contains("ABCDEFGH"), "no part of the secret key is printed")?;
    stage.assert_nothing()
}
