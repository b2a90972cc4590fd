use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, Data, DeriveInput, Fields, Generics, Ident, Token, Visibility,
    parse::{ParseStream, Parser as _},
};

use super::{Doc, Field, allowed};
use crate::{
    attr::{self, EventArgs, EventHelper},
    errors::Errors,
    location,
};

/// A struct with `#[telemetry_event]`.
pub(crate) struct Event {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) doc: Doc,
    pub(crate) allowed: Vec<Attribute>,
    pub(crate) at: String,
    pub(crate) args: EventArgs,
    pub(crate) body: EventBody,
}

/// What the attribute stands on.
pub(crate) enum EventBody {
    Fields(Vec<Field>),
    Tuple(Fields),
    Enum(syn::token::Enum),
    Union(syn::token::Union),
}

impl Event {
    /// Reads the item that the derive sees.
    pub(crate) fn parse(item: TokenStream, errors: &mut Errors) -> Option<Self> {
        let input: DeriveInput = errors.take(syn::parse2(item))?;
        let mut helper = EventHelper::default();
        attr::parse_helpers(&input.attrs, &mut helper, errors);
        let fields = match &input.data {
            Data::Struct(data) => data.fields.iter().flat_map(|field| &field.attrs).collect(),
            Data::Enum(_) | Data::Union(_) => Vec::new(),
        };
        let allowed = allowed(input.attrs.iter().chain(fields));
        let body = match input.data {
            Data::Struct(data) => match data.fields {
                Fields::Unnamed(_) => EventBody::Tuple(data.fields),
                fields => EventBody::Fields(fields.iter().filter_map(|field| Field::parse(field, errors)).collect()),
            },
            Data::Enum(data) => EventBody::Enum(data.enum_token),
            Data::Union(data) => EventBody::Union(data.union_token),
        };
        Some(Self {
            doc: Doc::of(&input.attrs),
            allowed,
            at: location::of(input.ident.span()),
            ident: input.ident,
            generics: input.generics,
            args: helper.0,
            body,
        })
    }

    /// Checks that the attribute stands on something that a derive can stand on.
    pub(crate) fn check_item(item: &TokenStream, errors: &mut Errors) {
        if is_plainly_derivable(item) {
            return;
        }
        let parser = |input: ParseStream<'_>| {
            input.call(Attribute::parse_outer)?;
            let _: Visibility = input.parse()?;
            let derivable = input.peek(Token![struct]) || input.peek(Token![enum]) || is_union(input);
            let span = input.span();
            input.parse::<TokenStream>()?;
            if derivable {
                Ok(())
            } else {
                Err(syn::Error::new(
                    span,
                    "`#[telemetry_event]` goes on a struct: `#[telemetry_event] struct Opened { … }`",
                ))
            }
        };
        errors.take(parser.parse2(item.clone()));
    }

    /// The fields, none for anything but a struct with names.
    pub(crate) fn fields(&self) -> &[Field] {
        if let EventBody::Fields(fields) = &self.body { fields } else { &[] }
    }
}

/// Whether attributes and a visibility lead to `struct` or `enum`: nearly always, and much cheaper to see than by parsing.
fn is_plainly_derivable(item: &TokenStream) -> bool {
    let head = item.clone().into_iter().find_map(|tree| match tree {
        TokenTree::Ident(word) if word != "pub" => Some(word == "struct" || word == "enum"),
        TokenTree::Literal(_) => Some(false),
        _ => None,
    });
    head == Some(true)
}

/// `union Name`; `union` alone may be the name of a macro.
fn is_union(input: ParseStream<'_>) -> bool {
    input.peek(Token![union]) && input.peek2(Ident)
}
