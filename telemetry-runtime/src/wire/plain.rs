//! Payloads of booleans, whole numbers and enums alone, which most pages have: names and words are copied from the record as they stand there.

use telemetry_schema::{
    json::scan::{self, member, parts},
    number,
};

use crate::{base::float, declare::sink::width};

/// Adds a payload behind what is in `out`, by the fields as they stand in the record. After `None` something may have been added.
pub(super) fn push(out: &mut Vec<u8>, fields: &[u8], mut bytes: &[u8]) -> Option<()> {
    let mut before = b'{';
    for field in parts(fields) {
        let mut of = member(field, "type")?;
        if let Some(inside) = member(of, "optional") {
            of = inside;
            if take(&mut bytes, 1)? == 0 {
                continue;
            }
        }
        out.push(before);
        before = b',';
        out.extend_from_slice(member(field, "name")?);
        out.push(b':');
        if let Some(range) = member(of, "int") {
            let end = |name| scan::signed(member(range, name)?);
            let (min, max) = (end("min")?, end("max")?);
            let distance = take(&mut bytes, width(max.wrapping_sub(min) as u64))?;
            number::push_integer(out, min.wrapping_add(distance as i64), float);
        } else if let Some(names) = member(of, "enum") {
            let index = take(&mut bytes, 2)?;
            out.extend_from_slice(parts(names).nth(index as usize)?);
        } else {
            let text: &[u8] = if take(&mut bytes, 1)? == 0 { b"false" } else { b"true" };
            out.extend_from_slice(text);
        }
    }
    if before == b'{' {
        out.push(b'{');
    }
    out.push(b'}');
    bytes.is_empty().then_some(())
}

/// A number of so many bytes.
fn take(bytes: &mut &[u8], width: usize) -> Option<u64> {
    let (taken, rest) = bytes.split_at_checked(width)?;
    *bytes = rest;
    Some(taken.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use telemetry_schema::{FieldDescriptor, json::Json};

    use super::*;
    use crate::wire::render;

    /// By the whole record it is the same.
    #[test]
    fn a_payload_looks_as_by_the_whole_record() {
        let fields = r#"[{"name":"a","doc":"says \"name\":1, [so]","type":"bool"},
            {"name":"b","type":{"optional":{"int":{"min":-5,"max":250}}}},{"name":"c-d","type":{"enum":["x,\\","é\"]"]}},
            {"name":"e","type":{"int":{"min":-9223372036854775808,"max":9223372036854775807}}},
            {"name":"f","type":{"optional":"bool"}},{"name":"g","type":{"optional":{"enum":["y"]}}}]"#;
        let fields = String::from_utf8(Json::parse(fields.as_bytes()).unwrap().render(false)).unwrap();
        let read: Vec<FieldDescriptor> = serde_json::from_str(&fields).unwrap();
        let number = 9_007_199_254_740_993_i64.wrapping_sub(i64::MIN).to_le_bytes();
        let mut payloads = vec![
            [&[1, 0, 1, 0][..], &number, &[0, 0]].concat(),
            [&[0, 1, 9, 0, 0][..], &[7; 8], &[1, 1, 1, 0, 0]].concat(),
        ];
        assert!(payloads.iter().all(|payload| render::payload(&read, payload, &mut |_, _| String::new()).is_some()));
        // Too short, too long, and a word that there is none of.
        payloads.extend([
            payloads[0][1..].to_vec(),
            [&payloads[0][..], &[0]].concat(),
            [&[1, 0, 2, 0][..], &number, &[0, 0]].concat(),
        ]);
        payloads.push(Vec::new());
        for payload in &payloads {
            let mut out = Vec::new();
            let plain = push(&mut out, fields.as_bytes(), payload).map(|()| String::from_utf8(out).unwrap());
            assert_eq!(plain, render::payload(&read, payload, &mut |_, _| String::new()), "{payload:?}");
        }
        let mut out = Vec::new();
        assert_eq!((push(&mut out, b"[]", &[]), out.as_slice()), (Some(()), &b"{}"[..]));
        assert_eq!(render::payload(&[], &[], &mut |_, _| String::new()).as_deref(), Some("{}"));
    }
}
