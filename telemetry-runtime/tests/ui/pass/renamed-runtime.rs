//! `crate = path` names the runtime where it has another name; no expansion then looks for the usual one.
#![deny(warnings)]

mod outer {
    pub(crate) extern crate telemetry_runtime as rt;

    pub(crate) use rt::__private;
}

/// Shadows the usual name.
#[allow(unused_imports, dead_code)]
mod telemetry_runtime {}

use outer::rt;

mod sdks {
    pub(crate) static OTHER: crate::rt::Sdk = crate::rt::sdk! {
        crate: crate::rt,
        name: "acme-ui",
        role: Application,
        exit: Later,
        default: Off,
        env: "ACME",
        endpoint: "http://127.0.0.1:9/",
        wire: EventBatch { strict: true },
        docs: "https://acme.example/telemetry",
        operator: "Acme Inc.",
        contact: "privacy@acme.example",
        region: "EU",
        retention: "90 days",
        shared_with: "nobody",
        active: Daily,
    };
}

#[derive(rt::TelemetryValue)]
#[telemetry(crate = crate::rt, rename_all = "kebab-case")]
pub enum Component {
    SignIn,
    SignUp { quick: bool },
}

#[rt::telemetry_event(crate = "crate::rt", sdk = crate::sdks::OTHER, kind = Command)]
pub struct Mounted {
    component: Component,
}

#[rt::track_call(crate = crate::rt, sdk = crate::sdks::OTHER, props(session))]
fn get_auth(session: Option<u8>) {}

fn main() {
    let _ = outer::__private::choose! { { 1 } { 2 } };
    rt::record!(Mounted { component: Component::SignIn });
    rt::record!(Mounted { component: Component::SignUp { quick: true } });
    get_auth(None);
}
