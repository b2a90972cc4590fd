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
        // On the thread that drives a runtime, and on the one that a runtime lends for blocking work there.
        "multi-thread-block-on" => multi_thread().block_on(async { work() }),
        "block-in-place" => multi_thread().block_on(async {
            tokio::spawn(async { tokio::task::block_in_place(work) }).await.expect("the task ends well");
        }),
        "spawn-blocking-current-thread" => current_thread().block_on(async {
            spawn_blocking(work).await.expect("the task ends well");
        }),
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
        // The same on a runtime that is dropped where blocking is not allowed, and ends in the background.
        "in-drop-in-background" => {
            let runtime = multi_thread();
            let (started, wait) = std::sync::mpsc::channel();
            let (ended, end) = std::sync::mpsc::channel::<()>();
            runtime.spawn(async move {
                let _dropped_last = ended;
                let _late = Late;
                started.send(()).expect("somebody waits");
                std::future::pending::<()>().await;
            });
            wait.recv().expect("the task starts");
            current_thread().block_on(async { runtime.shutdown_background() });
            assert!(end.recv().is_err(), "nothing is sent, and the end of the task is heard");
        }
        // In the destructor of a thread's own variable, when that thread ends.
        "thread-local" => {
            thread_local! { static LATE: Late = const { Late } }
            let thread = std::thread::spawn(|| LATE.with(|_| ()));
            thread.join().expect("the thread ends well");
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
