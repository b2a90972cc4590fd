//! What typical inputs expand to, as text. That it compiles and reads back is tested in `telemetry-runtime`.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::LitStr;

use crate::{
    ast::{Event, Function, Track, Value},
    attr::SdkArgs,
    errors::Errors,
    valid,
};

fn event(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let event = Event::parse(item, &mut errors).unwrap();
    valid::event(&event, &mut errors);
    assert_eq!(errors.messages(), [""; 0]);
    super::event(&event)
}

fn value(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let value = Value::parse(item, &mut errors).unwrap();
    valid::value(&value, &mut errors);
    assert_eq!(errors.messages(), [""; 0]);
    super::value(&value)
}

fn function(track: Track, args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let function = Function::parse(track, args, &item, &mut errors).unwrap();
    valid::function(&function, &mut errors);
    assert_eq!(errors.messages(), [""; 0]);
    super::function(&function)
}

fn sdk(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let args = SdkArgs::of(input, &mut errors);
    valid::sdk(&args, &mut errors);
    assert_eq!(errors.messages(), [""; 0]);
    super::sdk(&args, "src/lib.rs:1").unwrap()
}

fn acme() -> TokenStream {
    quote! {
        name: "acme-ui", role: Library, default: On, env: "ACME", endpoint: "https://telemetry.acme.example/",
        wire: EventBatch { strict: true }, docs: "https://acme.example/telemetry", operator: "Acme \"Inc.\"",
        contact: "privacy@acme.example", region: "EU", retention: "90 days", shared_with: "nobody", active: Daily
    }
}

/// The text of the first `(text, &[hole, …], &[node, …])` of a record, or of the first `EventText { text: …, holes: &[…], fields: &[…] }`,
/// with `…` in each hole.
fn record(expansion: TokenStream) -> String {
    fn first_parts(tokens: TokenStream) -> Option<String> {
        tokens.into_iter().find_map(|tree| {
            let TokenTree::Group(group) = tree else { return None };
            filled(group.stream()).or_else(|| first_parts(group.stream()))
        })
    }
    fn filled(parts: TokenStream) -> Option<String> {
        let (text, holes, nodes): (LitStr, syn::ExprReference, syn::ExprReference) = syn::parse::Parser::parse2(
            |input: syn::parse::ParseStream<'_>| {
                let named = input.peek(syn::Ident) && input.peek2(syn::Token![:]);
                let name = |input: syn::parse::ParseStream<'_>| match named {
                    true => input.parse::<syn::Ident>().and_then(|_| input.parse::<syn::Token![:]>()).map(drop),
                    false => Ok(()),
                };
                name(input)?;
                let text = input.parse()?;
                input.parse::<syn::Token![,]>()?;
                name(input)?;
                let holes = input.parse()?;
                input.parse::<syn::Token![,]>()?;
                name(input)?;
                Ok((text, holes, input.parse()?))
            },
            parts,
        )
        .ok()?;
        let (syn::Expr::Array(holes), syn::Expr::Array(nodes)) = (*holes.expr, *nodes.expr) else { return None };
        // The names of SDK and event are no nodes there.
        assert!([0, 2].contains(&(holes.elems.len() - nodes.elems.len())));
        let mut text = text.value();
        for hole in holes.elems.iter().rev() {
            let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Int(hole), .. }) = hole else { return None };
            text.insert(hole.base10_parse().unwrap(), '…');
        }
        text.starts_with('\u{7f}').then_some(text)
    }
    let text = first_parts(expansion).unwrap();
    text.strip_suffix('\n').unwrap().to_owned()
}

