use telemetry_runtime::TrackCommand;

#[derive(clap::Args)]
struct Verbosity {
    #[arg(long)]
    verbose: bool,
}

#[derive(clap::Subcommand, TrackCommand)]
enum Acme {
    Build {
        #[command(flatten)]
        verbosity: Verbosity,
    },
}

fn main() {}
