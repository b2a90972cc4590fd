//! A schema as text, in an order for people that does not depend on how maps are built.

use serde_json::Value;

/// Keywords in the order in which a reader wants them: short ones first, then what they hold. All others, and the names
/// of properties, follow in alphabetical order.
const ORDER: [&str; 24] = [
    "$schema",
    "title",
    "description",
    "const",
    "enum",
    "type",
    "pattern",
    "maxLength",
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "required",
    "additionalProperties",
    "properties",
    "items",
    "allOf",
    "anyOf",
    "if",
    "then",
];

/// The schema as JSON with two spaces of indentation and a line end: the same bytes for the same schema.
pub fn to_text(schema: &Value) -> String {
    let mut out = String::new();
    write(schema, 0, &mut out);
    out.push('\n');
    crate::hidden::in_json(&out)
}

fn write(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(keys) if !keys.is_empty() => {
            let mut keys: Vec<_> = keys.iter().collect();
            keys.sort_by_key(|(key, _)| (ORDER.iter().position(|known| known == key).unwrap_or(ORDER.len()), *key));
            group(out, depth, ('{', '}'), keys, |out, (key, value)| {
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push_str(": ");
                write(value, depth + 1, out);
            });
        }
        // Lists of names and numbers stay on a line.
        Value::Array(values) if values.iter().any(Value::is_object) => {
            group(out, depth, ('[', ']'), values, |out, value| write(value, depth + 1, out));
        }
        Value::Array(values) => {
            let values: Vec<_> = values.iter().map(Value::to_string).collect();
            out.push_str(&format!("[{}]", values.join(", ")));
        }
        other => out.push_str(&other.to_string()),
    }
}

fn group<T>(
    out: &mut String,
    depth: usize,
    (open, close): (char, char),
    items: impl IntoIterator<Item = T>,
    mut item: impl FnMut(&mut String, T),
) {
    out.push(open);
    for (number, value) in items.into_iter().enumerate() {
        out.push_str(if number == 0 { "\n" } else { ",\n" });
        out.push_str(&"  ".repeat(depth + 1));
        item(out, value);
    }
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
    out.push(close);
}
