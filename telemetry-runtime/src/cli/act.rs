//! Commands that show the state and change it.

use std::io::{self, IsTerminal as _, Write};

use crate::{
    Consent, InstallationId, LayerDecision, Level, Sdk, Status, StatusMode, Verdict, host::folders::NOTHING_SENT,
};

/// What a command did: outer errors are those of standard output, inner ones say why it could not be done.
pub(super) type Done = io::Result<Result<(), String>>;

pub(super) fn status(sdk: &Sdk, json: bool, out: &mut dyn Write) -> Done {
    let status = sdk.status();
    if json {
        writeln!(out, "{}", status.to_json())?
    } else {
        writeln!(out, "{status}")?
    }
    Ok(Ok(()))
}

pub(super) fn notice(sdk: &Sdk, out: &mut dyn Write) -> Done {
    writeln!(out, "{}", sdk.notice().text())?;
    Ok(Ok(()))
}

pub(super) fn preview(sdk: &Sdk, out: &mut dyn Write) -> Done {
    let requests = sdk.preview();
    match requests.len() {
        0 => writeln!(out, "Nothing waits to be sent.")?,
        1 => writeln!(out, "The next upload has 1 request. Nothing is sent now.")?,
        number => writeln!(out, "The next upload has {number} requests. Nothing is sent now.")?,
    }
    for request in &requests {
        writeln!(out, "\n{} {}", request.method().as_str(), request.url())?;
        for (name, value) in request.headers() {
            writeln!(out, "{name}: {value}")?;
        }
        writeln!(out)?;
        out.write_all(request.body())?;
        if !request.body().is_empty() {
            writeln!(out)?;
        }
    }
    let counted = sdk.counted();
    if !counted.is_empty() {
        writeln!(out, "\nCounted so far; each is sent once, when its day is over, with the count that it has then:\n")?;
        counted.iter().try_for_each(|event| writeln!(out, "{event}"))?;
    }
    writeln!(out)?;
    now(&sdk.status(), out)?;
    Ok(Ok(()))
}

pub(super) fn log(sdk: &Sdk, json: bool, out: &mut dyn Write) -> Done {
    let shown = match sdk.folder() {
        Some(folder) if json => folder.sent_log(),
        Some(folder) => folder.sent_requests(),
        None if json => String::new(),
        None => NOTHING_SENT.to_owned(),
    };
    write!(out, "{shown}")?;
    Ok(Ok(()))
}

pub(super) fn decide(sdk: &Sdk, consent: Consent, level: Option<Level>, out: &mut dyn Write) -> Done {
    if level.is_some() && !sdk.has_levels() {
        return Ok(Err(
            "there are no levels to choose from: `notice` says what is collected, and `off` stops it".to_owned()
        ));
    }
    let held = sdk.folder().and_then(|folder| folder.level()).unwrap_or(Level::Usage);
    let waited = sdk.folder().and_then(|folder| folder.waiting()).unwrap_or_default();
    let stored = match level {
        Some(level) => sdk.set_consent_at(consent, level),
        None => sdk.set_consent(consent),
    };
    if let Err(error) = stored {
        return Ok(Err(format!("{error}. It stays off, since nobody could know what you decided.")));
    }
    match consent {
        Consent::Off if waited == 0 => writeln!(out, "Stored: off. Nothing was waiting to be sent.")?,
        Consent::Off => writeln!(out, "Stored: off. {} waiting to be sent, and deleted.", events_were(waited))?,
        Consent::Local => writeln!(out, "Stored: local. Events stay on this machine.")?,
        Consent::On => match sdk.status().level {
            Some(level) if waited > 0 && level < held => writeln!(
                out,
                "Stored: on, level {}. {} waiting to be sent, and deleted.",
                level.word(),
                events_were(waited)
            )?,
            Some(level) => writeln!(out, "Stored: on, level {}.", level.word())?,
            None => writeln!(out, "Stored: on.")?,
        },
    }
    if consent != Consent::Off {
        tell(sdk, out)?;
    }
    now(&sdk.status(), out)?;
    Ok(Ok(()))
}

pub(super) fn erase(sdk: &Sdk, forget: bool, out: &mut dyn Write) -> Done {
    let ids = sdk.installation_ids();
    let erased = match sdk.erase(forget) {
        Ok(erased) => erased,
        Err(error) => return Ok(Err(error.to_string())),
    };
    writeln!(out, "{erased}")?;
    if !ids.is_empty() {
        writeln!(
            out,
            "What came with {} stays with the vendor; to have it deleted, name the id to {}:",
            ids_of(ids.len()),
            contact(sdk)
        )?;
        list(&ids, out)?;
    }
    after_erasing(sdk, out)
}

