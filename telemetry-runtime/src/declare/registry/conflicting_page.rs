//! Which events of a page are off because of others: the same name as in `conflicting.rs`. A page asks for each event once and has few, so it
//! looks at all of them each time.

use super::listed::{declared_sdks, linked_metas};
use crate::declare::sdk::{SdkInfo, meta::EventMeta};

/// Whether an event is off because of another one: two that differ claim its key at one destination, or a bare payload cannot name it.
pub(crate) fn is_conflicting(meta: &EventMeta) -> bool {
    is_one_of(meta, &linked_metas(), &declared_sdks())
}

fn is_one_of(meta: &EventMeta, all: &[&EventMeta], sdks: &[&SdkInfo]) -> bool {
    let key = meta.key();
    let alike = || all.iter().filter(|other| other.key() == key);
    alike().any(|one| {
        let info = one.sdk.info;
        let differs =
            |other: &&EventMeta| info.destination == other.sdk.info.destination && one.digest() != other.digest();
        let is_unnamed = || sdks.iter().any(|sdk| !sdk.wire.is_list() && sdk.is_same(info));
        let has_others = || all.iter().any(|other| other.sdk.info.is_same(info) && other.key() != key);
        alike().any(differs) || (is_unnamed() && has_others())
    })
}

#[cfg(test)]
mod tests {
    use telemetry_schema::{Kind, Throttle, Wire};

    use super::*;
    use crate::declare::sdk::{Sdk, SdkState};

    static STATE: SdkState = SdkState::new();
    static HERE: SdkInfo = SdkInfo { destination: 1, ..SdkInfo::FOR_TESTS };
    static THERE: SdkInfo = SdkInfo { destination: 2, ..SdkInfo::FOR_TESTS };
    static BEACON: SdkInfo = SdkInfo { name: "acme-beacon", destination: 1, wire: Wire::Beacon, ..SdkInfo::FOR_TESTS };

    const fn event(info: &'static SdkInfo, key: u128, schema: u128) -> EventMeta {
        let sdk = Sdk { info, state: &STATE };
        EventMeta::new(sdk, &[], Kind::Event, Throttle::None, 1.0, u32::MAX, key, &[schema])
    }

    fn off(all: &[&EventMeta]) -> Vec<bool> {
        all.iter().map(|meta| is_one_of(meta, all, &[&HERE, &THERE, &BEACON])).collect()
    }

    #[test]
    fn an_event_is_off_where_another_one_claims_its_key() {
        let (one, same, other) = (event(&HERE, 1, 1), event(&HERE, 1, 1), event(&HERE, 1, 2));
        assert_eq!(off(&[&one, &same, &event(&HERE, 2, 2)]), [false; 3]);
        assert_eq!(off(&[&one, &same, &other, &event(&HERE, 2, 2)]), [true, true, true, false]);
        assert_eq!(off(&[&one, &event(&THERE, 1, 2)]), [false; 2], "each goes to a place of its own");
    }

    #[test]
    fn an_event_is_off_where_a_bare_payload_cannot_name_it() {
        assert_eq!(off(&[&event(&BEACON, 1, 1), &event(&HERE, 2, 2)]), [false; 2]);
        assert_eq!(off(&[&event(&BEACON, 1, 1), &event(&BEACON, 2, 2), &event(&HERE, 3, 2)]), [true, true, false]);
    }
}
