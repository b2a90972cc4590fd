//! Two counters of Yew, one of which gets another label with each click, and then is wide.

use wasm_bindgen::prelude::wasm_bindgen;
use with_yew::{Counter, TELEMETRY};
use yew::prelude::*;

#[component]
fn Page() -> Html {
    let label = use_state(|| "one".to_owned());
    let more = {
        let label = label.clone();
        move |_: MouseEvent| label.set(format!("{}+", *label))
    };
    html! {
        <>
            <p onclick={more}><Counter label={(*label).clone()} wide={label.len() > 3} /></p>
            <Counter />
        </>
    }
}

/// Renders the page.
#[wasm_bindgen]
pub fn render() {
    yew::Renderer::<Page>::new().render();
}

/// The host has told its user, and hands over what was recorded.
#[wasm_bindgen]
pub fn tell() {
    TELEMETRY.notice_was_shown(TELEMETRY.notice().hash());
}

/// Hands what was recorded to the browser now.
#[wasm_bindgen]
pub fn hand_over() {
    let _ = telemetry_runtime::flush(std::time::Duration::ZERO);
}
