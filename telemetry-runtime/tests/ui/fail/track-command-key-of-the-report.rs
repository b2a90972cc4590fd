// 3 mistakes
use telemetry_runtime::TrackCommand;

#[derive(clap::Args, TrackCommand)]
struct Build {
    #[arg(long)]
    #[telemetry(rename = "command")]
    command: bool,
    #[arg(long)]
    #[telemetry(rename = "outcome")]
    strict: bool,
    #[arg(long)]
    duration: bool,
    #[arg(long)]
    #[telemetry(rename = "telemetry.rate")]
    rate: bool,
}

fn main() {}
