use std::{
    env,
    io::{self, Read},
    process::{Child, Command, ExitStatus, Stdio},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{PORT, Stage, show::indented};

/// How long a demo program may take; far more than any does.
const WATCHDOG: Duration = Duration::from_secs(20);

/// One run of the demo program, about to start.
#[derive(Debug)]
pub struct Run<'a> {
    stage: &'a Stage,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit status.
    pub status: ExitStatus,
    /// What it printed on standard output.
    pub stdout: String,
    /// What it printed on standard error.
    pub stderr: String,
}

impl<'a> Run<'a> {
    pub(crate) fn new(stage: &'a Stage, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        Self { stage, arguments, variables: Vec::new() }
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn with(mut self, variable: &str, value: &str) -> Self {
        self.variables.push((variable.to_owned(), value.to_owned()));
        self
    }

    /// Runs the program, prints how it was started and what it printed, and waits for its end.
    ///
    /// # Errors
    ///
    /// If it cannot be started, or does not end.
    pub fn shown(self) -> io::Result<Ended> {
        print!("{}", indented("  ", &self.description()));
        let ended = self.quiet()?;
        print!("{}", indented("  out | ", &ended.stdout));
        print!("{}", indented("  err | ", &ended.stderr));
        Ok(ended)
    }

    /// Runs the program and waits for its end.
    ///
    /// # Errors
    ///
    /// If it cannot be started, or does not end.
    pub fn quiet(self) -> io::Result<Ended> {
        let mut command = Command::new(env::current_exe()?);
        command.args(&self.arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for variable in self.removed() {
            command.env_remove(variable);
        }
        let (folder_variable, folder) = self.stage.state.variable();
        command.env(folder_variable, folder).env(PORT, self.stage.port().to_string());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        let mut child = command.spawn()?;
        let stdout = read_all(child.stdout.take());
        let stderr = read_all(child.stderr.take());
        let status = wait(&mut child)?;
        Ok(Ended { status, stdout: stdout.join().unwrap_or_default(), stderr: stderr.join().unwrap_or_default() })
    }

    /// Variables that are taken out of the environment.
    fn removed(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once("DO_NOT_TRACK").chain(self.stage.example.variables.iter().copied())
    }

    /// The run as a shell would write it.
    fn description(&self) -> String {
        let (folder_variable, folder) = self.stage.state.variable();
        let mut text = String::from("$ env");
        for variable in self.removed() {
            text.push_str(&format!(" -u {variable}"));
        }
        text.push_str(&format!(" \\\n      {folder_variable}={} {PORT}={}", folder.display(), self.stage.port()));
        for (name, value) in &self.variables {
            text.push_str(&format!(" {name}={value}"));
        }
        let program = env::args().next().unwrap_or_default();
        text.push_str(&format!(" \\\n      {}", program.rsplit(['/', '\\']).next().unwrap_or("demo")));
        for argument in &self.arguments {
            text.push_str(&format!(" {argument}"));
        }
        text
    }
}

fn read_all(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes); // What was read before an error is still worth showing.
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn wait(child: &mut Child) -> io::Result<ExitStatus> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if start.elapsed() > WATCHDOG {
            child.kill()?;
            child.wait()?;
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the demo program did not end"));
        }
        thread::sleep(Duration::from_millis(5));
    }
}
