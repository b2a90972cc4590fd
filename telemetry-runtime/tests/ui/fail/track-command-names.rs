// 5 mistakes
use telemetry_runtime::TrackCommand;

const NAME: &str = "build";

#[derive(clap::Subcommand, TrackCommand)]
enum Acme {
    #[command(name = NAME)]
    Build {
        #[arg(long = NAME)]
        release: bool,
        #[arg(long = "dry run")]
        dry: bool,
        #[arg(long = "jobs")]
        jobs: Option<u8>,
        #[arg(long = "jobs")]
        tasks: Option<u8>,
    },
    #[command(name = "run")]
    Run,
    #[telemetry(rename = "run")]
    Start,
}

fn main() {}
