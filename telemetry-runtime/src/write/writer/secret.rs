//! The secret behind pseudonyms: 32 random bytes that are made on this machine and never leave it.

use telemetry_schema::sha256::hmac;

use crate::{
    base::{clock, needs},
    declare::sdk::SdkInfo,
    write::files::state_dir::{self, SdkDir},
};

const FILE: &str = "secret";

#[derive(Debug)]
pub(crate) struct Secret {
    key: [u8; 32],
    /// It is on disk, so that another process comes to the same.
    is_kept: bool,
}

/// The event with its day, the field, the input, and what the secret is read from where nobody did so yet.
type Pseudonym = fn(&mut Option<Secret>, &SdkDir, &SdkInfo, (&str, u32), &str, &[u8; 32]) -> String;

needs::part!(
    Pseudonym = |secret, dir, info, event, field, input| {
        secret.get_or_insert_with(|| Secret::of(dir)).pseudonym(info, event, field, input)
    }
);

impl Secret {
    /// Reads the secret of an SDK, or makes one. Where it cannot be kept, it lives as long as the process: pseudonyms
    /// then join nothing, which is the safe side.
    pub(crate) fn of(dir: &SdkDir) -> Self {
        if let Some(kept) = state_dir::read_bytes(dir, FILE).ok().flatten()
            && let Ok(secret) = <[u8; 32]>::try_from(kept.as_slice())
        {
            return Self { key: secret, is_kept: true };
        }
        let mut key = [0; 32];
        // Without random numbers all pseudonyms of this process would be guessable; see `pseudonym`.
        let is_kept = getrandom::fill(&mut key).is_ok() && state_dir::replace_bytes(dir, FILE, &key).is_ok();
        Self { key, is_kept }
    }

    /// HMAC-SHA256 over destination, event (with its SDK), field, month and input; 16 bytes in hexadecimal. Beside an id of the
    /// installation it is the epoch of the event's day in place of the month: a pseudonym of two epochs would join their ids.
    pub(crate) fn pseudonym(&self, info: &SdkInfo, event: (&str, u32), field: &str, input: &[u8; 32]) -> String {
        if self.key == [0; 32] {
            return "none".to_owned();
        }
        // Beside an id of the installation, from a key of their own: who learns one of the two learns nothing of the other.
        let (event, day) = event;
        let (key, period) = match info.identity.map(|identity| identity.epoch(day)) {
            Some((first, last)) => (self.derived("pseudonyms"), format!("{first} {last}")),
            None => {
                let (year, month, _) = clock::civil(clock::today());
                (self.key, format!("{year}-{month:02}"))
            }
        };
        let destination = info.destination.to_be_bytes();
        name(&key, &[&destination[..], event.as_bytes(), field.as_bytes(), period.as_bytes(), input])
    }

    /// HMAC-SHA256 over SDK, destination and the days of the epoch, under a key of its own; 16 bytes in hexadecimal. `None` where the
    /// secret is not kept: each process would be another installation.
    pub(crate) fn installation(&self, info: &SdkInfo, (first, last): (u32, u32)) -> Option<String> {
        let destination = info.destination.to_be_bytes();
        let parts = [info.name.as_bytes(), &destination[..], &first.to_be_bytes(), &last.to_be_bytes()];
        self.is_kept.then(|| name(&self.derived("installation"), &parts))
    }

    /// A key for one purpose.
    fn derived(&self, purpose: &str) -> [u8; 32] {
        hmac(&self.key, &[purpose.as_bytes()])
    }
}

