use telemetry_runtime::TrackCommand;

#[derive(clap::Args, TrackCommand)]
struct Acme<const N: usize> {
    #[arg(long)]
    release: bool,
}

fn main() {}
