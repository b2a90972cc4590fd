//! The text of a record: `\x7fTLM`, the format version, one line of JSON, a line end.
//!
//! `telemetry-schema` reads it back: the keys and their order are those of `EventDescriptor` and `SdkDescriptor`. All
//! literal text is one literal, because every expression costs time in the author's build.

use proc_macro2::{Literal, TokenStream};

use super::{Meta, ours};
use crate::{
    ast::Doc,
    attr::{Common, Level, Throttle},
    json,
};

/// The magic and the format version, as in `telemetry_schema::record`.
const START: &str = "\u{7f}TLM2";

/// The version of `telemetry-runtime`, which takes these macros in its own version only.
const RUNTIME: &str = env!("CARGO_PKG_VERSION");

/// Text with holes that the compiler fills.
#[derive(Default)]
pub(super) struct Text {
    /// The text without the holes.
    literal: String,
    /// At which byte of the literal each hole is, and an expression of type `&'static Node` for what stands in it.
    holes: Vec<(usize, TokenStream)>,
    /// For the record of an event that is a struct: the digest of the key of each field that stands in a hole.
    keys: Vec<Literal>,
    /// Whether it is one.
    is_struct: bool,
}

impl Text {
    /// Appends JSON or other literal text.
    pub(super) fn push(&mut self, text: &str) {
        self.literal.push_str(text);
    }

    /// Appends an expression of type `&'static Node`.
    pub(super) fn push_node(&mut self, node: TokenStream) {
        self.holes.push((self.literal.len(), node));
    }

    /// Appends `"key":"value"` and what stands `between` it and the text before.
    fn push_pair(&mut self, between: &str, key: &str, value: &str) {
        self.push(&format!("{between}{}:{}", json::string(key), json::string(value)));
    }

    /// The whole text, if it has no holes.
    pub(super) fn literal(&self) -> Option<&str> {
        self.holes.is_empty().then_some(self.literal.as_str())
    }

    /// Appends an expression of type `&'static Facts`, in the record of an event that is a struct.
    pub(super) fn push_facts(&mut self, key: Literal, facts: TokenStream) {
        self.keys.push(key);
        self.push_node(facts);
    }

