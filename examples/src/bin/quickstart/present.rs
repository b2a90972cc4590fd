//! What comes of the annotations, step by step.

use telemetry_examples::{
    Example, NotAsSaid, Received, Stage, ensure, section, show_inventory, show_notice, show_received,
};

use crate::TELEMETRY;

pub(crate) fn present(example: &Example) -> Result<(), NotAsSaid> {
    section("1. What this program can record");
    println!("  The list is made by the compiler and linked into the program. Nothing was recorded to make it.\n");
    show_inventory()?;

    section("2. What a user is told before anything is recorded");
    show_notice(&TELEMETRY.notice());

    section("3. What the program does, and what is recorded");
    println!(
        "  The program runs in a folder and against a server of its own. It runs without the variables with which"
    );
    println!("  you may have opted out: this recording never leaves your machine. `err` is the runtime saying that a");
    println!("  loopback server is allowed what a real one is not.\n");
    let stage = Stage::new(example)?;
    let ended = stage.run(&[]).shown()?;
    ensure(ended.status.success(), "the program ends as it would without telemetry")?;
    println!();
    println!(
        "  The second rendering of the same form is `throttled`: an identical event counts once a day. The events of"
    );
    println!("  `ComponentMounted` are in the sample on one day in ten, so here they are most likely `sampled_out`.");

    section("4. What arrived at the server");
    let received = stage.received();
    show_received(&received);
    ensure(count(&received, "COMPONENT_MOUNTED") > 0, "the server received a COMPONENT_MOUNTED")?;
    ensure(count(&received, "METHOD_CALLED") == 1, "the server received one METHOD_CALLED")?;
    for secret in ["jane-does", "session=secret"] {
        ensure(!contains(&received, secret), "no value of a prop or an argument was sent")?;
    }
    println!(
        "  Received: one COMPONENT_MOUNTED for the sign-in form, with two booleans. The theme's name and the session"
    );
    println!("  cookie, which the functions had in their hands, are nowhere in the request.");

    section("5. The same, opted out of this SDK");
    nothing(example, "ACME_TELEMETRY_DISABLED")?;

    section("6. The same, opted out of all telemetry");
    nothing(example, "DO_NOT_TRACK")?;

    section("7. The same in debug mode: printed instead of sent");
    let stage = Stage::new(example)?;
    let ended = stage.run(&[]).with("ACME_TELEMETRY_DEBUG", "1").shown()?;
    ensure(ended.status.success(), "debug mode does not change the exit code")?;
    ensure(ended.stderr.contains("COMPONENT_MOUNTED"), "debug mode prints COMPONENT_MOUNTED to standard error")?;
    stage.assert_nothing()
}

/// Runs the program with a variable that opts out.
fn nothing(example: &Example, variable: &str) -> Result<(), NotAsSaid> {
    let stage = Stage::new(example)?;
    let ended = stage.run(&[]).with(variable, "1").shown()?;
    ensure(ended.status.success(), "opting out does not change the exit code")?;
    stage.assert_nothing()
}

/// How many events of this name the server received.
fn count(received: &[Received], event: &str) -> usize {
    let name = format!("\"event\":\"{event}\"");
    received.iter().map(|request| request.text().matches(&name).count()).sum()
}

fn contains(received: &[Received], text: &str) -> bool {
    received.iter().any(|request| request.path.contains(text) || request.text().contains(text))
}
