//! Two counters of Dioxus, one of which gets another label with each click, and then is wide.

use dioxus::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;
use with_dioxus::{Counter, TELEMETRY};

fn page() -> Element {
    let mut label = use_signal(|| "one".to_owned());
    rsx! {
        p { onclick: move |_| label.write().push('+'), Counter { label: label(), wide: label.len() > 3 } }
        Counter {}
    }
}

/// Renders the page, into the element `main`.
#[wasm_bindgen]
pub fn render() {
    dioxus_web::launch::launch_cfg(page, dioxus_web::Config::new());
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
