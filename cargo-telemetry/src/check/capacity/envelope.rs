//! What travels beside the payload.

use telemetry_schema::SdkDescriptor;

/// A UUIDv7 has 48 bits of time, which is sent as the hour, and 74 random ones.
const ID_RANDOM_BITS: f64 = 74.0;

/// Milliseconds of an hour: what the 48 bits of time are cut to.
const HOUR_MS: f64 = 3_600_000.0;

/// human, ci, agent, unknown.
const ACTORS: f64 = 4.0;

/// An idempotency key is as long as a UUID.
const KEY_BITS: f64 = 128.0;

/// An id of the installation is sixteen bytes.
const INSTALLATION_BITS: f64 = 128.0;

/// Days of the years 0 to 9999: all that a date of ten characters can be.
const DAYS: f64 = 3_652_425.0;

/// Bits by name. An SDK that is not known counts as one with the widest envelope.
pub(super) fn of(sdk: Option<&SdkDescriptor>, events: usize) -> Vec<(&'static str, f64)> {
    let extended = sdk.is_none_or(|sdk| sdk.wire.has_ids());
    let mut beside = vec![("which event", (events.max(1) as f64).log2())];
    if extended {
        // `ts` and the time in `id` are the same hour.
        beside.push(("id", ID_RANDOM_BITS));
        beside.push(("hour", (48f64.exp2() / HOUR_MS).log2()));
        beside.push(("actor", ACTORS.log2()));
        beside.push(("ephemeral", 1.0));
        if sdk.is_none_or(|sdk| sdk.identity.is_some()) {
            beside.push(("installation", INSTALLATION_BITS));
        }
    } else {
        beside.push(("telemetry-day", DAYS.log2()));
    }
    beside.push(("idempotency-key", KEY_BITS));
    beside
}
