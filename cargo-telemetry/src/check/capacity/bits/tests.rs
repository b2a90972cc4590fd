//! The formulas against counting: every value of small types is written out, and the distinct ones are counted.

use std::collections::BTreeSet;

use telemetry_schema::VariantDescriptor;

use super::*;

/// Every value of a small type, as JSON would show it.
fn values(field_type: &FieldType) -> BTreeSet<String> {
    match field_type {
        FieldType::Bool => ["true", "false"].map(str::to_owned).into(),
        FieldType::Int { min, max } => (*min..=*max).map(|value| value.to_string()).collect(),
        FieldType::Unbounded(rust) if rust == "u8" => (0..=u8::MAX).map(|value| value.to_string()).collect(),
        FieldType::Enum(names) => names.iter().map(|name| format!("{name:?}")).collect(),
        FieldType::OneOf(of) => values(of).into_iter().chain(["\"other\"".to_owned()]).collect(),
        FieldType::Variants(variants) => variants
            .iter()
            .flat_map(|variant| match &variant.field_type {
                None => vec![format!("{:?}", variant.name)],
                Some(of) => values(of).iter().map(|value| format!("{{{:?}:{value}}}", variant.name)).collect(),
            })
            .collect(),
        FieldType::Struct(fields) => product(fields.iter().map(|field| values(&field.field_type)).collect()),
        FieldType::Optional(of) => values(of).into_iter().chain(["null".to_owned()]).collect(),
        FieldType::Array { len, of } => product(vec![values(of); *len]),
        FieldType::List { max, of } => (0..=*max).flat_map(|len| product(vec![values(of); len])).collect(),
        FieldType::CountBucket | FieldType::DurationBucket => {
            (0..=u64::MAX.ilog2()).map(|exponent| 1u64 << exponent.min(52)).chain([0]).map(|n| n.to_string()).collect()
        }
        FieldType::Os => ready_made::OS_NAMES.iter().map(|name| (*name).to_owned()).collect(),
        other => panic!("{other:?} is not small"),
    }
}

fn product(parts: Vec<BTreeSet<String>>) -> BTreeSet<String> {
    let mut all = BTreeSet::from([String::new()]);
    for part in parts {
        all = all.iter().flat_map(|start| part.iter().map(move |value| format!("{start},{value}"))).collect();
    }
    all
}

fn field(field_type: FieldType) -> FieldDescriptor {
    FieldDescriptor { name: "f".into(), field_type, doc: String::new(), declared_sensitivity: None, reason: None }
}

fn names(names: &[&str]) -> FieldType {
    FieldType::Enum(names.iter().map(|name| (*name).to_owned()).collect())
}

fn boxed(field_type: FieldType) -> Box<FieldType> {
    Box::new(field_type)
}

#[test]
fn small_types_have_as_many_values_as_their_bits_say() {
    let three = || names(&["a", "b", "c"]);
    let types = [
        FieldType::Bool,
        FieldType::Int { min: -3, max: 9 },
        FieldType::Int { min: 7, max: 7 },
        FieldType::Unbounded("u8".into()),
        three(),
        names(&["only"]),
        FieldType::OneOf(boxed(three())),
        FieldType::OneOf(boxed(names(&["a", "other"]))),
        FieldType::Optional(boxed(FieldType::Bool)),
        FieldType::Optional(boxed(FieldType::Struct(vec![]))),
        FieldType::Array { len: 3, of: boxed(three()) },
        FieldType::Array { len: 0, of: boxed(three()) },
        FieldType::List { max: 3, of: boxed(three()) },
        FieldType::List { max: 0, of: boxed(three()) },
        FieldType::List { max: 5, of: boxed(names(&["only"])) },
        FieldType::List { max: 2, of: boxed(FieldType::Optional(boxed(FieldType::Bool))) },
        FieldType::Struct(vec![field(FieldType::Bool), field(three()), field(FieldType::Optional(boxed(three())))]),
        FieldType::Struct(vec![]),
        FieldType::Variants(vec![
            VariantDescriptor { name: "plain".into(), field_type: None },
            VariantDescriptor { name: "full".into(), field_type: Some(three()) },
            VariantDescriptor { name: "more".into(), field_type: Some(FieldType::Int { min: 0, max: 4 }) },
        ]),
        FieldType::CountBucket,
        FieldType::DurationBucket,
        FieldType::Os,
    ];
    for of in types {
        let count = values(&of).len() as f64;
        let bits = of_type(&of);
        assert!((bits.exp2() - count).abs() < 1e-6 * count, "{of:?}: {bits} bits for {count} values");
    }
}

#[test]
fn large_types_keep_to_the_formulas_of_the_table() {
    let close = |of: FieldType, bits: f64| {
        let found = of_type(&of);
        assert!((found - bits).abs() < 1e-9 * bits, "{of:?}: {found}, expected {bits}");
    };
    close(FieldType::Int { min: i64::MIN, max: i64::MAX }, 64.0);
    close(FieldType::Unbounded("usize".into()), 64.0);
    close(FieldType::Unbounded("something else".into()), 64.0);
    close(FieldType::Text { max_len: 64 }, 512.0);
    close(FieldType::Text { max_len: 1 << 40 }, 8.0 * 65_535.0);
    close(FieldType::Pseudonym, 128.0);
    // Far beyond what a double holds: 1,000 texts of 64 bytes, and the empty list and all shorter ones add next to nothing.
    close(FieldType::List { max: 1_000, of: boxed(FieldType::Text { max_len: 64 }) }, 512_000.0);
    close(FieldType::Version { prefix: "v".into() }, 96.0 + (2.0 + 5.0 * 4_294_967_297.0f64).log2());
    let numbers = 4_294_967_296.0f64;
    close(FieldType::OsVersion, (1.0 + numbers + numbers * numbers + numbers * numbers * numbers).log2());
    // One listed name, with or without a version: the list is empty or holds that.
    let version = of_type(&FieldType::Version { prefix: String::new() });
    let one = FieldType::Packages { names: vec!["vite".into()], prefixes: vec![], max: 1 };
    close(one, (2.0 + version.exp2()).log2());
    // A prefix of 4 bytes leaves 210 bytes of 67 kinds.
    let open = FieldType::Packages { names: vec![], prefixes: vec!["abc/".into()], max: 1 };
    let name = 210.0 * 67f64.log2() + (67.0f64 / 66.0).log2();
    assert!((of_type(&open) - (name + version)).abs() < 1e-6, "{}", of_type(&open));
}

#[test]
fn valid_utf_8_is_less_than_all_bytes() {
    // One byte: 128 texts and the empty one; two bytes: pairs of those, and 1,920 characters.
    for (max_len, texts) in [(1, 129.0f64), (2, 129.0 + 128.0 * 128.0 + 1_920.0)] {
        assert!(texts.log2() < of_type(&FieldType::Text { max_len }));
    }
}
