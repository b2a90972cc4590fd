//! Who may see what: tokens, of which only digests are kept.

use std::{fmt::Write as _, fs, io, path::Path};

use axum::http::{HeaderMap, header};
use base64::{Engine as _, engine::general_purpose::STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

pub use crate::config::Right;
use crate::config::Token;

/// The file of the operator's token, in the data folder.
pub(crate) const OPERATOR_FILE: &str = "operator.token";

/// Random bytes of a token; nobody guesses them, so attempts need no limit.
const TOKEN_BYTES: usize = 32;

/// All that a token gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    digest: [u8; 32],
    /// Only these SDKs; all where it is `None`.
    sdks: Option<Vec<String>>,
    rights: Vec<Right>,
}

impl Access {
    /// What the operator's own token and those of the configuration give. The file of the first is made where it is missing.
    ///
    /// # Errors
    ///
    /// The file cannot be read or made.
    pub fn all(data: &Path, tokens: &[Token]) -> io::Result<Vec<Self>> {
        let operator = operator_token(&data.join(OPERATOR_FILE))?;
        let mut all = vec![Self { digest: digest(&operator), sdks: None, rights: Right::ALL.to_vec() }];
        all.extend(tokens.iter().filter_map(|token| {
            let sdks = (!token.sdks.is_empty()).then(|| token.sdks.clone());
            Some(Self { digest: token.digest()?, sdks, rights: token.rights.clone() })
        }));
        Ok(all)
    }

    /// What the token of a request gives, if it is one of `all`. Every one is compared, in a time that does not tell how much of it
    /// is right.
    pub fn of<'a>(all: &'a [Self], headers: &HeaderMap) -> Option<&'a Self> {
        let given = digest(&presented(headers)?);
        all.iter().fold(None, |found, one| if bool::from(one.digest.ct_eq(&given)) { Some(one) } else { found })
    }

    /// Whether it may do this.
    pub fn may(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }

    /// Whether it holds for this SDK.
    pub fn sees(&self, sdk: &str) -> bool {
        self.sdks.as_ref().is_none_or(|sdks| sdks.iter().any(|one| one == sdk))
    }

    /// Whether it holds for all SDKs, and so for the collector itself.
    pub const fn sees_all(&self) -> bool {
        self.sdks.is_none()
    }
}

/// A token: 32 random bytes as Base64 for addresses.
///
/// # Errors
///
/// The system has no random bytes.
pub fn fresh_token() -> io::Result<String> {
    let mut random = [0; TOKEN_BYTES];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random))
}

/// What the configuration holds in place of a token: its SHA-256 in hexadecimal digits.
pub fn token_digest(token: &str) -> String {
    digest(token).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Whether a request carries its token in the way of programs. A browser sends `Basic` by itself, also for pages of others, so that
/// changes nothing.
pub(super) fn is_of_a_program(headers: &HeaderMap) -> bool {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    value.and_then(|value| value.split_once(' ')).is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
}

/// Whether somebody has opened this as a page of its own, from the address line or from another page here. A client that says nothing
/// of it is no browser.
pub(super) fn is_opened_here(headers: &HeaderMap) -> bool {
    let is = |name: &str, words: &[&str]| headers.get(name).is_none_or(|value| words.iter().any(|word| value == word));
    is("sec-fetch-site", &["none", "same-origin"]) && is("sec-fetch-dest", &["document"])
}

/// The token of `Authorization: Bearer TOKEN`, or the password of `Basic`, which browsers ask for by themselves.
fn presented(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    text.split_once(':').map(|(_, password)| password.to_owned())
}

/// The token in the file, which is made for its owner alone where it is missing.
fn operator_token(path: &Path) -> io::Result<String> {
    match fs::read_to_string(path) {
        Ok(text) if !text.trim().is_empty() => return Ok(text.trim().to_owned()),
        Ok(_) => fs::remove_file(path)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let token = fresh_token()?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    io::Write::write_all(&mut options.open(path)?, format!("{token}\n").as_bytes())?;
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())])
    }

    #[test]
    fn a_token_is_taken_in_both_forms_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let team = Token {
            name: "ui".to_owned(),
            sha256: token_digest("of the team"),
            sdks: vec!["acme-ui".to_owned()],
            rights: vec![Right::Read],
        };
        let all = Access::all(folder.path(), &[team]).unwrap();
        let operator = fs::read_to_string(folder.path().join(OPERATOR_FILE)).unwrap().trim().to_owned();
        assert!(operator.len() == 43 && Access::all(folder.path(), &[]).unwrap()[0] == all[0], "it stays");
        let found = Access::of(&all, &headers(&format!("Bearer {operator}"))).unwrap();
        assert!(found.sees_all() && found.sees("any") && found.may(Right::Add));
        let basic = format!("Basic {}", STANDARD.encode("anybody:of the team"));
        let found = Access::of(&all, &headers(&basic)).unwrap();
        assert!(found.sees("acme-ui") && !found.sees("acme-cli") && !found.sees_all());
        assert!(found.may(Right::Read) && !found.may(Right::Add));
        for wrong in
            ["Bearer ", "Bearer of the", "Bearer of the team2", "of the team", "Digest of the team", "Basic !", ""]
        {
            assert_eq!(Access::of(&all, &headers(wrong)), None, "{wrong}");
        }
        assert_eq!(Access::of(&all, &HeaderMap::new()), None);
    }

    #[cfg(unix)]
    #[test]
    fn the_file_of_the_token_is_for_its_owner() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        Access::all(folder.path(), &[]).unwrap();
        assert_eq!(fs::metadata(folder.path().join(OPERATOR_FILE)).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
