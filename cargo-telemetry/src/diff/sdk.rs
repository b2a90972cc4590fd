//! Two declarations of one SDK.

use std::collections::BTreeSet;

use telemetry_schema::{Compress, Environment, Exit, Identity, Instance, Notice, Role, SdkDescriptor};

use super::{
    event::sampling,
    finding::{Found, said},
    pair::pair,
    rules::Id,
    words::{self, word},
};

/// Compares two SDKs of one name.
pub(super) fn compare(old: &SdkDescriptor, new: &SdkDescriptor, found: &mut Found<'_>) {
    // Taken apart, so that a new key of descriptors does not compile until it is handled here.
    let SdkDescriptor {
        // The key, by which the two were found.
        sdk: _,
        crate_name,
        // Changes with every release and says nothing about the data.
        version: _,
        // The same; what follows from it stands on the page.
        runtime: _,
        repository,
        role,
        default: _,
        env: _,
        env_aliases: _,
        command: _,
        endpoint,
        wire,
        compress,
        docs,
        operator,
        contact,
        region,
        retention,
        shared_with,
        event_case,
        active: _,
        health: _,
        identity,
        notice: _,
        official_builds: _,
        environments,
        write_on,
        exit: _,
        instance: _,
        sample,
        transport: _,
        envelope,
        headers,
        server_sees,
        // A line moves whenever one above it does.
        at: _,
    } = old;
    for (id, old, new) in [
        (Id::SdkCrateChanged, crate_name, &new.crate_name),
        (Id::SdkRepositoryChanged, repository, &new.repository),
        (Id::EndpointChanged, endpoint, &new.endpoint),
        (Id::DocsChanged, docs, &new.docs),
        (Id::OperatorChanged, operator, &new.operator),
        (Id::ContactChanged, contact, &new.contact),
        (Id::RegionChanged, region, &new.region),
        (Id::RetentionChanged, retention, &new.retention),
        (Id::SharingChanged, shared_with, &new.shared_with),
    ] {
        if old != new {
            found.note(id, said(old), said(new));
        }
    }
    changed(Id::RoleChanged, role, &new.role, |role| role_words(*role), found);
    changed(Id::WireChanged, wire, &new.wire, |wire| words::wire(*wire), found);
    changed(Id::EventCaseChanged, event_case, &new.event_case, word, found);
    changed(Id::WriteOnChanged, write_on, &new.write_on, word, found);
    if *compress != new.compress {
        found.note(Id::CompressionChanged, compress.as_ref().map(word), new.compress.as_ref().map(word));
    }
    self::identity(*identity, new.identity, found);
    switched(old, new, found);
    variables(old, new, found);
    command(old.command.as_deref(), new.command.as_deref(), found);
    sampling(*sample, new.sample, found);
    environments_asked(environments, &new.environments, found);
    pairs((Id::EnvelopeKeyAdded, Id::EnvelopeKeyRemoved), envelope, &new.envelope, found);
    // The header that says so is no second finding.
    let told = |headers: &[(String, String)]| -> Vec<_> {
        headers.iter().filter(|(name, _)| name != Compress::HEADER).cloned().collect()
    };
    pairs((Id::HeaderAdded, Id::HeaderRemoved), &told(headers), &told(&new.headers), found);
    texts((Id::ServerSeesAdded, Id::ServerSeesRemoved), server_sees, &new.server_sees, found);
}

/// Two questions: whether a key means anything at all, and whether nothing is recorded without one.
fn instance(old: Option<Instance>, new: Option<Instance>, found: &mut Found<'_>) {
    let is_required = |rule| rule == Some(Instance::Required);
    for (was, is, added, removed) in [
        (old.is_some(), new.is_some(), Id::InstanceAdded, Id::InstanceRemoved),
        (is_required(old), is_required(new), Id::InstanceRequired, Id::InstanceNotRequired),
    ] {
        if was != is {
            found.note(if is { added } else { removed }, old.as_ref().map(word), new.as_ref().map(word));
        }
    }
}

/// Whether events carry an id of the installation, and for how long.
fn identity(old: Option<Identity>, new: Option<Identity>, found: &mut Found<'_>) {
    let id = match (old, new) {
        (None, Some(_)) => Id::IdentityAdded,
        (Some(_), None) => Id::IdentityRemoved,
        (Some(old), Some(new)) if old.days() < new.days() => Id::IdentityLengthened,
        (Some(old), Some(new)) if old.days() > new.days() => Id::IdentityShortened,
        (Some(_), Some(_)) | (None, None) => return,
    };
    found.note(id, old.map(words::identity), new.map(words::identity));
}

fn changed<T: PartialEq>(id: Id, old: &T, new: &T, words: impl Fn(&T) -> String, found: &mut Found<'_>) {
    if old != new {
        found.note(id, Some(words(old)), Some(words(new)));
    }
}

fn role_words(role: Role) -> String {
    match role {
        Role::Library => "library: reports from programs under development",
        Role::Application => "application: reports from release builds",
    }
    .to_owned()
}

