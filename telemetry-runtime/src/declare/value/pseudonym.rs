use telemetry_schema::{node::Node, sha256::sha256};

use crate::declare::{
    sink::Sink,
    value::{TelemetryValue, digests},
};

/// A keyed hash of something local, such as a project's folder.
///
/// What is sent is HMAC-SHA256 with a secret that is made on this machine and never leaves it, over SDK, event, field,
/// UTC month and the input: two events, two fields or two months cannot be joined by it, and nobody without
/// the secret can try inputs. Where `sdk!` declares `identity` it is the epoch of its ids in place of the month. Only a plain digest of the input reaches the queue in memory, nothing of it the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pseudonym([u8; 32]);

impl Pseudonym {
    /// Takes the digest of `input`; the input itself is not kept.
    pub fn of(input: impl AsRef<[u8]>) -> Self {
        Self(sha256(input.as_ref()))
    }
}

impl TelemetryValue for Pseudonym {
    type Sent = super::Sent;
    const SCHEMA: &'static Node = &Node::leaf("\"pseudonym\"");
    const DIGEST: u128 = digests::PSEUDONYM;

    fn write(&self, sink: &mut Sink<'_>) {
        sink.digest(&self.0);
    }
}
