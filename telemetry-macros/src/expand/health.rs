//! The event of `health: Daily`: it tells how many events were lost, and how.

use proc_macro2::TokenStream;

use super::{
    Meta, Told, ours,
    record::{self, Head},
};
use crate::{
    ast::Doc,
    attr::{Common, Throttle},
    case::Case,
    digest,
};

/// Its fields: the losses of the ledger. The runtime writes them in the same order.
const FIELDS: [(&str, &str); 8] = [
    ("unknown", "Events that were sent without an answer and given up."),
    ("queue_full", "Events that found the queue in memory full."),
    ("oversize", "Events that were too large."),
    ("disk", "Events that could not be written to the disk."),
    ("evicted", "Events that made room for newer ones."),
    ("expired", "Events that became too old to be sent."),
    ("corrupt", "Events that could not be read from the disk any more."),
    ("rejected", "Events that the server refused."),
];

/// The largest number that one report tells; more is told by the next one. `telemetry_runtime` has it as `HEALTH_MOST`.
const MOST: u64 = 1_000_000;

/// The statics `__TELEMETRY_HEALTH_RECORD` and `__TELEMETRY_HEALTH_META`, and the registration; `sdk` is an expression.
pub(super) fn statics(private: &TokenStream, sdk_name: &str, sdk: &TokenStream, case: Case, at: &str) -> TokenStream {
    let common = Common::default();
    let meta = Meta { throttle: Throttle::None, ..Meta::new("Event", &common) };
    let name = case.spell("telemetry_health");
    let (sdk_digest, event_digest) = (digest::literal(sdk_name), digest::literal(&name));
    let head = Head {
        sdk: ours!(&#private::Node::leaf(#sdk_name)),
        event: ours!(&#private::Node::leaf(#name)),
        discriminant: None,
        is_struct: false,
        doc: &Doc::Text("Tells how many events of this SDK were lost since the last report, and how.".to_owned()),
        at,
    };
    let text = record::event(private, head, &meta, &common, |text| {
        for (index, (key, doc)) in FIELDS.iter().enumerate() {
            record::field_start(text, index == 0, key);
            text.push(&format!("{{\"int\":{{\"min\":0,\"max\":{MOST}}}}}"));
            record::field_end(text, doc, None, None);
        }
    });
    let parts = text.parts();
    let told = Told {
        sdk: ours!(#sdk_digest),
        event: ours!(#event_digest),
        discriminant: 0,
        fields: FIELDS
            .iter()
            .map(|(key, _)| {
                let (key, of) = (digest::literal(key), digest::literal(&format!("int;0;{MOST}")));
                ours!(#private::combine(#key, #of))
            })
            .collect(),
        texts: Vec::new(),
    };
    let meta = meta.tuple(private, sdk, &told);
    ours! {
        #private::event_statics! {
            __TELEMETRY_HEALTH_RECORD, __TELEMETRY_HEALTH_PARTS = #parts, __TELEMETRY_HEALTH_META = #meta
        }
    }
}
