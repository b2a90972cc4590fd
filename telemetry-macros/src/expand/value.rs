//! `#[derive(TelemetryValue)]`.

use proc_macro2::{Literal, TokenStream};
use quote::format_ident;

use super::{
    choose,
    field::{self, Sent},
    ours, private, quiet,
    record::Text,
};
use crate::{
    ast::{Field, Value, ValueBody, Variant, VariantBody},
    case::Case,
    digest, json,
};

/// The implementation of `TelemetryValue`; nothing in a compiled-out build, where everything implements it.
pub(crate) fn derive(value: &Value) -> TokenStream {
    let private = private(value.args.crate_path.as_ref());
    let case = value.args.rename_all.map(|case| case.value);
    let mut text = Text::default();
    let (write, more) = match &value.body {
        ValueBody::Struct(fields) => (object(&private, fields, case, &mut text), TokenStream::new()),
        ValueBody::Enum(variants) if variants.iter().all(|variant| matches!(variant.body, VariantBody::Nothing)) => {
            plain_enum(&private, value, variants, case, &mut text)
        }
        ValueBody::Enum(variants) => (enumeration(&private, variants, case, &mut text), TokenStream::new()),
        ValueBody::NoNames(_) | ValueBody::Union(_) => Default::default(),
    };
    let schema = schema(&private, &text);
    let schema = match texts(&private, &value.body) {
        Some(texts) => ours!(#private::Node::with_texts(#schema, #texts)),
        None => schema,
    };
    let implementation = implementation(&private, value, &schema, &digest(&private, value, case), &write);
    let fields = fields(value).into_iter().filter(|field| field.is_sent());
    let questions = field::questions(fields.filter_map(|field| Sent::new(&private, field).question(&private)));
    let live = ours!(const _: () = { #questions #implementation #more };);
    choose(&private, &live, &read(value))
}

/// Reads the fields in a build without telemetry, so that nobody is told that they are unused; no code comes of it.
fn read(value: &Value) -> TokenStream {
    let name = quiet(&value.ident);
    let body = match &value.body {
        ValueBody::Struct(fields) => {
            let fields = fields.iter().map(|field| quiet(&field.ident));
            ours!(let _ = (#(&__telemetry_value.#fields,)*);)
        }
        ValueBody::Enum(variants) => {
            let arms = variants.iter().filter_map(|variant| {
                let ident = quiet(&variant.ident);
                match &variant.body {
                    VariantBody::Nothing | VariantBody::Several(_) => None,
                    VariantBody::One(_) => {
                        Some(ours!(#name::#ident(__telemetry_value) => { let _ = __telemetry_value; }))
                    }
                    VariantBody::Struct(fields) => {
                        let idents = fields.iter().map(|field| quiet(&field.ident));
                        let (bindings, used) = (fields.iter().map(binding), fields.iter().map(binding));
                        Some(ours!(#name::#ident { #(#idents: #bindings),* } => { let _ = (#(#used,)*); }))
                    }
                }
            });
            let arms: Vec<_> = arms.collect();
            if arms.is_empty() {
                return TokenStream::new();
            }
            let rest = (arms.len() < variants.len()).then(|| ours!(_ => {}));
            ours!(match __telemetry_value { #(#arms)* #rest })
        }
        ValueBody::NoNames(_) | ValueBody::Union(_) => return TokenStream::new(),
    };
    ours!(const _: fn(&#name) = |__telemetry_value| { #body };)
}

/// What stands in for the implementation of a type with a mistake, so that its use adds no message of its own.
pub(crate) fn stand_in(value: &Value) -> TokenStream {
    let private = private(value.args.crate_path.as_ref());
    let schema = ours!(#private::Node::leaf(""));
    let implementation = implementation(&private, value, &schema, &ours!(0), &TokenStream::new());
    let types = field::types(&private, &value.generics, fields(value));
    choose(&private, &ours!(const _: () = { #implementation #types };), &TokenStream::new())
}

/// All its fields, those of variants too.
fn fields(value: &Value) -> Vec<&Field> {
    match &value.body {
        ValueBody::Struct(fields) => fields.iter().collect(),
        ValueBody::Enum(variants) => variants.iter().flat_map(Variant::fields).collect(),
        ValueBody::NoNames(_) | ValueBody::Union(_) => Vec::new(),
    }
}

/// The digest of the same description, an expression of type `u128`.
fn digest(private: &TokenStream, value: &Value, case: Option<Case>) -> TokenStream {
    match &value.body {
        ValueBody::Struct(fields) => object_digest(private, fields, case),
        ValueBody::Enum(variants) if variants.iter().all(|variant| matches!(variant.body, VariantBody::Nothing)) => {
            let names = digest::lengths_and_names(variants.iter().map(|variant| variant.name(case)));
            let digest = digest::literal(&format!("enum{names}"));
            ours!(#digest)
        }
        ValueBody::Enum(variants) => {
            let variants = variants.iter().map(|variant| {
                let name = digest::literal(&variant.name(case));
                let held = match &variant.body {
                    VariantBody::Nothing | VariantBody::Several(_) => ours!(0),
                    VariantBody::One(only) => Sent::new(private, only).type_digest(private),
                    VariantBody::Struct(fields) => object_digest(private, fields, None),
                };
                ours!(#private::combine(#name, #held))
            });
            ours!(#private::variants(&[#(#variants),*]))
        }
        ValueBody::NoNames(_) | ValueBody::Union(_) => ours!(0),
    }
}

fn object_digest(private: &TokenStream, fields: &[Field], case: Option<Case>) -> TokenStream {
    let sent = fields.iter().filter(|field| field.is_sent());
    let fields = sent.map(|field| Sent::new(private, field).digest(private, case));
    ours!(#private::object(&[#(#fields),*]))
}

fn implementation(
    private: &TokenStream,
    value: &Value,
    schema: &TokenStream,
    digest: &TokenStream,
    write: &TokenStream,
) -> TokenStream {
    let ident = quiet(&value.ident);
    let allowed = &value.allowed;
    let (parameters, arguments, bounds) = value.generics.split_for_impl();
    ours! {
        #[automatically_derived]
        #(#allowed)*
        impl #parameters #private::TelemetryValue for #ident #arguments #bounds {
            type Sent = #private::Sent;
            const SCHEMA: &'static #private::Node = &#schema;
            const DIGEST: #private::core::primitive::u128 = #digest;

            #[inline]
            fn write(&self, __telemetry_sink: &mut #private::Sink<'_>) { #write }
        }
    }
}

/// How long the free text of a value can be; `None` where there is no text.
fn texts(private: &TokenStream, body: &ValueBody) -> Option<TokenStream> {
    let of_fields = |fields: &[Field]| {
        let sent = fields.iter().filter(|field| field.is_sent());
        let texts: Vec<_> = sent.filter_map(|field| Sent::new(private, field).texts(private)).collect();
        (!texts.is_empty()).then(|| ours!(#private::all_texts(&[#(#texts),*])))
    };
    match body {
        ValueBody::Struct(fields) => of_fields(fields),
        ValueBody::Enum(variants) => {
            let of_variant = |variant: &Variant| match &variant.body {
                VariantBody::Nothing | VariantBody::Several(_) => None,
                VariantBody::One(only) => Sent::new(private, only).texts(private),
                VariantBody::Struct(fields) => of_fields(fields),
            };
            let texts: Vec<_> = variants.iter().filter_map(of_variant).collect();
            (!texts.is_empty()).then(|| ours!(#private::most_texts(&[#(#texts),*])))
        }
        ValueBody::NoNames(_) | ValueBody::Union(_) => None,
    }
}

/// The description as one node: the type has no parameters, so nested descriptions flatten here, once.
pub(super) fn schema(private: &TokenStream, text: &Text) -> TokenStream {
    if let Some(literal) = text.literal() {
        return ours!(#private::Node::leaf(#literal));
    }
    let parts = text.parts();
    ours! {{
        const __TELEMETRY_PARTS: #private::Parts = #parts;
        const __TELEMETRY_TEXT: [#private::core::primitive::u8; #private::total(__TELEMETRY_PARTS)] =
            #private::concat(__TELEMETRY_PARTS);
        #private::Node::leaf(#private::text(&__TELEMETRY_TEXT))
    }}
}

/// An object with the keys of a struct.
fn object(private: &TokenStream, fields: &[Field], case: Option<Case>, text: &mut Text) -> TokenStream {
    let writes = describe_object(private, fields, case, text, |field| {
        let ident = quiet(&field.ident);
        ours!(&self.#ident)
    });
    let skipped = fields.iter().filter(|field| !field.is_sent()).map(|field| quiet(&field.ident));
    ours!(#(let _ = &self.#skipped;)* #(#writes)*)
}

/// Appends `{"struct":[…]}` and returns the statements that write its fields.
fn describe_object(
    private: &TokenStream,
    fields: &[Field],
    case: Option<Case>,
    text: &mut Text,
    place: impl Fn(&Field) -> TokenStream,
) -> Vec<TokenStream> {
    text.push("{\"struct\":[");
    let mut writes = Vec::new();
    for (index, field) in fields.iter().filter(|field| field.is_sent()).enumerate() {
        let sent = Sent::new(private, field);
        sent.describe(text, private, index == 0, case);
        writes.push(sent.write(&place(field)));
    }
    text.push("]}");
    writes
}

/// `{"enum":[…]}`, and the list of names for `OneOf`.
fn plain_enum(
    private: &TokenStream,
    value: &Value,
    variants: &[Variant],
    case: Option<Case>,
    text: &mut Text,
) -> (TokenStream, TokenStream) {
    let names: Vec<_> = variants.iter().map(|variant| variant.name(case)).collect();
    text.push(&format!("{{\"enum\":{}}}", json::strings(&names)));
    let idents = variants.iter().map(|variant| quiet(&variant.ident));
    let indices = (0..variants.len()).map(Literal::usize_unsuffixed);
    let write = ours!(#private::Sink::variant(__telemetry_sink, match self { #(Self::#idents { .. } => #indices,)* }););
    let ident = quiet(&value.ident);
    let more = ours! {
        #[automatically_derived]
        impl #private::Variants for #ident {
            const NAMES: &'static [&'static #private::core::primitive::str] = &[#(#names),*];
        }
    };
    (write, more)
}

/// `{"variants":[…]}`
fn enumeration(private: &TokenStream, variants: &[Variant], case: Option<Case>, text: &mut Text) -> TokenStream {
    let mut arms = Vec::new();
    text.push("{\"variants\":[");
    for (index, variant) in variants.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        text.push(&format!("{comma}{{\"name\":{}", json::string(&variant.name(case))));
        if !matches!(variant.body, VariantBody::Nothing) {
            text.push(",\"type\":");
        }
        arms.push(arm(private, index, variant, text));
        text.push("}");
    }
    text.push("]}");
    ours!(match self { #(#arms)* })
}

/// Describes what a variant holds, and returns the arm that writes it.
fn arm(private: &TokenStream, index: usize, variant: &Variant, text: &mut Text) -> TokenStream {
    let ident = quiet(&variant.ident);
    let number = Literal::usize_unsuffixed(index);
    match &variant.body {
        VariantBody::Nothing | VariantBody::Several(_) => {
            ours!(Self::#ident { .. } => #private::Sink::variant(__telemetry_sink, #number),)
        }
        VariantBody::One(only) => {
            let sent = Sent::new(private, only);
            sent.describe_type(text);
            let write = sent.write(&ours!(__telemetry_value));
            ours!(Self::#ident(__telemetry_value) => { #private::Sink::variant(__telemetry_sink, #number); #write })
        }
        VariantBody::Struct(fields) => {
            let writes = describe_object(private, fields, None, text, binding);
            let idents = fields.iter().map(|field| quiet(&field.ident));
            let bindings = fields.iter().map(binding);
            let skipped = fields.iter().filter(|field| !field.is_sent()).map(binding);
            ours! {
                Self::#ident { #(#idents: #bindings),* } => {
                    #private::Sink::variant(__telemetry_sink, #number);
                    #(let _ = #skipped;)*
                    #(#writes)*
                }
            }
        }
    }
}

/// The local name of a field; no constant of the author's is called so.
fn binding(field: &Field) -> TokenStream {
    use syn::ext::IdentExt as _;
    let name = format_ident!("__telemetry_field_{}", field.ident.unraw(), span = proc_macro2::Span::mixed_site());
    ours!(#name)
}
