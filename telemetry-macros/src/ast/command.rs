//! A command line as clap's derives see it.

use proc_macro2::TokenStream;
use syn::{
    Attribute, Data, DeriveInput, Expr, Fields, GenericArgument, Generics, Ident, LitStr, PathArguments, Type,
    ext::IdentExt as _,
};

use super::{Doc, allowed};
use crate::{
    attr::{self, Clap, CommandArgs, Name, SubcommandArgs},
    case::Case,
    errors::Errors,
    location,
};

/// The variant of external commands, which have no name of the author's.
pub(crate) const OTHER: &str = "other";

/// A type that derives `TrackCommand`.
pub(crate) struct Command {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) args: CommandArgs,
    pub(crate) allowed: Vec<Attribute>,
    pub(crate) at: String,
    pub(crate) body: CommandBody,
}

/// What it is.
pub(crate) enum CommandBody {
    /// clap's `Args` or `Parser`.
    Args(Vec<Part>),
    /// clap's `Subcommand` or `Parser`.
    Commands(Vec<Subcommand>),
    Tuple(Fields),
    Union(syn::token::Union),
}

/// A field that is reported in some way. Others are not here.
pub(crate) struct Part {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) body: PartBody,
}

/// How a field is reported.
pub(crate) enum PartBody {
    Flag(Flag),
    /// `#[command(flatten)]`
    Flattened,
    /// `#[command(subcommand)]`; the type inside its `Option`, if it has one.
    Subcommand {
        optional: Option<Type>,
    },
}

/// A flag that may be passed.
pub(crate) struct Flag {
    /// As users type it: `--release`, or `-r` where there is no long name.
    pub(crate) name: Spelt,
    pub(crate) doc: Doc,
    pub(crate) passed: Given,
}

/// A name that is sent.
pub(crate) enum Spelt {
    /// It is made from the identifier, or written at some place.
    As(String, Option<LitStr>),
    /// An expression that the macro cannot read.
    Computed(Expr),
}

/// What tells that a flag was passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given {
    /// `bool`: it is true.
    True,
    /// `bool` with `ArgAction::SetFalse`: it is false.
    False,
    /// A count: it is above 0.
    Counted,
    /// `Option` or `Vec`: something is in it.
    Present,
}

/// One command.
pub(crate) struct Subcommand {
    pub(crate) ident: Ident,
    pub(crate) name: Spelt,
    pub(crate) body: SubcommandBody,
}

/// What it holds.
pub(crate) enum SubcommandBody {
    /// Nothing that is reported.
    Nothing,
    /// Fields of its own.
    Fields(Vec<Part>),
    /// `Add(AddArgs)`
    Args(Type),
    /// `#[command(subcommand)] Remote(RemoteCommand)`
    Nested(Type),
    /// `#[command(flatten)] Common(CommonCommand)`: no command of its own.
    Flattened(Type),
    /// External: its name is not sent.
    Other,
    /// Its use is not reported.
    LeftOut,
}

impl Command {
    /// Reads the item that the derive sees.
    pub(crate) fn parse(item: TokenStream, errors: &mut Errors) -> Option<Self> {
        let input: DeriveInput = errors.take(syn::parse2(item))?;
        let mut args = CommandArgs::default();
        attr::parse_helpers(&input.attrs, &mut args, errors);
        let case = case(&Clap::of(&input.attrs), Some(Case::Kebab));
        let allowed = allowed(&input.attrs);
        let body = match input.data {
            Data::Struct(data) => match data.fields {
                Fields::Unnamed(_) => CommandBody::Tuple(data.fields),
                fields => CommandBody::Args(parts(&fields, case, errors)),
            },
            Data::Enum(data) => {
                let variants = data.variants.into_iter();
                CommandBody::Commands(variants.map(|variant| Subcommand::parse(variant, case, errors)).collect())
            }
            Data::Union(data) => CommandBody::Union(data.union_token),
        };
        let at = location::of(input.ident.span());
        Some(Self { ident: input.ident, generics: input.generics, args, allowed, at, body })
    }
}

impl Subcommand {
    fn parse(variant: syn::Variant, case: Option<Case>, errors: &mut Errors) -> Self {
        let mut args = SubcommandArgs::default();
        attr::parse_helpers(&variant.attrs, &mut args, errors);
        let clap = Clap::of(&variant.attrs);
        let case = self::case(&clap, case);
        let name = spelt(args.rename, clap.name("name"), || spell(case, &variant.ident));
        let only = match &variant.fields {
            Fields::Unnamed(fields) => fields.unnamed.first().map(|field| field.ty.clone()),
            Fields::Named(_) | Fields::Unit => None,
        };
        let is_left_out = args.skip || clap.has("skip");
        let body = match (only, &variant.fields) {
            _ if is_left_out => SubcommandBody::LeftOut,
            _ if clap.has("external_subcommand") => SubcommandBody::Other,
            (Some(of), _) if clap.has("flatten") => SubcommandBody::Flattened(of),
            (Some(of), _) if clap.has("subcommand") => SubcommandBody::Nested(of),
            (Some(of), _) => SubcommandBody::Args(of),
            (None, fields) => match parts(fields, case, errors) {
                parts if parts.is_empty() => SubcommandBody::Nothing,
                parts => SubcommandBody::Fields(parts),
            },
        };
        Self { ident: variant.ident, name, body }
    }
}

