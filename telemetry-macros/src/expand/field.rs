//! The fields of an event, a struct or a variant: their marker types, their descriptors, their bytes.

use proc_macro2::TokenStream;
use syn::spanned::Spanned as _;

use super::{
    config_ident, ours,
    record::{self, Text},
};
use crate::{
    ast::Field,
    attr::{At, Packages},
    case::Case,
    json, valid,
};

/// How a field is described and written: the trait that its type must implement, with its marker.
pub(super) struct Sent<'a> {
    field: &'a Field,
    /// `<Type as Trait>`
    qualified: TokenStream,
    /// The marker type, where an attribute says more than the type.
    config: TokenStream,
    needs_permit: bool,
}

impl<'a> Sent<'a> {
    /// `owner` and `index` make the name of the marker unique within its block.
    pub(super) fn new(runtime: &TokenStream, owner: &str, index: usize, field: &'a Field) -> Self {
        let marker = config_ident(owner, index);
        let (bound, config) = match (config_items(runtime, field), field.args.unbounded) {
            (Some((bound, items)), _) => {
                let config = ours! {
                    enum #marker {}
                    #[automatically_derived]
                    impl #runtime::__private::Config for #marker { #items }
                };
                (ours!(#bound<#marker>), config)
            }
            (None, Some(_)) => (ours!(Unbounded), TokenStream::new()),
            (None, None) => (ours!(TelemetryValue), TokenStream::new()),
        };
        let ty = &field.ty;
        // The type checker speaks of the field's type where the type stands.
        let span = ty.span().resolved_at(proc_macro2::Span::mixed_site());
        let qualified = quote::quote_spanned!(span => <#ty as #runtime::__private::#bound>);
        Self { field, qualified, config, needs_permit: field.args.free_text.is_some() }
    }

    /// The marker type.
    pub(super) fn config(&self) -> &TokenStream {
        &self.config
    }

    /// The expression for the description of the type.
    pub(super) fn schema(&self) -> TokenStream {
        let qualified = &self.qualified;
        ours!(#qualified::SCHEMA)
    }

    /// Appends the descriptor.
    pub(super) fn describe(&self, text: &mut Text, is_first: bool, case: Option<Case>) {
        let args = &self.field.args;
        record::field_start(text, is_first, &self.field.key(case));
        text.push_node(self.schema());
        let reason = args.reason.as_ref().map(|reason| reason.value.value());
        let sensitivity = args.sensitivity.map(|sensitivity| sensitivity.value.word());
        record::field_end(text, &self.field.doc, sensitivity, reason.as_deref());
    }

    /// The statement that writes `value`, an expression of a reference.
    pub(super) fn write(&self, runtime: &TokenStream, value: &TokenStream) -> TokenStream {
        let qualified = &self.qualified;
        let permit = self.needs_permit.then(|| ours!(, #runtime::__private::TextPermit::of_free_text()));
        ours!(#qualified::write(#value, sink #permit);)
    }
}

/// The trait and the items of the marker for a field whose attribute says more than its type.
fn config_items(runtime: &TokenStream, field: &Field) -> Option<(TokenStream, TokenStream)> {
    let args = &field.args;
    if let Some((min, max)) = args.range.as_ref().and_then(|range| valid::range(&range.value).ok()) {
        let node = node(runtime, &format!("{{\"int\":{{\"min\":{min},\"max\":{max}}}}}"));
        return Some((ours!(Ranged), ours!(#node const MIN: i64 = #min; const MAX: i64 = #max;)));
    }
    if let Some(max_len) = args.max_len.as_ref().and_then(|len| valid::max_len(&len.value)) {
        let node = node(runtime, &format!("{{\"text\":{{\"max_len\":{max_len}}}}}"));
        let max_len = proc_macro2::Literal::u64_unsuffixed(max_len);
        return Some((ours!(FreeText), ours!(#node const MAX_LEN: usize = #max_len;)));
    }
    if let Some(prefix) = &args.prefix {
        let prefix = json::string(&prefix.value.value());
        return Some((ours!(Prefixed), node(runtime, &format!("{{\"version\":{{\"prefix\":{prefix}}}}}"))));
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
    let node = node(runtime, &text);
    let max = proc_macro2::Literal::u64_unsuffixed(max);
    let items = ours! {
        #node
        const NAMES: &'static [&'static str] = &[#(#names),*];
        const PREFIXES: &'static [&'static str] = &[#(#prefixes),*];
        const MAX_ITEMS: usize = #max;
    };
    Some((ours!(Listed), items))
}

fn node(runtime: &TokenStream, text: &str) -> TokenStream {
    ours!(const NODE: &'static #runtime::__private::Node = &#runtime::__private::Node::leaf(#text);)
}
