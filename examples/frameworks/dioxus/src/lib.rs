//! A component of Dioxus whose mounts are reported.

use dioxus::prelude::*;
use telemetry_runtime::{Sdk, sdk, track_mount};

/// Usage of the Acme components.
pub static TELEMETRY: Sdk = sdk! {
    name: "acme-dioxus",
    role: Library,
    default: On,
    env: "ACME",
    // A real one is https. `scripts/browser-check` listens here.
    endpoint: "http://127.0.0.1:4817",
    wire: EventBatch { strict: false },
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
    notice: Host,
    browser: true,
};

/// A body of Dioxus runs with each render; an effect runs once for an instance, in the page alone.
fn in_the_page(mount: impl FnOnce() + 'static) {
    let mut mount = Some(mount);
    use_effect(move || {
        if let Some(mount) = mount.take() {
            mount();
        }
    });
}

/// A button that counts.
#[track_mount(component = "Counter", props(label, wide), on_mount = in_the_page)]
#[component]
pub fn Counter(
    /// What it says.
    label: Option<String>,
    /// Whether it takes all of the line.
    #[props(default)]
    wide: bool,
) -> Element {
    let mut count = use_signal(|| 0);
    rsx! {
        button { class: if wide { "wide" }, onclick: move |_| count += 1, {label.clone().unwrap_or_default()} " {count}" }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::Future as _,
        pin::pin,
        task::{Context, Waker},
    };

    use dioxus::core::NoOpMutations;
    use telemetry_runtime::testing;

    use super::*;

    /// Lets effects run, as a renderer does between two frames.
    fn rest(page: &mut VirtualDom) {
        let _ = pin!(page.wait_for_work()).poll(&mut Context::from_waker(Waker::noop()));
    }

    #[test]
    fn five_renders_are_one_mount_and_two_instances_are_two() {
        fn app() -> Element {
            rsx! {
                Counter { label: "one" }
                Counter {}
            }
        }
        let recorded = testing::capture(|| {
            let mut page = VirtualDom::new(app);
            page.rebuild_in_place();
            for _ in 0..5 {
                rest(&mut page);
                page.mark_all_dirty();
                page.render_immediate(&mut NoOpMutations);
            }
        });
        let mounts: Vec<_> = recorded.events().iter().map(|event| event.payload().to_owned()).collect();
        assert_eq!(
            mounts,
            [
                r#"{"component":"Counter","label":true,"wide":false}"#,
                r#"{"component":"Counter","label":false,"wide":false}"#
            ]
        );
    }
}
