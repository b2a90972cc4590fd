//! `sdk add` over HTTP: a manifest comes in, the list of SDKs changes at once.

use axum::{
    Json,
    body::{Body, to_bytes},
    extract::Query,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use telemetry_schema::Manifest;

use super::{access::Access, running::Page};
use crate::{
    exit_code::ExitCode,
    failure::Failure,
    registry::{
        Registry,
        edit::{self, AddOptions, AddedSdk},
        source,
    },
};

/// The path, at the operator's address.
pub(crate) const ADD_PATH: &str = "/sdks";

/// The largest manifest, in bytes: 10,000 events of a kilobyte each are below it.
const MAX_MANIFEST: usize = 16 << 20;

/// Why nothing was added.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Refused {
    pub(crate) error: String,
    #[serde(default)]
    pub(crate) hint: Option<String>,
}

/// Adds what the body describes, if the token holds for all of it.
pub(super) async fn answer(page: &Page, access: Access, uri: &Uri, body: Body) -> Response {
    let Ok(Query(options)) = Query::<AddOptions>::try_from_uri(uri) else {
        return refused(
            StatusCode::BAD_REQUEST,
            "the query has other keys than sdk, version and prefix".to_owned(),
            None,
        );
    };
    let Ok(bytes) = to_bytes(body, MAX_MANIFEST).await else {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, format!("a manifest has at most {MAX_MANIFEST} bytes"), None);
    };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let data = page.config.server.data.clone();
    let add = move || {
        // A list that is damaged is no fault of the request, whatever stands in it.
        let list = || edit::list(&data).map_err(|failure| (StatusCode::SERVICE_UNAVAILABLE, failure));
        list()?;
        let of_request = |failure: Failure| (status(failure.exit), failure);
        let no_manifest = || Err(Failure::new(ExitCode::CannotTell, "the body is no manifest and no lock file"));
        let manifest = source::of_text(&text, "the body").unwrap_or_else(no_manifest).map_err(of_request)?;
        let added = add(&data, &manifest, &options, &access).map_err(of_request)?;
        Ok((added, Registry::of(&list()?)))
    };
    match tokio::task::spawn_blocking(add).await {
        Ok(Ok((added, registry))) => {
            page.ingest.set_registry(registry);
            Json(added).into_response()
        }
        Ok(Err((status, Failure { message, hint, .. }))) => refused(status, message, hint),
        Err(_) => refused(StatusCode::SERVICE_UNAVAILABLE, "the collector is ending".to_owned(), None),
    }
}

fn add(
    data: &std::path::Path,
    manifest: &Manifest,
    options: &AddOptions,
    access: &Access,
) -> Result<Vec<AddedSdk>, Failure> {
    match edit::names(manifest, options)?.into_iter().find(|name| !access.sees(name)) {
        Some(name) => Err(Failure::new(ExitCode::Usage, format!("the token does not hold for `{name}`"))),
        None => edit::add(data, manifest, options),
    }
}

fn refused(status: StatusCode, error: String, hint: Option<String>) -> Response {
    (status, Json(Refused { error, hint })).into_response()
}

/// What is wrong in the request is a 4xx, what is wrong here a 503.
const fn status(exit: ExitCode) -> StatusCode {
    match exit {
        ExitCode::Found => StatusCode::CONFLICT,
        ExitCode::CannotTell | ExitCode::Usage | ExitCode::NoInput | ExitCode::Holds => StatusCode::BAD_REQUEST,
        ExitCode::Unavailable | ExitCode::CannotWrite | ExitCode::Config => StatusCode::SERVICE_UNAVAILABLE,
    }
}
