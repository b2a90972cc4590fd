//! Notices of programs with many events, on real terminals: shown in full, once, or not at all.

use telemetry_tests::terminal::{Terminal, shown};

use super::{notice::see_on_terminal, notice::see_status, *};

fn program(sandbox: &Sandbox, count: usize, grown: bool) -> Command {
    let mut command = sandbox.command(sibling("many_events"));
    command.arg(count.to_string());
    if grown {
        command.arg("new");
    }
    command
}

/// The last line of the notice; what stands there stands there in full.
const END: &str =
    "\nEverything that is collected: https://many.example/telemetry. Questions: privacy@many.example.\n\n";

#[test]
fn o01_a_notice_of_any_number_of_events_is_shown_in_full_and_once() {
    for count in [10, 300, 3_500] {
        let sandbox = Sandbox::new();
        let seen = see_on_terminal(&mut program(&sandbox, count, false));
        let list = if count == 10 { "happened, listed_0, " } else { "happened, listed_0, listed_1, listed_10, " };
        assert!(seen.stderr.starts_with("\nmany collects ") && seen.stderr.contains(list), "{}", seen.stderr);
        let more = (count + 1).saturating_sub(12);
        assert_eq!(seen.stderr.contains(&format!(" and {more} more.\n")), more > 0, "{}", seen.stderr);
        assert!(seen.stderr.ends_with(END) && seen.stderr.len() < 4_096, "{count}: {}", seen.stderr);
        let seen = see_on_terminal(&mut program(&sandbox, count, false));
        assert_eq!((seen.stderr.as_str(), seen.count("sent")), ("", 1), "{count}: it was told");

        // As many again: the notice says so in one line.
        let seen = see_on_terminal(&mut program(&sandbox, count, true));
        let new = "\nNew since you were last told: added_0 (new), added_1 (new), ";
        let more = format!(" and {} more.\n", count - 6);
        assert!(
            seen.stderr.contains(new) && seen.stderr.contains(&more) && seen.stderr.ends_with(END),
            "{}",
            seen.stderr
        );
        let seen = see_on_terminal(&mut program(&sandbox, count, true));
        assert_eq!((seen.stderr.as_str(), seen.count("awaiting_consent")), ("", 0), "{count}: it was told");
    }
}

#[test]
fn o01_a_notice_of_any_number_of_events_is_not_begun_on_a_terminal_that_somebody_has_stopped() {
    for count in [10, 300, 3_500] {
        let sandbox = Sandbox::new();
        let terminal = Terminal::open();
        let other_end = terminal.other_end();
        terminal.press(b"\x13"); // Ctrl-S
        let (child, reader) = terminal.start(&mut program(&sandbox, count, false));
        assert!(finish(child).status.success());
        terminal.press(b"\x11"); // Ctrl-Q
        drop(other_end);
        assert_eq!(shown(reader), "", "{count}");
        let seen = see_status(&mut program(&sandbox, count, false));
        assert_eq!((seen.count("before_notice"), seen.count("accepted")), (1, 0), "{count}: nobody was told");
        let seen = see_on_terminal(&mut program(&sandbox, count, false));
        assert!(seen.stderr.ends_with(END), "{count}: {}", seen.stderr);
    }
}