    /// An expression of type `EventText`, and the digests of the keys of what stands in its holes.
    pub(super) fn event(&self, private: &TokenStream) -> (TokenStream, &[Literal]) {
        let literal = &self.literal;
        let places = self.holes.iter().map(|(place, _)| Literal::usize_unsuffixed(*place));
        // In the first two stand names.
        let facts = self.holes.iter().skip(2).map(|(_, facts)| facts);
        (ours!(#private::EventText { text: #literal, holes: &[#(#places),*], fields: &[#(#facts),*] }), &self.keys)
    }

    /// An expression of type `Parts`.
    pub(super) fn parts(&self) -> TokenStream {
        let literal = &self.literal;
        let places = self.holes.iter().map(|(place, _)| Literal::usize_unsuffixed(*place));
        let nodes = self.holes.iter().map(|(_, node)| node);
        ours!((#literal, &[#(#places),*], &[#(#nodes),*]))
    }
}

/// What the compiler fills in, and what it cannot know of the place.
pub(super) struct Head<'a> {
    /// An expression of type `&'static Node`: the SDK's name, which needs no escapes in JSON.
    pub(super) sdk: TokenStream,
    /// An expression of type `&'static Node`: the event's name.
    pub(super) event: TokenStream,
    pub(super) discriminant: Option<&'a str>,
    /// Whether it is a struct with `#[telemetry_event]`, whose holes hold names and `Facts`.
    pub(super) is_struct: bool,
    pub(super) doc: &'a Doc,
    pub(super) at: &'a str,
}

/// The record of an event; `fields` appends the descriptors of its fields.
pub(super) fn event(
    private: &TokenStream,
    head: Head<'_>,
    meta: &Meta<'_>,
    common: &Common,
    fields: impl FnOnce(&mut Text),
) -> Text {
    let mut text = Text { is_struct: head.is_struct, ..Text::default() };
    text.push(START);
    text.push("{\"record\":\"event\",\"sdk\":\"");
    text.push_node(head.sdk);
    text.push("\"");
    package(&mut text);
    text.push(",\"event\":\"");
    text.push_node(head.event);
    text.push("\"");
    if let Some(discriminant) = head.discriminant {
        text.push_pair(",", "discriminant", discriminant);
    }
    text.push_pair(",", "kind", &meta.kind.to_lowercase());
    doc(&mut text, private, head.doc);
    text.push(",\"fields\":[");
    fields(&mut text);
    text.push(&format!("],\"sample\":{},\"throttle\":{}", meta.sample, throttle(meta.throttle)));
    if let Some(level) = common.level {
        let word = match level.value {
            Level::Basic => "basic",
            Level::Usage => "usage",
        };
        text.push_pair(",", "level", word);
    }
    for (key, value) in [
        ("owner", &common.owner),
        ("purpose", &common.purpose),
        ("reviewed", &common.reviewed),
        ("since", &common.since),
        ("expires", &common.expires),
    ] {
        if let Some(value) = value {
            text.push_pair(",", key, &value.value());
        }
    }
    end(&mut text, head.at);
    text
}

/// `,"doc":"…"`, or nothing where there is no text.
pub(super) fn doc(text: &mut Text, private: &TokenStream, doc: &Doc) {
    match doc {
        Doc::Text(doc) if doc.is_empty() => {}
        Doc::Text(doc) => text.push_pair(",", "doc", doc),
        Doc::Pieces(pieces) | Doc::Opening(pieces) => {
            let mut whole = ours!(#private::core::concat!(#(#pieces),*));
            if matches!(doc, Doc::Opening(_)) {
                whole = ours!(#private::opening(#whole));
            }
            let node = node_of_doc(private, &whole);
            if text.is_struct {
                // A text that is no field has no key and no digest.
                text.push_facts(Literal::u128_unsuffixed(0), ours!(&#private::Facts::of(#node, 0)));
            } else {
                text.push_node(node);
            }
        }
    }
}

fn node_of_doc(private: &TokenStream, doc: &TokenStream) -> TokenStream {
    ours!({
            const __TELEMETRY_DOC: &#private::core::primitive::str = #doc;
            const __TELEMETRY_DOC_JSON: [#private::core::primitive::u8; #private::doc_len(__TELEMETRY_DOC)] =
                #private::doc(__TELEMETRY_DOC);
            const __TELEMETRY_DOC_NODE: #private::Node = #private::Node::leaf(#private::text(&__TELEMETRY_DOC_JSON));
            &__TELEMETRY_DOC_NODE
    })
}

fn throttle(throttle: Throttle) -> String {
    match throttle {
        Throttle::None => "\"none\"".to_owned(),
        Throttle::Daily => "\"daily\"".to_owned(),
        Throttle::Rolling(hours) => format!("{{\"rolling_hours\":{hours}}}"),
    }
}

/// The record of an SDK; `keys` holds everything between the crate and the place.
pub(super) fn sdk(name: &str, keys: &str, at: &str) -> Text {
    let mut text = Text::default();
    text.push(START);
    text.push("{\"record\":\"sdk\"");
    text.push_pair(",", "sdk", name);
    package(&mut text);
    text.push_pair(",", "runtime", RUNTIME);
    text.push(keys);
    end(&mut text, at);
    text
}

/// The declaring crate, as cargo tells it.
fn package(text: &mut Text) {
    text.push_pair(",", "crate", &cargo("CARGO_PKG_NAME"));
    text.push_pair(",", "version", &cargo("CARGO_PKG_VERSION"));
}

/// What cargo says of the crate that is being compiled; empty without cargo.
pub(super) fn cargo(variable: &str) -> String {
    std::env::var(variable).unwrap_or_default()
}

fn end(text: &mut Text, at: &str) {
    text.push_pair(",", "at", at);
    text.push("}\n");
}

/// The descriptor of a field up to its type, which follows.
pub(super) fn field_start(text: &mut Text, is_first: bool, key: &str) {
    text.push(if is_first { "{" } else { ",{" });
    text.push_pair("", "name", key);
    text.push(",\"type\":");
}

/// The descriptor of a field behind its type.
pub(super) fn field_end(text: &mut Text, doc: &str, sensitivity: Option<&str>, reason: Option<&str>) {
    for (key, value) in
        [("doc", Some(doc).filter(|doc| !doc.is_empty())), ("sensitivity", sensitivity), ("reason", reason)]
    {
        if let Some(value) = value {
            text.push_pair(",", key, value);
        }
    }
    text.push("}");
}
