//! Processes that are measured: started, asked how much memory and time they took, killed.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Read},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

/// A server that runs.
pub(crate) struct Server {
    child: Child,
    /// Where clients send to.
    pub(crate) listen: SocketAddr,
    /// The operator's address of a collector; that of clients of the others.
    pub(crate) admin: SocketAddr,
}

impl Server {
    /// A collector with this data folder, without a limit for one address, which all clients share here.
    pub(crate) fn collector(data: &Path) -> Self {
        let config = data.join("collector.toml");
        fs::write(&config, "[rate]\nper_second = 0\n").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_telemetry-collector"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
        command.arg("--data").arg(data).arg("--config").arg(&config);
        Self::start(command)
    }

    pub(crate) fn ceiling() -> Self {
        Self::of_this_program(&["ceiling"])
    }

    pub(crate) fn floor(file: &Path) -> Self {
        Self::of_this_program(&["floor", file.to_str().unwrap()])
    }

    fn of_this_program(arguments: &[&str]) -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        command.arg(super::servers::ARGUMENT).args(arguments);
        Self::start(command)
    }

    /// Rotel, which takes logs and keeps nothing: it answers once they are in its memory. `None` if it does not answer.
    pub(crate) fn rotel(program: &Path, folder: &Path) -> Option<Self> {
        let (http, grpc) = (free(), free());
        let child = Command::new(program)
            .args(["start", "--exporter", "blackhole", "--otlp-receiver-logs-http-path", "/otlp/v1/logs"])
            .args(["--otlp-http-endpoint", &http.to_string(), "--otlp-grpc-endpoint", &grpc.to_string()])
            .arg("--pid-file")
            .arg(folder.join("rotel.pid"))
            .arg("--log-file")
            .arg(folder.join("rotel.log"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let server = Self { child, listen: http, admin: http };
        let answers = (0..100).any(|_| {
            thread::sleep(std::time::Duration::from_millis(100));
            std::net::TcpStream::connect(http).is_ok()
        });
        answers.then_some(server)
    }

    /// Starts it and reads its addresses from the first line that has one.
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let output: Box<dyn Read + Send> = Box::new(child.stdout.take().unwrap());
        let errors: Box<dyn Read + Send> = Box::new(child.stderr.take().unwrap());
        // A collector says it on standard error, the others on standard output.
        let is_collector = command.get_program() != env::current_exe().unwrap().as_os_str();
        let mut lines = BufReader::new(if is_collector { errors } else { output });
        let mut said = String::new();
        let addresses: Vec<SocketAddr> = loop {
            let before = said.len();
            assert!(lines.read_line(&mut said).unwrap() > 0, "it did not start: {said}");
            let after = said[before..].split("http://").skip(1);
            let found: Vec<_> = after.filter_map(|text| text.split([',', ' ', '\n']).next()?.parse().ok()).collect();
            if !found.is_empty() {
                break found;
            }
        };
        thread::spawn(move || std::io::copy(&mut lines, &mut std::io::stderr()));
        Self { child, listen: addresses[0], admin: addresses[addresses.len() - 1] }
    }

    /// The most memory that it had so far, in MiB; 0 where the system does not tell.
    pub(crate) fn high_water(&self) -> f64 {
        let status = self.of_proc("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        line.trim().trim_end_matches("kB").trim().parse::<f64>().unwrap_or(0.0) / 1024.0
    }

    /// Seconds of processor that it took so far, the kernel's work for it included; 0 where the system does not tell.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        let stat = self.of_proc("stat");
        let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
        seconds(fields.skip(11).take(2))
    }

    fn of_proc(&self, file: &str) -> String {
        fs::read_to_string(PathBuf::from(format!("/proc/{}", self.child.id())).join(file)).unwrap_or_default()
    }

    /// The token of the operator of a collector with this data folder.
    pub(crate) fn token(data: &Path) -> String {
        fs::read_to_string(data.join("operator.token")).unwrap().trim().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The sum of these times of `/proc`. Linux counts in hundredths for whoever asks.
pub(crate) fn seconds<'a>(ticks: impl Iterator<Item = &'a str>) -> f64 {
    ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// An address that is free at this moment.
fn free() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
