//! The text of a record: `\x7fTLM`, the format version, one line of JSON, a line end.
//!
//! `telemetry-schema` reads it back: the keys and their order are those of `EventDescriptor` and `SdkDescriptor`. Text is
//! merged into as few pieces as possible, because each costs const evaluation in the author's build.

use proc_macro2::TokenStream;

use super::{Meta, ours};
use crate::{
    attr::{Common, Throttle},
    json,
};

/// The magic and the format version, as in `telemetry_schema::record`.
const START: &str = "\u{7f}TLM1";

/// Text with holes that the compiler fills.
#[derive(Default)]
pub(super) struct Text {
    pieces: Vec<Piece>,
}

enum Piece {
    Literal(String),
    /// An expression of type `&'static str`.
    Text(TokenStream),
    /// An expression of type `&'static Node`.
    Node(TokenStream),
}

impl Text {
    /// Appends JSON or other literal text.
    pub(super) fn push(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Literal(last)) => last.push_str(text),
            _ => self.pieces.push(Piece::Literal(text.to_owned())),
        }
    }

    /// Appends an expression of type `&'static str`.
    fn push_text(&mut self, text: TokenStream) {
        self.pieces.push(Piece::Text(text));
    }

    /// Appends an expression of type `&'static Node`.
    pub(super) fn push_node(&mut self, node: TokenStream) {
        self.pieces.push(Piece::Node(node));
    }

    /// Appends `"key":"value"` and what stands `between` it and the text before.
    fn push_pair(&mut self, between: &str, key: &str, value: &str) {
        self.push(&format!("{between}{}:{}", json::string(key), json::string(value)));
    }

    /// The whole text, if it has no holes.
    pub(super) fn literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// `&[(text, node), …]`, of type `&[Part]`: texts and nodes in turn, with as few nodes of our own as possible.
    pub(super) fn parts(&self, runtime: &TokenStream) -> TokenStream {
        let mut parts = Vec::new();
        let mut before = None;
        for piece in &self.pieces {
            let text = match piece {
                Piece::Literal(text) => ours!(#text),
                Piece::Text(text) => text.clone(),
                Piece::Node(node) => {
                    let text = before.take().unwrap_or_else(|| ours!(""));
                    parts.push(ours!((#text, #node)));
                    continue;
                }
            };
            if let Some(earlier) = before.replace(text) {
                parts.push(ours!((#earlier, #runtime::__private::Node::EMPTY)));
            }
        }
        if let Some(last) = before {
            parts.push(ours!((#last, #runtime::__private::Node::EMPTY)));
        }
        ours!(&[#(#parts),*])
    }
}

/// What the compiler fills in, and what it cannot know of the place.
pub(super) struct Head<'a> {
    /// An expression of type `&'static str`: the SDK's name.
    pub(super) sdk: TokenStream,
    /// An expression of type `&'static str`: the event's name.
    pub(super) event: TokenStream,
    pub(super) discriminant: Option<&'a str>,
    pub(super) doc: &'a str,
    pub(super) at: &'a str,
}

/// The record of an event; `fields` appends the descriptors of its fields.
pub(super) fn event(head: Head<'_>, meta: &Meta<'_>, common: &Common, fields: impl FnOnce(&mut Text)) -> Text {
    let mut text = Text::default();
    text.push(START);
    text.push("{\"record\":\"event\",\"sdk\":\"");
    text.push_text(head.sdk);
    text.push("\"");
    package(&mut text);
    text.push(",\"event\":\"");
    text.push_text(head.event);
    text.push("\"");
    if let Some(discriminant) = head.discriminant {
        text.push_pair(",", "discriminant", discriminant);
    }
    text.push_pair(",", "kind", &meta.kind.to_lowercase());
    if !head.doc.is_empty() {
        text.push_pair(",", "doc", head.doc);
    }
    text.push(",\"fields\":[");
    fields(&mut text);
    text.push(&format!("],\"sample\":{},\"throttle\":{}", meta.sample, throttle(meta.throttle)));
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
