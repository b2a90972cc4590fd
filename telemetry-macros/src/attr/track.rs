//! `#[track_mount(…)]` and `#[track_call(…)]`.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{
    Expr, Ident, LitStr, Path, Token,
    ext::IdentExt as _,
    parse::{Parse as _, ParseStream},
};

use super::{Common, Fault, Words, choice, group, path, text};
use crate::{errors::Errors, leaves};

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
    /// `kind = Counter`.
    pub(crate) is_counter: bool,
    pub(crate) props: Vec<Prop>,
    /// What says of a parameter whether it was passed, in place of `IsPresent`.
    pub(crate) present_with: Option<Path>,
    /// What is handed the mount, for frameworks that run a body more than once.
    pub(crate) on_mount: Option<Path>,
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
            let (props, mistakes) = props(&content)?;
            self.props = props;
            mistakes.into_result().map_err(Fault::Own)?;
        } else if word == "kind" {
            input.parse::<Token![=]>()?;
            choice(input, "kind", &[("Counter", ())])?;
            self.is_counter = true;
        } else if word == "present_with" {
            self.present_with = Some(path(input)?);
        } else if word == "on_mount" {
            self.on_mount = Some(path(input)?);
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
        ("present_with", "present_with = crate::is_given"),
        ("on_mount", "on_mount = crate::once_mounted"),
        ("kind", "kind = Counter"),
        ("name", "name = \"component_mounted\""),
        ("rename_all", "rename_all = \"camelCase\""),
        ("sample", "sample = 0.1"),
        ("throttle", "throttle = Rolling(24 h)"),
        ("level", "level = Basic"),
        ("owner", "owner = \"ui-team\""),
        ("purpose", "purpose = \"which components to keep\""),
        ("reviewed", "reviewed = \"https://acme.example/reviews/1\""),
        ("since", "since = \"1.2.0\""),
        ("expires", "expires = \"2027-06-30\""),
        ("sdk", "sdk = crate::TELEMETRY"),
        ("crate", "crate = telemetry_runtime"),
    ];

    fn elsewhere(word: &str) -> Option<String> {
        if word == "method" {
            return Some("`method` belongs in `#[track_call]`; write `component = \"SignIn\"`".to_owned());
        }
        super::on_a_field(word)
    }

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
        ("present_with", "present_with = crate::is_given"),
        ("kind", "kind = Counter"),
        ("name", "name = \"method_called\""),
        ("rename_all", "rename_all = \"camelCase\""),
        ("sample", "sample = 0.1"),
        ("throttle", "throttle = Rolling(24 h)"),
        ("level", "level = Basic"),
        ("owner", "owner = \"auth-team\""),
        ("purpose", "purpose = \"which methods to keep\""),
        ("reviewed", "reviewed = \"https://acme.example/reviews/1\""),
        ("since", "since = \"1.2.0\""),
        ("expires", "expires = \"2027-06-30\""),
        ("sdk", "sdk = crate::TELEMETRY"),
        ("crate", "crate = telemetry_runtime"),
    ];

    fn elsewhere(word: &str) -> Option<String> {
        if word == "component" {
            return Some("`component` belongs in `#[track_mount]`; write `method = \"get_auth\"`".to_owned());
        }
        if word == "on_mount" {
            return Some("`on_mount` belongs in `#[track_mount]`: a call is recorded where it happens".to_owned());
        }
        super::on_a_field(word)
    }

    fn word(&mut self, word: &Ident, input: ParseStream<'_>, _: &mut Errors) -> Result<(), Fault> {
        self.0.word(word, input)
    }
}

/// `name, key = expression, …`: the props that are right, and what is wrong with the others.
pub(crate) fn props(input: ParseStream<'_>) -> syn::Result<(Vec<Prop>, Errors)> {
    let mut props = Vec::new();
    let mut mistakes = Errors::default();
    while !input.is_empty() {
        match mistakes.take(prop(input)) {
            Some(prop) => props.push(prop),
            None => super::skip_to_comma(input),
        }
        input.parse::<Option<Token![,]>>()?;
    }
    Ok((props, mistakes))
}