/// Settings whose two directions have a rule each.
fn switched(old: &SdkDescriptor, new: &SdkDescriptor, found: &mut Found<'_>) {
    if old.default != new.default {
        let id = match new.default {
            telemetry_schema::DefaultConsent::On => Id::DefaultOn,
            telemetry_schema::DefaultConsent::Off => Id::DefaultOff,
        };
        found.note(id, Some(word(&old.default)), Some(word(&new.default)));
    }
    if old.active != new.active {
        let id = if new.active.is_some() { Id::ActiveAdded } else { Id::ActiveRemoved };
        found.note(id, old.active.as_ref().map(word), new.active.as_ref().map(word));
    }
    if old.health != new.health {
        let id = if new.health.is_some() { Id::HealthAdded } else { Id::HealthRemoved };
        found.note(id, old.health.as_ref().map(word), new.health.as_ref().map(word));
    }
    if old.transport != new.transport {
        let id = if new.transport == BUILT_IN { Id::TransportBuiltIn } else { Id::TransportCustom };
        found.note(id, said(&old.transport), said(&new.transport));
    }
    if old.notice != new.notice {
        let id = if told(new.notice) < told(old.notice) { Id::NoticeWeakened } else { Id::NoticeStrengthened };
        found.note(id, Some(word(&old.notice)), Some(word(&new.notice)));
    }
    if old.exit != new.exit {
        let id = if effort(new.exit) > effort(old.exit) { Id::ExitRaised } else { Id::ExitLowered };
        found.note(id, Some(words::exit(old.exit)), Some(words::exit(new.exit)));
    }
    instance(old.instance, new.instance, found);
    if old.official_builds != new.official_builds {
        let id = match (&old.official_builds, &new.official_builds) {
            (_, None) => Id::OfficialBuildsRemoved,
            (None, Some(_)) => Id::OfficialBuildsAdded,
            (Some(_), Some(_)) => Id::OfficialBuildsChanged,
        };
        found.note(id, old.official_builds.clone(), new.official_builds.clone());
    }
}

/// The word for the runtime's own HTTP transport.
const BUILT_IN: &str = "built_in";

/// How surely users are told before anything is sent.
fn told(notice: Notice) -> u8 {
    match notice {
        Notice::None => 0,
        Notice::Host => 1,
        Notice::SameRun => 2,
        Notice::NextRun => 3,
    }
}

/// How much happens at the end of a program, in milliseconds; a child process is more than any wait.
fn effort(exit: Exit) -> u32 {
    match exit {
        Exit::Later => 0,
        Exit::Grace(millis) => u32::from(millis).saturating_add(1),
        _ => u32::MAX,
    }
}

/// The variables that turn it off, and the one that shows what would be sent.
fn variables(old: &SdkDescriptor, new: &SdkDescriptor, found: &mut Found<'_>) {
    let all = |sdk: &SdkDescriptor| -> BTreeSet<String> {
        sdk.env_aliases.iter().cloned().chain([format!("{}_TELEMETRY_DISABLED", sdk.env)]).collect()
    };
    let (before, after) = (all(old), all(new));
    for variable in before.difference(&after) {
        found.note(Id::VariableRemoved, Some(variable.clone()), None);
    }
    for variable in after.difference(&before) {
        found.note(Id::VariableAdded, None, Some(variable.clone()));
    }
    if old.env != new.env {
        let debug = |sdk: &SdkDescriptor| Some(format!("{}_TELEMETRY_DEBUG", sdk.env));
        found.note(Id::DebugVariableChanged, debug(old), debug(new));
    }
}

/// How users reach the commands.
fn command(old: Option<&str>, new: Option<&str>, found: &mut Found<'_>) {
    if old != new {
        let id = match (old, new) {
            (None, _) => Id::CommandAdded,
            (_, None) => Id::CommandRemoved,
            (Some(_), Some(_)) => Id::CommandChanged,
        };
        found.note(id, old.map(str::to_owned), new.map(str::to_owned));
    }
}

fn environments_asked(old: &[Environment], new: &[Environment], found: &mut Found<'_>) {
    let pairs = pair(old, new, word);
    for environment in pairs.removed {
        found.note(Id::EnvironmentRemoved, Some(word(environment)), None);
    }
    for environment in pairs.added {
        found.note(Id::EnvironmentAdded, None, Some(word(environment)));
    }
}

/// Named things with a description each.
fn pairs((added, removed): (Id, Id), old: &[(String, String)], new: &[(String, String)], found: &mut Found<'_>) {
    let pairs = pair(old, new, |(name, _)| name);
    for (name, doc) in pairs.removed {
        found.note(removed, Some(described(name, doc)), None);
    }
    for (name, doc) in pairs.added {
        found.note(added, None, Some(described(name, doc)));
    }
    for ((name, old), (_, new)) in pairs.both {
        if old != new {
            found.note(Id::RequestDocChanged, Some(described(name, old)), Some(described(name, new)));
        }
    }
    if pairs.reordered {
        let names = |list: &[(String, String)]| Some(words::list(list.iter().map(|(name, _)| &**name)));
        found.note(Id::OrderChanged, names(old), names(new));
    }
}

fn described(name: &str, doc: &str) -> String {
    format!("{}: {doc}", words::quoted(name))
}

fn texts((added, removed): (Id, Id), old: &[String], new: &[String], found: &mut Found<'_>) {
    let pairs = pair(old, new, |text| text);
    for text in pairs.removed {
        found.note(removed, Some(text.clone()), None);
    }
    for text in pairs.added {
        found.note(added, None, Some(text.clone()));
    }
}
