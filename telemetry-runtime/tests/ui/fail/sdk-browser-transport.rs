use telemetry_runtime::{
    Sdk, sdk,
    transport::{Cancel, Request, Response, Transport, TransportError},
};

#[derive(Default)]
struct Own;

impl Transport for Own {
    fn send(&mut self, _: &Request, _: &Cancel) -> Result<Response, TransportError> {
        Ok(Response::new(204))
    }
}

pub static TELEMETRY: Sdk = sdk! {
    name: "acme-ui",
    role: Library,
    default: On,
    env: "ACME",
    endpoint: "https://telemetry.acme.example",
    wire: EventBatch { strict: false },
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
    transport: crate::Own,
    browser: true,
};

fn main() {}
