//! Help is a document: a newcomer starts with it.

use crate::kit::{run, snapshot};

const COMMANDS: [&str; 9] = ["list", "show", "lock", "check", "diff", "docs", "schema", "absent", "watch"];

#[test]
fn help_of_the_commands_of_this_page() {
    let here = std::env::temp_dir();
    for name in ["list", "show", "lock", "check"] {
        let help = run(&here, &[name, "--help"]);
        assert_eq!((help.code, help.stderr.as_str()), (0, ""));
        snapshot(&format!("help-{name}.txt"), &help.stdout);
    }
}

#[test]
fn each_command_has_help_with_an_example() {
    let here = std::env::temp_dir();
    let top = run(&here, &["--help"]);
    for name in COMMANDS {
        assert!(top.stdout.contains(&format!("\n  {name} ")), "{}", top.stdout);
        let help = run(&here, &[name, "--help"]).stdout;
        assert!(help.contains("Usage: cargo telemetry "), "{help}");
        let uses = help.matches(&format!("cargo telemetry {name}")).count();
        assert!(uses >= 2, "usage, and an example:\n{help}");
    }
}
