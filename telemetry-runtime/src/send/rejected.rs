//! What a server says of events that it has not taken.

use telemetry_schema::json::scan::{member, unquoted, unsigned};

use crate::wire::otlp;

/// How many there are: `{"rejected": 3}`, or the same in the words of OTLP: the server took the request, but not all of its events. Anything
/// else says nothing.
pub(crate) fn rejected(body: &[u8]) -> u64 {
    // The JSON of OTLP writes numbers of 64 bits as text, and reads both.
    let of_otlp = || member(member(body, "partialSuccess")?, "rejectedLogRecords");
    let number = match of_otlp().filter(|_| otlp::needed().is_some()) {
        Some(number) => Some(unquoted(number).unwrap_or(number)),
        None => member(body, "rejected"),
    };
    number.and_then(unsigned).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_in_two_ways_and_anything_else_is_none() {
        for (body, number) in [
            (r#"{"accepted":1,"rejected":3}"#, 3),
            (r#"{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"why"}}"#, 3),
            (r#"{"partialSuccess":{"rejectedLogRecords":3}}"#, 3),
            (r#"{"partialSuccess":{}}"#, 0),
            (r#"{"partialSuccess":{"rejectedLogRecords":"many"}}"#, 0),
            (r#"{"rejected":-1}"#, 0),
            (r#"{"rejected":"3"}"#, 0),
            ("<html>rejected: 3", 0),
            ("", 0),
        ] {
            assert_eq!(rejected(body.as_bytes()), number, "{body}");
        }
    }
}
