//! Instances of six components of yew-bootstrap, one of which is a function. The first button is disabled by a click.

use wasm_bindgen::prelude::wasm_bindgen;
use yew::prelude::*;
use yew_bootstrap::{
    TELEMETRY,
    component::{Alert, Button, Link, Modal, ModalSize, Spinner, form::SelectOption},
    util::Color,
};

#[component]
fn Page() -> Html {
    let disabled = use_state(|| false);
    let click = {
        let disabled = disabled.clone();
        move |_: MouseEvent| disabled.set(true)
    };
    html! {
        <>
            <Button style={Color::Danger} text="Save" disabled={*disabled} onclick={click} />
            <Button url="https://acme.example" outline={true}>{ "More" }</Button>
            <Link url="https://acme.example" text="Acme" />
            <Alert>{ "Saved" }</Alert>
            <Spinner small={true} />
            <Modal id="settings" size={ModalSize::Large} on_hide={Some(Callback::from(|_: Event| ()))} />
            <SelectOption label="One" value="1" />
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
