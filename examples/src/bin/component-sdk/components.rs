//! The components and methods of the library. The attributes see whether a prop was passed, never its value.
//!
//! The model records most of these events with a rate of 0.1; here all rates are 1, so that every run shows them.

use telemetry_runtime::{track_call, track_mount};

/// How a component looks.
#[derive(Debug, Default)]
pub(crate) struct Appearance {
    /// The name of a theme.
    pub(crate) theme: Option<String>,
    /// CSS classes by element.
    pub(crate) elements: Vec<(String, String)>,
    /// CSS variables.
    pub(crate) variables: Vec<(String, String)>,
}

/// Renders the sign-in form: `COMPONENT_MOUNTED`.
#[track_mount(
    component = "SignIn",
    rename_all = "camelCase",
    props(
        appearance_prop = appearance,
        theme = appearance.is_some_and(|a| a.theme.is_some()),
        elements = appearance.is_some_and(|a| !a.elements.is_empty()),
        variables = appearance.is_some_and(|a| !a.variables.is_empty()),
    )
)]
pub(crate) fn sign_in(appearance: Option<&Appearance>) {
    println!("renders the sign-in form, {}", if appearance.is_some() { "styled" } else { "plain" });
}

/// Opens the sign-in form over the page: `COMPONENT_OPENED`.
#[track_mount(
    name = "COMPONENT_OPENED",
    component = "SignIn",
    rename_all = "camelCase",
    props(
        appearance_prop = appearance,
        theme = appearance.is_some_and(|a| a.theme.is_some()),
        elements = appearance.is_some_and(|a| !a.elements.is_empty()),
        variables = appearance.is_some_and(|a| !a.variables.is_empty()),
    )
)]
pub(crate) fn open_sign_in(appearance: Option<&Appearance>) {
    println!("opens the sign-in form, {}", if appearance.is_some() { "styled" } else { "plain" });
}

/// What a host passes to the middleware: says for each path whether it is protected.
pub(crate) type Handler<'a> = &'a dyn Fn(&str) -> bool;

/// Protects the routes of a server: `METHOD_CALLED`.
#[track_call(method = "acmeMiddleware", props(handler, satellite))]
pub(crate) fn acme_middleware(handler: Option<Handler<'_>>, satellite: bool) {
    let protects = handler.is_none_or(|handler| handler("/private/jane"));
    println!("protects /private/jane: {protects}, satellite: {satellite}");
}
