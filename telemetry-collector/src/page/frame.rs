//! The frame of every page, and the headers that keep it what it is.

use std::sync::LazyLock;

use axum::{
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

const STYLE: &str = include_str!("style.css");

/// Nothing is loaded, nothing runs, nobody frames it; the style is the one that is in the page.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let digest = BASE64_STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
});

/// What stands below the page of the operator.
pub(super) const NOW: &str =
    "Numbers of this collector, as they are now. Where there is no figure, nothing has arrived: that is not zero.";

/// What stands below the page of `watch`, once it has ended.
pub(super) const ARRIVALS: &str = "What came in at this collector while this page was open.";

/// A whole page; `sections` are those that the navigation leads to: id and name.
pub(super) fn document(title: &str, sections: &[(&str, &str)], main: &Markup, footer: &str) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " – telemetry-collector" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a .skip href="#main" { "Skip to the content" }
                header { p { a href="/" { "telemetry-collector" } } }
                @if !sections.is_empty() {
                    nav aria-label="Sections" { ul {
                        @for (id, name) in sections { li { a href=(format!("#{id}")) { (name) } } }
                    } }
                }
                main #main tabindex="-1" { (main) }
                footer { p { (footer) } }
            }
        }
    }
}

/// The answer that carries a page.
pub(super) fn answer(status: StatusCode, page: &Markup) -> Response {
    let mut response = (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], page.0.clone()).into_response();
    protect(&mut response);
    response
}

/// A page that says one thing.
pub(super) fn message(status: StatusCode, text: &str) -> Response {
    let main = html! { h1 { (text) } p { a href="/" { "All SDKs" } } };
    answer(status, &document(text, &[], &main, ""))
}

/// Adds what every answer of the page has: it is not kept, not guessed at, not framed, and tells nobody where it came from.
pub(super) fn protect(response: &mut Response) {
    let rows: [(HeaderName, &str); 4] = [
        (header::CONTENT_SECURITY_POLICY, &POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in rows {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
}
