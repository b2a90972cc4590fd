//! A host with a copy of the runtime of its own, beside a plugin that has another one.

use std::{path::Path, thread, time::Duration};

use telemetry_runtime::{flush, record};
use telemetry_tests::native::Plugin;

use crate::{Happened, TELEMETRY};

/// Does what `action` says; `false` if it is none of this file.
pub(crate) fn run(action: &str, arguments: &[String]) -> bool {
    if action != "with-plugin" {
        return false;
    }
    let plugin = Plugin::open(Path::new(arguments.get(1).expect("the test names the plugin")));
    let port = std::env::var("PROBE_PORT").ok().and_then(|port| port.parse().ok()).expect("the test sets the port");
    plugin.call("plugin_use_port", port);
    // Both record and deliver at once, into and from one folder.
    thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..500 {
                record!(Happened { number });
                if number % 100 == 99 {
                    let _ = flush(Duration::from_secs(20));
                }
            }
        });
        for number in 500..1000 {
            plugin.call("plugin_record", number);
            if number % 100 == 99 {
                plugin.call("plugin_flush", 20);
            }
        }
    });
    let ours = flush(Duration::from_secs(20)).is_ok();
    println!("{ours} {}", plugin.call("plugin_flush", 20) != u64::MAX);
    println!("{} {}", TELEMETRY.status().ledger.sent, TELEMETRY.status().ledger.waiting);
    plugin.close();
    true
}
