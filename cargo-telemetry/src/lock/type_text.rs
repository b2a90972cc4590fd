//! Types as words: `optional list of at most 8 enum`.
//!
//! Words say everything but lists of names and nested fields, which stand beside them in keys of their own. Every type
//! has exactly one spelling, so that equal types give equal lines.

use telemetry_schema::{FieldType, Form};

/// The words of `field_type`, and the type that the last of them names: the one whose names or fields are written
/// beside the words.
pub(super) fn write(field_type: &FieldType) -> (String, &FieldType) {
    let mut words = String::new();
    let mut leaf = field_type;
    loop {
        let (word, inner) = match leaf.form() {
            Form::Optional(of) => ("optional ".to_owned(), of),
            Form::Array { len, of } => (format!("array of {len} "), of),
            Form::List { max, of } => (format!("list of at most {max} "), of),
            Form::OneOf(of) => ("one of ".to_owned(), of),
            form => break words.push_str(&last(form)),
        };
        words.push_str(&word);
        leaf = inner;
    }
    (words, leaf)
}

/// The last word.
fn last(form: Form<'_>) -> String {
    match form {
        Form::Bool => "bool".to_owned(),
        Form::Int { min, max } => format!("int {min}..={max}"),
        Form::Unbounded(rust) => format!("unbounded {rust}"),
        Form::Enum(_) => "enum".to_owned(),
        Form::Variants(_) => "variants".to_owned(),
        Form::Struct(_) => "struct".to_owned(),
        Form::Text { max_len } => format!("free text of at most {max_len} bytes"),
        Form::ReadyMade(row) => row.word.replace('_', " "),
        Form::Version { .. } => "version".to_owned(),
        Form::Packages { max, .. } => format!("at most {max} packages"),
        Form::Pseudonym => "pseudonym".to_owned(),
        // Whatever is around another type was taken off before.
        Form::Optional(_) | Form::Array { .. } | Form::List { .. } | Form::OneOf(_) => String::new(),
    }
}

/// What stands beside the words.
#[derive(Debug, Default)]
pub(super) struct Beside {
    pub(super) values: Option<Vec<String>>,
    pub(super) variants: Option<Vec<telemetry_schema::VariantDescriptor>>,
    pub(super) fields: Option<Vec<telemetry_schema::FieldDescriptor>>,
    pub(super) names: Vec<String>,
    pub(super) prefixes: Vec<String>,
    pub(super) prefix: String,
}

/// How many types may contain each other; the parser of TOML has a bound of the same size.
const MAX_DEPTH: usize = 64;

/// The type that `words` and what stands beside them name.
pub(super) fn parse(words: &str, beside: &mut Beside) -> Result<FieldType, String> {
    let field_type = parse_nested(words, beside, 0)?;
    beside.must_be_empty()?;
    Ok(field_type)
}

impl Beside {
    /// What was not taken by the words does not belong there.
    pub(super) fn must_be_empty(&self) -> Result<(), String> {
        let left = [
            (self.values.is_some(), "values"),
            (self.variants.is_some(), "variants"),
            (self.fields.is_some(), "fields"),
            (!self.names.is_empty(), "names"),
            (!self.prefixes.is_empty(), "prefixes"),
            (!self.prefix.is_empty(), "prefix"),
        ];
        match left.into_iter().find(|(left, _)| *left) {
            Some((_, key)) => Err(format!("`{key}` does not go with this type")),
            None => Ok(()),
        }
    }
}

fn parse_nested(words: &str, beside: &mut Beside, depth: usize) -> Result<FieldType, String> {
    if depth > MAX_DEPTH {
        return Err(format!("nested more than {MAX_DEPTH} times"));
    }
    let mut nested = |rest| parse_nested(rest, beside, depth + 1).map(Box::new);
    if let Some(rest) = words.strip_prefix("optional ") {
        return Ok(FieldType::Optional(nested(rest)?));
    }
    if let Some(rest) = words.strip_prefix("one of ") {
        return Ok(FieldType::OneOf(nested(rest)?));
    }
    if let Some(rest) = words.strip_prefix("array of ") {
        let (len, rest) = numbered(rest)?;
        return Ok(FieldType::Array { len, of: nested(rest)? });
    }
    if let Some(rest) = words.strip_prefix("list of at most ") {
        let (max, rest) = numbered(rest)?;
        return Ok(FieldType::List { max, of: nested(rest)? });
    }
    if let Some(range) = words.strip_prefix("int ") {
        let (min, max) = range.split_once("..=").ok_or("a range looks like `0..=255`")?;
        return Ok(FieldType::Int { min: number(min)?, max: number(max)? });
    }
    if let Some(rust) = words.strip_prefix("unbounded ") {
        return Ok(FieldType::Unbounded(rust.to_owned()));
    }
    if let Some(rest) = words.strip_prefix("free text of at most ") {
        return Ok(FieldType::Text { max_len: number(rest.strip_suffix(" bytes").ok_or("`bytes` is missing")?)? });
    }
    if let Some(max) = words.strip_prefix("at most ").and_then(|rest| rest.strip_suffix(" packages")) {
        return Ok(FieldType::Packages {
            names: std::mem::take(&mut beside.names),
            prefixes: std::mem::take(&mut beside.prefixes),
            max: number(max)?,
        });
    }
    Ok(match words {
        "bool" => FieldType::Bool,
        "enum" => FieldType::Enum(beside.values.take().ok_or("`values` is missing")?),
        "variants" => FieldType::Variants(beside.variants.take().ok_or("`variants` is missing")?),
        "struct" => FieldType::Struct(beside.fields.take().ok_or("`fields` is missing")?),
        "version" => FieldType::Version { prefix: std::mem::take(&mut beside.prefix) },
        "pseudonym" => FieldType::Pseudonym,
        words => {
            let mut all = FieldType::READY_MADE.iter();
            return all.find(|one| last(one.form()) == words).cloned().ok_or_else(|| "no type of this name".to_owned());
        }
    })
}

fn numbered<T: std::str::FromStr>(text: &str) -> Result<(T, &str), String> {
    let (digits, rest) = text.split_once(' ').ok_or("a type must follow the number")?;
    Ok((number(digits)?, rest))
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{text:?} is no number that fits"))
}
