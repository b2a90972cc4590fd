//! The folder is made, with a README for whoever finds it.

use std::{collections::BTreeSet, path::Path};

use crate::{
    base::effects::{self, Effect},
    declare::{registry::all_sdks, sdk::Sdk},
    write::files::state_dir::{self, README_BEGINS, SdkDir},
};

/// Creates the state folder of an SDK, with a README for whoever finds it.
pub(super) fn create(base: &Path, sdk: Sdk) -> Result<SdkDir, String> {
    effects::note(Effect::Files);
    let dir = state_dir::open(base, sdk.info.name, true).map_err(|reason| reason.to_string())?;
    let dir = dir.ok_or_else(|| "the folder cannot be created".to_owned())?;
    state_dir::write_readme(&dir, &readme(sdk));
    Ok(dir)
}

/// Writes the README anew where it is that of another version.
pub(crate) fn renew_readme(sdk: Sdk, dir: &SdkDir) {
    state_dir::write_readme(dir, &readme(sdk));
}

fn readme(sdk: Sdk) -> String {
    let (name, env) = (sdk.info.name, sdk.info.env);
    // Of all SDKs of this name in the program, in an order that does not depend on which one writes.
    let of_name = |of: fn(Sdk) -> Option<&'static str>| -> BTreeSet<_> {
        let sdks = all_sdks().into_iter().chain([sdk]).filter(|other| other.info.name == name);
        sdks.filter_map(of).collect()
    };
    let listed = |texts: BTreeSet<_>| texts.into_iter().collect::<Vec<_>>().join(", ");
    let (endpoint, docs) = (listed(of_name(|sdk| Some(sdk.info.endpoint))), listed(of_name(|sdk| Some(sdk.info.docs))));
    let has_ids =
        all_sdks().into_iter().chain([sdk]).any(|other| other.info.name == name && other.info.identity.is_some());
    let mut commands = String::new();
    for command in of_name(|sdk| sdk.info.command) {
        commands.push_str(&format!(
            "To opt out for good: `{command} off`. To see what would be sent: `{command} preview`.\n"
        ));
        if has_ids {
            commands.push_str(&format!(
                "To have the vendor delete what was sent, and to remove all of this: `{command} erase --at-vendor`.\n"
            ));
        }
    }
    let ids = match has_ids {
        true => {
            "installation   the pseudonymous ids of this machine that events have carried; with them the vendor can be asked to\n\
             \x20              delete what came with each\n"
        }
        false => "",
    };
    let also = if commands.is_empty() { "To opt out for good, from this folder" } else { "The same from this folder" };
    format!(
        "{README_BEGINS}{name}.\n\n\
         spool/         events that wait to be sent, each to the place that you were told of: {endpoint}\n\
         sent.log       what was sent lately and how it ended, one request a line; sent.log.1 is the one before it\n\
         consent.json   what you decided\n\
         told           what you were told, as digests of its parts\n\
         memory.json    what was recorded today, so that nothing is recorded twice\n\
         breaker.json   when the next attempt to send may be made\n\
         ledger.*.json  how many events were recorded, sent and lost since when; ledger.*/ the same by running program\n\
         secret         the key of pseudonyms, if there are any; it never leaves this machine\n{ids}\n\
         {commands}{also}:\n\n    \
         echo '{{\"version\":1,\"consent\":\"off\",\"agreed\":{{}},\"sdk\":null}}' > consent.json\n\n\
         or set {env}_TELEMETRY_DISABLED=1 or DO_NOT_TRACK=1. Everything here may be deleted at any time.\n\
         What is collected: {docs}\n"
    )
}
