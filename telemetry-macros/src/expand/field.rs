//! The fields of an event, a struct or a variant: their descriptors, their bytes.

use proc_macro2::{Literal, TokenStream};
use quote::ToTokens as _;
use syn::{Type, spanned::Spanned as _};

use super::{
    ours,
    record::{self, Text},
};
use crate::{
    ast::Field,
    attr::{At, Packages},
    case::Case,
    digest, json, valid,
};

/// How a field is described and written: by the trait that its type must implement, and by its attribute.
pub(super) struct Sent<'a> {
    field: &'a Field,
    /// `<Type as Trait>`
    qualified: TokenStream,
    /// `Trait`, for an array where there is a value: the compiler checks every length again wherever it is written, as a
    /// constant of its own.
    inferred: Option<TokenStream>,
    attribute: Option<Attribute>,
}

/// What an attribute says that the type does not.
struct Attribute {
    /// The description of the innermost type, in the record.
    text: String,
    /// The same as a digest.
    digest: Literal,
    /// The most bytes of JSON that free text can take.
    texts: Option<Literal>,
    /// What `write` takes behind the sink, each after a comma.
    arguments: TokenStream,
}

impl<'a> Sent<'a> {
    pub(super) fn new(private: &TokenStream, field: &'a Field) -> Self {
        let (bound, attribute) = match (attribute(private, field), field.args.unbounded) {
            (Some((bound, attribute)), _) => (ours!(#bound), Some(attribute)),
            (None, Some(_)) => (ours!(Unbounded), None),
            (None, None) => (ours!(TelemetryValue), None),
        };
        let ty = &field.ty;
        // The type checker speaks of the field's type where the type stands.
        let span = place(ty);
        let qualified = quote::quote_spanned!(span=> <#ty as #private::#bound>);
        let inferred = matches!(ty, Type::Array(_)).then(|| quote::quote_spanned!(span=> #private::#bound));
        Self { field, qualified, inferred, attribute }
    }

    /// The most bytes of JSON that free text in it can take, an expression of type `usize`; `None` where there is no text.
    pub(super) fn texts(&self, private: &TokenStream) -> Option<TokenStream> {
        let qualified = &self.qualified;
        match &self.attribute {
            Some(attribute) => attribute.texts.as_ref().map(|texts| ours!(#texts)),
            None => Some(ours!(#private::Node::texts(#qualified::SCHEMA))),
        }
    }

    /// Asks whether the type may be sent, in an expression of type `()`; `None` where the attribute's trait has the say.
    pub(super) fn question(&self, private: &TokenStream) -> Option<TokenStream> {
        let has_own_words = is_one_of(&self.field.ty);
        if self.attribute.is_some() || self.field.args.unbounded.is_some() || has_own_words {
            return None;
        }
        // What stands in a container is asked itself, so the compiler speaks of nothing else.
        Some(question(private, valid::innermost(&self.field.ty)))
    }

    /// Appends the description of the type.
    pub(super) fn describe_type(&self, text: &mut Text) {
        let qualified = &self.qualified;
        match &self.attribute {
            Some(attribute) => {
                text.push_node(ours!(#qualified::AROUND.before));
                text.push(&attribute.text);
                text.push_node(ours!(#qualified::AROUND.after));
            }
            None => text.push_node(ours!(#qualified::SCHEMA)),
        }
    }

    /// An expression of type `&'static Facts`.
    fn facts(&self) -> TokenStream {
        let qualified = &self.qualified;
        match &self.attribute {
            Some(Attribute { text, digest, texts, .. }) => {
                let texts = texts.clone().unwrap_or_else(|| Literal::usize_unsuffixed(0));
                ours!(&#qualified::AROUND.facts(#text, #texts, #digest))
            }
            None => ours!(#qualified::FACTS),
        }
    }

    /// Appends the descriptor to the record of an event that is a struct.
    pub(super) fn declare(&self, text: &mut Text, private: &TokenStream, is_first: bool, case: Option<Case>) {
        let key = self.field.key(case);
        record::field_start(text, is_first, &key);
        text.push_facts(digest::literal(&key), self.facts());
        self.describe_rest(text, private);
    }

    /// Appends the descriptor.
    pub(super) fn describe(&self, text: &mut Text, private: &TokenStream, is_first: bool, case: Option<Case>) {
        record::field_start(text, is_first, &self.field.key(case));
        self.describe_type(text);
        self.describe_rest(text, private);
    }

    /// What stands behind the type.
    fn describe_rest(&self, text: &mut Text, private: &TokenStream) {
        let args = &self.field.args;
        let reason = args.reason.as_ref().map(|reason| reason.value.value());
        let sensitivity = args.sensitivity.map(|sensitivity| sensitivity.value.word());
        record::doc(text, private, &self.field.doc);
        record::field_end(text, "", sensitivity, reason.as_deref());
    }

    /// The digest of the type, an expression of type `u128`.
    pub(super) fn type_digest(&self, private: &TokenStream) -> TokenStream {
        let qualified = &self.qualified;
        match &self.attribute {
            Some(Attribute { digest, .. }) => ours!(#private::within(#qualified::AROUND.shape, #digest)),
            None => ours!(#qualified::DIGEST),
        }
    }

    /// The digest of the field, an expression of type `u128`.
    pub(super) fn digest(&self, private: &TokenStream, case: Option<Case>) -> TokenStream {
        let (name, of) = (digest::literal(&self.field.key(case)), self.type_digest(private));
        ours!(#private::combine(#name, #of))
    }

    /// The statement that writes `value`, an expression of a reference.
    pub(super) fn write(&self, value: &TokenStream) -> TokenStream {
        let qualified = self.inferred.as_ref().unwrap_or(&self.qualified);
        let arguments = self.attribute.as_ref().map(|attribute| &attribute.arguments);
        ours!(#qualified::write(#value, __telemetry_sink #arguments);)
    }
}

/// Asks for the types of fields without attributes where a mistake elsewhere keeps the rest from being generated, so that the
/// compiler speaks of all mistakes at once.
pub(super) fn types<'a>(
    private: &TokenStream,
    generics: &syn::Generics,
    fields: impl IntoIterator<Item = &'a Field>,
) -> TokenStream {
    // A parameter has no meaning outside its type.
    if !generics.params.is_empty() {
        return TokenStream::new();
    }
    let fields = fields.into_iter().filter(|field| field.args.is_empty() && valid::doubt(&field.ty).is_none());
    questions(fields.filter_map(|field| Sent::new(private, field).question(private)))
}

/// Asks them all, in one constant: the compiler checks each constant by itself.
pub(super) fn questions(each: impl Iterator<Item = TokenStream>) -> TokenStream {
    let each: Vec<_> = each.collect();
    if each.is_empty() { TokenStream::new() } else { ours!(const _: () = { #(#each;)* };) }
}

/// Whether a type is or holds the one whose own condition the compiler speaks of; the question would have it speak twice.
fn is_one_of(ty: &Type) -> bool {
    let held = valid::innermost(ty);
    matches!(held, Type::Path(path) if path.path.segments.last().is_some_and(|segment| segment.ident == "OneOf"))
}

/// Asks whether a type may be sent, in an expression of type `()`. The message begins at its first token and ends at its last one.
pub(super) fn question(private: &TokenStream, held: &Type) -> TokenStream {
    let first = place(held);
    let last = held.to_token_stream().into_iter().last().map_or(first, |tree| first.located_at(tree.span()));
    let qualified = quote::quote_spanned!(first=> <#held as #private::TelemetryValue>);
    let (open, sent) = (quote::quote_spanned!(first=> <), quote::quote_spanned!(last=> ::Sent));
    let may_be_sent = ours!(as #private::MayBeSent>::MAY_BE_SENT);
    quote::quote!(#open #qualified #sent #may_be_sent)
}

/// The place of a type, with names of our own.
pub(super) fn place(ty: &Type) -> proc_macro2::Span {
    ty.span().resolved_at(proc_macro2::Span::mixed_site())
}

/// The trait of a field whose attribute says more than its type, and what it says.
fn attribute(private: &TokenStream, field: &Field) -> Option<(TokenStream, Attribute)> {
    let args = &field.args;
    if let Some((min, max)) = args.range.as_ref().and_then(|range| valid::range(&range.value).ok()) {
        let text = format!("{{\"int\":{{\"min\":{min},\"max\":{max}}}}}");
        let digest = digest::literal(&format!("int;{min};{max}"));
        return Some((ours!(Ranged), Attribute { text, digest, texts: None, arguments: ours!(, #min, #max) }));
    }
    if let Some(max_len) = args.max_len.as_ref().and_then(|len| valid::max_len(&len.value)) {
        let text = format!("{{\"text\":{{\"max_len\":{max_len}}}}}");
        let digest = digest::literal(&format!("text;{max_len}"));
        let bytes = max_len;
        let max_len = Literal::u64_unsuffixed(max_len);
        let arguments = ours!(, #max_len, #private::TextPermit::of_free_text());
        // A control character takes six bytes in JSON.
        let texts = Some(Literal::u64_unsuffixed(bytes.saturating_mul(6)));
        return Some((ours!(FreeText), Attribute { text, digest, texts, arguments }));
    }
    if let Some(prefix) = &args.prefix {
        let text = format!("{{\"version\":{{\"prefix\":{}}}}}", json::string(&prefix.value.value()));
        let digest = digest::literal(&format!("version{}", digest::lengths_and_names([prefix.value.value()])));
        return Some((ours!(Prefixed), Attribute { text, digest, texts: None, arguments: TokenStream::new() }));
    }
    let At { value: Packages { names, prefixes, max }, .. } = args.packages.as_ref()?;
    let max = valid::packages_max(max.as_ref()?)?;
    let mut text = String::from("{\"packages\":{");
    for (key, list) in [("names", names), ("prefixes", prefixes)] {
        if !list.is_empty() {
            text.push_str(&format!("\"{key}\":{},", json::strings(list.iter().map(syn::LitStr::value))));
        }
    }
    text.push_str(&format!("\"max\":{max}}}}}"));
    let listed = |list: &[syn::LitStr]| digest::lengths_and_names(list.iter().map(syn::LitStr::value));
    let digest = digest::literal(&format!("packages;{max};names{};prefixes{}", listed(names), listed(prefixes)));
    let max = Literal::u64_unsuffixed(max);
    Some((
        ours!(Listed),
        Attribute { text, digest, texts: None, arguments: ours!(, &[#(#names),*], &[#(#prefixes),*], #max) },
    ))
}
