//! Which events of a program are off because of others: asked for each event, so all answers are kept.

use std::sync::OnceLock;

use telemetry_schema::{EventDescriptor, Record, SdkDescriptor, conflicts, order, record};

use super::listed::{declared_sdks, linked_metas};
use crate::{
    base::{collections::HashSet, process::PerProcess},
    declare::sdk::{
        SdkInfo,
        meta::{EventMeta, Key},
    },
};

/// Whether an event is off because of another one; see [`conflicts`].
pub(crate) fn is_conflicting(meta: &EventMeta) -> bool {
    off().binary_search(&meta.key()).is_ok()
}

/// The same keys as the statics have them, in order.
fn off() -> &'static [Key] {
    // A child that is forked while another thread reads the registry must not wait for it.
    static OFF: PerProcess<OnceLock<Vec<Key>>> = PerProcess::new(OnceLock::new(), |_| OnceLock::new());
    OFF.get_or_init(|| {
        let (sdks, metas) = (declared_sdks(), linked_metas());
        let is_split = |sdk: &&'static SdkInfo| sdks.iter().any(|other| other.name == sdk.name && !other.is_same(sdk));
        let mut off = match sdks.iter().any(is_split) {
            true => off_by_records(metas),
            false => off_by_digests(&sdks, &metas),
        };
        order::set(&mut off);
        off
    })
}

/// As [`conflicts`] says, where each name of an SDK has one destination, or each event belongs to the SDK that its static names; no record is
/// read.
fn off_by_digests(sdks: &[&SdkInfo], metas: &[&EventMeta]) -> Vec<Key> {
    let mut claims: Vec<_> = metas.iter().map(|meta| (meta.key(), meta.sdk.info.destination, meta.digest())).collect();
    order::set(&mut claims);
    let both = claims.iter().zip(claims.iter().skip(1));
    let is_one =
        |((key, place, _), (next, at, _)): &(&(Key, u128, u128), &(Key, u128, u128))| key == next && place == at;
    let mut off: Vec<_> = both.filter(is_one).map(|((key, ..), _)| *key).collect();
    // What carries a bare payload cannot name the event.
    for sdk in sdks.iter().filter(|sdk| !sdk.wire.is_list()) {
        let keys: HashSet<_> = metas.iter().filter(|meta| meta.sdk.info.is_same(sdk)).map(|meta| meta.key()).collect();
        if keys.len() > 1 {
            off.extend(keys);
        }
    }
    off
}

/// As [`conflicts`] says, by the records: two SDKs of one name send to different places.
fn off_by_records(metas: Vec<&EventMeta>) -> Vec<Key> {
    let keys: HashSet<_> = conflicts(&linked_sdks(), &descriptors(metas.clone())).into_iter().collect();
    let is_off = |meta: &&EventMeta| descriptors(vec![meta]).iter().any(|event| keys.contains(&event.key()));
    metas.into_iter().filter(is_off).map(|meta| meta.key()).collect()
}

fn linked_sdks() -> Vec<SdkDescriptor> {
    let parsed = declared_sdks().into_iter().map(|info| record::read(info.record));
    parsed
        .filter_map(|record| match record {
            Ok(Record::Sdk(sdk)) => Some(sdk),
            _ => None,
        })
        .collect()
}

fn descriptors(metas: Vec<&EventMeta>) -> Vec<EventDescriptor> {
    metas.into_iter().filter_map(EventMeta::descriptor).collect()
}
