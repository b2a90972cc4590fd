//! The commands themselves; nothing here knows of telemetry but for the derive.

use telemetry_runtime::TelemetryValue;

/// A command, as it is reported: the name and nothing that stands behind it.
#[derive(Debug, Clone, Copy, TelemetryValue)]
#[telemetry(rename_all = "lowercase")]
pub(crate) enum Command {
    /// Builds the project.
    Build,
    /// Serves it.
    Start,
    /// Shows the environment.
    Whoami,
}

impl Command {
    /// Finds a command by its name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "build" => Some(Self::Build),
            "start" => Some(Self::Start),
            "whoami" => Some(Self::Whoami),
            _ => None,
        }
    }

    /// Does what the command is for.
    pub(crate) fn run(self, arguments: &[String]) -> Result<(), String> {
        if arguments.iter().any(|argument| argument == "--fail") {
            return Err("the command failed, as it was told to".to_owned());
        }
        match self {
            Self::Build => println!("built"),
            Self::Start => println!("started"),
            Self::Whoami => println!("you are you"),
        }
        Ok(())
    }
}
