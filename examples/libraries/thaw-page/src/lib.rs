//! Instances of five components of thaw. The first button is disabled by a click.

use leptos::{mount::mount_to_body, prelude::*};
use thaw::{Badge, BadgeColor, Button, ButtonAppearance, Checkbox, ConfigProvider, Switch, TELEMETRY, Tag};
use wasm_bindgen::prelude::wasm_bindgen;

/// Renders the page.
#[wasm_bindgen]
pub fn render() {
    mount_to_body(|| {
        let disabled = RwSignal::new(false);
        view! {
            <ConfigProvider>
                <Button appearance=ButtonAppearance::Primary disabled on_click=move |_| disabled.set(true)>"Save"</Button>
                <Button loading=true />
                <Tag dismissible=true on_dismiss=|_| ()>"One"</Tag>
                <Switch label="Dark" checked=true />
                <Checkbox value="one" />
                <Badge color=BadgeColor::Danger />
            </ConfigProvider>
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
