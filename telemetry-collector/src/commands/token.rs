//! `token`: a fresh token, and the table of the configuration that gives it its rights.

use clap::Args;

use crate::{
    arguments::result,
    config::Right,
    exit_code::ExitCode,
    failure::Failure,
    page::{fresh_token, token_digest},
};

/// Arguments of `token`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Whose it is, for people.
    name: String,
    /// Only this SDK; can be given several times. Without it, all SDKs and the collector's health.
    #[arg(long = "sdk", value_name = "NAME")]
    sdks: Vec<String>,
    /// What it allows; can be given several times.
    #[arg(long = "may", value_enum, default_value = "read")]
    rights: Vec<Right>,
}

/// Prints the token on standard error, which is not kept, and the table on standard output.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let token = fresh_token()
        .map_err(|error| Failure::new(ExitCode::Unavailable, format!("the system has no random bytes: {error}")))?;
    let list = |words: Vec<&str>| {
        let quoted: Vec<String> = words.into_iter().map(|word| toml::Value::from(word).to_string()).collect();
        format!("[{}]", quoted.join(", "))
    };
    let mut table = format!(
        "[[tokens]]\nname = {}\nsha256 = \"{}\"\n",
        toml::Value::from(arguments.name.as_str()),
        token_digest(&token)
    );
    if !arguments.sdks.is_empty() {
        table.push_str(&format!("sdks = {}\n", list(arguments.sdks.iter().map(String::as_str).collect())));
    }
    table.push_str(&format!("rights = {}\n", list(arguments.rights.iter().map(|right| right.word()).collect())));
    anstream::eprintln!("the token, which is shown once: {token}");
    anstream::eprintln!("its table, for the file that `serve --config` reads:");
    result(&table).map(|()| ExitCode::Holds)
}