/// HMAC-SHA256 over these parts; 16 bytes in hexadecimal.
fn name(key: &[u8; 32], parts: &[&[u8]]) -> String {
    // So that no two lists of parts read the same.
    let lengths: Vec<_> = parts.iter().map(|part| (part.len() as u64).to_le_bytes()).collect();
    let pairs: Vec<&[u8]> = lengths.iter().zip(parts).flat_map(|(length, part)| [&length[..], part]).collect();
    hmac(key, &pairs).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use telemetry_schema::Identity;

    use super::*;

    const PLAIN: SdkInfo = SdkInfo { destination: 1, ..SdkInfo::FOR_TESTS };
    const ELSEWHERE: SdkInfo = SdkInfo { destination: 2, ..SdkInfo::FOR_TESTS };
    const WITH_ID: SdkInfo = SdkInfo { destination: 1, identity: Some(Identity::Rotating(30)), ..SdkInfo::FOR_TESTS };

    const DAY: u32 = 20_760;

    fn secret(byte: u8) -> Secret {
        Secret { key: [byte; 32], is_kept: true }
    }

    #[test]
    fn r26_pseudonyms_join_nothing_but_the_same_field_of_the_same_event() {
        let (secret, other) = (secret(1), secret(2));
        let input = [7; 32];
        let pseudonym = secret.pseudonym(&PLAIN, ("acme/opened", DAY), "project", &input);
        assert_eq!(pseudonym.len(), 32);
        assert_eq!(pseudonym, secret.pseudonym(&PLAIN, ("acme/opened", DAY), "project", &input));
        for different in [
            secret.pseudonym(&PLAIN, ("acme/closed", DAY), "project", &input),
            secret.pseudonym(&PLAIN, ("acme/opened", DAY), "folder", &input),
            secret.pseudonym(&PLAIN, ("acme/opened", DAY), "project", &[8; 32]),
            secret.pseudonym(&ELSEWHERE, ("acme/opened", DAY), "project", &input),
            other.pseudonym(&PLAIN, ("acme/opened", DAY), "project", &input),
            secret.pseudonym(&WITH_ID, ("acme/opened", DAY), "project", &input),
        ] {
            assert_ne!(pseudonym, different);
        }
    }

    /// The pseudonyms of an SDK without ids are those of the versions before there were any.
    #[test]
    fn r26_the_key_of_pseudonyms_is_the_secret_where_there_is_no_id() {
        let (destination, month) = (1_u128.to_be_bytes(), clock::civil(clock::today()));
        let month = format!("{}-{:02}", month.0, month.1);
        let parts: [&[u8]; 5] = [&destination, b"acme/opened", b"project", month.as_bytes(), &[7; 32]];
        assert_eq!(secret(1).pseudonym(&PLAIN, ("acme/opened", DAY), "project", &[7; 32]), name(&[1; 32], &parts));
    }

    #[test]
    fn r26_beside_an_id_a_pseudonym_lasts_for_the_same_epoch() {
        let of = |info: &SdkInfo, day: u32| secret(1).pseudonym(info, ("acme/opened", day), "project", &[7; 32]);
        let (first, last) = WITH_ID.identity.unwrap().epoch(DAY);
        assert_ne!(clock::civil(first).1, clock::civil(last).1, "over the turn of a month");
        assert_eq!(of(&WITH_ID, first), of(&WITH_ID, last));
        assert_ne!(of(&WITH_ID, last), of(&WITH_ID, last + 1));
        assert_ne!(of(&WITH_ID, first), of(&WITH_ID, first - 1));
        assert_eq!(of(&PLAIN, last), of(&PLAIN, last + 1), "without an id the month of the clock counts");
    }

    #[test]
    fn r26_an_id_is_another_one_for_each_epoch_and_destination_and_none_where_the_secret_is_not_kept() {
        let id = secret(1).installation(&WITH_ID, (20_760, 20_789)).unwrap();
        assert_eq!(id.len(), 32);
        assert_eq!(secret(1).installation(&WITH_ID, (20_760, 20_789)), Some(id.clone()));
        let elsewhere = SdkInfo { identity: WITH_ID.identity, ..ELSEWHERE };
        let renamed = SdkInfo { name: "acme-cli", ..WITH_ID };
        for different in [
            secret(1).installation(&WITH_ID, (20_790, 20_819)),
            secret(1).installation(&WITH_ID, (20_760, 20_766)),
            secret(1).installation(&elsewhere, (20_760, 20_789)),
            secret(1).installation(&renamed, (20_760, 20_789)),
            secret(2).installation(&WITH_ID, (20_760, 20_789)),
        ] {
            assert_ne!(different.unwrap(), id);
        }
        assert_eq!(Secret { key: [1; 32], is_kept: false }.installation(&WITH_ID, (20_760, 20_789)), None);
    }
}
