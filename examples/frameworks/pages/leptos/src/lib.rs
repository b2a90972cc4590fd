//! Two counters of Leptos, one of which gets another label with each click, and then is wide.

use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;
use with_leptos::{Counter, TELEMETRY};

/// What browser and server render.
#[component]
pub fn Page() -> impl IntoView {
    let (label, set_label) = signal("one".to_owned());
    view! {
        <p on:click=move |_| set_label.update(|label| label.push('+'))>
            <Counter label=label wide=MaybeProp::derive(move || (label.read().len() > 3).then_some(true)) />
        </p>
        <Counter />
    }
}

/// Renders the page.
#[cfg(feature = "csr")]
#[wasm_bindgen]
pub fn render() {
    leptos::mount::mount_to_body(Page);
}

/// Takes over the page that a server has rendered.
#[cfg(feature = "hydrate")]
#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_body(Page);
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
