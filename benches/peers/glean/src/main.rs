//! Glean for Rust, as its book advises (<https://mozilla.github.io/glean/book/user/adding-glean-to-your-project/rust.html>): an
//! event metric in the built-in `events` ping, which is submitted by itself at 500 events. The metrics are what `glean_parser` generates
//! from a `metrics.yaml`, written by hand, so that no Python is needed. Glean brings no HTTP client; this one's user takes
//! ureq. Its limit of 15 pings a minute is lifted: with it, all that is measured here would wait for the next minute.

use std::{
    collections::HashMap,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use glean::{
    ClientInfoMetrics, CommonMetricData, ConfigurationBuilder, Lifetime, PingRateLimit,
    net::{CapablePingUploadRequest, PingUploader, UploadResult},
    private::EventMetric,
    traits::ExtraKeys,
};
use harness::{Arguments, Peer};

/// What the parser generates for the three keys.
#[derive(Default)]
struct AcceptedExtra {
    component: Option<String>,
    appearance: Option<bool>,
    overrides: Option<u32>,
}

impl ExtraKeys for AcceptedExtra {
    const ALLOWED_KEYS: &'static [&'static str] = &["appearance", "component", "overrides"];

    fn into_ffi_extra(self) -> HashMap<String, String> {
        let mut map = HashMap::new();
        self.component.and_then(|value| map.insert("component".into(), value));
        self.appearance.and_then(|value| map.insert("appearance".into(), value.to_string()));
        self.overrides.and_then(|value| map.insert("overrides".into(), value.to_string()));
        map
    }
}

/// What the parser generates for keys that are numbers: it allows fifty of them.
struct Numbers<const COUNT: usize>(u64);

const NAMES: [&str; 32] = [
    "f00", "f01", "f02", "f03", "f04", "f05", "f06", "f07", "f08", "f09", "f10", "f11", "f12", "f13", "f14", "f15",
    "f16", "f17", "f18", "f19", "f20", "f21", "f22", "f23", "f24", "f25", "f26", "f27", "f28", "f29", "f30", "f31",
];

impl<const COUNT: usize> ExtraKeys for Numbers<COUNT> {
    const ALLOWED_KEYS: &'static [&'static str] = NAMES.split_at(COUNT).0;

    fn into_ffi_extra(self) -> HashMap<String, String> {
        Self::ALLOWED_KEYS.iter().map(|name| ((*name).to_owned(), self.0.to_string())).collect()
    }
}

fn metric<K: ExtraKeys>(name: &str) -> EventMetric<K> {
    EventMetric::new(CommonMetricData {
        category: "peers".into(),
        name: name.into(),
        send_in_pings: vec!["events".into()],
        lifetime: Lifetime::Ping,
        disabled: false,
        ..Default::default()
    })
}

static ACCEPTED: LazyLock<EventMetric<AcceptedExtra>> = LazyLock::new(|| metric("accepted"));
static ONE: LazyLock<EventMetric<Numbers<1>>> = LazyLock::new(|| metric("one"));
static FOUR: LazyLock<EventMetric<Numbers<4>>> = LazyLock::new(|| metric("four"));
static EIGHT: LazyLock<EventMetric<Numbers<8>>> = LazyLock::new(|| metric("eight"));
static SIXTEEN: LazyLock<EventMetric<Numbers<16>>> = LazyLock::new(|| metric("sixteen"));
static THIRTY_TWO: LazyLock<EventMetric<Numbers<32>>> = LazyLock::new(|| metric("thirty_two"));

static UPLOADS_BEGUN: AtomicU64 = AtomicU64::new(0);
static UPLOADS_ENDED: AtomicU64 = AtomicU64::new(0);

#[derive(Debug)]
struct Uploader {
    agent: ureq::Agent,
}

impl PingUploader for Uploader {
    fn upload(&self, request: CapablePingUploadRequest) -> UploadResult {
        UPLOADS_BEGUN.fetch_add(1, Ordering::SeqCst);
        let result = self.post(request);
        UPLOADS_ENDED.fetch_add(1, Ordering::SeqCst);
        result
    }
}

impl Uploader {
    fn post(&self, request: CapablePingUploadRequest) -> UploadResult {
        let Some(request) = request.capable(|needed| needed.is_empty()) else { return UploadResult::incapable() };
        let mut post = self.agent.post(&request.url);
        for (name, value) in &request.headers {
            post = post.header(name, value);
        }
        match post.send(&request.body[..]) {
            Ok(answer) => UploadResult::http_status(i32::from(answer.status().as_u16())),
            Err(_) => UploadResult::recoverable_failure(),
        }
    }
}

struct Glean;

impl Peer for Glean {
    fn record(&self, overrides: u16) {
        ACCEPTED.record(AcceptedExtra {
            component: Some("sign_up".to_owned()),
            appearance: Some(true),
            overrides: Some(overrides.into()),
        });
    }

    fn wide(&self, fields: usize) -> Option<fn(&Self, u64)> {
        match fields {
            1 => Some(|_, number| ONE.record(Numbers(number))),
            4 => Some(|_, number| FOUR.record(Numbers(number))),
            8 => Some(|_, number| EIGHT.record(Numbers(number))),
            16 => Some(|_, number| SIXTEEN.record(Numbers(number))),
            32 => Some(|_, number| THIRTY_TWO.record(Numbers(number))),
            _ => None,
        }
    }

    fn flush(&self) {
        // There is no wait for an upload: a ping is submitted, and then no upload begins for a while.
        glean::submit_ping_by_name("events", None);
        let deadline = Instant::now() + Duration::from_secs(30);
        let counts = || (UPLOADS_BEGUN.load(Ordering::SeqCst), UPLOADS_ENDED.load(Ordering::SeqCst));
        let mut before = (u64::MAX, 0);
        while Instant::now() < deadline {
            let now = counts();
            if now == before && now.0 == now.1 {
                return;
            }
            before = now;
            thread::sleep(Duration::from_millis(100));
        }
    }

    fn end(self) {
        glean::shutdown();
    }
}

fn main() {
    harness::run(|arguments: &Arguments| {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(30)))
            .http_status_as_error(false)
            .build()
            .new_agent();
        let configuration = ConfigurationBuilder::new(true, arguments.folder.join("glean"), "org.example.peers")
            .with_server_endpoint(arguments.url(""))
            .with_rate_limit(PingRateLimit { seconds_per_interval: 60, pings_per_interval: 1_000_000 })
            .with_uploader(Uploader { agent })
            .build();
        glean::initialize(configuration, ClientInfoMetrics::unknown());
        Glean
    });
}
