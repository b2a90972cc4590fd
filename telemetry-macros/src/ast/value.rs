use proc_macro2::TokenStream;
use syn::{Attribute, Data, DeriveInput, Fields, FieldsUnnamed, Generics, Ident, LitStr, ext::IdentExt as _};

use super::{Field, allowed};
use crate::{
    attr::{self, TypeArgs, VariantArgs},
    case::Case,
    errors::Errors,
};

/// A type that derives `TelemetryValue`.
pub(crate) struct Value {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) args: TypeArgs,
    pub(crate) allowed: Vec<Attribute>,
    pub(crate) body: ValueBody,
}

/// What it is.
pub(crate) enum ValueBody {
    Struct(Vec<Field>),
    Enum(Vec<Variant>),
    NoNames(syn::token::Struct),
    Union(syn::token::Union),
}

/// One variant of an enum.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) rename: Option<LitStr>,
    pub(crate) body: VariantBody,
}

/// What a variant holds.
pub(crate) enum VariantBody {
    Nothing,
    /// One field without a name; it stands under the name of the variant.
    One(Box<Field>),
    Struct(Vec<Field>),
    Several(FieldsUnnamed),
}

impl Value {
    /// Reads the item that the derive sees.
    pub(crate) fn parse(item: TokenStream, errors: &mut Errors) -> Option<Self> {
        let input: DeriveInput = errors.take(syn::parse2(item))?;
        let mut args = TypeArgs::default();
        attr::parse_helpers(&input.attrs, &mut args, errors);
        let fields: Vec<&syn::Field> = match &input.data {
            Data::Struct(data) => data.fields.iter().collect(),
            Data::Enum(data) => data.variants.iter().flat_map(|variant| &variant.fields).collect(),
            Data::Union(_) => Vec::new(),
        };
        let allowed = allowed(input.attrs.iter().chain(fields.into_iter().flat_map(|field| &field.attrs)));
        let body = match input.data {
            Data::Struct(data) => match data.fields {
                Fields::Named(fields) => ValueBody::Struct(named(fields.named.iter(), errors)),
                Fields::Unnamed(_) | Fields::Unit => ValueBody::NoNames(data.struct_token),
            },
            Data::Enum(data) => {
                ValueBody::Enum(data.variants.into_iter().map(|variant| Variant::parse(variant, errors)).collect())
            }
            Data::Union(data) => ValueBody::Union(data.union_token),
        };
        Some(Self { ident: input.ident, generics: input.generics, args, allowed, body })
    }
}

impl Variant {
    fn parse(variant: syn::Variant, errors: &mut Errors) -> Self {
        let mut args = VariantArgs::default();
        attr::parse_helpers(&variant.attrs, &mut args, errors);
        let body = match variant.fields {
            Fields::Unit => VariantBody::Nothing,
            Fields::Named(fields) => VariantBody::Struct(named(fields.named.iter(), errors)),
            Fields::Unnamed(fields) => match fields.unnamed.first() {
                None => VariantBody::Nothing,
                Some(only) if fields.unnamed.len() == 1 => {
                    VariantBody::One(Box::new(Field::unnamed(only, &variant.ident, errors)))
                }
                Some(_) => VariantBody::Several(fields),
            },
        };
        Self { ident: variant.ident, rename: args.rename, body }
    }

    /// What it holds.
    pub(crate) fn fields(&self) -> &[Field] {
        match &self.body {
            VariantBody::Struct(fields) => fields,
            VariantBody::One(field) => std::slice::from_ref(field),
            VariantBody::Nothing | VariantBody::Several(_) => &[],
        }
    }

    /// The name that is sent.
    pub(crate) fn name(&self, case: Option<Case>) -> String {
        let ident = self.ident.unraw().to_string();
        match (&self.rename, case) {
            (Some(name), _) => name.value(),
            (None, Some(case)) => case.spell(&ident),
            (None, None) => ident,
        }
    }
}

fn named<'a>(fields: impl Iterator<Item = &'a syn::Field>, errors: &mut Errors) -> Vec<Field> {
    fields.filter_map(|field| Field::parse(field, errors)).collect()
}
