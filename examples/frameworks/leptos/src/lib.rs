//! A component of Leptos whose mounts are reported.

use leptos::prelude::*;
use telemetry_runtime::{Sdk, sdk, track_mount};

/// Usage of the Acme components.
pub static TELEMETRY: Sdk = sdk! {
    name: "acme-leptos",
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

/// A body of Leptos runs once for an instance, on a server too; an effect runs in the page alone.
fn in_the_page(mount: impl FnOnce() + 'static) {
    let mut mount = Some(mount);
    Effect::new(move |_| mount.take().map(|mount| mount()));
}

/// A signal is read without being followed.
fn is_given<T: Clone + Send + Sync + 'static>(prop: &MaybeProp<T>) -> bool {
    prop.get_untracked().is_some()
}

/// A button that counts.
#[track_mount(component = "Counter", props(label, wide), present_with = is_given, on_mount = in_the_page)]
#[component]
pub fn Counter(
    /// What it says.
    #[prop(into, optional)]
    label: MaybeProp<String>,
    /// Whether it takes all of the line.
    #[prop(into, optional)]
    wide: MaybeProp<bool>,
) -> impl IntoView {
    let (count, set_count) = signal(0);
    view! {
        <button class:wide=move || wide.get().unwrap_or_default() on:click=move |_| set_count.update(|count| *count += 1)>
            {move || label.get().unwrap_or_default()} " " {count}
        </button>
    }
}

#[cfg(test)]
mod tests {
    use any_spawner::Executor;
    use telemetry_runtime::testing;

    use super::*;

    #[test]
    fn an_instance_is_one_mount_with_what_was_passed() {
        let _ = Executor::init_futures_executor();
        let recorded = testing::capture(|| {
            let page = Owner::new();
            page.with(|| {
                let _ = Counter(CounterProps::builder().label("one").build());
                let _ = Counter(CounterProps::builder().wide(true).build());
            });
            Executor::poll_local();
        });
        let mounts: Vec<_> = recorded.events().iter().map(|event| event.payload().to_owned()).collect();
        assert_eq!(
            mounts,
            [
                r#"{"component":"Counter","label":true,"wide":false}"#,
                r#"{"component":"Counter","label":false,"wide":true}"#
            ]
        );
    }
}
