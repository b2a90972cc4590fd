//! Whether the words that the notice names lead to the commands.

use clap::{Args as _, Command};

use super::Telemetry;
use crate::Sdk;

/// Says whether users reach the commands of [`Telemetry`] by the words that `sdk!` declares as its `command`: one line in a test
/// of the product. A notice must name no command that does not exist.
///
/// ```
/// # use telemetry_runtime::{Sdk, sdk};
/// # pub static TELEMETRY: Sdk = sdk! {
/// #     name: "acme", role: Application, default: On, exit: Later, env: "ACME", command: "acme telemetry",
/// #     endpoint: "https://telemetry.acme.example", wire: EventBatch { strict: false },
/// #     docs: "https://acme.example/telemetry", operator: "Acme Inc.", contact: "privacy@acme.example",
/// #     region: "EU", retention: "90 days", shared_with: "nobody",
/// # };
/// use clap::{CommandFactory, Parser};
///
/// #[derive(Parser)]
/// #[command(name = "acme")]
/// enum Acme {
///     /// What is collected, and your say in it
///     Telemetry(telemetry_runtime::cli::Telemetry),
/// }
///
/// # fn main() {
/// assert_eq!(telemetry_runtime::cli::check_command(&Acme::command(), &TELEMETRY), Ok(()));
/// # }
/// ```
///
/// # Errors
///
/// The first word that leads nowhere, or that `sdk!` has no `command`. None in a build without telemetry, which knows no words.
pub fn check_command(program: &Command, sdk: &Sdk) -> Result<(), String> {
    match declared(sdk) {
        #[cfg(not(compiled_out))]
        None => Err("`sdk!` has no `command`, so the notice names none".to_owned()),
        #[cfg(compiled_out)]
        None => Ok(()),
        Some(words) => reaches(program, words),
    }
}

#[cfg(not(compiled_out))]
fn declared(sdk: &Sdk) -> Option<&'static str> {
    sdk.info.command
}

#[cfg(compiled_out)]
fn declared(_: &Sdk) -> Option<&'static str> {
    None
}

fn reaches(program: &Command, words: &str) -> Result<(), String> {
    let name = program.get_bin_name().unwrap_or(program.get_name());
    let rest = match words.strip_prefix(name) {
        Some(rest) if rest.is_empty() || rest.starts_with(' ') => rest,
        _ => return Err(format!("`{words}` does not begin with the name of the program, `{name}`")),
    };
    let mut at = program;
    for word in rest.split_whitespace() {
        at = at.find_subcommand(word).ok_or_else(|| format!("`{words}`: there is no command `{word}`"))?;
    }
    let ours = Telemetry::augment_args(Command::default().name("telemetry"));
    match ours.get_subcommands().find(|ours| at.find_subcommand(ours.get_name()).is_none()) {
        Some(missing) => {
            Err(format!("`{words}` has no command `{}`, so it is not that of `Telemetry`", missing.get_name()))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser, Subcommand};

    use super::*;

    #[derive(Parser)]
    #[command(name = "acme")]
    struct Acme {
        #[command(subcommand)]
        command: Words,
    }

    #[derive(Subcommand)]
    enum Words {
        /// Settings
        #[command(subcommand)]
        Settings(Settings),
        /// Builds
        Build,
    }

    #[derive(Subcommand)]
    enum Settings {
        /// What is collected
        #[command(name = "usage-data", alias = "telemetry")]
        UsageData(Telemetry),
    }

    #[test]
    fn r18_the_words_of_the_notice_lead_to_the_commands() {
        let said = |words: &str| reaches(&Acme::command(), words);
        assert_eq!(said("acme settings usage-data"), Ok(()));
        assert_eq!(said("acme settings telemetry"), Ok(()));
        for (words, why) in [
            ("acme telemetry", "`acme telemetry`: there is no command `telemetry`"),
            ("acme build", "`acme build` has no command `status`, so it is not that of `Telemetry`"),
            ("acmes settings", "`acmes settings` does not begin with the name of the program, `acme`"),
            ("acme", "`acme` has no command `status`, so it is not that of `Telemetry`"),
        ] {
            assert_eq!(said(words), Err(why.to_owned()));
        }
        let cargo = || Acme::command().name("cargo-acme").bin_name("cargo acme");
        assert_eq!(reaches(&cargo(), "cargo acme settings usage-data"), Ok(()));
    }
}
