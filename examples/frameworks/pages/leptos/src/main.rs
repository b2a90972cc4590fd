//! `leptos-server <folder>`: renders the page, and serves the files of the folder, among them the module that takes the page over.

use std::{env, io, time::Duration};

use axum::{Router, routing::get};
use leptos::prelude::*;
use leptos_page::Page;
use telemetry_runtime::{record, telemetry_event};
use tower_http::services::ServeDir;
use with_leptos::TELEMETRY;

/// The server has rendered a page. Mounts are told by the page alone, and this by the server: it reports, too.
#[telemetry_event(sdk = with_leptos::TELEMETRY, throttle = None)]
struct PageRendered {}

const SCRIPT: &str = r#"
import start, * as page from "/pkg/leptos_page.js";
await start();
globalThis.page = page;
"#;

fn shell() -> impl IntoView {
    record!(PageRendered {});
    view! {
        <!DOCTYPE html>
        <html>
            <head>
                <meta charset="utf-8" />
                <title>Leptos</title>
                <script type="module" inner_html=SCRIPT></script>
            </head>
            <body>
                <Page />
            </body>
        </html>
    }
}

/// Sends what the server has recorded, and says what became of it.
async fn status() -> String {
    let _ = tokio::task::spawn_blocking(|| telemetry_runtime::flush(Duration::from_secs(10))).await;
    TELEMETRY.status().to_json()
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1).ok_or_else(|| io::Error::other("which folder has the files of the page?"))?;
    // Where futures of Leptos run.
    any_spawner::Executor::init_tokio().map_err(io::Error::other)?;
    // The host has told whoever runs it.
    TELEMETRY.notice_was_shown(TELEMETRY.notice().hash());
    let routes = Router::new()
        .route("/", get(leptos_axum::render_app_to_stream(shell)))
        .route("/status", get(status))
        .fallback_service(ServeDir::new(folder));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, routes).await
}