/// One prop, up to its comma.
fn prop(input: ParseStream<'_>) -> syn::Result<Prop> {
    if input.peek(Token![..]) {
        return Err(
            input.error("a set cannot name another one; name both where they are used: `props(..SIZE, ..APPEARANCE)`")
        );
    }
    let key = input.call(Ident::parse_any).map_err(|error| not_a_key(input, &error))?;
    if input.peek(Token![.]) && !input.peek(Token![..]) {
        return Err(of_a_place(input, &key));
    }
    if input.peek(Token![:]) && !input.peek(Token![::]) {
        return Err(input.error(format!("a prop is written `{key}` or `{key} = {key}.is_some()`")));
    }
    if begins_with_it(input) {
        return Err(syn::Error::new(key.span(), NEEDS_A_KEY));
    }
    let equals: Option<Token![=]> = input.parse()?;
    if equals.is_some() && (input.is_empty() || input.peek(Token![,])) {
        let message = format!("an expression is missing: `{key} = {key}.is_some()`, or only `{key}`");
        return Err(syn::Error::new(key.span(), message));
    }
    let passed = equals.map(|_| Expr::parse(input)).transpose()?;
    if input.peek(Token![;]) {
        return Err(input.error("props are separated by `,`, not by `;`"));
    }
    if !input.is_empty() && !input.peek(Token![,]) {
        let next = input.fork().parse::<TokenTree>()?;
        let next = if input.peek(Token![..]) { "..".to_owned() } else { next.to_string() };
        return Err(input.error(format!("expected `,` before `{next}`")));
    }
    stays(passed.as_ref())?;
    Ok(Prop { key, passed })
}

/// What is said of an expression without a key.
const NEEDS_A_KEY: &str = "an expression needs a key before it: `props(key = expression)`";

/// Whether a name is the start of an expression: what follows it can follow no key.
fn begins_with_it(input: ParseStream<'_>) -> bool {
    if input.is_empty() || input.peek(Token![=]) && !input.peek(Token![==]) {
        return false;
    }
    let is_sign =
        matches!(input.fork().parse(), Ok(TokenTree::Punct(sign)) if !matches!(sign.as_char(), ',' | ';' | '.'));
    is_sign || input.peek(syn::token::Paren) || input.peek(syn::token::Bracket)
}

/// An expression does not leave the function: where nothing is recorded it is not evaluated, and the function goes on.
fn stays(passed: Option<&Expr>) -> syn::Result<()> {
    let trees: Vec<TokenTree> = passed.to_token_stream().into_iter().collect();
    let message = |what: &str| {
        format!(
            "`{what}` cannot leave the function from inside `props(…)`, which may not be evaluated at all; \
             write an expression without it: `wide = width.is_ok_and(|width| width > 80)`"
        )
    };
    let mut errors = Errors::default();
    leaves::check(&trees, &message, &mut errors);
    errors.into_result()
}

/// What is said where the key of a prop should stand.
fn not_a_key(input: ParseStream<'_>, error: &syn::Error) -> syn::Error {
    let message = match input.fork().parse::<LitStr>() {
        Ok(text) if syn::parse_str::<Ident>(&text.value()).is_ok() => {
            format!("the name of a prop takes no quotes: `props({})`", text.value())
        }
        _ if input.peek(Token![&]) || input.peek(Token![!]) || input.peek(Token![-]) => NEEDS_A_KEY.to_owned(),
        _ => "a prop is written `name` or `key = expression`".to_owned(),
    };
    syn::Error::new(error.span(), message)
}

/// `self.on` is a place without a key.
fn of_a_place(input: ParseStream<'_>, first: &Ident) -> syn::Error {
    let mut place = first.to_string();
    let mut key = first.clone();
    while input.parse::<Option<Token![.]>>().is_ok_and(|dot| dot.is_some()) {
        let Ok(next) = input.call(Ident::parse_any) else { break };
        place.push_str(&format!(".{next}"));
        key = next;
        if input.peek(syn::token::Paren) {
            let _ = input.parse::<TokenTree>();
            place.push_str("()");
            break;
        }
    }
    let key = if key == "is_some" || key == *first { "key".to_owned() } else { key.to_string() };
    syn::Error::new(first.span(), format!("a prop that is not a parameter needs a key: `{key} = {place}`"))
}
