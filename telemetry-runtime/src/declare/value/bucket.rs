use std::time::Duration;

use telemetry_schema::{
    node::Node,
    ready_made::{self, BUCKET_EXPONENT},
};

use crate::declare::{sink::Sink, value::TelemetryValue};

/// How many of something, rounded down to a power of two: 0, 1, 2, 4, … 2^52.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CountBucket(u8);

impl CountBucket {
    /// Keeps the power of two below `count`.
    #[inline]
    pub const fn of(count: u64) -> Self {
        Self(bucket(count))
    }

    /// The number that is sent.
    pub(crate) const fn number(self) -> i64 {
        lower_bound(self.0 as u16)
    }
}

/// How long something took: milliseconds rounded down to a power of two: 0, 1, 2, 4, … 2^52.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DurationBucket(u8);

impl DurationBucket {
    /// Keeps the power of two of milliseconds below `duration`.
    #[inline]
    pub const fn of(duration: Duration) -> Self {
        let millis = duration.as_millis();
        Self(bucket(if millis > u64::MAX as u128 { u64::MAX } else { millis as u64 }))
    }
}

/// 0 for 0, else one more than the exponent of the power of two below `value`.
#[inline]
const fn bucket(value: u64) -> u8 {
    let bits = u64::BITS - value.leading_zeros();
    if bits > BUCKET_EXPONENT + 1 { BUCKET_EXPONENT as u8 + 1 } else { bits as u8 }
}

/// The number that is sent for a bucket.
pub(crate) const fn lower_bound(bucket: u16) -> i64 {
    match bucket {
        0 => 0,
        bucket if bucket as u32 > BUCKET_EXPONENT => 1 << BUCKET_EXPONENT,
        bucket => 1 << (bucket - 1),
    }
}

impl TelemetryValue for CountBucket {
    type Sent = super::Sent;
    const SCHEMA: &'static Node = &Node::leaf("\"count_bucket\"");
    const DIGEST: u128 = ready_made::COUNT_BUCKET.digest;

    #[inline]
    fn write(&self, sink: &mut Sink<'_>) {
        sink.variant(u16::from(self.0));
    }
}

impl TelemetryValue for DurationBucket {
    type Sent = super::Sent;
    const SCHEMA: &'static Node = &Node::leaf("\"duration_bucket\"");
    const DIGEST: u128 = ready_made::DURATION_BUCKET.digest;

    #[inline]
    fn write(&self, sink: &mut Sink<'_>) {
        sink.variant(u16::from(self.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_round_down_to_powers_of_two() {
        for (count, sent) in
            [(0, 0), (1, 1), (2, 2), (3, 2), (4, 4), (1000, 512), (1 << 52, 1 << 52), (u64::MAX, 1 << 52)]
        {
            assert_eq!(lower_bound(u16::from(CountBucket::of(count).0)), sent, "{count}");
        }
        assert_eq!(lower_bound(u16::from(DurationBucket::of(Duration::from_micros(999)).0)), 0);
        assert_eq!(lower_bound(u16::from(DurationBucket::of(Duration::MAX).0)), 1 << 52);
    }
}
