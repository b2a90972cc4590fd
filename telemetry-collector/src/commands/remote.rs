//! A collector that runs, here or elsewhere, asked at its operator's address with a token: `sdk add` of CI, and `watch`.

use std::time::Duration;

use reqwest::{Client, StatusCode, Url, redirect};
use serde_json::Value;
use telemetry_schema::Manifest;

use crate::{
    exit_code::ExitCode,
    failure::Failure,
    page::Refused,
    registry::edit::{AddOptions, AddedSdk},
};

/// Where the token is read from: an argument would be seen by everybody on the machine.
const TOKEN_VARIABLE: &str = "TELEMETRY_COLLECTOR_TOKEN";

/// For the whole request.
const TIMEOUT: Duration = Duration::from_secs(30);

/// For one that has no end of its own: as good as none.
const NO_TIMEOUT: Duration = Duration::from_secs(10 * 365 * 86_400);

/// The longest line of `watch`, in bytes: a body is shorter.
const LINE: usize = 16 << 20;

/// A collector that is reached over HTTP.
pub(crate) struct Remote {
    url: Url,
    token: String,
    client: Client,
    runtime: tokio::runtime::Runtime,
}

impl Remote {
    /// A path of the collector whose operator's address is `url`, with the token of the environment.
    ///
    /// # Errors
    ///
    /// [`ExitCode::Usage`] if there is no token, the address is none, or the token would travel in plain text.
    pub(super) fn at(url: &str, path: &str) -> Result<Self, Failure> {
        let token = std::env::var(TOKEN_VARIABLE).ok().filter(|token| !token.trim().is_empty());
        let token = token.ok_or_else(|| {
            Failure::new(ExitCode::Usage, format!("{TOKEN_VARIABLE} is not set"))
                .with_hint("`telemetry-collector token NAME --may add` makes one")
        });
        // A wrong address is told first.
        Self::checked(url)?;
        Self::with(url, path, &token?)
    }

    /// The same with this token.
    pub(super) fn with(url: &str, path: &str, token: &str) -> Result<Self, Failure> {
        let mut parsed = Self::checked(url)?;
        parsed.set_path(&format!("{}{path}", parsed.path().trim_end_matches('/')));
        // One is there already where the program has made another client.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let unavailable =
            |error: &dyn std::fmt::Display| Failure::new(ExitCode::Unavailable, format!("cannot send: {error}"));
        let client = Client::builder().timeout(TIMEOUT).redirect(redirect::Policy::none()).build();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Ok(Self {
            url: parsed,
            token: token.trim().to_owned(),
            client: client.map_err(|error| unavailable(&error))?,
            runtime: runtime.map_err(|error| unavailable(&error))?,
        })
    }

    /// The address, if a token may travel there.
    fn checked(url: &str) -> Result<Url, Failure> {
        let wrong = |why: &str| Failure::new(ExitCode::Usage, format!("--url {url}: {why}"));
        let parsed = Url::parse(url).map_err(|error| wrong(&error.to_string()))?;
        let host = parsed.host_str().unwrap_or_default();
        let is_loopback = host == "localhost"
            || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        if parsed.scheme() != "https" && !(parsed.scheme() == "http" && is_loopback) {
            return Err(wrong("the token would travel in plain text; only https, or http on this machine"));
        }
        Ok(parsed)
    }

    /// Hands on each line of an answer that goes on until the collector ends, as long as the taker wants more.
    ///
    /// # Errors
    ///
    /// [`ExitCode::Usage`] if the token does not allow it, [`ExitCode::Unavailable`] if there is no answer, or it breaks off.
    pub(super) fn lines(&self, mut to: impl FnMut(&Value) -> bool) -> Result<(), Failure> {
        let failed = |why: String| Failure::new(ExitCode::Unavailable, format!("{}: {why}", self.url));
        let broken = |error: reqwest::Error| failed(error.without_url().to_string());
        let request = self.client.get(self.url.clone()).bearer_auth(&self.token).timeout(NO_TIMEOUT);
        self.runtime.block_on(async {
            let mut response = request.send().await.map_err(broken)?;
            match response.status() {
                StatusCode::OK => {}
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                    return Err(Failure::new(ExitCode::Usage, "the token does not hold for the whole collector")
                        .with_hint("the operator's own is in `operator.token` of the data folder"));
                }
                status => return Err(failed(format!("answered {status}"))),
            }
            let mut rest: Vec<u8> = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(broken)? {
                rest.extend_from_slice(&chunk);
                while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                    let line: Vec<u8> = rest.drain(..=end).collect();
                    if serde_json::from_slice(&line).is_ok_and(|line| !to(&line)) {
                        return Ok(());
                    }
                }
                if rest.len() > LINE {
                    return Err(failed("no collector answers there".to_owned()));
                }
            }
            Ok(())
        })
    }

    /// Adds a manifest there.
    ///
    /// # Errors
    ///
    /// [`ExitCode::Found`] if it would be ambiguous there, [`ExitCode::Usage`] if the token does not allow it or the manifest is refused,
    /// [`ExitCode::Unavailable`] if there is no answer.
    pub(super) fn add(&self, manifest: &Manifest, options: &AddOptions) -> Result<Vec<AddedSdk>, Failure> {
        let request = self.client.post(self.url.clone()).query(options).bearer_auth(&self.token).json(manifest);
        let answer = self.runtime.block_on(async {
            let response = request.send().await?;
            Ok::<_, reqwest::Error>((response.status(), response.text().await?))
        });
        let failed = |why: String| Failure::new(ExitCode::Unavailable, format!("{}: {why}", self.url));
        let (status, text) = answer.map_err(|error| failed(error.without_url().to_string()))?;
        if status.is_success() {
            return serde_json::from_str(&text).map_err(|_| failed("no collector answers there".to_owned()));
        }
        let exit = match status {
            StatusCode::CONFLICT => ExitCode::Found,
            status if status.is_client_error() => ExitCode::Usage,
            _ => ExitCode::Unavailable,
        };
        let refused = serde_json::from_str(&text).unwrap_or_else(|_| Refused {
            error: match status {
                StatusCode::UNAUTHORIZED => "the collector does not know the token".to_owned(),
                StatusCode::FORBIDDEN => "the token may not add SDKs".to_owned(),
                status => format!("answered {status}"),
            },
            hint: None,
        });
        let failure = Failure::new(exit, refused.error);
        Err(match refused.hint {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        })
    }
}
