//! The payload of an event as OTLP's attributes.
//!
//! Every format carries the same values: a payload is rendered as JSON first, and here it is told in the words of
//! OpenTelemetry's `AnyValue`, in the JSON that OTLP/HTTP has for it.

/// The attribute with the id of the installation, where the SDK declares `identity`.
pub const INSTALLATION: &str = "telemetry.installation";

/// The attribute with the key of the instance, where the SDK declares instances.
pub const INSTANCE: &str = "telemetry.instance";

/// Whether this key beside a payload names the instance, in whichever format.
pub(crate) fn names_instance(key: &str) -> bool {
    key == "pk" || key == INSTANCE
}

/// Adds the members of a JSON object as attributes, with a comma between two. `object` is JSON without white space; of anything
/// else the answer is `None`, and something may have been added.
pub fn push_attributes(out: &mut Vec<u8>, object: &[u8]) -> Option<()> {
    let mut reader = Reader { rest: object };
    reader.take(b"{")?;
    reader.members(out)?;
    reader.rest.is_empty().then_some(())
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// What is left of an object, to its end.
    fn members(&mut self, out: &mut Vec<u8>) -> Option<()> {
        self.each(b"}", out, |reader, out| {
            out.extend_from_slice(b"{\"key\":");
            out.extend_from_slice(reader.string()?);
            reader.take(b":")?;
            out.extend_from_slice(b",\"value\":");
            reader.value(out)?;
            out.push(b'}');
            Some(())
        })
    }

    fn value(&mut self, out: &mut Vec<u8>) -> Option<()> {
        match self.rest.first()? {
            b'"' => push_value(out, "stringValue", self.string()?),
            b't' => push_value(out, "boolValue", self.take(b"true")?),
            b'f' => push_value(out, "boolValue", self.take(b"false")?),
            b'n' => {
                self.take(b"null")?;
                // A value that is none of the others is OTLP's word for none.
                out.extend_from_slice(b"{}");
            }
            b'{' => {
                self.take(b"{")?;
                out.extend_from_slice(b"{\"kvlistValue\":{\"values\":[");
                self.members(out)?;
                out.extend_from_slice(b"]}}");
            }
            b'[' => {
                self.take(b"[")?;
                out.extend_from_slice(b"{\"arrayValue\":{\"values\":[");
                self.each(b"]", out, Self::value)?;
                out.extend_from_slice(b"]}}");
            }
            _ => {
                let number = self.number()?;
                if str::from_utf8(number).ok()?.parse::<i64>().is_ok() {
                    // Numbers of 64 bits are text in the JSON of OTLP.
                    push_value(out, "intValue", &[b"\"", number, b"\""].concat());
                } else {
                    // Beyond them it was rounded when it was printed.
                    push_value(out, "doubleValue", number);
                }
            }
        }
        Some(())
    }

    fn number(&mut self) -> Option<&'a [u8]> {
        let is_of_number = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
        let end = self.rest.iter().position(|byte| !is_of_number(byte)).unwrap_or(self.rest.len());
        self.split(end).filter(|number| !number.is_empty())
    }

    /// Elements with commas between them, up to and with the end of their list.
    fn each(
        &mut self,
        end: &[u8],
        out: &mut Vec<u8>,
        mut one: impl FnMut(&mut Self, &mut Vec<u8>) -> Option<()>,
    ) -> Option<()> {
        if self.take(end).is_some() {
            return Some(());
        }
        loop {
            one(self, out)?;
            if self.take(end).is_some() {
                return Some(());
            }
            self.take(b",")?;
            out.push(b',');
        }
    }

    /// A string with its quotes.
    fn string(&mut self) -> Option<&'a [u8]> {
        let mut escaped = false;
        let end = self.rest.iter().skip(1).position(|byte| {
            let ends = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            ends
        })?;
        self.split(end + 2).filter(|string| string.first() == Some(&b'"'))
    }

    /// Exactly these bytes; nothing is taken if others come next.
    fn take(&mut self, bytes: &[u8]) -> Option<&'a [u8]> {
        self.rest.starts_with(bytes).then(|| self.split(bytes.len())).flatten()
    }

    fn split(&mut self, at: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(at)?;
        self.rest = rest;
        Some(taken)
    }
}

/// `{"stringValue":"text"}`
fn push_value(out: &mut Vec<u8>, name: &str, json: &[u8]) {
    out.extend_from_slice(b"{\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
    out.extend_from_slice(json);
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(object: &str) -> Option<String> {
        let mut out = Vec::new();
        push_attributes(&mut out, object.as_bytes())?;
        Some(String::from_utf8(out).unwrap())
    }

    #[test]
    fn every_kind_of_value_has_its_attribute() {
        assert_eq!(attributes("{}").unwrap(), "");
        for (value, expected) in [
            ("true", r#"{"boolValue":true}"#),
            ("false", r#"{"boolValue":false}"#),
            ("-3", r#"{"intValue":"-3"}"#),
            ("9007199254740991", r#"{"intValue":"9007199254740991"}"#),
            ("18446744073709552000", r#"{"doubleValue":18446744073709552000}"#),
            (r#""a\"}\\""#, r#"{"stringValue":"a\"}\\"}"#),
            ("null", "{}"),
            ("[]", r#"{"arrayValue":{"values":[]}}"#),
            ("[true,null]", r#"{"arrayValue":{"values":[{"boolValue":true},{}]}}"#),
            (r#"{"b":1}"#, r#"{"kvlistValue":{"values":[{"key":"b","value":{"intValue":"1"}}]}}"#),
            ("{}", r#"{"kvlistValue":{"values":[]}}"#),
        ] {
            let object = format!("{{\"a\":{value},\"z\":\"é\"}}");
            let expected =
                format!("{{\"key\":\"a\",\"value\":{expected}}},{{\"key\":\"z\",\"value\":{{\"stringValue\":\"é\"}}}}");
            assert_eq!(attributes(&object).as_deref(), Some(expected.as_str()));
            serde_json::from_str::<serde_json::Value>(&format!("[{expected}]")).unwrap();
        }
    }

    #[test]
    fn what_is_no_object_is_nothing() {
        for text in [
            "",
            "{",
            "{}}",
            "[]",
            "7",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":tru}",
            "{\"a\":1,}",
            "{a:1}",
            "{\"a\":\"}",
            "{\"a\":[1}",
        ] {
            assert_eq!(attributes(text), None, "{text}");
        }
    }
}
