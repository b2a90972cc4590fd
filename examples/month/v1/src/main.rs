//! One run of a program with the SDKs of version 1.4.0. See `../../src/client.rs`.

#[path = "../../src/client.rs"]
mod client;
mod dialog;

fn main() -> std::process::ExitCode {
    client::run()
}
