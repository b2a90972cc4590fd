//! Short runs that end at once, and the run that delivers them.

use std::time::Duration;

use telemetry_examples::{
    Example, NotAsSaid, Stage, distinct, ensure, section, show_inventory, show_notice, show_received,
};

use crate::{TELEMETRY, WAIT};

/// Runs that end at once.
const SHORT_RUNS: usize = 5;

/// The longest that the process which delivers lives.
const DELIVERY: Duration = Duration::from_secs(5);

/// What nobody wants to see in a report.
const SECRETS: [&str; 3] = ["--token=sk_live_0123456789", "--password", "hunter2"];

pub(crate) fn present(example: &Example) -> Result<(), NotAsSaid> {
    section("1. What this program can record, and what its users are told");
    show_inventory()?;
    println!();
    show_notice(&TELEMETRY.notice());

    section("2. Runs that record nothing: help, a failed command, a command that does not exist");
    let stage = Stage::new(example)?;
    for (arguments, code) in [(&["--help"][..], 0), (&["build", "--fail"], 1), (&["deploy"], 2)] {
        let ended = stage.run(arguments).shown()?;
        ensure(ended.status.code() == Some(code), "the exit code is that of the command")?;
    }
    stage.assert_nothing()?;

    section("3. Short runs: each records one command and ends at once");
    let stage = Stage::new(example)?;
    let arguments: Vec<&str> = ["build"].into_iter().chain(SECRETS).collect();
    let ended = stage.run(&arguments).shown()?;
    ensure(ended.status.success(), "the command succeeds")?;
    println!("\n  It has ended. The process that it left behind delivers its report:\n");
    show_received(&stage.received_within(1, DELIVERY));
    ensure(distinct(&stage.received()) == 1, "the report of the first run arrives without another run")?;
    for _ in 1..SHORT_RUNS {
        // The others are the same.
        let ended = stage.run(&arguments).quiet()?;
        ensure(ended.status.success(), "the command succeeds")?;
    }
    println!(
        "\n  … and {} more runs. None of them waited for the server, and none left another process:",
        SHORT_RUNS - 1
    );
    println!("  that happens once a day. Their reports lie on disk:\n");
    for file in stage.files()? {
        println!("    {}", file.display());
    }

    section("4. A later run delivers what lies on disk");
    println!("  This one waits for it, so that the demo can go on; a real one sends while it works.\n");
    let ended = stage.run(&["whoami"]).with(WAIT, "1").shown()?;
    ensure(ended.status.success(), "the command succeeds")?;
    // The process of the first run may still be at some of them.
    let received = stage.received_within(SHORT_RUNS + 1, DELIVERY);
    let delivered = distinct(&received);
    println!("\n  Reports at the server: {delivered} of {}. The last one:\n", SHORT_RUNS + 1);
    show_received(received.last().map(std::slice::from_ref).unwrap_or_default());
    ensure(delivered == SHORT_RUNS + 1, "every command that succeeded is reported")?;
    for secret in SECRETS.into_iter().chain(["jane-does", "left-pad"]) {
        ensure(
            !received.iter().any(|request| request.text().contains(secret)),
            "no argument and no other name is sent",
        )?;
    }
    println!("  No argument was sent, and no package but ours.");

    section("5. The same with the program's own variable");
    let stage = Stage::new(example)?;
    let ended = stage.run(&["build"]).with("ACME_NO_TELEMETRY", "1").with(WAIT, "1").shown()?;
    ensure(ended.status.success(), "opting out does not change the exit code")?;
    stage.assert_nothing()?;

    section("6. The user's own commands: one variant of the command line");
    let stage = Stage::new(example)?;
    for (arguments, says) in [
        (&["telemetry", "off"][..], "Stored: off."),
        (&["telemetry", "status"], "acme-cli: off"),
        (&["build"], "built"),
        (&["telemetry", "preview"], "Nothing waits to be sent."),
        (&["telemetry", "erase", "--forget"], "Removed from "),
    ] {
        let ended = stage.run(arguments).shown()?;
        ensure(ended.status.success() && ended.stdout.starts_with(says), "the command says what it did")?;
    }
    stage.assert_nothing()
}
