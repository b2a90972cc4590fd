//! Why something is refused: the words that clients, the store and `/metrics` see.

pub use cargo_telemetry::payload::Reason;
