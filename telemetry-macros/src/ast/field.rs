use proc_macro2::Span;
use syn::{Ident, Type, ext::IdentExt as _};

use super::Doc;
use crate::{
    attr::{self, FieldArgs},
    case::Case,
    errors::Errors,
};

/// A named field of an event, a struct or a variant.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) doc: Doc,
    pub(crate) args: FieldArgs,
}

impl Field {
    /// Reads a field that has a name.
    pub(super) fn parse(field: &syn::Field, errors: &mut Errors) -> Option<Self> {
        field.ident.as_ref().map(|ident| Self::unnamed(field, ident, errors))
    }

    /// Reads a field and gives it a name.
    pub(super) fn unnamed(field: &syn::Field, ident: &Ident, errors: &mut Errors) -> Self {
        let mut args = FieldArgs::default();
        let before = errors.count();
        attr::parse_helpers(&field.attrs, &mut args, errors);
        args.is_faulty = errors.count() > before;
        Self { ident: ident.clone(), ty: field.ty.clone(), doc: Doc::of(&field.attrs), args }
    }

    /// The key in the payload.
    pub(crate) fn key(&self, case: Option<Case>) -> String {
        match &self.args.rename {
            Some(key) => key.value(),
            None => key(&self.ident, case),
        }
    }

    /// Where the key comes from.
    pub(crate) fn key_span(&self) -> Span {
        self.args.rename.as_ref().map_or_else(|| self.ident.span(), syn::LitStr::span)
    }

    /// Whether the field is sent.
    pub(crate) fn is_sent(&self) -> bool {
        self.args.skip.is_none()
    }
}

/// The key of an identifier: as it is, unless `rename_all` says otherwise.
pub(crate) fn key(ident: &Ident, case: Option<Case>) -> String {
    let name = ident.unraw().to_string();
    case.map_or_else(|| name.clone(), |case| case.spell_field(&name))
}
