//! metrics with the exporter for Prometheus, which pushes to a gateway
//! (<https://docs.rs/metrics-exporter-prometheus/0.18/metrics_exporter_prometheus/struct.PrometheusBuilder.html#method.with_push_gateway>). It
//! keeps no events: an event is a counter with two labels and a value of a histogram, and what is pushed is their sums. There is no
//! flush; the exporter pushes at its interval, and a program ends without a last push.

use std::{thread, time::Duration};

use harness::{Arguments, Peer};
use metrics_exporter_prometheus::PrometheusBuilder;

const INTERVAL: Duration = Duration::from_millis(200);

struct Metrics;

impl Peer for Metrics {
    fn record(&self, overrides: u16) {
        metrics::counter!("accepted", "component" => "sign_up", "appearance" => "true").increment(1);
        metrics::histogram!("overrides").record(overrides);
    }

    fn wide(&self, _fields: usize) -> Option<fn(&Self, u64)> {
        None
    }

    fn flush(&self) {
        thread::sleep(INTERVAL + INTERVAL / 2);
    }

    fn end(self) {}
}

fn main() {
    harness::run(|arguments: &Arguments| {
        rustls::crypto::aws_lc_rs::default_provider().install_default().expect("no other provider is installed");
        PrometheusBuilder::new()
            .with_push_gateway(arguments.url("/metrics/job/peers"), INTERVAL, None, None, false)
            .expect("the gateway is a URL")
            .install()
            .expect("no other recorder is installed");
        Metrics
    });
}
