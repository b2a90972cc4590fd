//! Debug mode, and which stream anything is printed on.

use super::*;

#[test]
fn r31_debug_mode_prints_to_stderr_and_does_nothing_else() {
    for variable in ["GATE_TELEMETRY_DEBUG", "HOST_DEBUG"] {
        let sandbox = Sandbox::new();
        let before = contents(&sandbox.state());
        let seen = see(open(&sandbox, "library", "record").arg("9").env(variable, "1"));
        assert_eq!(seen.mode, "debug");
        assert!(seen.stderr.contains("\"payload\":{\"number\":9}"), "{}", seen.stderr);
        // The variable is that of all SDKs of this program; those that the host has turned off say so.
        let all = |line: &str| line.starts_with("[gate-library telemetry] ") || line.contains("off by layer");
        assert!(seen.stderr.lines().all(all), "{}", seen.stderr);
        assert_eq!((sandbox.server.connections(), contents(&sandbox.state())), (0, before));
    }
    // Where nothing would be sent it says so, and still shows the events.
    let sandbox = Sandbox::new();
    let seen = see(open(&sandbox, "library", "record").env("GATE_TELEMETRY_DEBUG", "1").env("CI", "1"));
    assert!(seen.stderr.contains("off by layer 7") && seen.stderr.contains("\"payload\""), "{}", seen.stderr);
    let seen = see(open(&sandbox, "library", "deliver").env("GATE_TELEMETRY_DEBUG", "1"));
    assert!(seen.stderr.contains("debug: nothing to send"), "{}", seen.stderr);
}

#[test]
fn r31_a_suppressed_notice_does_not_count_as_shown() {
    let sandbox = Sandbox::new();
    for _ in 0..2 {
        // `see` asserts that standard output is the program's own.
        let mut command = sandbox.command(example("golden_gate"));
        command.args(["next_run", "record", "1"]).env("HOST_ALLOWS_RELEASE", "1");
        let seen = see_nothing(&sandbox, &mut command);
        assert_eq!(seen.mode, "waiting for the notice");
        assert_eq!((seen.count("offered"), seen.count("before_notice"), seen.count("accepted")), (1, 1, 0));
    }
}
