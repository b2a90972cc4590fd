//! The secret behind pseudonyms: 32 random bytes that are made on this machine and never leave it.

use telemetry_schema::sha256::hmac;

use crate::{base::clock, write::files::state_dir::SdkDir};

const FILE: &str = "secret";

#[derive(Debug)]
pub(crate) struct Secret([u8; 32]);

impl Secret {
    /// Reads the secret of an SDK, or makes one. Where it cannot be kept, it lives as long as the process: pseudonyms
    /// then join nothing, which is the safe side.
    pub(crate) fn of(dir: &SdkDir) -> Self {
        if let Some(kept) = dir.read_small(FILE).ok().flatten()
            && let Ok(secret) = <[u8; 32]>::try_from(kept.as_slice())
        {
            return Self(secret);
        }
        let mut secret = [0; 32];
        // Without random numbers all pseudonyms of this process would be guessable; see `pseudonym`.
        if getrandom::fill(&mut secret).is_ok() {
            let _ = dir.replace_small(FILE, &secret, false);
        }
        Self(secret)
    }

    /// HMAC-SHA256 over destination, event (with its SDK), field, month and input; 16 bytes in hexadecimal.
    pub(crate) fn pseudonym(&self, destination: u128, event: &str, field: &str, input: &[u8; 32]) -> String {
        if self.0 == [0; 32] {
            return "none".to_owned();
        }
        let (year, month, _) = clock::civil(clock::today());
        let (month, destination) = (format!("{year}-{month:02}"), destination.to_be_bytes());
        let parts = [&destination[..], event.as_bytes(), field.as_bytes(), month.as_bytes(), input];
        let lengths = parts.map(|part| (part.len() as u64).to_le_bytes()); // So that no two lists of parts read the same.
        let pairs: Vec<&[u8]> = lengths.iter().zip(parts).flat_map(|(length, part)| [&length[..], part]).collect();
        hmac(&self.0, &pairs).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r26_pseudonyms_join_nothing_but_the_same_field_of_the_same_event() {
        let (secret, other) = (Secret([1; 32]), Secret([2; 32]));
        let input = [7; 32];
        let pseudonym = secret.pseudonym(1, "acme/opened", "project", &input);
        assert_eq!(pseudonym.len(), 32);
        assert_eq!(pseudonym, secret.pseudonym(1, "acme/opened", "project", &input));
        for different in [
            secret.pseudonym(1, "acme/closed", "project", &input),
            secret.pseudonym(1, "acme/opened", "folder", &input),
            secret.pseudonym(1, "acme/opened", "project", &[8; 32]),
            secret.pseudonym(2, "acme/opened", "project", &input),
            other.pseudonym(1, "acme/opened", "project", &input),
        ] {
            assert_ne!(pseudonym, different);
        }
    }
}
