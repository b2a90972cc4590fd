//! Names that a crate may use once.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::ext::IdentExt as _;

use crate::attr::Common;

/// An item of the crate's root: the compiler refuses the second one of a name in a crate, wherever it stands. It is a macro
/// that nobody calls, because nothing else can be put there from inside a function or an `impl`.
///
/// `marker` is what the compiler's message says. Two SDKs of one crate may use one name, so the path of the SDK becomes part
/// of it where one is given.
pub(super) fn item(mut marker: String, common: &Common, span: Span) -> TokenStream {
    if let Some(sdk) = &common.sdk {
        for segment in &sdk.segments {
            if !["crate", "self", "super", "TELEMETRY"].iter().any(|word| segment.ident == word) {
                marker.push_str("_of_");
                marker.push_str(&identifier(&segment.ident.unraw().to_string()));
            }
        }
    }
    // The compiler's message points at the name, not at the attribute.
    let span = Span::mixed_site().located_at(span);
    let marker = Ident::new(&marker, span);
    quote_spanned! {span=>
        #[doc(hidden)]
        #[allow(non_local_definitions)]
        #[macro_export]
        macro_rules! #marker { () => {}; }
    }
}

/// `text` with everything that an identifier cannot hold written as `_uXXXX`.
pub(super) fn identifier(text: &str) -> String {
    text.chars().fold(String::new(), |mut name, char| {
        if char.is_ascii_alphanumeric() || char == '_' {
            name.push(char);
        } else {
            name.push_str(&format!("_u{:04x}", u32::from(char)));
        }
        name
    })
}
