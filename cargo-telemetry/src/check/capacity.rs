//! How much an event can tell at most: its payload capacity in bits.
//!
//! # The bound
//!
//! Whoever receives one of *n* possible messages learns at most log2 *n* bits (R. V. L. Hartley, "Transmission of
//! Information", 1928; Shannon's entropy of any distribution over them is not larger). So the capacity of a type is log2
//! of the number of values that it can take on the wire:
//!
//! | type | values | bits |
//! | --- | --- | --- |
//! | bool | 2 | 1 |
//! | int *a*..=*b* | *b* − *a* + 1 | log2 |
//! | unbounded | 2^width of the Rust type | width |
//! | enum of *n* | *n* | log2 *n* |
//! | variants | Σ values of each, 1 for one without a value | log2 |
//! | struct, array | Π values of each | Σ bits |
//! | optional | values + 1 | log2 |
//! | list of at most *m*, *c* values each | Σ from *k* = 0 to *m* of *c*^*k* = (*c*^(*m*+1) − 1) / (*c* − 1) | log2 |
//! | one of *n* names | *n* + 1: the names, and `other` | log2 |
//! | count bucket, duration bucket | 54: zero, and 2^0 to 2^52 | log2 |
//! | free text of at most *m* bytes | fewer than 2^(8*m*): not all bytes are UTF-8 | 8 *m* |
//! | version | 2^96 for three `u32`; times 1 without a tag, 2^32 + 1 for each of five tags, 1 for `other` | log2 |
//! | os | 9 | log2 |
//! | os version | Σ from *k* = 0 to 3 of 2^(32*k*) | log2 |
//! | packages | a list; an item is a name (listed, or a prefix and up to 214 bytes of 67 kinds) times an optional version | log2 |
//! | pseudonym | 2^128 + 1 | 128 |
//!
//! The numbers 54, 9, 3, 214 and 67 come from [`telemetry_schema::ready_made`], which the runtime sends by.
//!
//! # What is counted beside the fields
//!
//! Which of the SDK's events it is; the random part of ids; hours; actor; whether the machine is ephemeral; the
//! key and the day of the request, as if each event were alone in one. What is the same for all users of one build
//! counts nothing: names, versions, `it`. What the host program sets once for all its users counts nothing either and is
//! named: the key of an instance and the sampling rate.
//!
//! # What is outside
//!
//! The network address, the time of arrival and TLS parameters; what a server learns by linking events, for instance by
//! their arrival together; that nothing was sent.

mod bits;
mod day;
mod envelope;

use telemetry_schema::{EventDescriptor, Manifest, SdkDescriptor};

use bits::fields;
pub(crate) use day::Sends;

/// The bound of one event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Capacity {
    /// Bits of the fields together.
    pub(crate) payload: f64,
    /// Bits beside the payload, by name.
    pub(crate) beside: Vec<(&'static str, f64)>,
    /// How often it can be sent on one day.
    pub(crate) sends: Sends,
}

impl Capacity {
    /// Bits of one event with envelope and request.
    pub(crate) fn event(&self) -> f64 {
        self.payload + self.beside.iter().map(|(_, bits)| bits).sum::<f64>()
    }

    /// Bits of one day, where the number of sends has a bound.
    pub(crate) fn day(&self) -> Option<f64> {
        match self.sends {
            Sends::AtMost(sends) => Some(sends * self.event()),
            Sends::EveryTime | Sends::TooMany => None,
        }
    }
}

/// The capacity of `event`.
pub(crate) fn of(event: &EventDescriptor, sdk: Option<&SdkDescriptor>, manifest: &Manifest) -> Capacity {
    let payload = fields(&event.fields);
    let of_same_sdk = manifest.events.iter().filter(|other| other.sdk == event.sdk).count();
    Capacity { payload, beside: envelope::of(sdk, of_same_sdk), sends: day::sends(event, sdk, payload) }
}

/// Whole bits, rounded up: a bound must not shrink on its way to a reader.
pub(crate) fn rounded(bits: f64) -> String {
    // A sum of logarithms may end a little above the whole number that it stands for.
    format!("{:.0}", (bits - 1e-9).ceil().max(0.0) + 0.0) // Adding zero turns a negative zero around.
}
