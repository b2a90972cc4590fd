//! `#[track_mount(…)]` and `#[track_call(…)]`.

use proc_macro2::TokenStream;
use syn::{
    Expr, Ident, LitStr, Token,
    ext::IdentExt as _,
    parse::{Parse as _, ParseStream},
};

use super::{Common, Fault, Words, group, text};
use crate::errors::Errors;

/// One prop: its key, and the expression that says whether it was passed.
pub(crate) struct Prop {
    pub(crate) key: Ident,
    /// Absent where the key is a parameter.
    pub(crate) passed: Option<Expr>,
}

/// The arguments of `#[track_mount]`, or of `#[track_call]`: they differ in the first word only.
#[derive(Default)]
pub(crate) struct TrackArgs {
    pub(crate) common: Common,
    /// `component` or `method`.
    pub(crate) discriminant: Option<LitStr>,
    pub(crate) props: Vec<Prop>,
}

impl TrackArgs {
    /// Reads the arguments of `#[track_mount]`.
    pub(crate) fn of_mount(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut mount = Mount::default();
        super::parse(tokens, &mut mount, &mut Vec::new(), errors);
        mount.0
    }

    /// Reads the arguments of `#[track_call]`.
    pub(crate) fn of_call(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut call = Call::default();
        super::parse(tokens, &mut call, &mut Vec::new(), errors);
        call.0
    }

    fn word(&mut self, word: &Ident, input: ParseStream<'_>) -> Result<(), Fault> {
        if self.common.word(word, input)? {
            return Ok(());
        }
        if word == "props" {
            let content = group::parenthesized(input)?;
            self.props = props(&content).map_err(Fault::Own)?;
        } else {
            self.discriminant = Some(text(input)?);
        }
        Ok(())
    }
}

#[derive(Default)]
struct Mount(TrackArgs);

impl Words for Mount {
    const KNOWN: &'static [(&'static str, &'static str)] = &[
        ("component", "component = \"SignIn\""),
        ("props", "props(appearance, theme = appearance.is_some())"),
        ("name", "name = \"component_mounted\""),
        ("rename_all", "rename_all = \"camelCase\""),
        ("sample", "sample = 0.1"),
        ("throttle", "throttle = Rolling(24 h)"),
        ("owner", "owner = \"ui-team\""),
        ("purpose", "purpose = \"which components to keep\""),
        ("reviewed", "reviewed = \"https://acme.example/reviews/1\""),
        ("since", "since = \"1.2.0\""),
        ("expires", "expires = \"2027-06-30\""),
        ("sdk", "sdk = crate::TELEMETRY"),
        ("crate", "crate = telemetry_runtime"),
    ];

    fn word(&mut self, word: &Ident, input: ParseStream<'_>, _: &mut Errors) -> Result<(), Fault> {
        self.0.word(word, input)
    }
}

#[derive(Default)]
struct Call(TrackArgs);

impl Words for Call {
    const KNOWN: &'static [(&'static str, &'static str)] = &[
        ("method", "method = \"get_auth\""),
        ("props", "props(session, cached = session.is_some())"),
        ("name", "name = \"method_called\""),
        ("rename_all", "rename_all = \"camelCase\""),
        ("sample", "sample = 0.1"),
        ("throttle", "throttle = Rolling(24 h)"),
        ("owner", "owner = \"auth-team\""),
        ("purpose", "purpose = \"which methods to keep\""),
        ("reviewed", "reviewed = \"https://acme.example/reviews/1\""),
        ("since", "since = \"1.2.0\""),
        ("expires", "expires = \"2027-06-30\""),
        ("sdk", "sdk = crate::TELEMETRY"),
        ("crate", "crate = telemetry_runtime"),
    ];

    fn word(&mut self, word: &Ident, input: ParseStream<'_>, _: &mut Errors) -> Result<(), Fault> {
        self.0.word(word, input)
    }
}

/// `name, key = expression, …`
fn props(input: ParseStream<'_>) -> syn::Result<Vec<Prop>> {
    let mut props = Vec::new();
    while !input.is_empty() {
        let not_a_prop =
            |error: syn::Error| syn::Error::new(error.span(), "a prop is written `name` or `key = expression`");
        let key = input.call(Ident::parse_any).map_err(not_a_prop)?;
        let equals: Option<Token![=]> = input.parse()?;
        let passed = equals.map(|_| Expr::parse(input)).transpose()?;
        props.push(Prop { key, passed });
        if !input.is_empty() {
            input.parse::<Token![,]>().map_err(not_a_prop)?;
        }
    }
    Ok(props)
}
