//! Two counters of Leptos, one of which gets another label with each click.

use leptos::{mount::mount_to_body, prelude::*};
use wasm_bindgen::prelude::wasm_bindgen;
use with_leptos::{Counter, TELEMETRY};

/// Renders the page.
#[wasm_bindgen]
pub fn render() {
    mount_to_body(|| {
        let (label, set_label) = signal("one".to_owned());
        view! {
            <p on:click=move |_| set_label.update(|label| label.push('+'))><Counter label=label /></p>
            <Counter />
        }
    });
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
