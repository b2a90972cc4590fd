//! The host of a component library, as its developer runs it: `<program> <action> [number]`. Two programs hold two versions
//! of the library.

use std::{io::Read as _, time::Duration};

use telemetry_runtime::{Sdk, allow_release, flush, shutdown};

/// The whole of such a program; `opened` renders the page, and records that.
pub fn page(sdk: &'static Sdk, opened: fn(u32)) {
    crate::begin(sdk);
    allow_release(sdk);
    // A host that ends in good order: what was recorded is on disk and counted there, delivered or not.
    let end = || {
        let _ = shutdown(Duration::from_secs(60));
    };
    let number = crate::argument(2);
    match std::env::args().nth(1).unwrap_or_default().as_str() {
        // A run: the page is rendered, then the program ends.
        "run" => {
            opened(number);
            end();
            println!("done");
        }
        // A run that goes on until standard input is closed, and renders the page again then.
        "stay" => {
            opened(number);
            println!("ready");
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            opened(number + 1);
            end();
        }
        "deliver" => println!("{:?}", flush(Duration::from_secs(60))),
        "status" => println!("{}", sdk.status().to_json()),
        other => {
            eprintln!("no such action: {other:?}");
            std::process::exit(2);
        }
    }
}
