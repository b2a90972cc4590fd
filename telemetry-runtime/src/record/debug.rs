//! Debug mode: events are printed to stderr as they would be sent; nothing is sent or stored.
//!
//! Everything happens on the caller's thread, so that the lines stand where the events happened and a short program
//! prints all of them.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::{
    base::{needs, print},
    decide::{
        gate::{MemoryDecision, stops_debug},
        guarded,
        options::IGNORED,
    },
    declare::{sdk::Sdk, sdk::meta::EventMeta, sink::Payload},
    record::{
        configurations, events,
        throttle::{self, Sought},
    },
    wire::{envelope, layout, redact::Redaction},
};

/// Whether any event was printed in this process.
static SHOWN: AtomicBool = AtomicBool::new(false);

/// Prints lines in one write, so that threads do not mix them. A closed stderr is ignored.
fn print(sdk: Sdk, lines: &str) {
    let mut text = String::with_capacity(lines.len() + 64);
    for line in lines.lines() {
        text.push_str(&format!("[{} telemetry] {line}\n", sdk.info.name));
    }
    print::write(&text);
}

/// The first lines of debug mode: what it does, or why there is nothing to print; and which settings of the host have no effect.
pub(crate) fn announce(sdk: Sdk, decision: &MemoryDecision, ignored: &[String]) {
    let line = match decision.off() {
        Some(layer) if stops_debug(layer) => format!(
            "debug: nothing to send: off by layer {} ({}): {} ({})",
            layer.number, layer.name, layer.value, layer.source
        ),
        Some(layer) => format!(
            "debug: events are printed, nothing is sent or stored; without debug mode nothing would be sent either: \
             off by layer {} ({}): {} ({})",
            layer.number, layer.name, layer.value, layer.source
        ),
        None => "debug: events are printed, nothing is sent or stored".to_owned(),
    };
    print(sdk, &line);
    if decision.off().is_some_and(stops_debug) {
        return;
    }
    if guarded::is_unguarded(sdk) {
        print(sdk, &format!("debug: exit: {}", guarded::describe(sdk)));
    }
    for setting in ignored {
        print(sdk, &format!("debug: ignored: {setting}: {IGNORED}"));
    }
}

/// What is done where debug mode may be on.
pub(crate) struct Debugging {
    pub(crate) show: fn(&'static EventMeta, Payload<'_>),
    pub(crate) flush: fn(Sdk),
}

needs::part!(&'static Debugging = &Debugging { show, flush });

/// Says at a flush that there was nothing.
fn flush(sdk: Sdk) {
    if !SHOWN.load(Ordering::Relaxed) {
        print(sdk, "debug: nothing to send");
    }
}

/// Says what `Options::loopback` lifts.
pub(crate) fn loopback(sdk: Sdk, applies: bool) {
    print(
        sdk,
        if applies {
            "loopback: the environment and development layers and the notice are lifted for this loopback endpoint"
        } else {
            "loopback: ignored, because the endpoint is not a loopback address"
        },
    );
}

/// Prints one event as it would be sent, and what would have held it.
fn show(meta: &'static EventMeta, payload: Payload<'_>) {
    let sdk = meta.sdk;
    let Some((_, descriptor)) = events::at(meta.slot.load(Ordering::Acquire)) else { return };
    // The real pseudonym needs a secret from the state folder, which debug mode does not touch.
    let mut pseudonyms = |_: &str, _: &[u8; 32]| "(pseudonym)".to_owned();
    let mut shown = Vec::new();
    let Some(redacted) = layout::of(&descriptor).push(&mut shown, payload.bytes(), &mut pseudonyms) else { return };
    let shown = String::from_utf8(shown).unwrap_or_default();
    SHOWN.store(true, Ordering::Relaxed);
    let configuration = configurations::now(sdk);
    let name: &str = &descriptor.event;
    let mut lines = format!("{name} {}", envelope::preview(&configuration, meta, name, &shown));
    for Redaction { field, rule } in redacted {
        lines.push_str(&format!("\n  fault: {field} held what looks like a {rule}, and is replaced"));
    }
    if let Some(rate) = meta.reduced_rate(&configuration) {
        lines.push_str(&format!("\n  note: sampling records it on a share of {rate} of days only"));
    }
    if let Some(mark) = throttle::of(meta, payload).map(Sought::mark)
        && !throttle::table().take(mark, throttle::until(meta))
    {
        lines.push_str("\n  note: throttled: an identical event was recorded recently");
    }
    print(sdk, &lines);
}