/// The fields that are reported.
fn parts(fields: &Fields, case: Option<Case>, errors: &mut Errors) -> Vec<Part> {
    let Fields::Named(fields) = fields else { return Vec::new() };
    fields.named.iter().filter_map(|field| Part::parse(field, case, errors)).collect()
}

impl Part {
    fn parse(field: &syn::Field, case: Option<Case>, errors: &mut Errors) -> Option<Self> {
        let ident = field.ident.clone()?;
        let mut args = SubcommandArgs::default();
        attr::parse_helpers(&field.attrs, &mut args, errors);
        let clap = Clap::of(&field.attrs);
        // What is skipped is no argument; what is from a global flag is reported where that stands.
        if args.skip || clap.has("skip") || clap.has("from_global") {
            return None;
        }
        let body = if clap.has("flatten") {
            PartBody::Flattened
        } else if clap.has("subcommand") {
            PartBody::Subcommand { optional: inside(&field.ty, "Option").cloned() }
        } else {
            PartBody::Flag(Flag::parse(field, &ident, &clap, args.rename, case)?)
        };
        Some(Self { ident, ty: field.ty.clone(), body })
    }
}

/// What `ArgAction::Count` counts in.
const NUMBERS: [&str; 10] = ["u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64", "isize"];

impl Flag {
    /// `None` for what is no flag, and for a flag of which nobody could say that it was passed.
    fn parse(
        field: &syn::Field,
        ident: &Ident,
        clap: &Clap,
        rename: Option<LitStr>,
        case: Option<Case>,
    ) -> Option<Self> {
        let (long, short) = (clap.name("long"), clap.name("short"));
        if long.is_none() && short.is_none() {
            return None; // A positional argument.
        }
        // A default looks like a value that was passed, and a variable's value is none that was.
        if clap.has_prefix("default_value") || clap.has("env") {
            return None;
        }
        // What is always there says nothing.
        if clap.may_be_true("required") {
            return None;
        }
        let action = clap.action();
        let passed = match action.as_deref() {
            _ if inside(&field.ty, "Option").is_some() || inside(&field.ty, "Vec").is_some() => Given::Present,
            Some("Count") if NUMBERS.iter().any(|number| is(&field.ty, number)) => Given::Counted,
            Some("SetFalse") if is(&field.ty, "bool") => Given::False,
            None | Some("SetTrue") if is(&field.ty, "bool") => Given::True,
            // It always has a value, so that to be there says nothing; and a `bool` with a value is that value.
            _ => return None,
        };
        let id = || match clap.name("id").or_else(|| clap.name("name")) {
            Some(Name::Written(text)) => text.value(),
            Some(Name::Derived | Name::Computed(_)) | None => spell(case, ident),
        };
        let name = match (rename, long) {
            (Some(rename), _) => Spelt::As(rename.value(), Some(rename)),
            (None, Some(Name::Written(text))) => Spelt::As(format!("--{}", text.value()), Some(text)),
            (None, Some(Name::Derived)) => Spelt::As(format!("--{}", id()), None),
            (None, Some(Name::Computed(expression))) => Spelt::Computed(expression),
            (None, None) => match (clap.letter(), short) {
                (None, Some(Name::Computed(expression))) => Spelt::Computed(expression),
                (letter, _) => Spelt::As(format!("-{}", letter.or_else(|| id().chars().next())?), None),
            },
        };
        Some(Self { name, doc: Doc::of(&field.attrs), passed })
    }
}

fn spelt(rename: Option<LitStr>, name: Option<Name>, derived: impl FnOnce() -> String) -> Spelt {
    match (rename, name) {
        (Some(text), _) | (None, Some(Name::Written(text))) => Spelt::As(text.value(), Some(text)),
        (None, Some(Name::Computed(expression))) => Spelt::Computed(expression),
        (None, Some(Name::Derived) | None) => Spelt::As(derived(), None),
    }
}

/// Spells an identifier as clap does: `None` is clap's `verbatim`, for which serde has no word.
fn spell(case: Option<Case>, ident: &Ident) -> String {
    let name = ident.unraw().to_string();
    match case {
        Some(case) => case.spell(&name),
        None => name,
    }
}

/// The case of `rename_all`, which what stands inside takes over.
fn case(clap: &Clap, around: Option<Case>) -> Option<Case> {
    let Some(Name::Written(word)) = clap.name("rename_all") else { return around };
    // As clap compares it.
    let word: String = word.value().chars().filter(char::is_ascii_alphanumeric).collect();
    match word.to_ascii_lowercase().as_str() {
        "lower" | "lowercase" => Some(Case::Lower),
        "upper" | "uppercase" => Some(Case::Upper),
        "camel" | "camelcase" => Some(Case::Camel),
        "kebab" | "kebabcase" => Some(Case::Kebab),
        "pascal" | "pascalcase" => Some(Case::Pascal),
        "screamingsnake" | "screamingsnakecase" => Some(Case::ScreamingSnake),
        "snake" | "snakecase" => Some(Case::Snake),
        "verbatim" | "verbatimcase" => None,
        _ => around,
    }
}

/// Whether the type is written so, as clap asks.
fn is(ty: &Type, name: &str) -> bool {
    matches!(ty, Type::Path(path) if path.qself.is_none() && path.path.is_ident(name))
}

/// The type inside `name<…>`, by the last segment of its path, as clap asks.
fn inside<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|segment| path.qself.is_none() && segment.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    })
}
