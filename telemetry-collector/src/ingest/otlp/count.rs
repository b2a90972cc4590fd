//! How many messages a body of protobuf holds, before any is made: an empty one takes two bytes there and two hundred in memory.

use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

/// Field by field from a request to the attributes of its records: `resource_logs`, `scope_logs`, `log_records`, `attributes`.
const PATH: [u32; 4] = [1, 2, 2, 6];

/// Whether more than `most` messages lie on the way to the attributes, these included. Of what is no protobuf, the decoder says so.
pub(super) fn holds_more(body: &[u8], most: usize) -> bool {
    let mut left = most;
    !fits(body, &PATH, &mut left)
}

fn fits(mut bytes: &[u8], path: &[u32], left: &mut usize) -> bool {
    let Some((field, below)) = path.split_first() else { return true };
    while !bytes.is_empty() {
        let Ok((tag, wire_type)) = decode_key(&mut bytes) else { return true };
        if tag != *field || wire_type != WireType::LengthDelimited {
            if skip_field(wire_type, tag, &mut bytes, DecodeContext::default()).is_err() {
                return true;
            }
            continue;
        }
        let length = decode_varint(&mut bytes).ok().and_then(|length| usize::try_from(length).ok());
        let Some((message, rest)) = length.and_then(|length| bytes.split_at_checked(length)) else { return true };
        let Some(fewer) = left.checked_sub(1) else { return false };
        *left = fewer;
        if !fits(message, below, left) {
            return false;
        }
        bytes = rest;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_counted_on_each_level() {
        let inside = |field: u8, bytes: &[u8]| [&[field << 3 | 2, bytes.len() as u8][..], bytes].concat();
        let record = inside(2, &[inside(6, b""), inside(6, b""), inside(5, b"more")].concat());
        let request = inside(1, &inside(2, &[record.clone(), record].concat()));
        // A resource, a scope, two records, four attributes.
        assert!(!holds_more(&request, 8));
        assert!(holds_more(&request, 7));
        assert!(holds_more(&b"\x0a\x00".repeat(1000), 999));
        for other in [&b"\x0a"[..], b"\x0a\xff", b"no protobuf", b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"] {
            assert!(!holds_more(other, 0), "{other:?}");
        }
    }
}