/// A JSON text with the name and version of this crate in it.
fn of_this_crate(json: &str) -> String {
    let package = format!("\"crate\":\"{}\",\"version\":\"{}\"", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    format!("\u{7f}TLM2{}", json.replace("PACKAGE", &package))
}

#[test]
fn the_record_of_an_event_holds_all_that_was_said() {
    let expansion = event(quote! {
        /// A dialog was opened.
        #[telemetry(event(rename_all = "camelCase", sample = 0.1, throttle = Rolling(24 h), owner = "ui", expires = "never"))]
        struct DialogOpened {
            /// Which one.
            which_one: Dialog,
            #[telemetry(skip)]
            local: String,
            #[telemetry(range = -1..8, sensitivity = technical)]
            count: u8,
        }
    });
    let expected = "{\"record\":\"event\",\"sdk\":\"…\",PACKAGE,\"event\":\"…\",\"kind\":\"event\",\
        \"doc\":\"A dialog was opened.\",\"fields\":[{\"name\":\"whichOne\",\"type\":…,\"doc\":\"Which one.\"},\
        {\"name\":\"count\",\"type\":…,\"sensitivity\":\"technical\"}],\"sample\":0.1,\
        \"throttle\":{\"rolling_hours\":24},\"owner\":\"ui\",\"expires\":\"never\",\"at\":\"src/lib.rs:1\"}";
    assert_eq!(record(expansion), of_this_crate(expected));
}

/// The compiler refuses the second one in a crate; `call-two-methods-with-one-name.rs` shows that it does.
#[test]
fn o18_functions_of_one_name_have_one_key_and_no_others_do() {
    let marker = |track, args: TokenStream, item: TokenStream| {
        let function = Function::parse(track, args, &item, &mut Errors::default()).unwrap();
        valid::key_of_function(&function)
    };
    let plant = || {
        quote!(
            pub fn plant(&self) {}
        )
    };
    let first = marker(
        Track::Call,
        quote!(props(dry_run)),
        quote!(
            fn plant(&self, dry_run: bool) {}
        ),
    );
    for same in [quote!(), quote!(sample = 0.5), quote!(sdk = crate::TELEMETRY), quote!(name = "method_called")] {
        assert_eq!(marker(Track::Call, same, plant()), first);
    }
    assert_eq!(
        marker(
            Track::Call,
            quote!(method = "plant"),
            quote!(
                fn another() {}
            )
        ),
        first
    );
    for other in [quote!(method = "row::plant"), quote!(name = "planted"), quote!(sdk = crate::OTHER)] {
        assert_ne!(marker(Track::Call, other, plant()), first);
    }
    assert_ne!(marker(Track::Mount, quote!(component = "plant"), plant()), first);
    assert_eq!(
        marker(
            Track::Mount,
            quote!(),
            quote!(
                fn sign_in() {}
            )
        ),
        marker(
            Track::Mount,
            quote!(component = "SignIn"),
            quote!(
                fn other() {}
            )
        )
    );
}

#[test]
fn commands_and_starts_are_not_throttled() {
    for (kind, throttle) in [("Event", "daily"), ("Command", "none"), ("Start", "none")] {
        let kind = syn::Ident::new(kind, proc_macro2::Span::call_site());
        let record = record(event(quote!(
            #[telemetry(event(kind = #kind))]
            struct Ran;
        )));
        assert!(record.contains(&format!("\"throttle\":\"{throttle}\"")), "{record}");
    }
}

#[test]
fn the_record_of_a_function_names_it_and_its_props() {
    let item = quote!(
        pub fn sign_in(appearance: Option<u8>) {}
    );
    let expansion = function(Track::Mount, quote!(props(appearance_prop = appearance)), item);
    let expected = "{\"record\":\"event\",\"sdk\":\"…\",PACKAGE,\"event\":\"…\",\"discriminant\":\"SignIn\",\
        \"kind\":\"mount\",\"fields\":[{\"name\":\"component\",\"type\":{\"enum\":[\"SignIn\"]},\
        \"doc\":\"Which component.\"},{\"name\":\"appearance_prop\",\"type\":\"bool\",\
        \"doc\":\"Whether `appearance_prop` was passed.\"}],\"sample\":1,\"throttle\":\"daily\",\
        \"at\":\"src/lib.rs:1\"}";
    assert_eq!(record(expansion), of_this_crate(expected));
}

#[test]
fn a_function_keeps_its_head_and_body() {
    let item = quote!(
        #[inline]
        pub async fn f<T>(x: T) -> T
        where
            T: Copy,
        {
            #![allow(unused)]
            x.await
        }
    );
    let text = function(Track::Call, TokenStream::new(), item).to_string();
    assert!(text.starts_with("# [inline] pub async fn f < T > (x : T) -> T where T : Copy"), "{text}");
    assert!(text.contains("{ # ! [allow (unused)] :: telemetry_runtime :: __private :: choose !"), "{text}");
    assert!(text.ends_with("} x . await }"), "{text}");
}

#[test]
fn the_record_of_an_sdk_holds_all_that_was_said() {
    let record = record(sdk(acme()));
    let expected = "{\"record\":\"sdk\",\"sdk\":\"acme-ui\",PACKAGE,\"runtime\":\"";
    assert!(record.starts_with(&of_this_crate(expected)), "{record}");
    for part in [
        r#""role":"library","default":"on","env":"ACME","endpoint":"https://telemetry.acme.example","wire":{"event_batch":{"strict":true}}"#,
        r#""operator":"Acme \"Inc.\"","contact":"privacy@acme.example","region":"EU","retention":"90 days","shared_with":"nobody""#,
        r#""event_case":"snake_case","active":"daily","notice":"next_run","write_on":"worker","sample":1,"transport":"built_in""#,
        r#""headers":[["user-agent","#,
        r#"["telemetry-day","#,
        r#""server_sees":["network address","time of arrival","TLS parameters"],"at":"src/lib.rs:1"}"#,
    ] {
        assert!(record.contains(part), "{part}\n{record}");
    }
}

#[test]
fn the_schema_of_a_plain_enum_is_one_text() {
    let text = value(quote!(
        #[telemetry(rename_all = "kebab-case")]
        enum E {
            SignIn,
            #[telemetry(rename = "up")]
            SignUp,
        }
    ))
    .to_string();
    assert!(text.contains(r#"leaf ("{\"enum\":[\"sign-in\",\"up\"]}")"#), "{text}");
    assert!(text.contains(r#"["sign-in" , "up"]"#), "{text}");
}

#[test]
fn every_expansion_leaves_the_choice_to_the_target() {
    let expansions = [
        event(quote!(
            struct Opened {
                yes: bool,
            }
        )),
        value(quote!(
            enum E {
                A,
                B { yes: bool },
                C(D),
            }
        )),
        value(quote!(
            struct S {
                #[telemetry(free_text, max_len = 9, reason = "because it is a test")]
                text: String,
            }
        )),
        function(
            Track::Call,
            quote!(props(x)),
            quote!(
                fn f(x: bool) {}
            ),
        ),
        sdk(acme()),
    ];
    for expansion in expansions {
        let text = expansion.to_string();
        assert!(text.contains(":: telemetry_runtime :: __private :: choose ! {"), "{text}");
        assert!(!text.contains("unsafe") && !text.contains("cfg (feature"), "{text}");
    }
}

/// Only the author knows whether a program is short; a library has no end of its own.
#[test]
fn o19_an_application_says_how_it_ends() {
    let messages = |role: TokenStream, exit: TokenStream| {
        let mut errors = Errors::default();
        let input: TokenStream = quote! {
            name: "acme", role: #role, default: On, env: "ACME", endpoint: "https://telemetry.acme.example/",
            wire: EventBatch, docs: "https://acme.example/telemetry", operator: "Acme Inc.",
            contact: "privacy@acme.example", region: "EU", retention: "90 days", shared_with: "nobody", #exit
        };
        valid::sdk(&SdkArgs::of(input, &mut errors), &mut errors);
        errors.messages()
    };
    let missing = messages(quote!(Application), quote!());
    assert_eq!(missing.len(), 1, "{missing:?}");
    for word in ["exit: Later", "exit: Grace(300)", "exit: Detached", "exit_guard()", "command-line"] {
        assert!(missing[0].contains(word), "{word}: {missing:?}");
    }
    for exit in [quote!(exit: Later), quote!(exit: Grace(300)), quote!(exit: Detached)] {
        assert_eq!(messages(quote!(Application), exit), [""; 0]);
    }
    assert_eq!(messages(quote!(Library), quote!()), [""; 0]);
}

/// Aliases are names that users know already.
#[test]
fn o19_any_name_that_a_shell_can_set_is_a_variable() {
    let messages = |env: &str, alias: &str| {
        let mut errors = Errors::default();
        let input: TokenStream = quote! {
            name: "acme", role: Library, default: On, env: #env, env_aliases: [#alias],
            endpoint: "https://telemetry.acme.example/", wire: EventBatch, docs: "https://acme.example/telemetry",
            operator: "Acme Inc.", contact: "privacy@acme.example", region: "EU", retention: "90 days", shared_with: "nobody"
        };
        valid::sdk(&SdkArgs::of(input, &mut errors), &mut errors);
        errors.messages()
    };
    for alias in
        ["_ZO_NO_TELEMETRY", "HOMEBREW_NO_ANALYTICS", "_X_Y", "no_telemetry", "npm_config_quiet", "A", "__a", "N0"]
    {
        assert_eq!(messages("ACME", alias), [""; 0], "{alias}");
    }
    for alias in ["", "_", "__", "1ACME", "ACME-NO", "ACME NO", "ACME=1", "Ä", "A\0", "A\n"] {
        assert_eq!(messages("ACME", alias).len(), 1, "{alias:?}");
    }
    for stem in ["_ZO", "ACME", "ACME_2", "A"] {
        assert_eq!(messages(stem, "ACME_NO"), [""; 0], "{stem}");
    }
    for stem in ["", "_", "2ACME", "acme", "Acme", "AC-ME"] {
        assert_eq!(messages(stem, "ACME_NO").len(), 1, "{stem:?}");
    }
}
