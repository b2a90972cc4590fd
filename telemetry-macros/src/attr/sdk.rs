//! `sdk! { … }`.

use proc_macro2::TokenStream;
use syn::{
    Ident, LitInt, LitStr, Path, Token, TypePath,
    parse::{Parse as _, ParseStream},
    punctuated::Punctuated,
};

use super::{
    At, Fault, Words, choice, choose, common,
    field::texts,
    group, path_value,
    wire::{self, Wire},
};
use crate::{case::Case, errors::Errors};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Library,
    Application,
}

/// `default: On` or `default: Off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    On,
    Off,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Active {
    Daily,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Health {
    Daily,
}

/// `identity: Rotating(30)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identity {
    /// Another id after so many days.
    Rotating(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    NextRun,
    SameRun,
    Host,
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Environment {
    Ci,
    Test,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WriteOn {
    Worker,
    Caller,
}

/// `compress: Gzip`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compress {
    Gzip,
}

/// `exit: Later`, `exit: Grace(300)` or `exit: Detached`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Later,
    /// So many milliseconds at most.
    Grace(u64),
    Detached,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Instance {
    Optional,
    Required,
}

/// `builds: Official("VARIABLE")`.
pub(crate) struct Builds(pub(crate) LitStr);

/// The declaration; required keys are checked afterwards.
#[derive(Default)]
pub(crate) struct SdkArgs {
    pub(crate) name: Option<LitStr>,
    pub(crate) role: Option<At<Role>>,
    pub(crate) default: Option<At<On>>,
    pub(crate) env: Option<LitStr>,
    pub(crate) env_aliases: Vec<LitStr>,
    pub(crate) command: Option<LitStr>,
    pub(crate) endpoint: Option<LitStr>,
    pub(crate) wire: Option<At<Wire>>,
    pub(crate) compress: Option<At<Compress>>,
    pub(crate) docs: Option<LitStr>,
    pub(crate) operator: Option<LitStr>,
    pub(crate) contact: Option<LitStr>,
    pub(crate) region: Option<LitStr>,
    pub(crate) retention: Option<LitStr>,
    pub(crate) shared_with: Option<LitStr>,
    pub(crate) event_case: Option<At<Case>>,
    pub(crate) active: Option<At<Active>>,
    pub(crate) health: Option<At<Health>>,
    pub(crate) identity: Option<At<Identity>>,
    pub(crate) notice: Option<At<Notice>>,
    pub(crate) builds: Option<Builds>,
    pub(crate) environments: Vec<At<Environment>>,
    pub(crate) write_on: Option<At<WriteOn>>,
    pub(crate) exit: Option<At<Exit>>,
    pub(crate) browser: Option<At<bool>>,
    pub(crate) instance: Option<At<Instance>>,
    pub(crate) sample: Option<At<f64>>,
    pub(crate) transport: Option<TypePath>,
    pub(crate) crate_path: Option<Path>,
    /// Every key that was written, valid or not.
    pub(crate) written: Vec<String>,
}

impl SdkArgs {
    /// Reads the whole declaration.
    pub(crate) fn of(tokens: TokenStream, errors: &mut Errors) -> Self {
        let (mut args, mut written) = (Self::default(), Vec::new());
        super::parse(tokens, &mut args, &mut written, errors);
        Self { written, ..args }
    }

    /// How the key `name` is written.
    pub(crate) fn example(name: &str) -> &'static str {
        Self::KNOWN.iter().find(|(known, _)| *known == name).map_or("", |(_, example)| example)
    }
}

impl Words for SdkArgs {
    const KNOWN: &'static [(&'static str, &'static str)] = &[
        ("name", "name: \"acme-ui\""),
        ("role", "role: Library"),
        ("default", "default: On"),
        ("env", "env: \"ACME\""),
        ("env_aliases", "env_aliases: [\"ACME_NO_TELEMETRY\"]"),
        ("command", "command: \"acme telemetry\""),
        ("endpoint", "endpoint: \"https://telemetry.acme.example\""),
        ("wire", "wire: EventBatch { strict: false }"),
        ("compress", "compress: Gzip"),
        ("docs", "docs: \"https://acme.example/telemetry\""),
        ("operator", "operator: \"Acme Inc.\""),
        ("contact", "contact: \"privacy@acme.example\""),
        ("region", "region: \"EU\""),
        ("retention", "retention: \"90 days\""),
        ("shared_with", "shared_with: \"nobody\""),
        ("event_case", "event_case: \"snake_case\""),
        ("active", "active: Daily"),
        ("health", "health: Daily"),
        ("identity", "identity: Rotating(30)"),
        ("notice", "notice: NextRun"),
        ("builds", "builds: Official(\"ACME_OFFICIAL\")"),
        ("environments", "environments: [Ci, Test]"),
        ("write_on", "write_on: Worker"),
        ("exit", "exit: Grace(300)"),
        ("browser", "browser: true"),
        ("instance", "instance: Required"),
        ("sample", "sample: 0.5"),
        ("transport", "transport: crate::MyTransport"),
        ("crate", "crate: telemetry_runtime"),
    ];

    fn word(&mut self, word: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> Result<(), Fault> {
        let name = word.to_string();
        input.parse::<Token![:]>()?;
        match name.as_str() {
            "name" => self.name = Some(input.parse()?),
            "role" => {
                let known = [("Library", Role::Library), ("Application", Role::Application)];
                self.role = Some(choice(input, "role", &known)?);
            }
            "default" => self.default = Some(choice(input, "default", &[("On", On::On), ("Off", On::Off)])?),
            "env" => self.env = Some(input.parse()?),
            "env_aliases" => self.env_aliases = texts(input)?,
            "command" => self.command = Some(input.parse()?),
            "endpoint" => self.endpoint = Some(input.parse()?),
            "wire" => self.wire = Some(wire::parse(input)?),
            "compress" => self.compress = Some(choice(input, "compression", &[("Gzip", Compress::Gzip)])?),
            "docs" => self.docs = Some(input.parse()?),
            "operator" => self.operator = Some(input.parse()?),
            "contact" => self.contact = Some(input.parse()?),
            "region" => self.region = Some(input.parse()?),
            "retention" => self.retention = Some(input.parse()?),
            "shared_with" => self.shared_with = Some(input.parse()?),
            "event_case" => {
                self.event_case = Some(common::case_value(&input.parse()?).map_err(Fault::Own)?);
            }
            "active" => self.active = Some(choice(input, "interval", &[("Daily", Active::Daily)])?),
            "health" => self.health = Some(choice(input, "interval", &[("Daily", Health::Daily)])?),
            "identity" => self.identity = Some(identity(input)?),
            "notice" => {
                let known = [
                    ("NextRun", Notice::NextRun),
                    ("SameRun", Notice::SameRun),
                    ("Host", Notice::Host),
                    ("None", Notice::None),
                ];
                self.notice = Some(choice(input, "notice", &known)?);
            }
            "builds" => self.builds = Some(builds(input)?),
            "environments" => self.environments = environments(input, errors)?,
            "write_on" => {
                let known = [("Worker", WriteOn::Worker), ("Caller", WriteOn::Caller)];
                self.write_on = Some(choice(input, "thread", &known)?);
            }
            "exit" => self.exit = Some(exit(input)?),
            "browser" => self.browser = Some(choice(input, "answer", &[("true", true), ("false", false)])?),
            "instance" => {
                let known = [("Optional", Instance::Optional), ("Required", Instance::Required)];
                self.instance = Some(choice(input, "rule for instance keys", &known)?);
            }
            "sample" => self.sample = Some(common::rate(input)?),
            "transport" => self.transport = Some(TypePath::parse(input)?),
            _ => self.crate_path = Some(path_value(input)?),
        }
        Ok(())
    }
}

/// `Later`, `Grace(300)` or `Detached`.
fn exit(input: ParseStream<'_>) -> Result<At<Exit>, Fault> {
    let known = [("Later", Exit::Later), ("Grace", Exit::Grace(0)), ("Detached", Exit::Detached)];
    let mut exit = choice(input, "exit", &known)?;
    if exit.value == Exit::Grace(0) {
        let At { value, span } = in_parentheses(input, "milliseconds")?;
        exit = At { value: Exit::Grace(value), span };
    }
    Ok(exit)
}

/// `Rotating(30)`.
fn identity(input: ParseStream<'_>) -> Result<At<Identity>, Fault> {
    choice(input, "kind of id", &[("Rotating", ())])?;
    let At { value, span } = in_parentheses(input, "days")?;
    Ok(At { value: Identity::Rotating(value), span })
}

/// A number of `what` in parentheses.
fn in_parentheses(input: ParseStream<'_>, what: &str) -> Result<At<u64>, Fault> {
    let content = group::parenthesized(input)?;
    let number: LitInt = content.parse()?;
    if !content.is_empty() {
        return Err(content.error(format!("expected {what}")).into());
    }
    Ok(At { value: number.base10_parse()?, span: number.span() })
}

/// `Official("VARIABLE")`
fn builds(input: ParseStream<'_>) -> Result<Builds, Fault> {
    if let Ok(variable) = input.fork().parse::<LitStr>() {
        let message = format!("`builds` says which builds report: `builds: Official(\"{}\")`", variable.value());
        return Err(Fault::Own(syn::Error::new(variable.span(), message)));
    }
    choice(input, "kind of build", &[("Official", ())])?;
    let content = group::parenthesized(input)?;
    let variable = content.parse()?;
    if content.is_empty() { Ok(Builds(variable)) } else { Err(content.error("expected one variable").into()) }
}

/// `[Ci, Test]`
fn environments(input: ParseStream<'_>, errors: &mut Errors) -> Result<Vec<At<Environment>>, Fault> {
    let content = group::bracketed(input)?;
    let words = Punctuated::<Ident, Token![,]>::parse_terminated(&content)?;
    let known = [("Ci", Environment::Ci), ("Test", Environment::Test)];
    Ok(words.iter().filter_map(|word| errors.take(choose(word, "environment", &known))).collect())
}
