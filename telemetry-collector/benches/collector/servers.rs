//! Two servers beside the collector, each a process of its own: one that writes nothing (the ceiling), and one that appends each
//! body to a file and syncs it (the floor of whatever keeps its promise).

use std::{
    fs,
    io::Write as _,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Bytes, extract::State, routing::post};

/// The argument by which this program is a server: `--server ceiling`, `--server floor FILE`.
pub(crate) const ARGUMENT: &str = "--server";

/// Answers until it is killed. The first line of its output is its address.
pub(crate) fn serve(arguments: &[String]) {
    let router = match arguments {
        [kind] if kind == "ceiling" => {
            Router::new().route("/v1/event", post(nothing)).route("/otlp/v1/logs", post(nothing))
        }
        [kind, file] if kind == "floor" => {
            let file = Arc::new(Mutex::new(fs::File::create(PathBuf::from(file)).unwrap()));
            Router::new().route("/v1/event", post(append)).with_state(file)
        }
        other => panic!("{ARGUMENT}: ceiling, or floor FILE, not {other:?}"),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("http://{}", listener.local_addr().unwrap());
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            let service = hyper_util::service::TowerToHyperService::new(router.clone());
            tokio::spawn(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(hyper_util::rt::TokioIo::new(stream), service),
            );
        }
    });
}

async fn nothing(_: Bytes) -> &'static str {
    "{}"
}

/// One body after the other, each on disk before the next.
async fn append(State(file): State<Arc<Mutex<fs::File>>>, body: Bytes) -> &'static str {
    let write = move || {
        let mut file = file.lock().unwrap();
        file.write_all(&body).unwrap();
        file.sync_data().unwrap();
    };
    tokio::task::spawn_blocking(write).await.unwrap();
    "{}"
}
