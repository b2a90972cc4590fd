//! What is measured: packages, and the clients in them.

/// A package of this folder, built by itself.
pub struct Package {
    pub folder: &'static str,
    /// The crates whose versions stand for the client's.
    pub crates: &'static [&'static str],
}

/// One row of the tables.
pub struct Client {
    pub id: &'static str,
    pub name: &'static str,
    pub package: &'static str,
    pub variant: &'static str,
    pub kind: Kind,
    /// What it keeps for a later run, if anything.
    pub keeps: bool,
    /// How far it is comparable, in words.
    pub words: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Ours,
    /// Delivers every event to a server, as this framework does.
    Peer,
    /// Does something else.
    Other,
    /// Written by hand.
    Floor,
}

pub const PACKAGES: [Package; 9] = [
    Package { folder: "ours", crates: &["telemetry-runtime"] },
    Package { folder: "opentelemetry", crates: &["opentelemetry-otlp", "opentelemetry-appender-tracing"] },
    Package { folder: "emit-otlp", crates: &["emit_otlp"] },
    Package { folder: "sentry", crates: &["sentry"] },
    Package { folder: "posthog", crates: &["posthog-rs"] },
    Package { folder: "glean", crates: &["glean", "ureq"] },
    Package { folder: "tracing-file", crates: &["tracing", "tracing-appender", "tracing-subscriber"] },
    Package { folder: "metrics", crates: &["metrics", "metrics-exporter-prometheus"] },
    Package { folder: "by-hand", crates: &[] },
];

pub const CLIENTS: [Client; 11] = [
    Client {
        id: "extended",
        name: "this framework",
        package: "ours",
        variant: "extended",
        kind: Kind::Ours,
        keeps: true,
        words: "The extended format: JSON, each event with an id and its hour. Every event is on disk before it is sent, the log of \
                what was sent is kept, and every event that is lost is counted by its reason.",
    },
    Client {
        id: "strict",
        name: "this framework, strict",
        package: "ours",
        variant: "strict",
        kind: Kind::Ours,
        keeps: true,
        words: "The strict format: JSON without ids and times, up to a hundred events in a request.",
    },
    Client {
        id: "opentelemetry",
        name: "opentelemetry",
        package: "opentelemetry",
        variant: "",
        kind: Kind::Peer,
        keeps: false,
        words: "Logs by tracing and its bridge; OTLP over HTTP with protobuf, not compressed. Writes no file. The queue holds 2,048 \
                events; what does not fit is dropped.",
    },
    Client {
        id: "emit",
        name: "emit",
        package: "emit-otlp",
        variant: "",
        kind: Kind::Peer,
        keeps: false,
        words: "OTLP over HTTP with protobuf, compressed by gzip, which it leaves out over HTTPS; the same event again and again compresses better than real ones. Writes no file. The queue holds \
                10,000 events; where it is full, all of it is dropped.",
    },
    Client {
        id: "sentry",
        name: "sentry, logs",
        package: "sentry",
        variant: "",
        kind: Kind::Peer,
        keeps: false,
        words: "Structured logs, a hundred in an envelope, JSON. Writes no file. Thirty envelopes wait; further ones are dropped.",
    },
    Client {
        id: "posthog",
        name: "posthog-rs",
        package: "posthog",
        variant: "",
        kind: Kind::Peer,
        keeps: false,
        words: "Events of product analytics, a hundred in a request, JSON, each with an id and a time. Writes no file. The queue \
                holds 10,000 events; further ones are dropped.",
    },
    Client {
        id: "glean",
        name: "glean",
        package: "glean",
        variant: "",
        kind: Kind::Peer,
        keeps: true,
        words: "The only other one that keeps events on disk. JSON by gzip, 500 events in a ping. Its limit of 15 pings a minute is \
                lifted here. It has no HTTP client of its own; ureq is what was added. Values of events are text.",
    },
    Client {
        id: "tracing",
        name: "tracing, JSON to a file",
        package: "tracing-file",
        variant: "",
        kind: Kind::Other,
        keeps: false,
        words: "Writes a file and sends nothing, so its figures are those of half the way: \"delivered\" is a line in the file. The \
                file has no bound.",
    },
    Client {
        id: "metrics",
        name: "metrics, push gateway",
        package: "metrics",
        variant: "",
        kind: Kind::Other,
        keeps: false,
        words: "Keeps no events: an event becomes one more in a sum, and what is sent is the sums, however many events there were. That is why \
                it is cheap, and no event can be told from another. \"Delivered\" is the sum that the server saw last.",
    },
    Client {
        id: "by-hand-file",
        name: "by hand, file and HTTP",
        package: "by-hand",
        variant: "file",
        kind: Kind::Floor,
        keeps: false,
        words: "The floor: the bytes of this framework's extended format, formatted by hand, written to a file and sent in requests of \
                500 by the thread that records. Nothing makes sure of anything.",
    },
    Client {
        id: "by-hand-http",
        name: "by hand, HTTP",
        package: "by-hand",
        variant: "http",
        kind: Kind::Floor,
        keeps: false,
        words: "The same without the file.",
    },
];

pub fn client(id: &str) -> Option<&'static Client> {
    CLIENTS.iter().find(|client| client.id == id)
}
