//! What was told is remembered by its parts, over all versions of an SDK.

use super::{
    notice::{see_on_terminal, see_status},
    *,
};

const ONE: &str = "golden_agreed_one";
const TWO: &str = "golden_agreed_two";
const WIDER: &str = "agreed_wider";

/// A program installed under one name, as an upgrade leaves it: events are sent by the same host program only.
fn install(sandbox: &Sandbox, version: &str) -> Command {
    let app = sandbox.home().join("app");
    let _ = fs::remove_file(&app);
    // Not by this process: a test that forks meanwhile would hold the file open for writing, and nobody could start it.
    assert!(Command::new("cp").arg(sibling(version)).arg(&app).status().unwrap().success());
    sandbox.command(app)
}

/// Runs it where nothing can be sent.
fn offline(command: &mut Command) -> Seen {
    see_status(command.env("PROBE_PORT", "9"))
}

fn awaiting(seen: &Seen) -> Vec<String> {
    seen.awaiting.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn notices(seen: &Seen) -> usize {
    seen.stderr.matches("gate-agreed collects").count()
}

/// Two projects of one user hold two versions of one SDK.
#[test]
fn o13_two_versions_in_turn_ask_once_each() {
    let sandbox = Sandbox::new();
    let on_terminal = |version: &str| see_on_terminal(&mut sandbox.command(sibling(version)));
    assert_eq!((notices(&on_terminal(ONE)), notices(&on_terminal(ONE))), (1, 0));
    let seen = on_terminal(WIDER);
    assert_eq!((notices(&seen), seen.count("awaiting_consent")), (1, 1), "{}", seen.ledger);
    for round in 0..3 {
        for version in [ONE, WIDER] {
            let seen = on_terminal(version);
            assert_eq!((seen.stderr.as_str(), seen.count("sent")), ("", 1), "{version} in round {round}");
        }
    }
    assert_eq!(sandbox.events().len(), 7);
}

/// The notice says what is new, and until somebody has read it `status` names what waits.
#[test]
fn o13_where_the_set_grew_the_notice_says_what_is_new() {
    let sandbox = Sandbox::new();
    let seen = see_on_terminal(&mut sandbox.command(sibling(ONE)));
    assert!(!seen.stderr.contains("New since"), "{}", seen.stderr);
    for (version, new) in [(WIDER, "known (new: field dark)"), (TWO, "added (new)")] {
        let waiting = see_status(&mut sandbox.command(sibling(version)));
        assert_eq!(awaiting(&waiting), [format!("gate-agreed/{new}")], "{version}");
        assert_eq!(waiting.mode, "on", "the others are recorded");
        let seen = see_on_terminal(&mut sandbox.command(sibling(version)));
        assert!(seen.stderr.contains(&format!("\nNew since you were last told: {new}.\n")), "{}", seen.stderr);
        assert_eq!(awaiting(&see_status(&mut sandbox.command(sibling(version)))), [""; 0]);
    }
}

/// A host that shows the notice itself may do so while the program runs: what is new is recorded from then on, and the next
/// run asks for nothing.
#[test]
fn o13_a_host_tells_of_what_is_new_while_the_program_runs() {
    let sandbox = Sandbox::new();
    see_on_terminal(&mut sandbox.command(sibling(ONE)));
    let seen = see_status(sandbox.command(sibling(TWO)).env("HOST_SHOWS_NOTICE_LATE", "1"));
    assert_eq!(awaiting(&seen), [""; 0]);
    assert_eq!((seen.count("awaiting_consent"), seen.count("sent")), (1, 2), "{}", seen.ledger);
    let seen = see_status(&mut sandbox.command(sibling(TWO)));
    assert_eq!((awaiting(&seen), seen.count("sent")), (Vec::new(), 2), "{}", seen.ledger);
}

/// Nothing that was agreed and recorded is lost with an upgrade, whether it changes an event or removes it: it is sent by
/// whoever comes.
#[test]
fn o13_an_upgrade_sends_what_the_version_before_it_recorded() {
    // From, to, how many of its own events the later version may record.
    for (from, to, own) in [(ONE, WIDER, 0), (TWO, ONE, 1), (WIDER, ONE, 1)] {
        let sandbox = Sandbox::new();
        see_on_terminal(&mut install(&sandbox, from));
        let mut recorded = 0;
        for _ in 0..5 {
            let seen = offline(&mut install(&sandbox, from));
            recorded += seen.count("accepted");
        }
        sandbox.forget_failures();
        let seen = see_status(&mut install(&sandbox, to));
        assert_eq!(seen.count("sent"), recorded + own, "{from} to {to}: {}", seen.ledger);
        for outcome in ["opted_out", "conflict", "vetoed", "gate_closed", "expired"] {
            assert_eq!(seen.count(outcome), 0, "{from} to {to}: {}", seen.ledger);
        }
        assert_eq!(sandbox.events().len() as u64, recorded + own, "{from} to {to}");
    }
}

/// Who was told of more was told of less: removing a field or an event, and going back, asks nobody. And whoever comes
/// after knows what the narrower version has recorded.
#[test]
fn o13_a_narrower_version_asks_nobody() {
    let sandbox = Sandbox::new();
    assert_eq!(notices(&see_on_terminal(&mut install(&sandbox, WIDER))), 1);
    let seen = offline(&mut install(&sandbox, ONE));
    assert_eq!((seen.count("accepted"), seen.count("awaiting_consent"), seen.stderr.as_str()), (1, 0, ""));
    let seen = offline(&mut install(&sandbox, WIDER));
    assert_eq!((seen.count("accepted"), seen.stderr.as_str()), (1, ""));
    sandbox.forget_failures();
    let seen = see_on_terminal(&mut install(&sandbox, WIDER));
    assert_eq!((seen.stderr.as_str(), seen.count("sent"), seen.count("opted_out")), ("", 3, 0), "{}", seen.ledger);
    let payloads: Vec<_> = sandbox.events().iter().map(|(_, payload)| payload.to_string()).collect();
    assert!(payloads.contains(&r#"{"new":false}"#.to_owned()), "{payloads:?}");
}

/// `off` keeps what was told, and `on` tells nothing.
#[test]
fn o13_a_decision_tells_nothing_and_forgets_nothing() {
    let sandbox = Sandbox::new();
    let program = |action: &str, argument: &str| {
        let mut command = sandbox.command(example("golden_gate"));
        command.args(["next_run", action, argument]).env("HOST_ALLOWS_RELEASE", "1");
        command
    };
    // Nobody was told: `on` alone records nothing.
    assert_eq!(see(&mut program("consent", "on")).answer["stored"], "Ok(())");
    let seen = see(&mut program("record", "1"));
    assert_eq!((seen.mode.as_str(), seen.count("sent")), ("waiting for the notice", 0), "{}", seen.ledger);
    let seen = see_on_terminal(&mut program("record", "2"));
    assert_eq!(seen.stderr.matches("gate-next-run collects").count(), 1);
    assert_eq!(see(&mut program("record", "3")).count("sent"), 1);
    // Off and on again: told is told.
    assert_eq!(see(&mut program("consent", "off")).answer["stored"], "Ok(())");
    assert_eq!(see(&mut program("record", "4")).mode, "off");
    assert_eq!(see(&mut program("consent", "on")).answer["stored"], "Ok(())");
    let seen = see_on_terminal(&mut program("record", "5"));
    assert_eq!((seen.stderr.as_str(), seen.count("sent")), ("", 1));
    assert_eq!(arrived(&sandbox), [3, 5]);
}

/// Where there is no notice at all, asking is the host's: its user's yes is to what this version records.
#[test]
fn o13_without_a_notice_the_answer_to_the_host_is_the_telling() {
    let sandbox = Sandbox::new();
    let program = |action: &str, argument: &str| {
        let mut command = sandbox.command(example("golden_gate"));
        command.args(["asked_by_host", action, argument]).env("HOST_ALLOWS_RELEASE", "1");
        command
    };
    assert_eq!(see(&mut program("record", "1")).mode, "off");
    assert_eq!(see(&mut program("consent", "on")).answer["stored"], "Ok(())");
    assert_eq!(see(&mut program("record", "2")).count("sent"), 1);
    // What was told is lost: the decision stands, and nothing is recorded until the host has asked again.
    fs::remove_file(sdk_folder(&sandbox, "asked_by_host").join("told")).unwrap();
    let seen = see(&mut program("record", "3"));
    assert_eq!((seen.mode.as_str(), seen.count("sent")), ("waiting for the notice", 0));
    assert_eq!(see(&mut program("consent", "on")).answer["stored"], "Ok(())");
    assert_eq!(see(&mut program("record", "4")).count("sent"), 1);
    assert_eq!(arrived(&sandbox), [2, 4]);
}

/// A file that is damaged, too long or of a later version asks once more and turns nothing off.
#[test]
fn o13_what_cannot_be_read_of_the_tellings_asks_once_more() {
    let long = "telemetry-told 1\n".to_owned() + &"x".repeat(3 << 20);
    for damage in ["", "telemetry-told 9\n", "\0\0\0", &long] {
        let sandbox = Sandbox::new();
        assert_eq!(notices(&see_on_terminal(&mut sandbox.command(sibling(ONE)))), 1);
        fs::write(sdk_folder(&sandbox, "agreed").join("told"), damage).unwrap();
        let seen = see_status(&mut sandbox.command(sibling(ONE)));
        assert_eq!((seen.mode.as_str(), seen.count("before_notice")), ("waiting for the notice", 1), "{damage:.20}");
        assert_eq!(notices(&see_on_terminal(&mut sandbox.command(sibling(ONE)))), 1, "{damage:.20}");
        let seen = see_on_terminal(&mut sandbox.command(sibling(ONE)));
        assert_eq!((notices(&seen), seen.count("sent")), (0, 1), "{damage:.20}");
    }
}

/// What nobody here knows to be told is neither sent nor erased: it waits for a version that knows.
#[test]
fn o13_what_was_forgotten_waits_and_is_not_erased() {
    let sandbox = Sandbox::new();
    see_on_terminal(&mut install(&sandbox, WIDER));
    assert_eq!(offline(&mut install(&sandbox, WIDER)).count("accepted"), 1);
    // As if so much had been told since that the file had no room for this.
    fs::remove_file(sdk_folder(&sandbox, "agreed").join("told")).unwrap();
    sandbox.forget_failures();
    see_on_terminal(&mut install(&sandbox, ONE));
    let seen = see_status(&mut install(&sandbox, ONE));
    assert_eq!((seen.count("sent"), seen.count("opted_out"), seen.count("vetoed")), (1, 0, 0), "{}", seen.ledger);
    see_on_terminal(&mut install(&sandbox, WIDER));
    let seen = see_status(&mut install(&sandbox, WIDER));
    assert_eq!(
        (seen.count("sent"), seen.count("opted_out")),
        (2, 0),
        "its own and the one that waited: {}",
        seen.ledger
    );
    assert_eq!(sandbox.events().len(), 3);
}
