/// Indents JSON without reading it: keys, their order and numbers stay as they arrived. Objects and arrays that fit on
/// a line stay on one.
pub(crate) fn pretty(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let mut chars = json.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => {
                let end = at + string(&json[at..]);
                out.push_str(&json[at..end]);
                while chars.as_str().len() > json.len() - end {
                    chars.next();
                }
            }
            '{' | '[' => {
                let group = &json[at..at + group(&json[at..])];
                if group.len() <= 60 && depth > 1 {
                    out.push_str(group);
                    let end = at + group.len();
                    while chars.as_str().len() > json.len() - end {
                        chars.next();
                    }
                } else {
                    depth += 1;
                    out.push(char);
                    new_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1); // Somebody may have sent something else than JSON.
                new_line(&mut out, depth);
                out.push(char);
            }
            ',' => {
                out.push(char);
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            other => out.push(other),
        }
    }
    out
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
}

/// The length of the string that `json` starts with.
fn string(json: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in json.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    json.len()
}

/// The length of the object or array that `json` starts with.
fn group(json: &str) -> usize {
    let (mut depth, mut at) = (0_i32, 0);
    while let Some(byte) = json.as_bytes().get(at) {
        match byte {
            b'"' => at += string(&json[at..]) - 1,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return at;
        }
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use super::pretty;

    #[test]
    fn what_arrived_is_only_indented() {
        let json = r#"{"events":[{"z":"a,b:{\"","a":{"n":[1,2],"é":1e+21}},{}]}"#;
        let shown = pretty(json);
        assert_eq!(shown.split_whitespace().collect::<String>(), json, "nothing is lost or moved");
        assert!(shown.starts_with("{\n  \"events\": [\n    {"), "{shown}");
        assert_eq!(pretty("not json"), "not json");
    }
}
