//! Recording and flushing inside and outside of tokio runtimes.

use std::time::Duration;

use telemetry_runtime::flush;
use tokio::{
    runtime::Builder,
    task::{LocalSet, spawn_blocking},
};

use crate::record_all;

/// Does what `action` says; `false` if it is none of this file.
pub(crate) fn run(action: &str, arguments: &[String]) -> bool {
    if action != "runtime" {
        return false;
    }
    match arguments.get(1).map(String::as_str).unwrap_or_default() {
        "none" => work(),
        "current-thread" => current_thread().block_on(async { work() }),
        "multi-thread" => multi_thread().block_on(async {
            tokio::spawn(async { work() }).await.expect("the task ends well");
        }),
        "spawn-blocking" => multi_thread().block_on(async {
            spawn_blocking(work).await.expect("the task ends well");
        }),
        "local-set" => {
            let local = LocalSet::new();
            local.block_on(&current_thread(), async {
                tokio::task::spawn_local(async { work() }).await.expect("the task ends well");
            });
        }
        // Recorded while a runtime runs, delivered after it has ended.
        "after-the-end" => {
            let runtime = multi_thread();
            runtime.block_on(async { record_all() });
            drop(runtime);
            deliver();
        }
        // In the destructor of something that a runtime drops when it ends.
        "in-drop" => {
            let runtime = current_thread();
            runtime.spawn(async {
                let _late = Late;
                std::future::pending::<()>().await;
            });
            runtime.block_on(tokio::task::yield_now());
            drop(runtime);
        }
        other => panic!("no such runtime: {other:?}"),
    }
    true
}

struct Late;

impl Drop for Late {
    fn drop(&mut self) {
        work();
    }
}

fn work() {
    record_all();
    deliver();
}

fn deliver() {
    println!("{:?}", flush(Duration::from_secs(20)));
}

fn current_thread() -> tokio::runtime::Runtime {
    Builder::new_current_thread().enable_time().build().expect("a runtime can be built")
}

fn multi_thread() -> tokio::runtime::Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_time().build().expect("a runtime can be built")
}
