//! A command line with everything that clap's derives offer. The program runs it, the test asks clap what it is made of.

use std::ffi::OsString;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use telemetry_runtime::TrackCommand;

/// Acme, for tests
#[derive(Debug, Parser, TrackCommand)]
#[command(name = "acme", version, disable_help_subcommand = true)]
#[telemetry(event(sdk = crate::TELEMETRY))]
pub struct Acme {
    /// Says more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Has no colour
    #[arg(long = "no-color", global = true, action = ArgAction::SetFalse)]
    pub color: bool,
    /// Where the settings are
    #[arg(long, global = true, value_name = "FILE")]
    pub config_file: Option<std::path::PathBuf>,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::CanaryText)]
    pub format: Format,
    /// Who asks
    #[arg(long, env = "ACME_TEST_TOKEN")]
    pub token: Option<String>,
    /// What to do
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Format {
    CanaryText,
    CanaryJson,
}

#[derive(Debug, Subcommand, TrackCommand)]
pub enum Command {
    /// Builds it
    #[command(visible_alias = "b", alias = "make")]
    Build {
        /// With optimizations
        #[arg(short, long)]
        release: bool,
        /// For this target
        #[arg(long = "target", value_name = "TRIPLE")]
        for_target: Vec<String>,
        /// At most so many at once
        #[arg(short = 'j')]
        jobs: Option<u64>,
        /// Where it goes
        #[arg(long, num_args = 0..=1)]
        out_dir: Option<Option<String>>,
        /// With colours
        #[clap(long("color-mode"), value_enum)]
        color_mode: Option<Format>,
        /// Whether it is strict
        #[arg(long, action = ArgAction::Set)]
        strict: Option<bool>,
        /// Always with a value
        #[arg(long, action = ArgAction::Set, default_value = "false")]
        careful: bool,
        /// What to build
        names: Vec<String>,
        #[arg(skip)]
        seen: usize,
    },
    /// Other machines
    #[command(subcommand, name = "remote", alias = "remotes")]
    OtherMachines(Remote),
    /// Shares its arguments
    HTTP2Server(ServeArgs),
    /// Shares its arguments, in a box
    Serve(Box<ServeArgs>),
    #[command(flatten)]
    Common(Common),
    /// Has flags of its own, and commands below it
    #[command(rename_all = "snake_case")]
    DataBase {
        /// Which one
        #[arg(long)]
        data_set: Option<String>,
        #[command(flatten)]
        place: Place,
        /// What to do with it
        #[command(subcommand)]
        command: DataBaseCommand,
    },
    /// Nothing else
    Whoami,
    /// Not for everybody
    #[telemetry(skip)]
    Secret {
        /// How
        #[arg(long)]
        how: Option<String>,
    },
    /// What is collected, and your say in it
    Telemetry(telemetry_runtime::cli::Telemetry),
    #[command(external_subcommand)]
    #[expect(dead_code, reason = "no external command is run")]
    External(Vec<OsString>),
}

#[derive(Debug, Subcommand, TrackCommand)]
pub enum Remote {
    /// Adds one
    Add(AddArgs),
    /// Lists them
    #[command(name = "ls", alias = "list")]
    List,
    /// Removes one
    #[telemetry(rename = "remove")]
    Rm {
        /// Without asking
        #[arg(long)]
        force: bool,
        /// Which
        name: String,
    },
}

#[derive(Debug, Args, TrackCommand)]
pub struct AddArgs {
    /// Gets what is there
    #[arg(long)]
    pub fetch: bool,
    /// Which part
    #[arg(long, required = true)]
    pub branch: Vec<String>,
    /// The name
    pub name: String,
    /// Where it is
    pub address: Option<String>,
}

#[derive(Debug, Args, TrackCommand)]
#[command(rename_all = "camelCase")]
pub struct ServeArgs {
    /// Where it listens
    #[arg(long)]
    pub bind_address: Option<String>,
    /// Must be there
    #[arg(long)]
    pub data_folder: String,
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub limits: Option<Limits>,
    /// Says less
    #[arg(from_global)]
    pub verbose: u8,
}

#[derive(Debug, Args, TrackCommand)]
pub struct Place {
    /// In this region
    #[arg(long)]
    pub region: Option<String>,
    /// Close to it
    #[arg(long)]
    pub near_by: bool,
    #[command(flatten)]
    pub deep: Deep,
}

#[derive(Debug, Args, TrackCommand)]
pub struct Limits {
    /// At most so many
    #[arg(long)]
    pub most: Option<String>,
    /// At least so many
    #[arg(long)]
    pub least: Option<String>,
}

#[derive(Debug, Args, TrackCommand)]
pub struct Deep {
    /// In this zone
    #[arg(long, value_parser = ["canary-a", "canary-b"])]
    pub zone: Option<String>,
    /// Not to be said
    #[arg(long)]
    #[telemetry(skip)]
    pub private_note: Option<String>,
}

#[derive(Debug, Subcommand, TrackCommand)]
pub enum Common {
    /// Cleans
    Clean {
        /// All of it
        #[arg(short, long)]
        all: bool,
    },
    /// Tests
    Test(TestArgs),
}

#[derive(Debug, Args, TrackCommand)]
pub struct TestArgs {
    /// Which
    pub filter: Option<String>,
}

#[derive(Debug, Subcommand, TrackCommand)]
pub enum DataBaseCommand {
    /// Dumps it
    #[command(verbatim_doc_comment)]
    DumpAll,
    /// Reads it
    #[allow(non_camel_case_types, reason = "clap spells it, and so does the report")]
    Load_It {
        /// From there
        #[arg(long)]
        from: Option<String>,
    },
}
