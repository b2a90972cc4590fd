// 2 mistakes
use telemetry_runtime::TrackCommand;

#[derive(clap::Args, TrackCommand)]
#[telemetry(outcome = Failure)]
struct Acme {
    #[arg(long)]
    #[telemetry(skipped)]
    release: bool,
}

fn main() {}
