//! A mount of an SDK that is off. A process of its own: while another test captures, no SDK of the process is off.

use std::cell::Cell;

use telemetry_runtime::{Options, Sdk, sdk, track_mount};

/// The SDK that the test turns off.
pub static TELEMETRY: Sdk = sdk! {
    name: "mount-off",
    role: Library,
    default: On,
    env: "MOUNT_OFF",
    endpoint: "https://telemetry.acme.example",
    wire: EventBatch { strict: false },
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

// How often a prop was read, and a hook asked for.
thread_local!(static ASKED: Cell<(u32, u32)> = const { Cell::new((0, 0)) });

fn is_given(label: &Option<u8>) -> bool {
    ASKED.set((ASKED.get().0 + 1, ASKED.get().1));
    label.is_some()
}

fn use_mount(mount: impl FnOnce() + 'static) {
    ASKED.set((ASKED.get().0, ASKED.get().1 + 1));
    mount();
}

#[track_mount(component = "Counter", props(label), present_with = is_given, on_mount = use_mount)]
fn counter(label: Option<u8>) {
    let _ = label;
}

#[test]
fn where_the_sdk_is_off_the_hook_is_asked_for_and_no_prop_is_read() {
    TELEMETRY.configure(Options::new().enabled(false));
    // The first mount of a program asks what holds; from then on it is known.
    counter(Some(1));
    ASKED.set((0, 0));
    (0..3).for_each(|_| counter(Some(1)));
    assert_eq!(ASKED.get(), (0, 3));
}
