//! Components of Yew whose mounts are reported: a function and a struct.

use telemetry_runtime::{Sdk, sdk, track_mount};
use yew::prelude::*;

/// Usage of the Acme components.
pub static TELEMETRY: Sdk = sdk! {
    name: "acme-yew",
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

/// What both take.
#[derive(Properties, PartialEq)]
pub struct CounterProps {
    /// What it says.
    #[prop_or_default]
    pub label: Option<AttrValue>,
    /// Whether it takes all of the line.
    #[prop_or_default]
    pub wide: bool,
}

/// A body of Yew runs with each render; an effect without dependencies runs once for an instance, in the page alone.
#[cfg(not(test))]
#[hook]
fn use_in_the_page<F: FnOnce() + 'static>(mount: F) {
    use_effect_with((), move |()| mount());
}

/// A test renders without a page, where no effect runs: it looks at each body.
#[cfg(test)]
#[hook]
fn use_in_the_page<F: FnOnce() + 'static>(mount: F) {
    mount();
}

/// A button that counts.
#[track_mount(component = "Counter", props(label = props.label, wide = props.wide), on_mount = use_in_the_page)]
#[component]
pub fn Counter(props: &CounterProps) -> Html {
    let count = use_state(|| 0);
    let more = {
        let count = count.clone();
        move |_: MouseEvent| count.set(*count + 1)
    };
    html! { <button class={classes!(props.wide.then_some("wide"))} onclick={more}>{ props.label.clone() } { *count }</button> }
}

/// A button that is pressed or not.
#[track_mount(component = "Toggle", props(label, wide))]
fn toggle_mounted(label: bool, wide: bool) {}

/// The same as a struct.
pub struct Toggle {
    pressed: bool,
}

impl Component for Toggle {
    type Message = ();
    type Properties = CounterProps;

    fn create(_: &Context<Self>) -> Self {
        Self { pressed: false }
    }

    fn update(&mut self, _: &Context<Self>, (): ()) -> bool {
        self.pressed = !self.pressed;
        true
    }

    /// Called in the page alone; `create` would run on a server too.
    fn rendered(&mut self, context: &Context<Self>, first_render: bool) {
        if first_render {
            let CounterProps { label, wide } = context.props();
            toggle_mounted(label.is_some(), *wide);
        }
    }

    fn view(&self, context: &Context<Self>) -> Html {
        html! {
            <button class={classes!(context.props().wide.then_some("wide"))} aria-pressed={self.pressed.to_string()} onclick={context.link().callback(|_: MouseEvent| ())}>
                { context.props().label.clone() }
            </button>
        }
    }
}

#[cfg(test)]
mod tests {
    use telemetry_runtime::testing;
    use yew::LocalServerRenderer;

    use super::*;

    #[test]
    fn what_was_passed_is_told_and_never_its_text() {
        let recorded = testing::capture(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let props = CounterProps { label: Some("one".into()), wide: false };
            tokio::task::LocalSet::new().block_on(&runtime, LocalServerRenderer::<Counter>::with_props(props).render());
        });
        assert_eq!(recorded.only().payload(), r#"{"component":"Counter","label":true,"wide":false}"#);
    }
}
