//! The operator's address: health and metrics for programs, without a token; the page with one.

use std::{path::PathBuf, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{Request, Response, StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use hyper::body::Incoming;
use hyper_util::service::TowerToHyperService;

use crate::{commit::Committer, metrics::Metrics, store::Outside};

/// What the routes of this address need.
#[derive(Debug, Clone)]
pub(crate) struct Admin {
    metrics: Arc<Metrics>,
    committer: Committer,
    data: PathBuf,
    outside: Option<Outside>,
}

pub(super) fn router(metrics: Arc<Metrics>, committer: Committer, data: PathBuf, outside: Option<Outside>) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics_text))
        .with_state(Admin { metrics, committer, data, outside })
}

/// Hands a request to the router, as the connections of this crate have it.
pub(super) async fn answer(router: Router, request: Request<Incoming>) -> Response<Body> {
    let Ok(response) = hyper::service::Service::call(&TowerToHyperService::new(router), request).await;
    response
}

/// 200 while events can be committed, else 503 with the reason.
async fn ready(State(admin): State<Admin>) -> impl IntoResponse {
    match admin.committer.failure() {
        None => (StatusCode::OK, "ready\n".to_owned()),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
    }
}

async fn metrics_text(State(admin): State<Admin>) -> impl IntoResponse {
    let mut text = admin.metrics.to_text();
    let bytes = std::fs::metadata(admin.data.join(crate::store::sqlite::FILE_NAME)).map_or(0, |file| file.len());
    text.push_str("# HELP telemetry_collector_store_bytes Size of the store's file.\n# TYPE telemetry_collector_store_bytes gauge\n");
    text.push_str(&format!("telemetry_collector_store_bytes {bytes}\n"));
    if let Some(outside) = &admin.outside {
        for (name, help, figure) in [
            ("outbox_events", "Events that wait for ClickHouse.", outside.events()),
            (
                "outbox_bytes",
                "Bytes of the outbox, with those of events that were sent and are deleted with the next commits.",
                outside.bytes(),
            ),
            ("engine_up", "Whether ClickHouse takes events.", outside.failure().is_none().into()),
        ] {
            let name = format!("telemetry_collector_{name}");
            text.push_str(&format!("# HELP {name} {help}\n# TYPE {name} gauge\n{name} {figure}\n"));
        }
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text)
}
