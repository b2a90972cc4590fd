//! OpenTelemetry's logs with OTLP over HTTP, as their pages advise: tracing is the API, the appender bridges it
//! (<https://docs.rs/opentelemetry-appender-tracing/0.33/opentelemetry_appender_tracing/#getting-started>), the batch processor
//! exports (<https://docs.rs/opentelemetry-otlp/0.33/opentelemetry_otlp/#http-transport-port-4318>), and what its own HTTP client
//! says of itself is kept out by a filter, as in the example of the repository, `opentelemetry-otlp/examples/basic-otlp-http`.

use harness::{Arguments, Peer};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_otlp::{Protocol, WithExportConfig as _};
use opentelemetry_sdk::{Resource, logs::SdkLoggerProvider};
use tracing_subscriber::{filter::Targets, prelude::*};

struct OpenTelemetry {
    provider: SdkLoggerProvider,
}

macro_rules! of_numbers {
    ($($event:ident $record:ident $count:literal: $($field:ident)*;)*) => {
        $(
            fn $record(_: &OpenTelemetry, number: u64) {
                tracing::info!(name: "accepted", $($field = number,)*);
            }
        )*

        fn wide(fields: usize) -> Option<fn(&OpenTelemetry, u64)> {
            match fields {
                $($count => Some($record),)*
                _ => None,
            }
        }
    };
}

harness::widths!(of_numbers);

impl Peer for OpenTelemetry {
    #[inline]
    fn record(&self, overrides: u16) {
        tracing::info!(name: "accepted", component = "sign_up", appearance = true, overrides);
    }

    fn wide(&self, fields: usize) -> Option<fn(&Self, u64)> {
        wide(fields)
    }

    fn flush(&self) {
        let _ = self.provider.force_flush();
    }

    fn end(self) {
        let _ = self.provider.shutdown();
    }
}

fn main() {
    harness::run(|arguments: &Arguments| {
        let exporter = opentelemetry_otlp::LogExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(arguments.url("/v1/logs"))
            .build()
            .expect("the endpoint is a URL");
        let provider = SdkLoggerProvider::builder()
            .with_resource(Resource::builder().with_service_name("peers").build())
            .with_batch_exporter(exporter)
            .build();
        let only_ours = Targets::new().with_target("peer_opentelemetry", tracing::Level::INFO);
        tracing_subscriber::registry().with(OpenTelemetryTracingBridge::new(&provider).with_filter(only_ours)).init();
        OpenTelemetry { provider }
    });
}
