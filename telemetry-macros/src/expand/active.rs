//! The event of `active: Daily`: it counts installations without an id.

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

/// Its fields: the dates and versions that this installation remembers of itself.
const FIELDS: [(&str, &str); 4] = [
    ("first_in_week", "Whether this is the first active day of this installation in its ISO week."),
    ("first_in_month", "Whether this is the first active day of this installation in its month."),
    ("first_ever", "Whether this is the first active day of this installation."),
    ("first_of_version", "Whether this is the first active day of this installation with this version."),
];

/// The static `__TELEMETRY_ACTIVE_META`, what it needs and the registration; `sdk` is an expression.
pub(super) fn statics(private: &TokenStream, sdk_name: &str, sdk: &TokenStream, case: Case, at: &str) -> TokenStream {
    let common = Common::default();
    let meta = Meta { throttle: Throttle::None, ..Meta::new("Event", &common) };
    let name = case.spell("active");
    let (sdk_digest, event_digest) = (digest::literal(sdk_name), digest::literal(&name));
    let head = Head {
        sdk: ours!(&#private::Node::leaf(#sdk_name)),
        event: ours!(&#private::Node::leaf(#name)),
        discriminant: None,
        is_struct: false,
        doc: &Doc::Text("Counts active installations, at most once a day each.".to_owned()),
        at,
    };
    let text = record::event(private, head, &meta, &common, |text| {
        for (index, (key, doc)) in FIELDS.iter().enumerate() {
            record::field_start(text, index == 0, key);
            text.push("\"bool\"");
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
                let (key, of) = (digest::literal(key), digest::literal("bool"));
                ours!(#private::combine(#key, #of))
            })
            .collect(),
        texts: Vec::new(),
    };
    let meta = meta.tuple(private, sdk, &told);
    ours! {
        #private::event_statics! {
            __TELEMETRY_ACTIVE_RECORD, __TELEMETRY_ACTIVE_PARTS = #parts, __TELEMETRY_ACTIVE_META = #meta
        }
    }
}
