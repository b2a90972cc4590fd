//! How many messages a body of protobuf holds, before any is made: an empty one takes two bytes there and two hundred in memory.

use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

/// How deep messages may lie in one another; the decoder refuses what is deeper.
const DEPTH: usize = 100;

/// The messages of a request.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Request,
    ResourceLogs,
    Resource,
    EntityRef,
    ScopeLogs,
    Scope,
    LogRecord,
    KeyValue,
    Value,
    Array,
    KeyValueList,
    /// Not a message, but a text that a list holds: it takes memory with no byte in it as well.
    Text,
}

impl Kind {
    /// What stands in this field, where it is one of these.
    const fn field(self, tag: u32) -> Option<Self> {
        Some(match (self, tag) {
            (Self::Request, 1) => Self::ResourceLogs,
            (Self::ResourceLogs, 1) => Self::Resource,
            (Self::ResourceLogs, 2) => Self::ScopeLogs,
            (Self::Resource, 3) => Self::EntityRef,
            (Self::EntityRef, 3 | 4) => Self::Text,
            (Self::ScopeLogs, 1) => Self::Scope,
            (Self::ScopeLogs, 2) => Self::LogRecord,
            (Self::Resource | Self::KeyValueList, 1) | (Self::Scope, 3) | (Self::LogRecord, 6) => Self::KeyValue,
            (Self::Array, 1) | (Self::KeyValue, 2) | (Self::LogRecord, 5) => Self::Value,
            (Self::Value, 5) => Self::Array,
            (Self::Value, 6) => Self::KeyValueList,
            _ => return None,
        })
    }
}

/// Whether there are more than `most` messages in it, on whatever level. Of what is no protobuf, the decoder says so.
pub(super) fn holds_more(body: &[u8], most: usize) -> bool {
    let mut left = most;
    !fits(body, Kind::Request, DEPTH, &mut left)
}

fn fits(mut bytes: &[u8], kind: Kind, depth: usize, left: &mut usize) -> bool {
    while !bytes.is_empty() {
        let Ok((tag, wire_type)) = decode_key(&mut bytes) else { return true };
        let inner = if wire_type == WireType::LengthDelimited { kind.field(tag) } else { None };
        let Some(inner) = inner else {
            if skip_field(wire_type, tag, &mut bytes, DecodeContext::default()).is_err() {
                return true;
            }
            continue;
        };
        let length = decode_varint(&mut bytes).ok().and_then(|length| usize::try_from(length).ok());
        let Some((message, rest)) = length.and_then(|length| bytes.split_at_checked(length)) else { return true };
        let Some(fewer) = left.checked_sub(1) else { return false };
        *left = fewer;
        let Some(below) = depth.checked_sub(1) else { return true };
        if !fits(message, inner, below, left) {
            return false;
        }
        bytes = rest;
    }
    true
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
    use prost::{
        Message as _,
        encoding::{encode_key, encode_varint},
    };

    use super::*;

    fn inside(tag: u32, bytes: &[u8]) -> Vec<u8> {
        let mut message = Vec::new();
        encode_key(tag, WireType::LengthDelimited, &mut message);
        encode_varint(bytes.len() as u64, &mut message);
        [message, bytes.to_vec()].concat()
    }

    #[test]
    fn messages_are_counted_on_each_level() {
        let record = inside(2, &[inside(6, b""), inside(6, b""), inside(9, b"more")].concat());
        let request = inside(1, &inside(2, &[record.clone(), record].concat()));
        // A resource, a scope, two records, four attributes.
        assert!(!holds_more(&request, 8));
        assert!(holds_more(&request, 7));
        assert!(holds_more(&b"\x0a\x00".repeat(1000), 999));
        for other in [&b"\x0a"[..], b"\x0a\xff", b"no protobuf", b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"] {
            assert!(!holds_more(other, 0), "{other:?}");
        }
    }

    #[test]
    fn wherever_a_list_can_be_its_messages_are_counted() {
        // Attributes of a resource, what it says of entities, a scope, a record; its body; lists in lists.
        let paths: [&[u32]; 14] = [
            &[1],
            &[1, 1, 1],
            &[1, 1, 1, 2, 5, 1],
            &[1, 1, 3],
            &[1, 1, 3, 3],
            &[1, 1, 3, 4],
            &[1, 2],
            &[1, 2, 1, 3],
            &[1, 2, 2],
            &[1, 2, 2, 5, 5, 1],
            &[1, 2, 2, 5, 6, 1],
            &[1, 2, 2, 6],
            &[1, 2, 2, 6, 2, 5, 1],
            &[1, 2, 2, 6, 2, 6, 1, 2, 5, 1, 6, 1],
        ];
        for path in paths {
            let (last, above) = path.split_last().unwrap();
            let list = inside(*last, b"").repeat(1000);
            let body = above.iter().rev().fold(list, |bytes, tag| inside(*tag, &bytes));
            // The decoder drops what it does not know: this is all known.
            assert_eq!(ExportLogsServiceRequest::decode(&*body).unwrap().encoded_len(), body.len(), "{path:?}");
            let n = above.len() + 1000;
            assert!(holds_more(&body, n - 1), "{path:?}");
            assert!(!holds_more(&body, n), "{path:?}");
        }
    }

    #[test]
    fn text_and_bytes_are_no_messages_whatever_is_in_them() {
        let many = b"\x0a\x00".repeat(1000);
        // The text of a resource's schema, of a body, and its bytes; the id of a trace.
        let paths: [&[u32]; 4] = [&[1, 3], &[1, 2, 2, 5, 1], &[1, 2, 2, 5, 7], &[1, 2, 2, 9]];
        for path in paths {
            let body = path.iter().rev().fold(many.clone(), |bytes, tag| inside(*tag, &bytes));
            assert!(!holds_more(&body, path.len() - 1), "{path:?}");
        }
    }

    #[test]
    fn what_is_too_deep_is_left_to_the_decoder_which_refuses_it() {
        let nested = |levels: usize| {
            let value = (0..levels).fold(Vec::new(), |bytes, _| inside(5, &inside(1, &bytes)));
            [1, 2, 2, 5].iter().rev().fold(value, |bytes, tag| inside(*tag, &bytes))
        };
        // Four messages to the body, two for each level.
        assert!(ExportLogsServiceRequest::decode(&*nested(48)).is_ok());
        assert!(holds_more(&nested(48), DEPTH - 1) && !holds_more(&nested(48), DEPTH));
        for levels in [49, 2_000] {
            assert!(ExportLogsServiceRequest::decode(&*nested(levels)).is_err());
            assert!(!holds_more(&nested(levels), DEPTH + 1));
        }
    }
}
