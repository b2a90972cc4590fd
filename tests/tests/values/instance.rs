//! `instance: Required` in `sdk!`: without the key of a development instance nothing is recorded, in any build.

use telemetry_tests::{Sandbox, example, run_ok};

/// `x.y$` in Base64.
const DEVELOPMENT: &str = "pk_test_eC55JA";
const PRODUCTION: &str = "pk_live_eC55JA";

/// The lines about both SDKs after each key, one compiled as a debug build and one as a release build.
fn lines(sandbox: &Sandbox, keys: &[&str]) -> Vec<String> {
    let printed = run_ok(sandbox.command(example("values")).arg("keyed").args(keys));
    let mut lines: Vec<_> = printed.lines().map(str::to_owned).collect();
    lines.pop();
    lines
}

/// Files of these SDKs; a flush looks into the folders of others.
fn files(sandbox: &Sandbox) -> usize {
    sandbox.files().keys().filter(|path| path.to_string_lossy().contains("keyed")).count()
}

#[test]
fn o29_without_the_key_of_a_development_instance_nothing_is_recorded_in_any_build() {
    // No key, a secret, another word, one without a host, one with something behind it.
    for key in ["", "sk_test_eC55JA", "test", "pk_test_", "pk_test_eC55JA_part"] {
        let sandbox = Sandbox::new();
        let none = "off: layer 8: no development instance key (instance: Required)";
        assert_eq!(lines(&sandbox, &[key]), [none; 2], "{key:?}");
        assert_eq!((sandbox.server.requests().len(), files(&sandbox)), (0, 0), "{key:?}");
    }
    let sandbox = Sandbox::new();
    let production = "off: layer 8: production instance key (Options::instance)";
    assert_eq!(lines(&sandbox, &[PRODUCTION]), [production; 2]);
    assert_eq!((sandbox.server.requests().len(), files(&sandbox)), (0, 0));
}

#[test]
fn o29_with_such_a_key_every_event_carries_it() {
    let sandbox = Sandbox::new();
    let lines = lines(&sandbox, &["", DEVELOPMENT]);
    assert_eq!(lines[..2], ["off: layer 8: no development instance key (instance: Required)"; 2]);
    assert_eq!(lines[2..], ["on: layer 11: development instance key (Options::instance)"; 2]);
    let bodies: Vec<_> = sandbox.server.requests().iter().map(|request| request.text()).collect();
    let keys = |text: &str| bodies.iter().map(|body| body.matches(text).count()).sum::<usize>();
    assert_eq!((keys("\"payload\""), keys(&format!("\"pk\":\"{DEVELOPMENT}\""))), (2, 2), "{bodies:?}");
}
