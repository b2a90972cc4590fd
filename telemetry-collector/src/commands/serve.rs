//! `serve`: listens until a signal says to end.

use std::net::SocketAddr;

use clap::Args;
use tokio::signal;

use crate::{arguments::DataArguments, clock::Clock, exit_code::ExitCode, failure::Failure, serve::Collector};

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: DataArguments,
    /// The address that clients send to [default: 127.0.0.1:8321].
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// The address of the operator: health, metrics, page [default: 127.0.0.1:8322].
    #[arg(long, value_name = "ADDRESS:PORT")]
    admin: Option<SocketAddr>,
    /// An address for everybody: closed weeks of the SDKs that `--public-sdk` or the configuration names, rounded and frozen, without a
    /// token.
    #[arg(long, value_name = "ADDRESS:PORT")]
    public: Option<SocketAddr>,
    /// An SDK that everybody may see; can be given several times.
    #[arg(long = "public-sdk", value_name = "NAME")]
    public_sdks: Vec<String>,
}

/// Listens until SIGTERM or SIGINT.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let mut config = arguments.data.config()?;
    config.server.listen = arguments.listen.unwrap_or(config.server.listen);
    config.server.admin = arguments.admin.unwrap_or(config.server.admin);
    config.public.listen = arguments.public.or(config.public.listen);
    config.public.sdks.extend(arguments.public_sdks.iter().cloned());
    if config.public.listen.is_some() && config.public.sdks.is_empty() {
        return Err(Failure::new(ExitCode::Usage, "there is an address for everybody, and no SDK to show")
            .with_hint("name one by `--public-sdk`, or under `public.sdks` of the configuration"));
    }
    leave_no_core();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(ExitCode::Unavailable, format!("cannot start threads: {error}")))?;
    runtime.block_on(async {
        let end = end()?;
        let token = config.server.data.join(crate::page::OPERATOR_FILE);
        let collector = Collector::start(config, Clock::system()).await?;
        anstream::eprintln!(
            "telemetry-collector: clients at http://{}, operator at http://{}, with the token in {} as password",
            collector.listen,
            collector.admin,
            token.display()
        );
        if let Some(public) = collector.public {
            anstream::eprintln!("telemetry-collector: everybody at http://{public}");
        }
        end.await;
        collector.stop().await;
        Ok(ExitCode::Holds)
    })
}

/// A core holds the bodies of requests; none is written.
fn leave_no_core() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
}

/// Waits for the signal to end. It is listened for from the call on.
#[cfg(unix)]
fn end() -> Result<impl Future<Output = ()>, Failure> {
    let failed = |error| Failure::new(ExitCode::Unavailable, format!("cannot listen for signals: {error}"));
    let mut term = signal::unix::signal(signal::unix::SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal::unix::signal(signal::unix::SignalKind::interrupt()).map_err(failed)?;
    Ok(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
fn end() -> Result<impl Future<Output = ()>, Failure> {
    Ok(async {
        let _ = signal::ctrl_c().await;
    })
}