/// As [`erase`], after the vendor was asked to delete what came with the ids of this machine.
pub(super) fn erase_at_vendor(sdk: &Sdk, (forget, yes, retry): (bool, bool, bool), out: &mut dyn Write) -> Done {
    let (elsewhere, ids): (Vec<_>, Vec<_>) = sdk.installation_ids().into_iter().partition(|id| id.elsewhere);
    if !ids.is_empty() {
        writeln!(
            out,
            "{} is asked to delete what came with {} of this machine, in a request of its own for each. It sees the \
             address that a request comes from. Then everything on this machine is removed.",
            sdk.status().endpoint,
            ids_of(ids.len())
        )?;
        list(&ids, out)?;
    }
    if !elsewhere.is_empty() {
        writeln!(
            out,
            "This program cannot ask for {}, since the events went to another place. Write them down before they are removed here: \
             that vendor needs them to delete what came with them.",
            ids_of(elsewhere.len())
        )?;
        list(&elsewhere, out)?;
    }
    let needs_no_word = yes || (ids.is_empty() && elsewhere.is_empty());
    if !needs_no_word && !is_meant(out)? {
        return Ok(
            Err("nothing was asked and nothing was removed; say yes to the question, or add `--yes`".to_owned()),
        );
    }
    let asked = match sdk.erase_at_vendor(forget, retry) {
        Ok(asked) => asked,
        Err(error) => return Ok(Err(error.to_string())),
    };
    if !asked.deleted.is_empty() {
        writeln!(out, "The vendor's server took the request for:")?;
        list(&asked.deleted, out)?;
    }
    if let Some(erased) = &asked.here {
        writeln!(out, "{erased}")?;
    }
    if let Some(failure) = &asked.failure {
        let next = match asked.here {
            None => {
                "Nothing was removed here, since the ids would be gone with it. Ask again, or add `--retry`: it removes everything else, \
                     and keeps these ids for 30 days"
            }
            Some(_) => "These ids are kept here; `erase --at-vendor` asks again",
        };
        writeln!(out, "The vendor was not asked, or did not do it, for:")?;
        list(&asked.not_deleted, out)?;
        return Ok(Err(format!("{failure}. {next}")));
    }
    let done = after_erasing(sdk, out)?;
    if elsewhere.is_empty() {
        return Ok(done);
    }
    let kept = if retry { "kept here for 30 days" } else { "no longer kept here" };
    let ids: Vec<_> = elsewhere.iter().map(|id| id.id.as_str()).collect();
    Ok(Err(format!(
        "not deleted where the events went, and {kept}: {}. Give them to the vendor that has those events",
        ids.join(", ")
    )))
}

/// Asks whoever sits at the terminal. Nobody there is a no.
fn is_meant(out: &mut dyn Write) -> io::Result<bool> {
    if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        return Ok(false);
    }
    write!(out, "Do it? [y/N] ")?;
    out.flush()?;
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

fn list(ids: &[InstallationId], out: &mut dyn Write) -> io::Result<()> {
    ids.iter().try_for_each(|id| writeln!(out, "    {id}"))
}

fn ids_of(number: usize) -> String {
    if number == 1 { "1 id".to_owned() } else { format!("{number} ids") }
}

/// Whom the vendor has declared for questions.
fn contact(sdk: &Sdk) -> String {
    sdk.info.described().map_or_else(|| "the vendor".to_owned(), |declared| declared.contact)
}

fn after_erasing(sdk: &Sdk, out: &mut dyn Write) -> Done {
    let status = sdk.status();
    match status.mode {
        StatusMode::WaitingForNotice | StatusMode::On => {
            writeln!(out, "Now: the next run begins anew, and shows the notice before anything is recorded.")?;
        }
        _ => now(&status, out)?,
    }
    Ok(Ok(()))
}

/// Shows the notice where it is due and a person reads the answer: then it counts as told.
fn tell(sdk: &Sdk, out: &mut dyn Write) -> io::Result<()> {
    let due = |status: &Status| status.mode == StatusMode::WaitingForNotice || !status.awaiting_consent.is_empty();
    if due(&sdk.status()) && io::stdout().is_terminal() && sdk.is_watched() {
        let notice = sdk.notice();
        writeln!(out, "\n{}\n", notice.text())?;
        out.flush()?;
        sdk.notice_was_shown(notice.hash());
    }
    Ok(())
}

/// What holds from now on, and which layer says so.
fn now(status: &Status, out: &mut dyn Write) -> io::Result<()> {
    match status.mode {
        StatusMode::On => writeln!(out, "Now: on. Events are recorded and sent to {}.", status.endpoint),
        StatusMode::WaitingForNotice => {
            writeln!(out, "Now: nothing is recorded before a run in a terminal has shown you the notice.")
        }
        mode => match status.decision().filter(|layer| layer.verdict != Verdict::Allows) {
            Some(LayerDecision { number, name, value, source, .. }) => {
                writeln!(out, "Now: {mode}, by layer {number}, {name}: {value} ({source}).")
            }
            None => writeln!(out, "Now: {mode}."),
        },
    }
}

fn events_were(events: u64) -> String {
    if events == 1 { "1 event was".to_owned() } else { format!("{events} events were") }
}
